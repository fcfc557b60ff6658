//! Changes of a live key that leave its tokens alone.

use serde_json::{Value, json};

use super::find::{ahead, resolve};
use super::{allowed, family, mint, used};
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::keys::foreign::WEAK_LONGEST;
use crate::domain::keys::key::{Key, lasting};
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::keys::label::{LabelEdit, Labels};
use crate::domain::keys::limit::{Quota, Rate};
use crate::domain::keys::network::Networks;
use crate::domain::keys::note::Note;
use crate::domain::keys::rules::Allowed;
use crate::domain::keys::scope::Scopes;
use crate::domain::owners::owner::KeyName;
use crate::domain::owners::role::{Permissions, RoleName};
use crate::domain::time::{Expiry, Timestamp};
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Conflict, Error, Result};
use crate::store::{Lookup as _, Tx};

/// What is wanted; `None` leaves a thing as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edit {
    pub name: Option<KeyName>,
    pub expiry: Option<Expiry>,
    /// Another begin; `Some(None)` for at once.
    pub not_before: Option<Option<Timestamp>>,
    /// Another rate; `Some(None)` for none.
    pub rate: Option<Option<Rate>>,
    /// Another quota; `Some(None)` for none.
    pub quota: Option<Option<Quota>>,
    /// Other networks; empty for from anywhere.
    pub networks: Option<Networks>,
    pub labels: Vec<LabelEdit>,
    /// Other roles, in place of all it had.
    pub roles: Option<Vec<RoleName>>,
    /// Whether short-lived tokens are issued for it in spite of its limits.
    pub allow_jwt: Option<bool>,
    /// Another note; `Some(None)` for none.
    pub note: Option<Option<Note>>,
}

/// What is wanted of a key's own scopes.
#[derive(Clone, Debug)]
pub enum ScopeEdit {
    Add(Scopes),
    Remove(Scopes),
    /// These in place of all it had.
    Set(Scopes),
}

#[derive(Clone, Debug)]
pub struct Edited {
    pub key: Key,
    /// What was changed, with the values before and after.
    pub changes: Vec<Change>,
    pub at: Timestamp,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// As in the key's JSON.
    pub name: &'static str,
    pub old: Value,
    pub new: Value,
}

/// Changes attributes of a live key.
pub fn edit(env: &mut Env, key: &KeyRef, edit: &Edit) -> Result<Edited> {
    change_key(env, Action::Edit, key, |tx, key| edit_in(tx, key, edit))
}

pub fn edit_in(tx: &mut Tx<'_>, key: &KeyRef, edit: &Edit) -> Result<Done<Edited>> {
    change_key_in(tx, Action::Edit, key, |tx, old| edited(tx, old, edit))
}

/// A live key may do no more than `narrowed` may, which is this key with less in it.
pub(in crate::ops) fn narrow_in(tx: &mut Tx<'_>, key: &KeyRef, narrowed: &Key) -> Result<Done<Edited>> {
    change_key_as(tx, Action::Edit, key, |_, _| Ok(narrowed.clone()), |_, new, _| Ok(Allowed::narrowed(new)))
}

/// Changes the scopes that a live key was given itself.
pub fn edit_scopes(env: &mut Env, key: &KeyRef, edit: &ScopeEdit, allow_all: bool) -> Result<Edited> {
    if let ScopeEdit::Add(given) | ScopeEdit::Set(given) = edit {
        mint::check_everything(given, allow_all)?;
    }
    change_key(env, edit.action(), key, |tx, key| edit_scopes_in(tx, key, edit))
}

/// The same, as a part of a change; whether `*` may be given was asked before ([`mint::check_everything`]).
pub fn edit_scopes_in(tx: &mut Tx<'_>, key: &KeyRef, edit: &ScopeEdit) -> Result<Done<Edited>> {
    change_key_in(tx, edit.action(), key, |_, old| edit.of(old))
}

impl ScopeEdit {
    fn action(&self) -> Action {
        match self {
            Self::Add(_) => Action::ScopeAdd,
            Self::Remove(_) => Action::ScopeRemove,
            Self::Set(_) => Action::ScopeSet,
        }
    }

    fn of(&self, old: &Key) -> Result<Key> {
        let scopes = match self {
            Self::Add(more) => old.scopes.union(more),
            Self::Remove(fewer) => without(old, fewer)?,
            Self::Set(all) => all.clone(),
        };
        let scopes = scopes.check_size().map_err(|error| Error::Invalid {
            message: error.to_string(),
            hint: "put scopes that belong together into a role: keyctl role set".to_owned(),
        })?;
        Ok(Key { scopes, ..old.clone() })
    }
}

/// Taking away what is only covered by something wider would leave the permission in place.
fn without(key: &Key, fewer: &Scopes) -> Result<Scopes> {
    let left = key.scopes.minus(fewer);
    let kept = fewer.iter().find(|scope| !key.scopes.contains(scope) && key.effective_scopes.cover(scope));
    match kept {
        None => Ok(left),
        Some(scope) => {
            let message = format!("{} was not given {scope} itself, but may do it", key.path());
            let hint = format!("see why: keyctl can {} {scope}", key.path());
            Err(Conflict::new(message, hint).on(key).into())
        }
    }
}

fn edited(tx: &mut Tx<'_>, old: &Key, edit: &Edit) -> Result<Key> {
    let mut key = old.clone();
    if let Some(name) = &edit.name {
        check_name(tx, old, name)?;
        key.name = name.clone();
    }
    if let Some(expiry) = edit.expiry {
        key.expires_at = end(tx.now(), old, expiry)?;
        key.lives_for = lasting(tx.now(), key.expires_at);
    }
    key.not_before = edit.not_before.unwrap_or(key.not_before);
    if let (Some(start), Some(end)) = (key.not_before, key.expires_at)
        && start >= end
    {
        return Err(invalid(format!("the key would expire ({end}) before it starts ({start})")));
    }
    key.rate = edit.rate.unwrap_or(key.rate);
    key.quota = edit.quota.unwrap_or(key.quota);
    key.networks = edit.networks.clone().unwrap_or(key.networks);
    key.labels = key.labels.edited(&edit.labels).map_err(|error| invalid(error.to_string()))?;
    key.allow_jwt = edit.allow_jwt.unwrap_or(key.allow_jwt);
    key.note = edit.note.clone().unwrap_or(key.note);
    if let Some(roles) = &edit.roles {
        key.roles = family::roles(tx, roles)?.into_iter().map(|role| role.name).collect();
    }
    Ok(key)
}

fn invalid(message: String) -> Error {
    Error::Invalid { message, hint: "see keyctl edit --help".to_owned() }
}

/// A new end would bring the token of an expired key back to life.
fn end(now: Timestamp, old: &Key, expiry: Expiry) -> Result<Option<Timestamp>> {
    if let Some(end) = old.expires_at.filter(|end| now >= *end) {
        let message = format!("{} expired at {end}, and its token stays dead", old.path());
        let hint = format!("renew it with a new token: keyctl rotate {} --expires 90d", old.path());
        return Err(Conflict::new(message, hint).on(old).into());
    }
    let end = expiry.resolve(now).map_err(|error| invalid(error.to_string()))?;
    let too_late = end.is_none_or(|end| now.after(WEAK_LONGEST).is_some_and(|longest| end > longest));
    if old.is_weak() && too_late {
        let message = format!("the token of {} may be guessed, so it must end within 365 days", old.path());
        let hint = format!("give it a new token: keyctl rotate {}", old.path());
        return Err(Conflict::new(message, hint).on(old).into());
    }
    Ok(end)
}

fn check_name(tx: &mut Tx<'_>, old: &Key, name: &KeyName) -> Result<()> {
    match tx.live_key_by_name(&old.owner, name)? {
        Some(other) if other.id != old.id => {
            let message = format!("{} exists already ({})", other.path(), other.id);
            Err(Conflict::new(message, "choose another name").on(old).into())
        }
        _ => Ok(()),
    }
}

fn change_key(
    env: &mut Env,
    action: Action,
    reference: &KeyRef,
    mut decide: impl FnMut(&mut Tx<'_>, &KeyRef) -> Result<Done<Edited>>,
) -> Result<Edited> {
    let reference = ahead(&mut env.store, reference)?;
    let mut edited = env.change(action, |tx| decide(tx, &reference))?;
    used::fill(&mut env.store, [&mut edited.key]);
    Ok(edited)
}

/// Runs `work` on a live key and stores what it returns, with everything that follows from it.
/// Without a difference nothing is written.
fn change_key_in(
    tx: &mut Tx<'_>,
    action: Action,
    reference: &KeyRef,
    work: impl FnOnce(&mut Tx<'_>, &Key) -> Result<Key>,
) -> Result<Done<Edited>> {
    change_key_as(tx, action, reference, work, |tx, new, old| allowed::allow(tx, new, Some(old)))
}

/// The same, where `allow` says whether it may be.
fn change_key_as(
    tx: &mut Tx<'_>,
    action: Action,
    reference: &KeyRef,
    work: impl FnOnce(&mut Tx<'_>, &Key) -> Result<Key>,
    allow: impl for<'k> FnOnce(&mut Tx<'_>, &'k Key, &Key) -> Result<Allowed<'k>>,
) -> Result<Done<Edited>> {
    let old = resolve(tx, reference)?;
    if let Some(at) = old.revoked_at {
        let message = format!("{} was revoked at {at}, and that is final", old.path());
        let hint = format!("mint a new key: keyctl mint {}", old.owner);
        return Err(Conflict::new(message, hint).on(&old).into());
    }
    let new = work(tx, &old)?;
    let (changes, at) = (differences(&old, &new), tx.now());
    if changes.is_empty() {
        return Ok(Done::unchanged(Edited { key: old, changes, at }));
    }
    check_family(tx, &old, &new)?;
    let allowed = allow(tx, &new, &old)?;
    store(tx, &old, allowed)?;
    let event = Event::done(action, details(&changes)).on(&new);
    let key = tx.key_by_id(new.id)?.unwrap_or(new);
    if key.takes_away(&old) {
        tx.raise_version(key.id);
    }
    Ok(Done::with(Edited { key, changes, at }, event))
}

fn store(tx: &mut Tx<'_>, old: &Key, new: Allowed<'_>) -> Result<()> {
    tx.update_key(new);
    let new = new.key();
    tx.change_labels(new.id, &old.labels, &new.labels);
    if old.roles != new.roles {
        tx.take_roles(new.id);
        tx.give_roles(new.id, &new.roles);
    }
    Ok(tx.refresh_key(new.id)?)
}

/// A child is given nothing more that its parent may not do.
fn check_family(tx: &mut Tx<'_>, old: &Key, new: &Key) -> Result<()> {
    let Some(parent) = new.parent else { return Ok(()) };
    if old.scopes == new.scopes && old.roles == new.roles {
        return Ok(());
    }
    let added = new.scopes.minus(&old.scopes);
    family::check_reserved(&added)?;
    let more: Vec<RoleName> = new.roles.iter().filter(|role| !old.roles.contains(role)).cloned().collect();
    let roles = family::roles(tx, &more)?;
    match tx.key_by_id(parent)? {
        Some(parent) => {
            family::check_within(&new.owner, &Permissions { scopes: &added, roles: &roles }, &parent)
        }
        None => Ok(()),
    }
}

/// A note is not quoted: the log keeps for ever what somebody may want gone. It says whether there was one before, and is now.
fn details(changes: &[Change]) -> Value {
    let values = |change: &Change| match change.name {
        "note" => json!([!change.old.is_null(), !change.new.is_null()]),
        _ => json!([change.old, change.new]),
    };
    changes.iter().map(|change| (change.name.to_owned(), values(change))).collect()
}

fn differences(old: &Key, new: &Key) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut compare = |name: &'static str, old: Value, new: Value| {
        if old != new {
            changes.push(Change { name, old, new });
        }
    };
    let limits =
        |key: &Key| (key.rate.map(|rate| rate.to_string()), key.quota.map(|quota| quota.to_string()));
    let labels = |labels: &Labels| json!(labels);
    compare("name", json!(old.name), json!(new.name));
    compare("scopes", json!(old.scopes), json!(new.scopes));
    compare("roles", json!(old.roles), json!(new.roles));
    compare("expires_at", json!(old.expires_at), json!(new.expires_at));
    compare("not_before", json!(old.not_before), json!(new.not_before));
    compare("rate", json!(limits(old).0), json!(limits(new).0));
    compare("quota", json!(limits(old).1), json!(limits(new).1));
    compare("allow_ip", json!(old.networks), json!(new.networks));
    compare("labels", labels(&old.labels), labels(&new.labels));
    compare("allow_jwt", json!(old.allow_jwt), json!(new.allow_jwt));
    compare("note", json!(old.note), json!(new.note));
    changes
}
