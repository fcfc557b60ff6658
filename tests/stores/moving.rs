//! `store copy` and `store reopen`: all of it, in one state, proven; gone on with after a kill; and moved so that never two places
//! let in and change.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::backups::{everything, filled, json as keyed_json, refused};
use crate::serve::process::{Server, eventually};
use crate::serve::raw::{get, one};
use crate::serve::serving::within_the_bound;
use crate::support::both;
use crate::support::chance::Chance;
use crate::support::cli::{Ran, Sandbox, finish};
use crate::support::library::filled_by_sql;
use crate::support::pooler::Pooler;
use crate::support::postgres::USER;
use crate::support::store::Place;

/// An empty place of the other kind.
fn other_kind(place: &Place) -> Place {
    if place.database.is_none() { Place::postgres() } else { Place::sqlite() }
}

/// A command of the same user on the store at another place.
fn at(sandbox: &Sandbox, place: &Place, args: &[&str]) -> Command {
    let mut command = sandbox.command(args);
    command.env("KEYCTL_STORE", place.text());
    command
}

fn run_at(sandbox: &Sandbox, place: &Place, args: &[&str]) -> Ran {
    finish(at(sandbox, place, args), b"")
}

fn verify_at(sandbox: &Sandbox, place: &Place, token: &str) -> (Option<i32>, String) {
    let ran = finish(at(sandbox, place, &["verify", "-o", "json"]), token.as_bytes());
    (ran.code, ran.stdout + &ran.stderr)
}

/// All rows of another place.
fn rows(place: Place) -> Vec<(String, String)> {
    everything(&Sandbox::empty(place))
}

/// The two shells write bytes in different forms.
fn in_one_form(all: Vec<(String, String)>) -> Vec<(String, Vec<String>)> {
    let lines = |rows: &str| {
        let mut lines: Vec<String> = rows.replace("\\x", "").lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let all = all.into_iter().filter(|(table, _)| table != "schema_migration");
    all.map(|(table, rows)| (table, lines(&rows))).collect()
}

fn seen_by_readers(place: &Place) -> String {
    place.sql("SELECT view_version FROM keyctl_store_v1").expect("the view")
}

both!(a_copy_has_all_rows_and_the_way_back_gives_the_same_store, |place| {
    let there = other_kind(&place);
    let (sandbox, [_, alice, _]) = filled(place);
    let before = everything(&sandbox);
    let copied = sandbox.json(&["store", "copy", "--to", &there.text()]);
    assert_eq!(copied["anchor"], sandbox.json(&["audit", "checkpoint"])["anchor"]);
    assert_eq!((&copied["resumed"], &copied["moved_at"]), (&false.into(), &Value::Null));
    assert_eq!(copied["rows"], copied["written"]);
    assert_eq!(verify_at(&sandbox, &there, &alice).0, Some(0));
    run_at(&sandbox, &there, &["audit", "verify"]).expect_code(0);
    run_at(&sandbox, &there, &["store", "check"]).expect_code(0);
    let back = if sandbox.place.database.is_none() { Place::sqlite() } else { Place::postgres() };
    let again =
        run_at(&sandbox, &there, &["store", "copy", "--to", &back.text(), "-o", "json"]).expect_code(0);
    let again: Value = serde_json::from_str(&again.stdout).expect("JSON");
    assert_eq!(again["tables"].as_array().map(Vec::len), copied["tables"].as_array().map(Vec::len));
    for (one, other) in
        copied["tables"].as_array().expect("tables").iter().zip(again["tables"].as_array().expect("tables"))
    {
        assert_eq!((&one["table"], &one["sha256"]), (&other["table"], &other["sha256"]));
    }
    let dump = |place: &Place| run_at(&sandbox, place, &["dump"]).expect_code(0).stdout;
    assert_eq!(dump(&sandbox.place), dump(&back));
    let backup = |sandbox: &Sandbox| {
        keyed_json(sandbox, &["store", "backup", "one.backup", "--overwrite"])["rows"].clone()
    };
    let rows_before = backup(&sandbox);
    let back = Sandbox::empty(back);
    assert_eq!(rows_before, backup(&back));
    assert_eq!(before, everything(&back));
});

both!(a_place_that_is_not_empty_is_refused, |place| {
    let taken = Sandbox::with_store(other_kind(&place));
    let sandbox = Sandbox::with_store(place);
    let before = everything(&taken);
    refused(sandbox.run(&["store", "copy", "--to", &taken.place.text()]), 4, "already");
    refused(
        sandbox.run(&["store", "copy", "--cut-over", "--yes", "--to", &taken.place.text()]),
        4,
        "already",
    );
    refused(sandbox.run(&["store", "copy", "--to", &sandbox.place.text()]), 2, "already");
    assert_eq!(before, everything(&taken));
    sandbox.ok(&["mint", "alice"]);
    // An unfinished copy of another store is nobody's to go on with.
    let empty = Place::sqlite();
    let killed = killed_copy(&sandbox, &empty, Duration::from_millis(1));
    if killed && empty.file().exists() {
        let ran = run_at(&taken, &taken.place, &["store", "copy", "--to", &empty.text()]);
        refused(ran, 4, "");
    }
});

/// Runs a copy and kills it after a while; whether it was still at work.
fn killed_copy(sandbox: &Sandbox, to: &Place, after: Duration) -> bool {
    let mut command = sandbox.command(&["store", "copy", "--to", &to.text()]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
    thread::sleep(after);
    let _ = child.kill();
    !child.wait().expect("ends").success()
}

both!(a_killed_copy_is_refused_by_everybody_and_gone_on_with, |place| {
    let there = other_kind(&place);
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "seed"]);
    filled_by_sql(&sandbox.place, 20_000);
    let token = sandbox.ok(&["mint", "alice", "--scope", "memories"]);
    let mut chance = Chance(u64::from(std::process::id()) | 0x5000);
    let mut kills = 0;
    for _ in 0..6 {
        if !killed_copy(&sandbox, &there, Duration::from_millis(30 + chance.below(400))) {
            break;
        }
        kills += 1;
        let (code, said) = verify_at(&sandbox, &there, &token);
        assert_eq!(code, Some(7), "{said}");
        assert!(!said.contains("unknown") && !said.contains("revoked"), "{said}");
        let list = run_at(&sandbox, &there, &["list"]);
        assert_eq!(list.code, Some(7), "{}", list.stderr);
        let mint = run_at(&sandbox, &there, &["mint", "bob"]);
        assert_eq!(mint.code, Some(7), "{}", mint.stderr);
    }
    // The source goes on meanwhile, so what is carried at last is another state.
    sandbox.ok(&["owner", "rename", "alice", "alicia"]);
    sandbox.ok(&["revoke", "alicia"]);
    if kills < 6 {
        // It came to its end before it was killed: then nothing is left to go on with.
        return;
    }
    let copied = sandbox.json(&["store", "copy", "--to", &there.text()]);
    assert!(copied["written"].as_u64() <= copied["rows"].as_u64());
    assert!(in_one_form(everything(&sandbox)) == in_one_form(rows(there)), "other rows");
});

both!(a_copy_is_of_one_moment_of_a_store_that_others_change, |place| {
    let there = other_kind(&place);
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "seed"]);
    filled_by_sql(&sandbox.place, 5_000);
    let mut copying = sandbox.command(&["store", "copy", "--to", &there.text()]).spawn().expect("starts");
    let mut changes = 0;
    while copying.try_wait().expect("a child").is_none() {
        sandbox.ok(&["mint", "beside", "--name", &format!("k{changes}")]);
        changes += 1;
    }
    assert!(copying.wait().expect("ends").success());
    assert!(changes > 0);
    run_at(&sandbox, &there, &["audit", "verify"]).expect_code(0);
    let counted =
        there.sql("SELECT COUNT(*) FROM audit WHERE body LIKE '%\"owner\":\"beside\"%'").expect("records");
    let keys = there.sql("SELECT COUNT(*) FROM key WHERE owner = 'beside'").expect("keys");
    assert_eq!(counted, keys, "a record without its key, or a key without its record");
});

both!(a_store_that_moved_lets_nobody_in_and_blames_no_client, |place| {
    let there = other_kind(&place);
    let (sandbox, [_, alice, bob]) = filled(place);
    refused(sandbox.run(&["store", "copy", "--cut-over", "--to", &there.text()]), 2, "--yes");
    sandbox.ok(&["store", "copy", "--cut-over", "--dry-run", "--to", &there.text()]);
    assert_eq!(seen_by_readers(&sandbox.place), "1");
    let cut = ["store", "copy", "--cut-over", "--yes", "--to", &there.text()];
    let moved = sandbox.json(&cut);
    assert!(moved["moved_at"].is_string(), "{moved}");
    // The old place: no reader knows the version of its views, and every change says where the store is.
    assert_eq!(seen_by_readers(&sandbox.place), "0");
    for (args, input) in [
        (&["verify"][..], alice.as_str()),
        (&["can", "bob/default", "chat"], ""),
        (&["mint", "eve"], ""),
        (&["revoke", "carol"], ""),
        (&["store", "set", "audience", "x"], ""),
    ] {
        let ran = refused(sandbox.feed(args, input), 7, "has moved to");
        assert!(
            !ran.stderr.contains("revoked")
                && ran.stderr.contains(there.text().rsplit('@').next().expect("a place"))
        );
        assert!(!ran.stderr.contains(crate::support::postgres::PASSWORD), "{}", ran.stderr);
    }
    let status = sandbox.json(&["store", "status"]);
    assert_eq!((&status["moved_to"], status["moved_at"].is_string()), (&moved["to"], true));
    let check = sandbox.run(&["store", "check"]).expect_code(0);
    assert!(check.stderr.contains("has moved to"), "{}", check.stderr);
    // So does a program that was started before and knows of no moves: every change writes these.
    for write in ["UPDATE head SET mark_nonce = '0'", "UPDATE head SET audit_seq = audit_seq + 1"] {
        let error = sandbox.place.sql(write).expect_err("refused");
        assert!(error.to_lowercase().contains("check constraint"), "{error}");
    }
    // The new one goes on, and its log says from where.
    assert_eq!(verify_at(&sandbox, &there, &alice).0, Some(0));
    run_at(&sandbox, &there, &["revoke", "carol"]).expect_code(0);
    assert_eq!(verify_at(&sandbox, &there, &bob).0, Some(5));
    run_at(&sandbox, &there, &["store", "check"]).expect_code(0);
    let log = run_at(&sandbox, &there, &["audit", "list", "--action", "store", "-o", "json"]).expect_code(0);
    for action in ["store.move", "store.open"] {
        assert!(log.stdout.contains(action), "{}", log.stdout);
    }
    // Run again, it has nothing to do.
    let again = sandbox.json(&cut);
    assert_eq!((&again["moved_at"], &again["written"]), (&moved["moved_at"], &0.into()));
    refused(sandbox.run(&["store", "copy", "--to", &Place::sqlite().text()]), 7, "has moved to");
    refused(
        sandbox.run(&["store", "copy", "--cut-over", "--yes", "--to", &Place::sqlite().text()]),
        4,
        "not to",
    );
});

both!(a_move_that_is_killed_at_any_moment_never_leaves_two_that_change, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "seed"]);
    filled_by_sql(&sandbox.place, 3_000);
    let token = sandbox.ok(&["mint", "alice", "--scope", "memories"]);
    let there = other_kind(&sandbox.place);
    let cut = ["store", "copy", "--cut-over", "--yes", "--to", &there.text()];
    let mut chance = Chance(u64::from(std::process::id()) | 0x7000);
    let mut ended = false;
    for number in 0..12 {
        let mut child =
            sandbox.command(&cut).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
        thread::sleep(Duration::from_millis(50 + chance.below(900)));
        let _ = child.kill();
        ended = child.wait().expect("ends").success();
        let lets_in = |place: &Place| verify_at(&sandbox, place, &token).0 == Some(0);
        let changes = |place: &Place| {
            run_at(&sandbox, place, &["owner", "add", &format!("o{number}"), "--dry-run"]).code == Some(0)
        };
        let both = [&sandbox.place, &there].map(|place| (lets_in(place), changes(place)));
        assert!(!(both[0].0 && both[1].0), "both let in: {both:?}");
        assert!(!(both[0].1 && both[1].1), "both change: {both:?}");
        if ended {
            break;
        }
    }
    if !ended {
        sandbox.ok(&cut);
    }
    assert_eq!(verify_at(&sandbox, &there, &token).0, Some(0));
    assert_eq!(seen_by_readers(&sandbox.place), "0");
    run_at(&sandbox, &there, &["audit", "verify"]).expect_code(0);
});

both!(a_move_is_taken_back_where_nothing_was_changed_since, |place| {
    let there = other_kind(&place);
    let (sandbox, [_, alice, bob]) = filled(place);
    refused(sandbox.run(&["store", "reopen", "--yes"]), 4, "has not moved");
    let cut = ["store", "copy", "--cut-over", "--yes", "--to", &there.text()];
    sandbox.ok(&cut);
    refused(sandbox.run(&["store", "reopen"]), 2, "--yes");
    sandbox.ok(&["store", "reopen", "--dry-run"]);
    assert_eq!(seen_by_readers(&sandbox.place), "0");
    sandbox.ok(&["store", "reopen", "--yes", "--reason", "tried"]);
    assert_eq!((seen_by_readers(&sandbox.place), seen_by_readers(&there)), ("1".to_owned(), "0".to_owned()));
    assert_eq!(sandbox.verify(&alice, &[]).0, Some(0));
    assert_eq!(verify_at(&sandbox, &there, &alice).0, Some(7));
    sandbox.ok(&["store", "check"]);
    // Another move, after which somebody is revoked: the way back would let them in again.
    let there = other_kind(&sandbox.place);
    sandbox.ok(&["store", "copy", "--cut-over", "--yes", "--to", &there.text()]);
    run_at(&sandbox, &there, &["revoke", "carol"]).expect_code(0);
    refused(sandbox.run(&["store", "reopen", "--yes"]), 4, "was changed since");
    assert_eq!(verify_at(&sandbox, &there, &alice).0, Some(0));
    sandbox.ok(&["store", "reopen", "--yes", "--abandon"]);
    assert_eq!(sandbox.verify(&bob, &[]).0, Some(0), "what was revoked there is lost, as was said");
    assert_eq!(verify_at(&sandbox, &there, &alice).0, Some(7));
});

both!(a_closed_store_becomes_no_second_one_where_the_new_place_is_not_found, |place| {
    let there = Place::sqlite();
    let (sandbox, _) = filled(place);
    let cut = ["store", "copy", "--cut-over", "--yes", "--to", &there.text()];
    sandbox.ok(&cut);
    run_at(&sandbox, &there, &["revoke", "carol"]).expect_code(0);
    // As a volume that is not mounted.
    let away = there.folder.path().join("away");
    std::fs::rename(there.file(), &away).expect("moved away");
    refused(sandbox.run(&cut), 4, "nothing is there now");
    refused(sandbox.run(&["store", "reopen", "--yes"]), 4, "cannot be looked at");
    assert!(!there.file().exists());
    std::fs::rename(&away, there.file()).expect("moved back");
    sandbox.ok(&cut);
});

both!(a_new_place_is_compared_by_its_log_and_not_by_numbers, |place| {
    let there = other_kind(&place);
    let (sandbox, _) = filled(place);
    sandbox.ok(&["store", "backup", "--no-encrypt", "before.backup"]);
    sandbox.ok(&["store", "copy", "--cut-over", "--yes", "--to", &there.text()]);
    // A state of before comes back there, and as many records as the move would have made.
    let restore = ["store", "restore", "before.backup", "--accept-rollback", "--yes"];
    run_at(&sandbox, &there, &restore).expect_code(0);
    run_at(&sandbox, &there, &["revoke", "carol"]).expect_code(0);
    refused(sandbox.run(&["store", "reopen", "--yes"]), 4, "was changed since");
});

#[test]
fn a_store_is_moved_through_a_pooler_that_shares_its_connections() {
    let pooler = Pooler::start("transaction", &[], &[]);
    let (sandbox, [_, alice, _]) = filled(Place::sqlite());
    let there = Place::postgres();
    let address = pooler.address(USER, there.database.as_deref().expect("a database"));
    sandbox.ok(&["store", "copy", "--cut-over", "--yes", "--to", &address]);
    assert_eq!(verify_at(&sandbox, &there, &alice).0, Some(0));
    let back = Place::sqlite();
    let mut command = sandbox.command(&["store", "copy", "--to", &back.text()]);
    command.env("KEYCTL_STORE", &address);
    finish(command, b"").expect_code(0);
    assert_eq!(verify_at(&sandbox, &back, &alice).0, Some(0));
}

/// The unchanged client in Python.
fn python(place: &Place, token: &str) -> String {
    let clients = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("clients/python/src");
    let script = "import sys\nfrom keyctl_runtime import Reader\nfrom keyctl_runtime.errors import StoreUnavailable\n\
        try:\n    with Reader.open(sys.argv[1]) as reader:\n        print(bool(reader.verify(sys.argv[2])))\n\
        except StoreUnavailable as error:\n    print(error.reason)\n";
    let mut command = Command::new("python3");
    command.env("PYTHONPATH", clients).env("PYTHONDONTWRITEBYTECODE", "1").args([
        "-c",
        script,
        &place.text(),
        token,
    ]);
    let ran = command.output().expect("Python");
    String::from_utf8_lossy(&ran.stdout).trim().to_owned() + String::from_utf8_lossy(&ran.stderr).trim()
}

#[test]
fn a_released_reader_says_that_the_store_cannot_be_had() {
    let (sandbox, [_, _, alice]) = filled(Place::sqlite());
    assert_eq!(python(&sandbox.place, &alice), "True");
    let there = Place::sqlite();
    sandbox.ok(&["store", "copy", "--cut-over", "--yes", "--to", &there.text()]);
    assert_eq!(python(&sandbox.place, &alice), "view_version");
    assert_eq!(python(&there, &alice), "True");
}

fn asked(server: &Server, token: &str) -> u16 {
    one(server.address, &get("/auth/caddy/memories", &format!("Authorization: Bearer {token}\r\n"))).status
}

both!(a_server_on_the_old_place_says_within_the_bound_that_the_store_cannot_be_had, |place| {
    let sandbox = Sandbox::with_store(place);
    let [used, unused] = ["alice", "bob"].map(|owner| sandbox.ok(&["mint", owner, "--scope", "memories"]));
    let server = Server::plain(&sandbox);
    assert_eq!(asked(&server, &used), 200);
    let uses = || sandbox.place.sql("SELECT count(*) FROM token_use").expect("a number");
    eventually("its use is recorded", || uses() == "1");
    // On its way it goes on to answer, and records nothing any more.
    let on_its_way = "UPDATE head SET moved_to = 'elsewhere', moved_mark = mark_nonce || ' ' || audit_seq";
    sandbox.place.sql(on_its_way).expect("frozen");
    assert_eq!(asked(&server, &unused), 200);
    eventually("it is told", || server.log().contains("moved to elsewhere"));
    assert_eq!(uses(), "1");
    sandbox.ok(&["store", "reopen", "--yes"]);
    let there = other_kind(&sandbox.place);
    sandbox.ok(&["store", "copy", "--cut-over", "--yes", "--to", &there.text()]);
    within_the_bound("unavailable", || {
        let status = asked(&server, &used);
        assert!(status == 200 || status == 503, "{status}");
        status == 503
    });
    assert_eq!((asked(&server, &unused), asked(&server, "unknown-token-of-nobody")), (503, 503));
    server.is_well();
});
