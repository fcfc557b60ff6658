//! Policies: what they come to for a key.

pub(crate) mod explain;
