//! A connection that waits for its next job while its file may become another one.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;

use super::error::map_error;
use super::file::{self, Access, Identity};
use super::path::beside;
use super::session::SqliteSession;
use crate::store::error::{Error, Result};

/// How the files of a store stood as a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    file: Stamp,
    /// The log and its index, which change with every job: which ones they are.
    beside: [Option<Identity>; 2],
}

/// All that the file system says of the database. It is written as the log is moved into it, and by nothing else of SQLite's:
/// whoever copies another one over it changes this, too.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    identity: Identity,
    rights: (u32, u32, u32, u64),
    length: u64,
    written: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    fn of(found: &Metadata) -> Self {
        Self {
            identity: (found.dev(), found.ino()),
            rights: (found.mode(), found.uid(), found.gid(), found.nlink()),
            length: found.len(),
            written: (found.mtime(), found.mtime_nsec()),
            changed: (found.ctime(), found.ctime_nsec()),
        }
    }
}

impl SqliteSession {
    fn look(&self) -> Option<Seen> {
        let file = Stamp::of(&fs::symlink_metadata(&self.path).ok()?);
        let beside = ["-wal", "-shm"].map(|suffix| file::identity(&beside(&self.path, suffix)));
        // Without them it is not known of what others have that they are the same.
        (self.is_of(file.identity) && beside.iter().all(Option::is_some)).then_some(Seen { file, beside })
    }

    /// A job is done, and another one may come.
    pub(crate) fn put_aside(&mut self) {
        self.seen = self.look();
    }

    /// Goes on with what was put aside, where opening it anew would lead to the same file in the same state. Else
    /// [`Error::Lost`]: opening it says what is wrong, if anything is.
    pub(crate) fn take_up(&mut self) -> Result<()> {
        let lost = || Error::Lost("the file has changed since it was used last".into());
        let seen = self.seen.take().ok_or_else(lost)?;
        let given = self.given.as_ref().filter(|_| self.writable).ok_or_else(lost)?;
        let (path, warning) = file::examine(given, Access::Change)?;
        if path != self.path || warning.is_some() || self.look() != Some(seen) {
            return Err(lost());
        }
        let mut version = self.connection.prepare_cached("PRAGMA user_version").map_err(map_error)?;
        let found: i64 = version.query_row([], |row| row.get(0)).map_err(map_error)?;
        if found == self.schema() { Ok(()) } else { Err(lost()) }
    }
}
