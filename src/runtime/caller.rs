//! What is known of a presented token before anything is asked of it: for a server, which asks
//! more than a reader's service does.

use std::any::Any;
use std::sync::Arc;

use super::cache::{Entry, Known};
use super::cells::{JwtFor, Limits, Seen};
use crate::domain::keys::verdict::{Asked, Grant, Reason};
use crate::store::VersionCells;

/// Whoever presented a token; `None` is what is no token of any kind.
#[derive(Clone, Debug)]
pub struct Caller(Option<Arc<Entry>>);

impl Caller {
    pub(super) const MALFORMED: Self = Self(None);

    pub(super) fn of(entry: Arc<Entry>) -> Self {
        Self(Some(entry))
    }

    /// The same decision as a reader's, over and over without a read of the store. A rate is for the server to count.
    ///
    /// `unmetered`: whoever asks counts uses itself, so a quota is no reason to refuse.
    pub fn judge(&self, asked: &Asked, unmetered: bool) -> Result<&Arc<Grant>, Reason> {
        match self.known() {
            Some(Known::Token(seen)) => seen.judge(asked, unmetered),
            Some(Known::Denied(reason)) => Err(*reason),
            None => Err(Reason::Malformed),
        }
    }

    /// Whose token it is, good or not: for logs and counts, never to let anybody in.
    pub fn grant(&self) -> Option<&Arc<Grant>> {
        self.seen().map(Seen::grant)
    }

    /// Whose token it is, where its key was revoked: for counts, as [`Self::grant`] is.
    pub(crate) fn of_revoked(&self) -> Option<&Arc<Grant>> {
        self.seen().filter(|seen| seen.is_revoked()).map(Seen::grant)
    }

    /// What is counted and told of the key; `None` where a reader asked that is no server's.
    pub fn limits(&self) -> Option<&Limits> {
        self.seen().and_then(Seen::limits)
    }

    /// What a server keeps beside the answer, as long as that: made once, when it is asked for first. `None` where nobody
    /// is known, and where something of another kind is kept.
    pub fn beside<T: Any + Default + Send + Sync>(&self) -> Option<&T> {
        self.seen()?;
        self.0.as_ref()?.beside.0.get_or_init(|| Box::<T>::default()).downcast_ref()
    }

    /// Whether what was presented is a short-lived token.
    pub fn is_short_lived(&self) -> bool {
        self.is_for().is_some()
    }

    /// For whom what was presented is, if it is a short-lived token: a key is for nobody in particular.
    pub fn is_for(&self) -> Option<&JwtFor> {
        self.seen()?.jwt()
    }

    /// Whether the key has networks, a rate or a quota, or its parent or owner.
    pub fn is_limited(&self) -> bool {
        self.seen().is_none_or(Seen::is_limited)
    }

    /// What issuing takes of the key, if that was asked for.
    pub(crate) fn issuing(&self) -> Option<VersionCells> {
        self.0.as_ref()?.issuing.get().copied().flatten()
    }

    pub(super) fn denied(reason: Reason) -> Self {
        Self(Some(Arc::new(Entry::of_no_read(Known::Denied(reason)))))
    }

    pub(super) fn entry(&self) -> Option<&Arc<Entry>> {
        self.0.as_ref()
    }

    fn known(&self) -> Option<&Known> {
        self.0.as_deref().map(|entry| &entry.known)
    }

    fn seen(&self) -> Option<&Seen> {
        match self.known()? {
            Known::Denied(_) => None,
            Known::Token(seen) => Some(seen),
        }
    }
}
