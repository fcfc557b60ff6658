//! Who uses a secret.

use serde_json::json;

use super::{event_about, find};
use crate::domain::audit::action::Action;
use crate::domain::keys::key::Key;
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::owners::owner::Owner;
use crate::domain::secrets::secret::{Binding, Secret, SecretName, Subject};
use crate::domain::time::Timestamp;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Conflict, Result};
use crate::ops::keys::find::{ahead, resolve};
use crate::ops::owners::owner::check_known;
use crate::store::{BindingLookup as _, Lookup as _, Tx};

#[derive(Clone, Debug)]
pub enum Target {
    /// A key, or an owner where a bare word stands.
    Named(KeyRef),
    /// Everybody who has no nearer binding.
    Store,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    pub subject: Subject,
    pub key: Option<Key>,
    pub secret: Secret,
    /// What was bound before, if that was another one.
    pub before: Option<SecretName>,
    pub changed: bool,
    pub at: Timestamp,
}

impl Bound {
    /// Who, as it is written: `alice/ci`, `alice`, `the store's default`.
    pub fn whom(&self) -> String {
        match (&self.key, &self.subject) {
            (Some(key), _) => key.path(),
            (None, Subject::Owner(owner)) => owner.to_string(),
            (None, subject) => subject.to_string(),
        }
    }
}

/// The subject meant, with its key where it is one.
fn subject(tx: &mut Tx<'_>, target: &Target) -> Result<(Subject, Option<Key>)> {
    match target {
        Target::Store => Ok((Subject::Store, None)),
        Target::Named(KeyRef::Sole(owner)) => {
            check_known(tx, owner)?;
            Ok((Subject::Owner(owner.clone()), None))
        }
        Target::Named(reference) => {
            let key = resolve(tx, reference)?;
            Ok((Subject::Key(key.id), Some(key)))
        }
    }
}

fn resolved(env: &mut Env, target: &Target) -> Result<Target> {
    match target {
        Target::Named(reference) => ahead(&mut env.store, reference).map(Target::Named),
        Target::Store => Ok(Target::Store),
    }
}

fn owner_of(subject: &Subject) -> Option<&Owner> {
    if let Subject::Owner(owner) = subject { Some(owner) } else { None }
}

/// Binds a key, an owner or the store to a secret, in the place of what it was bound to for
/// that provider. No master key is needed.
pub fn bind(env: &mut Env, name: &SecretName, target: &Target) -> Result<Bound> {
    let target = resolved(env, target)?;
    env.change(Action::SecretBind, |tx| bind_in(tx, name, &target))
}

pub fn bind_in(tx: &mut Tx<'_>, name: &SecretName, target: &Target) -> Result<Done<Bound>> {
    let secret = find(tx, name)?;
    let (subject, key) = subject(tx, target)?;
    if let Some(key) = key.as_ref().filter(|key| key.revoked_at.is_some()) {
        let message = format!("{} is revoked, so nothing is bound to it", key.path());
        return Err(Conflict::new(message, "mint a new key first").on(key).into());
    }
    let found = tx.bound_secret(&subject, &secret.provider)?;
    let changed = found.as_ref().is_none_or(|found| found.id != secret.id);
    let before = found.filter(|_| changed).map(|found| found.name);
    let mut events = Vec::new();
    if changed {
        tx.bind(&subject, &secret);
        let details = json!({ "secret": secret.id, "name": name, "provider": secret.provider,
                "subject": subject.kind(), "old_name": before });
        events.push(event_about(Action::SecretBind, key.as_ref(), owner_of(&subject), details));
    }
    Ok(Done { result: Bound { subject, key, secret, before, changed, at: tx.now() }, events })
}

/// Takes a binding away. Where there is none of this secret, nothing is changed.
pub fn unbind(env: &mut Env, name: &SecretName, target: &Target) -> Result<Bound> {
    let target = resolved(env, target)?;
    env.change(Action::SecretUnbind, |tx| unbind_in(tx, name, &target))
}

pub fn unbind_in(tx: &mut Tx<'_>, name: &SecretName, target: &Target) -> Result<Done<Bound>> {
    let secret = find(tx, name)?;
    let (subject, key) = subject(tx, target)?;
    let found = tx.bound_secret(&subject, &secret.provider)?;
    let changed = found.as_ref().is_some_and(|found| found.id == secret.id);
    let before = found.filter(|_| !changed).map(|found| found.name);
    let mut events = Vec::new();
    if changed {
        tx.unbind(&subject, &secret.provider);
        let details = json!({ "secret": secret.id, "name": name, "provider": secret.provider,
                "subject": subject.kind() });
        events.push(event_about(Action::SecretUnbind, key.as_ref(), owner_of(&subject), details));
    }
    Ok(Done { result: Bound { subject, key, secret, before, changed, at: tx.now() }, events })
}

/// Takes a binding away as it was read.
pub(in crate::ops) fn take_away_in(tx: &mut Tx<'_>, binding: &Binding) -> Result<Done<()>> {
    let Binding { subject, provider, secret, name, .. } = binding;
    let key = match subject {
        Subject::Key(id) => tx.key_by_id(*id)?,
        Subject::Owner(_) | Subject::Store => None,
    };
    tx.unbind(subject, provider);
    let details = json!({ "secret": secret, "name": name, "provider": provider, "subject": subject.kind() });
    Ok(Done::with((), event_about(Action::SecretUnbind, key.as_ref(), owner_of(subject), details)))
}
