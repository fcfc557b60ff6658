//! Nothing that keyctl writes or shows holds a value, and what is purged is gone from the file.

use std::fs;

use rusqlite::Connection;

use super::rotation::fill;
use super::{KEY, OTHER, furnished, keyed, run_with};
use crate::stores::leaks::found_below;
use crate::support::cli::Sandbox;
use crate::support::store::Place;
use crate::support::{both, postgres};

const SECRETS: usize = 1000;

both!(none_of_a_thousand_secrets_is_found_in_files_logs_or_audit, |place| {
    let sandbox = Sandbox::with_store(place);
    let token = sandbox.ok(&["mint", "alice"]);
    fill(&sandbox.place, SECRETS);
    let sink = sandbox.home().join("sink");
    let both = [
        ("KEYCTL_MASTER_KEY", OTHER),
        ("KEYCTL_MASTER_KEY_PREVIOUS", KEY),
        ("KEYCTL_AUDIT_SINK", &format!("file:{}", sink.display())),
    ];
    let mut logged = String::new();
    let mut run = |args: &[&str], input: &str, code: i32, shows: bool| {
        let ran = run_with(&sandbox, &both, args, input).expect_code(code);
        logged += &ran.stderr;
        if !shows {
            logged += &ran.stdout;
        }
    };
    run(&["secret", "rotate", "s0001", "-v"], "sk-planted-next-Zq9Lk7Xw", 8, false);
    run(&["master", "rotate", "--yes", "-v"], "", 0, false);
    run(&["secret", "rotate", "s0001", "-v"], "sk-planted-next-Zq9Lk7Xw", 0, false);
    run(&["secret", "set", "openai", "s0001"], "sk-planted-fail-Zq9Lk7Xw", 4, false);
    run(&["secret", "set", "openai", "lines"], "sk-planted-fail-Zq9Lk7Xw\nmore", 2, false);
    run(&["secret", "get", "s0002", "-v"], "", 0, true);
    run(&["resolve", "--provider", "anthropic", "-v"], &token, 0, true);
    run(&["secret", "list", "-o", "json"], "", 0, false);
    run(&["secret", "show", "s0000", "-o", "json"], "", 0, false);
    run(&["master", "check", "-o", "json"], "", 0, false);
    run(&["master", "status", "-o", "json"], "", 0, false);
    run(&["store", "check"], "", 0, false);
    run(&["audit", "list", "-o", "json", "--limit", "0"], "", 0, false);
    run(&["audit", "export"], "", 0, false);
    assert!(!logged.contains("sk-planted") && !logged.contains(KEY) && !logged.contains(OTHER));
    assert!(logged.contains("s0999"), "the search itself works");

    let mut planted: Vec<String> =
        (0..SECRETS).map(|number| format!("sk-planted-{number:04}-Zq9Lk7Xw")).collect();
    planted.extend([KEY, OTHER, "sk-planted-next", "sk-planted-fail"].map(str::to_owned));
    let names: Vec<String> = (0..SECRETS).map(|number| format!("s{number:04}")).collect();
    let scratch = tempfile::tempdir().expect("folder");
    assert_eq!(found_below(sandbox.home(), &planted, scratch.path()), 0, "a value was written");
    if let Some(name) = &sandbox.place.database {
        let server = postgres::server();
        server.psql(name, "CHECKPOINT").expect("checkpoint");
        assert_eq!(found_below(&server.folder, &planted, scratch.path()), 0, "a value was written");
        assert_eq!(found_below(&server.folder, &names, scratch.path()), SECRETS, "the search itself works");
    } else {
        assert_eq!(found_below(sandbox.home(), &names, scratch.path()), SECRETS, "the search itself works");
    }
});

/// Whether these bytes stand in the database's file or its log.
fn in_files(sandbox: &Sandbox, bytes: &[u8]) -> bool {
    ["", "-wal"].iter().any(|suffix| in_file(sandbox, suffix, bytes))
}

fn in_file(sandbox: &Sandbox, suffix: &str, bytes: &[u8]) -> bool {
    let path = format!("{}{suffix}", sandbox.place.file().display());
    fs::read(path).is_ok_and(|file| file.windows(bytes.len()).any(|window| window == bytes))
}

#[test]
fn a_purged_envelope_is_gone_from_the_file_and_its_log_unless_a_reader_keeps_it() {
    let (sandbox, _) = furnished(Place::sqlite());
    keyed(&sandbox, &["secret", "rotate", "team"], "sk-planted-second");
    let read = || Connection::open(sandbox.place.file()).expect("opens");
    let envelopes: Vec<Vec<u8>> = read()
        .prepare("SELECT envelope FROM secret_version")
        .and_then(|mut all| all.query_map([], |row| row.get(0))?.collect())
        .expect("read");
    assert_eq!(envelopes.len(), 2);
    assert!(
        envelopes.iter().all(|envelope| in_files(&sandbox, &envelope[10..90])),
        "the search itself works"
    );
    let reader = read();
    reader.execute_batch("BEGIN; SELECT COUNT(*) FROM secret").expect("reads");
    let purge = ["secret", "delete", "team", "--purge", "--unbind", "--yes"];
    let kept = run_with(&sandbox, &[("KEYCTL_LOCK_TIMEOUT", "1s")], &purge, "").expect_code(0);
    let file = sandbox.place.file().display().to_string();
    for suffix in ["", "-wal"] {
        let remains =
            format!("it may remain in: {file}{suffix}: a reader holds an older state open; the next change");
        assert!(kept.stderr.contains(&remains), "{remains}: {}", kept.stderr);
    }
    assert!(
        envelopes.iter().any(|envelope| in_file(&sandbox, "", &envelope[10..90])),
        "it still stands there"
    );
    assert!(!kept.stderr.contains("hold nothing of it"), "{}", kept.stderr);
    sandbox.ok(&["mint", "bob"]);
    assert!(
        envelopes.iter().any(|envelope| in_file(&sandbox, "", &envelope[10..90])),
        "the reader still reads"
    );
    drop(reader);
    sandbox.ok(&["list"]);
    assert!(fs::exists(format!("{file}-unwiped")).expect("looked"), "reading writes nothing");
    sandbox.ok(&["mint", "carol"]);
    assert!(!envelopes.iter().any(|envelope| in_files(&sandbox, &envelope[10..90])), "an envelope is left");
    assert!(!fs::exists(format!("{file}-unwiped")).expect("looked"), "it is wiped");
    keyed(&sandbox, &["secret", "set", "openai", "next"], "sk-planted-next");
    let wiped = sandbox.run(&["secret", "delete", "next", "--purge", "--yes"]).expect_code(0);
    assert!(
        wiped.stderr.contains("the database's own files hold nothing of it any more"),
        "{}",
        wiped.stderr
    );
    assert!(!envelopes.iter().any(|envelope| in_files(&sandbox, &envelope[10..90])), "an envelope is left");
}

#[test]
fn what_a_purge_cannot_reach_is_named() {
    let (sandbox, _) = furnished(Place::sqlite());
    let backup = sandbox.home().join("keys.db.backup-1795000000000-schema-4");
    fs::write(&backup, "").expect("written");
    let ran = sandbox.run(&["secret", "delete", "team", "--purge", "--unbind", "--yes"]).expect_code(0);
    assert!(ran.stderr.contains(&backup.display().to_string()), "{}", ran.stderr);
    let (sandbox, _) = furnished(Place::postgres());
    let ran = sandbox.run(&["secret", "delete", "team", "--purge", "--unbind", "--yes"]).expect_code(0);
    for place in ["free space of the table's files", "write-ahead log", "replicas", "backups"] {
        assert!(ran.stderr.contains(place), "{place}: {}", ran.stderr);
    }
    assert!(!ran.stderr.contains("hold nothing of it"), "{}", ran.stderr);
}
