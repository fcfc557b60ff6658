//! The slow hash of tokens that were made elsewhere and may be guessed.

use super::argon2id;
pub(crate) use super::argon2id::OutOfMemory;
use crate::domain::keys::foreign::ForeignToken;
use crate::domain::keys::token::TokenHash;
use crate::domain::secrets::kdf::KdfCost;

/// Argon2id of the token's ASCII bytes under the store's salt, as 64 lower-case hex digits.
pub(crate) fn hash_weak(token: &ForeignToken, salt: &[u8; 16]) -> Result<TokenHash, OutOfMemory> {
    let digest = argon2id::derive(token.expose().as_bytes(), salt, KdfCost::RECOMMENDED)?;
    Ok(TokenHash::from_digest(&digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with the reference implementation through argon2-cffi 25.1:
    /// `hash_secret_raw(token, salt, 3, 65536, 4, 32, Type.ID)`.
    #[test]
    fn the_hashes_of_the_reference_implementation_reproduce() {
        let counting: [u8; 16] = std::array::from_fn(|index| u8::try_from(index).expect("small"));
        for (token, salt, hash) in [
            (
                "sk-alice-test-key-12345",
                counting,
                "a61a0d7531b15c6586a5b3524d5a8e65d72594abf03057022ba112e9e2b2fedc",
            ),
            ("hunter2", [255; 16], "7301917ed6f029655054bb029ac5c57d81e38017c5ea532a0592c7664bf5fe4a"),
        ] {
            let token = ForeignToken::parse(token).expect("a token");
            assert_eq!(hash_weak(&token, &salt).expect("memory").as_str(), hash);
        }
    }
}
