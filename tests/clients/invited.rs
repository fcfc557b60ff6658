//! Two who were invited by one admin to one owner's keys: what each lets a program do is theirs.

use super::scene::{Scene, Tokens, parameter};
use crate::pages::scene::{Session, code_of, cookie_in, post};
use crate::support::both;

/// Somebody whom this admin invites to alice's keys.
fn invited<'s>(scene: &'s Scene, admin: &Session<'_>, scopes: &str) -> Session<'s> {
    let fields = [("owner", "alice"), ("scopes", scopes), ("ttl", "1h")];
    let link = admin.post("/admin/invite", &fields);
    assert_eq!(link.status, 200, "{link:?}");
    let signed_in = post("/claim", &[("code", &code_of(&link.body))]).to(&scene.portal);
    Session::with(&scene.portal, &cookie_in(&signed_in, "__Host-keyctl").expect("a cookie"))
}

both!(what_two_guests_of_one_admin_let_a_program_do_is_told_apart, |place| {
    let scene = Scene::new(place);
    let key =
        scene.sandbox.ok(&["mint", "ops", "--name", "desk", "--scope", "keyctl:admin,files,memories:read"]);
    let admin = scene.sign_in(&key);
    let tokens = |guest: &Session<'_>, scopes: &[&str]| {
        let back = scene.says_yes(guest, &scene.request(), scopes);
        Tokens::of(&scene.redeem(&parameter(&back, "code").expect("a code")))
    };
    let children = || scene.sandbox.place.sql("SELECT COUNT(*) FROM mcp_grant").expect("rows");
    let (first, second) = (invited(&scene, &admin, "files"), invited(&scene, &admin, "files memories:read"));
    let of_first = tokens(&first, &["files"]);
    let of_second = tokens(&second, &["files", "memories:read"]);
    assert_eq!(children().trim(), "2");
    // Who says yes again goes on with what they let it do, and with nothing of the other's.
    let again = tokens(&first, &["files"]);
    assert_eq!((children().trim(), again.scope.as_str()), ("2", "files"));
    let next = Tokens::of(&scene.refresh(&of_first.refresh));
    assert_eq!(next.scope, "files");
    // All of it ends with the key of who invited them.
    scene.sandbox.ok(&["revoke", "ops/desk"]);
    for access in [&next.access, &of_second.access, &again.access] {
        scene.assert_dead(access);
    }
    scene.check();
});
