//! The recipes: every script in them is run, as the CI that they are for would run it, and
//! nothing that a log would show holds a token.

use std::fs;
use std::process::{Command, Stdio};

use yaml_rust2::Yaml;

use super::blocks::{self, Block};
use super::{Reader, read};
use crate::support::cli::{Ran, finish};
use crate::support::postgres::PASSWORD;
use crate::support::program;
use crate::support::runner::holds_token;

const DOCUMENT: &str = "docs/recipes.md";

/// Programs that the recipes hand tokens to. They refuse one in their arguments, which
/// everybody on the machine could read, and know of no secret yet.
const STAND_INS: [&str; 2] = ["kubectl", "curl"];
const STAND_IN: &str = "#!/bin/sh
case \"$*\" in *_????????????_*) echo \"a token in the arguments: $*\"; exit 99 ;; esac
case \"$1\" in get) exit 1 ;; apply) cat > /dev/null ;; esac
";

/// A script of a recipe with the environment that its file gives it.
struct Script {
    name: String,
    lines: String,
    environment: Vec<(String, String)>,
}

fn blocks() -> Vec<Block> {
    blocks::parse(&read(DOCUMENT)).expect("blocks")
}

fn texts(yaml: &Yaml) -> Vec<(String, String)> {
    let pairs = yaml.as_hash().into_iter().flatten();
    pairs.filter_map(|(name, value)| Some((name.as_str()?.to_owned(), value.as_str()?.to_owned()))).collect()
}

/// The `run:` of every step of every job.
fn github(file: &Yaml) -> Vec<Script> {
    let mut scripts = Vec::new();
    for (job, content) in file["jobs"].as_hash().into_iter().flatten() {
        let environment = texts(&content["env"]);
        let lines: Vec<&str> =
            content["steps"].as_vec().into_iter().flatten().filter_map(|step| step["run"].as_str()).collect();
        // A shell of its own for each, which ends at the first error.
        let lines: String =
            lines.iter().map(|run| format!("bash -e -o pipefail <<'STEP'\n{run}\nSTEP\n")).collect();
        scripts.push(Script { name: format!("GitHub {job:?}"), lines, environment });
    }
    scripts
}

/// The `script:` and `after_script:` of every job.
fn gitlab(file: &Yaml) -> Vec<Script> {
    let mut scripts = Vec::new();
    for (job, content) in file.as_hash().into_iter().flatten() {
        let lines = |name: &str| -> String {
            let lines = content[name].as_vec().into_iter().flatten().filter_map(Yaml::as_str);
            lines.map(|line| format!("{line}\n")).collect()
        };
        let lines = format!("(\n{})\n{}", lines("script"), lines("after_script"));
        if content["script"].is_array() {
            scripts.push(Script {
                name: format!("GitLab {job:?}"),
                lines,
                environment: texts(&content["variables"]),
            });
        }
    }
    scripts
}

/// `ExecStart=/bin/sh -c '…'`, where systemd reads `$$` as `$`.
fn systemd(unit: &str) -> Vec<Script> {
    let starts =
        unit.lines().filter_map(|line| line.strip_prefix("ExecStart=/bin/sh -c '")?.strip_suffix('\''));
    let script = |line: &str| Script {
        name: "systemd".into(),
        lines: line.replace("$$", "$"),
        environment: Vec::new(),
    };
    starts.map(script).collect()
}

fn scripts() -> Vec<Script> {
    let mut scripts = Vec::new();
    for block in blocks() {
        match block {
            Block::NotRun { kind, text } if kind == "sh" => {
                scripts.push(Script { name: text.clone(), lines: text, environment: Vec::new() });
            }
            Block::Yaml(file) => scripts.extend(github(&file).into_iter().chain(gitlab(&file))),
            Block::Unit(unit) => scripts.extend(systemd(&unit)),
            _ => {}
        }
    }
    scripts
}

/// A machine with a store in both databases and the stand-ins.
fn machine() -> Reader {
    let reader = Reader::new();
    let folder = reader.place.folder.path().join("bin");
    fs::create_dir(&folder).expect("a folder");
    for name in STAND_INS {
        program::script(&folder.join(name), STAND_IN);
    }
    let made = run(&reader, "keyctl store init --store postgres://keyctl@db.example.org/keys", &[]);
    assert_eq!(made.code, Some(0), "{made:?}");
    reader
}

fn run(reader: &Reader, lines: &str, environment: &[(String, String)]) -> Ran {
    let mut command: Command = reader.shell(lines);
    let path = command.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, value)| value);
    let path = format!("{}/bin:{}", reader.place.folder.path().display(), path.expect("a path").display());
    command.env("PATH", path).env("RUNNER_TEMP", reader.place.folder.path());
    for (name, value) in environment {
        let value = if value.contains("secrets.") { PASSWORD } else { value };
        command.env(name, value.replace(super::WRITTEN_ADDRESS, &reader.address()));
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    finish(command, b"")
}

#[test]
fn every_recipe_runs_twice_and_shows_no_token() {
    let reader = machine();
    let scripts = scripts();
    assert!(scripts.len() >= 8, "{} scripts", scripts.len());
    for script in &scripts {
        for turn in ["first", "second"] {
            let ran = run(&reader, &script.lines, &script.environment);
            let log = format!("{}{}", ran.stdout, ran.stderr);
            assert_eq!(ran.code, Some(0), "the {turn} run of {}: {ran:?}", script.name);
            assert!(!holds_token(&log), "the {turn} run of {} shows a token: {log}", script.name);
        }
    }
}

/// A stand-in that noticed nothing would prove nothing.
#[test]
fn a_token_in_the_arguments_of_another_program_is_noticed() {
    let reader = machine();
    let line =
        "set -e; TOKEN=$(keyctl mint ci --scope a); curl -H \"Authorization: Bearer $TOKEN\" https://x";
    assert_eq!(run(&reader, line, &[]).code, Some(99));
}

#[test]
fn what_not_to_do_is_refused_where_it_can_be() {
    let reader = machine();
    let ran = run(&reader, "keyctl mint ci --scope a --out-file t && keyctl verify \"$(cat t)\"", &[]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(!holds_token(&ran.stderr), "{ran:?}");
}
