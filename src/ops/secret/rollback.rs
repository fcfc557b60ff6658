//! Back to an earlier value, or back from a deletion.

use serde_json::json;

use super::{conflict, event, unknown};
use crate::domain::secret::{Secret, SecretName};
use crate::domain::time::Timestamp;
use crate::ops::env::Env;
use crate::ops::error::{Error, Result};
use crate::store::SecretLookup as _;

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RolledBack {
    /// The secret as it is now.
    pub secret: Secret,
    /// The version that was handed out before.
    pub before: u64,
    /// Whether it was deleted.
    pub was_deleted: bool,
    /// Whether anything was changed.
    pub changed: bool,
    /// When, by the store's clock.
    pub at: Timestamp,
}

/// Hands out an earlier version again: this one, or the one before the current. A deleted
/// secret comes back with the version that it had, unbound. No master key is needed.
pub fn rollback(env: &mut Env, name: &SecretName, to: Option<u64>) -> Result<RolledBack> {
    env.change(
        "secret.rollback",
        |tx, _| {
            let (live, at) = (tx.secret(name)?, tx.now());
            let deleted = if live.is_none() { tx.deleted_secret(name)? } else { None };
            let (was_deleted, found) = (deleted.is_some(), live.or(deleted));
            let Some(found) = found else { return Err(unknown(tx, name)?) };
            let versions = tx.secret_versions(found.id)?;
            let wanted = match to {
                Some(version) => Some(version),
                None if was_deleted => Some(found.version),
                None => {
                    versions.iter().map(|version| version.version).find(|version| *version < found.version)
                }
            };
            let chosen = wanted.and_then(|wanted| versions.iter().find(|version| version.version == wanted));
            let Some(chosen) = chosen else {
                let which = wanted.map_or("earlier version".to_owned(), |wanted| format!("version {wanted}"));
                return Err(Error::NotFound {
                    message: format!("the secret {name} has no {which}"),
                    hint: format!("keyctl secret show {name} shows those that it has"),
                });
            };
            if was_deleted && tx.secret(&found.name)?.is_some() {
                let message = format!("there is another secret {} by now", found.name);
                return Err(conflict(message, "delete that one first".to_owned()));
            }
            let before = found.version;
            let changed = was_deleted || chosen.version != before;
            let secret = Secret {
                version: chosen.version,
                version_created_at: chosen.created_at,
                master_key_id: chosen.master_key_id,
                expires_at: chosen.expires_at,
                deleted_at: None,
                ..found
            };
            let mut events = Vec::new();
            if changed {
                tx.update_secret(&secret);
                let details = json!({ "secret": secret.id, "name": secret.name, "provider": secret.provider,
                    "version": secret.version, "old_version": before, "was_deleted": was_deleted });
                events.push(event("secret.rollback", details));
            }
            Ok((RolledBack { secret, before, was_deleted, changed, at }, events))
        },
        |_| Ok(()),
    )
}
