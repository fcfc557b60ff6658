//! Owners: the principals that keys act for.

use serde_json::{Value, json};

use super::env::Env;
use super::error::{Conflict, Error, Result};
use super::near;
use crate::domain::audit::{Event, Outcome};
use crate::domain::key::Key;
use crate::domain::owner::{Owner, OwnerRow, OwnerState};
use crate::domain::text::{Shown, counted};
use crate::domain::time::Timestamp;
use crate::store::{Lookup, Store};

/// What came of a change to an owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The owner as it is now, or was before it was deleted.
    pub owner: OwnerRow,
    /// Whether anything was changed, or it was so already.
    pub changed: bool,
    /// When, by the store's clock.
    pub at: Timestamp,
}

fn event(action: &'static str, owner: &Owner, details: Value) -> Event {
    Event { action, outcome: Outcome::Done, key: None, owner: Some(owner.clone()), details }
}

fn conflict(owner: &Owner, message: String, hint: String) -> Error {
    Error::Conflict(Box::new(Conflict { message, hint, key: None, owner: Some(owner.clone()) }))
}

/// The owner of this name. [`Error::NotFound`] if there is none.
pub fn find(store: &mut impl Lookup, owner: &Owner) -> Result<OwnerRow> {
    match store.owner(owner)? {
        Some(found) => Ok(found),
        None => Err(unknown(store, owner)?),
    }
}

/// Whether the keys of the owner of this name may work. [`Error::NotFound`] if there is none.
pub(super) fn known(store: &mut impl Lookup, owner: &Owner) -> Result<OwnerState> {
    match store.owner_state(owner)? {
        Some(state) => Ok(state),
        None => Err(unknown(store, owner)?),
    }
}

/// [`Error::NotFound`] if there is no owner of this name.
pub(super) fn check_known(store: &mut impl Lookup, owner: &Owner) -> Result<()> {
    known(store, owner).map(drop)
}

fn unknown(store: &mut impl Lookup, owner: &Owner) -> Result<Error> {
    let message = format!("there is no owner {}", Shown(owner.as_str()));
    Ok(near::not_found(message, near::owner_meant(store, owner)?, "keyctl owner list shows all"))
}

/// Makes an owner without keys. With `if_absent`, one that is there is fine as it is.
pub fn add(env: &mut Env, owner: &Owner, if_absent: bool) -> Result<Changed> {
    env.change(
        "owner.add",
        |tx, _| {
            let at = tx.now();
            if let Some(found) = tx.owner(owner)? {
                if if_absent {
                    return Ok((Changed { owner: found, changed: false, at }, Vec::new()));
                }
                let message = format!("the owner {owner} exists already");
                return Err(conflict(owner, message, "with --if-absent that is fine".to_owned()));
            }
            tx.ensure_owner(owner);
            let made = find(tx, owner)?;
            Ok((Changed { owner: made, changed: true, at }, vec![event("owner.add", owner, Value::Null)]))
        },
        |_| Ok(()),
    )
}

/// Calls `each` for every owner, by name, in flat memory.
pub fn list<E: From<Error>>(
    store: &mut Store,
    mut each: impl FnMut(&OwnerRow) -> Result<(), E>,
) -> Result<(), E> {
    let mut after: Option<Owner> = None;
    loop {
        let owners = store.owners(after.as_ref()).map_err(Error::from)?;
        let Some(last) = owners.last() else { return Ok(()) };
        after = Some(last.name.clone());
        owners.iter().try_for_each(&mut each)?;
    }
}

/// Stops all keys of an owner at once, and their children. The first time stays.
pub fn disable(env: &mut Env, owner: &Owner, reason: Option<&str>) -> Result<Changed> {
    switch(env, "owner.disable", owner, true, &json!({ "reason": reason }))
}

/// Brings all keys of an owner back in the state that they had.
pub fn enable(env: &mut Env, owner: &Owner) -> Result<Changed> {
    switch(env, "owner.enable", owner, false, &Value::Null)
}

fn switch(
    env: &mut Env,
    action: &'static str,
    owner: &Owner,
    disable: bool,
    details: &Value,
) -> Result<Changed> {
    env.change(
        action,
        |tx, _| {
            let (found, at) = (find(tx, owner)?, tx.now());
            if found.disabled_at.is_some() == disable {
                return Ok((Changed { owner: found, changed: false, at }, Vec::new()));
            }
            let disabled_at = disable.then_some(at);
            tx.set_owner_disabled(owner, disabled_at)?;
            let changed = Changed { owner: OwnerRow { disabled_at, ..found }, changed: true, at };
            Ok((changed, vec![event(action, owner, details.clone())]))
        },
        |_| Ok(()),
    )
}

/// Keys revoked with their owner at once.
const MOST: u64 = 500;

/// Takes an owner off the list. It must have no live key, unless `revoke_keys` revokes them,
/// with their children, in the same transaction.
pub fn delete(env: &mut Env, owner: &Owner, revoke_keys: bool, reason: Option<&str>) -> Result<Changed> {
    env.change(
        "owner.delete",
        |tx, _| {
            let found = find(tx, owner)?;
            if found.live_keys > 0 && !revoke_keys {
                let message = format!("{owner} has {}", counted(found.live_keys, "live key"));
                let hint = "revoke them first, or with it: add --revoke-keys".to_owned();
                return Err(conflict(owner, message, hint));
            }
            if found.live_keys > MOST {
                let message = format!(
                    "{owner} has {} live keys, and at most {MOST} are revoked at once",
                    found.live_keys
                );
                return Err(conflict(owner, message, format!("first: keyctl revoke --owner {owner}")));
            }
            let mut events = Vec::new();
            let keys = tx.live_keys_of(owner)?;
            let goes_with_parent = |key: &Key| keys.iter().any(|parent| key.parent == Some(parent.id));
            for key in keys.iter().filter(|key| !goes_with_parent(key)) {
                super::revoke::revoke_family(tx, key, reason, &mut events)?;
            }
            tx.delete_owner(&found);
            events.push(event(
                "owner.delete",
                owner,
                json!({ "revoked": found.live_keys, "reason": reason }),
            ));
            let at = tx.now();
            Ok((Changed { owner: found, changed: true, at }, events))
        },
        |_| Ok(()),
    )
}

/// The refusal of what a disabled owner may not have.
pub(super) fn check_enabled(name: &Owner, state: Option<OwnerState>) -> Result<()> {
    let Some(OwnerState::Disabled(at)) = state else { return Ok(()) };
    let message = format!("the owner {name} is disabled since {at}");
    Err(conflict(name, message, format!("enable it: keyctl owner enable {name}")))
}
