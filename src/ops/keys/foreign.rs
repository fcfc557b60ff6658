//! Tokens that were made elsewhere: where one is in the store.

use crate::crypto::{digest, legacy};
use crate::domain::keys::foreign::ForeignToken;
use crate::domain::keys::presented::{Next, after_fast};
use crate::domain::keys::token::TokenHash;
use crate::domain::keys::verdict::Reason;
use crate::ops::error::Result;
use crate::store::{self, Lookup};

/// Looks a foreign token up by its fast hash and then, where that may be, by its slow one; else says
/// why it is nowhere.
pub(in crate::ops) fn find<S: Lookup, T>(
    store: &mut S,
    token: &ForeignToken,
    by_hash: impl Fn(&mut S, &TokenHash) -> store::Result<Option<T>>,
) -> Result<std::result::Result<T, Reason>> {
    if let Some(found) = by_hash(store, &digest::hash_foreign(token))? {
        return Ok(Ok(found));
    }
    match after_fast(Some(token), store.foreign_salt()?) {
        Next::Slow(token, salt) => {
            Ok(by_hash(store, &legacy::hash_weak(token, &salt)?)?.ok_or(Reason::Unknown))
        }
        Next::Denied(reason) => Ok(Err(reason)),
    }
}
