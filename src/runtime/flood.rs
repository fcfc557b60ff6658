//! What anybody can ask for and that leads to nothing: so much of it is done, and no more, that whoever asks for what is
//! kept does not wait for it.

use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use super::clock::Moment;

/// Milliseconds of a span. A flood lasts until one has fewer than make it.
const SPAN: i64 = 100;

/// How much came to nothing, as one worker sees it.
pub(super) struct Flood {
    /// So many in a span are a flood.
    many: u32,
    /// While there is one, so many are tried in a millisecond. That takes a worker a tenth of its time, and nobody waits for
    /// more than this behind each other.
    tried: u32,
    span: AtomicI64,
    /// In this span, and in the one before.
    count: AtomicU32,
    before: AtomicU32,
    millisecond: AtomicI64,
    in_millisecond: AtomicU32,
}

impl Flood {
    /// Tokens that nobody knows: each takes a look-up of some 20 µs.
    pub(super) fn of_unknown() -> Self {
        Self::new(500, 5)
    }

    /// Tokens that say that we signed them, and that is not so: each takes a verification of 70 µs.
    pub(super) fn of_forged() -> Self {
        Self::new(140, 1)
    }

    fn new(many: u32, tried: u32) -> Self {
        Self {
            many,
            tried,
            span: AtomicI64::new(0),
            count: AtomicU32::new(0),
            before: AtomicU32::new(0),
            millisecond: AtomicI64::new(0),
            in_millisecond: AtomicU32::new(0),
        }
    }

    /// Whether one more is not tried now.
    pub(super) fn are_too_many(&self, now: Moment) -> bool {
        self.turn(now);
        if self.count.load(Ordering::Relaxed).max(self.before.load(Ordering::Relaxed)) < self.many {
            return false;
        }
        if self.millisecond.swap(now.monotonic, Ordering::Relaxed) != now.monotonic {
            self.in_millisecond.store(0, Ordering::Relaxed);
        }
        let are_too_many = self.in_millisecond.fetch_add(1, Ordering::Relaxed) >= self.tried;
        if are_too_many {
            self.count.fetch_add(1, Ordering::Relaxed);
        }
        are_too_many
    }

    /// One was tried, and came to nothing.
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

    /// How many of so many are tried within this millisecond, if all come to nothing.
    fn tried(flood: &Flood, millisecond: i64, asked: u32) -> u32 {
        let is_tried = |_: &u32| {
            let is_tried = !flood.are_too_many(at(millisecond));
            if is_tried {
                flood.count(at(millisecond));
            }
            is_tried
        };
        u32::try_from((0..asked).filter(is_tried).count()).expect("few")
    }

    #[test]
    fn some_that_come_to_nothing_are_all_tried() {
        for flood in [Flood::of_unknown(), Flood::of_forged()] {
            for span in 1..20 {
                assert_eq!(tried(&flood, span * SPAN, flood.many - 1), flood.many - 1);
            }
        }
    }

    #[test]
    fn of_a_flood_few_are_tried_until_it_ends() {
        for flood in [Flood::of_unknown(), Flood::of_forged()] {
            assert_eq!(tried(&flood, 1000, flood.many + 200), flood.many + flood.tried);
            for millisecond in 1001..1300 {
                assert_eq!(tried(&flood, millisecond, 60), flood.tried, "{millisecond}");
            }
            assert_eq!(tried(&flood, 1350, 3), flood.tried.min(3));
            assert_eq!(tried(&flood, 1401, 60), 60, "the span before had few");
            assert_eq!(tried(&flood, 5000, 60), 60);
        }
    }
}
