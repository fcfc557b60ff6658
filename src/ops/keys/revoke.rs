//! The end of keys.

use super::family::revoke_family;
use super::select::{self, Outcome, Selection, Stopped};
use crate::domain::audit::action::Action;
use crate::domain::keys::key::Key;
use crate::domain::time::Span;
use crate::ops::env::Env;
use crate::ops::error::Result;

/// After this time every service that reads the store refuses what was revoked: its cached
/// answers are no older (the freshness rule of the runtime contract).
pub const IN_FORCE_AFTER: Span = Span::seconds(5);

/// Revokes the keys meant, and their children. Final and idempotent: the first time and reason
/// stay.
pub fn revoke(env: &mut Env, selection: impl Into<Selection>, reason: Option<&str>) -> Result<Outcome> {
    select::each(env, Action::Revoke, &selection.into(), |tx, key, events| {
        if key.revoked_at.is_some() {
            return Ok(Stopped { key, already: true, children: Vec::new(), secrets: Vec::new() });
        }
        let children = revoke_family(tx, &key, reason, events)?;
        let key = Key { revoked_at: Some(tx.now()), revoke_reason: reason.map(str::to_owned), ..key };
        Ok(Stopped { key, already: false, children, secrets: Vec::new() })
    })
}
