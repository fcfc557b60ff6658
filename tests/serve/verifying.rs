//! Servers of others that take short-lived tokens: Llama Stack, OGX and FastMCP, by the public keys or by asking
//! `POST /introspect`; with what `docs/jwt.md` and `contrib/` have for them.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::client::{Request, get};
use super::exchanging::{ISSUER, claims, exchanged, furnished, issuing, keyed, soon, status_of};
use super::gateway::{read, with_ports};
use super::mcp;
use super::offline::{age, kid_of, signs};
use super::process::Server;
use super::serving::within_the_bound;
use super::stacks::{FILES, Stack, upload};
use crate::support::cli::Sandbox;
use crate::support::store::Place;

/// For which PyJWT's client and FastMCP's verifier do not fetch the keys again, and a slow machine.
const NOT_AGAIN: Duration = Duration::from_secs(30 + 15);

/// A store, serve over it which issues, and a store of somebody else who has the same issuer.
struct Scene {
    sandbox: Sandbox,
    server: Server,
    stranger: (Sandbox, String),
}

impl Scene {
    fn new() -> Self {
        let (sandbox, _, address) = furnished(Place::sqlite());
        sandbox.ok(&["store", "set", "issuer", ISSUER]);
        let server = issuing(&sandbox, &address, "", &[]);
        let (stranger, token, _) = furnished(Place::sqlite());
        stranger.ok(&["store", "set", "issuer", ISSUER]);
        Self { sandbox, server, stranger: (stranger, token) }
    }

    fn mint(&self, owner: &str, scope: &str) -> String {
        self.sandbox.ok(&["mint", owner, "--scope", scope])
    }

    fn exchanged(&self, key: &str, more: &str) -> String {
        exchanged(&self.server, key, more)
    }

    /// What is no token of ours for whoever takes `good`, and that of a stranger's key.
    fn forged(&self, good: &str) -> Vec<(&'static str, String)> {
        let parts: Vec<&str> = good.split('.').collect();
        let header = |alg: &str| json!({ "typ": "at+jwt", "alg": alg, "kid": kid_of(good) });
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let mut said = claims(good);
        said["sub"] = json!("somebody");
        vec![
            ("another subject", format!("{}.{}.{}", parts[0], part(said), parts[2])),
            ("alg none", format!("{}.{}.", part(header("none")), parts[1])),
            ("HS256", format!("{}.{}.{}", part(header("HS256")), parts[1], parts[2])),
            ("a stranger's", keyed(&self.stranger.0, "jwt issue", &self.stranger.1).trim_end().to_owned()),
        ]
    }

    /// One that has ended.
    fn over(&self, key: &str) -> String {
        let token = self.exchanged(key, "&expires_in=6");
        std::thread::sleep(Duration::from_secs(2));
        token
    }

    /// Lets the next key sign, which is published for long.
    fn rotate(&self, key: &str) -> String {
        let before = kid_of(&self.exchanged(key, ""));
        age(&self.sandbox);
        keyed(&self.sandbox, "signing-key rotate", "");
        soon("another key signs", || kid_of(&self.exchanged(key, "")) != before);
        self.exchanged(key, "")
    }

    /// Takes the key out that signed a token; the next one signs, and is published for a moment.
    fn revoke_key_of(&self, token: &str, key: &str) {
        let stolen = kid_of(token);
        keyed(&self.sandbox, &format!("signing-key revoke {stolen} --yes"), "");
        soon("its tokens are refused", || status_of(&self.server, token) == 401);
        soon("the next one signs", || signs(&self.server, key).is_some_and(|kid| kid != stolen));
    }
}

/// The configuration of `contrib/`, with what the document has under a heading in place of its provider.
fn configured(text: &str, keyctl: u16, heading: &str) -> String {
    let custom = format!(
        "    provider_config:\n      type: custom\n      endpoint: http://127.0.0.1:{keyctl}/validate\n"
    );
    assert!(text.contains(&custom), "{text}");
    let document = read("docs/jwt.md");
    let (_, shown) = document.split_once(&format!("{heading}\n\n```yaml\n")).expect("the heading");
    let (shown, _) = shown.split_once("```").expect("its end");
    let own: String =
        with_ports(shown, &[("8711", keyctl)]).lines().map(|line| format!("    {line}\n")).collect();
    text.replace(&custom, &own)
}

fn list(token: &str) -> Request {
    get(FILES).bearer(token)
}

/// By the public keys.
fn verifies(environment: &str, program: &str, more: &[&str]) {
    let scene = Scene::new();
    let port = scene.server.address.port();
    let edit = |text: &str| configured(text, port, "By the public keys:");
    let start = || Stack::start_with(environment, program, more, port, edit);
    let Some(stack) = start() else { return };
    let (alice, bob) = (scene.mint("alice/files", "files"), scene.mint("bob", "chat"));
    let first = scene.exchanged(&alice, "");
    stack.answers(200, &upload(&first));
    assert!(stack.answers(200, &list(&first)).contains("of-alice.txt"));
    stack.answers(403, &list(&scene.exchanged(&bob, "")));
    stack.answers(401, &list(&alice));
    stack.answers(401, &list(&scene.exchanged(&alice, "&audience=billing")));
    stack.answers(401, &list(&scene.over(&alice)));
    for (what, token) in scene.forged(&first) {
        assert_eq!(list(&token).send(stack.address).status, 401, "{what}");
    }

    // The next key was in the set that it fetched first.
    let second = scene.rotate(&alice);
    for good in [&first, &second] {
        stack.answers(200, &list(good));
    }
    // One that could not wait is refused until it asks again; and what was taken out, it keeps until it is started anew.
    scene.revoke_key_of(&second, &alice);
    stack.answers(200, &list(&second));
    let third = scene.exchanged(&alice, "");
    let begun = Instant::now();
    while list(&third).send(stack.address).status != 200 {
        assert!(begun.elapsed() < NOT_AGAIN, "the new key is not fetched");
        std::thread::sleep(Duration::from_millis(500));
    }
    stack.answers(200, &list(&second));
    drop(stack);
    let stack = start().expect("as before");
    stack.answers(401, &list(&second));
    for good in [&first, &third] {
        stack.answers(200, &list(good));
    }
}

#[test]
fn llama_stack_verifies_by_the_public_keys() {
    verifies("llama-stack", "llama", &[]);
}

#[test]
fn ogx_verifies_by_the_public_keys() {
    verifies("ogx", "ogx", &["--insecure"]);
}

/// By asking: keys and tokens alike, and all that is taken away is seen within the bound.
fn asks(environment: &str, program: &str, more: &[&str]) {
    let scene = Scene::new();
    let port = scene.server.address.port();
    let secret = scene.sandbox.ok(&["mint", "gateway/main", "--scope", "keyctl:introspect"]);
    let edit = |text: &str| {
        configured(text, port, "By asking:").replace("${env.KEYCTL_CLIENT_SECRET}", secret.trim())
    };
    let Some(stack) = Stack::start_with(environment, program, more, port, edit) else { return };
    let (alice, bob) = (scene.mint("alice/files", "files"), scene.mint("bob", "chat"));
    let first = scene.exchanged(&alice, "");
    stack.answers(200, &upload(&first));
    for good in [&first, &alice] {
        assert!(stack.answers(200, &list(good)).contains("of-alice.txt"));
    }
    stack.answers(403, &list(&scene.exchanged(&bob, "")));
    stack.answers(401, &list(&scene.over(&alice)));
    for (what, token) in scene.forged(&first) {
        assert_eq!(list(&token).send(stack.address).status, 401, "{what}");
    }
    // For whom a token is, serve decides: for the issuer and all that the store names.
    let billing = scene.exchanged(&alice, "&audience=billing");
    stack.answers(200, &list(&billing));
    scene.sandbox.ok(&["store", "set", "audience", "none"]);
    within_the_bound("another audience", || list(&billing).send(stack.address).status == 401);

    let second = scene.rotate(&alice);
    for good in [&first, &second] {
        stack.answers(200, &list(good));
    }
    scene.revoke_key_of(&second, &alice);
    within_the_bound("the signing key is out", || list(&second).send(stack.address).status == 401);
    let third = scene.exchanged(&alice, "");
    stack.answers(200, &list(&third));
    scene.sandbox.ok(&["revoke", "alice/files"]);
    for dead in [&first, &third, &alice] {
        within_the_bound("revoked", || list(dead).send(stack.address).status == 401);
    }
}

#[test]
fn llama_stack_asks() {
    asks("llama-stack", "llama", &[]);
}

#[test]
fn ogx_asks() {
    asks("ogx", "ogx", &["--insecure"]);
}

#[test]
fn fastmcp_verifies_by_the_public_keys() {
    const MCP: &str = "https://mcp.example.com/mcp";
    let scene = Scene::new();
    let server = mcp::Server::start(
        "verifying.py",
        scene.server.address,
        &[("KEYCTL_ISSUER", ISSUER), ("KEYCTL_AUDIENCE", MCP)],
    );
    let mut client = mcp::Client::start(server.address);
    let (alice, carol) = (scene.mint("alice/memories", "memories:read"), scene.mint("carol", "files"));
    let here = format!("&audience={MCP}");
    let first = scene.exchanged(&alice, &here);
    let allowed = json!({"tools": ["whose"], "whose": "alice"});
    assert_eq!(client.ask(&first), allowed);
    assert_eq!(client.ask(&scene.exchanged(&carol, &here))["tools"], json!([]));
    let short = scene.exchanged(&alice, &format!("{here}&expires_in=6"));
    std::thread::sleep(Duration::from_secs(2));
    let mut bad = scene.forged(&first);
    bad.extend([
        ("a key", alice.clone()),
        ("another audience", scene.exchanged(&alice, "")),
        ("over", short),
    ]);
    for (what, token) in bad {
        let answer = client.ask(&token);
        assert!(answer["error"].is_string(), "{what}: {answer}");
    }

    scene.rotate(&alice);
    let second = scene.exchanged(&alice, &here);
    for good in [&first, &second] {
        assert_eq!(client.ask(good), allowed);
    }
    // It keeps keys for an hour, those that were taken out, too, and asks for one that it does not know after 30 s.
    scene.revoke_key_of(&scene.exchanged(&alice, ""), &alice);
    let third = scene.exchanged(&alice, &here);
    assert_eq!(client.ask(&second), allowed);
    let begun = Instant::now();
    while client.ask(&third) != allowed {
        assert!(begun.elapsed() < NOT_AGAIN, "the new key is not fetched");
        std::thread::sleep(Duration::from_millis(500));
    }
}
