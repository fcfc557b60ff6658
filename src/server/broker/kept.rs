//! Tokens that were got for keys, kept in memory until shortly before they end, and only while the key is still bound to what
//! they are of. They are never written down.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use crate::domain::id::KeyId;
use crate::domain::secrets::secret::{Provider, SecretId};
use crate::ops::secrets::hand_out::{Entitled, Exchanged, Handed};

/// Tokens that are kept at most; what is got beyond is handed out and not kept.
const MOST: usize = 10_000;

/// A token is got anew when a fifth of its life is left, or a minute.
const LAST_PART: u32 = 5;
const AHEAD: Duration = Duration::from_mins(1);

/// Of no token is handed out what ends sooner.
const LEAST: Duration = Duration::from_secs(5);

/// What nobody asked for after a change is forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_mins(1);

/// What is kept for one key, of each provider.
type OfKey = Vec<(Provider, Arc<Token>)>;

pub(super) struct Kept {
    tokens: RwLock<HashMap<KeyId, OfKey>>,
    begun: Instant,
}

pub(super) struct Token {
    handed: Arc<Handed>,
    /// What the key was bound to.
    pub(super) entitled: Entitled,
    renewed_at: Instant,
    ends_at: Instant,
    /// The counter of the change up to which that is known.
    counter: AtomicI64,
    /// Seconds since the server began, when it was asked for last.
    asked_at: AtomicU64,
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
    pub(super) fn new(now: Instant) -> Self {
        Self { tokens: RwLock::default(), begun: now }
    }

    /// What is known of changes up to `counter`.
    pub(super) fn get(&self, key: KeyId, provider: &Provider, counter: i64, now: Instant) -> Option<Found> {
        let tokens = self.tokens.read().unwrap_or_else(PoisonError::into_inner);
        let (_, token) = tokens.get(&key)?.iter().find(|(kept, _)| kept == provider)?;
        if token.ends_at <= now {
            return None;
        }
        token.asked_at.store(self.seconds(now), Ordering::Relaxed);
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
        now: Instant,
    ) -> Arc<Handed> {
        let Exchanged { handed, entitled, at } = exchanged;
        let life = handed.expires_at.and_then(|end| u64::try_from(end.as_millis() - at.as_millis()).ok());
        let handed = Arc::new(handed);
        let life = life.and_then(|life| Duration::from_millis(life).checked_sub(LEAST));
        let Some((life, ends_at)) = life.and_then(|life| Some((life, now.checked_add(life)?))) else {
            return handed;
        };
        let renewed_at = ends_at.checked_sub(AHEAD.min(life / LAST_PART)).unwrap_or(now);
        let token = Arc::new(Token {
            handed: Arc::clone(&handed),
            entitled,
            renewed_at,
            ends_at,
            counter: AtomicI64::new(counter),
            asked_at: AtomicU64::new(self.seconds(now)),
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
    pub(super) fn sweep(&self, counter: i64, now: Instant) {
        let long_ago = self.seconds(now).saturating_sub(FORGOTTEN_AFTER.as_secs());
        let mut tokens = self.tokens.write().unwrap_or_else(PoisonError::into_inner);
        tokens.retain(|_, of_key| {
            of_key.retain(|(_, token)| {
                let is_sure = token.counter.load(Ordering::Relaxed) == counter;
                token.ends_at > now && (is_sure || token.asked_at.load(Ordering::Relaxed) > long_ago)
            });
            !of_key.is_empty()
        });
    }

    fn seconds(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.begun).as_secs()
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

    fn begun() -> (Kept, Instant) {
        let now = crate::server::broker::now();
        (Kept::new(now), now)
    }

    fn after(now: Instant, seconds: u64) -> Instant {
        now + Duration::from_secs(seconds)
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
