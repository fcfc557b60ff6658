//! What is done with keys.

pub mod can;
pub mod edit;
pub mod list;
pub mod mint;
pub mod resume;
pub mod revoke;
pub mod rotate;
pub mod scope;
pub mod show;
pub mod suspend;
pub mod verify;
