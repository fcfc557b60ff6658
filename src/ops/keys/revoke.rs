//! The end of keys.

use std::collections::BTreeSet;

use serde_json::json;

use super::family::revoke_family;
use super::select::{self, Outcome, Selection, Stopped};
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::keys::key::Key;
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::time::Span;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::Result;
use crate::store::{Lookup, Tx};

/// After this time every service that reads the store refuses what was revoked: its cached
/// answers are no older (the freshness rule of the runtime contract).
pub const IN_FORCE_AFTER: Span = Span::seconds(5);

/// How keys are revoked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Revocation<'r> {
    pub reason: Option<&'r str>,
    /// Whether keys stay that somebody made who had signed in with one of them.
    pub keep_made: bool,
}

impl<'r> From<Option<&'r str>> for Revocation<'r> {
    fn from(reason: Option<&'r str>) -> Self {
        Self { reason, keep_made: false }
    }
}

/// Revokes the keys meant, and their children, and unless they are kept the keys that were made with them. Final and
/// idempotent: the first time and reason stay.
pub fn revoke<'r>(
    env: &mut Env,
    selection: impl Into<Selection>,
    how: impl Into<Revocation<'r>>,
) -> Result<Outcome> {
    let how = how.into();
    select::each(env, Action::Revoke, &selection.into(), |tx, keys| revoke_in(tx, keys, how))
}

/// The same of named keys, as a part of a change.
pub fn revoke_in<'r>(
    tx: &mut Tx<'_>,
    keys: &[KeyRef],
    how: impl Into<Revocation<'r>>,
) -> Result<Done<Outcome>> {
    let how = how.into();
    select::each_in(tx, keys, |tx, key| revoke_one(tx, key, how))
}

/// What was made with a key that was revoked before, and kept then, may be taken along later.
fn revoke_one(tx: &mut Tx<'_>, key: Key, how: Revocation<'_>) -> Result<Done<Stopped>> {
    let made = if how.keep_made { Vec::new() } else { made_with(tx, &key)? };
    let (mut events, reason) = (Vec::new(), how.reason);
    for one in &made {
        // With its children: each has a record of its own.
        let Done { events: ended, .. } = revoke_family(tx, one, reason)?;
        events.extend(ended.into_iter().map(|event| taken_along(event, &key)));
    }
    if key.revoked_at.is_some() {
        return Ok(Done { result: Stopped { made, ..Stopped::already(key) }, events });
    }
    let children = revoke_family(tx, &key, reason)?.record_in(&mut events);
    let key = Key { revoked_at: Some(tx.now()), revoke_reason: reason.map(str::to_owned), ..key };
    Ok(Done { result: Stopped { made, ..Stopped::now(key, children) }, events })
}

fn taken_along(mut event: Event, with: &Key) -> Event {
    if let Some(details) = event.details.as_object_mut() {
        details.insert("made_by".to_owned(), json!(with.id));
    }
    event
}

/// The live keys that somebody made who had signed in with this one or with an invitation that was sent with it, and those that
/// were made with them, each once. What a revoked key made is among them: that was kept when it was revoked.
pub(in crate::ops) fn made_with(store: &mut impl Lookup, key: &Key) -> Result<Vec<Key>> {
    let (mut found, mut seen) = (Vec::new(), BTreeSet::from([key.id]));
    let mut next = vec![key.id];
    while let Some(id) = next.pop() {
        for made in store.keys_made_by(id)? {
            if seen.insert(made.id) {
                next.push(made.id);
                found.extend(Some(made).filter(|made| made.revoked_at.is_none()));
            }
        }
    }
    Ok(found)
}
