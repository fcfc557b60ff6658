//! What is over is forgotten after a while, and nothing that still says anything.

use std::thread;
use std::time::Duration;

use keyctl::domain::keys::key_ref::KeyRef;
use keyctl::domain::time::Span;
use keyctl::ops::keys::revoke::revoke;
use keyctl::ops::portal::invite::mint_waiting;
use keyctl::ops::portal::keys::{NewKey, make_key};
use keyctl::ops::portal::sign_in::by_claim;
use keyctl::ops::portal::{admin, over};

use super::{by_invitation, invited, scopes, wanted, with_key};
use crate::pages::scene::Portal;
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::library::{answer, request};
use crate::support::store::Place;

/// Rows of a table.
fn rows(place: &Place, table: &str) -> String {
    place.sql(&format!("SELECT COUNT(*) FROM {table}")).expect("rows").trim().to_owned()
}

/// So many days go by.
fn days_go_by(place: &Place, days: i64) {
    for (table, column) in [
        ("portal_session", "created_at"),
        ("portal_session", "expires_at"),
        ("portal_seen", "seen_at"),
        ("claim", "expires_at"),
    ] {
        let earlier = format!("UPDATE {table} SET {column} = {column} - {}", days * 86_400_000);
        place.sql(&earlier).expect("earlier");
    }
}

both!(sessions_and_invitations_are_forgotten_a_month_after_their_end, |place| {
    place.init();
    let mut env = place.env();
    let _ = by_invitation(&mut env, "alice", "memories");
    let _ = invited(&mut env, "bob", "memories");
    let (_, _, signed_in) = with_key(&mut env, "carol", "keyctl:self");
    env.store.see_session(signed_in.person.session).expect("seen");
    days_go_by(&place, 29);
    assert!(!over::forget(&mut env.store).expect("forgets"), "not yet");
    days_go_by(&place, 3);
    assert!(over::forget(&mut env.store).expect("forgets"));
    for table in ["portal_session", "portal_seen", "claim"] {
        assert_eq!(rows(&place, table), "0", "{table}");
    }
    assert!(!over::forget(&mut env.store).expect("forgets"), "all at once");
    assert_eq!(keyctl::ops::stores::store::check(&mut env.store, |_| {}).expect("check"), Vec::new());
});

both!(an_invitation_stays_while_a_key_was_made_with_it_or_waits_for_it, |place| {
    place.init();
    let mut env = place.env();
    let (key, _, ops) = with_key(&mut env, "ops", "memories,keyctl:admin");
    let sent = admin::invite(&mut env, &ops.person, &wanted("mallory", "memories")).expect("invited");
    let guest = by_claim(&mut env, sent.code.expose()).expect("signed in");
    let new = NewKey { name: None, scopes: scopes("memories"), expiry: None };
    let made = make_key(&mut env, &guest.person, &new).expect("made");
    let waiting = mint_waiting(&mut env, &request("alice"), Span::days(1)).expect("minted");
    days_go_by(&place, 40);
    over::forget(&mut env.store).expect("forgets");
    assert_eq!((rows(&place, "claim"), rows(&place, "portal_session")), ("2".to_owned(), "0".to_owned()));
    // So what was made with it is found still.
    revoke(&mut env, &[KeyRef::Id(key.id)], None).expect("revoked");
    assert_eq!(answer(&mut env.store, &made.token), "revoked");
    revoke(&mut env, &[KeyRef::Id(waiting.key.id)], None).expect("revoked");
    over::forget(&mut env.store).expect("forgets");
    assert_eq!(rows(&place, "claim"), "1", "that of the key that waited went with it");
    days_go_by(&place, -40);
    assert_eq!(keyctl::ops::stores::store::check(&mut env.store, |_| {}).expect("check"), Vec::new());
});

both!(what_is_over_goes_in_batches, |place| {
    place.init();
    let mut env = place.env();
    let _ = invited(&mut env, "alice", "memories");
    let copies = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1300)
        INSERT INTO claim (id, code_hash, owner, scopes, created_at, expires_at)
        SELECT c.id || n.i, c.code_hash || n.i, c.owner, c.scopes, 1, 2 FROM claim c, n";
    place.sql(copies).expect("rows");
    assert!(over::forget(&mut env.store).expect("forgets"));
    assert_eq!(rows(&place, "claim"), "1");
});

both!(the_portal_forgets_what_is_over_and_so_does_an_anchor, |place| {
    let sandbox = Sandbox::with_store(place);
    let _ = by_invitation(&mut sandbox.place.env(), "alice", "memories");
    days_go_by(&sandbox.place, 40);
    let _portal = Portal::plain(&sandbox, &[]);
    for _ in 0..100 {
        if rows(&sandbox.place, "claim") == "0" {
            break;
        }
        thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(
        (rows(&sandbox.place, "claim"), rows(&sandbox.place, "portal_session")),
        ("0".to_owned(), "0".to_owned())
    );
    let _ = by_invitation(&mut sandbox.place.env(), "alice", "memories");
    days_go_by(&sandbox.place, 40);
    sandbox.ok(&["audit", "checkpoint"]);
    assert_eq!(rows(&sandbox.place, "claim"), "0");
    sandbox.ok(&["store", "check"]);
});
