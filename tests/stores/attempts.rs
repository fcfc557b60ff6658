//! Every change comes out the same where the database gives its first attempt up; and several use cases are one
//! change, of which a conflict leaves nothing but its record.

use std::collections::BTreeSet;
use std::fs;

use keyctl::domain::audit::action::Action;
use keyctl::domain::keys::key_ref::KeyRef;
use keyctl::ops::Error;
use keyctl::ops::change::Done;
use keyctl::ops::env::{Env, SystemRandom};
use keyctl::ops::keys::{mint, revoke};
use keyctl::ops::owners::owner;
use keyctl::store::Lookup as _;
use regex::Regex;
use serde_json::Value;

use super::steps::{STEPS, Steps};
use crate::support::both;
use crate::support::cli::{Sandbox, finish};
use crate::support::library::{request, view_states};
use crate::support::store::Place;

/// The same everywhere: without ids, tokens, times and places, which differ from run to run.
fn masked(text: &str, sandbox: &Sandbox) -> String {
    let mut text = text.replace(&sandbox.place.text(), "STORE");
    text = text.replace(&sandbox.home().display().to_string(), "HOME");
    for (pattern, by) in [
        (r"\b127\.0\.0\.1:[0-9]+", "ENDPOINT"),
        (r"\b(key|sec|lse|clm|mcl)_[0-9a-z]{26}", "${1}_X"),
        (r"\b(sks|foreign)_[0-9A-Za-z]{6,}(_[0-9A-Za-z]+)?", "${1}_X"),
        (r"\bskc_[0-9A-Za-z_-]{43}", "skc_X"),
        (r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z", "TIME"),
        (r"\beyJ[0-9A-Za-z_.-]+", "JWT"),
        (r"(^|[^0-9A-Za-z_-])[0-9A-Za-z_-]{43}([^0-9A-Za-z_-]|$)", "${1}KID${2}"),
        (r#""jti":"[0-9a-z]{26}""#, "JTI"),
        (r"\b[0-9a-f]{16}\b|\b[0-9a-f]{64}\b", "HEX"),
        (r"key-[0-9a-z]{8,16}\b", "key-X"),
        (r#""waited_ms":[0-9]+"#, "WAITED"),
        (r"\(in [0-9.]+ m?s\)|\b[0-9.]+ ?m?s\b", "SPAN"),
    ] {
        text = Regex::new(pattern).expect("a pattern").replace_all(&text, by).into_owned();
    }
    text
}

/// All that is said of the steps, and the audit log, on a new store. With `given_up`, each change's first attempt is.
fn run(place: Place, given_up: bool) -> (Vec<String>, BTreeSet<String>, usize) {
    let steps = Steps::new(place);
    let sandbox = &steps.sandbox;
    let log = sandbox.home().join("given-up");
    let mut said = Vec::new();
    for step in steps.all() {
        let mut typed = steps.prepare(step);
        steps.arm(step);
        if given_up {
            typed.variables.push(("KEYCTL_TEST_GIVEN_UP", log.display().to_string()));
        }
        let mut command = sandbox.command(&typed.words);
        command.envs(typed.variables);
        let ran = finish(command, typed.input.as_bytes());
        let line = format!("{}: {:?}\n{}{}", step.0, ran.code, ran.stdout, ran.stderr);
        said.push(masked(&line, sandbox));
    }
    let mut actions = BTreeSet::new();
    // The first record of the place to which it moved is there alone.
    let logs = [&["audit", "export"][..], &["audit", "export", "--store", "moved.db"]];
    let logs = logs.map(|words| sandbox.ok(words)).join("\n");
    for line in logs.lines().filter(|line| line.contains("\"action\"")) {
        let record: Value = serde_json::from_str(line).expect("a record");
        let body = record
            .get("body")
            .and_then(Value::as_str)
            .map_or(record.clone(), |body| serde_json::from_str(body).expect("a body"));
        actions.insert(body["action"].as_str().expect("an action").to_owned());
        said.push(masked(&body.to_string(), sandbox));
    }
    sandbox.ok(&["store", "check"]);
    let attempts = fs::read_to_string(&log).unwrap_or_default().lines().count();
    (said, actions, attempts)
}

fn compare(new_place: fn() -> Place) -> BTreeSet<String> {
    let (plain, actions, none) = run(new_place(), false);
    let (again, _, attempts) = run(new_place(), true);
    assert_eq!(none, 0);
    // A refusal is recorded by a change, too, and the two that change nothing and record nothing are two attempts as well.
    // A backup is no change, and what a restore changes is nobody else's before it takes its place.
    assert!(attempts >= STEPS.len() - 7, "{attempts} attempts were given up");
    for (plain, again) in plain.iter().zip(&again) {
        assert_eq!(plain, again);
    }
    assert_eq!(plain.len(), again.len());
    actions
}

/// What no command does, but people in the portal, and programs that they let in: `portal::attempts`,
/// `clients::attempts`.
const IN_THE_PORTAL: [&str; 8] = [
    "claim.redeem",
    "claim.take",
    "client.consent",
    "client.end",
    "client.redeem",
    "client.refresh",
    "session.begin",
    "session.end",
];

#[test]
fn a_change_whose_first_attempt_is_given_up_comes_out_the_same() {
    let mut actions = compare(Place::sqlite);
    actions.extend(compare(Place::postgres));
    let missing: Vec<&str> = Action::ALL
        .iter()
        .map(|action| action.as_str())
        .filter(|action| !actions.contains(*action) && !IN_THE_PORTAL.contains(action))
        .collect();
    assert_eq!(missing, Vec::<&str>::new(), "an action without a step");
}

both!(use_cases_that_are_one_change_are_committed_together, |place| {
    place.init();
    let mut env = place.env();
    let (key, done) = minted_and_revoked(&mut env, "alice");
    assert_eq!(done.expect("both"), 1);
    let key = env.store.key_by_id(key).expect("read").expect("a key");
    assert!(key.revoked_at.is_some());
    assert_eq!(
        place.sql("SELECT COUNT(*) FROM audit").expect("rows"),
        "4",
        "init, the owner, a mint and its end"
    );
});

both!(the_first_conflict_takes_the_whole_change_back, |place| {
    place.init();
    let mut env = place.env();
    owner::add(&mut env, &"alice".parse().expect("an owner"), None, false).expect("added");
    let head = env.store.head().expect("head");
    let (key, refused) = minted_and_revoked(&mut env, "alice");
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    assert_eq!(env.store.key_by_id(key).expect("read"), None);
    assert_eq!(view_states(&place), "");
    let now = env.store.head().expect("head");
    assert_eq!((now.mark.counter, now.audit_seq), (head.mark.counter, head.audit_seq + 1));
    let last = place.sql("SELECT body FROM audit ORDER BY seq DESC LIMIT 1").expect("the record");
    let record: Value = serde_json::from_str(&last).expect("JSON");
    assert_eq!((record["action"].as_str(), record["outcome"].as_str()), (Some("import"), Some("refused")));
});

/// A key that is minted and revoked by one change; then its owner is made, which is a conflict where it was there.
fn minted_and_revoked(env: &mut Env, name: &str) -> (keyctl::domain::id::KeyId, keyctl::ops::Result<usize>) {
    let prefix = env.store.head().expect("head").default_prefix;
    let fresh = mint::Fresh::draw(&prefix, &mut SystemRandom).expect("drawn");
    let (wanted, owner) = (request("of-another"), name.parse().expect("an owner"));
    let mut attempts = 0;
    let mut made = None;
    env.store.give_up_first_attempts(|| {});
    let done = env.change(Action::Import, |tx| {
        attempts += 1;
        let mut events = Vec::new();
        let minted = mint::mint_in(tx, &wanted, &fresh)?.record_in(&mut events);
        let id = minted.key.id;
        // What is drawn before is the same in each attempt, but for the time.
        made = Some(id);
        let ended = revoke::revoke_in(tx, &[KeyRef::Id(id)], None)?.record_in(&mut events);
        owner::add_in(tx, &owner, None, false)?.record_in(&mut events);
        Ok(Done { result: ended.keys.len(), events })
    });
    assert_eq!(attempts, if done.is_ok() { 2 } else { 1 }, "an attempt that fails is not run again");
    (made.expect("a key"), done)
}
