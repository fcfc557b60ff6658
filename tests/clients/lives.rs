//! A program is let in, gets tokens, and goes on with them.

use serde_json::json;

use super::scene::{CALLBACK, RESOURCE, Scene, Tokens, error, onward, parameter, registered};
use crate::pages::scene::{ORIGIN, cookie_in, get, post};
use crate::secrets::keyed;
use crate::serve::raw::{self, Answer};
use crate::serve::serving::{Serving, within_the_bound};
use crate::support::both;
use crate::support::store::Place;

#[test]
fn programs_are_told_where_everything_is_and_which_keys_verify() {
    let scene = Scene::new(Place::sqlite());
    let said = get("/.well-known/oauth-authorization-server").to(&scene.portal);
    assert_eq!((said.status, said.header("access-control-allow-origin")), (200, Some("*")));
    let below = |path: &str| format!("{ORIGIN}{path}");
    assert_eq!(
        said.json(),
        json!({
            "issuer": ORIGIN,
            "authorization_endpoint": below("/oauth/authorize"),
            "token_endpoint": below("/oauth/token"),
            "revocation_endpoint": below("/oauth/revoke"),
            "device_authorization_endpoint": below("/oauth/device_authorization"),
            "jwks_uri": below("/.well-known/jwks.json"),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
            "token_endpoint_auth_methods_supported": ["none"],
            "revocation_endpoint_auth_methods_supported": ["none"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
            "client_id_metadata_document_supported": true,
        })
    );
    let keys = get("/.well-known/jwks.json").to(&scene.portal);
    assert_eq!(keys.header("cache-control"), Some("max-age=270"));
    assert_eq!(keys.json()["keys"].as_array().expect("keys").len(), 2);
    // Also while the store is away: whoever verifies asks again and again where it gets no keys.
    let (file, away) = (scene.sandbox.place.file(), scene.sandbox.home().join("away.db"));
    std::fs::rename(&file, &away).expect("renamed");
    assert_eq!(get("/.well-known/jwks.json").to(&scene.portal).json(), keys.json());
    let refused = scene.refresh(&format!("skr_{}", "A".repeat(86)));
    assert_eq!(error(&refused), (503, "temporarily_unavailable".to_owned()));
    assert!(refused.header("retry-after").is_some());
    std::fs::rename(&away, &file).expect("renamed");
}

both!(a_program_that_somebody_lets_in_gets_tokens_for_a_child_of_their_key, |place| {
    let scene = Scene::new(place);
    let back = scene.says_yes(&scene.alice(), &scene.request(), &["files"]);
    assert!(back.starts_with(&format!("{CALLBACK}?code=ska_")), "{back}");
    assert_eq!(parameter(&back, "state").as_deref(), Some("st ate&"));
    assert_eq!(parameter(&back, "iss").as_deref(), Some(ORIGIN));
    let tokens = Tokens::of(&scene.redeem(&parameter(&back, "code").expect("a code")));
    assert_eq!(tokens.scope, "files");
    let (code, said) = scene.verified(&tokens.access);
    assert_eq!((code, said["principal"].as_str()), (Some(0), Some("alice")), "{said}");
    let child = scene.sandbox.json(&["show", "alice/mcp-editor"]);
    assert_eq!((&child["scopes"], &child["token"]), (&json!(["files"]), &json!(null)), "{child}");
    assert_eq!(said["key_id"], child["id"]);
    let parent = scene.sandbox.json(&["show", "alice/laptop"]);
    assert_eq!((&child["parent"], &child["made_by"]), (&parent["id"], &parent["id"]));

    let next = Tokens::of(&scene.refresh(&tokens.refresh));
    assert_ne!((&next.access, &next.refresh), (&tokens.access, &tokens.refresh));
    scene.assert_good(&next.access);
    scene.assert_good(&tokens.access);
    let narrower = Tokens::of(&scene.refresh_with(&next.refresh, &[("scope", "files:read")]));
    assert_eq!(narrower.scope, "files:read");

    // What is kept of it are hashes, and no reader sees them.
    for secret in [&tokens.access, &tokens.refresh, &next.refresh, &parameter(&back, "code").expect("a code")]
    {
        for table in ["mcp_sign_in", "audit"] {
            let rows = scene.sandbox.place.sql(&format!("SELECT * FROM {table}")).expect("rows");
            assert!(!rows.contains(secret.as_str()), "{table}");
        }
        assert!(!scene.portal.log().contains(secret.as_str()));
    }
    for action in ["client.consent", "client.redeem"] {
        assert_eq!(scene.records(action).len(), 1, "{action}");
    }
    assert_eq!(scene.records("client.refresh").len(), 2);
    scene.check();
});

both!(a_token_is_for_one_resource, |place| {
    let scene = Scene::new(place);
    let tokens = scene.tokens(&["files"]);
    for elsewhere in ["https://other.example.com", ORIGIN] {
        let ran = scene.sandbox.feed(&["jwt", "verify", "--audience", elsewhere], &tokens.access);
        assert_eq!(ran.code, Some(5), "{elsewhere}: {ran:?}");
    }
    let refused = scene.refresh_with(&tokens.refresh, &[("resource", "https://other.example.com")]);
    assert_eq!(error(&refused), (400, "invalid_target".to_owned()));
    // It was asked for in vain, and is the last one still.
    Tokens::of(&scene.refresh_with(&tokens.refresh, &[("resource", RESOURCE)]));
});

both!(who_is_asked_for_more_says_yes_for_wherever_the_program_is, |place| {
    let scene = Scene::new(place);
    let first = scene.tokens(&["files"]);
    let child = scene.sandbox.json(&["show", "alice/mcp-editor"]);
    // A resource said that more is needed: the program asks for that alone.
    let more = scene.request().with("scope", "memories:read");
    let alice = scene.alice();
    let page = alice.get(&more.target());
    for scope in ["files", "memories:read"] {
        assert!(page.body.contains(&format!("value=\"{scope}\" checked")), "{page:?}");
    }
    let back = scene.says_yes(&alice, &more, &["files", "memories:read"]);
    let second = Tokens::of(&scene.redeem(&parameter(&back, "code").expect("a code")));
    assert_eq!(second.scope, "files memories:read");
    let again = scene.sandbox.json(&["show", "alice/mcp-editor"]);
    assert_eq!(again["id"], child["id"], "one key for each key, program and resource");
    let first = Tokens::of(&scene.refresh(&first.refresh));
    assert_eq!(first.scope, "files memories:read");

    // Less: what was issued before is good no more, and what is issued now has less.
    let back = scene.says_yes(&alice, &scene.request(), &["memories:read"]);
    scene.assert_dead(&first.access);
    let third = Tokens::of(&scene.redeem(&parameter(&back, "code").expect("a code")));
    assert_eq!(third.scope, "memories:read");
    assert_eq!(Tokens::of(&scene.refresh(&second.refresh)).scope, "memories:read");
    scene.check();
});

both!(who_is_signed_out_signs_in_and_comes_back_to_the_very_request, |place| {
    let scene = Scene::new(place);
    let request = scene.request();
    let asked = request.sent().to(&scene.portal);
    assert_eq!(asked.status, 200);
    assert!(asked.body.contains("A program wants to be let in"), "{asked:?}");
    let waiting = cookie_in(&asked, "__Host-keyctl-asked").expect("what waits");
    let with = |answer: &Answer| {
        assert_eq!(answer.status, 303, "{answer:?}");
        answer.head.lines().find_map(|line| line.strip_prefix("location: ")).expect("a place").to_owned()
    };
    let sent = post("/sign-in", &[("key", &scene.key)]);
    let signed_in = sent.with("Cookie", &format!("__Host-keyctl-asked={waiting}")).to(&scene.portal);
    assert_eq!(with(&signed_in), request.target());
    assert!(signed_in.head.contains("__Host-keyctl-asked=; "), "{signed_in:?}");
    // Without it, and with what somebody else put there, the first page is next.
    let signed_in = post("/sign-in", &[("key", &scene.key)]).to(&scene.portal);
    assert_eq!(with(&signed_in), "/");
    let planted =
        post("/sign-in", &[("key", &scene.key)]).with("Cookie", "__Host-keyctl-asked=//evil.example/");
    assert!(with(&planted.to(&scene.portal)).starts_with("/oauth/authorize?"));
});

#[test]
fn a_browser_that_another_site_sent_presents_its_session_from_the_next_page_on() {
    let scene = Scene::new(Place::sqlite());
    let request = scene.request();
    let sent = request.sent().with("Sec-Fetch-Site", "cross-site").to(&scene.portal);
    assert_eq!(onward(&sent), request.target());
    // Which is no way to anywhere else: what cannot be asked about is refused there and then.
    let sent = request.with("redirect_uri", "https://evil.example/").sent();
    assert_eq!(sent.with("Sec-Fetch-Site", "cross-site").to(&scene.portal).status, 400);
}

both!(a_sign_in_outlives_the_process, |place| {
    let mut scene = Scene::new(place);
    let code = scene.code(&["files"]);
    scene.restart();
    let tokens = Tokens::of(&scene.redeem(&code));
    scene.restart();
    let tokens = Tokens::of(&scene.refresh(&tokens.refresh));
    scene.assert_good(&tokens.access);
});

both!(a_key_of_another_program_has_another_name, |place| {
    let scene = Scene::new(place);
    scene.tokens(&["files"]);
    let other = registered(&scene.sandbox, "Editor", "http://127.0.0.1/callback");
    let back = scene.says_yes(&scene.alice(), &scene.request().with("client_id", &other), &["files"]);
    let code = parameter(&back, "code").expect("a code");
    Tokens::of(&scene.redeem_with(&code, &[("client_id", &other)]));
    let names = scene.sandbox.ok(&["list", "alice", "-o", "plain"]);
    assert_eq!(names.matches("mcp-editor").count(), 2, "{names}");
    scene.check();
});

both!(the_keys_are_those_of_serve_to_the_byte_and_a_known_set_is_not_sent_again, |place| {
    const KEYS: &str = "/.well-known/jwks.json";
    let scene = Scene::new(place);
    let serving = Serving::start(&scene.sandbox);
    let same = || {
        let (ours, theirs) = (get(KEYS).to(&scene.portal), raw::one(serving.address, &raw::get(KEYS, "")));
        assert_eq!((ours.status, theirs.status), (200, 200), "{ours:?} {theirs:?}");
        for name in ["etag", "cache-control", "content-type"] {
            assert!(ours.header(name).is_some(), "{name}: {ours:?}");
        }
        let of = |answer: &Answer| {
            ["etag", "cache-control", "content-type"].map(|name| answer.header(name).map(str::to_owned))
        };
        ours.body == theirs.body && of(&ours) == of(&theirs)
    };
    within_the_bound("read", same);
    let before = get(KEYS).to(&scene.portal);
    let etag = before.header("etag").expect("a tag");
    for known in [etag.to_owned(), format!("W/{etag}"), format!("\"other\", {etag}"), "*".to_owned()] {
        let again = get(KEYS).with("If-None-Match", &known).to(&scene.portal);
        assert_eq!((again.status, again.body.as_str()), (304, ""), "{known}");
        assert_eq!(
            (again.header("etag"), again.header("access-control-allow-origin")),
            (Some(etag), Some("*"))
        );
    }
    // Another key is published: what was known is another set.
    let kid = before.json()["keys"][0]["kid"].as_str().expect("an id").to_owned();
    keyed(&scene.sandbox, &["signing-key", "revoke", &kid, "--yes"], "");
    within_the_bound("revoked", same);
    let other = get(KEYS).with("If-None-Match", etag).to(&scene.portal);
    assert_eq!(other.status, 200, "{other:?}");
    assert!(!other.body.contains(&kid), "{other:?}");
});
