//! Tokens for a signed identity, on both databases: what is kept, who signs, and what endpoints of all kinds answer.

mod exchanging;
mod identity;
mod keeping;
mod odd_answers;
mod provider;

use serde_json::Value;

use crate::secrets::KEY;
use crate::support::cli::{Ran, Sandbox, finish};

/// Runs the program with the master key; loopback may be asked.
fn run(sandbox: &Sandbox, args: &[&str], input: &str) -> Ran {
    let mut command = sandbox.command(args);
    command.env("KEYCTL_MASTER_KEY", KEY).env("KEYCTL_OUTBOUND_ALLOW", "127.0.0.0/8");
    finish(command, input.as_bytes())
}

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

#[track_caller]
fn ok(sandbox: &Sandbox, line: &str) -> Ran {
    run(sandbox, &words(line), "").expect_code(0)
}

/// A federation of this kind whose key signs, and what else its kind wants.
#[track_caller]
fn add(sandbox: &Sandbox, name: &str, kind: &str, endpoint: &str, more: &str) {
    ok(
        sandbox,
        &format!(
            "federation add {name} --kind {kind} --issuer https://keys.example.com/{name} --token-endpoint {endpoint} \
             --audience https://provider.example.com{more}"
        ),
    );
    ok(sandbox, &format!("federation activate {name} --uploaded"));
}

/// A secret for anthropic that alice's key gets by the federation, and her token.
#[track_caller]
fn bound(sandbox: &Sandbox, federation: &str, more: &str) -> String {
    let token = ok(sandbox, "mint alice --scope chat").stdout.trim_end().to_owned();
    ok(sandbox, &format!("secret set anthropic agents --federation {federation}{more}"));
    ok(sandbox, "secret bind agents alice");
    token
}

fn resolve(sandbox: &Sandbox, token: &str) -> Ran {
    run(sandbox, &words("resolve --provider anthropic -o json"), token)
}

/// The claims, or with 0 the header, of an assertion.
fn part(assertion: &str, which: usize) -> Value {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let part = assertion.split('.').nth(which).expect("three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}

/// The document that the provider is given.
fn exported(sandbox: &Sandbox, name: &str) -> Value {
    serde_json::from_str(&sandbox.ok(&["federation", "export", name])).expect("JSON")
}
