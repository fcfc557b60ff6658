//! One use case per file: what an operator or a service can ask for.
//!
//! Each takes the open store, decides with the domain, and leaves one audit record for each
//! change. Nothing here knows of flags, terminals or HTTP.
//!
//! `x_in` does what `x` does as a part of a change that is under way. `at` in a result is when it was done, by the
//! store's clock.

pub mod apollo;
pub mod audit;
pub mod change;
pub(crate) mod conformance;
pub mod credentials;
pub mod delivery;
pub(crate) mod desk;
pub(crate) mod doctor;
pub mod env;
mod error;
pub(crate) mod expiring;
pub(crate) mod federation;
mod handover;
pub mod imports;
pub mod keys;
pub mod leaks;
pub mod master_keys;
pub(crate) mod near;
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "a server alone fetches the keys of CIs"))]
pub(crate) mod outbound;
pub mod owners;
#[cfg(feature = "serve")]
pub(crate) mod policies;
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "the pages of the portal call most of it"))]
pub mod portal;
pub(crate) mod provisioning;
pub mod secrets;
pub mod stores;
pub mod tokens;
pub(crate) mod trusts;
pub mod usage;

pub use error::Error;
#[cfg(feature = "internals")]
pub use error::Result;
