//! The table of exit codes: every row is run, in its order.

use std::process::Stdio;

use regex::Regex;
use serde_json::Value;

use super::{Reader, read};
use crate::support::cli::finish;

const DOCUMENT: &str = "docs/exit-codes.md";

/// A row: a command line, how it ends, and the type of its error, `–` for none.
#[derive(Debug)]
struct Row {
    command: String,
    code: i32,
    kind: String,
}

fn rows() -> Vec<Row> {
    let row = Regex::new(r"(?m)^\| `(keyctl [^`]*)` \| (\d+) \| `?(–|\w+)`? \|").expect("a pattern");
    let text = read(DOCUMENT);
    let rows = row.captures_iter(&text).map(|found| Row {
        command: found[1].to_owned(),
        code: found[2].parse().expect("a number"),
        kind: found[3].to_owned(),
    });
    rows.collect()
}

/// The type in the error on standard error, which may follow messages.
fn kind(stderr: &str) -> String {
    let errors = stderr.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let kinds: Vec<String> =
        errors.filter_map(|error| Some(error["error"]["type"].as_str()?.to_owned())).collect();
    if kinds.is_empty() { "–".to_owned() } else { kinds.join(" ") }
}

/// What the rows of `import` and of secrets read, and a master key.
const FILES: &str = r#"mkdir -p ~/.config/keyctl && keyctl master init -q --out-file master.key
    echo 'master_key_file = "~/master.key"' > ~/.config/keyctl/config.toml
    echo sk-ant-of-a-test > key.txt
    echo "API_KEYS='{\"sk-frank-test-key-12345\": \"frank\"}'" > ci.env
    printf 'hash,owner\nno-hash,erin\n' > keys.csv
    printf 'manifest: team\nkeys:\n  tess/k: {scopes: [a], sinks: [{file: tess.token}]}\n' > team.yaml"#;

#[test]
fn every_command_ends_as_the_table_says() {
    let reader = Reader::new();
    let (code, seen) = reader.see("keyctl mint alice --scope memories --out-file alice.token");
    assert_eq!(code, 0, "{seen}");
    let (code, seen) = reader.see(FILES);
    assert_eq!(code, 0, "{seen}");
    let mut faults = Vec::new();
    for row in rows() {
        let line = row.command.replacen("keyctl ", "keyctl -o jsonl ", 1);
        let mut command = reader.shell(&line);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let ran = finish(command, b"");
        if (ran.code, kind(&ran.stderr).as_str()) != (Some(row.code), row.kind.as_str()) {
            faults.push(format!("{row:?}: {ran:?}"));
        }
    }
    assert!(faults.is_empty(), "{DOCUMENT} is not true any more:\n{}", faults.join("\n"));
}

/// A command that nobody documents would escape.
#[test]
fn the_table_has_a_row_for_every_command_that_uses_the_store() {
    let reader = Reader::new();
    let rows = rows();
    let has_row = |name: &str| {
        let start = format!("keyctl {name}");
        rows.iter().any(|row| format!("{} ", row.command).starts_with(&start))
    };
    let mut missing = super::commands(|words| reader.see(&format!("keyctl {words}")).1);
    missing.retain(|name| !["completions ", "man "].contains(&name.as_str()) && !has_row(name));
    assert!(missing.is_empty(), "{DOCUMENT} has no row for {missing:?}");
}
