//! Where tokens and records go.

mod bounded;
pub(super) mod delivery;
pub(in crate::cli) mod invitation;
pub(super) mod many;
pub(in crate::cli) mod notice;
pub(super) mod sink;
pub mod sinks;
