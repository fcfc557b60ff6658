//! A file of one's own that appears complete or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::guard::{self, folder};
use super::leftover;
use crate::cli::error::{CliError, Kind};
use crate::domain::points;

/// A file of mode 0600 that is written beside its place and takes it when all is done. Dropped
/// before that, nothing remains of it.
pub(in crate::cli) struct OutFile {
    path: PathBuf,
    draft: PathBuf,
    file: BufWriter<File>,
    /// Whether it takes the place of one that is there.
    replaces: bool,
}

impl OutFile {
    /// Begins a file where there is none.
    pub(in crate::cli) fn create(path: &Path) -> Result<Self, CliError> {
        if fs::symlink_metadata(path).is_ok() {
            return Err(failed(path, "exists already"));
        }
        Self::begin(path, false)
    }

    /// The same for a backup, which may take the place of an earlier one where that is wanted.
    pub(in crate::cli) fn of_backup(path: &Path, overwrite: bool) -> Result<Self, CliError> {
        let Ok(found) = fs::symlink_metadata(path) else { return Self::begin(path, false) };
        if !overwrite {
            return Err(failed(path, "exists already").or("or replace an earlier backup: --overwrite"));
        }
        if !found.is_file() || !guard::is_backup(path) {
            let what = format!("{} is no backup, and is not written over", path.display());
            return Err(CliError::invalid(what, "name another file"));
        }
        Self::begin(path, true)
    }

    fn begin(path: &Path, replaces: bool) -> Result<Self, CliError> {
        let (draft, file) = open_draft(path).map_err(|error| failed(path, error))?;
        let file = BufWriter::with_capacity(64 * 1024, file);
        Ok(Self { path: path.to_owned(), draft, file, replaces })
    }

    /// An error of writing into it, with what to do about this file.
    pub(in crate::cli) fn explain(&self, error: impl Into<anyhow::Error>) -> CliError {
        let error = CliError::of(error);
        if error.kind == Kind::Output { failed(&self.path, error.message) } else { error }
    }

    /// Puts the file into its place, durably.
    pub(in crate::cli) fn finish(mut self) -> Result<(), CliError> {
        let placed = self.place();
        placed.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => failed(&self.path, "exists already"),
            _ => failed(&self.path, error),
        })
    }

    fn place(&mut self) -> io::Result<()> {
        self.file.flush()?;
        points::reached("file: written, not yet synced");
        self.file.get_ref().sync_all()?;
        points::reached("file: synced, not yet in its place");
        let how = if self.replaces { RenameFlags::empty() } else { RenameFlags::NOREPLACE };
        renameat_with(CWD, &self.draft, CWD, &self.path, how)?;
        points::reached("file: in its place, its folder not yet synced");
        File::open(folder(&self.path))?.sync_all()
    }
}

impl Write for OutFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for OutFile {
    fn drop(&mut self) {
        // It is gone from here once it is in its place.
        let _ = fs::remove_file(&self.draft);
    }
}

/// A new file (0600) beside `path`, under a name that tells whose it is.
pub(in crate::cli) fn open_draft(path: &Path) -> io::Result<(PathBuf, File)> {
    let name = path.file_name().ok_or(io::ErrorKind::IsADirectory)?;
    let mut tries = 0;
    loop {
        let draft = folder(path).join(leftover::draft_name(name, tries));
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && tries < leftover::DRAFTS => {
                tries += 1;
            }
            other => return other.map(|file| (draft, file)),
        }
    }
}

fn failed(path: &Path, why: impl std::fmt::Display) -> CliError {
    CliError::new(
        Kind::Output,
        format!("the file could not be written: {}: {why}", path.display()),
        "name a new file in a folder that exists and can be written",
    )
}
