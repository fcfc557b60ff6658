//! Short-lived tokens: the keys that sign them, and what is issued and verified with them.

#[cfg(feature = "serve")]
pub(crate) mod ci_token;
pub mod issue;
#[cfg(feature = "serve")]
pub(crate) mod issuer_keys;
pub(crate) mod settings;
pub(crate) mod signing_keys;
pub(crate) mod verify;
