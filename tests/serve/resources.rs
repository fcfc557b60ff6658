//! Policies before a resource of OAuth: what its clients are told of it, and which short-lived tokens are for it.

use super::exchanging::{EXCHANGE, ISSUER, ask, bearer, exchanged, furnished, issuing, status_of};
use super::process::{Server, eventually};
use super::raw::{Answer, get, one};
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::store::Place;

const PATH: &str = "/.well-known/oauth-protected-resource";

/// Three policies: two before resources with one path, and one before nothing.
const CONFIG: &str = r#"
[policy.mcp]
resource = "https://mcp.example.com/mcp"
body = "jsonrpc"
[[policy.mcp.route]]
path = "/mcp"
methods = ["POST"]
scope = "chat"
[[policy.mcp.route]]
path = "/mcp"
methods = ["DELETE"]
scope = "files:remove"
[[policy.mcp.route]]
path = "/mcp/keys"
scope = "keyctl:admin"

[policy.other]
resource = "https://other.example.com/mcp"
[[policy.other.route]]
path = "/mcp"
scope = "chat"

[policy.plain]
[[policy.plain.route]]
path = "/**"
scope = "chat"
"#;

fn asked(server: &Server, policy: &str, method: &str, lines: &str) -> Answer {
    let lines = format!("X-Forwarded-Method: {method}\r\nX-Forwarded-Uri: /mcp\r\n{lines}");
    one(server.address, &get(&format!("/auth/caddy/{policy}"), &lines))
}

#[test]
fn each_resource_is_described_below_its_own_path_with_what_its_policy_asks_for() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let resource = "[resource]\nresource = \"https://all.example.com/api\"\nscopes_supported = [\"chat\"]\n";
    let server = Server::with(&sandbox, &format!("{CONFIG}{resource}"), &[]);
    let described = |rest: &str, host: &str| {
        let request = format!("GET {PATH}{rest} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        one(server.address, request.as_bytes())
    };
    let wanted = |url: &str, scopes: &[&str], server: &str| {
        serde_json::json!({
            "resource": url,
            "authorization_servers": [server],
            "scopes_supported": scopes,
            "bearer_methods_supported": ["header"],
        })
    };
    // Where the store names no issuer, a server on loopback is its own.
    let own = format!("http://{}", server.address);
    let mcp = "https://mcp.example.com/mcp";
    let answer = described("/mcp", "mcp.example.com");
    assert_eq!((answer.status, answer.json()), (200, wanted(mcp, &["chat", "files:remove"], &own)));
    sandbox.ok(&["store", "set", "issuer", ISSUER]);
    eventually("the store's issuer is named", || {
        described("/mcp", "mcp.example.com").json() == wanted(mcp, &["chat", "files:remove"], ISSUER)
    });
    let other = described("/mcp", "other.example.com");
    assert_eq!(other.json(), wanted("https://other.example.com/mcp", &["chat"], ISSUER));
    for (rest, host) in [("/mcp", "nobody.example.com"), ("/mcp/keys", "mcp.example.com"), ("/mcpx", "a")] {
        assert_eq!(described(rest, host).status, 404, "{rest} {host}");
    }
    // That of the whole file is as it was.
    let all = described("", "all.example.com").json();
    assert_eq!(
        (&all["resource"], all.get("authorization_servers")),
        (&"https://all.example.com/api".into(), None)
    );
}

#[test]
fn a_challenge_names_the_metadata_and_exactly_the_scope_that_is_needed() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let (good, lacking) =
        (sandbox.ok(&["mint", "alice", "--scope", "chat"]), sandbox.ok(&["mint", "bob", "--scope", "other"]));
    let server = Server::with(&sandbox, CONFIG, &[]);
    let metadata = "resource_metadata=\"https://mcp.example.com/.well-known/oauth-protected-resource/mcp\"";
    let (unknown, key) = (bearer("sks_nothing"), bearer(&good));
    let two = format!("{key}{key}");
    for (method, lines, status, challenge) in [
        ("POST", "", 401, "scope=\"chat\", "),
        ("DELETE", "", 401, "scope=\"files:remove\", "),
        ("POST", unknown.as_str(), 401, "error=\"invalid_token\", scope=\"chat\", "),
        ("POST", &bearer(&lacking), 403, "error=\"insufficient_scope\", scope=\"chat\", "),
        ("DELETE", &key, 403, "error=\"insufficient_scope\", scope=\"files:remove\", "),
        ("POST", &two, 400, "error=\"invalid_request\", "),
    ] {
        let answer = asked(&server, "@mcp", method, lines);
        let wanted = format!("Bearer realm=\"keyctl\", {challenge}{metadata}");
        assert_eq!(
            (answer.status, answer.header("www-authenticate")),
            (status, Some(wanted.as_str())),
            "{method} {lines}: {answer:?}"
        );
        assert_eq!(answer.header("content-type"), Some("application/json"), "{answer:?}");
        assert_eq!(answer.json()["error"]["data"]["status"], status);
    }
    assert_eq!(asked(&server, "@mcp", "POST", &key).status, 200);
    // Where nothing is public, who has no key is told of no scope.
    assert_eq!(
        asked(&server, "@plain", "POST", "").header("www-authenticate"),
        Some("Bearer realm=\"keyctl\"")
    );
    // nginx writes bodies itself: it gets this one in a header.
    let lines = format!("X-Original-Method: DELETE\r\nX-Original-URI: /mcp\r\n{key}");
    let answer = one(server.address, &get("/auth/nginx/@mcp", &lines));
    let body = answer.header("x-keyctl-body").expect("a body").to_owned();
    assert_eq!(body, answer.body);
    assert!(body.contains("the key lacks the scope files:remove"), "{body}");
    server.is_well();
}

both!(a_short_lived_token_for_one_resource_opens_no_other, |place| {
    let (sandbox, key, address) = furnished(place);
    let (mcp, other) = ("https://mcp.example.com/mcp", "https://other.example.com/mcp");
    sandbox.ok(&["store", "set", "audience", "billing", mcp, other]);
    sandbox.ok(&["store", "set", "issuer", ISSUER]);
    let server = issuing(&sandbox, &address, CONFIG, &[]);
    eventually("the audiences are known", || {
        let form = format!("{EXCHANGE}{key}&resource={other}");
        ask(&server, "", &form).status == 200
    });
    let status = |token: &str, policy: &str| asked(&server, policy, "POST", &bearer(token)).status;
    let all = ["@mcp", "@other", "@plain", "chat"];
    for (wanted, statuses) in [
        (String::new(), [200, 200, 200, 200]),
        (format!("&resource={mcp}"), [200, 401, 401, 401]),
        (format!("&resource={other}"), [401, 200, 401, 401]),
        (format!("&resource={mcp}&resource={other}"), [200, 200, 401, 401]),
        ("&audience=billing".to_owned(), [401, 401, 200, 200]),
        (format!("&audience=billing&resource={mcp}"), [200, 401, 200, 200]),
        (format!("&audience={ISSUER}&resource={mcp}"), [200, 200, 200, 200]),
    ] {
        let jwt = exchanged(&server, &key, &wanted);
        assert_eq!(all.map(|policy| status(&jwt, policy)), statuses, "{wanted}");
        // At the second time, it is answered from memory.
        assert_eq!(all.map(|policy| status(&jwt, policy)), statuses, "{wanted}");
        assert_eq!(status_of(&server, &jwt), statuses[2], "servers that delegate: {wanted}");
    }
    // A key is for nobody in particular.
    assert_eq!(all.map(|policy| status(&key, policy)), [200; 4]);
    let jwt = exchanged(&server, &key, &format!("&resource={other}"));
    let refused = asked(&server, "@mcp", "POST", &bearer(&jwt));
    let challenge = refused.header("www-authenticate").unwrap_or_default();
    assert!(
        challenge.contains("error=\"invalid_token\"") && challenge.contains("scope=\"chat\""),
        "{refused:?}"
    );
    server.says("reason=audience");
    server.is_well();
});
