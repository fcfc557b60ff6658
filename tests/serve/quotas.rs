//! Quotas of keys and of owners, as they are counted: exactly, across restarts and instances, and never for nothing.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::process::{Server, eventually};
use super::raw::{Answer, get, one, post, validate};
use crate::support::cli::Sandbox;
use crate::support::pair::Pair;
use crate::support::postgres::USER;
use crate::support::store::Place;
use crate::support::{both, postgres};

fn by(dialect: &str, server: &Server, token: &str) -> Answer {
    one(server.address, &get(&format!("/auth/{dialect}/memories"), &format!("X-API-Key: {token}\r\n")))
}

fn asked(server: &Server, token: &str) -> Answer {
    by("caddy", server, token)
}

/// How many of so many requests are let in; each other one is refused by this status.
fn let_in(server: &Server, token: &str, asks: u64, else_: u16) -> u64 {
    let statuses = (0..asks).map(|_| asked(server, token).status);
    let passed = |status: &u16| {
        assert!([200, else_].contains(status), "{status}");
        *status == 200
    };
    statuses.filter(passed).count() as u64
}

fn mint(sandbox: &Sandbox, key: &str, more: &[&str]) -> String {
    sandbox.ok(&[&["mint", key, "--scope", "memories"], more].concat())
}

/// What stands in the store.
fn spent(sandbox: &Sandbox, kind: &str) -> u64 {
    let sql = format!("SELECT COALESCE(SUM(spent), 0) FROM quota_spent WHERE subject_kind = '{kind}'");
    sandbox.place.sql(&sql).expect("a sum").trim().parse().expect("a number")
}

both!(exactly_as_many_are_let_in_as_the_quota_says_and_the_rest_is_told_when_to_come_back, |place| {
    let sandbox = Sandbox::with_store(place);
    let token = mint(&sandbox, "alice/ci", &["--quota", "250/month"]);
    let free = mint(&sandbox, "alice/free", &[]);
    let server = Server::plain(&sandbox);
    assert_eq!(let_in(&server, &token, 240, 429), 240);
    for _ in 0..5 {
        assert_eq!(one(server.address, &validate(&token)).status, 200, "validate spends one, too");
    }
    assert_eq!(let_in(&server, &token, 20, 429), 5);
    let over = asked(&server, &token);
    assert_eq!((over.status, over.json()["code"].as_str()), (429, Some("KEY_QUOTA_EXCEEDED")), "{over:?}");
    let after: u64 = over.header("retry-after").expect("a time").parse().expect("seconds");
    assert!((1..=31 * 86_400).contains(&after), "{after}");
    let policy = over.header("ratelimit-policy").expect("a policy");
    assert!(policy.starts_with("\"key-quota\";q=250;w=2") && policy.len() == 27, "{policy}");
    assert!(
        over.header("ratelimit").is_some_and(|left| left.starts_with("\"key-quota\";r=0;t=")),
        "{over:?}"
    );
    let over = by("nginx", &server, &token);
    assert_eq!((over.status, over.header("x-keyctl-status")), (403, Some("429")));
    assert!(over.header("retry-after").is_some(), "{over:?}");
    assert_eq!(one(server.address, &validate(&token)).status, 429);
    assert_eq!(asked(&server, &free).status, 200, "one without a quota");
    assert!(server.log().contains("quota_exceeded"), "{}", server.log());
    let refusals = "keyctl_refusals_total{route=\"caddy\",reason=\"quota_exceeded\"} ";
    assert!(server.metric(refusals) >= 15, "{}", server.metric(refusals));
    server.signal(Signal::TERM);
    server.ends();
    assert_eq!(spent(&sandbox, "key"), 250);
    assert_eq!(sandbox.json(&["usage", "alice"])[0]["quota"]["spent"], 250);
});

both!(all_keys_of_an_owner_spend_its_quota_and_what_is_refused_spends_nothing, |place| {
    let sandbox = Sandbox::with_store(place);
    let [one_key, other] =
        ["a", "b"].map(|name| mint(&sandbox, &format!("bob/{name}"), &["--quota", "6/total"]));
    let slow = mint(&sandbox, "carol/slow", &["--quota", "100/total", "--rate", "2/h"]);
    sandbox.ok(&["owner", "set", "bob", "--quota", "10/total"]);
    let server = Server::plain(&sandbox);
    assert_eq!(let_in(&server, &one_key, 8, 429), 6, "its own");
    assert_eq!(let_in(&server, &other, 8, 429), 4, "what is left of the owner's");
    let over = asked(&server, &other);
    assert_eq!(over.header("ratelimit-policy"), Some("\"owner-quota\";q=10"), "{over:?}");
    assert_eq!(over.header("retry-after"), None, "it never ends");
    // In force at once, like any change.
    sandbox.ok(&["owner", "set", "bob", "--quota", "11/total"]);
    eventually("one more", || asked(&server, &other).status == 200);
    assert_eq!(let_in(&server, &slow, 5, 429), 2, "its rate");
    let scope = get("/auth/caddy/files", &format!("X-API-Key: {slow}\r\n"));
    assert_eq!(one(server.address, &scope).status, 403);
    server.signal(Signal::TERM);
    server.ends();
    assert_eq!((spent(&sandbox, "owner"), spent(&sandbox, "key")), (11, 11 + 2));
});

both!(a_server_that_is_killed_gives_no_quota_anew, |place| {
    let sandbox = Sandbox::with_store(place);
    let token = mint(&sandbox, "alice/ci", &["--quota", "500/total"]);
    let mut passed = 0;
    for asks in [120, 7, 230, 600] {
        let server = Server::plain(&sandbox);
        passed += let_in(&server, &token, asks, 429);
        server.signal(Signal::KILL);
    }
    // Of three that were killed before their quota was spent, a batch each: a hundredth of it.
    assert!((500..=500 + 3 * 5).contains(&passed), "{passed}");
});

#[test]
fn two_instances_are_apart_by_a_batch_each_at_most() {
    let sandbox = Sandbox::with_store(Place::postgres());
    let token = mint(&sandbox, "alice/ci", &["--quota", "1500/total"]);
    let servers = [Server::plain(&sandbox), Server::with(&sandbox, "[limits]\nquota_batch = 7\n", &[])];
    let passed = AtomicU64::new(0);
    thread::scope(|scope| {
        for server in &servers {
            scope.spawn(|| {
                while asked(server, &token).status == 200 {
                    passed.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    let passed = passed.into_inner();
    assert!((1500..=1500 + 15 + 7).contains(&passed), "{passed}");
    for server in &servers {
        assert_eq!(asked(server, &token).status, 429, "both know");
        server.signal(Signal::TERM);
        server.ends();
    }
    assert_eq!(spent(&sandbox, "key"), passed, "each is counted");
}

#[test]
fn to_be_asked_about_spends_nothing_and_what_is_spent_is_not_active() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let token = mint(&sandbox, "alice/ci", &["--quota", "3/total"]);
    let service = sandbox.ok(&["mint", "service", "--scope", "keyctl:introspect"]);
    let server = Server::plain(&sandbox);
    let active = || {
        let lines =
            format!("Authorization: Bearer {service}\r\nContent-Type: application/x-www-form-urlencoded\r\n");
        one(server.address, &post("/introspect", &lines, format!("token={token}").as_bytes())).json()["active"]
            .as_bool()
    };
    assert!((0..10).all(|_| active() == Some(true)));
    assert_eq!(let_in(&server, &token, 5, 429), 3);
    assert_eq!(active(), Some(false));
}

#[test]
fn who_records_nothing_refuses_keys_with_a_quota_and_says_so_once() {
    let sandbox = Sandbox::with_store(Place::postgres());
    let token = mint(&sandbox, "alice/ci", &["--quota", "5/day"]);
    let free = mint(&sandbox, "bob/ci", &[]);
    let read_only = Server::with(&sandbox, "", &["--read-only"]);
    postgres::server().role("reader_of_quotas");
    sandbox.ok(&["store", "grant", "reader_of_quotas"]);
    let store = sandbox.place.text().replace(&format!("postgres://{USER}@"), "postgres://reader_of_quotas@");
    assert_ne!(store, sandbox.place.text());
    let no_rights = Server::keyed(&sandbox, "", &[], &[("KEYCTL_STORE", &store)]);
    for (server, says) in [
        (&read_only, "nothing is recorded, and keys with a quota are refused"),
        (&no_rights, "use is not recorded, and keys with a quota are refused"),
    ] {
        server.says(says);
        for _ in 0..3 {
            let answer = asked(server, &token);
            assert_eq!(
                (answer.status, answer.json()["code"].as_str()),
                (403, Some("FORBIDDEN")),
                "{answer:?}"
            );
            assert_eq!(asked(server, &free).status, 200);
        }
        assert_eq!(server.log().matches(says).count(), 1, "{}", server.log());
        assert!(server.log().contains("quota"), "{}", server.log());
    }
    let ran = sandbox.run(&["serve", "--check", "--read-only"]).expect_code(0);
    assert!(ran.stderr.contains("keys with a quota would be refused"), "{}", ran.stderr);
    let ran = sandbox.run(&["serve", "--check"]).expect_code(0);
    assert!(ran.stderr.contains("keys with a quota are counted"), "{}", ran.stderr);
}

#[test]
fn a_role_that_lacks_a_right_to_one_table_lets_nobody_in_on_a_quota() {
    let sandbox = Sandbox::with_store(Place::postgres());
    let token = mint(&sandbox, "alice/ci", &["--quota", "100000/day"]);
    for table in ["quota_spent", "disclosure", "serve_claim"] {
        let role = format!("serve_without_{table}");
        postgres::server().role(&role);
        sandbox.ok(&["store", "grant", &role, "--for", "serve"]);
        let revoked = format!("REVOKE INSERT, UPDATE ON keyctl.{table} FROM {role}");
        sandbox.place.sql(&revoked).expect("revoked");
        let store =
            sandbox.place.text().replace(&format!("postgres://{USER}@"), &format!("postgres://{role}@"));
        let ran = sandbox.run(&["serve", "--check", "--store", &store]).expect_code(0);
        assert!(ran.stderr.contains("use would not be recorded"), "{table}: {}", ran.stderr);
        let server = Server::keyed(&sandbox, "", &[], &[("KEYCTL_STORE", &store)]);
        for _ in 0..5 {
            assert_eq!(asked(&server, &token).status, 403, "{table}");
        }
        server.says("use is not recorded, and keys with a quota are refused");
    }
    assert_eq!(spent(&sandbox, "key"), 0);
}

/// Asks until it is refused because it cannot be counted: how many were let in before, and how long that took.
fn until_uncounted(server: &Server, token: &str) -> (u64, Duration) {
    let (start, mut passed) = (Instant::now(), 0);
    loop {
        let answer = asked(server, token);
        match answer.status {
            200 => passed += 1,
            503 => {
                assert_eq!(answer.json()["code"], "STORE_UNAVAILABLE", "{answer:?}");
                assert_eq!(answer.header("retry-after"), Some("1"));
                return (passed, start.elapsed());
            }
            other => panic!("{other}: {answer:?}"),
        }
    }
}

#[test]
fn while_a_file_is_locked_a_batch_is_let_in_and_no_more() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let token = mint(&sandbox, "alice/ci", &["--quota", "100000/total"]);
    let server = Server::with(&sandbox, "[limits]\nquota_batch = 20\n", &[]);
    assert_eq!(asked(&server, &token).status, 200);
    let other = rusqlite::Connection::open(sandbox.place.file()).expect("opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("held");
    let (passed, took) = until_uncounted(&server, &token);
    assert!(passed <= 20, "{passed}");
    assert!(took < Duration::from_secs(4), "{took:?}");
    assert!(server.log().contains("quota_uncounted"), "{}", server.log());
    other.execute_batch("ROLLBACK").expect("let go");
    eventually("counted again", || asked(&server, &token).status == 200);
    server.signal(Signal::TERM);
    server.ends();
    assert_eq!(spent(&sandbox, "key"), 1 + passed + 1, "nothing is lost, and nothing counted twice");
}

#[test]
fn while_a_database_hangs_a_batch_is_let_in_and_no_more() {
    let pair = Pair::asynchronous();
    pair.init_store();
    let sandbox = Sandbox::empty(Place::sqlite());
    let store = pair.address();
    let ran = |args: &[&str]| sandbox.ok(&[args, &["--store", &store]].concat());
    let token = ran(&["mint", "alice/ci", "--scope", "memories", "--quota", "100000/total"]);
    let free = ran(&["mint", "bob/ci", "--scope", "memories"]);
    let server = Server::keyed(&sandbox, "[limits]\nquota_batch = 20\n", &[], &[("KEYCTL_STORE", &store)]);
    assert_eq!(asked(&server, &token).status, 200);
    assert_eq!(asked(&server, &free).status, 200);
    let hanging = pair.first.hang();
    let (passed, took) = until_uncounted(&server, &token);
    assert!(passed <= 20, "{passed}");
    assert!(took < Duration::from_secs(4), "{took:?}");
    assert_eq!(asked(&server, &free).status, 200, "who needs not be counted is known for a while");
    assert!(server.log().contains("quota_uncounted"), "{}", server.log());
    let nginx = by("nginx", &server, &token);
    assert_eq!((nginx.status, nginx.header("x-keyctl-status")), (403, Some("503")), "{nginx:?}");
    drop(hanging);
    eventually("counted again", || asked(&server, &token).status == 200);
}
