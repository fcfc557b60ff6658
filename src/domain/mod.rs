//! What a key is, and every decision about one, as plain values.
//!
//! Nothing here does I/O, reads a clock or draws randomness: time and random bytes come
//! in as parameters. Every text form (token, scope, reference, duration …) is a type with
//! one parse function and a distinct error per fault.

pub mod apollo;
pub mod audit;
#[cfg(feature = "cli")]
pub(crate) mod credentials;
#[cfg(feature = "cli")]
pub(crate) mod expiring;
#[cfg(feature = "cli")]
pub(crate) mod federation;
pub(crate) mod hashing;
pub mod id;
pub mod imports;
pub mod keys;
#[cfg(feature = "cli")]
pub mod leaks;
#[cfg(feature = "cli")]
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "the portal alone is asked by programs"))]
pub(crate) mod mcp;
pub(crate) mod outbound;
pub mod owners;
pub(crate) mod points;
#[cfg(feature = "serve")]
pub(crate) mod policies;
#[cfg_attr(not(feature = "cli"), allow(dead_code, reason = "the command line alone has people"))]
pub mod portal;
#[cfg_attr(not(feature = "cli"), allow(dead_code, reason = "the command line alone applies manifests"))]
pub mod provisioning;
pub mod random;
pub mod secrets;
pub mod stores;
pub mod texts;
pub mod time;
pub(crate) mod tokens;
pub(crate) mod trusts;
pub mod usage;
