//! Each new record as it is committed.

use uuid::Uuid;

use super::select::select;
use crate::domain::audit::anchor::Mismatch;
use crate::domain::audit::event::Record;
use crate::domain::audit::filter::Filter;
use crate::ops::error::{Error, Result};
use crate::store::Store;

/// A place in one store's log, and what is wanted behind it. It lives on where the connection
/// does not.
#[derive(Clone, Debug)]
pub struct Follow {
    store: Uuid,
    filter: Filter,
    after: u64,
    last: u64,
}

impl Follow {
    /// From behind record `after` on.
    pub fn from(store: &mut Store, filter: Filter, after: u64) -> Result<Self> {
        Ok(Self { store: store.head()?.store_uuid, filter, after, last: after })
    }

    /// Calls `each` for the records that are wanted and were committed since the last call.
    /// [`Error::Anchor`] if the log is not the one before, or has become shorter.
    pub fn poll<E: From<Error>>(
        &mut self,
        store: &mut Store,
        mut each: impl FnMut(&Record) -> Result<(), E>,
    ) -> Result<(), E> {
        let last = store.audit_last().map_err(Error::from)?;
        if last < self.last {
            return Err(Error::from(Mismatch::Shorter { seq: self.last, last }).into());
        }
        self.last = last;
        let Self { filter, after, .. } = self;
        select(store, filter, *after, last, |record| {
            each(record)?;
            // Where the connection breaks behind this one, it is not shown again.
            *after = record.seq;
            Ok::<_, E>(())
        })?;
        self.after = last;
        Ok(())
    }

    /// Makes sure that a store opened anew is the same one.
    pub fn resume(&self, store: &mut Store) -> Result<()> {
        let found = store.head()?.store_uuid;
        if found == self.store { Ok(()) } else { Err(Mismatch::Replaced(found).into()) }
    }
}
