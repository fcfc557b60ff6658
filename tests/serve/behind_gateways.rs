//! One specification, run against each gateway: what a client gets, and what the backend does.

use super::Scene;
use super::backend::{Backend, Received};
use super::client::{CLIENT, Request, Response, get};
use super::gateway::{Gateway, Kind, read};
use super::serving::{Serving, within_the_bound};
use crate::support::cli::Sandbox;
use crate::support::store::Place;

const MINE: &str = "/v1/memories/alice/notes";
const READ: &str = "memories:read";
const WRITE: &str = "memories:write";
/// In queries: gateways and backends may see it, logs of ours never.
const QUERY: &str = "hidden=q7-of-the-query";
/// What a client would write if it could choose who it is.
const FORGED: &str = "forged";
const IDENTITY: [&str; 5] =
    ["x-keyctl-owner", "x-keyctl-key", "x-keyctl-scopes", "x-keyctl-type", "x-keyctl-would-deny"];

struct Stage {
    scene: Scene,
    backend: Backend,
    gateway: Gateway,
    /// Tokens of two owners that may read and write their own memories.
    alice: String,
    bob: String,
}

impl Stage {
    fn new(kind: Kind) -> Self {
        Self::of(kind, Scene::new())
    }

    /// With these lines for the policy of `contrib/`.
    fn with_policy(kind: Kind, lines: &str) -> Self {
        let sandbox = Sandbox::with_store(Place::sqlite());
        let config = sandbox.home().join("serve.toml");
        let text = format!("[policy.memories]\n{lines}\n{}", read("contrib/serve.toml"));
        std::fs::write(&config, text).expect("written");
        let flags = ["--config", config.to_str().expect("text"), "--trusted-proxy", "127.0.0.1"];
        let serving = Serving::with(&sandbox, &flags);
        Self::of(kind, Scene { sandbox, serving })
    }

    fn of(kind: Kind, scene: Scene) -> Self {
        let backend = Backend::start();
        let gateway = Gateway::start(kind, scene.serving.address.port(), backend.address.port());
        let alice = scene.mint("alice", "memories", &[]);
        let bob = scene.mint("bob", "memories", &[]);
        Self { scene, backend, gateway, alice, bob }
    }

    fn send(&self, request: &Request) -> Response {
        request.send(self.gateway.address)
    }

    /// Passes, and is what the backend received.
    #[track_caller]
    fn passes(&self, request: &Request) -> Received {
        let response = self.send(request);
        assert_eq!(response.status, 200, "{request:?}: {response:?}\n{}", self.gateway.log());
        let [received] = <[Received; 1]>::try_from(self.backend.take()).expect("one request at the backend");
        received
    }

    /// Is refused with this status, and never gets to the backend.
    #[track_caller]
    fn refused(&self, status: u16, request: &Request) -> Response {
        let response = self.send(request);
        assert_eq!(response.status, status, "{request:?}: {response:?}\n{}", self.gateway.log());
        self.nothing_arrived(request);
        response
    }

    #[track_caller]
    fn nothing_arrived(&self, request: &Request) {
        let arrived = self.backend.take();
        assert!(arrived.is_empty(), "{request:?}: {arrived:?}");
    }

    fn is(&self, kind: Kind) -> bool {
        self.gateway.kind == kind
    }
}

fn specification(kind: Kind) {
    let mut stage = Stage::new(kind);
    the_backend_is_told_who_asks(&stage);
    methods_and_bodies_pass(&stage);
    refusals_reach_the_client(&stage);
    nobody_gets_into_what_is_anothers(&stage);
    what_clients_say_about_themselves_is_nothing(&stage);
    a_forged_address_widens_nothing(&stage);
    the_judged_path_is_the_backends(&stage);
    a_rate_reaches_the_client(&stage);
    a_revoked_key_is_dead_within_the_bound(&stage);
    an_unreadable_store_lets_nobody_in(&stage);
    a_silent_keyctl_lets_nobody_in(&mut stage);
    shed_load_reaches_the_client(&stage);
    nothing_of_a_client_is_in_the_log(&stage);
}

fn the_backend_is_told_who_asks(stage: &Stage) {
    let target = format!("{MINE}?{QUERY}");
    for request in [get(&target).bearer(&stage.alice), get(&target).header("X-API-Key", &stage.alice)] {
        let received = stage.passes(&request);
        assert_eq!(received.target, target, "the query is the backend's");
        assert_eq!(received.values("x-keyctl-owner"), ["alice"]);
        assert_eq!(received.values("x-keyctl-scopes"), ["memories"]);
        assert_eq!(received.values("x-keyctl-type"), ["key"]);
        let [key] = received.values("x-keyctl-key")[..] else { panic!("{received:?}") };
        assert!(key.starts_with("key_"), "{key}");
        assert!(received.values("x-keyctl-would-deny").iter().all(|value| value.is_empty()), "{received:?}");
        let token = received.headers.iter().find(|(_, value)| value.contains(&stage.alice));
        assert!(token.is_none(), "{received:?}");
    }
}

fn methods_and_bodies_pass(stage: &Stage) {
    let received = stage.passes(&get(MINE).method("HEAD").bearer(&stage.alice));
    assert_eq!(received.method, "HEAD");
    let body = "of the client\n".repeat(10_000);
    let post = get(MINE).method("POST").bearer(&stage.alice).body(body.clone());
    for request in [post.clone(), post.chunked()] {
        let received = stage.passes(&request);
        assert_eq!(received.method, "POST");
        assert!(received.body == body.as_bytes(), "{} bytes", received.body.len());
    }
}

fn refusals_reach_the_client(stage: &Stage) {
    let reader = stage.scene.mint("alice", READ, &["--name", "reader"]);
    stage.passes(&get(MINE).bearer(&reader));
    let lacking = stage.refused(403, &get(MINE).method("POST").bearer(&reader));
    assert_challenge(&lacking, &["error=\"insufficient_scope\"", &format!("scope=\"{WRITE}\"")]);

    let none = stage.refused(401, &get(MINE));
    assert_challenge(&none, &["Bearer realm="]);
    assert!(!none.header("www-authenticate").unwrap().contains("error="), "{none:?}");

    let mut unknown = stage.alice.clone();
    unknown.replace_range(20..21, if &unknown[20..21] == "A" { "B" } else { "A" });
    for wrong in [unknown.as_str(), "nonsense", &stage.alice[..16], "' OR 1=1 --x"] {
        let is_two_words = wrong.contains(' ');
        let request = get(MINE);
        let request = if is_two_words { request.header("X-API-Key", wrong) } else { request.bearer(wrong) };
        assert_challenge(&stage.refused(401, &request), &["error=\"invalid_token\""]);
    }

    let (alice, bob) = (stage.alice.as_str(), stage.bob.as_str());
    stage.refused(400, &get(MINE).bearer(alice).header("X-API-Key", bob));
    for (one, other) in [(alice, bob), (alice, alice), (alice, "nonsense"), ("nonsense", alice)] {
        // Envoy joins the two by a comma, and that is no key.
        let joined = if stage.is(Kind::Envoy) { 401 } else { 400 };
        stage.refused(joined, &get(MINE).header("X-API-Key", one).header("X-API-Key", other));
        stage.refused(400, &get(MINE).bearer(one).bearer(other));
    }
}

#[track_caller]
fn assert_challenge(response: &Response, parts: &[&str]) {
    let challenge = response.header("www-authenticate").unwrap_or_default();
    assert!(challenge.starts_with("Bearer "), "{response:?}");
    assert!(parts.iter().all(|part| challenge.contains(part)), "{challenge}");
}

fn nobody_gets_into_what_is_anothers(stage: &Stage) {
    for path in ["/v1/memories/bob/notes", "/v1/memories/bob", "/v1/memories/%62ob/notes", "/v1/memories/"] {
        stage.refused(403, &get(path).bearer(&stage.alice));
    }
    stage.refused(403, &get("/no/such/route").bearer(&stage.alice));
    stage.refused(403, &get(MINE).method("DELETE").bearer(&stage.alice));
}

fn what_clients_say_about_themselves_is_nothing(stage: &Stage) {
    let mut names: Vec<String> = IDENTITY.map(str::to_owned).to_vec();
    names.extend(["X-Keyctl-Status", "X-Keyctl-Policy", "X-Keyctl-Anything"].map(str::to_owned));
    // Backends that speak CGI, WSGI or Rack take these for the same names.
    let spelled = |separator: &str| IDENTITY.map(|name| name.replace('-', separator)).to_vec();
    names.extend(spelled("_"));
    names.extend(spelled("."));
    names.push("x-keyctl_owner".to_owned());
    let asked = get(MINE).bearer(&stage.alice);
    for name in &names {
        let response = stage.send(&asked.clone().header(name, FORGED));
        // Envoy refuses underscores.
        assert!(matches!(response.status, 200 | 400), "{name}: {response:?}");
        for received in stage.backend.take() {
            for identity in IDENTITY {
                let values = received.values(identity);
                assert!(!values.contains(&FORGED), "{name}: {received:?}");
                assert!(values.len() <= 1, "{name}: {received:?}");
            }
            assert_eq!(received.values("x-keyctl-owner"), ["alice"], "{name}");
        }
    }
    // What another gateway, or this one, would say of the request.
    let elsewhere = get("/v1/memories/bob/notes")
        .bearer(&stage.alice)
        .header("X-Original-URI", MINE)
        .header("X-Original-URL", MINE)
        .header("X-Rewrite-URL", MINE)
        .header("X-Forwarded-Uri", MINE)
        .header("X-Envoy-Original-Path", MINE);
    stage.refused(403, &elsewhere);
    let reader = stage.scene.mint("alice", READ, &["--name", "method"]);
    let write = get(MINE).method("POST").bearer(&reader).body("x");
    stage.refused(403, &write.clone().header("X-Original-Method", "GET").header("X-Forwarded-Method", "GET"));
    stage.refused(403, &write.clone().header("X-HTTP-Method-Override", "GET"));
    stage.refused(403, &write.header("X-Keyctl-Policy", READ));
}

fn a_forged_address_widens_nothing(stage: &Stage) {
    let here = stage.scene.mint("alice", READ, &["--name", "here", "--allow-ip", &CLIENT.to_string()]);
    let there = stage.scene.mint("alice", READ, &["--name", "there", "--allow-ip", "192.0.2.7"]);
    stage.passes(&get(MINE).bearer(&here));
    stage.refused(403, &get(MINE).bearer(&there));
    for lines in [
        &["192.0.2.7"][..],
        &["192.0.2.7, 127.0.0.1"],
        &["127.0.0.1, 192.0.2.7"],
        &["192.0.2.7", "192.0.2.7"],
        &["192.0.2.7,"],
    ] {
        let forged = |token: &str| {
            let asked = get(MINE).bearer(token);
            lines.iter().fold(asked, |asked, line| asked.header("X-Forwarded-For", line))
        };
        stage.refused(403, &forged(&there));
        // Nor does it lock anybody out.
        stage.passes(&forged(&here));
    }
    for name in ["X-Real-IP", "Forwarded", "True-Client-IP", "X-Envoy-External-Address", "CF-Connecting-IP"] {
        let value = if name == "Forwarded" { "for=192.0.2.7" } else { "192.0.2.7" };
        stage.refused(403, &get(MINE).bearer(&there).header(name, value));
    }
}

/// Either nobody gets in, or what the backend gets can be read in one way only, and is the key's own.
fn the_judged_path_is_the_backends(stage: &Stage) {
    let paths = [
        "/v1/memories/bob/../alice/notes",
        "/v1/memories/alice/../bob/notes",
        "/v1/memories/alice/%2e%2e/bob/notes",
        "/v1/memories/alice/%2E./bob/notes",
        "/v1/memories/alice/..%2fbob/notes",
        "/v1/memories/alice/..%2Fbob/notes",
        "/v1/memories/alice%2f..%2fbob/notes",
        "/v1/memories/alice/..%5cbob/notes",
        "/v1/memories/alice/..\\bob/notes",
        "/v1/memories/alice/..;/bob/notes",
        "/v1/memories/alice;/../bob/notes",
        "/v1/memories/alice;x=1/notes",
        "/v1/memories/alice%3b/notes",
        "/v1/memories/alice/%252e%252e/bob/notes",
        "/v1/memories//alice/notes",
        "/v1/memories//bob/notes",
        "//v1/memories/alice/notes",
        "/v1//memories/bob/notes",
        "/./v1/memories/bob/notes",
        "/v1/memories/alice/.",
        "/v1/memories/alice/..",
        "/v1/memories/alice/...",
        "/v1/memories/alice%00/notes",
        "/v1/memories/alice%0a/notes",
        "/v1/memories/alice%20/notes",
        "/v1/memories/alice%ff/notes",
        "/v1/memories/alice%c0%af/notes",
        "/v1/memories/ALICE/notes",
        "/V1/memories/bob/notes",
        "/v1/memories/%61lice/notes",
        "/v1/m%65mories/bob/notes",
        "/v1/memories/bob#/../alice/notes",
        "/v1/memories/alice/notes#/../../bob",
        "/v1/memories/bob?/../alice/notes",
        "/v1/memories/alice/a%2fb",
        "/v1/memories/alice/%zz",
        "/v1/memories/alice/é",
        "http://127.0.0.1/v1/memories/bob/notes",
        "v1/memories/alice/notes",
        "*",
    ];
    let mut passed = 0;
    for path in paths {
        for token in [&stage.alice, &stage.bob] {
            let owner = if token == &stage.alice { "alice" } else { "bob" };
            let request = get(path).bearer(token);
            let response = stage.send(&request);
            let arrived = stage.backend.take();
            assert_eq!(
                arrived.len(),
                usize::from(response.status == 200),
                "{path}: {response:?} {arrived:?}"
            );
            for received in arrived {
                passed += 1;
                let (plain, _) = received.target.split_once('?').unwrap_or((&received.target, ""));
                assert!(is_own(plain, owner), "{path}: the backend of {owner} got {plain}");
                assert_eq!(received.values("x-keyctl-owner"), [owner], "{path}");
            }
        }
    }
    assert!(passed >= 2, "nothing passed at all");
}

/// Whether a path, decoded once and never repaired, is below what is the owner's, and nobody could read it otherwise.
fn is_own(path: &str, owner: &str) -> bool {
    let mut decoded = Vec::new();
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits: String = bytes.by_ref().take(2).map(char::from).collect();
            let Ok(meant) = u8::from_str_radix(&digits, 16) else { return false };
            if b"/.\\%;".contains(&meant) || meant < b' ' {
                return false;
            }
            decoded.push(meant);
        } else {
            decoded.push(byte);
        }
    }
    let Ok(decoded) = String::from_utf8(decoded) else { return false };
    let rest = decoded.strip_prefix(&format!("/v1/memories/{owner}"));
    let is_plain = !decoded.contains(['\\', ';', '#', '%']) && !decoded.contains("//");
    let has_dots = decoded.split('/').any(|segment| !segment.is_empty() && segment.chars().all(|c| c == '.'));
    is_plain && !has_dots && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn a_revoked_key_is_dead_within_the_bound(stage: &Stage) {
    let leaked = stage.scene.mint("alice", READ, &["--name", "leaked"]);
    let request = get(MINE).bearer(&leaked);
    stage.passes(&request);
    stage.scene.sandbox.ok(&["revoke", "alice/leaked"]);
    within_the_bound("revoked", || stage.send(&request).status == 401);
    stage.backend.take();
    assert_challenge(&stage.refused(401, &request), &["error=\"invalid_token\""]);
}

fn an_unreadable_store_lets_nobody_in(stage: &Stage) {
    let (file, gone) = (stage.scene.sandbox.place.file(), stage.scene.sandbox.home().join("gone"));
    let request = get(MINE).bearer(&stage.alice);
    stage.passes(&request);
    std::fs::rename(&file, &gone).expect("moved");
    within_the_bound("unreadable", || stage.send(&request).status == 503);
    stage.backend.take();
    let response = stage.refused(503, &request);
    // Envoy loses it.
    assert_eq!(response.header("retry-after").is_some(), !stage.is(Kind::Envoy), "{response:?}");
    std::fs::rename(&gone, &file).expect("moved");
    within_the_bound("readable", || stage.send(&request).status == 200);
    stage.backend.take();
}

fn a_silent_keyctl_lets_nobody_in(stage: &mut Stage) {
    stage.scene.serving.stop();
    let status = if stage.is(Kind::Traefik) { 500 } else { 503 };
    for request in [get(MINE).bearer(&stage.alice), get(MINE)] {
        stage.refused(status, &request);
    }
}

fn a_rate_reaches_the_client(stage: &Stage) {
    let slow = stage.scene.mint("alice", READ, &["--name", "slow", "--rate", "2/h"]);
    let asked = get(MINE).bearer(&slow);
    stage.passes(&asked);
    stage.passes(&asked);
    let response = stage.refused(429, &asked);
    let after = response.header("retry-after").and_then(|text| text.parse::<u32>().ok());
    // Refilled evenly: one request in half an hour.
    assert!(after.is_some_and(|after| (1..=1800).contains(&after)), "{response:?}");
    stage.passes(&get(MINE).bearer(&stage.alice));
}

/// serve itself does so only under load.
fn shed_load_reaches_the_client(stage: &Stage) {
    let head = if stage.is(Kind::Nginx) {
        "403 Forbidden\r\nX-Keyctl-Status: 429\r\nRetry-After: 7"
    } else {
        "429 Too Many Requests\r\nRetry-After: 7"
    };
    let _sheds = Backend::answering(stage.scene.serving.address.port(), head);
    let response = stage.refused(429, &get(MINE).bearer(&stage.alice));
    assert_eq!(response.header("retry-after"), Some("7"), "{response:?}");
}

fn nothing_of_a_client_is_in_the_log(stage: &Stage) {
    let log = stage.scene.serving.log();
    for hidden in [QUERY, "q7-of-the-query", stage.alice.as_str(), &stage.alice[17..], "OR 1=1"] {
        assert!(!log.contains(hidden), "{hidden} is in the log: {log}");
    }
    let shown = format!("status=403 reason=owner route={}", stage.gateway.kind.dialect());
    let lines: Vec<&str> = log.lines().filter(|line| line.contains(&shown)).collect();
    assert!(!lines.is_empty(), "{shown}: {log}");
    let client = format!("client={CLIENT}");
    assert!(lines.iter().all(|line| line.contains(&client)), "the client, and not the gateway: {lines:?}");
}

#[test]
fn nginx() {
    specification(Kind::Nginx);
}

#[test]
fn caddy() {
    specification(Kind::Caddy);
}

#[test]
fn traefik() {
    specification(Kind::Traefik);
}

#[test]
fn envoy() {
    specification(Kind::Envoy);
}

#[test]
fn what_is_too_large_for_keyctl_is_no_500_at_nginx() {
    let stage = Stage::new(Kind::Nginx);
    let large = |length: usize| get(MINE).bearer(&stage.alice).header("X-Large", &"x".repeat(length));
    stage.passes(&large(10_000));
    stage.refused(431, &large(20_000));
    let many = (0..120).fold(get(MINE).bearer(&stage.alice), |asked, n| asked.header(&format!("X-{n}"), "x"));
    stage.refused(431, &many);
    // nginx says it in the request's own words; the connection to keyctl is another one after it.
    stage.passes(&get(MINE).bearer(&stage.alice));
    let log = stage.scene.serving.log();
    assert!(log.contains("status=431 reason=request route=nginx"), "{log}");
}

#[test]
fn what_is_only_observed_passes_and_the_backend_is_told_why_it_would_not() {
    for kind in [Kind::Nginx, Kind::Caddy] {
        let stage = Stage::with_policy(kind, "observe = true");
        // The gateway was asked whether it is there, and that passed.
        stage.backend.take();
        let values = |received: &Received, name: &str| {
            received.values(name).into_iter().filter(|value| !value.is_empty()).collect::<Vec<_>>().join(",")
        };
        let received = stage.passes(&get(MINE).bearer(&stage.alice).header("X-Keyctl-Would-Deny", FORGED));
        assert_eq!(values(&received, "x-keyctl-owner"), "alice", "{kind:?}");
        assert_eq!(values(&received, "x-keyctl-would-deny"), "", "{kind:?}");
        let forged = |asked: Request| IDENTITY.iter().fold(asked, |asked, name| asked.header(name, FORGED));
        for (asked, reason) in [
            (get(MINE), "no_credential"),
            (get(MINE).bearer("nonsense"), "malformed"),
            (get(MINE).bearer(&stage.bob), "owner"),
            (get("/no/such/route").bearer(&stage.alice), "no_route"),
        ] {
            let name =
                format!("keyctl_would_deny_total{{route=\"{}\",reason=\"{reason}\"}} ", kind.dialect());
            let counted = || {
                let metrics = get("/metrics").send(stage.scene.serving.address).body;
                let count = metrics.lines().find_map(|line| line.strip_prefix(&name)?.parse::<u32>().ok());
                count.unwrap_or(0)
            };
            let before = counted();
            let received = stage.passes(&forged(asked));
            assert_eq!(values(&received, "x-keyctl-would-deny"), reason, "{kind:?}");
            assert_eq!(counted(), before + 1, "{name}");
            for name in &IDENTITY[..4] {
                assert_eq!(values(&received, name), "", "{kind:?}: {name}");
            }
        }
    }
}

#[test]
fn a_client_of_mcp_gets_error_objects_through_a_gateway() {
    let stage = Stage::with_policy(Kind::Caddy, "body = \"jsonrpc\"");
    stage.passes(&get(MINE).bearer(&stage.alice));
    let reader = stage.scene.mint("alice", READ, &["--name", "reader"]);
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    for (status, code, asked) in [
        (401, -32_001, get(MINE)),
        (401, -32_001, get(MINE).bearer("nonsense")),
        (403, -32_003, get(MINE).method("POST").bearer(&reader).body(call)),
        (403, -32_003, get("/v1/memories/bob/notes").bearer(&stage.alice)),
        (400, -32_000, get(MINE).bearer(&stage.alice).header("X-API-Key", &stage.bob)),
    ] {
        let response = stage.refused(status, &asked);
        assert_eq!(response.header("content-type"), Some("application/json"), "{response:?}");
        let said: serde_json::Value = serde_json::from_str(&response.body).expect("JSON");
        assert_eq!((&said["jsonrpc"], &said["id"]), (&"2.0".into(), &serde_json::Value::Null), "{said}");
        assert_eq!(
            (&said["error"]["code"], &said["error"]["data"]["status"]),
            (&code.into(), &status.into())
        );
        assert_eq!(response.header("www-authenticate").is_some(), !(status == 403 && asked.method == "GET"));
    }
}

#[test]
fn nginx_in_ten_lines() {
    let stage = Stage::new(Kind::ShortNginx);
    let received = stage.passes(&get(MINE).bearer(&stage.alice).header("X-Keyctl-Owner", FORGED));
    assert_eq!((received.target.as_str(), received.values("x-keyctl-owner")), (MINE, vec!["alice"]));
    assert_challenge(&stage.refused(401, &get(MINE)), &["Bearer realm="]);
    let other = stage.scene.mint("alice", "files", &["--name", "other"]);
    stage.refused(403, &get(MINE).bearer(&other));
    let there = stage.scene.mint("alice", READ, &["--name", "there", "--allow-ip", "192.0.2.7"]);
    stage.refused(403, &get(MINE).bearer(&there).header("X-Forwarded-For", "192.0.2.7"));
}
