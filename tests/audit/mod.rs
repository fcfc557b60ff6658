//! The audit log as its readers use it: filters, following, anchors, exports, the sink.

mod anchors;
mod compare;
mod export;
mod filters;
mod follow;
mod records;
mod refused;
mod sink;

use serde_json::Value;

use crate::support::cli::Sandbox;

/// Five records: the store, alice's key, bob's key, alice's revocation, a refused mint for bob.
pub fn some_records(sandbox: &Sandbox) {
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    sandbox.ok(&["mint", "bob", "--scope", "m"]);
    sandbox.ok(&["revoke", "alice"]);
    sandbox.run(&["mint", "bob", "--scope", "m", "--name", "default"]).expect_code(4);
}

/// The lines of a text as JSON.
pub fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
}

/// The numbers of the records in it.
pub fn numbers(text: &str) -> Vec<u64> {
    lines(text).iter().map(|line| line["seq"].as_u64().expect("a number")).collect()
}
