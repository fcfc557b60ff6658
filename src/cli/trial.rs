//! For tests alone (feature `internals`): changes whose first attempt the database gives up, and processes that end at a
//! point of a change.

use std::env::var_os;
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::domain::points;
use crate::store::Store;

/// Names a file that gets a line for each attempt that was given up.
const GIVEN_UP: &str = "KEYCTL_TEST_GIVEN_UP";

/// Names a file that gets a line for each point that is reached.
const POINTS: &str = "KEYCTL_TEST_POINTS";

/// The number of the point at which the process ends by SIGABRT, the first is 1.
const END_AT: &str = "KEYCTL_TEST_END_AT";

/// The store, if the variable is there one that gives up the first attempt of each change.
pub(super) fn fickle(mut store: Store) -> Store {
    if value(GIVEN_UP).is_some() {
        store.give_up_first_attempts(|| tell(GIVEN_UP, "given up"));
    }
    store
}

/// Tells of points from now on, if the variable is there.
pub(super) fn watch_points() {
    if value(POINTS).is_some() {
        points::watch(at_point);
    }
}

fn at_point(point: &str) {
    static REACHED: AtomicUsize = AtomicUsize::new(0);
    let number = REACHED.fetch_add(1, Ordering::SeqCst) + 1;
    tell(POINTS, point);
    let end = value(END_AT).and_then(|end| end.to_str()?.parse().ok());
    if end == Some(number) {
        std::process::abort();
    }
}

#[expect(clippy::disallowed_methods, reason = "no setting of the program's")]
fn value(name: &str) -> Option<OsString> {
    var_os(name)
}

/// The test reads the lines.
fn tell(name: &str, line: &str) {
    let file = value(name).and_then(|path| OpenOptions::new().append(true).create(true).open(path).ok());
    let _ = file.map(|mut file| file.write_all(format!("{line}\n").as_bytes()));
}
