//! The end of keys.

use serde_json::json;

use super::env::{self, Env};
use super::error::{Error, Result};
use super::resolve::resolve;
use crate::domain::audit::Event;
use crate::domain::key::Key;
use crate::domain::key_ref::KeyRef;
use crate::domain::time::Timestamp;
use crate::store::{Lookup as _, Tx};

/// What came of it.
#[derive(Clone, Debug)]
pub struct Revocation {
    /// Each key meant, once.
    pub keys: Vec<Revoked>,
    /// When, by the store's clock.
    pub at: Timestamp,
}

/// What came of one key.
#[derive(Clone, Debug)]
pub struct Revoked {
    /// The key as it is now.
    pub key: Key,
    /// Whether it was revoked before; then nothing was changed.
    pub already: bool,
}

/// Keys revoked at once, so that nobody waits long for the write lock.
pub const MOST: usize = 500;

/// Revokes the keys meant, at most [`MOST`], all or none. Final and idempotent: the first time and reason stay.
pub fn revoke(env: &mut Env, keys: &[KeyRef], reason: Option<&str>) -> Result<Revocation> {
    if keys.len() > MOST {
        return Err(Error::Invalid {
            message: format!("{} keys at once; at most {MOST} are revoked in one change", keys.len()),
            hint: "give fewer at a time; revoking is idempotent".to_owned(),
        });
    }
    env.change(
        "revoke",
        |tx, _| {
            let mut revoked: Vec<Revoked> = Vec::new();
            let mut events = Vec::new();
            for reference in keys {
                let key = resolve(tx, reference)?;
                if revoked.iter().any(|done| done.key.id == key.id) {
                    continue;
                }
                if key.revoked_at.is_some() {
                    revoked.push(Revoked { key, already: true });
                    continue;
                }
                revoke_family(tx, &key, reason, &mut events)?;
                let key = Key { revoked_at: Some(tx.now()), revoke_reason: reason.map(str::to_owned), ..key };
                revoked.push(Revoked { key, already: false });
            }
            Ok((Revocation { keys: revoked, at: tx.now() }, events))
        },
        |_| Ok(()),
    )
}

/// Revokes a key and its children.
pub(super) fn revoke_family(
    tx: &mut Tx<'_>,
    key: &Key,
    reason: Option<&str>,
    events: &mut Vec<Event>,
) -> Result<()> {
    for child in tx.live_children(key.id)? {
        tx.revoke_key(child.id, reason);
        events.push(env::done("revoke", &child, json!({ "reason": reason, "parent": key.id })));
    }
    tx.revoke_key(key.id, reason);
    events.push(env::done("revoke", key, json!({ "reason": reason })));
    Ok(())
}
