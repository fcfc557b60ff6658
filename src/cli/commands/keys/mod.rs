//! What is done with keys.

pub(crate) mod can;
pub(crate) mod edit;
pub(crate) mod list;
pub(crate) mod mint;
pub(crate) mod resume;
pub(crate) mod revoke;
pub(crate) mod rotate;
pub(crate) mod scope;
pub(crate) mod show;
pub(crate) mod suspend;
pub(crate) mod usage;
pub(crate) mod verify;
