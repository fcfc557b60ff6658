//! One file per command: what it takes, and one `run`.

pub mod audit;
pub mod can;
pub mod completions;
pub mod config;
pub mod conformance;
pub mod edit;
pub mod exec;
pub mod filter;
pub mod import;
pub mod list;
pub mod man;
pub mod master;
pub mod mint;
pub mod owner;
pub mod resolve;
pub mod resume;
pub mod revoke;
pub mod role;
pub mod rotate;
pub mod scope;
pub mod secret;
pub mod show;
pub mod store;
pub mod suspend;
pub mod verify;
