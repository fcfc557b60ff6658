//! Tar archives (POSIX.1-2024, pax; and the long names of GNU tar), from their beginning to their end.

use std::io::{self, BufRead, Read as _};

use super::budget::{Budget, Trouble};
use super::searcher::Searcher;
use super::{exactly, skip};
use crate::domain::leaks::place::Place;

const BLOCK: u64 = 512;
/// A longer name is cut.
const LONGEST_NAME: u64 = 64 * 1024;

impl Searcher {
    pub(super) fn tar(
        &mut self,
        mut archive: impl BufRead,
        base: &Place,
        depth: u32,
        budget: &Budget,
    ) -> Result<(), Trouble> {
        let mut long_name = None;
        loop {
            if archive.fill_buf()?.is_empty() {
                return Ok(());
            }
            let head = exactly::<512>(&mut archive)?;
            if head.iter().all(|byte| *byte == 0) {
                return Ok(());
            }
            check(&head)?;
            let size = number(&head[124..136])?;
            let padding = (BLOCK - size % BLOCK) % BLOCK;
            match head[156] {
                // Names that are too long for their field, of GNU tar and of POSIX.
                kind @ (b'L' | b'x') => {
                    let mut text = Vec::new();
                    (&mut archive).take(size.min(LONGEST_NAME)).read_to_end(&mut text)?;
                    skip(&mut archive, size.saturating_sub(LONGEST_NAME) + padding)?;
                    long_name =
                        if kind == b'L' { Some(until_zero(&text)) } else { path(&text).or(long_name) };
                }
                b'0' | 0 | b'7' => {
                    let name = long_name.take().unwrap_or_else(|| short_name(&head));
                    let mut file = (&mut archive).take(size);
                    self.entry(&mut file, base, &name, depth, budget)?;
                    let left = file.limit();
                    skip(&mut archive, left + padding)?;
                }
                _ => {
                    if head[156] != b'g' && head[156] != b'K' {
                        long_name = None;
                    }
                    skip(&mut archive, size.saturating_add(padding))?;
                }
            }
        }
    }
}

fn damaged(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// The sum of all bytes, with blanks in the place of the sum.
fn check(head: &[u8; 512]) -> io::Result<()> {
    let sum: u64 =
        (0..).zip(head).map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u64::from(*byte) }).sum();
    if number(&head[148..156])? == sum {
        Ok(())
    } else {
        Err(damaged("the header of a file has another sum"))
    }
}

/// Octal digits, or where the first bit is set, the number itself.
fn number(field: &[u8]) -> io::Result<u64> {
    if field[0] & 0x80 != 0 {
        let (high, low) = field.split_at(field.len() - 8);
        if high[1..].iter().any(|byte| *byte != 0) {
            return Err(damaged("the size of a file is no number"));
        }
        return Ok(low.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)));
    }
    let text = str::from_utf8(field).map_err(|_| damaged("the size of a file is no number"))?;
    let digits = text.trim_matches([' ', '\0']);
    if digits.is_empty() {
        return Ok(0);
    }
    u64::from_str_radix(digits, 8).map_err(|_| damaged("the size of a file is no number"))
}

fn until_zero(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

fn short_name(head: &[u8; 512]) -> String {
    let (name, folder) = (until_zero(&head[..100]), until_zero(&head[345..500]));
    // GNU tar has other fields where POSIX has the folder.
    let is_posix = head[257..263] == *b"ustar\0";
    if folder.is_empty() || !is_posix { name } else { format!("{folder}/{name}") }
}

/// The path among the records of pax: `27 path=…`, each with its length before it.
fn path(mut records: &[u8]) -> Option<String> {
    while let Some(blank) = records.iter().position(|byte| *byte == b' ') {
        let length: usize = str::from_utf8(&records[..blank]).ok()?.parse().ok()?;
        let record = records.get(blank + 1..length.checked_sub(1)?)?;
        if let Some(path) = record.strip_prefix(b"path=") {
            return Some(String::from_utf8_lossy(path).into_owned());
        }
        records = records.get(length..)?;
    }
    None
}
