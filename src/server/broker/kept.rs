//! Tokens that were got for keys, kept in memory until shortly before they end, and only while the key is still bound to what
//! they are of. They are never written down.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use rustix::time::{ClockId, clock_gettime};

use crate::domain::hashing::AsItIs;
use crate::domain::id::KeyId;
use crate::domain::secrets::secret::{Provider, SecretId};
use crate::ops::secrets::hand_out::{Entitled, Exchanged, Handed};

/// Tokens that are kept at most; what is got beyond is handed out and not kept.
const MOST: usize = 10_000;

/// A token is got anew when a fifth of its life is left, or a minute.
const LAST_PART: i64 = 5;
const AHEAD: i64 = 60_000;

/// Of no token is handed out what ends sooner.
const LEAST: i64 = 5_000;

/// What nobody asked for after a change is forgotten.
const FORGOTTEN_AFTER: i64 = 60_000;

/// A look at the exact clock would be a tenth of what handing a token out costs; this one is a few milliseconds late at most.
#[cfg(target_os = "linux")]
const CLOCK: ClockId = ClockId::MonotonicCoarse;
#[cfg(not(target_os = "linux"))]
const CLOCK: ClockId = ClockId::Monotonic;

/// Milliseconds by a clock that nobody sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tick(i64);

impl Tick {
    pub(super) fn now() -> Self {
        let time = clock_gettime(CLOCK);
        Self(time.tv_sec * 1000 + time.tv_nsec / 1_000_000)
    }

    pub(super) fn after(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Whole seconds from `then`, rounded up.
    pub(super) fn seconds_after(self, then: Self) -> u64 {
        u64::try_from(self.0.saturating_sub(then.0)).unwrap_or(0).div_ceil(1000)
    }
}

/// What is kept for one key, of each provider.
type OfKey = Vec<(Provider, Arc<Token>)>;

#[derive(Default)]
pub(super) struct Kept {
    tokens: RwLock<HashMap<KeyId, OfKey, BuildHasherDefault<AsItIs>>>,
}

pub(super) struct Token {
    handed: Arc<Handed>,
    /// What the key was bound to.
    pub(super) entitled: Entitled,
    renewed_at: Tick,
    ends_at: Tick,
    /// The counter of the change up to which that is known.
    counter: AtomicI64,
    /// The tick when it was asked for last, to the second.
    asked_at: AtomicI64,
}

impl Token {
    pub(super) fn handed(&self) -> Arc<Handed> {
        Arc::clone(&self.handed)
    }

    pub(super) fn secret(&self) -> SecretId {
        self.handed.secret
    }
}

/// What is kept for a key.
pub(super) enum Found {
    Good(Arc<Handed>),
    /// Good, and to be got anew meanwhile.
    Ending(Arc<Handed>),
    /// Something was changed since, and it has to be looked whether this.
    Unsure(Arc<Token>),
}

impl Kept {
    /// What is known of changes up to `counter`.
    pub(super) fn get(&self, key: KeyId, provider: &Provider, counter: i64, now: Tick) -> Option<Found> {
        let tokens = self.tokens.read().unwrap_or_else(PoisonError::into_inner);
        let (_, token) = tokens.get(&key)?.iter().find(|(kept, _)| kept == provider)?;
        if token.ends_at <= now {
            return None;
        }
        // Many ask for it at once, and one that writes has the others read it anew.
        if now.0 - token.asked_at.load(Ordering::Relaxed) >= 1000 {
            token.asked_at.store(now.0, Ordering::Relaxed);
        }
        Some(if token.counter.load(Ordering::Relaxed) != counter {
            Found::Unsure(Arc::clone(token))
        } else if token.renewed_at <= now {
            Found::Ending(Arc::clone(&token.handed))
        } else {
            Found::Good(Arc::clone(&token.handed))
        })
    }

    /// Keeps a token that was asked for at `now` by what was known up to `counter`.
    pub(super) fn put(
        &self,
        key: KeyId,
        provider: Provider,
        exchanged: Exchanged,
        counter: i64,
        now: Tick,
    ) -> Arc<Handed> {
        let Exchanged { handed, entitled, at } = exchanged;
        let life = handed.expires_at.map(|end| end.as_millis().saturating_sub(at.as_millis()) - LEAST);
        let handed = Arc::new(handed);
        let Some(life) = life.filter(|life| *life >= 0) else { return handed };
        let ends_at = now.after(life);
        let renewed_at = ends_at.after(-AHEAD.min(life / LAST_PART));
        let token = Arc::new(Token {
            handed: Arc::clone(&handed),
            entitled,
            renewed_at,
            ends_at,
            counter: AtomicI64::new(counter),
            asked_at: AtomicI64::new(now.0),
        });
        let mut tokens = self.tokens.write().unwrap_or_else(PoisonError::into_inner);
        if tokens.len() < MOST || tokens.contains_key(&key) {
            let of_key = tokens.entry(key).or_default();
            of_key.retain(|(kept, _)| *kept != provider);
            of_key.push((provider, token));
        }
        handed
    }

    /// What was looked at is as it was, up to that change.
    pub(super) fn confirm(token: &Token, counter: i64) {
        token.counter.store(counter, Ordering::Relaxed);
    }

    pub(super) fn forget(&self, key: KeyId, provider: &Provider) {
        let mut tokens = self.tokens.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(of_key) = tokens.get_mut(&key) {
            of_key.retain(|(kept, _)| kept != provider);
            if of_key.is_empty() {
                tokens.remove(&key);
            }
        }
    }

    /// Forgets what has ended, and what nobody asked for since something was changed: its key may be dead.
    pub(super) fn sweep(&self, counter: i64, now: Tick) {
        let long_ago = now.0 - FORGOTTEN_AFTER;
        let mut tokens = self.tokens.write().unwrap_or_else(PoisonError::into_inner);
        tokens.retain(|_, of_key| {
            of_key.retain(|(_, token)| {
                let is_sure = token.counter.load(Ordering::Relaxed) == counter;
                token.ends_at > now && (is_sure || token.asked_at.load(Ordering::Relaxed) > long_ago)
            });
            !of_key.is_empty()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::federation::settings::Present;
    use crate::domain::secrets::secret::SecretValue;
    use crate::domain::time::{Span, Timestamp};

    const LIFE: u16 = 1000;

    fn key(number: u8) -> KeyId {
        format!("key_01h455vb4pex5vsknk084sn02{number}").parse().expect("an id")
    }

    fn provider() -> Provider {
        "anthropic".parse().expect("a provider")
    }

    fn exchanged(lives: Option<u16>) -> Exchanged {
        let at = Timestamp::from_millis(1_800_000_000_000).expect("a time");
        let secret = SecretId::parse("sec_01h455vb4pex5vsknk084sn02q").expect("an id");
        let handed = Handed {
            secret,
            version: 1,
            name: "pool".parse().expect("a name"),
            value: SecretValue::from_opened(b"got").expect("a value"),
            expires_at: lives.and_then(|lives| at.after(Span::seconds(lives))),
            present: Present::Bearer,
        };
        Exchanged { handed, entitled: Entitled::Set, at }
    }

    fn begun() -> (Kept, Tick) {
        (Kept::default(), Tick(1000))
    }

    fn after(now: Tick, seconds: i64) -> Tick {
        now.after(seconds * 1000)
    }

    #[test]
    fn a_token_is_good_until_shortly_before_its_end_and_ending_before_that() {
        let (kept, now) = begun();
        kept.put(key(1), provider(), exchanged(Some(LIFE)), 7, now);
        let at = |seconds| kept.get(key(1), &provider(), 7, after(now, seconds));
        assert!(matches!(at(0), Some(Found::Good(_))));
        assert!(matches!(at(934), Some(Found::Good(_))), "a minute ahead");
        assert!(matches!(at(936), Some(Found::Ending(_))));
        assert!(matches!(at(994), Some(Found::Ending(_))));
        assert!(at(995).is_none(), "what ends within five seconds is handed to nobody");
        assert!(kept.get(key(2), &provider(), 7, now).is_none());
        assert!(kept.get(key(1), &"openai".parse().expect("a provider"), 7, now).is_none());
    }

    #[test]
    fn after_a_change_a_token_is_unsure_until_somebody_looked() {
        let (kept, now) = begun();
        kept.put(key(1), provider(), exchanged(Some(LIFE)), 7, now);
        let Some(Found::Unsure(token)) = kept.get(key(1), &provider(), 8, now) else { panic!("it is sure") };
        Kept::confirm(&token, 8);
        assert!(matches!(kept.get(key(1), &provider(), 8, now), Some(Found::Good(_))));
        kept.forget(key(1), &provider());
        assert!(kept.get(key(1), &provider(), 8, now).is_none());
    }

    #[test]
    fn what_ended_and_what_nobody_asks_for_since_a_change_is_forgotten() {
        let (kept, now) = begun();
        for number in 1..=2 {
            kept.put(key(number), provider(), exchanged(Some(LIFE)), 7, now);
        }
        let count = |kept: &Kept| kept.tokens.read().expect("tokens").len();
        kept.sweep(7, after(now, 500));
        assert_eq!(count(&kept), 2, "nothing was changed");
        assert!(kept.get(key(1), &provider(), 8, after(now, 500)).is_some());
        kept.sweep(8, after(now, 501));
        assert_eq!(count(&kept), 1, "one was asked for");
        kept.sweep(8, after(now, 2000));
        assert_eq!(count(&kept), 0);
    }

    #[test]
    fn what_lives_too_shortly_or_for_nobody_knows_how_long_is_not_kept() {
        let (kept, now) = begun();
        for lives in [Some(5), Some(0), None] {
            let handed = kept.put(key(1), provider(), exchanged(lives), 7, now);
            assert_eq!(handed.value.expose(), "got");
            assert!(kept.get(key(1), &provider(), 7, now).is_none(), "{lives:?}");
        }
    }
}
