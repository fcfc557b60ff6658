//! The audit log as its readers use it: filters and anchors.

mod anchors;
mod filters;

use crate::support::cli::Sandbox;

/// Five records: the store, alice's key, bob's key, alice's revocation, a refused mint for bob.
pub fn some_records(sandbox: &Sandbox) {
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    sandbox.ok(&["mint", "bob", "--scope", "m"]);
    sandbox.ok(&["revoke", "alice"]);
    sandbox.run(&["mint", "bob", "--scope", "m", "--name", "default"]).expect_code(4);
}
