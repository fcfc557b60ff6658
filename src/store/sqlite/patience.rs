//! Opening a file whose locks somebody holds, without waiting longer than was asked for.
//!
//! The first connection to a file makes the index of the log anew, for which it needs locks on
//! `-shm`. Whoever may read that file can keep them from it, and SQLite then tries again for ten
//! seconds (`walTryBeginRead`), of which neither `busy_timeout` nor `sqlite3_interrupt` has a say.
//! Only another thread can give that up, which costs a short-lived process a tenth of its life
//! (measured: 5.7 ms instead of 4.9), so it is started only where somebody may hold one.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use nix::fcntl::{FcntlArg, fcntl};
use nix::libc::{F_RDLCK, F_UNLCK, F_WRLCK, O_CLOEXEC, O_NOFOLLOW, O_NONBLOCK, SEEK_SET, flock, off_t};

use crate::store::Options;
use crate::store::caused::Caused;
use crate::store::error::{Error, Result};

/// How long opening may take, whatever the wait for locks is: the log is read for it, and the disk
/// may be slow.
const OPENED_WITHIN: Duration = Duration::from_secs(1);

/// SQLite needs far less for it; a process may have been given little memory.
const STACK: usize = 512 * 1024;

/// What a file's mode lets others do.
const OTHERS: u32 = 0o077;

/// Connections of this process.
static OPEN: AtomicUsize = AtomicUsize::new(0);

/// Counts one connection until it is dropped.
pub(super) struct Counted(());

impl Counted {
    pub(super) fn new() -> Self {
        OPEN.fetch_add(1, Ordering::Relaxed);
        Self(())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        OPEN.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Whether the file may be opened and closed beside SQLite: else that takes away the locks of all that have it open in
/// this process (fcntl(2), "closing any file descriptor"), and who then closes it elsewhere removes the log under them.
pub(super) fn may_be_touched(options: Options) -> bool {
    options.alone && OPEN.load(Ordering::Relaxed) == 0
}

/// Does the first work with a file, and gives it up in time.
pub(super) fn in_time<T: Send + 'static>(
    path: &Path,
    options: Options,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    if may_be_touched(options) && is_free(&super::path::beside(path, "-shm")) {
        return work();
    }
    let patience = options.lock_timeout.max(OPENED_WITHIN);
    let (sender, receiver) = mpsc::channel();
    let worker = thread::Builder::new().stack_size(STACK).spawn(move || {
        let _ = sender.send(work());
    });
    if let Err(error) = worker {
        return Err(Error::Database(Caused::by(format!("no thread could be started: {error}"), error)));
    }
    receiver.recv_timeout(patience).unwrap_or(Err(Error::Busy(patience)))
}

/// Whether nobody holds a lock that SQLite would try for again and again, nor can another user take
/// one before it is done.
///
/// To be called only while [`may_be_touched`].
fn is_free(index: &Path) -> bool {
    let flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    let Ok(index) = fs::OpenOptions::new().read(true).write(true).custom_flags(flags).open(index) else {
        // What is not there yet is made with the file's own mode, which others may read.
        return false;
    };
    let user = rustix::process::geteuid().as_raw();
    let is_own = index.metadata().is_ok_and(|found| found.uid() == user && found.mode() & OTHERS == 0);
    // Of the bytes that SQLite locks ("WAL-mode file format", 2.3.1): writing, checkpoint and
    // recovery are only ever locked alone; readers and connections share theirs.
    is_own && lockable(&index, F_WRLCK, 120, 3) && lockable(&index, F_RDLCK, 123, 6)
}

/// Whether this lock could be had now.
fn lockable(file: &File, kind: i32, start: off_t, length: off_t) -> bool {
    let (Ok(kind), Ok(whence)) = (kind.try_into(), SEEK_SET.try_into()) else { return false };
    let mut lock = flock { l_type: kind, l_whence: whence, l_start: start, l_len: length, l_pid: 0 };
    fcntl(file, FcntlArg::F_GETLK(&mut lock)).is_ok() && i32::from(lock.l_type) == F_UNLCK
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// Held locks are tried by the tests of the command line, which have other processes.
    #[test]
    fn only_an_index_that_nobody_else_can_open_is_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        let index = folder.path().join("keys.db-shm");
        assert!(!is_free(&index), "it is made with a mode that is not known yet");
        fs::write(&index, [0; 32]).unwrap();
        for (mode, free) in [(0o600, true), (0o640, false), (0o660, false), (0o604, false), (0o600, true)] {
            fs::set_permissions(&index, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(is_free(&index), free, "{mode:o}");
        }
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&index, &link).unwrap();
        assert!(!is_free(&link));
    }
}
