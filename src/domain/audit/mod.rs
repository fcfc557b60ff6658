//! What is written down of changes.

pub mod anchor;
pub mod event;
pub mod filter;
