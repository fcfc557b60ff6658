//! Short-lived tokens, and the keys that sign them.

pub(crate) mod jwt;
pub(crate) mod signing_key;
pub(crate) mod trust;
