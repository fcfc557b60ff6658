//! Configuration files that cannot be trusted, or that say what they cannot mean.

use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _, chown, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::postgres::PASSWORD;
use crate::support::runner::{Case, case, check, report, run_bounded};
use crate::support::store::Place;
use crate::support::unprivileged;

/// The file where it is looked for.
pub fn path(sandbox: &Sandbox) -> PathBuf {
    sandbox.home().join(".config/keyctl/config.toml")
}

/// Writes the file (0600), in place of what was there.
pub fn write(sandbox: &Sandbox, text: impl AsRef<[u8]>) {
    let path = path(sandbox);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path.parent().unwrap()).unwrap();
    let _ = fs::remove_file(&path);
    fs::write(&path, text).unwrap();
    mode(&path, 0o600);
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn folder(path: &Path) -> &Path {
    path.parent().unwrap()
}

fn replace(path: &Path, with: impl FnOnce(&Path)) {
    fs::remove_file(path).unwrap();
    with(path);
}

type Spoil = fn(&Path);

/// What is done to a good file, and what the error and the hint say of it.
const SPOILT: [(&str, Spoil, &str, &str); 15] = [
    (
        "a symbolic link",
        |path| {
            let real = path.with_extension("real");
            fs::rename(path, &real).unwrap();
            symlink(real, path).unwrap();
        },
        "symbolic link",
        "cp --remove-destination",
    ),
    (
        "a dangling link",
        |path| replace(path, |path| symlink("nowhere", path).unwrap()),
        "symbolic link",
        "cp",
    ),
    ("a link to itself", |path| replace(path, |path| symlink(path, path).unwrap()), "symbolic link", "cp"),
    (
        "a link to a device",
        |path| replace(path, |path| symlink("/dev/zero", path).unwrap()),
        "symbolic link",
        "KEYCTL_CONFIG",
    ),
    ("writable by all", |path| mode(path, 0o666), "by others (mode 0666)", "chmod go-w"),
    ("writable by all others", |path| mode(path, 0o602), "by others (mode 0602)", "chmod go-w"),
    ("writable by the group", |path| mode(path, 0o660), "by others (mode 0660)", "chmod go-w"),
    ("in a folder open to all", |path| mode(folder(path), 0o777), "folder that everybody", "chmod o-w"),
    (
        "a directory",
        |path| replace(path, |path| fs::create_dir(path).unwrap()),
        "is a directory",
        "KEYCTL_CONFIG",
    ),
    (
        "a pipe",
        |path| {
            replace(path, |path| {
                let made = std::process::Command::new("mkfifo").arg(path).status().unwrap();
                assert!(made.success());
            });
        },
        "is a pipe",
        "KEYCTL_CONFIG",
    ),
    (
        "a socket",
        |path| replace(path, |path| drop(UnixListener::bind(path).unwrap())),
        "device or socket",
        "KEYCTL_CONFIG",
    ),
    ("too long", |path| fs::write(path, "#".repeat(1024 * 1024 + 1)).unwrap(), "1 MiB", "KEYCTL_CONFIG"),
    (
        "endless",
        |path| fs::File::options().write(true).open(path).unwrap().set_len(1 << 40).unwrap(),
        "1 MiB",
        "KEYCTL_CONFIG",
    ),
    (
        "not UTF-8",
        |path| fs::write(path, b"# a\n# \xff\n").unwrap(),
        "config.toml:2: this line is not UTF-8",
        "UTF-8",
    ),
    ("zeros", |path| fs::write(path, [0; 4096]).unwrap(), "config.toml:1: ", "toml.io"),
];

#[test]
fn a_file_that_somebody_else_could_have_written_is_refused() {
    for (name, spoil, says, hint) in SPOILT {
        let sandbox = Sandbox::with_store(Place::sqlite());
        write(&sandbox, "output = \"json\"\n");
        spoil(&path(&sandbox));
        let refused = |words: &str| case(format!("{name}: {words}"), words).fails(2, says, hint);
        let shown = format!("error: the configuration file {}", path(&sandbox).display());
        let mut list = refused("list");
        if !says.starts_with("config.toml:") {
            list = list.says(&shown);
        }
        check(&sandbox, vec![list, refused("mint alice --scope m"), refused("config show")]);
    }
}

#[test]
fn a_file_of_another_user_is_refused() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    write(&sandbox, "output = \"json\"\n");
    if rustix::process::getuid().is_root() {
        chown(path(&sandbox), Some(12345), None).unwrap();
        let other = case("of another user", "list").fails(2, "another user (uid 12345)", "KEYCTL_CONFIG");
        check(&sandbox, vec![other]);
    }
    unprivileged::own(sandbox.home());
    mode(&path(&sandbox), 0o000);
    let unreadable = unprivileged::run(&sandbox, &["list"]);
    assert_eq!(unreadable.code, Some(2), "{unreadable:?}");
    assert!(unreadable.stderr.contains("cannot be read"), "{unreadable:?}");
}

#[test]
fn a_file_in_order_is_used_wherever_it_may_be() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    write(&sandbox, "output = \"json\"\n");
    let file = path(&sandbox);
    let list = |name: &str| case(name, "list --all");
    let used = |case: Case| check(&sandbox, vec![case.stdout(|out| out == "[]\n")]);
    for allowed in [0o644, 0o400, 0o755] {
        mode(&file, allowed);
        used(list(&format!("mode {allowed:o}")));
    }
    mode(folder(&file), 0o1777);
    used(list("a sticky folder"));
    mode(folder(&file), 0o770);
    used(list("a folder of the group"));
    let moved = sandbox.home().join("dotfiles");
    fs::rename(folder(&file), &moved).unwrap();
    symlink(&moved, folder(&file)).unwrap();
    used(list("a linked folder"));
    fs::remove_file(folder(&file)).unwrap();
    used(list("named").env("KEYCTL_CONFIG", moved.join("config.toml")));
    used(list("named from here").env("KEYCTL_CONFIG", "dotfiles/config.toml"));
    fs::create_dir(sandbox.home().join("xdg")).unwrap();
    fs::rename(&moved, sandbox.home().join("xdg/keyctl")).unwrap();
    used(list("XDG_CONFIG_HOME").env("XDG_CONFIG_HOME", sandbox.home().join("xdg")));
    let none = |name: &str| list(name).stdout(str::is_empty);
    check(
        &sandbox,
        vec![
            none("a relative folder is ignored").env("XDG_CONFIG_HOME", "xdg"),
            none("no home").without_env("HOME"),
            none("an empty name is none").env("KEYCTL_CONFIG", "").env("KEYCTL_PROFILE", ""),
            case("named and missing", "list").env("KEYCTL_CONFIG", "nowhere.toml").fails(
                2,
                "nowhere.toml does not exist",
                "KEYCTL_CONFIG",
            ),
            case("a device", "list").env("KEYCTL_CONFIG", "/dev/zero").fails(
                2,
                "is a device",
                "KEYCTL_CONFIG",
            ),
            case("not a folder", "list").env("KEYCTL_CONFIG", "keys.db/x").fails(
                2,
                "does not exist",
                "unset",
            ),
        ],
    );
}

/// What a file says, the line that is wrong, what the error and the hint say. `hunter2` stands
/// for a secret and must not be repeated.
const LINES: [(&str, usize, &str, &str); 40] = [
    ("colour = \"hunter2\"", 1, "colour is not a setting", "did you mean color?"),
    ("\n\nstroe = \"hunter2\"", 3, "stroe is not a setting", "did you mean store?"),
    ("database = \"hunter2\"", 1, "database is not a setting", "there are: store, prefix"),
    ("[profile.p]\nlock-timeout = \"1s\"", 2, "lock-timeout", "did you mean lock_timeout?"),
    ("[profile.p]\ndefault_profile = \"p\"", 2, "default_profile is not a setting", "at the top"),
    ("[profile.p.q]\nstore = \"hunter2\"", 1, "q is not a setting", "there are"),
    ("[profiles.p]\nstore = \"hunter2\"", 1, "profiles is not a setting", "did you mean profile?"),
    ("[[profile]]\nstore = \"hunter2\"", 1, "profile must be a table", "[profile.NAME]"),
    ("profile = \"hunter2\"", 1, "profile must be a table", "[profile.NAME]"),
    ("[profile]\nstore = \"hunter2\"", 2, "store must be a table", "[profile.NAME]"),
    ("[profile.\"a b\"]", 1, "not the name of a profile", "A-Z"),
    ("[profile.\"\"]", 1, "not the name of a profile", "1 to 64"),
    ("default_profile = \"prd\"\n[profile.prod]", 1, "there is no profile prd", "did you mean prod?"),
    ("default_profile = \"prod\"", 1, "there is no profile prod", "[profile.NAME]"),
    ("expires = 30", 1, "expires must be a text", "expires = \"30d\""),
    ("expires = 2027-01-31T12:00:00Z", 1, "expires must be a text", "in quotes"),
    ("store = [\"hunter2\"]", 1, "store must be a text", "in quotes"),
    ("store = { password = \"hunter2\" }", 1, "store must be a text", "in quotes"),
    ("store = \"\"", 1, "store is empty", "remove the line"),
    ("store = \" \"", 1, "store is empty", "remove the line"),
    ("store = \"a\\u202eb\"", 1, "hidden character U+202E", "by hand"),
    ("[profile.p]\n\nexpires = \"hunter2\"", 3, "expires: not a duration", "as in expires"),
    ("expires = \"0\"", 1, "never let the key work", "30d"),
    ("expires = \"2027-01-31T12:00:00Z\"", 1, "a duration or never", "30d"),
    ("prefix = \"Hunter2\"", 1, "a token prefix has 2 to 9", "acme"),
    ("output = \"hunter2\"", 1, "write table, json", "output = \"json\""),
    ("color = \"hunter2\"", 1, "auto, always or never", "never"),
    ("lock_timeout = \"2h\"", 1, "at most 1h", "5s"),
    ("outbound_allow = \"hunter2\"", 1, "not an address or network", "10.20.0.0/16"),
    ("outbound_allow = [\"10.0.0.0/8\"]", 1, "must be a text", "10.20.0.0/16"),
    ("master_key = \"hunter2\"", 1, "does not belong into this file", "master_key_file"),
    ("[profile.p]\nmaster_passphrase = \"hunter2\"", 2, "does not belong", "master_key_file"),
    ("master_key_file = \"a\"\nmaster_key_command = \"hunter2\"", 1, "both set", "keep one"),
    ("master_key_file = \"~bob/k\"", 1, "only ~/", "master_key_file"),
    (
        "master_key_file = \"aHVudGVyMmh1bnRlcjJodW50ZXIyaHVudGVyMmh1bnQ=\"",
        1,
        "looks like a key",
        "master_key_file",
    ),
    (
        "master_key_command = \"get --with 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\"",
        1,
        "has a secret in it",
        "replace it",
    ),
    ("expires = \"1d\"\nexpires = \"2d\"", 2, "duplicate key", "toml.io"),
    ("[profile.p]\nstore = \"hunter2", 2, "string", "toml.io"),
    ("store = hunter2", 1, "config.toml:1: ", "toml.io"),
    ("hunter2 hunter2", 1, "config.toml:1: ", "toml.io"),
];

#[test]
fn a_line_that_is_wrong_is_named_and_its_value_not_repeated() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let mut failures = Vec::new();
    for (text, line, says, hint) in LINES {
        write(&sandbox, text);
        let (ran, _) = run_bounded(sandbox.command(&["list"]), None);
        let place = format!("error: {}:{line}: ", path(&sandbox).display());
        let told = ran.stderr.split("hint: ").nth(1).is_some_and(|told| told.contains(hint));
        let right =
            ran.code == Some(2) && ran.stderr.starts_with(&place) && ran.stderr.contains(says) && told;
        let silent = !["hunter2", "aHVudGVyM", "ghp_"].iter().any(|secret| ran.stderr.contains(secret));
        if !right || !silent || ran.stderr.contains("defect") {
            failures.push(format!("## {text}\n{ran:?}"));
        }
    }
    report(&failures);
}

#[test]
fn a_file_made_to_be_slow_is_read_in_time() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let texts = [
        ("arrays", format!("store = {}", "[".repeat(500_000))),
        ("tables", format!("store = {}", "{a=".repeat(300_000))),
        ("dots", format!("{}a = 1", "a.".repeat(400_000))),
        ("one long key", format!("{} = 1", "k".repeat(1_000_000))),
        ("keys", (0..60_000).map(|n| format!("k{n} = 1\n")).collect()),
        ("one long profile", format!("default_profile = \"{}\"", "k".repeat(1_000_000))),
        ("profiles", (0..40_000).map(|n| format!("[profile.p{n}]\nk = 1\n")).collect()),
    ];
    for (name, text) in texts {
        write(&sandbox, text);
        check(&sandbox, vec![case(name, "list").fails(2, "config.toml", "")]);
    }
    write(&sandbox, (0..40_000).map(|n| format!("[profile.p{n}]\n")).collect::<String>());
    let missing = case("many profiles", "list").arg(format!("--profile={}", "q".repeat(100_000)));
    check(
        &sandbox,
        vec![
            case("one of many", "list --profile p39999"),
            missing.fails(2, "not shown", "there are: p0, p1, p10"),
        ],
    );
}

#[test]
fn a_broken_file_does_not_stop_what_needs_none() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    write(&sandbox, "nonsense");
    let works =
        |words: &str| case(words, words).stdout(|out| out.contains("keyctl")).env("KEYCTL_PROFILE", "none");
    let cases = ["--help", "--version", "mint --help", "completions bash", "man", "man mint"].map(works);
    check(&sandbox, cases.into());
}

#[test]
fn a_profile_that_is_not_there_is_an_error_that_lists_those_that_are() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let missing = |name: &str| case(format!("flag {name}"), "list").arg("--profile").arg(name);
    check(
        &sandbox,
        vec![
            missing("prod").fails(2, "there is no configuration file", "make it"),
            missing("prod").without_env("HOME").fails(2, "no place for a configuration file", "HOME"),
            case("nothing asked for", "list"),
        ],
    );
    write(&sandbox, "[profile.dev]\n[profile.prod]\n");
    let others = "there are: dev, prod";
    check(
        &sandbox,
        vec![
            missing("prod"),
            missing("prd")
                .fails(2, "there is no profile prd (--profile)", others)
                .hints("did you mean prod?"),
            missing("").fails(2, "there is no profile", others),
            missing("staging").fails(2, "no profile staging", others),
            missing("a\u{202e}b").fails(2, "\\u{202e}", others),
            case("variable", "list").env("KEYCTL_PROFILE", "x").fails(2, "(KEYCTL_PROFILE)", others),
            case("a secret", "list")
                .env("KEYCTL_PROFILE", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")
                .fails(2, "not shown", others)
                .hides("9f86d08188"),
            case("as JSON", "list -o json --profile x").ends(2).says("\"type\":\"INVALID_INPUT\""),
        ],
    );
}

both!(a_profile_names_a_store_of_either_database, |place| {
    let sandbox = Sandbox::with_store(place);
    let address = sandbox.place.text();
    write(
        &sandbox,
        format!("store = \"nowhere.db\"\n[profile.here]\nstore = \"{address}\"\nprefix = \"acme\"\n"),
    );
    let here = |words: &str| case(words, words).without_env("KEYCTL_STORE").env("KEYCTL_PROFILE", "here");
    check(
        &sandbox,
        vec![
            here("mint alice --scope m").mints().stdout(|out| out.starts_with("acme_")),
            here("list").stdout(|out| out.starts_with("alice/default")),
            here("store check"),
            case("the top's", "list").without_env("KEYCTL_STORE").fails(7, "nowhere.db", "store init"),
        ],
    );
    // A password in the file is used, needs a private file, and is never shown.
    if sandbox.place.database.is_some() {
        let secret = PASSWORD.replace(' ', "%20");
        let with_password = address.replace('@', &format!(":{secret}@"));
        write(&sandbox, format!("[profile.here]\nstore = \"{with_password}\"\n"));
        let hidden =
            |words: &str| here(words).without_env("PGPASSWORD").hides(PASSWORD).hides(secret.clone());
        let mut cases = vec![hidden("list -v")];
        for format in ["table", "json", "jsonl", "csv", "plain"] {
            let shown = address.clone();
            cases.push(hidden("config show --origin -o").arg(format).stdout(move |out| out.contains(&shown)));
            let shown = address.clone();
            cases.push(hidden("config profiles -o").arg(format).stdout(move |out| out.contains(&shown)));
        }
        check(&sandbox, cases);
        mode(&path(&sandbox), 0o640);
        check(&sandbox, vec![hidden("list").fails(2, "others can read this file", "chmod 600")]);
    }
});

#[test]
fn a_store_that_cannot_be_meant_is_refused_with_its_line() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    for (store, says) in [
        ("mysql://u:hunter2@localhost/d", "sqlite:PATH"),
        ("host=localhost password=hunter2", "postgres://"),
        ("postgres://u:hunter2@db.example/d?sslmode=disable", "in the clear"),
        ("sqlite:", "empty"),
        ("~bob/keys.db", "only ~/"),
    ] {
        write(&sandbox, format!("[profile.p]\n\nstore = \"{store}\"\n"));
        let refused = |words: &str| {
            let case = case(format!("{store}: {words}"), words).without_env("KEYCTL_STORE");
            case.fails(2, "config.toml:3: store: ", "postgres://USER@HOST").says(says).hides("hunter2")
        };
        check(&sandbox, vec![refused("list --profile p"), refused("config profiles")]);
    }
}
