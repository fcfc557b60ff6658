//! A sink's file: the way to it, and how it is written.
//!
//! Each folder from the root on is opened by its name in the one before, and no link is followed, so that what was
//! checked is what is written to. The file appears whole or not at all: a draft beside it (0600) takes its place when it
//! is on the disk.

use std::collections::{BTreeMap, HashMap};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use rustix::fs::{
    Access, AtFlags, FileType, FlockOperation, Mode, OFlags, RenameFlags, Stat, accessat, fchmod, flock,
    fstat, open, openat, renameat, renameat_with, statat, unlinkat,
};
use rustix::io::Errno;
use zeroize::Zeroizing;

use super::{Fault, Places};
use crate::cli::files::guard;
use crate::cli::files::leftover::{self, Draft};
use crate::domain::points;
use crate::domain::provisioning::edit::EditError;
use crate::domain::provisioning::sink::SinkPath;

/// Larger files are edited by somebody else.
const LARGEST: usize = 1024 * 1024;

/// How long another keyctl that writes into the same folder is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
const NAP: Duration = Duration::from_millis(5);

const OWNER: u32 = 0o700;
const USUAL: u32 = 0o600;

/// Device and inode.
type Identity = (u64, u64);

/// What killed processes left, by the folder: each is looked through once.
#[derive(Debug, Default)]
pub struct Leftovers(Mutex<HashMap<Identity, Drafts>>);

/// By the name that they are for.
type Drafts = BTreeMap<OsString, Vec<Draft>>;

/// A file of a sink in its folder.
pub(super) struct Place<'p> {
    folder: OwnedFd,
    name: OsString,
    /// As it is named in messages.
    shown: PathBuf,
    /// What is there.
    found: Option<Found>,
    leftovers: &'p Leftovers,
}

struct Found {
    file: File,
    seen: Seen,
    mode: u32,
}

/// By which a file is known that nobody changed meanwhile.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Seen {
    identity: Identity,
    size: i64,
    changed: (i64, i64),
}

#[allow(
    clippy::unnecessary_cast,
    clippy::cast_lossless,
    clippy::cast_sign_loss,
    reason = "other widths on other systems"
)]
fn identity(stat: &Stat) -> Identity {
    (stat.st_dev as u64, stat.st_ino as u64)
}

#[allow(clippy::unnecessary_cast, clippy::cast_possible_wrap, reason = "other widths on other systems")]
fn seen(stat: &Stat) -> Seen {
    Seen {
        identity: identity(stat),
        size: stat.st_size as i64,
        changed: (stat.st_mtime as i64, stat.st_mtime_nsec as i64),
    }
}

#[allow(clippy::useless_conversion, reason = "another width on other systems")]
fn mode(stat: &Stat) -> u32 {
    u32::from(stat.st_mode) & 0o7777
}

impl<'p> Place<'p> {
    /// Goes there, and refuses what may not be written.
    pub(super) fn find(path: &SinkPath, places: &'p Places<'_>) -> Result<Self, Fault> {
        let mut shown = places.root.to_owned();
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let mut folder = open(&shown, flags, Mode::empty()).map_err(|error| {
            let hint = "name a folder that is there and can be written with --sink-root";
            Fault::refused(format!("the root {} cannot be opened: {}", shown.display(), words(error)), hint)
        })?;
        check_folder(&folder, &shown)?;
        for name in path.folders() {
            shown.push(name);
            folder = openat(&folder, name, flags | OFlags::NOFOLLOW, Mode::empty())
                .map_err(|error| no_folder(&folder, name, &shown, error))?;
            check_folder(&folder, &shown)?;
        }
        let name = OsString::from(path.file_name());
        check_writable(&folder, &shown)?;
        shown.push(&name);
        let found = find(&folder, &name, &shown)?;
        let place = Self { folder, name, shown, found, leftovers: &places.leftovers };
        place.check_kept(places.kept)?;
        Ok(place)
    }

    /// What of the kept files it is: the same file, or the same name in the same folder.
    fn check_kept(&self, kept: &[(PathBuf, &'static str)]) -> Result<(), Fault> {
        let folder = fstat(&self.folder).map_err(|error| self.failed(error))?;
        let own = self.found.as_ref().map(|found| found.seen.identity);
        let of = |path: &Path| std::fs::metadata(path).ok().map(|found| guard::identity(&found));
        let same = |path: &Path| {
            let beside =
                path.file_name() == Some(&*self.name) && of(guard::folder(path)) == Some(identity(&folder));
            beside || own.is_some() && of(path) == own
        };
        match kept.iter().find(|(path, _)| same(path)) {
            None => Ok(()),
            Some((_, what)) => Err(Fault::refused(
                format!("{} is {what} and is never written over", self.shown.display()),
                "name a file that is for tokens",
            )),
        }
    }

    pub(super) fn shown(&self) -> &Path {
        &self.shown
    }

    /// The file that is there.
    pub(super) fn file(&self) -> Option<&File> {
        self.found.as_ref().map(|found| &found.file)
    }

    /// What is there as text; nothing where nothing is.
    pub(super) fn text(&self) -> Result<Zeroizing<String>, Fault> {
        let mut text = Zeroizing::new(String::new());
        let Some(found) = &self.found else { return Ok(text) };
        let size = usize::try_from(found.seen.size).unwrap_or(usize::MAX);
        if size > LARGEST {
            let what = format!("{} has more than {LARGEST} bytes", self.shown.display());
            return Err(Fault::refused(what, "name another file: this one is not for tokens"));
        }
        // One more, so that it never grows and leaves a copy behind.
        text.reserve_exact(size + 1);
        let read = (&found.file).take(size as u64 + 1).read_to_string(&mut text);
        read.map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => {
                Fault::refused(format!("{} is not UTF-8", self.shown.display()), "name a text file")
            }
            _ => Fault::failed(format!("{} cannot be read: {error}", self.shown.display()), HINT),
        })?;
        Ok(text)
    }

    /// Why the text in it is left as it is.
    pub(super) fn refused(&self, error: &EditError) -> Fault {
        Fault::refused(format!("{}: {error}", self.shown.display()), error.hint)
    }

    fn failed(&self, error: impl Into<io::Error>) -> Fault {
        Fault::failed(format!("{} could not be written: {}", self.shown.display(), error.into()), HINT)
    }

    /// Keeps other processes of ours from writing into the folder until this is dropped, and looks again at what is there.
    /// Where locks are unknown, that nobody else changes it is seen when it is written.
    pub(super) fn lock(mut self) -> Result<Self, Fault> {
        let mut waited = Duration::ZERO;
        while flock(&self.folder, FlockOperation::NonBlockingLockExclusive) == Err(Errno::WOULDBLOCK) {
            if waited >= PATIENCE {
                let what = format!("another process writes into the folder of {}", self.shown.display());
                return Err(Fault::failed(what, "try again when it has ended"));
            }
            thread::sleep(NAP);
            waited += NAP;
        }
        self.found = find(&self.folder, &self.name, &self.shown)?;
        Ok(self)
    }

    /// Puts the bytes there. Its owner keeps the rights that they had; nobody else has any, and what is told is who lost
    /// them.
    pub(super) fn write(self, bytes: &[u8]) -> Result<Vec<String>, Fault> {
        let former = self.found.as_ref().map(|found| found.mode);
        let kept = former.map(|mode| mode & OWNER).filter(|mode| *mode != 0).unwrap_or(USUAL);
        self.replace(bytes, kept).map_err(|error| self.failed(error))?;
        self.sweep();
        let wider = former.filter(|mode| mode & !OWNER & 0o777 != 0);
        let told = wider.map(|mode| {
            let who = if mode & 0o007 != 0 { "others" } else { "its group" };
            format!(
                "{} had mode {mode:04o} and has {kept:04o} now: {who} cannot use it any more",
                self.shown.display()
            )
        });
        Ok(told.into_iter().collect())
    }

    fn replace(&self, bytes: &[u8], mode: u32) -> io::Result<()> {
        let (draft, mut file) = self.open_draft()?;
        points::reached("sink: a draft");
        // By which others know that it is no leftover.
        let _ = flock(&file, FlockOperation::NonBlockingLockExclusive);
        let written = fchmod(&file, Mode::from_raw_mode(mode as _))
            .map_err(io::Error::from)
            .and_then(|()| file.write_all(bytes))
            .and_then(|()| file.sync_all())
            .and_then(|()| self.take_place(&draft));
        if written.is_err() {
            let _ = unlinkat(&self.folder, &draft, AtFlags::empty());
        }
        written?;
        points::reached("sink: in its place, its folder not yet synced");
        // What the folder says must be on the disk, too.
        match rustix::fs::fsync(&self.folder) {
            Ok(()) | Err(Errno::INVAL) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn take_place(&self, draft: &OsStr) -> io::Result<()> {
        let Some(found) = &self.found else {
            return Ok(renameat_with(&self.folder, draft, &self.folder, &self.name, RenameFlags::NOREPLACE)?);
        };
        let now = statat(&self.folder, &self.name, AtFlags::SYMLINK_NOFOLLOW)?;
        if seen(&now) != found.seen {
            return Err(io::Error::other("it was changed by another process meanwhile"));
        }
        Ok(renameat(&self.folder, draft, &self.folder, &self.name)?)
    }

    fn open_draft(&self) -> io::Result<(OsString, File)> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut tries = 0;
        loop {
            let draft = leftover::draft_name(&self.name, tries);
            match openat(&self.folder, &draft, flags, Mode::RUSR | Mode::WUSR) {
                Err(Errno::EXIST) if tries < leftover::DRAFTS => tries += 1,
                opened => return Ok((draft, opened?.into())),
            }
        }
    }

    /// The token is in its place, so what a killed process left of the same file is of no use.
    fn sweep(&self) {
        let Ok(stat) = fstat(&self.folder) else { return };
        let Ok(mut folders) = self.leftovers.0.lock() else { return };
        let drafts = folders.entry(identity(&stat)).or_insert_with(|| leftover::drafts(self.folder.as_fd()));
        for draft in drafts.remove(&self.name).into_iter().flatten() {
            draft.remove(self.folder.as_fd());
        }
    }
}

const HINT: &str = "name a file in a folder that exists and can be written";

fn words(error: Errno) -> io::Error {
    error.into()
}

/// What is there under the name, which must be a plain file of one's own, or nothing.
fn find(folder: &OwnedFd, name: &OsStr, shown: &Path) -> Result<Option<Found>, Fault> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let stat = match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Err(Errno::NOENT) => return Ok(None),
        stat => stat.map_err(|error| cannot_be_read(shown, error))?,
    };
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => {}
        FileType::Symlink => return Err(is_link(shown)),
        FileType::Directory => {
            return Err(Fault::refused(format!("{} is a folder", shown.display()), "name a file in it"));
        }
        _ => {
            let what = format!("{} is no plain file", shown.display());
            return Err(Fault::refused(what, "name another file"));
        }
    }
    if stat.st_uid != rustix::process::geteuid().as_raw() {
        let what = format!("{} belongs to another user (uid {})", shown.display(), stat.st_uid);
        return Err(Fault::refused(what, "run keyctl as that user, or name another file"));
    }
    let file =
        File::from(openat(folder, name, flags, Mode::empty()).map_err(|error| cannot_be_read(shown, error))?);
    let opened = fstat(&file).map_err(|error| cannot_be_read(shown, error))?;
    if identity(&opened) != identity(&stat) {
        let what = format!("{} was changed by another process meanwhile", shown.display());
        return Err(Fault::failed(what, "try again"));
    }
    Ok(Some(Found { file, seen: seen(&opened), mode: mode(&opened) }))
}

fn cannot_be_read(shown: &Path, error: Errno) -> Fault {
    Fault::refused(format!("{} cannot be read: {}", shown.display(), words(error)), HINT)
}

fn is_link(shown: &Path) -> Fault {
    let what = format!("{} is a link, and no sink is written through one", shown.display());
    Fault::refused(what, "name the file itself, below --sink-root")
}

fn no_folder(parent: &OwnedFd, name: &str, shown: &Path, error: Errno) -> Fault {
    let stat = statat(parent, name, AtFlags::SYMLINK_NOFOLLOW);
    match stat.map(|stat| FileType::from_raw_mode(stat.st_mode)) {
        Ok(FileType::Symlink) => is_link(shown),
        Ok(FileType::Directory) => cannot_be_read(shown, error),
        Ok(_) => Fault::refused(format!("{} is no folder", shown.display()), "name a file in a folder"),
        Err(_) => {
            let hint = format!("make it: mkdir -m 700 {}", shown.display());
            Fault::refused(format!("the folder {} is not there", shown.display()), hint)
        }
    }
}

/// Whoever can write a folder can put another file in the place of what is written there, or a link.
fn check_folder(folder: &OwnedFd, shown: &Path) -> Result<(), Fault> {
    let stat = fstat(folder).map_err(|error| cannot_be_read(shown, error))?;
    let mode = mode(&stat);
    if ![0, rustix::process::geteuid().as_raw()].contains(&stat.st_uid) {
        let what = format!("the folder {} belongs to another user (uid {})", shown.display(), stat.st_uid);
        return Err(Fault::refused(what, "name a folder of your own with --sink-root"));
    }
    let who = match (mode & 0o002 != 0, mode & 0o020 != 0) {
        (true, _) => "everybody".to_owned(),
        (false, true) => format!("group {}", stat.st_gid),
        (false, false) => return Ok(()),
    };
    let what = format!("the folder {} (mode {mode:04o}) can be written by {who}", shown.display());
    Err(Fault::refused(what, format!("run: chmod go-w {}", shown.display())))
}

fn check_writable(folder: &OwnedFd, shown: &Path) -> Result<(), Fault> {
    accessat(folder, ".", Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS).map_err(|error| {
        Fault::refused(format!("the folder {} cannot be written: {}", shown.display(), words(error)), HINT)
    })
}
