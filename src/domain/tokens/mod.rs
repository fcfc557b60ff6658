//! Short-lived tokens: JWTs (RFC 7519) that any library verifies offline with our public keys.
//!
//! What stands in one and what makes one good is here; base64url and signatures are in [`crate::crypto::jws`].

pub(crate) mod audience;
pub(crate) mod claims;
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "a server takes a CI's tokens"))]
pub(crate) mod header;
pub(crate) mod jwks;
pub(crate) mod kid;
pub(crate) mod signing_key;
