//! `store backup` and `store restore`: of one moment, sealed, whole or refused, and never a way back for what was revoked.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use serde_json::Value;

use crate::support::both;
use crate::support::chance::Chance;
use crate::support::cli::{Ran, Sandbox, finish};
use crate::support::store::Place;

const PASSPHRASE: &str = "correct horse battery staple";
const KEY: &str = "Eb/Nq2tSyyY3cYJQ0+G1x9DlJX5vBzNjT8mHfQv0RkA=";
pub const MASTER: &str = "m3Jq9ZkPw2XaT7vRb1LmN8cDfGh5yUeK0sVtQxWzYAE=";

/// The program with the key of backups. By key, since a passphrase takes a tenth of a second each time.
pub fn keyed(sandbox: &Sandbox, args: &[&str]) -> Command {
    let mut command = sandbox.command(args);
    command.env("KEYCTL_BACKUP_KEY", KEY);
    command
}

pub fn run(sandbox: &Sandbox, args: &[&str]) -> Ran {
    finish(keyed(sandbox, args), b"")
}

#[track_caller]
pub fn ok(sandbox: &Sandbox, args: &[&str]) -> Ran {
    run(sandbox, args).expect_code(0)
}

#[track_caller]
pub fn json(sandbox: &Sandbox, args: &[&str]) -> Value {
    let args = [args, &["-o", "json"]].concat();
    serde_json::from_str(&ok(sandbox, &args).stdout).expect("JSON")
}

#[track_caller]
pub fn refused(ran: Ran, code: i32, word: &str) -> Ran {
    let ran = ran.expect_code(code);
    assert!(ran.stderr.contains(word), "{word} is not in: {}", ran.stderr);
    ran
}

pub fn outcome<'r>(report: &'r Value, what: &str, name: &str) -> Option<&'r Value> {
    let all = report["outcomes"].as_array().expect("outcomes");
    all.iter().find(|one| one["what"] == what && one["name"] == name)
}

/// A store with something in every table that a command can fill.
pub fn filled(place: Place) -> (Sandbox, [String; 3]) {
    let sandbox = Sandbox::with_store(place);
    let master = |args: &[&str], input: &str| {
        let mut command = sandbox.command(args);
        command.env("KEYCTL_MASTER_KEY", MASTER);
        finish(command, input.as_bytes()).expect_code(0)
    };
    sandbox.ok(&["role", "set", "reader", "--scope", "memories:read,files:*"]);
    let alice = sandbox.ok(&[
        "mint",
        "alice",
        "--role",
        "reader",
        "--scope",
        "chat",
        "--label",
        "team=a",
        "--allow-ip",
        "10.0.0.0/8",
    ]);
    let bob = sandbox.ok(&["mint", "bob", "--scope", "chat,admin", "--quota", "10/day"]);
    let old = sandbox.ok(&["mint", "carol", "--scope", "chat"]);
    sandbox.ok(&["rotate", "carol", "--grace", "1d"]);
    sandbox.ok(&["mint", "alice", "--name", "child", "--parent", "alice/default", "--scope", "chat"]);
    sandbox.ok(&["mint", "dave"]);
    sandbox.ok(&["revoke", "dave", "--reason", "left"]);
    sandbox.ok(&["owner", "rename", "dave", "david"]);
    master(&["secret", "set", "anthropic", "main"], "sk-ant-api03-planted-value");
    master(&["secret", "bind", "main", "alice"], "");
    master(&["signing-key", "rotate"], "");
    sandbox.ok(&["store", "set", "audience", "billing"]);
    (sandbox, [alice, bob, old])
}

/// All rows of all tables, as the database itself gives them.
pub fn everything(sandbox: &Sandbox) -> Vec<(String, String)> {
    let tables = match &sandbox.place.database {
        None => "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
        Some(_) => {
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'keyctl'
            AND table_type = 'BASE TABLE' AND table_name <> 'schema_migration' ORDER BY 1"
        }
    };
    let tables = sandbox.place.sql(tables).expect("tables");
    let rows = |table: &str| {
        let mut rows: Vec<String> = sandbox
            .place
            .sql(&format!("SELECT * FROM {table}"))
            .expect(table)
            .lines()
            .map(str::to_owned)
            .collect();
        rows.sort();
        (table.to_owned(), rows.join("\n"))
    };
    tables.lines().map(rows).collect()
}

/// Without what a restore adds to a store: records, the mark, and who is told.
pub fn lasting(sandbox: &Sandbox) -> Vec<(String, String)> {
    let mut all = everything(sandbox);
    all.retain(|(table, _)| !["audit", "change", "head"].contains(&table.as_str()));
    all
}

both!(a_backup_has_all_rows_and_is_restored_in_a_new_place, |place| {
    let is_file = place.database.is_none();
    let (sandbox, [alice, bob, old]) = filled(place);
    let written = json(&sandbox, &["store", "backup", "keys.backup"]);
    assert_eq!((&written["sealed"], written["rows"]["key"].as_u64()), (&"key".into(), Some(5)));
    assert_eq!(
        fs::metadata(sandbox.home().join("keys.backup")).expect("a file").permissions().mode() & 0o777,
        0o600
    );
    let bytes = fs::read(sandbox.home().join("keys.backup")).expect("bytes");
    assert_eq!(written["bytes"].as_u64(), Some(bytes.len() as u64));
    for planted in ["alice", "reader", "key_", "memories"] {
        assert!(
            !bytes.windows(planted.len()).any(|part| part == planted.as_bytes()),
            "{planted} is readable"
        );
    }
    let verified = json(&sandbox, &["store", "backup", "--verify", "keys.backup"]);
    assert_eq!(verified, written);
    assert_eq!(written["anchor"], sandbox.json(&["audit", "checkpoint"])["anchor"]);

    let other = Sandbox::empty(if is_file { Place::sqlite() } else { Place::postgres() });
    fs::write(other.home().join("keys.backup"), &bytes).expect("copied");
    let dry = json(&other, &["store", "restore", "keys.backup", "--dry-run"]);
    assert_eq!(dry["backup_record"], written["audit_records"]);
    other.run(&["list"]).expect_code(7);
    let restored = ok(&other, &["store", "restore", "keys.backup"]);
    assert!(restored.stderr.contains("--anchor"), "nothing is known, and that is said: {}", restored.stderr);
    assert_eq!(lasting(&other), lasting(&sandbox));
    for token in [&alice, &bob, &old] {
        assert_eq!(other.verify(token, &["--ip", "10.1.1.1"]), sandbox.verify(token, &["--ip", "10.1.1.1"]));
    }
    let mut command = other.command(&["secret", "get", "main"]);
    command.env("KEYCTL_MASTER_KEY", MASTER);
    assert_eq!(finish(command, b"").expect_code(0).stdout.trim_end(), "sk-ant-api03-planted-value");
    assert_eq!(other.run(&["store", "check"]).expect_code(0).stdout, "");
    other.ok(&["audit", "verify", "--anchor", written["anchor"].as_str().expect("an anchor")]);
    let record = &other.json(&["audit", "list", "--action", "store.restore"])[0]["record"];
    assert_eq!(
        (&record["details"]["record"], &record["details"]["lost"]),
        (&written["audit_records"], &Value::Null)
    );
    other.ok(&["mint", "erin"]);
});

#[test]
fn a_backup_of_one_database_is_restored_in_the_other() {
    for (from, to) in [(Place::sqlite(), Place::postgres()), (Place::postgres(), Place::sqlite())] {
        let (sandbox, [alice, ..]) = filled(from);
        let before = lasting(&sandbox);
        ok(&sandbox, &["store", "backup", "keys.backup"]);
        let other = Sandbox::empty(to);
        fs::copy(sandbox.home().join("keys.backup"), other.home().join("keys.backup")).expect("copied");
        ok(&other, &["store", "restore", "keys.backup"]);
        assert_eq!(other.run(&["store", "check"]).expect_code(0).stdout, "");
        assert_eq!(other.verify(&alice, &["--ip", "10.1.1.1"]).0, Some(0));
        assert_eq!(other.json(&["list", "--all"]), sandbox.json(&["list", "--all"]));
        // And back, over what is there by now.
        ok(&other, &["store", "backup", "again.backup"]);
        fs::copy(other.home().join("again.backup"), sandbox.home().join("again.backup")).expect("copied");
        ok(&sandbox, &["store", "restore", "again.backup", "--yes"]);
        assert_eq!(lasting(&sandbox), before);
    }
}

#[test]
fn it_is_sealed_by_a_passphrase_or_a_key_or_says_that_it_is_not() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    refused(sandbox.run(&["store", "backup", "a.backup"]), 2, "KEYCTL_BACKUP_PASSPHRASE");
    let with = |name: &str, value: &str, args: &[&str]| {
        let mut command = sandbox.command(args);
        command.env(name, value);
        finish(command, b"")
    };
    let passphrase = "KEYCTL_BACKUP_PASSPHRASE";
    refused(with(passphrase, "short", &["store", "backup", "a.backup"]), 8, "12 characters");
    with(passphrase, PASSPHRASE, &["store", "backup", "a.backup"]).expect_code(0);
    with(passphrase, PASSPHRASE, &["store", "backup", "--verify", "a.backup"]).expect_code(0);
    let file = sandbox.home().join("passphrase");
    fs::write(&file, format!("{PASSPHRASE}\n")).expect("written");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("mode");
    let path = file.display().to_string();
    with("KEYCTL_BACKUP_PASSPHRASE_FILE", &path, &["store", "backup", "--verify", "a.backup"]).expect_code(0);
    let command = format!("echo {PASSPHRASE}");
    with("KEYCTL_BACKUP_PASSPHRASE_CMD", &command, &["store", "backup", "--verify", "a.backup"])
        .expect_code(0);

    for verb in [&["store", "backup", "--verify", "a.backup"][..], &["store", "restore", "a.backup", "--yes"]]
    {
        let wrong = with(passphrase, "another horse battery staple", verb);
        let wrong = refused(wrong, 8, "not the passphrase");
        assert!(!wrong.stderr.contains("horse"), "{}", wrong.stderr);
        refused(with("KEYCTL_BACKUP_KEY", KEY, verb), 8, "another kind");
        refused(sandbox.run(verb), 8, "KEYCTL_BACKUP_PASSPHRASE");
    }
    let mut two = keyed(&sandbox, &["store", "backup", "b.backup"]);
    two.env(passphrase, PASSPHRASE);
    refused(finish(two, b""), 8, "both set");

    ok(&sandbox, &["store", "backup", "k.backup"]);
    refused(
        with("KEYCTL_BACKUP_KEY", MASTER, &["store", "backup", "--verify", "k.backup"]),
        8,
        "not the key",
    );
    let open = sandbox.run(&["store", "backup", "--no-encrypt", "open.backup"]).expect_code(0);
    assert!(open.stderr.contains("not sealed"), "{}", open.stderr);
    sandbox.ok(&["store", "backup", "--verify", "open.backup"]);
}

#[test]
fn no_file_is_written_over_but_an_earlier_backup_that_is_meant() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    ok(&sandbox, &["store", "backup", "keys.backup"]);
    refused(run(&sandbox, &["store", "backup", "keys.backup"]), 9, "--overwrite");
    ok(&sandbox, &["store", "backup", "keys.backup", "--overwrite"]);
    fs::write(sandbox.home().join("notes"), "mine").expect("written");
    refused(run(&sandbox, &["store", "backup", "notes", "--overwrite"]), 2, "is no backup");
    refused(run(&sandbox, &["store", "backup", "keys.db", "--overwrite"]), 2, "a file of a store");
    refused(run(&sandbox, &["store", "backup", "nowhere/keys.backup"]), 9, "nowhere");
    assert_eq!(fs::read(sandbox.home().join("notes")).expect("there"), b"mine");
    // A token's file is not put over a backup either.
    sandbox.ok(&["mint", "alice"]);
    refused(sandbox.run(&["rotate", "alice", "--out-file", "keys.backup", "--overwrite"]), 2, "a backup");
    let left: Vec<_> = fs::read_dir(sandbox.home())
        .expect("folder")
        .map(|entry| entry.expect("entry").file_name().into_string().expect("UTF-8"))
        .filter(|name| name.contains(".keyctl-"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn it_goes_through_a_pipe_and_comes_back_from_one() {
    let (sandbox, _) = filled(Place::sqlite());
    let done = keyed(&sandbox, &["store", "backup", "-"]).output().expect("runs");
    assert!(done.status.success() && done.stdout.starts_with(b"keyctl-backup:v1\n"));
    finish(keyed(&sandbox, &["store", "backup", "--verify", "-"]), &done.stdout).expect_code(0);
    let other = Sandbox::empty(Place::sqlite());
    finish(keyed(&other, &["store", "restore", "-"]), &done.stdout).expect_code(0);
    assert_eq!(lasting(&other), lasting(&sandbox));
}

/// Each place of the file where something else is looked at, and many besides.
fn places(length: usize) -> Vec<usize> {
    let mut chance = Chance(0x5EED_0000 + length as u64);
    let mut places: Vec<usize> = (0..230).chain(length - 40..length).collect();
    places.extend((0..150).map(|_| chance.below(length as u64) as usize));
    // Around the ends of chunks.
    places.extend((1..).map(|number| 200 + number * 65_552).take_while(|at| *at < length));
    places
}

#[test]
fn a_backup_that_was_cut_or_altered_by_a_bit_is_refused() {
    let (sandbox, _) = filled(Place::sqlite());
    let rows: String = (0..400).map(|n| format!("{n:064x},bulk,k{n},chat\n")).collect();
    sandbox.feed(&["import", "csv", "-", "--yes"], &format!("hash,owner,name,scopes\n{rows}")).expect_code(0);
    let before = everything(&sandbox);
    ok(&sandbox, &["store", "backup", "sealed.backup"]);
    sandbox.ok(&["store", "backup", "--no-encrypt", "open.backup"]);
    for name in ["sealed.backup", "open.backup"] {
        let whole = fs::read(sandbox.home().join(name)).expect("bytes");
        assert!(whole.len() > 100_000, "{}", whole.len());
        let verify = |bytes: &[u8]| finish(keyed(&sandbox, &["store", "backup", "--verify", "-"]), bytes);
        verify(&whole).expect_code(0);
        for (number, at) in places(whole.len()).into_iter().enumerate() {
            let mut altered = whole.clone();
            altered[at] ^= 1 << (number % 8);
            let ran = verify(&altered);
            assert!(matches!(ran.code, Some(2 | 7 | 8)), "{name}: a bit of byte {at}: {ran:?}");
            assert!(!ran.stderr.contains("defect"), "{name}: byte {at}: {}", ran.stderr);
        }
        for at in [
            0,
            1,
            13,
            14,
            16,
            17,
            20,
            100,
            65_000,
            65_700,
            whole.len() / 2,
            whole.len() - 17,
            whole.len() - 1,
        ] {
            let ran = verify(&whole[..at]);
            assert!(matches!(ran.code, Some(2 | 7)), "{name}: cut at {at}: {ran:?}");
        }
        let longer = [&whole[..], b"x"].concat();
        refused(verify(&longer), 7, "");
        let twice = [&whole[..], &whole[..]].concat();
        refused(verify(&twice), 7, "");
        // Nothing of it arrives in the store.
        let mut altered = whole.clone();
        let last = altered.len() - 60;
        altered[last] ^= 1;
        fs::write(sandbox.home().join("altered.backup"), &altered).expect("written");
        refused(run(&sandbox, &["store", "restore", "altered.backup", "--yes"]), 7, "");
        assert_eq!(everything(&sandbox), before);
    }
    refused(
        finish(keyed(&sandbox, &["store", "backup", "--verify", "-"]), b"keyctl-backup:v2\n"),
        7,
        "version v2",
    );
    refused(
        finish(keyed(&sandbox, &["store", "backup", "--verify", "-"]), b"SQLite format 3\0 and so on"),
        2,
        "no backup",
    );
    refused(run(&sandbox, &["store", "restore", "nothing.backup"]), 3, "nothing.backup");
}

#[test]
fn a_store_of_an_older_schema_is_backed_up_as_it_is_and_restored_as_one_of_today() {
    let sandbox = super::older::older();
    let file = fs::read(sandbox.place.file()).expect("bytes");
    let written = json(&sandbox, &["store", "backup", "old.backup"]);
    assert_eq!((written["schema"].as_i64(), written["rows"]["key"].as_u64()), (Some(1), Some(1)));
    assert_eq!(fs::read(sandbox.place.file()).expect("bytes"), file, "it is read, and left");
    ok(&sandbox, &["store", "backup", "--verify", "old.backup"]);
    for place in [Place::sqlite(), Place::postgres()] {
        let other = Sandbox::empty(place);
        fs::copy(sandbox.home().join("old.backup"), other.home().join("old.backup")).expect("copied");
        ok(&other, &["store", "restore", "old.backup"]);
        assert_eq!(other.json(&["store", "status"])["schema"].as_i64(), Some(keyctl::store::LATEST_SCHEMA));
        assert_eq!(other.json(&["list"])[0]["owner"], "alice");
        other.ok(&["audit", "verify"]);
    }
    // Over the older one that is in the place, which is brought to today's first.
    ok(&sandbox, &["store", "restore", "old.backup", "--yes"]);
    assert_eq!(sandbox.json(&["list"])[0]["owner"], "alice");
}

both!(a_backup_of_a_newer_schema_is_refused, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["store", "backup", "--no-encrypt", "open.backup"]);
    let bytes = fs::read(sandbox.home().join("open.backup")).expect("bytes");
    let schema = sandbox.json(&["store", "status"])["schema"].as_i64().expect("a number");
    let text = format!("\"schema\":{schema}");
    let at = bytes.windows(text.len()).position(|part| part == text.as_bytes()).expect("the schema");
    let mut newer = bytes.clone();
    newer[at + text.len() - 2] = b'9';
    refused(finish(keyed(&sandbox, &["store", "restore", "-", "--yes"]), &newer), 7, "schema 9");
});

both!(a_restore_that_would_go_behind_what_is_known_is_refused, |place| {
    let is_file = place.database.is_none();
    let sandbox = Sandbox::with_store(place);
    let token = sandbox.ok(&["mint", "alice"]);
    ok(&sandbox, &["store", "backup", "keys.backup"]);
    sandbox.ok(&["revoke", "alice"]);
    let anchor = sandbox.ok(&["audit", "checkpoint"]);
    let before = everything(&sandbox);
    let behind =
        refused(run(&sandbox, &["store", "restore", "keys.backup", "--yes"]), 4, "the store in its place");
    assert!(
        behind.stderr.contains("--accept-rollback") && behind.stderr.contains("record 3"),
        "{}",
        behind.stderr
    );
    sandbox.forget();
    refused(run(&sandbox, &["store", "restore", "keys.backup", "--yes"]), 4, "the store in its place");
    assert_eq!(everything(&sandbox), before);

    // Elsewhere, the store in the place knows nothing.
    let elsewhere = || {
        let other = Sandbox::empty(if is_file { Place::sqlite() } else { Place::postgres() });
        fs::copy(sandbox.home().join("keys.backup"), other.home().join("keys.backup")).expect("copied");
        other
    };
    let other = elsewhere();
    refused(run(&other, &["store", "restore", "keys.backup", "--anchor", &anchor]), 4, "an anchor");
    let log = other.home().join("audit.jsonl").display().to_string();
    fs::write(&log, sandbox.ok(&["audit", "export"]) + "\n").expect("written");
    let mut command = keyed(&other, &["store", "restore", "keys.backup"]);
    command.env("KEYCTL_AUDIT_SINK", format!("file:{log}"));
    refused(finish(command, b""), 4, "the audit sink's file");
    refused(
        run(&other, &["store", "restore", "keys.backup", "--replay", &log]),
        4,
        "the log that is replayed",
    );
    other.run(&["list"]).expect_code(7);
    // What this machine saw, also where the store is gone.
    let seen = Sandbox::with_store(if is_file { Place::sqlite() } else { Place::postgres() });
    ok(&seen, &["store", "backup", "old.backup"]);
    seen.ok(&["mint", "bob"]);
    if is_file {
        for suffix in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(format!("{}{suffix}", seen.place.file().display()));
        }
        refused(run(&seen, &["store", "restore", "old.backup"]), 4, "this machine");
        ok(&seen, &["store", "restore", "old.backup", "--accept-rollback"]);
        seen.ok(&["list"]);
    }

    let counter = |sandbox: &Sandbox| {
        let mark = sandbox.json(&["store", "status"])["change_mark"].as_str().expect("a mark").to_owned();
        mark.split('-').next().and_then(|counter| counter.parse::<i64>().ok()).expect("a counter")
    };
    let was = counter(&sandbox);
    let asked = run(&sandbox, &["store", "restore", "keys.backup", "--accept-rollback"]);
    refused(asked, 2, "--yes");
    let report = json(&sandbox, &["store", "restore", "keys.backup", "--accept-rollback", "--yes"]);
    assert_eq!((&report["lost_record"], &report["backup_record"]), (&3.into(), &2.into()));
    assert_eq!(counter(&sandbox), was + (1 << 20) + 1, "above all that was seen");
    assert_eq!(sandbox.place.sql("SELECT key_id FROM change").as_deref(), Ok("*"));
    assert_eq!(sandbox.verify(&token, &[]).0, Some(0), "nothing was replayed");
    let kept = report["kept"].as_str().expect("kept").to_owned();
    assert_eq!(fs::metadata(sandbox.home().join(&kept)).expect("there").permissions().mode() & 0o777, 0o600);
    assert_eq!(sandbox.run(&["store", "check"]).expect_code(0).stdout, "");

    // The way back.
    ok(&sandbox, &["store", "restore", &kept, "--accept-rollback", "--yes"]);
    assert_eq!(sandbox.verify(&token, &[]).0, Some(5));
    sandbox.ok(&["list"]);
});

both!(another_store_is_replaced_only_where_that_is_said, |place| {
    let is_file = place.database.is_none();
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice"]);
    ok(&sandbox, &["store", "backup", "keys.backup"]);
    let other = Sandbox::with_store(if is_file { Place::sqlite() } else { Place::postgres() });
    fs::copy(sandbox.home().join("keys.backup"), other.home().join("keys.backup")).expect("copied");
    // A new one is nobody's.
    ok(&other, &["store", "restore", "keys.backup"]);
    let other = Sandbox::with_store(if is_file { Place::sqlite() } else { Place::postgres() });
    fs::copy(sandbox.home().join("keys.backup"), other.home().join("keys.backup")).expect("copied");
    let token = other.ok(&["mint", "bob"]);
    refused(run(&other, &["store", "restore", "keys.backup", "--yes"]), 4, "--replace-other");
    assert_eq!(other.verify(&token, &[]).0, Some(0));
    let report = json(&other, &["store", "restore", "keys.backup", "--yes", "--replace-other"]);
    assert_eq!(other.verify(&token, &[]).0, Some(5));
    assert_eq!(other.json(&["list"])[0]["owner"], "alice");
    ok(
        &other,
        &[
            "store",
            "restore",
            report["kept"].as_str().expect("kept"),
            "--yes",
            "--replace-other",
            "--accept-rollback",
        ],
    );
    assert_eq!(other.verify(&token, &[]).0, Some(0));
});
