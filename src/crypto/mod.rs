//! Digests, master keys and envelopes over what the domain defines. No files, no environment,
//! no store.

pub mod apollo;
pub(crate) mod argon2id;
pub mod chain;
#[cfg(feature = "cli")]
pub(crate) mod client_key;
pub mod digest;
pub mod envelope;
pub(crate) mod es256;
pub(crate) mod jws;
pub(crate) mod keyring;
pub(crate) mod legacy;
pub mod master_key;
mod primitives;
