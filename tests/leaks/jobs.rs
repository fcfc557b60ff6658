//! The scripts of contrib/leaks, run as a CI job, as git and as TruffleHog run them.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use yaml_rust2::{Yaml, YamlLoader};

use super::corpus::Seeded;
use super::{minted, shows_none};
use crate::support::both;
use crate::support::cli::{PROGRAM, Ran, Sandbox, finish};
use crate::support::store::Place;
use crate::support::{postgres, unprivileged};

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
    command.env("PGPASSWORD", postgres::PASSWORD);
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

/// The store's address for somebody who may read all of it and write nothing, and what runs a command as them.
fn for_a_reader(sandbox: &Sandbox) -> (String, &'static [&'static str]) {
    let Some(database) = sandbox.place.database.as_deref() else {
        let file = sandbox.place.text();
        let root = rustix::process::geteuid().is_root();
        if root {
            sandbox.ok(&["store", "grant", "--group", "65534"]);
        } else {
            fs::set_permissions(&file, fs::Permissions::from_mode(0o400)).expect("rights");
        }
        fs::set_permissions(sandbox.place.folder.path(), fs::Permissions::from_mode(0o755)).expect("rights");
        unprivileged::own(&sandbox.home().join("repo"));
        let nobody: &[&str] =
            if root { &["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] } else { &[] };
        return (file, nobody);
    };
    let role = "leaks_reader";
    postgres::server().role(role);
    let sql =
        format!("GRANT pg_read_all_data TO {role}; ALTER ROLE {role} SET default_transaction_read_only = on");
    postgres::server().psql(database, &sql).expect("granted");
    let own = format!("{role}:{}@", postgres::PASSWORD.replace(' ', "%20"));
    let address = postgres::server().address(database).replace(&format!("{}@", postgres::USER), &own);
    (address, &[])
}

both!(a_job_with_a_store_that_it_may_only_read_fails_for_what_works_and_stops_nothing, |place| {
    let sandbox = Sandbox::with_store(place);
    let token = minted(&sandbox, "alice --scope memories");
    repository(&sandbox, &token);
    let (store, by) = for_a_reader(&sandbox);
    let job = |more: &[(&str, &str)]| {
        let script = format!("{} bash \"$SCAN\"", by.join(" "));
        let mut command = bash(&sandbox, "repo", &script);
        command.env("SCAN", contrib("scan")).env("KEYCTL_STORE", &store).envs(more.iter().copied());
        finish(command, b"")
    };
    let ran = job(&[]).expect_code(10);
    shows_none(&ran, std::slice::from_ref(&token));
    assert!(ran.stdout.contains("alice/default") && ran.stdout.contains("active"), "{ran:?}");
    let ran = job(&[("LEAKS_STOP", "revoke")]).expect_code(7);
    assert!(ran.stderr.contains("hint: "), "{ran:?}");
    assert_eq!(sandbox.verify(&token, &[]).0, Some(0));
    sandbox.ok(&["revoke", "alice"]);
    let ran = job(&[]).expect_code(0);
    assert!(ran.stdout.contains("revoked"), "{ran:?}");
});

#[test]
fn a_job_without_a_store_fails_for_every_token() {
    let sandbox = Sandbox::empty(Place::sqlite());
    repository(&sandbox, &Seeded(1).token("sks"));
    let ran = job(&sandbox, &[("LEAKS_STOP", "revoke")]).expect_code(10);
    assert!(ran.stdout.contains("unchecked"), "{ran:?}");
    job(&sandbox, &[("KEYCTL_STORE", "no-such.db")]).expect_code(7);
}

/// The repository with the files of contrib where the action and the job have them, and the program where theirs installs it.
fn set_up(sandbox: &Sandbox, token: &str) {
    repository(sandbox, token);
    let script = "cd repo; mkdir -p ../temp/keyctl/bin .keyctl/bin ci ../action
        ln -s \"$PROGRAM\" ../temp/keyctl/bin/keyctl; ln -s \"$PROGRAM\" .keyctl/bin/keyctl
        cp \"$CONTRIB/scan\" ci/; cp \"$CONTRIB/scan\" \"$CONTRIB/action.yml\" ../action/
        printf '%s\\n' .keyctl keyctl.sarif > .git/info/exclude";
    let mut command = bash(sandbox, "", script);
    command.env("PROGRAM", PROGRAM).env("CONTRIB", contrib(""));
    finish(command, b"").expect_code(0);
}

/// What GitHub writes into the values of a step.
fn filled(sandbox: &Sandbox, text: &str, inputs: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    let action = sandbox.home().join("action");
    let given = [
        ("github.action_path", action.to_str().expect("a path")),
        ("github.repository", "acme/app"),
        ("github.run_id", "17"),
    ];
    for (name, value) in given.iter().chain(inputs) {
        text = text.replace(&format!("${{{{ {name} }}}}"), value);
    }
    assert!(!text.contains("${{"), "{text}");
    text
}

both!(the_action_for_github_finds_revokes_and_records, |place| {
    let sandbox = Sandbox::with_store(place);
    let token = minted(&sandbox, "alice");
    set_up(&sandbox, &token);
    let step = &yaml("action.yml")["runs"]["steps"][0];
    let script = step["run"].as_str().expect("a script");
    assert!(!script.contains("${{"), "a value is written into a script");
    let store = sandbox.place.text();
    let act = |inputs: &[(&str, &str)]| {
        let mut command = bash(&sandbox, "repo", script);
        command.env("RUNNER_TEMP", sandbox.home().join("temp"));
        for (name, text) in step["env"].as_hash().expect("variables") {
            let text = text.as_str().expect("a text");
            command.env(name.as_str().expect("a name"), filled(&sandbox, text, inputs));
        }
        finish(command, b"")
    };
    let ran = act(&[("inputs.store", ""), ("inputs.stop", "")]).expect_code(10);
    assert!(ran.stderr.contains("1 token"), "{ran:?}");
    let ran = act(&[("inputs.store", &store), ("inputs.stop", "revoke")]).expect_code(10);
    shows_none(&ran, std::slice::from_ref(&token));
    assert_eq!(sandbox.verify(&token, &[]).0, Some(5));
    let records = sandbox.json(&["audit", "list", "--actor", "github:acme/app/17"]);
    assert_eq!(records[0]["record"]["details"]["reason"], "found in acme/app, run 17");
    let log = fs::read_to_string(sandbox.home().join("repo/keyctl.sarif")).expect("a log");
    let log: Value = serde_json::from_str(&log).expect("JSON");
    assert_eq!(log["runs"][0]["results"].as_array().map(Vec::len), Some(2));
    act(&[("inputs.store", &store), ("inputs.stop", "revoke")]).expect_code(0);
});

both!(the_job_for_gitlab_finds_revokes_and_records, |place| {
    let sandbox = Sandbox::with_store(place);
    let token = minted(&sandbox, "alice");
    set_up(&sandbox, &token);
    let job = &yaml("gitlab.yml")["keyctl:leaks"];
    assert_eq!(job["extends"].as_str(), Some(".keyctl"));
    let lines = job["script"].as_vec().expect("a script").iter().map(|line| line.as_str().expect("a line"));
    let script = lines.collect::<Vec<_>>().join("\n");
    let act = |more: &[(&str, &str)]| {
        let mut command = bash(&sandbox, "repo", &script);
        for (name, text) in job["variables"].as_hash().expect("variables") {
            let text = text.as_str().expect("a text");
            let text = text.replace("$CI_PROJECT_PATH", "acme/app").replace("$CI_JOB_ID", "17");
            command.env(name.as_str().expect("a name"), text);
        }
        finish(
            {
                command.envs(more.iter().copied());
                command
            },
            b"",
        )
    };
    act(&[]).expect_code(10);
    let store = sandbox.place.text();
    let revoking =
        [("KEYCTL_STORE", store.as_str()), ("LEAKS_STOP", "revoke"), ("KEYCTL_ACTOR", "gitlab:17")];
    let ran = act(&revoking).expect_code(10);
    shows_none(&ran, std::slice::from_ref(&token));
    assert_eq!(sandbox.verify(&token, &[]).0, Some(5));
    let records = sandbox.json(&["audit", "list", "--actor", "gitlab:17"]);
    assert_eq!(records[0]["record"]["details"]["reason"], "found in acme/app, job 17");
    act(&revoking).expect_code(0);
});

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
