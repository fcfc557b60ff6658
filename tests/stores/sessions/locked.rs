//! Waiting for what others hold, from the first statement on.

use std::thread;
use std::time::{Duration, Instant};

use keyctl::runtime::{Asked, Options, Reader};

use crate::runtime::{address, word};
use crate::support::cli::{Sandbox, finish};
use crate::support::postgres::server;
use crate::support::store::Place;

/// Holds a lock on tables while `work` runs.
fn while_locked(database: &str, tables: &str, seconds: u32, work: impl FnOnce()) {
    let lock = format!("BEGIN; LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep({seconds})");
    let held = format!(
        "SELECT COUNT(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted AND relation IS NOT NULL
         AND database = (SELECT oid FROM pg_database WHERE datname = '{database}')"
    );
    thread::scope(|scope| {
        scope.spawn(|| server().psql(database, &lock).expect("locked"));
        while server().psql("postgres", &held).expect("locks") == "0" {
            thread::sleep(Duration::from_millis(20));
        }
        work();
    });
}

#[test]
fn the_lock_timeout_covers_opening_and_reading_too() {
    let sandbox = Sandbox::with_store(Place::postgres());
    let token = sandbox.ok(&["mint", "alice"]);
    let database = sandbox.place.database.as_deref().expect("a database");
    for tables in ["keyctl.schema_migration", "keyctl.token, keyctl.head", "keyctl.head"] {
        while_locked(database, tables, 12, || {
            for args in [
                &["verify"][..],
                &["list"],
                &["mint", "bob"],
                &["revoke", "alice", "--yes"],
                &["store", "status"],
                &["store", "check"],
            ] {
                let start = Instant::now();
                let command = sandbox.command(&[args, &["--lock-timeout", "300ms"]].concat());
                let ran = finish(command, token.as_bytes());
                assert_eq!(ran.code, Some(6), "{tables} {args:?}: {}", ran.stderr);
                assert!(ran.stderr.contains("waited 0.3 s"), "{args:?}: {}", ran.stderr);
                assert!(start.elapsed() < Duration::from_secs(5), "{args:?}: {:?}", start.elapsed());
                // It is waited for once.
                let waits = ran.stderr.matches("waited").count();
                assert_eq!(waits, 1, "{args:?}: {}", ran.stderr);
            }
        });
    }
    assert_eq!(sandbox.verify(&token, &[]).0, Some(0));
}

/// Else each look-up leaves a connection behind that waits on, and behind a pooler the pool is
/// soon empty.
#[test]
fn what_a_reader_gives_up_the_server_gives_up_too() {
    let place = Place::postgres();
    place.init();
    let database = place.database.clone().expect("a database");
    let reader = Reader::open(&address(&place), Options::default()).expect("opens");
    let waiting = format!(
        "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = '{database}' AND application_name = 'keyctl'
         AND wait_event_type = 'Lock'"
    );
    while_locked(&database, "keyctl.token", 6, || {
        let foreign = "A1b2".repeat(9);
        assert_eq!(word(reader.verify(&foreign, &Asked::default())), "STORE_UNAVAILABLE timeout");
        let start = Instant::now();
        while server().psql("postgres", &waiting).expect("activity") != "0" {
            assert!(start.elapsed() < Duration::from_secs(1), "it waits on");
            thread::sleep(Duration::from_millis(20));
        }
    });
}
