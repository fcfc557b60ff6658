//! What a key is handed by a server that may write the store: a credential's token that is good now, or one that is got for
//! this key. Getting one takes seconds, so who gets what is looked at before and after.

use std::time::Duration;

use super::nearest::{Effective, bound_anew, outfit};
use crate::domain::credentials::lease::{HolderToken, Lease};
use crate::domain::credentials::next::Need;
use crate::domain::federation::settings::Present;
use crate::domain::id::KeyId;
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::owners::owner::Owner;
use crate::domain::secrets::secret::{Provider, SecretId, SecretKind, SecretName, SecretValue};
use crate::domain::time::{Span, Timestamp};
use crate::ops::credentials::current::{How, current};
use crate::ops::credentials::hold;
use crate::ops::credentials::lease::{Asked, acquire};
use crate::ops::env::Env;
use crate::ops::error::{Error, Result};
use crate::ops::federation::exchange::NotGot;
use crate::ops::master_keys::Ring;
use crate::ops::outbound::Outbound;
use crate::store::{CredentialLookup as _, Store};

/// What a key is bound to for a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entitled {
    /// A value that somebody sets: it stands in the store.
    Set,
    /// An OAuth credential, in this version.
    Credential { secret: SecretId, version: u64, refresh_invalidates: bool },
    /// A token is got for the key's owner.
    Federated { secret: SecretId, version: u64, owner: Owner },
}

/// A token that was got for a key.
#[derive(Debug)]
pub(crate) struct Exchanged {
    pub handed: Handed,
    /// As it was before and after: what it is good for.
    pub entitled: Entitled,
    /// When it was asked for.
    pub at: Timestamp,
}

/// The provider gave none.
#[derive(Debug)]
pub(crate) struct Refused {
    pub why: String,
    /// Whether it would say so to everybody, or not answer.
    pub is_of_all: bool,
    /// How long it asks to be left alone.
    pub retry_after: Option<Duration>,
    /// Random.
    pub draw: u8,
}

/// A token that is handed out.
#[derive(Debug)]
pub(crate) struct Handed {
    pub secret: SecretId,
    pub version: u64,
    pub name: SecretName,
    pub value: SecretValue,
    /// Until when it may be used; `None` where nobody knows.
    pub expires_at: Option<Timestamp>,
    pub present: Present,
}

/// A token, and the lease that it is held by.
#[derive(Debug)]
pub(crate) struct Leased {
    pub handed: Handed,
    pub token: HolderToken,
    pub lease: Lease,
}

/// What a working key gets for a provider. [`crate::ops::Error::KeyUnavailable`] if that is nothing, a conflict of a key that
/// works no more.
pub(crate) fn entitled(store: &mut Store, key: KeyId, provider: &Provider) -> Result<Entitled> {
    let (found, owner) = bound(store, key, provider)?;
    of(store, &found, owner)
}

fn bound(store: &mut Store, key: KeyId, provider: &Provider) -> Result<(Effective, Owner)> {
    let outfit = outfit(store, &KeyRef::Id(key), std::slice::from_ref(provider))?;
    let found = outfit.secrets.into_iter().next();
    found.map(|found| (found, outfit.owner)).ok_or_else(bound_anew)
}

fn of(store: &mut Store, found: &Effective, owner: Owner) -> Result<Entitled> {
    let (secret, version) = (found.secret.id, found.secret.version);
    Ok(match found.secret.kind {
        SecretKind::Static => Entitled::Set,
        SecretKind::Federated => Entitled::Federated { secret, version, owner },
        SecretKind::OAuth => {
            let credential = store.credential_by_id(secret)?.ok_or_else(bound_anew)?;
            Entitled::Credential { secret, version, refresh_invalidates: credential.refresh_invalidates }
        }
    })
}

/// A credential's token that lives that much longer, or as long as any that can be had.
pub(crate) fn token(
    env: &mut Env,
    ring: &Ring,
    how: &How<'_>,
    secret: SecretId,
    min_valid: Span,
) -> Result<Handed> {
    let need = Need { min_valid, not_version: None };
    let got = current(env, ring, how, &SecretName::from(secret), &need)?;
    let secret = got.credential.secret;
    Ok(Handed {
        secret: secret.id,
        version: secret.version,
        name: secret.name,
        value: got.value,
        expires_at: secret.expires_at,
        present: Present::Bearer,
    })
}

/// A lease that is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LeaseAsked {
    pub key: KeyId,
    /// The key that presented the other one, or itself.
    pub asked_by: KeyId,
    pub most: Span,
    pub min_valid: Span,
}

/// A lease of a credential, for a key.
pub(crate) fn lease(
    env: &mut Env,
    ring: &Ring,
    how: &How<'_>,
    secret: SecretId,
    asked: &LeaseAsked,
) -> Result<Leased> {
    let names = [SecretName::from(secret)];
    let LeaseAsked { key, asked_by, most, min_valid } = *asked;
    let asked = Asked { names: &names, most, min_valid, recipient: Some((key, asked_by)) };
    let held = acquire(env, ring, how, &asked)?;
    let one = held.credentials.into_iter().next().ok_or_else(bound_anew)?;
    let handed = Handed {
        secret,
        version: one.lease.version,
        name: one.lease.name.clone().unwrap_or(names.into_iter().next().ok_or_else(bound_anew)?),
        value: one.value,
        expires_at: Some(one.lease.expires_at),
        present: Present::Bearer,
    };
    Ok(Leased { handed, token: held.token, lease: one.lease })
}

/// Holds a lease for longer: of one that was taken for a key, as long as that works and is bound to the credential.
pub(crate) fn renew(env: &mut Env, token: &HolderToken, most: Span) -> Result<Vec<Lease>> {
    if let (leases, Some(key)) = hold::held(&mut env.store, token)? {
        for lease in leases {
            still_entitled(&mut env.store, key, lease.secret)?;
        }
    }
    hold::renew(env, token, most)
}

fn still_entitled(store: &mut Store, key: KeyId, secret: SecretId) -> Result<()> {
    // That it was deleted is said when it is to be renewed.
    let Some(credential) = store.credential_by_id(secret)? else { return Ok(()) };
    if credential.secret.deleted_at.is_some() {
        return Ok(());
    }
    match entitled(store, key, &credential.secret.provider) {
        Ok(Entitled::Credential { secret: found, .. }) if found == secret => Ok(()),
        Ok(_) => Err(bound_anew()),
        // Of a key that works no more: the lease itself has not ended.
        Err(Error::Conflict(conflict)) => {
            Err(Error::KeyUnavailable { message: conflict.message, hint: conflict.hint })
        }
        Err(other) => Err(other),
    }
}

/// A token that is got for this key, by the federation of the secret that it is bound to.
pub(crate) fn exchange(
    env: &mut Env,
    ring: &Ring,
    outbound: &dyn Outbound,
    key: KeyId,
    provider: &Provider,
) -> Result<Result<Exchanged, Refused>> {
    let (found, owner) = bound(&mut env.store, key, provider)?;
    let order = found.order(&mut env.store, ring, &owner)?;
    let before = of(&mut env.store, &found, owner)?;
    let at = env.store.now()?;
    let got = match order.send(outbound, at, env.random.as_mut())? {
        Ok(got) => got,
        Err(NotGot { why, retry_after }) => {
            let mut draw = [0];
            env.random.fill(&mut draw)?;
            let (is_of_all, error) = (why.is_of_all(), order.failed(why));
            return Ok(Err(Refused { why: error.to_string(), is_of_all, retry_after, draw: draw[0] }));
        }
    };
    if entitled(&mut env.store, key, provider)? != before {
        return Err(bound_anew());
    }
    let handed = Handed {
        secret: found.secret.id,
        version: found.secret.version,
        name: found.secret.name,
        value: got.value,
        expires_at: got.expires_at,
        present: got.present,
    };
    Ok(Ok(Exchanged { handed, entitled: before, at }))
}
