//! What people do through the portal: sign in, and make, renew and end keys of their own.
//!
//! Each change is the use case of its command, in one transaction with the question whether the session is good: what it came
//! from is read there, so that a session of a key that was revoked a moment ago changes nothing. The person and the
//! session are the actor of its records.

pub mod admin;
pub mod claims;
pub(crate) mod clients;
#[cfg(feature = "serve")]
pub(crate) mod faults;
#[cfg(feature = "serve")]
pub(crate) mod forms;
mod holding;
pub mod invite;
pub mod keys;
#[cfg(feature = "serve")]
pub(crate) mod oidc;
pub mod over;
pub mod redeem;
mod refused;
pub mod sessions;
pub mod shown;
pub mod sign_in;
mod signed;
pub mod who;

pub use refused::Refused;
