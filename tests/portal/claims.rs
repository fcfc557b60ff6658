//! A code works once, and only while it should.

use keyctl::domain::keys::key::State;
use keyctl::domain::time::Span;
use keyctl::ops::keys::revoke::revoke;
use keyctl::ops::keys::suspend::suspend;
use keyctl::ops::owners::owner;
use keyctl::ops::portal::invite::{Waiting, invite, mint_waiting};
use keyctl::ops::portal::redeem::{acknowledge, redeem_token};
use keyctl::ops::portal::sign_in::by_claim;
use keyctl::ops::portal::{claims, invite as invitations};
use keyctl::store::{Access, Store};

use super::{by_invitation, invited, now, scopes, wanted, word};
use crate::support::both;
use crate::support::library::{answer, request, stored};
use crate::support::store::{Place, env_of, options};

/// Action, outcome, and the whole body of the records from this one on.
fn records(place: &Place, from: u64) -> Vec<(String, String)> {
    let bodies =
        place.sql(&format!("SELECT body FROM audit WHERE seq >= {from} ORDER BY seq")).expect("records");
    let word = |body: &serde_json::Value, name: &str| body[name].as_str().unwrap_or_default().to_owned();
    bodies
        .lines()
        .map(|body| serde_json::from_str(body).expect("JSON"))
        .map(|body: serde_json::Value| (word(&body, "action"), word(&body, "outcome")))
        .collect()
}

fn last(place: &Place) -> u64 {
    place.sql("SELECT MAX(seq) FROM audit").expect("records").parse().expect("a number")
}

both!(a_code_begins_one_session_and_a_second_use_is_refused_and_recorded, |place| {
    place.init();
    let mut env = place.env();
    let invited = invited(&mut env, "alice", "memories");
    assert!(invited.owner_is_new);
    let before = last(&place);
    let signed_in = by_claim(&mut env, invited.code.expose()).expect("signed in");
    let person = now(&mut env, &signed_in).expect("signed in");
    assert_eq!((person.owner.as_str(), &person.may_give), ("alice", &scopes("memories")));
    assert_eq!(word(by_claim(&mut env, invited.code.expose())), "code_used");
    assert!(now(&mut env, &signed_in).is_some(), "whoever came first stays");
    let expected = [("claim.redeem", "done"), ("session.begin", "done"), ("claim.redeem", "refused")];
    assert_eq!(
        records(&place, before + 1),
        expected.map(|(action, outcome)| (action.to_owned(), outcome.to_owned()))
    );
    assert_eq!(keyctl::ops::stores::store::check(&mut env.store, |_| {}).expect("check"), Vec::new());
});

both!(a_guessed_code_is_refused_and_fills_no_log, |place| {
    place.init();
    let mut env = place.env();
    invited(&mut env, "alice", "memories");
    let before = last(&place);
    let guessed = format!("skc_{}", "A".repeat(43));
    for code in [guessed.as_str(), "", "skc_", "' OR 1=1 --", &"A".repeat(100_000)] {
        assert_eq!(word(by_claim(&mut env, code)), "no_such_code");
    }
    assert_eq!(last(&place), before);
});

both!(a_late_a_revoked_and_a_disabled_owners_code_are_refused, |place| {
    place.init();
    let mut env = place.env();
    let late = invited(&mut env, "alice", "memories");
    place.sql("UPDATE claim SET expires_at = created_at + 1, created_at = created_at - 1000").expect("late");
    place.sql("UPDATE claim SET expires_at = created_at").expect("late");
    assert_eq!(word(by_claim(&mut env, late.code.expose())), "code_late");
    let taken_back = invited(&mut env, "alice", "memories");
    let revoked = claims::revoke(&mut env, taken_back.claim.id, Some("wrong address")).expect("revoked");
    assert!(!revoked.already && !revoked.ended_session);
    assert_eq!(word(by_claim(&mut env, taken_back.code.expose())), "code_revoked");
    assert!(claims::revoke(&mut env, taken_back.claim.id, None).expect("revoked").already);
    let disabled = invited(&mut env, "bob", "memories");
    owner::disable(&mut env, &"bob".parse().expect("owner"), None).expect("disabled");
    let before = last(&place);
    assert_eq!(word(by_claim(&mut env, disabled.code.expose())), "owner_disabled");
    assert_eq!(records(&place, before + 1), [("claim.redeem".to_owned(), "refused".to_owned())]);
});

both!(a_session_ends_with_its_invitation_and_with_its_owner, |place| {
    place.init();
    let mut env = place.env();
    let invited = invited(&mut env, "alice", "memories");
    let signed_in = by_claim(&mut env, invited.code.expose()).expect("signed in");
    let alice = "alice".parse().expect("owner");
    owner::disable(&mut env, &alice, None).expect("disabled");
    assert!(now(&mut env, &signed_in).is_none());
    owner::enable(&mut env, &alice).expect("enabled");
    assert!(now(&mut env, &signed_in).is_some());
    assert!(claims::revoke(&mut env, invited.claim.id, None).expect("revoked").ended_session);
    assert!(now(&mut env, &signed_in).is_none());
    let other = by_invitation(&mut env, "alice", "memories");
    owner::delete(&mut env, &alice, true, None).expect("deleted");
    assert!(now(&mut env, &other).is_none());
});

both!(no_invitation_gives_a_scope_of_the_tools_own_or_lasts_for_long, |place| {
    place.init();
    let mut env = place.env();
    let before = last(&place);
    for given in ["keyctl:self", "memories,keyctl:admin", "*"] {
        let refused = invite(&mut env, &wanted("alice", given)).expect_err(given);
        assert!(matches!(refused, keyctl::ops::Error::Invalid { .. }), "{refused}");
    }
    for ttl in [Span::seconds(0), Span::days(31)] {
        let request = invitations::Request { ttl, ..wanted("alice", "memories") };
        let refused = invite(&mut env, &request).expect_err("too long");
        assert!(refused.to_string().contains("at most 30 days"), "{refused}");
    }
    assert_eq!(last(&place), before);
    owner::add(&mut env, &"bob".parse().expect("owner"), None, false).expect("added");
    owner::disable(&mut env, &"bob".parse().expect("owner"), None).expect("disabled");
    invite(&mut env, &wanted("bob", "memories")).expect_err("disabled");
});

both!(a_key_waits_for_its_token_until_its_code_is_redeemed, |place| {
    place.init();
    let mut env = place.env();
    let Waiting { key, invited } = mint_waiting(&mut env, &request("alice"), Span::days(1)).expect("minted");
    assert_eq!((&key.token, invited.claim.key), (&None, Some(key.id)));
    let signed_in = by_claim(&mut env, invited.code.expose()).expect("signed in");
    let person = signed_in.person;
    assert_eq!((person.waiting_key, person.may_give.len()), (Some(key.id), 0));
    assert_eq!(word(acknowledge(&mut env, &person)), "taken", "before there is one");
    let first = redeem_token(&mut env, &person).expect("a token");
    assert_eq!(answer(&mut env.store, &first.token), "allowed");
    // The answer was lost.
    let second = redeem_token(&mut env, &person).expect("another token");
    assert_eq!(answer(&mut env.store, &first.token), "expired");
    assert_eq!(answer(&mut env.store, &second.token), "allowed");
    acknowledge(&mut env, &person).expect("taken");
    assert_eq!(word(redeem_token(&mut env, &person)), "taken");
    assert_eq!(answer(&mut env.store, &second.token), "allowed");
    let there = stored(&mut env, key.id).expect("there");
    assert_eq!((there.scopes, there.generation), (key.scopes, 2));
    assert_eq!(keyctl::ops::stores::store::check(&mut env.store, |_| {}).expect("check"), Vec::new());
});

both!(a_key_that_ended_before_it_was_redeemed_gives_no_token, |place| {
    place.init();
    let mut env = place.env();
    let Waiting { key, invited } = mint_waiting(&mut env, &request("alice"), Span::days(1)).expect("minted");
    let signed_in = by_claim(&mut env, invited.code.expose()).expect("signed in");
    let reference = key.id.to_string().parse().expect("reference");
    revoke(&mut env, &[reference], None).expect("revoked");
    assert_eq!(word(redeem_token(&mut env, &signed_in.person)), "signed_out");
    assert!(now(&mut env, &signed_in).is_none());
});

both!(a_key_that_does_not_work_is_offered_to_nobody, |place| {
    place.init();
    let mut env = place.env();
    let end = |id: keyctl::domain::id::KeyId, at: &str| {
        place.sql(&format!("UPDATE key SET expires_at = {at} WHERE id = '{id}'")).expect("moved");
    };
    let late = mint_waiting(&mut env, &request("alice"), Span::days(1)).expect("minted");
    end(late.key.id, "created_at + 1");
    let before = last(&place);
    assert_eq!(word(by_claim(&mut env, late.invited.code.expose())), "waiting_ended");
    assert_eq!(records(&place, before + 1), [("claim.redeem".to_owned(), "refused".to_owned())]);
    end(late.key.id, "created_at + 86400000");
    let signed_in = by_claim(&mut env, late.invited.code.expose()).expect("the code was not used up");
    end(late.key.id, "created_at + 1");
    let person = now(&mut env, &signed_in).expect("signed in");
    assert_eq!((person.waiting_key, person.waiting_stopped), (None, Some(State::Expired)));
    assert_eq!(word(redeem_token(&mut env, &person)), "key_inactive");

    let stopped = mint_waiting(&mut env, &request("bob"), Span::days(1)).expect("minted");
    let reference = || [stopped.key.id.to_string().parse().expect("reference")];
    suspend(&mut env, &reference(), None).expect("suspended");
    assert_eq!(word(by_claim(&mut env, stopped.invited.code.expose())), "key_inactive");
    revoke(&mut env, &reference(), None).expect("revoked");
    assert_eq!(word(by_claim(&mut env, stopped.invited.code.expose())), "code_revoked");
});

both!(two_that_redeem_a_code_at_once_begin_one_session, |place| {
    place.init();
    let mut env = place.env();
    for _ in 0..5 {
        let invited = invited(&mut env, "alice", "memories");
        let code = invited.code.expose();
        let answers: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| {
                    let location = place.location();
                    scope.spawn(move || {
                        let store = Store::open(&location, Access::Change, options()).expect("open");
                        by_claim(&mut env_of(store), code).map(drop).map_err(|error| error.as_str())
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().expect("ended")).collect()
        });
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
        assert!(answers.iter().all(|answer| matches!(answer, Ok(()) | Err("code_used"))), "{answers:?}");
    }
    assert_eq!(place.sql("SELECT COUNT(*) FROM portal_session").expect("rows"), "5");
});

both!(no_secret_of_the_portals_stands_in_the_store, |place| {
    place.init();
    let mut env = place.env();
    let invited = invited(&mut env, "alice", "memories");
    let signed_in = by_claim(&mut env, invited.code.expose()).expect("signed in");
    let _ = by_claim(&mut env, invited.code.expose());
    let Waiting { invited: other, .. } =
        mint_waiting(&mut env, &request("alice"), Span::days(1)).expect("minted");
    for table in ["audit", "claim", "portal_session", "portal_seen", "key", "token", "head", "change"] {
        let cells = place.sql(&format!("SELECT * FROM {table}")).expect("rows");
        for secret in [invited.code.expose(), other.code.expose(), signed_in.secret.expose()] {
            assert!(!cells.contains(&secret[4..]), "{table}");
        }
    }
    let shown = format!("{invited:?} {other:?} {signed_in:?}");
    for secret in [invited.code.expose(), other.code.expose(), signed_in.secret.expose()] {
        assert!(!shown.contains(&secret[4..]));
    }
});
