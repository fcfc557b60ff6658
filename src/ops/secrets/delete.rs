//! The end of secrets: off the list, or gone for good.

use serde_json::json;

use super::find_any;
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::secrets::secret::{Secret, SecretName};
use crate::domain::texts::text::counted;
use crate::domain::time::Timestamp;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Conflict, Error, Result};
use crate::store::{BindingLookup as _, Erased, SecretLookup as _, Tx};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Deleted {
    pub secret: Secret,
    pub versions: u64,
    pub at: Timestamp,
}

/// Takes a secret off the list; nobody gets it any more, and [`rollback`](super::restore::rollback) brings it
/// back. While it is bound, that is a conflict, unless `unbind` takes the bindings away.
pub(crate) fn delete(env: &mut Env, name: &SecretName, unbind: bool) -> Result<Deleted> {
    env.change(Action::SecretDelete, |tx| delete_in(tx, name, unbind))
}

pub(crate) fn delete_in(tx: &mut Tx<'_>, name: &SecretName, unbind: bool) -> Result<Done<Deleted>> {
    let found = super::find(tx, name)?;
    check_unbound(tx, &found, unbind)?;
    tx.unbind_all(found.id);
    tx.update_secret(&Secret { deleted_at: Some(tx.now()), ..found.clone() });
    let details = json!({ "secret": found.id, "name": found.name, "provider": found.provider, "bindings": found.bindings });
    let deleted = deleted(tx, found)?;
    Ok(Done::with(deleted, Event::done(Action::SecretDelete, details)))
}

/// Removes a secret with all its versions, also one that was deleted before.
pub(crate) fn purge(env: &mut Env, name: &SecretName, unbind: bool) -> Result<Deleted> {
    if !env.rehearse {
        env.store.begin_erasing();
    }
    env.change(Action::SecretPurge, |tx| purge_in(tx, name, unbind))
}

fn purge_in(tx: &mut Tx<'_>, name: &SecretName, unbind: bool) -> Result<Done<Deleted>> {
    let found = find_any(tx, name)?;
    check_unbound(tx, &found, unbind)?;
    let deleted = deleted(tx, found)?;
    let Secret { id, name, provider, bindings, .. } = &deleted.secret;
    tx.purge_secret(*id);
    let details = json!({ "secret": id, "name": name, "provider": provider, "bindings": bindings,
            "versions": deleted.versions, "version": null });
    let events = vec![Event::done(Action::SecretPurge, details)];
    Ok(Done { result: deleted, events })
}

/// Removes one version that is not the current one. Nobody gets it, so bindings stay.
pub(crate) fn purge_version(env: &mut Env, name: &SecretName, version: u64) -> Result<Deleted> {
    if !env.rehearse {
        env.store.begin_erasing();
    }
    env.change(Action::SecretPurge, |tx| purge_version_in(tx, name, version))
}

fn purge_version_in(tx: &mut Tx<'_>, name: &SecretName, version: u64) -> Result<Done<Deleted>> {
    let found = find_any(tx, name)?;
    if found.version == version {
        let message = format!("version {version} is the one that {name} hands out");
        let hint = format!("give it a new value first: keyctl secret rotate {name}");
        return Err(Conflict::new(message, hint).into());
    }
    if tx.sealed_version(found.id, version)?.is_none() {
        return Err(Error::NotFound {
            message: format!("the secret {name} has no version {version}"),
            hint: format!("keyctl secret show {name} shows those that it has"),
        });
    }
    tx.purge_secret_version(found.id, version);
    let details = json!({ "secret": found.id, "name": found.name, "provider": found.provider,
            "bindings": 0, "versions": 1, "version": version });
    let deleted = Deleted { secret: found, versions: 1, at: tx.now() };
    Ok(Done::with(deleted, Event::done(Action::SecretPurge, details)))
}

/// Wipes what the database itself still keeps of what was removed, as far as it can.
pub(crate) fn erase(env: &mut Env) -> Result<Erased> {
    Ok(env.store.erase()?)
}

fn deleted(tx: &mut Tx<'_>, secret: Secret) -> Result<Deleted> {
    let versions = tx.secret_versions(secret.id)?.len() as u64;
    Ok(Deleted { secret, versions, at: tx.now() })
}

fn check_unbound(tx: &mut Tx<'_>, secret: &Secret, unbind: bool) -> Result<()> {
    const NAMED: u32 = 5;
    if secret.bindings == 0 || unbind {
        return Ok(());
    }
    let bound: Vec<String> =
        tx.bindings_to(secret.id, NAMED)?.iter().map(|binding| binding.subject.to_string()).collect();
    let more = if secret.bindings > u64::from(NAMED) { ", …" } else { "" };
    let bindings = counted(secret.bindings, "binding");
    Err(Conflict::new(
        format!("the secret {} is in use by {bindings}: {}{more}", secret.name, bound.join(", ")),
        "bind them to another one first, or take it from all with --unbind",
    )
    .into())
}
