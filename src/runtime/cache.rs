//! Answers that are kept, and when one may be used.
//!
//! An answer is used while the mark was last read, successfully, less than five seconds ago. A mark
//! that moved takes away what it touched before it counts as read: all denials, and of the good
//! answers those of the keys that the changes since name, or all where that cannot be told. So a
//! change is in force within five seconds, by construction.
//!
//! A look-up may have read before a change and come to be kept after it. So an answer belongs to an
//! epoch, the time in which the mark was one and the same, and is kept in that epoch only. Marks are
//! accepted, and answers kept, under one lock.

#[cfg(feature = "serve")]
use std::any::Any;
use std::collections::HashSet;
#[cfg(feature = "serve")]
use std::fmt;
use std::hash::{BuildHasherDefault, Hash, Hasher};
#[cfg(feature = "serve")]
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use quick_cache::UnitWeighter;
use quick_cache::sync::{Cache as Bounded, DefaultLifecycle};

use super::cells::Seen;
use super::clock::Moment;
use super::fault::Unavailable;
use super::jwt::KeptJwt;
use super::rollback::{self, Mark, Meaning, OnRollback, Question, Read};
use crate::domain::hashing::AsItIs;
use crate::domain::id::KeyId;
use crate::domain::keys::verdict::Reason;
#[cfg(feature = "serve")]
use crate::store::VersionCells;

/// Milliseconds for which a read of the mark lets answers be used: five seconds, less what the
/// clocks may be late.
pub(super) const FRESH: i64 = 4_950;

/// A mark older than this is read again.
pub(super) const DUE: i64 = 1_000;

/// How long what is not good is kept, at most: it may become good by time alone.
pub(super) const DENIED_FOR: i64 = 5_000;

const GOOD_KEPT: usize = 10_000;
const DENIED_KEPT: usize = 1_000;

/// A time in which the mark is one and the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Epoch(u64);

/// Of what is not to be kept.
const NO_EPOCH: Epoch = Epoch(u64::MAX);

/// The SHA-256 of a presented text: what answers are kept under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fingerprint(pub(super) [u8; 32]);

impl Hash for Fingerprint {
    /// Eight bytes of a SHA-256 are as good a hash as any.
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.first_chunk().map_or(0, |first| u64::from_le_bytes(*first)));
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
    pub(super) epoch: Epoch,
    pub(super) sent: Moment,
    /// What the database's clock said.
    pub(super) now: i64,
}

/// An answer as it is kept: all of it in one place, but for the grant that is handed out.
#[derive(Debug)]
pub(super) struct Entry {
    read: Moment,
    /// Milliseconds from the read in which time alone cannot change it.
    good_for: i64,
    pub(super) known: Known,
    /// What a server keeps beside it.
    #[cfg(feature = "serve")]
    pub(super) beside: Beside,
    /// The roles of its key, once somebody asked for them; `None` where the store does not tell.
    #[cfg(feature = "serve")]
    pub(super) roles: OnceLock<Option<Arc<[String]>>>,
    /// What issuing takes, once a token was issued for it; `None` where the store does not tell.
    #[cfg(feature = "serve")]
    pub(super) issuing: OnceLock<Option<VersionCells>>,
}

/// Of whatever kind the server wants.
#[cfg(feature = "serve")]
#[derive(Default)]
pub(super) struct Beside(pub(super) OnceLock<Box<dyn Any + Send + Sync>>);

#[cfg(feature = "serve")]
impl fmt::Debug for Beside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Beside")
    }
}

impl Entry {
    fn new(read: Moment, good_for: i64, known: Known) -> Self {
        Self {
            read,
            good_for,
            known,
            #[cfg(feature = "serve")]
            beside: Beside::default(),
            #[cfg(feature = "serve")]
            roles: OnceLock::new(),
            #[cfg(feature = "serve")]
            issuing: OnceLock::new(),
        }
    }

    /// One that is of no single read is good for nothing but the one who asked.
    pub(super) fn of_no_read(known: Known) -> Self {
        Self::new(Moment { monotonic: 0, wall: 0 }, 0, known)
    }

    /// Whose answer it is, of a token that is good.
    fn good_key(&self) -> Option<KeyId> {
        match &self.known {
            Known::Token(seen) if seen.is_active() => Some(seen.key_id()),
            _ => None,
        }
    }
}

type Answers<E = Entry> = Bounded<
    Fingerprint,
    Arc<E>,
    UnitWeighter,
    BuildHasherDefault<AsItIs>,
    DefaultLifecycle<Fingerprint, Arc<E>>,
>;

/// The kept answers, and the last read of the mark.
pub(super) struct Cache {
    good: Answers,
    /// Beside them, so that a flood of wrong tokens costs no good one its place.
    denied: Answers,
    /// Short-lived tokens that were verified, and no other ones.
    jwts: Answers<KeptJwt>,
    denied_for: i64,
    latest: Mutex<Latest>,
    /// That of the latest mark, which a server looks at with each token that it got for somebody.
    #[cfg(feature = "serve")]
    counter: AtomicI64,
    sent_monotonic: AtomicI64,
    sent_wall: AtomicI64,
    /// How often everything was taken away.
    forgotten: AtomicU64,
}

/// The latest mark that was accepted; empty before the first.
#[derive(Default)]
struct Latest {
    mark: String,
    /// When it was first there, by the monotonic clock: what was sent later must show it, or a later
    /// one.
    received: i64,
    /// How many marks there were.
    epoch: u64,
}

impl Latest {
    /// `None` before the first mark.
    fn meaning_of(&self, mark: &str, read: &Read) -> Result<Option<Meaning>, Unavailable> {
        let found = Mark::parse(mark).ok_or_else(rollback::unknown_form)?;
        Ok(Mark::parse(&self.mark).map(|known| found.after(known, read.earlier.as_ref())))
    }
}

fn answers<E>(kept: usize) -> Answers<E> {
    Bounded::with(kept, kept as u64, UnitWeighter, BuildHasherDefault::default(), DefaultLifecycle::default())
}

impl Cache {
    /// Keeps denials for so many milliseconds.
    pub(super) fn new(denied_for: i64) -> Self {
        Self {
            good: answers(GOOD_KEPT),
            denied: answers(DENIED_KEPT),
            jwts: answers(GOOD_KEPT),
            denied_for,
            latest: Mutex::default(),
            #[cfg(feature = "serve")]
            counter: AtomicI64::new(0),
            sent_monotonic: AtomicI64::new(i64::MIN / 2),
            sent_wall: AtomicI64::new(i64::MIN / 2),
            forgotten: AtomicU64::new(0),
        }
    }

    /// The counter of the latest mark that was accepted.
    #[cfg(feature = "serve")]
    pub(super) fn counter(&self) -> i64 {
        self.counter.load(Ordering::Acquire)
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

    /// An answer as it would be kept.
    pub(super) fn entry(&self, of: Option<Reading>, known: Known) -> Entry {
        let Some(Reading { sent, now, .. }) = of else { return Entry::of_no_read(known) };
        let good_for = match &known {
            Known::Token(seen) if seen.is_active() => {
                seen.expires_at().map_or(i64::MAX, |end| end.as_millis() - now)
            }
            Known::Token(seen) => match seen.not_before() {
                Some(begin) if begin.as_millis() > now => self.denied_for.min(begin.as_millis() - now),
                _ => self.denied_for,
            },
            Known::Denied(_) => self.denied_for,
        };
        Entry::new(sent, good_for, known)
    }

    /// An answer that may be used now.
    pub(super) fn get(&self, print: &Fingerprint, now: Moment) -> Option<Arc<Entry>> {
        // The times before the answer: a read of another mark takes away first, and writes them then.
        let sent = self.sent();
        if now.since(sent) >= FRESH {
            return None;
        }
        let entry = self.good.get(print).or_else(|| self.denied.get(print))?;
        (now.since(entry.read) < entry.good_for).then_some(entry)
    }

    /// A verified token that may be used now.
    pub(super) fn get_jwt(&self, print: &Fingerprint, now: Moment) -> Option<Arc<KeptJwt>> {
        // In the order of `get`.
        let sent = self.sent();
        if now.since(sent) >= FRESH {
            return None;
        }
        self.jwts.get(print).filter(|kept| kept.is_good(now))
    }

    /// Keeps one, unless the mark has moved since it was read.
    pub(super) fn keep_jwt(&self, print: Fingerprint, kept: Arc<KeptJwt>, epoch: Epoch) {
        let last = self.latest();
        if epoch == Epoch(last.epoch) {
            self.jwts.insert(print, kept);
        }
    }

    /// What must be asked of the store before another, higher mark than the remembered one can be judged.
    pub(super) fn question(&self, mark: &str) -> Option<Question> {
        let last = self.latest();
        if last.mark == mark {
            return None;
        }
        let (known, found) = (Mark::parse(&last.mark)?.counter, Mark::parse(mark)?.counter);
        (found > known).then_some(Question { known, found })
    }

    /// Takes note of a mark that was read; returns its epoch. One that was asked for before the
    /// last one and is another has none: what was read beside it is not used again.
    pub(super) fn observe(
        &self,
        mark: &str,
        read: &Read,
        on_rollback: &OnRollback,
    ) -> Result<Epoch, Unavailable> {
        let mut last = self.latest();
        let later = read.sent.monotonic >= self.sent_monotonic.load(Ordering::Acquire);
        if last.mark != mark {
            let changed = match last.meaning_of(mark, read)? {
                Some(Meaning::Open) => return Ok(NO_EPOCH),
                Some(Meaning::WentBack) if read.sent.monotonic <= last.received => return Ok(NO_EPOCH),
                Some(Meaning::WentBack) => {
                    self.went_back(&mut last, mark, on_rollback)?;
                    None
                }
                Some(Meaning::Later) => read.earlier.as_ref().and_then(|earlier| earlier.changed.as_ref()),
                None => None,
            };
            if !later {
                return Ok(NO_EPOCH);
            }
            *last =
                Latest { mark: mark.to_owned(), received: read.received.monotonic, epoch: last.epoch + 1 };
            // Before anything is forgotten: who sees the one before may use what is kept, as who came before.
            #[cfg(feature = "serve")]
            self.counter.store(Mark::parse(mark).map_or(0, |mark| mark.counter), Ordering::Release);
            match changed {
                Some(keys) => self.forget_keys(keys),
                None => self.forget(),
            }
        }
        if later {
            self.sent_wall.store(read.sent.wall, Ordering::Release);
            self.sent_monotonic.store(read.sent.monotonic, Ordering::Release);
        }
        Ok(Epoch(last.epoch))
    }

    fn latest(&self) -> MutexGuard<'_, Latest> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often a change was about more than the keys that it named. What was read beside the tokens is current while
    /// this stands.
    #[cfg(feature = "serve")]
    pub(super) fn forgotten(&self) -> u64 {
        self.forgotten.load(Ordering::Acquire)
    }

    /// Nothing that is kept is used again.
    fn forget(&self) {
        self.forgotten.fetch_add(1, Ordering::AcqRel);
        self.good.clear();
        self.denied.clear();
        self.jwts.clear();
    }

    /// Nothing that is kept of these keys is used again, and no denial: what was unknown may be one of
    /// them.
    fn forget_keys(&self, keys: &HashSet<KeyId>) {
        self.denied.clear();
        self.good.retain(|_, entry| entry.good_key().is_none_or(|key| !keys.contains(&key)));
        self.jwts.retain(|_, kept| !keys.contains(&kept.good.key_id()));
    }

    /// The remembered mark stays, so that this ends by itself where the later state comes back.
    fn went_back(&self, last: &mut Latest, mark: &str, on_rollback: &OnRollback) -> Result<(), Unavailable> {
        let (Some(known), Some(found)) = (Mark::parse(&last.mark), Mark::parse(mark)) else { return Ok(()) };
        let fault = rollback::went_back(known, found);
        match on_rollback {
            OnRollback::Refuse => {
                last.epoch += 1;
                self.forget();
                Err(fault)
            }
            OnRollback::Warn(warn) => {
                warn(&fault);
                Ok(())
            }
        }
    }

    /// Keeps an answer, unless the mark has moved since it was read.
    pub(super) fn keep(&self, print: Fingerprint, entry: Arc<Entry>, epoch: Epoch) {
        let last = self.latest();
        if epoch != Epoch(last.epoch) {
            return;
        }
        let (answers, others) =
            if entry.good_key().is_some() { (&self.good, &self.denied) } else { (&self.denied, &self.good) };
        others.remove(&print);
        answers.insert(print, entry);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;
    use crate::runtime::rollback::Earlier;
    use crate::store::TokenRow;

    fn at(millis: i64) -> Moment {
        Moment { monotonic: millis, wall: millis }
    }

    /// A read that took no time.
    fn read(at: Moment) -> Read {
        Read { sent: at, received: at, earlier: None }
    }

    /// One that found this of an earlier change.
    fn after(at: Moment, counter: i64, nonce: Option<&str>) -> Read {
        let earlier = Some(Earlier { counter, nonce: nonce.map(str::to_owned), changed: None });
        Read { earlier, ..read(at) }
    }

    fn observe(cache: &Cache, mark: &str, read: &Read) -> Epoch {
        cache.observe(mark, read, &OnRollback::Refuse).expect("no fault")
    }

    fn print(number: u32) -> Fingerprint {
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(&number.to_le_bytes());
        bytes[4..8].copy_from_slice(&number.wrapping_mul(2_654_435_761).to_le_bytes());
        Fingerprint(bytes)
    }

    /// Keeps that it is unknown.
    fn keep_denied(cache: &Cache, print: Fingerprint, epoch: Epoch, sent: Moment) {
        let of = Some(Reading { epoch, sent, now: 0 });
        cache.keep(print, Arc::new(cache.entry(of, Known::Denied(Reason::Unknown))), epoch);
    }

    #[test]
    fn an_answer_is_used_for_less_than_five_seconds_after_the_mark_was_asked_for() {
        let cache = Cache::new(DENIED_FOR);
        let epoch = observe(&cache, "1-a", &read(at(1000)));
        keep_denied(&cache, print(1), epoch, at(1000));
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
        let cache = Cache::new(DENIED_FOR);
        let epoch = observe(&cache, "1-a", &read(at(1000)));
        keep_denied(&cache, print(1), epoch, at(1000));
        assert_eq!(observe(&cache, "1-a", &read(at(3000))), epoch);
        assert!(cache.get(&print(1), at(5900)).is_some());
        assert!(cache.get(&print(1), at(6000)).is_none(), "a denial is read anew after five seconds");
        assert_ne!(observe(&cache, "2-b", &after(at(3500), 1, Some("a"))), epoch);
        assert!(cache.get(&print(1), at(3600)).is_none());
        keep_denied(&cache, print(1), epoch, at(3400));
        assert!(cache.get(&print(1), at(3600)).is_none(), "an answer of before that comes late");
    }

    const ONE: &str = "key_01h455vb4pex5vsknk084sn02q";
    const OTHER: &str = "key_01h455vb4pex5vsknk084sn02r";

    /// Keeps that a token of this key is good.
    fn keep_good(cache: &Cache, print: Fingerprint, key_id: &str, epoch: Epoch, sent: Moment) {
        let row = TokenRow {
            hash_alg: "sha256",
            token_id: "000000000000",
            key_id,
            key_name: "default",
            owner: "alice",
            subject: "alice",
            scopes: "[]",
            networks: "[]",
            state: "active",
            expires_at: None,
            has_quota: false,
            more: None,
        };
        let known = Known::Token(Seen::read(&row, 0).expect("a row"));
        let of = Some(Reading { epoch, sent, now: 0 });
        cache.keep(print, Arc::new(cache.entry(of, known)), epoch);
    }

    #[test]
    fn a_change_ends_denials_and_what_is_kept_of_the_keys_that_it_names() {
        let cache = Cache::new(DENIED_FOR);
        let before = observe(&cache, "1-a", &read(at(1000)));
        keep_good(&cache, print(1), ONE, before, at(1000));
        keep_good(&cache, print(2), OTHER, before, at(1000));
        keep_good(&cache, print(3), ONE, before, at(1000));
        keep_denied(&cache, print(4), before, at(1000));
        let named = Some(HashSet::from([ONE.parse().expect("a key's id")]));
        let earlier = Some(Earlier { counter: 1, nonce: Some("a".to_owned()), changed: named });
        let after = observe(&cache, "2-b", &Read { earlier, ..read(at(1100)) });
        let kept = |cache: &Cache| [1, 2, 3, 4].map(|number| cache.get(&print(number), at(1200)).is_some());
        assert_eq!(kept(&cache), [false, true, false, false]);
        keep_good(&cache, print(1), ONE, before, at(1000));
        assert_eq!(
            kept(&cache),
            [false, true, false, false],
            "a look-up of before the change that comes late"
        );
        keep_good(&cache, print(1), ONE, after, at(1100));
        assert_eq!(kept(&cache), [true, true, false, false]);
        observe(&cache, "3-c", &super::tests::after(at(1150), 2, Some("b")));
        assert_eq!(kept(&cache), [false; 4], "a change of nobody knows which keys");
    }

    #[test]
    fn a_mark_that_was_asked_for_earlier_says_nothing_new() {
        let cache = Cache::new(DENIED_FOR);
        let epoch = observe(&cache, "2-b", &read(at(2000)));
        let late = observe(&cache, "1-a", &read(at(1000)));
        assert_eq!(late, NO_EPOCH);
        keep_denied(&cache, print(1), late, at(1000));
        assert!(cache.get(&print(1), at(2001)).is_none());
        assert_eq!(observe(&cache, "2-b", &read(at(1500))), epoch);
        assert_eq!(cache.age(at(2100)), 100, "nor does it make the mark older");
    }

    #[test]
    fn a_store_that_went_back_is_refused_until_the_later_state_is_back() {
        let cache = Cache::new(DENIED_FOR);
        let epoch = observe(&cache, "5-e", &Read { sent: at(1000), received: at(1010), earlier: None });
        keep_denied(&cache, print(1), epoch, at(1000));
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
        keep_denied(&cache, print(1), epoch, at(1060));
        assert!(cache.get(&print(1), at(1070)).is_some(), "the later state is back");
        assert_ne!(
            observe(&cache, "1048600-z", &after(at(1080), 5, None)),
            NO_EPOCH,
            "accepted by an operator"
        );
    }

    #[test]
    fn a_reader_that_only_warns_does_so_once_and_goes_on() {
        let cache = Cache::new(DENIED_FOR);
        observe(&cache, "5-e", &read(at(1000)));
        let warnings = Arc::new(AtomicU32::new(0));
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
        let cache = Cache::new(DENIED_FOR);
        let epoch = observe(&cache, "1-a", &read(at(1000)));
        for number in 0..200_000 {
            keep_denied(&cache, print(number), epoch, at(1000));
        }
        assert!(cache.denied.len() <= DENIED_KEPT, "{}", cache.denied.len());
        assert_eq!(cache.good.len(), 0);
    }
}
