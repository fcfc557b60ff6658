//! The vectors that all readers share, answered by this one.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use keyctl::runtime;
use serde_json::Value;

fn cases() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let mut cases = Vec::new();
    for kind in ["token", "hash", "envelope", "verify", "jwt", "address"] {
        let mut files: Vec<_> =
            fs::read_dir(folder.join(kind)).expect(kind).map(|file| file.expect("file").path()).collect();
        files.sort();
        for file in files {
            let text = fs::read_to_string(&file).expect("a file of cases");
            cases.extend(serde_json::from_str::<Vec<Value>>(&text).expect("an array of cases"));
        }
    }
    cases
}

#[test]
fn this_reader_answers_every_case_as_expected() {
    let mut answered: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for case in cases() {
        let kind = case["kind"].as_str().expect("a kind");
        let answer = runtime::answer(kind, &case["input"]);
        if answer.as_ref() != Some(&case["expect"]) {
            wrong.push(format!("{kind} {}: expected {}, got {answer:?}", case["name"], case["expect"]));
        }
        *answered.entry(kind.to_owned()).or_default() += 1;
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(answered.len(), 8, "{answered:?}");
    assert!(answered.values().sum::<usize>() >= 140, "{answered:?}");
}

#[test]
fn names_tell_the_cases_of_a_kind_apart() {
    let cases = cases();
    let mut names: Vec<_> = cases.iter().map(|case| (case["kind"].as_str(), case["name"].as_str())).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

/// What is printed parses to the same thing, but for the password, and no password is printed.
#[test]
fn an_address_is_printed_so_that_it_can_be_pasted() {
    let mut printed = 0;
    for case in cases().iter().filter(|case| case["kind"] == "address") {
        let Some(text) = case["expect"]["printed"].as_str() else { continue };
        let again = runtime::answer("address", &serde_json::json!({ "address": text })).expect("an answer");
        let mut expected = case["expect"].clone();
        expected["password"] = Value::Null;
        assert_eq!(again, expected, "{}", case["name"]);
        printed += 1;
    }
    assert!(printed > 60);
}
