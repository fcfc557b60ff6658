//! Keys from the first token to the last: minted, found, shown, changed, stopped, verified.

pub(super) mod allowed;
pub mod can;
pub mod edit;
pub(crate) mod export;
pub(super) mod family;
pub mod find;
pub(crate) mod finish;
pub(super) mod foreign;
#[cfg(feature = "serve")]
pub(crate) mod holder;
pub(crate) mod known;
pub mod list;
pub mod mint;
pub(crate) mod outlives;
pub(crate) mod pending;
pub mod references;
pub mod renew;
pub mod revoke;
pub mod rotate;
pub mod rotate_many;
pub mod select;
pub mod suspend;
pub(crate) mod typed;
pub mod used;
pub mod verify;
