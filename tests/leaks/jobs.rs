//! The scripts of contrib/leaks, run as a CI job, as git and as TruffleHog run them.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use yaml_rust2::{Yaml, YamlLoader};

use super::corpus::Seeded;
use super::{minted, shows_none};
use crate::support::both;
use crate::support::cli::{PROGRAM, Ran, Sandbox, finish};
use crate::support::store::Place;

fn contrib(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/leaks").join(name)
}

fn yaml(name: &str) -> Yaml {
    YamlLoader::load_from_str(&fs::read_to_string(contrib(name)).expect("a file")).expect("YAML").remove(0)
}

fn bash(sandbox: &Sandbox, folder: &str, script: &str) -> Command {
    let mut command = Command::new("bash");
    command.args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script]).env_clear();
    let path = format!("{}:/usr/bin:/bin", Path::new(PROGRAM).parent().expect("a folder").display());
    command.env("PATH", path).env("HOME", sandbox.home()).current_dir(sandbox.home().join(folder));
    command.env("PGPASSWORD", crate::support::postgres::PASSWORD);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A repository in whose history a token stands, and not in what is checked out.
fn repository(sandbox: &Sandbox, token: &str) {
    let script =
        "git init -q -b main repo; cd repo; git config user.name a; git config user.email a@example.com
        printf 'KEY=%s\\n' \"$TOKEN\" > .env; git add .; git commit -qm start; git rm -q .env; echo x > a
        git add .; git commit -qm 'took it out'";
    let mut command = bash(sandbox, "", script);
    command.env("TOKEN", token);
    finish(command, b"").expect_code(0);
}

fn job(sandbox: &Sandbox, variables: &[(&str, &str)]) -> Ran {
    let mut command = bash(sandbox, "repo", "bash \"$SCAN\"");
    command
        .env("SCAN", contrib("scan"))
        .env("KEYCTL_ACTOR", "github:acme/app/17")
        .envs(variables.iter().copied());
    finish(command, b"")
}

both!(a_planted_leak_in_a_repository_is_found_revoked_and_recorded_by_one_ci_job, |place| {
    let sandbox = Sandbox::with_store(place);
    let token = minted(&sandbox, "alice --scope memories");
    let other = minted(&sandbox, "bob");
    repository(&sandbox, &token);
    let store = sandbox.place.text();
    let variables = [
        ("KEYCTL_STORE", store.as_str()),
        ("LEAKS_STOP", "revoke"),
        ("LEAKS_REASON", "found in acme/app, run 17"),
        ("LEAKS_SARIF", "keyctl.sarif"),
    ];
    let ran = job(&sandbox, &variables).expect_code(10);
    shows_none(&ran, std::slice::from_ref(&token));
    let log = fs::read_to_string(sandbox.home().join("repo/keyctl.sarif")).expect("a log");
    let log: Value = serde_json::from_str(&log).expect("JSON");
    assert_eq!(log["runs"][0]["results"].as_array().map(Vec::len), Some(2));
    assert_eq!(sandbox.verify(&token, &[]).0, Some(5));
    assert_eq!(sandbox.verify(&other, &[]).0, Some(0));
    let records = sandbox.json(&["audit", "list", "--actor", "github:acme/app/17"]);
    let [record] = records.as_array().expect("records").as_slice() else { panic!("{records}") };
    let record = &record["record"];
    assert_eq!((&record["action"], &record["owner"]), (&Value::from("revoke"), &Value::from("alice")));
    assert_eq!(record["details"]["reason"], "found in acme/app, run 17");
    // It works no more, so the next job passes.
    job(&sandbox, &variables).expect_code(0);
});

#[test]
fn a_job_without_a_store_fails_for_every_token() {
    let sandbox = Sandbox::empty(Place::sqlite());
    repository(&sandbox, &Seeded(1).token("sks"));
    let ran = job(&sandbox, &[("LEAKS_STOP", "revoke")]).expect_code(10);
    assert!(ran.stdout.contains("unchecked"), "{ran:?}");
    job(&sandbox, &[("KEYCTL_STORE", "no-such.db")]).expect_code(7);
}

#[test]
fn the_action_and_the_job_run_that_script() {
    let action = yaml("action.yml");
    let step = &action["runs"]["steps"][0];
    assert!(step["run"].as_str().is_some_and(|run| run.ends_with("bash \"$SCAN\"\n")));
    assert!(step["env"]["SCAN"].as_str().is_some_and(|path| path.ends_with("/scan")));
    let job = &yaml("gitlab.yml")["keyctl:leaks"];
    assert_eq!((job["extends"].as_str(), job["script"][1].as_str()), (Some(".keyctl"), Some("bash ci/scan")));
}

#[test]
fn a_commit_that_adds_a_token_is_not_made() {
    let sandbox = Sandbox::empty(Place::sqlite());
    let token = Seeded(2).token("sks");
    let script = "git init -q repo; cd repo; git config user.name a; git config user.email a@example.com
        cp \"$HOOK\" .git/hooks/pre-commit; echo x > a; git add .; git commit -qm clean
        printf 'one\\nKEY=%s\\n' \"$TOKEN\" > .env; git add .; git commit -qm leak";
    let mut command = bash(&sandbox, "", script);
    command.env("HOOK", contrib("pre-commit")).env("TOKEN", &token);
    let ran = finish(command, b"").expect_code(1);
    shows_none(&ran, std::slice::from_ref(&token));
    assert!(ran.stdout.contains(".env:2:5") || ran.stderr.contains(".env:2:5"), "{ran:?}");
    let commits = finish(bash(&sandbox, "repo", "git rev-list --count HEAD"), b"").expect_code(0);
    assert_eq!(commits.stdout.trim(), "1");
    // As pre-commit calls it, with the names of files behind it.
    let entry = yaml("pre-commit-config.yaml")["repos"][0]["hooks"][0]["entry"]
        .as_str()
        .expect("a command")
        .to_owned();
    finish(bash(&sandbox, "repo", &format!("{entry} .env a")), b"").expect_code(10);
    finish(bash(&sandbox, "repo", &format!("{entry} a")), b"").expect_code(0);
}

both!(what_trufflehog_asks_says_which_tokens_work, |place| {
    let sandbox = Sandbox::with_store(place);
    let live = minted(&sandbox, "alice");
    let gone = minted(&sandbox, "bob");
    sandbox.ok(&["revoke", "bob"]);
    let other = Seeded(3).token("sks");
    let wrong = format!("{}{}", &live[..live.len() - 1], if live.ends_with('0') { '1' } else { '0' });
    let store = sandbox.place.text();
    for (with_store, expected) in [(true, [200, 403, 403, 403]), (false, [200, 200, 200, 403])] {
        let mut command = bash(&sandbox, "", "exec python3 \"$WEBHOOK\" 0");
        command.env("WEBHOOK", contrib("webhook.py"));
        if with_store {
            command.env("KEYCTL_STORE", &store);
        }
        let mut server = command.spawn().expect("python3");
        let mut line = String::new();
        BufReader::new(server.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let port: u16 = line.trim().rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
        let ask = |token: &str| {
            let body = serde_json::json!({ "keyctl-token": { "token": [token] } }).to_string();
            let mut command = Command::new("curl");
            command.args([
                "-s",
                "-o",
                "/dev/null",
                "-w",
                "%{http_code}",
                "--noproxy",
                "*",
                "--data-binary",
                "@-",
            ]);
            command.arg(format!("http://127.0.0.1:{port}/"));
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
            finish(command, body.as_bytes()).stdout.parse::<u16>().expect("a status")
        };
        let answers = [&live, &gone, &other, &wrong].map(|token| ask(token));
        server.kill().expect("ended");
        server.wait().expect("ended");
        assert_eq!(answers, expected, "{with_store}");
    }
});
