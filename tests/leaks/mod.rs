//! `keyctl leaks`: tokens that stand where they should not.

mod bad_input;
mod canaries;
mod corpus;
mod found;
mod intake;
mod jobs;
mod names;
mod rules;
mod sarif;
mod stopped;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::cli::{Ran, Sandbox};

/// What tests/leaks/install installed.
fn installed(program: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/leaks/bin").join(program);
    assert!(path.exists(), "{} is missing: run tests/leaks/install", path.display());
    path
}

fn minted(sandbox: &Sandbox, words: &str) -> String {
    let words: Vec<&str> = words.split_whitespace().collect();
    let path = sandbox.home().join(".token");
    let _ = fs::remove_file(&path);
    sandbox.ok(&[&["mint"], words.as_slice(), &["--out-file", ".token"]].concat());
    fs::read_to_string(&path).expect("a token").trim_end().to_owned()
}

/// Findings as objects.
fn findings(ran: &Ran) -> Vec<Value> {
    ran.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// What `fields` says of each finding, as a set.
fn said(ran: &Ran, fields: &[&str]) -> BTreeSet<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let line = |found: &Value| fields.iter().map(|field| text(&found[*field])).collect::<Vec<_>>().join(" ");
    findings(ran).iter().map(line).collect()
}

fn set(lines: &[&str]) -> BTreeSet<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

/// Nothing that was printed has a token in it.
#[track_caller]
fn shows_none(ran: &Ran, tokens: &[String]) {
    let printed = format!("{}{}", ran.stdout, ran.stderr);
    assert!(tokens.iter().all(|token| !printed.contains(&token[token.len() - 49..])), "{printed}");
}
