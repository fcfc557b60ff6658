//! A stream of the command's output on its way through.

use std::fs::File;
use std::io::{self, ErrorKind, PipeReader, Read as _, Write as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::ioctl_fionread;
use zeroize::Zeroizing;

use super::mask::Masker;

/// As much as a pipe holds on Linux.
const PIECE: usize = 64 * 1024;

/// How long others may go on printing when the command has ended and all that it printed itself is
/// passed on. Most end with it; what is still there then, as a daemon is, gets a copier of its own.
const GRACE: Duration = Duration::from_millis(100);

/// One stream. What is read is written at once, in order.
pub(super) struct Copy {
    pub(super) from: PipeReader,
    pub(super) to: File,
    pub(super) masker: Masker,
    /// At its end when the command has ended. Without it, the stream is copied to its end.
    pub(super) running: Option<Arc<PipeReader>>,
    /// The first thing that went wrong with writing.
    lost: Option<io::Error>,
}

#[derive(Default)]
pub(super) struct Copied {
    /// Why some of it could not be written.
    pub(super) lost: Option<io::Error>,
    /// What is left, where others than the command may still print.
    pub(super) rest: Option<Rest>,
}

/// A stream that outlives the command.
pub(super) struct Rest {
    pub(super) from: PipeReader,
    pub(super) to: File,
    pub(super) masker: Masker,
}

/// What is waited for.
enum Event {
    Readable,
    Ended,
    /// Nobody reads our output any more.
    ReaderGone,
    Silence,
}

/// The time after the command's end.
struct After {
    /// How many bytes the command itself has left in the pipe.
    own: u64,
    until: Instant,
}

impl Copy {
    pub(super) fn new(from: PipeReader, to: File, masker: Masker, running: Option<Arc<PipeReader>>) -> Self {
        Self { from, to, masker, running, lost: None }
    }

    /// Copies until the end. Where nobody reads our output, the command's pipe is closed, so that it
    /// gets SIGPIPE as it would without us. Where it cannot be written, as on a full disk, the command
    /// goes on without it: closing the pipe would kill it.
    #[expect(clippy::disallowed_methods, reason = "the time is bounded here")]
    pub(super) fn run(mut self) -> io::Result<Copied> {
        let mut piece = Zeroizing::new(vec![0; PIECE]);
        let mut masked = Vec::with_capacity(2 * PIECE);
        let mut after: Option<After> = None;
        loop {
            match self.wait(after.as_ref())? {
                Event::Readable => {}
                Event::Ended => {
                    let own = ioctl_fionread(&self.from)?;
                    after = Some(After { own, until: Instant::now() + GRACE });
                    continue;
                }
                Event::ReaderGone => return Ok(Copied { lost: self.lost, rest: None }),
                Event::Silence => return Ok(self.left(masked)),
            }
            let read = match self.from.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            self.masker.push(&piece[..read], &mut masked);
            if !self.pass(&masked) {
                return Ok(Copied { lost: self.lost, rest: None });
            }
            masked.clear();
            if let Some(after) = &mut after {
                after.own = after.own.saturating_sub(read as u64);
                if after.own == 0 && Instant::now() > after.until {
                    return Ok(self.left(masked));
                }
            }
        }
        self.masker.finish(&mut masked);
        self.pass(&masked);
        Ok(Copied { lost: self.lost, rest: None })
    }

    /// What is held back is what may go on, by all that is looked for now.
    fn left(mut self, mut masked: Vec<u8>) -> Copied {
        self.masker.push(&[], &mut masked);
        self.pass(&masked);
        let Self { from, to, masker, lost, running: _ } = self;
        Copied { lost, rest: Some(Rest { from, to, masker }) }
    }

    #[expect(clippy::disallowed_methods, reason = "the time is bounded here")]
    fn wait(&self, after: Option<&After>) -> io::Result<Event> {
        let left = after.map(|after| after.until.saturating_duration_since(Instant::now()));
        // Some more than it is, or the last millisecond would be spent by asking again and again.
        let left = left.map(|left| Timespec {
            tv_sec: 0,
            tv_nsec: i64::from(left.min(GRACE).subsec_nanos()) + 1_000_000,
        });
        let mut watched =
            vec![PollFd::new(&self.from, PollFlags::IN), PollFd::new(&self.to, PollFlags::empty())];
        if let (Some(running), None) = (&self.running, after) {
            watched.push(PollFd::new(running, PollFlags::IN));
        }
        let ready = loop {
            match poll(&mut watched, left.as_ref()) {
                Err(rustix::io::Errno::INTR) => {}
                ready => break ready?,
            }
        };
        Ok(if watched[1].revents().intersects(PollFlags::ERR | PollFlags::HUP) {
            Event::ReaderGone
        } else if watched.get(2).is_some_and(|running| !running.revents().is_empty()) {
            Event::Ended
        } else if ready == 0 {
            Event::Silence
        } else {
            debug_assert!(!watched[0].revents().is_empty());
            Event::Readable
        })
    }

    /// Writes all of it, or keeps why that failed; `false` if nobody reads it.
    fn pass(&mut self, mut bytes: &[u8]) -> bool {
        while !bytes.is_empty() {
            match self.to.write(bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(error) => match error.kind() {
                    ErrorKind::BrokenPipe => return false,
                    ErrorKind::Interrupted => {}
                    // Somebody who shares the pipe has made it so.
                    ErrorKind::WouldBlock => {
                        let _ = poll(&mut [PollFd::new(&self.to, PollFlags::OUT)], None);
                    }
                    _ => {
                        self.lost.get_or_insert(error);
                        break;
                    }
                },
            }
        }
        true
    }
}
