//! Digests over what the domain defines. No files, no environment, no store.

pub mod chain;
pub mod digest;
pub mod legacy;
