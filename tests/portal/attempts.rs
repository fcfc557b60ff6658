//! Every change of the portal's comes out the same where the database gives its first attempt up.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use keyctl::domain::time::{Grace, Span};
use keyctl::ops::keys::revoke::Revocation;
use keyctl::ops::portal::invite::mint_waiting;
use keyctl::ops::portal::keys::{self, NewKey, make_key};
use keyctl::ops::portal::redeem::{acknowledge, redeem_token};
use keyctl::ops::portal::sessions::end_own;
use keyctl::ops::portal::sign_in::by_claim;

use super::{by_invitation, scopes, with_key};
use crate::support::library::{answer, request};
use crate::support::{both, store::Place};

static GIVEN_UP: AtomicUsize = AtomicUsize::new(0);

/// What was done, and how often, by the audit log.
fn actions(place: &Place) -> BTreeMap<String, usize> {
    let bodies = place.sql("SELECT body FROM audit ORDER BY seq").expect("the log");
    let mut actions = BTreeMap::new();
    for body in bodies.lines().filter(|line| !line.is_empty()) {
        let record: serde_json::Value = serde_json::from_str(body).expect("JSON");
        *actions.entry(record["action"].as_str().expect("an action").to_owned()).or_default() += 1;
    }
    actions
}

both!(a_change_in_the_portal_whose_first_attempt_is_given_up_is_made_once, |place| {
    place.init();
    let mut env = place.env();
    env.store.give_up_first_attempts(|| {
        GIVEN_UP.fetch_add(1, Ordering::Relaxed);
    });
    let before = GIVEN_UP.load(Ordering::Relaxed);

    let waiting = mint_waiting(&mut env, &request("carol"), Span::days(1)).expect("minted");
    let carol = by_claim(&mut env, waiting.invited.code.expose()).expect("signed in").person;
    let lost = redeem_token(&mut env, &carol).expect("a token");
    let kept = redeem_token(&mut env, &carol).expect("another");
    acknowledge(&mut env, &carol).expect("kept");
    assert_eq!(answer(&mut env.store, &kept.token), "allowed");
    assert_ne!(answer(&mut env.store, &lost.token), "allowed");

    let bob = by_invitation(&mut env, "bob", "memories").person;
    let new = NewKey { name: None, scopes: scopes("memories"), expiry: None };
    let key = make_key(&mut env, &bob, &new).expect("made").key.id;
    let given = keys::rotate(&mut env, &bob, key, 1, Grace::NONE).expect("rotated");
    keys::suspend(&mut env, &bob, key, None).expect("suspended");
    keys::resume(&mut env, &bob, key).expect("resumed");
    assert_eq!(answer(&mut env.store, &given.token), "allowed");
    let ended = keys::revoke(&mut env, &bob, key, Revocation { reason: None, keep_made: false });
    assert_eq!(ended.expect("revoked").len(), 1);
    end_own(&mut env, &bob).expect("signed out");
    let (_, _, alice) = with_key(&mut env, "alice", "keyctl:self,memories");
    end_own(&mut env, &alice.person).expect("signed out");

    let counted = actions(&place);
    for (action, times) in [
        ("claim.create", 2),
        ("claim.redeem", 2),
        ("claim.take", 1),
        ("session.begin", 3),
        ("session.end", 2),
        ("mint", 3),
        ("rotate", 3),
        ("suspend", 1),
        ("resume", 1),
        ("revoke", 1),
    ] {
        assert_eq!(counted.get(action), Some(&times), "{action}: {counted:?}");
    }
    // One of each call above, at least; another test's are counted, too.
    assert!(GIVEN_UP.load(Ordering::Relaxed) - before >= 15);
    assert_eq!(keyctl::ops::stores::store::check(&mut env.store, |_| {}).expect("check"), Vec::new());
});
