//! `POST /revoke`: whoever holds a token ends its key.

use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};
use std::{fs, thread};

use keyctl::domain::keys::scope::Scopes;
use keyctl::domain::portal::claim::Claim;
use keyctl::ops::portal::keys::{NewKey, make_key};
use keyctl::ops::portal::sign_in::{by_claim, by_key};
use keyctl::ops::portal::{admin, invite};
use sha2::{Digest as _, Sha256};

use super::process::Server;
use super::raw::{Answer, connect, get, one, post, read, validate};
use crate::support::cli::Sandbox;
use crate::support::cluster::free_port;
use crate::support::postgres;
use crate::support::store::Place;

const VARIABLE: &str = "KEYCTL_SERVE_CHANGES_STORE";
const ROLE: &str = "http_revoker";

/// A store, and the address at which its keys may be revoked and nothing else.
fn stores() -> [(Sandbox, String); 2] {
    let file = Sandbox::with_store(Place::sqlite());
    let named = file.place.text();
    let server = Sandbox::with_store(Place::postgres());
    postgres::server().role(ROLE);
    server.ok(&["store", "grant", ROLE, "--for", "revoke"]);
    let address = address_of(&server, ROLE);
    [(file, named), (server, address)]
}

fn address_of(sandbox: &Sandbox, role: &str) -> String {
    sandbox.place.text().replace(&format!("{}@", postgres::USER), &format!("{role}@"))
}

fn form(body: &str) -> Vec<u8> {
    post("/revoke", "Content-Type: application/x-www-form-urlencoded\r\n", body.as_bytes())
}

fn revoke(server: &Server, token: &str) -> Answer {
    one(server.address, &form(&format!("token={token}")))
}

#[track_caller]
fn is_done(answer: &Answer) {
    assert_eq!((answer.status, answer.body.as_str()), (200, ""), "{answer:?}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

fn is_good(server: &Server, token: &str) -> bool {
    match one(server.address, &validate(token)).status {
        200 => true,
        401 => false,
        status => panic!("{status}"),
    }
}

fn hash(token: &str) -> String {
    Sha256::digest(token).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[test]
fn whoever_holds_a_token_ends_its_key_and_is_obeyed_at_once() {
    for (sandbox, address) in stores() {
        let alice = sandbox.ok(&["mint", "alice/ci", "--scope", "memories"]);
        let child = sandbox.ok(&["mint", "alice/child", "--parent", "alice/ci", "--scope", "memories"]);
        let bob = sandbox.ok(&["mint", "bob/ci", "--scope", "memories"]);
        let foreign = "of-another-system-7f3c9a1be2d84560";
        let row = format!("hash,owner,name,scopes\n{},carol,old,memories\n", hash(foreign));
        sandbox.feed(&["import", "csv", "-"], &row).expect_code(0);
        let server = Server::keyed(&sandbox, "", &[], &[(VARIABLE, &address)]);
        for token in [&alice, &child, &bob, foreign] {
            assert!(is_good(&server, token), "{address}");
        }

        is_done(&revoke(&server, &alice));
        // No wait: the answer says that it is in force here.
        assert!(
            !is_good(&server, &alice) && !is_good(&server, &child) && is_good(&server, &bob),
            "{address}"
        );
        is_done(&one(server.address, &form(&format!("token={foreign}&token_type_hint=refresh_token"))));
        assert!(!is_good(&server, foreign));

        // Of what is dead, or was never there, nothing else is said.
        is_done(&revoke(&server, &alice));
        let mut unknown = bob.clone();
        unknown.replace_range(20..21, if &bob[20..21] == "A" { "B" } else { "A" });
        for token in [unknown.as_str(), "nonsense", &bob[..16], "'%20OR%201=1%20--", &"x".repeat(5000)] {
            is_done(&revoke(&server, token));
        }
        assert!(is_good(&server, &bob));

        // A token that was replaced leads nowhere; one that works beside its successor ends both.
        let next = sandbox.ok(&["rotate", "bob/ci", "--grace", "0"]);
        is_done(&revoke(&server, &bob));
        assert_eq!(sandbox.json(&["show", "bob/ci"])["state"], "active");
        let last = sandbox.ok(&["rotate", "bob/ci", "--grace", "1h"]);
        is_done(&revoke(&server, &next));
        assert!(!is_good(&server, &next) && !is_good(&server, &last));

        let shown = sandbox.json(&["show", "alice/ci"]);
        assert_eq!(shown["state"], "revoked");
        let records = sandbox.json(&["audit", "list", "--action", "revoke"]);
        let records = records.as_array().expect("records");
        assert_eq!(records.len(), 4, "one for each key: {records:?}");
        for record in records {
            let record = &record["record"];
            assert_eq!(record["actor"]["claimed"], "whoever holds the token", "{record}");
            let reason = record["details"]["reason"].as_str().expect("a reason");
            assert_eq!(reason, "by whoever holds the token, over HTTP, from 127.0.0.1");
            let user = record["actor"]["session_user"].as_str();
            assert_eq!(user, sandbox.place.database.as_ref().map(|_| ROLE), "{record}");
        }
        sandbox.ok(&["store", "check"]);
        sandbox.ok(&["audit", "verify"]);

        for (outcome, count) in [("revoked", 3), ("dead_before", 2), ("unknown", 5)] {
            let name = format!("keyctl_revocations_total{{outcome=\"{outcome}\"}}");
            assert_eq!(server.metric(&name), count, "{outcome}");
        }
        assert_eq!(server.metric("keyctl_requests_total{route=\"revoke\",status=\"200\"}"), 10);
        let log = server.log();
        assert!(
            log.contains("revoked at the wish of whoever holds the token route=revoke owner=alice"),
            "{log}"
        );
        for hidden in [&alice[17..], foreign, &hash(foreign), "OR 1=1"] {
            assert!(!log.contains(hidden), "{hidden}: {log}");
        }
        server.is_well();
    }
}

#[test]
fn what_cannot_be_revoked_is_said_and_revokes_nothing() {
    let [(sandbox, address), _] = stores();
    let token = sandbox.ok(&["mint", "alice", "--scope", "memories"]);
    let port = || format!("127.0.0.1:{}", free_port().expect("a free port"));
    let (public, internal) = (port(), port());
    let listen = ["--listen", &format!("{public}=public"), "--listen", &format!("{internal}=internal")];
    let config = format!("changes_store = \"{address}\"\n");
    let server = Server::with(&sandbox, &config, &listen);
    let ask = |bytes: &[u8]| one(server.address, bytes);

    let jwt = "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl";
    for (body, error) in [
        (format!("token={jwt}"), "unsupported_token_type"),
        (String::new(), "invalid_request"),
        ("token=".to_owned(), "invalid_request"),
        ("token_type_hint=access_token".to_owned(), "invalid_request"),
    ] {
        let answer = ask(&form(&body));
        assert_eq!(answer.status, 400, "{body}: {answer:?}");
        assert_eq!(answer.json(), serde_json::json!({ "error": error }), "{body}");
    }
    assert_eq!(ask(&form(&format!("token={token}&token={token}"))).status, 400);
    assert_eq!(ask(&post("/revoke", "", format!("token={token}").as_bytes())).status, 415);
    // Nothing is taken from a query, or a header.
    let target = format!("/revoke?token={token}");
    let lines =
        format!("Content-Type: application/x-www-form-urlencoded\r\nAuthorization: Bearer {token}\r\n");
    assert_eq!(ask(&post(&target, &lines, b"")).status, 400);
    for method in ["GET", "HEAD", "PUT", "DELETE"] {
        let bytes = String::from_utf8(get(&target, "")).expect("text").replacen("GET", method, 1);
        let mut stream = connect(server.address);
        stream.write_all(bytes.as_bytes()).expect("written");
        let answer = read(&mut stream, method == "HEAD").expect("an answer");
        assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")), "{method}");
    }
    assert!(is_good(&server, &token));
    assert!(!server.log().contains(&token[17..]) && !server.log().contains(jwt), "{}", server.log());

    let bytes = form(&format!("token={token}"));
    assert_eq!(one(internal.parse().expect("an address"), &bytes).status, 404);
    assert!(is_good(&server, &token), "clients are elsewhere");
    is_done(&one(public.parse().expect("an address"), &bytes));
    assert!(!is_good(&server, &token));

    let off = Server::plain(&sandbox);
    assert_eq!(one(off.address, &bytes).status, 404, "off unless it has an address");
}

#[test]
fn who_tries_many_tokens_is_told_to_stop() {
    let [(sandbox, address), _] = stores();
    let token = sandbox.ok(&["mint", "alice", "--scope", "memories"]);
    let config = "trusted_proxies = [\"127.0.0.1\"]\n[limits]\nfailed_attempts = 3\n";
    let server = Server::keyed(&sandbox, config, &[], &[(VARIABLE, &address)]);
    let lines = "Content-Type: application/x-www-form-urlencoded\r\nX-Forwarded-For: 192.0.2.7\r\n";
    let ask = |token: &str| one(server.address, &post("/revoke", lines, format!("token={token}").as_bytes()));
    for number in 0..3 {
        is_done(&ask(&format!("wrong-{number}")));
    }
    let answer = ask("wrong-3");
    assert_eq!((answer.status, answer.json()["code"].as_str()), (429, Some("RATE_LIMIT")), "{answer:?}");
    assert!(answer.header("retry-after").is_some());
    is_done(&ask(&token));
    assert!(!is_good(&server, &token));
    let records = sandbox.json(&["audit", "list", "--action", "revoke"]);
    let reason = records[0]["record"]["details"]["reason"].as_str().expect("a reason");
    assert!(reason.ends_with(", from 192.0.2.7"), "{reason}");
}

#[test]
fn an_admins_key_takes_along_what_its_invitations_made() {
    for (sandbox, address) in stores() {
        let token = sandbox.ok(&["mint", "ops", "--scope", "memories", "--scope", "keyctl:admin"]);
        let mut env = sandbox.place.env();
        let ops = by_key(&mut env, &token, None).expect("signed in").person;
        let scopes = Scopes::parse_lists(["memories"]).expect("scopes");
        let wanted = invite::Request {
            owner: "mallory".parse().expect("owner"),
            subject: None,
            scopes: scopes.clone(),
            allow_all: false,
            ttl: Claim::DEFAULT_TTL,
            max_expiry: None,
        };
        let code = admin::invite(&mut env, &ops, &wanted).expect("invited").code;
        let guest = by_claim(&mut env, code.expose()).expect("signed in").person;
        let new = NewKey { name: None, scopes, expiry: None };
        let made = make_key(&mut env, &guest, &new).expect("made");
        drop(env);
        let server = Server::keyed(&sandbox, "", &[], &[(VARIABLE, &address)]);
        assert!(is_good(&server, made.token.expose()));
        is_done(&revoke(&server, &token));
        assert!(!is_good(&server, made.token.expose()), "{address}");
        sandbox.ok(&["store", "check"]);
    }
}

/// Holds the lock that every change takes, until it is dropped.
fn hold(sandbox: &Sandbox) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(sandbox.place.file()).expect("opens");
    connection.execute_batch("BEGIN IMMEDIATE").expect("held");
    connection
}

#[test]
fn a_store_that_cannot_be_changed_is_503_and_nobody_else_waits() {
    let [(sandbox, address), _] = stores();
    let tokens: Vec<String> = (0..3)
        .map(|number| sandbox.ok(&["mint", &format!("alice/k{number}"), "--scope", "memories"]))
        .collect();
    let server = Server::keyed(&sandbox, "", &["--workers", "1"], &[(VARIABLE, &address)]);
    assert!(is_good(&server, &tokens[0]));
    let held = hold(&sandbox);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| revoke(&server, &tokens[0]));
        thread::sleep(Duration::from_millis(300));
        for _ in 0..20 {
            let begun = Instant::now();
            assert!(is_good(&server, &tokens[1]), "kept or read");
            assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
        }
        let many: Vec<_> = (0..100).map(|_| scope.spawn(|| revoke(&server, &tokens[2]))).collect();
        let answer = waiting.join().expect("an answer");
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")), "{answer:?}");
        assert_eq!(answer.json()["code"], "STORE_UNAVAILABLE");
        let mut shed = 0;
        for answer in many {
            let answer = answer.join().expect("an answer");
            match (answer.status, answer.json()["code"].as_str()) {
                (429, Some("OVERLOADED")) => shed += 1,
                (503, Some("STORE_UNAVAILABLE")) => {}
                _ => panic!("{answer:?}"),
            }
        }
        assert!((30..=60).contains(&shed), "{shed}: so many wait, and no more");
    });
    assert!(tokens.iter().all(|token| is_good(&server, token)), "nothing was revoked");
    drop(held);
    for token in &tokens {
        is_done(&revoke(&server, token));
        assert!(!is_good(&server, token));
    }
    assert!(server.log().contains("a key could not be revoked: the store is locked"), "{}", server.log());
    server.is_well();
}

#[test]
fn a_role_that_may_not_revoke_revokes_nothing_and_check_says_so() {
    let [_, (sandbox, address)] = stores();
    let token = sandbox.ok(&["mint", "alice", "--scope", "memories"]);
    postgres::server().role("http_reader");
    sandbox.ok(&["store", "grant", "http_reader", "--for", "serve"]);
    let reader = address_of(&sandbox, "http_reader");
    let check = |address: &str, code: i32| {
        let mut command = sandbox.command(&["serve", "--check"]);
        command.env(VARIABLE, address);
        crate::support::cli::finish(command, b"").expect_code(code).stderr
    };
    let said = check(&address, 0);
    assert!(said.contains("holders of tokens may revoke them: POST /revoke"), "{said}");
    assert!(!said.contains("warning") && !said.contains(postgres::PASSWORD), "{said}");
    let said = check(&reader, 7);
    assert!(said.contains("error: --changes-store: the database refuses: permission denied"), "{said}");
    sandbox.place.sql("REVOKE UPDATE (revoked_at) ON keyctl.key FROM http_revoker").expect("taken");
    let said = check(&address, 2);
    assert!(said.contains("may not revoke: it lacks UPDATE key.revoked_at"), "{said}");
    assert!(said.contains("keyctl store grant ROLE --for revoke"), "{said}");
    sandbox.ok(&["store", "grant", ROLE, "--for", "revoke"]);
    let said = check(&sandbox.place.text(), 0);
    assert!(said.contains("owns the store, or may do everything"), "{said}");
    sandbox.place.sql("GRANT UPDATE (scopes) ON keyctl.token TO http_revoker").expect("granted");
    let said = check(&address, 0);
    assert!(said.contains("may do more than revoke: UPDATE token.scopes;"), "{said}");
    sandbox.ok(&["store", "grant", ROLE, "--for", "revoke"]);
    let other = Sandbox::with_store(Place::sqlite());
    let said = check(&other.place.text(), 2);
    assert!(said.contains("another store than the one that is served"), "{said}");

    // It starts all the same: whoever is asked about a key is answered.
    for (address, says) in
        [(&reader, "permission denied"), (&other.place.text(), "the changes store is another one")]
    {
        let server = Server::keyed(&sandbox, "", &[], &[(VARIABLE, address)]);
        let answer = revoke(&server, &token);
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")), "{answer:?}");
        assert!(is_good(&server, &token));
        assert!(server.log().contains(says), "{}", server.log());
    }

    // What the role that may cannot do.
    let database = sandbox.place.database.as_deref().expect("a database");
    let tries = |sql: &str| postgres::server().psql(database, &format!("SET ROLE {ROLE}; {sql}"));
    for sql in [
        "UPDATE keyctl.key SET expires_at = NULL",
        "UPDATE keyctl.key SET suspended_at = NULL",
        "UPDATE keyctl.token SET scopes = '[\"*\"]'",
        "INSERT INTO keyctl.token SELECT * FROM keyctl.token",
        "INSERT INTO keyctl.key (id) VALUES ('x')",
        "DELETE FROM keyctl.audit",
        "UPDATE keyctl.audit SET body = ''",
    ] {
        let error = tries(sql).expect_err(sql);
        assert!(error.contains("permission denied"), "{sql}: {error}");
    }
    // A right to a column cannot tell a revocation from its opposite, but the audit log can.
    let server = Server::keyed(&sandbox, "", &[], &[(VARIABLE, &address)]);
    is_done(&revoke(&server, &token));
    tries("UPDATE keyctl.key SET revoked_at = NULL; UPDATE keyctl.token SET revoked_at = NULL").expect("may");
    let found = sandbox.run(&["store", "check"]);
    assert_ne!(found.code, Some(0), "{found:?}");
}

#[test]
fn a_server_that_was_away_is_found_again_and_an_older_file_is_left_alone() {
    let [(sandbox, address), (second, role)] = stores();
    let one_token = second.ok(&["mint", "alice/a", "--scope", "memories"]);
    let other = second.ok(&["mint", "alice/b", "--scope", "memories"]);
    let server = Server::keyed(&second, "", &[], &[(VARIABLE, &role)]);
    is_done(&revoke(&server, &one_token));
    // As a restart of the database does to every connection.
    let ended = second.place.sql(&format!(
        "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = '{ROLE}' AND datname = current_database()"
    ));
    assert_eq!(ended.expect("ended").lines().last(), Some("1"));
    is_done(&revoke(&server, &other));
    assert!(!is_good(&server, &other));

    // The file is replaced by itself, as a copy that is put in its place.
    let token = sandbox.ok(&["mint", "alice", "--scope", "memories"]);
    let server = Server::keyed(&sandbox, "", &[], &[(VARIABLE, &address)]);
    is_done(&revoke(&server, "unknown-token-of-nobody"));
    let file = sandbox.place.file();
    let copy = file.with_extension("copy");
    sandbox.place.sql(&format!("VACUUM INTO '{}'", copy.display())).expect("copied");
    for beside in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{beside}", file.display()));
    }
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o600)).expect("mode");
    fs::rename(&copy, &file).expect("replaced");
    let answer = revoke(&server, &token);
    let is_dead = sandbox.json(&["show", "alice"])["state"] == "revoked";
    assert!(answer.status == 503 || is_dead, "never 200 for a key that lives: {answer:?}");
    is_done(&revoke(&server, &token));
    assert_eq!(sandbox.json(&["show", "alice"])["state"], "revoked");
}
