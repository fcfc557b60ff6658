//! The hash under which a token is stored and looked up.

use sha2::{Digest, Sha256};

use crate::domain::token::{Token, TokenHash};

/// SHA-256 (FIPS 180-4) over the token's ASCII bytes, nothing trimmed.
pub fn hash_token(token: &Token) -> TokenHash {
    TokenHash::from_digest(&Sha256::digest(token.expose().as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

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
