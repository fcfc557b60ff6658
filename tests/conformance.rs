//! `keyctl conformance`: what it prints, and what it finds in programs that answer rightly,
//! wrongly, or not at all.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::cli::{Ran, Sandbox};
use crate::support::store::Place;

/// Answers from the file `answers.json` in its folder; the placeholder is Python that may
/// change `answer`, of the case number `index`, before it is written.
const STAND_IN: &str = r#"
import json, sys, time
answers = json.load(open("answers.json"))
for index, line in enumerate(sys.stdin):
    case = json.loads(line)
    assert set(case) == {"name", "kind", "input"}, case
    answer = json.dumps(answers[case["kind"]][case["name"]])
    CHANGE
    print(answer, flush=True)
END
"#;

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::empty(Place::sqlite());
    let mut answers: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
    for case in sandbox.json(&["conformance"]).as_array().expect("cases") {
        let text = |name: &str| case[name].as_str().expect(name).to_owned();
        let former = answers.entry(text("kind")).or_default().insert(text("name"), case["expect"].clone());
        assert!(former.is_none(), "twice: {case}");
    }
    let text = serde_json::to_string(&answers).expect("JSON");
    fs::write(sandbox.home().join("answers.json"), text).expect("written");
    sandbox
}

/// Runs the stand-in with this change and this end.
fn run(flags: &[&str], change: &str, end: &str) -> Ran {
    let sandbox = sandbox();
    let script = STAND_IN.replace("CHANGE", change).replace("END", end);
    fs::write(sandbox.home().join("reader.py"), script).expect("written");
    let words = [&["conformance", "run", "-o", "json"], flags, &["--", "python3", "reader.py"]].concat();
    sandbox.run(&words)
}

fn tallies(ran: &Ran) -> Vec<Value> {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

fn sum(tallies: &[Value], name: &str) -> u64 {
    tallies.iter().map(|tally| tally[name].as_u64().expect("a number")).sum()
}

/// The message of a failure, with exit code 1.
fn message(ran: Ran) -> String {
    let ran = ran.expect_code(1);
    let error: Value = serde_json::from_str(ran.stderr.lines().last().unwrap_or_default()).expect("an error");
    error["error"]["message"].as_str().expect("a message").to_owned()
}

#[test]
fn every_case_of_every_file_is_printed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let inner = |path: &Path| fs::read_dir(path).expect("folder").map(|entry| entry.expect("entry").path());
    // How a store's address is written concerns nobody who takes no such text.
    // And Wycheproof's are in a form of their own.
    let is_printed = |path: &PathBuf| !path.ends_with("address") && !path.ends_with("wycheproof");
    let printed_kinds = inner(&folder).filter(|path| path.is_dir() && is_printed(path));
    let files = printed_kinds.flat_map(|path| inner(&path).collect::<Vec<_>>());
    let mut expected: Vec<Value> = files
        .flat_map(|path| {
            serde_json::from_slice::<Vec<Value>>(&fs::read(path).expect("read")).expect("an array")
        })
        .collect();
    // What only sealing needs.
    expected.iter_mut().for_each(|case| drop(case.as_object_mut().expect("a case").remove("seal")));
    let sandbox = Sandbox::empty(Place::sqlite());
    let lines = sandbox.ok(&["conformance"]);
    assert_eq!(lines, sandbox.ok(&["conformance", "print", "-o", "jsonl"]));
    let mut printed: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(sandbox.json(&["conformance", "print"]), json!(printed));
    expected.sort_by_key(ToString::to_string);
    printed.sort_by_key(ToString::to_string);
    assert!(printed.len() >= 500 && printed == expected, "{} cases", printed.len());
    let only = sandbox.json(&["conformance", "--kind", "hash"]);
    assert!(only.as_array().expect("cases").iter().all(|case| case["kind"] == "hash"));
    sandbox.run(&["conformance", "--kind", "hashes"]).expect_code(2);
    sandbox.run(&["conformance", "-o", "csv"]).expect_code(2);
}

#[test]
fn a_program_that_answers_rightly_passes() {
    let ran = run(&[], "pass", "").expect_code(0);
    let tallies = tallies(&ran);
    assert_eq!(tallies.len(), 7);
    assert!(sum(&tallies, "cases") >= 500);
    assert_eq!(sum(&tallies, "cases"), sum(&tallies, "agree"));
    // It may read everything before its first answer, and write its answers at once.
    let late = "sys.stdout.write('') if index else None";
    run(&["--kind", "secret"], late, "").expect_code(0);
}

#[test]
fn a_drift_of_one_bit_is_found_and_shown() {
    let drift = r#"
    if index == 100:
        at = answer.rindex('"') - 1
        answer = answer[:at] + chr(ord(answer[at]) ^ 1) + answer[at + 1:]"#;
    let ran = run(&[], drift.trim_start(), "");
    let tallies = tallies(&ran);
    assert_eq!((sum(&tallies, "differ"), sum(&tallies, "unanswered")), (1, 0));
    let found: Vec<&Value> =
        tallies.iter().flat_map(|tally| tally["disagreements"].as_array().expect("a list")).collect();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["problem"], "differs");
    assert_ne!(found[0]["expected"], found[0]["got"]);
    assert_eq!(message(ran), "the program differs in 1 case");
}

#[test]
fn what_a_program_cannot_do_is_a_failure_unless_that_is_allowed() {
    let change = r#"answer = '{"unsupported": "argon2id"}' if "argon2id" in answer else answer"#;
    let ran = run(&["--kind", "hash"], change, "");
    let tallies = tallies(&ran);
    assert!(sum(&tallies, "unsupported") > 10 && sum(&tallies, "differ") == 0);
    assert!(message(ran).contains("does not support"));
    run(&["--kind", "hash", "--allow-unsupported"], change, "").expect_code(0);
    let wrong = r#"answer = '{"unsupported": "x"}' if index else '{}'"#;
    assert!(
        message(run(&["--kind", "hash", "--allow-unsupported"], wrong, "")).contains("differs in 1 case")
    );
}

#[test]
fn a_program_that_fails_is_not_taken_for_one_that_agrees() {
    for (change, end, says) in [
        ("if index == 3: sys.exit(4)", "", "ended before it answered"),
        ("pass", "sys.exit(3)", "ended with exit status: 3"),
        ("if index == 3: answer = 'ready'", "", "no JSON: ready"),
        ("if index == 3: answer = '\\x1b[31m'", "", "no JSON: \\u{1b}[31m"),
        ("if index == 0: print('{}')", "", "wrote more lines than it was asked"),
        ("if index == 3: answer = 'x' * 3000000", "", "wrote a line of more than"),
        ("if index == 3: time.sleep(60)", "", "gave no answer to master_key"),
        ("pass", "sys.stdout.flush(); time.sleep(60)", "did not end within 3s"),
        ("if index == 3: [print('{}') for _ in range(10**9)]", "", "wrote more lines than it was asked"),
    ] {
        let ran = run(&["--kind", "master_key", "--timeout", "3s"], change, end);
        let unanswered = sum(&tallies(&ran), "unanswered");
        assert_eq!(unanswered > 0, !(end.len() > 1 || says.contains("more lines")), "{change} {end}");
        let message = message(ran);
        assert!(message.contains(says), "{change} {end}: {message}");
    }
}

#[test]
fn neither_a_flood_nor_deafness_blocks() {
    let flood = "sys.stderr.write('x' * 100000 + '\\n')";
    run(&["--kind", "secret"], flood, "").expect_code(0);
    let sandbox = Sandbox::empty(Place::sqlite());
    let deaf = sandbox.run(&["conformance", "run", "-o", "json", "--timeout", "1s", "--", "sleep", "60"]);
    assert!(message(deaf).contains("gave no answer to token"));
    let gone = sandbox.run(&["conformance", "run", "-o", "json", "--", "true"]);
    assert!(message(gone).contains("ended before it answered"));
    let echo = sandbox.run(&["conformance", "run", "-o", "json", "--", "cat"]);
    assert_eq!(sum(&tallies(&echo), "agree"), 0);
}

#[test]
fn a_program_that_is_not_there_is_not_found() {
    let sandbox = Sandbox::empty(Place::sqlite());
    let ran = sandbox.run(&["conformance", "run", "--", "no-such-program"]).expect_code(3);
    assert!(ran.stderr.contains("no-such-program is not found") && ran.stderr.contains("hint: "), "{ran:?}");
    assert!(ran.stdout.is_empty());
    sandbox.run(&["conformance", "run"]).expect_code(2);
}

#[test]
fn people_are_shown_what_differs() {
    let sandbox = Sandbox::empty(Place::sqlite());
    let ran = sandbox.run(&["conformance", "run", "--kind", "token", "--", "cat"]).expect_code(1);
    assert!(ran.stdout.starts_with("token\t"), "{}", ran.stdout);
    for part in ["token, empty: differs", "  expected  {\"error\":\"empty\"}", "  got       {\"input\""] {
        assert!(ran.stderr.contains(part), "{part}");
    }
}

/// The readers of this project in other languages, asked through the same command that anybody
/// proves theirs with.
#[test]
fn the_readers_in_python_and_typescript_agree_in_every_case() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = root.join("target/python/venv/bin/python");
    let typescript = root.join("clients/typescript/dist/conformance.js");
    for path in [&python, &typescript] {
        assert!(path.exists(), "{} is missing: run scripts/test, which installs it", path.display());
    }
    let sandbox = Sandbox::empty(Place::sqlite());
    let [python, typescript] = [&python, &typescript].map(|path| path.to_str().expect("a path"));
    for program in [&[python, "-m", "keyctl_runtime.conformance"][..], &["node", typescript]] {
        let ran =
            sandbox.run(&[&["conformance", "run", "-o", "json", "--"], program].concat()).expect_code(0);
        let tallies: Vec<Value> = serde_json::from_str(&ran.stdout).expect("JSON");
        let agreed: u64 = tallies.iter().filter_map(|tally| tally["agree"].as_u64()).sum();
        assert!(agreed >= 140, "{program:?}: {tallies:?}");
    }
}

/// One bit of a constant, in a copy of each of them.
#[test]
fn one_bit_that_drifted_in_a_reader_is_found() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sandbox = Sandbox::empty(Place::sqlite());
    let python = root.join("target/python/venv/bin/python").display().to_string();
    let copy_of = |folder: &str, name: &str| {
        let copy = sandbox.home().join(name);
        let copied = std::process::Command::new("cp").arg("-r").arg(root.join(folder)).arg(&copy).status();
        assert!(copied.expect("cp").success());
        copy
    };
    let package = copy_of("clients/python/src", "python");
    let compiled = copy_of("clients/typescript/dist", "dist");
    fs::write(sandbox.home().join("package.json"), r#"{"type": "module"}"#).expect("written");
    let modules = root.join("clients/typescript/node_modules");
    std::os::unix::fs::symlink(modules, sandbox.home().join("node_modules")).expect("linked");
    let path = format!(
        "import sys; sys.path.insert(0, {:?}); from runpy import run_module; run_module('keyctl_runtime.conformance', run_name='__main__')",
        package.display().to_string()
    );
    let script = compiled.join("conformance.js").display().to_string();
    let python = [python.as_str(), "-B", "-c", &path];
    let node = ["node", script.as_str()];
    for (file, program, old, kind) in [
        (package.join("keyctl_runtime/envelope.py"), &python[..], "keyctl/v1/secret", "envelope"),
        (package.join("keyctl_runtime/envelope.py"), &python, "keyctl/v1/aad", "envelope"),
        (package.join("keyctl_runtime/results.py"), &python, "parent_dead", "verify"),
        (compiled.join("envelope.js"), &node, "keyctl/v1/secret", "envelope"),
        (compiled.join("envelope.js"), &node, "keyctl/v1/aad", "envelope"),
        (compiled.join("token.js"), &node, "0123456789ABC", "token"),
    ] {
        let text = fs::read_to_string(&file).expect("source");
        let ask = |code: i32| {
            let args = [&["conformance", "run", "--kind", kind, "-o", "json", "--"], program].concat();
            let ran = sandbox.run(&args);
            assert_eq!(ran.code, Some(code), "{}, {old}: {} {}", file.display(), ran.stdout, ran.stderr);
        };
        assert!(text.contains(old), "{} has no {old}", file.display());
        ask(0);
        // The lowest bit of its last character.
        let (start, last) = old.split_at(old.len() - 1);
        let drifted = format!("{start}{}", char::from(last.as_bytes()[0] ^ 1));
        fs::write(&file, text.replace(old, &drifted)).expect("drifted");
        ask(1);
        fs::write(&file, text).expect("mended");
    }
}
