//! Every use case of the command line that changes something, as what is typed: what holds for changes is tried with
//! each of them.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;
use std::sync::Mutex;

use serde_json::Value;

use crate::apollo::APOLLO;
use crate::secrets::{KEY, OTHER, THIRD};
use crate::support::cli::{Sandbox, finish};
use crate::support::endpoint::Endpoint;
use crate::support::postgres::server;
use crate::support::store::Place;

/// What is typed, and what is given to it on standard input.
pub type Step = (&'static str, &'static str);

/// Every use case that changes something, with what it says where it has nothing to do, or refuses.
pub const STEPS: &[Step] = &[
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
pub const ON_SQLITE: &[Step] = &[("store grant --group daemon", ""), ("store grant --none", "")];
pub const ON_POSTGRES: &[Step] = &[
    ("import apollo --scope chat --into-existing-owners", ""),
    ("store compat apollo --scope chat", ""),
    ("store compat apollo --scope files", ""),
    ("store compat apollo --remove --yes", ""),
    ("store grant attempts_service", ""),
    ("store grant attempts_service --none", ""),
];

/// As keyctl serve writes it: secrets and tokens that were handed out, a canary that was seen, tokens that were used long
/// ago, and an instance
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

/// A store in which the steps are done, one after the other, and what they need of the world.
pub struct Steps {
    pub sandbox: Sandbox,
    endpoint: Endpoint,
}

/// A step as it is typed in this store.
pub struct Typed {
    pub words: Vec<String>,
    pub variables: Vec<(&'static str, String)>,
    pub input: String,
}

impl Steps {
    pub fn new(place: Place) -> Self {
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
        Self { sandbox, endpoint: Endpoint::start() }
    }

    /// All of them, in their order.
    pub fn all(&self) -> impl Iterator<Item = &'static Step> + use<> {
        let own = if self.sandbox.place.database.is_some() { ON_POSTGRES } else { ON_SQLITE };
        STEPS.iter().chain(own)
    }

    /// Writes what the step is to find in the store, and puts in what is called otherwise in each store.
    pub fn prepare(&self, (typed, input): &Step) -> Typed {
        let (surroundings, words) = match typed.split_once(' ') {
            Some((word, words)) if SURROUNDINGS.contains(&word) => (word, words),
            _ => ("", *typed),
        };
        match surroundings {
            "using" => drop(self.sandbox.place.sql(USED).expect("written")),
            "claiming" => drop(self.sandbox.place.sql(CLAIMED).expect("written")),
            _ => {}
        }
        let mut variables = match surroundings {
            "rotating" => vec![("KEYCTL_MASTER_KEY", OTHER), ("KEYCTL_MASTER_KEY_PREVIOUS", KEY)],
            "rotated" => vec![("KEYCTL_MASTER_KEY", OTHER)],
            "lost" => vec![("KEYCTL_MASTER_KEY", THIRD)],
            // The last key stays in use.
            _ if typed.contains("apollo") => vec![("KEYCTL_MASTER_KEY", THIRD), ("APOLLO_ENC_KEY", APOLLO)],
            _ => vec![("KEYCTL_MASTER_KEY", KEY)],
        };
        variables.push(("KEYCTL_OUTBOUND_ALLOW", "127.0.0.0/8"));
        let input = match input.ends_with(".token") {
            true => fs::read_to_string(self.sandbox.home().join(input)).expect("a token"),
            false => (*input).to_owned(),
        };
        Typed {
            words: words.split(' ').map(|word| self.meant(word)).collect(),
            variables: variables.into_iter().map(|(name, value)| (name, value.to_owned())).collect(),
            input,
        }
    }

    /// Has the provider ready for the step, each time that it is run.
    pub fn arm(&self, (typed, _): &Step) {
        match typed.split(' ').next() {
            Some("refused") => self.endpoint.answers(400, "", r#"{"error":"invalid_grant"}"#),
            Some("answered") => self.endpoint.answers(200, "", ANSWER),
            // Its owner replaces it while the provider thinks.
            Some("overtaken") => {
                let replacing = Mutex::new(self.sandbox.command(&["oauth", "replace", "deploy"]));
                self.endpoint.answers_after(ANSWER, move || {
                    let mut replacing = replacing.lock().expect("a command");
                    replacing.env("KEYCTL_MASTER_KEY", KEY).stdin(Stdio::piped());
                    let mut child = replacing.spawn().expect("started");
                    let mut stdin = child.stdin.take().expect("a pipe");
                    stdin.write_all(TOKENS.as_bytes()).expect("written");
                    drop(stdin);
                    child.wait().expect("ended");
                });
            }
            _ => {}
        }
    }

    fn meant(&self, word: &str) -> String {
        let first = |words: &[&str], field: &str, otherwise: &str| {
            let rows = self.sandbox.json(words);
            rows[0][field].as_str().unwrap_or(otherwise).to_owned()
        };
        match word {
            "ID" => {
                let status = self.sandbox.json(&["master", "status"]);
                let keys = status.as_array().expect("keys");
                let used = keys.iter().find(|key| key["retired_at"].is_null()).expect("a key in use");
                used["id"].as_str().expect("an id").to_owned()
            }
            "KID" => first(&["signing-key", "list"], "kid", ""),
            "LEASE" => {
                let mut acquire = self.sandbox.command(&["lease", "acquire", "deploy", "-o", "json"]);
                acquire.env("KEYCTL_MASTER_KEY", KEY);
                let taken: Value = serde_json::from_str(&finish(acquire, b"").stdout).expect("a lease");
                taken[0]["lease"].as_str().expect("an id").to_owned()
            }
            "CLAIM" => first(&["invitation", "list"], "id", ""),
            "CLIENT" => first(&["client", "list"], "id", "mcl_01h455vb4pex5vsknk084sn02q"),
            "ENDPOINT" => self.endpoint.url(),
            word => word.to_owned(),
        }
    }
}

/// The words before a step's own that say what it finds.
const SURROUNDINGS: [&str; 8] =
    ["rotating", "rotated", "using", "claiming", "answered", "overtaken", "refused", "lost"];

/// What the imports read.
fn write_files(sandbox: &Sandbox) {
    let write = |name: &str, text: &str| fs::write(sandbox.home().join(name), text).expect("written");
    write("mem0.env", "API_KEYS={\"carol-token-of-thirty-two-chars-00\": \"carol\", \"short\": \"dave\"}\n");
    write("other.env", "API_KEYS={\"erin-token-of-thirty-two-chars-000\": \"erin\"}\n");
    write("keys.csv", &format!("hash,owner\n{},frida\n{},greg\n", "a".repeat(64), "b".repeat(64)));
}
