//! Writes what keyctl serve has seen: in batches, off the way of a verification, and never in the way of a change.

#[cfg(feature = "serve")]
use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

#[cfg(feature = "serve")]
use crate::domain::id::KeyId;
#[cfg(feature = "serve")]
use crate::domain::leaks::canary::{Count, Spot};
use crate::domain::usage::batch::UseBatch;
#[cfg(feature = "serve")]
use crate::domain::{usage::batch::Spender, usage::day::PeriodName};
use crate::ops::error::{Error, Result};
use crate::store::{self, Location, Options, Recorder, Total};

/// Rows written by one transaction, so that the one lock of a SQLite file is held for milliseconds.
const AT_ONCE: usize = 2_000;

/// Rows that are kept while nothing can be written; then what is more is given up.
const MOST_KEPT: usize = 500_000;

/// What became of what is to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// What the quotas come to, by everybody's spending: those of the batch that could be written.
    pub totals: Vec<Total>,
    /// Whether something is left and is written with the next batch, since a change held the lock of a SQLite file, or
    /// the database gave the transaction up.
    pub put_off: bool,
}

/// The connection of a server that writes. It is made with the first batch, and anew after it was lost.
///
/// One call at a time, on a thread of its own: it waits for the database.
pub struct UseWriter {
    location: Location,
    options: Options,
    within: Duration,
    recorder: Option<Recorder>,
    pending: UseBatch,
    /// Whether nothing is written at all.
    reads: bool,
}

impl UseWriter {
    /// Nothing of the database's waits longer than `within`.
    pub fn new(location: Location, options: Options, within: Duration) -> Self {
        Self { location, options, within, recorder: None, pending: UseBatch::default(), reads: false }
    }

    /// One that only reads which keys are canaries.
    #[cfg(feature = "serve")]
    pub(crate) fn reading(location: Location, options: Options, within: Duration) -> Self {
        Self { reads: true, ..Self::new(location, options, within) }
    }

    /// The canaries of the store.
    #[cfg(feature = "serve")]
    pub(crate) fn canaries(&mut self) -> Result<HashSet<KeyId>> {
        let read = self.recorder().and_then(|recorder| Ok(recorder.canaries()?));
        self.noted(read)
    }

    /// Writes down where canaries were seen: all of it, or nothing. `false` where a change holds the lock of a SQLite
    /// file; it is to be tried again.
    #[cfg(feature = "serve")]
    pub(crate) fn record_sightings(&mut self, rows: &BTreeMap<Spot, Count>) -> Result<bool> {
        self.say(|recorder| recorder.record_sightings(rows))
    }

    /// A connection that failed is not kept.
    #[cfg(feature = "serve")]
    fn noted<T>(&mut self, done: Result<T>) -> Result<T> {
        if done.as_ref().is_err_and(|error| !Self::is_passing(error)) {
            self.recorder = None;
        }
        done
    }

    /// Writes what is left of earlier batches and this one. Neither the change mark nor the audit log moves.
    ///
    /// An error means that nothing can be written now: the role or the file may not be written
    /// ([`UseWriter::is_refused`]), or the database is not there. What was not written is kept for the next call, but
    /// where it is refused for good.
    pub fn write(&mut self, batch: UseBatch) -> Result<Written> {
        self.pending.merge(batch);
        let mut written = Written::default();
        while !self.pending.is_empty() {
            let part = self.pending.take(AT_ONCE);
            match self.recorder().and_then(|recorder| Ok(recorder.record(&part)?)) {
                Ok(totals) => written.totals.extend(totals),
                Err(error) => {
                    self.keep(part, &error);
                    if Self::is_passing(&error) {
                        written.put_off = true;
                        return Ok(written);
                    }
                    self.recorder = None;
                    return Err(error);
                }
            }
        }
        Ok(written)
    }

    /// Says that this instance answers by all changes up to this one: the counter of the change mark that it read last.
    /// To be said when the mark has moved, and every 60 seconds. Whether it was said: where a change holds the lock of
    /// a SQLite file, it is to be tried again.
    pub fn claim(&mut self, instance: &str, seq: i64) -> Result<bool> {
        self.say(|recorder| recorder.claim(instance, seq))
    }

    /// Says that this instance answers nobody any more. What is left is to be written before.
    pub fn release(&mut self, instance: &str) -> Result<bool> {
        self.say(|recorder| recorder.release(instance))
    }

    /// Whether all of it may be written and read, by this instance: it is tried and taken back. `false` where a change
    /// holds the lock of a SQLite file; it is to be tried again.
    #[cfg(feature = "serve")]
    pub fn may_write(&mut self, instance: &str, seq: i64) -> Result<bool> {
        self.say(|recorder| recorder.may_write(instance, seq))
    }

    /// How many rows are left to be written.
    pub fn pending(&self) -> usize {
        self.pending.len()
    }

    /// Whether something of this quota is left to be written or asked.
    #[cfg(feature = "serve")]
    pub(crate) fn holds(&self, whose: &Spender, period: &PeriodName) -> bool {
        self.pending.spent.contains_key(&(whose.clone(), period.clone()))
    }

    /// Whether an error means that this store, as it is or by this role, takes nothing of use: then a server goes on as
    /// one that only reads, says so, and may try again later.
    pub fn is_refused(error: &Error) -> bool {
        matches!(
            error,
            Error::Store(
                store::Error::Refused { .. }
                    | store::Error::Older { .. }
                    | store::Error::Newer { .. }
                    | store::Error::Moved(_)
                    | store::Error::Missing(_)
                    | store::Error::Views(_)
            )
        )
    }

    /// Whether what was to be written may have been.
    #[cfg(feature = "serve")]
    pub(crate) fn is_unsure(error: &Error) -> bool {
        matches!(error, Error::Store(store::Error::Unknown(_) | store::Error::Waiting))
    }

    /// Whether the next call may find it otherwise, on the same connection.
    pub(crate) fn is_passing(error: &Error) -> bool {
        matches!(error, Error::Store(store::Error::Busy(_) | store::Error::Transient(_)))
    }

    fn say(&mut self, say: impl FnOnce(&mut Recorder) -> store::Result<()>) -> Result<bool> {
        match self.recorder().and_then(|recorder| Ok(say(recorder)?)) {
            Ok(()) => Ok(true),
            Err(error) if Self::is_passing(&error) => Ok(false),
            Err(error) => {
                self.recorder = None;
                Err(error)
            }
        }
    }

    fn recorder(&mut self) -> Result<&mut Recorder> {
        if self.recorder.as_ref().is_some_and(|recorder| !recorder.is_current()) {
            // Another file has its name.
            self.recorder = None;
        }
        if self.recorder.is_none() {
            let open = if self.reads { Recorder::open_to_read } else { Recorder::open };
            self.recorder = Some(open(&self.location, self.options, self.within)?);
        }
        self.recorder.as_mut().ok_or_else(|| store::Error::Lost("no connection".into()).into())
    }

    fn keep(&mut self, part: UseBatch, error: &Error) {
        // Whether a transaction was written of which that is not known is not tried a second time: counted once too few
        // is better than refused too early.
        let lost = matches!(error, Error::Store(store::Error::Unknown(_)));
        if lost || Self::is_refused(error) || self.pending.len() + part.len() > MOST_KEPT {
            return;
        }
        self.pending.merge(part);
    }
}
