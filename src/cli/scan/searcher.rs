//! One thread's search: a buffer, what was found, and what was not searched.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Cursor, Read, Seek as _, SeekFrom};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::budget::{Budget, Trouble};
use super::fill;
use super::kind::Kind;
use super::report::{Report, Why};
use super::source::Source;
use super::track::{Diff, Lines, Track};
use super::wide::{MARK, Narrowed};
use crate::domain::keys::token;
use crate::domain::leaks::place::{Place, masked};
use crate::domain::leaks::words;
use crate::ops::leaks::collect::{Collector, Foreign};

/// What is read at once.
const PIECE: usize = 256 * 1024;
/// What is looked at again with the next piece: longer than the longest token, and than the longest word of others.
const AGAIN: usize = 1024;
const _: () = assert!(AGAIN > token::LONGEST && AGAIN > words::LONGEST);

pub(super) struct Searcher {
    pub(super) collector: Collector,
    pub(super) report: Report,
    buffer: Zeroizing<Vec<u8>>,
}

impl Searcher {
    pub(super) fn new(foreign: Option<Arc<Foreign>>) -> Self {
        let buffer = Zeroizing::new(vec![0; PIECE]);
        Self { collector: Collector::new(foreign), report: Report::default(), buffer }
    }

    /// Searches a file that was found in a folder or named.
    pub(super) fn file(&mut self, path: &Path) {
        let name = path.to_string_lossy();
        if let Err(why) = self.open_and_search(path, &name) {
            self.report.skip(&name, why);
        }
    }

    fn open_and_search(&mut self, path: &Path, name: &str) -> Result<(), Why> {
        let failed = |error: io::Error| Why::of(&error);
        // A pipe in the place of a file does not hold it up.
        let nonblocking = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
        let mut file = OpenOptions::new().read(true).custom_flags(nonblocking).open(path).map_err(failed)?;
        let before = file.metadata().map_err(failed)?;
        if !before.is_file() {
            return Err(Why::Special);
        }
        let base = self.named(name);
        let mut buffer = std::mem::take(&mut self.buffer);
        let searched = self.search(&mut file, &before, &base, &mut buffer);
        self.buffer = buffer;
        searched?;
        let after = file.metadata().map_err(failed)?;
        let seen = |found: &Metadata| (found.len(), found.mtime(), found.mtime_nsec());
        if seen(&before) == seen(&after) { Ok(()) } else { Err(Why::Changed) }
    }

    fn search(
        &mut self,
        file: &mut File,
        found: &Metadata,
        base: &Place,
        buffer: &mut [u8],
    ) -> Result<(), Why> {
        let (filled, ended) = first(file, found.len(), buffer).map_err(|error| Why::of(&error))?;
        self.report.files += 1;
        let kind = Kind::of(&buffer[..filled.min(Kind::ENOUGH)]);
        let budget = Budget::of(found.len());
        let searched = match kind {
            Kind::Plain => {
                self.text(file, base, &mut Lines::default(), buffer, (filled, ended)).map_err(Trouble::from)
            }
            Kind::Wide(order) => {
                file.seek(SeekFrom::Start(MARK as u64)).map_err(|error| Why::of(&error))?;
                let mut text = Narrowed::new(order, file);
                self.text(&mut text, base, &mut Lines::default(), buffer, (0, false)).map_err(Trouble::from)
            }
            Kind::Packed => return Err(Why::Packed),
            Kind::Zip => self.zip(Source::File(file), base, 1, &budget),
            Kind::Gzip | Kind::Tar => {
                file.rewind().map_err(|error| Why::of(&error))?;
                self.unpack(kind, file, base, 1, &budget)
            }
        };
        searched.map_err(Trouble::why)
    }

    /// A place in something of this name; a token in the name itself is found, too.
    fn named(&mut self, name: &str) -> Place {
        let place = Place { path: masked(name), ..Place::default() };
        self.collector.look_at_name(name, &place);
        place
    }

    /// Searches a stream to its end, in flat memory.
    pub(super) fn stream(&mut self, mut stream: impl Read, name: &str) -> io::Result<()> {
        let base = Place { path: name.to_owned(), ..Place::default() };
        let mut buffer = std::mem::take(&mut self.buffer);
        let searched = self.stream_through(&mut stream, &base, &mut buffer);
        self.buffer = buffer;
        searched
    }

    fn stream_through(&mut self, stream: &mut impl Read, base: &Place, buffer: &mut [u8]) -> io::Result<()> {
        let (filled, ended) = fill(stream, buffer, 0)?;
        self.report.files += 1;
        let kind = Kind::of(&buffer[..filled.min(Kind::ENOUGH)]);
        if kind == Kind::Plain {
            return self.text_or_diff(stream, base, buffer, (filled, ended));
        }
        let start = Zeroizing::new(buffer[..filled].to_vec());
        if let Kind::Wide(order) = kind {
            let mut whole = Cursor::new(&start[MARK..]).chain(stream);
            let mut text = Narrowed::new(order, &mut whole);
            let first = fill(&mut text, buffer, 0)?;
            return self.text_or_diff(&mut text, base, buffer, first);
        }
        let mut whole = Cursor::new(start.as_slice()).chain(stream);
        if let Err(trouble) = self.opened(kind, &mut whole, base, 1, &Budget::of(0)) {
            let why = trouble.into_why()?;
            self.report.skip(&base.path, why);
        }
        Ok(())
    }

    /// Searches a text that may be what `git log -p` prints.
    fn text_or_diff(
        &mut self,
        stream: &mut dyn Read,
        base: &Place,
        buffer: &mut [u8],
        (filled, ended): (usize, bool),
    ) -> io::Result<()> {
        let (mut diff, mut lines) = (Diff::default(), Lines::default());
        let head = &buffer[..filled.min(Kind::ENOUGH)];
        let track: &mut dyn Track = if Diff::is_one(head) { &mut diff } else { &mut lines };
        self.text(stream, base, track, buffer, (filled, ended))
    }

    /// Searches what `git log -p` prints.
    pub(super) fn history(&mut self, mut log: impl Read, name: &str) -> io::Result<()> {
        let base = Place { path: masked(name), ..Place::default() };
        let mut buffer = std::mem::take(&mut self.buffer);
        let searched = self.text(&mut log, &base, &mut Diff::default(), &mut buffer, (0, false));
        self.buffer = buffer;
        searched
    }

    /// Searches a file inside of an archive, or what it is an archive of.
    pub(super) fn member(
        &mut self,
        reader: &mut dyn Read,
        base: &Place,
        depth: u32,
        budget: &Budget,
    ) -> Result<(), Trouble> {
        let mut buffer = Zeroizing::new(vec![0; Kind::ENOUGH]);
        let (filled, ended) = fill(reader, &mut buffer, 0)?;
        let kind = Kind::of(&buffer[..filled]);
        if let Kind::Plain | Kind::Wide(_) = kind {
            self.report.members += 1;
            let mut piece = std::mem::take(&mut self.buffer);
            if piece.is_empty() {
                // An archive in a file, whose own piece is in use.
                piece.resize(PIECE, 0);
            }
            let mut lines = Lines::default();
            let searched = if let Kind::Wide(order) = kind {
                let mut whole = Cursor::new(&buffer[MARK..filled]).chain(reader);
                let mut text = Narrowed::new(order, &mut whole);
                self.text(&mut text, base, &mut lines, &mut piece, (0, false))
            } else {
                piece[..filled].copy_from_slice(&buffer[..filled]);
                let rest = if ended { Ok((filled, true)) } else { fill(reader, &mut piece, filled) };
                rest.and_then(|first| self.text(reader, base, &mut lines, &mut piece, first))
            };
            self.buffer = piece;
            return Ok(searched?);
        }
        buffer.truncate(filled);
        let mut whole = Cursor::new(buffer.as_slice()).chain(reader);
        self.opened(kind, &mut whole, base, depth, budget)
    }

    /// Searches a text, whose first piece is in the buffer already.
    fn text(
        &mut self,
        reader: &mut dyn Read,
        base: &Place,
        track: &mut dyn Track,
        buffer: &mut [u8],
        (mut filled, mut ended): (usize, bool),
    ) -> io::Result<()> {
        let mut seen = 0;
        self.report.bytes += filled as u64;
        loop {
            if filled < buffer.len() && !ended {
                let before = filled;
                (filled, ended) = fill(reader, buffer, filled)?;
                self.report.bytes += (filled - before) as u64;
            }
            let text = &buffer[..filled];
            let mut at = 0;
            self.collector.look(text, seen, ended, |offset| {
                if offset > at {
                    track.advance(&text[at..offset]);
                    at = offset;
                }
                track.place(base)
            });
            if ended {
                return Ok(());
            }
            seen = AGAIN;
            let from = filled - AGAIN;
            if from > at {
                track.advance(&text[at..from]);
            }
            // Behind a token that begins in what is looked at again, the track is ahead of it.
            let ahead = at.saturating_sub(from);
            buffer.copy_within(from + ahead..filled, 0);
            filled -= from + ahead;
            seen -= ahead;
        }
    }
}

/// The first piece of a file: one read, where its size says that nothing follows.
fn first(file: &mut File, size: u64, buffer: &mut [u8]) -> io::Result<(usize, bool)> {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    // What is empty may be a file of the kernel's, which says nothing of its size.
    if size == 0 || size >= buffer.len() {
        return fill(file, buffer, 0);
    }
    let (filled, _) = fill(file, &mut buffer[..size], 0)?;
    Ok((filled, true))
}
