//! Every change, ended at each point of it: the store is whole, what was committed stays and nothing else does, and the
//! command can be run again. Some points of each here; `scripts/soak` has all.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;

use regex::Regex;

use super::saved::Saved;
use crate::docs::commands;
use crate::stores::steps::{ON_POSTGRES, ON_SQLITE, STEPS, Step, Steps, Typed};
use crate::support::cli::{PROGRAM, Ran, Sandbox, finish};
use crate::support::runner;
use crate::support::store::Place;

/// `all` for all points of all changes, or how many of each change.
const HOW_MANY: &str = "KEYCTL_PROOF_POINTS";

/// What a run came to, and the points that it reached.
struct Reached {
    ran: Ran,
    signal: Option<i32>,
    points: Vec<String>,
}

fn run(steps: &Steps, step: &Step, typed: &Typed, end_at: Option<usize>) -> Reached {
    steps.arm(step);
    let log = tempfile::NamedTempFile::new().expect("a file");
    let mut command = steps.sandbox.command(&typed.words);
    command.envs(typed.variables.iter().cloned()).env("KEYCTL_TEST_POINTS", log.path());
    if let Some(number) = end_at {
        command.env("KEYCTL_TEST_END_AT", number.to_string());
    }
    command.stdin(std::process::Stdio::piped());
    let mut child = command.spawn().expect("starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let _ = stdin.write_all(typed.input.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().expect("ends");
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let points = fs::read_to_string(log.path()).expect("points");
    Reached {
        ran: Ran { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) },
        signal: output.status.signal(),
        points: points.lines().map(str::to_owned).collect(),
    }
}

/// How much there is of what decides. Use is not counted, which may be lost.
fn amount(sandbox: &Sandbox) -> String {
    let counts =
        ["key", "token", "owner", "role", "secret", "secret_version", "binding", "master_key", "trust"];
    let counts = counts.map(|table| format!("|| '/' || (SELECT COUNT(*) FROM {table})")).join(" ");
    sandbox
        .place
        .sql(&format!("SELECT audit_seq || '/' || mark_counter {counts} FROM head"))
        .expect("the head")
}

fn commits(points: &[String]) -> usize {
    points.iter().filter(|point| *point == "behind the commit" || *point == "behind a function").count()
}

/// Which of a change's points are tried: those whose names were tried least before.
fn chosen(points: &[String], most: usize, tried: &mut BTreeMap<String, usize>) -> Vec<usize> {
    let mut numbers: Vec<usize> = (0..points.len()).collect();
    let mut chosen = Vec::new();
    while chosen.len() < most && !numbers.is_empty() {
        let often = |number: &usize| tried.get(&points[*number]).copied().unwrap_or(0);
        let least = (0..numbers.len()).min_by_key(|at| often(&numbers[*at])).expect("one is left");
        let number = numbers.remove(least);
        *tried.entry(points[number].clone()).or_default() += 1;
        chosen.push(number);
    }
    // The last is run again from before any commit, which leaves the store as the change does.
    chosen.sort_unstable_by(|one, other| other.cmp(one));
    chosen
}

/// What is wrong with a store that nobody works with.
fn damage(sandbox: &Sandbox) -> Option<String> {
    let check = sandbox.run(&["store", "check", "-o", "json"]);
    let is_whole = check.code == Some(0) && check.stdout.trim() == "[]";
    (!is_whole).then(|| format!("store check: {:?} {}{}", check.code, check.stdout, check.stderr))
}

/// Ends one run of a step at one point, and returns what is wrong after that.
fn end(
    steps: &Steps,
    step: &Step,
    typed: &Typed,
    plain: &Reached,
    at: usize,
    seen: &mut BTreeMap<usize, String>,
) -> Vec<String> {
    let sandbox = &steps.sandbox;
    let mut wrong = Vec::new();
    let ended = run(steps, step, typed, Some(at + 1));
    if ended.signal != Some(6) || ended.points != plain.points[..=at] {
        wrong.push(format!(
            "it did not end there, but by {:?} at {:?}: {}",
            ended.signal,
            ended.points.last(),
            ended.ran.stderr
        ));
    }
    wrong.extend(damage(sandbox));
    let done = commits(&plain.points[..=at]);
    let amount = amount(sandbox);
    let before = seen.entry(done).or_insert_with(|| amount.clone());
    if *before != amount {
        wrong.push(format!("behind {done} commits there is {amount}, and was {before} at another point"));
    }
    let token = Regex::new("sks_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}").expect("a pattern");
    if let Some(token) = token.find(&ended.ran.stdout) {
        let (code, verdict) = sandbox.verify(token.as_str(), &[]);
        let is_known = verdict["reason"] != "unknown";
        if is_known != (done > 0) {
            wrong.push(format!("the token that it printed: {code:?} {verdict}"));
        }
    }
    let again = run(steps, step, typed, None).ran;
    let in_its_place = plain.points[..=at].iter().any(|point| point.starts_with("file: in its place"));
    let occupied = in_its_place && again.code == Some(9) && again.stderr.contains("exists already");
    let may = if done == 0 { vec![plain.ran.code] } else { vec![plain.ran.code, Some(0), Some(3), Some(4)] };
    if !(may.contains(&again.code) || occupied) || again.stderr.contains("has a defect") {
        wrong.push(format!(
            "run again, it ended with {:?}, not {:?}: {}",
            again.code, plain.ran.code, again.stderr
        ));
    }
    wrong.extend(damage(sandbox).map(|text| format!("run again: {text}")));
    wrong
}

fn end_everywhere(place: Place, most: usize) {
    let name = if place.database.is_some() { "PostgreSQL" } else { "SQLite" };
    let steps = Steps::new(place);
    let (mut tried, mut reached) = (BTreeMap::new(), BTreeSet::new());
    let (mut changes, mut ends, mut failures) = (0, 0, Vec::new());
    for step in steps.all() {
        let typed = steps.prepare(step);
        let saved = Saved::of(&steps.sandbox);
        let before = amount(&steps.sandbox);
        let plain = run(&steps, step, &typed, None);
        let after = amount(&steps.sandbox);
        assert_eq!(plain.signal, None, "{}: {}", step.0, plain.ran.stderr);
        // Those that wait for another process have points of both.
        if plain.points.is_empty() || step.0.starts_with("overtaken ") {
            continue;
        }
        let mut seen = BTreeMap::from([(0, before), (commits(&plain.points), after)]);
        changes += usize::from(commits(&plain.points) > 0);
        reached.extend(plain.points.iter().cloned());
        for at in chosen(&plain.points, most, &mut tried) {
            saved.bring_back(&steps.sandbox);
            ends += 1;
            for wrong in end(&steps, step, &typed, &plain, at, &mut seen) {
                failures.push(format!(
                    "## {}, at {} of {}: {}\n{wrong}",
                    step.0,
                    at + 1,
                    plain.points.len(),
                    plain.points[at]
                ));
            }
        }
    }
    writeln!(
        std::io::stdout(),
        "{name}: {changes} changes, {} kinds of points, {ends} processes ended",
        reached.len()
    )
    .expect("printed");
    runner::report(&failures);
    for point in [
        "before the beginning",
        "behind the lock",
        "before an audit record",
        "before the commit",
        "behind the commit",
        "before the delivery",
        "behind the delivery",
        "wrote: INSERT keyctl.key",
        "wrote: UPDATE keyctl.head",
        "file: in its place, its folder not yet synced",
        "sink: a draft",
        "what was seen: a draft",
        "before the exit",
    ] {
        assert!(tried.contains_key(point), "nothing was ended at {point:?}; known are {reached:?}");
    }
}

fn how_many(usually: usize) -> usize {
    match std::env::var(HOW_MANY).as_deref() {
        Ok("all") => usize::MAX,
        Ok(number) => number.parse().expect("a number"),
        Err(_) => usually,
    }
}

#[test]
fn a_change_that_ends_at_any_point_is_whole_or_absent_and_can_be_run_again_on_sqlite() {
    end_everywhere(Place::sqlite(), how_many(1));
}

#[test]
fn a_change_that_ends_at_any_point_is_whole_or_absent_and_can_be_run_again_on_postgresql() {
    end_everywhere(Place::postgres(), how_many(1));
}

/// What changes nothing that decides: it reads, or writes of use alone.
const NO_CHANGE: &[&str] = &[
    "audit checkpoint",
    "audit export",
    "audit list",
    "audit verify",
    "can",
    "client list",
    "completions",
    "config path",
    "config profiles",
    "config show",
    "conformance print",
    "conformance run",
    "doctor",
    "dump",
    "exec",
    "expiring",
    "federation export",
    "federation list",
    "federation show",
    "invitation list",
    "jwt verify",
    "leaks rules",
    "leaks scan",
    "lease acquire",
    "lease list",
    "lease release",
    "lease renew",
    "list",
    "man",
    "master check",
    "master status",
    "notify",
    "oauth list",
    "oauth show",
    "oauth status",
    "owner list",
    "owner show",
    "plan",
    "policy check",
    "policy show",
    "resolve",
    "role list",
    "role show",
    "scope list",
    "secret list",
    "secret show",
    "session list",
    "show",
    "signing-key jwks",
    "signing-key list",
    "store check",
    "store status",
    "trust list",
    "trust show",
    "usage",
    "verify",
];

/// What changes something and is no step, with where it is ended, or that it is not.
const ELSEWHERE: &[(&str, &str)] = &[
    ("import better-auth", "the rows go the way of import jsonl"),
    ("import jsonl", "the way of import csv"),
    ("import litellm", "the rows go the way of import jsonl"),
    ("leaks serve", "the changes of suspend and revoke"),
    ("master init", "it makes a key and no change"),
    ("oauth login", "it takes a browser; the change is that of oauth add"),
    ("oauth watch", "the change of oauth refresh"),
    ("portal", "portal::attempts and clients::attempts have its changes; they are not ended at points yet"),
    ("serve", "what it writes is use"),
    ("session end", "the change of the portal's"),
    ("store init", "what is made stands under another name until it is whole: stores::files"),
    ("store migrate", "stores::migrations kills it"),
];

/// A command that is new belongs into the one list or the other.
#[test]
fn every_command_that_changes_something_is_among_the_steps() {
    let help = |words: &str| {
        let mut command = std::process::Command::new(PROGRAM);
        command.args(words.split_whitespace()).env_clear().stdout(std::process::Stdio::piped());
        finish(command, b"").stdout
    };
    let is_step = |name: &str| {
        let mut all = STEPS.iter().chain(ON_SQLITE).chain(ON_POSTGRES);
        all.any(|(typed, _)| format!(" {typed} ").contains(&format!(" {name} ")))
    };
    let is_elsewhere =
        |name: &str| NO_CHANGE.contains(&name) || ELSEWHERE.iter().any(|(one, _)| *one == name);
    let missing: Vec<String> = commands(help)
        .into_iter()
        .map(|name| name.trim_end().to_owned())
        .filter(|name| !is_step(name) && !is_elsewhere(name))
        .collect();
    assert_eq!(missing, Vec::<String>::new(), "commands without a step");
}
