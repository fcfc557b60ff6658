//! Roles: what their keys may do, all at once.

use serde_json::json;

use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::keys::scope::Scopes;
use crate::domain::owners::role::{NO_ROLE, Role, RoleName};
use crate::domain::texts::text::counted;
use crate::domain::time::Timestamp;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Conflict, Error, Result};
use crate::ops::keys::{family, mint};
use crate::store::{Lookup as _, Store, Tx};

/// A role, and how many keys have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    pub role: Role,
    /// Its keys that are not revoked.
    pub live_keys: u64,
    pub revoked_keys: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    pub role: Counted,
    /// What its scopes were before; `None` for a new role.
    pub before: Option<Scopes>,
    /// The keys for which this was computed anew, children among them; 0 if nothing changed.
    pub refreshed: u64,
    pub at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    pub role: Counted,
    pub at: Timestamp,
}

/// Makes a role, or gives it other scopes: in force for all its keys in the same transaction.
/// A role never holds keyctl's own scopes.
pub fn set(env: &mut Env, name: &RoleName, scopes: &Scopes, allow_all: bool) -> Result<Set> {
    check_scopes(scopes, allow_all)?;
    env.change(Action::RoleSet, |tx| set_in(tx, name, scopes))
}

/// Whether a role may have these.
pub fn check_scopes(scopes: &Scopes, allow_all: bool) -> Result<()> {
    mint::check_everything(scopes, allow_all)?;
    match scopes.reserved().next() {
        None => Ok(()),
        Some(own) => Err(Error::Invalid {
            message: format!("a role never grants {own}"),
            hint: format!("give it to single keys: keyctl scope add KEY {own}"),
        }),
    }
}

/// The same, as a part of a change; the scopes were checked before ([`check_scopes`]).
pub fn set_in(tx: &mut Tx<'_>, name: &RoleName, scopes: &Scopes) -> Result<Done<Set>> {
    let (found, at) = (tx.role(name)?, tx.now());
    // One that is there already can be changed and deleted.
    if found.is_none() && name.as_str() == NO_ROLE {
        return Err(Error::Invalid {
            message: format!(
                "a role cannot be called {name}: keyctl edit --role {name} takes all roles away"
            ),
            hint: "choose another name".to_owned(),
        });
    }
    let unchanged = found.as_ref().is_some_and(|role| role.scopes == *scopes);
    let role = Role {
        name: name.clone(),
        scopes: scopes.clone(),
        created_at: found.as_ref().map_or(at, |role| role.created_at),
        changed_at: found.as_ref().filter(|_| unchanged).map_or(at, |role| role.changed_at),
    };
    let before = found.map(|role| role.scopes);
    let mut refreshed = 0;
    let mut events = Vec::new();
    if !unchanged {
        tx.put_role(&role);
        if before.as_ref().is_some_and(|before| before.beyond(scopes).next().is_some()) {
            tx.raise_versions_with(name);
        }
        refreshed = tx.refresh_role(name)?;
        let details = json!({ "role": name, "scopes": scopes, "old_scopes": before, "keys": refreshed });
        events.push(Event::done(Action::RoleSet, details));
    }
    let (live_keys, revoked_keys) = tx.role_count(name)?;
    Ok(Done {
        result: Set { role: Counted { role, live_keys, revoked_keys }, before, refreshed, at },
        events,
    })
}

/// Calls `each` for every role, by name.
pub fn list<E: From<Error>>(
    store: &mut Store,
    mut each: impl FnMut(&Counted) -> Result<(), E>,
) -> Result<(), E> {
    let roles = store.roles().map_err(Error::from)?;
    for role in roles {
        let (live_keys, revoked_keys) = store.role_count(&role.name).map_err(Error::from)?;
        each(&Counted { role, live_keys, revoked_keys })?;
    }
    Ok(())
}

/// One role. [`Error::NotFound`] if there is none of this name.
pub fn show(store: &mut Store, name: &RoleName) -> Result<Counted> {
    let role = family::role(store, name)?;
    let (live_keys, revoked_keys) = store.role_count(name)?;
    Ok(Counted { role, live_keys, revoked_keys })
}

/// Deletes a role. If live keys have it, they lose it only with `from_keys`; else it is a
/// conflict.
pub fn delete(env: &mut Env, name: &RoleName, from_keys: bool) -> Result<Deleted> {
    env.change(Action::RoleDelete, |tx| delete_in(tx, name, from_keys))
}

pub fn delete_in(tx: &mut Tx<'_>, name: &RoleName, from_keys: bool) -> Result<Done<Deleted>> {
    let role = family::role(tx, name)?;
    let (live_keys, revoked_keys) = tx.role_count(name)?;
    if live_keys > 0 && !from_keys {
        return Err(in_use(name, live_keys));
    }
    if !role.scopes.is_empty() {
        tx.raise_versions_with(name);
    }
    // Without scopes it gives its keys nothing any more; then it can be taken from them.
    tx.put_role(&Role { scopes: Scopes::default(), changed_at: tx.now(), ..role.clone() });
    tx.refresh_role(name)?;
    tx.take_role_from_all(name);
    tx.delete_role(name);
    let details = json!({ "role": name, "old_scopes": role.scopes, "keys": live_keys });
    let at = tx.now();
    let deleted = Deleted { role: Counted { role, live_keys, revoked_keys }, at };
    Ok(Done::with(deleted, Event::done(Action::RoleDelete, details)))
}

fn in_use(name: &RoleName, live_keys: u64) -> Error {
    Conflict::new(
        format!("the role {name} still belongs to {}", counted(live_keys, "live key")),
        format!("see them: keyctl list --role {name}; to take it from them, too: --from-keys"),
    )
    .into()
}
