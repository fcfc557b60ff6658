//! What was made with a key ends with it.

use keyctl::domain::id::KeyId;
use keyctl::domain::keys::key_ref::KeyRef;
use keyctl::domain::portal::made_by::MadeBy;
use keyctl::ops::env::Env;
use keyctl::ops::keys::revoke::{Revocation, revoke};
use keyctl::ops::keys::suspend::suspend;
use keyctl::ops::portal::keys::{self, NewKey, make_key};
use keyctl::ops::portal::redeem::Given;
use keyctl::ops::portal::sign_in::{SignedIn, by_claim, by_key};
use keyctl::ops::portal::{admin, shown};

use super::{by_invitation, now, scopes, wanted, with_key};
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::library::{answer, minted, request, stored};
use crate::support::store::Place;

fn new() -> NewKey {
    NewKey { name: None, scopes: scopes("memories"), expiry: None }
}

fn by(id: KeyId) -> [KeyRef; 1] {
    [KeyRef::Id(id)]
}

/// An operator lets a key sign in.
fn let_sign_in(place: &Place, id: KeyId) {
    for (table, column) in [("key", "id"), ("token", "key_id")] {
        let given = r#"["keyctl:self","memories"]"#;
        place.sql(&format!("UPDATE {table} SET scopes = '{given}' WHERE {column} = '{id}'")).expect("given");
    }
}

/// What somebody makes whom an admin invited.
fn made_by_guest(env: &mut Env, admin: &SignedIn, guest: &str) -> Given {
    let invited = admin::invite(env, &admin.person, &wanted(guest, "memories")).expect("invited");
    let guest = by_claim(env, invited.code.expose()).expect("signed in");
    make_key(env, &guest.person, &new()).expect("made")
}

both!(revoking_an_admins_key_takes_along_what_its_invitations_made, |place| {
    place.init();
    let mut env = place.env();
    let (key, _, ops) = with_key(&mut env, "ops", "memories,keyctl:admin");
    let (_, _, boss) = with_key(&mut env, "boss", "memories,keyctl:admin");
    let first = made_by_guest(&mut env, &ops, "mallory");
    let second = made_by_guest(&mut env, &ops, "trudy");
    let_sign_in(&place, first.key.id);
    let nested = by_key(&mut env, first.token.expose(), None).expect("signed in");
    let third = make_key(&mut env, &nested.person, &new()).expect("made");
    let made_by = |env: &mut Env, id| stored(env, id).expect("there").made_by;
    assert!(matches!(made_by(&mut env, first.key.id), Some(MadeBy::Claim(_))));
    let guest = by_invitation(&mut env, "mallory", "memories");
    let others = make_key(&mut env, &guest.person, &new()).expect("made");

    let mut made = [first.key.id, second.key.id, third.key.id];
    made.sort();
    let sorted = |keys: &[keyctl::domain::keys::key::Key]| {
        let mut ids: Vec<_> = keys.iter().map(|key| key.id).collect();
        ids.sort();
        ids
    };
    let reach = admin::reach(&mut env.store, &boss.person, key.id).expect("reach");
    assert_eq!(sorted(&reach.made), made, "before it is done");
    let reach = shown::revoke_reach(&mut env.store, &ops.person, key.id).expect("reach");
    assert_eq!(sorted(&reach), made);
    let kept = Revocation { reason: None, keep_made: true };
    assert_eq!(admin::revoke(&mut env, &boss.person, key.id, kept).expect("revoked").len(), 1);
    for token in [&first.token, &second.token, &third.token] {
        assert_eq!(answer(&mut env.store, token), "allowed", "kept");
    }
    let ended = admin::revoke(&mut env, &boss.person, key.id, Revocation::default()).expect("revoked");
    assert_eq!(sorted(&ended), made);
    for token in [&first.token, &second.token, &third.token] {
        assert_eq!(answer(&mut env.store, token), "revoked");
    }
    assert_eq!(answer(&mut env.store, &others.token), "allowed", "an operator invited them");
});

both!(two_invitations_of_one_admin_for_one_owner_are_told_apart, |place| {
    place.init();
    let mut env = place.env();
    let (key, _, ops) = with_key(&mut env, "ops", "memories,keyctl:admin");
    let first = made_by_guest(&mut env, &ops, "mallory");
    let second = made_by_guest(&mut env, &ops, "mallory");
    let made_by = |env: &mut Env, given: &Given| stored(env, given.key.id).expect("there").made_by;
    assert_ne!(made_by(&mut env, &first), made_by(&mut env, &second));
    // One that signs in makes another: it takes along that, and nothing of the other invitation's.
    let_sign_in(&place, first.key.id);
    let nested = by_key(&mut env, first.token.expose(), None).expect("signed in");
    let third = make_key(&mut env, &nested.person, &new()).expect("made");
    let outcome = revoke(&mut env, &by(first.key.id), None).expect("revoked");
    assert_eq!(outcome.keys[0].made.iter().map(|key| key.id).collect::<Vec<_>>(), [third.key.id]);
    assert_eq!(answer(&mut env.store, &second.token), "allowed");
    // As keys were marked before: with the key of the admin.
    let before = made_by_guest(&mut env, &ops, "trudy");
    place
        .sql(&format!("UPDATE key SET made_by = '{}' WHERE id = '{}'", key.id, before.key.id))
        .expect("marked");
    revoke(&mut env, &by(key.id), None).expect("revoked");
    for token in [&second.token, &before.token] {
        assert_eq!(answer(&mut env.store, token), "revoked");
    }
});

both!(what_was_kept_when_a_key_between_was_revoked_goes_with_the_first, |place| {
    place.init();
    let mut env = place.env();
    let (key, _, alice) = with_key(&mut env, "alice", "memories,keyctl:self");
    let between = make_key(&mut env, &alice.person, &new()).expect("made");
    let_sign_in(&place, between.key.id);
    let nested = by_key(&mut env, between.token.expose(), None).expect("signed in");
    let last = make_key(&mut env, &nested.person, &new()).expect("made");
    let kept = Revocation { reason: None, keep_made: true };
    revoke(&mut env, &by(between.key.id), kept).expect("revoked");
    assert_eq!(answer(&mut env.store, &last.token), "allowed");
    revoke(&mut env, &by(key.id), None).expect("revoked");
    assert_eq!(answer(&mut env.store, &last.token), "revoked");
});

both!(revoke_says_what_goes_along_and_keeps_it_where_asked, |place| {
    let sandbox = Sandbox::with_store(place);
    let mut env = sandbox.place.env();
    let (_, _, ops) = with_key(&mut env, "ops", "memories,keyctl:admin");
    let own = make_key(&mut env, &ops.person, &new()).expect("made");
    let guests = made_by_guest(&mut env, &ops, "mallory");
    drop(env);
    let names = [own.key.path(), guests.key.path()];
    let is_good = |given: &Given| sandbox.verify(given.token.expose(), &[]).0 == Some(0);
    let made = |printed: &serde_json::Value| {
        let mut ids: Vec<_> = printed[0]["made"].as_array().expect("a list").clone();
        ids.sort_by_key(ToString::to_string);
        ids
    };
    let mut both: Vec<_> = [&own, &guests].map(|given| serde_json::json!(given.key.id)).to_vec();
    both.sort_by_key(ToString::to_string);

    let dry = sandbox.run(&["revoke", "ops/default", "--dry-run", "-o", "json"]).expect_code(0);
    assert!(names.iter().all(|name| dry.stderr.contains(name)), "{}", dry.stderr);
    assert_eq!(made(&serde_json::from_str(&dry.stdout).expect("JSON")), both);
    assert!(is_good(&own) && is_good(&guests), "nothing was changed");

    let kept = sandbox.run(&["revoke", "ops/default", "--keep-made", "-o", "json"]).expect_code(0);
    assert!(!names.iter().any(|name| kept.stderr.contains(name)), "{}", kept.stderr);
    assert!(made(&serde_json::from_str(&kept.stdout).expect("JSON")).is_empty(), "{}", kept.stdout);
    assert!(is_good(&own) && is_good(&guests), "kept");

    let id = ops.person.own_key.expect("a key").to_string();
    let later = sandbox.run(&["revoke", &id, "-o", "json"]).expect_code(0);
    assert!(names.iter().all(|name| later.stderr.contains(name)), "{}", later.stderr);
    assert_eq!(made(&serde_json::from_str(&later.stdout).expect("JSON")), both);
    assert!(!is_good(&own) && !is_good(&guests));
    sandbox.ok(&["store", "check"]);
});

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
    let_sign_in(&place, first.key.id);
    let nested = by_key(&mut env, first.token.expose(), None).expect("signed in");
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
