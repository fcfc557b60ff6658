//! The embedded store: one file in write-ahead mode.
//!
//! Power-cut-safe (`synchronous=FULL`) and readable by a read-only process under another
//! user: `-wal` and `-shm` stay in place when the last connection closes, since WAL without
//! them cannot be opened read-only (measured: plain WAL fails when no writer is open, a
//! DELETE journal after a writer crashed; this passes both).

mod create;
mod error;
mod file;
mod folder;
mod inspect;
mod opening;
mod path;
mod patience;
mod session;

pub(crate) use create::{create, imagine, migrate, rehearse_migrate};
pub use file::{Access, File};
pub(crate) use file::{rehearse_create, share_with, take_back};
pub use opening::begins_a_store;
#[cfg(test)]
pub(crate) use session::translated;
pub(crate) use session::{SqliteSession, open};
