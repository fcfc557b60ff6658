//! The key of its own that a server behind a gateway gets: who it is given to, where, and that it stands nowhere else.

use rustix::process::Signal;

use super::exchanging::{EXCHANGE, ISSUER, bearer, furnished as issuing_store};
use super::process::{Server, eventually};
use super::raw::{Answer, get, one, post};
use super::serving::within_the_bound;
use crate::secrets::{KEY, keyed};
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::cluster;
use crate::support::store::Place;

const SECRET: &str = "sk-upstream-planted-1";
const CONFIG: &str = r#"
[policy.mcp]
resource = "https://mcp.example.com/mcp"
upstream_key = { provider = "memories", header = "X-Upstream-Key", scheme = "Bearer" }
[[policy.mcp.route]]
path = "/mcp"
scope = "chat"

[policy.seen]
observe = true
upstream_key = { provider = "memories", header = "X-Upstream-Key" }
[[policy.seen.route]]
path = "/mcp"
scope = "chat"
"#;

/// A store with keys of alice, who has the secret, of bob, who has none, and of carol, who may not chat.
fn furnished(place: Place) -> (Sandbox, [String; 3]) {
    let sandbox = Sandbox::with_store(place);
    let tokens = [("alice/laptop", "chat"), ("bob/laptop", "chat"), ("carol/laptop", "other")]
        .map(|(path, scope)| sandbox.ok(&["mint", path, "--scope", scope]));
    keyed(&sandbox, &["secret", "set", "memories", "upstream"], SECRET);
    for owner in ["alice", "carol"] {
        sandbox.ok(&["secret", "bind", "upstream", owner]);
    }
    (sandbox, tokens)
}

fn asked(sandbox: &Sandbox, policy: &str, lines: &str) -> Answer {
    let lines = format!("X-Forwarded-Method: POST\r\nX-Forwarded-Uri: /mcp\r\n{lines}");
    Server::answers(sandbox, &get(&format!("/auth/caddy/{policy}"), &lines))
}

/// What a request of this token lets the upstream have.
fn given(sandbox: &Sandbox, token: &str) -> Option<String> {
    let answer = asked(sandbox, "@mcp", &bearer(token));
    (answer.status == 200).then(|| answer.header("x-upstream-key").expect("the header").to_owned())
}

both!(it_is_in_the_answer_that_lets_a_request_pass_and_in_no_other, |place| {
    let (sandbox, [alice, bob, carol]) = furnished(place);
    let server = Server::at_a_socket(&sandbox, CONFIG, &[("KEYCTL_MASTER_KEY", KEY)]);
    let wanted = format!("Bearer {SECRET}");
    let answer = asked(&sandbox, "@mcp", &bearer(&alice));
    assert_eq!((answer.status, answer.header("x-upstream-key")), (200, Some(wanted.as_str())), "{answer:?}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!((answer.header("x-keyctl-owner"), answer.body.as_str()), (Some("alice"), ""));
    // From memory, and in each dialect.
    for dialect in ["nginx", "traefik"] {
        let lines = format!(
            "X-Original-Method: POST\r\nX-Original-URI: /mcp\r\nX-Forwarded-Method: POST\r\nX-Forwarded-Uri: /mcp\r\n{}",
            bearer(&alice)
        );
        let answer = Server::answers(&sandbox, &get(&format!("/auth/{dialect}/@mcp"), &lines));
        assert_eq!(answer.header("x-upstream-key"), Some(wanted.as_str()), "{answer:?}");
    }
    // Who asks chooses neither provider nor header, and by a scope nobody gets any.
    let chosen = format!("X-Upstream-Key: forged\r\nX-Keyctl-Policy: @seen\r\n{}", bearer(&alice));
    assert_eq!(asked(&sandbox, "@mcp", &chosen).header("x-upstream-key"), Some(wanted.as_str()));
    assert_eq!(asked(&sandbox, "chat", &bearer(&alice)).header("x-upstream-key"), None);
    // Bob has nothing bound: that is nothing that is wrong with his key.
    for (lines, status) in [
        (String::new(), 401),
        (bearer("nonsense"), 401),
        (bearer(&carol), 403),
        (format!("{}{}", bearer(&alice), bearer(&alice)), 400),
        (bearer(&bob), 503),
    ] {
        let answer = asked(&sandbox, "@mcp", &lines);
        assert_eq!((answer.status, answer.header("x-upstream-key")), (status, None), "{answer:?}");
        assert!(!answer.body.contains("sk-upstream") && !answer.head.contains("sk-upstream"), "{answer:?}");
    }
    assert!(asked(&sandbox, "@mcp", &bearer(&bob)).body.contains("KEY_UNAVAILABLE"));
    // Where all pass, nobody gets an empty one in the place of what he may have sent.
    for (lines, value) in
        [(String::new(), ""), (bearer(&carol), ""), (bearer(&bob), ""), (bearer(&alice), SECRET)]
    {
        let answer = asked(&sandbox, "@seen", &lines);
        assert_eq!((answer.status, answer.header("x-upstream-key")), (200, Some(value)), "{answer:?}");
    }
    // In public, gateways are answered nothing.
    let public = one(server.address, &get("/auth/caddy/@mcp", &bearer(&alice)));
    assert_eq!(public.status, 404, "{public:?}");
    server.says("reason=unbound");
    assert!(!server.log().contains("sk-upstream"), "{}", server.log());
    server.signal(Signal::TERM);
    server.ends();
    sandbox.ok(&["audit", "checkpoint"]);
    let records = sandbox.json(&["audit", "list", "--action", "secret.resolve"]);
    let records = records.as_array().expect("records");
    // One of alice's key, for all five times.
    assert_eq!(records.len(), 1, "{records:?}");
    let text = records[0].to_string();
    let key = sandbox.json(&["show", "alice"])["id"].to_string();
    assert!(text.contains("\"count\":5") && text.contains(&key), "{text}");
    let all = sandbox.json(&["audit", "list"]).to_string();
    assert!(!all.contains("sk-upstream"), "{all}");
});

both!(what_is_changed_is_in_force_within_the_bound, |place| {
    let (sandbox, [alice, bob, _]) = furnished(place);
    let server = Server::at_a_socket(&sandbox, CONFIG, &[("KEYCTL_MASTER_KEY", KEY)]);
    let is =
        |token: &str, secret: &str| given(&sandbox, token).as_deref() == Some(&format!("Bearer {secret}"));
    assert!(is(&alice, SECRET) && is(&alice, SECRET));
    keyed(&sandbox, &["secret", "rotate", "upstream"], "sk-upstream-second");
    within_the_bound("another version", || is(&alice, "sk-upstream-second"));
    keyed(&sandbox, &["secret", "set", "memories", "own"], "sk-upstream-own");
    sandbox.ok(&["secret", "bind", "own", "alice/laptop"]);
    within_the_bound("another binding", || is(&alice, "sk-upstream-own"));
    sandbox.ok(&["secret", "bind", "own", "--default"]);
    within_the_bound("of the whole store", || is(&bob, "sk-upstream-own"));
    // A limit of the client's key is looked at behind the secret, and what is refused spends nothing.
    sandbox.ok(&["edit", "bob/laptop", "--quota", "3/total"]);
    within_the_bound("it is spent", || asked(&sandbox, "@mcp", &bearer(&bob)).status == 429);
    assert_eq!(asked(&sandbox, "@mcp", &bearer(&bob)).header("x-upstream-key"), None);
    sandbox.ok(&["revoke", "alice/laptop"]);
    within_the_bound("revoked", || asked(&sandbox, "@mcp", &bearer(&alice)).status == 401);
    assert!(!server.log().contains("sk-upstream"), "{}", server.log());
    server.is_well();
});

both!(a_short_lived_token_leads_to_what_its_key_is_bound_to, |place| {
    let (sandbox, key, address) = issuing_store(place);
    sandbox.ok(&["store", "set", "issuer", ISSUER]);
    keyed(&sandbox, &["secret", "set", "memories", "upstream"], SECRET);
    sandbox.ok(&["secret", "bind", "upstream", "alice"]);
    let variables = [("KEYCTL_MASTER_KEY", KEY), ("KEYCTL_SERVE_ISSUE_STORE", address.as_str())];
    let server = Server::at_a_socket(&sandbox, CONFIG, &variables);
    let resource = "&resource=https://mcp.example.com/mcp";
    let exchange = || {
        let lines = "Content-Type: application/x-www-form-urlencoded\r\n";
        one(server.address, &post("/token", lines, format!("{EXCHANGE}{key}{resource}").as_bytes()))
    };
    eventually("tokens are issued", || exchange().status == 200);
    let jwt = exchange().json()["access_token"].as_str().expect("a token").to_owned();
    for _ in 0..2 {
        assert_eq!(given(&sandbox, &jwt).as_deref(), Some(format!("Bearer {SECRET}").as_str()));
    }
    sandbox.ok(&["revoke", "alice/ci"]);
    within_the_bound("its key is dead", || asked(&sandbox, "@mcp", &bearer(&jwt)).status == 401);
});

#[test]
fn serve_does_not_begin_where_somebody_could_read_along() {
    let (sandbox, _) = furnished(Place::sqlite());
    let folder = sandbox.home();
    let file = folder.join("serve.toml");
    std::fs::write(&file, CONFIG).expect("written");
    let file = file.display().to_string();
    let socket = format!("unix:{}=all", folder.join("s.sock").display());
    let run = |more: &[&str]| sandbox.run(&[&["serve", "--config", &file], more].concat());
    for more in
        [&["--check"][..], &["--check", "--listen", "127.0.0.1:0=internal"], &["--listen", "127.0.0.1:0=all"]]
    {
        let said = run(more).expect_code(2).stderr;
        assert!(
            said.contains("policy mcp returns the upstream's key") && said.contains("Unix socket"),
            "{said}"
        );
    }
    let said = run(&["--check", "--listen", &socket, "--read-only"]).expect_code(2).stderr;
    assert!(said.contains("cannot be read_only"), "{said}");
    cluster::certificates(folder, "an authority of the test").expect("certificates");
    let tls = format!(
        "{CONFIG}[tls]\ncertificate = \"{0}/server.pem\"\nkey = \"{0}/server.key\"\n",
        folder.display()
    );
    for (text, listen) in [(CONFIG, socket.as_str()), (&tls, "127.0.0.1:0=all")] {
        std::fs::write(&file, text).expect("written");
        let said = run(&["--check", "--listen", listen]).expect_code(0).stderr;
        for says in [
            "@mcp returns the secret for memories in x-upstream-key, each time recorded",
            "@mcp stands before https://mcp.example.com/mcp: https://mcp.example.com/.well-known/oauth-protected-resource/mcp",
            "no master key is set",
        ] {
            assert!(said.contains(says), "{says}: {said}");
        }
    }
}
