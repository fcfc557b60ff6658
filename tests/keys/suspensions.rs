//! Suspensions that end by themselves.

use keyctl::domain::keys::key_ref::KeyRef;
use keyctl::domain::time::Timestamp;
use keyctl::ops::env::Env;
use keyctl::ops::keys::mint::Request;
use keyctl::ops::keys::select::Selection;
use keyctl::ops::keys::suspend::{Suspension, Until, resume, suspend, suspend_until};
use keyctl::ops::owners::owner::{disable, enable};
use keyctl::ops::stores::store::check;
use keyctl::store::Filter;

use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::library::{answer, minted, request, stored, view_states};
use crate::support::store::Place;

fn for_(time: &str) -> Suspension<'static> {
    Suspension { until: Until::After(time.parse().expect("a span")), ..Suspension::default() }
}

/// As if the time until the ends of all suspensions had passed.
fn end_all(place: &Place) {
    place.sql("UPDATE key SET suspended_until = 1 WHERE suspended_until IS NOT NULL").expect("moved");
    place.sql("UPDATE token SET suspended_until = 1 WHERE suspended_until IS NOT NULL").expect("moved");
    place.sql("UPDATE token SET parent_dead_until = 1 WHERE parent_dead_until IS NOT NULL").expect("moved");
}

/// A key, and a child of it in other hands.
fn family(env: &mut Env) -> ([KeyRef; 1], [keyctl::domain::keys::token::Token; 2]) {
    let (parent, token) = minted(env, &Request { name: "parent".parse().ok(), ..request("alice") });
    let below = Request { name: "child".parse().ok(), parent: Some(KeyRef::Id(parent.id)), ..request("bob") };
    let (_, below) = minted(env, &below);
    ([KeyRef::Id(parent.id)], [token, below])
}

both!(a_suspension_ends_by_itself_for_a_key_and_its_children, |place| {
    place.init();
    let mut env = place.env();
    let (key, tokens) = family(&mut env);
    let said = |env: &mut Env| tokens.each_ref().map(|token| answer(&mut env.store, token));
    suspend_until(&mut env, &key, &for_("1h")).expect("suspended");
    assert_eq!(said(&mut env), ["suspended", "parent_dead"]);
    assert_eq!(view_states(&place), "child|parent_dead\nparent|suspended");
    assert!(check(&mut env.store, |_| ()).expect("checked").is_empty(), "the copies are as they should be");
    end_all(&place);
    assert_eq!(said(&mut env), ["allowed", "allowed"]);
    assert_eq!(view_states(&place), "child|active\nparent|active");
    let done = resume(&mut env, &key).expect("nothing to resume");
    assert!(done.keys[0].already && done.keys[0].key.suspension(done.at).is_none());

    // What else stops them outlives it.
    suspend_until(&mut env, &key, &for_("1h")).expect("suspended");
    disable(&mut env, &"alice".parse().expect("owner"), None).expect("disabled");
    end_all(&place);
    assert_eq!(said(&mut env), ["owner_disabled", "parent_dead"]);
    assert_eq!(view_states(&place), "child|parent_dead\nparent|owner_disabled");
    enable(&mut env, &"alice".parse().expect("owner")).expect("enabled");
    suspend(&mut env, &key, None).expect("suspended");
    end_all(&place);
    assert_eq!(said(&mut env), ["suspended", "parent_dead"], "one without an end goes on");
    resume(&mut env, &key).expect("resumed");
    suspend_until(&mut env, &key, &for_("1h")).expect("suspended");
    keyctl::ops::keys::revoke::revoke(&mut env, &key, None).expect("revoked");
    assert!(check(&mut env.store, |_| ()).expect("checked").is_empty(), "a revoked one is no difference");
    end_all(&place);
    assert_eq!(said(&mut env), ["revoked", "revoked"]);
    assert_eq!(view_states(&place), "child|revoked\nparent|revoked");
});

both!(another_end_takes_the_place_of_the_one_before_and_no_selection_lets_a_key_work_sooner, |place| {
    place.init();
    let mut env = place.env();
    let (key, _) = minted(&mut env, &request("alice"));
    let named = [KeyRef::Id(key.id)];
    let all = || Selection::Matching("alice".parse().ok(), Filter::default());
    let mut since = None;
    let mut until: Option<Timestamp> = None;
    for (time, by_name, changes) in
        [("2h", true, true), ("1h", false, false), ("1h", true, true), ("3h", false, true)]
    {
        let selection = if by_name { Selection::from(&named) } else { all() };
        let done = suspend_until(&mut env, selection, &for_(time)).expect(time);
        let key = &done.keys[0].key;
        assert_eq!(done.keys[0].already, !changes, "{time}");
        assert_eq!(key.suspended_at, *since.get_or_insert(key.suspended_at), "{time}");
        assert_eq!(key.suspended_until != until, changes, "{time}");
        until = key.suspended_until;
    }
    suspend_until(&mut env, all(), &Suspension::default()).expect("for good");
    assert_eq!(stored(&mut env, key.id).expect("there").suspended_until, None);
    assert!(suspend_until(&mut env, all(), &for_("1h")).expect("stays").keys[0].already);
    assert!(check(&mut env.store, |_| ()).expect("checked").is_empty());
});

both!(a_suspension_that_is_over_is_none_for_all_that_is_printed_and_compared, |place| {
    let sandbox = Sandbox::with_store(place);
    let token = sandbox.ok(&["mint", "alice", "--scope", "m"]);
    let shown = sandbox.json(&["suspend", "alice", "--for", "1h"]);
    assert!(shown[0]["suspended_until"].is_string(), "{shown}");
    sandbox.ok(&["edit", "alice", "--label", "a=b"]);
    let before = sandbox.json(&["show", "alice"]);
    assert_eq!(before["suspended_until"], shown[0]["suspended_until"], "an edit leaves it");
    sandbox.ok(&["suspend", "alice", "--for", "1s"]);
    while sandbox.verify(&token, &[]).0 != Some(0) {
        std::thread::yield_now();
    }
    let after = sandbox.json(&["show", "alice"]);
    assert_eq!((after["state"].as_str(), after["suspended_at"].is_null()), (Some("active"), true), "{after}");
    assert!(after["suspended_until"].is_null(), "{after}");
    // The log says when it was to end, and no more.
    assert_eq!(sandbox.ok(&["store", "check"]), "");
    sandbox.ok(&["edit", "alice", "--label", "a-"]);
    assert_eq!(sandbox.ok(&["store", "check"]), "");
    assert_eq!(sandbox.ok(&["list", "-o", "plain", "--state", "suspended"]), "");
});
