//! What whoever verifies offline fetches of serve: the keys, where everything is, and the feed; and that real clients
//! and the examples of ours do well with them.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::exchanging::{
    EXCHANGE, ISSUER, ask, basic, bearer, claims, exchanged, furnished, issuing, keyed, soon, status_of,
};
use super::installed;
use super::process::{Server, eventually};
use super::raw::{get, one};
use crate::secrets::KEY;
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::cluster::free_port;
use crate::support::store::Place;

/// As if the next key had been published for long.
pub(super) fn age(sandbox: &Sandbox) {
    let table = if sandbox.place.database.is_some() { "keyctl.signing_key" } else { "signing_key" };
    let sql = format!(
        "UPDATE {table} SET may_sign_at = may_sign_at - 600000, published_at = published_at - 600000 WHERE signs_from IS NULL"
    );
    sandbox.place.sql(&sql).expect("aged");
}

pub(super) fn kids(server: &Server) -> BTreeSet<String> {
    let answer = one(server.address, &get("/.well-known/jwks.json", ""));
    assert_eq!(answer.status, 200, "{answer:?}");
    let set = answer.json();
    let keys = set["keys"].as_array().expect("keys");
    keys.iter().map(|key| key["kid"].as_str().expect("a kid").to_owned()).collect()
}

/// Which key signs what is issued now, if anything is.
pub(super) fn signs(server: &Server, token: &str) -> Option<String> {
    let answer = ask(server, "", &format!("{EXCHANGE}{token}"));
    (answer.status == 200).then(|| kid_of(answer.json()["access_token"].as_str().expect("a token")))
}

pub(super) fn kid_of(jwt: &str) -> String {
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
    soon("the next one signs", || signs(&server, &token).is_some_and(|kid| kid != stolen));
    server.is_well();
});

both!(a_token_that_is_looked_at_while_its_signing_key_is_taken_out_is_not_good_for_longer, |place| {
    let (sandbox, token, address) = furnished(place);
    sandbox.ok(&["store", "set", "issuer", ISSUER]);
    let server = issuing(&sandbox, &address, "", &[]);
    for _ in 0..4 {
        // Each is presented for the first time, while the key goes, or just before or after that.
        let tokens: Vec<String> = (0..600).map(|_| exchanged(&server, &token, "")).collect();
        let stolen = kid_of(&tokens[0]);
        let waits = AtomicUsize::new(0);
        thread::scope(|scope| {
            for half in tokens.chunks(tokens.len() / 2) {
                let (server, waits) = (&server, &waits);
                scope.spawn(move || {
                    waits.fetch_add(1, Ordering::Relaxed);
                    for token in half {
                        status_of(server, token);
                    }
                });
            }
            eventually("they ask", || waits.load(Ordering::Relaxed) == 2);
            keyed(&sandbox, &format!("signing-key revoke {stolen} --yes"), "");
        });
        soon("its tokens are refused", || tokens.iter().all(|token| status_of(&server, token) == 401));
        soon("the next one signs", || signs(&server, &token).is_some_and(|kid| kid != stolen));
    }
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

/// A client of OAuth gets tokens in three ways, and a library verifies them.
fn gets_tokens(mut client: Command, more: &[&str]) {
    let (sandbox, token, address) = furnished(Place::sqlite());
    let server = issuing(&sandbox, &address, "", &[]);
    let own = format!("http://{}", server.address);
    let mut child = client
        .args([&own, &token[4..16]])
        .args(more)
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

#[test]
fn authlib_gets_tokens_that_pyjwt_verifies() {
    let mut client = Command::new(installed::program("oauth", "python"));
    client.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/serve/exchange.py"));
    gets_tokens(client, &[]);
}

/// Which finds the endpoints by itself, in `/.well-known/oauth-authorization-server`.
#[test]
fn openid_client_gets_tokens_that_jose_verifies() {
    let modules = concat!(env!("CARGO_MANIFEST_DIR"), "/clients/typescript/node_modules/openid-client");
    assert!(
        std::path::Path::new(modules).exists(),
        "{modules} is missing: run scripts/test, which installs it"
    );
    let mut client = Command::new("node");
    client.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/serve/exchange.mjs"));
    gets_tokens(client, &[modules]);
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
