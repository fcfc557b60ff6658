//! Stopping keys for a while, and letting them work again.

use serde_json::{Value, json};

use super::select::{self, Outcome, Selection, Stopped};
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::keys::key::Key;
use crate::ops::env::Env;
use crate::ops::error::{Conflict, Result};
use crate::store::Lookup as _;

/// Suspends the keys meant; their children stop with them. The first time stays, and a revoked
/// key is stopped already.
pub fn suspend(env: &mut Env, selection: impl Into<Selection>, reason: Option<&str>) -> Result<Outcome> {
    select::each(env, Action::Suspend, &selection.into(), |tx, key, events| {
        if key.revoked_at.is_some() || key.suspended_at.is_some() {
            return Ok(Stopped { key, already: true, children: Vec::new(), secrets: Vec::new() });
        }
        let children = tx.live_children(key.id)?;
        let suspended = Key { suspended_at: Some(tx.now()), ..key };
        tx.update_key(&suspended);
        tx.refresh_key(suspended.id)?;
        events.push(Event::done(Action::Suspend, json!({ "reason": reason })).on(&suspended));
        Ok(Stopped { key: suspended, already: false, children, secrets: Vec::new() })
    })
}

/// Lets suspended keys work again; their children, too. A key that is not suspended stays as it
/// is. A revoked one is a conflict.
pub fn resume(env: &mut Env, keys: impl Into<Selection>) -> Result<Outcome> {
    select::each(env, Action::Resume, &keys.into(), |tx, key, events| {
        if let Some(at) = key.revoked_at {
            let message = format!("{} was revoked at {at}, and that is final", key.path());
            let hint = format!("mint a new key: keyctl mint {}", key.owner);
            return Err(Conflict::new(message, hint).on(&key).into());
        }
        if key.suspended_at.is_none() {
            return Ok(Stopped { key, already: true, children: Vec::new(), secrets: Vec::new() });
        }
        let children = tx.live_children(key.id)?;
        let old = key.suspended_at;
        let resumed = Key { suspended_at: None, ..key };
        tx.update_key(&resumed);
        tx.refresh_key(resumed.id)?;
        let details: Value = json!({ "suspended_at": old });
        events.push(Event::done(Action::Resume, details).on(&resumed));
        Ok(Stopped { key: resumed, already: false, children, secrets: Vec::new() })
    })
}
