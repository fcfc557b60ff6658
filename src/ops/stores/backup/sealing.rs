//! What digests and seals a backup's stream while its rows are read: a thread of its own, since reading a row and sealing it take
//! about as long.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use super::error::BackupError;
use crate::crypto::backup::{CHUNK, Chunks, Digest, TAG};
use crate::ops::error::Result;

/// Within its bounds, GCM cannot fail.
pub(super) const UNSEALED: BackupError = BackupError::Altered("it could not be sealed");

/// Blocks that may be under way: one is sealed, one waits for that, and one for being written.
const UNDER_WAY: usize = 3;

/// What has seen all of the stream so far.
pub(super) struct Sealer {
    pub(super) chunks: Option<Chunks>,
    pub(super) digest: Digest,
}

impl Sealer {
    /// Whole chunks, of which none is the last one; `into` is where the sealed ones go.
    fn seal(&mut self, block: &mut Vec<u8>, into: &mut Vec<u8>) -> Option<()> {
        self.digest.update(block);
        let Some(chunks) = &mut self.chunks else { return Some(()) };
        into.clear();
        into.reserve(block.len() / CHUNK * (CHUNK + TAG));
        for chunk in block.chunks_exact(CHUNK) {
            chunks.seal_into(chunk, into)?;
        }
        std::mem::swap(block, into);
        Some(())
    }
}

type Block = Option<Vec<u8>>;

/// The way to that thread and back. Where none can be had, it is done at once.
pub(super) struct Sealing {
    thread: Option<Thread>,
    here: Option<(Sealer, Vec<u8>)>,
    under_way: usize,
    spare: Vec<Vec<u8>>,
}

struct Thread {
    blocks: SyncSender<Vec<u8>>,
    finished: Receiver<Block>,
    handle: JoinHandle<Sealer>,
}

impl Sealing {
    pub(super) fn new(sealer: Sealer) -> Self {
        let (blocks, given) = sync_channel::<Vec<u8>>(UNDER_WAY);
        let (back, finished) = sync_channel::<Block>(UNDER_WAY);
        let (lend, borrowed) = sync_channel::<Sealer>(1);
        let started = thread::Builder::new().name("seals".to_owned()).spawn(move || {
            let mut sealer =
                borrowed.recv().unwrap_or_else(|_| Sealer { chunks: None, digest: Digest::new() });
            let mut into = Vec::new();
            for mut block in given {
                let done = sealer.seal(&mut block, &mut into).map(|()| block);
                if back.send(done).is_err() {
                    break;
                }
            }
            sealer
        });
        let (mut thread, mut here) = (None, None);
        match started {
            Ok(handle) => {
                // It holds the other end until it has it.
                let _ = lend.send(sealer);
                thread = Some(Thread { blocks, finished, handle });
            }
            Err(_) => here = Some((sealer, Vec::new())),
        }
        Self { thread, here, under_way: 0, spare: Vec::new() }
    }

    /// An empty buffer.
    pub(super) fn spare(&mut self) -> Vec<u8> {
        self.spare.pop().unwrap_or_default()
    }

    /// Takes back a buffer that was written.
    pub(super) fn keep(&mut self, mut buffer: Vec<u8>) {
        buffer.clear();
        self.spare.push(buffer);
    }

    /// Gives a block away, and returns one that is sealed, where that is to be written before more are given.
    pub(super) fn pass(&mut self, mut block: Vec<u8>) -> Result<Option<Vec<u8>>> {
        if let Some((sealer, into)) = &mut self.here {
            sealer.seal(&mut block, into).ok_or(UNSEALED)?;
            return Ok(Some(block));
        }
        let Some(thread) = &self.thread else { return Err(UNSEALED.into()) };
        thread.blocks.send(block).map_err(|_| UNSEALED)?;
        self.under_way += 1;
        if self.under_way < UNDER_WAY { Ok(None) } else { self.rest() }
    }

    /// The next one that is under way.
    pub(super) fn rest(&mut self) -> Result<Option<Vec<u8>>> {
        let Some(thread) = self.thread.as_ref().filter(|_| self.under_way > 0) else { return Ok(None) };
        let sealed = thread.finished.recv().ok().flatten().ok_or(UNSEALED)?;
        self.under_way -= 1;
        Ok(Some(sealed))
    }

    /// Nothing is under way any more: what follows is sealed by whoever has this.
    pub(super) fn end(&mut self) -> Result<Sealer> {
        match (self.thread.take(), self.here.take()) {
            (Some(Thread { blocks, handle, .. }), _) => {
                drop(blocks);
                Ok(handle.join().map_err(|_| UNSEALED)?)
            }
            (None, Some((sealer, _))) => Ok(sealer),
            (None, None) => Err(UNSEALED.into()),
        }
    }
}
