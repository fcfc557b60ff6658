//! Folders in which others could put another store in the place of this one.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown, lchown, symlink};
use std::path::{Path, PathBuf};

use super::runner::{Effect, case, check, report, run_bounded};
use crate::support::cli::Sandbox;
use crate::support::store::Place;

/// A group that exists everywhere, and one that nobody was granted.
const GROUP: u32 = 1;
const OTHER_GROUP: u32 = 2;
const OTHER_USER: u32 = 65_534;

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A store in `outer/inner/keys.db`, with the path to it.
fn store(sandbox: &Sandbox) -> PathBuf {
    let inner = sandbox.home().join("outer/inner");
    fs::create_dir_all(&inner).unwrap();
    mode(&inner, 0o755);
    mode(inner.parent().unwrap(), 0o755);
    let path = inner.join("keys.db");
    sandbox.ok(&["store", "init", "--store", path.to_str().unwrap()]);
    sandbox.ok(&["mint", "alice", "--scope", "m", "--store", path.to_str().unwrap()]);
    path
}

struct Row {
    name: &'static str,
    /// Mode, owner and group of `outer`, `inner` and the file; 0 is the user's own.
    outer: (u32, u32, u32),
    inner: (u32, u32, u32),
    file: (u32, u32, u32),
    /// What is said of it; nothing where it is as it should be.
    doubt: Option<&'static str>,
}

const fn row(
    name: &'static str,
    outer: (u32, u32, u32),
    inner: (u32, u32, u32),
    file: (u32, u32, u32),
    doubt: Option<&'static str>,
) -> Row {
    Row { name, outer, inner, file, doubt }
}

const OWN: (u32, u32, u32) = (0o755, 0, 0);
const FILE: (u32, u32, u32) = (0o600, 0, 0);
const GRANTED: (u32, u32, u32) = (0o640, 0, GROUP);
const U: u32 = OTHER_USER;

/// As root, who may give files away.
const ROWS: [Row; 18] = [
    row("private", (0o755, 0, 0), (0o700, 0, 0), FILE, None),
    row("readable", OWN, OWN, FILE, None),
    row("writable by all", OWN, (0o777, 0, 0), FILE, Some("inner (mode 0777) can be written by everybody")),
    row("writable by a group", OWN, (0o775, 0, GROUP), FILE, Some("can be written by group 1")),
    row("by a granted group", OWN, (0o2770, 0, GROUP), GRANTED, None),
    row("by another group than the granted", OWN, (0o770, 0, OTHER_GROUP), GRANTED, Some("by group 2")),
    row("by a granted group and all", OWN, (0o777, 0, GROUP), GRANTED, Some("by everybody")),
    row("sticky", OWN, (0o1777, 0, 0), FILE, None),
    row("sticky, a group's", OWN, (0o1770, 0, GROUP), FILE, None),
    row("another user's folder", OWN, (0o755, U, 0), FILE, Some("belongs to another user (uid 65534)")),
    row("a private folder in one that all may write", (0o777, 0, 0), (0o700, 0, 0), FILE, None),
    row("another user's store", (0o755, U, 0), (0o700, U, 0), (0o600, U, 0), None),
    row(
        "that user's, in a folder for all",
        (0o777, U, 0),
        (0o700, U, 0),
        (0o600, U, 0),
        Some("outer (mode 0777)"),
    ),
    row("that user's, in a sticky folder", (0o1777, 0, 0), (0o700, U, 0), (0o600, U, 0), None),
    row("that user's, in a third one's", (0o755, 33, 0), (0o700, U, 0), (0o600, U, 0), Some("(uid 33)")),
    row(
        "that user's, readable by a group that may write",
        OWN,
        (0o770, 0, GROUP),
        (0o640, U, GROUP),
        Some("by group 1"),
    ),
    row(
        "a volume with an fsGroup",
        OWN,
        (0o2770, 0, GROUP),
        (0o660, 0, GROUP),
        Some("keys.db (mode 0660) can be written"),
    ),
    row(
        "the same for another group",
        OWN,
        (0o2770, 0, GROUP),
        (0o660, 0, OTHER_GROUP),
        Some("is open to others"),
    ),
];

#[test]
fn a_store_that_others_could_replace_is_read_and_not_changed() {
    if !rustix::process::getuid().is_root() {
        return as_a_user();
    }
    let mut failures = Vec::new();
    for Row { name, outer, inner, file, doubt } in ROWS {
        let sandbox = Sandbox::empty(Place::sqlite());
        let path = store(&sandbox);
        let inner_path = path.parent().unwrap();
        let files = ["", "-wal", "-shm"].map(|suffix| PathBuf::from(format!("{}{suffix}", path.display())));
        for path in files {
            chown(&path, Some(file.1), Some(file.2)).unwrap();
            mode(&path, file.0);
        }
        for (path, (bits, user, group)) in [(inner_path, inner), (inner_path.parent().unwrap(), outer)] {
            chown(path, Some(user), Some(group)).unwrap();
            mode(path, bits);
        }
        for words in
            ["list", "verify", "mint bob --scope m", "revoke alice", "store migrate", "mint x --dry-run"]
        {
            let args =
                [&words.split(' ').collect::<Vec<_>>()[..], &["--store", path.to_str().unwrap()]].concat();
            let (ran, _) = run_bounded(sandbox.command(&args), Some(b"sks_none"));
            let changes = !["list", "verify"].contains(&words);
            let said = doubt.is_none_or(|doubt| ran.stderr.contains(doubt));
            let warned =
                ran.stderr.contains("others can replace the store") || ran.stderr.contains("open to others");
            let refused = ran.code == Some(7);
            let open = doubt == Some("is open to others");
            if !said || warned != doubt.is_some() || refused != (doubt.is_some() && (changes || open)) {
                failures.push(format!("## {name}: {words}\n{ran:?}"));
            }
        }
    }
    report(&failures);
}

/// What may be tried without privileges.
fn as_a_user() {
    let sandbox = Sandbox::empty(Place::sqlite());
    let path = store(&sandbox);
    mode(path.parent().unwrap(), 0o777);
    let at = |words: &str| case(words, words).env("KEYCTL_STORE", &path);
    check(
        &sandbox,
        vec![
            at("list").says("others can replace the store"),
            at("mint bob --scope m").fails(7, "can be written by everybody", "mkdir -m 700"),
        ],
    );
}

#[test]
fn the_hint_leads_to_a_folder_of_ones_own() {
    let sandbox = Sandbox::empty(Place::sqlite());
    // As an emptyDir of Kubernetes is.
    let folder = sandbox.home().join("data");
    fs::create_dir(&folder).unwrap();
    mode(&folder, 0o777);
    let (direct, own) = (folder.join("keys.db"), folder.join("keyctl/keys.db"));
    let at = |path: &Path, words: &str| {
        case(format!("{words} {}", path.display()), words).env("KEYCTL_STORE", path)
    };
    let named = own.display().to_string();
    check(
        &sandbox,
        vec![
            at(&direct, "store init --dry-run").fails(7, "by everybody", &named),
            at(&direct, "store init").fails(7, "nothing was created", &named),
        ],
    );
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    check(
        &sandbox,
        vec![
            at(&own, "store init --dry-run").says("would create"),
            at(&own, "store init").says("created"),
            at(&own, "mint alice --scope m").mints().leaves(Effect::Nothing),
            at(&own, "store check").says("as it should be"),
        ],
    );
    assert_eq!(fs::metadata(own.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn a_volume_that_was_mounted_for_a_group_goes_on_after_a_grant() {
    if !rustix::process::getuid().is_root() {
        return;
    }
    let sandbox = Sandbox::empty(Place::sqlite());
    let path = store(&sandbox);
    // A number without a name, as in a container.
    let group = 54_321;
    let at = |words: &str| case(words, words).env("KEYCTL_STORE", &path);
    for round in 0..2 {
        // What the kubelet does at each mount with an fsGroup.
        for name in ["", "/keys.db", "/keys.db-wal", "/keys.db-shm"] {
            let file = PathBuf::from(format!("{}{name}", path.parent().unwrap().display()));
            chown(&file, None, Some(group)).unwrap();
            mode(&file, if name.is_empty() { 0o2770 } else { 0o660 });
        }
        let mint = format!("mint bob --name b{round} --scope m");
        check(
            &sandbox,
            vec![
                at("list").says("can be written by group 54321").stdout(|out| out.contains("alice/")),
                at(&mint).fails(7, "mode 0660", "keyctl store grant --group 54321"),
                at("store grant --group 54322").fails(7, "mode 0660", "--group 54321"),
                at("store grant --group 54321").says("can now read"),
                at(&mint).mints(),
            ],
        );
        let bits = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        assert_eq!((bits(&path), bits(path.parent().unwrap())), (0o640, 0o2750));
    }
}

#[test]
fn what_another_user_left_on_the_way_is_refused() {
    if !rustix::process::getuid().is_root() {
        return;
    }
    let sandbox = Sandbox::empty(Place::sqlite());
    let path = store(&sandbox);
    let link = sandbox.home().join("door");
    symlink(path.parent().unwrap(), &link).unwrap();
    let at = |path: &Path, words: &str| case(words, words).env("KEYCTL_STORE", path);
    check(&sandbox, vec![at(&link.join("keys.db"), "mint bob --scope m").mints()]);
    lchown(&link, Some(OTHER_USER), None).unwrap();
    let refused = at(&link.join("keys.db"), "mint bob --scope m");
    check(
        &sandbox,
        vec![
            refused
                .fails(7, "is a link of another user's", "no link of another")
                .hides(path.to_str().unwrap()),
        ],
    );
    // In a sticky folder others may make what SQLite would read.
    mode(path.parent().unwrap(), 0o1777);
    let journal = path.with_file_name("keys.db-journal");
    fs::write(&journal, "").unwrap();
    chown(&journal, Some(OTHER_USER), None).unwrap();
    check(
        &sandbox,
        vec![at(&path, "mint bob --scope m").fails(
            7,
            "keys.db-journal belongs to another user",
            "mkdir -m 700",
        )],
    );
    fs::remove_file(journal).unwrap();
    check(&sandbox, vec![at(&path, "mint bob --scope m").mints()]);
}
