//! What can be read from: a store, and a running change.

use super::Store;
use super::error::Result;
use super::session::Session;
use super::tx::Tx;

/// A store or a running change, to be read from.
pub trait Reads {
    /// The session to read with, after everything pending was sent.
    #[doc(hidden)]
    fn reading(&mut self) -> Result<Reading<'_>>;
}

/// A session lent for a read.
pub struct Reading<'s>(pub(super) &'s mut dyn Session);

impl<'s> Reading<'s> {
    pub(super) fn session(self) -> &'s mut dyn Session {
        self.0
    }
}

impl Reads for Store {
    fn reading(&mut self) -> Result<Reading<'_>> {
        Ok(Reading(self.session()))
    }
}

impl Reads for Tx<'_> {
    fn reading(&mut self) -> Result<Reading<'_>> {
        self.flush()?;
        Ok(Reading(&mut *self.session))
    }
}
