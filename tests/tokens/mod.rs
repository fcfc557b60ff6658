//! Short-lived tokens, on both databases: the keys that sign them, issuing, verifying.

mod issuing;
mod signing_keys;
mod trusts;
mod verifiers;

use serde_json::Value;

use crate::secrets::{KEY, run_with};
use crate::support::cli::{Ran, Sandbox};
use crate::support::store::Place;

const ISSUER: &str = "https://keys.example.com";

/// Runs the program with the master key.
fn keyed(sandbox: &Sandbox, words: &str, input: &str) -> Ran {
    run_with(sandbox, &[("KEYCTL_MASTER_KEY", KEY)], &words.split(' ').collect::<Vec<_>>(), input)
}

/// The same with `-o json`, for what must succeed.
#[track_caller]
fn json(sandbox: &Sandbox, words: &str, input: &str) -> Value {
    let ran = keyed(sandbox, &format!("{words} -o json"), input).expect_code(0);
    serde_json::from_str(&ran.stdout).expect("JSON")
}

/// A store with an issuer, two signing keys, and the token of alice's key.
fn furnished(place: Place) -> (Sandbox, String) {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["store", "set", "issuer", ISSUER]);
    sandbox.ok(&["store", "set", "audience", "billing", "https://mcp.example.com/mcp"]);
    keyed(&sandbox, "signing-key rotate", "").expect_code(0);
    let token = sandbox.ok(&["mint", "alice", "--scope", "chat,files:*"]);
    (sandbox, token)
}

/// Of a verification: exit code and reason, which is empty where it is allowed.
fn judged(sandbox: &Sandbox, jwt: &str, words: &str) -> (Option<i32>, String) {
    // Without a master key: public keys are enough.
    let words = format!("jwt verify -o json{words}");
    let ran = sandbox.feed(&words.split(' ').collect::<Vec<_>>(), jwt);
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap_or_default();
    (ran.code, answer["reason"].as_str().unwrap_or_default().to_owned())
}
