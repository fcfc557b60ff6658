//! Findings as SARIF.

use std::fs;

use serde_json::Value;

use super::corpus::Seeded;
use super::{minted, shows_none};
use crate::support::cli::Sandbox;
use crate::support::store::Place;

/// What section 3 of the standard demands of the parts of a log that are printed; nothing stands there that it does not know.
fn check(log: &Value) {
    let only = |object: &Value, names: &[&str]| {
        let found: Vec<&String> = object.as_object().expect("an object").keys().collect();
        assert!(found.iter().all(|name| names.contains(&name.as_str())), "{found:?}");
    };
    only(log, &["$schema", "version", "runs"]);
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    only(run, &["tool", "columnKind", "invocations", "results"]);
    assert!(["utf16CodeUnits", "unicodeCodePoints"].contains(&run["columnKind"].as_str().expect("a kind")));
    let driver = &run["tool"]["driver"];
    only(driver, &["name", "semanticVersion", "rules"]);
    let rules = driver["rules"].as_array().expect("rules");
    let levels = ["none", "note", "warning", "error"];
    for rule in rules {
        only(rule, &["id", "name", "shortDescription", "fullDescription", "help", "defaultConfiguration"]);
        assert!(levels.contains(&rule["defaultConfiguration"]["level"].as_str().expect("a level")));
    }
    let invocation = &run["invocations"][0];
    assert!(invocation["executionSuccessful"].is_boolean());
    for one in invocation["toolExecutionNotifications"].as_array().expect("a list") {
        only(one, &["level", "message"]);
        assert!(
            levels.contains(&one["level"].as_str().expect("a level")) && one["message"]["text"].is_string()
        );
    }
    for result in run["results"].as_array().expect("results") {
        only(
            result,
            &["ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints", "properties"],
        );
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(levels.contains(&result["level"].as_str().expect("a level")));
        assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()));
        let place = &result["locations"][0]["physicalLocation"];
        only(place, &["artifactLocation", "region"]);
        let uri = place["artifactLocation"]["uri"].as_str().expect("a reference");
        assert!(uri.bytes().all(|byte| byte.is_ascii_graphic() && !b" \"<>\\^`{|}".contains(&byte)), "{uri}");
        if let Some(region) = place.get("region") {
            assert!(region["startLine"].as_u64() >= Some(1) && region["startColumn"].as_u64() >= Some(1));
        }
        assert!(result["partialFingerprints"].as_object().expect("an object").values().all(Value::is_string));
    }
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
    let log: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    check(&log);
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
    let log: Value = serde_json::from_str(&clean.stdout).expect("JSON");
    check(&log);
    sandbox.run(&["leaks", "scan", "--sarif", "-o", "json", "clean"]).expect_code(2);
}
