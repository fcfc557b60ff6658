//! What is written down of changes.

pub mod action;
pub mod anchor;
pub mod event;
pub mod filter;
