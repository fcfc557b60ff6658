//! Manifests that are refused, each at its place, with nothing changed.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::json;

use super::{TEAM, declare};
use crate::support::cli::Sandbox;
use crate::support::store::Place;

#[test]
fn what_cannot_be_is_refused_with_file_line_and_column() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    fs::write(sandbox.home().join("out"), "precious").expect("writes");
    symlink(sandbox.home().join("out"), sandbox.home().join("tokens/link")).unwrap_or_else(|_| {
        fs::create_dir_all(sandbox.home().join("tokens")).expect("folder");
        symlink(sandbox.home().join("out"), sandbox.home().join("tokens/link")).expect("link");
    });
    let swap = |from: &str, to: &str| TEAM.replacen(from, to, 1);
    let bomb = {
        let mut text = "manifest: x\nlabels: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for n in 0..12 {
            let (from, to) = ((b'a' + n) as char, (b'b' + n) as char);
            text += &format!(
                "x{n}: &{to} [*{from}, *{from}, *{from}, *{from}, *{from}, *{from}, *{from}, *{from}]\n"
            );
        }
        text
    };
    let cases: Vec<(String, &str, &str)> = vec![
        (swap("manifest: team-a\n", ""), "keys.yaml", "manifest"),
        (swap("rate: 600/m", "rate: 600/m\n    rate: 5/s"), "keys.yaml:13:5", "stands here twice"),
        (swap("  bob/ci:", "  alice/default:"), "keys.yaml:", "stands here twice"),
        (swap("scopes: [memories]", "scope: [memories]"), "keys.yaml:8:5", "unknown field `scope`"),
        (swap("scopes: [memories]", "scopes: [\"a b\"]"), "keys.yaml:8:13", ""),
        (swap("scopes: [memories]", "scopes: [\"*\"]"), "keys.yaml:8:5", "the scope * allows everything"),
        (swap("[memories:read]", "[keyctl:resolve]"), "keys.yaml:3:", "a role never grants keyctl:resolve"),
        (
            swap("roles: [reader]", "roles: [raeder]"),
            "keys.yaml:8:5",
            "the role raeder is neither declared nor in the store",
        ),
        (swap("roles: [reader]", "parent: alice/default"), "keys.yaml:8:5", "it is its own parent"),
        (
            swap("roles: [reader]", "parent: nobody/x"),
            "keys.yaml:8:5",
            "its parent nobody/x is neither declared nor in the store",
        ),
        (swap("tokens/alice", "/etc/alice"), "keys.yaml:", "it is absolute"),
        (swap("tokens/alice", "../alice"), "keys.yaml:", "it has .. in it"),
        (swap("tokens/alice", "tokens/bob"), "keys.yaml:", "cannot be shared"),
        (swap("    sinks: [{file: tokens/bob}]\n", ""), "keys.yaml:", "it is new, and has no sink"),
        (swap("rotate_after: 60d", "rotate_after: 1M"), "keys.yaml:10:19", ""),
        (
            format!("{TEAM}  a/b: {{scopes: [a], rotate_after: 5d}}\n"),
            "keys.yaml:",
            "rotate_after without a sink",
        ),
        (swap("rate: 600/m", "allow_jwt: no"), "keys.yaml:12:16", "invalid boolean"),
        (bomb, "keys.yaml:", ""),
        ("manifest: no\nkeys: no\n".to_owned(), "keys.yaml:2:1", "a text"),
        ("[1, 2".to_owned(), "keys.yaml:", ""),
    ];
    for (text, at, says) in cases {
        declare(&sandbox, &text);
        let ran = sandbox.run(&["apply", "-f", "keys.yaml", "--yes"]);
        assert_eq!(ran.code, Some(2), "{text}\n{}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains(at) && ran.stderr.contains(says), "{at} {says}\n{text}\n{}", ran.stderr);
        assert_eq!(sandbox.json(&["list", "--all"]), json!([]), "{text}");
    }
    // Ahead of any change: a link, the store itself, a command that is not there.
    for (sink, says) in [
        ("tokens/link", "link"),
        ("keys.yaml", "a file of the manifest"),
        ("keys.db", "a file of a store"),
        ("nowhere/x", ""),
    ] {
        declare(&sandbox, &swap("tokens/alice", sink));
        let ran = sandbox.run(&["apply", "-f", "keys.yaml", "--yes"]).expect_code(2);
        assert!(
            ran.stderr.contains(says) && ran.stderr.contains("nothing was changed"),
            "{sink}: {}",
            ran.stderr
        );
        assert_eq!(sandbox.json(&["list", "--all"]), json!([]), "{sink}");
    }
    declare(&sandbox, &swap("{file: tokens/bob}", "{command: missing}"));
    let ran = sandbox.run(&["apply", "-f", "keys.yaml", "--yes"]).expect_code(2);
    assert!(ran.stderr.contains("command:missing"), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(sandbox.home().join("out")).expect("there"), "precious");
}

#[test]
fn no_secret_that_stands_in_the_wrong_place_is_repeated() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let token = sandbox.ok(&["mint", "alice"]);
    for (from, to) in [
        ("[memories]", format!("[{token}]")),
        ("scopes: [memories]", format!("{token}: x")),
        ("scopes: [memories]", token.clone()),
        ("subject: auth0|alice", format!("subject: {token}")),
        ("team: search", format!("team: {token}")),
        ("tokens/alice", token.clone()),
        ("manifest: team-a", format!("manifest: {token}")),
        ("600/m", token.clone()),
    ] {
        declare(&sandbox, &TEAM.replacen(from, &to, 1));
        let ran = sandbox.run(&["plan", "-f", "keys.yaml"]).expect_code(2);
        assert!(!ran.stderr.contains(&token) && !ran.stdout.contains(&token), "{from}: {}", ran.stderr);
        assert!(ran.stderr.contains("keys.yaml"), "{from}: {}", ran.stderr);
    }
}

#[test]
fn files_of_one_manifest_are_one_and_of_two_are_refused() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let folder = sandbox.home().join("team");
    fs::create_dir_all(folder.join("tokens")).expect("folder");
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("writes");
    write("1.yaml", "manifest: team\nroles:\n  reader: {scopes: [a]}\n");
    write(
        "2.toml",
        "manifest = \"team\"\n[keys.\"alice/ci\"]\nroles = [\"reader\"]\nsinks = [{ file = \"tokens/alice\" }]\n",
    );
    write(
        "3.json",
        r#"{"manifest": "team", "keys": {"bob/ci": {"roles": ["reader"], "sinks": [{"file": "tokens/bob"}]}}}"#,
    );
    write(".hidden.yaml", "no manifest");
    write("notes.txt", "no manifest");
    sandbox.ok(&["apply", "-f", "team", "--yes"]);
    assert_eq!(sandbox.json(&["list"]).as_array().map(Vec::len), Some(2));
    write("4.yaml", "manifest: team\nkeys:\n  bob/ci: {}\n");
    let ran = sandbox.run(&["plan", "-f", "team"]).expect_code(2);
    assert!(ran.stderr.contains("team/4.yaml:3:") && ran.stderr.contains("another file"), "{}", ran.stderr);
    write("4.yaml", "manifest: other\n");
    let ran = sandbox.run(&["plan", "-f", "team"]).expect_code(2);
    assert!(ran.stderr.contains("team/4.yaml: it is of another manifest"), "{}", ran.stderr);
}

/// YAML 1.1 took it for a truth.
#[test]
fn no_is_a_name_and_a_label_like_any_other() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let text = "manifest: no\nowners:\n  no: {}\nkeys:\n  no/on:\n    labels: {off: no}\n    sinks: [{file: tokens/y}]\n";
    declare(&sandbox, text);
    sandbox.ok(&["apply", "-f", "keys.yaml", "--yes"]);
    let key = sandbox.json(&["show", "no/on"]);
    assert_eq!((&key["owner"], &key["labels"]), (&json!("no"), &json!({ "off": "no" })));
    let dumped = sandbox.ok(&["dump"]);
    declare(&sandbox, &dumped);
    sandbox.run(&["plan", "-f", "keys.yaml", "--exit-code"]).expect_code(0);
}
