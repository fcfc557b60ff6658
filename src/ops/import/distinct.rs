//! Which of many values occur twice, in flat memory: they are sorted in runs on disk.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

/// A value of 32 bytes, and the line that it stands on (big-endian, so that equal values sort by
/// their lines).
const RECORD: usize = 40;
type Record = [u8; RECORD];

/// Values sorted in memory at once: 640 KiB.
const RUN: usize = 16 * 1024;

/// Records read at once from each run.
const READ: usize = 64;

/// Values seen so far.
pub(super) struct Distinct {
    file: File,
    run: Vec<Record>,
    /// The first record behind each run that was written.
    ends: Vec<u64>,
}

impl Distinct {
    /// With a file of its own for what does not fit into memory.
    pub(super) fn new(file: File) -> Self {
        Self { file, run: Vec::new(), ends: Vec::new() }
    }

    pub(super) fn push(&mut self, value: &[u8; 32], line: u64) -> io::Result<()> {
        let mut record = [0; RECORD];
        record[..32].copy_from_slice(value);
        record[32..].copy_from_slice(&line.to_be_bytes());
        self.run.push(record);
        if self.run.len() == RUN { self.write_run() } else { Ok(()) }
    }

    fn write_run(&mut self) -> io::Result<()> {
        self.run.sort_unstable();
        let start = self.ends.last().copied().unwrap_or_default();
        self.file.write_all_at(self.run.as_flattened(), start * RECORD as u64)?;
        self.ends.push(start + self.run.len() as u64);
        self.run.clear();
        Ok(())
    }

    /// Calls `each` with the two lines of every value that is equal to one before.
    pub(super) fn repeated(mut self, mut each: impl FnMut(u64, u64)) -> io::Result<()> {
        self.write_run()?;
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let mut runs: Vec<Run> =
            starts.zip(&self.ends).map(|(next, end)| Run { next, end: *end, read: Vec::new() }).collect();
        let mut heap = BinaryHeap::with_capacity(runs.len());
        for (index, run) in runs.iter_mut().enumerate() {
            heap.extend(run.next(&self.file)?.map(|record| Reverse((record, index))));
        }
        let mut first: Option<Record> = None;
        while let Some(Reverse((record, index))) = heap.pop() {
            heap.extend(runs[index].next(&self.file)?.map(|next| Reverse((next, index))));
            match &first {
                Some(first) if first[..32] == record[..32] => each(line(first), line(&record)),
                _ => first = Some(record),
            }
        }
        Ok(())
    }
}

fn line(record: &Record) -> u64 {
    record[32..].iter().fold(0, |line, byte| line << 8 | u64::from(*byte))
}

/// A sorted run and how far it was read; what was read ahead stands in reverse.
struct Run {
    next: u64,
    end: u64,
    read: Vec<Record>,
}

impl Run {
    fn next(&mut self, file: &File) -> io::Result<Option<Record>> {
        if self.read.is_empty() {
            let count = usize::try_from(self.end - self.next).unwrap_or(READ).min(READ);
            self.read.resize(count, [0; RECORD]);
            file.read_exact_at(self.read.as_flattened_mut(), self.next * RECORD as u64)?;
            self.next += count as u64;
            self.read.reverse();
        }
        Ok(self.read.pop())
    }
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
