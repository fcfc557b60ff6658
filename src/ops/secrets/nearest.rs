//! Which secret a key or an owner gets: that of the nearest binding, if it can be used.

use std::collections::BTreeSet;

use crate::domain::keys::key::State;
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::owners::owner::Owner;
use crate::domain::owners::row::OwnerState;
use crate::domain::secrets::nearest::{in_reach, nearest};
use crate::domain::secrets::secret::{Provider, Secret, SecretKind, SecretState, SecretValue, Subject};
use crate::domain::texts::text::Shown;
use crate::domain::time::Timestamp;
use crate::ops::error::{Conflict, Error, Result};
use crate::ops::federation::exchange::{self, Order};
use crate::ops::keys::find::resolve;
use crate::ops::master_keys::Ring;
use crate::ops::owners::owner::known;
use crate::store::{BindingLookup as _, SealedVersion, SecretLookup as _, Store};

/// A secret that somebody gets, still sealed.
#[derive(Debug)]
pub struct Effective {
    pub secret: Secret,
    sealed: SealedVersion,
    /// A credential's token that ended: whoever can write the store gets another one.
    ended: bool,
}

impl Effective {
    /// The value. [`Error::KeyUnavailable`] if it does not open, or ended.
    pub fn open(&self, ring: &Ring) -> Result<SecretValue> {
        if self.ended {
            let Secret { name, provider, .. } = &self.secret;
            return Err(Error::KeyUnavailable {
                message: format!("the token of the credential {name} for {provider} ended"),
                hint: format!("keyctl oauth refresh {name} says why there is no other one"),
            });
        }
        ring.open(&self.sealed)
    }

    /// What is signed to get a token for this owner, where there is no value.
    pub(crate) fn order(&self, store: &mut Store, ring: &Ring, owner: &Owner) -> Result<Order> {
        exchange::order(store, ring, &self.secret, &self.sealed, owner)
    }
}

/// Who asks: a key with its owner, or an owner.
#[derive(Clone, Debug)]
pub(super) struct Holder {
    owner: Owner,
    subjects: Vec<Subject>,
    shown: String,
}

impl Holder {
    pub(super) fn key(key: crate::domain::id::KeyId, owner: &Owner, shown: String) -> Self {
        Self { owner: owner.clone(), subjects: in_reach(Some(key), owner), shown }
    }

    fn owner(owner: &Owner) -> Self {
        Self { owner: owner.clone(), subjects: in_reach(None, owner), shown: owner.to_string() }
    }
}

/// The secret that the holder gets for a provider.
pub(super) fn effective(
    store: &mut Store,
    holder: &Holder,
    provider: &Provider,
    now: Timestamp,
) -> Result<Effective> {
    let Some((subject, secret)) = nearest(&holder.subjects, |subject| store.bound_secret(subject, provider))?
    else {
        return Err(Error::KeyUnavailable {
            message: format!(
                "no secret for {} is bound to {}, nor by default",
                Shown(provider.as_str()),
                holder.shown
            ),
            hint: format!("bind one: keyctl secret bind NAME {}", holder.shown),
        });
    };
    if secret.provider != *provider {
        return Err(Error::KeyUnavailable {
            message: format!(
                "the binding of {subject} for {provider} leads to {}, a secret for {}",
                secret.name, secret.provider
            ),
            hint: "somebody altered the store: keyctl store check".to_owned(),
        });
    }
    usable(store, holder, secret, now)
}

fn usable(store: &mut Store, holder: &Holder, secret: Secret, now: Timestamp) -> Result<Effective> {
    let state = secret.state(now);
    let ended = secret.kind == SecretKind::OAuth && state == SecretState::Expired;
    if !state.is_usable() && !ended {
        let Secret { name, provider, .. } = &secret;
        return Err(Error::KeyUnavailable {
            message: format!(
                "the secret {name} for {provider}, which {} gets, is {}",
                holder.shown,
                state.as_str()
            ),
            hint: format!("give it a new value: keyctl secret rotate {name}"),
        });
    }
    let Some(sealed) = store.sealed_version(secret.id, secret.version)? else {
        return Err(Error::Store(crate::store::Error::Corrupt {
            table: "secret_version",
            column: "version".to_owned(),
            row: secret.id.to_string(),
        }));
    };
    Ok(Effective { secret, sealed, ended })
}

/// While a token was got, another secret took the place of the one that it is of.
pub(crate) fn bound_anew() -> Error {
    Error::KeyUnavailable {
        message: "another secret was bound while a token was got for this one".to_owned(),
        hint: "try again: it gets that one now".to_owned(),
    }
}

/// What a command run for somebody gets.
#[derive(Debug)]
pub(crate) struct Outfit {
    pub at: Timestamp,
    pub owner: Owner,
    /// One secret for each provider, by provider.
    pub secrets: Vec<Effective>,
}

/// The secrets of a working key, or of an enabled owner: one for each provider, or only for
/// these providers.
pub(crate) fn outfit(store: &mut Store, reference: &KeyRef, only: &[Provider]) -> Result<Outfit> {
    store.snapshot(|store| {
        let now = store.now()?;
        let holder = holder(store, reference, now)?;
        let mut bound = BTreeSet::new();
        for subject in &holder.subjects {
            bound.extend(store.bindings_of(subject)?.into_iter().map(|found| found.provider));
        }
        let providers = if only.is_empty() { bound } else { named(only, &bound) };
        if providers.is_empty() {
            return Err(Error::KeyUnavailable {
                message: format!("no secret is bound to {}, nor by default", holder.shown),
                hint: format!("bind one: keyctl secret bind NAME {}", holder.shown),
            });
        }
        let all: Vec<Provider> = providers.iter().cloned().collect();
        let or_without = |error: Error, provider: &Provider| match (error, without(provider, &all)) {
            (Error::KeyUnavailable { message, hint }, Some(others)) => {
                Error::KeyUnavailable { message, hint: format!("{hint}; {others}") }
            }
            (error, _) => error,
        };
        let secrets = all
            .iter()
            .map(|provider| {
                effective(store, &holder, provider, now).map_err(|error| or_without(error, provider))
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(Outfit { at: now, owner: holder.owner, secrets })
    })
}

/// How a command is run without the secret for this provider, where there are others.
pub(crate) fn without(lacking: &Provider, all: &[Provider]) -> Option<String> {
    let others: Vec<&str> =
        all.iter().filter(|provider| *provider != lacking).map(Provider::as_str).collect();
    let (lacking, others) = (Shown(lacking.as_str()), others.join(","));
    (!others.is_empty()).then(|| format!("to do without that for {lacking}: --only {}", Shown(&others)))
}

/// The providers that are meant, by the names that they are bound under. What is not bound stays as
/// it was written, and is refused for that.
fn named(meant: &[Provider], bound: &BTreeSet<Provider>) -> BTreeSet<Provider> {
    let names = |provider: &Provider| {
        let same = bound.iter().filter(|bound| bound.is_same(provider)).cloned().collect::<Vec<_>>();
        if bound.contains(provider) || same.is_empty() { vec![provider.clone()] } else { same }
    };
    meant.iter().flat_map(names).collect()
}

fn holder(store: &mut Store, reference: &KeyRef, now: Timestamp) -> Result<Holder> {
    if let KeyRef::Sole(owner) = reference {
        if let OwnerState::Disabled(at) = known(store, owner)? {
            let message = format!("the owner {owner} was disabled at {at}");
            let hint = format!("if it may work again: keyctl owner enable {owner}");
            return Err(Conflict::new(message, hint).of(owner).into());
        }
        return Ok(Holder::owner(owner));
    }
    let key = resolve(store, reference)?;
    let state = key.state(now);
    if state != State::Active {
        let message = format!("{} is {state}", key.path());
        let hint = format!("look at it: keyctl show {}", key.path());
        return Err(Conflict::new(message, hint).on(&key).into());
    }
    Ok(Holder::key(key.id, &key.owner, key.path()))
}
