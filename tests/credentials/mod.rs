//! OAuth credentials, on both databases, with a real provider (oidc-provider) and with one that answers anything.

mod browser;
mod clocks;
mod crashes;
mod ends;
mod exec;
mod history;
mod keeping;
mod leases;
mod login;
mod odd_answers;
mod on_the_way;
pub mod provider;
mod refreshing;
mod refused;
mod together;
mod unshared;
mod watching;

use std::process::Command;

use serde_json::Value;

use crate::secrets::KEY;
use crate::support::cli::{Ran, Sandbox, finish};

/// The program with a master key, and a provider on loopback that may be asked.
pub fn command(sandbox: &Sandbox, args: &[&str]) -> Command {
    let mut command = sandbox.command(args);
    command.env("KEYCTL_MASTER_KEY", KEY).env("KEYCTL_OUTBOUND_ALLOW", "127.0.0.0/8");
    command
}

pub fn run(sandbox: &Sandbox, args: &[&str], input: &str) -> Ran {
    finish(command(sandbox, args), input.as_bytes())
}

#[track_caller]
pub fn ok(sandbox: &Sandbox, args: &[&str], input: &str) -> Ran {
    run(sandbox, args, input).expect_code(0)
}

#[track_caller]
pub fn shown(sandbox: &Sandbox, name: &str) -> Value {
    sandbox.json(&["oauth", "show", name])
}

/// The access token that is handed out now, whatever its end.
#[track_caller]
pub fn token(sandbox: &Sandbox, name: &str) -> String {
    ok(sandbox, &["secret", "get", name], "").stdout.trim_end().to_owned()
}

/// Keeps these tokens as a public client's.
#[track_caller]
pub fn add(sandbox: &Sandbox, name: &str, endpoint: &str, tokens: &str) {
    add_with(sandbox, name, endpoint, tokens, &[]);
}

pub fn add_with(sandbox: &Sandbox, name: &str, endpoint: &str, tokens: &str, more: &[&str]) {
    let args =
        ["oauth", "add", name, "--provider", "github", "--token-endpoint", endpoint, "--client-id", "public"];
    ok(sandbox, &[&args, more].concat(), tokens);
}

/// As if the token ended, or were about to.
pub fn age(sandbox: &Sandbox, name: &str, seconds: i64) {
    let now = match sandbox.place.database {
        Some(_) => "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
        None => "CAST(strftime('%s', 'now') AS INTEGER) * 1000",
    };
    sandbox
        .place
        .sql(&format!(
            "UPDATE secret_version SET expires_at = {now} + {seconds} * 1000, created_at = {now} - 3600000
             WHERE secret_id = (SELECT id FROM secret WHERE name = '{name}')"
        ))
        .expect("written");
}
