//! What was made with a key ends with it.

use keyctl::domain::id::KeyId;
use keyctl::domain::keys::key_ref::KeyRef;
use keyctl::ops::keys::revoke::{Revocation, revoke};
use keyctl::ops::keys::suspend::suspend;
use keyctl::ops::portal::keys::{self, NewKey, make_key};
use keyctl::ops::portal::shown;

use super::{now, scopes, with_key};
use crate::support::both;
use crate::support::library::{answer, minted, request, stored};

fn new() -> NewKey {
    NewKey { name: None, scopes: scopes("memories"), expiry: None }
}

fn by(id: KeyId) -> [KeyRef; 1] {
    [KeyRef::Id(id)]
}

both!(revoking_a_key_takes_along_what_was_made_with_it, |place| {
    place.init();
    let mut env = place.env();
    let (key, _, signed_in) = with_key(&mut env, "alice", "memories,keyctl:self");
    let first = make_key(&mut env, &signed_in.person, &new()).expect("made");
    let second = make_key(&mut env, &signed_in.person, &new()).expect("made");
    let (_, other) = minted(
        &mut env,
        &keyctl::ops::keys::mint::Request { name: "other".parse().ok(), ..request("alice") },
    );
    // One that an operator lets sign in, and what it makes.
    for table in ["key", "token"] {
        let column = if table == "key" { "id" } else { "key_id" };
        let given = r#"["keyctl:self","memories"]"#;
        place
            .sql(&format!("UPDATE {table} SET scopes = '{given}' WHERE {column} = '{}'", first.key.id))
            .expect("given");
    }
    let nested =
        keyctl::ops::portal::sign_in::by_key(&mut env, first.token.expose(), None).expect("signed in");
    let third = make_key(&mut env, &nested.person, &new()).expect("made");
    let reached = shown::revoke_reach(&mut env.store, &signed_in.person, key.id).expect("reach");
    let mut ids: Vec<_> = reached.iter().map(|key| key.id).collect();
    ids.sort();
    let mut made = [first.key.id, second.key.id, third.key.id];
    made.sort();
    assert_eq!(ids, made);
    let outcome = revoke(&mut env, &by(key.id), None).expect("revoked");
    assert_eq!(outcome.keys[0].made.len(), 3);
    for token in [&first.token, &second.token, &third.token] {
        assert_eq!(answer(&mut env.store, token), "revoked");
    }
    assert_eq!(answer(&mut env.store, &other), "allowed");
});

both!(what_was_made_may_be_kept_and_taken_along_later, |place| {
    place.init();
    let mut env = place.env();
    let (key, _, signed_in) = with_key(&mut env, "alice", "memories,keyctl:self");
    let made = make_key(&mut env, &signed_in.person, &new()).expect("made");
    suspend(&mut env, &by(key.id), None).expect("suspended");
    assert_eq!(answer(&mut env.store, &made.token), "allowed", "a suspension takes nothing along");
    let kept = Revocation { reason: None, keep_made: true };
    let outcome = revoke(&mut env, &by(key.id), kept).expect("revoked");
    assert!(outcome.keys[0].made.is_empty());
    assert_eq!(answer(&mut env.store, &made.token), "allowed");
    let outcome = revoke(&mut env, &by(key.id), Some("it leaked")).expect("revoked");
    assert!(outcome.keys[0].already && outcome.keys[0].made.len() == 1);
    assert_eq!(answer(&mut env.store, &made.token), "revoked");
    let there = stored(&mut env, made.key.id).expect("there");
    assert_eq!(there.revoke_reason.as_deref(), Some("it leaked"));
    assert_eq!(keyctl::ops::stores::store::check(&mut env.store, |_| {}).expect("check"), Vec::new());
});

both!(people_revoke_their_key_with_what_they_made, |place| {
    place.init();
    let mut env = place.env();
    let (key, _, signed_in) = with_key(&mut env, "alice", "memories,keyctl:self");
    let made = make_key(&mut env, &signed_in.person, &new()).expect("made");
    let ended = keys::revoke(&mut env, &signed_in.person, key.id, Revocation::default()).expect("revoked");
    assert_eq!(ended.len(), 2);
    assert_eq!(answer(&mut env.store, &made.token), "revoked");
    assert!(now(&mut env, &signed_in).is_none());
});
