//! What was got with a key and outlives it: nobody here can end it.

use std::collections::BTreeMap;

use super::select::Outcome;
use crate::domain::secrets::secret::{SecretKind, SecretName};
use crate::domain::time::Timestamp;
use crate::ops::error::Result;
use crate::store::{SecretLookup as _, SigningKeyLookup as _, Store};

/// What may be used for longer by whoever has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outliving {
    /// Whether keys of this store are exchanged for short-lived tokens.
    pub exchanged: bool,
    /// Tokens of providers: of these credentials, each with its end where that is known, and by federations.
    pub tokens: BTreeMap<SecretName, (SecretKind, Option<Timestamp>)>,
}

/// Of keys that were stopped.
pub(crate) fn outliving(store: &mut Store, outcome: &Outcome) -> Result<Outliving> {
    let mut found = Outliving { exchanged: !store.signing_keys()?.is_empty(), tokens: BTreeMap::new() };
    for binding in outcome.keys.iter().flat_map(|stopped| &stopped.secrets) {
        if let Some(secret) = store.secret(&binding.name)?
            && secret.kind != SecretKind::Static
        {
            let end = secret.expires_at.filter(|_| secret.kind == SecretKind::OAuth);
            found.tokens.insert(secret.name, (secret.kind, end));
        }
    }
    Ok(found)
}
