//! One file per command: what it takes, and one `run`.

pub(crate) mod audit;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod conformance;
pub(crate) mod credentials;
pub(crate) mod doctor;
pub(crate) mod expiring;
pub(crate) mod federation;
pub(crate) mod imports;
pub(crate) mod keys;
pub(crate) mod leaks;
pub(crate) mod man;
pub(crate) mod master_keys;
pub(crate) mod owners;
pub(crate) mod portal;
pub(crate) mod provisioning;
pub(crate) mod secrets;
#[cfg(feature = "serve")]
pub(crate) mod serve;
pub(crate) mod stores;
pub(crate) mod tokens;
