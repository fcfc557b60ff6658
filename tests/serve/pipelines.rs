//! A pipeline exchanges the token of its CI, whose keys are given or fetched, and whatever may be wrong with either.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};

use super::exchanging::{ISSUER, ask, asked_of, claims, furnished, keyed, soon};
use super::process::{Server, eventually};
use super::raw::{Answer, get};
use crate::secrets::KEY;
use crate::support::both;
use crate::support::cli::Sandbox;

const EXCHANGE: &str =
    "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&subject_token_type=";
const JWT: &str = "urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt";
const ID_TOKEN: &str = "urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aid_token";

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

/// One key of a CI that signs with ES256.
struct Signing {
    kid: String,
    key: EcdsaKeyPair,
}

impl Signing {
    fn new(kid: &str) -> Self {
        let (random, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        let key = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).expect("a key");
        Self { kid: kid.to_owned(), key }
    }

    fn public(&self) -> Value {
        let (x, y) = self.key.public_key().as_ref()[1..].split_at(32);
        let [x, y] = [x, y].map(|part| URL_SAFE_NO_PAD.encode(part));
        json!({ "kty": "EC", "crv": "P-256", "kid": self.kid, "x": x, "y": y })
    }

    fn sign(&self, claims: &Value) -> String {
        let header = json!({ "alg": "ES256", "kid": self.kid, "typ": "JWT" });
        let [header, claims] = [&header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let parts = format!("{header}.{claims}");
        let signature = self.key.sign(&SystemRandom::new(), parts.as_bytes()).expect("signs");
        format!("{parts}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// How the CI's issuer answers.
#[derive(Clone, Copy, PartialEq)]
enum Manner {
    Good,
    Silent,
    Redirect,
    Huge,
    Html,
    Other,
}

/// A CI: an issuer of OpenID Connect that publishes its keys.
struct Ci {
    url: String,
    keys: Arc<Mutex<Vec<Value>>>,
    manner: Arc<Mutex<Manner>>,
    asked: Arc<AtomicUsize>,
}

impl Ci {
    fn start(keys: &[&Signing]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let keys = Arc::new(Mutex::new(keys.iter().map(|key| key.public()).collect()));
        let ci = Self { url, keys, manner: Arc::new(Mutex::new(Manner::Good)), asked: Arc::default() };
        let (url, keys, manner, asked) =
            (ci.url.clone(), Arc::clone(&ci.keys), Arc::clone(&ci.manner), Arc::clone(&ci.asked));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                asked.fetch_add(1, Ordering::Relaxed);
                let (url, keys, manner) =
                    (url.clone(), keys.lock().expect("lock").clone(), *manner.lock().expect("lock"));
                thread::spawn(move || answer(stream, &url, &keys, manner));
            }
        });
        ci
    }

    fn behaves(&self, manner: Manner) {
        *self.manner.lock().expect("lock") = manner;
    }

    /// Publishes this key alone.
    fn rotates(&self, key: &Signing) {
        *self.keys.lock().expect("lock") = vec![key.public()];
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    fn claims(&self) -> Value {
        json!({
            "iss": self.url, "aud": ISSUER, "exp": now() + 300, "iat": now(), "sub": "project:a",
            "project_id": "123", "ref": "refs/heads/main", "protected": true,
        })
    }
}

fn answer(mut stream: TcpStream, url: &str, keys: &[Value], manner: Manner) {
    let mut head = BufReader::new(stream.try_clone().expect("a stream"));
    let mut line = String::new();
    if head.read_line(&mut line).is_err() {
        return;
    }
    let mut rest = String::new();
    while rest != "\r\n" {
        rest.clear();
        if head.read_line(&mut rest).is_ok_and(|read| read == 0) {
            return;
        }
    }
    let is_document = line.contains("/.well-known/openid-configuration ");
    let issuer = if manner == Manner::Other { "https://ci.example.com" } else { url };
    let document = json!({ "issuer": issuer, "jwks_uri": format!("{url}/keys") });
    let body = if is_document { document } else { json!({ "keys": keys }) }.to_string();
    let (status, kind, body) = match manner {
        Manner::Good | Manner::Other => ("200 OK", "application/json", body),
        Manner::Silent => {
            thread::sleep(Duration::from_secs(30));
            return;
        }
        Manner::Redirect => {
            ("302 Found\r\nLocation: https://example.com/", "application/json", String::new())
        }
        Manner::Huge => ("200 OK", "application/json", " ".repeat(100 * 1024 * 1024)),
        Manner::Html => ("200 OK", "text/html", "<html>".to_owned()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
}

pub(super) fn trust(sandbox: &Sandbox, name: &str, issuer: &str, more: &[&str]) {
    let words = [
        "trust",
        "add",
        name,
        "--issuer",
        issuer,
        "--audience",
        ISSUER,
        "--owner",
        "ci",
        "--scope",
        "deploy,logs:*",
        "--claim",
        "project_id=123",
        "--ttl",
        "10m",
    ];
    sandbox.ok(&[&words[..], more].concat());
}

pub(super) const MAIN: [&str; 2] = ["--claim", "ref=refs/heads/main"];

/// A server that takes what CIs of this machine sign.
pub(super) fn serving(sandbox: &Sandbox, address: &str) -> Server {
    sandbox.ok(&["store", "set", "issuer", ISSUER]);
    let variables = [
        ("KEYCTL_MASTER_KEY", KEY),
        ("KEYCTL_SERVE_ISSUE_STORE", address),
        ("KEYCTL_OUTBOUND_ALLOW", "127.0.0.0/8"),
    ];
    let server = Server::keyed(sandbox, "", &[], &variables);
    let probe = sandbox.ok(&["mint", "probe", "--scope", "chat"]);
    eventually("tokens are issued", || {
        ask(&server, "", &format!("{}{probe}", super::exchanging::EXCHANGE)).status == 200
    });
    server
}

pub(super) fn bring(server: &Server, token: &str, more: &str) -> Answer {
    ask(server, "", &format!("{EXCHANGE}{JWT}&subject_token={token}{more}"))
}

/// What is answered, and the last reason in the log.
#[track_caller]
pub(super) fn refused(server: &Server, token: &str, more: &str, status: u16, error: &str, reason: &str) {
    let answer = bring(server, token, more);
    assert_eq!(answer.status, status, "{answer:?} {}", server.log());
    assert_eq!(answer.json(), json!({ "error": error }), "{answer:?}");
    let log = server.log();
    let told = log.lines().rev().find(|line| line.contains("route=token")).unwrap_or_default().to_owned();
    assert!(told.contains(reason), "{reason}: {log}");
    assert!(!log.contains(token.split('.').next_back().expect("a signature")), "{log}");
}

both!(a_pipeline_gets_a_token_for_that_of_its_ci_and_its_end_is_the_trust_s, |place| {
    let (sandbox, _, address) = furnished(place);
    let first = Signing::new("first");
    let ci = Ci::start(&[&first]);
    trust(&sandbox, "deploy", &ci.url, &MAIN);
    let server = serving(&sandbox, &address);
    let good = first.sign(&ci.claims());
    for kind in [JWT, ID_TOKEN] {
        let answer = ask(&server, "", &format!("{EXCHANGE}{kind}&subject_token={good}&scope=deploy"));
        assert_eq!(answer.status, 200, "{answer:?} {}", server.log());
        assert_eq!(answer.json()["expires_in"], 595, "the trust's own");
    }
    let answer = bring(&server, &good, "&expires_in=60");
    let (jwt, key) = (
        answer.json()["access_token"].as_str().expect("a token").to_owned(),
        sandbox.json(&["show", "ci/deploy"]),
    );
    let said = claims(&jwt);
    assert_eq!((&said["client_id"], &said["sub"], &said["iss"]), (&key["id"], &json!("ci"), &json!(ISSUER)));
    assert_eq!(said["exp"].as_i64().expect("exp") - said["iat"].as_i64().expect("iat"), 60);
    assert_eq!(bring(&server, &good, "&expires_in=3600").json()["expires_in"], 595, "at most");
    assert_eq!(asked_of(&server, &jwt, "deploy").status, 200);
    assert_eq!(ci.asked(), 2, "the document and the keys, once");
    refused(&server, &good, "&scope=admin", 400, "invalid_scope", "scope");
    let told = || {
        sandbox.ok(&["mint", "probe", "--scope", "chat"]);
        sandbox.ok(&["audit", "list", "-o", "json"])
    };
    eventually("the audit log tells it", || told().contains("trust.exchange"));
    let records: Value = serde_json::from_str(&sandbox.ok(&["audit", "list", "-o", "json"])).expect("JSON");
    let mut records = records.as_array().expect("records").iter().map(|one| &one["record"]);
    let record = records.find(|record| record["action"] == "trust.exchange").expect("a record");
    let details = &record["details"];
    assert_eq!((&details["trust"], &details["key"]), (&json!("deploy"), &key["id"]), "{record}");

    sandbox.ok(&["revoke", "ci/deploy"]);
    soon("what was issued ends", || asked_of(&server, &jwt, "deploy").status == 401);
    soon("and nothing is issued any more", || bring(&server, &good, "").status == 400);
    assert_eq!(bring(&server, &good, "").json(), json!({ "error": "invalid_grant" }));
});

both!(whatever_is_wrong_with_a_ci_s_token_is_the_same_to_it_and_stands_in_the_log, |place| {
    let (sandbox, _, address) = furnished(place);
    let (first, stranger) = (Signing::new("first"), Signing::new("first"));
    let ci = Ci::start(&[&first]);
    trust(&sandbox, "deploy", &ci.url, &MAIN);
    let server = serving(&sandbox, &address);
    let with = |name: &str, value: Value| {
        let mut claims = ci.claims();
        claims[name] = value;
        claims
    };
    let tells = |token: &str, reason: &str| refused(&server, token, "", 400, "invalid_grant", reason);
    tells(&first.sign(&with("ref", json!("refs/heads/next"))), "trust_claims");
    tells(&first.sign(&with("project_id", json!("124"))), "trust_claims");
    tells(&first.sign(&with("ref", json!(["refs/heads/main"]))), "trust_claims");
    tells(&first.sign(&with("aud", json!("https://other.example.com"))), "trust_audience");
    tells(&first.sign(&with("iss", json!("https://ci.example.com"))), "trust_issuer");
    tells(&first.sign(&with("exp", json!(now() - 31))), "trust_expired");
    tells(&first.sign(&with("exp", json!("9999999999"))), "trust_form");
    tells(&first.sign(&with("nbf", json!(now() + 100))), "trust_not_yet_valid");
    tells("eyJhIjoxfQ.eyJhIjoxfQ.AAAAAAAAAAAA", "trust_form");
    assert_eq!(ci.asked(), 0, "no key was needed to refuse these");
    tells(&stranger.sign(&ci.claims()), "trust_signature");
    let asked = ci.asked();
    for number in 0..20 {
        tells(&Signing::new(&format!("made-up-{number}")).sign(&ci.claims()), "trust_key");
    }
    assert!(ci.asked() <= asked + 2, "made-up ids reach the issuer once in ten seconds: {}", ci.asked());
    let good = first.sign(&ci.claims());
    let answer = ask(
        &server,
        "",
        &format!("{EXCHANGE}urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token&subject_token={good}"),
    );
    assert_eq!((answer.status, answer.json()), (400, json!({ "error": "invalid_grant" })), "no key");

    trust(&sandbox, "wide", &ci.url, &["--any-ref"]);
    soon("two trusts let it in", || bring(&server, &good, "").status == 400);
    refused(&server, &good, "", 400, "invalid_grant", "trust_ambiguous");
    refused(&server, &good, "&client_id=none", 400, "invalid_grant", "trust_name");
    assert_eq!(bring(&server, &good, "&client_id=wide").status, 200);
    assert_eq!(bring(&server, &good, "&client_id=deploy").status, 200);
});

both!(an_issuer_s_rotation_is_followed_and_one_that_misbehaves_is_waited_for_in_vain, |place| {
    let (sandbox, _, address) = furnished(place);
    let (first, second) = (Signing::new("first"), Signing::new("second"));
    let ci = Ci::start(&[&first]);
    trust(&sandbox, "deploy", &ci.url, &MAIN);
    let server = serving(&sandbox, &address);
    assert_eq!(bring(&server, &first.sign(&ci.claims()), "").status, 200);
    ci.rotates(&second);
    let rotated = second.sign(&ci.claims());
    eventually("a new key is asked for", || bring(&server, &rotated, "").status == 200);
    refused(&server, &first.sign(&ci.claims()), "", 400, "invalid_grant", "trust_key");

    for manner in [Manner::Redirect, Manner::Huge, Manner::Html, Manner::Other, Manner::Silent] {
        let bad = Ci::start(&[&first]);
        bad.behaves(manner);
        let name = format!("bad{}", bad.url.rsplit(':').next().expect("a port"));
        trust(&sandbox, &name, &bad.url, &MAIN);
        let token = first.sign(&bad.claims());
        soon("the trust is seen", || bring(&server, &token, "").status == 503);
        refused(&server, &token, "", 503, "temporarily_unavailable", "issuer_unreachable");
        // Others are answered meanwhile.
        assert_eq!(bring(&server, &rotated, "").status, 200);
    }
});

both!(given_keys_verify_rs256_and_nobody_is_asked, |place| {
    let (sandbox, _, address) = furnished(place);
    let folder = sandbox.home().to_owned();
    let openssl = |arguments: &[&str]| {
        let ran = Command::new("openssl").args(arguments).current_dir(&folder).output().expect("openssl");
        assert!(ran.status.success(), "{ran:?}");
        ran.stdout
    };
    openssl(&["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "ci.key"]);
    let modulus = String::from_utf8(openssl(&["rsa", "-in", "ci.key", "-noout", "-modulus"])).expect("hex");
    let hex = modulus.trim().strip_prefix("Modulus=").expect("a modulus").to_owned();
    let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex");
    let n: Vec<u8> = (0..hex.len()).step_by(2).map(byte).collect();
    let set = json!({ "keys": [{ "kty": "RSA", "kid": "r", "alg": "RS256", "n": URL_SAFE_NO_PAD.encode(n), "e": "AQAB" }] });
    fs::write(folder.join("keys.json"), set.to_string()).expect("written");
    let file = folder.join("keys.json").display().to_string();
    trust(&sandbox, "deploy", "https://ci.invalid", &[&MAIN[..], &["--jwks", &file]].concat());
    let server = serving(&sandbox, &address);
    let claims = json!({
        "iss": "https://ci.invalid", "aud": [ISSUER, "other"], "exp": now() + 300, "project_id": 123,
        "ref": "refs/heads/main",
    });
    let header = json!({ "alg": "RS256", "kid": "r" });
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    fs::write(folder.join("signed"), format!("{header}.{claims}")).expect("written");
    let signature = openssl(&["dgst", "-sha256", "-sign", "ci.key", "signed"]);
    let token = format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode(signature));
    let answer = bring(&server, &token, "");
    assert_eq!(answer.status, 200, "{answer:?} {}", server.log());
    refused(
        &server,
        &format!("{}AAAA", &token[..token.len() - 4]),
        "",
        400,
        "invalid_grant",
        "trust_signature",
    );
});

// It is found by the key, as for a client that somebody signed in: there is no token that it could be found by.
both!(a_key_without_a_token_leads_to_the_key_of_the_server_behind_the_gateway, |place| {
    let (sandbox, _, address) = furnished(place);
    let first = Signing::new("first");
    let ci = Ci::start(&[&first]);
    trust(&sandbox, "deploy", &ci.url, &MAIN);
    keyed(&sandbox, "secret set memories upstream", "sk-upstream-planted");
    sandbox.ok(&["secret", "bind", "upstream", "ci"]);
    let config = "[policy.mcp]\nupstream_key = { provider = \"memories\", header = \"X-Upstream-Key\" }\n\
        [[policy.mcp.route]]\npath = \"/mcp\"\nscope = \"deploy\"\n";
    sandbox.ok(&["store", "set", "issuer", ISSUER]);
    let variables = [
        ("KEYCTL_MASTER_KEY", KEY),
        ("KEYCTL_SERVE_ISSUE_STORE", address.as_str()),
        ("KEYCTL_OUTBOUND_ALLOW", "127.0.0.0/8"),
    ];
    let server = Server::at_a_socket(&sandbox, config, &variables);
    let good = first.sign(&ci.claims());
    eventually("tokens are issued", || bring(&server, &good, "").status == 200);
    let jwt = bring(&server, &good, "").json()["access_token"].as_str().expect("a token").to_owned();
    let lines =
        format!("X-Forwarded-Method: POST\r\nX-Forwarded-Uri: /mcp\r\nAuthorization: Bearer {jwt}\r\n");
    let asked = || Server::answers(&sandbox, &get("/auth/caddy/@mcp", &lines));
    let answer = asked();
    assert_eq!(
        (answer.status, answer.header("x-upstream-key")),
        (200, Some("sk-upstream-planted")),
        "{answer:?}"
    );
    sandbox.ok(&["secret", "unbind", "upstream", "ci"]);
    soon("nothing is bound", || asked().status == 503);
    sandbox.ok(&["revoke", "ci/deploy"]);
    soon("its key is dead", || asked().status == 401);
});
