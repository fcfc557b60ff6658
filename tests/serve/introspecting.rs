//! Who may introspect, and resolve, and what is said of the resource.

use std::os::unix::net::UnixStream;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use rustix::process::Signal;

use super::process::Server;
use super::raw::{Answer, get, one, post, read};
use crate::secrets::{KEY, furnished};
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::store::Place;

fn ask(server: &Server, lines: &str, form: &str) -> Answer {
    let lines = format!("Content-Type: application/x-www-form-urlencoded\r\n{lines}");
    one(server.address, &post("/introspect", &lines, form.as_bytes()))
}

#[test]
fn a_client_presents_itself_in_one_of_four_ways() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let client = sandbox.ok(&["mint", "gateway/main", "--scope", "keyctl:introspect"]);
    let other = sandbox.ok(&["mint", "bob/laptop", "--scope", "memories"]);
    let token = sandbox.ok(&["mint", "alice/laptop", "--scope", "memories:read"]);
    let key = sandbox.json(&["show", "gateway/main"])["id"].as_str().expect("an id").to_owned();
    let server = Server::plain(&sandbox);
    let basic = |id: &str, secret: &str| {
        format!("Authorization: Basic {}\r\n", STANDARD.encode(format!("{id}:{secret}")))
    };
    let encoded: String = client.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let asked = format!("token={token}");
    for (lines, form) in [
        (basic("gateway/main", &client), asked.clone()),
        (basic(&key, &client), asked.clone()),
        (basic("gateway%2Fmain", &encoded), asked.clone()),
        (basic(&key, &client).replace("Basic", "bAsIc"), format!("{asked}&token_type_hint=access_token")),
        (format!("Authorization: Bearer {client}\r\n"), asked.clone()),
        (format!("X-API-Key: {client}\r\n"), asked.clone()),
        (String::new(), format!("{asked}&client_id=gateway%2Fmain&client_secret={client}")),
    ] {
        let answer = ask(&server, &lines, &form);
        assert_eq!(answer.status, 200, "{lines}{form}: {answer:?}");
        let said = answer.json();
        assert_eq!(
            (said["active"].as_bool(), said["sub"].as_str()),
            (Some(true), Some("alice")),
            "{answer:?}"
        );
        assert_eq!(said["scope"], "memories:read");
        assert!(said["client_id"].is_string() && said["exp"].is_i64(), "{answer:?}");
    }
    let nobody = ask(&server, &basic(&key, &client), "token=nothing");
    assert_eq!((nobody.status, nobody.body.as_str()), (200, "{\"active\":false}"));
    let bearer = format!("Authorization: Bearer {client}\r\n");
    for (lines, form, status) in [
        (basic(&key, &client), format!("{asked}&client_id={key}&client_secret={client}"), 400),
        (format!("{bearer}X-API-Key: {other}\r\n"), asked.clone(), 400),
        (format!("{bearer}{bearer}"), asked.clone(), 400),
        (bearer.clone(), format!("{asked}&client_secret={client}"), 400),
        (format!("{}X-API-Key: {client}\r\n", basic(&key, &client)), asked.clone(), 400),
        (format!("X-API-Key: {client}\r\n"), format!("{asked}&client_id={key}&client_secret={client}"), 400),
        (bearer.clone(), format!("{asked}&{asked}"), 400),
        (bearer.clone(), String::new(), 400),
        (String::new(), asked.clone(), 401),
        (basic(&key, &token), asked.clone(), 403),
        (basic("bob/laptop", &client), asked.clone(), 401),
        ("Authorization: Basic !!!\r\n".to_owned(), asked.clone(), 401),
        ("Authorization: Basic eA==\r\n".to_owned(), asked.clone(), 401),
        (format!("Authorization: Bearer {other}\r\n"), asked.clone(), 403),
    ] {
        let answer = ask(&server, &lines, &form);
        assert_eq!(answer.status, status, "{lines}{form}: {answer:?}");
        assert!(!answer.body.contains("active"), "{answer:?}");
        if status == 401 {
            assert_eq!(answer.header("www-authenticate"), Some("Basic realm=\"keyctl\""));
            assert_eq!(answer.body, "{\"error\":\"invalid_client\"}");
        }
    }
    assert!(server.metric("keyctl_refusals_total{route=\"introspect\",reason=\"invalid_client\"} ") > 0);
    server.says("reason=invalid_client");
    let answer = one(server.address, &post("/introspect", &bearer, b"{}"));
    assert_eq!(answer.status, 415, "no form");
    let answer = one(server.address, &get("/introspect", &bearer));
    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
    assert!(!server.log().contains(&client) && !server.log().contains(&token), "{}", server.log());
    server.is_well();
}

both!(a_token_that_is_only_asked_about_is_in_use, |place| {
    let sandbox = Sandbox::with_store(place);
    let client = sandbox.ok(&["mint", "gateway/main", "--scope", "keyctl:introspect"]);
    let old = sandbox.ok(&["mint", "alice/ci", "--scope", "memories", "--quota", "5/total"]);
    let dead = sandbox.ok(&["mint", "bob/ci", "--scope", "memories"]);
    sandbox.ok(&["rotate", "alice/ci"]);
    sandbox.ok(&["revoke", "bob/ci"]);
    let server = Server::plain(&sandbox);
    let bearer = format!("Authorization: Bearer {client}\r\n");
    for _ in 0..6 {
        assert_eq!(ask(&server, &bearer, &format!("token={old}")).json()["active"], true);
    }
    assert_eq!(ask(&server, &bearer, &format!("token={dead}")).json()["active"], false);
    server.signal(Signal::TERM);
    server.ends();
    let finish = &["rotate", "alice/ci", "--finish-when-unused", "24h", "--serve-only"];
    let ran = sandbox.run(finish).expect_code(4);
    assert!(ran.stderr.contains("less than 24h ago"), "{}", ran.stderr);
    for (owner, allowed, denied) in [("alice", 6, 0), ("bob", 0, 1)] {
        let row = &sandbox.json(&["usage", owner])[0];
        assert_eq!((row["allowed"].as_i64(), row["denied"].as_i64()), (Some(allowed), Some(denied)), "{row}");
    }
});

#[test]
fn provider_secrets_are_handed_out_only_where_nobody_can_read_along() {
    let (sandbox, token) = furnished(Place::sqlite());
    let service = sandbox.ok(&["mint", "service", "--scope", "keyctl:resolve"]);
    let body = serde_json::json!({ "api_key": token, "provider": "anthropic" }).to_string();
    let asks = |token: &str| post("/resolve", &format!("X-API-Key: {token}\r\n"), body.as_bytes());
    let off = Server::plain(&sandbox);
    assert_eq!(one(off.address, &asks(&service)).status, 404, "off by default");
    let socket = sandbox.home().join("keyctl.sock");
    let on = Server::keyed(
        &sandbox,
        "resolve = true\n",
        &["--listen", &format!("unix:{}=internal", socket.display())],
        &[("KEYCTL_MASTER_KEY", KEY)],
    );
    assert_eq!(one(on.address, &asks(&service)).status, 403, "in the clear");
    let over_the_socket = |bytes: Vec<u8>| {
        let mut stream = UnixStream::connect(&socket).expect("connects");
        std::io::Write::write_all(&mut stream, &bytes).expect("written");
        read(&mut stream, false).expect("an answer")
    };
    let answer = over_the_socket(asks(&service));
    assert_eq!(
        (answer.status, answer.json()["value"].as_str()),
        (200, Some("sk-planted-first")),
        "{answer:?}"
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let answer = over_the_socket(asks(&token));
    assert_eq!(answer.status, 403, "{answer:?}");
    assert!(answer.body.contains("keyctl:resolve"), "{answer:?}");
    assert_eq!(over_the_socket(asks("x")).status, 401);
    let other = body.replace("anthropic", "../x");
    assert_eq!(
        over_the_socket(post("/resolve", &format!("X-API-Key: {service}\r\n"), other.as_bytes())).status,
        400
    );
    let unknown = body.replace(&token, "x");
    assert_eq!(
        over_the_socket(post("/resolve", &format!("X-API-Key: {service}\r\n"), unknown.as_bytes())).status,
        401
    );
    assert!(!on.log().contains("sk-planted"), "{}", on.log());
    on.is_well();
}

both!(who_got_which_secret_is_said_in_the_audit_log, |place| {
    let (sandbox, token) = furnished(place);
    let service = sandbox.ok(&["mint", "service", "--scope", "keyctl:resolve", "--quota", "9/total"]);
    sandbox.ok(&["edit", "alice", "--quota", "3/total"]);
    let socket = sandbox.home().join("keyctl.sock");
    let flags = ["--listen", &format!("unix:{}=internal", socket.display())];
    let on = Server::keyed(&sandbox, "resolve = true\n", &flags, &[("KEYCTL_MASTER_KEY", KEY)]);
    let body = serde_json::json!({ "api_key": token, "provider": "anthropic" }).to_string();
    let mut statuses = Vec::new();
    for _ in 0..5 {
        let mut stream = UnixStream::connect(&socket).expect("connects");
        let asks = post("/resolve", &format!("X-API-Key: {service}\r\n"), body.as_bytes());
        std::io::Write::write_all(&mut stream, &asks).expect("written");
        statuses.push(read(&mut stream, false).expect("an answer").status);
    }
    assert_eq!(statuses, [200, 200, 200, 429, 429], "one of the presented token's quota each");
    on.signal(Signal::TERM);
    on.ends();
    sandbox.ok(&["audit", "checkpoint"]);
    let records = sandbox.json(&["audit", "list", "--action", "secret.resolve"]);
    let records = records.as_array().expect("records");
    assert_eq!(records.len(), 1, "{records:?}");
    let text = records[0].to_string();
    for says in [
        "\"count\":3".to_owned(),
        sandbox.json(&["show", "alice"])["id"].to_string(),
        sandbox.json(&["show", "service"])["id"].to_string(),
    ] {
        assert!(text.contains(&says), "{says}: {text}");
    }
    assert_eq!(sandbox.json(&["usage", "alice"])[0]["quota"]["spent"], 3);
});

#[test]
fn the_resource_is_described_where_rfc_9728_has_it() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let resource = "[resource]\nresource = \"https://mcp.example.org/mcp\"\n\
        authorization_servers = [\"https://login.example.org\"]\nscopes_supported = [\"memories:read\"]\n";
    let server = Server::with(&sandbox, resource, &[]);
    let path = "/.well-known/oauth-protected-resource";
    for rest in ["", "/mcp"] {
        let answer = one(server.address, &get(&format!("{path}{rest}"), ""));
        let wanted = serde_json::json!({
            "resource": "https://mcp.example.org/mcp",
            "authorization_servers": ["https://login.example.org"],
            "scopes_supported": ["memories:read"],
            "bearer_methods_supported": ["header"],
        });
        assert_eq!((answer.status, answer.json()), (200, wanted), "{rest}");
    }
    for rest in ["x", "/other", "/mcpx"] {
        assert_eq!(one(server.address, &get(&format!("{path}{rest}"), "")).status, 404, "{rest}");
    }
    let answer = one(server.address, &get("/auth/caddy/memories", ""));
    let challenge = answer.header("www-authenticate").expect("a challenge");
    assert!(
        challenge.ends_with(
            "resource_metadata=\"https://mcp.example.org/.well-known/oauth-protected-resource/mcp\""
        ),
        "{challenge}"
    );
    assert_eq!(one(Server::plain(&sandbox).address, &get(path, "")).status, 404, "none is configured");
}
