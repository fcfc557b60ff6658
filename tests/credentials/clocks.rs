//! A clock that stepped, of one process among two (faketime): versions are compared, so nothing old is written over anything.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::provider::Provider;
use super::{add_with, command, ok, run, shown, token};
use crate::support::both;
use crate::support::cli::{Ran, Sandbox, finish};
use crate::support::store::clock;

const STEPS: [&str; 4] = ["+1h", "-1h", "+10y", "-10y"];

/// What the program is to do, a word a line.
const WORDS: &str = "TESTS_PROGRAM_WORDS";
/// What the program prints comes after this.
const BEGUN: &str = "the program begins";

/// Not a test but the program, which the tests here start by another clock: as it is built it is linked with the C library in
/// it, so that `faketime` does not reach it.
#[test]
#[ignore = "started by the tests beside it"]
fn the_program() {
    let Some(words) = std::env::var(WORDS).ok() else { return };
    let _ = writeln!(std::io::stdout(), "{BEGUN}");
    let code = keyctl::main(std::iter::once("keyctl").chain(words.lines()).map(Into::into));
    // The number of an exit code is in its Debug alone.
    let number = format!("{code:?}").chars().filter(char::is_ascii_digit).collect::<String>();
    std::process::exit(number.parse().expect("a number"));
}

/// The program by a clock that is that far off.
fn stepped(sandbox: &Sandbox, args: &[&str], step: &str) -> Command {
    let test =
        ["--exact", "credentials::clocks::the_program", "--ignored", "--nocapture", "--test-threads", "1"];
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(test).env_clear().env(WORDS, args.join("\n"));
    for (name, value) in super::command(sandbox, args).get_envs() {
        command.env(name, value.expect("nothing is taken away"));
    }
    // What `faketime` gives its command is given to ours, since it would stay between us.
    let given = Command::new("faketime").args(["-f", step, "env"]).output().expect("faketime runs");
    let given = String::from_utf8(given.stdout).expect("text");
    let variables = given.lines().filter_map(|line| line.split_once('='));
    command.envs(variables.filter(|(name, _)| ["LD_PRELOAD", "FAKETIME"].contains(name)));
    command.env("DONT_FAKE_MONOTONIC", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    command.current_dir(sandbox.home()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs it to its end, which comes in time: what is waited for, a request, and what a busy machine takes besides.
#[track_caller]
fn bounded(sandbox: &Sandbox, args: &[&str], input: &str, step: Option<&str>) -> Ran {
    let command = step.map_or_else(|| command(sandbox, args), |step| stepped(sandbox, args, step));
    let begun = Instant::now();
    let mut ran = finish(command, input.as_bytes());
    assert!(begun.elapsed() < Duration::from_secs(5 + 10 + 10), "{args:?} {step:?}: {:?}", begun.elapsed());
    assert!(ran.code.is_some_and(|code| code < 64) && !ran.stderr.contains("panicked"), "{}", ran.stderr);
    if step.is_some() {
        let printed = ran.stdout.split_once(&format!("{BEGUN}\n")).expect("the program").1.to_owned();
        ran.stdout = printed;
    }
    ran
}

/// A clock of before 2024 is refused where it is the store's.
fn is_refused(is_ours: bool, step: Option<&str>) -> bool {
    is_ours && step == Some("-10y")
}

fn taken(provider: &Provider) -> Vec<Value> {
    let history = provider.history();
    let all = history["requests"].as_array().expect("a list").iter();
    all.filter(|request| request["status"] == 200).cloned().collect()
}

fn hash(token: &str) -> String {
    Sha256::digest(token).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Waits until the provider was asked once more.
fn wait_for_request(provider: &Provider, before: usize) {
    let begun = Instant::now();
    while provider.log().len() == before {
        assert!(begun.elapsed() < Duration::from_secs(20), "nobody asks");
        thread::sleep(Duration::from_millis(20));
    }
}

/// The token in the store is the newest that the provider gave, and each came in the place of the one before.
#[track_caller]
fn newest_stands(sandbox: &Sandbox, provider: &Provider, step: &str) {
    let given = taken(provider);
    let newest = given.last().expect("one")["gave"]["access"].as_str().expect("a hash").to_owned();
    assert_eq!(hash(&token(sandbox, "ci")), newest, "{step}");
    for pair in given.windows(2) {
        assert!(pair[1]["token"] == pair[0]["gave"]["refresh"], "{step}: {pair:?}");
    }
    assert_eq!(shown(sandbox, "ci")["version"].as_u64(), Some(1 + given.len() as u64), "{step}");
}

/// Whether the token was got at a time that is not now.
fn is_of_another_time(sandbox: &Sandbox) -> bool {
    let newest = "SELECT created_at FROM secret_version ORDER BY version DESC LIMIT 1";
    let got = sandbox.place.sql(newest).expect("a version").parse::<i64>().expect("a time");
    (clock().expect("a time").as_millis() - got).abs() > 1_800_000
}

const ACQUIRE: [&str; 9] = ["lease", "acquire", "ci", "--for", "30s", "--wait", "5s", "-o", "json"];
const REFRESH: [&str; 6] = ["oauth", "refresh", "ci", "--force", "--lock-timeout", "5s"];

fn add(sandbox: &Sandbox, name: &str, provider: &Provider) {
    let (endpoint, grant) = (provider.token_endpoint(), provider.grant("public"));
    add_with(sandbox, name, &endpoint, &grant, &["--refresh-invalidates"]);
}

both!(two_whose_clocks_differ_by_hours_and_years_take_turns, |place| {
    let is_ours = place.database.is_none();
    let (sandbox, provider) = (Sandbox::with_store(place), Provider::start(3600));
    add(&sandbox, "ci", &provider);
    for step in STEPS {
        for step in [Some(step), None, Some(step), None] {
            if is_refused(is_ours, step) {
                for args in [&ACQUIRE[..], &REFRESH] {
                    let refused = bounded(&sandbox, args, "", step).expect_code(7);
                    assert!(refused.stderr.contains("clock is wrong"), "{}", refused.stderr);
                }
                newest_stands(&sandbox, &provider, &format!("{step:?}"));
                continue;
            }
            let lease = bounded(&sandbox, &ACQUIRE, "", step).expect_code(0);
            let lease: Value = serde_json::from_str(&lease.stdout).expect("JSON");
            assert!(provider.knows(lease[0]["access_token"].as_str().expect("a token")), "{step:?}");
            assert_eq!(lease[0]["version"], shown(&sandbox, "ci")["version"], "{step:?}");
            let holder = lease[0]["holder_token"].as_str().expect("a token");
            bounded(&sandbox, &["lease", "release"], holder, step).expect_code(0);
            bounded(&sandbox, &REFRESH, "", step).expect_code(0);
            newest_stands(&sandbox, &provider, &format!("{step:?}"));
            assert_eq!(is_ours && step.is_some(), is_of_another_time(&sandbox), "{step:?}");
        }
    }
    // Where the clock is the database's, nobody saw a step: a token was got when it was asked for, and not besides.
    if !is_ours {
        assert_eq!(taken(&provider).len(), 4 * STEPS.len());
    }
    sandbox.ok(&["store", "check"]);
});

both!(an_answer_of_before_is_dropped_whatever_the_clock_of_who_brings_it, |place| {
    let is_ours = place.database.is_none();
    let (sandbox, provider) = (Sandbox::with_store(place), Provider::start(3600));
    add(&sandbox, "ci", &provider);
    provider.hold(1000);
    let mut dropped = 0;
    for step in STEPS.into_iter().filter(|step| !is_refused(is_ours, Some(step))) {
        // Whose clock it is: of who asks, and of the owner.
        for (asks, owner) in [(Some(step), None), (None, Some(step))] {
            let before = provider.log().len();
            let grant = provider.grant("public");
            let new: Value = serde_json::from_str(&grant).expect("JSON");
            thread::scope(|scope| {
                let sandbox = &sandbox;
                let asking = scope.spawn(move || bounded(sandbox, &REFRESH, "", asks));
                wait_for_request(&provider, before);
                bounded(sandbox, &["oauth", "replace", "ci"], &grant, owner).expect_code(0);
                asking.join().expect("ended").expect_code(0);
            });
            dropped += 1;
            // The owner's; or, for whom that has ended already, the one that came in its place.
            let (now, refresh) =
                (hash(&token(&sandbox, "ci")), hash(new["refresh_token"].as_str().expect("one")));
            let after = taken(&provider).into_iter().find(|request| request["token"] == refresh.as_str());
            let stands = after.map_or(new["access_token"].as_str().map(hash), |request| {
                request["gave"]["access"].as_str().map(str::to_owned)
            });
            assert_eq!(Some(now), stands, "{asks:?} {owner:?}");
        }
    }
    let records = sandbox.json(&["audit", "list", "--limit", "0"]);
    let actions = records.as_array().expect("records").iter().map(|record| &record["record"]["action"]);
    assert_eq!(actions.filter(|action| *action == "oauth.drop").count(), dropped);
    sandbox.ok(&["store", "check"]);
});

both!(an_attempt_of_another_time_makes_nobody_wait_for_years, |place| {
    let is_ours = place.database.is_none();
    let (sandbox, provider) = (Sandbox::with_store(place), Provider::start(3600));
    for (number, step) in STEPS.into_iter().filter(|step| !is_refused(is_ours, Some(step))).enumerate() {
        let name = format!("ci{number}");
        add(&sandbox, &name, &provider);
        let before = provider.log().len();
        provider.hold(3000);
        let refresh = ["oauth", "refresh", &name, "--force", "--lock-timeout", "5s"];
        let mut killed = stepped(&sandbox, &refresh, step).spawn().expect("started");
        wait_for_request(&provider, before);
        killed.kill().expect("killed");
        killed.wait().expect("ended");
        provider.hold(0);
        // It is known at once that it is not known, or asked once more.
        let ran = bounded(&sandbox, &refresh, "", None);
        assert!(matches!(ran.code, Some(6 | 8)), "{step}: {}", ran.stderr);
        let left = sandbox
            .place
            .sql(&format!(
                "SELECT a.retry_at FROM oauth_attempt a JOIN secret s ON s.id = a.secret_id WHERE s.name = '{name}'"
            ))
            .expect("an attempt");
        let left = left.parse::<i64>().expect("a time") - clock().expect("a time").as_millis();
        assert!(left <= 20_000, "{step}: {left}");
        let credential = shown(&sandbox, &name);
        let is_known = credential["state"] == "needs_reauth";
        assert!(is_known || credential["last_attempt"]["uncertain"] == true, "{step}: {credential}");
        // Whoever owns it goes on at once.
        ok(&sandbox, &["oauth", "replace", &name], &provider.grant("public"));
        run(&sandbox, &["lease", "acquire", &name, "--for", "2s"], "").expect_code(0);
    }
    sandbox.ok(&["store", "check"]);
});
