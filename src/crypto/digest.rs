//! The hash under which a token is stored and looked up.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;

use crate::domain::keys::foreign::ForeignToken;
use crate::domain::keys::token::{Token, TokenHash};

/// SHA-256 (FIPS 180-4) over the token's ASCII bytes, nothing trimmed.
pub fn hash_token(token: &Token) -> TokenHash {
    TokenHash::from_digest(&Sha256::digest(token.expose().as_bytes()).into())
}

/// The same of a token that was made elsewhere.
pub fn hash_foreign(token: &ForeignToken) -> TokenHash {
    TokenHash::from_digest(&Sha256::digest(token.expose().as_bytes()).into())
}

/// Whether two secrets are the same. Their lengths may show, their bytes do not.
pub fn same(one: &[u8], other: &[u8]) -> bool {
    bool::from(one.ct_eq(other))
}

/// SHA-256 of any text: to tell it from others, or of a presented one to look it up by.
pub fn fingerprint(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// The same of bytes that need not be text.
#[cfg(feature = "cli")]
pub(crate) fn fingerprint_of(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector that Apollo's own tests use.
    #[test]
    fn a_token_of_another_form_is_hashed_as_it_is() {
        let token = ForeignToken::parse("dGVzdC10b2tlbi1jYW5vbmljYWwtYmFzZTY0dXJs").expect("a token");
        assert_eq!(
            hash_foreign(&token).as_str(),
            "d6cbc963dbc36ad1c08fc8cc59e65ea0b099b93caea1f306814a8b3880532050"
        );
    }

    #[test]
    fn the_independently_computed_hash_reproduces() {
        let token = Token::parse("sks_000000000000_00000000000000000000000000000000000000000003ZqZmM")
            .expect("token");
        assert_eq!(
            hash_token(&token).as_str(),
            "9a8b6a55ffde571ba06d63175bf4dc108e869c5f0b7c5367fdd9750a39a5a18b"
        );
    }
}
