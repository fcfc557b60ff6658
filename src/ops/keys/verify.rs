//! Whether a presented token is good for what is asked.

use super::foreign;
use crate::crypto::digest;
use crate::domain::keys::foreign::ForeignToken;
use crate::domain::keys::token::{self, Token};
use crate::domain::keys::verdict::{Asked, Reason, Verdict, decide};
use crate::ops::error::Result;
use crate::store::{Lookup as _, Store};

/// Verifies a token: well-formed, known, active, then network, owner and scope. One indexed
/// read; nothing is written. An unreadable store is an error, never a denial.
///
/// What has another form than our tokens may have been imported: it is looked up, too, once by
/// its SHA-256 hash and, where the store holds tokens that may be guessed, by its slow hash.
pub fn verify(store: &mut Store, presented: &str, asked: &Asked) -> Result<Verdict> {
    let Ok(token) = Token::parse(presented) else {
        return verify_foreign(store, presented, asked);
    };
    match store.find_token(&digest::hash_token(&token))? {
        None => Ok(Verdict::Denied(Reason::Unknown)),
        Some((known, now)) => Ok(decide(Some(known), asked, now)),
    }
}

/// Where nothing is found, the text is malformed; unless the store holds tokens that may have
/// any form, then it is unknown.
fn verify_foreign(store: &mut Store, presented: &str, asked: &Asked) -> Result<Verdict> {
    let token = match ForeignToken::parse(presented) {
        Ok(token) if token::public_part(presented).is_none() => token,
        _ => return Ok(Verdict::Denied(Reason::Malformed)),
    };
    match foreign::find(store, &token, Store::find_token)? {
        Some((known, now)) => Ok(decide(Some(known), asked, now)),
        None if store.foreign_salt()?.is_some() => Ok(Verdict::Denied(Reason::Unknown)),
        None => Ok(Verdict::Denied(Reason::Malformed)),
    }
}
