//! `APOLLO_ENC_KEY`, read where a command needs it.

use crate::cli::context::Context;
use crate::cli::error::{CliError, Kind};
use crate::config::apollo;
use crate::ops::apollo::{self as ops, ApolloKey};
use crate::ops::master_keys::Ring;
use crate::store::Store;

impl Context {
    /// The key that Apollo runs with, if a variable names it.
    pub(in crate::cli) fn apollo_key(&self) -> Result<Option<ApolloKey>, CliError> {
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

    /// The master keys, for a change of secrets: while Apollo's view is there, with Apollo's key.
    pub(in crate::cli) fn ring_of_secrets(&self, store: &mut Store) -> anyhow::Result<Ring> {
        let ring = self.ring(store)?;
        if !ops::is_shown(store)? {
            return Ok(ring);
        }
        Ok(ring.with_apollo(self.apollo_key()?))
    }
}
