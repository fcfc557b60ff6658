//! What an archive is read from where its table stands at its end.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt as _;

/// What can be read at any place.
#[derive(Clone, Copy)]
pub(super) enum Source<'s> {
    File(&'s File),
    Memory(&'s [u8]),
}

impl Source<'_> {
    pub(super) fn size(self) -> io::Result<u64> {
        match self {
            Self::File(file) => file.metadata().map(|found| found.len()),
            Self::Memory(bytes) => Ok(bytes.len() as u64),
        }
    }

    fn read_at(self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read_at(buffer, at),
            Self::Memory(bytes) => {
                let rest = usize::try_from(at).ok().and_then(|at| bytes.get(at..)).unwrap_or_default();
                let count = rest.len().min(buffer.len());
                buffer[..count].copy_from_slice(&rest[..count]);
                Ok(count)
            }
        }
    }

    pub(super) fn from(self, at: u64) -> At<Self> {
        At { source: self, at }
    }
}

pub(super) struct At<S> {
    source: S,
    pub(super) at: u64,
}

impl Read for At<Source<'_>> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read_at(buffer, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}
