//! Which of many references a key stands for, before anything is changed.

use super::find::{ahead, resolve};
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::texts::text::Shown;
use crate::ops::error::{Error, Result};
use crate::store::Store;

/// Keys changed in one transaction, so that nobody waits long for the write lock.
pub const MOST: usize = 500;

/// A reference that no key stands for. Of a line of input there is its number, and a token's public
/// part where it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// As it may be shown.
    pub name: String,
    /// Whether it can be no reference at all, and no token.
    pub unreadable: bool,
    /// Whether it was typed, and not read from a line.
    pub typed: bool,
}

impl Unknown {
    fn of(reference: &KeyRef, unreadable: bool) -> Self {
        let name = match reference {
            KeyRef::Line(line) => match line.reference() {
                Some(KeyRef::Token(prefix)) => format!("line {} ({prefix})", line.number()),
                _ => format!("line {}", line.number()),
            },
            other => Shown(&other.to_string()).to_string(),
        };
        Self { name, unreadable, typed: !matches!(reference, KeyRef::Line(_)) }
    }
}

/// So that nobody waits long for the write lock, nor for slow hashes of what is no token.
pub fn check_count(references: &[KeyRef]) -> Result<()> {
    if references.len() <= MOST {
        return Ok(());
    }
    Err(Error::Invalid {
        message: format!("{} keys at once; at most {MOST} are changed together", references.len()),
        hint: "give fewer at a time; running it again does no harm".to_owned(),
    })
}

/// Parts references into those that a key stands for and the others, all of them, so that nobody
/// learns of one after the other. An ambiguous one counts as known: the change that meets it
/// records that.
pub fn known(store: &mut Store, references: &[KeyRef]) -> Result<(Vec<KeyRef>, Vec<Unknown>)> {
    let (mut known, mut unknown) = (Vec::with_capacity(references.len()), Vec::new());
    for reference in references {
        // Of a line it is known already whether a key stands for it.
        let found = match reference {
            KeyRef::Line(_) => ahead(store, reference),
            other => match resolve(store, other) {
                Ok(_) | Err(Error::Conflict(_)) => Ok(other.clone()),
                Err(error) => Err(error),
            },
        };
        match found {
            Ok(key) => known.push(key),
            Err(Error::NotFound { .. }) => unknown.push(Unknown::of(reference, false)),
            Err(Error::Invalid { .. }) if matches!(reference, KeyRef::Line(_)) => {
                unknown.push(Unknown::of(reference, true));
            }
            Err(error) => return Err(error),
        }
    }
    Ok((known, unknown))
}

pub fn none_of(unknown: &[Unknown], of: usize, hint: &str) -> Error {
    let names: Vec<&str> = unknown.iter().map(|one| one.name.as_str()).collect();
    let message = format!("{} of {of} name no key: {}; nothing was changed", unknown.len(), names.join(", "));
    let hint = hint.to_owned();
    if unknown.iter().all(|one| one.unreadable) {
        Error::Invalid { message, hint }
    } else {
        Error::NotFound { message, hint }
    }
}
