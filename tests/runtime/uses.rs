//! What the role of a service that reports uses can do to everybody else: nothing.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::cli::Sandbox;
use crate::support::store::Place;
use crate::support::{both, postgres};

/// As `serve` will do it: many at once, none of them taken back.
const REPORT: &str = "INSERT INTO keyctl.key_use (key_id, last_used_at)
    SELECT key_id, 1700000000000 FROM public.keyctl_tokens_v1 ORDER BY key_id
    ON CONFLICT (key_id) DO UPDATE SET last_used_at = EXCLUDED.last_used_at
    WHERE key_use.last_used_at IS NULL OR key_use.last_used_at < EXCLUDED.last_used_at";

/// A name that has to be quoted.
const SERVICE: &str = "Serve 'n \"co\"";

/// What serve may write.
const WRITTEN: [&str; 8] = [
    "keyctl.key_use",
    "keyctl.token_use",
    "keyctl.key_day",
    "keyctl.quota_spent",
    "keyctl.would_deny",
    "keyctl.disclosure",
    "keyctl.serve_claim",
    "keyctl.canary_sighting",
];

/// A store with some keys and a role that may report uses.
fn served() -> Sandbox {
    let sandbox = Sandbox::with_store(Place::postgres());
    postgres::server().role(SERVICE);
    sandbox.ok(&["mint", "alice", "--scope", "m", "--label", "team=search"]);
    sandbox.ok(&["mint", "bob", "--scope", "m"]);
    sandbox.ok(&["store", "grant", SERVICE, "--for", "serve"]);
    sandbox
}

fn as_service(sandbox: &Sandbox, sql: &str) -> Result<String, String> {
    let database = sandbox.place.database.as_deref().expect("a database");
    postgres::server().psql(database, &format!("SET ROLE \"Serve 'n \"\"co\"\"\"; {sql}"))
}

#[test]
fn a_service_reports_many_uses_at_once() {
    let sandbox = served();
    for _ in 0..2 {
        as_service(&sandbox, REPORT).expect("reported");
    }
    for key in sandbox.json(&["list"]).as_array().expect("keys") {
        assert_eq!(key["last_used_at"], "2023-11-14T22:13:20.000Z");
    }
    assert_eq!(sandbox.json(&["show", "alice"])["last_used_at"], "2023-11-14T22:13:20.000Z");
    let asked = sandbox.run(&["revoke", "--owner", "alice"]).expect_code(2);
    assert!(asked.stderr.contains("last used 2023-11-14T22:13:20.000Z"), "{}", asked.stderr);
    assert_eq!(sandbox.json(&["rotate", "alice"])["key"]["last_used_at"], "2023-11-14T22:13:20.000Z");
    assert_eq!(sandbox.json(&["revoke", "alice"])[0]["last_used_at"], "2023-11-14T22:13:20.000Z");
}

/// By trying, not by what the catalogs say: each lock on each table and view.
#[test]
fn a_service_locks_no_table_against_anybody() {
    let sandbox = served();
    let database = sandbox.place.database.as_deref().expect("a database");
    let names =
        "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'keyctl' AND c.relkind = 'r' OR c.relname LIKE 'keyctl%v1' AND c.relkind = 'v'";
    let names = postgres::server().psql(database, names).expect("names");
    let mut tried = 0;
    for name in names.lines() {
        for mode in [
            "ROW EXCLUSIVE",
            "SHARE UPDATE EXCLUSIVE",
            "SHARE",
            "SHARE ROW EXCLUSIVE",
            "EXCLUSIVE",
            "ACCESS EXCLUSIVE",
        ] {
            let error =
                as_service(&sandbox, &format!("BEGIN; LOCK TABLE {name} IN {mode} MODE")).expect_err(name);
            assert!(error.contains("permission denied"), "{name} {mode}: {error}");
            tried += 1;
        }
        if !WRITTEN.contains(&name) {
            let error = as_service(&sandbox, &format!("SELECT 1 FROM {name} FOR KEY SHARE")).expect_err(name);
            assert!(error.contains("permission denied"), "{name}: {error}");
        }
    }
    assert!(tried > 100, "{tried}");
    for sql in [
        "UPDATE keyctl.key SET scopes = '[]'",
        "SELECT id FROM keyctl.key",
        "DELETE FROM keyctl.key_use",
        "DELETE FROM keyctl.serve_claim",
        "DELETE FROM keyctl.quota_spent",
        "UPDATE keyctl.quota_spent SET subject_id = subject_id",
        "UPDATE keyctl.owner SET quota = NULL",
        "TRUNCATE keyctl.key_use",
        "UPDATE keyctl.key_use SET key_id = key_id",
        "CREATE TABLE keyctl.mine (a INT)",
        "CREATE INDEX ON keyctl.key_use (last_used_at)",
        "VACUUM FULL keyctl.key",
    ] {
        // VACUUM only warns, and passes over what is not the role's.
        match as_service(&sandbox, sql) {
            Ok(_) => assert!(sql.starts_with("VACUUM"), "{sql}"),
            Err(error) => assert!(
                error.contains("permission denied") || error.contains("must be owner"),
                "{sql}: {error}"
            ),
        }
    }
}

/// Runs SQL for a while beside the test, from when it has the locks that it takes.
fn beside(sandbox: &Sandbox, sql: &str) -> mpsc::Receiver<()> {
    let database = sandbox.place.database.clone().expect("a database");
    let (ended, end) = mpsc::channel();
    let sql = format!("BEGIN; {sql}; SELECT pg_sleep(6)");
    let name = database.clone();
    thread::spawn(move || {
        let _ = postgres::server().psql(&name, &sql);
        let _ = ended.send(());
    });
    let sleeps =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
    while postgres::server().psql(&database, sleeps).expect("asked") != "1" {
        thread::sleep(Duration::from_millis(20));
    }
    end
}

/// The role's own worst, and what only the owner could do to that one table.
#[test]
fn nothing_that_holds_the_uses_keeps_a_revocation_out() {
    let worst = "SET ROLE \"Serve 'n \"\"co\"\"\"; SELECT 1 FROM keyctl.key_use FOR UPDATE; UPDATE keyctl.key_use SET last_used_at = -1";
    for (held, other_commands) in [
        (worst, &[&["list"][..], &["show", "bob"], &["store", "check"], &["store", "status"]][..]),
        ("LOCK TABLE keyctl.key_use IN ACCESS EXCLUSIVE MODE", &[&["show", "bob"]]),
    ] {
        let sandbox = served();
        as_service(&sandbox, REPORT).expect("reported");
        let end = beside(&sandbox, held);
        let start = Instant::now();
        let quick = |args: &[&str]| {
            let start = Instant::now();
            sandbox.ok(args);
            assert!(start.elapsed() < Duration::from_secs(3), "{args:?} {held}: {:?}", start.elapsed());
        };
        quick(&["rotate", "alice"]);
        quick(&["suspend", "alice"]);
        quick(&["edit", "alice", "--label", "team-"]);
        quick(&["revoke", "alice"]);
        quick(&["revoke", "--owner", "bob", "--yes"]);
        other_commands.iter().for_each(|args| quick(args));
        assert!(
            start.elapsed() < Duration::from_secs(6) || end.try_recv().is_err(),
            "it was held all the time"
        );
    }
}

both!(whatever_stands_among_the_uses_is_borne, |place| {
    let sandbox = Sandbox::with_store(place);
    for owner in ["alice", "bob", "carol", "dave"] {
        sandbox.ok(&["mint", owner, "--scope", "m"]);
    }
    sandbox.ok(&["store", "check"]);
    let values =
        [("alice", "-1"), ("bob", "9223372036854775807"), ("carol", "NULL"), ("dave", "1700000000000")];
    for (owner, value) in values {
        let sql = format!("INSERT INTO key_use SELECT id, {value} FROM key WHERE owner = '{owner}'");
        sandbox.place.sql(&sql).expect("written");
    }
    sandbox.place.sql("INSERT INTO key_use VALUES ('key_00000000000000000000000000', 5), ('nobody''s; DROP TABLE token;   ', -9223372036854775807)").expect("written");
    let used: Vec<String> = sandbox
        .json(&["list", "--sort", "name"])
        .as_array()
        .expect("keys")
        .iter()
        .map(|key| key["last_used_at"].to_string())
        .collect();
    assert_eq!(used, ["null", "null", "null", "\"2023-11-14T22:13:20.000Z\""]);
    for (owner, shown) in [("alice", "unknown"), ("bob", "unknown"), ("carol", "never")] {
        let ran = sandbox.ok(&["show", owner, "-o", "table"]);
        let line = ran.lines().find(|line| line.to_lowercase().contains("last")).expect("a line").to_owned();
        assert!(line.contains(shown), "{owner}: {line}");
    }
    for args in [
        &["list", "--all"][..],
        &["list", "--unused", "1d"],
        &["show", "alice"],
        &["rotate", "alice"],
        &["suspend", "bob"],
        &["resume", "bob"],
        &["edit", "bob", "--name", "other"],
        &["store", "check"],
        &["store", "status"],
        &["audit", "verify"],
        &["audit", "list"],
        &["revoke", "alice"],
        &["revoke", "--owner", "bob", "--yes"],
        &["store", "check"],
    ] {
        sandbox.ok(args);
    }
    let asked = sandbox.run(&["revoke", "--owner", "dave"]).expect_code(2);
    assert!(asked.stderr.contains("last used 2023-11-14"), "{}", asked.stderr);
    let asked = sandbox.run(&["revoke", "--created-after", "2020-01-01T00:00:00Z"]).expect_code(2);
    assert!(asked.stderr.contains("last used 2023-11-14"), "what is no time is left out: {}", asked.stderr);
});
