//! A connection that waits for its next job while its file may become another one.

use super::error::map_error;
use super::file::{self, Access, Seen};
use super::session::SqliteSession;
use crate::store::error::{Error, Result};

impl SqliteSession {
    fn look(&self) -> Option<Seen> {
        Seen::of(&self.path).filter(|seen| self.is_of(seen.identity()))
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
