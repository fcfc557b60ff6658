//! What commands need to know of `OpenFn` Apollo: its key, and how long it keeps an answer.

use crate::cli::context::Context;
use crate::cli::error::{CliError, Kind};
use crate::config::apollo;
use crate::domain::time::{Span, Timestamp};
use crate::ops::apollo::ApolloKey;
use crate::ops::master_keys::Ring;
use crate::ops::secrets::forms::{self, FormKeys};
use crate::store::Store;

/// How long it keeps an answer of its own.
const KEPT: Span = Span::seconds(180);

impl Context {
    /// The key that Apollo runs with, if a variable names it.
    fn apollo_key(&self) -> Result<Option<ApolloKey>, CliError> {
        let found = apollo::source()
            .map_err(|error| CliError::new(Kind::KeyUnavailable, error.to_string(), error.hint()))?;
        let Some(named) = &found.source else { return Ok(None) };
        self.ui.explain(&format!("Apollo's key: {}", named.origin));
        let wrong = |what: String, hint: &str| {
            let message = format!("Apollo's key ({}) cannot be used: {what}", named.origin);
            CliError::new(Kind::KeyUnavailable, message, hint)
        };
        let key = self.with_key_text(&named.source, found.secrets_dir.as_deref(), &wrong, |text| {
            let hint = "it is 32 bytes in base64, as Apollo itself has it";
            ApolloKey::parse(text).map_err(|error| wrong(error.to_string(), hint))
        })?;
        Ok(Some(key))
    }

    /// The master keys with Apollo's.
    pub(in crate::cli) fn with_apollo(&self, ring: Ring) -> anyhow::Result<Ring> {
        Ok(ring.with_forms(FormKeys { apollo: self.apollo_key()? }))
    }

    /// Says until when Apollo may accept what was changed at that time.
    pub(in crate::cli) fn note_apollo(&self, changed_at: Timestamp) {
        let until = changed_at.after(KEPT).unwrap_or(changed_at);
        self.ui.note(&format!("Apollo may accept it from its own cache until {until} (180 s)"));
    }

    /// The master keys, for a change of secrets: while others read other sealed forms of them, with their keys.
    pub(in crate::cli) fn ring_of_secrets(&self, store: &mut Store) -> anyhow::Result<Ring> {
        let ring = self.ring(store)?;
        if !forms::are_read(store)? {
            return Ok(ring);
        }
        self.with_apollo(ring)
    }
}
