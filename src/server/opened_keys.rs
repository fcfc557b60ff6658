//! Keys of servers behind gateways that were opened: in memory alone, as long as nothing in the store was changed and somebody
//! asks for them.

use std::collections::HashMap;
use std::hash::RandomState;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use super::broker;
use crate::domain::id::KeyId;
use crate::domain::secrets::secret::Provider;
use crate::runtime::serving::Kept;

/// Secrets that are kept at most; what is opened beyond is handed out and not kept.
const MOST: usize = 10_000;

/// What nobody asked for is forgotten, looked at so often: within a minute.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(45);
const LOOKED_AT: Duration = Duration::from_secs(15);

pub(super) type Place = (KeyId, Provider);

/// Clones share what is kept.
#[derive(Clone)]
pub(super) struct UpstreamKeys(Arc<Shared>);

struct Shared {
    opened: RwLock<HashMap<Place, Arc<Opened>, RandomState>>,
    begun: Instant,
}

pub(super) struct Opened {
    pub(super) kept: Kept,
    /// Of the change up to which the key is known to lead to it.
    counter: i64,
    /// Milliseconds from the beginning.
    asked_at: AtomicU64,
}

impl UpstreamKeys {
    pub(super) fn new() -> Self {
        Self(Arc::new(Shared { opened: RwLock::default(), begun: broker::now() }))
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.0.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// What is known of changes up to `counter`.
    pub(super) fn get(&self, place: &Place, counter: i64) -> Option<Arc<Opened>> {
        let opened = self.0.opened.read().unwrap_or_else(PoisonError::into_inner);
        let found = opened.get(place).filter(|opened| opened.counter == counter)?;
        found.asked_at.store(self.millis(), Ordering::Relaxed);
        Some(Arc::clone(found))
    }

    pub(super) fn put(&self, place: Place, kept: Kept, counter: i64) {
        let now = self.millis();
        let mut opened = self.0.opened.write().unwrap_or_else(PoisonError::into_inner);
        let is_first = opened.is_empty();
        if opened.len() < MOST || opened.contains_key(&place) {
            let one = Opened { kept, counter, asked_at: AtomicU64::new(now) };
            opened.insert(place, Arc::new(one));
        }
        drop(opened);
        if is_first {
            let own = self.clone();
            tokio::task::spawn_local(async move {
                loop {
                    tokio::time::sleep(LOOKED_AT).await;
                    if own.sweep(own.millis()) {
                        return;
                    }
                }
            });
        }
    }

    /// Forgets what nobody asked for; whether nothing is left.
    fn sweep(&self, now: u64) -> bool {
        let forgotten_after = u64::try_from(FORGOTTEN_AFTER.as_millis()).unwrap_or(u64::MAX);
        let mut opened = self.0.opened.write().unwrap_or_else(PoisonError::into_inner);
        opened.retain(|_, one| now.saturating_sub(one.asked_at.load(Ordering::Relaxed)) < forgotten_after);
        opened.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::secrets::secret::{SecretId, SecretValue};
    use crate::runtime::serving::HandedOut;

    fn place(provider: &str) -> Place {
        let key = "key_01h455vb4pex5vsknk084sn02q".parse().expect("an id");
        (key, provider.parse().expect("a provider"))
    }

    fn kept() -> Kept {
        let secret = SecretId::parse("sec_01h455vb4pex5vsknk084sn02q").expect("an id");
        let handed_out = HandedOut { secret, version: 1, key: place("m").0 };
        Kept {
            value: SecretValue::from_opened(b"sk-upstream").expect("a value"),
            expires_at: None,
            handed_out,
        }
    }

    #[test]
    fn what_was_opened_is_used_until_something_is_changed_and_forgotten_where_nobody_asks() {
        let local = tokio::task::LocalSet::new();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        local.block_on(&runtime, async {
            let keys = UpstreamKeys::new();
            keys.put(place("m"), kept(), 7);
            assert!(keys.get(&place("m"), 7).is_some());
            assert!(keys.get(&place("other"), 7).is_none());
            assert!(keys.get(&place("m"), 8).is_none(), "it may be bound to another one since");
            let later = |seconds: u64| keys.millis() + seconds * 1000;
            assert!(!keys.sweep(later(40)));
            assert!(keys.sweep(later(46)));
            assert!(keys.get(&place("m"), 7).is_none());
        });
    }
}
