//! `POST /token` and what comes of it: tokens that serve and others verify, the keys for that, and the feed.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::installed;
use super::process::{Server, eventually};
use super::raw::{Answer, get, one, post, validate};
use super::serving::BOUND;
use crate::secrets::{KEY, run_with};
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::cluster::free_port;
use crate::support::postgres;
use crate::support::store::Place;

const ISSUER: &str = "https://keys.example.com";
const ROLE: &str = "http_issuer";
const EXCHANGE: &str = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange\
    &subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token&subject_token=";

/// With the master key.
#[track_caller]
fn keyed(sandbox: &Sandbox, words: &str, input: &str) -> String {
    let words: Vec<&str> = words.split(' ').collect();
    run_with(sandbox, &[("KEYCTL_MASTER_KEY", KEY)], &words, input).expect_code(0).stdout
}

/// A store with signing keys, the token of alice's key, and the address at which tokens may be issued.
fn furnished(place: Place) -> (Sandbox, String, String) {
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
fn issuing(sandbox: &Sandbox, address: &str, config: &str, flags: &[&str]) -> Server {
    let variables = [("KEYCTL_MASTER_KEY", KEY), ("KEYCTL_SERVE_ISSUE_STORE", address)];
    let server = Server::keyed(sandbox, config, flags, &variables);
    let probe =
        sandbox.ok(&["mint", "probe", "--scope", "chat", "--name", &format!("p{}", server.address.port())]);
    eventually("tokens are issued", || ask(&server, "", &format!("{EXCHANGE}{probe}")).status == 200);
    server
}

fn ask(server: &Server, lines: &str, form: &str) -> Answer {
    let lines = format!("Content-Type: application/x-www-form-urlencoded\r\n{lines}");
    one(server.address, &post("/token", &lines, form.as_bytes()))
}

#[track_caller]
fn exchanged(server: &Server, token: &str, more: &str) -> String {
    let answer = ask(server, "", &format!("{EXCHANGE}{token}{more}"));
    assert_eq!(answer.status, 200, "{answer:?} {}", server.log());
    answer.json()["access_token"].as_str().expect("a token").to_owned()
}

fn basic(id: &str, secret: &str) -> String {
    format!("Authorization: Basic {}\r\n", STANDARD.encode(format!("{id}:{secret}")))
}

fn claims(jwt: &str) -> Value {
    let part = jwt.split('.').nth(1).expect("claims");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}

fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

fn asked_of(server: &Server, token: &str, scope: &str) -> Answer {
    one(server.address, &get(&format!("/auth/nginx/{scope}"), &bearer(token)))
}

fn status_of(server: &Server, token: &str) -> u16 {
    one(server.address, &validate(token)).status
}

/// Within the bound.
#[track_caller]
fn soon(what: &str, mut is_so: impl FnMut() -> bool) {
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
    let introspected =
        || one(server.address, &post("/introspect", &lines, format!("token={jwt}").as_bytes())).json();
    let said = introspected();
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
        ("", exchange.replace("access_token", "jwt"), 400, "invalid_request"),
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

/// As if the next key had been published for long.
fn age(sandbox: &Sandbox) {
    let table = if sandbox.place.database.is_some() { "keyctl.signing_key" } else { "signing_key" };
    let sql = format!(
        "UPDATE {table} SET may_sign_at = may_sign_at - 600000, published_at = published_at - 600000 WHERE signs_from IS NULL"
    );
    sandbox.place.sql(&sql).expect("aged");
}

fn kids(server: &Server) -> BTreeSet<String> {
    let answer = one(server.address, &get("/.well-known/jwks.json", ""));
    assert_eq!(answer.status, 200, "{answer:?}");
    let set = answer.json();
    let keys = set["keys"].as_array().expect("keys");
    keys.iter().map(|key| key["kid"].as_str().expect("a kid").to_owned()).collect()
}

fn kid_of(jwt: &str) -> String {
    let header = URL_SAFE_NO_PAD.decode(jwt.split('.').next().expect("a header")).expect("base64url");
    let header: Value = serde_json::from_slice(&header).expect("JSON");
    header["kid"].as_str().expect("a kid").to_owned()
}

both!(signing_keys_are_followed_under_load_and_a_revoked_one_takes_its_tokens_with_it, |place| {
    let (sandbox, token, address) = furnished(place);
    sandbox.ok(&["store", "set", "issuer", ISSUER]);
    let server = issuing(&sandbox, &address, "", &[]);
    assert_eq!(kids(&server).len(), 2);
    let first = exchanged(&server, &token, "");
    let (is_over, count) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    let jwt = exchanged(&server, &token, "");
                    assert_eq!(status_of(&server, &jwt), 200, "{}", server.log());
                    assert_eq!(status_of(&server, &first), 200, "{}", server.log());
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for number in 3..5 {
            age(&sandbox);
            keyed(&sandbox, "signing-key rotate", "");
            soon("the new set", || kids(&server).len() == number);
            let before = kid_of(&first);
            soon("another key signs", || kid_of(&exchanged(&server, &token, "")) != before);
        }
        is_over.store(true, Ordering::Relaxed);
    });
    assert!(count.load(Ordering::Relaxed) > 10, "{count:?}");
    let last = exchanged(&server, &token, "");
    let stolen = kid_of(&last);
    keyed(&sandbox, &format!("signing-key revoke {stolen} --yes"), "");
    soon("its tokens are refused", || status_of(&server, &last) == 401);
    assert_eq!(status_of(&server, &first), 200, "those of another are good");
    soon("it is out of the set", || !kids(&server).contains(&stolen));
    soon("the next one signs", || {
        let answer = ask(&server, "", &format!("{EXCHANGE}{token}"));
        answer.status == 200 && kid_of(answer.json()["access_token"].as_str().expect("a token")) != stolen
    });
    server.is_well();
});

#[test]
fn the_keys_are_told_while_the_store_is_away_and_a_known_set_is_not_sent_again() {
    let (sandbox, _, address) = furnished(Place::sqlite());
    let server = issuing(&sandbox, &address, "", &[]);
    let answer = one(server.address, &get("/.well-known/jwks.json", ""));
    assert_eq!(answer.header("cache-control"), Some("max-age=270"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let etag = answer.header("etag").expect("a tag").to_owned();
    assert_eq!(answer.json()["keys"][0]["alg"], "ES256");
    for known in [etag.clone(), format!("W/{etag}"), format!("\"other\", {etag}"), "*".to_owned()] {
        let lines = format!("If-None-Match: {known}\r\n");
        let again = one(server.address, &get("/.well-known/jwks.json", &lines));
        assert_eq!((again.status, again.body.as_str()), (304, ""), "{known}");
        assert_eq!(again.header("etag"), Some(etag.as_str()));
    }
    let other = one(server.address, &get("/.well-known/jwks.json", "If-None-Match: \"other\"\r\n"));
    assert_eq!(other.body, answer.body);
    let file = sandbox.place.file();
    let aside = file.with_extension("aside");
    std::fs::rename(&file, &aside).expect("moved");
    eventually("the store is away", || status_of(&server, "unknown-token-of-nobody") == 503);
    for _ in 0..50 {
        assert_eq!(one(server.address, &get("/.well-known/jwks.json", "")), answer);
    }
    let token = "grant_type=client_credentials";
    let away = ask(&server, &basic("x", "another-token-of-nobody"), token);
    assert_eq!((away.status, away.json()), (503, json!({ "error": "temporarily_unavailable" })));
    std::fs::rename(&aside, &file).expect("moved back");
    server.is_well();
}

#[test]
fn where_everything_is_follows_from_the_issuer() {
    let (sandbox, token, address) = furnished(Place::sqlite());
    let document = |server: &Server, path: &str| {
        one(server.address, &get(&format!("/.well-known/oauth-authorization-server{path}"), ""))
    };
    let server = issuing(&sandbox, &address, "", &[]);
    let own = format!("http://{}", server.address);
    let said = document(&server, "").json();
    assert_eq!(
        (&said["issuer"], &said["jwks_uri"]),
        (&json!(own), &json!(format!("{own}/.well-known/jwks.json")))
    );
    assert_eq!(said["token_endpoint"], json!(format!("{own}/token")));
    assert_eq!(said["response_types_supported"], json!([]));
    assert_eq!(said["grant_types_supported"][0], "client_credentials");
    let jwt = exchanged(&server, &token, "");
    assert_eq!((&claims(&jwt)["iss"], &claims(&jwt)["aud"]), (&json!(own), &json!(own)));
    assert_eq!(status_of(&server, &jwt), 200);
    sandbox.ok(&["store", "set", "issuer", "https://keys.example.com/a"]);
    soon("the setting", || document(&server, "/a").status == 200);
    assert_eq!(document(&server, "/a").json()["issuer"], "https://keys.example.com/a");
    assert_eq!(document(&server, "").status, 404);
    assert_eq!(document(&server, "/b").status, 404);

    // Beyond this machine there is no address that everybody reaches.
    sandbox.ok(&["store", "set", "issuer", "none"]);
    let port = free_port().expect("a free port");
    let flags = ["--listen", &format!("0.0.0.0:{port}=public"), "--insecure-listen"];
    let variables = [("KEYCTL_MASTER_KEY", KEY), ("KEYCTL_SERVE_ISSUE_STORE", address.as_str())];
    let server = Server::keyed(&sandbox, "", &flags, &variables);
    let refused = ask(&server, "", &format!("{EXCHANGE}{token}"));
    assert_eq!((refused.status, refused.json()), (503, json!({ "error": "temporarily_unavailable" })));
    server.says("reason=no_issuer");
    assert_eq!(document(&server, "").status, 404);
}

both!(the_feed_names_the_keys_from_which_something_was_taken_away, |place| {
    let (sandbox, token, address) = furnished(place);
    sandbox.ok(&["store", "set", "issuer", ISSUER]);
    let gateway = sandbox.ok(&["mint", "gateway", "--scope", "keyctl:introspect"]);
    let server = issuing(&sandbox, &address, "", &[]);
    let feed =
        |since: &str, token: &str| one(server.address, &get(&format!("/revocations{since}"), &bearer(token)));
    let begin = feed("?since=0", &gateway).json();
    assert_eq!((&begin["gap"], &begin["more"], &begin["keys"]), (&json!(false), &json!(false), &json!([])));
    let jwt = exchanged(&server, &token, "");
    sandbox.ok(&["suspend", "alice/ci"]);
    let next = begin["next"].as_i64().expect("a number");
    let said = feed(&format!("?since={next}"), &gateway).json();
    let key = claims(&jwt)["client_id"].clone();
    assert_eq!(said["keys"], json!([{ "client_id": key, "kver": 2 }]), "{said}");
    let next = said["next"].as_i64().expect("a number");
    assert_eq!(feed(&format!("?since={next}"), &gateway).json()["keys"], json!([]));
    // Of another history: all is told, and that it is one.
    let gap = feed(&format!("?since={}", next + 1_000_000), &gateway).json();
    assert_eq!((&gap["gap"], &gap["keys"], &gap["next"]), (&json!(true), &said["keys"], &json!(next)));
    for wrong in ["", "?since=", "?since=-1", "?since=1&since=2"] {
        assert_eq!(feed(wrong, &gateway).status, 400, "{wrong}");
    }
    assert_eq!(feed("?since=0", "nobody").status, 401);
    let other = sandbox.ok(&["mint", "carol", "--scope", "chat"]);
    assert_eq!(feed("?since=0", &other).status, 403);
});

#[test]
fn authlib_gets_tokens_that_pyjwt_verifies() {
    let (sandbox, token, address) = furnished(Place::sqlite());
    let server = issuing(&sandbox, &address, "", &[]);
    let own = format!("http://{}", server.address);
    let mut child = Command::new(installed::program("oauth", "python"))
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/serve/exchange.py"))
        .args([&own, &token[4..16]])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    writeln!(child.stdin.take().expect("piped"), "{token}").expect("written");
    let output = child.wait_with_output().expect("ends");
    assert!(output.status.success(), "{}", server.log());
    let said: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    for (way, audience, scope) in [
        ("client_secret_basic", own.as_str(), "chat"),
        ("client_secret_post", &own, "chat"),
        ("exchange", "billing", "chat files:*"),
    ] {
        let one = &said[way];
        assert_eq!(
            (&one["claims"]["aud"], &one["scope"]),
            (&json!(audience), &json!(scope)),
            "{way}: {said}"
        );
        assert_eq!(one["claims"]["sub"], "alice");
    }
}

/// What both examples are asked: of claims on standard input, one a line, whether they are refused, after a refresh for
/// each; `late` says that nothing was read for longer than the bound.
const PYTHON: &str = "import json, sys, time
sys.path.insert(0, sys.argv[3])
from revocations import Revocations
seen = Revocations(sys.argv[1], sys.argv[2], bound=0.5)
for line in sys.stdin:
    if line == 'late\\n':
        time.sleep(0.6)
    else:
        seen.refresh()
        said = line
    print(json.dumps(seen.refuse(json.loads(said))), flush=True)
";
const NODE: &str = "import { createInterface } from 'node:readline';
const [url, key, module] = process.argv.slice(2);
const { Revocations } = await import(module);
const seen = new Revocations(url, key, 500);
let said;
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'late') await new Promise((done) => setTimeout(done, 600));
  else await seen.refresh(), (said = line);
  console.log(JSON.stringify(seen.refuse(JSON.parse(said))));
}
";

#[test]
fn the_examples_of_the_feed_refuse_what_was_taken_away() {
    let (sandbox, token, address) = furnished(Place::sqlite());
    let gateway = sandbox.ok(&["mint", "gateway", "--scope", "keyctl:introspect"]);
    let server = issuing(&sandbox, &address, "", &[]);
    let examples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let folder = tempfile::tempdir().expect("folder");
    let compiler = examples.join("../clients/typescript/node_modules/typescript/bin/tsc");
    assert!(compiler.exists(), "{} is missing: run scripts/test, which installs it", compiler.display());
    let compiled = Command::new("node")
        .arg(compiler)
        .args(["--strict", "--target", "es2022", "--module", "esnext", "--lib", "es2022,dom", "--types", ""])
        .arg("--ignoreConfig")
        .arg("--outDir")
        .args([folder.path(), &examples.join("revocations.ts")])
        .output()
        .expect("compiles");
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stdout));
    std::fs::rename(folder.path().join("revocations.js"), folder.path().join("revocations.mjs"))
        .expect("moved");
    std::fs::write(folder.path().join("ask.mjs"), NODE).expect("written");
    let url = format!("http://{}", server.address);
    let mut python = Command::new("python3");
    python.args(["-c", PYTHON, &url, &gateway]).arg(&examples);
    let mut node = Command::new("node");
    node.arg(folder.path().join("ask.mjs")).args([&url, &gateway]).arg(folder.path().join("revocations.mjs"));
    let mut asked: Vec<_> = [python, node]
        .into_iter()
        .map(|mut command| {
            let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("starts");
            let lines = std::io::BufReader::new(child.stdout.take().expect("piped"));
            (child, lines)
        })
        .collect();
    let mut refused = |line: &str, expected: bool| {
        for (child, lines) in &mut asked {
            let mut answer = String::new();
            writeln!(child.stdin.as_mut().expect("piped"), "{line}").expect("asked");
            std::io::BufRead::read_line(lines, &mut answer).expect("answered");
            assert_eq!(answer.trim(), expected.to_string(), "{line}");
        }
    };
    let jwt = exchanged(&server, &token, "");
    refused(&claims(&jwt).to_string(), false);
    refused("late", true);
    sandbox.ok(&["revoke", "alice/ci"]);
    soon("it is revoked", || status_of(&server, &jwt) == 401);
    refused(&claims(&jwt).to_string(), true);
    for (mut child, _) in asked {
        drop(child.stdin.take());
        let _ = child.wait();
    }
}
