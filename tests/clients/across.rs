//! Programs that run in a browser, on pages of another site: what such a browser is told before it asks, and what it lets them read.

use super::scene::{RESOURCE, Scene, Tokens, error};
use crate::pages::scene::{Portal, get};
use crate::serve::raw::Answer;
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::store::Place;

const PAGE: &str = "https://inspector.example.com";

/// What a browser asks before a program's request, and what it is told.
fn asked_before(portal: &Portal, target: &str, method: &str) -> Answer {
    let sent = get(target).method("OPTIONS").with("Origin", PAGE).with("Sec-Fetch-Site", "cross-site");
    let sent = sent.with("Access-Control-Request-Method", method);
    sent.with("Access-Control-Request-Headers", "content-type,mcp-protocol-version").to(portal)
}

fn cors(answer: &Answer) -> Vec<&str> {
    answer.head.lines().filter(|line| line.starts_with("access-control-")).collect()
}

both!(a_page_of_any_origin_is_told_that_it_may_ask_as_a_program, |place| {
    let scene = Scene::new(place);
    for (target, method, methods) in [
        ("/.well-known/oauth-authorization-server", "GET", "GET, HEAD"),
        ("/.well-known/jwks.json", "GET", "GET, HEAD"),
        ("/oauth/token", "POST", "POST"),
        ("/oauth/revoke", "POST", "POST"),
        ("/oauth/device_authorization", "POST", "POST"),
    ] {
        let told = asked_before(&scene.portal, target, method);
        assert_eq!((told.status, told.body.as_str()), (204, ""), "{target}: {told:?}");
        assert_eq!(told.header("access-control-allow-origin"), Some("*"), "{target}");
        assert_eq!(told.header("access-control-allow-methods"), Some(methods), "{target}");
        let headers = told.header("access-control-allow-headers");
        assert_eq!(headers, Some("authorization, content-type, mcp-protocol-version"), "{target}");
        assert!(!told.head.contains("credentials") && !told.head.contains("set-cookie"), "{told:?}");
    }
    let tokens = scene.tokens(&["files"]);
    let refreshed = scene.refresh(&tokens.refresh);
    assert_eq!(refreshed.header("access-control-allow-origin"), Some("*"));
    let refreshed = Tokens::of(&refreshed);
    let answers = [
        get("/.well-known/oauth-authorization-server").with("Origin", PAGE).to(&scene.portal),
        get("/.well-known/jwks.json").with("Origin", PAGE).to(&scene.portal),
        scene.bring(
            "/oauth/device_authorization",
            &[("client_id", &scene.client), ("resource", RESOURCE)],
            &[],
        ),
        scene.bring("/oauth/revoke", &[("client_id", &scene.client), ("token", &refreshed.refresh)], &[]),
        // Why it was refused is for the program, too.
        scene.redeem("skc_none"),
    ];
    for answer in &answers {
        let told = ["access-control-allow-origin: *", "access-control-expose-headers: etag, retry-after"];
        assert_eq!(cors(answer), told, "{answer:?}");
    }
    assert_eq!(error(&answers[4]).1, "invalid_grant");
});

both!(no_page_of_another_origin_may_ask_as_a_person, |place| {
    let scene = Scene::new(place);
    let alice = scene.alice();
    for (target, method) in [
        (scene.request().target().as_str(), "GET"),
        ("/oauth/consent", "POST"),
        ("/device", "POST"),
        ("/device/consent", "POST"),
        ("/", "GET"),
        ("/sign-in", "POST"),
        ("/keys/new", "POST"),
        ("/nothing", "GET"),
        ("/healthz", "GET"),
    ] {
        let told = asked_before(&scene.portal, target, method);
        assert!(matches!(told.status, 404 | 405), "{target}: {told:?}");
        assert_eq!(cors(&told), Vec::<&str>::new(), "{target}");
        let read = get(target).with("Origin", PAGE).cookie(&alice.cookie).to(&scene.portal);
        assert_eq!(cors(&read), Vec::<&str>::new(), "{target}");
    }
    // By another name it is no site of ours.
    let sent = get("/oauth/token").method("OPTIONS").host("evil.example.com").with("Origin", PAGE);
    assert_eq!(cors(&sent.to(&scene.portal)), Vec::<&str>::new());
});

#[test]
fn where_nothing_is_issued_nothing_is_told() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let portal = Portal::plain(&sandbox, &[]);
    let told = asked_before(&portal, "/oauth/token", "POST");
    assert_eq!(told.status, 405, "{told:?}");
    assert_eq!(cors(&told), Vec::<&str>::new());
}
