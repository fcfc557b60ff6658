//! What is known of a presented token before anything is asked of it: for a server, which asks
//! more than a reader's service does.

use std::sync::Arc;

use super::cache::{Entry, Known};
use zeroize::Zeroizing;

use super::fault::Unavailable;
use super::{Reader, lookup};
use crate::domain::keys::verdict::{Asked, Grant, Reason};

/// Whoever presented a token.
#[derive(Clone, Debug)]
pub(crate) struct Caller(Option<Arc<Entry>>);

impl Caller {
    /// The same decision as a reader's, over and over without a read of the store.
    ///
    /// `unmetered`: whoever asks counts uses itself, so a quota is no reason to refuse.
    pub(crate) fn judge(&self, asked: &Asked, unmetered: bool) -> Result<&Arc<Grant>, Reason> {
        match self.known() {
            Some(Known::Token(seen)) => seen.judge(asked, unmetered),
            Some(Known::Denied(reason)) => Err(*reason),
            None => Err(Reason::Malformed),
        }
    }

    /// Whose token it is, good or not: for logs and counts, never to let anybody in.
    pub(crate) fn grant(&self) -> Option<&Arc<Grant>> {
        match self.known()? {
            Known::Token(seen) => Some(seen.grant()),
            Known::Denied(_) => None,
        }
    }

    fn known(&self) -> Option<&Known> {
        self.0.as_deref().map(|entry| &entry.known)
    }
}

impl Reader {
    /// Whether a look-up reads a file: it takes some microseconds.
    pub(crate) fn is_local(&self) -> bool {
        self.0.pool.is_local()
    }

    /// Who presents this token. May wait for the store, as [`Reader::verify`] does.
    pub(crate) fn caller(&self, token: &str) -> Result<Caller, Unavailable> {
        let Some(print) = lookup::fingerprint(token) else { return Ok(Caller(None)) };
        let entry = match self.0.kept(&print) {
            Some(entry) => entry,
            None => self.0.flights.share(print, || self.0.look_up(token, print))?,
        };
        Ok(Caller(Some(entry)))
    }

    /// The same where nothing may wait.
    pub(crate) async fn caller_async(&self, token: &str) -> Result<Caller, Unavailable> {
        let (reader, token) = (self.clone(), Zeroizing::new(token.to_owned()));
        super::off_the_runtime(move || reader.caller(&token)).await?
    }

    /// The same, if nothing need be read for it.
    pub(crate) fn caller_at_hand(&self, token: &str) -> Option<Caller> {
        match lookup::fingerprint(token) {
            Some(print) => self.0.at_hand(&print).map(|entry| Caller(Some(entry))),
            None => Some(Caller(None)),
        }
    }
}
