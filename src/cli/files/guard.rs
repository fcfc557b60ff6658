//! What is never written over, and what a token may take the place of.
//!
//! A token's file is replaced by name, so a slip of the name could replace anything. The store,
//! the configuration, keys and the audit sink are refused by which file they are, whatever they
//! are called; of other files, one that holds a token and nothing else is replaced.

use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::Read as _;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use zeroize::Zeroizing;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Kind};
use crate::config::{self, ConfigFile, MasterKeySource, key_files, paths};
use crate::domain::audit::anchor;
use crate::domain::keys::token::Token;
use crate::domain::texts::credentials;
use crate::ops::keys::known;
use crate::ops::stores::backup::NAME as BACKUP;
use crate::store::{self, Location, Store};

/// Device and inode.
pub(in crate::cli) type Identity = (u64, u64);

pub(in crate::cli) fn identity(found: &Metadata) -> Identity {
    (found.dev(), found.ino())
}

/// Files that nothing else is written over, each with what it is.
pub(in crate::cli) struct Guard(Vec<(PathBuf, &'static str)>);

impl Guard {
    /// What of the kept files `path` is: the same file, or the same name in the same folder.
    pub(in crate::cli) fn what(&self, path: &Path) -> Option<&'static str> {
        let (place, file) = (place(path), fs::metadata(path).ok().map(|found| identity(&found)));
        let same = |kept: &Path| {
            let same_file = || fs::metadata(kept).is_ok_and(|found| Some(identity(&found)) == file);
            place.is_some() && place == self::place(kept) || file.is_some() && same_file()
        };
        self.0.iter().find(|(kept, _)| same(kept)).map(|(_, what)| *what)
    }
}

/// Which name in which folder a path is, however it is spelt.
fn place(path: &Path) -> Option<(Identity, OsString)> {
    let folder = fs::metadata(folder(path)).ok()?;
    Some((identity(&folder), path.file_name()?.to_owned()))
}

/// The folder that holds `path`.
pub(in crate::cli) fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// What a new master key's file may be named as, and a token's may not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Keys {
    Kept,
    Free,
}

impl Context {
    /// Refuses a path that is one of the files that keyctl itself lives on.
    pub(in crate::cli) fn keep_off(&self, out_file: Option<&Path>, keys: Keys) -> Result<(), CliError> {
        let Some(path) = out_file else { return Ok(()) };
        match self.guard(keys).what(path) {
            None => Ok(()),
            Some(what) => Err(CliError::invalid(
                format!("{} is {what} and is never written over; nothing was changed", path.display()),
                "name a file that is a token's alone",
            )),
        }
    }

    /// What of keyctl's own files the sink is named as, to which nothing may be appended.
    pub(in crate::cli) fn no_sink(&self, path: &Path) -> Option<&'static str> {
        Guard(self.kept(Keys::Kept)).what(path)
    }

    fn guard(&self, keys: Keys) -> Guard {
        Guard(self.never_written(keys))
    }

    /// What no sink is written over, each with what it is.
    pub(in crate::cli) fn never_written(&self, keys: Keys) -> Vec<(PathBuf, &'static str)> {
        let mut kept = self.kept(keys);
        if let Ok(Some(config::Sink::File(path) | config::Sink::Program { path, .. })) = self.named_sink() {
            kept.push((path, "the audit sink"));
        }
        kept
    }

    /// Every file that the settings and the environment name.
    fn kept(&self, keys: Keys) -> Vec<(PathBuf, &'static str)> {
        let mut kept = Vec::new();
        let stores = self.find().ok().into_iter().chain(self.profiles_stores());
        for path in stores.flat_map(|location| location.files()) {
            kept.push((path, "a file of a store"));
        }
        kept.extend(self.config_path().map(|path| (path, "the configuration file")));
        kept.extend(self.passfile().map(|path| (path, "PostgreSQL's password file")));
        if keys == Keys::Kept {
            let named = self.settings.master_key.iter().map(|set| &set.value).chain(self.profiles_keys());
            let named = named.filter_map(|source| match source {
                MasterKeySource::File(path) => Some(path.clone()),
                MasterKeySource::Command(_) => None,
            });
            kept.extend(named.chain(key_files::named()).map(|path| (path, "the file of a key")));
        }
        kept
    }

    fn profiles_stores(&self) -> impl Iterator<Item = Location> {
        let file = self.file.as_ref();
        let sections = file.map(ConfigFile::sections).into_iter().flatten();
        sections.filter_map(move |section| {
            let folder = folder(&file?.path);
            let location = Location::parse(&section.store.as_ref()?.value).ok()?;
            location.try_map_path(|path| paths::expand(path, folder, self.home())).ok()
        })
    }

    fn profiles_keys(&self) -> impl Iterator<Item = &MasterKeySource> {
        let sections = self.file.as_ref().map(ConfigFile::sections).into_iter().flatten();
        sections.filter_map(|section| section.master_key.as_ref().map(|placed| &placed.value))
    }
}

/// A file that a token may take the place of.
pub(in crate::cli) struct Replaceable {
    /// Held, with a lock, so that another process knows that it is being replaced; where it may
    /// not be read, not.
    pub(in crate::cli) file: Option<File>,
    seen: Seen,
}

type Seen = (Identity, u64, (i64, i64));

fn seen(found: &Metadata) -> Seen {
    (identity(found), found.len(), (found.mtime(), found.mtime_nsec()))
}

impl Replaceable {
    /// Whether what is at `path` now is what was looked at.
    pub(in crate::cli) fn is(&self, path: &Path) -> bool {
        fs::symlink_metadata(path).is_ok_and(|found| seen(&found) == self.seen)
    }
}

/// Looks at what a token is to take the place of: nothing, or a file that holds one. With
/// `overwrite`, any plain file. No link is followed.
pub(in crate::cli) fn replaceable(
    store: &mut Store,
    path: &Path,
    overwrite: bool,
) -> anyhow::Result<Option<Replaceable>> {
    // What is there and is no plain file, the delivery refuses.
    let Some(found) = fs::symlink_metadata(path).ok().filter(Metadata::is_file) else { return Ok(None) };
    let file = open(path);
    if let Some(what) = file.as_ref().and_then(precious) {
        let hint = "name a file that is a token's alone; remove this one by hand if it is not needed";
        return Err(
            CliError::invalid(format!("{} is {what}; nothing was changed", path.display()), hint).into()
        );
    }
    if !overwrite {
        let holds_token = match &file {
            Some(file) => holds_token(store, file)?,
            None => return Err(other(path, "cannot be read, so it may hold anything").into()),
        };
        if !holds_token {
            return Err(other(path, "holds something else than one token").into());
        }
    }
    Ok(Some(Replaceable { file, seen: seen(&found) }))
}

/// The same where nothing can be asked of the store: a file that holds a token of ours and nothing else.
pub(in crate::cli) fn replaceable_token(path: &Path) -> Option<Replaceable> {
    let found = fs::symlink_metadata(path).ok().filter(Metadata::is_file)?;
    let file = open(path)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST + 1));
    (&file).take(LONGEST as u64 + 1).read_to_end(&mut bytes).ok()?;
    let line = str::from_utf8(bytes.strip_suffix(b"\n").unwrap_or(&bytes)).ok()?;
    Token::parse(line).ok().map(|_| Replaceable { file: Some(file), seen: seen(&found) })
}

fn other(path: &Path, what: &str) -> CliError {
    CliError::new(
        Kind::InvalidInput,
        format!("{} {what}; nothing was changed", path.display()),
        "name another file; if this one is to be replaced, add --overwrite",
    )
}

pub(in crate::cli) fn open(path: &Path) -> Option<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, Mode::empty()).ok().map(File::from)
}

/// What a file is by its content that nothing is written over, whatever is said: a store that no
/// setting names, a key, what was seen of a store.
fn precious(file: &File) -> Option<&'static str> {
    let mut bytes = Zeroizing::new(vec![0; 512]);
    let read = file.read_at(&mut bytes, 0).ok()?;
    bytes.truncate(read);
    let text = str::from_utf8(&bytes).unwrap_or_default().trim_ascii();
    match text {
        _ if store::begins_a_store(&bytes) => Some("a keyctl store"),
        _ if bytes.starts_with(&BACKUP) => Some("a backup of a keyctl store"),
        // Plain hex may be a checksum.
        _ if credentials::is_master_key(text) && !text.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            Some("a master key")
        }
        _ if text.starts_with(anchor::NAME) => {
            Some("what keyctl remembers of a store, or an anchor of its audit log")
        }
        _ => None,
    }
}

/// Whether a file begins as backups do.
pub(in crate::cli) fn is_backup(path: &Path) -> bool {
    let mut bytes = [0; BACKUP.len()];
    open(path).is_some_and(|file| file.read_exact_at(&mut bytes, 0).is_ok()) && bytes == BACKUP
}

/// Longer lines are no token.
const LONGEST: usize = 4096;

fn holds_token(store: &mut Store, file: &File) -> anyhow::Result<bool> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST + 1));
    if file.take(LONGEST as u64 + 1).read_to_end(&mut bytes).is_err() {
        return Ok(false);
    }
    let line = bytes.strip_suffix(b"\n").map_or(&bytes[..], |line| line.strip_suffix(b"\r").unwrap_or(line));
    match str::from_utf8(line) {
        Ok(line) if bytes.len() <= LONGEST => Ok(known::is_token(store, line)?),
        _ => Ok(false),
    }
}
