//! `POST /lease`, and what `POST /resolve` hands out of credentials and by federations.

use std::io::Write as _;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};

use super::process::{Server, eventually};
use super::raw::{Answer, one, post, read, validate};
use crate::credentials::provider::Provider;
use crate::credentials::{add_with, age, ok, run, shown};
use crate::secrets::KEY;
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::endpoint::Endpoint;
use crate::support::postgres;
use crate::support::store::Place;

/// A store, and serve over it, that gets tokens.
pub(super) struct Scene {
    pub(super) sandbox: Sandbox,
    pub(super) server: Server,
    socket: PathBuf,
    /// A service's key, with `keyctl:lease` and `keyctl:resolve`.
    pub(super) service: String,
}

/// A credential of this endpoint, bound to the key `service`.
pub(super) fn sandbox(place: Place, endpoint: &str, tokens: &str, more: &[&str]) -> (Sandbox, String) {
    let sandbox = Sandbox::with_store(place);
    let service = sandbox.ok(&["mint", "agents/main", "--scope", "keyctl:lease,keyctl:resolve"]);
    add_with(&sandbox, "ci", endpoint, tokens, more);
    sandbox.ok(&["secret", "bind", "ci", "agents/main"]);
    (sandbox, service)
}

impl Scene {
    pub(super) fn over(sandbox: Sandbox, service: String) -> Self {
        let address = sandbox.place.text();
        Self::at(sandbox, service, &address)
    }

    /// With the store's second address.
    fn at(sandbox: Sandbox, service: String, lease_store: &str) -> Self {
        let socket = sandbox.home().join("keyctl.sock");
        let listen = format!("unix:{}=internal", socket.display());
        let flags = ["--listen", &listen, "--lease-store", lease_store];
        let variables = [("KEYCTL_MASTER_KEY", KEY), ("KEYCTL_OUTBOUND_ALLOW", "127.0.0.0/8")];
        let server = Server::keyed(&sandbox, "resolve = true\n", &flags, &variables);
        let scene = Self { sandbox, server, socket, service };
        eventually("it leases", || scene.ask("/lease", &json!({})).status == 400);
        scene
    }

    fn send(&self, path: &str, token: &str, body: &Value) -> UnixStream {
        let bytes = post(path, &format!("Authorization: Bearer {token}\r\n"), body.to_string().as_bytes());
        let mut stream = UnixStream::connect(&self.socket).expect("connects");
        stream.set_read_timeout(Some(Duration::from_secs(40))).expect("set");
        stream.write_all(&bytes).expect("written");
        stream
    }

    pub(super) fn ask_as(&self, path: &str, token: &str, body: &Value) -> Answer {
        read(&mut self.send(path, token, body), false).expect("an answer")
    }

    pub(super) fn ask(&self, path: &str, body: &Value) -> Answer {
        self.ask_as(path, &self.service, body)
    }

    #[track_caller]
    pub(super) fn lease(&self, more: &Value) -> Value {
        let mut body = json!({ "provider": "github" });
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        let answer = self.ask("/lease", &body);
        assert_eq!(answer.status, 200, "{answer:?} {}", self.server.log());
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        answer.json()
    }

    /// Ends it, and returns the records of what was handed out.
    pub(super) fn handed_out(&self) -> Vec<Value> {
        self.server.signal(Signal::TERM);
        self.server.ends();
        self.sandbox.ok(&["audit", "checkpoint"]);
        let records = self.sandbox.json(&["audit", "list", "--action", "secret.resolve"]);
        records
            .as_array()
            .expect("records")
            .iter()
            .map(|record| record["record"]["details"].clone())
            .collect()
    }
}

pub(super) fn id(sandbox: &Sandbox, key: &str) -> Value {
    sandbox.json(&["show", key])["id"].clone()
}

#[track_caller]
pub(super) fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.json()["code"].as_str()), (status, Some(code)), "{answer:?}");
}

pub(super) fn token(text: &str) -> String {
    json!({ "access_token": text, "refresh_token": format!("r-{text}"), "expires_in": 3600, "token_type": "Bearer" })
        .to_string()
}

both!(a_credential_is_handed_out_as_it_is_good_now_and_got_once, |place| {
    let provider = Provider::start(3600);
    let (sandbox, service) = sandbox(place, &provider.token_endpoint(), &provider.grant("public"), &[]);
    let alice = sandbox.ok(&["mint", "alice", "--scope", "chat"]);
    sandbox.ok(&["secret", "bind", "ci", "alice"]);
    let scene = Scene::over(sandbox, service);
    let first = scene.lease(&json!({}));
    assert!(provider.knows(first["access_token"].as_str().expect("a token")), "{first}");
    assert_eq!((&first["lease"], &first["credential"]), (&Value::Null, &json!("ci")));
    assert!(provider.log().is_empty(), "it lives for an hour");
    age(&scene.sandbox, "ci", -5);
    let second = scene.lease(&json!({}));
    let got = second["access_token"].as_str().expect("a token");
    assert!(got != first["access_token"] && provider.knows(got), "{second}");
    assert_eq!((second["version"].as_u64(), second["present"].as_str()), (Some(2), Some("bearer")));
    let for_alice = scene.lease(&json!({ "api_key": alice }));
    assert_eq!(for_alice["access_token"], second["access_token"]);
    age(&scene.sandbox, "ci", -5);
    let resolved = scene.ask("/resolve", &json!({ "provider": "github", "api_key": alice })).json();
    assert!(provider.knows(resolved["value"].as_str().expect("a token")), "{resolved}");
    assert!(resolved["expires_at"].is_string(), "{resolved}");
    assert_eq!(provider.log().len(), 2, "one request for each token that ended");
    assert!(scene.server.metric("keyctl_credentials{state=\"good\"} ") == 1);
    assert!(!scene.server.log().contains(got) && !scene.server.log().contains(&alice));
    let (agents, alice) = (id(&scene.sandbox, "agents/main"), id(&scene.sandbox, "alice"));
    let counts: Vec<(Value, Value, Value)> = scene
        .handed_out()
        .into_iter()
        .map(|record| (record["version"].clone(), record["key"].clone(), record["count"].clone()))
        .collect();
    let one = |version: u64, key: &Value| (json!(version), key.clone(), json!(1));
    for wanted in [one(1, &agents), one(2, &agents), one(2, &alice), one(3, &alice)] {
        assert!(counts.contains(&wanted), "{wanted:?} {counts:?}");
    }
});

#[test]
fn who_may_not_have_a_token_gets_none() {
    let endpoint = Endpoint::start();
    let (sandbox, service) = sandbox(Place::sqlite(), &endpoint.url(), &token("at-planted"), &[]);
    let other = sandbox.ok(&["mint", "bob", "--scope", "keyctl:resolve"]);
    let unbound = sandbox.ok(&["mint", "carol", "--scope", "keyctl:lease"]);
    ok(&sandbox, &["secret", "set", "openai", "static"], "sk-planted\n");
    sandbox.ok(&["secret", "bind", "static", "agents/main"]);
    let scene = Scene::over(sandbox, service);
    let body = json!({ "provider": "github" });
    let bearer = format!("Authorization: Bearer {}\r\n", scene.service);
    let clear = one(scene.server.address, &post("/lease", &bearer, body.to_string().as_bytes()));
    refused(&clear, 403, "FORBIDDEN");
    let lacks = scene.ask_as("/lease", &other, &body);
    refused(&lacks, 403, "FORBIDDEN");
    assert!(lacks.body.contains("keyctl:lease"), "{lacks:?}");
    refused(&scene.ask_as("/lease", "x", &body), 401, "UNAUTHORIZED");
    refused(&scene.ask_as("/lease", &unbound, &body), 503, "KEY_UNAVAILABLE");
    refused(&scene.ask("/lease", &json!({ "provider": "openai" })), 503, "KEY_UNAVAILABLE");
    let of_client = scene.ask("/lease", &json!({ "provider": "github", "api_key": "x" }));
    refused(&of_client, 401, "UNAUTHORIZED");
    assert_eq!(of_client.json()["of"], "api_key", "it is not the service's own");
    let of_service = scene.ask_as("/lease", "x", &json!({ "provider": "github", "api_key": "x" }));
    refused(&of_service, 401, "UNAUTHORIZED");
    assert_eq!(of_service.json().get("of"), None);
    for body in [
        json!([]),
        json!({}),
        json!({ "provider": 1 }),
        json!({ "provider": "../x" }),
        json!({ "provider": "github", "for": "10m" }),
        json!({ "provider": "github", "for": 0 }),
        json!({ "provider": "github", "for": 43_201 }),
        json!({ "provider": "github", "wait": -1 }),
        json!({ "provider": "github", "min_valid": 1.5 }),
    ] {
        refused(&scene.ask("/lease", &body), 400, "INVALID_REQUEST");
    }
    for path in ["/lease/renew", "/lease/release"] {
        refused(&scene.ask(path, &json!({ "holder_token": "lse_x" })), 403, "FORBIDDEN");
        refused(&scene.ask(path, &json!({})), 400, "INVALID_REQUEST");
    }
    let off = Server::plain(&scene.sandbox);
    assert_eq!(one(off.address, &post("/lease", &bearer, b"{}")).status, 404, "off by default");
    scene.sandbox.ok(&["revoke", "agents/main"]);
    eventually("a revoked key gets nothing", || scene.ask("/lease", &body).status == 401);
    scene.server.is_well();
}

both!(a_lease_over_http_is_shared_and_keeps_a_refresh_waiting, |place| {
    let endpoint = Endpoint::start();
    endpoint.answers(200, "", &token("at-planted-2"));
    let (sandbox, service) =
        sandbox(place, &endpoint.url(), &token("at-planted-1"), &["--refresh-invalidates"]);
    let scene = Scene::over(sandbox, service);
    let (one, two) = (scene.lease(&json!({ "for": 60 })), scene.lease(&json!({})));
    assert_eq!(
        (&one["access_token"], &two["access_token"]),
        (&json!("at-planted-1"), &json!("at-planted-1"))
    );
    assert!(one["lease"]["fence"].as_u64() < two["lease"]["fence"].as_u64(), "{one} {two}");
    let listed = scene.sandbox.json(&["lease", "list", "ci"]);
    assert!(
        listed.as_array().expect("leases").iter().all(|lease| lease["holder"] == "agents/main"),
        "{listed}"
    );
    let holder = |lease: &Value| json!({ "holder_token": lease["lease"]["holder_token"] });
    let longer =
        scene.ask("/lease/renew", &json!({ "holder_token": one["lease"]["holder_token"], "for": 600 }));
    assert_eq!(longer.status, 200, "{longer:?}");
    assert!(
        longer.json()["lease"]["expires_at"].as_str() > one["lease"]["expires_at"].as_str(),
        "{longer:?}"
    );
    // Somebody wants a new token: nobody comes in, nobody stays longer.
    let announced =
        run(&scene.sandbox, &["oauth", "refresh", "ci", "--force", "--lock-timeout", "200ms"], "");
    assert_eq!(announced.code, Some(6), "{announced:?}");
    let busy = scene.ask("/lease", &json!({ "provider": "github", "wait": 0 }));
    refused(&busy, 503, "BUSY");
    assert_eq!(busy.header("retry-after"), Some("1"));
    refused(&scene.ask("/lease/renew", &holder(&one)), 503, "BUSY");
    // Whoever waits gets the new one once the others have left.
    let mut waiting = scene.send("/lease", &scene.service, &json!({ "provider": "github", "wait": 15 }));
    for lease in [&one, &two] {
        let answer = scene.ask("/lease/release", &holder(lease));
        assert_eq!(answer.json(), json!({ "released": lease["lease"]["id"] }));
        refused(&scene.ask("/lease/release", &holder(lease)), 403, "FORBIDDEN");
    }
    let got = read(&mut waiting, false).expect("an answer").json();
    assert_eq!(got["access_token"], "at-planted-2", "{got}");
    assert_eq!(endpoint.asked().len(), 1);
    // The owner wins at once, and a holder learns of it.
    ok(&scene.sandbox, &["oauth", "replace", "ci"], &token("at-planted-3"));
    refused(&scene.ask("/lease/renew", &holder(&got)), 409, "CONFLICT");
    assert!(
        !scene.server.log().contains("lse_") && !scene.server.log().contains("planted"),
        "{}",
        scene.server.log()
    );
});

both!(many_who_wait_are_served_by_one_request, |place| {
    let provider = Provider::start(3600);
    let (sandbox, service) = sandbox(place, &provider.token_endpoint(), &provider.grant("public"), &[]);
    let scene = Scene::over(sandbox, service);
    scene.lease(&json!({}));
    age(&scene.sandbox, "ci", -5);
    provider.hold(700);
    let mut waiting: Vec<UnixStream> =
        (0..100).map(|_| scene.send("/lease", &scene.service, &json!({ "provider": "github" }))).collect();
    let got: Vec<Value> =
        waiting.iter_mut().map(|stream| read(stream, false).expect("an answer").json()).collect();
    assert!(
        got.iter().all(|one| one["version"] == 2 && one["access_token"] == got[0]["access_token"]),
        "{got:?}"
    );
    assert_eq!(provider.log().len(), 1);
});

both!(a_token_that_is_on_its_way_at_the_end_is_stored, |place| {
    let provider = Provider::start(3600);
    let (sandbox, service) = sandbox(place, &provider.token_endpoint(), &provider.grant("public"), &[]);
    let scene = Scene::over(sandbox, service);
    age(&scene.sandbox, "ci", -5);
    provider.hold(1500);
    let stream = scene.send("/lease", &scene.service, &json!({ "provider": "github" }));
    eventually("it was asked", || !provider.log().is_empty());
    // Whoever asked is gone, and then the server is told to end.
    drop(stream);
    scene.server.signal(Signal::TERM);
    scene.server.ends();
    let credential = shown(&scene.sandbox, "ci");
    assert_eq!(
        (credential["version"].as_u64(), credential["state"].as_str()),
        (Some(2), Some("active")),
        "{credential}"
    );
    assert!(provider.knows(&crate::credentials::token(&scene.sandbox, "ci")));
});

both!(what_a_provider_refuses_is_said_and_counted, |place| {
    let endpoint = Endpoint::start();
    endpoint.answers(400, "", r#"{"error":"invalid_grant"}"#);
    let (sandbox, service) = sandbox(place, &endpoint.url(), &token("at-planted"), &[]);
    let scene = Scene::over(sandbox, service);
    assert_eq!(scene.server.metric("keyctl_credentials{state=\"needs_reauth\"} "), 0);
    age(&scene.sandbox, "ci", -5);
    refused(&scene.ask("/lease", &json!({ "provider": "github" })), 503, "KEY_UNAVAILABLE");
    assert_eq!(scene.server.metric("keyctl_credentials{state=\"needs_reauth\"} "), 1);
    scene.server.says("takes the refresh token of the credential ci no more");
    ok(&scene.sandbox, &["oauth", "replace", "ci"], &token("at-planted-2"));
    assert_eq!(scene.lease(&json!({}))["access_token"], "at-planted-2", "it is not remembered");
});

#[test]
fn a_provider_that_hangs_keeps_nobody_else_waiting() {
    let endpoint = Endpoint::start();
    endpoint.does(|_| thread::sleep(Duration::from_secs(30)));
    let (sandbox, service) = sandbox(Place::sqlite(), &endpoint.url(), &token("at-planted"), &[]);
    let mut keys = Vec::new();
    for number in 0..20 {
        let name = format!("hangs-{number}");
        add_with(&sandbox, &name, &endpoint.url(), &token(&name), &[]);
        let key = format!("agent-{number}/main");
        keys.push(sandbox.ok(&["mint", &key, "--scope", "keyctl:lease"]));
        sandbox.ok(&["secret", "bind", &name, &key]);
        age(&sandbox, &name, -5);
    }
    let scene = Scene::over(sandbox, service);
    let begun = Instant::now();
    let body = json!({ "provider": "github", "wait": 1 });
    let mut hanging: Vec<UnixStream> = keys.iter().map(|key| scene.send("/lease", key, &body)).collect();
    eventually("they are asked", || endpoint.asked().len() + 1 > 1);
    assert_eq!(one(scene.server.address, &validate(&scene.service)).status, 200);
    assert!(begun.elapsed() < Duration::from_secs(8), "others are answered meanwhile");
    for stream in &mut hanging {
        let answer = read(stream, false).expect("an answer");
        assert_eq!(answer.status, 503, "{answer:?}");
    }
}

/// What an endpoint of RFC 7523 answers, each time another token.
fn counting(endpoint: &Endpoint, lives: u32) -> Arc<AtomicUsize> {
    let count = Arc::new(AtomicUsize::new(0));
    let asked = Arc::clone(&count);
    endpoint.does(move |stream| {
        let number = asked.fetch_add(1, Ordering::SeqCst) + 1;
        let body = json!({ "access_token": format!("fed-planted-{number}"), "token_type": "Bearer", "expires_in": lives });
        let body = body.to_string();
        let _ = write!(
            stream,
            "HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
    });
    count
}

pub(super) fn federated(place: Place, endpoint: &Endpoint) -> (Scene, String) {
    let sandbox = Sandbox::with_store(place);
    let service = sandbox.ok(&["mint", "agents/main", "--scope", "keyctl:lease,keyctl:resolve"]);
    let alice = sandbox.ok(&["mint", "alice", "--scope", "chat"]);
    let endpoint = endpoint.url();
    for args in [
        &[
            "federation",
            "add",
            "idp",
            "--kind",
            "rfc7523",
            "--issuer",
            "https://keys.example.com/idp",
            "--token-endpoint",
            &endpoint,
            "--audience",
            "https://provider.example.com",
        ][..],
        &["federation", "activate", "idp", "--uploaded"],
        &["secret", "set", "anthropic", "pool", "--federation", "idp"],
        &["secret", "bind", "pool", "alice"],
    ] {
        ok(&sandbox, args, "");
    }
    (Scene::over(sandbox, service), alice)
}

both!(a_token_by_a_federation_is_kept_while_the_key_is_bound_to_it, |place| {
    let endpoint = Endpoint::start();
    let count = counting(&endpoint, 3600);
    let (scene, alice) = federated(place, &endpoint);
    let body = json!({ "provider": "anthropic", "api_key": alice });
    let resolve = || scene.ask("/resolve", &body);
    let first = resolve();
    assert_eq!(first.json()["value"], "fed-planted-1", "{first:?} {}", scene.server.log());
    assert_eq!(first.json()["present"], "bearer");
    for _ in 0..5 {
        assert_eq!(resolve().json()["value"], "fed-planted-1");
    }
    assert_eq!(scene.ask("/lease", &body).json()["access_token"], "fed-planted-1");
    // A change of something else: the token stays.
    scene.sandbox.ok(&["mint", "bob", "--scope", "chat"]);
    thread::sleep(Duration::from_millis(1500));
    assert_eq!(resolve().json()["value"], "fed-planted-1");
    assert_eq!(count.load(Ordering::SeqCst), 1);
    // Of another secret it is not.
    ok(&scene.sandbox, &["secret", "set", "anthropic", "other", "--federation", "idp"], "");
    scene.sandbox.ok(&["secret", "bind", "other", "alice"]);
    eventually("another token for another secret", || resolve().json()["value"] == "fed-planted-2");
    scene.sandbox.ok(&["secret", "unbind", "other", "alice"]);
    eventually("none for none", || resolve().status == 503);
    scene.sandbox.ok(&["secret", "bind", "other", "alice"]);
    eventually("a token again", || resolve().status == 200);
    scene.sandbox.ok(&["revoke", "alice"]);
    eventually("a revoked key gets none", || resolve().status == 401);
    assert!(!scene.server.log().contains("planted"), "{}", scene.server.log());
    let records = scene.handed_out();
    let counted: u64 = records.iter().filter_map(|record| record["count"].as_u64()).sum();
    assert!(counted >= 9, "{records:?}");
});

#[test]
fn a_token_by_a_federation_is_got_anew_before_it_ends() {
    let endpoint = Endpoint::start();
    let count = counting(&endpoint, 10);
    let (scene, alice) = federated(Place::sqlite(), &endpoint);
    let body = json!({ "provider": "anthropic", "api_key": alice });
    let value = || scene.ask("/resolve", &body).json()["value"].clone();
    let begun = Instant::now();
    assert_eq!(value(), "fed-planted-1");
    let mut longest = Duration::ZERO;
    while begun.elapsed() < Duration::from_secs(7) {
        let asked = Instant::now();
        assert!(value().is_string(), "{}", scene.server.log());
        longest = longest.max(asked.elapsed());
        thread::sleep(Duration::from_millis(50));
    }
    let got = count.load(Ordering::SeqCst);
    assert!((2..=4).contains(&got), "each lives for ten seconds, and is used for five: {got}");
}

#[test]
fn many_who_want_a_token_by_a_federation_wait_for_one() {
    let endpoint = Endpoint::start();
    let (release, held) = mpsc::channel::<()>();
    let held = std::sync::Mutex::new(held);
    endpoint.answers_after(
        r#"{"access_token":"fed-planted","token_type":"Bearer","expires_in":3600}"#,
        move || {
            let _ = held.lock().expect("held").recv_timeout(Duration::from_secs(10));
        },
    );
    let (scene, alice) = federated(Place::sqlite(), &endpoint);
    let body = json!({ "provider": "anthropic", "api_key": alice });
    let mut waiting: Vec<UnixStream> =
        (0..50).map(|_| scene.send("/resolve", &scene.service, &body)).collect();
    thread::sleep(Duration::from_millis(500));
    drop(release);
    for stream in &mut waiting {
        assert_eq!(read(stream, false).expect("an answer").json()["value"], "fed-planted");
    }
    assert_eq!(endpoint.asked().len(), 1);
}

const ROLE: &str = "http_leaser";

#[test]
fn a_role_for_leases_gets_tokens_and_is_refused_every_other_change() {
    let provider = Provider::start(3600);
    let (sandbox, service) =
        sandbox(Place::postgres(), &provider.token_endpoint(), &provider.grant("public"), &[]);
    add_with(
        &sandbox,
        "gated",
        &provider.token_endpoint(),
        &provider.grant("public"),
        &["--refresh-invalidates"],
    );
    sandbox.ok(&["mint", "gated/main", "--scope", "keyctl:lease"]);
    sandbox.ok(&["secret", "bind", "gated", "gated/main"]);
    postgres::server().role(ROLE);
    let granted = sandbox.json(&["store", "grant", ROLE, "--for", "lease"]);
    assert_eq!(granted["rights"], json!(["lease"]));
    let address = sandbox.place.text().replace(&format!("{}@", postgres::USER), &format!("{ROLE}@"));
    let check = |store: &str| run(&sandbox, &["serve", "--check", "--lease-store", store], "");
    let checked = check(&address).expect_code(0);
    assert!(
        checked.stderr.contains("POST /lease, in") && !checked.stderr.contains("may do more"),
        "{}",
        checked.stderr
    );
    let checked = check(&sandbox.place.text()).expect_code(0);
    assert!(checked.stderr.contains("the role of --lease-store owns the store"), "{}", checked.stderr);
    for name in ["ci", "gated"] {
        age(&sandbox, name, -5);
    }
    for args in [
        &["mint", "carol", "--scope", "m"][..],
        &["revoke", "agents/main"],
        &["secret", "unbind", "ci", "agents/main"],
    ] {
        let ran = run(&sandbox, &[args, &["--store", &address]].concat(), "").expect_code(7);
        assert!(ran.stderr.contains("permission denied"), "{args:?}: {}", ran.stderr);
    }
    let held =
        run(&sandbox, &["lease", "acquire", "gated", "--for", "5m", "-o", "json", "--store", &address], "")
            .expect_code(0);
    let held: Value = serde_json::from_str(&held.stdout).expect("JSON");
    let holder = held[0]["holder_token"].as_str().expect("a token").to_owned();
    run(&sandbox, &["lease", "renew", "--for", "6m", "--store", &address], &holder).expect_code(0);
    run(&sandbox, &["lease", "release", "--store", &address], &holder).expect_code(0);
    let scene = Scene::at(sandbox, service, &address);
    let got = scene.lease(&json!({}));
    assert!(got["version"] == 2 && provider.knows(got["access_token"].as_str().expect("a token")), "{got}");
    let last = scene.sandbox.json(&["audit", "list", "--action", "oauth.refresh"]);
    assert!(last.to_string().contains("\"session_user\":\"http_leaser\""), "{last}");
    scene.sandbox.ok(&["store", "check"]);
    scene.sandbox.ok(&["store", "grant", ROLE, "--for", "revoke"]);
    let lacks = run(&scene.sandbox, &["serve", "--check", "--lease-store", &address], "").expect_code(2);
    assert!(lacks.stderr.contains("may not lease: it lacks"), "{}", lacks.stderr);
}

both!(a_revocation_that_is_waited_for_says_what_outlives_it, |place| {
    let endpoint = Endpoint::start();
    let (sandbox, _) = sandbox(place, &endpoint.url(), &token("at-planted"), &[]);
    let ran = run(&sandbox, &["revoke", "agents/main", "--wait=serve"], "").expect_code(0);
    let end = shown(&sandbox, "ci")["expires_at"].as_str().expect("an end").to_owned();
    assert!(
        ran.stderr.contains(&format!("a token of ci that was handed out lives on until {end}")),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("(JWT): none, this store issues none"), "{}", ran.stderr);
    ok(&sandbox, &["signing-key", "rotate"], "");
    sandbox.ok(&["mint", "bob", "--scope", "chat"]);
    let ran = run(&sandbox, &["revoke", "bob", "--wait"], "").expect_code(0);
    assert!(
        ran.stderr.contains("(JWT): keyctl serve refuses them, too") && !ran.stderr.contains("lives on"),
        "{}",
        ran.stderr
    );
});

#[test]
fn who_asks_before_the_store_could_be_read_is_not_told_that_nothing_is_handed_out() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let socket = sandbox.home().join("keyctl.sock");
    let listen = format!("unix:{}=internal", socket.display());
    let nowhere = "postgres://keyctl@127.0.0.1:1/keys";
    let mut serve = sandbox.command(&["serve", "--listen", &listen, "--lease-store", nowhere]);
    serve.env("KEYCTL_MASTER_KEY", KEY).env("KEYCTL_STORE", nowhere).stderr(std::process::Stdio::null());
    let mut serve = serve.spawn().expect("starts");
    eventually("it listens", || UnixStream::connect(&socket).is_ok());
    let token = "sks_4fTq9ZkPw2Xa_V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA";
    let bearer = format!("Authorization: Bearer {token}\r\n");
    let answers = ["/lease", "/lease/renew", "/lease/release"].map(|path| {
        let mut stream = UnixStream::connect(&socket).expect("connects");
        stream.write_all(&post(path, &bearer, br#"{"provider":"github"}"#)).expect("written");
        read(&mut stream, false).expect("an answer")
    });
    serve.kill().expect("it runs");
    serve.wait().expect("ended");
    for answer in answers {
        refused(&answer, 503, "STORE_UNAVAILABLE");
    }
}

both!(who_has_nothing_left_takes_no_lease, |place| {
    let endpoint = Endpoint::start();
    let (sandbox, service) =
        sandbox(place, &endpoint.url(), &token("at-planted"), &["--refresh-invalidates"]);
    let alice = sandbox.ok(&["mint", "alice", "--scope", "chat", "--quota", "1/day"]);
    let bob = sandbox.ok(&["mint", "bob", "--scope", "keyctl:lease", "--quota", "1/day"]);
    let carol = sandbox.ok(&["mint", "carol", "--scope", "chat", "--rate", "1/h"]);
    for key in ["alice", "bob", "carol"] {
        sandbox.ok(&["secret", "bind", "ci", key]);
    }
    let scene = Scene::over(sandbox, service);
    let held = || scene.sandbox.json(&["lease", "list"]).as_array().expect("leases").len();
    let for_client = |client: &str| scene.ask("/lease", &json!({ "provider": "github", "api_key": client }));
    assert_eq!((for_client(&alice).status, held()), (200, 1));
    assert_eq!((for_client(&alice).status, held()), (429, 1), "the client's quota is spent");
    assert_eq!((for_client(&carol).status, held()), (200, 2));
    assert_eq!((for_client(&carol).status, held()), (429, 2), "the client's rate is spent");
    let as_bob = || scene.ask_as("/lease", &bob, &json!({ "provider": "github" })).status;
    assert_eq!((as_bob(), held()), (200, 3));
    assert_eq!((as_bob(), held()), (429, 3), "the service's own");
});
