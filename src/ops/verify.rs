//! Whether a presented token is good for what is asked.

use super::error::Result;
use crate::crypto::digest;
use crate::domain::token::Token;
use crate::domain::verdict::{Asked, Reason, Verdict, decide};
use crate::store::Store;

/// Verifies a token: well-formed, known, active, then network, owner and scope. One indexed
/// read; nothing is written. An unreadable store is an error, never a denial.
pub fn verify(store: &mut Store, presented: &str, asked: &Asked) -> Result<Verdict> {
    let Ok(token) = Token::parse(presented) else {
        return Ok(Verdict::Denied(Reason::Malformed));
    };
    match store.find_token(&digest::hash_token(&token))? {
        None => Ok(Verdict::Denied(Reason::Unknown)),
        Some((known, now)) => Ok(decide(Some(known), asked, now)),
    }
}
