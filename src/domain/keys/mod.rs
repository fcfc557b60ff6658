//! What a key is, what its token looks like, and whether it is let in.

pub(crate) mod draft;
pub mod foreign;
pub mod key;
pub mod key_ref;
pub mod label;
pub mod limit;
#[cfg(feature = "cli")]
pub(crate) mod narrower;
pub mod network;
pub mod note;
pub mod presented;
pub mod rules;
pub mod scope;
pub mod token;
pub mod verdict;
