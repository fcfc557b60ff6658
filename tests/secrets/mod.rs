//! Provider secrets and master keys, on both databases.

mod exec;
mod master_keys;
mod nearest;
mod planted;
mod rotation;
mod rules;
mod sealed;
mod typed;
mod values;

use crate::support::cli::{Ran, Sandbox, finish};
use crate::support::store::Place;

/// 32 bytes in base64, none of them like another.
pub const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
pub const OTHER: &str = "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA=";
pub const THIRD: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

/// Runs the program with these variables, too.
pub fn run_with(sandbox: &Sandbox, variables: &[(&str, &str)], args: &[&str], input: &str) -> Ran {
    let mut command = sandbox.command(args);
    command.envs(variables.iter().copied());
    finish(command, input.as_bytes())
}

/// The same with [`KEY`], for what must succeed; returns standard output.
#[track_caller]
pub fn keyed(sandbox: &Sandbox, args: &[&str], input: &str) -> String {
    run_with(sandbox, &[("KEYCTL_MASTER_KEY", KEY)], args, input).expect_code(0).stdout.trim_end().to_owned()
}

/// A store with alice's key, and her token, and the secret `team` for anthropic bound to her.
pub fn furnished(place: Place) -> (Sandbox, String) {
    let sandbox = Sandbox::with_store(place);
    let token = sandbox.ok(&["mint", "alice", "--scope", "chat"]);
    keyed(&sandbox, &["secret", "set", "anthropic", "team"], "sk-planted-first\n");
    sandbox.ok(&["secret", "bind", "team", "alice"]);
    (sandbox, token)
}
