//! Answers that are kept, and when one may be used.
//!
//! An answer belongs to an epoch: the time in which the change mark was one and the same. It is
//! used while its epoch is the current one and the mark was last read, successfully, less than
//! five seconds ago. So a change is in force within five seconds, by construction.

use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use quick_cache::UnitWeighter;
use quick_cache::sync::{Cache as Bounded, DefaultLifecycle};

use super::cells::Seen;
use super::clock::Moment;
use super::fault::Unavailable;
use super::rollback::{self, Mark, Meaning, OnRollback, Read};
use crate::domain::keys::verdict::Reason;

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
#[derive(Debug)]
pub(super) enum Known {
    /// A token of the store's, good or not.
    Token(Seen),
    /// No token of the store's.
    Denied(Reason),
}

/// Which read an answer is of, so that it can be kept.
#[derive(Clone, Copy)]
pub(super) struct Reading {
    pub(super) epoch: u64,
    pub(super) sent: Moment,
    /// What the database's clock said.
    pub(super) now: i64,
}

/// An answer as it is kept: all of it in one place, but for the grant that is handed out.
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
    latest: Mutex<Latest>,
    epoch: AtomicU64,
    sent_monotonic: AtomicI64,
    sent_wall: AtomicI64,
}

/// The latest mark that was accepted; empty before the first.
#[derive(Default)]
struct Latest {
    mark: String,
    /// When it was first there, by the monotonic clock: what was sent later must show it, or a later
    /// one.
    received: i64,
}

impl Latest {
    /// `None` before the first mark.
    fn meaning_of(&self, mark: &str, read: &Read) -> Result<Option<Meaning>, Unavailable> {
        let found = Mark::parse(mark).ok_or_else(rollback::unknown_form)?;
        Ok(Mark::parse(&self.mark).map(|known| found.after(known, read.earlier.as_ref())))
    }
}

fn answers(kept: usize) -> Answers {
    Bounded::with(kept, kept as u64, UnitWeighter, BuildHasherDefault::default(), DefaultLifecycle::default())
}

impl Cache {
    pub(super) fn new() -> Self {
        Self {
            good: answers(GOOD_KEPT),
            denied: answers(DENIED_KEPT),
            latest: Mutex::default(),
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

    /// The counter of the remembered mark, where another, higher one can only be judged by what the
    /// store says of the change that made it.
    pub(super) fn question(&self, mark: &str) -> Option<i64> {
        let last = self.latest();
        if last.mark == mark {
            return None;
        }
        let (known, found) = (Mark::parse(&last.mark)?, Mark::parse(mark)?);
        (found.counter > known.counter).then_some(known.counter)
    }

    /// Takes note of a mark that was read; returns its epoch. One that was asked for before the
    /// last one and is another has none: what was read beside it is not used again.
    pub(super) fn observe(
        &self,
        mark: &str,
        read: &Read,
        on_rollback: &OnRollback,
    ) -> Result<u64, Unavailable> {
        let mut last = self.latest();
        let later = read.sent.monotonic >= self.sent_monotonic.load(Ordering::Acquire);
        if last.mark != mark {
            match last.meaning_of(mark, read)? {
                Some(Meaning::Open) => return Ok(NO_EPOCH),
                Some(Meaning::WentBack) if read.sent.monotonic <= last.received => return Ok(NO_EPOCH),
                Some(Meaning::WentBack) => self.went_back(&last, mark, on_rollback)?,
                Some(Meaning::Later) | None => {}
            }
            if !later {
                return Ok(NO_EPOCH);
            }
            *last = Latest { mark: mark.to_owned(), received: read.received.monotonic };
            self.forget();
        }
        if later {
            self.sent_wall.store(read.sent.wall, Ordering::Release);
            self.sent_monotonic.store(read.sent.monotonic, Ordering::Release);
        }
        Ok(self.epoch.load(Ordering::Acquire))
    }

    fn latest(&self) -> MutexGuard<'_, Latest> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the epoch: nothing that is kept is used again.
    fn forget(&self) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
        self.good.clear();
        self.denied.clear();
    }

    /// The remembered mark stays, so that this ends by itself where the later state comes back.
    fn went_back(&self, last: &Latest, mark: &str, on_rollback: &OnRollback) -> Result<(), Unavailable> {
        let (Some(known), Some(found)) = (Mark::parse(&last.mark), Mark::parse(mark)) else { return Ok(()) };
        let fault = rollback::went_back(known, found);
        match on_rollback {
            OnRollback::Refuse => {
                self.forget();
                Err(fault)
            }
            OnRollback::Warn(warn) => {
                warn(&fault);
                Ok(())
            }
        }
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
    use crate::runtime::rollback::Earlier;

    fn at(millis: i64) -> Moment {
        Moment { monotonic: millis, wall: millis }
    }

    /// A read that took no time.
    fn read(at: Moment) -> Read {
        Read { sent: at, received: at, earlier: None }
    }

    /// One that found this of an earlier change.
    fn after(at: Moment, counter: i64, nonce: Option<&str>) -> Read {
        let earlier = Some(Earlier { counter, nonce: nonce.map(str::to_owned) });
        Read { earlier, ..read(at) }
    }

    fn observe(cache: &Cache, mark: &str, read: &Read) -> u64 {
        cache.observe(mark, read, &OnRollback::Refuse).expect("no fault")
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
        let epoch = observe(&cache, "1-a", &read(at(1000)));
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
        let epoch = observe(&cache, "1-a", &read(at(1000)));
        cache.keep(print(1), denied(epoch, at(1000)));
        assert_eq!(observe(&cache, "1-a", &read(at(3000))), epoch);
        assert!(cache.get(&print(1), at(5900)).is_some());
        assert!(cache.get(&print(1), at(6000)).is_none(), "a denial is read anew after five seconds");
        assert_ne!(observe(&cache, "2-b", &after(at(3500), 1, Some("a"))), epoch);
        assert!(cache.get(&print(1), at(3600)).is_none());
        cache.keep(print(1), denied(epoch, at(3400)));
        assert!(cache.get(&print(1), at(3600)).is_none(), "an answer of before that comes late");
    }

    #[test]
    fn a_mark_that_was_asked_for_earlier_says_nothing_new() {
        let cache = Cache::new();
        let epoch = observe(&cache, "2-b", &read(at(2000)));
        let late = observe(&cache, "1-a", &read(at(1000)));
        assert_eq!(late, NO_EPOCH);
        cache.keep(print(1), denied(late, at(1000)));
        assert!(cache.get(&print(1), at(2001)).is_none());
        assert_eq!(observe(&cache, "2-b", &read(at(1500))), epoch);
        assert_eq!(cache.age(at(2100)), 100, "nor does it make the mark older");
    }

    #[test]
    fn a_store_that_went_back_is_refused_until_the_later_state_is_back() {
        let cache = Cache::new();
        let epoch = observe(&cache, "5-e", &Read { sent: at(1000), received: at(1010), earlier: None });
        cache.keep(print(1), denied(epoch, at(1000)));
        let fault = |mark: &str, read: &Read| {
            cache.observe(mark, read, &OnRollback::Refuse).expect_err("refused").fault.as_str()
        };
        assert_eq!(observe(&cache, "4-d", &read(at(1010))), NO_EPOCH, "sent too early to prove anything");
        assert!(cache.get(&print(1), at(1020)).is_some());
        assert_eq!(fault("4-d", &read(at(1020))), "rolled_back");
        assert!(cache.get(&print(1), at(1020)).is_none(), "nothing that was kept is used");
        assert_eq!(fault("5-x", &read(at(1030))), "rolled_back");
        assert_eq!(fault("9-y", &after(at(1040), 5, Some("x"))), "rolled_back");
        assert_eq!(fault("garbage", &read(at(1050))), "row");
        let epoch = observe(&cache, "5-e", &read(at(1060)));
        cache.keep(print(1), denied(epoch, at(1060)));
        assert!(cache.get(&print(1), at(1070)).is_some(), "the later state is back");
        assert_ne!(
            observe(&cache, "1048600-z", &after(at(1080), 5, None)),
            NO_EPOCH,
            "accepted by an operator"
        );
    }

    #[test]
    fn a_reader_that_only_warns_does_so_once_and_goes_on() {
        let cache = Cache::new();
        observe(&cache, "5-e", &read(at(1000)));
        let warnings = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&warnings);
        let warn = OnRollback::Warn(Box::new(move |fault| {
            assert_eq!(fault.fault.as_str(), "rolled_back");
            counted.fetch_add(1, Ordering::SeqCst);
        }));
        for time in [1010, 1020] {
            let epoch = cache.observe("4-d", &read(at(time)), &warn).expect("goes on");
            assert_ne!(epoch, NO_EPOCH);
        }
        assert_eq!(warnings.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn a_flood_of_wrong_tokens_takes_no_room_from_good_ones() {
        let cache = Cache::new();
        let epoch = observe(&cache, "1-a", &read(at(1000)));
        for number in 0..200_000 {
            cache.keep(print(number), denied(epoch, at(1000)));
        }
        assert!(cache.denied.len() <= DENIED_KEPT, "{}", cache.denied.len());
        assert_eq!(cache.good.len(), 0);
    }
}
