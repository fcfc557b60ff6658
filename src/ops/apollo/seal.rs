//! What a change of secrets does for the view, while it is there.

use super::{ApolloKey, no_key};
use crate::domain::apollo::PROVIDER;
use crate::domain::random::Random;
use crate::domain::secrets::secret::{Provider, Secret, SecretKind, SecretValue};
use crate::ops::error::{Error, Result};
use crate::ops::master_keys::Ring;
use crate::store::{ApolloLookup, ApolloRow, Lookup, SecretLookup as _, Tx};

/// Whether the view is there.
pub fn is_shown(store: &mut impl ApolloLookup) -> Result<bool> {
    Ok(store.apollo()?.is_some())
}

/// The key that a value for this provider is sealed with, too; `None` where Apollo reads none.
pub(in crate::ops) fn sealer<'r>(
    store: &mut impl Lookup,
    ring: &'r Ring,
    provider: &Provider,
) -> Result<Option<&'r ApolloKey>> {
    if provider.as_str() != PROVIDER {
        return Ok(None);
    }
    let Some(row) = store.apollo()? else { return Ok(None) };
    let why = "the view lightning_clients is there, so a secret for anthropic is sealed for Apollo, too";
    let key = ring.forms().apollo.as_ref().ok_or_else(|| no_key(why))?;
    check_key(key, &row, ring)?;
    Ok(Some(key))
}

/// Makes sure that it is the key that the view's ciphertexts are made with.
pub(super) fn check_key(key: &ApolloKey, row: &ApolloRow, ring: &Ring) -> Result<()> {
    if key.is_of(ring.store(), &row.key_check) {
        return Ok(());
    }
    Err(Error::KeyUnavailable {
        message:
            "APOLLO_ENC_KEY is not the key that the view lightning_clients was made with; nothing was changed"
                .to_owned(),
        hint:
            "set the one that Apollo runs with; to replace it: keyctl store compat apollo --scope SCOPE --new-key"
                .to_owned(),
    })
}

/// Seals the value of a new version for Apollo, too.
pub(in crate::ops) fn seal_new(
    tx: &mut Tx<'_>,
    random: &mut dyn Random,
    ring: &Ring,
    secret: &Secret,
    value: &SecretValue,
) -> Result<()> {
    if let Some(key) = sealer(tx, ring, &secret.provider)? {
        tx.insert_apollo_secret(secret.id, secret.version, &key.seal(value, random)?);
    }
    Ok(())
}

/// Whether the secret's version is one that Apollo must be shown and cannot.
pub(in crate::ops) fn lacks_ciphertext(store: &mut impl Lookup, secret: &Secret) -> Result<bool> {
    let has_key = secret.provider.as_str() == PROVIDER && secret.kind != SecretKind::Federated;
    let is_read = has_key && store.apollo()?.is_some();
    Ok(is_read && !store.is_sealed_for_apollo(secret.id, secret.version)?)
}

/// Seals a version that is handed out again, if it was not sealed when the view was made.
pub(in crate::ops) fn seal_again(
    tx: &mut Tx<'_>,
    random: &mut dyn Random,
    ring: Option<&Ring>,
    secret: &Secret,
) -> Result<()> {
    if !lacks_ciphertext(tx, secret)? {
        return Ok(());
    }
    let Some(ring) = ring else {
        return Err(Error::KeyUnavailable {
            message: format!(
                "version {} of {} is not sealed for Apollo, which needs the master key and APOLLO_ENC_KEY",
                secret.version, secret.name
            ),
            hint: "set both, and try again".to_owned(),
        });
    };
    let found = tx.sealed_version(secret.id, secret.version)?;
    let value = found.map(|version| ring.open(&version)).transpose()?;
    value.map_or(Ok(()), |value| seal_new(tx, random, ring, secret, &value))
}
