//! Nothing that keyctl writes holds a token.

use std::fs;
use std::path::Path;
use std::process::Command;

use keyctl::domain::keys::key::Key;
use keyctl::domain::keys::token::Token;
use keyctl::ops::delivery::{Deliver, DeliveryError};
use keyctl::ops::keys::mint::{Request, mint};

use crate::support::cli::Sandbox;
use crate::support::library::request;
use crate::support::{both, postgres};

const TOKENS: usize = 1000;

struct Collect(Vec<String>);

impl Deliver for Collect {
    fn deliver(&mut self, token: &Token, _: &Key) -> Result<(), DeliveryError> {
        self.0.push(token.expose().to_owned());
        Ok(())
    }

    fn confirm(&mut self) {}

    fn withdraw(&mut self) {}
}

/// How many of the texts stand anywhere below a folder, byte for byte.
pub fn found_below(folder: &Path, texts: &[String], scratch: &Path) -> usize {
    let patterns = scratch.join("patterns");
    fs::write(&patterns, texts.join("\n")).expect("written");
    let ran = Command::new("grep")
        .args(["--recursive", "--text", "--only-matching", "--no-filename", "--fixed-strings", "--file"])
        .arg(&patterns)
        .arg(folder)
        .output()
        .expect("grep runs");
    // A server that works takes files of its own away while others are looked at.
    let said = String::from_utf8_lossy(&ran.stderr);
    let is_gone = |line: &str| line.ends_with(": No such file or directory");
    assert!(matches!(ran.status.code(), Some(0 | 1)) || said.lines().all(is_gone), "{said}");
    fs::remove_file(patterns).expect("removed");
    let found: std::collections::HashSet<&[u8]> =
        ran.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    found.len()
}

both!(none_of_a_thousand_tokens_is_found_in_files_logs_or_audit, |place| {
    let sandbox = Sandbox::with_store(place);
    let mut collected = Collect(Vec::new());
    let mut env = sandbox.place.env();
    for number in 0..TOKENS - 20 {
        let name = Some(format!("k{number}").parse().expect("name"));
        mint(&mut env, &Request { name, ..request("alice") }, &mut collected).expect("minted");
    }
    drop(env);
    let mut tokens = collected.0;
    let mut logged = String::new();
    for number in 0..20 {
        let owner = format!("cli{number}");
        let ran = sandbox.run(&["mint", &owner, "-v"]).expect_code(0);
        tokens.push(ran.stdout.trim_end().to_owned());
        logged += &ran.stderr;
        let token = tokens.last().expect("minted");
        logged += &sandbox.feed(&["verify", "-v"], token).stderr;
        logged += &sandbox.run(&["show", token]).expect_code(2).stderr;
        logged += &sandbox.run(&["rotate", &owner]).expect_code(0).stderr;
    }
    assert_eq!(tokens.len(), TOKENS);
    logged += &sandbox.ok(&["audit", "list", "-o", "json"]);
    logged += &sandbox.ok(&["list", "-o", "json", "--limit", "0"]);

    // The secret part: from the last underscore on, with and without the check.
    let secrets: Vec<String> = tokens.iter().map(|token| token[17..60].to_owned()).collect();
    let public: Vec<String> = tokens.iter().map(|token| token[..16].to_owned()).collect();
    assert!(!secrets.iter().any(|secret| logged.contains(secret.as_str())));
    assert!(public.iter().all(|prefix| logged.contains(prefix.as_str())), "the search itself works");

    let scratch = tempfile::tempdir().expect("folder");
    let folder = match &sandbox.place.database {
        None => sandbox.home().to_owned(),
        Some(name) => {
            postgres::server().psql(name, "CHECKPOINT").expect("checkpoint");
            postgres::server().folder.clone()
        }
    };
    assert_eq!(found_below(&folder, &secrets, scratch.path()), 0, "a token was written");
    assert_eq!(found_below(&folder, &public, scratch.path()), TOKENS, "the search itself works");
});

both!(no_imported_token_is_found_in_files_logs_or_audit, |place| {
    let sandbox = Sandbox::with_store(place);
    // The file itself comes from a pipe: it would be found.
    let strong = |n: usize| format!("sk-Zq{n:04}Lk7Xw9Rt3Vb5Nm1Pd8Gh");
    let mut tokens: Vec<String> = (0..40).map(strong).collect();
    tokens.extend((0..2).map(|n| format!("leaky-swordfish-{n}")));
    let entries: Vec<String> = tokens.iter().map(|token| format!("\"{token}\": \"alice\"")).collect();
    let env = format!("API_KEYS='{{{}}}'\n", entries.join(",\n"));
    let mut logged = String::new();
    let mut run = |args: &[&str], input: &str, code: i32| {
        let ran = sandbox.feed(args, input).expect_code(code);
        logged += &ran.stdout;
        logged += &ran.stderr;
    };
    run(&["import", "mem0", "-", "--scope", "m", "-v"], &env, 0);
    run(&["import", "mem0", "-", "--scope", "other"], &env, 4);
    run(&["import", "mem0", "-"], &env.replace("alice", "Al ice"), 2);
    for token in &tokens[36..] {
        run(&["verify", "-v"], token, 0);
        run(&["show", "-"], token, 0);
        run(&["revoke", "-"], token, 0);
    }
    run(&["import", "csv", "-"], &format!("hash,owner\n{},alice\n", tokens[0]), 2);
    run(&["audit", "list", "-o", "json", "--limit", "0"], "", 0);
    run(&["list", "--all", "-o", "json", "--limit", "0"], "", 0);
    assert!(!tokens.iter().any(|token| logged.contains(&token[3..])), "a token was printed");

    let scratch = tempfile::tempdir().expect("folder");
    let folder = match &sandbox.place.database {
        None => sandbox.home().to_owned(),
        Some(name) => {
            postgres::server().psql(name, "CHECKPOINT").expect("checkpoint");
            postgres::server().folder.clone()
        }
    };
    assert_eq!(found_below(&folder, &tokens, scratch.path()), 0, "a token was written");
    let public = sandbox.place.sql("SELECT prefix FROM token").expect("prefixes");
    let public: Vec<String> = public.lines().map(str::to_owned).collect();
    assert_eq!(found_below(&folder, &public, scratch.path()), tokens.len(), "the search itself works");
});
