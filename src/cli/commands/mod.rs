//! One file per command: what it takes, and one `run`.

pub mod audit;
pub mod completions;
pub mod list;
pub mod man;
pub mod mint;
pub mod owner;
pub mod revoke;
pub mod role;
pub mod rotate;
pub mod show;
pub mod store;
pub mod verify;
