//! What is masked in all streams, to which more may come while the command runs.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::needles::Needles;
use crate::domain::secrets::secret::SecretValue;

/// Values that came later and are still looked for: what was handed out before those has ended long ago.
const MOST_ADDED: usize = 32;

/// The values, shared by all streams.
#[derive(Default)]
pub(in crate::cli) struct Masks {
    /// How often a value came: a stream compares it with what it has seen, without a lock.
    generation: AtomicU64,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    values: Vec<Arc<SecretValue>>,
    /// Of the values, how many there were from the beginning, which stay.
    first: usize,
    /// Made when the first stream needs them.
    needles: Option<Arc<Needles>>,
}

impl Masks {
    /// These are masked as long as the command runs.
    pub(in crate::cli) fn stay(&self, values: impl IntoIterator<Item = Arc<SecretValue>>) {
        let mut inner = self.inner();
        let first = inner.first;
        let before = inner.values.len();
        inner.values.splice(first..first, values);
        inner.first += inner.values.len() - before;
        inner.needles = None;
        self.generation.fetch_add(1, Ordering::Release);
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is nothing to mask.
    pub(super) fn is_empty(&self) -> bool {
        self.inner().values.is_empty()
    }

    /// From now on it is masked, too: in all that is read from the command when this has returned.
    pub(in crate::cli) fn add(&self, value: &Arc<SecretValue>) {
        let mut inner = self.inner();
        if inner.values.iter().any(|known| known.expose() == value.expose()) {
            return;
        }
        let first = inner.first;
        if inner.values.len() - first >= MOST_ADDED {
            inner.values.remove(first);
        }
        inner.values.push(Arc::clone(value));
        inner.needles = None;
        self.generation.fetch_add(1, Ordering::Release);
    }

    pub(super) fn values(&self) -> Vec<Arc<SecretValue>> {
        self.inner().values.clone()
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// What is looked for, and since which value.
    pub(super) fn needles(&self) -> (Arc<Needles>, u64) {
        let mut inner = self.inner();
        let Inner { values, needles, .. } = &mut *inner;
        let needles = needles.get_or_insert_with(|| {
            let values: Vec<&SecretValue> = values.iter().map(|value| &**value).collect();
            Arc::new(Needles::of(&values))
        });
        (Arc::clone(needles), self.generation())
    }
}
