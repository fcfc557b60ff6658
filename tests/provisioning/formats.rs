//! Files that other programs read: what is in them afterwards, by their own rules.

use std::fs;
use std::io::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use keyctl::cli::outputs::sinks::Sink;
use keyctl::domain::provisioning::sink::KINDS;
use yaml_rust2::{Yaml, YamlLoader};

use super::town::{OTHER, TOKEN, Town};
use crate::support::cli::Sandbox;
use crate::support::store::Place;

const OUTPUT: &str = r#"{"github_output":{"name":"alice_key"}}"#;

fn in_a_step(before: &str) -> Town {
    let mut town = Town::new();
    fs::write(town.at("set_output"), before).expect("written");
    town.github_output = Some(town.at("set_output"));
    town
}

#[test]
fn github_is_told_to_mask_the_token_before_it_is_in_the_file() {
    for (before, after) in [("", ""), ("a=1\n", "a=1\n"), ("a=1", "a=1\n"), ("a<<E\nx\nE\n", "a<<E\nx\nE\n")]
    {
        let town = in_a_step(before);
        town.check(OUTPUT).expect("may be written");
        town.deliver(OUTPUT, TOKEN).expect("delivered");
        let text = fs::read_to_string(town.at("set_output")).expect("text");
        assert_eq!(text, format!("{after}alice_key={TOKEN}\n"));
        assert_eq!(*town.said.lock().expect("said"), format!("::add-mask::{TOKEN}\n"));
    }
}

#[test]
fn without_a_runner_that_masks_it_github_gets_no_token() {
    let mut town = Town::new();
    let error = town.deliver(OUTPUT, TOKEN).expect_err("no runner");
    assert!(error.to_string().contains("GITHUB_ACTIONS is not true, or GITHUB_OUTPUT is not set"), "{error}");
    std::os::unix::fs::symlink("none", town.at("link")).expect("link");
    for (path, says) in [("none", "cannot be opened"), ("link", "is a link"), (".", "cannot be opened")] {
        town.github_output = Some(town.at(path));
        let error = town.check(OUTPUT).expect_err(path);
        assert!(error.to_string().contains(says), "{path}: {error}");
    }
    let town = in_a_step("a=1\n");
    *town.refuses.lock().expect("refuses") = true;
    let error = town.deliver(OUTPUT, TOKEN).expect_err("nobody masks");
    assert!(error.to_string().contains("standard output, where GitHub is told to mask it"), "{error}");
    assert_eq!(fs::read_to_string(town.at("set_output")).expect("text"), "a=1\n");
}

#[test]
fn gitlab_gets_lines_that_it_reads_and_is_told_of_its_limits() {
    let sink = r#"{"gitlab_dotenv":{"path":"build.env","name":"ALICE_KEY"}}"#;
    let town = Town::new();
    fs::write(town.at("build.env"), "A=1\nALICE_KEY=old\n").expect("written");
    town.deliver(sink, TOKEN).expect("delivered");
    assert_eq!(fs::read_to_string(town.at("build.env")).expect("text"), format!("A=1\nALICE_KEY={TOKEN}\n"));
    let many: String = (0..20).map(|index| format!("A{index}=1\n")).collect();
    fs::write(town.at("build.env"), &many).expect("written");
    let notes = town.deliver(sink, TOKEN).expect("delivered").notes;
    assert!(notes.iter().any(|note| note.contains("has 21 variables: GitLab takes 20")), "{notes:?}");
    fs::write(town.at("build.env"), "# mine\nA=1\n").expect("written");
    for refused in [town.check(sink), town.deliver(sink, TOKEN).map(drop)] {
        let error = refused.expect_err("GitLab would refuse it").to_string();
        assert!(
            error.contains("build.env: line 1: it is no NAME=value, and GitLab refuses the whole file"),
            "{error}"
        );
    }
}

#[test]
fn a_secret_s_manifest_is_yaml_with_each_key_as_it_was_set() {
    let sink = |key: &str| {
        format!(r#"{{"kubernetes":{{"path":"s.yaml","name":"alice-key","namespace":"no","key":"{key}"}}}}"#)
    };
    let town = Town::new();
    town.deliver(&sink("token"), TOKEN).expect("delivered");
    town.deliver(&sink("yes"), OTHER).expect("delivered");
    town.deliver(&sink("tls.key"), OTHER).expect("delivered");
    let read = || {
        let text = fs::read_to_string(town.at("s.yaml")).expect("text");
        let mut documents =
            YamlLoader::load_from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(documents.len(), 1);
        documents.remove(0)
    };
    let secret = read();
    assert_eq!((secret["apiVersion"].as_str(), secret["kind"].as_str()), (Some("v1"), Some("Secret")));
    let metadata = &secret["metadata"];
    assert_eq!((metadata["name"].as_str(), metadata["namespace"].as_str()), (Some("alice-key"), Some("no")));
    let data = &secret["stringData"];
    assert_eq!([data["token"].as_str(), data["yes"].as_str()], [Some(TOKEN), Some(OTHER)]);
    assert_eq!(data["tls.key"].as_str(), Some(OTHER));
    let mut file = fs::OpenOptions::new().append(true).open(town.at("s.yaml")).expect("opened");
    file.write_all(b"data:\n  old: bmV3 # kept\nimmutable: false\n").expect("written");
    town.deliver(&sink("old"), TOKEN).expect("delivered");
    let base64 = BASE64_STANDARD.encode(TOKEN);
    assert_eq!(read()["data"]["old"].as_str(), Some(&*base64));
    assert_eq!(read()["stringData"]["token"].as_str(), Some(TOKEN));
    let other = sink("token").replace("alice-key", "bob-key");
    let error = town.check(&other).expect_err("another Secret").to_string();
    assert!(error.contains("s.yaml: line 4: the Secret in it has another name than the sink"), "{error}");
}

/// `import mem0` reads it as Mem0's server does.
#[test]
fn mem0_reads_the_user_s_key_beside_those_of_others() {
    for (path, before) in [
        ("api_keys.json", None),
        ("api_keys.json", Some("{\"sk-bob-test-key-67890\": \"bob\"}")),
        ("app/.env", Some("A=1\nAPI_KEYS='{\"sk-bob-test-key-67890\": \"bob\"}'\nB=2\n")),
        ("app/.env", Some("A=1\n")),
    ] {
        let mut town = Town::new();
        fs::create_dir(town.at("app")).expect("folder");
        if let Some(before) = before {
            fs::write(town.at(path), before).expect("written");
        }
        let sink = format!(r#"{{"mem0":{{"path":"{path}","user":"alice"}}}}"#);
        town.check(&sink).expect("may be written");
        town.deliver(&sink, OTHER).expect("delivered");
        town.living = vec![OTHER[..16].to_owned()];
        town.deliver(&sink, TOKEN).expect("delivered");
        assert_eq!(users(&town, path, &[OTHER, TOKEN]), [Some("alice"), Some("alice")], "{path}: {before:?}");
        town.living.clear();
        town.deliver(&sink, TOKEN).expect("delivered");
        assert_eq!(users(&town, path, &[OTHER, TOKEN]), [None, Some("alice")], "{path}: {before:?}");
        let bob = "sk-bob-test-key-67890";
        let was_there = before.is_some_and(|before| before.contains(bob));
        assert_eq!(users(&town, path, &[bob]), [was_there.then_some("bob")], "{path}: {before:?}");
        let text = fs::read_to_string(town.at(path)).expect("text");
        assert_eq!(text.contains("A=1\n"), path == "app/.env");
        // And the program reads it.
        let sandbox = Sandbox::with_store(Place::sqlite());
        sandbox.ok(&["import", "mem0", &town.at(path).display().to_string(), "--dry-run"]);
    }
}

/// As whom each key is known there.
fn users(town: &Town, path: &str, keys: &[&str]) -> Vec<Option<&'static str>> {
    let text = fs::read_to_string(town.at(path)).expect("text");
    let object = match text.split_once("API_KEYS='") {
        Some((_, rest)) => rest.split_once('\'').expect("a quote").0.to_owned(),
        None => text,
    };
    let object: serde_json::Value = serde_json::from_str(&object).expect("JSON");
    let known = |key: &&str| match object.get(*key)?.as_str()? {
        "alice" => Some("alice"),
        _ => Some("bob"),
    };
    keys.iter().map(known).collect()
}

#[test]
fn the_documentation_s_sinks_are_what_is_read() {
    let text = include_str!("../../docs/sinks.md");
    let block = text.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a block");
    let manifest = YamlLoader::load_from_str(block).expect("YAML").remove(0);
    let kinds: Vec<&str> = manifest["sinks"]
        .as_vec()
        .expect("a list")
        .iter()
        .map(|entry| serde_json::from_value::<Sink>(json(entry)).expect("a sink").kind())
        .collect();
    assert_eq!(kinds, KINDS.map(|kind| kind.name));
    for kind in KINDS {
        assert!(text.contains(&format!("\n| `{}` | ", kind.name)), "{} is not in the table", kind.name);
    }
}

fn json(yaml: &Yaml) -> serde_json::Value {
    match yaml {
        Yaml::Hash(members) => members
            .iter()
            .map(|(name, value)| (name.as_str().expect("a name").to_owned(), json(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => other.as_str().expect("a text").into(),
    }
}
