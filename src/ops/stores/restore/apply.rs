//! What was taken away is taken away again: by the use cases that did it, each in a change of its own, with its record.

use serde_json::json;

use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::credentials::credential::{Credential, CredentialState};
use crate::domain::keys::key::Key;
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::time::Grace;
use crate::domain::tokens::kid::Kid;
use crate::ops::audit::{Takeaway, What};
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Error, Result};
use crate::ops::keys::suspend::Suspension;
use crate::ops::keys::{edit, finish, revoke, rotate, suspend};
use crate::ops::owners::{owner, role};
use crate::ops::portal::clients;
use crate::ops::{credentials, federation, secrets, trusts};
use crate::store::{SigningKeyLookup as _, Tx};

/// What became of something, for the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// `revoked`, `suspended`, `token_ended`, `narrowed`, `disabled`, `deleted`, `unbound`, `needs_reauth`, or `lost`:
    /// nothing in the store stands for it any more, or it is to be done by hand.
    pub what: &'static str,
    pub kind: &'static str,
    pub id: Option<String>,
    pub name: String,
    /// The record of the log that says so.
    pub record: Option<u64>,
    pub note: Option<String>,
}

/// Does it all; says what was done.
pub(super) fn apply(env: &mut Env, takeaways: Vec<Takeaway>) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::with_capacity(takeaways.len());
    for Takeaway { record, what } in takeaways {
        outcomes.push(Outcome { record: Some(record), ..one(env, record, what)? });
    }
    Ok(outcomes)
}

fn of_key(what: &'static str, key: &Key, note: Option<&str>) -> Outcome {
    let (id, note) = (Some(key.id.to_string()), note.map(str::to_owned));
    Outcome { what, kind: "key", id, name: key.path(), record: None, note }
}

fn of(what: &'static str, kind: &'static str, name: &impl ToString) -> Outcome {
    Outcome { what, kind, id: None, name: name.to_string(), record: None, note: None }
}

fn one(env: &mut Env, record: u64, what: What) -> Result<Outcome> {
    let reason = format!("restored: record {record} of the log before says so");
    let reason = Some(reason.as_str());
    let id = |key: &Key| [KeyRef::Id(key.id)];
    Ok(match what {
        What::Revoke(key) => {
            // What went with it has records of its own.
            let how = revoke::Revocation { reason, keep_made: true };
            env.change(Action::Revoke, |tx| revoke::revoke_in(tx, &id(&key), how))?;
            of_key("revoked", &key, None)
        }
        What::Suspend(key, until, why) => {
            suspended(env, &key, &Suspension { reason, until, by_owner: false }, why)?
        }
        What::Replaced(key) => replaced(env, &key, reason)?,
        What::Cut(key) => {
            env.change(Action::RotateFinish, |tx| finish::cut_in(tx, &KeyRef::Id(key.id)))?;
            of_key("token_ended", &key, None)
        }
        What::Narrow(key) => {
            match env.change(Action::Edit, |tx| edit::narrow_in(tx, &KeyRef::Id(key.id), &key)) {
                Ok(_) => of_key("narrowed", &key, None),
                Err(Error::Conflict(_)) => {
                    suspended(env, &key, &for_good(reason), "it could not be narrowed")?
                }
                Err(error) => return Err(error),
            }
        }
        What::Disable(name) => {
            env.change(Action::OwnerDisable, |tx| owner::disable_in(tx, &name, reason))?;
            of("disabled", "owner", &name)
        }
        What::DeleteOwner(name) => {
            match env.change(Action::OwnerDelete, |tx| owner::delete_in(tx, &name, true, reason)) {
                Ok(_) => of("deleted", "owner", &name),
                Err(Error::Conflict(_)) => {
                    env.change(Action::OwnerDisable, |tx| owner::disable_in(tx, &name, reason))?;
                    let note = Some("it was deleted: keyctl owner delete --revoke-keys".to_owned());
                    Outcome { note, ..of("disabled", "owner", &name) }
                }
                Err(error) => return Err(error),
            }
        }
        What::OwnerQuota(name, quota) => {
            let edit = owner::Edit { quota: Some(Some(quota)), ..owner::Edit::default() };
            env.change(Action::OwnerSet, |tx| owner::set_in(tx, &name, &edit))?;
            of("narrowed", "owner", &name)
        }
        What::RoleScopes(name, scopes) => {
            env.change(Action::RoleSet, |tx| role::set_in(tx, &name, &scopes))?;
            of("narrowed", "role", &name)
        }
        What::DeleteRole(name) => {
            env.change(Action::RoleDelete, |tx| role::delete_in(tx, &name, true))?;
            of("deleted", "role", &name)
        }
        What::DeleteSecret(name) => {
            env.change(Action::SecretDelete, |tx| secrets::delete::delete_in(tx, &name, true))?;
            of("deleted", "secret", &name)
        }
        What::Unbind(binding) => {
            env.change(Action::SecretUnbind, |tx| secrets::bind::take_away_in(tx, &binding))?;
            let name = format!("{} for {}", binding.subject, binding.provider);
            Outcome { id: Some(binding.secret.to_string()), ..of("unbound", "binding", &name) }
        }
        What::DeleteTrust(name) => {
            env.change(Action::TrustDelete, |tx| trusts::delete::delete_in(tx, &name))?;
            of("deleted", "trust", &name)
        }
        What::DeleteClient(id) => {
            env.change(Action::ClientDelete, |tx| clients::registered::delete_in(tx, id))?;
            of("deleted", "client", &id)
        }
        What::RevokeSigningKey(kid) => {
            env.change(Action::SigningKeyRevoke, |tx| revoke_signing_key_in(tx, &kid))?;
            let note = Some("no key signs until: keyctl signing-key rotate".to_owned());
            Outcome { note, ..of("revoked", "signing-key", &kid) }
        }
        What::DeleteFederation(name) => {
            match env.change(Action::FederationDelete, |tx| federation::delete::delete_in(tx, &name)) {
                Ok(_) => of("deleted", "federation", &name),
                Err(Error::Conflict(conflict)) => {
                    Outcome { note: Some(conflict.hint.clone()), ..of("lost", "federation", &name) }
                }
                Err(error) => return Err(error),
            }
        }
        What::Lost { kind, id, name, hint } => {
            Outcome { id: Some(id), note: Some(hint.to_owned()), ..of("lost", kind, &name) }
        }
    })
}

fn for_good(reason: Option<&str>) -> Suspension<'_> {
    Suspension { reason, ..Suspension::default() }
}

fn suspended(env: &mut Env, key: &Key, wanted: &Suspension<'_>, why: &'static str) -> Result<Outcome> {
    env.change(Action::Suspend, |tx| suspend::suspend_in(tx, &[KeyRef::Id(key.id)], wanted))?;
    Ok(of_key("suspended", key, Some(why)))
}

/// Those tokens of the key that the store has were ended since: it gets one that nobody has seen, so that none of them comes back
/// to life, whoever lets the key work again.
fn replaced(env: &mut Env, key: &Key, reason: Option<&str>) -> Result<Outcome> {
    if key.token.is_some() || !key.pending_tokens.is_empty() {
        let prefix = env.store.default_prefix()?;
        let fresh = rotate::Fresh::draw(&prefix, env.random.as_mut())?;
        let request =
            rotate::Request { key: KeyRef::Id(key.id), grace: Grace::NONE, expiry: None, prefix: None };
        match env.change(Action::Rotate, |tx| rotate::rotate_in(tx, &request, &fresh)) {
            // An expired one's token stays dead, also when the key is renewed.
            Ok(_) | Err(Error::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
    }
    suspended(
        env,
        key,
        &for_good(reason),
        "it has another token, which is in no backup: keyctl rotate, then resume it",
    )
}

/// Without the master key there is no other one to sign in its place: until there is, none does.
fn revoke_signing_key_in(tx: &mut Tx<'_>, kid: &Kid) -> Result<Done<()>> {
    let now = tx.now();
    let found = tx.signing_keys()?.into_iter().find(|key| key.public.kid == *kid);
    let Some(mut key) = found.filter(|key| key.revoked_at.is_none()) else { return Ok(Done::unchanged(())) };
    let details = json!({ "kid": kid, "was": key.state(now), "signs": null, "next": null });
    key.revoke(now);
    tx.update_signing_key(&key);
    Ok(Done::with((), Event::done(Action::SigningKeyRevoke, details)))
}

/// What a refresh token is worth that may have been used since, nobody can tell: its owner signs in again.
pub(super) fn end_credentials(env: &mut Env) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    let mut last: Option<Credential> = None;
    loop {
        let page = env.store.credentials(last.as_ref(), false)?;
        for credential in page.iter().filter(|one| one.state != CredentialState::NeedsReauth) {
            let id = credential.secret.id;
            env.change(Action::OauthNeedsReauth, |tx| credentials::restored::needs_reauth_in(tx, id))?;
            let note = Some(format!("sign in again: keyctl oauth replace {}", credential.secret.name));
            let name = credential.secret.name.to_string();
            outcomes.push(Outcome {
                id: Some(id.to_string()),
                note,
                ..of("needs_reauth", "credential", &name)
            });
        }
        match page.into_iter().next_back() {
            Some(credential) => last = Some(credential),
            None => return Ok(outcomes),
        }
    }
}
