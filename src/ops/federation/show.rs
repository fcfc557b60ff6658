//! What is known of federations. Nothing here opens an envelope.

use serde_json::{Value, json};

use super::find;
use crate::domain::federation::key::FederationKey;
use crate::domain::federation::kind::Kind;
use crate::domain::federation::settings::{Federation, FederationName};
use crate::domain::secrets::secret::SecretName;
use crate::domain::tokens::jwks::Jwks;
use crate::ops::error::Result;
use crate::store::{FederationLookup as _, Store};

/// A federation with its keys.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub federation: Federation,
    /// All that there ever were, the oldest first.
    pub keys: Vec<FederationKey>,
    /// Secrets that are got by it, up to 500, deleted ones among them.
    pub secrets: Vec<SecretName>,
}

pub(crate) fn show(store: &mut Store, name: &FederationName) -> Result<Shown> {
    store.snapshot(|store| {
        let federation = find(store, name)?;
        let mut keys = store.federation_keys()?;
        keys.retain(|key| key.federation == *name);
        let secrets = store.federated_by(name)?;
        Ok(Shown { federation, keys, secrets })
    })
}

/// All, by name.
pub(crate) fn list(store: &mut Store) -> Result<Vec<Shown>> {
    store.snapshot(|store| {
        let (all, keys) = (store.federations()?, store.federation_keys()?);
        let mut shown = Vec::with_capacity(all.len());
        for federation in all {
            let keys = keys.iter().filter(|key| key.federation == federation.name).cloned().collect();
            let secrets = store.federated_by(&federation.name)?;
            shown.push(Shown { federation, keys, secrets });
        }
        Ok(shown)
    })
}

/// The document that the provider is given: the public keys of the one that signs and the next, or what Anthropic calls an
/// issuer, with these in it.
pub(crate) fn export(store: &mut Store, name: &FederationName) -> Result<Value> {
    let Shown { federation, keys, .. } = show(store, name)?;
    let exported = keys.iter().filter(|key| key.is_exported()).map(|key| &key.public);
    // Texts alone: serializing them cannot fail.
    let mut jwks = serde_json::to_value(Jwks::of(exported)).unwrap_or_default();
    if federation.kind != Kind::Anthropic {
        return Ok(jwks);
    }
    jwks["type"] = json!("inline");
    // Names there are of small letters, digits and hyphens.
    let called = federation.name.as_str().replace(['.', '_'], "-");
    Ok(json!({ "name": called, "issuer_url": federation.issuer, "jwks": jwks }))
}
