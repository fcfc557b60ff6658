//! Digests, master keys and envelopes over what the domain defines. No files, no environment,
//! no store.

pub mod apollo;
pub(crate) mod argon2id;
#[cfg(feature = "cli")]
pub(crate) mod backup;
pub mod chain;
#[cfg(feature = "cli")]
pub(crate) mod client_key;
pub mod digest;
pub mod envelope;
pub(crate) mod es256;
#[cfg(feature = "serve")]
pub(crate) mod form_token;
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "a server takes a CI's tokens"))]
pub(crate) mod issuer_key;
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "a server takes a CI's tokens"))]
pub(crate) mod jws;
pub(crate) mod keyring;
pub(crate) mod legacy;
pub mod master_key;
#[cfg(feature = "cli")]
pub(crate) mod pkce;
mod primitives;
#[cfg(feature = "serve")]
pub(crate) mod report;
#[cfg(feature = "serve")]
pub(crate) mod sign_in;
