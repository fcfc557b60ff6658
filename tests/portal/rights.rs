//! What the portal's role of a server may do: all that people do there, and no more.

use keyctl::domain::time::{Grace, Span};
use keyctl::ops::env::Env;
use keyctl::ops::keys::revoke::Revocation;
use keyctl::ops::portal::invite::mint_waiting;
use keyctl::ops::portal::keys::{self, NewKey};
use keyctl::ops::portal::redeem::{acknowledge, redeem_token};
use keyctl::ops::portal::sign_in::{by_claim, by_key, by_oidc};
use keyctl::ops::portal::{admin, over, sessions, shown, who};
use keyctl::store::{Access, Location, Store};

use super::{invited, scopes, wanted, with_key};
use crate::support::cli::Sandbox;
use crate::support::library::request;
use crate::support::postgres;
use crate::support::store::{Place, env_of, options};

const ROLE: &str = "portal_of_tests";

/// The store as the portal opens it.
fn as_portal(sandbox: &Sandbox) -> Env {
    let password = postgres::PASSWORD.replace(' ', "%20");
    let text = sandbox.place.text().replace(&format!("{}@", postgres::USER), &format!("{ROLE}:{password}@"));
    let location = Location::parse(&text).expect("a location");
    env_of(Store::open(&location, Access::Change, options()).expect("open"))
}

#[test]
fn the_portals_role_does_all_that_people_do_there() {
    let sandbox = Sandbox::with_store(Place::postgres());
    postgres::server().role(ROLE);
    sandbox.ok(&["store", "grant", ROLE, "--for", "portal"]);
    let mut owner = sandbox.place.env();
    let waiting = mint_waiting(&mut owner, &request("alice"), Span::days(1)).expect("minted");
    let (_, own, _) = with_key(&mut owner, "bob", "memories,keyctl:self");
    let (_, all, _) = with_key(&mut owner, "ops", "memories,keyctl:admin");
    let mut env = as_portal(&sandbox);

    let alice = by_claim(&mut env, waiting.invited.code.expose()).expect("signed in").person;
    for _ in 0..2 {
        redeem_token(&mut env, &alice).expect("a token");
    }
    acknowledge(&mut env, &alice).expect("taken");
    by_oidc(&mut env, "https://id.example.com", &"bob".parse().expect("subject"), &scopes("memories"))
        .expect("signed in");

    let signed_in = by_key(&mut env, own.expose(), None).expect("signed in");
    let bob = &signed_in.person;
    sandbox.place.sql("UPDATE portal_session SET created_at = created_at - 120000").expect("two minutes ago");
    assert!(who::who(&mut env.store, signed_in.secret.expose(), None).expect("readable").is_some());
    assert_ne!(sandbox.place.sql("SELECT COUNT(*) FROM portal_seen").expect("rows"), "0");
    let new = NewKey { name: None, scopes: scopes("memories:read"), expiry: None };
    let made = keys::make_key(&mut env, bob, &new).expect("made");
    keys::rotate(&mut env, bob, made.key.id, 1, Grace::DEFAULT).expect("rotated");
    keys::rotate(&mut env, bob, made.key.id, 2, Grace::NONE).expect("rotated");
    keys::suspend(&mut env, bob, made.key.id, None).expect("suspended");
    keys::resume(&mut env, bob, made.key.id).expect("resumed");
    let shown = shown::my_keys(&mut env.store, bob, None).expect("shown");
    assert_eq!((shown.keys.len(), shown.keys[0].days.len()), (2, 14), "also how often they were used");
    keys::revoke(&mut env, bob, made.key.id, Revocation::default()).expect("revoked");

    let ops = by_key(&mut env, all.expose(), None).expect("signed in").person;
    assert_eq!(admin::owners(&mut env.store, &ops, "").expect("found").owners.len(), 3);
    let found = admin::keys(&mut env.store, &ops, None, "bob", None).expect("found");
    let id = found.keys.last().expect("a key").key.id;
    admin::reach(&mut env.store, &ops, id).expect("reach");
    admin::suspend(&mut env, &ops, id, None).expect("suspended");
    admin::resume(&mut env, &ops, id).expect("resumed");
    admin::revoke(&mut env, &ops, id, Revocation::default()).expect("revoked");
    // A new owner.
    admin::invite(&mut env, &ops, &wanted("carol", "memories")).expect("invited");
    sessions::end_own(&mut env, &ops).expect("signed out");
    assert!(!over::forget(&mut env.store).expect("nothing is over"));
    for table in ["portal_session", "claim"] {
        sandbox
            .place
            .sql(&format!("UPDATE {table} SET expires_at = expires_at - 3000000000"))
            .expect("a month ago");
    }
    assert!(over::forget(&mut env.store).expect("forgotten"));
    assert_eq!(sandbox.place.sql("SELECT COUNT(*) FROM portal_session").expect("rows").trim(), "0");
    // Those that stay are as the log says.
    sandbox.place.sql("UPDATE claim SET expires_at = expires_at + 3000000000").expect("today");
    sandbox.ok(&["store", "check"]);
}

#[test]
fn the_portals_role_reads_no_secret_and_changes_nothing_else() {
    let sandbox = Sandbox::with_store(Place::postgres());
    postgres::server().role(ROLE);
    sandbox.ok(&["store", "grant", ROLE, "--for", "portal"]);
    invited(&mut sandbox.place.env(), "alice", "memories");
    let database = sandbox.place.database.as_deref().expect("a database");
    for (sql, may) in [
        ("SELECT COUNT(*) FROM keyctl.key", true),
        ("SELECT envelope FROM keyctl.secret_version", false),
        // For who lets programs in alone.
        ("SELECT envelope FROM keyctl.signing_key", false),
        ("SELECT check_value FROM keyctl.master_key", false),
        ("SELECT COUNT(*) FROM keyctl.mcp_sign_in", false),
        ("SELECT COUNT(*) FROM keyctl.mcp_device", false),
        ("UPDATE keyctl.signing_key SET revoked_at = 1", false),
        ("INSERT INTO keyctl.mcp_client SELECT 'x', 'x', '[]', 1, 0", false),
        ("UPDATE keyctl.mcp_grant SET resource = 'x'", false),
        ("UPDATE keyctl.mcp_sign_in SET redirect_uri = 'x'", false),
        ("SELECT body FROM keyctl.audit", false),
        ("UPDATE keyctl.key SET parent = NULL", false),
        ("UPDATE keyctl.claim SET scopes = '[\"*\"]'", false),
        ("UPDATE keyctl.portal_session SET owner = 'alice'", false),
        ("UPDATE keyctl.head SET portal = 'https://evil.example.com/'", false),
        ("DELETE FROM keyctl.audit", false),
    ] {
        assert_may(database, sql, may);
    }
    sandbox.ok(&["store", "grant", ROLE, "--for", "portal-issue"]);
    for (sql, may) in [
        ("SELECT COUNT(*) FROM keyctl.key", true),
        // Sealed, and nothing without the master key: it signs for programs that people let in.
        ("SELECT envelope FROM keyctl.signing_key", true),
        ("SELECT envelope FROM keyctl.secret_version", false),
        ("UPDATE keyctl.signing_key SET revoked_at = 1", false),
        ("UPDATE keyctl.master_key SET retired_at = 1", false),
        ("INSERT INTO keyctl.mcp_client SELECT 'x', 'x', '[]', 1, 1", false),
        ("UPDATE keyctl.mcp_client SET device = 1", false),
        ("UPDATE keyctl.mcp_sign_in SET refreshes = 1", false),
    ] {
        assert_may(database, sql, may);
    }
}

/// As a superuser who takes on the role: what is refused is refused to the role.
#[track_caller]
fn assert_may(database: &str, sql: &str, may: bool) {
    let asked = postgres::server().psql(database, &format!("SET ROLE {ROLE}; {sql}"));
    assert_eq!(asked.is_ok(), may, "{sql}: {asked:?}");
}
