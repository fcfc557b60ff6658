//! Tokens that stand where they should not: collected from what is read elsewhere, looked up together, and stopped.

pub mod collect;
#[cfg(feature = "serve")]
pub(crate) mod intake;
pub mod judge;
pub mod names;
pub mod prefixes;
#[cfg(feature = "serve")]
pub(crate) mod senders;
pub mod stop;
