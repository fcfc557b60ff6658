//! Readers and stores of before there were subjects, crossed with those of today.

use keyctl::domain::keys::token::Token;
use keyctl::domain::owners::owner::Owner;
use keyctl::domain::owners::subject::OwnerSubject;
use keyctl::ops::keys::mint::Request;
use keyctl::ops::owners::owner::{rename, set_subject};
use keyctl::runtime::{Asked, Reader, Verified};

use super::reader;
use crate::support::both;
use crate::support::library::{minted, request};
use crate::support::store::Place;

fn known_as(owner: &str, subject: &str) -> Request {
    Request { subject: Some(subject.parse().expect("a subject")), ..request(owner) }
}

/// As whom a reader knows the holder, asked for this owner if one is named.
fn answer(reader: &Reader, token: &Token, owner: Option<&str>) -> String {
    let asked = Asked { owner: owner.map(|owner| owner.parse().expect("a subject")), ..Asked::default() };
    match reader.verify(token.expose(), &asked).expect("the store is there") {
        Verified::Allowed(grant) => grant.principal.to_string(),
        Verified::Denied(reason) => reason.as_str().to_owned(),
    }
}

/// The statement by which readers of before look a token up, as they were released.
fn of_before(place: &Place, hash: &str) -> String {
    let (schema, now) = match place.database {
        Some(_) => ("public.", "CAST(EXTRACT(EPOCH FROM pg_catalog.clock_timestamp()) * 1000 AS BIGINT)"),
        None => ("", "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"),
    };
    format!(
        "SELECT t.owner, t.state, c.mark, {now} AS now_ms, t.token_hash, t.hash_alg, t.token_id, t.key_id, t.key_name,
             t.scopes, t.networks, t.expires_at, t.quota, s.store_uuid, s.view_version, s.foreign_salt, s.foreign_params
         FROM (SELECT mark FROM {schema}keyctl_changes_v1 LIMIT 1) AS c CROSS JOIN {schema}keyctl_store_v1 AS s
         LEFT JOIN {schema}keyctl_tokens_v1 AS t ON t.token_hash = '{hash}'"
    )
}

/// Takes the view's last column away, as it was in the schema before; or brings it back.
fn set_view(place: &Place, with_subjects: bool) {
    let subject = if with_subjects { ", COALESCE(subject, owner) AS subject" } else { "" };
    let (name, table) = match place.database {
        Some(_) => ("public.keyctl_tokens_v1", "keyctl.token"),
        None => ("keyctl_tokens_v1", "token"),
    };
    place
        .sql(&format!(
            "DROP VIEW {name}; CREATE VIEW {name} AS SELECT token_hash, hash_alg, token_id, key_id, key_name, owner,
                 scopes, networks, 'active' AS state, not_before, expires_at, rate, quota, labels{subject} FROM {table}"
        ))
        .expect("another view");
}

both!(a_reader_answers_the_subject, |place| {
    place.init();
    let mut env = place.env();
    let (_, token) = minted(&mut env, &known_as("alice", "auth0|5f7C"));
    let (_, plain) = minted(&mut env, &request("bob"));
    let reader = reader(&place);
    assert_eq!(answer(&reader, &token, None), "auth0|5f7C");
    assert_eq!(answer(&reader, &token, Some("auth0|5f7C")), "auth0|5f7C");
    assert_eq!(answer(&reader, &token, Some("alice")), "owner");
    assert_eq!(answer(&reader, &plain, Some("bob")), "bob");
    let (bob, robert): (Owner, Owner) = ("bob".parse().expect("a name"), "robert".parse().expect("a name"));
    rename(&mut env, &bob, &robert).expect("renamed");
    assert_eq!(answer(&self::reader(&place), &plain, Some("bob")), "bob", "services notice nothing");
});

both!(a_reader_of_before_lets_nobody_into_anothers_data, |place| {
    place.init();
    let mut env = place.env();
    let (_, token) = minted(&mut env, &known_as("alice", "Alice"));
    let (_, other) = minted(&mut env, &request("bob"));
    let ask = |token: &Token| {
        let hash = keyctl::crypto::digest::hash_token(token);
        place.sql(&of_before(&place, hash.as_str())).expect("the statement of before still works")
    };
    // It knows names; and no name is another's subject.
    assert!(ask(&token).starts_with("alice|active|"), "{}", ask(&token));
    assert!(ask(&other).starts_with("bob|active|"), "{}", ask(&other));
});

both!(a_store_of_before_is_read_by_names_until_it_is_migrated, |place| {
    place.init();
    let mut env = place.env();
    let (_, token) = minted(&mut env, &request("alice"));
    set_view(&place, false);
    let reader = reader(&place);
    assert_eq!(answer(&reader, &token, Some("alice")), "alice");
    let (_, later) = minted(&mut env, &request("bob"));
    assert_eq!(answer(&reader, &later, Some("bob")), "bob", "a change, and still no column");
    set_view(&place, true);
    let (alice, subject): (Owner, OwnerSubject) =
        ("alice".parse().expect("a name"), "auth0|5f7C".parse().expect("a subject"));
    set_subject(&mut env, &alice, &subject).expect("set");
    let start = std::time::Instant::now();
    while answer(&reader, &token, None) != "auth0|5f7C" {
        assert!(start.elapsed() < std::time::Duration::from_secs(6), "later than the contract says");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(answer(&reader, &token, Some("alice")), "owner");
});
