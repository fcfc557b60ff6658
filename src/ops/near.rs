//! What was probably meant, where what was typed is not there.

use std::fmt::Display;

use super::error::{Error, Result};
use crate::domain::audit::action::Action;
use crate::domain::audit::filter::ActionPattern;
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::owners::owner::{KeyName, Owner};
use crate::domain::owners::role::RoleName;
use crate::domain::texts::near::nearest_name;
use crate::store::{Lookup, names_beside, owners_beside};

/// A reference to an existing key that differs from this one by a slip of the fingers. Ids and
/// tokens are random, so that no other one is near.
pub(super) fn near(store: &mut impl Lookup, reference: &KeyRef) -> Result<Option<String>> {
    match reference {
        KeyRef::Id(_) | KeyRef::Token(_) | KeyRef::Line(_) => Ok(None),
        KeyRef::Sole(owner) => near_owner(store, owner),
        KeyRef::Named(owner, name) => near_name(store, owner, name),
    }
}

/// The owner that was probably meant, if the one that was typed is unknown.
pub(crate) fn owner_meant(store: &mut impl Lookup, typed: &Owner) -> Result<Option<Owner>> {
    if store.owner_state(typed)?.is_some() {
        return Ok(None);
    }
    let owners = owners_beside(store, typed)?;
    Ok(nearest_name(typed.as_str(), owners, Owner::as_str))
}

pub(super) fn role_meant(store: &mut impl Lookup, typed: &RoleName) -> Result<Option<RoleName>> {
    let names = store.roles()?.into_iter().map(|role| role.name).collect();
    Ok(nearest_name(typed.as_str(), names, RoleName::as_str))
}

/// The action or group of actions that was probably meant, where no action is called so.
pub(crate) fn action_meant(typed: &ActionPattern) -> Option<&'static str> {
    if typed.is_known() {
        return None;
    }
    let groups =
        Action::ALL.iter().filter_map(|action| action.as_str().split_once('.')).map(|(group, _)| group);
    let names = Action::ALL.iter().map(|action| action.as_str()).chain(groups).collect();
    nearest_name(typed.as_str(), names, |name: &&'static str| name)
}

/// Says that something is not there, and first what was meant, if that is known.
pub(super) fn not_found(message: String, meant: Option<impl Display>, hint: impl Into<String>) -> Error {
    let hint = hint.into();
    let hint = meant.map_or(hint.clone(), |meant| format!("did you mean {meant}? {hint}"));
    Error::NotFound { message, hint }
}

fn near_owner(store: &mut impl Lookup, typed: &Owner) -> Result<Option<String>> {
    let Some(owner) = owner_meant(store, typed)? else { return Ok(None) };
    Ok(match store.keys_by_owner(&owner)?.as_slice() {
        [] => None,
        [key] => Some(format!("{owner}/{}", key.name)),
        _ => Some(owner.to_string()),
    })
}

fn near_name(store: &mut impl Lookup, typed: &Owner, name: &KeyName) -> Result<Option<String>> {
    let owner = owner_meant(store, typed)?.unwrap_or_else(|| typed.clone());
    if owner != *typed && store.key_by_name(&owner, name)?.is_some() {
        return Ok(Some(format!("{owner}/{name}")));
    }
    let names = names_beside(store, &owner, name)?;
    Ok(nearest_name(name.as_str(), names, KeyName::as_str).map(|name| format!("{owner}/{name}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_that_was_meant_is_found() {
        for (typed, meant) in [
            ("rvoke", Some("revoke")),
            ("secret.rotat", Some("secret.rotate")),
            ("secert", Some("secret")),
            ("revoke", None),
            ("store", None),
            ("from-a-later-version", None),
        ] {
            assert_eq!(action_meant(&typed.parse().expect("an action")), meant, "{typed}");
        }
    }
}
