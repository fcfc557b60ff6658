//! Many records of one length put in order, in flat memory: they are sorted in runs on disk.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

/// Records sorted in memory at once: 640 KiB of 40 bytes each.
const RUN: usize = 16 * 1024;

/// Records read at once from each run.
const READ: usize = 64;

/// Records seen so far.
pub(super) struct Sorted<const N: usize> {
    file: File,
    run: Vec<[u8; N]>,
    /// The first record behind each run that was written.
    ends: Vec<u64>,
}

impl<const N: usize> Sorted<N> {
    /// With a file of its own for what does not fit into memory.
    pub(super) fn new(file: File) -> Self {
        Self { file, run: Vec::new(), ends: Vec::new() }
    }

    pub(super) fn push(&mut self, record: [u8; N]) -> io::Result<()> {
        self.run.push(record);
        if self.run.len() == RUN { self.write_run() } else { Ok(()) }
    }

    fn write_run(&mut self) -> io::Result<()> {
        self.run.sort_unstable();
        let start = self.ends.last().copied().unwrap_or_default();
        self.file.write_all_at(self.run.as_flattened(), start * N as u64)?;
        self.ends.push(start + self.run.len() as u64);
        self.run.clear();
        Ok(())
    }

    /// Calls `each` for every record, the least first.
    pub(super) fn each(mut self, mut each: impl FnMut(&[u8; N])) -> io::Result<()> {
        self.write_run()?;
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let mut runs: Vec<Run<N>> =
            starts.zip(&self.ends).map(|(next, end)| Run { next, end: *end, read: Vec::new() }).collect();
        let mut heap = BinaryHeap::with_capacity(runs.len());
        for (index, run) in runs.iter_mut().enumerate() {
            heap.extend(run.next(&self.file)?.map(|record| Reverse((record, index))));
        }
        while let Some(Reverse((record, index))) = heap.pop() {
            heap.extend(runs[index].next(&self.file)?.map(|next| Reverse((next, index))));
            each(&record);
        }
        Ok(())
    }
}

/// A sorted run and how far it was read; what was read ahead stands in reverse.
struct Run<const N: usize> {
    next: u64,
    end: u64,
    read: Vec<[u8; N]>,
}

impl<const N: usize> Run<N> {
    fn next(&mut self, file: &File) -> io::Result<Option<[u8; N]>> {
        if self.read.is_empty() {
            let count = usize::try_from(self.end - self.next).unwrap_or(READ).min(READ);
            self.read.resize(count, [0; N]);
            file.read_exact_at(self.read.as_flattened_mut(), self.next * N as u64)?;
            self.next += count as u64;
            self.read.reverse();
        }
        Ok(self.read.pop())
    }
}
