//! Forgets what keyctl serve wrote and nobody asks for any more. Its own role may not: it only adds.

use std::time::Duration;

use super::writer::UseWriter;
use crate::domain::time::Timestamp;
use crate::ops::error::Result;
use crate::store::{Location, Options, Recorder};

/// How long the database may take for each part.
const WITHIN: Duration = Duration::from_secs(10);

/// Returns how many rows are gone: none where whoever asks may not, or a change holds the lock of a file.
pub fn forget(location: &Location, options: Options, now: Timestamp) -> Result<u64> {
    let forgotten = Recorder::open(location, options, WITHIN).and_then(|mut recorder| recorder.forget(now));
    match forgotten.map_err(Into::into) {
        Err(error) if UseWriter::is_refused(&error) || UseWriter::is_passing(&error) => Ok(0),
        forgotten => forgotten,
    }
}
