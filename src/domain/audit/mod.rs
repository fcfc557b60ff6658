//! What is written down of changes.

pub mod action;
pub(crate) mod anchor;
pub mod event;
pub mod filter;
