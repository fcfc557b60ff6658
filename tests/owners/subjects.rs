//! Owners have a name and a subject, and no word is two owners'.

use keyctl::domain::keys::verdict::{Asked, Verdict};
use keyctl::ops::env::Env;
use keyctl::ops::keys::mint::{Request, mint};
use keyctl::ops::keys::verify::verify;
use keyctl::ops::owners::owner::{add, delete, rename, set_subject};
use keyctl::ops::{Error, Result};
use keyctl::store::Lookup as _;

use crate::support::both;
use crate::support::library::{Accept, minted, request};
use crate::support::store::Place;

fn known_as(owner: &str, subject: &str) -> Request {
    Request { subject: Some(subject.parse().expect("a subject")), ..request(owner) }
}

fn principal(env: &mut Env, token: &str) -> String {
    match verify(&mut env.store, token, &Asked::default()).expect("verified") {
        Verdict::Allowed(grant) => grant.principal.to_string(),
        Verdict::Denied(reason) => panic!("{}", reason.as_str()),
    }
}

#[track_caller]
fn conflict<T: std::fmt::Debug>(refused: Result<T>) -> String {
    match refused.expect_err("refused") {
        Error::Conflict(conflict) => conflict.message,
        other => panic!("{other}"),
    }
}

fn check(place: &Place) {
    assert_eq!(keyctl::ops::stores::store::check(&mut place.open(), |_| {}).expect("check"), []);
}

both!(services_know_an_owner_by_its_subject, |place| {
    place.init();
    let mut env = place.env();
    let (key, token) = minted(&mut env, &known_as("alice", "auth0|5f7C"));
    let (_, plain) = minted(&mut env, &request("bob"));
    assert_eq!((key.owner.as_str(), key.subject.as_str()), ("alice", "auth0|5f7C"));
    assert_eq!(principal(&mut env, token.expose()), "auth0|5f7C");
    assert_eq!(principal(&mut env, plain.expose()), "bob");
    let (again, _) = minted(&mut env, &request("alice"));
    assert_eq!(again.subject, key.subject, "it is the owner's");
    for (owner, allowed) in [("auth0|5f7C", true), ("alice", false), ("auth0|5f7c", false)] {
        let asked = Asked { owner: Some(owner.parse().expect("a subject")), ..Asked::default() };
        let verdict = verify(&mut env.store, token.expose(), &asked).expect("verified");
        assert_eq!(matches!(verdict, Verdict::Allowed(_)), allowed, "{owner}");
    }
    let bob = "bob".parse().expect("an owner");
    let before = env.store.head().expect("head").mark;
    set_subject(&mut env, &bob, &"user_2abC".parse().expect("a subject")).expect("set");
    assert_eq!(principal(&mut env, plain.expose()), "user_2abC");
    assert_ne!(env.store.head().expect("head").mark, before, "readers hear of it");
    set_subject(&mut env, &bob, &"bob".parse().expect("a subject")).expect("set back");
    assert_eq!(principal(&mut env, plain.expose()), "bob");
    check(&place);
});

both!(no_word_is_two_owners, |place| {
    place.init();
    let mut env = place.env();
    minted(&mut env, &known_as("alice", "Alice"));
    minted(&mut env, &request("bob"));
    minted(&mut env, &known_as("gone", "went"));
    delete(&mut env, &"gone".parse().expect("owner"), true, None).expect("deleted");
    for (owner, subject, says) in [
        ("carol", Some("Alice"), "Alice is the subject of the owner alice"),
        ("carol", Some("alice"), "alice is the name of the owner alice"),
        ("carol", Some("bob"), "bob is the name of the owner bob"),
        ("carol", Some("gone"), "gone is the name of the owner gone, which was deleted"),
        ("carol", Some("went"), "went is the subject of the owner gone, which was deleted"),
        ("went", None, "went is the subject of the owner gone, which was deleted"),
        ("went", Some("else"), "went is the subject of the owner gone, which was deleted"),
        ("alice", Some("alice"), "the owner alice has the subject Alice, not alice"),
        ("gone", Some("gone"), "the owner gone was deleted and has the subject went, not gone"),
    ] {
        let wanted = match subject {
            Some(subject) => known_as(owner, subject),
            None => request(owner),
        };
        let message = conflict(mint(&mut env, &wanted, &mut Accept));
        assert!(message.starts_with(says), "{owner} {subject:?}: {message}");
        let subject = wanted.subject.as_ref();
        let message = conflict(add(&mut env, &wanted.owner, subject, true));
        assert!(message.starts_with(says), "add {owner} {subject:?}: {message}");
    }
    let bob = "bob".parse().expect("an owner");
    for (subject, says) in [("Alice", "subject"), ("alice", "name"), ("went", "subject"), ("gone", "name")] {
        let message = conflict(set_subject(&mut env, &bob, &subject.parse().expect("a subject")));
        assert!(message.starts_with(&format!("{subject} is the {says} of")), "{message}");
    }
    for name in ["alice", "gone", "went"] {
        let message = conflict(rename(&mut env, &bob, &name.parse().expect("a name")));
        assert!(message.starts_with(&format!("{name} is the ")), "{message}");
    }
    let (back, _) = minted(&mut env, &request("gone"));
    assert_eq!(back.subject.as_str(), "went", "an owner that is back is who it was");
    assert!(env.store.owner(&"carol".parse().expect("owner")).expect("read").is_none());
    check(&place);
});

both!(a_renamed_owner_keeps_all_but_its_name, |place| {
    place.init();
    let mut env = place.env();
    let (alice, smith) = ("alice".parse().expect("an owner"), "alice.smith".parse().expect("an owner"));
    let (first, token) = minted(&mut env, &request("alice"));
    let (second, other) = minted(&mut env, &known_as("alice", "alice"));
    let child = Request {
        parent: Some(keyctl::domain::keys::key_ref::KeyRef::Id(first.id)),
        name: "child".parse().ok(),
        ..request("other")
    };
    let (child, child_token) = minted(&mut env, &child);
    let before = rename(&mut env, &alice, &smith).expect("renamed").before.expect("changed");
    assert_eq!((before.name.as_str(), before.live_keys), ("alice", 2));
    assert!(env.store.owner(&alice).expect("read").is_none());
    let now = env.store.owner(&smith).expect("read").expect("there");
    assert_eq!((now.subject.as_str(), now.live_keys, now.created_at), ("alice", 2, before.created_at));
    for (id, token) in [(first.id, &token), (second.id, &other)] {
        assert_eq!(env.store.key_by_id(id).expect("read").expect("there").owner, smith);
        assert_eq!(principal(&mut env, token.expose()), "alice");
    }
    assert_eq!(principal(&mut env, child_token.expose()), "other");
    let change = if place.database.is_some() { "keyctl.change" } else { "change" };
    let named =
        place.sql(&format!("SELECT key_id FROM {change} WHERE seq = (SELECT MAX(seq) FROM {change})"));
    let named = named.expect("read");
    for key in [&first, &second] {
        assert!(named.contains(&key.id.to_string()), "{named}");
    }
    assert!(!named.contains(&child.id.to_string()), "{named}");
    // The name is its subject, so nobody else is called so.
    let message = conflict(mint(&mut env, &request("alice"), &mut Accept));
    assert!(message.starts_with("alice is the subject of the owner alice.smith"), "{message}");
    let last = "a.smith".parse().expect("an owner");
    rename(&mut env, &smith, &last).expect("renamed again");
    let names: Vec<String> =
        env.store.names_before(&last).expect("read").into_iter().map(|(name, _)| name.to_string()).collect();
    assert_eq!(names, ["alice.smith", "alice"]);
    check(&place);
    rename(&mut env, &last, &alice).expect("and back");
    assert_eq!(principal(&mut env, token.expose()), "alice");
    assert!(rename(&mut env, &alice, &alice).expect("nothing to do").before.is_none());
    check(&place);
});

both!(a_subject_that_was_changed_behind_keyctls_back_is_found, |place| {
    place.init();
    let mut env = place.env();
    minted(&mut env, &request("alice"));
    minted(&mut env, &request("bob"));
    drop(env);
    let schema = if place.database.is_some() { "keyctl." } else { "" };
    place.sql(&format!("UPDATE {schema}owner SET subject = 'bob' WHERE name = 'alice'")).expect("written");
    let found = keyctl::ops::stores::store::check(&mut place.open(), |_| {}).expect("check");
    let found: Vec<String> = found.into_iter().map(|finding| finding.message).collect();
    let says = |text: &str| assert!(found.iter().any(|message| message.contains(text)), "{text}: {found:?}");
    says("the subject of the owner alice is the name of another owner, bob");
    says("owner alice: subject is \"bob\", and record");
    says("does not say what its key says");
});
