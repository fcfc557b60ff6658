//! Changes of several keys: named ones all or none, and all that something holds for.

use keyctl::domain::keys::key_ref::KeyRef;
use keyctl::ops::env::Env;
use keyctl::ops::keys::mint::Request;
use keyctl::ops::keys::references::MOST;
use keyctl::ops::keys::revoke::revoke;
use keyctl::ops::keys::select::{Selection, reach};
use keyctl::ops::keys::suspend::{resume, suspend};
use keyctl::ops::stores::store::check;
use keyctl::ops::{Error, audit};
use keyctl::store::Filter;

use crate::support::both;
use crate::support::library::{answer, filled_by_sql, minted, request};

fn labelled(owner: &str, name: &str, label: &str) -> Request {
    let labels = keyctl::domain::keys::label::Labels::parse_all([label]).expect("label");
    Request { name: name.parse().ok(), labels, ..request(owner) }
}

fn with_label(name: &str, value: &str) -> Selection {
    let labels = vec![(name.to_owned(), Some(value.to_owned()))];
    Selection::Matching(None, Filter { labels, ..Filter::default() })
}

fn marks(env: &mut Env) -> (i64, u64) {
    let head = env.store.head().expect("head");
    (head.mark.counter, head.audit_seq)
}

both!(named_keys_are_changed_all_or_none, |place| {
    place.init();
    let mut env = place.env();
    let (key, token) = minted(&mut env, &request("alice"));
    let nobody = KeyRef::Named("bob".parse().expect("owner"), "default".parse().expect("name"));
    let before = marks(&mut env);
    assert!(matches!(revoke(&mut env, &[KeyRef::Id(key.id), nobody], None), Err(Error::NotFound { .. })));
    assert_eq!((answer(&mut env.store, &token), marks(&mut env)), ("allowed", before));
    let many = vec![KeyRef::Id(key.id); MOST + 1];
    assert!(matches!(revoke(&mut env, many, None), Err(Error::Invalid { .. })));
    // Named twice, by its id and by its owner, it is one key.
    let twice = [KeyRef::Id(key.id), KeyRef::Sole(key.owner.clone()), KeyRef::Id(key.id)];
    let done = suspend(&mut env, &twice, None).expect("suspended");
    assert_eq!((done.keys.len(), done.keys[0].already), (1, false));
    let again = suspend(&mut env, &twice, None).expect("suspended already");
    assert!(again.keys[0].already);
    assert_eq!(again.keys[0].key.suspended_at, done.keys[0].key.suspended_at, "the first time stays");
    assert!(!resume(&mut env, &twice).expect("resumed").keys[0].already);
    assert_eq!(marks(&mut env), (before.0 + 2, before.1 + 2));
});

both!(what_matches_is_changed_and_nothing_else, |place| {
    place.init();
    let mut env = place.env();
    let (_, search) = minted(&mut env, &labelled("alice", "a", "team=search"));
    let (_, other) = minted(&mut env, &labelled("alice", "b", "team=searching"));
    let (_, value) = minted(&mut env, &labelled("alice", "c", r#"note="team":"search""#));
    suspend(&mut env, with_label("team", "search"), None).expect("suspended");
    let answers = [&search, &other, &value].map(|token| answer(&mut env.store, token));
    assert_eq!(answers, ["suspended", "allowed", "allowed"]);
    let none = revoke(&mut env, with_label("team", "sales"), None).expect("none match");
    assert!(none.keys.is_empty());
    let unknown = Selection::Matching("alcie".parse().ok(), Filter::default());
    match revoke(&mut env, unknown, None) {
        Err(Error::NotFound { hint, .. }) => assert!(hint.contains("did you mean alice?"), "{hint}"),
        other => panic!("an owner that nobody is: {other:?}"),
    }
});

both!(many_keys_are_revoked_in_batches_with_a_record_for_each, |place| {
    place.init();
    let mut env = place.env();
    let (parent, token) = minted(&mut env, &request("alice"));
    filled_by_sql(&place, 599);
    let child = Request { parent: Some(KeyRef::Id(parent.id)), ..request("bob") };
    let (_, child) = minted(&mut env, &child);
    let alice = "alice".parse().expect("owner");
    let reached = reach(&mut env.store, Some(&alice), &Filter::default()).expect("looked at");
    assert_eq!((reached.counts.keys, reached.counts.children, reached.first.len()), (600, 1, 10));
    let before = marks(&mut env);
    env.rehearse = true;
    let all = || Selection::Matching(Some(alice.clone()), Filter::default());
    assert_eq!(revoke(&mut env, all(), None).expect("rehearsed").keys.len(), 600);
    assert_eq!((marks(&mut env), answer(&mut env.store, &token)), (before, "allowed"));
    env.rehearse = false;
    let done = revoke(&mut env, all(), Some("left")).expect("revoked");
    assert_eq!(done.keys.iter().filter(|key| !key.already).count(), 600);
    assert_eq!(marks(&mut env), (before.0 + 2, before.1 + 601), "two batches, a record for each key");
    assert_eq!((answer(&mut env.store, &token), answer(&mut env.store, &child)), ("revoked", "revoked"));
    audit::verify_against(&mut env.store, &[], |_| {}).expect("no gap");
    assert_eq!(check(&mut env.store, |_| {}).expect("checked"), []);
    assert!(revoke(&mut env, all(), None).expect("again").keys.is_empty());
});

both!(an_error_in_the_second_batch_says_what_the_first_one_did, |place| {
    place.init();
    let mut env = place.env();
    minted(&mut env, &request("alice"));
    filled_by_sql(&place, 599);
    // The oldest key comes last; its labels cannot be read.
    let oldest = "(SELECT MIN(id) FROM key)";
    place.sql(&format!("UPDATE key SET labels = 'x' WHERE id = {oldest}")).expect("damaged");
    let all = Selection::Matching("alice".parse().ok(), Filter::default());
    match revoke(&mut env, all, None) {
        Err(error @ Error::Partly { done: 500, .. }) => {
            assert!(error.to_string().contains("before that, 500 keys were changed"), "{error}");
        }
        other => panic!("not in part: {other:?}"),
    }
    let revoked = "SELECT COUNT(*) FROM key WHERE revoked_at IS NOT NULL";
    assert_eq!(place.sql(revoked).expect("rows"), "500");
});
