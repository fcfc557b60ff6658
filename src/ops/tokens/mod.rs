//! Short-lived tokens: the keys that sign them, and what is issued and verified with them.

pub mod issue;
pub(crate) mod settings;
pub(crate) mod signing_keys;
pub(crate) mod verify;
