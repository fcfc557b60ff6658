//! Which name an owner gets of an id.

use crate::crypto::digest;
use crate::domain::owners::owner::Owner;
use crate::domain::owners::subject::{name_of, numbered_name_of};

/// Where a row's owner has its name from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Naming {
    /// It stands in the file, or in the store.
    Given,
    /// It was derived from the id, and is not in the store.
    Derived,
    /// The same with a number behind it, since the plain name is somebody else's.
    Numbered,
}

/// The name of an owner who is new: the plain one, or the numbered one where that is taken.
pub(super) fn derive(id: &str) -> Option<(Owner, Naming)> {
    match name_of(id) {
        Some(name) => Some((name, Naming::Derived)),
        None => numbered(id).map(|name| (name, Naming::Numbered)),
    }
}

pub(super) fn numbered(id: &str) -> Option<Owner> {
    numbered_name_of(id, digest::fingerprint(id))
}
