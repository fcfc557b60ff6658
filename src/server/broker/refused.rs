//! Providers that gave no token by a federation: until when they are not asked again, and what was said. A provider that says
//! no says it to each request, and one that asks to be left alone is.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::kept::Tick;
use super::unmet::Unmet;
use crate::domain::id::KeyId;
use crate::domain::secrets::secret::{Provider, SecretId};

/// Refusals that are remembered at most; of others it is asked each time.
const MOST: usize = 10_000;

/// Without the provider's own word: 1 s, 2 s, 4 s … up to half a minute. Who mends its rule waits no longer than that.
const FIRST: i64 = 1_000;
const LONGEST: i64 = 30_000;

/// What a provider may ask for at most.
const LONGEST_ASKED: i64 = 3_600_000;

/// After so long a quiet time it counts from the beginning.
const FORGOTTEN_AFTER: i64 = 300_000;

/// Whom a refusal is of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Whose {
    /// The provider does not take what is signed for this key, or its owner.
    Key(KeyId, Provider),
    /// It answers nobody.
    Everybody(SecretId),
}

struct Refused {
    until: Tick,
    times: u32,
    /// Of the change up to which the store was known: after another one it is asked anew.
    counter: i64,
    why: String,
}

#[derive(Default)]
pub(super) struct Refusals(Mutex<HashMap<Whose, Refused>>);

impl Refusals {
    /// Why the provider is not asked now, with the seconds until it is.
    pub(super) fn standing(&self, of: &[Whose; 2], counter: i64, now: Tick) -> Option<Unmet> {
        let refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let standing = of.iter().filter_map(|whose| refused.get(whose));
        let longest = standing
            .filter(|found| found.counter == counter && found.until > now)
            .max_by_key(|found| found.until)?;
        Some(Unmet::Refused { why: longest.why.clone(), after: longest.until.seconds_after(now) })
    }

    /// The provider gave none. `asked`: how long it wants to be left alone; `draw`: random, so that those who were refused
    /// together do not come back together.
    pub(super) fn note(
        &self,
        whose: Whose,
        why: String,
        asked: Option<Duration>,
        draw: u8,
        counter: i64,
        now: Tick,
    ) -> Unmet {
        let mut refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        refused.retain(|_, found| found.until.after(FORGOTTEN_AFTER) > now);
        let before = refused.get(&whose).filter(|found| found.counter == counter);
        let times = before.map_or(0, |found| found.times);
        let asked =
            asked.map(|asked| i64::try_from(asked.as_millis()).unwrap_or(i64::MAX).min(LONGEST_ASKED));
        let own = (FIRST << times.min(5)).min(LONGEST);
        let own = own / 2 + own / 2 * i64::from(draw) / 255;
        let until = now.after(asked.unwrap_or(own));
        let unmet = Unmet::Refused { why: why.clone(), after: until.seconds_after(now) };
        if refused.len() < MOST || refused.contains_key(&whose) {
            refused.insert(whose, Refused { until, times: times.saturating_add(1), counter, why });
        }
        unmet
    }

    /// It gave one.
    pub(super) fn forget(&self, of: &[Whose; 2]) {
        let mut refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for whose in of {
            refused.remove(whose);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whose() -> [Whose; 2] {
        let key = "key_01h455vb4pex5vsknk084sn021".parse().expect("an id");
        let secret = SecretId::parse("sec_01h455vb4pex5vsknk084sn02q").expect("an id");
        [Whose::Key(key, "anthropic".parse().expect("a provider")), Whose::Everybody(secret)]
    }

    fn note(refusals: &Refusals, number: usize, asked: Option<u64>, now: Tick) -> u64 {
        let asked = asked.map(Duration::from_secs);
        match refusals.note(whose()[number].clone(), format!("{number}"), asked, 255, 7, now) {
            Unmet::Refused { after, .. } => after,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_refusal_stands_for_longer_each_time_and_half_a_minute_at_most() {
        let (refusals, now) = (Refusals::default(), Tick::now());
        let waits: Vec<u64> = (0..8).map(|_| note(&refusals, 0, None, now)).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30, 30]);
        refusals.forget(&whose());
        assert_eq!(note(&refusals, 0, None, now), 1, "it gave a token meanwhile");
        assert_eq!(note(&refusals, 0, None, now.after(400_000)), 1, "that was long ago");
    }

    #[test]
    fn what_the_provider_asks_for_counts_and_an_hour_at_most() {
        let (refusals, now) = (Refusals::default(), Tick::now());
        assert_eq!(note(&refusals, 1, Some(90), now), 90);
        assert_eq!(note(&refusals, 1, Some(u64::MAX), now), 3600);
    }

    #[test]
    fn it_stands_until_its_end_or_a_change_of_the_store_and_with_the_same_words() {
        let (refusals, now) = (Refusals::default(), Tick::now());
        let why = |counter, now| match refusals.standing(&whose(), counter, now) {
            Some(Unmet::Refused { why, after }) => Some((why, after)),
            _ => None,
        };
        assert_eq!(why(7, now), None);
        note(&refusals, 0, None, now);
        assert_eq!(why(7, now), Some(("0".to_owned(), 1)));
        assert_eq!(why(8, now), None, "something was changed");
        assert_eq!(why(7, now.after(1000)), None);
        note(&refusals, 1, Some(5), now);
        assert_eq!(why(7, now), Some(("1".to_owned(), 5)), "whichever is later");
    }
}
