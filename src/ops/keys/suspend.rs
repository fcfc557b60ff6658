//! Stopping keys for a while, and letting them work again.

use serde_json::json;

use super::select::{self, Outcome, Selection, Stopped};
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::keys::key::Key;
use crate::domain::keys::key_ref::KeyRef;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Conflict, Result};
use crate::store::{Lookup as _, Tx};

/// Suspends the keys meant; their children stop with them. The first time stays, and a revoked
/// key is stopped already.
pub fn suspend(env: &mut Env, selection: impl Into<Selection>, reason: Option<&str>) -> Result<Outcome> {
    select::each(env, Action::Suspend, &selection.into(), |tx, keys| suspend_in(tx, keys, reason))
}

/// The same of named keys, as a part of a change.
pub fn suspend_in(tx: &mut Tx<'_>, keys: &[KeyRef], reason: Option<&str>) -> Result<Done<Outcome>> {
    select::each_in(tx, keys, |tx, key| suspend_one(tx, key, reason))
}

fn suspend_one(tx: &mut Tx<'_>, key: Key, reason: Option<&str>) -> Result<Done<Stopped>> {
    if key.revoked_at.is_some() || key.suspended_at.is_some() {
        return Ok(Done::unchanged(Stopped::already(key)));
    }
    let children = tx.live_children(key.id)?;
    let suspended = Key { suspended_at: Some(tx.now()), ..key };
    tx.raise_version(suspended.id);
    tx.update_key(&suspended);
    tx.refresh_key(suspended.id)?;
    let event = Event::done(Action::Suspend, json!({ "reason": reason })).on(&suspended);
    Ok(Done::with(Stopped::now(suspended, children), event))
}

/// Lets suspended keys work again; their children, too. A key that is not suspended stays as it
/// is. A revoked one is a conflict.
pub fn resume(env: &mut Env, keys: impl Into<Selection>) -> Result<Outcome> {
    select::each(env, Action::Resume, &keys.into(), resume_in)
}

/// The same of named keys, as a part of a change.
pub fn resume_in(tx: &mut Tx<'_>, keys: &[KeyRef]) -> Result<Done<Outcome>> {
    select::each_in(tx, keys, resume_one)
}

fn resume_one(tx: &mut Tx<'_>, key: Key) -> Result<Done<Stopped>> {
    if let Some(at) = key.revoked_at {
        let message = format!("{} was revoked at {at}, and that is final", key.path());
        let hint = format!("mint a new key: keyctl mint {}", key.owner);
        return Err(Conflict::new(message, hint).on(&key).into());
    }
    if key.suspended_at.is_none() {
        return Ok(Done::unchanged(Stopped::already(key)));
    }
    let children = tx.live_children(key.id)?;
    let details = json!({ "suspended_at": key.suspended_at });
    let resumed = Key { suspended_at: None, ..key };
    tx.update_key(&resumed);
    tx.refresh_key(resumed.id)?;
    let event = Event::done(Action::Resume, details).on(&resumed);
    Ok(Done::with(Stopped::now(resumed, children), event))
}
