//! Leases: who uses a token, and when a new one may end it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::provider::Provider;
use super::{age, ok, run, shown, token};
use crate::support::both;
use crate::support::cli::{Ran, Sandbox};
use crate::support::postgres;
use crate::support::store::Place;

const ENDPOINT: &str = "https://login.example.com/oauth/token";
const TOKENS: &str = r#"{"access_token":"at-planted-1","refresh_token":"rt-planted-1","expires_in":3600}"#;
const OTHERS: &str = r#"{"access_token":"at-planted-2","refresh_token":"rt-planted-2","expires_in":3600}"#;

/// A credential whose refresh ends the token before.
fn add(sandbox: &Sandbox, name: &str, endpoint: &str, tokens: &str) {
    let args = [
        "oauth",
        "add",
        name,
        "--provider",
        "github",
        "--token-endpoint",
        endpoint,
        "--client-id",
        "public",
        "--refresh-invalidates",
    ];
    ok(sandbox, &args, tokens);
}

fn acquire(sandbox: &Sandbox, args: &[&str]) -> Ran {
    run(sandbox, &[&["lease", "acquire", "-o", "json"], args].concat(), "")
}

#[track_caller]
fn taken(sandbox: &Sandbox, args: &[&str]) -> Vec<Value> {
    let ran = acquire(sandbox, args).expect_code(0);
    serde_json::from_str(&ran.stdout).expect("JSON")
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().expect(name)
}

#[track_caller]
fn held(sandbox: &Sandbox) -> usize {
    sandbox.json(&["lease", "list"]).as_array().expect("a list").len()
}

fn sql(sandbox: &Sandbox, statement: &str) -> String {
    sandbox.place.sql(statement).expect("done")
}

both!(a_lease_is_shared_renewed_and_given_up_by_its_holder_alone, |place| {
    let sandbox = Sandbox::with_store(place);
    add(&sandbox, "ci", ENDPOINT, TOKENS);
    let (one, other) = (taken(&sandbox, &["ci"]), taken(&sandbox, &["ci", "--for", "1m"]));
    assert_eq!(
        (text(&one[0], "access_token"), text(&other[0], "access_token")),
        ("at-planted-1", "at-planted-1")
    );
    assert!(one[0]["fence"].as_u64() < other[0]["fence"].as_u64(), "{one:?} {other:?}");
    assert_eq!(held(&sandbox), 2);
    let (first, second) = (text(&one[0], "holder_token"), text(&other[0], "holder_token"));
    let rows = sql(&sandbox, "SELECT lease_id, secret_id, who, version FROM oauth_lease");
    let secret = second.rsplit_once('_').expect("two halves").1;
    assert!(!rows.contains(secret), "{rows}");
    for text in [sandbox.ok(&["lease", "list"]), sandbox.ok(&["lease", "list", "-o", "json"])] {
        assert!(!text.contains("planted") && !text.contains(secret), "{text}");
    }
    // Another one's token, or the right one's name with another's secret, shows nothing.
    let stranger = format!("{}_{secret}", text(&one[0], "lease"));
    for args in [&["lease", "release"][..], &["lease", "renew"]] {
        let refused = run(&sandbox, args, &stranger).expect_code(5);
        assert!(refused.stderr.contains("no lease has this holder token"), "{}", refused.stderr);
        run(&sandbox, args, "lse_no").expect_code(2);
    }
    assert_eq!(held(&sandbox), 2);
    let ends =
        |id: &str| sql(&sandbox, &format!("SELECT expires_at FROM oauth_lease WHERE lease_id = '{id}'"));
    let before = ends(text(&other[0], "lease"));
    ok(&sandbox, &["lease", "renew", "--for", "20m"], second);
    assert!(ends(text(&other[0], "lease")) > before);
    ok(&sandbox, &["lease", "release"], first);
    run(&sandbox, &["lease", "release"], first).expect_code(5);
    assert_eq!(held(&sandbox), 1);
    // It ends by itself.
    sql(&sandbox, "UPDATE oauth_lease SET acquired_at = 1, expires_at = 1000");
    assert_eq!(held(&sandbox), 0);
    let ended = run(&sandbox, &["lease", "renew"], second).expect_code(4);
    assert!(ended.stderr.contains("ended at"), "{}", ended.stderr);
    let again = taken(&sandbox, &["ci"]);
    assert!(again[0]["fence"].as_u64() > other[0]["fence"].as_u64(), "a fence never goes back");
    // What was handed out is counted, by the next change.
    sandbox.ok(&["mint", "alice"]);
    sandbox.ok(&["mint", "bob"]);
    let records = sandbox.json(&["audit", "list", "--limit", "9"]);
    let counted =
        records.as_array().expect("records").iter().find(|one| one["record"]["action"] == "lease.acquire");
    let details = &counted.expect("a record")["record"]["details"];
    assert_eq!((&details["count"], &details["name"]), (&3.into(), &"ci".into()));
    sandbox.ok(&["store", "check"]);
});

both!(a_lease_is_capped_and_of_several_credentials_all_or_none, |place| {
    let sandbox = Sandbox::with_store(place);
    add(
        &sandbox,
        "a",
        ENDPOINT,
        r#"{"access_token":"at-planted-1","refresh_token":"rt-planted-1","expires_in":600}"#,
    );
    add(&sandbox, "b", ENDPOINT, OTHERS);
    let both = taken(&sandbox, &["b", "a", "--for", "2h"]);
    assert_eq!((text(&both[0], "credential"), text(&both[1], "credential")), ("a", "b"));
    assert_eq!(text(&both[0], "holder_token"), text(&both[1], "holder_token"));
    let lasts = sql(
        &sandbox,
        "SELECT l.expires_at - l.acquired_at FROM oauth_lease l JOIN secret s ON s.id = l.secret_id ORDER BY s.name",
    );
    let lasts: Vec<i64> = lasts.split_whitespace().map(|millis| millis.parse().expect("a number")).collect();
    assert!((299_000..=300_000).contains(&lasts[0]), "half of a token's life: {lasts:?}");
    assert!((1_799_000..=1_800_000).contains(&lasts[1]), "{lasts:?}");
    assert_eq!(held(&sandbox), 2);
    ok(&sandbox, &["lease", "release"], text(&both[0], "holder_token"));
    assert_eq!(held(&sandbox), 0);
    let missing = acquire(&sandbox, &["a", "no-such-secret"]).expect_code(3);
    assert!(missing.stderr.contains("no-such-secret"), "{}", missing.stderr);
    // One of which no token can be had, while the other has one.
    ok(
        &sandbox,
        &["oauth", "replace", "b", "--allow-narrower"],
        r#"{"access_token":"at-planted-3","expires_in":60}"#,
    );
    age(&sandbox, "b", -1);
    acquire(&sandbox, &["a", "b"]).expect_code(8);
    assert_eq!(sql(&sandbox, "SELECT COUNT(*) FROM oauth_lease"), "0");
    for refused in [["--for", "13h"], ["--for", "0s"]] {
        acquire(&sandbox, &["a", refused[0], refused[1]]).expect_code(2);
    }
});

both!(the_owner_wins_at_once_over_leases, |place| {
    let sandbox = Sandbox::with_store(place);
    add(&sandbox, "ci", ENDPOINT, TOKENS);
    let lease = taken(&sandbox, &["ci"]);
    let begun = Instant::now();
    ok(&sandbox, &["oauth", "replace", "ci"], OTHERS);
    assert!(begun.elapsed() < Duration::from_secs(5));
    let replaced = run(&sandbox, &["lease", "renew"], text(&lease[0], "holder_token")).expect_code(4);
    assert!(replaced.stderr.contains("has another token"), "{}", replaced.stderr);
    let newer = taken(&sandbox, &["ci"]);
    assert_eq!(text(&newer[0], "access_token"), "at-planted-2");
    assert!(newer[0]["fence"].as_u64() > lease[0]["fence"].as_u64());
    // To take one from its holder is asked about, and recorded.
    let id = text(&newer[0], "lease");
    run(&sandbox, &["lease", "break", id], "").expect_code(2);
    ok(&sandbox, &["lease", "break", id, "--dry-run"], "");
    assert_eq!(held(&sandbox), 2);
    ok(&sandbox, &["lease", "break", id, "--yes"], "");
    run(&sandbox, &["lease", "break", id, "--yes"], "").expect_code(3);
    run(&sandbox, &["lease", "release"], text(&newer[0], "holder_token")).expect_code(5);
    let records = sandbox.json(&["audit", "list", "--limit", "5"]);
    let broken =
        records.as_array().expect("records").iter().find(|one| one["record"]["action"] == "lease.break");
    assert_eq!(broken.expect("a record")["record"]["details"]["lease"], id);
    // Deleted, nobody gets it, and who has it learns of it.
    sandbox.ok(&["secret", "delete", "ci"]);
    acquire(&sandbox, &["ci"]).expect_code(3);
    run(&sandbox, &["lease", "renew"], text(&lease[0], "holder_token")).expect_code(3);
    ok(&sandbox, &["lease", "release"], text(&lease[0], "holder_token"));
    sandbox.ok(&["store", "check"]);
});

both!(a_refresh_waits_for_users_and_lets_nobody_in_meanwhile, |place| {
    let (sandbox, provider) = (Sandbox::with_store(place), Provider::start(3600));
    add(&sandbox, "ci", &provider.token_endpoint(), &provider.grant("public"));
    let lease = taken(&sandbox, &["ci"]);
    let first = token(&sandbox, "ci");
    // Nobody who would need a new one gets it, and who waits longer than for a lock waits so long.
    let begun = Instant::now();
    let busy =
        run(&sandbox, &["oauth", "refresh", "ci", "--force", "--lock-timeout", "100ms"], "").expect_code(6);
    assert!(busy.stderr.contains("keyctl lease list ci"), "{}", busy.stderr);
    let busy = acquire(&sandbox, &["ci", "--wait", "2s", "--lock-timeout", "100ms"]).expect_code(6);
    assert!(
        begun.elapsed() >= Duration::from_secs(2) && busy.stderr.contains(text(&lease[0], "lease")),
        "{}",
        busy.stderr
    );
    let holder = text(&lease[0], "holder");
    assert!(busy.stderr.contains(holder), "{}", busy.stderr);
    // Its holder is not let go on for longer either.
    let refused = run(&sandbox, &["lease", "renew"], text(&lease[0], "holder_token")).expect_code(6);
    assert!(refused.stderr.contains("waits for its users"), "{}", refused.stderr);
    assert_eq!((provider.log().len(), held(&sandbox)), (0, 1));
    let second = thread::scope(|scope| {
        let waiting = scope.spawn(|| taken(&sandbox, &["ci", "--wait", "30s"]));
        thread::sleep(Duration::from_millis(500));
        ok(&sandbox, &["lease", "release"], text(&lease[0], "holder_token"));
        waiting.join().expect("a lease")
    });
    assert_eq!(provider.log(), [(200, None)]);
    let current = token(&sandbox, "ci");
    assert!(current != first && text(&second[0], "access_token") == current && provider.knows(&current));
    // One that nobody gives up is overcome when its time is over.
    ok(&sandbox, &["lease", "release"], text(&second[0], "holder_token"));
    let crashed = taken(&sandbox, &["ci", "--for", "3s"]);
    age(&sandbox, "ci", 60);
    let begun = Instant::now();
    let third = taken(&sandbox, &["ci", "--wait", "30s"]);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert!(third[0]["version"].as_u64() > crashed[0]["version"].as_u64());
    assert_eq!(provider.log(), vec![(200, None); 2]);
    sandbox.ok(&["store", "check"]);
});

/// Runs it until the database answers in time: of fifty processes at once some wait for long.
fn reached(sandbox: &Sandbox, args: &[&str], input: &str) -> Ran {
    loop {
        let ran = run(sandbox, args, input);
        if ran.code != Some(7) || !ran.stderr.contains("no answer within") {
            return ran;
        }
    }
}

/// Users at once, each of whom always has a process that runs.
const USERS: usize = 50;

both!(users_who_come_and_go_do_not_keep_a_refresh_out_and_none_has_a_dead_token, |place| {
    let (sandbox, provider) = (Sandbox::with_store(place), Provider::start(3600));
    add(&sandbox, "ci", &provider.token_endpoint(), &provider.grant("public"));
    let done = AtomicBool::new(false);
    let (leases, refreshed) = thread::scope(|scope| {
        let use_it = || {
            let mut mine = Vec::new();
            while !done.load(Ordering::Relaxed) {
                let acquire = ["lease", "acquire", "ci", "--for", "30s", "--wait", "60s", "-o", "json"];
                let lease = reached(&sandbox, &acquire, "").expect_code(0).stdout;
                let lease: Value = serde_json::from_str(&lease).expect("JSON");
                assert!(provider.knows(text(&lease[0], "access_token")));
                // A machine as busy as this one may be slower than a lease is long.
                let released = reached(&sandbox, &["lease", "release"], text(&lease[0], "holder_token"));
                assert!(matches!(released.code, Some(0 | 5)), "{}", released.stderr);
                mine.push(lease[0].clone());
            }
            mine
        };
        let users: Vec<_> = (0..USERS).map(|_| scope.spawn(use_it)).collect();
        let mut refreshed = Vec::new();
        for _ in 0..3 {
            thread::sleep(Duration::from_secs(2));
            let begun = Instant::now();
            let refresh = ["oauth", "refresh", "ci", "--force", "--lock-timeout", "40s"];
            let ran = reached(&sandbox, &refresh, "");
            refreshed.push((ran.code, begun.elapsed()));
        }
        done.store(true, Ordering::Relaxed);
        let all: Vec<Value> = users.into_iter().flat_map(|user| user.join().expect("a user")).collect();
        (all, refreshed)
    });
    // Sooner than a lease ends by itself.
    for (code, took) in refreshed {
        assert!(code == Some(0) && took < Duration::from_secs(30), "{code:?} after {took:?}");
    }
    // The model: a fence is given once, and a higher one never hands out an older version.
    let mut history: Vec<(u64, u64)> = leases
        .iter()
        .map(|lease| {
            (lease["fence"].as_u64().expect("a fence"), lease["version"].as_u64().expect("a version"))
        })
        .collect();
    history.sort_unstable();
    let fences: BTreeSet<u64> = history.iter().map(|(fence, _)| *fence).collect();
    assert_eq!(fences.len(), history.len());
    assert!(history.len() > USERS, "{}", history.len());
    assert!(history.is_sorted_by_key(|(_, version)| *version), "{history:?}");
    assert!(provider.log().iter().all(|answer| *answer == (200, None)), "no refresh token is sent twice");
    assert_eq!(shown(&sandbox, "ci")["version"].as_u64(), Some(1 + provider.log().len() as u64));
    assert_eq!(held(&sandbox), 0);
    sandbox.ok(&["store", "check"]);
});

both!(leases_that_nobody_gave_up_are_forgotten_with_the_next_token, |place| {
    let (sandbox, provider) = (Sandbox::with_store(place), Provider::start(3600));
    // Of one whose refresh waits for nobody.
    super::super::add(&sandbox, "ci", &provider.token_endpoint(), &provider.grant("public"));
    let (_, live) = (taken(&sandbox, &["ci"]), taken(&sandbox, &["ci"]));
    let id = text(&live[0], "lease");
    sql(
        &sandbox,
        &format!("UPDATE oauth_lease SET acquired_at = 1, expires_at = 1000 WHERE lease_id <> '{id}'"),
    );
    ok(&sandbox, &["oauth", "refresh", "ci", "--force"], "");
    assert_eq!(sql(&sandbox, "SELECT lease_id FROM oauth_lease"), id);
});

#[test]
fn what_was_really_waited_for_a_gate_is_said() {
    let sandbox = Sandbox::with_store(Place::postgres());
    add(&sandbox, "ci", ENDPOINT, TOKENS);
    let lease = taken(&sandbox, &["ci"]);
    let database = sandbox.place.database.clone().expect("a database");
    let holder = thread::spawn(move || {
        let hold = "BEGIN; SELECT 1 FROM keyctl.oauth_use, keyctl.oauth_lease FOR UPDATE; SELECT pg_sleep(8)";
        postgres::server().psql(&database, hold)
    });
    let sleeping =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
    while sql(&sandbox, sleeping) == "0" {
        thread::sleep(Duration::from_millis(30));
    }
    let begun = Instant::now();
    let busy = acquire(&sandbox, &["ci", "--wait", "2s"]).expect_code(6);
    assert!(busy.stderr.contains("(waited 2.") || busy.stderr.contains("(waited 3."), "{busy:?}");
    // As what is of use does, which has its own bound.
    let busy = run(&sandbox, &["lease", "release"], text(&lease[0], "holder_token")).expect_code(6);
    assert!(busy.stderr.contains("(waited 1.0 s)"), "{busy:?}");
    assert!(begun.elapsed() < Duration::from_secs(7), "{:?}", begun.elapsed());
    holder.join().expect("a thread").expect("rolled back");
}
