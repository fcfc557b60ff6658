//! Tokens that go into files, and mints that may find their key there already.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::runner::{Effect, State, case, check, holds_token, report, try_case};
use crate::support::unprivileged;

/// A file, or whatever stands in its place: all that must not change.
fn look(path: &Path) -> String {
    let Ok(found) = fs::symlink_metadata(path) else { return "nothing".to_owned() };
    let bytes = if found.is_file() { fs::read(path).unwrap() } else { Vec::new() };
    format!("{:?} {:o} {} {} {:?}", found.file_type(), found.mode(), found.ino(), found.nlink(), bytes)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Targets that cannot take a token, made in an empty folder; with what the error says.
const TARGETS: [(&str, &str, &str); 9] = [
    ("a directory", "folder", "not a plain file"),
    ("a folder that is missing", "missing/token", "No such file"),
    ("a symbolic link to a file", "link", "not a plain file"),
    ("a dangling link", "dangling", "not a plain file"),
    ("a FIFO", "fifo", "not a plain file"),
    ("a file as a folder", "file/token", "Not a directory"),
    ("a name too long", "", "File name too long"),
    ("a device", "/dev/full", "not a plain file"),
    ("a trailing slash", "new/", "irectory"),
];

fn make_targets(folder: &Path) {
    fs::create_dir(folder.join("folder")).unwrap();
    fs::write(folder.join("file"), "precious\n").unwrap();
    symlink("file", folder.join("link")).unwrap();
    symlink("nowhere", folder.join("dangling")).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, folder.join("fifo"), rustix::fs::Mode::from_raw_mode(0o600))
        .unwrap();
}

both!(a_file_that_cannot_take_the_token_leaves_no_live_key, |place| {
    let sandbox = Sandbox::with_store(place);
    let token = sandbox.ok(&["mint", "alice", "--scope", "m"]);
    let folder = sandbox.home().join("targets");
    fs::create_dir(&folder).unwrap();
    make_targets(&folder);
    let mut state = State::of(&sandbox.place);
    let mut failures = Vec::new();
    for (name, target, says) in TARGETS {
        let path: PathBuf =
            if target.is_empty() { folder.join("x".repeat(300)) } else { folder.join(target) };
        for words in ["mint bob --scope m", "rotate alice --grace 0", "mint bob --if-absent -o json"] {
            let (before, listed) = (look(&path), names(&folder));
            let row = case("", words).arg("--out-file").arg(&path).fails(9, says, "a folder that exists");
            let mut wrong: Vec<String> = try_case(&sandbox, &row, &mut state).into_iter().collect();
            if (look(&path), names(&folder)) != (before, listed) {
                wrong.push(format!("the target changed: {:?}", names(&folder)));
            }
            failures.extend(wrong.iter().map(|text| format!("## {name}: {words}\n{text}")));
        }
    }
    report(&failures);
    assert_eq!(fs::read(folder.join("file")).unwrap(), b"precious\n");
    assert_eq!(sandbox.verify(&token, &[]).0, Some(0), "the old token still works");
});

both!(a_token_file_is_private_new_for_a_mint_and_replaced_for_a_rotation, |place| {
    let sandbox = Sandbox::with_store(place);
    let path = sandbox.home().join("token");
    let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o7777;
    let read = || fs::read_to_string(&path).unwrap();
    let into = |name: &str, words: &str| case(name, words).arg("--out-file").arg(&path).stdout(str::is_empty);
    check(
        &sandbox,
        vec![into("mint", "mint alice --scope m").leaves(Effect::Change).says("the token is in")],
    );
    let first = read();
    assert!(holds_token(&first) && first.ends_with('\n'));
    assert_eq!(mode(), 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    check(
        &sandbox,
        vec![into("a mint does not replace", "mint bob --scope m").fails(9, "exists already", "file")],
    );
    assert_eq!((read(), mode()), (first.clone(), 0o644));
    check(
        &sandbox,
        vec![
            into("a refused rotation", "rotate nobody").fails(3, "nobody", "keyctl list"),
            into("a rehearsed rotation", "rotate alice --dry-run").says("dry run"),
            into("a rehearsed mint", "mint carol --scope m --dry-run").says("dry run"),
        ],
    );
    assert_eq!((read(), mode()), (first.clone(), 0o644));
    check(
        &sandbox,
        vec![
            into("a rotation replaces", "rotate alice --grace 0")
                .leaves(Effect::Change)
                .says("new token is in"),
        ],
    );
    let second = read();
    assert!(holds_token(&second) && second != first);
    assert_eq!(mode(), 0o600);
    assert_eq!(sandbox.verify(&first, &[]).0, Some(5));
    assert_eq!(sandbox.verify(&second, &[]).0, Some(0));
    let left: Vec<String> = names(sandbox.home()).into_iter().filter(|name| name.contains("token")).collect();
    assert_eq!(left, ["token"]);
});

both!(a_folder_that_cannot_be_written_leaves_token_and_file_as_they_were, |place| {
    let sandbox = Sandbox::with_store(place);
    let folder = sandbox.home().join("locked");
    fs::create_dir(&folder).unwrap();
    let path = folder.join("token");
    sandbox.ok(&["mint", "alice", "--scope", "m", "--out-file", path.to_str().unwrap()]);
    unprivileged::own(sandbox.home());
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o500)).unwrap();
    let (before, state) = (look(&path), State::of(&sandbox.place));
    let fresh = folder.join("fresh");
    for args in [
        ["mint", "bob", "--out-file", fresh.to_str().unwrap()],
        ["rotate", "alice", "--out-file", path.to_str().unwrap()],
    ] {
        let ran = unprivileged::run(&sandbox, &args);
        assert_eq!(ran.code, Some(9), "{args:?}: {ran:?}");
        assert!(
            ran.stderr.contains("Permission denied") && ran.stderr.contains("hint: "),
            "{args:?}: {ran:?}"
        );
        assert_eq!((look(&path), names(&folder)), (before.clone(), vec!["token".to_owned()]), "{args:?}");
    }
    assert_eq!(State::of(&sandbox.place), state);
    assert_eq!(
        sandbox.verify(&fs::read_to_string(&path).unwrap(), &[]).0,
        Some(0),
        "the old token still works"
    );
});

both!(an_equal_key_is_fine_and_a_differing_one_is_a_conflict, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&[
        "mint",
        "ci",
        "--scope",
        "a,b",
        "--rate",
        "5/s",
        "--label",
        "k=v",
        "--allow-ip",
        "10.0.0.0/8",
    ]);
    let equal = "mint ci --scope b --scope a --rate 5/s --label k=v --allow-ip 10.0.0.0/8 --if-absent";
    let there = |name: &str, words: &str| case(name, words).says("exists already").stdout(str::is_empty);
    let differs = |words: &str, what: &str| {
        case(format!("differs: {what} ({words})"), words)
            .fails(4, what, "keyctl show ci/default")
            .leaves(Effect::Refusal)
            .stdout(str::is_empty)
    };
    let file = sandbox.home().join("unused");
    let json = |out: &str| out.starts_with(r#"{"token":null,"created":false,"key":{"id":"key_"#);
    check(
        &sandbox,
        vec![
            there("equal", equal),
            there("equal, with an expiry from now", equal).arg("--expires=30d"),
            there("equal, as JSON", equal).arg("-ojson").stdout(json),
            there("equal, into a file", equal).arg("--out-file").arg(&file),
            there("equal, nobody reads", equal).shell(r#""$@" >/dev/full"#),
            case("equal, rehearsed", equal).arg("--dry-run").says("nothing to do").stdout(str::is_empty),
            differs("mint ci --scope a --rate 5/s --label k=v --allow-ip 10.0.0.0/8 --if-absent", "scopes"),
            differs("mint ci --if-absent", "networks, labels, rate"),
            differs(&format!("{equal} --quota 5/day"), "quota"),
            differs(&format!("{equal} --expires never"), "expiry"),
            differs(&format!("{equal} --expires 2099-01-01T00:00:00Z"), "expiry"),
            differs(&format!("{equal} --not-before 2099-01-01T00:00:00Z --expires never"), "start"),
            case("differs, rehearsed", "mint ci --if-absent --dry-run").fails(4, "differs", "keyctl show"),
            case("absent", "mint new --scope a --if-absent").mints(),
            there("and then there", "mint new --scope a --if-absent"),
            case("without the flag another name is taken", "mint ci --scope a")
                .mints()
                .says("minted ci/key-"),
            case("a rehearsal prints nothing", "mint more --scope a --dry-run")
                .says("dry run: would mint")
                .stdout(str::is_empty),
            case("not even as JSON", "mint more --scope a --dry-run -o json").stdout(str::is_empty),
            case("a rehearsed rotation", "rotate new --dry-run")
                .says("dry run: would rotate")
                .stdout(str::is_empty),
            case("a rehearsed revocation", "revoke new --dry-run").says("dry run: would revoke"),
            case("the rehearsed key lives", "show new").stdout(|out| out.contains("active")),
            case("revoked", "revoke new").leaves(Effect::Change),
            case("and then absent again", "mint new --scope a --if-absent").mints(),
        ],
    );
    assert!(!file.exists());
});
