//! Processes that take leases of one credential, use its token, renew and give up, or are killed and stopped meanwhile.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use keyctl::domain::time::Timestamp;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::super::provider::Provider;
use super::super::{add_with, command, ok, shown};
use super::model::{Call, Came, History, Lease, Millis, Pair, Record, Request, What};
use crate::support::chance::Chance;
use crate::support::cli::Sandbox;
use crate::support::store::clock;

/// How long an access token lives, in seconds: it is followed by another one after half of that, and so long is a lease.
const LIVES: u32 = 6;
pub const CREDENTIAL: &str = "ci";

pub struct Town {
    pub sandbox: Sandbox,
    pub provider: Provider,
    /// alice's token, to whom the credential is bound.
    client: String,
    calls: Mutex<Vec<Call>>,
    pub kills: Mutex<Vec<Millis>>,
    /// Processes that may be killed or stopped. What is in here was not waited for yet, so its number is no other's.
    pub running: Mutex<BTreeMap<u32, What>>,
    signing_in: Mutex<()>,
    pub leases: AtomicU64,
    pub is_over: AtomicBool,
}

pub fn now() -> Millis {
    clock().expect("a time").as_millis()
}

/// As the provider's log names tokens.
fn hash(token: &str) -> String {
    Sha256::digest(token).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn time(value: &Value) -> Millis {
    value.as_str().and_then(|text| Timestamp::parse(text).ok()).expect("a time").as_millis()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

impl Town {
    pub fn new(sandbox: Sandbox) -> Self {
        let provider = Provider::start(LIVES);
        let client = sandbox.ok(&["mint", "alice"]);
        let (endpoint, grant) = (provider.token_endpoint(), provider.grant("public"));
        add_with(&sandbox, CREDENTIAL, &endpoint, &grant, &["--refresh-invalidates"]);
        sandbox.ok(&["secret", "bind", CREDENTIAL, "alice"]);
        Self {
            sandbox,
            provider,
            client,
            calls: Mutex::default(),
            kills: Mutex::default(),
            running: Mutex::default(),
            signing_in: Mutex::default(),
            leases: AtomicU64::new(0),
            is_over: AtomicBool::new(false),
        }
    }

    /// Takes so many leases, one after another, and does with them what processes do.
    pub fn work(&self, seed: u64, leases: usize) {
        let mut chance = Chance(seed);
        let mut left = leases;
        while left > 0 {
            match chance.below(100) {
                0..8 => drop(self.resolve()),
                8..14 => drop(self.refresh()),
                _ => {}
            }
            match self.acquire() {
                (Came::Lease(lease), Some(holder)) => {
                    left -= 1;
                    self.leases.fetch_add(1, Ordering::Relaxed);
                    self.hold(&mut chance, lease, &holder);
                }
                (Came::NeedsReauth, _) => self.sign_in(),
                (Came::NotNow, _) => thread::sleep(Duration::from_millis(400)),
                _ => {}
            }
        }
    }

    /// Uses a lease, as well-behaved holders do; some are killed in it, and some are stopped until it has ended.
    fn hold(&self, chance: &mut Chance, lease: Lease, holder: &str) {
        let id = lease.id;
        thread::sleep(Duration::from_millis(chance.below(60)));
        match chance.below(20) {
            // Nobody gives it up.
            0..2 => return,
            // It goes on after its time was over.
            2 => {
                thread::sleep(Duration::from_millis(3_200));
                let args = ["lease", "renew", "--for", "30s", "-o", "json"];
                self.call(What::Renew(id.clone()), &args, holder, renewed);
            }
            3..8 => {
                thread::sleep(Duration::from_millis(chance.below(800)));
                let args = ["lease", "renew", "--for", "30s", "-o", "json"];
                self.call(What::Renew(id.clone()), &args, holder, renewed);
            }
            _ => {}
        }
        self.call(What::Release(id), &["lease", "release"], holder, |_| Came::Done);
    }

    fn acquire(&self) -> (Came, Option<String>) {
        let mut holder = None;
        let args = ["lease", "acquire", CREDENTIAL, "--for", "30s", "--wait", "30s", "-o", "json"];
        let came = self.call(What::Acquire, &args, "", |answer| {
            let one = &answer[0];
            let token = text(&one["access_token"]);
            holder = Some(text(&one["holder_token"]));
            Came::Lease(Lease {
                id: text(&one["lease"]),
                fence: one["fence"].as_u64().expect("a fence"),
                version: one["version"].as_u64().expect("a version"),
                works: self.provider.knows(&token),
                token: hash(&token),
                expires: time(&one["expires_at"]),
            })
        });
        (came, holder)
    }

    fn resolve(&self) -> Came {
        let args = ["resolve", "--provider", "github", "-o", "json"];
        self.call(What::Resolve, &args, &self.client, |answer| Came::Token(hash(&text(&answer["secret"]))))
    }

    /// A new token, whoever else has just got one.
    pub fn refresh(&self) -> Came {
        let args = ["oauth", "refresh", CREDENTIAL, "--force", "--lock-timeout", "40s"];
        self.call(What::Refresh, &args, "", |_| Came::Done)
    }

    /// Once, of those who are told to.
    pub fn sign_in(&self) {
        let _signing_in = self.signing_in.lock().expect("nobody panicked");
        if shown(&self.sandbox, CREDENTIAL)["state"] != "needs_reauth" {
            return;
        }
        let begun = now();
        let grant = self.provider.grant("public");
        ok(&self.sandbox, &["oauth", "replace", CREDENTIAL], &grant);
        let grant: Value = serde_json::from_str(&grant).expect("JSON");
        let came = Came::Token(hash(&text(&grant["access_token"])));
        self.write(Call { what: What::Replace, begun, ended: now(), came });
    }

    fn write(&self, call: Call) {
        self.calls.lock().expect("nobody panicked").push(call);
    }

    /// Runs the program, which may be killed and stopped, and writes down what came of it.
    fn call(&self, what: What, args: &[&str], input: &str, read: impl FnOnce(Value) -> Came) -> Came {
        let begun = now();
        let mut command = command(&self.sandbox, args);
        command.stdin(Stdio::piped());
        let mut child = command.spawn().expect("started");
        self.running.lock().expect("nobody panicked").insert(child.id(), what.clone());
        // It may end without reading it.
        let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
        let (mut out, mut errors) = (String::new(), String::new());
        child.stdout.take().expect("a pipe").read_to_string(&mut out).expect("a text");
        child.stderr.take().expect("a pipe").read_to_string(&mut errors).expect("a text");
        self.running.lock().expect("nobody panicked").remove(&child.id());
        let status = child.wait().expect("ended");
        let ended = now();
        let is_of_a_lease = matches!(what, What::Renew(_) | What::Release(_));
        let came = match status.code() {
            Some(0) => read(serde_json::from_str(&out).unwrap_or_default()),
            Some(8) if errors.contains("takes the refresh token of the credential ci no more") => {
                Came::NeedsReauth
            }
            Some(8) if errors.contains("no new token could be got") => Came::NotNow,
            Some(6) if !is_of_a_lease => Came::NotNow,
            // It was stopped on its way to the database.
            Some(7) if errors.contains("no answer within") => Came::NotNow,
            Some(4..=6) if is_of_a_lease => Came::Refused,
            None if status.signal() == Some(9) => Came::Killed,
            _ => Came::Odd(format!("{status}: {errors}")),
        };
        self.write(Call { what, begun, ended, came: came.clone() });
        came
    }

    pub fn history(&self) -> History {
        let provider = self.provider.history();
        let list = |value: &Value| value.as_array().expect("a list").clone();
        let pair = |value: &Value| {
            (!value.is_null())
                .then(|| Pair { access: text(&value["access"]), refresh: text(&value["refresh"]) })
        };
        let requests = list(&provider["requests"]).into_iter().filter_map(|request| {
            // What was cut off before it was read was not sent.
            let token = request["token"].as_str()?.to_owned();
            let at = request["at"].as_i64().expect("a time");
            Some(Request { at, token, gave: pair(&request["gave"]) })
        });
        let mut records = list(&self.sandbox.json(&["audit", "list", "--limit", "0"]));
        records.sort_by_key(|record| record["seq"].as_u64());
        let records = records.iter().map(|record| &record["record"]).filter_map(|record| {
            let (action, details) = (text(&record["action"]), &record["details"]);
            action.starts_with("oauth.").then(|| Record {
                at: time(&record["at"]),
                action,
                version: details["version"].as_u64().expect("a version"),
                old_version: details["old_version"].as_u64(),
                was_uncertain: details["was_uncertain"] == true,
            })
        });
        History {
            calls: self.calls.lock().expect("nobody panicked").clone(),
            requests: requests.collect(),
            grants: list(&provider["granted"]).iter().filter_map(pair).collect(),
            records: records.collect(),
            kills: self.kills.lock().expect("nobody panicked").clone(),
        }
    }
}

fn renewed(answer: Value) -> Came {
    Came::Renewed(time(&answer[0]["expires_at"]))
}
