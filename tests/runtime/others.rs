//! A process of another user, with the system's own Python, beside a SQLite file.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;
use std::{fs, thread};

use crate::support::cli::{PROGRAM, Sandbox};
use crate::support::library::{minted, request};
use crate::support::store::Place;

/// A user that is not the file's, and a group that it is in.
const USER: u32 = 65_534;

/// Reads every view, with an untrusted schema and with a trusted one, and counts the tokens.
const SCRIPT: &str = "
import sqlite3, sys
views = ['tokens', 'store', 'changes', 'bindings', 'secrets']
for trusted in ('ON', 'OFF'):
    db = sqlite3.connect('file:' + sys.argv[1] + '?mode=ro', uri=True, timeout=5)
    db.execute('PRAGMA trusted_schema = ' + trusted)
    rows = {view: len(db.execute(f'SELECT * FROM keyctl_{view}_v1').fetchall()) for view in views}
    states = sorted({state for (state,) in db.execute('SELECT state FROM keyctl_tokens_v1')})
    print(rows['tokens'], rows['store'], rows['changes'] > 0, states)
    db.close()
";

/// Python as another user of the group `daemon`, where the tests may become one; else as this one.
fn python(file: &Path) -> Output {
    let mut command = if rustix::process::getuid().is_root() {
        let mut command = Command::new("setpriv");
        command.args([&format!("--reuid={USER}"), "--regid=daemon", "--clear-groups", "/usr/bin/python3"]);
        command
    } else {
        Command::new("python3")
    };
    command.args(["-c", SCRIPT]).arg(file).output().expect("runs")
}

#[track_caller]
fn reads(file: &Path, tokens: usize) {
    let ran = python(file);
    let shown = String::from_utf8_lossy(&ran.stdout).into_owned();
    let line = format!("{tokens} 1 True ['active']\n");
    assert_eq!(shown, line.repeat(2), "{}", String::from_utf8_lossy(&ran.stderr));
}

/// Folders above the store that others may pass.
fn open_the_way(place: &Place) {
    let folder = place.folder.path();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).expect("mode");
    if rustix::process::getuid().is_root() {
        chown(folder, None, None).expect("chown");
    }
}

#[test]
fn a_group_reads_while_keyctl_writes_while_nothing_runs_and_after_a_writer_was_killed() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    open_the_way(&sandbox.place);
    let file = sandbox.place.file();
    minted(&mut sandbox.place.env(), &request("alice"));
    if rustix::process::getuid().is_root() {
        assert!(!python(&file).status.success(), "before it is granted");
    }
    sandbox.ok(&["store", "grant", "--group", &group()]);
    let mode = |path: &Path| fs::metadata(path).expect("there").mode() & 0o7777;
    assert_eq!((mode(&file), mode(sandbox.place.folder.path())), (0o640, 0o2750));
    // Nothing runs.
    reads(&file, 1);
    // keyctl writes.
    let writing = thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut env = sandbox.place.env();
            for number in 0..30 {
                let name = format!("key-{number}");
                minted(
                    &mut env,
                    &keyctl::ops::keys::mint::Request { name: name.parse().ok(), ..request("alice") },
                );
                thread::sleep(Duration::from_millis(10));
            }
        });
        let mut looks = 0;
        while !writer.is_finished() {
            let ran = python(&file);
            assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
            looks += 1;
        }
        looks
    });
    assert!(writing > 0);
    reads(&file, 31);
    // A writer is killed in the middle.
    let mut csv = String::from("hash,owner,name\n");
    for number in 0..100_000 {
        csv.push_str(&format!("{number:064x},carol,key-{number}\n"));
    }
    // Not in the store's own folder, which is then no longer its own.
    let elsewhere = tempfile::tempdir().expect("a folder");
    let many = elsewhere.path().join("many.csv");
    fs::write(&many, csv).expect("written");
    let mut command = Command::new(PROGRAM);
    let usual = sandbox.command(&["import", "csv", many.to_str().expect("a path")]);
    command.args(usual.get_args()).env_clear().current_dir(sandbox.home());
    command.envs(usual.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut writer = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
    let written = || sandbox.place.sql("SELECT COUNT(*) > 100 FROM token").expect("rows") == "1";
    while !written() {
        assert!(writer.try_wait().expect("looked").is_none(), "it ended before it wrote");
        thread::sleep(Duration::from_millis(10));
    }
    writer.kill().expect("killed");
    assert_eq!(writer.wait().expect("ended").signal(), Some(9), "in the middle");
    let ran = python(&file);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    // The way back.
    sandbox.ok(&["store", "grant", "--none"]);
    assert_eq!((mode(&file), mode(sandbox.place.folder.path())), (0o600, 0o700));
    if rustix::process::getuid().is_root() {
        assert!(!python(&file).status.success(), "after it is taken away");
    }
}

/// `daemon` is on every system that Debian's packages run on; elsewhere the tests' own group.
fn group() -> String {
    let own = || nix_group().unwrap_or_else(|| "daemon".to_owned());
    if rustix::process::getuid().is_root() { "daemon".to_owned() } else { own() }
}

fn nix_group() -> Option<String> {
    let ran = Command::new("id").arg("-gn").output().ok()?;
    Some(String::from_utf8_lossy(&ran.stdout).trim().to_owned())
}

/// The shell that operators have.
#[test]
fn the_sqlite3_shell_reads_every_view() {
    let place = Place::sqlite();
    place.init();
    minted(&mut place.env(), &request("alice"));
    for view in ["tokens", "store", "changes", "bindings", "secrets"] {
        for trusted in ["ON", "OFF"] {
            let sql = format!("PRAGMA trusted_schema = {trusted}; SELECT COUNT(*) FROM keyctl_{view}_v1");
            let ran =
                Command::new("sqlite3").args(["-readonly", "-batch"]).arg(place.file()).arg(sql).output();
            let ran = ran.expect("sqlite3 was not found: run scripts/test, which installs what is missing");
            let rows = String::from_utf8_lossy(&ran.stdout).trim().to_owned();
            let expected = if ["bindings", "secrets"].contains(&view) { "0" } else { "1" };
            assert_eq!(rows, expected, "{view}: {}", String::from_utf8_lossy(&ran.stderr));
        }
    }
}

#[test]
fn a_reader_tells_that_others_could_replace_the_store() {
    use keyctl::runtime::{Options, Reader};
    let place = Place::sqlite();
    place.init();
    let warning = || {
        let reader = Reader::open(&place.text(), Options::default()).expect("opens");
        reader.warning().map(str::to_owned)
    };
    assert_eq!(warning(), None);
    fs::set_permissions(place.folder.path(), fs::Permissions::from_mode(0o777)).expect("mode");
    let warned = warning().expect("a warning");
    assert!(warned.contains("others can replace the store") && warned.contains("mode 0777"), "{warned}");
}
