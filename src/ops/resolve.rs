//! From a reference to the key it means.

use super::error::{Conflict, Error, Result};
use super::near;
use crate::domain::key::Key;
use crate::domain::key_ref::KeyRef;
use crate::domain::owner::Owner;
use crate::domain::text::Shown;
use crate::store::Lookup;

/// Finds the one key meant. [`Error::NotFound`] if there is none, [`Error::Conflict`] with
/// the matches if there are several.
pub fn resolve(store: &mut impl Lookup, reference: &KeyRef) -> Result<Key> {
    match reference {
        KeyRef::Id(id) => match store.key_by_id(*id)? {
            Some(key) => Ok(key),
            None => Err(not_found(store, reference)?),
        },
        KeyRef::Named(owner, name) => match store.key_by_name(owner, name)? {
            Some(key) => Ok(key),
            None => Err(missing_name(store, reference, owner)?),
        },
        KeyRef::Token(prefix) => {
            let by_token = store.key_by_token(prefix)?;
            // An owner may look like a token's prefix when that happens to be in lower case.
            let by_owner = match prefix.as_str().parse::<Owner>() {
                Ok(owner) => store.keys_by_owner(&owner)?,
                Err(_) => Vec::new(),
            };
            let mut keys = by_owner;
            let is_new = |found: &Key| !keys.iter().any(|key| key.id == found.id);
            let by_token = by_token.filter(is_new);
            keys.extend(by_token);
            sole(store, keys, reference, None)
        }
        KeyRef::Sole(owner) => {
            let keys = store.keys_by_owner(owner)?;
            sole(store, keys, reference, Some(owner))
        }
    }
}

fn sole(
    store: &mut impl Lookup,
    mut keys: Vec<Key>,
    reference: &KeyRef,
    owner: Option<&Owner>,
) -> Result<Key> {
    match keys.pop() {
        None => Err(not_found(store, reference)?),
        Some(key) if keys.is_empty() => Ok(key),
        Some(last) => {
            keys.push(last);
            Err(ambiguous(&keys, reference, owner))
        }
    }
}

fn not_found(store: &mut impl Lookup, reference: &KeyRef) -> Result<Error> {
    let message = format!("there is no key {}", Shown(&reference.to_string()));
    Ok(near::not_found(message, near::near(store, reference)?, "keyctl list --all shows all keys"))
}

/// Says which half of `owner/name` is wrong.
fn missing_name(store: &mut impl Lookup, reference: &KeyRef, owner: &Owner) -> Result<Error> {
    let names: Vec<String> = store.keys_by_owner(owner)?.iter().map(|key| key.name.to_string()).collect();
    let (message, hint) = if names.is_empty() {
        let message = format!("there is no key {reference}: {owner} has no keys");
        (message, "keyctl list shows the owners that have".to_owned())
    } else {
        (format!("there is no key {reference}"), format!("{owner} has: {}", names.join(", ")))
    };
    Ok(near::not_found(message, near::near(store, reference)?, hint))
}

fn ambiguous(keys: &[Key], reference: &KeyRef, owner: Option<&Owner>) -> Error {
    const SHOWN: usize = 20;
    let mut matches: Vec<String> =
        keys.iter().take(SHOWN).map(|key| format!("{}/{} ({})", key.owner, key.name, key.id)).collect();
    if keys.len() > SHOWN {
        matches.push("…".to_owned());
    }
    Error::Conflict(Box::new(Conflict {
        message: format!("{reference} may mean several keys:\n  {}", matches.join("\n  ")),
        hint: "name one of them by owner/name or by its id".to_owned(),
        key: None,
        owner: owner.cloned(),
    }))
}
