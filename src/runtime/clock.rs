//! How much time has passed, by two clocks: one that nobody sets, and one that runs on while
//! the machine sleeps.

use rustix::time::{ClockId, clock_gettime};

/// A look at a clock may cost a tenth of a verification; these two are a few milliseconds late
/// at most, and cost next to nothing.
#[cfg(target_os = "linux")]
const CLOCKS: [ClockId; 2] = [ClockId::MonotonicCoarse, ClockId::RealtimeCoarse];
#[cfg(not(target_os = "linux"))]
const CLOCKS: [ClockId; 2] = [ClockId::Monotonic, ClockId::Realtime];

/// A moment, in milliseconds by the monotonic and by the wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) monotonic: i64,
    pub(super) wall: i64,
}

impl Moment {
    /// Milliseconds from then to this moment: the larger of what the two clocks say.
    pub(super) fn since(self, then: Self) -> i64 {
        (self.monotonic - then.monotonic).max(self.wall - then.wall)
    }
}

/// Tells the moment.
pub(super) type Clock = fn() -> Moment;

pub(super) fn system() -> Moment {
    let [monotonic, wall] = CLOCKS.map(|clock| {
        let time = clock_gettime(clock);
        time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    });
    Moment { monotonic, wall }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_larger_of_the_two_counts() {
        let then = Moment { monotonic: 1000, wall: 5000 };
        assert_eq!(Moment { monotonic: 1100, wall: 5900 }.since(then), 900, "the machine slept");
        assert_eq!(Moment { monotonic: 1100, wall: 0 }.since(then), 100, "somebody set the wall clock");
    }
}
