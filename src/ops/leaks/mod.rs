//! Tokens that stand where they should not: collected from what is read elsewhere, looked up together, and stopped.

pub mod collect;
pub mod judge;
pub mod prefixes;
pub mod stop;
