//! How much an archive may unpack to, and what it means where it cannot be read to its end.

use std::cell::Cell;
use std::io::{self, Read};

use super::report::Why;

/// What an archive may unpack to in any case.
const ALWAYS: u64 = 1024 * 1024 * 1024;
/// And how many times its size: a log packs to a fiftieth, a bomb to a thousandth.
const TIMES: u64 = 100;
/// What may still be unpacked, of all that one file holds.
#[derive(Debug)]
pub(super) struct Budget(Cell<u64>);

impl Budget {
    pub(super) fn of(size: u64) -> Self {
        Self(Cell::new(ALWAYS.max(size.saturating_mul(TIMES))))
    }
}

/// Why an archive was not searched to its end.
#[derive(Debug)]
pub(super) enum Trouble {
    Io(io::Error),
    Skip(Why),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Trouble {
    pub(super) fn why(self) -> Why {
        self.into_why().unwrap_or_else(|error| Why::of(&error))
    }

    /// What it says of the archive; an error that is none of the archive's is handed back.
    pub(super) fn into_why(self) -> io::Result<Why> {
        match self {
            Self::Skip(why) => Ok(why),
            Self::Io(error) if is_spent(&error) => Ok(Why::TooLarge),
            Self::Io(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof
                ) =>
            {
                Ok(Why::Damaged)
            }
            Self::Io(error) => Err(error),
        }
    }
}

/// What was refused by [`Counted`], which hands it on as an error of a read.
fn is_spent(error: &io::Error) -> bool {
    error.get_ref().and_then(<dyn std::error::Error + Send + Sync>::downcast_ref::<Spent>).is_some()
}

#[derive(Debug, thiserror::Error)]
#[error("it unpacks to too much")]
struct Spent;

/// What is unpacked, counted.
pub(super) struct Counted<'b, R> {
    pub(super) inner: R,
    pub(super) budget: &'b Budget,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let left = self.budget.0.get().checked_sub(count as u64).ok_or_else(|| io::Error::other(Spent))?;
        self.budget.0.set(left);
        Ok(count)
    }
}
