//! Keys that are there to be found: each time that one is presented is counted, whether its answer was kept or not, and
//! said in the log. From outside it is any revoked key.
//!
//! Which keys they are is read beside the requests. From a change on until that was read anew, any revoked key may be one: what is
//! counted of it meanwhile is looked through before it is written.

use std::collections::{BTreeSet, HashSet};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};
use std::thread;
use std::time::Duration;

use crate::config::serve::serve_file::LogLevel;
use crate::domain::id::KeyId;
use crate::domain::keys::verdict::Grant;
use crate::domain::leaks::canary::{Count, Sightings, Spot};
use crate::domain::time::Timestamp;
use crate::ops::usage::writer::UseWriter;

/// From where something is presented.
#[derive(Clone, Copy)]
pub(super) struct At<'r> {
    /// As far as that is known.
    pub(super) address: Option<IpAddr>,
    /// As the client asked for it; a query is not looked at.
    pub(super) path: &'r [u8],
}

struct Known {
    keys: HashSet<KeyId>,
    /// Whether something may have changed since that was read.
    is_stale: bool,
    /// The counter of the change up to which that was read, and of the last one that somebody here knows of.
    of: i64,
    latest: i64,
}

impl Known {
    fn may_have_changed(&mut self, counter: i64) {
        self.is_stale |= counter > self.of;
        self.latest = self.latest.max(counter);
    }
}

pub(super) struct Canaries {
    known: RwLock<Known>,
    seen: Mutex<Sightings>,
}

impl Canaries {
    pub(super) fn new() -> Self {
        let known = RwLock::new(Known { keys: HashSet::new(), is_stale: true, of: -1, latest: 0 });
        Self { known, seen: Mutex::default() }
    }

    fn seen(&self) -> MutexGuard<'_, Sightings> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A token of a revoked key was presented, as of the change of this counter at least.
    pub(super) fn presented(&self, grant: &Grant, at: At<'_>, now: Timestamp, counter: i64) {
        let (is_newer, may_be_one) = {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            (counter > known.of, known.is_stale || known.keys.contains(&grant.key_id))
        };
        if is_newer {
            // Before it is counted: else it would be looked for among those of before.
            self.may_have_changed(counter);
        }
        if is_newer || may_be_one {
            let spot = Spot::new(grant.key_id, grant.token_id.clone(), now, at.address, at.path);
            self.seen().add(spot, now);
        }
    }

    /// Something was changed: it may be that there is another one.
    pub(super) fn may_have_changed(&self, counter: i64) {
        self.known.write().unwrap_or_else(PoisonError::into_inner).may_have_changed(counter);
    }
}

/// The same is read once in so many milliseconds at most: until then what may be one is kept.
const AT_MOST_EVERY: i64 = 1_000;

/// How often what is left is tried to be written at the end.
const LAST_TRIES: usize = 20;

/// How often it is tried again to read which they are, in milliseconds, where that failed; and read anew where nothing changed.
const AGAIN: i64 = 60_000;

/// Takes what was seen, of one sighting after the other.
pub(super) type Alarm = Box<dyn Fn(&Spot, &Count) + Send>;

/// Takes a line for the log.
type Say = Box<dyn Fn(LogLevel, &str) + Send>;

/// Reads which keys are canaries, writes down where they were seen, and says so.
pub(super) struct Lookout {
    alarm: Alarm,
    say: Say,
    /// Whether what is seen may be written.
    writes: bool,
    read: Option<Timestamp>,
    failed: Option<Timestamp>,
    /// Whether it was said that nothing can be written.
    is_said: bool,
    hour: i64,
    /// What was said in this hour.
    alarmed: BTreeSet<Spot>,
}

impl Lookout {
    pub(super) fn new(writes: bool, alarm: Alarm, say: impl Fn(LogLevel, &str) + Send + 'static) -> Self {
        let (say, alarmed) = (Box::new(say), BTreeSet::new());
        Self { alarm, say, writes, read: None, failed: None, is_said: false, hour: 0, alarmed }
    }

    /// Does what is to be done now.
    pub(super) fn look(&mut self, canaries: &Canaries, writer: &mut UseWriter, now: Timestamp) {
        self.read(canaries, writer, now);
        let known = canaries.known.read().unwrap_or_else(PoisonError::into_inner);
        if known.is_stale && self.failed.is_none() {
            return;
        }
        let mut rows = canaries.seen().take();
        rows.retain(|spot, _| known.keys.contains(&spot.key));
        drop(known);
        for (spot, count) in &rows {
            self.sound(spot, count);
        }
        if !self.writes || rows.is_empty() {
            return;
        }
        match writer.record_sightings(&rows) {
            Ok(true) => self.is_said = false,
            Ok(false) => canaries.seen().put_back(rows),
            Err(error) => {
                if !std::mem::replace(&mut self.is_said, true) {
                    let said = format!("canaries were seen, and that could not be recorded: {error}");
                    (self.say)(LogLevel::Error, &said);
                }
                // What may have been written is not written again.
                if !UseWriter::is_unsure(&error) {
                    canaries.seen().put_back(rows);
                }
            }
        }
    }

    fn read(&mut self, canaries: &Canaries, writer: &mut UseWriter, now: Timestamp) {
        let since = |at: Timestamp| now.as_millis() - at.as_millis();
        let is_recent = |at: Timestamp| (0..AGAIN).contains(&since(at));
        let is_just_read = self.read.is_some_and(|at| (0..AT_MOST_EVERY).contains(&since(at)));
        let mut known = canaries.known.write().unwrap_or_else(PoisonError::into_inner);
        let is_due = known.is_stale || !self.read.is_some_and(is_recent);
        if !is_due || is_just_read || self.failed.is_some_and(is_recent) {
            return;
        }
        // What changes from here on is read the next time; until this was read, any revoked key may be one.
        known.is_stale = true;
        let upto = known.latest;
        drop(known);
        match writer.canaries() {
            Ok(keys) => {
                if self.failed.take().is_some() {
                    (self.say)(LogLevel::Info, "canaries are looked for again");
                }
                self.read = Some(now);
                let mut known = canaries.known.write().unwrap_or_else(PoisonError::into_inner);
                known.is_stale = known.latest > upto;
                (known.keys, known.of) = (keys, upto);
            }
            Err(error) => {
                if UseWriter::is_passing(&error) {
                    return;
                }
                if self.failed.replace(now).is_none() {
                    let said = format!("canaries are not looked for: {error}");
                    (self.say)(LogLevel::Warn, &said);
                }
            }
        }
    }

    /// The last look: also where somebody else holds the lock of a file for a moment.
    pub(super) fn look_last(&mut self, canaries: &Canaries, writer: &mut UseWriter, now: Timestamp) {
        for _ in 0..LAST_TRIES {
            (self.read, self.failed) = (None, None);
            self.look(canaries, writer, now);
            if !self.writes || self.is_said || canaries.seen().is_empty() {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Once for each place in an hour, and once more where it comes back in the next.
    fn sound(&mut self, spot: &Spot, count: &Count) {
        if spot.hour != self.hour {
            self.hour = spot.hour;
            self.alarmed.clear();
        }
        if self.alarmed.insert(spot.clone()) {
            (self.alarm)(spot, count);
        }
    }
}
