//! Copies of the file, however they were made, and what other tools leave in it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use keyctl::runtime::{Asked, Options, Reader};
use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::runtime::{ask, reader, token};
use crate::support::cli::Sandbox;
use crate::support::store::Place;

/// A connection of another tool, which leaves the log alone when it closes.
fn open(path: &Path) -> Connection {
    let connection = Connection::open(path).expect("opens");
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).expect("set");
    connection
}

/// A store with a long log, in which alice's key was revoked; her token and bob's.
fn store() -> (Sandbox, [String; 2]) {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let tokens = ["alice", "bob"].map(|owner| sandbox.ok(&["mint", owner, "--scope", "chat"]));
    let import = |from: u32| {
        let rows: String = (from..from + 600).map(|n| format!("{n:064x},bulk,k{n},chat\n")).collect();
        let csv = format!("hash,owner,name,scopes\n{rows}");
        sandbox.feed(&["import", "csv", "-", "--yes"], &csv).expect_code(0);
    };
    import(0);
    // As long as somebody reads, the log is not moved into the file.
    let reading = open(&sandbox.place.file());
    reading.execute_batch("BEGIN; SELECT COUNT(*) FROM key").expect("reads");
    import(1000);
    sandbox.ok(&["revoke", "alice"]);
    let log = fs::metadata(beside(&sandbox.place.file(), "-wal")).expect("a log").len();
    assert!(log > 256 * 1024, "{log}");
    (sandbox, tokens)
}

/// Another sandbox with what was made of the store's file.
fn copied(of: &Sandbox, make: impl FnOnce(&Path, &Path)) -> Sandbox {
    let copy = Sandbox::empty(Place::sqlite());
    make(&of.place.file(), &copy.place.file());
    for entry in fs::read_dir(copy.home()).expect("folder") {
        let path = entry.expect("entry").path();
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("mode");
    }
    copy
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", path.display()))
}

fn copy(from: &Path, to: &Path, suffixes: &[&str]) {
    for suffix in suffixes {
        fs::copy(beside(from, suffix), beside(to, suffix)).expect("copied");
    }
}

fn sql(path: &Path, sql: &str) {
    open(path).execute_batch(sql).expect(sql);
}

fn read_back(from: &Path, to: &Path) {
    let script = format!("sqlite3 {} .dump | sqlite3 {}", from.display(), to.display());
    assert!(Command::new("sh").args(["-c", &script]).status().expect("runs").success());
}

type Make = fn(&Path, &Path);

/// Each with whether it has the last change.
const COPIES: [(&str, bool, Make); 6] = [
    ("VACUUM INTO", true, |from, to| sql(from, &format!("VACUUM INTO '{}'", to.display()))),
    ("without write-ahead mode", true, |from, to| {
        sql(from, &format!("VACUUM INTO '{}'", to.display()));
        sql(to, "PRAGMA journal_mode = WAL; PRAGMA journal_mode = DELETE");
    }),
    ("with its log", true, |from, to| copy(from, to, &["", "-wal"])),
    ("with all files", true, |from, to| copy(from, to, &["", "-wal", "-shm"])),
    ("the file alone", false, |from, to| copy(from, to, &[""])),
    ("in the middle of another tool's change", true, |from, to| {
        sql(from, &format!("VACUUM INTO '{}'", to.display()));
        let draft = beside(to, ".draft");
        fs::rename(to, &draft).expect("renamed");
        let connection = open(&draft);
        connection
            .execute_batch("PRAGMA cache_size = 5; BEGIN IMMEDIATE; UPDATE token SET scopes = '[]'")
            .expect("half of it");
        copy(&draft, to, &["", "-journal"]);
        drop(connection);
        fs::remove_file(&draft).expect("removed");
    }),
];

#[test]
fn whoever_only_looks_leaves_the_file_byte_for_byte_as_it_is() {
    let (original, [alice, bob]) = store();
    for (name, is_newest, make) in COPIES {
        let copy = copied(&original, make);
        let file = copy.place.file();
        // A change that nobody finished is taken back, whoever reads first.
        if beside(&file, "-journal").exists() {
            assert_eq!(copy.verify(&bob, &[]).0, Some(0), "{name}");
        }
        let before = fs::read(&file).expect("file");
        let same = |what: &str| {
            assert!(fs::read(&file).expect("file") == before, "{name}: {what} wrote the file");
        };
        assert_eq!(copy.verify(&bob, &[]).0, Some(0), "{name}");
        same("verify");
        if is_newest {
            let (code, verdict) = copy.verify(&alice, &[]);
            assert_eq!((code, verdict["reason"].as_str()), (Some(5), Some("revoked")), "{name}");
        }
        for words in [
            &["list", "--all"][..],
            &["show", "bob"],
            &["can", "bob", "chat"],
            &["owner", "list"],
            &["audit", "list"],
            &["audit", "verify"],
            &["store", "status"],
            &["store", "check"],
        ] {
            copy.ok(words);
            same(&words.join(" "));
        }
        let reader = reader(&copy.place);
        assert!(reader.verify(&bob, &Asked::default()).is_ok(), "{name}");
        drop(reader);
        same("the reader");
        copy.ok(&["mint", "carol"]);
        assert_eq!(copy.ok(&["list", "--owner", "carol"]).lines().count(), 1, "{name}");
        copy.ok(&["store", "check"]);
    }
}

#[test]
fn a_dump_that_was_read_back_is_refused_by_all_and_mended_by_what_the_message_says() {
    let original = Sandbox::with_store(Place::sqlite());
    let alice = token(&original.place, "laptop");
    let copy = copied(&original, read_back);
    let before = fs::read(copy.place.file()).expect("file");
    let mut hint = String::new();
    for words in
        ["list", "show alice", "mint bob", "store status", "store check", "store migrate", "revoke alice"]
    {
        let ran = copy.run(&words.split(' ').collect::<Vec<_>>()).expect_code(7);
        assert!(
            ran.stderr.contains("has lost its application_id and user_version"),
            "{words}: {}",
            ran.stderr
        );
        hint = ran
            .stderr
            .lines()
            .find_map(|line| line.strip_prefix("hint: mend it: "))
            .expect("a hint")
            .to_owned();
    }
    assert_eq!(copy.verify(alice.expose(), &[]).0, Some(7));
    let refused = Reader::open(&copy.place.text(), Options::default()).err().expect("refused");
    assert_eq!(refused.fault.as_str(), "unreachable");
    assert!(
        refused.message.contains(&format!(
            "has lost its application_id and user_version, as a dump that was read back has; mend it: {hint}"
        )),
        "{refused}"
    );
    assert!(fs::read(copy.place.file()).expect("file") == before, "left as it was");
    // The one mark without the other is the same.
    sql(&copy.place.file(), "PRAGMA application_id = 0x6B63746C");
    for words in [["list", "--all"], ["mint", "bob"]] {
        let ran = copy.run(&words).expect_code(7);
        assert!(ran.stderr.contains(&hint), "{}", ran.stderr);
    }
    let (mend, then) = hint.split_once("; then: ").expect("two commands");
    assert!(Command::new("sh").args(["-c", mend]).status().expect("runs").success());
    assert_eq!(then, "keyctl store check");
    copy.ok(&["store", "check"]);
    assert_eq!(copy.verify(alice.expose(), &[]).0, Some(0));
    assert_eq!(ask(&reader(&copy.place), &alice), "allowed");
    copy.ok(&["mint", "bob"]);
    copy.ok(&["store", "check"]);
}

#[test]
fn the_schema_of_an_older_dump_is_found_again() {
    let copy = copied(&super::older::older(), read_back);
    let ran = copy.run(&["store", "status"]).expect_code(7);
    assert!(ran.stderr.contains("PRAGMA user_version = 1'"), "{}", ran.stderr);
}

#[test]
fn the_tables_of_litestream_are_no_damage_and_whatever_else_has_such_a_name_is() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    // As Litestream 0.5 makes them.
    sandbox
        .place
        .sql("CREATE TABLE _litestream_seq (id INTEGER PRIMARY KEY, seq INTEGER); CREATE TABLE _litestream_lock (id INTEGER)")
        .expect("made");
    let ran = sandbox.run(&["store", "check"]).expect_code(0);
    let says =
        "Litestream's tables are in the file, and do no harm: table _litestream_lock, table _litestream_seq";
    assert!(ran.stderr.contains(says), "{}", ran.stderr);
    let status = sandbox.json(&["store", "status"]);
    assert_eq!(status["database"]["litestream"], "table _litestream_lock, table _litestream_seq");
    for made in [
        "VIEW _litestream_view AS SELECT 1",
        "TRIGGER _litestream_trigger AFTER INSERT ON token BEGIN SELECT 1; END",
        "INDEX _litestream_index ON token (owner)",
        "TABLE litestream_seq (id)",
    ] {
        sandbox.place.sql(&format!("CREATE {made}")).expect(made);
        let ran = sandbox.run(&["store", "check"]).expect_code(7);
        let mut words = made.split(' ');
        let (kind, name) = (words.next().unwrap().to_lowercase(), words.next().unwrap());
        assert!(ran.stdout.contains(&format!("{kind} {name} is not keyctl's")), "{made}: {}", ran.stdout);
        sandbox.place.sql(&format!("DROP {kind} {name}")).expect("dropped");
    }
    sandbox.ok(&["store", "check"]);
}

#[test]
fn status_says_that_the_file_alone_is_an_older_state_and_how_to_copy_all_of_it() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let token = sandbox.ok(&["mint", "alice"]);
    sandbox.ok(&["revoke", "alice"]);
    let ran = sandbox.run(&["store", "status"]).expect_code(0);
    let how = ran.stderr.split_once("for a whole copy: ").expect("a command").1.lines().next().unwrap();
    assert!(ran.stderr.contains("keys that were revoked since work"), "{}", ran.stderr);
    let older = copied(&sandbox, |from, to| copy(from, to, &[""]));
    assert_eq!(older.verify(&token, &[]).1["reason"], "unknown", "an older state");
    let whole = Command::new("sh").args(["-c", how]).current_dir(older.home()).status().expect("runs");
    assert!(whole.success(), "{how}");
    fs::rename(older.home().join("copy.db"), older.place.file()).expect("renamed");
    for suffix in ["-wal", "-shm"] {
        let _ = fs::remove_file(beside(&older.place.file(), suffix));
    }
    assert_eq!(older.verify(&token, &[]).1["reason"], "revoked");
}
