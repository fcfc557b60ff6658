//! A secret without a value: a token is got for whoever asks.

use serde_json::json;

use super::find;
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::federation::federated::Federated;
use crate::domain::id::IdSeed;
use crate::domain::keys::label::Labels;
use crate::domain::random::Random;
use crate::domain::secrets::secret::{Provider, Secret, SecretId, SecretKind, SecretName, SecretValue};
use crate::domain::time::Timestamp;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Conflict, Error, Result};
use crate::ops::master_keys::Ring;
use crate::ops::secrets::set::{Attributes, Set, check_new_name, edited};
use crate::store::{FederationLookup as _, SecretLookup as _, Tx};

/// What a secret is to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct New<'n> {
    pub provider: &'n Provider,
    pub name: &'n SecretName,
    pub federated: &'n Federated,
    pub with: &'n Attributes,
}

/// Makes a secret that is got by a federation, or has it got otherwise from now on. The same again changes nothing.
pub(crate) fn set(env: &mut Env, ring: &Ring, new: &New<'_>) -> Result<Set> {
    let id = IdSeed::draw(env.random.as_mut())?;
    env.change_sealing(Action::SecretSet, |tx, random| set_in(tx, random, ring, new, id))
}

pub(crate) fn set_in(
    tx: &mut Tx<'_>,
    random: &mut dyn Random,
    ring: &Ring,
    new: &New<'_>,
    id: IdSeed,
) -> Result<Done<Set>> {
    find(tx, &new.federated.federation)?;
    let mut events = ring.check_sealing(tx)?;
    let at = tx.now();
    let found = tx.secret(new.name)?;
    let created = found.is_none();
    let (secret, before) = match found {
        Some(found) => {
            check_same_kind(&found, new)?;
            let before = tx.federated(found.id)?;
            (found, before)
        }
        None => (make(new, ring, at, id)?, None),
    };
    let labels = edited(&secret.labels, new.with)?;
    let same = before.as_ref() == Some(new.federated);
    if same && labels == secret.labels {
        return Ok(Done {
            result: Set { secret, created, changed: false, expiry_dropped: None, at },
            events,
        });
    }
    let mut secret = Secret { labels, ..secret };
    if !same {
        let newest = tx.secret_versions(secret.id)?.first().map_or(0, |version| version.version);
        let version = newest + 1;
        // Ended as it is made: whoever reads secrets without knowing of federations finds none that can be had.
        let expires_at = Some(at);
        secret =
            Secret { version, version_created_at: at, expires_at, master_key_id: ring.current(), ..secret };
        if created {
            tx.insert_secret(&secret);
        }
        seal(tx, random, ring, &secret, new.federated)?;
    }
    tx.update_secret(&secret);
    events.push(recorded(&secret, new.federated));
    Ok(Done { result: Set { secret, created, changed: true, expiry_dropped: None, at }, events })
}

/// One that is there is got by a federation already, and for the same provider.
fn check_same_kind(found: &Secret, new: &New<'_>) -> Result<()> {
    let New { provider, name, .. } = *new;
    if found.kind != SecretKind::Federated {
        let message = format!("the secret {name} has a key of the provider's, which is kept");
        return Err(Conflict::new(message, "give this one another name, and bind that in its place").into());
    }
    if found.provider != *provider {
        let message = format!("the secret {name} is for {}, not for {provider}", found.provider);
        return Err(Conflict::new(message, "give this one another name").into());
    }
    Ok(())
}

/// A secret without a version.
fn make(new: &New<'_>, ring: &Ring, at: Timestamp, id: IdSeed) -> Result<Secret> {
    check_new_name(new.provider, new.name)?;
    Ok(Secret {
        id: SecretId::at(at, id),
        provider: new.provider.clone(),
        name: new.name.clone(),
        kind: SecretKind::Federated,
        labels: Labels::default(),
        created_at: at,
        expires_at: None,
        deleted_at: None,
        version: 0,
        version_created_at: at,
        master_key_id: ring.current(),
        bindings: 0,
    })
}

fn seal(
    tx: &mut Tx<'_>,
    random: &mut dyn Random,
    ring: &Ring,
    secret: &Secret,
    federated: &Federated,
) -> Result<()> {
    let text = federated.description();
    let description = SecretValue::from_opened(text.as_bytes()).map_err(|error| Error::Invalid {
        message: format!("the secret cannot be described: {error}"),
        hint: "give it a shorter subject".to_owned(),
    })?;
    let envelope = ring.seal(secret, &description, random)?;
    tx.insert_secret_version(secret, &envelope);
    tx.put_federated(secret.id, federated);
    tx.count_encryptions(ring.current(), 1);
    Ok(())
}

fn recorded(secret: &Secret, federated: &Federated) -> Event {
    let Secret { id, name, provider, version, master_key_id, expires_at, .. } = secret;
    let Federated { federation, subject } = federated;
    let details = json!({ "secret": id, "name": name, "provider": provider, "version": version,
        "master_key": master_key_id, "expires_at": expires_at, "federation": federation, "subject": subject });
    Event::done(Action::SecretSet, details)
}
