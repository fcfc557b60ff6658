//! Manifests: who may do what, as a team declares it, and where the tokens of its keys go.

mod applying;
mod commands;
mod crashes;
mod dotenv;
mod files;
mod formats;
mod life;
mod openbao;
mod pipelines;
mod plans;
mod policies;
mod refused;
mod town;

use std::fs;

use serde_json::Value;

use crate::support::cli::Sandbox;
use crate::support::store::Place;

pub const TEAM: &str = "manifest: team-a
roles:
  reader: {scopes: [memories:read]}
owners:
  alice: {subject: auth0|alice}
keys:
  alice/default:
    scopes: [memories]
    roles: [reader]
    rotate_after: 60d
    grace: 7d
    rate: 600/m
    labels: {team: search}
    sinks:
      - file: tokens/alice
      - dotenv: {path: app.env, name: ALICE_KEY}
  bob/ci:
    scopes: [\"files:*\"]
    sinks: [{file: tokens/bob}]
";

/// Puts a manifest into the sandbox, and a folder for tokens.
fn declare(sandbox: &Sandbox, text: &str) {
    fs::create_dir_all(sandbox.home().join("tokens")).expect("folder");
    fs::write(sandbox.home().join("keys.yaml"), text).expect("writes");
}

fn config(sandbox: &Sandbox, text: &str) {
    fs::create_dir_all(sandbox.home().join(".config/keyctl")).expect("folder");
    fs::write(sandbox.home().join(".config/keyctl/config.toml"), text).expect("writes");
}

#[track_caller]
fn apply(sandbox: &Sandbox) {
    sandbox.run(&["apply", "-f", "keys.yaml", "--yes"]).expect_code(0);
}

/// A store as [`TEAM`] declares it.
fn team(place: Place) -> Sandbox {
    let sandbox = Sandbox::with_store(place);
    declare(&sandbox, TEAM);
    apply(&sandbox);
    sandbox
}

fn read(sandbox: &Sandbox, path: &str) -> String {
    fs::read_to_string(sandbox.home().join(path)).expect(path).trim_end().to_owned()
}

fn allowed(sandbox: &Sandbox, token: &str) -> bool {
    sandbox.verify(token, &[]).0 == Some(0)
}

fn reason(sandbox: &Sandbox, token: &str) -> String {
    let (_, verdict) = sandbox.verify(token, &[]);
    let Value::String(reason) = &verdict["reason"] else { return format!("none: {verdict}") };
    reason.clone()
}
