//! Whoever comes through the portal: what lets them in, and what they may do there.

pub mod claim;
#[cfg(feature = "serve")]
pub(crate) mod id_token;
pub mod ids;
pub mod made_by;
pub mod origin;
pub mod secret;
pub mod session;
#[cfg(feature = "serve")]
pub(crate) mod transaction;
pub mod url;
pub mod wider;
