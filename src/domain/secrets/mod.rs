//! Providers' secrets, and what seals them.

pub(crate) mod kdf;
pub mod nearest;
pub mod present;
pub(crate) mod provider;
pub mod sealed;
pub mod secret;
