//! `keyctl leaks rules`, tried with the scanners themselves.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::corpus::{self, DECOYS, KINDS};
use super::{findings, installed, minted};
use crate::support::both;
use crate::support::cli::{Sandbox, finish};
use crate::support::store::Place;

both!(rules_are_for_the_prefixes_of_the_store, |place| {
    let sandbox = Sandbox::with_store(place);
    minted(&sandbox, "alice --prefix acme_live");
    for scanner in ["gitleaks", "kingfisher", "trufflehog", "detect-secrets", "github"] {
        let rules = sandbox.ok(&["leaks", "rules", "--for", scanner]);
        assert!(rules.contains("(?:acme_live|sks)_"), "{rules}");
        let rules = sandbox.ok(&["leaks", "rules", "--for", scanner, "--prefix", "other"]);
        assert!(rules.contains("other_") && !rules.contains("acme_live"), "{rules}");
    }
    sandbox.ok(&["policy", "set", "--prefixes", "sks,corp"]);
    assert!(sandbox.ok(&["leaks", "rules", "--for", "github"]).contains("(?:acme_live|corp|sks)_"));
});

#[test]
fn rules_need_no_store() {
    let sandbox = Sandbox::empty(Place::sqlite());
    let mut command = sandbox.command(&["leaks", "rules", "--for", "gitleaks"]);
    command.env_remove("KEYCTL_STORE");
    let ran = finish(command, b"").expect_code(0);
    assert!(ran.stdout.contains("'''sks_"), "{ran:?}");
    assert!(
        fs::read_dir(sandbox.home())
            .expect("a folder")
            .all(|entry| entry.expect("an entry").file_name() != ".local")
    );
    for wrong in [
        &["--for", "grep"][..],
        &["--for", "gitleaks", "--webhook", "http://127.0.0.1:1"],
        &["--for", "trufflehog", "--webhook", "127.0.0.1"],
        &[],
    ] {
        sandbox.run(&[&["leaks", "rules"], wrong].concat()).expect_code(2);
    }
}

/// How many planted files and decoys of each kind a scanner found something in.
type Counts = BTreeMap<String, usize>;

fn counted(paths: impl Iterator<Item = String>) -> Counts {
    let paths: std::collections::BTreeSet<String> = paths.collect();
    let mut counts = Counts::new();
    for path in paths {
        let path = Path::new(&path);
        let kind = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.split('-').next());
        *counts.entry(kind.unwrap_or_default().to_owned()).or_default() += 1;
    }
    counts
}

fn texts(list: &Value, pointer: &str) -> Vec<String> {
    let list = list.as_array().into_iter().flatten();
    list.filter_map(|one| Some(one.pointer(pointer)?.as_str()?.to_owned())).collect()
}

fn run(sandbox: &Sandbox, program: &str, args: &[&str]) -> String {
    let mut command = Command::new(installed(program));
    command
        .args(args)
        .current_dir(sandbox.home())
        .env_clear()
        .env("HOME", sandbox.home())
        .env("PATH", "/usr/bin:/bin");
    let ran = command.output().expect("it starts");
    String::from_utf8_lossy(&ran.stdout).into_owned()
}

/// A row of the table in docs/leaks.md, and whether it is as it should be: each whole token found, and no decoy but, where
/// the check is not computed, those that have the form.
#[expect(clippy::print_stdout, reason = "it is what the test is run for by hand")]
fn row(scanner: &str, of: &Counts, (planted, decoys): (usize, usize), checks: bool) {
    let count = |kind: &str| of.get(kind).copied().unwrap_or_default();
    let planted_of = |at: usize| (at..planted).step_by(KINDS.len()).count();
    let whole: usize = KINDS.iter().filter(|kind| **kind != "split").map(|kind| count(kind)).sum();
    let all: usize = (0..KINDS.len()).filter(|at| KINDS[*at] != "split").map(planted_of).sum();
    let alarms: usize = DECOYS.iter().map(|kind| count(kind)).sum();
    println!(
        "| {scanner} | {whole} of {all} | {} of {} | {} of {} | {} of {} |",
        count("split"),
        planted - all,
        count("check"),
        decoys / DECOYS.len(),
        alarms - count("check"),
        decoys - decoys / DECOYS.len()
    );
    for (at, kind) in KINDS.into_iter().enumerate() {
        let expected = if kind == "split" { 0 } else { planted_of(at) };
        assert_eq!(count(kind), expected, "{scanner}: {kind}: {of:?}");
    }
    for kind in DECOYS {
        let expected = if kind == "check" && !checks { decoys / DECOYS.len() } else { 0 };
        assert_eq!(count(kind), expected, "{scanner}: {kind}: {of:?}");
    }
}

/// With `KEYCTL_CORPUS=whole` over the corpus of the table in docs/leaks.md, else over a part.
#[test]
fn real_scanners_find_each_whole_token_by_the_rules() {
    let sandbox = Sandbox::empty(Place::sqlite());
    let is_whole = std::env::var_os("KEYCTL_CORPUS").is_some_and(|which| which == "whole");
    let size @ (planted, decoys) = if is_whole { (2000, 20_000) } else { (140, 500) };
    corpus::write(&sandbox.home().join("corpus"), 2, planted, decoys);
    let rules = |scanner: &str, file: &str| {
        let mut command = sandbox.command(&["leaks", "rules", "--for", scanner]);
        command.env_remove("KEYCTL_STORE");
        fs::write(sandbox.home().join(file), finish(command, b"").expect_code(0).stdout).expect("rules");
    };

    let ran = sandbox.run(&["leaks", "scan", "--no-store", "-o", "jsonl", "corpus"]).expect_code(0);
    let paths = findings(&ran).into_iter().map(|found| found["path"].as_str().expect("a path").to_owned());
    row("keyctl leaks scan", &counted(paths), size, true);

    rules("kingfisher", "keyctl.yml");
    let found = run(
        &sandbox,
        "kingfisher",
        &[
            "scan",
            "--no-update-check",
            "--no-validate",
            "--load-builtins",
            "false",
            "--rules-path",
            "keyctl.yml",
            "-f",
            "json",
            "corpus",
        ],
    );
    let found = found.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let paths = found.flat_map(|one| texts(&one["findings"], "/finding/path"));
    row("kingfisher", &counted(paths), size, true);

    rules("gitleaks", "keyctl.toml");
    run(
        &sandbox,
        "gitleaks",
        &["dir", "--no-banner", "-c", "keyctl.toml", "-f", "json", "-r", "gitleaks.json", "corpus"],
    );
    let found = fs::read_to_string(sandbox.home().join("gitleaks.json")).expect("findings");
    let found: Value = serde_json::from_str(&found).expect("JSON");
    row("gitleaks", &counted(texts(&found, "/File").into_iter()), size, false);

    rules("detect-secrets", "keyctl.py");
    let found = run(&sandbox, "detect-secrets", &["scan", "--all-files", "--plugin", "keyctl.py", "corpus"]);
    let found: Value = serde_json::from_str(&found).expect("JSON");
    let ours = |(path, list): (&String, &Value)| {
        let list = list.as_array().into_iter().flatten();
        list.filter(|one| one["type"] == "keyctl token").map(|_| path.clone()).next()
    };
    let paths = found["results"].as_object().expect("results").iter().filter_map(ours);
    row("detect-secrets", &counted(paths), size, true);
}

#[test]
fn real_scanners_find_a_master_key_in_both_spellings() {
    let sandbox = Sandbox::empty(Place::sqlite());
    fs::create_dir(sandbox.home().join("d")).expect("a folder");
    let hex: String = (0..32_u8).map(|byte| format!("{:02x}", byte.wrapping_mul(37) ^ 0x5a)).collect();
    fs::write(
        sandbox.home().join("d/a.env"),
        "KEYCTL_MASTER_KEY=Eb/Nq2tSyyY3cYJQ0/G1x9DlJX5vBzNjT8m/fQv0RkA=\n",
    )
    .expect("a file");
    fs::write(sandbox.home().join("d/b.yaml"), format!("env:\n  KEYCTL_MASTER_KEY: \"hex:{hex}\"\n"))
        .expect("a file");
    let rules = |scanner: &str, file: &str| {
        let rules = sandbox.ok(&["leaks", "rules", "--for", scanner, "--prefix", "sks"]);
        fs::write(sandbox.home().join(file), rules).expect("rules");
    };
    rules("gitleaks", "k.toml");
    run(&sandbox, "gitleaks", &["dir", "--no-banner", "-c", "k.toml", "-f", "json", "-r", "g.json", "d"]);
    let found = fs::read_to_string(sandbox.home().join("g.json")).expect("findings");
    assert_eq!(texts(&serde_json::from_str(&found).expect("JSON"), "/RuleID"), ["keyctl-master-key"; 2]);
    rules("kingfisher", "k.yml");
    let args = [
        "scan",
        "--no-update-check",
        "--no-validate",
        "--load-builtins",
        "false",
        "--rules-path",
        "k.yml",
        "-f",
        "json",
        "d",
    ];
    let found = run(&sandbox, "kingfisher", &args);
    let found = found.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let ids: Vec<String> = found.flat_map(|one| texts(&one["findings"], "/rule/id")).collect();
    assert_eq!(ids.len(), 2, "{ids:?}");
    rules("detect-secrets", "k.py");
    let found = run(&sandbox, "detect-secrets", &["scan", "--all-files", "--plugin", "k.py", "d"]);
    assert_eq!(found.matches("keyctl master key").count(), 2, "{found}");
}
