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
//! | [`runtime`] | what a service reads: tokens verified, secrets opened, answers kept | config, store, crypto, domain |
//! | [`ops`] | one use case per file | store, crypto, domain |
//! | [`store`] | SQLite and PostgreSQL behind one seam, all SQL | domain |
//! | [`crypto`] | digests and the audit chain | domain |
//! | [`domain`] | keys, tokens, scopes, the verdict: pure values | – |
//!
//! A service verifies tokens and gets secrets with [`runtime::Reader`]. It needs no command line:
//! `keyctl = { version = "0.1", default-features = false }` leaves out `cli`, `render` and `ops` with their crates.

#[cfg(feature = "cli")]
pub mod cli;
pub mod config;
pub mod crypto;
pub mod domain;
#[cfg(feature = "cli")]
pub mod ops;
#[cfg(feature = "cli")]
pub mod render;
pub mod runtime;
pub mod store;
