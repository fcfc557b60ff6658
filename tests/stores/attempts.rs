//! Every change comes out the same where the database gives its first attempt up; and several use cases are one
//! change, of which a conflict leaves nothing but its record.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::process::Stdio;
use std::sync::Mutex;

use keyctl::domain::audit::action::Action;
use keyctl::domain::keys::key_ref::KeyRef;
use keyctl::ops::Error;
use keyctl::ops::change::Done;
use keyctl::ops::env::{Env, SystemRandom};
use keyctl::ops::keys::{mint, revoke};
use keyctl::ops::owners::owner;
use keyctl::store::Lookup as _;
use regex::Regex;
use serde_json::Value;

use crate::apollo::APOLLO;
use crate::secrets::{KEY, OTHER, THIRD, run_with};
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::endpoint::Endpoint;
use crate::support::library::{request, view_states};
use crate::support::postgres::server;
use crate::support::store::Place;

/// What is typed, and what is given to it on standard input.
type Step = (&'static str, &'static str);

/// Every use case that changes something, with what it says where it has nothing to do, or refuses.
const STEPS: &[Step] = &[
    ("role set reader --scope memories:read", ""),
    ("role set reader --scope memories:read --scope files:read", ""),
    ("owner add bob --subject auth0|bob", ""),
    ("owner add bob", ""),
    ("mint alice/ci --role reader --scope chat --label team=a", ""),
    ("mint alice/ci --scope chat", ""),
    ("mint alice/child --parent alice/ci --scope chat", ""),
    ("mint bait --canary", ""),
    ("mint bob --scope chat", ""),
    ("mint bob --scope chat", ""),
    ("rotate alice/ci --grace 1h", ""),
    ("rotate bob/default --grace 0", ""),
    ("edit alice/ci --expires 30d --label team=b --rate 10/m", ""),
    ("edit alice/ci --label team=b", ""),
    ("scope add alice/ci files:write", ""),
    ("scope remove alice/ci files:write", ""),
    ("scope set alice/ci chat files:read", ""),
    ("suspend alice/ci", ""),
    ("resume alice/ci", ""),
    ("suspend alice/ci --for 1h", ""),
    ("suspend alice/ci --for 2h", ""),
    ("resume alice/ci", ""),
    ("edit alice/ci --note nightly", ""),
    ("rotate alice/ci --grace 0", ""),
    ("rotate alice/ci --if-expiring 1d", ""),
    ("rotate alice/ci --if-expiring 60d --grace 0", ""),
    ("rotate --all --yes -o plain", ""),
    ("suspend --owner bob --yes", ""),
    ("resume bob/default", ""),
    ("owner set bob --subject auth0|robert", ""),
    ("owner set bob --quota 100/day", ""),
    ("owner set bob --quota 100/day", ""),
    ("owner rename bob robert", ""),
    (
        "apply -f - --yes",
        "{manifest: m, owners: {dora: {quota: 5/day}}, keys: {dora/k: {scopes: [a], sinks: [{file: dora}]}}}",
    ),
    (
        "apply -f - --yes",
        "{manifest: m, keys: {dora/k: {scopes: [b], sinks: [{file: dora}, {file: dora2}]}}}",
    ),
    ("apply -f - --yes --prune", "{manifest: m}"),
    ("owner disable robert --reason away --yes", ""),
    ("owner enable robert", ""),
    ("policy set --max-live-keys-per-owner 9", ""),
    ("policy set --max-live-keys-per-owner 9", ""),
    ("policy unset max-live-keys-per-owner", ""),
    ("store set issuer https://keys.example.com", ""),
    ("store set issuer https://keys.example.com", ""),
    ("store set audience billing", ""),
    ("invite gina --scope chat", ""),
    ("invitation revoke CLAIM --reason tried", ""),
    ("mint gina/waits --scope chat --claim", ""),
    ("client add Editor --redirect-uri http://127.0.0.1/callback", ""),
    ("client delete CLIENT", ""),
    ("client delete CLIENT", ""),
    ("signing-key rotate", ""),
    ("signing-key rotate", ""),
    ("signing-key revoke KID --yes", ""),
    (
        "trust add deploy --issuer https://gitlab.com --audience https://keys.example.com --claim project_id=1 \
         --claim ref=refs/heads/main --owner ci --scope deploy",
        "",
    ),
    (
        "trust add deploy --issuer https://gitlab.com --audience https://keys.example.com --claim project_id=1 \
         --claim ref=refs/heads/main --owner ci --scope deploy",
        "",
    ),
    ("rotate ci/deploy", ""),
    ("trust delete deploy --yes", ""),
    ("trust delete deploy --yes", ""),
    ("mint alice/exchanged --scope chat --out-file exchanged.token", ""),
    ("jwt issue", "exchanged.token"),
    ("jwt issue --scope files", "exchanged.token"),
    (
        "federation add sts --kind rfc8693 --issuer https://keys.example.com/sts --token-endpoint https://sts.example.com --audience sts",
        "",
    ),
    ("federation activate sts --uploaded", ""),
    ("federation rotate sts", ""),
    ("federation rotate sts", ""),
    ("secret set google got --federation sts", ""),
    ("secret set google got --federation sts", ""),
    ("secret set google got --federation sts --subject a:{owner}:", ""),
    ("federation delete sts", ""),
    ("secret delete got --purge --yes", ""),
    ("federation delete sts", ""),
    ("secret set anthropic main", "sk-planted-one"),
    ("secret set anthropic main", "sk-planted-one"),
    ("secret rotate main", "sk-planted-two"),
    ("secret rotate main", "sk-planted-two"),
    ("secret rollback main", ""),
    ("secret bind main alice", ""),
    ("secret bind main alice/ci", ""),
    ("secret unbind main alice/ci", ""),
    ("secret get main", ""),
    ("secret delete main", ""),
    ("secret delete main --unbind --yes", ""),
    ("secret rollback main", ""),
    ("secret delete main --purge --version 2 --yes", ""),
    ("oauth add deploy --provider github --token-endpoint ENDPOINT --client-id app", TOKENS),
    ("oauth add deploy --provider github --token-endpoint ENDPOINT --client-id app", TOKENS),
    ("oauth replace deploy", TOKENS),
    ("oauth replace deploy", FEWER),
    ("answered oauth refresh deploy --force", ""),
    ("overtaken oauth refresh deploy --force", ""),
    ("refused oauth refresh deploy --force", ""),
    ("oauth replace deploy --allow-narrower", FEWER),
    ("lease break LEASE --yes", ""),
    ("secret rotate deploy", "sk-planted-two"),
    ("import mem0 mem0.env --scope chat", ""),
    ("import mem0 other.env --scope chat --remint --out-file reminted.json", ""),
    ("import csv keys.csv", ""),
    ("import csv keys.csv", ""),
    ("export --with-hashes --out-file moved.jsonl", ""),
    ("rotating master rotate --yes", ""),
    ("rotated secret delete main --purge --yes --unbind", ""),
    ("rotated secret set openai second", "sk-planted-three"),
    ("lost master rotate --lost ID --yes", ""),
    ("rotate alice/ci --grace 1h", ""),
    ("rotate alice/ci --finish-when-unused 1h --serve-only", ""),
    ("using rotate alice/ci --finish-when-unused 1h --serve-only", ""),
    ("rotate alice/ci --finish-when-unused 1h --serve-only", ""),
    ("claiming revoke alice/ci --yes --reason leaked --wait=serve", ""),
    ("revoke --owner robert --yes", ""),
    ("revoke nobody", ""),
    ("owner delete robert --yes", ""),
    ("owner delete alice --revoke-keys --yes", ""),
    ("role delete reader --from-keys --yes", ""),
    ("store accept-rollback --seen-elsewhere --yes --reason restored", ""),
    ("store backup --no-encrypt all.backup", ""),
    ("store restore all.backup --yes --reason tried", ""),
    ("store copy --to moved.db --cut-over --yes", ""),
    ("store reopen --yes --reason tried", ""),
];

const TOKENS: &str = r#"{"access_token":"at-planted-1","refresh_token":"rt-planted-1","expires_in":86400,"scope":"repo gist"}"#;
const FEWER: &str = r#"{"access_token":"at-planted-2","scope":"repo"}"#;
/// What a token endpoint says.
const ANSWER: &str = r#"{"access_token":"at-planted-3","token_type":"Bearer","expires_in":3600,"refresh_token":"rt-planted-3"}"#;

/// What only one of the two databases has.
const ON_SQLITE: &[Step] = &[("store grant --group daemon", ""), ("store grant --none", "")];
const ON_POSTGRES: &[Step] = &[
    ("import apollo --scope chat --into-existing-owners", ""),
    ("store compat apollo --scope chat", ""),
    ("store compat apollo --scope files", ""),
    ("store compat apollo --remove --yes", ""),
    ("store grant attempts_service", ""),
    ("store grant attempts_service --none", ""),
];

/// As keyctl serve writes it: secrets and tokens that were handed out, a canary that was seen, tokens that were used long ago, and an instance
/// that answers by every change.
const DISCLOSED: &str = "INSERT INTO disclosure VALUES ('sec_01h455vb4pex5vsknk084sn02q', 1, \
    'key_01h455vb4pex5vsknk084sn02q', 'key_01h455vb4pex5vsknk084sn02q', 2, 1700000000000, 1700000000000), \
    ('key_01h455vb4pex5vsknk084sn02q', 0, \
    'key_01h455vb4pex5vsknk084sn02q', 'key_01h455vb4pex5vsknk084sn02q', 2, 1700000000000, 1700000000000)";
const SEEN: &str = "INSERT INTO canary_sighting (key_id, hour, address, path, token_id, count, first_at, last_at) \
    VALUES ('key_01h455vb4pex5vsknk084sn02q', 1699999200000, '192.0.2.7', '/v1', '4fTq9ZkPw2Xa', 2, 1700000000000, 1700000000000)";
const USED: &str =
    "INSERT INTO token_use SELECT token_id, 1700000000000, 1700000000000, '10.0.0.1' FROM token";
const CLAIMED: &str = "INSERT INTO serve_claim SELECT 'one', store_uuid, 1000000, \
    (SELECT MAX(created_at) + 60000 FROM key) FROM keyctl_store_v1";

/// What the imports read.
fn write_files(sandbox: &Sandbox) {
    let write = |name: &str, text: &str| fs::write(sandbox.home().join(name), text).expect("written");
    write("mem0.env", "API_KEYS={\"carol-token-of-thirty-two-chars-00\": \"carol\", \"short\": \"dave\"}\n");
    write("other.env", "API_KEYS={\"erin-token-of-thirty-two-chars-000\": \"erin\"}\n");
    write("keys.csv", &format!("hash,owner\n{},frida\n{},greg\n", "a".repeat(64), "b".repeat(64)));
}

/// The same everywhere: without ids, tokens, times and places, which differ from run to run.
fn masked(text: &str, sandbox: &Sandbox) -> String {
    let mut text = text.replace(&sandbox.place.text(), "STORE");
    text = text.replace(&sandbox.home().display().to_string(), "HOME");
    for (pattern, by) in [
        (r"\b127\.0\.0\.1:[0-9]+", "ENDPOINT"),
        (r"\b(key|sec|lse|clm|mcl)_[0-9a-z]{26}", "${1}_X"),
        (r"\b(sks|foreign)_[0-9A-Za-z]{6,}(_[0-9A-Za-z]+)?", "${1}_X"),
        (r"\bskc_[0-9A-Za-z_-]{43}", "skc_X"),
        (r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z", "TIME"),
        (r"\beyJ[0-9A-Za-z_.-]+", "JWT"),
        (r"(^|[^0-9A-Za-z_-])[0-9A-Za-z_-]{43}([^0-9A-Za-z_-]|$)", "${1}KID${2}"),
        (r#""jti":"[0-9a-z]{26}""#, "JTI"),
        (r"\b[0-9a-f]{16}\b|\b[0-9a-f]{64}\b", "HEX"),
        (r"key-[0-9a-z]{8,16}\b", "key-X"),
        (r#""waited_ms":[0-9]+"#, "WAITED"),
        (r"\(in [0-9.]+ m?s\)|\b[0-9.]+ ?m?s\b", "SPAN"),
    ] {
        text = Regex::new(pattern).expect("a pattern").replace_all(&text, by).into_owned();
    }
    text
}

/// All that is said of the steps, and the audit log, on a new store. With `given_up`, each change's first attempt is.
fn run(place: Place, given_up: bool) -> (Vec<String>, BTreeSet<String>, usize) {
    let own = if place.database.is_some() { ON_POSTGRES } else { ON_SQLITE };
    let sandbox = Sandbox::with_store(place);
    write_files(&sandbox);
    sandbox.place.sql(DISCLOSED).expect("written");
    sandbox.place.sql(SEEN).expect("written");
    if sandbox.place.database.is_some() {
        server().role("attempts_service");
        let table = "CREATE TABLE public.lightning_clients (id serial PRIMARY KEY, name text, \
                     auth_token_hash varchar(64), anthropic_api_key text);
                     INSERT INTO public.lightning_clients (name, auth_token_hash, anthropic_api_key) VALUES \
                     ('acme', encode(sha256('a-token'), 'hex'), 'sk-ant-of-acme')";
        sandbox.place.sql(table).expect("Apollo's table");
    }
    let endpoint = Endpoint::start();
    let log = sandbox.home().join("given-up");
    let mut said = Vec::new();
    for (typed, input) in STEPS.iter().chain(own) {
        let (keys, words) = match typed.split_once(' ') {
            Some(("rotating", words)) => {
                (vec![("KEYCTL_MASTER_KEY", OTHER), ("KEYCTL_MASTER_KEY_PREVIOUS", KEY)], words)
            }
            Some(("rotated", words)) => (vec![("KEYCTL_MASTER_KEY", OTHER)], words),
            Some(("using" | "claiming", words)) => {
                let written = if words.starts_with("rotate") { USED } else { CLAIMED };
                sandbox.place.sql(written).expect("written");
                (vec![("KEYCTL_MASTER_KEY", KEY)], words)
            }
            Some((word @ ("answered" | "overtaken" | "refused"), words)) => {
                match word {
                    "refused" => endpoint.answers(400, "", r#"{"error":"invalid_grant"}"#),
                    "answered" => endpoint.answers(200, "", ANSWER),
                    // Its owner replaces it while the provider thinks.
                    _ => {
                        let replacing = Mutex::new(sandbox.command(&["oauth", "replace", "deploy"]));
                        endpoint.answers_after(ANSWER, move || {
                            let mut replacing = replacing.lock().expect("a command");
                            replacing.env("KEYCTL_MASTER_KEY", KEY).stdin(Stdio::piped());
                            let mut child = replacing.spawn().expect("started");
                            let mut stdin = child.stdin.take().expect("a pipe");
                            stdin.write_all(TOKENS.as_bytes()).expect("written");
                            drop(stdin);
                            child.wait().expect("ended");
                        });
                    }
                }
                (vec![("KEYCTL_MASTER_KEY", KEY)], words)
            }
            Some(("lost", words)) => (vec![("KEYCTL_MASTER_KEY", THIRD)], words),
            // The last key stays in use.
            _ if typed.contains("apollo") => {
                (vec![("KEYCTL_MASTER_KEY", THIRD), ("APOLLO_ENC_KEY", APOLLO)], *typed)
            }
            _ => (vec![("KEYCTL_MASTER_KEY", KEY)], *typed),
        };
        let in_use = || {
            let status = sandbox.json(&["master", "status"]);
            let row = status
                .as_array()
                .expect("keys")
                .iter()
                .find(|key| key["retired_at"].is_null())
                .expect("a key in use");
            row["id"].as_str().expect("an id").to_owned()
        };
        let signing = || {
            let keys = sandbox.json(&["signing-key", "list"]);
            keys[0]["kid"].as_str().expect("a signing key").to_owned()
        };
        let invited = || {
            let links = sandbox.json(&["invitation", "list"]);
            links[0]["id"].as_str().expect("an invitation").to_owned()
        };
        let registered = || {
            let clients = sandbox.json(&["client", "list"]);
            clients[0]["id"].as_str().unwrap_or("mcl_01h455vb4pex5vsknk084sn02q").to_owned()
        };
        let leased = || {
            let mut acquire = sandbox.command(&["lease", "acquire", "deploy", "-o", "json"]);
            let taken = acquire.env("KEYCTL_MASTER_KEY", KEY).output().expect("run").stdout;
            let taken: Value = serde_json::from_slice(&taken).expect("a lease");
            taken[0]["lease"].as_str().expect("an id").to_owned()
        };
        let meant = |word: &str| match word {
            "ID" => in_use(),
            "KID" => signing(),
            "LEASE" => leased(),
            "CLAIM" => invited(),
            "CLIENT" => registered(),
            "ENDPOINT" => endpoint.url(),
            word => word.to_owned(),
        };
        let words: Vec<String> = words.split(' ').map(meant).collect();
        let token = input
            .ends_with(".token")
            .then(|| fs::read_to_string(sandbox.home().join(input)).expect("a token"));
        let input = token.as_deref().unwrap_or(input);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut variables = keys;
        variables.push(("KEYCTL_OUTBOUND_ALLOW", "127.0.0.0/8"));
        let path = log.display().to_string();
        if given_up {
            variables.push(("KEYCTL_TEST_GIVEN_UP", &path));
        }
        let ran = run_with(&sandbox, &variables, &words, input);
        let line = format!("{typed}: {:?}\n{}{}", ran.code, ran.stdout, ran.stderr);
        said.push(masked(&line, &sandbox));
    }
    let mut actions = BTreeSet::new();
    // The first record of the place to which it moved is there alone.
    let logs = [&["audit", "export"][..], &["audit", "export", "--store", "moved.db"]];
    let logs = logs.map(|words| sandbox.ok(words)).join("\n");
    for line in logs.lines().filter(|line| line.contains("\"action\"")) {
        let record: Value = serde_json::from_str(line).expect("a record");
        let body = record
            .get("body")
            .and_then(Value::as_str)
            .map_or(record.clone(), |body| serde_json::from_str(body).expect("a body"));
        actions.insert(body["action"].as_str().expect("an action").to_owned());
        said.push(masked(&body.to_string(), &sandbox));
    }
    sandbox.ok(&["store", "check"]);
    let attempts = fs::read_to_string(&log).unwrap_or_default().lines().count();
    (said, actions, attempts)
}

fn compare(new_place: fn() -> Place) -> BTreeSet<String> {
    let (plain, actions, none) = run(new_place(), false);
    let (again, _, attempts) = run(new_place(), true);
    assert_eq!(none, 0);
    // A refusal is recorded by a change, too, and the two that change nothing and record nothing are two attempts as well.
    // A backup is no change, and what a restore changes is nobody else's before it takes its place.
    assert!(attempts >= STEPS.len() - 7, "{attempts} attempts were given up");
    for (plain, again) in plain.iter().zip(&again) {
        assert_eq!(plain, again);
    }
    assert_eq!(plain.len(), again.len());
    actions
}

/// What no command does, but people in the portal, and programs that they let in: `portal::attempts`,
/// `clients::attempts`.
const IN_THE_PORTAL: [&str; 8] = [
    "claim.redeem",
    "claim.take",
    "client.consent",
    "client.end",
    "client.redeem",
    "client.refresh",
    "session.begin",
    "session.end",
];

#[test]
fn a_change_whose_first_attempt_is_given_up_comes_out_the_same() {
    let mut actions = compare(Place::sqlite);
    actions.extend(compare(Place::postgres));
    let missing: Vec<&str> = Action::ALL
        .iter()
        .map(|action| action.as_str())
        .filter(|action| !actions.contains(*action) && !IN_THE_PORTAL.contains(action))
        .collect();
    assert_eq!(missing, Vec::<&str>::new(), "an action without a step");
}

both!(use_cases_that_are_one_change_are_committed_together, |place| {
    place.init();
    let mut env = place.env();
    let (key, done) = minted_and_revoked(&mut env, "alice");
    assert_eq!(done.expect("both"), 1);
    let key = env.store.key_by_id(key).expect("read").expect("a key");
    assert!(key.revoked_at.is_some());
    assert_eq!(
        place.sql("SELECT COUNT(*) FROM audit").expect("rows"),
        "4",
        "init, the owner, a mint and its end"
    );
});

both!(the_first_conflict_takes_the_whole_change_back, |place| {
    place.init();
    let mut env = place.env();
    owner::add(&mut env, &"alice".parse().expect("an owner"), None, false).expect("added");
    let head = env.store.head().expect("head");
    let (key, refused) = minted_and_revoked(&mut env, "alice");
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    assert_eq!(env.store.key_by_id(key).expect("read"), None);
    assert_eq!(view_states(&place), "");
    let now = env.store.head().expect("head");
    assert_eq!((now.mark.counter, now.audit_seq), (head.mark.counter, head.audit_seq + 1));
    let last = place.sql("SELECT body FROM audit ORDER BY seq DESC LIMIT 1").expect("the record");
    let record: Value = serde_json::from_str(&last).expect("JSON");
    assert_eq!((record["action"].as_str(), record["outcome"].as_str()), (Some("import"), Some("refused")));
});

/// A key that is minted and revoked by one change; then its owner is made, which is a conflict where it was there.
fn minted_and_revoked(env: &mut Env, name: &str) -> (keyctl::domain::id::KeyId, keyctl::ops::Result<usize>) {
    let prefix = env.store.head().expect("head").default_prefix;
    let fresh = mint::Fresh::draw(&prefix, &mut SystemRandom).expect("drawn");
    let (wanted, owner) = (request("of-another"), name.parse().expect("an owner"));
    let mut attempts = 0;
    let mut made = None;
    env.store.give_up_first_attempts(|| {});
    let done = env.change(Action::Import, |tx| {
        attempts += 1;
        let mut events = Vec::new();
        let minted = mint::mint_in(tx, &wanted, &fresh)?.record_in(&mut events);
        let id = minted.key.id;
        // What is drawn before is the same in each attempt, but for the time.
        made = Some(id);
        let ended = revoke::revoke_in(tx, &[KeyRef::Id(id)], None)?.record_in(&mut events);
        owner::add_in(tx, &owner, None, false)?.record_in(&mut events);
        Ok(Done { result: ended.keys.len(), events })
    });
    assert_eq!(attempts, if done.is_ok() { 2 } else { 1 }, "an attempt that fails is not run again");
    (made.expect("a key"), done)
}
