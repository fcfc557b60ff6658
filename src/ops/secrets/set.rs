//! A secret's first value, and every new one.

use serde_json::json;

use super::{find, forms};
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::id::IdSeed;
use crate::domain::keys::label::{LabelEdit, Labels};
use crate::domain::random::Random;
use crate::domain::secrets::secret::{Provider, Secret, SecretId, SecretKind, SecretName, SecretValue};
use crate::domain::time::{Expiry, Timestamp};
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Conflict, Error, Result};
use crate::ops::master_keys::Ring;
use crate::store::{MasterKeyLookup as _, SecretLookup as _, Store, Tx};

/// What goes with a new value.
#[derive(Clone, Debug, Default)]
pub struct Attributes {
    /// When the value ends; without it never, whatever was said of the value before.
    pub expires: Option<Expiry>,
    pub labels: Vec<LabelEdit>,
}

#[derive(Clone, Copy, Debug)]
pub struct NewValue<'v> {
    pub name: &'v SecretName,
    pub value: &'v SecretValue,
    pub with: &'v Attributes,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    pub secret: Secret,
    pub created: bool,
    /// Whether anything was changed, or it had this value already.
    pub changed: bool,
    /// An end that the value before had, and the new one has not.
    pub expiry_dropped: Option<Timestamp>,
    pub at: Timestamp,
}

/// Whether a value could be kept: before anybody is asked for one. Without a provider, the secret
/// must be there.
pub fn ready(store: &mut Store, ring: &Ring, name: &SecretName, provider: Option<&Provider>) -> Result<()> {
    let provider = match (provider, store.secret(name)?) {
        (Some(provider), None) => {
            refuse_other_name(provider, name)?;
            provider.clone()
        }
        (Some(provider), Some(found)) => {
            refuse_credential(&found)?;
            provider.clone()
        }
        (None, _) => {
            let found = find(store, name)?;
            refuse_credential(&found)?;
            found.provider
        }
    };
    can_seal(store, ring, &provider)
}

/// Whether what is set for this provider could be sealed in all forms that are read.
pub(in crate::ops) fn can_seal(store: &mut Store, ring: &Ring, provider: &Provider) -> Result<()> {
    let rows = store.master_keys()?;
    ring.seals(&rows)?;
    forms::ready(store, ring, provider)
}

/// The value of a credential comes from its provider, and what the next one is had for goes with it.
pub(super) fn refuse_credential(found: &Secret) -> Result<()> {
    let Secret { kind, name, provider, .. } = found;
    match kind {
        SecretKind::Static => Ok(()),
        // A key that stood in its place would be found by nobody.
        SecretKind::Federated => Err(Conflict::new(
            format!("the secret {name} has no value: a token is got for whoever asks"),
            format!(
                "to have it got otherwise: keyctl secret set {provider} {name} --federation NAME; a key takes another name"
            ),
        )
        .into()),
        SecretKind::OAuth => Err(Conflict::new(
            format!("the secret {name} is an OAuth credential: its value comes from the provider"),
            format!(
                "for a new token: keyctl oauth refresh {name}; for a new sign-in: keyctl oauth login {name} --replace, or \
                 keyctl oauth replace {name}"
            ),
        )
        .into()),
    }
}

/// What a new secret may be called, for this provider.
pub(in crate::ops) fn check_new_name(provider: &Provider, name: &SecretName) -> Result<()> {
    refuse_other_name(provider, name)?;
    if name.as_str().starts_with("sec_") {
        return Err(Error::Invalid {
            message: format!("the name {name} begins with sec_, which is kept for ids"),
            hint: "choose another name".to_owned(),
        });
    }
    Ok(())
}

/// A new secret under another of a provider's names would be one of a second provider: neither a
/// default for all nor a service that asks by the usual name would find it.
fn refuse_other_name(provider: &Provider, name: &SecretName) -> Result<()> {
    let Some(usual) = provider.called_otherwise() else { return Ok(()) };
    Err(Error::Invalid {
        message: format!("the provider {provider} is called {usual} here"),
        hint: format!("keyctl secret set {usual} {name}"),
    })
}

/// Makes a secret, or gives the one of this name a new value. The same value again, with
/// nothing else said, changes nothing.
pub fn set(
    env: &mut Env,
    ring: &Ring,
    provider: &Provider,
    name: &SecretName,
    value: &SecretValue,
    with: &Attributes,
) -> Result<Set> {
    let id = IdSeed::draw(env.random.as_mut())?;
    let new = NewValue { name, value, with };
    env.change_sealing(Action::SecretSet, |tx, random| set_in(tx, random, ring, &new, provider, id))
}

/// The same, as a part of a change; `id` is for a new secret.
pub fn set_in(
    tx: &mut Tx<'_>,
    random: &mut dyn Random,
    ring: &Ring,
    new: &NewValue<'_>,
    provider: &Provider,
    id: IdSeed,
) -> Result<Done<Set>> {
    let name = new.name;
    let mut events = ring.check_sealing(tx)?;
    let set = match tx.secret(name)? {
        None => {
            check_new_name(provider, name)?;
            make(tx, random, ring, new, provider, id)?
        }
        Some(found) if found.provider != *provider => {
            let message = format!("the secret {name} is for {}, not for {provider}", found.provider);
            return Err(Conflict::new(message, "give this one another name").into());
        }
        Some(found) => {
            refuse_credential(&found)?;
            renew(tx, random, ring, found, new)?
        }
    };
    events.extend(recorded(&set, Action::SecretSet));
    Ok(Done { result: set, events })
}

/// Gives a secret that exists a new value; the one before stays as a version. The same value
/// again is a conflict: nothing would have been rotated.
pub fn rotate(
    env: &mut Env,
    ring: &Ring,
    name: &SecretName,
    value: &SecretValue,
    with: &Attributes,
) -> Result<Set> {
    let new = NewValue { name, value, with };
    env.change_sealing(Action::SecretRotate, |tx, random| rotate_in(tx, random, ring, &new))
}

pub fn rotate_in(
    tx: &mut Tx<'_>,
    random: &mut dyn Random,
    ring: &Ring,
    new: &NewValue<'_>,
) -> Result<Done<Set>> {
    let NewValue { name, value, .. } = *new;
    let found = find(tx, name)?;
    refuse_credential(&found)?;
    let mut events = ring.check_sealing(tx)?;
    let current = tx.sealed_version(found.id, found.version)?;
    if current.is_some_and(|current| ring.holds(&current, value)) {
        let message = format!("the secret {name} has this value already, so nothing would be rotated");
        return Err(Conflict::new(
            message,
            "get a new one from the provider; to change only its end or its labels: keyctl secret set"
                .to_owned(),
        )
        .into());
    }
    let set = renew(tx, random, ring, found, new)?;
    events.extend(recorded(&set, Action::SecretRotate));
    Ok(Done { result: set, events })
}

fn recorded(set: &Set, action: Action) -> Vec<crate::domain::audit::event::Event> {
    if !set.changed {
        return Vec::new();
    }
    let Secret { id, name, provider, version, master_key_id, expires_at, .. } = &set.secret;
    let details = json!({ "secret": id, "name": name, "provider": provider, "version": version,
        "master_key": master_key_id, "expires_at": expires_at, "federation": null, "subject": null });
    vec![Event::done(action, details)]
}

fn make(
    tx: &mut Tx<'_>,
    random: &mut dyn Random,
    ring: &Ring,
    new: &NewValue<'_>,
    provider: &Provider,
    id: IdSeed,
) -> Result<Set> {
    let (NewValue { name, value, with }, at) = (*new, tx.now());
    let secret = Secret {
        id: SecretId::at(at, id),
        provider: provider.clone(),
        name: name.clone(),
        kind: SecretKind::Static,
        labels: edited(&Labels::default(), with)?,
        created_at: at,
        expires_at: end(with, at)?,
        deleted_at: None,
        version: 1,
        version_created_at: at,
        master_key_id: ring.current(),
        bindings: 0,
    };
    tx.insert_secret(&secret);
    seal(tx, random, ring, &secret, value)?;
    Ok(Set { secret, created: true, changed: true, expiry_dropped: None, at })
}

fn renew(
    tx: &mut Tx<'_>,
    random: &mut dyn Random,
    ring: &Ring,
    found: Secret,
    new: &NewValue<'_>,
) -> Result<Set> {
    let (NewValue { value, with, .. }, at) = (*new, tx.now());
    let current = tx.sealed_version(found.id, found.version)?;
    let same = current.is_some_and(|current| ring.holds(&current, value));
    let labels = edited(&found.labels, with)?;
    if same {
        // Only what was said of it changes.
        let expires_at = if with.expires.is_some() { end(with, at)? } else { found.expires_at };
        let secret = Secret { labels, expires_at, ..found.clone() };
        if secret != found {
            tx.update_secret(&secret);
        }
        // What did not open when the view was made is known again.
        let lacking = forms::lacks(tx, &found)?;
        if lacking {
            forms::seal(tx, random, ring, &secret, value)?;
        }
        let changed = lacking || secret != found;
        return Ok(Set { secret, created: false, changed, expiry_dropped: None, at });
    }
    let newest = tx.secret_versions(found.id)?.first().map_or(0, |version| version.version);
    let expires_at = end(with, at)?;
    let expiry_dropped = found.expires_at.filter(|_| with.expires.is_none());
    let secret = Secret {
        labels,
        expires_at,
        version: newest + 1,
        version_created_at: at,
        master_key_id: ring.current(),
        ..found
    };
    seal(tx, random, ring, &secret, value)?;
    tx.update_secret(&secret);
    Ok(Set { secret, created: false, changed: true, expiry_dropped, at })
}

/// Stores a secret's new version, in all forms that are read.
pub(in crate::ops) fn seal(
    tx: &mut Tx<'_>,
    random: &mut dyn Random,
    ring: &Ring,
    secret: &Secret,
    value: &SecretValue,
) -> Result<()> {
    let envelope = ring.seal(secret, value, random)?;
    tx.insert_secret_version(secret, &envelope);
    forms::seal(tx, random, ring, secret, value)?;
    tx.count_encryptions(ring.current(), 1);
    Ok(())
}

fn end(with: &Attributes, at: Timestamp) -> Result<Option<Timestamp>> {
    let Some(expires) = with.expires else { return Ok(None) };
    expires.resolve(at).map_err(|error| Error::Invalid {
        message: format!("the expiry cannot be used: {error}"),
        hint: "give a span or a time in the future, as in 90d or 2027-01-31T12:00:00Z".to_owned(),
    })
}

pub(in crate::ops) fn edited(labels: &Labels, with: &Attributes) -> Result<Labels> {
    labels.edited(&with.labels).map_err(|error| Error::Invalid {
        message: format!("the labels cannot be used: {error}"),
        hint: "a label is name=value, as in team=search".to_owned(),
    })
}
