//! Back to an earlier value, or back from a deletion.

use serde_json::json;

use super::set::refuse_credential;
use super::{forms, unknown};
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::random::Random;
use crate::domain::secrets::secret::{Secret, SecretName, SecretVersion};
use crate::domain::time::Timestamp;
use crate::ops::change::Done;
use crate::ops::credentials::unshared;
use crate::ops::env::Env;
use crate::ops::error::{Conflict, Error, Result};
use crate::ops::master_keys::Ring;
use crate::store::{SecretLookup, Store, Tx};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RolledBack {
    pub secret: Secret,
    /// The version that was handed out before.
    pub before: u64,
    pub was_deleted: bool,
    pub changed: bool,
    pub at: Timestamp,
}

/// What would be handed out.
struct Chosen {
    found: Secret,
    was_deleted: bool,
    version: SecretVersion,
}

impl Chosen {
    fn secret(&self) -> Secret {
        Secret {
            version: self.version.version,
            version_created_at: self.version.created_at,
            master_key_id: self.version.master_key_id,
            expires_at: self.version.expires_at,
            deleted_at: None,
            ..self.found.clone()
        }
    }
}

/// Whether the keys are needed: the version must be sealed in another form first, or the refresh token of a credential be
/// compared with those of others.
pub(crate) fn needs_keys(store: &mut Store, name: &SecretName, to: Option<u64>) -> Result<bool> {
    let chosen = choose(store, name, to)?;
    let secret = chosen.secret();
    Ok(forms::lacks(store, &secret)? || chosen.was_deleted && unshared::needs_keys(store, &secret)?)
}

/// Hands out an earlier version again: this one, or the one before the current. A deleted
/// secret comes back with the version that it had, unbound. The ring is needed where
/// [`needs_keys`] says so.
pub(crate) fn rollback(
    env: &mut Env,
    ring: Option<&Ring>,
    name: &SecretName,
    to: Option<u64>,
) -> Result<RolledBack> {
    env.change_sealing(Action::SecretRollback, |tx, random| rollback_in(tx, random, ring, name, to))
}

pub(crate) fn rollback_in(
    tx: &mut Tx<'_>,
    random: &mut dyn Random,
    ring: Option<&Ring>,
    name: &SecretName,
    to: Option<u64>,
) -> Result<Done<RolledBack>> {
    let (chosen, at) = (choose(tx, name, to)?, tx.now());
    let was_deleted = chosen.was_deleted;
    if was_deleted && tx.secret(&chosen.found.name)?.is_some() {
        let message = format!("there is another secret {} by now", chosen.found.name);
        return Err(Conflict::new(message, "delete that one first").into());
    }
    let before = chosen.found.version;
    let secret = chosen.secret();
    let changed = was_deleted || secret.version != before;
    let mut events = Vec::new();
    if was_deleted {
        unshared::check_back(tx, ring, &secret)?;
    }
    if changed {
        forms::seal_again(tx, random, ring, &secret)?;
        tx.update_secret(&secret);
        let details = json!({ "secret": secret.id, "name": secret.name, "provider": secret.provider,
                "version": secret.version, "old_version": before, "was_deleted": was_deleted });
        events.push(Event::done(Action::SecretRollback, details));
    }
    Ok(Done { result: RolledBack { secret, before, was_deleted, changed, at }, events })
}

fn choose(store: &mut impl SecretLookup, name: &SecretName, to: Option<u64>) -> Result<Chosen> {
    let live = store.secret(name)?;
    let deleted = if live.is_none() { store.deleted_secret(name)? } else { None };
    let (was_deleted, found) = (deleted.is_some(), live.or(deleted));
    let Some(found) = found else { return Err(unknown(store, name)?) };
    // A deleted credential comes back with the token that it had, and an earlier one has no refresh token. How a federated one
    // was got earlier is not in force: another row says how it is.
    if to.is_some() || !was_deleted {
        refuse_credential(&found)?;
    }
    let versions = store.secret_versions(found.id)?;
    let earlier = || versions.iter().map(|version| version.version).find(|version| *version < found.version);
    let wanted = match to {
        Some(version) => Some(version),
        None if was_deleted => Some(found.version),
        None => earlier(),
    };
    let chosen = wanted.and_then(|wanted| versions.iter().find(|version| version.version == wanted));
    let Some(version) = chosen.cloned() else {
        let which = wanted.map_or("earlier version".to_owned(), |wanted| format!("version {wanted}"));
        return Err(Error::NotFound {
            message: format!("the secret {name} has no {which}"),
            hint: format!("keyctl secret show {name} shows those that it has"),
        });
    };
    Ok(Chosen { found, was_deleted, version })
}
