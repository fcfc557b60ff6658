//! The program's own answers to a shell, and how long it takes for none.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{fs, thread};

use regex::Regex;

use crate::stores::server::{listen, relay};
use crate::support::both;
use crate::support::cli::{Ran, Sandbox};
use crate::support::postgres::{self, PASSWORD, USER};
use crate::support::runner::run_bounded;
use crate::support::store::Place;

/// No prompt is blocked for longer.
const BOUND: Duration = Duration::from_millis(300);

/// What a script of ours runs for words of which the last is being typed.
fn asking(sandbox: &Sandbox, words: &[&str]) -> (Command, Vec<u8>) {
    let mut command = sandbox.command::<&str>(&[]);
    command.env("KEYCTL_COMPLETE", (words.len() - 1).to_string());
    let input = words.iter().flat_map(|word| [word.as_bytes(), b"\0"].concat()).collect();
    (command, input)
}

/// What the files of a folder are, as far as anybody else can tell.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        let name = path.display().to_string();
        // SQLite notes in it who reads; it is no part of what is stored.
        let is_index = name.ends_with("-shm");
        if path.is_dir() {
            found.insert(name, Vec::new());
            found.extend(files(&path));
        } else {
            let content =
                if is_index || !path.is_file() { Vec::new() } else { fs::read(&path).expect("read") };
            found.insert(name, content);
        }
    }
    found
}

/// Others share the machine: what is slow once is tried again.
fn answer(sandbox: &Sandbox, words: &[&str], prepare: impl Fn(&mut Command)) -> Ran {
    let mut took = Vec::new();
    for _ in 0..3 {
        let (mut command, input) = asking(sandbox, words);
        prepare(&mut command);
        let (ran, time) = run_bounded(command, Some(&input));
        if time < BOUND {
            return ran;
        }
        took.push(time);
    }
    panic!("{words:?} took {took:?}");
}

/// No candidate, no message, success, nothing written.
#[track_caller]
fn assert_silent(what: &str, sandbox: &Sandbox, words: &[&str], prepare: impl Fn(&mut Command)) {
    let before = files(sandbox.home());
    let ran = answer(sandbox, words, prepare);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str(), ran.code), ("", "", Some(0)), "{what}");
    assert!(files(sandbox.home()) == before, "{what}: something was written");
}

fn store(place: Place) -> Sandbox {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    sandbox
}

const SHOW: [&str; 3] = ["keyctl", "show", "a"];

both!(an_answer_writes_nothing_and_says_what_the_key_is, |place| {
    let sandbox = store(place);
    let before = files(sandbox.home());
    let ran = answer(&sandbox, &SHOW, |_| {});
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("alice/default\tactive, ends in 90d\n", ""));
    assert!(files(sandbox.home()) == before, "something was written");
    sandbox.ok(&["revoke", "alice"]);
    assert_silent("revoked", &sandbox, &SHOW, |_| {});
    // Still there for show, by its id; of no use to rotate.
    assert_eq!(answer(&sandbox, &["keyctl", "show", "key_"], |_| {}).stdout.lines().count(), 1);
    assert_silent("revoked", &sandbox, &["keyctl", "rotate", "key_"], |_| {});
    let owners = answer(&sandbox, &["keyctl", "list", "--owner", ""], |_| {});
    assert_eq!(owners.stdout, "alice\n");
});

#[test]
fn a_file_that_is_no_usable_store_offers_nothing() {
    let sandbox = store(Place::sqlite());
    let file = sandbox.place.file();
    let content = fs::read(&file).expect("read");
    let path = |name: &str| sandbox.home().join(name);
    let write = |name: &str, content: &[u8]| {
        fs::write(path(name), content).expect("written");
        fs::set_permissions(path(name), fs::Permissions::from_mode(0o600)).expect("mode");
    };
    write("cut.db", &content[..content.len() / 2]);
    write("text.db", b"no database at all");
    write("empty.db", b"");
    let mut torn = content.clone();
    torn[4096..].fill(0xa5);
    write("torn.db", &torn);
    fs::create_dir(path("folder.db")).expect("a folder");
    rustix::fs::mknodat(rustix::fs::CWD, path("pipe.db"), rustix::fs::FileType::Fifo, 0o600.into(), 0)
        .expect("a pipe");
    std::os::unix::fs::symlink(&file, path("link.db")).expect("a link");
    for name in [
        "cut.db",
        "text.db",
        "empty.db",
        "torn.db",
        "folder.db",
        "pipe.db",
        "link.db",
        "missing.db",
        "no/keys.db",
    ] {
        assert_silent(name, &sandbox, &SHOW, |command| {
            command.env("KEYCTL_STORE", path(name));
        });
    }
    for store in ["/dev/zero", "postgres://", "mysql://host/db", " ", "host=db password=x"] {
        assert_silent(store, &sandbox, &SHOW, |command| {
            command.env("KEYCTL_STORE", store);
        });
    }
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("mode");
    assert_silent("open to others", &sandbox, &SHOW, |_| {});
}

/// A process that holds a lock until it is released: this one reads the files to compare them,
/// which would drop its own locks on them.
fn hold(file: &Path, sql: &str) -> Child {
    let script = "import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2].split(';'): connection.execute(statement)
print('held', flush=True)
sys.stdin.read()";
    let mut holder = Command::new("python3")
        .args(["-c", script])
        .arg(file)
        .arg(sql)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 was not found: run scripts/test, which installs what is missing");
    let mut held = [0; 5];
    holder.stdout.as_mut().expect("piped").read_exact(&mut held).expect("held");
    holder
}

fn release(mut holder: Child) {
    drop(holder.stdin.take());
    assert!(holder.wait().expect("ends").success());
}

#[test]
fn a_store_that_is_locked_or_lacks_its_log_is_no_reason_to_wait() {
    let sandbox = store(Place::sqlite());
    let file = sandbox.place.file();
    let writer = hold(&file, "BEGIN EXCLUSIVE");
    assert_eq!(answer(&sandbox, &SHOW, |_| {}).stdout.lines().count(), 1, "readers go on beside a writer");
    release(writer);
    // It removed what stands beside the file.
    sandbox.ok(&["list"]);
    let alone = hold(&file, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    assert_silent("locked exclusively", &sandbox, &SHOW, |_| {});
    release(alone);
    let _ = fs::remove_file(format!("{}-wal", file.display()));
    let _ = fs::remove_file(format!("{}-shm", file.display()));
    let before = files(sandbox.home());
    assert_eq!(answer(&sandbox, &SHOW, |_| {}).stdout.lines().count(), 1);
    assert!(files(sandbox.home()) == before, "something was written");
}

#[test]
fn a_server_that_does_not_answer_is_not_waited_for() {
    let sandbox = store(Place::postgres());
    let database = sandbox.place.database.clone().expect("a database");
    let stopped = |stream| {
        thread::sleep(Duration::from_secs(60));
        drop(stream);
    };
    let silent = listen("127.0.0.1", stopped);
    let address = |port: u16, rest: &str| format!("postgres://{USER}@127.0.0.1:{port}/{rest}");
    let stops_at = |text| address(relay("127.0.0.1", Some(text)), &database);
    let hosts = format!("postgres://{USER}@127.0.0.1:{silent},127.0.0.1:{silent}/{database}");
    for (what, store) in [
        ("silent", address(silent, &database)),
        ("silent to TLS", address(silent, "d?sslmode=require")),
        ("silent, and to be waited for", address(silent, "d?connect_timeout=30")),
        ("silent hosts", hosts),
        ("stops at the first question", stops_at("session_user")),
        ("stops at the schema", stops_at("schema_migration")),
        ("stops at the keys", stops_at("key k")),
        ("closed", address(1, &database)),
        // Reserved for documentation (RFC 5737): nobody is there.
        ("unreachable", "postgres://u@192.0.2.1/d?sslmode=require".to_owned()),
        ("unknown", "postgres://u@no-such-host.invalid/d".to_owned()),
        (
            "another password",
            format!("postgres://{USER}:hunter2@127.0.0.1:{}/{database}", postgres::server().port),
        ),
        ("no such database", address(postgres::server().port, "no_such_database")),
        ("no store in it", address(postgres::server().port, "postgres")),
    ] {
        assert_silent(what, &sandbox, &SHOW, |command| {
            command.env("KEYCTL_STORE", &store);
        });
        assert_silent(what, &sandbox, &["keyctl", "show", "--store", &store, ""], |command| {
            command.env_remove("KEYCTL_STORE").env("PGPASSWORD", PASSWORD);
        });
    }
}

#[test]
fn whatever_a_shell_hands_over_is_no_error() {
    let sandbox = store(Place::sqlite());
    for how in ["", "0", "1", "99", "-1", "line", "x", "18446744073709551616"] {
        for input in [
            &b""[..],
            b"\0",
            b"\0\0\0",
            b"keyctl\0",
            b"keyctl show \xff\xfe\0\0\0",
            b"keyctl\0show\0\xff\0",
            b"no end",
        ] {
            let mut command = sandbox.command::<&str>(&["--version"]);
            command.env("KEYCTL_COMPLETE", how);
            let (ran, took) = run_bounded(command, Some(input));
            assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{how}: {input:?}");
            assert!(took < Duration::from_secs(2), "{how}: {input:?}: {took:?}");
        }
    }
    // Somebody who tries it by hand.
    let (mut command, _) = asking(&sandbox, &SHOW);
    command.stdin(Stdio::piped());
    let mut child = command.spawn().expect("starts");
    let input = child.stdin.take();
    assert!(child.wait().expect("ends").success());
    drop(input);
}

#[test]
fn what_is_typed_stands_in_no_process_list() {
    // printf is part of each of these shells: no process is started for it.
    let piped = Regex::new(r"printf '%s\\0' [^|]*\|\s*KEYCTL_COMPLETE=.* 2>/dev/null").expect("a pattern");
    for script in ["keyctl.bash", "_keyctl", "keyctl.fish"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions").join(script);
        let text = fs::read_to_string(path).expect("a script");
        assert!(piped.is_match(&text), "{script}: {text}");
    }
}
