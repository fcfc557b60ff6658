//! A process that is killed between asking and storing leaves an attempt of which nobody knows how it ended.

use std::thread;
use std::time::{Duration, Instant};

use super::provider::Provider;
use super::{add, command, run, shown, token};
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::store::{Place, clock};

/// Twice the deadline of a request.
const UNCERTAIN: Duration = Duration::from_secs(20);

both!(a_killed_refresh_is_uncertain_and_recovers_within_its_bound, |place| {
    let (sandbox, provider) = (Sandbox::with_store(place), Provider::start(3600));
    add(&sandbox, "ci", &provider.token_endpoint(), &provider.grant("public"));
    let first = token(&sandbox, "ci");
    provider.hold(5000);
    let begun = Instant::now();
    let mut killed = command(&sandbox, &["oauth", "refresh", "ci", "--force"]).spawn().expect("started");
    while provider.log().is_empty() {
        thread::sleep(Duration::from_millis(20));
    }
    killed.kill().expect("killed");
    killed.wait().expect("ended");
    provider.hold(0);
    let attempt = shown(&sandbox, "ci")["last_attempt"].clone();
    assert_eq!(attempt["uncertain"], true);
    // Nobody sends it again before an answer could no longer be on its way; who needs no new one uses the old one.
    let mut refused = 0;
    let recovered = loop {
        let ran = run(&sandbox, &["oauth", "refresh", "ci", "--force", "--lock-timeout", "100ms"], "");
        let asked = provider.log().len();
        if begun.elapsed() < UNCERTAIN - Duration::from_secs(1) {
            assert!(matches!(ran.code, Some(6 | 8)), "{}", ran.stderr);
            assert_eq!((asked, token(&sandbox, "ci")), (1, first.clone()));
            refused += 1;
        }
        if asked > 1 {
            break begun.elapsed();
        }
        assert!(begun.elapsed() < UNCERTAIN + Duration::from_secs(4), "{}", ran.stderr);
        thread::sleep(Duration::from_millis(250));
    };
    assert!(refused > 3 && recovered >= UNCERTAIN, "{refused} {recovered:?}");
    // This provider ends the grant at the second use: that is known now, which counts as recovered.
    assert_eq!(provider.log(), [(200, None), (400, Some("invalid_grant".to_owned()))]);
    let credential = shown(&sandbox, "ci");
    assert_eq!(
        (&credential["state"], &credential["last_attempt"]["uncertain"]),
        (&"needs_reauth".into(), &false.into())
    );
    let records = sandbox.json(&["audit", "list", "--limit", "3"]);
    let record = records
        .as_array()
        .expect("records")
        .iter()
        .find(|record| record["record"]["action"] == "oauth.needs-reauth");
    assert_eq!(record.expect("a record")["record"]["details"]["was_uncertain"], true);
    sandbox.ok(&["store", "check"]);
});

#[test]
fn a_claim_that_waited_for_a_lock_is_made_anew_before_it_is_sent() {
    let (sandbox, provider) = (Sandbox::with_store(Place::sqlite()), Provider::start(3600));
    add(&sandbox, "ci", &provider.token_endpoint(), &provider.grant("public"));
    provider.hold(1500);
    let writer = rusqlite::Connection::open(sandbox.place.file()).expect("opened");
    writer.execute_batch("BEGIN IMMEDIATE").expect("locked");
    let mut asking = command(&sandbox, &["oauth", "refresh", "ci", "--force"]).spawn().expect("started");
    // Somebody else would send in this time twice over, if it counted from when the lock was waited for.
    thread::sleep(Duration::from_secs(6));
    writer.execute_batch("ROLLBACK").expect("given up");
    let free = clock().expect("a time").as_millis();
    while provider.log().is_empty() {
        thread::sleep(Duration::from_millis(20));
    }
    let started = sandbox.place.sql("SELECT started_at FROM oauth_attempt").expect("an attempt");
    assert!(started.parse::<i64>().expect("a time") >= free - 500, "{started}, free since {free}");
    assert!(asking.wait().expect("ended").success());
    assert_eq!((provider.log(), &shown(&sandbox, "ci")["version"]), (vec![(200, None)], &2.into()));
}
