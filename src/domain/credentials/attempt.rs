//! One attempt to get a new token, as it stands in the store: written before anything is sent.

use super::failure::Failure;
use crate::domain::time::{Span, Timestamp};

/// How long a token endpoint has for its answer.
pub(crate) const DEADLINE: Span = Span::seconds(10);

/// How long nobody sends again what may have been sent: twice [`DEADLINE`], when no answer is on its way any more.
pub(crate) const UNCERTAIN: Span = Span::seconds(20);

/// The longest that is waited between two attempts, whatever a provider asks for.
pub(crate) const LONGEST_WAIT: Span = Span::seconds(3600);

/// The next attempt is made this long after the last at most, whatever clocks did meanwhile.
const LONGEST_BETWEEN: Span = Span::seconds(7200);

/// Waits that nobody asked for.
const FIRST_WAIT_MILLIS: i64 = 1_000;
const LONGEST_OWN_WAIT_MILLIS: i64 = 300_000;

/// An attempt. Until it is known how it ended it is uncertain, so that a crash leaves nothing to be guessed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attempt {
    /// The version of the credential that was sent.
    pub version: u64,
    /// Grows with every attempt of the credential, and is never used twice.
    pub fence: u64,
    /// Who makes it; `None` once it is known how it ended.
    pub holder: Option<String>,
    pub started_at: Timestamp,
    /// By then its holder has an answer, or has given up.
    pub ends_at: Timestamp,
    /// Before that nobody makes another one.
    pub retry_at: Timestamp,
    /// Attempts in a row that got no token.
    pub failures: u64,
    /// Whether the provider may have given a token that nobody has.
    pub uncertain: bool,
    pub failure: Option<Failure>,
}

impl Attempt {
    /// The next attempt, as it is written down before it is made.
    pub(crate) fn claim(before: Option<&Self>, version: u64, holder: String, now: Timestamp) -> Self {
        let failures = before.filter(|before| before.version == version).map_or(0, |before| before.failures);
        Self {
            version,
            fence: before.map_or(1, |before| before.fence.saturating_add(1)),
            holder: Some(holder),
            started_at: now,
            ends_at: later(now, DEADLINE),
            retry_at: later(now, UNCERTAIN),
            failures: failures.saturating_add(1),
            uncertain: true,
            failure: None,
        }
    }

    /// The same once it has failed: when the next one may be made. `draw` is a random number.
    pub(crate) fn failed(
        self,
        failure: Failure,
        retry_after: Option<Span>,
        draw: u8,
        now: Timestamp,
    ) -> Self {
        let uncertain = failure.is_uncertain();
        let earliest = if uncertain { later(self.started_at, UNCERTAIN) } else { now };
        let latest = later(self.started_at, LONGEST_BETWEEN);
        let retry_at =
            wait(self.failures, retry_after, draw, now).max(earliest).clamp(self.started_at, latest);
        Self { holder: None, uncertain, failure: Some(failure), retry_at, ..self }
    }
}

fn later(now: Timestamp, span: Span) -> Timestamp {
    now.after(span).unwrap_or(now)
}

/// When to try again after so many failures in a row: as the provider asked, else after 1 s, 2 s, 4 s … up to five
/// minutes, of which a random half is taken off, so that those who failed together do not come back together.
fn wait(failures: u64, retry_after: Option<Span>, draw: u8, now: Timestamp) -> Timestamp {
    if let Some(asked) = retry_after {
        return later(now, asked.min(LONGEST_WAIT));
    }
    let doublings = u32::try_from(failures.saturating_sub(1)).unwrap_or(u32::MAX).min(9);
    let whole = (FIRST_WAIT_MILLIS << doublings).min(LONGEST_OWN_WAIT_MILLIS);
    let millis = whole / 2 + whole / 2 * i64::from(draw) / 255;
    Timestamp::from_millis(now.as_millis() + millis).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(1_800_000_000_000 + millis).expect("a time")
    }

    fn claimed(before: Option<&Attempt>) -> Attempt {
        Attempt::claim(before, 3, "h".to_owned(), at(0))
    }

    #[test]
    fn an_attempt_is_uncertain_until_it_is_known_how_it_ended() {
        let first = claimed(None);
        assert_eq!((first.fence, first.failures, first.uncertain), (1, 1, true));
        assert_eq!((first.ends_at, first.retry_at), (at(10_000), at(20_000)));
        let lost = first.clone().failed(Failure::NoAnswer, None, 0, at(9_000));
        assert_eq!((lost.uncertain, lost.retry_at, lost.holder.as_deref()), (true, at(20_000), None));
        let refused = first.failed(Failure::Unreachable, None, 255, at(100));
        assert_eq!((refused.uncertain, refused.retry_at), (false, at(1_100)));
        let second = claimed(Some(&refused));
        assert_eq!((second.fence, second.failures), (2, 2));
        assert_eq!(Attempt::claim(Some(&second), 4, "h".to_owned(), at(0)).failures, 1, "of another version");
    }

    #[test]
    fn waits_double_up_to_five_minutes_and_are_spread() {
        let millis = |failures, draw| wait(failures, None, draw, at(0)).as_millis() - at(0).as_millis();
        let whole: Vec<i64> = [0, 1, 2, 3, 9, 10, u64::MAX].map(|failures| millis(failures, 255)).to_vec();
        assert_eq!(whole, [1_000, 1_000, 2_000, 4_000, 256_000, 300_000, 300_000]);
        assert_eq!((millis(2, 0), millis(2, 128)), (1_000, 1_501));
        let asked = |seconds| wait(5, Span::from_secs(seconds), 0, at(0)).as_millis() - at(0).as_millis();
        assert_eq!((asked(7), asked(0), asked(86_400)), (7_000, 0, 3_600_000));
    }
}
