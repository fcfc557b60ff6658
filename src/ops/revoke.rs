//! The end of keys.

use serde_json::json;

use super::env::{self, Env};
use super::error::Result;
use super::resolve::resolve;
use crate::domain::key::Key;
use crate::domain::key_ref::KeyRef;

/// What came of one key.
#[derive(Clone, Debug)]
pub struct Revoked {
    /// The key as it is now.
    pub key: Key,
    /// Whether it was revoked before; then nothing was changed.
    pub already: bool,
}

/// Revokes the keys meant, all or none. Final and idempotent: the first time and reason stay.
pub fn revoke(env: &mut Env, keys: &[KeyRef], reason: Option<&str>) -> Result<Vec<Revoked>> {
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
                tx.revoke_key(key.id, reason);
                events.push(env::done("revoke", &key, json!({ "reason": reason })));
                let key = Key { revoked_at: Some(tx.now()), revoke_reason: reason.map(str::to_owned), ..key };
                revoked.push(Revoked { key, already: false });
            }
            Ok((revoked, events))
        },
        |_| Ok(()),
    )
}
