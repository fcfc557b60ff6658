//! A manifest's way into a store, on both databases.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{TEAM, allowed, apply, config, declare, read, reason, team};
use crate::support::cli::{Sandbox, finish};
use crate::support::store::Place;
use crate::support::{both, postgres};

both!(a_manifest_is_applied_once_and_then_there_is_nothing_to_do, |place| {
    let sandbox = Sandbox::with_store(place);
    declare(&sandbox, TEAM);
    let plan = sandbox.run(&["plan", "-f", "keys.yaml", "--exit-code", "-o", "json"]).expect_code(10);
    let plan: Value = serde_json::from_str(&plan.stdout).expect("JSON");
    assert_eq!(plan["counts"], json!({ "create": 4 }), "{plan}");
    assert_eq!(sandbox.json(&["list"]), json!([]), "a plan changes nothing");
    let done = sandbox.json(&["apply", "-f", "keys.yaml", "--yes"]);
    assert_eq!(
        (&done["counts"], &done["delivered"], &done["failed"]),
        (&json!({ "create": 4 }), &json!(2), &json!([]))
    );
    let (alice, bob) = (read(&sandbox, "tokens/alice"), read(&sandbox, "tokens/bob"));
    assert_eq!(read(&sandbox, "app.env"), format!("ALICE_KEY={alice}"));
    let mode = fs::metadata(sandbox.home().join("tokens/alice")).expect("file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let (code, verdict) = sandbox.verify(&alice, &["--scope", "memories:read"]);
    assert_eq!((code, &verdict["principal"]), (Some(0), &json!("auth0|alice")), "{verdict}");
    let key = sandbox.json(&["show", "alice/default"]);
    assert_eq!(key["rate"], json!({ "limit": 600, "per_seconds": 60 }), "{key}");
    assert_eq!(
        (&key["labels"], &key["roles"], &key["pending_tokens"]),
        (&json!({ "team": "search" }), &json!(["reader"]), &json!([]))
    );
    assert_eq!(key["token"]["prefix"], json!(alice[..16].to_owned()));
    sandbox.run(&["plan", "-f", "keys.yaml", "--exit-code"]).expect_code(0);
    let again = sandbox.json(&["apply", "-f", "keys.yaml", "--yes"]);
    assert_eq!((&again["counts"], &again["delivered"]), (&json!({}), &json!(0)));
    assert_eq!((read(&sandbox, "tokens/alice"), read(&sandbox, "tokens/bob")), (alice, bob));
    sandbox.ok(&["store", "check"]);
    sandbox.ok(&["audit", "verify"]);
});

both!(what_the_manifest_says_otherwise_is_changed_and_nothing_else, |place| {
    let sandbox = team(place);
    let token = read(&sandbox, "tokens/alice");
    let changed = TEAM
        .replace("600/m", "10/s")
        .replace("team: search", "tier: gold")
        .replace("scopes: [memories]", "scopes: [memories, graph]")
        .replace("[memories:read]", "[memories:read, memories:list]");
    declare(&sandbox, &changed);
    let plan = sandbox.json(&["plan", "-f", "keys.yaml"]);
    let objects: Vec<&str> = plan["changes"]
        .as_array()
        .expect("changes")
        .iter()
        .map(|one| one["object"].as_str().unwrap())
        .collect();
    assert_eq!(objects, ["role", "key"], "{plan}");
    assert_eq!(plan["changes"][1]["changes"]["rate"], json!(["600/m", "10/s"]), "{plan}");
    apply(&sandbox);
    let key = sandbox.json(&["show", "alice/default"]);
    assert_eq!(
        (&key["labels"], &key["scopes"]),
        (&json!({ "tier": "gold" }), &json!(["graph", "memories"])),
        "{key}"
    );
    assert!(key["effective_scopes"].as_array().expect("scopes").contains(&json!("memories:list")), "{key}");
    assert_eq!(read(&sandbox, "tokens/alice"), token, "its token is nothing to that");
    // What was given by hand is taken away.
    sandbox.ok(&["edit", "alice/default", "--label", "odd=1", "--quota", "5/day"]);
    let plan = sandbox.json(&["plan", "-f", "keys.yaml"]);
    assert_eq!(plan["changes"][0]["changes"]["quota"], json!(["5/day", null]), "{plan}");
    apply(&sandbox);
    assert_eq!(sandbox.json(&["show", "alice/default"])["quota"], Value::Null);
    sandbox.ok(&["store", "check"]);
});

both!(an_old_token_is_replaced_and_works_for_its_grace, |place| {
    let sandbox = team(place);
    let old = read(&sandbox, "tokens/alice");
    sandbox.place.sql("UPDATE token SET created_at = created_at - 5184000000").expect("sixty days pass");
    let plan = sandbox.json(&["plan", "-f", "keys.yaml"]);
    assert_eq!(plan["counts"], json!({ "rotate": 1 }), "bob has no policy: {plan}");
    apply(&sandbox);
    let new = read(&sandbox, "tokens/alice");
    assert!(new != old && allowed(&sandbox, &new) && allowed(&sandbox, &old));
    let key = sandbox.json(&["show", "alice/default"]);
    assert_eq!(key["previous_token"]["prefix"], json!(old[..16].to_owned()), "{key}");
    let days = |text: &Value| text.as_str().expect("a time")[..10].to_owned();
    assert_ne!(
        days(&key["previous_token"]["expires_at"]),
        days(&key["token"]["created_at"]),
        "seven days of grace"
    );
    let shown = sandbox.ok(&["list", "-o", "table"]);
    assert!(shown.contains("active (grace)"), "{shown}");
    sandbox.run(&["plan", "-f", "keys.yaml", "--exit-code"]).expect_code(0);
});

const FAILING: &str = "manifest: team\nkeys:\n  alice/ci:\n    scopes: [a]\n    sinks: [{file: tokens/alice}, {command: put}]\n";

/// A command that keeps the token it gets, and ends as it is told.
fn put(sandbox: &Sandbox, then: &str) {
    let script = sandbox.home().join("put.sh");
    fs::write(&script, format!("#!/bin/sh\ncat > got\n{then}\n")).expect("writes");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o700)).expect("may run");
    config(sandbox, &format!("[sinks]\nput = [\"{}\"]\n", script.display()));
}

both!(a_delivery_that_fails_leaves_both_tokens_working_until_the_next_one, |place| {
    let sandbox = Sandbox::with_store(place);
    declare(&sandbox, FAILING);
    put(&sandbox, "exit 3");
    let ran = sandbox.run(&["apply", "-f", "keys.yaml", "--yes"]).expect_code(9);
    assert!(
        ran.stderr.contains("key alice/ci, command:put: ") && ran.stderr.contains("run it again"),
        "{}",
        ran.stderr
    );
    let first = read(&sandbox, "tokens/alice");
    assert_eq!(read(&sandbox, "got"), first, "it got what the file got");
    assert!(allowed(&sandbox, &first), "what a sink holds works");
    let key = sandbox.json(&["show", "alice/ci"]);
    assert_eq!(
        (&key["token"], key["pending_tokens"].as_array().map(Vec::len)),
        (&Value::Null, Some(1)),
        "{key}"
    );
    assert!(sandbox.ok(&["list", "-o", "table"]).contains("active (pending)"));
    sandbox.ok(&["store", "check"]);

    put(&sandbox, "exit 0");
    apply(&sandbox);
    let second = read(&sandbox, "tokens/alice");
    assert_eq!(read(&sandbox, "got"), second);
    assert!(
        allowed(&sandbox, &second) && reason(&sandbox, &first) == "expired",
        "the one that was not delivered has ended"
    );
    let key = sandbox.json(&["show", "alice/ci"]);
    assert_eq!(
        (&key["token"]["prefix"], &key["pending_tokens"]),
        (&json!(second[..16].to_owned()), &json!([])),
        "{key}"
    );

    // The same with a key that has a token already: that goes on.
    let with_env = FAILING.replace("{command: put}", "{dotenv: {path: app.env, name: KEY}}, {command: put}");
    declare(&sandbox, &with_env);
    put(&sandbox, "exit 3");
    sandbox.run(&["apply", "-f", "keys.yaml", "--yes"]).expect_code(9);
    let third = read(&sandbox, "tokens/alice");
    assert!(third != second && allowed(&sandbox, &third) && allowed(&sandbox, &second));
    put(&sandbox, "exit 0");
    apply(&sandbox);
    let fourth = read(&sandbox, "tokens/alice");
    assert!(allowed(&sandbox, &fourth) && allowed(&sandbox, &second), "in its grace");
    assert_eq!(reason(&sandbox, &third), "expired");
    sandbox.ok(&["store", "check"]);
});

both!(a_pending_token_ends_with_its_key_and_with_a_rotation_for_a_leak, |place| {
    let sandbox = Sandbox::with_store(place);
    declare(&sandbox, FAILING);
    put(&sandbox, "exit 3");
    sandbox.run(&["apply", "-f", "keys.yaml", "--yes"]).expect_code(9);
    let first = read(&sandbox, "tokens/alice");
    let current = sandbox.ok(&["rotate", "alice/ci"]);
    assert!(allowed(&sandbox, &current) && allowed(&sandbox, &first), "with a grace it goes on");
    let current = sandbox.ok(&["rotate", "alice/ci", "--grace", "0"]);
    assert!(allowed(&sandbox, &current));
    assert_eq!(reason(&sandbox, &first), "expired", "one of them leaked, and nobody knows which");
    sandbox.run(&["apply", "-f", "keys.yaml", "--yes"]).expect_code(9);
    let second = read(&sandbox, "tokens/alice");
    assert!(allowed(&sandbox, &second));
    sandbox.ok(&["revoke", "alice/ci"]);
    assert_eq!(reason(&sandbox, &second), "revoked");
    sandbox.ok(&["store", "check"]);
});

both!(who_fails_again_and_again_makes_no_more_than_ten, |place| {
    let sandbox = Sandbox::with_store(place);
    declare(&sandbox, FAILING);
    put(&sandbox, "exit 3");
    for _ in 0..10 {
        sandbox.run(&["apply", "-f", "keys.yaml", "--yes"]).expect_code(9);
    }
    let ran = sandbox.run(&["apply", "-f", "keys.yaml", "--yes"]).expect_code(0);
    assert!(ran.stderr.contains("key alice/ci is left as it is: 10 tokens of it"), "{}", ran.stderr);
    assert!(ran.stderr.contains("--grace 0"), "{}", ran.stderr);
    put(&sandbox, "exit 0");
    sandbox.ok(&["rotate", "alice/ci", "--grace", "0"]);
    apply(&sandbox);
    assert!(allowed(&sandbox, &read(&sandbox, "tokens/alice")));
    sandbox.ok(&["store", "check"]);
});

both!(who_is_killed_while_delivering_leaves_tokens_that_work, |place| {
    let sandbox = Sandbox::with_store(place);
    declare(&sandbox, FAILING);
    put(&sandbox, "exit 0");
    apply(&sandbox);
    let old = read(&sandbox, "tokens/alice");
    sandbox.place.sql("DELETE FROM delivered").expect("as if a sink were new");
    for round in 0..3 {
        put(&sandbox, "sleep 60");
        // Whoever was killed held the manifest, and is waited for.
        sandbox.place.sql("UPDATE manifest_hold SET ends_at = 0").expect("a minute passes");
        fs::remove_file(sandbox.home().join("got")).expect("the last one");
        let mut running = sandbox.command(&["apply", "-f", "keys.yaml", "--yes"]);
        let mut running = running.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
        let begun = Instant::now();
        while !sandbox.home().join("got").metadata().is_ok_and(|found| found.len() > 60) {
            assert!(begun.elapsed() < Duration::from_secs(60), "the command got a token");
            std::thread::sleep(Duration::from_millis(20));
        }
        running.kill().expect("SIGKILL");
        running.wait().expect("gone");
        let got = read(&sandbox, "got");
        assert!(allowed(&sandbox, &got) && allowed(&sandbox, &old), "round {round}: both work");
        assert_eq!(read(&sandbox, "tokens/alice"), got);
    }
    put(&sandbox, "exit 0");
    sandbox.place.sql("UPDATE manifest_hold SET ends_at = 0").expect("a minute passes");
    apply(&sandbox);
    let new = read(&sandbox, "tokens/alice");
    assert!(allowed(&sandbox, &new) && allowed(&sandbox, &old), "the old one is in its grace");
    let key = sandbox.json(&["show", "alice/ci"]);
    assert_eq!(key["pending_tokens"], json!([]), "{key}");
    sandbox.ok(&["store", "check"]);
});

both!(of_two_pipelines_one_waits_and_finds_nothing_to_do, |place| {
    let sandbox = Sandbox::with_store(place);
    declare(&sandbox, FAILING);
    put(&sandbox, "sleep 2");
    let start = || {
        let mut command = sandbox.command(&["apply", "-f", "keys.yaml", "--yes", "-o", "json"]);
        command.stderr(Stdio::piped()).spawn().expect("starts")
    };
    let both: Vec<_> =
        [start(), start()].into_iter().map(|child| child.wait_with_output().expect("ends")).collect();
    let mut delivered: Vec<Value> = both
        .iter()
        .map(|ran| {
            assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
            let done: Value = serde_json::from_slice(&ran.stdout).expect("JSON");
            done["delivered"].clone()
        })
        .collect();
    delivered.sort_by_key(Value::to_string);
    assert_eq!(delivered, [json!(0), json!(1)]);
    assert!(both.iter().any(|ran| String::from_utf8_lossy(&ran.stderr).contains("waiting")));
    assert!(allowed(&sandbox, &read(&sandbox, "tokens/alice")));
    sandbox.place.sql("UPDATE manifest_hold SET ends_at = 0").expect("nobody holds it");
    sandbox
        .place
        .sql("INSERT INTO manifest_hold VALUES ('team', 'somebody', 99999999999999)")
        .expect("somebody holds it");
    let ran = sandbox.run(&["apply", "-f", "keys.yaml", "--yes", "--wait", "1s"]).expect_code(6);
    assert!(ran.stderr.contains("somebody else applies the manifest team"), "{}", ran.stderr);
});

both!(hundreds_of_keys_are_made_in_several_transactions, |place| {
    let sandbox = Sandbox::with_store(place);
    let mut text = "manifest: many\nkeys:\n".to_owned();
    for n in 0..620 {
        text += &format!("  u{n}/k: {{scopes: [a], sinks: [{{file: tokens/u{n}}}]}}\n");
    }
    declare(&sandbox, &text);
    let done = sandbox.json(&["apply", "-f", "keys.yaml", "--yes"]);
    assert_eq!((&done["counts"], &done["delivered"]), (&json!({ "create": 620 }), &json!(620)));
    let applied = sandbox.json(&["audit", "list", "--action", "apply", "--limit", "0"]);
    assert_eq!(applied.as_array().map(Vec::len), Some(2), "{applied}");
    for n in [0, 499, 500, 619] {
        assert!(allowed(&sandbox, &read(&sandbox, &format!("tokens/u{n}"))), "{n}");
    }
    sandbox.run(&["plan", "-f", "keys.yaml", "--exit-code"]).expect_code(0);
    sandbox.ok(&["store", "check"]);
});

#[test]
fn a_terminal_is_asked_and_a_pipe_must_say_yes() {
    let sandbox = Sandbox::with_store(crate::support::store::Place::sqlite());
    declare(&sandbox, TEAM);
    let ran = sandbox.run(&["apply", "-f", "keys.yaml"]).expect_code(2);
    assert!(
        ran.stderr.contains("apply 4 changes of the manifest team-a?") && ran.stderr.contains("--yes"),
        "{}",
        ran.stderr
    );
    assert_eq!(sandbox.json(&["list"]), json!([]));
    let dry = sandbox.run(&["apply", "-f", "keys.yaml", "--dry-run"]).expect_code(0);
    assert!(dry.stderr.contains("dry run: would make 4 changes; nothing was changed"), "{}", dry.stderr);
    assert_eq!(sandbox.json(&["list"]), json!([]));
    assert!(!sandbox.home().join("app.env").exists(), "nothing was delivered");
    let by_stdin = finish(sandbox.command(&["apply", "-f", "-", "--yes"]), TEAM.as_bytes());
    by_stdin.expect_code(0);
    assert!(allowed(&sandbox, &read(&sandbox, "tokens/alice")));
}

both!(who_is_overtaken_while_delivering_does_not_leave_its_token_for_good, |place| {
    let sandbox = Sandbox::with_store(place);
    declare(&sandbox, FAILING);
    put(&sandbox, "exit 0");
    apply(&sandbox);
    sandbox.place.sql("DELETE FROM delivered").expect("as if a sink were new");
    // Another token is given by hand while the new one is on its way: that was meant, and its grace holds.
    let before = read(&sandbox, "tokens/alice");
    let waits = |begun: &Instant| {
        while !sandbox.home().join("got").metadata().is_ok_and(|found| found.len() > 60) {
            assert!(begun.elapsed() < Duration::from_secs(60), "the command got a token");
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    fs::remove_file(sandbox.home().join("got")).expect("the last one");
    put(&sandbox, "sleep 4");
    let running = sandbox.command(&["apply", "-f", "keys.yaml", "--yes"]).spawn().expect("starts");
    waits(&Instant::now());
    let by_hand = sandbox.ok(&["rotate", "alice/ci", "--grace", "7d"]);
    let ended = running.wait_with_output().expect("ends");
    assert_eq!(ended.status.code(), Some(9), "{}", String::from_utf8_lossy(&ended.stderr));
    let late = read(&sandbox, "tokens/alice");
    assert!(allowed(&sandbox, &before) && allowed(&sandbox, &by_hand) && allowed(&sandbox, &late));
    put(&sandbox, "exit 0");
    apply(&sandbox);
    let new = read(&sandbox, "tokens/alice");
    assert!(new != late && allowed(&sandbox, &new) && reason(&sandbox, &late) == "expired");
    // Renamed while it is delivered: the key is the same one.
    sandbox.place.sql("DELETE FROM delivered").expect("as if a sink were new");
    fs::remove_file(sandbox.home().join("got")).expect("the last one");
    put(&sandbox, "sleep 4");
    let running = sandbox.command(&["apply", "-f", "keys.yaml", "--yes"]).spawn().expect("starts");
    waits(&Instant::now());
    sandbox.ok(&["edit", "alice/ci", "--name", "moved"]);
    assert!(running.wait_with_output().expect("ends").status.success());
    assert!(allowed(&sandbox, &read(&sandbox, "tokens/alice")));
    sandbox.ok(&["store", "check"]);
});

/// The file's first token is delivered, and the command of the sink goes on with it.
fn until_it_is_delivered(sandbox: &Sandbox) {
    let begun = Instant::now();
    while !sandbox.home().join("got").metadata().is_ok_and(|found| found.len() > 60) {
        assert!(begun.elapsed() < Duration::from_secs(60), "the command got a token");
        std::thread::sleep(Duration::from_millis(20));
    }
}

both!(what_somebody_changed_between_a_mint_and_its_confirmation_stays_changed, |place| {
    let sandbox = Sandbox::with_store(place);
    let more = "  bob/ci: {scopes: [a], sinks: [{file: tokens/bob}]}\n  carol/ci: {scopes: [a], sinks: [{file: tokens/carol}]}\n";
    declare(&sandbox, &format!("{FAILING}{more}"));
    put(&sandbox, "while ! [ -e go ]; do sleep 0.1; done");
    let mut running = sandbox.command(&["apply", "-f", "keys.yaml", "--yes"]);
    let running = running.stderr(Stdio::piped()).spawn().expect("starts");
    until_it_is_delivered(&sandbox);
    // All three were minted by one transaction, and none is confirmed.
    assert_eq!(sandbox.json(&["show", "bob/ci"])["token"], Value::Null);
    sandbox.ok(&["edit", "alice/ci", "--rate", "5/m", "--label", "by=hand"]);
    sandbox.ok(&["suspend", "bob/ci"]);
    sandbox.ok(&["revoke", "carol/ci"]);
    fs::write(sandbox.home().join("go"), "").expect("it goes on");
    let ended = running.wait_with_output().expect("ends");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(9), "{said}");
    assert!(said.contains("key carol/ci") && !said.contains("key bob/ci"), "{said}");
    let alice = sandbox.json(&["show", "alice/ci"]);
    assert_eq!((&alice["rate"]["limit"], &alice["labels"]), (&json!(5), &json!({ "by": "hand" })), "{alice}");
    let token = read(&sandbox, "tokens/alice");
    assert_eq!(alice["token"]["prefix"], json!(token[..16].to_owned()), "{alice}");
    assert!(allowed(&sandbox, &token));
    let bob = read(&sandbox, "tokens/bob");
    assert_eq!(reason(&sandbox, &bob), "suspended");
    sandbox.ok(&["resume", "bob/ci"]);
    assert!(allowed(&sandbox, &bob), "{}", sandbox.json(&["show", "bob/ci"]));
    assert_eq!(reason(&sandbox, &read(&sandbox, "tokens/carol")), "revoked");
    sandbox.ok(&["store", "check"]);
    sandbox.ok(&["audit", "verify"]);
});

#[test]
fn on_postgresql_rows_of_many_keys_are_written_by_few_statements() {
    const KEYS: usize = 500;
    let sandbox = Sandbox::with_store(Place::postgres());
    let mut text = "manifest: many\nkeys:\n".to_owned();
    for n in 0..KEYS {
        text +=
            &format!("  u{n}/k: {{scopes: [a], labels: {{team: search}}, sinks: [{{file: tokens/u{n}}}]}}\n");
    }
    declare(&sandbox, &text);
    apply(&sandbox);
    let server = postgres::server();
    let log = fs::read_to_string(server.folder.join("log")).expect("the server's log").replace("\n\t", " ");
    let of_this_database = format!("[{}] ", sandbox.place.database.as_deref().expect("a database"));
    for table in ["owner", "key", "token", "key_label", "provisioned", "delivered", "audit"]
        .map(|name| format!("keyctl.{name} "))
    {
        let rows: Vec<usize> = (log.lines())
            .filter(|line| line.starts_with(&of_this_database) && line.contains("execute"))
            .filter_map(|line| line.split_once(&format!("INSERT INTO {table}")))
            .map(|(_, values)| values.matches("), (").count() + 1)
            .collect();
        // What is left of fifty, before and behind a row of another table, is written one by one.
        let together: usize = rows.iter().filter(|rows| **rows >= 50).sum();
        assert!(together >= KEYS - 50, "{table}: {rows:?}");
    }
}

both!(keys_with_bindings_are_made_in_several_transactions, |place| {
    let sandbox = Sandbox::with_store(place);
    crate::secrets::keyed(&sandbox, &["secret", "set", "anthropic", "main"], "sk-planted-first\n");
    let mut text = "manifest: many\nkeys:\n".to_owned();
    for n in 0..300 {
        text += &format!(
            "  o/k{n}: {{scopes: [a], bind: {{anthropic: main}}, sinks: [{{file: tokens/k{n}}}]}}\n"
        );
    }
    declare(&sandbox, &text);
    let done = sandbox.json(&["apply", "-f", "keys.yaml", "--yes"]);
    assert_eq!((&done["counts"], &done["delivered"]), (&json!({ "create": 300, "bind": 300 }), &json!(300)));
    sandbox.run(&["plan", "-f", "keys.yaml", "--exit-code"]).expect_code(0);
});

#[test]
fn the_default_store_is_held_as_soon_as_it_is_there() {
    let sandbox = Sandbox::empty(crate::support::store::Place::sqlite());
    declare(&sandbox, FAILING);
    put(&sandbox, "sleep 4");
    let start = || {
        let mut command = sandbox.command(&["apply", "-f", "keys.yaml", "--yes"]);
        command.env_remove("KEYCTL_STORE").spawn().expect("starts")
    };
    let first = start();
    std::thread::sleep(Duration::from_millis(2000));
    let second = start();
    for one in [first, second] {
        let ended = one.wait_with_output().expect("ends");
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    }
    let mut verify = sandbox.command(&["verify"]);
    verify.env_remove("KEYCTL_STORE");
    finish(verify, read(&sandbox, "got").as_bytes()).expect_code(0);
}
