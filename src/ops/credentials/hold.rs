//! Leases that are held: renewed, given up, shown, and taken from their holders.

use serde_json::json;

use super::find;
use crate::crypto::digest::{fingerprint, same};
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::credentials::lease::{HolderToken, Lease, LeaseId, ends};
use crate::domain::id::KeyId;
use crate::domain::secrets::secret::SecretName;
use crate::domain::time::Span;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Conflict, Error, Result};
use crate::store::{CredentialLookup as _, LeaseLookup as _, Store, Tx};

/// What is kept of a holder's token: its SHA-256.
#[cfg(feature = "serve")]
pub(crate) struct Print([u8; 32]);

#[cfg(feature = "serve")]
impl Print {
    pub(crate) fn of(token: &HolderToken) -> Self {
        Self(fingerprint(token.expose()))
    }

    /// Compared in constant time.
    pub(crate) fn is_of(&self, token: &HolderToken) -> bool {
        same(&self.0, &fingerprint(token.expose()))
    }
}

/// The credentials of the lease that this token shows, and the key that it was taken for. Another lease's token, or none, is
/// told the same.
pub(crate) fn held(store: &mut Store, token: &HolderToken) -> Result<(Vec<Lease>, Option<KeyId>)> {
    let holder = store.holder_of(token.id)?;
    let is_shown = |(holder, _): &(Vec<u8>, _)| same(holder, &fingerprint(token.expose()));
    if let Some((_, key)) = holder.filter(is_shown) {
        let leases = store.lease(token.id)?;
        // It may have been forgotten meanwhile.
        if !leases.is_empty() {
            return Ok((leases, key));
        }
    }
    Err(Error::Denied {
        message: "no lease has this holder token: it was given up, taken, or is another's".to_owned(),
        hint: "take another one: keyctl lease acquire".to_owned(),
    })
}

/// Holds a lease for that much longer from now on. Not while a new token is waited for: then it ends as it was to.
pub(crate) fn renew(env: &mut Env, token: &HolderToken, most: Span) -> Result<Vec<Lease>> {
    let (leases, _) = held(&mut env.store, token)?;
    for lease in &leases {
        renew_one(env, lease, most)?;
    }
    let renewed = env.store.lease(token.id)?;
    if renewed.len() < leases.len() {
        // It ended again before it was looked at, and was forgotten: a process may be stopped anywhere.
        let hint = "take another one: keyctl lease acquire";
        return Err(Conflict::new(format!("the lease {} ended", token.id), hint).into());
    }
    Ok(renewed)
}

fn renew_one(env: &mut Env, lease: &Lease, most: Span) -> Result<()> {
    let found = env.store.credential_by_id(lease.secret)?;
    let Some(credential) = found.filter(|found| found.secret.deleted_at.is_none()) else {
        return Err(Error::NotFound {
            message: format!("the credential of the lease {} was deleted", lease.id),
            hint: "its token may work no more".to_owned(),
        });
    };
    let (name, now) = (&credential.secret.name, env.store.now()?);
    let conflict = |message: String| {
        let hint = format!("take another one: keyctl lease acquire {name}");
        Err(Conflict::new(message, hint).into())
    };
    if lease.version != credential.secret.version {
        return conflict(format!(
            "the credential {name} has another token than that of the lease {}",
            lease.id
        ));
    }
    if lease.expires_at <= now {
        return conflict(format!("the lease {} ended at {}", lease.id, lease.expires_at));
    }
    if env.store.extend_lease(lease, ends(&credential.secret, most, now))? {
        return Ok(());
    }
    Err(Error::Busy {
        message: format!(
            "a new token for the credential {name} waits for its users: the lease {} lasts until {}",
            lease.id, lease.expires_at
        ),
        hint: format!("give it up before, and take another one: keyctl lease acquire {name}"),
    })
}

/// Gives a lease up.
pub(crate) fn release(env: &mut Env, token: &HolderToken) -> Result<Vec<Lease>> {
    let (leases, _) = held(&mut env.store, token)?;
    env.store.end_lease(token.id)?;
    Ok(leases)
}

/// Gives up what nobody was given: it was counted for the key, and asked for by the other one.
#[cfg(feature = "serve")]
pub(crate) fn give_back(env: &mut Env, token: &HolderToken, recipient: (KeyId, KeyId)) -> Result<()> {
    held(&mut env.store, token)?;
    Ok(env.store.give_lease_back(token.id, recipient)?)
}

/// Live leases: of one credential, or of all.
pub(crate) fn list(store: &mut Store, of: Option<&SecretName>) -> Result<Vec<Lease>> {
    let of = of.map(|name| find(store, name)).transpose()?;
    Ok(store.live_leases(of.map(|credential| credential.secret.id))?)
}

/// The credentials of a lease, before it is taken from its holder.
pub(crate) fn show(store: &mut Store, id: LeaseId) -> Result<Vec<Lease>> {
    let leases = store.lease(id)?;
    if leases.is_empty() { Err(gone(id)) } else { Ok(leases) }
}

fn gone(id: LeaseId) -> Error {
    Error::NotFound {
        message: format!("there is no lease {id}"),
        hint: "see which there are: keyctl lease list".to_owned(),
    }
}

/// Takes a lease from its holder, who is not told: a change with its record, since somebody may be using what it handed out.
pub(crate) fn break_lease(env: &mut Env, id: LeaseId) -> Result<Vec<Lease>> {
    env.change(Action::LeaseBreak, |tx| break_in(tx, id))
}

fn break_in(tx: &mut Tx<'_>, id: LeaseId) -> Result<Done<Vec<Lease>>> {
    let leases = tx.lease(id)?;
    let Some(first) = leases.first() else { return Err(gone(id)) };
    let credentials: Vec<_> = leases
        .iter()
        .map(|lease| json!({ "secret": lease.secret, "name": lease.name, "fence": lease.fence, "version": lease.version }))
        .collect();
    let details = json!({ "lease": id, "holder": first.who, "acquired_at": first.acquired_at,
        "expires_at": first.expires_at, "credentials": credentials });
    tx.break_lease(id);
    Ok(Done::with(leases, Event::done(Action::LeaseBreak, details)))
}
