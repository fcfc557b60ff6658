//! The store on PostgreSQL: tables in the schema `keyctl`, views in `public`.
//!
//! One connection on a current-thread runtime of its own. Statements travel unprepared with
//! typed parameters, one round trip each; changes are sent in one go. A server has another client
//! (`shared.rs`), whose look-ups travel together on the runtime that asks.

mod cancel;
#[cfg(feature = "cli")]
mod carrying;
mod cause;
mod connect;
mod create;
mod dsn;
mod examine;
mod inspect;
mod opening;
mod seam;
mod session;
#[cfg(feature = "serve")]
mod shared;
mod standby;
mod tls;
#[cfg(feature = "cli")]
mod unfinished;

#[cfg(feature = "cli")]
pub(crate) use create::create_with;
pub(crate) use create::{create, migrate, rehearse_create, rehearse_migrate};
pub(crate) use dsn::Dsn;
pub use dsn::Passwords;
pub(crate) use opening::{open, open_reader};
pub(crate) use session::PostgresSession;
#[cfg(feature = "serve")]
pub(crate) use shared::SharedClient;
#[cfg(feature = "cli")]
pub(crate) use unfinished::{make_unfinished, open_unfinished, rehearse_unfinished};
