//! Mint, list, verify, rotate and revoke API keys on SQLite or PostgreSQL.
//!
//! The program `keyctl` is a thin shell around this library. Imports go strictly downward,
//! and siblings never import each other; a test holds that:
//!
//! | Layer | Holds | Imports |
//! |---|---|---|
//! | [`cli`] | the command line: what can be typed, prompts, exit codes | everything below |
//! | [`render`] | results as tables, JSON, CSV | ops, domain |
//! | [`config`] | flags, environment and file → settings, with their origins | domain |
//! | [`ops`] | one use case per file | store, crypto, domain |
//! | [`store`] | SQLite and PostgreSQL behind one seam, all SQL | domain |
//! | [`crypto`] | digests and the audit chain | domain |
//! | [`domain`] | keys, tokens, scopes, the verdict: pure values | – |
//!
//! A token is verified in process with [`ops::verify::verify`].

pub mod cli;
pub mod config;
pub mod crypto;
pub mod domain;
pub mod ops;
pub mod render;
pub mod store;
