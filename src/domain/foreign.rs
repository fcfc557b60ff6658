//! Tokens that were made elsewhere and moved in.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::token::Prefix;

/// How a token is hashed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HashAlg {
    /// SHA-256: for what has enough random bits.
    #[default]
    Sha256,
    /// Argon2id (RFC 9106) under the store's salt: for what may be guessed.
    Argon2id,
}

impl HashAlg {
    /// The word in the store and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Argon2id => "argon2id",
        }
    }
}

/// Not a known algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a known hash algorithm")]
pub struct UnknownHashAlg;

impl FromStr for HashAlg {
    type Err = UnknownHashAlg;

    fn from_str(text: &str) -> Result<Self, UnknownHashAlg> {
        match text {
            "sha256" => Ok(Self::Sha256),
            "argon2id" => Ok(Self::Argon2id),
            _ => Err(UnknownHashAlg),
        }
    }
}

impl fmt::Display for HashAlg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for HashAlg {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What stands in the place of a prefix where a token was made elsewhere: such a token has no
/// public part of its own, so it is shown as `foreign_` and a random token id.
pub const FOREIGN_PREFIX: &str = "foreign";

/// Whether a prefix is the one that imported tokens are shown with.
pub fn is_foreign(prefix: &Prefix) -> bool {
    prefix.as_str() == FOREIGN_PREFIX
}
