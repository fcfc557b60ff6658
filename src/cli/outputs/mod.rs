//! Where tokens and records go.

pub(super) mod delivery;
pub(super) mod sink;
