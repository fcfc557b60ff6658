//! Mint, list, verify, rotate and revoke API keys on SQLite or PostgreSQL.
//!
//! The program `keyctl` is a thin shell around this library. Imports go strictly downward,
//! and siblings never import each other; a test holds that:
//!
//! | Layer | Holds | Imports |
//! |---|---|---|
//! | `cli` | the command line: what can be typed, prompts, exit codes | everything below |
//! | `server` | HTTP in, for gateways and servers: `keyctl serve` | runtime, ops, config, domain |
//! | `providers` | HTTP out, behind traits of ops | ops, domain |
//! | `render` | results as tables, JSON, CSV | ops, domain |
//! | `config` | flags, environment and file → settings, with their origins | domain |
//! | [`runtime`] | what a service reads: tokens verified, secrets opened, answers kept | config, store, crypto, domain |
//! | `ops` | one use case per file | store, crypto, domain |
//! | `store` | SQLite and PostgreSQL behind one seam, all SQL | domain |
//! | `crypto` | digests and the audit chain | domain |
//! | `domain` | keys, tokens, scopes, the verdict: pure values | – |
//!
//! A service verifies tokens and gets secrets with [`runtime::Reader`]. It needs no command line:
//! `keyctl = { version = "0.1", default-features = false }` leaves out `cli`, `render` and `ops` with their crates.
//!
//! [`runtime`] is all that is public. What else says `pub` does so for the tests and benches, which open the
//! layers with the feature `internals`; nothing is promised of it.

// Without `internals` no layer can be reached from outside, and what is `pub` for the tests looks unreachable. With it,
// `unreachable_pub` sees the rest, and without it `dead_code` sees what only tests use. Only what a service sees must
// have documentation: elsewhere a comment says what the name and the type do not.
#![cfg_attr(not(feature = "internals"), allow(unreachable_pub), warn(unnameable_types))]
#![cfg_attr(feature = "internals", allow(missing_docs))]
// What only the command line uses is never used without it.
#![cfg_attr(not(feature = "cli"), allow(dead_code, unused_imports))]

#[cfg(all(feature = "cli", feature = "internals"))]
pub mod cli;
#[cfg(all(feature = "cli", not(feature = "internals")))]
mod cli;
mod config;
#[cfg(feature = "internals")]
pub mod crypto;
#[cfg(not(feature = "internals"))]
mod crypto;
#[cfg(feature = "internals")]
pub mod domain;
#[cfg(not(feature = "internals"))]
mod domain;
#[cfg(all(feature = "cli", feature = "internals"))]
pub mod ops;
#[cfg(all(feature = "cli", not(feature = "internals")))]
mod ops;
#[cfg(feature = "cli")]
mod providers;
#[cfg(feature = "cli")]
mod render;
pub mod runtime;
#[cfg(all(feature = "serve", feature = "internals"))]
pub mod server;
#[cfg(all(feature = "serve", not(feature = "internals")))]
mod server;
#[cfg(feature = "internals")]
pub mod store;
#[cfg(not(feature = "internals"))]
mod store;

/// The program.
#[cfg(feature = "cli")]
#[doc(hidden)]
pub use cli::main;
