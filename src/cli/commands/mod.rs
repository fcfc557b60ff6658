//! One file per command: what it takes, and one `run`.

pub mod audit;
pub mod completions;
pub mod config;
pub mod conformance;
pub mod imports;
pub mod keys;
pub mod man;
pub mod master_keys;
pub mod owners;
pub mod secrets;
pub mod stores;
