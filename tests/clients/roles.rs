//! What the portal's role of a server is granted is enough to let programs in, and what is needed for it.

use super::scene::{Scene, Tokens, error};
use crate::pages::scene::{ORIGIN, Portal};
use crate::secrets::{KEY, run_with};
use crate::support::cli::Sandbox;
use crate::support::postgres;
use crate::support::store::Place;

const ROLE: &str = "portal_of_client_tests";

#[test]
fn the_portals_role_lets_programs_in() {
    let mut scene = Scene::new(Place::postgres());
    postgres::server().role(ROLE);
    scene.sandbox.ok(&["store", "grant", ROLE, "--for", "portal-issue"]);
    let password = postgres::PASSWORD.replace(' ', "%20");
    let owner = format!("{}@", postgres::USER);
    let text = scene.sandbox.place.text().replace(&owner, &format!("{ROLE}:{password}@"));
    scene.portal.stop();
    let variables = [("KEYCTL_MASTER_KEY", KEY), ("KEYCTL_STORE", text.as_str())];
    let check = ["portal", "--origin", ORIGIN, "--issue", "--check"];
    // What serves the pages alone is not enough, and that is told by name, whether it looks or begins.
    scene.sandbox.ok(&["store", "grant", ROLE, "--for", "portal"]);
    for (more, deed) in [(&["--check"][..], "serve the portal"), (&[], "let programs in")] {
        let lacks = run_with(&scene.sandbox, &variables, &[&check[..4], more].concat(), "").expect_code(2);
        assert!(lacks.stderr.contains(&format!("may not {deed}: it lacks ")), "{lacks:?}");
        assert!(lacks.stderr.contains("keyctl store grant ROLE --for portal-issue"), "{lacks:?}");
    }
    scene.sandbox.ok(&["store", "grant", ROLE, "--for", "portal-issue"]);
    let checked = run_with(&scene.sandbox, &variables, &check, "").expect_code(0);
    assert!(checked.stderr.contains("programs would be let in by https://keys.example.com"), "{checked:?}");
    scene.portal = Portal::plain_with(&scene.sandbox, &["--issue"], &variables);
    let tokens = scene.tokens(&["files"]);
    let other = scene.tokens(&["files", "memories:read"]);
    let next = Tokens::of(&scene.refresh(&tokens.refresh));
    scene.assert_good(&next.access);
    assert_eq!(error(&scene.refresh(&tokens.refresh)).0, 400);
    assert_eq!(
        scene.bring("/oauth/revoke", &[("token", &other.refresh), ("client_id", &scene.client)], &[]).status,
        200
    );
    crate::clients::devices::whole_way(&scene, &other_key(&scene));
    scene.check();
}

/// Of somebody else.
fn other_key(scene: &Scene) -> String {
    scene.sandbox.ok(&["mint", "bob", "--name", "laptop", "--scope", "keyctl:self,files"])
}

#[test]
fn what_programs_are_let_in_by_is_looked_at_before_anybody_comes() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let check = ["portal", "--origin", ORIGIN, "--issue", "--check"];
    let with_key = |said: &str| {
        let ran = run_with(&sandbox, &[("KEYCTL_MASTER_KEY", KEY)], &check, "");
        assert_ne!(ran.code, Some(0), "{ran:?}");
        assert!(ran.stderr.contains(said), "{said}: {ran:?}");
    };
    with_key("the store has no issuer");
    sandbox.ok(&["store", "set", "issuer", "https://other.example.com"]);
    with_key(
        "the issuer of the store is https://other.example.com, and the pages are at https://keys.example.com",
    );
    sandbox.ok(&["store", "set", "issuer", ORIGIN]);
    with_key("the store has no key that signs");
    let ran = sandbox.run(&check);
    assert_eq!(ran.code, Some(8), "{ran:?}");
    let without = sandbox.run(&["portal", "--origin", ORIGIN, "--check"]);
    assert_eq!(without.code, Some(0), "{without:?}");
}
