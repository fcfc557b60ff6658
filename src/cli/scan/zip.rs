//! Zip archives (PKWARE's APPNOTE 6.3.10), by the table at their end, of which one entry at a time is in memory.

use std::io::{self, BufReader, Read};

use flate2::CrcReader;
use flate2::bufread::DeflateDecoder;

use super::archive::inside;
use super::budget::{Budget, Counted, Trouble};
use super::exactly;
use super::report::Why;
use super::searcher::Searcher;
use super::source::Source;
use crate::domain::leaks::place::Place;

/// The end of the table, with the longest comment.
const LONGEST_END: u64 = 22 + 0xffff;

struct Table {
    at: u64,
    size: u64,
    /// What stands before the archive, as in one that unpacks itself.
    before: u64,
}

struct Entry {
    name: String,
    is_encrypted: bool,
    method: u16,
    /// CRC-32 of what it unpacks to.
    sum: u32,
    packed: u64,
    at: u64,
}

impl Searcher {
    pub(super) fn zip(
        &mut self,
        source: Source<'_>,
        base: &Place,
        depth: u32,
        budget: &Budget,
    ) -> Result<(), Trouble> {
        let table = table(source)?;
        let mut entries = BufReader::new(source.from(table.at)).take(table.size);
        while entries.limit() > 0 {
            let Some(entry) = next(&mut entries)? else { break };
            if entry.name.ends_with('/') {
                continue;
            }
            let unread = |why| (inside(base, &entry.name).to_string(), why);
            let skipped = match entry.method {
                _ if entry.is_encrypted => Some(unread(Why::Encrypted)),
                0 | 8 => None,
                _ => Some(unread(Why::Packed)),
            };
            if let Some((name, why)) = skipped {
                self.report.skip(&name, why);
                continue;
            }
            let start = table.before.checked_add(entry.at).ok_or_else(damaged)?;
            let mut reader = source.from(start);
            let head = exactly::<30>(&mut reader)?;
            if head[..4] != *b"PK\x03\x04" {
                return Err(damaged().into());
            }
            reader.at += u64::from(short(&head, 26)) + u64::from(short(&head, 28));
            let packed = BufReader::new(reader).take(entry.packed);
            let unpacked: &mut dyn Read =
                if entry.method == 0 { &mut { packed } } else { &mut DeflateDecoder::new(packed) };
            let mut summed = Counted { inner: CrcReader::new(unpacked), budget };
            let searched = self.entry(&mut summed, base, &entry.name, depth, budget).and_then(|searched| {
                if !searched {
                    return Ok(());
                }
                // Of an archive in the archive, the end is not read where it says nothing.
                io::copy(&mut summed, &mut io::sink())?;
                let is_whole = summed.inner.crc().sum() == entry.sum;
                if is_whole { Ok(()) } else { Err(Trouble::Skip(Why::OtherSum)) }
            });
            match searched.map_err(Trouble::into_why) {
                Ok(()) => {}
                // The others stand by themselves.
                Err(Ok(why @ (Why::Damaged | Why::OtherSum))) => {
                    self.report.skip(&inside(base, &entry.name).to_string(), why);
                }
                Err(Ok(why)) => return Err(Trouble::Skip(why)),
                Err(Err(error)) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the table of a zip archive does not fit")
}

fn short(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn long(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn longer(bytes: &[u8], at: usize) -> u64 {
    u64::from(long(bytes, at)) | u64::from(long(bytes, at + 4)) << 32
}

fn table(source: Source<'_>) -> io::Result<Table> {
    let size = source.size()?;
    let from = size.saturating_sub(LONGEST_END);
    let mut end = Vec::new();
    source.from(from).take(LONGEST_END).read_to_end(&mut end)?;
    let last = end.len().checked_sub(22).ok_or_else(damaged)?;
    let at = (0..=last).rev().find(|at| end[*at..].starts_with(b"PK\x05\x06")).ok_or_else(damaged)?;
    let (mut size, mut start) = (u64::from(long(&end, at + 12)), u64::from(long(&end, at + 16)));
    let mut ends = from + at as u64;
    let locator = at.checked_sub(20).filter(|at| end[*at..].starts_with(b"PK\x06\x07"));
    if let Some(locator) = locator {
        let place = longer(&end, locator + 8);
        let more = exactly::<56>(&mut source.from(place))?;
        if more[..4] != *b"PK\x06\x06" {
            return Err(damaged());
        }
        (size, start, ends) = (longer(&more, 40), longer(&more, 48), place);
    }
    let at = ends.checked_sub(size).ok_or_else(damaged)?;
    Ok(Table { at, size, before: at.checked_sub(start).ok_or_else(damaged)? })
}

/// The next entry of the table; `None` at what is none.
fn next(table: &mut impl Read) -> io::Result<Option<Entry>> {
    let head = exactly::<46>(table)?;
    if head[..4] != *b"PK\x01\x02" {
        return Ok(None);
    }
    let mut name = vec![0; usize::from(short(&head, 28))];
    table.read_exact(&mut name)?;
    let mut extra = vec![0; usize::from(short(&head, 30))];
    table.read_exact(&mut extra)?;
    super::skip(table, u64::from(short(&head, 32)))?;
    let (mut packed, mut at) = (u64::from(long(&head, 20)), u64::from(long(&head, 42)));
    // What has no room in its field stands behind the name, in this order.
    let mut more = large(&extra).into_iter();
    let unpacked = long(&head, 24);
    for (field, is_large) in [
        (None, unpacked == u32::MAX),
        (Some(&mut packed), long(&head, 20) == u32::MAX),
        (Some(&mut at), long(&head, 42) == u32::MAX),
    ] {
        if is_large {
            let value = more.next().ok_or_else(damaged)?;
            if let Some(field) = field {
                *field = value;
            }
        }
    }
    Ok(Some(Entry {
        name: String::from_utf8_lossy(&name).into_owned(),
        is_encrypted: head[8] & 1 != 0,
        method: short(&head, 10),
        sum: long(&head, 16),
        packed,
        at,
    }))
}

/// The numbers of the extra field of ZIP64.
fn large(mut extra: &[u8]) -> Vec<u64> {
    while extra.len() >= 4 {
        let length = usize::from(short(extra, 2));
        let Some(field) = extra.get(4..4 + length) else { break };
        if short(extra, 0) == 1 {
            return field.as_chunks::<8>().0.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect();
        }
        extra = &extra[4 + length..];
    }
    Vec::new()
}
