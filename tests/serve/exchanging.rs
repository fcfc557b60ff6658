//! `POST /token` and what comes of it: tokens that serve takes wherever it takes keys.

use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::process::{Server, eventually};
use super::raw::{Answer, get, one, post, validate};
use super::serving::BOUND;
use crate::secrets::{KEY, run_with};
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::postgres;
use crate::support::store::Place;

pub(super) const ISSUER: &str = "https://keys.example.com";
pub(super) const ROLE: &str = "http_issuer";
pub(super) const EXCHANGE: &str = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange\
    &subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token&subject_token=";

/// With the master key.
#[track_caller]
pub(super) fn keyed(sandbox: &Sandbox, words: &str, input: &str) -> String {
    let words: Vec<&str> = words.split(' ').collect();
    run_with(sandbox, &[("KEYCTL_MASTER_KEY", KEY)], &words, input).expect_code(0).stdout
}

/// A store with signing keys, the token of alice's key, and the address at which tokens may be issued.
pub(super) fn furnished(place: Place) -> (Sandbox, String, String) {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["store", "set", "audience", "billing", "https://mcp.example.com/mcp"]);
    keyed(&sandbox, "signing-key rotate", "");
    let token = sandbox.ok(&["mint", "alice/ci", "--scope", "chat,files:*"]);
    let address = match &sandbox.place.database {
        None => sandbox.place.text(),
        Some(_) => {
            postgres::server().role(ROLE);
            sandbox.ok(&["store", "grant", ROLE, "--for", "issue"]);
            sandbox.place.text().replace(&format!("{}@", postgres::USER), &format!("{ROLE}@"))
        }
    };
    (sandbox, token, address)
}

/// A server that issues, once it can.
pub(super) fn issuing(sandbox: &Sandbox, address: &str, config: &str, flags: &[&str]) -> Server {
    let variables = [("KEYCTL_MASTER_KEY", KEY), ("KEYCTL_SERVE_ISSUE_STORE", address)];
    let server = Server::keyed(sandbox, config, flags, &variables);
    let probe =
        sandbox.ok(&["mint", "probe", "--scope", "chat", "--name", &format!("p{}", server.address.port())]);
    eventually("tokens are issued", || ask(&server, "", &format!("{EXCHANGE}{probe}")).status == 200);
    server
}

pub(super) fn ask(server: &Server, lines: &str, form: &str) -> Answer {
    let lines = format!("Content-Type: application/x-www-form-urlencoded\r\n{lines}");
    one(server.address, &post("/token", &lines, form.as_bytes()))
}

#[track_caller]
pub(super) fn exchanged(server: &Server, token: &str, more: &str) -> String {
    let answer = ask(server, "", &format!("{EXCHANGE}{token}{more}"));
    assert_eq!(answer.status, 200, "{answer:?} {}", server.log());
    answer.json()["access_token"].as_str().expect("a token").to_owned()
}

pub(super) fn basic(id: &str, secret: &str) -> String {
    format!("Authorization: Basic {}\r\n", STANDARD.encode(format!("{id}:{secret}")))
}

pub(super) fn claims(jwt: &str) -> Value {
    let part = jwt.split('.').nth(1).expect("claims");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}

pub(super) fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

pub(super) fn asked_of(server: &Server, token: &str, scope: &str) -> Answer {
    one(server.address, &get(&format!("/auth/nginx/{scope}"), &bearer(token)))
}

pub(super) fn status_of(server: &Server, token: &str) -> u16 {
    one(server.address, &validate(token)).status
}

/// Within the bound.
#[track_caller]
pub(super) fn soon(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < BOUND, "{what}: not within {BOUND:?}");
        thread::sleep(Duration::from_millis(20));
    }
}

both!(a_token_is_good_where_its_key_is_and_ends_with_it, |place| {
    let (sandbox, token, address) = furnished(place);
    let gateway = sandbox.ok(&["mint", "gateway", "--scope", "keyctl:introspect"]);
    sandbox.ok(&["store", "set", "issuer", ISSUER]);
    let server = issuing(&sandbox, &address, "", &[]);
    let key = sandbox.json(&["show", "alice/ci"])["id"].as_str().expect("an id").to_owned();
    let id = &token[4..16];
    let encoded: String = token.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let wanted = "grant_type=client_credentials&scope=chat";
    for (lines, form) in [
        (basic(id, &token), wanted.to_owned()),
        (basic(id, &encoded), wanted.to_owned()),
        (basic(&key, &token), wanted.to_owned()),
        (String::new(), format!("{wanted}&client_id={id}&client_secret={token}")),
    ] {
        let answer = ask(&server, &lines, &form);
        assert_eq!(answer.status, 200, "{form}: {answer:?}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let said = answer.json();
        assert_eq!(
            (&said["token_type"], &said["scope"], said["expires_in"].as_i64()),
            (&json!("Bearer"), &json!("chat"), Some(295))
        );
        assert!(said.get("issued_token_type").is_none() && !answer.body.contains("null"), "{said}");
    }
    let narrow = exchanged(&server, &token, "&scope=chat&audience=billing&expires_in=60");
    let said = claims(&narrow);
    assert_eq!(
        (&said["iss"], &said["aud"], &said["sub"]),
        (&json!(ISSUER), &json!("billing"), &json!("alice"))
    );
    assert_eq!((&said["client_id"], &said["scope"]), (&json!(key), &json!("chat")));
    assert_eq!(said["exp"].as_i64().expect("exp") - said["iat"].as_i64().expect("iat"), 60);
    let jwt = exchanged(&server, &token, "");
    assert_eq!(sandbox.feed(&["jwt", "verify", "--scope", "chat"], &jwt).code, Some(0));

    for good in [&jwt, &narrow] {
        // Twice: seen for the first time, and kept.
        for _ in 0..2 {
            let answer = asked_of(&server, good, "chat");
            assert_eq!(answer.status, 200, "{answer:?}");
            assert_eq!(answer.header("x-keyctl-type"), Some("jwt"));
            assert_eq!(answer.header("x-keyctl-key"), Some(key.as_str()));
        }
    }
    assert_eq!(asked_of(&server, &token, "chat").header("x-keyctl-type"), Some("key"));
    assert_eq!(asked_of(&server, &jwt, "files:read").status, 200);
    assert_eq!(asked_of(&server, &narrow, "files:read").status, 403, "the token says less than its key may");
    let answer = one(server.address, &validate(&narrow)).json();
    assert_eq!(
        (&answer["principal"], &answer["attributes"]["scopes"]),
        (&json!("alice"), &json!(["chat"])),
        "{answer}"
    );
    let lines = format!("Content-Type: application/x-www-form-urlencoded\r\n{}", bearer(&gateway));
    let introspected_of = |token: &str| {
        one(server.address, &post("/introspect", &lines, format!("token={token}").as_bytes())).json()
    };
    let introspected = || introspected_of(&jwt);
    assert_eq!(introspected_of(&narrow)["aud"], "billing");
    assert_eq!(introspected_of(&token).get("aud"), None, "a key is for nobody in particular");
    let said = introspected();
    assert_eq!(said["aud"], ISSUER, "as the token says it");
    assert_eq!(
        (&said["active"], &said["token_type"], &said["client_id"]),
        (&json!(true), &json!("Bearer"), &json!(key))
    );
    assert_eq!(said["exp"], claims(&jwt)["exp"]);
    // A token is no key: it is exchanged for none.
    let again = ask(&server, "", &format!("{EXCHANGE}{jwt}"));
    assert_eq!((again.status, again.json()), (400, json!({ "error": "invalid_grant" })));

    sandbox.ok(&["revoke", "alice/ci"]);
    for good in [&jwt, &narrow] {
        soon("a token of a revoked key is refused", || status_of(&server, good) == 401);
    }
    assert_eq!(introspected(), json!({ "active": false }));
    let nobody = one(server.address, &validate("nobody"));
    assert_eq!(one(server.address, &validate(&jwt)), nobody, "all look the same");
    let refused = ask(&server, &basic(id, &token), wanted);
    assert_eq!((refused.status, refused.json()), (401, json!({ "error": "invalid_client" })));
    assert_eq!(refused.header("www-authenticate"), Some("Basic realm=\"keyctl\""));
    server.says("reason=revoked");
    for hidden in [jwt.as_str(), &narrow, &token] {
        assert!(!server.log().contains(hidden), "{}", server.log());
    }
    server.is_well();
});

both!(what_takes_something_away_ends_tokens_and_a_limit_is_held_here, |place| {
    let (sandbox, token, address) = furnished(place);
    sandbox.ok(&["store", "set", "issuer", ISSUER]);
    let server = issuing(&sandbox, &address, "", &[]);
    let jwt = exchanged(&server, &token, "");
    assert_eq!(status_of(&server, &jwt), 200);
    sandbox.ok(&["suspend", "alice/ci"]);
    soon("suspended", || status_of(&server, &jwt) == 401);
    sandbox.ok(&["resume", "alice/ci"]);
    soon("resumed", || status_of(&server, &token) == 200);
    assert_eq!(status_of(&server, &jwt), 401, "a version of before stays dead");
    server.says("reason=version");
    let jwt = exchanged(&server, &token, "");
    assert_eq!(status_of(&server, &jwt), 200);

    // Nobody who verifies offline would hold it, so none is issued; but with leave, it is held here.
    sandbox.ok(&["edit", "alice/ci", "--rate", "3/h"]);
    let form = format!("{EXCHANGE}{token}");
    soon("limited", || ask(&server, "", &form).json()["error"] == "unauthorized_client");
    sandbox.ok(&["edit", "alice/ci", "--allow-jwt"]);
    soon("allowed", || ask(&server, "", &form).status == 200);
    let statuses: Vec<u16> = (0..4).map(|_| ask(&server, "", &form).status).collect();
    assert_eq!(statuses, [200, 200, 429, 429], "one for each token");
    let over = ask(&server, "", &form);
    assert_eq!(over.json(), json!({ "error": "temporarily_unavailable" }));
    assert!(over.header("retry-after").is_some());
    server.is_well();
});

// What a pipeline has: a token of a key that has none.
both!(a_token_of_a_key_without_a_token_is_judged_by_the_key, |place| {
    let (sandbox, token, address) = furnished(place);
    let gateway = sandbox.ok(&["mint", "gateway", "--scope", "keyctl:introspect"]);
    let server = issuing(&sandbox, &address, "", &[]);
    let jwt = exchanged(&server, &token, "&expires_in=3600");
    let id = sandbox.json(&["show", "alice/ci"])["id"].as_str().expect("an id").to_owned();
    let taken = format!(
        "UPDATE token SET token_hash = key_id || '----------------------------------' WHERE key_id = '{id}'"
    );
    sandbox.place.sql(&taken).expect("taken");
    // What is kept is kept until something changes.
    sandbox.ok(&["edit", "alice/ci", "--label", "team=ci"]);
    soon("the token is none any more", || status_of(&server, &token) == 401);
    assert_eq!(status_of(&server, &jwt), 200, "{}", server.log());
    assert_eq!((asked_of(&server, &jwt, "chat").status, asked_of(&server, &jwt, "admin").status), (200, 403));
    let lines = format!("Content-Type: application/x-www-form-urlencoded\r\n{}", bearer(&gateway));
    let introspected =
        || one(server.address, &post("/introspect", &lines, format!("token={jwt}").as_bytes())).json();
    let said = introspected();
    assert_eq!(
        (&said["active"], &said["client_id"], &said["sub"]),
        (&json!(true), &json!(id), &json!("alice"))
    );
    sandbox.ok(&["edit", "alice/ci", "--allow-ip", "10.0.0.0/8"]);
    soon("another network is refused", || status_of(&server, &jwt) != 200);
    sandbox.ok(&["edit", "alice/ci", "--allow-ip", "any"]);
    assert_eq!(introspected(), json!({ "active": false }), "its version was raised");
    for text in [format!("{id:-<64}"), format!("none:{id}"), id.clone()] {
        assert_eq!(status_of(&server, &text), 401, "{text}");
    }
});

#[test]
fn each_fault_of_a_request_has_its_error() {
    let (sandbox, token, address) = furnished(Place::sqlite());
    sandbox.ok(&["store", "set", "issuer", ISSUER]);
    let limited = sandbox.ok(&["mint", "bob", "--scope", "chat", "--allow-ip", "127.0.0.1"]);
    let server = issuing(&sandbox, &address, "", &[]);
    let id = &token[4..16];
    let credentials = basic(id, &token);
    let granted = "grant_type=client_credentials";
    let exchange = format!("{EXCHANGE}{token}");
    for (lines, form, status, error) in [
        (credentials.as_str(), String::new(), 400, "invalid_request"),
        (&credentials, "grant_type=".to_owned(), 400, "invalid_request"),
        (&credentials, "grant_type=password&username=a&password=b".to_owned(), 400, "unsupported_grant_type"),
        (&credentials, "grant_type=authorization_code".to_owned(), 400, "unsupported_grant_type"),
        (&credentials, format!("{granted}&{granted}"), 400, "invalid_request"),
        (&credentials, format!("{granted}&scope=secrets"), 400, "invalid_scope"),
        (&credentials, format!("{granted}&scope=*"), 400, "invalid_scope"),
        (&credentials, format!("{granted}&scope=files"), 400, "invalid_scope"),
        (&credentials, format!("{granted}&scope=chat%20%20chat"), 400, "invalid_scope"),
        (&credentials, format!("{granted}&audience=elsewhere"), 400, "invalid_target"),
        (&credentials, format!("{granted}&audience=billing&audience=elsewhere"), 400, "invalid_target"),
        (&credentials, format!("{granted}&resource=billing"), 400, "invalid_target"),
        (&credentials, format!("{granted}&resource=https://mcp.example.com/mcp%23a"), 400, "invalid_target"),
        (&credentials, format!("{granted}&expires_in=5"), 400, "invalid_request"),
        (&credentials, format!("{granted}&expires_in=3601"), 400, "invalid_request"),
        (&credentials, format!("{granted}&expires_in=60.0"), 400, "invalid_request"),
        (&credentials, format!("{granted}&client_secret={token}"), 400, "invalid_request"),
        ("", granted.to_owned(), 401, "invalid_client"),
        ("", format!("{granted}&client_id={id}"), 401, "invalid_client"),
        ("", format!("{granted}&client_id=other&client_secret={token}"), 401, "invalid_client"),
        ("", format!("{granted}&client_id={id}&client_secret=wrong"), 401, "invalid_client"),
        (&basic("other", &token), granted.to_owned(), 401, "invalid_client"),
        ("Authorization: Basic !!!\r\n", granted.to_owned(), 401, "invalid_client"),
        ("", format!("{EXCHANGE}wrong"), 400, "invalid_grant"),
        (&basic(id, "wrong"), exchange.clone(), 401, "invalid_client"),
        ("", format!("{EXCHANGE}{limited}"), 400, "unauthorized_client"),
        ("", EXCHANGE.to_owned(), 400, "invalid_request"),
        ("", exchange.replace("access_token", "saml2"), 400, "invalid_request"),
        ("", exchange.replace("access_token", "jwt"), 400, "invalid_grant"),
        (
            "",
            format!("{exchange}&requested_token_type=urn:ietf:params:oauth:token-type:saml2"),
            400,
            "invalid_request",
        ),
        ("", format!("{exchange}&actor_token={token}"), 400, "invalid_request"),
    ] {
        let answer = ask(&server, lines, &form);
        assert_eq!((answer.status, answer.json()), (status, json!({ "error": error })), "{lines}{form}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("www-authenticate").is_some(), status == 401 && !lines.is_empty(), "{form}");
    }
    let answer = one(server.address, &post("/token", &credentials, granted.as_bytes()));
    assert_eq!((answer.status, answer.json()), (400, json!({ "error": "invalid_request" })), "no form");
    let answer = one(server.address, &get("/token", &credentials));
    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
    let answer = ask(
        &server,
        &credentials,
        &format!("{granted}&audience=billing&resource=https://mcp.example.com/mcp&unknown=x&scope="),
    );
    assert_eq!(answer.status, 200, "{answer:?}");
    let said = claims(answer.json()["access_token"].as_str().expect("a token"));
    assert_eq!(said["aud"], json!(["billing", "https://mcp.example.com/mcp"]));
    let asks = format!("{exchange}&requested_token_type=urn:ietf:params:oauth:token-type:jwt");
    let answer = ask(&server, "", &asks).json();
    assert_eq!(answer["issued_token_type"], "urn:ietf:params:oauth:token-type:jwt");
    assert!(!server.log().contains(&token[17..]), "{}", server.log());

    let off = Server::plain(&sandbox);
    assert_eq!(ask(&off, &credentials, granted).status, 404, "off unless it has an address");
    let without = run_with(&sandbox, &[], &["serve", "--check", "--issue-store", &address], "");
    assert_eq!(without.code, Some(8), "{without:?}");
    assert!(without.stderr.contains("no master key is set"), "{without:?}");
}

#[test]
fn bad_tokens_all_look_the_same_and_the_log_says_why() {
    let (sandbox, token, address) = furnished(Place::sqlite());
    sandbox.ok(&["store", "set", "issuer", ISSUER]);
    let server = issuing(&sandbox, &address, "", &[]);
    let good = exchanged(&server, &token, "");
    let for_billing = exchanged(&server, &token, "&audience=billing");
    let short = keyed(&sandbox, "jwt issue --ttl 7s", &token);
    let parts: Vec<&str> = good.split('.').collect();
    let header = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let kid: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[0]).expect("base64url")).expect("JSON");
    let kid = kid["kid"].as_str().expect("a kid");
    let of = |head: &str| format!("{}.{}.{}", header(head), parts[1], parts[2]);
    let mut forged = claims(&good);
    forged["scope"] = json!("*");
    let forged = format!("{}.{}.{}", parts[0], header(&forged.to_string()), parts[2]);
    let nobody = one(server.address, &validate("nobody"));
    assert_eq!(nobody.status, 401);
    for (jwt, reason) in [
        (of(&format!(r#"{{"alg":"none","kid":"{kid}"}}"#)), "malformed"),
        (of(&format!(r#"{{"alg":"HS256","kid":"{kid}"}}"#)), "malformed"),
        (of(&format!(r#"{{"alg":"ES256","kid":"{kid}","crit":["exp"]}}"#)), "malformed"),
        (of(&format!(r#"{{"alg":"ES256","kid":"{kid}","jku":"https://a.example"}}"#)), "malformed"),
        (of(r#"{"alg":"ES256","kid":"../../etc/passwd"}"#), "signing_key"),
        (of(r#"{"alg":"ES256","kid":"unknown","typ":"at+jwt"}"#), "signing_key"),
        (of(&format!(r#"{{"alg":"ES256","kid":"{kid}","typ":"JWT"}}"#)), "signature"),
        (format!("{}.{}.", parts[0], parts[1]), "signature"),
        (format!("{}.{}.{}=", parts[0], parts[1], parts[2]), "malformed"),
        (forged, "signature"),
    ] {
        for _ in 0..2 {
            assert_eq!(one(server.address, &validate(&jwt)), nobody, "{reason}: {jwt}");
        }
        server.says(&format!("reason={reason}"));
        assert_eq!(asked_of(&server, &jwt, "chat").status, 401, "{reason}");
    }
    let long = format!("{good}{}", "A".repeat(9000));
    assert_eq!(one(server.address, &validate(&long)), nobody);

    assert_eq!(status_of(&server, short.trim()), 200);
    let end = claims(short.trim())["exp"].as_i64().expect("exp");
    eventually("it has ended", || status_of(&server, short.trim()) == 401);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a time").as_secs();
    assert!(now.cast_signed() >= end, "not before its end");
    server.says("reason=expired");
    assert_eq!(status_of(&server, &for_billing), 200);
    sandbox.ok(&["store", "set", "audience", "other"]);
    soon("another audience", || status_of(&server, &for_billing) == 401);
    server.says("reason=audience");
    assert_eq!(status_of(&server, &good), 200);
    sandbox.ok(&["store", "set", "issuer", "https://other.example.com"]);
    soon("another issuer", || status_of(&server, &good) == 401);
    server.says("reason=issuer");
    server.is_well();
}
