//! A store that went back behind what this user saw of it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::both;
use crate::support::cli::{Ran, Sandbox, finish};
use crate::support::pair::Pair;
use crate::support::store::Place;

/// What is remembered: one file.
fn memory(sandbox: &Sandbox) -> PathBuf {
    let folder = sandbox.state.path().join("keyctl/seen");
    let mut found: Vec<_> =
        fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("entry").path()).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// The state of the store, to be put back later.
enum Kept {
    Files(tempfile::TempDir),
    /// A database beside it.
    Database(String),
}

fn keep(place: &Place) -> Kept {
    match &place.database {
        None => {
            let folder = tempfile::tempdir().expect("folder");
            copy(&place.file(), &folder.path().join("keys.db"));
            Kept::Files(folder)
        }
        Some(name) => {
            let copy = format!("{name}_kept");
            let sql = format!("CREATE DATABASE {copy} TEMPLATE {name}");
            crate::support::postgres::server().psql("postgres", &sql).expect("copied");
            Kept::Database(copy)
        }
    }
}

fn put_back(place: &Place, kept: &Kept) {
    match kept {
        Kept::Files(folder) => copy(&folder.path().join("keys.db"), &place.file()),
        Kept::Database(copy) => {
            let name = place.database.as_deref().expect("a database");
            let sql = format!("DROP DATABASE {name}; CREATE DATABASE {name} TEMPLATE {copy}");
            for sql in sql.split("; ") {
                crate::support::postgres::server().psql("postgres", sql).expect("put back");
            }
        }
    }
}

fn copy(from: &Path, to: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let [from, to] = [from, to].map(|path| format!("{}{suffix}", path.display()));
        let _ = fs::remove_file(&to);
        fs::copy(&from, &to).expect("copied");
        fs::set_permissions(&to, fs::Permissions::from_mode(0o600)).expect("mode");
    }
}

#[track_caller]
fn refused(ran: Ran) {
    let ran = ran.expect_code(7);
    assert_eq!(ran.stdout, "", "{ran:?}");
    for word in ["went back", "accept-rollback", "docs/incidents.md", "failover", "audit verify --anchor"] {
        assert!(ran.stderr.contains(word), "{word} is not in: {}", ran.stderr);
    }
}

both!(what_was_seen_of_a_store_is_remembered_and_one_that_went_back_is_refused, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--out-file", "alice.token"]);
    let token = fs::read_to_string(sandbox.home().join("alice.token")).expect("a token");
    let before = keep(&sandbox.place);
    sandbox.ok(&["revoke", "alice", "--reason", "leaked"]);
    assert_eq!(sandbox.verify(&token, &[]).0, Some(5));
    put_back(&sandbox.place, &before);

    refused(sandbox.feed(&["verify"], &token));
    refused(sandbox.run(&["list"]));
    refused(sandbox.run(&["show", "alice"]));
    refused(sandbox.run(&["mint", "bob"]));
    refused(sandbox.run(&["mint", "bob", "--dry-run"]));
    refused(sandbox.run(&["revoke", "alice"]));
    let error = sandbox.run(&["list", "-o", "json"]).expect_code(7).stderr;
    let error: Value = serde_json::from_str(&error).expect("JSON");
    assert_eq!(error["error"]["type"], "STORE_UNAVAILABLE");
    assert_eq!(error["error"]["reason"], "rolled_back");

    for goes_on in
        ["store status", "store check", "audit list", "audit verify", "audit checkpoint", "audit export"]
    {
        let words: Vec<&str> = goes_on.split(' ').collect();
        let ran = sandbox.run(&words).expect_code(0);
        assert!(ran.stderr.contains("warning: the store went back"), "{goes_on}: {}", ran.stderr);
    }
    sandbox.ok(&["config", "show"]);
    sandbox.ok(&["completions", "bash"]);

    let asked = sandbox.run(&["store", "accept-rollback"]).expect_code(2);
    assert!(asked.stderr.contains("--yes"), "{}", asked.stderr);
    sandbox.ok(&["store", "accept-rollback", "--dry-run"]);
    refused(sandbox.run(&["list"]));
    let mark = |sandbox: &Sandbox| {
        let mark = sandbox.json(&["store", "status"])["change_mark"].as_str().expect("a mark").to_owned();
        mark.split('-').next().and_then(|counter| counter.parse::<i64>().ok()).expect("a counter")
    };
    let counter = mark(&sandbox);
    let accepted = sandbox.json(&["store", "accept-rollback", "--yes", "--reason", "ticket 512"]);
    assert_eq!((&accepted["seen_record"], &accepted["last_record"]), (&3.into(), &2.into()));
    assert_eq!(mark(&sandbox), counter + (1 << 20) + 1);
    assert_eq!(sandbox.place.sql("SELECT key_id FROM change").as_deref(), Ok("*"));
    let record = &sandbox.json(&["audit", "list", "--action", "store.accept-rollback"])[0];
    assert_eq!(record["record"]["details"]["reason"], "ticket 512");
    assert!(
        record["record"]["details"]["seen"]
            .as_str()
            .is_some_and(|seen| seen.starts_with("keyctl-anchor:v1:"))
    );

    assert_eq!(sandbox.verify(&token, &[]).0, Some(0), "what was lost is lost");
    sandbox.ok(&["revoke", "alice"]);
    sandbox.ok(&["audit", "verify"]);
    assert_eq!(sandbox.run(&["store", "check"]).expect_code(0).stdout, "");
});

both!(another_history_of_the_same_length_is_another_one, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--out-file", "alice.token"]);
    let before = keep(&sandbox.place);
    sandbox.ok(&["revoke", "alice"]);
    put_back(&sandbox.place, &before);
    // As another machine does, which saw nothing of it.
    let elsewhere = |args: &[&str]| {
        let mut command = sandbox.command(args);
        command.env("XDG_STATE_HOME", sandbox.home().join("elsewhere"));
        finish(command, b"").expect_code(0)
    };
    elsewhere(&["suspend", "alice"]);
    refused(sandbox.run(&["list"]));
    elsewhere(&["resume", "alice"]);
    refused(sandbox.run(&["list"]));

    let unknown = sandbox.run(&["store", "accept-rollback", "--yes"]);
    assert_eq!(unknown.code, Some(0), "this machine knows: {unknown:?}");
    sandbox.ok(&["list"]);
    elsewhere(&["list"]);
});

both!(who_saw_nothing_must_say_that_somebody_did, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--out-file", "alice.token"]);
    let before = keep(&sandbox.place);
    sandbox.ok(&["revoke", "alice"]);
    put_back(&sandbox.place, &before);
    let elsewhere = |args: &[&str]| {
        let mut command = sandbox.command(args);
        command.env("XDG_STATE_HOME", sandbox.home().join("elsewhere"));
        finish(command, b"")
    };
    let error = elsewhere(&["store", "accept-rollback", "--yes"]).expect_code(4).stderr;
    assert!(error.contains("--seen-elsewhere"), "{error}");
    elsewhere(&["store", "accept-rollback", "--yes", "--seen-elsewhere"]).expect_code(0);
    // Accepted for all, also for the machine that saw more.
    sandbox.ok(&["list"]);
    sandbox.ok(&["mint", "bob", "--out-file", "bob.token"]);
    elsewhere(&["list"]).expect_code(0);
    assert_eq!(sandbox.json(&["audit", "list", "--outcome", "refused"]).as_array().map(Vec::len), Some(1));
});

#[test]
fn the_memory_holds_nothing_secret_and_is_written_only_when_something_changed() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let token = sandbox.ok(&["mint", "alice"]);
    let file = memory(&sandbox);
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!((mode(&file), mode(file.parent().expect("a folder"))), (0o600, 0o700));
    let text = fs::read_to_string(&file).expect("text");
    assert!(text.starts_with("keyctl-anchor:v1:") && text.lines().count() == 1, "{text}");
    assert!(!text.contains(&token[17..]), "{text}");
    let written = fs::metadata(&file).expect("there").modified().expect("a time");
    for _ in 0..3 {
        sandbox.ok(&["list"]);
        sandbox.verify(&token, &[]);
    }
    assert_eq!(fs::metadata(&file).expect("there").modified().expect("a time"), written);
    sandbox.ok(&["mint", "bob", "--out-file", "bob.token"]);
    assert_ne!(fs::read_to_string(&file).expect("text"), text);
    let leftovers = fs::read_dir(file.parent().expect("a folder")).expect("folder").count();
    assert_eq!(leftovers, 1);
}

#[test]
fn a_memory_that_cannot_be_used_is_done_without() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    sandbox.ok(&["mint", "alice", "--out-file", "alice.token"]);
    let file = memory(&sandbox);
    for garbage in ["", "\n", "garbage\n", "keyctl-anchor:v1:x:1:y 7\n", "\u{0}\u{0}"] {
        fs::write(&file, garbage).expect("written");
        assert_eq!(sandbox.run(&["list"]).expect_code(0).stderr, "", "{garbage:?}");
    }
    fs::write(&file, "garbage\n").expect("written");
    let said = sandbox.run(&["list", "-v"]).expect_code(0).stderr;
    assert!(said.contains("is not used"), "{said}");
    // A pipe that nobody writes, and a folder that cannot be written.
    fs::remove_file(&file).expect("removed");
    assert!(Command::new("mkfifo").arg(&file).status().expect("mkfifo").success());
    sandbox.ok(&["list"]);
    let mut homeless = sandbox.command(&["list"]);
    homeless.env_remove("HOME").env_remove("XDG_STATE_HOME");
    assert_eq!(finish(homeless, b"").expect_code(0).stderr, "");
    let mut by_home = sandbox.command(&["list"]);
    by_home.env_remove("XDG_STATE_HOME");
    finish(by_home, b"").expect_code(0);
    assert!(sandbox.home().join(".local/state/keyctl/seen").is_dir());
    let mut blocked = sandbox.command(&["mint", "bob", "--out-file", "bob.token"]);
    blocked.env("XDG_STATE_HOME", sandbox.home().join("alice.token"));
    // A change that nothing will remember says so.
    let said = finish(blocked, b"").expect_code(0).stderr;
    assert!(said.contains("would not be noticed here") && said.contains("XDG_STATE_HOME"), "{said}");
}

/// A copy elsewhere is no store that went back, and neither is another store in the same place.
#[test]
fn copies_and_other_stores_are_told_apart() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    sandbox.ok(&["mint", "alice", "--out-file", "alice.token"]);
    copy(&sandbox.place.file(), &sandbox.home().join("copy.db"));
    sandbox.ok(&["revoke", "alice"]);
    sandbox.ok(&["list", "--store", "copy.db"]);
    let away = sandbox.home().join("away.db");
    copy(&sandbox.place.file(), &away);
    for suffix in ["", "-wal", "-shm"] {
        fs::remove_file(format!("{}{suffix}", sandbox.place.file().display())).expect("removed");
    }
    sandbox.ok(&["store", "init"]);
    sandbox.ok(&["list"]);
    copy(&sandbox.home().join("copy.db"), &sandbox.place.file());
    refused(sandbox.run(&["list"]));
    copy(&away, &sandbox.place.file());
    sandbox.ok(&["list"]);
}

/// The command line against a pair: a revocation is lost by a failover.
#[test]
fn a_failover_that_lost_a_revocation_is_noticed_by_the_command_line() {
    let mut pair = Pair::asynchronous();
    let sandbox = Sandbox::empty(Place::sqlite());
    let address = pair.addresses();
    let run = |args: &[&str], input: &str| {
        let mut command = sandbox.command(args);
        command.env("KEYCTL_STORE", &address);
        finish(command, input.as_bytes())
    };
    run(&["store", "init"], "").expect_code(0);
    let token = run(&["mint", "alice"], "").expect_code(0).stdout;
    let anchor = run(&["audit", "checkpoint", "-q"], "").expect_code(0).stdout;
    pair.cut_off();
    run(&["revoke", "alice"], "").expect_code(0);
    let late = run(&["audit", "checkpoint", "-q"], "").expect_code(0).stdout;
    run(&["verify"], &token).expect_code(5);
    pair.first.kill();
    pair.promote();
    refused(run(&["verify"], &token));
    run(&["audit", "verify", "--anchor", "-"], &anchor).expect_code(0);
    let broken = run(&["audit", "verify", "--anchor", "-"], &late).expect_code(7);
    assert!(
        broken.stderr.contains("failover") && broken.stderr.contains("docs/incidents.md"),
        "{}",
        broken.stderr
    );
    run(&["store", "accept-rollback", "--yes"], "").expect_code(0);
    run(&["verify"], &token).expect_code(0);
    run(&["revoke", "alice"], "").expect_code(0);
    run(&["verify"], &token).expect_code(5);

    // The old primary comes back and stands first in the address.
    pair.first.start();
    pair.second.kill();
    refused(run(&["verify"], &token));
    refused(run(&["list"], ""));
}
