//! When a kept answer is used, and that a change is in force within five seconds.

use std::thread;
use std::time::{Duration, Instant};

use keyctl::domain::keys::key_ref::KeyRef;
use keyctl::ops::keys::mint::Request;
use keyctl::ops::keys::revoke::revoke;
use keyctl::ops::keys::suspend::{resume, suspend};
use keyctl::runtime::Asked;

use super::{ask, reader, token, word};
use crate::support::both;
use crate::support::library::{minted, request};

/// How long until the reader says so; at most the five seconds that are promised.
fn until(answers: impl Fn() -> String, wanted: &str) -> Duration {
    let start = Instant::now();
    while answers() != wanted {
        assert!(start.elapsed() < Duration::from_secs(5), "still {} and not {wanted}", answers());
        thread::sleep(Duration::from_millis(2));
    }
    start.elapsed()
}

both!(a_revoked_key_is_denied_within_five_seconds_also_where_its_answer_is_kept, |place| {
    place.init();
    let mut env = place.env();
    let (_, other) = minted(&mut env, &request("bob"));
    let reader = reader(&place);
    for name in ["a", "b", "c", "d"] {
        let (key, token) = minted(&mut env, &Request { name: name.parse().ok(), ..request("alice") });
        until(|| ask(&reader, &token), "allowed");
        revoke(&mut env, &[KeyRef::Id(key.id)], None).expect("revoked");
        until(|| ask(&reader, &token), "UNAUTHORIZED revoked");
        assert_eq!(ask(&reader, &other), "allowed");
    }
});

both!(a_change_takes_away_what_is_kept_of_the_keys_that_it_names_and_no_more, |place| {
    place.init();
    let mut env = place.env();
    let (key, kept) = minted(&mut env, &request("alice"));
    let (other, revoked) = minted(&mut env, &request("bob"));
    let (third, last) = minted(&mut env, &request("carol"));
    let reader = reader(&place);
    assert_eq!(ask(&reader, &revoked), "allowed");
    assert_eq!(ask(&reader, &last), "allowed");
    assert_eq!(ask(&reader, &kept), "allowed");
    // Past the change log, so that only who reads the row anew learns of it.
    place.sql(&format!("UPDATE token SET suspended_at = 1 WHERE key_id = '{}'", key.id)).expect("altered");
    revoke(&mut env, &[KeyRef::Id(other.id)], None).expect("revoked");
    until(|| ask(&reader, &revoked), "UNAUTHORIZED revoked");
    assert_eq!(ask(&reader, &kept), "allowed", "another key's change");
    revoke(&mut env, &[KeyRef::Id(third.id)], None).expect("revoked");
    place.sql("DELETE FROM change WHERE seq = (SELECT MAX(seq) FROM change)").expect("deleted");
    until(|| ask(&reader, &last), "UNAUTHORIZED revoked");
    assert_eq!(ask(&reader, &kept), "UNAUTHORIZED suspended", "a change that names nobody");
});

both!(a_change_of_several_keys_takes_away_what_is_kept_of_each, |place| {
    place.init();
    let mut env = place.env();
    let made = ["alice", "bob", "carol"].map(|owner| minted(&mut env, &request(owner)));
    let reader = reader(&place);
    let answers = || made.each_ref().map(|(_, token)| ask(&reader, token)).join(", ");
    until(answers, "allowed, allowed, allowed");
    let keys = made.each_ref().map(|(key, _)| KeyRef::Id(key.id));
    revoke(&mut env, &keys, None).expect("revoked");
    let revoked = "UNAUTHORIZED revoked";
    until(answers, &[revoked; 3].join(", "));
});

both!(a_token_that_was_unknown_is_known_within_five_seconds_of_its_making, |place| {
    place.init();
    let reader = reader(&place);
    let text = "abcdefghijklmnopqrstuv1234567890";
    assert_eq!(word(reader.verify(text, &Asked::default())), "UNAUTHORIZED malformed");
    let (key, made) = minted(&mut place.env(), &request("alice"));
    until(|| ask(&reader, &made), "allowed");
    suspend(&mut place.env(), vec![KeyRef::Id(key.id)], None).expect("suspended");
    until(|| ask(&reader, &made), "UNAUTHORIZED suspended");
    resume(&mut place.env(), vec![KeyRef::Id(key.id)]).expect("resumed");
    until(|| ask(&reader, &made), "allowed");
});

both!(a_kept_answer_ends_with_its_key_though_nothing_changes, |place| {
    place.init();
    let soon = Request { expiry: "2s".parse().ok(), ..request("alice") };
    let (_, token) = minted(&mut place.env(), &soon);
    let start = Instant::now();
    let reader = reader(&place);
    assert_eq!(ask(&reader, &token), "allowed");
    until(|| ask(&reader, &token), "UNAUTHORIZED expired");
    assert!(start.elapsed() < Duration::from_millis(2200), "{:?}", start.elapsed());
});

both!(what_is_kept_is_used_for_less_than_five_seconds_after_the_store_is_gone, |place| {
    place.init();
    let token = token(&place, "one");
    let reader = reader(&place);
    assert_eq!(ask(&reader, &token), "allowed");
    let gone = Instant::now();
    take_away(&place);
    let mut last_allowed = gone;
    while gone.elapsed() < Duration::from_secs(7) {
        match ask(&reader, &token).as_str() {
            "allowed" => last_allowed = Instant::now(),
            "STORE_UNAVAILABLE unreachable" | "STORE_UNAVAILABLE timeout" => {}
            other => panic!("{other}"),
        }
        thread::sleep(Duration::from_millis(20));
    }
    let used = last_allowed - gone;
    assert!(used > Duration::from_secs(3) && used < Duration::from_secs(5), "{used:?}");
    bring_back(&place);
    until(|| ask(&reader, &token), "allowed");
});

/// Makes the store unreachable.
fn take_away(place: &crate::support::store::Place) {
    match &place.database {
        None => std::fs::rename(place.file(), place.folder.path().join("away.db")).expect("moved"),
        Some(name) => {
            let server = crate::support::postgres::server();
            let sql = format!(
                "ALTER DATABASE {name} ALLOW_CONNECTIONS false;
                 SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            );
            server.psql("postgres", &sql).expect("closed");
        }
    }
}

fn bring_back(place: &crate::support::store::Place) {
    match &place.database {
        None => std::fs::rename(place.folder.path().join("away.db"), place.file()).expect("moved"),
        Some(name) => {
            let sql = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true");
            crate::support::postgres::server().psql("postgres", &sql).expect("open");
        }
    }
}
