//! Answers that are kept, and when one may be used.
//!
//! An answer belongs to an epoch: the time in which the change mark was one and the same. It is
//! used while its epoch is the current one and the mark was last read, successfully, less than
//! five seconds ago. So a change is in force within five seconds, by construction.

use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use quick_cache::UnitWeighter;
use quick_cache::sync::{Cache as Bounded, DefaultLifecycle};

use super::clock::Moment;
use super::lookup::Reading;
use super::seen::Seen;
use crate::domain::verdict::Reason;

/// Milliseconds for which a read of the mark lets answers be used: five seconds, less what the
/// clocks may be late.
pub(super) const FRESH: i64 = 4_950;

/// A mark older than this is read again.
pub(super) const DUE: i64 = 1_000;

/// How long what is not good is kept: it may become good by time alone.
const DENIED_FOR: i64 = 5_000;

const GOOD_KEPT: usize = 10_000;
const DENIED_KEPT: usize = 1_000;

/// No epoch has this number.
const NO_EPOCH: u64 = u64::MAX;

/// The SHA-256 of a presented text: what answers are kept under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fingerprint(pub(super) [u8; 32]);

impl Hash for Fingerprint {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.first_chunk().map_or(0, |first| u64::from_le_bytes(*first)));
    }
}

/// Eight bytes of a SHA-256 are as good a hash as any.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

/// What is known of a presented text.
#[derive(Clone, Debug)]
pub(super) enum Known {
    /// A token of the store's, good or not.
    Token(Arc<Seen>),
    /// No token of the store's.
    Denied(Reason),
}

/// An answer as it is kept.
#[derive(Debug)]
pub(super) struct Entry {
    epoch: u64,
    read: Moment,
    /// Milliseconds from the read in which time alone cannot change it.
    good_for: i64,
    pub(super) known: Known,
}

impl Entry {
    /// One that is of no read is never used again.
    pub(super) fn new(of: Option<Reading>, known: Known) -> Self {
        let Reading { epoch, sent, now } =
            of.unwrap_or(Reading { epoch: NO_EPOCH, sent: Moment { monotonic: 0, wall: 0 }, now: 0 });
        let good_for = match &known {
            Known::Token(seen) if seen.is_active() => {
                seen.expires_at().map_or(i64::MAX, |end| end.as_millis() - now)
            }
            _ => DENIED_FOR,
        };
        Self { epoch, read: sent, good_for, known }
    }

    fn is_good(&self) -> bool {
        matches!(&self.known, Known::Token(seen) if seen.is_active())
    }
}

type Answers = Bounded<
    Fingerprint,
    Arc<Entry>,
    UnitWeighter,
    BuildHasherDefault<AsItIs>,
    DefaultLifecycle<Fingerprint, Arc<Entry>>,
>;

/// The kept answers, and the last read of the mark.
pub(super) struct Cache {
    good: Answers,
    /// Beside them, so that a flood of wrong tokens costs no good one its place.
    denied: Answers,
    mark: Mutex<String>,
    epoch: AtomicU64,
    sent_monotonic: AtomicI64,
    sent_wall: AtomicI64,
}

fn answers(kept: usize) -> Answers {
    Bounded::with(kept, kept as u64, UnitWeighter, BuildHasherDefault::default(), DefaultLifecycle::default())
}

impl Cache {
    pub(super) fn new() -> Self {
        Self {
            good: answers(GOOD_KEPT),
            denied: answers(DENIED_KEPT),
            mark: Mutex::new(String::new()),
            epoch: AtomicU64::new(0),
            sent_monotonic: AtomicI64::new(i64::MIN / 2),
            sent_wall: AtomicI64::new(i64::MIN / 2),
        }
    }

    /// When the last successful read of the mark was sent.
    fn sent(&self) -> Moment {
        Moment {
            monotonic: self.sent_monotonic.load(Ordering::Acquire),
            wall: self.sent_wall.load(Ordering::Acquire),
        }
    }

    /// Milliseconds since then.
    pub(super) fn age(&self, now: Moment) -> i64 {
        now.since(self.sent())
    }

    /// An answer that may be used now.
    pub(super) fn get(&self, print: &Fingerprint, now: Moment) -> Option<Arc<Entry>> {
        // The times before the epoch: a read that ends an epoch writes them in the other order.
        let sent = self.sent();
        if now.since(sent) >= FRESH {
            return None;
        }
        let entry = self.good.get(print).or_else(|| self.denied.get(print))?;
        let current = self.epoch.load(Ordering::Acquire) == entry.epoch;
        (current && now.since(entry.read) < entry.good_for).then_some(entry)
    }

    /// Takes note of a mark that was read; returns its epoch. One that was asked for before the
    /// last one and is another has none: what was read beside it is not used again.
    pub(super) fn observe(&self, mark: &str, sent: Moment) -> u64 {
        let mut last = self.mark.lock().unwrap_or_else(PoisonError::into_inner);
        let later = sent.monotonic >= self.sent_monotonic.load(Ordering::Acquire);
        if *last != mark {
            if !later {
                return NO_EPOCH;
            }
            mark.clone_into(&mut last);
            self.epoch.fetch_add(1, Ordering::AcqRel);
            self.good.clear();
            self.denied.clear();
        }
        if later {
            self.sent_wall.store(sent.wall, Ordering::Release);
            self.sent_monotonic.store(sent.monotonic, Ordering::Release);
        }
        self.epoch.load(Ordering::Acquire)
    }

    pub(super) fn keep(&self, print: Fingerprint, entry: Arc<Entry>) {
        let (answers, others) =
            if entry.is_good() { (&self.good, &self.denied) } else { (&self.denied, &self.good) };
        others.remove(&print);
        answers.insert(print, entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Moment {
        Moment { monotonic: millis, wall: millis }
    }

    fn print(number: u32) -> Fingerprint {
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(&number.to_le_bytes());
        bytes[4..8].copy_from_slice(&number.wrapping_mul(2_654_435_761).to_le_bytes());
        Fingerprint(bytes)
    }

    fn denied(epoch: u64, sent: Moment) -> Arc<Entry> {
        Arc::new(Entry::new(Some(Reading { epoch, sent, now: 0 }), Known::Denied(Reason::Unknown)))
    }

    #[test]
    fn an_answer_is_used_for_less_than_five_seconds_after_the_mark_was_asked_for() {
        let cache = Cache::new();
        let epoch = cache.observe("1-a", at(1000));
        cache.keep(print(1), denied(epoch, at(1000)));
        assert!(cache.get(&print(1), at(1000 + FRESH - 1)).is_some());
        assert!(cache.get(&print(1), at(1000 + FRESH)).is_none());
        assert!(cache.get(&print(2), at(1000)).is_none());
        let slept = Moment { monotonic: 1001, wall: 1000 + FRESH };
        assert!(cache.get(&print(1), slept).is_none(), "by the wall clock");
        let set_back = Moment { monotonic: 1000 + FRESH, wall: 0 };
        assert!(cache.get(&print(1), set_back).is_none(), "by the monotonic clock");
    }

    #[test]
    fn reading_the_same_mark_again_prolongs_what_is_kept_and_another_mark_ends_it() {
        let cache = Cache::new();
        let epoch = cache.observe("1-a", at(1000));
        cache.keep(print(1), denied(epoch, at(1000)));
        assert_eq!(cache.observe("1-a", at(3000)), epoch);
        assert!(cache.get(&print(1), at(5900)).is_some());
        assert!(cache.get(&print(1), at(6000)).is_none(), "a denial is read anew after five seconds");
        assert_ne!(cache.observe("2-b", at(3500)), epoch);
        assert!(cache.get(&print(1), at(3600)).is_none());
        cache.keep(print(1), denied(epoch, at(3400)));
        assert!(cache.get(&print(1), at(3600)).is_none(), "an answer of before that comes late");
    }

    #[test]
    fn a_mark_that_was_asked_for_earlier_says_nothing_new() {
        let cache = Cache::new();
        let epoch = cache.observe("2-b", at(2000));
        let late = cache.observe("1-a", at(1000));
        assert_eq!(late, NO_EPOCH);
        cache.keep(print(1), denied(late, at(1000)));
        assert!(cache.get(&print(1), at(2001)).is_none());
        assert_eq!(cache.observe("2-b", at(1500)), epoch);
        assert_eq!(cache.age(at(2100)), 100, "nor does it make the mark older");
    }

    #[test]
    fn a_flood_of_wrong_tokens_takes_no_room_from_good_ones() {
        let cache = Cache::new();
        let epoch = cache.observe("1-a", at(1000));
        for number in 0..200_000 {
            cache.keep(print(number), denied(epoch, at(1000)));
        }
        assert!(cache.denied.len() <= DENIED_KEPT, "{}", cache.denied.len());
        assert_eq!(cache.good.len(), 0);
    }
}
