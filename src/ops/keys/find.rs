//! From a reference to the key it means.

use super::foreign;
use crate::domain::keys::key::Key;
use crate::domain::keys::key_ref::{KeyRef, Line};
use crate::domain::owners::owner::Owner;
use crate::domain::texts::text::Shown;
use crate::ops::error::{Conflict, Error, Result};
use crate::ops::near;
use crate::store::{Lookup, Store};

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
        KeyRef::Line(line) => resolve_line(store, line),
    }
}

/// All keys that a reference may mean, where that does no harm: an owner stands for all of its keys.
/// [`Error::NotFound`] if there is none.
pub fn meant(store: &mut Store, reference: &KeyRef) -> Result<Vec<Key>> {
    match reference {
        KeyRef::Sole(owner) => {
            let keys = store.all_keys_by_owner(owner)?;
            if keys.is_empty() { Err(not_found(store, reference)?) } else { Ok(keys) }
        }
        one => resolve(store, one).map(|key| vec![key]),
    }
}

/// A line is a foreign token first: looked up as an owner's name, a token would reach the
/// database as it is, and its log. Nothing of the line is repeated.
fn resolve_line(store: &mut impl Lookup, line: &Line) -> Result<Key> {
    if let Some(token) = line.token()
        && let Ok(key) = foreign::find(store, token, Lookup::key_by_hash)?
    {
        return Ok(key);
    }
    refer(store, line)
}

/// What the line means as a reference.
fn refer(store: &mut impl Lookup, line: &Line) -> Result<Key> {
    let Some(reference) = line.reference() else { return Err(nothing_at(line)) };
    match resolve(store, reference) {
        // Of a whole token of ours, the message has the public part.
        Err(Error::NotFound { .. }) if !matches!(reference, KeyRef::Token(_)) => Err(nothing_at(line)),
        resolved => resolved,
    }
}

fn nothing_at(line: &Line) -> Error {
    let message = format!("line {} of standard input names no key", line.number());
    let hint = "give ids, owner/name, token prefixes or whole tokens, one a line".to_owned();
    match line.reference() {
        Some(_) => Error::NotFound { message, hint },
        None => Error::Invalid { message, hint },
    }
}

/// Finds what is named by foreign tokens before the write lock is taken: their hash may be slow.
pub(in crate::ops) fn ahead(store: &mut Store, reference: &KeyRef) -> Result<KeyRef> {
    let KeyRef::Line(line) = reference else { return Ok(reference.clone()) };
    if let Some(token) = line.token()
        && let Ok(key) = foreign::find(store, token, Lookup::key_by_hash)?
    {
        return Ok(KeyRef::Id(key.id));
    }
    match (line.reference(), refer(store, line)) {
        // The transaction meets the same conflict, and records it.
        (Some(reference), Ok(_) | Err(Error::Conflict(_))) => Ok(reference.clone()),
        (_, Err(error)) => Err(error),
        (None, Ok(key)) => Ok(KeyRef::Id(key.id)),
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
    let message = format!("{reference} may mean several keys:\n  {}", matches.join("\n  "));
    let conflict = Conflict::new(message, "name one of them by owner/name or by its id");
    match owner {
        Some(owner) => conflict.of(owner),
        None => conflict,
    }
    .into()
}
