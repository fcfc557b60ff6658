//! Tokens that were made elsewhere: where one is in the store.

use crate::crypto::{digest, legacy};
use crate::domain::keys::foreign::ForeignToken;
use crate::domain::keys::token::TokenHash;
use crate::ops::error::Result;
use crate::store::{self, Lookup};

/// Looks a foreign token up by its fast hash and then, where one that may be guessed is asked
/// for and the store holds any of that kind, by its slow one.
pub(in crate::ops) fn find<S: Lookup, T>(
    store: &mut S,
    token: &ForeignToken,
    by_hash: impl Fn(&mut S, &TokenHash) -> store::Result<Option<T>>,
) -> Result<Option<T>> {
    if let Some(found) = by_hash(store, &digest::hash_foreign(token))? {
        return Ok(Some(found));
    }
    if token.is_strong() {
        return Ok(None);
    }
    match store.foreign_salt()? {
        None => Ok(None),
        Some(salt) => Ok(by_hash(store, &legacy::hash_weak(token, &salt)?)?),
    }
}
