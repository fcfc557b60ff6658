//! Providers' secrets, and what seals them.

pub mod kdf;
pub mod nearest;
pub mod provider;
pub mod sealed;
pub mod secret;
