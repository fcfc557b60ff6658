//! Tokens that nobody knows: so many are looked up, and no more, that whoever asks for what is kept does not wait for them.

use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use super::clock::Moment;

/// So many in a span of so many milliseconds are a flood, which lasts until a span has fewer.
const FLOOD: u32 = 500;
const SPAN: i64 = 100;

/// While there is one: how much of what is not at hand is looked up in a millisecond. A worker spends a tenth of its time
/// on that, and nobody waits for more than this behind each other.
const LOOKED_UP: u32 = 5;

/// How many there are, as one line sees it.
#[derive(Default)]
pub(super) struct Unknown {
    span: AtomicI64,
    /// In this span, and in the one before.
    count: AtomicU32,
    before: AtomicU32,
    millisecond: AtomicI64,
    looked_up: AtomicU32,
}

impl Unknown {
    /// Whether what is not at hand is not looked up now.
    pub(super) fn are_too_many(&self, now: Moment) -> bool {
        self.turn(now);
        if self.count.load(Ordering::Relaxed).max(self.before.load(Ordering::Relaxed)) < FLOOD {
            return false;
        }
        if self.millisecond.swap(now.monotonic, Ordering::Relaxed) != now.monotonic {
            self.looked_up.store(0, Ordering::Relaxed);
        }
        let are_too_many = self.looked_up.fetch_add(1, Ordering::Relaxed) >= LOOKED_UP;
        if are_too_many {
            self.count.fetch_add(1, Ordering::Relaxed);
        }
        are_too_many
    }

    /// One was looked up, and nobody knows it.
    pub(super) fn count(&self, now: Moment) {
        self.turn(now);
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    fn turn(&self, now: Moment) {
        let span = now.monotonic / SPAN;
        let last = self.span.swap(span, Ordering::Relaxed);
        if last != span {
            let count = self.count.swap(0, Ordering::Relaxed);
            self.before.store(if last + 1 == span { count } else { 0 }, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(monotonic: i64) -> Moment {
        Moment { monotonic, wall: 0 }
    }

    /// How many of so many are looked up within this millisecond.
    fn looked_up(unknown: &Unknown, millisecond: i64, asked: u32) -> usize {
        let is_looked_up = |_: &u32| {
            let is_looked_up = !unknown.are_too_many(at(millisecond));
            if is_looked_up {
                unknown.count(at(millisecond));
            }
            is_looked_up
        };
        (0..asked).filter(is_looked_up).count()
    }

    #[test]
    fn some_that_nobody_knows_are_all_looked_up() {
        let unknown = Unknown::default();
        for span in 1..20 {
            assert_eq!(looked_up(&unknown, span * SPAN, FLOOD - 1), FLOOD as usize - 1);
        }
    }

    #[test]
    fn of_a_flood_few_are_looked_up_until_it_ends() {
        let unknown = Unknown::default();
        let most = LOOKED_UP as usize;
        assert_eq!(looked_up(&unknown, 1000, 700), FLOOD as usize + most);
        for millisecond in 1001..1300 {
            assert_eq!(looked_up(&unknown, millisecond, 60), most, "{millisecond}");
        }
        assert_eq!(looked_up(&unknown, 1350, 3), 3);
        assert_eq!(looked_up(&unknown, 1401, 60), 60, "the span before had few");
        assert_eq!(looked_up(&unknown, 5000, 60), 60);
    }
}
