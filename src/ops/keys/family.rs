//! What keys have in common: their roles, and parents with their children.

use super::find::resolve;
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::keys::key::{Key, State};
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::keys::scope::{Scope, Scopes};
use crate::domain::owners::owner::Owner;
use crate::domain::owners::role::{MOST_ROLES, NO_ROLE, Permissions, Role, RoleName};
use crate::domain::texts::text::Shown;
use crate::ops::change::Done;
use crate::ops::error::{Conflict, Error, Result};
use crate::ops::near;
use crate::store::{Lookup, Tx};
use serde_json::json;

/// The roles of these names, sorted, each once.
pub(in crate::ops) fn roles(store: &mut impl Lookup, names: &[RoleName]) -> Result<Vec<Role>> {
    let mut names = names.to_vec();
    names.sort();
    names.dedup();
    if names.len() > MOST_ROLES {
        return Err(Error::Invalid {
            message: format!("more than {MOST_ROLES} roles on one key"),
            hint: "put scopes that belong together into one role: keyctl role set".to_owned(),
        });
    }
    names.iter().map(|name| role(store, name)).collect()
}

pub(in crate::ops) fn role(store: &mut impl Lookup, name: &RoleName) -> Result<Role> {
    if let Some(role) = store.role(name)? {
        return Ok(role);
    }
    if name.as_str() == NO_ROLE {
        return Err(Error::NotFound {
            message: "there is no role none".to_owned(),
            hint: "for no role, leave --role out; a key that has some loses them by: keyctl edit KEY --role none"
                .to_owned(),
        });
    }
    let shown = Shown(name.as_str());
    let hint = format!("keyctl role list shows all; make it with: keyctl role set {shown} --scope SCOPE");
    Err(near::not_found(format!("there is no role {shown}"), near::role_meant(store, name)?, hint))
}

/// Nothing of the tool's own is given to a child, nor by a role.
pub(in crate::ops) fn check_reserved(scopes: &Scopes) -> Result<()> {
    match scopes.reserved().next() {
        None => Ok(()),
        Some(scope) => Err(Error::Invalid {
            message: format!("a child never gets {scope}"),
            hint: "keyctl's own scopes are given to single keys that have no parent".to_owned(),
        }),
    }
}

/// The key meant as a parent: one that works, and is no child itself.
pub(in crate::ops) fn parent(tx: &mut Tx<'_>, reference: &KeyRef) -> Result<Key> {
    let parent = resolve(tx, reference)?;
    if parent.parent.is_some() {
        let message = format!("{} is a child itself, and children go one level deep", parent.path());
        return Err(Conflict::new(message, "name a key without a parent").on(&parent).into());
    }
    let state = parent.state(tx.now());
    if !matches!(state, State::Active | State::NotYetValid) {
        let message = format!("{} is {state}, so a child of it would not work", parent.path());
        let hint = format!("look at it: keyctl show {}", parent.path());
        return Err(Conflict::new(message, hint).on(&parent).into());
    }
    Ok(parent)
}

/// A child is given nothing that its parent may not do.
pub(in crate::ops) fn check_within(owner: &Owner, permissions: &Permissions<'_>, parent: &Key) -> Result<()> {
    let given = permissions.all();
    let beyond: Vec<&str> = given.beyond(&parent.effective_scopes).map(Scope::as_str).collect();
    if beyond.is_empty() {
        return Ok(());
    }
    let may: Vec<&str> = parent.effective_scopes.iter().map(Scope::as_str).collect();
    let may = if may.is_empty() { "nothing".to_owned() } else { may.join(", ") };
    Err(Conflict::new(
        format!("its parent {} may not do: {}", parent.path(), beyond.join(", ")),
        format!("the parent may do {may}; give the child no more than that"),
    )
    .of(owner)
    .into())
}

/// Revokes a key and its children; returns these as they were.
pub(in crate::ops) fn revoke_family(
    tx: &mut Tx<'_>,
    key: &Key,
    reason: Option<&str>,
) -> Result<Done<Vec<Key>>> {
    let children = tx.live_children(key.id)?;
    let mut events = Vec::with_capacity(children.len() + 1);
    for child in &children {
        tx.revoke_key(child.id, reason);
        events.push(Event::done(Action::Revoke, json!({ "reason": reason, "parent": key.id })).on(child));
    }
    tx.revoke_key(key.id, reason);
    events.push(Event::done(Action::Revoke, json!({ "reason": reason })).on(key));
    Ok(Done { result: children, events })
}
