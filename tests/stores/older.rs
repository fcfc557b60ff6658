//! SQLite stores of an older schema: read as they are, migrated by the first change.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use std::{fs, thread};

use keyctl::store::LATEST_SCHEMA;
use rusqlite::Connection;

use crate::support::cli::Sandbox;
use crate::support::runner::{Effect, State, case, check, holds_token};
use crate::support::store::Place;

const CORE: &str = include_str!("../../src/store/migrations/0001_core.sqlite.sql");

/// A store as the first release left it: the same rows in the first schema.
fn age(sandbox: &Sandbox) {
    let (file, old) = (sandbox.place.file(), sandbox.home().join("old.db"));
    let connection = Connection::open(&old).unwrap();
    connection.execute_batch(CORE).unwrap();
    connection.execute_batch(&format!("ATTACH '{}' AS today", file.display())).unwrap();
    for table in ["head", "owner", "key", "token", "audit", "change"] {
        // Without the columns that the table makes for itself, or that only one of the two has.
        let columns = "SELECT group_concat(name) FROM pragma_table_info(?1)
            WHERE name IN (SELECT name FROM pragma_table_info(?1, 'today'))";
        let columns: String = connection.query_row(columns, [table], |row| row.get(0)).unwrap();
        let copy = format!("INSERT INTO main.{table} ({columns}) SELECT {columns} FROM today.{table}");
        connection.execute_batch(&copy).unwrap();
    }
    let identity = "DETACH today; PRAGMA application_id = 1801679980; PRAGMA user_version = 1; PRAGMA journal_mode = WAL";
    connection.execute_batch(identity).unwrap();
    drop(connection);
    for suffix in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{suffix}", file.display()));
    }
    fs::set_permissions(&old, fs::Permissions::from_mode(0o600)).unwrap();
    fs::rename(&old, &file).unwrap();
}

pub(super) fn older() -> Sandbox {
    let sandbox = Sandbox::with_store(Place::sqlite());
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    age(&sandbox);
    sandbox
}

fn version(file: &Path) -> i64 {
    let connection = Connection::open_with_flags(file, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap()
}

fn backups(sandbox: &Sandbox) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(sandbox.home())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().unwrap().contains(".backup-"))
        .collect();
    found.sort();
    found
}

#[test]
fn an_older_store_is_read_as_it_is() {
    let sandbox = older();
    check(
        &sandbox,
        vec![
            case("list", "list").stdout(|out| out.starts_with("alice/")),
            case("show", "show alice").stdout(|out| out.contains("active")),
            case("status", "store status").stdout(|out| out.contains("schema\t1")),
            case("log", "audit verify").stdout(|out| out.contains("true")),
            case("a rehearsal migrates nothing", "mint bob --scope m --dry-run").fails(
                7,
                "schema 1",
                "keyctl store migrate",
            ),
            case("nor that of a revocation", "revoke alice --dry-run").fails(
                7,
                "schema 1",
                "keyctl store migrate",
            ),
            case("nor what is refused as invalid", "mint bob --expires=-1d").fails(
                2,
                "duration",
                "keyctl mint --help",
            ),
        ],
    );
    assert_eq!((version(&sandbox.place.file()), backups(&sandbox).len()), (1, 0));
}

#[test]
fn the_first_change_migrates_after_a_backup() {
    for (words, code) in
        [("mint bob --scope m", 0), ("revoke alice", 0), ("rotate alice", 0), ("store migrate", 0)]
    {
        let sandbox = older();
        let before = State::of(&sandbox.place);
        assert_eq!(sandbox.run(&words.split(' ').collect::<Vec<_>>()).code, Some(code), "{words}");
        assert_eq!(version(&sandbox.place.file()), LATEST_SCHEMA, "{words}");
        let kept = backups(&sandbox);
        assert_eq!(kept.len(), 1, "{words}: {kept:?}");
        assert_eq!(fs::metadata(&kept[0]).unwrap().permissions().mode() & 0o7777, 0o600, "{words}");
        assert_eq!(version(&kept[0]), 1, "{words}");
        sandbox.ok(&["store", "check"]);
        // The backup is a whole store of the state before.
        let restored = Sandbox::empty(Place::sqlite());
        fs::copy(&kept[0], restored.place.file()).unwrap();
        assert_eq!(State::of(&restored.place), before, "{words}");
        assert!(restored.ok(&["list"]).starts_with("alice/"), "{words}");
    }
}

#[test]
fn at_most_three_backups_are_kept_and_the_newest_of_them() {
    let sandbox = older();
    fs::write(sandbox.home().join("keys.db.backup"), "mine").unwrap();
    let mut last = PathBuf::new();
    for round in 0..5 {
        sandbox.ok(&["mint", "bob", "--name", &format!("n{round}"), "--scope", "m"]);
        let kept = backups(&sandbox);
        assert_eq!(kept.len(), (round + 1).min(3), "{kept:?}");
        assert!(*kept.last().unwrap() > last, "{kept:?}");
        last = kept.last().unwrap().clone();
        age(&sandbox);
    }
    assert!(sandbox.home().join("keys.db.backup").exists());
}

#[test]
fn a_migration_that_is_killed_leaves_the_old_schema_or_the_new_one() {
    let mut seen = [0; LATEST_SCHEMA as usize + 1];
    for round in 0..40 {
        let sandbox = older();
        let mut command = sandbox.command(&["mint", "bob", "--scope", "m"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(Duration::from_micros(500 * round));
        child.kill().unwrap();
        let done = child.wait_with_output().unwrap();
        let printed = holds_token(&String::from_utf8_lossy(&done.stdout));
        let schema = version(&sandbox.place.file());
        assert!([1, LATEST_SCHEMA].contains(&schema), "round {round}: schema {schema}");
        seen[schema as usize] += 1;
        let minted = sandbox.run(&["show", "bob"]).code == Some(0);
        assert!(printed || !minted, "round {round}: a live key that nobody has seen");
        sandbox.ok(&["mint", "carol", "--scope", "m"]);
        assert_eq!(version(&sandbox.place.file()), LATEST_SCHEMA, "round {round}");
        sandbox.ok(&["store", "check"]);
        assert!(backups(&sandbox).len() <= 3, "round {round}");
    }
    assert!(seen[1] > 0, "no round was killed before the migration: {seen:?}");
}

#[test]
fn where_no_backup_can_be_made_nothing_is_migrated() {
    let sandbox = older();
    sandbox.ok(&["list"]);
    crate::support::unprivileged::own(sandbox.home());
    fs::set_permissions(sandbox.home(), fs::Permissions::from_mode(0o500)).unwrap();
    let before = State::of(&sandbox.place);
    for words in [&["mint", "bob"][..], &["store", "migrate"]] {
        let ran = crate::support::unprivileged::run(&sandbox, words);
        assert_eq!(ran.code, Some(7), "{ran:?}");
        assert!(
            ran.stderr.contains("cannot be created") && ran.stderr.contains("hint: check the folder"),
            "{ran:?}"
        );
        assert_eq!((version(&sandbox.place.file()), State::of(&sandbox.place)), (1, before.clone()));
    }
    fs::set_permissions(sandbox.home(), fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn a_locked_older_store_is_busy() {
    let sandbox = older();
    let holder = Connection::open(sandbox.place.file()).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let busy = |words: &str| case(words, words).default_lock_timeout().fails(6, "locked", "--lock-timeout");
    check(
        &sandbox,
        vec![busy("mint bob --scope m"), busy("store migrate"), case("list", "list").leaves(Effect::Nothing)],
    );
    drop(holder);
    assert_eq!((version(&sandbox.place.file()), backups(&sandbox).len()), (1, 0));
}
