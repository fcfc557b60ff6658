//! The end of keys.

use super::family::revoke_family;
use super::select::{self, Outcome, Selection, Stopped};
use crate::domain::audit::action::Action;
use crate::domain::keys::key::Key;
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::time::Span;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::Result;
use crate::store::Tx;

/// After this time every service that reads the store refuses what was revoked: its cached
/// answers are no older (the freshness rule of the runtime contract).
pub const IN_FORCE_AFTER: Span = Span::seconds(5);

/// Revokes the keys meant, and their children. Final and idempotent: the first time and reason
/// stay.
pub fn revoke(env: &mut Env, selection: impl Into<Selection>, reason: Option<&str>) -> Result<Outcome> {
    select::each(env, Action::Revoke, &selection.into(), |tx, keys| revoke_in(tx, keys, reason))
}

/// The same of named keys, as a part of a change.
pub fn revoke_in(tx: &mut Tx<'_>, keys: &[KeyRef], reason: Option<&str>) -> Result<Done<Outcome>> {
    select::each_in(tx, keys, |tx, key| revoke_one(tx, key, reason))
}

fn revoke_one(tx: &mut Tx<'_>, key: Key, reason: Option<&str>) -> Result<Done<Stopped>> {
    if key.revoked_at.is_some() {
        return Ok(Done::unchanged(Stopped::already(key)));
    }
    let Done { result: children, events } = revoke_family(tx, &key, reason)?;
    let key = Key { revoked_at: Some(tx.now()), revoke_reason: reason.map(str::to_owned), ..key };
    Ok(Done { result: Stopped::now(key, children), events })
}
