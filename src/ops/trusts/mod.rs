//! Trusts: who gets short-lived tokens without a key of ours.

pub(crate) mod add;
pub(crate) mod delete;
pub(crate) mod list;
