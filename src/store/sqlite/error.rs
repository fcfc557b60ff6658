//! What SQLite reports, in the store's own terms.

use std::time::Duration;

use rusqlite::{ErrorCode, ffi};

use crate::store::caused::Caused;
use crate::store::error::Error;

/// What the function of the clock reports where there is no time to be had.
pub(super) const CLOCK: &str = "the system's clock is wrong";

/// Says it with what to do next.
pub(super) fn map_error(error: rusqlite::Error) -> Error {
    if matches!(&error, rusqlite::Error::SqliteFailure(_, Some(message)) if message.contains(CLOCK)) {
        return Error::Clock;
    }
    let (what, hint) = match error.sqlite_error_code() {
        // The last is what SQLite says when it tried for ten seconds to get at the index of the log.
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed) => {
            return Error::Busy(Duration::ZERO);
        }
        Some(ErrorCode::NotADatabase) => {
            ("the file is not a SQLite database, or damaged", "name a keyctl store; it was left as it is")
        }
        Some(ErrorCode::DatabaseCorrupt) => {
            ("the database file is damaged or cut off", "restore a backup; keyctl store check says more")
        }
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            ("the database file cannot be opened", "check the permissions of the file and its folder")
        }
        Some(ErrorCode::ReadOnly) => (
            "the database cannot be written by this user",
            "run the command as the store's owner; its folder must be writable, too",
        ),
        Some(ErrorCode::DiskFull) => ("the disk is full", "free some space; nothing was changed"),
        // Also a reader's: it makes the index of the log anew where nobody had the store open.
        Some(ErrorCode::SystemIoFailure) if lacks_room(&error) => (
            "a file of the store could not be written: no space is left, a limit on file sizes is reached, or the disk fails",
            "free some space, or raise the limit (ulimit -f); nothing was changed",
        ),
        Some(ErrorCode::OutOfMemory) => {
            ("there is not enough memory", "raise the process's memory limit; nothing was changed")
        }
        _ => return Error::Database(Caused::by(error.to_string(), error)),
    };
    Error::Refused { what: Caused::by(what, error), hint: hint.to_owned() }
}

/// Whether it was a write that failed, and not a read.
fn lacks_room(error: &rusqlite::Error) -> bool {
    let writes = [ffi::SQLITE_IOERR_WRITE, ffi::SQLITE_IOERR_SHMSIZE, ffi::SQLITE_IOERR_TRUNCATE];
    error.sqlite_error().is_some_and(|error| writes.contains(&error.extended_code))
}
