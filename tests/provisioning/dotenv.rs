//! Real readers of `.env` files, and what they make of what a sink wrote between the lines of others.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::town::{TOKEN, Town};
use crate::serve::installed;

const NAME: &str = "ALICE_KEY";
const SINK: &str = r#"{"dotenv":{"path":"app.env","name":"ALICE_KEY"}}"#;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    PythonDotenv,
    NpmDotenv,
    Node,
    Bun,
    Deno,
    Dotenvy,
    Bash,
}
use Reader::{Bash, Bun, Deno, Dotenvy, Node, NpmDotenv, PythonDotenv};

const READERS: [Reader; 7] = [PythonDotenv, NpmDotenv, Node, Bun, Deno, Dotenvy, Bash];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn package(pattern: &str) -> PathBuf {
    let modules = root().join("target/gateways/readers/node_modules");
    let (scope, rest) = pattern.split_once('/').expect("a scope");
    let found = fs::read_dir(modules.join(scope)).ok().and_then(|mut entries| entries.next());
    let path = found.map(|entry| entry.expect("an entry").path().join(rest)).unwrap_or_default();
    assert!(path.exists(), "{pattern} is missing: run tests/serve/install");
    path
}

impl Reader {
    /// What it reads of the variable in each file.
    fn read(self, files: &[PathBuf]) -> Vec<Option<String>> {
        let script = |name: &str| root().join("tests/provisioning/readers").join(name);
        match self {
            PythonDotenv => {
                let mut command = Command::new(installed::program("sinks", "python"));
                command.arg(script("read.py")).arg(NAME).args(files);
                json(&mut command)
            }
            NpmDotenv => {
                let mut command = Command::new("node");
                let folder = root().join("target/gateways/readers");
                command.arg(script("read.mjs")).arg(folder).arg(NAME).args(files);
                json(&mut command)
            }
            Node => each(files, |file| {
                let mut command = Command::new("node");
                command.arg(format!("--env-file={}", file.display()));
                command.args(["-e", "process.stdout.write(process.env.ALICE_KEY ?? 'unset')"]);
                command
            }),
            Bun => each(files, |file| {
                let mut command = Command::new(package("@oven/bin/bun"));
                command.arg(format!("--env-file={}", file.display()));
                command.args(["-e", "process.stdout.write(process.env.ALICE_KEY ?? 'unset')"]);
                command
            }),
            Deno => {
                each(files, |file| {
                    let mut command = Command::new(package("@deno/deno"));
                    command.args(["eval", "--quiet"]).arg(format!("--env-file={}", file.display()));
                    command.arg("Deno.stdout.writeSync(new TextEncoder().encode(Deno.env.get('ALICE_KEY') ?? 'unset'))");
                    command
                })
            }
            Dotenvy => files
                .iter()
                .map(|file| {
                    // A program takes the file by one call, which ends at the first line that is not understood.
                    let pairs = dotenvy::from_path_iter(file).expect("opened");
                    let pairs = pairs.collect::<Result<Vec<_>, _>>().ok()?;
                    pairs.into_iter().find(|(name, _)| name == NAME).map(|(_, value)| value)
                })
                .collect(),
            Bash => each(files, |file| {
                let mut command = Command::new("bash");
                command.args(["-c", "set -a; . \"$1\"; printf %s \"${ALICE_KEY-unset}\"", "bash"]).arg(file);
                command
            }),
        }
    }
}

fn clean(command: &mut Command, file: &Path) {
    let home = file.parent().expect("a folder");
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.env_clear().env("PATH", path).env("HOME", home).env("NO_COLOR", "1").current_dir(home);
}

fn json(command: &mut Command) -> Vec<Option<String>> {
    let output = command.output().expect("starts");
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

fn each(files: &[PathBuf], of: impl Fn(&Path) -> Command) -> Vec<Option<String>> {
    let read = |file: &PathBuf| {
        let mut command = of(file);
        clean(&mut command, file);
        let output = command.output().expect("starts");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Some(text).filter(|text| output.status.success() && text != "unset")
    };
    files.iter().map(read).collect()
}

/// A name, the file before the delivery, and the readers that read something else, whoever wrote the line: what they read.
type Row = (&'static str, &'static str, &'static [(Reader, Option<&'static str>)]);

const FILES: &[Row] = &[
    ("nothing", "", &[]),
    ("others before", "A=1\nB=two\n", &[]),
    ("no final newline", "A=1", &[]),
    ("an older entry", "A=1\nALICE_KEY=old\nB=2\n", &[]),
    ("an older entry alone, no final newline", "ALICE_KEY=old", &[]),
    ("an empty entry", "ALICE_KEY=\nB=2\n", &[]),
    ("an empty value before", "A=\nB=\n", &[]),
    ("empty quotes", "A=''\nB=\"\"\n", &[]),
    ("single quotes", "ALICE_KEY='old'\n", &[]),
    ("double quotes", "ALICE_KEY=\"old\"\nB=\"2\"\n", &[]),
    ("backquotes around another", "A=`x`\n", &[]),
    ("backquotes around the older entry", "ALICE_KEY=`old`\n", &[]),
    ("export", "export ALICE_KEY=old\nexport B=2\n", &[]),
    ("export and a tab", "export\tALICE_KEY=old\n", &[]),
    ("indented", "  ALICE_KEY=old\n", &[]),
    ("blanks around =", "ALICE_KEY = old\nB=2\n", &[]),
    ("a colon", "ALICE_KEY: old\n", &[]),
    ("its name in quotes", "'ALICE_KEY'=old\n", &[]),
    ("blanks behind it", "ALICE_KEY=old  \nA=1\t\n", &[]),
    ("a comment behind it", "ALICE_KEY=old # who made this?\nB=2\n", &[]),
    ("a comment with an apostrophe behind it", "ALICE_KEY=old # it's alice's\nB=2\n", &[]),
    ("comments", "# ALICE_KEY=no\n#\n  # indented\nA=1 # one\n", &[]),
    ("a comment with quotes", "# it's \"odd\nA=1\n", &[]),
    ("# in values", "A=x#y\nB='a # b'\nC=\"a # b\"\n", &[]),
    ("a name that goes on", "ALICE_KEY_2=b\nMY_ALICE_KEY=c\n", &[]),
    ("several lines in double quotes", "A=\"one\ntwo\nthree\"\nB=2\n", &[]),
    ("several lines in single quotes", "A='one\ntwo'\nALICE_KEY=old\nB=2\n", &[]),
    ("an older entry of several lines", "ALICE_KEY=\"old\nolder\"\nB=2\n", &[]),
    ("a key of several lines", "PEM=\"-----BEGIN KEY-----\nMIIB==\n-----END KEY-----\"\n", &[]),
    ("$ expansions", "HOME_OF=$HOME\nA=${HOME}/x\nB='$HOME'\nC=\"${NOBODY:-x}\"\n", &[]),
    ("$ in the older entry", "ALICE_KEY=${OLD}\n", &[]),
    ("a value of it", "ALICE_KEY=old\nHEADER=\"Bearer ${ALICE_KEY}\"\n", &[]),
    ("= in values", "A=b=c\nURL=http://x/?a=b\n", &[]),
    ("JSON in quotes", "A='{\"a\": [\"b\"]}'\n", &[]),
    ("escaped quotes", "A=\"say \\\"hi\\\"\"\nB=2\n", &[]),
    ("a backslash in a value", "A='c:\\dir'\nB=\"a\\nb\"\n", &[]),
    ("empty lines", "\n\nA=1\n\n\n", &[]),
    ("not ASCII", "A='grüße'\n# ✓\n", &[]),
    ("words without quotes", "A=one two\n", &[(Dotenvy, None)]),
    ("text behind the quotes", "A='x' y\n", &[(Dotenvy, None)]),
    ("a name alone, not before it", "ALICE_KEY=old\nB\n", &[(Dotenvy, None)]),
    ("an apostrophe in a word", "A=it's\n", &[(Dotenvy, None), (Bash, None)]),
    ("CRLF", "A=1\r\nB=2\r\n", &[(Bash, Some("\r"))]),
    ("CRLF, an older entry", "A=1\r\nALICE_KEY=old\r\nB=2\r\n", &[(Bash, Some("\r"))]),
];

#[test]
fn every_reader_reads_the_same_token_whatever_stands_beside_it() {
    let towns: Vec<Town> = FILES.iter().map(|_| Town::new()).collect();
    let files: Vec<PathBuf> = towns.iter().map(|town| town.at("app.env")).collect();
    for (((name, before, _), town), file) in FILES.iter().zip(&towns).zip(&files) {
        fs::write(file, before).expect("written");
        town.check(SINK).unwrap_or_else(|error| panic!("{name}: {error}"));
        town.deliver(SINK, TOKEN).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let mut wrong = Vec::new();
    for reader in READERS {
        for ((name, _, others), read) in FILES.iter().zip(reader.read(&files)) {
            let expected = match others.iter().find(|(other, _)| *other == reader) {
                None => Some(TOKEN.to_owned()),
                // What it makes of every value of the file.
                Some((_, behind)) => behind.map(|behind| format!("{TOKEN}{behind}")),
            };
            if read != expected {
                wrong.push(format!("{reader:?}: {name}: {read:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
