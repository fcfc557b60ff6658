//! The end of a trust, and of its key.

use serde_json::json;

use super::list::known;
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::keys::key::Key;
use crate::domain::time::Timestamp;
use crate::domain::trusts::terms::{Trust, TrustName};
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::Result;
use crate::ops::keys::family::revoke_family;
use crate::store::{Lookup as _, Tx};

#[derive(Debug)]
pub(crate) struct Deleted {
    pub trust: Trust,
    /// As it is now: revoked. `None` where the store has lost it.
    pub key: Option<Key>,
    pub at: Timestamp,
}

/// Deletes a trust and revokes its key: what was issued by it is refused wherever a revocation is.
pub(crate) fn delete(env: &mut Env, name: &TrustName) -> Result<Deleted> {
    env.change(Action::TrustDelete, |tx| delete_in(tx, name))
}

pub(crate) fn delete_in(tx: &mut Tx<'_>, name: &TrustName) -> Result<Done<Deleted>> {
    let (trust, at) = (known(tx, name)?, tx.now());
    let reason = format!("the trust {name} was deleted");
    let mut events = Vec::new();
    let key = match tx.key_by_id(trust.key)? {
        Some(key) if key.revoked_at.is_none() => {
            revoke_family(tx, &key, Some(&reason))?.record_in(&mut events);
            Some(Key { revoked_at: Some(at), revoke_reason: Some(reason), ..key })
        }
        other => other,
    };
    tx.delete_trust(&trust);
    let event = Event::done(Action::TrustDelete, json!({ "trust": trust.name, "key": trust.key }));
    let event = match &key {
        Some(key) => event.on(key),
        None => event,
    };
    // The key's own end is the last that is said of it.
    events.insert(0, event);
    Ok(Done { result: Deleted { trust, key, at }, events })
}
