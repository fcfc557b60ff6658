//! Whether a text is a token, for what may be written over.

use crate::crypto::digest;
use crate::domain::keys::foreign::ForeignToken;
use crate::domain::keys::token::{Token, TokenError};
use crate::ops::error::Result;
use crate::store::Store;

/// Whether a text is a token by its form, or one that the store knows by its SHA-256. One that is
/// kept under Argon2id is not looked for: that would cost a slow hash for every text.
pub(crate) fn is_token(store: &mut Store, text: &str) -> Result<bool> {
    if has_form(text) {
        return Ok(true);
    }
    match ForeignToken::parse(text) {
        Ok(token) => Ok(store.find_token(&digest::hash_foreign(&token))?.is_some()),
        Err(_) => Ok(false),
    }
}

/// Whether it is written as one of ours, right or not in its checksum.
pub(crate) fn has_form(text: &str) -> bool {
    matches!(Token::parse(text), Ok(_) | Err(TokenError::Check))
}

/// Whether it can be a token of anybody's.
pub(crate) fn may_be_token(text: &str) -> bool {
    has_form(text) || ForeignToken::parse(text).is_ok()
}
