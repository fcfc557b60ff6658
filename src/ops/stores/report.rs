//! What a copy came to, as it is told.

use super::copying::Copied;
use crate::domain::audit::anchor::Anchor;
use crate::domain::time::Timestamp;
use crate::store::{LATEST_SCHEMA, Location};

/// A copy with its two places, named without passwords.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Copy {
    pub copied: Copied,
    pub from: String,
    pub to: String,
    pub schema: i64,
    /// Since when the old place answers nobody, where the store moved.
    pub moved_at: Option<Timestamp>,
}

impl Copy {
    pub(crate) fn of(copied: Copied, from: &Location, to: &Location, moved_at: Option<Timestamp>) -> Self {
        Self { copied, from: from.to_string(), to: to.to_string(), schema: LATEST_SCHEMA, moved_at }
    }
}

impl Copied {
    /// Of a move that was done before.
    pub(crate) fn nothing(end: Anchor, counter: i64) -> Self {
        Self { end, counter, tables: std::collections::BTreeMap::new(), resumed: true, restarted: false }
    }

    /// With what an earlier pass of the same run wrote.
    pub(crate) fn and_before(mut self, first: &Self) -> Self {
        for (name, table) in &mut self.tables {
            table.written += first.tables.get(name).map_or(0, |table| table.written);
        }
        self.resumed = first.resumed;
        self.restarted |= first.restarted;
        self
    }
}

/// A move that was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reopened {
    /// The end of its audit log.
    pub end: Anchor,
    /// Where it was meanwhile.
    pub from: String,
}
