//! Whether a presented token is good for what is asked.

use super::foreign;
use crate::crypto::digest;
use crate::domain::keys::presented::Presented;
use crate::domain::keys::token::TokenHash;
use crate::domain::keys::verdict::{Asked, KnownToken, Reason, Verdict, decide};
use crate::domain::time::Timestamp;
use crate::ops::error::Result;
use crate::store::Store;

/// Verifies a token: well-formed, known, active, then network, owner and scope. One indexed
/// read; nothing is written. An unreadable store is an error, never a denial.
///
/// What has another form than our tokens may have been imported: it is looked up, too, once by
/// its SHA-256 hash and, where the store holds tokens that may be guessed, by its slow hash.
pub fn verify(store: &mut Store, presented: &str, asked: &Asked) -> Result<Verdict> {
    Ok(match find(store, presented)? {
        Ok((known, now)) => decide(Some(known), asked, now),
        Err(reason) => Verdict::Denied(reason),
    })
}

/// The row of a presented token, and the store's time; or why there is none.
pub(in crate::ops) fn find(
    store: &mut Store,
    presented: &str,
) -> Result<Result<(KnownToken, Timestamp), Reason>> {
    Ok(match Presented::parse(presented) {
        None => Err(Reason::Malformed),
        Some(Presented::Ours) => {
            let hash = TokenHash::from_digest(&digest::fingerprint(presented));
            store.find_token(&hash)?.ok_or(Reason::Unknown)
        }
        Some(Presented::Foreign(token)) => foreign::find(store, &token, Store::find_token)?,
    })
}
