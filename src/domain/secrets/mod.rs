//! Providers' secrets, and what seals them.

pub(crate) mod kdf;
pub mod nearest;
pub(crate) mod provider;
pub mod sealed;
pub mod secret;
