//! Many want a token at once, and its owner replaces it meanwhile.

use std::process::Stdio;
use std::thread;
use std::time::Duration;

use super::provider::Provider;
use super::{add, age, command, ok, run, shown, token};
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::endpoint::Endpoint;

const PROCESSES: usize = 8;

both!(of_eight_processes_one_asks_and_all_get_the_token, |place| {
    let (sandbox, provider) = (Sandbox::with_store(place), Provider::start(3600));
    let client = sandbox.ok(&["mint", "alice"]);
    add(&sandbox, "ci", &provider.token_endpoint(), &provider.grant("public"));
    sandbox.ok(&["secret", "bind", "ci", "alice"]);
    provider.hold(300);
    for round in 1..=3 {
        age(&sandbox, "ci", if round == 1 { -1 } else { 30 });
        let resolved: Vec<String> = thread::scope(|scope| {
            let resolve = || {
                run(&sandbox, &["resolve", "--provider", "github", "-o", "json"], &client)
                    .expect_code(0)
                    .stdout
            };
            let running: Vec<_> = (0..PROCESSES).map(|_| scope.spawn(resolve)).collect();
            running.into_iter().map(|one| one.join().expect("resolved")).collect()
        });
        assert_eq!(provider.log(), vec![(200, None); round], "one request a round");
        let current = token(&sandbox, "ci");
        assert!(provider.knows(&current));
        for answer in resolved {
            let answer: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
            assert_eq!(answer["secret"], current.as_str());
        }
    }
    assert_eq!(shown(&sandbox, "ci")["version"], 4);
    sandbox.ok(&["store", "check"]);
});

both!(the_owner_s_replacement_wins_over_a_refresh_that_is_under_way, |place| {
    let (sandbox, provider) = (Sandbox::with_store(place), Provider::start(3600));
    add(&sandbox, "ci", &provider.token_endpoint(), &provider.grant("public"));
    provider.hold(2000);
    let refreshing = command(&sandbox, &["oauth", "refresh", "ci", "--force"])
        .stdin(Stdio::null())
        .spawn()
        .expect("started");
    while sandbox.place.sql("SELECT COUNT(*) FROM oauth_attempt").as_deref() != Ok("1") {
        thread::sleep(Duration::from_millis(20));
    }
    // It waits for nobody.
    ok(
        &sandbox,
        &["oauth", "replace", "ci"],
        r#"{"access_token":"at-planted-new","refresh_token":"rt-planted-new","scope":"openid offline_access"}"#,
    );
    let done = refreshing.wait_with_output().expect("ended");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(token(&sandbox, "ci"), "at-planted-new");
    let records = sandbox.json(&["audit", "list", "--limit", "5"]);
    let dropped =
        records.as_array().expect("records").iter().find(|record| record["record"]["action"] == "oauth.drop");
    assert_eq!(dropped.expect("a record")["record"]["details"]["sent_version"], 1);
    sandbox.ok(&["store", "check"]);
});

both!(who_waits_no_longer_is_told_that_it_is_busy, |place| {
    let (sandbox, endpoint) = (Sandbox::with_store(place), Endpoint::start());
    add(
        &sandbox,
        "ci",
        &endpoint.url(),
        r#"{"access_token":"at-planted-1","refresh_token":"rt-planted-1","expires_in":3600}"#,
    );
    age(&sandbox, "ci", -1);
    endpoint.does(|_| thread::sleep(Duration::from_secs(4)));
    let mut first = command(&sandbox, &["oauth", "refresh", "ci"]).spawn().expect("started");
    while endpoint.asked().is_empty() {
        thread::sleep(Duration::from_millis(20));
    }
    let mut second = command(&sandbox, &["oauth", "refresh", "ci", "--lock-timeout", "300ms"]);
    second.env_remove("KEYCTL_LOCK_TIMEOUT");
    let busy = crate::support::cli::finish(second, b"").expect_code(6);
    assert!(busy.stderr.contains("somebody is getting a new token"), "{}", busy.stderr);
    assert!(shown(&sandbox, "ci")["last_attempt"]["under_way"] == true);
    let _ = first.kill();
    let _ = first.wait();
});
