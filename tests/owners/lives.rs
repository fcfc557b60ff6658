//! Owners: disabled and enabled again, deleted and made anew.

use keyctl::domain::keys::key::State;
use keyctl::domain::keys::key_ref::KeyRef;
use keyctl::domain::owners::owner::Owner;
use keyctl::ops::Error;
use keyctl::ops::keys::mint;
use keyctl::ops::keys::mint::Request;
use keyctl::ops::keys::revoke::revoke;
use keyctl::ops::keys::suspend::suspend;
use keyctl::ops::owners::owner::{add, delete, disable, enable, find};
use keyctl::ops::stores::store::check;
use keyctl::store::{Lookup as _, owners_beside};

use crate::support::both;
use crate::support::library::{Accept, answer, minted, request, view_states};

fn owner(name: &str) -> Owner {
    name.parse().expect("owner")
}

both!(enabling_an_owner_brings_each_key_back_in_the_state_it_had, |place| {
    place.init();
    let mut env = place.env();
    let named = |name: &str| Request { name: name.parse().ok(), ..request("alice") };
    let later = keyctl::domain::time::Timestamp::parse("2199-01-01T00:00:00Z").expect("time");
    let (parent, good) = minted(&mut env, &named("good"));
    let (suspended, _) = minted(&mut env, &named("suspended"));
    let (revoked, _) = minted(&mut env, &named("revoked"));
    minted(&mut env, &Request { not_before: Some(later), expiry: "never".parse().ok(), ..named("later") });
    let child = Request { parent: Some(KeyRef::Id(parent.id)), ..request("bob") };
    let (_, child) = minted(&mut env, &child);
    suspend(&mut env, &[KeyRef::Id(suspended.id)], None).expect("suspended");
    revoke(&mut env, &[KeyRef::Id(revoked.id)], None).expect("revoked");
    let before = view_states(&place);
    let disabled = disable(&mut env, &owner("alice"), Some("left")).expect("disabled");
    assert!(disabled.changed);
    assert_eq!(answer(&mut env.store, &good), "owner_disabled");
    assert_eq!(answer(&mut env.store, &child), "parent_dead");
    let stopped =
        "default|parent_dead\ngood|owner_disabled\nlater|not_yet_valid\nrevoked|revoked\nsuspended|suspended";
    assert_eq!(view_states(&place), stopped);
    let again = disable(&mut env, &owner("alice"), None).expect("disabled already");
    assert!(!again.changed);
    assert_eq!(again.owner.disabled_at, disabled.owner.disabled_at, "the first time stays");
    assert_eq!(check(&mut env.store, |_| {}).expect("checked"), []);
    assert!(enable(&mut env, &owner("alice")).expect("enabled").changed);
    assert_eq!(view_states(&place), before);
    assert_eq!((answer(&mut env.store, &good), answer(&mut env.store, &child)), ("allowed", "allowed"));
    assert_eq!(check(&mut env.store, |_| {}).expect("checked"), []);
});

both!(a_disabled_owner_gets_no_new_key, |place| {
    place.init();
    let mut env = place.env();
    add(&mut env, &owner("alice"), None, false).expect("added");
    disable(&mut env, &owner("alice"), None).expect("disabled");
    let refused = mint::mint(&mut env, &request("alice"), &mut Accept).expect_err("refused");
    assert!(matches!(&refused, Error::Conflict(conflict) if conflict.hint.contains("owner enable alice")));
    enable(&mut env, &owner("alice")).expect("enabled");
    minted(&mut env, &request("alice"));
});

both!(deleting_an_owner_needs_it_to_have_no_live_key_or_revokes_them, |place| {
    place.init();
    let mut env = place.env();
    let (parent, _) = minted(&mut env, &request("alice"));
    // One child of its own and one of somebody else: both go with their parent.
    let parent_of = |owner: &str| Request { parent: Some(KeyRef::Id(parent.id)), ..request(owner) };
    let (_, own) = minted(&mut env, &parent_of("alice"));
    let (_, foreign) = minted(&mut env, &parent_of("bob"));
    let refused = delete(&mut env, &owner("alice"), false, None).expect_err("it has live keys");
    assert!(matches!(&refused, Error::Conflict(conflict) if conflict.message.contains("2 live keys")));
    delete(&mut env, &owner("alice"), true, Some("left")).expect("deleted");
    assert_eq!((answer(&mut env.store, &own), answer(&mut env.store, &foreign)), ("revoked", "revoked"));
    assert!(matches!(find(&mut env.store, &owner("alice")), Err(Error::NotFound { .. })));
    let traced = env.store.key_by_id(parent.id).expect("read").expect("revoked keys are kept");
    assert_eq!(traced.revoke_reason.as_deref(), Some("left"));
    assert_eq!(check(&mut env.store, |_| {}).expect("checked"), []);
});

// The rows of its revoked keys said that their owner was disabled, and the owner of the same
// name that was made later is not.
both!(an_owner_deleted_while_disabled_and_made_again_starts_anew, |place| {
    place.init();
    let mut env = place.env();
    let (key, _) = minted(&mut env, &request("alice"));
    minted(&mut env, &Request { parent: Some(KeyRef::Id(key.id)), ..request("bob") });
    disable(&mut env, &owner("alice"), None).expect("disabled");
    delete(&mut env, &owner("alice"), true, None).expect("deleted");
    assert_eq!(check(&mut env.store, |_| {}).expect("checked"), []);
    let (new, token) = minted(&mut env, &request("alice"));
    assert_eq!(check(&mut env.store, |_| {}).expect("checked"), []);
    assert_eq!(answer(&mut env.store, &token), "allowed");
    assert_eq!(new.state(env.store.now().expect("now")), State::Active);
    let old = env.store.key_by_id(key.id).expect("read").expect("a key");
    assert_eq!((old.state(old.created_at), old.owner_disabled_at), (State::Revoked, None));
});

both!(a_deleted_owner_is_neither_counted_nor_suggested, |place| {
    place.init();
    let mut env = place.env();
    add(&mut env, &owner("alice"), None, false).expect("added");
    add(&mut env, &owner("alina"), None, false).expect("added");
    delete(&mut env, &owner("alina"), false, None).expect("deleted");
    assert_eq!(env.store.counts().expect("counts")[2], 1);
    assert_eq!(owners_beside(&mut env.store, &owner("alin")).expect("read"), [owner("alice")]);
    assert!(add(&mut env, &owner("alina"), None, true).expect("added again").changed);
    assert_eq!(env.store.counts().expect("counts")[2], 2);
});
