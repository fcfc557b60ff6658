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

/// What the command started may go on printing when the command has ended, and would otherwise
/// keep us for ever, as a daemon does. What the command itself printed is always waited for; then
/// so much silence ends the stream,
const SILENCE: Duration = Duration::from_secs(1);
/// and so much time does in any case. Whoever goes on writing gets SIGPIPE.
const LONGEST: Duration = Duration::from_secs(5);

/// One stream. What is read is written at once, in order.
pub(super) struct Copy {
    pub(super) from: PipeReader,
    pub(super) to: File,
    pub(super) masker: Masker,
    /// At its end when the command has ended.
    pub(super) running: Arc<PipeReader>,
}

/// What is waited for.
enum Event {
    Readable,
    /// The command has ended.
    Ended,
    /// Nobody reads our output any more.
    ReaderGone,
    Silence,
}

/// The time after the command's end.
struct Rest {
    /// How many bytes the command itself has left in the pipe.
    own: u64,
    until: Instant,
}

impl Copy {
    /// Copies until the end. Where nobody reads our output, the command's pipe is closed, so that it
    /// gets SIGPIPE as it would without us.
    #[expect(clippy::disallowed_methods, reason = "the time is bounded here")]
    pub(super) fn run(mut self) -> io::Result<()> {
        let mut piece = Zeroizing::new(vec![0; PIECE]);
        let mut masked = Vec::with_capacity(2 * PIECE);
        let mut rest: Option<Rest> = None;
        loop {
            match self.wait(rest.is_some())? {
                Event::Readable => {}
                Event::Ended => {
                    let own = ioctl_fionread(&self.from)?;
                    rest = Some(Rest { own, until: Instant::now() + LONGEST });
                    continue;
                }
                Event::ReaderGone => return Ok(()),
                Event::Silence => break,
            }
            let read = match self.from.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            self.masker.push(&piece[..read], &mut masked);
            if !self.pass(&masked)? {
                return Ok(());
            }
            masked.clear();
            if let Some(rest) = &mut rest {
                rest.own = rest.own.saturating_sub(read as u64);
                if rest.own == 0 && Instant::now() > rest.until {
                    break;
                }
            }
        }
        self.masker.finish(&mut masked);
        self.pass(&masked).map(drop)
    }

    fn wait(&self, ended: bool) -> io::Result<Event> {
        let silence = Timespec { tv_sec: SILENCE.as_secs().cast_signed(), tv_nsec: 0 };
        let mut watched = [
            PollFd::new(&self.from, PollFlags::IN),
            PollFd::new(&self.to, PollFlags::empty()),
            PollFd::new(&self.running, PollFlags::IN),
        ];
        let count = if ended { 2 } else { 3 };
        let ready = loop {
            match poll(&mut watched[..count], ended.then_some(&silence)) {
                Err(rustix::io::Errno::INTR) => {}
                ready => break ready?,
            }
        };
        let [from, to, running] = watched.map(|fd| fd.revents());
        Ok(if to.intersects(PollFlags::ERR | PollFlags::HUP) {
            Event::ReaderGone
        } else if !ended && !running.is_empty() {
            Event::Ended
        } else if ready == 0 {
            Event::Silence
        } else {
            debug_assert!(!from.is_empty());
            Event::Readable
        })
    }

    /// Writes all of it; `false` if nobody reads it.
    fn pass(&mut self, mut bytes: &[u8]) -> io::Result<bool> {
        while !bytes.is_empty() {
            match self.to.write(bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(error) => match error.kind() {
                    ErrorKind::BrokenPipe => return Ok(false),
                    ErrorKind::Interrupted => {}
                    // Somebody who shares the pipe has made it so.
                    ErrorKind::WouldBlock => {
                        let _ = poll(&mut [PollFd::new(&self.to, PollFlags::OUT)], None);
                    }
                    _ => return Err(error),
                },
            }
        }
        Ok(true)
    }
}
