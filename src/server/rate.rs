//! How fast each key may ask: a bucket of as many requests as its rate allows in one span, refilled evenly.
//!
//! Kept as the moment at which a bucket is full again (the generic cell rate algorithm, ITU-T I.371), so one number a
//! key is enough, and a bucket that is full needs none. Several instances count by themselves: with n of them behind
//! one gateway, a key may ask up to n times as fast.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::hashing::AsItIs;
use crate::domain::id::KeyId;
use crate::domain::keys::limit::Rate;

/// What a rate says to one request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Taken {
    /// Whether the request is within it.
    pub(super) is_within: bool,
    /// How many more are, at once.
    pub(super) left: u32,
    /// Whole seconds, rounded up: until one is again, or if this one was, until all are.
    pub(super) after: u64,
}

/// The buckets that are not full, and those that somebody holds.
pub(super) struct Rates(Vec<Mutex<Shard>>);

#[derive(Default)]
struct Shard {
    buckets: HashMap<KeyId, Arc<Bucket>, BuildHasherDefault<AsItIs>>,
    swept_at: f64,
}

/// A key's bucket: when it is full again, in seconds since the server began.
#[derive(Default)]
pub(super) struct Bucket(Mutex<f64>);

/// Keys are spread over so many locks.
const SHARDS: usize = 16;

/// Seconds between two looks for buckets that are full again.
const SWEPT: f64 = 30.0;

impl Rates {
    pub(super) fn new() -> Self {
        Self((0..SHARDS).map(|_| Mutex::default()).collect())
    }

    /// A key's bucket, the same one for all who hold it; `now` in seconds since the server began.
    pub(super) fn of(&self, key: KeyId, now: f64) -> Arc<Bucket> {
        let mut shard = self.0[key.spread() % SHARDS].lock().unwrap_or_else(PoisonError::into_inner);
        shard.sweep(now);
        Arc::clone(shard.buckets.entry(key).or_default())
    }
}

impl Bucket {
    /// Takes a request out of it, if there is one; `now` in seconds since the server began.
    pub(super) fn take(&self, rate: Rate, now: f64) -> Taken {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (span, limit) = (f64::from(rate.per_seconds), f64::from(rate.limit));
        let each = span / limit;
        let full_at = kept.max(now);
        let next = full_at + each;
        // A billionth of a second for what sums lose.
        let is_within = next - now <= span + 1e-9;
        if is_within {
            *kept = next;
        }
        let used = if is_within { next } else { full_at } - now;
        let wait = if is_within { used } else { next - now - span };
        Taken { is_within, left: whole((span - used) / each), after: seconds(wait) }
    }

    fn full_at(&self) -> f64 {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whole ones, rounded up, for `Retry-After`.
pub(super) fn seconds(number: f64) -> u64 {
    u64::from(whole((number - 1e-6).ceil()).max(1))
}

/// Not negative, and without its fraction.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the bounds of a rate")]
fn whole(number: f64) -> u32 {
    (number + 1e-6).clamp(0.0, f64::from(u32::MAX)) as u32
}

impl Shard {
    fn sweep(&mut self, now: f64) {
        if now - self.swept_at < SWEPT {
            return;
        }
        self.swept_at = now;
        // Who holds one got it under the lock of this shard.
        self.buckets.retain(|_, bucket| Arc::strong_count(bucket) > 1 || bucket.full_at() > now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u32) -> KeyId {
        format!("key_01h455vb4pex5vsknk084sn0{number:02}").parse().expect("id")
    }

    fn rate(text: &str) -> Rate {
        text.parse().expect("rate")
    }

    #[test]
    fn as_many_as_the_rate_says_pass_at_once_and_then_one_after_the_other() {
        let rates = Rates::new();
        for left in (0..10).rev() {
            let taken = rates.of(key(1), 5.0).take(rate("10/s"), 5.0);
            assert_eq!((taken.is_within, taken.left, taken.after), (true, left, 1));
        }
        let over = rates.of(key(1), 5.0).take(rate("10/s"), 5.0);
        assert_eq!((over.is_within, over.left, over.after), (false, 0, 1));
        assert!(rates.of(key(2), 5.0).take(rate("10/s"), 5.0).is_within, "another key");
        assert!(rates.of(key(1), 5.1).take(rate("10/s"), 5.1).is_within, "one is back");
        assert!(!rates.of(key(1), 5.1).take(rate("10/s"), 5.1).is_within);
        assert_eq!(rates.of(key(1), 60.0).take(rate("10/s"), 60.0).left, 9, "all are back");
    }

    #[test]
    fn what_was_refused_costs_nothing_and_is_told_when_to_come_back() {
        let rates = Rates::new();
        assert!(rates.of(key(1), 0.0).take(rate("1/h"), 0.0).is_within);
        for (now, after) in [(0.0, 3600), (1800.0, 1800), (3599.0, 1)] {
            let over = rates.of(key(1), now).take(rate("1/h"), now);
            assert_eq!((over.is_within, over.after), (false, after));
        }
        assert!(rates.of(key(1), 3600.0).take(rate("1/h"), 3600.0).is_within);
    }

    #[test]
    fn over_a_long_time_no_more_pass_than_the_rate_says() {
        let rates = Rates::new();
        let passed = (0..600_000).filter(|tick| {
            rates
                .of(key(1), f64::from(*tick) / 1000.0)
                .take(rate("600/m"), f64::from(*tick) / 1000.0)
                .is_within
        });
        let passed = passed.count();
        assert!((6600 - 1..=6600).contains(&passed), "{passed}");
    }

    #[test]
    fn full_buckets_are_forgotten() {
        let rates = Rates::new();
        for number in 0..30 {
            let _ = rates.of(key(number), 0.0).take(rate("10/s"), 0.0);
        }
        for number in 0..30 {
            let _ = rates.of(key(number), 100.0).take(rate("10/s"), 100.0);
        }
        let kept: usize = rates.0.iter().map(|shard| shard.lock().expect("lock").buckets.len()).sum();
        assert_eq!(kept, 30);
        let _ = rates.of(key(1), 200.0).take(rate("10/s"), 200.0);
        let kept: usize = rates.0.iter().map(|shard| shard.lock().expect("lock").buckets.len()).sum();
        assert!(kept < 30, "{kept}");
    }
}
