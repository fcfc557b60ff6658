//! The configuration of `keyctl serve`: a file of its own, under variables and flags.

pub(crate) mod document;
pub(crate) mod listener;
pub(crate) mod policy_tables;
pub(crate) mod serve_file;
pub(crate) mod serve_settings;
