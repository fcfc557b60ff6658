//! What is no good credential, and what only looks like more than one.

use std::time::Duration;

use super::process::{Server, eventually};
use super::raw::{Answer, get, one, post, validate};
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::store::Place;

const ASKED: &str = "/auth/nginx/memories:read";

fn presented(server: &Server, lines: &str) -> Answer {
    one(server.address, &get("/auth/caddy/memories:read", lines))
}

#[test]
fn two_credentials_are_400_and_say_why() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let token = sandbox.ok(&["mint", "alice", "--scope", "memories"]);
    let server = Server::plain(&sandbox);
    let good = format!("Authorization: Bearer {token}\r\n");
    for (lines, why) in [
        (format!("{good}{good}"), "twice"),
        (format!("{good}X-API-Key: other\r\n"), "two different"),
        (format!("X-API-Key: {token}\r\nX-API-Key: {token}\r\n"), "twice"),
        (format!("Authorization: Bearer {token},{token}\r\n"), "comma"),
        (format!("Authorization: Bearer {token}, Bearer {token}\r\n"), "comma"),
        (format!("Authorization: Bearer {token} x\r\n"), "blank"),
        (format!("{good}X-Forwarded-Proto: https\r\nX-Forwarded-Proto: http\r\n"), "twice"),
    ] {
        let answer = presented(&server, &lines);
        assert_eq!(answer.status, 400, "{lines}: {answer:?}");
        assert_eq!(answer.json()["code"], "INVALID_REQUEST", "{lines}");
        assert!(answer.body.contains(why), "{lines}: {answer:?}");
        assert!(!answer.body.contains(&token), "{answer:?}");
        let answer = one(server.address, &get(ASKED, &lines));
        assert_eq!((answer.status, answer.header("x-keyctl-status")), (403, Some("400")), "{answer:?}");
    }
    for lines in [
        good.clone(),
        format!("{good}X-API-Key: {token}\r\n"),
        format!("X-API-Key: {token}\r\n"),
        format!("Authorization: Basic eDp5\r\nX-API-Key: {token}\r\n"),
    ] {
        let answer = presented(&server, &lines);
        assert_eq!((answer.status, answer.header("x-keyctl-owner")), (200, Some("alice")), "{answer:?}");
    }
    assert!(!server.log().contains(&token), "{}", server.log());
    server.is_well();
}

both!(all_that_is_not_accepted_gets_the_same_bytes, |place| {
    let sandbox = Sandbox::with_store(place);
    let mint = |name: &str| sandbox.ok(&["mint", &format!("alice/{name}"), "--scope", "memories"]);
    let (good, revoked, suspended, expired) =
        (mint("good"), mint("revoked"), mint("suspended"), mint("expired"));
    sandbox.ok(&["revoke", "alice/revoked", "--yes"]);
    sandbox.ok(&["suspend", "alice/suspended"]);
    let end = "UPDATE token SET expires_at = created_at + 1 WHERE key_name = 'expired'";
    sandbox.place.sql(end).expect("expired");
    let elsewhere = Sandbox::with_store(Place::sqlite()).ok(&["mint", "alice", "--scope", "memories"]);
    let hash = sandbox.place.sql("SELECT token_hash FROM token LIMIT 1").expect("a hash");
    let wrong_check = format!("{}{}", &good[..good.len() - 1], if good.ends_with('0') { '1' } else { '0' });
    let prefix = good[..16].to_owned();
    let server = Server::plain(&sandbox);
    assert_eq!(one(server.address, &get(ASKED, &format!("X-API-Key: {good}\r\n"))).status, 200);
    let bad = [
        elsewhere.as_str(),
        &revoked,
        &suspended,
        &expired,
        &wrong_check,
        &hash,
        &prefix,
        "'OR'1'='1",
        "x';DROP/**/TABLE/**/token;--",
        "%00",
        "\u{fc}",
        "sks_",
        "",
    ];
    let answers: Vec<Answer> = bad
        .iter()
        .map(|token| one(server.address, &get(ASKED, &format!("X-API-Key: {token}\r\n"))))
        .collect();
    for (token, answer) in bad.iter().zip(&answers) {
        assert_eq!((answer.status, answer), (401, &answers[0]), "{token}");
    }
    let challenge = answers[0].header("www-authenticate");
    assert_eq!(challenge, Some("Bearer realm=\"keyctl\", error=\"invalid_token\""));
    let answers: Vec<Answer> = bad.iter().map(|token| one(server.address, &validate(token))).collect();
    for (token, answer) in bad.iter().zip(&answers) {
        assert_eq!((answer.status, answer), (401, &answers[0]), "{token}");
    }
    for secret in [good.as_str(), &elsewhere, &revoked, &hash] {
        assert!(!server.log().contains(secret), "{}", server.log());
    }
    assert_eq!(
        one(server.address, &get(ASKED, &format!("X-API-Key: {good}\r\n"))).status,
        200,
        "all is there still"
    );
    server.is_well();
});

both!(a_store_that_cannot_be_read_is_503_and_comes_back_and_is_not_asked_for_nothing, |place| {
    let sandbox = Sandbox::with_store(place);
    let good = sandbox.ok(&["mint", "alice", "--scope", "memories"]);
    let elsewhere = Sandbox::with_store(Place::sqlite()).ok(&["mint", "alice", "--scope", "memories"]);
    let server = Server::plain(&sandbox);
    let asks = |token: &str| {
        one(server.address, &get("/auth/traefik/memories:read", &format!("X-API-Key: {token}\r\n")))
    };
    let (away, back) = match sandbox.place.database {
        None => {
            let made = "SELECT sql FROM sqlite_master WHERE name = 'keyctl_tokens_v1'";
            ("DROP VIEW keyctl_tokens_v1".to_owned(), sandbox.place.sql(made).expect("a view"))
        }
        Some(_) => (
            "ALTER VIEW public.keyctl_tokens_v1 RENAME TO away".to_owned(),
            "ALTER VIEW public.away RENAME TO keyctl_tokens_v1".to_owned(),
        ),
    };
    sandbox.place.sql(&away).expect("away");
    let answer = asks(&elsewhere);
    assert_eq!(
        (answer.status, answer.json()["code"].as_str()),
        (503, Some("STORE_UNAVAILABLE")),
        "{answer:?}"
    );
    assert_eq!(answer.header("retry-after"), Some("1"));
    // What cannot be a token is none, whatever the store holds.
    let wrong_check = format!("{}{}", &good[..good.len() - 1], if good.ends_with('0') { '1' } else { '0' });
    for token in ["", "\u{fc}", &wrong_check, &"x".repeat(5000)] {
        assert_eq!(asks(token).status, 401, "{token}");
    }
    assert_eq!(one(server.address, &get("/readyz", "")).status, 200, "an outage takes no instance out");
    sandbox.place.sql(&back).expect("back");
    eventually("the store is read again", || asks(&good).status == 200);
    assert_eq!(asks(&elsewhere).status, 401);
    server.is_well();
});

#[test]
fn what_a_body_claims_grants_nothing() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let token = sandbox.ok(&["mint", "alice", "--scope", "memories:read"]);
    let server = Server::plain(&sandbox);
    let plain = one(server.address, &validate(&token));
    assert_eq!((plain.status, plain.json()["principal"].as_str()), (200, Some("alice")));
    let claims = serde_json::json!({
        "api_key": token, "userId": "root", "user_id": "root", "principal": "root", "role": "admin", "roles": ["admin"],
        "scopes": ["*"], "is_admin": true, "attributes": {"scopes": ["*"]},
        "request": {"path": "/", "headers": {"authorization": "Bearer x", "cookie": "secret-cookie"}, "params": {}},
    });
    let answer =
        one(server.address, &post("/validate", "X-Keyctl-Owner: root\r\n", claims.to_string().as_bytes()));
    assert_eq!(answer, plain);
    let claimed = "X-Keyctl-Owner: root\r\nX-Keyctl-Scopes: *\r\nX-Forwarded-For: 10.0.0.1\r\n";
    let answer = one(server.address, &get("/auth/nginx/admin", &format!("{claimed}X-API-Key: {token}\r\n")));
    assert_eq!(answer.status, 403, "{answer:?}");
    assert!(!server.log().contains("secret-cookie"), "{}", server.log());
}

#[test]
fn json_that_can_be_read_in_two_ways_is_none() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let token = sandbox.ok(&["mint", "alice", "--scope", "memories:read"]);
    let server = Server::plain(&sandbox);
    let good = format!("{{\"api_key\":\"{token}\"}}");
    let deep = |of: &str, end: &str| {
        format!("{{\"api_key\":\"{token}\",\"a\":{}{}}}", of.repeat(10_000), end.repeat(10_000))
    };
    for (body, why) in [
        (String::new(), "no JSON"),
        ("null".to_owned(), "api_key"),
        ("[]".to_owned(), "api_key"),
        ("{}".to_owned(), "api_key"),
        (r#"{"api_key":null}"#.to_owned(), "not a text"),
        (format!(r#"{{"api_key":["{token}"]}}"#), "not a text"),
        (format!(r#"{{"api_key":{{"token":"{token}"}}}}"#), "not a text"),
        (r#"{"api_key":1}"#.to_owned(), "not a text"),
        (format!(r#"{{"api_key":"{token}","api_key":"{token}"}}"#), "no JSON"),
        (format!(r#"{{"api_key":"x","\u0061pi_key":"{token}"}}"#), "no JSON"),
        (format!(r#"{{"api_key":"{token}","a":{{"b":1,"b":2}}}}"#), "no JSON"),
        (format!(r#"{{"api_key":"{token}","a":"\ud800"}}"#), "no JSON"),
        (format!(r#"{{"api_key":"{token}","a":1e400}}"#), "no JSON"),
        (format!("{good}\0"), "no JSON"),
        (format!("{good}{good}"), "no JSON"),
        (format!("\u{feff}{good}"), "no JSON"),
        (format!("{good},"), "no JSON"),
        (deep("[", "]"), "no JSON"),
        (deep("{\"a\":", "}").replace(":}", ":1}"), "no JSON"),
        (format!("api_key={token}"), "no JSON"),
    ] {
        let shown: String = body.chars().take(100).collect();
        let answer =
            one(server.address, &post("/validate", "Content-Type: application/json\r\n", body.as_bytes()));
        assert_eq!(answer.status, 400, "{shown}: {answer:?}");
        assert!(answer.body.contains(why), "{shown}: {answer:?}");
        assert!(!answer.body.contains(&token), "{answer:?}");
    }
    for coding in ["gzip", "identity", "br, gzip", ""] {
        let answer = one(
            server.address,
            &post("/validate", &format!("Content-Encoding: {coding}\r\n"), good.as_bytes()),
        );
        assert_eq!(answer.status, 415, "{coding}: {answer:?}");
    }
    assert_eq!(one(server.address, &post("/validate", "", good.as_bytes())).status, 200);
    server.is_well();
}

/// Whoever reads no answer before all is sent gets it all the same.
#[test]
fn a_body_of_ten_mebibytes_is_413_and_the_answer_arrives() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let server = Server::plain(&sandbox);
    let body = vec![b' '; 10 << 20];
    for target in ["/validate", "/introspect", "/nothing"] {
        let answer = one(server.address, &post(target, "", &body));
        assert_eq!(
            (answer.status, answer.header("connection")),
            (413, Some("close")),
            "{target}: {answer:?}"
        );
    }
    server.is_well();
}

#[test]
fn request_ids_stand_in_a_header_only_and_head_has_no_body() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let server = Server::plain(&sandbox);
    let asks = |lines: &str| one(server.address, &get(ASKED, lines));
    let without = asks("X-API-Key: x\r\n");
    assert_eq!(without.header("x-request-id"), None);
    let longest = "a".repeat(64);
    for id in ["a.B_c-9", &longest] {
        let answer = asks(&format!("X-API-Key: x\r\nX-Request-Id: {id}\r\n"));
        assert_eq!((answer.header("x-request-id"), &answer.body), (Some(id), &without.body));
    }
    for lines in [
        "X-Request-Id: a b\r\n",
        "X-Request-Id: \u{fc}\r\n",
        "X-Request-Id:\r\n",
        "X-Request-Id: a\r\nX-Request-Id: a\r\n",
    ] {
        assert_eq!(asks(&format!("X-API-Key: x\r\n{lines}")), without, "{lines}");
    }
    assert_eq!(asks(&format!("X-API-Key: x\r\nX-Request-Id: {longest}a\r\n")), without);
    let mut stream = super::raw::connect(server.address);
    let head = String::from_utf8(get(ASKED, "X-API-Key: x\r\n")).expect("text").replacen("GET", "HEAD", 1);
    std::io::Write::write_all(&mut stream, head.as_bytes()).expect("written");
    let answer = super::raw::read(&mut stream, true).expect("an answer");
    assert_eq!(answer.head, without.head);
    assert_eq!(super::raw::read(&mut stream, true), None, "and no body");
    // What is written of a request is one line.
    server.says("route=nginx");
    std::thread::sleep(Duration::from_millis(1));
    assert!(
        server.log().lines().all(|line| line.contains(" info  ") || line.contains(" warn  ")),
        "{}",
        server.log()
    );
}
