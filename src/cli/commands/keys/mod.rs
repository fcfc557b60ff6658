//! What is done with keys.

pub(crate) mod can;
pub(crate) mod edit;
pub(in crate::cli) mod export;
pub(crate) mod list;
pub(crate) mod mint;
pub(super) mod reach;
pub(crate) mod resume;
pub(crate) mod revoke;
pub(crate) mod rotate;
mod rotate_args;
mod rotate_many;
pub(crate) mod scope;
pub(crate) mod show;
pub(crate) mod suspend;
pub(crate) mod usage;
pub(crate) mod verify;
