//! For tests alone (feature `internals`): changes whose first attempt the database gives up.

use std::env::var_os;
use std::fs::OpenOptions;
use std::io::Write as _;

use crate::store::Store;

/// Names a file that gets a line for each attempt that was given up.
const GIVEN_UP: &str = "KEYCTL_TEST_GIVEN_UP";

/// The store, if the variable is there one that gives up the first attempt of each change.
pub(super) fn fickle(mut store: Store) -> Store {
    if file().is_some() {
        store.give_up_first_attempts(told);
    }
    store
}

#[expect(clippy::disallowed_methods, reason = "no setting of the program's")]
fn file() -> Option<std::ffi::OsString> {
    var_os(GIVEN_UP)
}

fn told() {
    let file = file().and_then(|path| OpenOptions::new().append(true).create(true).open(path).ok());
    // The test counts the lines.
    let _ = file.map(|mut file| file.write_all(b"given up\n"));
}
