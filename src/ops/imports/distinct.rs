//! Which of many values occur twice, in flat memory.

use std::fs::File;
use std::io;

use super::sorted::Sorted;

/// A value of 32 bytes, and the line that it stands on (big-endian, so that equal values sort by
/// their lines).
const RECORD: usize = 40;
type Record = [u8; RECORD];

/// Values seen so far.
pub(super) struct Distinct(Sorted<RECORD>);

impl Distinct {
    /// With a file of its own for what does not fit into memory.
    pub(super) fn new(file: File) -> Self {
        Self(Sorted::new(file))
    }

    pub(super) fn push(&mut self, value: &[u8; 32], line: u64) -> io::Result<()> {
        let mut record = [0; RECORD];
        record[..32].copy_from_slice(value);
        record[32..].copy_from_slice(&line.to_be_bytes());
        self.0.push(record)
    }

    /// Calls `each` with the two lines of every value that is equal to one before.
    pub(super) fn repeated(self, mut each: impl FnMut(u64, u64)) -> io::Result<()> {
        let mut first: Option<Record> = None;
        self.0.each(|record| match &first {
            Some(first) if first[..32] == record[..32] => each(line(first), line(record)),
            _ => first = Some(*record),
        })
    }
}

fn line(record: &Record) -> u64 {
    record[32..].iter().fold(0, |line, byte| line << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions_are_found_across_runs() {
        let file = tempfile::tempfile().expect("a file");
        let mut distinct = Distinct::new(file);
        let value = |number: u64| {
            let mut value = [0; 32];
            value[..8].copy_from_slice(&number.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_le_bytes());
            value
        };
        for line in 1..=50_000 {
            distinct.push(&value(line), line).expect("written");
        }
        for (number, line) in [(7, 50_001), (40_000, 50_002), (7, 50_003)] {
            distinct.push(&value(number), line).expect("written");
        }
        let mut found = Vec::new();
        distinct.repeated(|first, again| found.push((first, again))).expect("read");
        found.sort_unstable();
        assert_eq!(found, [(7, 50_001), (7, 50_003), (40_000, 50_002)]);
    }

    #[test]
    fn nothing_is_repeated_where_nothing_was_seen() {
        let distinct = Distinct::new(tempfile::tempfile().expect("a file"));
        distinct.repeated(|_, _| panic!("a repetition")).expect("read");
    }
}
