//! Folders in which others could put another store in the place of this one.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown, lchown, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};

use crate::support::cli::Sandbox;
use crate::support::runner::{Effect, case, check, report, run_bounded};
use crate::support::store::Place;

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

/// Mode in octal, owner and group; 0 is the user's own.
type Given = (String, u32, u32);

/// A row of tests/folders.json, which the readers in Python and TypeScript are held to, too.
#[derive(serde::Deserialize)]
struct Row {
    name: String,
    outer: Given,
    inner: Given,
    file: Given,
    /// A file beside the store, and whose.
    beside: Option<(String, u32)>,
    /// What stands in the file's place.
    way: Option<String>,
    /// Who reads, in the group of the file.
    reader: Option<u32>,
    /// What is said of it, beginning with which of these; nothing where it is as it should be.
    says: Option<String>,
    /// Why it is not even read.
    refuses: Option<String>,
}

impl Row {
    /// What is said, with paths.
    fn expected(&self, inner: &Path) -> Option<String> {
        let text = self.refuses.as_ref().or(self.says.as_ref())?;
        let (word, rest) = text.split_once(' ').expect("words");
        let named = match word {
            "inner" => inner.to_path_buf(),
            "outer" => inner.parent().expect("outer").to_path_buf(),
            file => inner.join(file),
        };
        Some(format!("{} {rest}", named.display()))
    }

    /// Makes it so.
    fn arrange(&self, path: &Path) {
        let inner = path.parent().unwrap();
        let files = ["", "-wal", "-shm"].map(|suffix| PathBuf::from(format!("{}{suffix}", path.display())));
        for file in files {
            give(&file, &self.file);
        }
        let other = inner.join("other.db");
        match self.way.as_deref() {
            None => {}
            Some("hard link") => fs::hard_link(path, other).unwrap(),
            Some(_) => {
                for suffix in ["", "-wal", "-shm"] {
                    let [from, to] = [path, &other].map(|path| format!("{}{suffix}", path.display()));
                    fs::rename(from, to).unwrap();
                }
                symlink("other.db", path).unwrap();
            }
        }
        give(inner, &self.inner);
        give(inner.parent().unwrap(), &self.outer);
    }
}

/// Again before each command: SQLite as root gives its log to the owner of the file.
fn give_beside(path: &Path, (suffix, user): &(String, u32)) {
    let beside = PathBuf::from(format!("{}{suffix}", path.display()));
    if !beside.exists() {
        fs::write(&beside, "").unwrap();
    }
    chown(&beside, Some(*user), Some(0)).unwrap();
}

fn give(path: &Path, (bits, user, group): &Given) {
    chown(path, Some(*user), Some(*group)).unwrap();
    mode(path, u32::from_str_radix(bits, 8).unwrap());
}

/// A copy of the program where every user may run it.
fn for_everybody() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    mode(folder.path(), 0o755);
    let program = folder.path().join("keyctl");
    crate::support::program::copy(env!("CARGO_BIN_EXE_keyctl"), &program);
    (folder, program)
}

/// As root, who may give files away.
#[test]
fn a_store_that_others_could_replace_is_read_and_not_changed() {
    if !rustix::process::getuid().is_root() {
        return as_a_user();
    }
    let rows: Vec<Row> = serde_json::from_str(include_str!("../folders.json")).unwrap();
    let (_folder, program) = for_everybody();
    let mut failures = Vec::new();
    for row in rows {
        let sandbox = Sandbox::empty(Place::sqlite());
        let path = store(&sandbox);
        let inner = path.parent().unwrap();
        row.arrange(&path);
        // Every user may go there.
        for folder in inner.ancestors().skip(2).take_while(|folder| folder.starts_with(std::env::temp_dir()))
        {
            if folder != std::env::temp_dir() {
                mode(folder, 0o755);
            }
        }
        let expected = row.expected(inner);
        let named = match row.way.as_deref() {
            Some("followed link") => format!("sqlite:{}?symlink=follow", path.display()),
            _ => path.display().to_string(),
        };
        for words in
            ["list", "verify", "mint bob --scope m", "revoke alice", "store migrate", "mint x --dry-run"]
        {
            let changes = !["list", "verify"].contains(&words);
            if changes && row.reader.is_some() {
                continue;
            }
            let args = [&words.split(' ').collect::<Vec<_>>()[..], &["--store", &named]].concat();
            if let Some(beside) = &row.beside {
                give_beside(&path, beside);
            }
            let mut command = sandbox.command(&args);
            if let Some(user) = row.reader {
                let variables: Vec<_> = command
                    .get_envs()
                    .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
                    .collect();
                command = std::process::Command::new(&program);
                command.args(&args).env_clear().envs(variables).uid(user).gid(row.file.2).current_dir("/");
            }
            let (ran, _) = run_bounded(command, Some(b"sks_none"));
            let doubts = ["others can replace", "open to others", "symbolic link", "hard links"];
            let said = match &expected {
                Some(expected) => ran.stderr.contains(expected),
                None => !doubts.iter().any(|doubt| ran.stderr.contains(doubt)),
            };
            let refused = row.refuses.is_some() || changes && row.says.is_some();
            if !said || (ran.code == Some(7)) != refused {
                failures.push(format!("## {}: {words}\n{ran:?}\nexpected: {expected:?}", row.name));
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
