//! What is written over by a token's file, by an export and by the audit sink, and what never is.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::both;
use crate::support::cli::{PROGRAM, Sandbox};
use crate::support::runner::{Effect, State, case, check, report, run_bounded, try_case};
use crate::support::store::Place;

/// A token of nobody's, by its form.
const TOKEN: &str = "sks_4fTq9ZkPw2Xa_0000000000000000000000000000000000000000000ZZZZZZ";

/// One that was made elsewhere and is in the store by its SHA-256.
const FOREIGN: &str = "sk-9f8e7d6c5b4a39281706f5e4d3c2b1a0";

const MASTER_KEY: &str = "pf4t1zq8rX0mHnTt1YxN0oWqk3sZJx7cV5bLr2dUeEA=\n";

/// What a file holds, and whether a rotation replaces it without being told to.
const HELD: [(&str, &str, bool); 21] = [
    ("a token and LF", "TOKEN\n", true),
    ("a token and CRLF", "TOKEN\r\n", true),
    ("a token alone", "TOKEN", true),
    ("an imported token", "FOREIGN\n", true),
    ("an imported token alone", "FOREIGN", true),
    ("nothing", "", false),
    ("an empty line", "\n", false),
    ("two line ends", "TOKEN\n\n", false),
    ("CR alone", "TOKEN\r", false),
    ("two tokens", "TOKEN\nTOKEN\n", false),
    ("a token and more", "TOKEN # alice\n", false),
    ("a blank before", " TOKEN\n", false),
    ("a blank behind", "TOKEN \n", false),
    ("a byte order mark", "\u{feff}TOKEN\n", false),
    ("a variable", "KEY=TOKEN\n", false),
    ("a public part", "sks_4fTq9ZkPw2Xa\n", false),
    ("a key of nobody's", "sk-00112233445566778899aabbccddeeff\n", false),
    ("a hash", "d6cbc963dbc36ad1c08fc8cc59e65ea0b099b93caea1f306814a8b3880532050\n", false),
    ("a master key", MASTER_KEY, false),
    ("a configuration", "store = \"keys.db\"\n", false),
    ("no text", "\u{0}\u{1}\u{2}", false),
];

fn held(text: &str) -> String {
    text.replace("TOKEN", TOKEN).replace("FOREIGN", FOREIGN)
}

fn with_keys(place: Place) -> Sandbox {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    let imported = format!("API_KEYS='{{\"{FOREIGN}\": \"bob\"}}'\n");
    sandbox.feed(&["import", "mem0", "-", "--scope", "m"], &imported).expect_code(0);
    sandbox
}

both!(a_rotation_replaces_a_token_and_nothing_else, |place| {
    let sandbox = with_keys(place);
    let path = sandbox.home().join("file");
    let mut state = State::of(&sandbox.place);
    let mut failures = Vec::new();
    for (name, text, replaces) in HELD {
        let text = held(text);
        fs::write(&path, &text).unwrap();
        let of_file =
            |words: &str| case(name, words).arg("--out-file").arg(&path).hides(TOKEN).hides(FOREIGN);
        let (rehearsal, rotation) = ("rotate alice --dry-run", "rotate alice --grace 0");
        let refused =
            |words: &str| of_file(words).fails(2, "nothing was changed", "--overwrite").says("file holds");
        let rows = if replaces {
            vec![of_file(rehearsal).says("dry run"), of_file(rotation).leaves(Effect::Change)]
        } else {
            let refused = |words: &str| {
                if text == MASTER_KEY {
                    of_file(words).fails(2, "is a master key; nothing was changed", "")
                } else {
                    refused(words)
                }
            };
            vec![refused(rehearsal), refused(rotation)]
        };
        for row in &rows {
            failures.extend(try_case(&sandbox, row, &mut state));
        }
        let left = fs::read_to_string(&path).unwrap();
        if (left == text) == replaces {
            failures.push(format!("## {name}: it holds {left:?}"));
        }
        fs::write(&path, &text).unwrap();
        let is_key = text == MASTER_KEY;
        let row = of_file("rotate alice --overwrite");
        let row = if is_key {
            row.fails(2, "is a master key; nothing was changed", "")
        } else {
            row.leaves(Effect::Change).says("new token is in")
        };
        failures.extend(try_case(&sandbox, &row, &mut state));
        if (fs::read_to_string(&path).unwrap() == text) != is_key {
            failures.push(format!("## {name}: not overwritten"));
        }
    }
    report(&failures);
    let long = sandbox.home().join("long");
    fs::write(&long, "sks".repeat(1_000_000)).unwrap();
    let closed = sandbox.home().join("closed");
    fs::write(&closed, "precious").unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    let into = |path: &Path| case("", "rotate alice --out-file").arg(path);
    check(
        &sandbox,
        vec![
            into(&long).fails(2, "nothing was changed", "--overwrite"),
            into(&closed).fails(2, "nothing was changed", "--overwrite"),
            case("nothing to overwrite", "rotate alice --overwrite").fails(2, "--out-file", ""),
        ],
    );
});

/// The files that keyctl lives on, by their names below the home folder.
const OWN: [&str; 14] = [
    "keys.db",
    "keys.db-wal",
    "keys.db-shm",
    "keys.db-journal",
    "keys.db.backup-1700000000000-schema-1",
    "other.db",
    "other.db-wal",
    "config.toml",
    "master.key",
    "profile.key",
    "apollo.key",
    "pgpass",
    "sink.jsonl",
    "missing.key",
];

fn own_files(sandbox: &Sandbox) {
    let at = |name: &str| sandbox.home().join(name);
    let config = "master_key_file = \"profile.key\"\n[profile.other]\nstore = \"other.db\"\nmaster_key_file = \"missing.key\"\n";
    for (name, text) in [
        ("config.toml", config),
        ("keys.db.backup-1700000000000-schema-1", TOKEN),
        ("other.db", TOKEN),
        ("master.key", MASTER_KEY),
        ("profile.key", TOKEN),
        ("apollo.key", MASTER_KEY),
        ("pgpass", "*:*:*:*:hunter2\n"),
        ("sink.jsonl", ""),
    ] {
        fs::write(at(name), text).unwrap();
        fs::set_permissions(at(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
}

/// Other spellings and names of one file.
fn spellings(home: &Path, name: &str) -> Vec<PathBuf> {
    let (hard, soft) = (home.join(format!("hard-{name}")), home.join(format!("soft-{name}")));
    let mut all = vec![
        home.join(name),
        PathBuf::from(name),
        home.join("folder/..").join(name),
        home.join("door").join(name),
    ];
    // A link to nothing is no plain file, which is refused where it is written.
    if home.join(name).exists() {
        symlink(name, &soft).unwrap();
        all.push(soft);
    }
    // A second name of the store itself is refused for another reason.
    if fs::hard_link(home.join(name), &hard).is_ok() {
        if name == "keys.db" {
            fs::remove_file(&hard).unwrap();
        } else {
            all.push(hard);
        }
    }
    all
}

#[test]
fn what_keyctl_lives_on_is_never_written_over() {
    let sandbox = with_keys(Place::sqlite());
    own_files(&sandbox);
    let home = sandbox.home();
    fs::create_dir(home.join("folder")).unwrap();
    symlink(home, home.join("door")).unwrap();
    let mut state = State::of(&sandbox.place);
    let mut failures = Vec::new();
    let commands = [
        "rotate alice",
        "rotate alice --overwrite",
        "rotate alice --overwrite --dry-run",
        "mint carol --scope m",
        "mint carol --scope m --dry-run",
        "import mem0 - --remint --scope m",
        "audit export",
        "master init",
    ];
    for name in OWN {
        let bytes = fs::read(home.join(name)).ok();
        for (number, path) in spellings(home, name).into_iter().enumerate() {
            for words in commands {
                // All spellings go the same way from here on.
                if number > 0 && words != "rotate alice --overwrite" {
                    continue;
                }
                // A key's own file is what master init makes; there it finds one, or makes one.
                if words == "master init" && name.ends_with(".key") {
                    continue;
                }
                let row = case(format!("{words} {}", path.display()), words)
                    .arg("--out-file")
                    .arg(&path)
                    .input(r#"API_KEYS={"sk-00112233445566778899aabbccddeeff": "carol"}"#)
                    .env("KEYCTL_CONFIG", home.join("config.toml"))
                    .env("KEYCTL_MASTER_KEY_FILE", home.join("master.key"))
                    .env("APOLLO_ENC_KEY_FILE", home.join("apollo.key"))
                    .env("PGPASSFILE", home.join("pgpass"))
                    .env("KEYCTL_AUDIT_SINK", format!("file:{}", home.join("sink.jsonl").display()))
                    .stdout(str::is_empty)
                    .fails(2, "never written over", "a token's alone");
                failures.extend(try_case(&sandbox, &row, &mut state));
            }
        }
        if fs::read(home.join(name)).ok() != bytes {
            failures.push(format!("## {name} was changed"));
        }
    }
    report(&failures);
}

/// By what they hold, whatever they are called.
#[test]
fn stores_and_keys_that_nothing_names_are_not_written_over_either() {
    let sandbox = with_keys(Place::sqlite());
    let home = sandbox.home();
    fs::copy(sandbox.place.file(), home.join("copy")).unwrap();
    fs::write(home.join("key"), MASTER_KEY).unwrap();
    sandbox.ok(&["mint", "dora"]);
    fs::write(home.join("seen"), format!("{} 7\n", sandbox.ok(&["audit", "checkpoint"]).trim())).unwrap();
    for (name, what) in [("copy", "a keyctl store"), ("key", "a master key"), ("seen", "keyctl remembers")] {
        let (path, bytes) = (home.join(name), fs::read(home.join(name)).unwrap());
        for more in [&[][..], &["--dry-run"]] {
            let args =
                [&["rotate", "dora", "--overwrite", "--out-file", path.to_str().unwrap()], more].concat();
            let ran = sandbox.run(&args).expect_code(2);
            assert!(
                ran.stderr.contains(what) && ran.stderr.contains("nothing was changed"),
                "{}",
                ran.stderr
            );
        }
        assert!(fs::read(&path).unwrap() == bytes, "{name}");
    }
}

/// What a sink's file holds, and whether records are appended to it. `RECORD` is one of a store.
const SINKS: [(&str, &str, bool); 11] = [
    ("nothing", "", true),
    ("a record", "RECORD\n", true),
    ("two records", "RECORD\nRECORD\n", true),
    ("half a record", "RECORD\n{\"store_uuid\":\"", false),
    ("a record without an end", "RECORD", false),
    ("a text", "precious\n", false),
    ("a text and a record", "precious\nRECORD\n", false),
    ("a record and a text", "RECORD\nprecious\n", false),
    ("another program's lines", "{\"level\":\"info\"}\n", false),
    ("a master key", MASTER_KEY, false),
    ("an empty line", "\n", false),
];

#[test]
fn records_are_appended_to_records_only() {
    let sandbox = with_keys(Place::sqlite());
    let record = sandbox.ok(&["audit", "export"]).lines().next().unwrap().to_owned();
    let path = sandbox.home().join("sink");
    let sink = format!("file:{}", path.display());
    let mut failures = Vec::new();
    let mut state = State::of(&sandbox.place);
    let big =
        format!("{}\n", record.replace("\"seq\":1", &format!("\"seq\":1,\"x\":\"{}\"", "y".repeat(300_000))));
    let more = [("long records", format!("{big}{big}"), true), ("a long text", "x".repeat(9_000_000), false)];
    let rows = SINKS.iter().map(|(name, text, taken)| (*name, text.replace("RECORD", &record), *taken));
    for (number, (name, text, taken)) in rows.chain(more).enumerate() {
        fs::write(&path, &text).unwrap();
        let words = format!("edit alice --label x={number}");
        let mut row = case(name, &words).env("KEYCTL_AUDIT_SINK", &sink).leaves(Effect::Change);
        if !taken {
            row = row.says("not delivered to KEYCTL_AUDIT_SINK").says("audit export --since-seq");
        }
        failures.extend(try_case(&sandbox, &row, &mut state));
        let left = fs::read_to_string(&path).unwrap();
        if !left.starts_with(&text) || (left.len() > text.len()) != taken {
            failures.push(format!("## {name}: {} of {} bytes", left.len(), text.len()));
        }
    }
    // The store's own files are no sink, empty ones neither.
    for name in ["keys.db", "keys.db-wal", "keys.db-journal"] {
        let sink = format!("file:{}", sandbox.home().join(name).display());
        let row = case(name, &format!("edit alice --label x={name}"))
            .env("KEYCTL_AUDIT_SINK", sink)
            .leaves(Effect::Change);
        failures.extend(try_case(&sandbox, &row.says("it is a file of a store"), &mut state));
    }
    report(&failures);
    assert!(!sandbox.home().join("keys.db-journal").exists());
    sandbox.ok(&["store", "check"]);
}

fn hidden(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with('.')).collect()
}

both!(what_a_killed_rotation_left_is_named_and_removed_by_the_next, |place| {
    let sandbox = Sandbox::with_store(place);
    let folder = sandbox.home().join("tokens");
    fs::create_dir(&folder).unwrap();
    let path = folder.join("token");
    let path = path.to_str().unwrap();
    sandbox.ok(&["mint", "alice", "--scope", "m", "--out-file", path]);
    // Killed at one moment after another, until one of them leaves something.
    let mut delay = Duration::ZERO;
    while hidden(&folder).is_empty() {
        delay = if delay > Duration::from_millis(150) {
            Duration::ZERO
        } else {
            delay + Duration::from_micros(250)
        };
        let usual = sandbox.command(&["rotate", "alice", "--out-file", path]);
        let mut command = Command::new(PROGRAM);
        command.args(usual.get_args()).env_clear().current_dir(sandbox.home());
        command.envs(usual.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(delay);
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let left = hidden(&folder);
    let works =
        |path: &Path| fs::read_to_string(path).is_ok_and(|token| sandbox.verify(&token, &[]).0 == Some(0));
    assert!(works(Path::new(path)) || left.iter().any(|name| works(&folder.join(name))), "no token is lost");
    let mut looks = sandbox.command(&["store", "check"]);
    looks.current_dir(&folder);
    let checked = run_bounded(looks, None).0;
    assert!(checked.code == Some(0) && checked.stderr.contains(&left[0]), "{checked:?}");
    let rotated = sandbox.run(&["rotate", "alice", "--out-file", path]).expect_code(0);
    assert!(rotated.stderr.contains("removed ") && rotated.stderr.contains(&left[0]), "{rotated:?}");
    assert_eq!(hidden(&folder), Vec::<String>::new());
    assert!(works(Path::new(path)));
});

#[test]
fn only_what_a_dead_process_left_is_removed() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let home = sandbox.home();
    let path = home.join("token");
    let words = ["rotate", "alice", "--out-file", path.to_str().unwrap()];
    sandbox.ok(&["mint", "alice", "--scope", "m", "--out-file", words[3]]);
    // No process of this number lives: the system's highest is below it.
    let dead = |number: u32| home.join(format!(".token.keyctl-1999999999-{number}"));
    let precious = home.join("precious");
    fs::write(&precious, format!("{TOKEN}\n")).unwrap();
    symlink(&precious, dead(1)).unwrap();
    fs::create_dir(dead(2)).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, dead(3), rustix::fs::Mode::from_raw_mode(0o600)).unwrap();
    fs::write(dead(4), "another program's\n").unwrap();
    let living = home.join(format!(".token.keyctl-{}-0", std::process::id()));
    let others = home.join(".others.keyctl-1999999999-0");
    let held = dead(5);
    for path in [&living, &others, &held] {
        fs::write(path, format!("{TOKEN}\n")).unwrap();
    }
    let lock = fs::File::open(&held).unwrap();
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).unwrap();
    let mut kept = vec![dead(1), dead(2), dead(3), dead(4), living, others, held];
    if rustix::process::getuid().is_root() {
        fs::write(dead(6), format!("{TOKEN}\n")).unwrap();
        std::os::unix::fs::chown(dead(6), Some(65_534), None).unwrap();
        kept.push(dead(6));
    }
    fs::write(dead(7), format!("{TOKEN}\n")).unwrap();
    fs::write(dead(8), "").unwrap();
    let inode = |path: &Path| fs::symlink_metadata(path).map(|found| found.ino()).ok();
    let before: Vec<_> = kept.iter().map(|path| inode(path)).collect();
    sandbox.ok(&words);
    assert_eq!(kept.iter().map(|path| inode(path)).collect::<Vec<_>>(), before);
    assert_eq!((inode(&dead(7)), inode(&dead(8))), (None, None));
    assert_eq!(fs::read_to_string(&precious).unwrap(), format!("{TOKEN}\n"));
    drop(lock);
    sandbox.ok(&words);
    assert_eq!(inode(&dead(5)), None);
}
