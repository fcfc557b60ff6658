//! Files in the store's place that are no store, or not quite: refused and left as they were.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;

use rusqlite::Connection;

use crate::support::cli::Sandbox;
use crate::support::runner::{case, check, report, run_bounded};
use crate::support::store::Place;
use crate::support::unprivileged;

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_store(Place::sqlite());
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    sandbox
}

/// Everything in a folder: names, kinds, modes, times, bytes.
fn look(folder: &Path) -> Vec<String> {
    let mut seen = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let found = fs::symlink_metadata(&path).unwrap();
        let bytes = if found.is_file() { fingerprint(&fs::read(&path).unwrap()) } else { 0 };
        seen.push(format!(
            "{} {:?} {:o} {} {} {}.{} {bytes}",
            path.display(),
            found.file_type(),
            found.mode(),
            found.ino(),
            found.nlink(),
            found.mtime(),
            found.mtime_nsec()
        ));
    }
    seen.sort();
    seen
}

fn fingerprint(bytes: &[u8]) -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

type Spoil = fn(&Path);

fn truncate(path: &Path, to: u64) {
    settle(path);
    fs::File::options().write(true).open(path).unwrap().set_len(to).unwrap();
}

/// Puts everything into the one file, as another tool's session does at its end.
fn settle(path: &Path) {
    Connection::open(path).unwrap().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    for suffix in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{suffix}", path.display()));
    }
}

fn replace(path: &Path, with: impl FnOnce(&Path)) {
    settle(path);
    fs::remove_file(path).unwrap();
    with(path);
}

fn sql(path: &Path, sql: &str) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// What stands in the store's place, and what the error and the hint say of it.
const SPOILT: [(&str, Spoil, &str, &str); 27] = [
    (
        "a symbolic link",
        |path| {
            let real = path.with_extension("real");
            settle(path);
            fs::rename(path, &real).unwrap();
            symlink(real, path).unwrap();
        },
        "symbolic link",
        "?symlink=follow",
    ),
    (
        "a dangling link",
        |path| replace(path, |path| symlink("nowhere", path).unwrap()),
        "symbolic link",
        "symlink=follow",
    ),
    (
        "a link to itself",
        |path| replace(path, |path| symlink(path, path).unwrap()),
        "symbolic link",
        "symlink=follow",
    ),
    ("readable by all", |path| mode(path, 0o644), "open to others", "chmod g-w,o-rwx"),
    ("writable by all", |path| mode(path, 0o666), "open to others", "chmod g-w,o-rwx"),
    ("writable by the group", |path| mode(path, 0o660), "mode 0660", "chmod g-w,o-rwx"),
    ("executable by all", |path| mode(path, 0o601), "open to others", "chmod"),
    (
        "a FIFO",
        |path| {
            replace(path, |path| {
                rustix::fs::mkfifoat(rustix::fs::CWD, path, rustix::fs::Mode::from_raw_mode(0o600)).unwrap();
            })
        },
        "is a pipe",
        "database file",
    ),
    (
        "a directory",
        |path| replace(path, |path| fs::create_dir(path).unwrap()),
        "is a directory",
        "database file",
    ),
    (
        "a socket",
        |path| replace(path, |path| drop(std::os::unix::net::UnixListener::bind(path).unwrap())),
        "socket",
        "database file",
    ),
    ("empty", |path| truncate(path, 0), "is empty", "store init"),
    ("one byte", |path| truncate(path, 1), "another application", "keyctl store"),
    ("cut off in the header", |path| truncate(path, 99), "", "keyctl store"),
    ("cut off behind the header", |path| truncate(path, 100), "", "keyctl store"),
    ("cut off in the first page", |path| truncate(path, 4095), "", "keyctl store"),
    ("one page", |path| truncate(path, 4096), "damaged or cut off", "backup"),
    ("cut off in the second page", |path| truncate(path, 6000), "damaged or cut off", "backup"),
    (
        "its last page missing",
        |path| {
            settle(path);
            truncate(path, fs::metadata(path).unwrap().len() - 4096);
        },
        "damaged or cut off",
        "backup",
    ),
    (
        "half of it",
        |path| {
            settle(path);
            truncate(path, fs::metadata(path).unwrap().len() / 2);
        },
        "damaged or cut off",
        "backup",
    ),
    (
        "random bytes",
        |path| {
            replace(path, |path| {
                fs::write(
                    path,
                    (0..8192_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect::<Vec<_>>(),
                )
                .unwrap();
                mode(path, 0o600);
            })
        },
        "not a SQLite database",
        "keyctl store",
    ),
    (
        "a text",
        |path| {
            replace(path, |path| {
                fs::write(path, "API_KEYS={\"alice\": 1}\n".repeat(100)).unwrap();
                mode(path, 0o600);
            })
        },
        "not a SQLite database",
        "keyctl store",
    ),
    (
        "another application's",
        |path| {
            replace(path, |path| {
                sql(path, "CREATE TABLE bookmarks (url TEXT); INSERT INTO bookmarks VALUES ('a')");
                mode(path, 0o600);
            })
        },
        "another application",
        "store init",
    ),
    (
        "another application's, write-ahead",
        |path| {
            replace(path, |path| {
                sql(path, "PRAGMA journal_mode = WAL; CREATE TABLE bookmarks (url TEXT)");
                mode(path, 0o600);
            })
        },
        "another application",
        "store init",
    ),
    (
        "another application's of our tables",
        |path| {
            sql(path, "PRAGMA application_id = 1");
            settle(path);
        },
        "another application",
        "store init",
    ),
    (
        "an empty database",
        |path| {
            replace(path, |path| {
                sql(path, "PRAGMA user_version = 2; CREATE TABLE a (b); DROP TABLE a");
                mode(path, 0o600);
            })
        },
        "another application",
        "store init",
    ),
    ("a newer schema", |path| sql(path, "PRAGMA user_version = 99"), "schema 99", "newer keyctl"),
    (
        "a newer schema and other tables",
        |path| {
            sql(
                path,
                "PRAGMA user_version = 99; DROP VIEW keyctl_tokens_v1; ALTER TABLE token ADD COLUMN more TEXT",
            );
        },
        "schema 99",
        "newer keyctl",
    ),
];

const COMMANDS: [&str; 5] = ["list", "mint bob --scope m", "revoke alice", "store check", "store migrate"];

#[test]
fn what_is_no_store_is_refused_and_left_as_it_was() {
    let mut failures = Vec::new();
    for (name, spoil, says, hint) in SPOILT {
        let sandbox = sandbox();
        spoil(&sandbox.place.file());
        for words in COMMANDS {
            let before = look(sandbox.home());
            let (ran, took) = run_bounded(sandbox.command(&words.split(' ').collect::<Vec<_>>()), None);
            let hinted = ran
                .stderr
                .split_once("hint: ")
                .is_some_and(|(error, rest)| error.contains(says) && rest.contains(hint));
            let mut wrong = Vec::new();
            if ran.code != Some(7) || !hinted || ran.stderr.contains("defect") || !ran.stdout.is_empty() {
                wrong.push(format!("{ran:?}"));
            }
            if took.as_secs() >= 4 {
                wrong.push(format!("took {took:?}"));
            }
            let after = look(sandbox.home());
            let changed: Vec<&String> = after.iter().filter(|line| !before.contains(line)).collect();
            // What readers of another user need may be put back beside a store.
            let beside =
                changed.iter().all(|line| line.contains("keys.db-wal") || line.contains("keys.db-shm"));
            let expected = changed.is_empty() || beside && name.starts_with("a newer");
            if after.len() < before.len() || !expected {
                wrong.push(format!("changed: {changed:?}"));
            }
            failures.extend(wrong.iter().map(|text| format!("## {name}: {words}\n  {text}")));
        }
        // A verification is never denied because of the store.
        let (ran, _) = run_bounded(
            sandbox.command(&["verify"]),
            Some(b"sks_4fTq9ZkPw2Xa_0000000000000000000000000000000000000000000ZZZZZZ"),
        );
        if ran.code != Some(7) || !ran.stdout.is_empty() {
            failures.push(format!("## {name}: verify\n  {ran:?}"));
        }
        // And nothing is created in its place.
        let (ran, _) = run_bounded(sandbox.command(&["store", "init"]), None);
        if ran.code != Some(4) || !ran.stderr.contains("hint: ") {
            failures.push(format!("## {name}: store init\n  {ran:?}"));
        }
    }
    report(&failures);
}

#[test]
fn devices_and_missing_places_are_refused() {
    let sandbox = Sandbox::empty(Place::sqlite());
    let at = |place: &str, words: &str| case(format!("{place}: {words}"), words).env("KEYCTL_STORE", place);
    let mut cases = Vec::new();
    for words in COMMANDS {
        cases.push(at("/dev/zero", words).fails(7, "device", "database file"));
        cases.push(at("/dev/null", words).fails(7, "device", "database file"));
        cases.push(at("/", words).fails(7, "", "database file"));
        cases.push(at("..", words).fails(7, "", "database file"));
        cases.push(at("typo.db", words).fails(7, "no keyctl store at typo.db", "store init --store typo.db"));
        cases.push(at("missing/typo.db", words).fails(7, "no keyctl store", "store init"));
        cases.push(at("/etc/passwd/keys.db", words).fails(7, "Not a directory", "folder"));
        cases.push(at("sqlite:typo.db?symlink=follow", words).fails(7, "no keyctl store", "store init"));
    }
    cases.push(at("/proc/keys/keys.db", "store init").fails(7, "cannot be created", "--store"));
    cases.push(at("/dev/null", "store init").fails(4, "exists", "another place"));
    check(&sandbox, cases);
    assert_eq!(fs::read_dir(sandbox.home()).unwrap().count(), 0, "something was created");
}

#[test]
fn a_symbolic_link_is_followed_where_that_was_asked_for() {
    let sandbox = sandbox();
    let link = sandbox.home().join("link.db");
    symlink(sandbox.place.file(), &link).unwrap();
    let place = format!("sqlite:{}?symlink=follow", link.display());
    check(
        &sandbox,
        vec![
            case("read", "list").env("KEYCTL_STORE", &place).stdout(|out| out.starts_with("alice/")),
            case("change", "mint bob --scope m").env("KEYCTL_STORE", &place).mints(),
            case("not asked for", "list").env("KEYCTL_STORE", &link).fails(
                7,
                "symbolic link",
                "symlink=follow",
            ),
        ],
    );
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(sandbox.ok(&["list"]).lines().count(), 2);
}

#[test]
fn a_hard_link_is_warned_of_and_never_written_through() {
    let sandbox = sandbox();
    fs::hard_link(sandbox.place.file(), sandbox.home().join("copy.db")).unwrap();
    let refused = |words: &str| case(words, words).fails(7, "2 hard links", "remove the other names");
    check(
        &sandbox,
        vec![
            case("read", "list")
                .says("warning: ")
                .says("2 hard links")
                .stdout(|out| out.starts_with("alice/")),
            case("quiet", "list -q").stdout(|out| out.starts_with("alice/")),
            refused("mint bob --scope m"),
            refused("rotate alice"),
            refused("revoke alice"),
            refused("store migrate"),
            refused("mint bob --dry-run"),
        ],
    );
}

#[test]
fn files_that_another_tool_removed_are_put_back() {
    let sandbox = sandbox();
    let beside = |suffix: &str| sandbox.home().join(format!("keys.db{suffix}"));
    for words in ["list", "mint bob --scope m", "store check", "show alice"] {
        sandbox.place.sql("UPDATE head SET id = 1").unwrap();
        assert!(!beside("-wal").exists(), "the other tool leaves them");
        sandbox.ok(&words.split(' ').collect::<Vec<_>>());
        for suffix in ["-wal", "-shm"] {
            let found =
                fs::metadata(beside(suffix)).unwrap_or_else(|error| panic!("{words}: {suffix}: {error}"));
            assert_eq!(found.mode() & 0o7777, 0o600, "{words}: {suffix}");
        }
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_no_hindrance_to_readers() {
    let sandbox = sandbox();
    sandbox.ok(&["list"]);
    unprivileged::own(sandbox.home());
    mode(sandbox.home(), 0o500);
    let run = |words: &str| unprivileged::run(&sandbox, &words.split(' ').collect::<Vec<_>>());
    let listed = run("list");
    assert!(listed.code == Some(0) && listed.stdout.starts_with("alice/"), "{listed:?}");
    mode(sandbox.home(), 0o700);
    for suffix in ["-wal", "-shm"] {
        fs::remove_file(format!("{}{suffix}", sandbox.place.file().display())).unwrap();
    }
    mode(sandbox.home(), 0o500);
    let before = look(sandbox.home());
    for words in ["list", "mint bob --scope m", "revoke alice", "store migrate", "store init --store new.db"]
    {
        let ran = run(words);
        assert_eq!(ran.code, Some(7), "{words}: {ran:?}");
        assert!(ran.stderr.contains("error: ") && ran.stderr.contains("hint: "), "{words}: {ran:?}");
        assert!(ran.stderr.contains("folder"), "{words}: {ran:?}");
        assert_eq!(look(sandbox.home()), before, "{words}");
    }
    mode(sandbox.home(), 0o700);
    mode(&sandbox.place.file(), 0o400);
    let ran = run("mint bob --scope m");
    assert!(
        ran.code == Some(7) && ran.stderr.contains("hint: run the command as the store's owner"),
        "{ran:?}"
    );
}
