//! The database file, looked at from outside before SQLite opens it.
//!
//! Only `lstat` is used: opening and closing the file here would drop the POSIX locks that
//! another connection of this process holds on it.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use super::folder::{self, Doubt};
use super::path::{beside, parent, shell_word};
use crate::domain::points;
use crate::store::caused::Caused;
use crate::store::error::{Error, Result};

/// What the name of an empty file ends with that stands beside the database while something removed is to be
/// wiped, so that the next change goes on with it.
pub(super) const UNWIPED: &str = "-unwiped";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// As given, or the default path.
    pub path: PathBuf,
    /// Whether it is the default store, which creates itself.
    pub is_default: bool,
    /// Whether the path may be a symbolic link (`?symlink=follow`).
    pub follow_symlink: bool,
}

impl File {
    /// The names that belong to the store, whether or not there is something: also those that
    /// SQLite makes when it needs them, and those behind a link.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let real = fs::canonicalize(&self.path).ok().filter(|real| *real != self.path);
        for path in std::iter::once(self.path.clone()).chain(real) {
            files.extend(["", "-wal", "-shm", "-journal", UNWIPED].map(|suffix| beside(&path, suffix)));
            files.extend(backups(&path));
        }
        files
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing is changed.
    Read,
    /// As [`Access::Read`], and no file is made beside the database either. Where those of the log
    /// are missing, what another process writes at this moment is not seen.
    Glance,
    /// A change, which an older schema is migrated for.
    Change,
}

fn refused(path: &Path, what: &str, hint: String) -> Error {
    Error::Refused { what: format!("{} {what}", path.display()).into(), hint }
}

/// The system refuses it: `what` could not be done.
fn failed(path: &Path, what: &str, error: io::Error, hint: &str) -> Error {
    let what = Caused::by(format!("{} {what}: {error}", path.display()), error);
    Error::Refused { what, hint: hint.to_owned() }
}

/// Looks at the file; returns the path without symbolic links, and what to warn about.
pub(super) fn examine(file: &File, access: Access) -> Result<(PathBuf, Option<String>)> {
    let path = locate(file)?;
    let found = fs::symlink_metadata(&path).map_err(|error| unreadable(&path, error))?;
    let kind = found.file_type();
    if !kind.is_file() {
        let what = if kind.is_dir() {
            "is a directory, not a store"
        } else if kind.is_fifo() {
            "is a pipe, not a store"
        } else {
            "is a device or socket, not a store"
        };
        return Err(refused(&path, what, "name the database file itself".to_owned()));
    }
    if found.len() == 0 {
        let hint =
            format!("if nothing should be in it: rm {0}; keyctl store init --store {0}", shell_word(&path));
        return Err(refused(&path, "is empty: not a keyctl store, or cut off", hint));
    }
    let shared = found.mode() & 0o020 != 0 && shares_folder(&path, &found);
    if found.mode() & 0o007 != 0 || found.mode() & 0o020 != 0 && !shared {
        let what = format!("is open to others (mode {:04o})", found.mode() & 0o7777);
        return Err(refused(&path, &what, format!("run: chmod g-w,o-rwx {}", shell_word(&path))));
    }
    let mut doubt = folder::doubt(&path, &file.path);
    if shared {
        let gid = found.gid();
        let what =
            format!("{} (mode {:04o}) can be written by group {gid}", path.display(), found.mode() & 0o7777);
        let hint = format!(
            "if a volume's mount did that, and the group may read it: keyctl store grant --group {gid}"
        );
        doubt = Some(Doubt { what, hint });
    }
    if let Some(Doubt { what, hint }) = doubt {
        if access == Access::Change {
            let what = format!("others can replace the store: {what}; nothing was changed");
            return Err(Error::Refused { what: what.into(), hint });
        }
        return Ok((path, Some(format!("others can replace the store, and changes are refused: {what}"))));
    }
    if found.nlink() > 1 {
        let what = format!("has {} hard links: its name is not the only one", found.nlink());
        if access == Access::Change {
            let hint = "remove the other names, or copy the store; nothing was changed".to_owned();
            return Err(refused(&path, &what, hint));
        }
        return Ok((path.clone(), Some(format!("{} {what}", path.display()))));
    }
    Ok((path, None))
}

/// Whether the group that may write the file may write its folder, too, as where Kubernetes mounts a
/// volume with an `fsGroup` (0660 and 2770): then it could replace the file in any case.
pub(super) fn shares_folder(path: &Path, found: &fs::Metadata) -> bool {
    fs::metadata(parent(path)).is_ok_and(|folder| folder.gid() == found.gid() && folder.mode() & 0o020 != 0)
}

/// Gives a file back to its owner that a volume's mount let this group write: it may read it.
pub(crate) fn take_back(file: &File, group: u32) -> Result<()> {
    let path = locate(file)?;
    match fs::symlink_metadata(&path) {
        Ok(found) if found.is_file() && found.gid() == group && found.mode() & 0o020 != 0 => {
            share_with(file, Some(group)).map(drop)
        }
        _ => Ok(()),
    }
}

/// The path with the links of its folders resolved, and of itself if that was asked for.
fn locate(file: &File) -> Result<PathBuf> {
    let path = &file.path;
    let missing = || Error::Missing(path.display().to_string().into());
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(missing()),
        Err(error) => return Err(unreadable(path, error)),
        Ok(found) if found.file_type().is_symlink() => {
            if file.follow_symlink {
                return fs::canonicalize(path).map_err(|_| missing());
            }
            let allowed = format!("sqlite:{}?symlink=follow", path.display());
            let hint =
                format!("name the file itself, or allow the link: {}", shell_word(Path::new(&allowed)));
            return Err(refused(path, "is a symbolic link", hint));
        }
        // `/` and `..` have no last part to add to a folder.
        Ok(found) if found.is_dir() => return Ok(path.clone()),
        Ok(_) => {}
    }
    let name = path.file_name().ok_or_else(missing)?;
    let folder = parent(path).canonicalize().map_err(|error| unreadable(path, error))?;
    Ok(folder.join(name))
}

fn unreadable(path: &Path, error: io::Error) -> Error {
    failed(path, "cannot be read", error, "check who owns it and its folder")
}

/// Whether the two files that readers of another user need stand beside the database.
pub(super) fn has_wal_files(path: &Path) -> bool {
    ["-wal", "-shm"].iter().all(|suffix| beside(path, suffix).exists())
}

/// Creates a file of one's own (0600), which must not exist, for SQLite to fill.
pub(super) fn create_private(path: &Path) -> Result<()> {
    let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    created.map(drop).map_err(|error| {
        failed(path, "cannot be created", error, "check the folder's permissions and the free space")
    })
}

/// Makes a new store in its folder (0700 if it must be created) and then, in one step,
/// visible: `write` fills it under a temporary name. [`Error::Exists`] if something has the
/// name already.
///
/// `nonce` keeps the drafts of several processes apart, also where they share a number.
pub(super) fn create(file: &File, nonce: &str, write: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let folder = parent(&file.path);
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| {
        let hint = "name a folder that can be created: --store PATH or KEYCTL_STORE";
        failed(folder, "cannot be created", error, hint)
    })?;
    let folder = folder.canonicalize().map_err(|error| unreadable(folder, error))?;
    let name = file.path.file_name().ok_or_else(|| Error::Missing(file.path.display().to_string().into()))?;
    let path = folder.join(name);
    check_vacant(file)?;
    check_folder(file, &path)?;
    let draft = beside(&path, &format!(".init-{nonce}"));
    create_private(&draft)?;
    let made = write(&draft).and_then(|()| publish(&draft, &path));
    if made.is_err() {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let _ = fs::remove_file(beside(&draft, suffix));
        }
    }
    made
}

/// What would keep a store from being made there.
pub(crate) fn rehearse_create(file: &File) -> Result<()> {
    check_vacant(file)?;
    match (parent(&file.path).canonicalize(), file.path.file_name()) {
        (Ok(folder), Some(name)) => check_folder(file, &folder.join(name)),
        // It would be made.
        _ => Ok(()),
    }
}

/// A store is made only where nobody else can replace it.
fn check_folder(file: &File, path: &Path) -> Result<()> {
    let Some(Doubt { what, .. }) = folder::doubt(path, &file.path) else { return Ok(()) };
    let own = parent(path).join("keyctl").join(path.file_name().unwrap_or_default());
    Err(Error::Refused {
        what: format!("others could replace the store: {what}; nothing was created").into(),
        hint: format!("name a folder of its own, which is made with mode 0700: --store {}", shell_word(&own)),
    })
}

/// [`Error::Exists`] if something has the name already.
fn check_vacant(file: &File) -> Result<()> {
    match fs::symlink_metadata(&file.path) {
        Ok(_) => Err(Error::Exists(format!("{} exists already", file.path.display()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(unreadable(&file.path, error)),
    }
}

/// Gives the draft its name unless somebody else has it by now, and makes the name durable.
fn publish(draft: &Path, path: &Path) -> Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    points::reached("store: made, without its name");
    renameat_with(CWD, draft, CWD, path, RenameFlags::NOREPLACE).map_err(|error| match error {
        rustix::io::Errno::EXIST => Error::Exists(format!("{} exists already", path.display())),
        other => Error::Database(Caused::by(
            format!("cannot name {}: {other}", path.display()),
            io::Error::from(other),
        )),
    })?;
    points::reached("store: named, its folder not yet synced");
    sync_folders(path)
}

/// The folder may be new, too, so the one above it is made durable with it.
fn sync_folders(path: &Path) -> Result<()> {
    let folder = parent(path);
    let sync = |folder: &Path| fs::File::open(folder).and_then(|open| open.sync_all());
    // The one above may be closed to us; then it was not made by us.
    let _ = sync(parent(folder));
    sync(folder).map_err(|error| {
        let hint = "it was created; check the disk, then look at it with keyctl store check";
        failed(path, "cannot be made durable", error, hint)
    })
}

/// Device and inode: which file it is, whatever its name.
pub(super) type Identity = (u64, u64);

/// Which file has this name.
pub(super) fn identity(path: &Path) -> Option<Identity> {
    fs::symlink_metadata(path).ok().map(|found| (found.dev(), found.ino()))
}

/// How the files of a store stood as a job ended.
#[cfg(feature = "cli")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    file: Stamp,
    /// The log and its index, which change with every job: which ones they are.
    beside: [Option<Identity>; 2],
}

/// All that the file system says of the database. It is written as the log is moved into it, and by nothing else of SQLite's:
/// whoever copies another one over it changes this, too.
#[cfg(feature = "cli")]
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    identity: Identity,
    rights: (u32, u32, u32, u64),
    length: u64,
    written: (i64, i64),
    changed: (i64, i64),
}

#[cfg(feature = "cli")]
impl Stamp {
    fn of(found: &fs::Metadata) -> Self {
        Self {
            identity: (found.dev(), found.ino()),
            rights: (found.mode(), found.uid(), found.gid(), found.nlink()),
            length: found.len(),
            written: (found.mtime(), found.mtime_nsec()),
            changed: (found.ctime(), found.ctime_nsec()),
        }
    }
}

#[cfg(feature = "cli")]
impl Seen {
    /// `None` without one of them: it is not known then of what others have that it is the same.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let file = Stamp::of(&fs::symlink_metadata(path).ok()?);
        let beside = ["-wal", "-shm"].map(|suffix| identity(&beside(path, suffix)));
        beside.iter().all(Option::is_some).then_some(Self { file, beside })
    }

    pub(super) fn identity(&self) -> Identity {
        self.file.identity
    }
}

/// Whether a folder holds a database and the files beside it alone.
fn holds_nothing_else(folder: &Path, path: &Path) -> bool {
    let Some(name) = path.file_name() else { return false };
    let is_ours = |entry: io::Result<fs::DirEntry>| {
        entry.is_ok_and(|entry| entry.file_name().as_encoded_bytes().starts_with(name.as_encoded_bytes()))
    };
    fs::read_dir(folder).is_ok_and(|mut entries| entries.all(is_ours))
}

/// Lets a group read a database with the files beside it and enter its folder, or nobody but its
/// owner. A folder that holds other things stays as it is.
pub(crate) fn share_with(file: &File, group: Option<u32>) -> Result<bool> {
    let path = &locate(file)?;
    let set = |path: &Path, mode: u32| {
        let given = group.map_or(Ok(()), |group| chown(path, None, Some(group)));
        given.and_then(|()| fs::set_permissions(path, Permissions::from_mode(mode))).map_err(|error| {
            let hint = "run it as the file's owner, who must be in the group, or as root";
            failed(path, "cannot be shared", error, hint)
        })
    };
    // What is made in the folder later belongs to the group, too.
    let (of_file, of_folder) = if group.is_some() { (0o640, 0o2750) } else { (0o600, 0o700) };
    // The folder last on the way in and first on the way out.
    let folder = parent(path);
    let user = rustix::process::geteuid();
    let is_owners = user.is_root() || fs::metadata(folder).is_ok_and(|found| found.uid() == user.as_raw());
    let is_own = is_owners && holds_nothing_else(folder, path);
    let folders = is_own.then_some((folder.to_path_buf(), of_folder));
    let files = ["", "-wal", "-shm"].map(|suffix| beside(path, suffix));
    let files = files.into_iter().filter(|file| file.exists()).map(|file| (file, of_file));
    let mut all: Vec<_> = files.chain(folders).collect();
    if group.is_none() {
        all.reverse();
    }
    all.iter().try_for_each(|(path, mode)| set(path, *mode))?;
    Ok(is_own)
}

/// How long a file is; 0 if there is none.
pub(super) fn length(path: &Path) -> u64 {
    fs::metadata(path).map(|found| found.len()).unwrap_or_default()
}

/// What the backup of a migration is called: the time in a form that sorts, and the schema.
pub(super) fn backup_suffix(millis: i64, schema: i64) -> String {
    format!(".backup-{millis:013}-schema-{schema}")
}

/// Whether a name behind the database's own is one that [`backup_suffix`] makes.
fn is_backup_suffix(suffix: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts = suffix.strip_prefix(".backup-").and_then(|rest| rest.split_once("-schema-"));
    parts.is_some_and(|(millis, schema)| millis.len() == 13 && digits(millis) && digits(schema))
}

/// The backups that migrations left beside the database, the oldest first.
pub(super) fn backups(path: &Path) -> Vec<PathBuf> {
    let Some(name) = path.file_name().and_then(OsStr::to_str) else { return Vec::new() };
    let Ok(entries) = fs::read_dir(parent(path)) else { return Vec::new() };
    let is_backup = |found: &PathBuf| {
        let found = found.file_name().and_then(OsStr::to_str);
        found.and_then(|found| found.strip_prefix(name)).is_some_and(is_backup_suffix)
    };
    let mut backups: Vec<PathBuf> =
        entries.filter_map(|entry| entry.ok().map(|found| found.path())).filter(is_backup).collect();
    backups.sort();
    backups
}

/// Removes all but the newest `keep` of them.
pub(super) fn prune_backups(path: &Path, keep: usize) {
    for old in backups(path).iter().rev().skip(keep) {
        let _ = fs::remove_file(old);
    }
}
