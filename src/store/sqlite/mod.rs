//! The embedded store: one file in write-ahead mode.
//!
//! Power-cut-safe (`synchronous=FULL`) and readable by a read-only process under another
//! user: `-wal` and `-shm` stay in place when the last connection closes, since WAL without
//! them cannot be opened read-only (measured: plain WAL fails when no writer is open, a
//! DELETE journal after a writer crashed; this passes both).

#[cfg(feature = "cli")]
mod carrying;
mod create;
mod error;
#[cfg(feature = "cli")]
mod exposed;
mod file;
mod folder;
mod inspect;
#[cfg(feature = "cli")]
mod kept;
mod opening;
mod path;
mod patience;
mod session;
#[cfg(feature = "cli")]
mod unfinished;

pub(crate) use create::{create, imagine, migrate, rehearse_migrate};
#[cfg(feature = "cli")]
pub(crate) use create::{create_with, draft, finish_draft};
#[cfg(feature = "cli")]
pub(crate) use exposed::{exposures, mend_exposures};
pub use file::{Access, File};
pub(crate) use file::{rehearse_create, share_with, take_back};
pub use opening::begins_a_store;
#[cfg(test)]
pub(crate) use session::translated;
pub(crate) use session::{SqliteSession, open};
#[cfg(feature = "cli")]
pub(crate) use unfinished::{make_unfinished, open_unfinished};
