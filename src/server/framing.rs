//! What reaches the HTTP library: heads that can be read in one way only, and as many bytes behind each
//! as its `Content-Length` says.
//!
//! A head that can be read in two ways is refused ([`heads`](super::heads)), and its connection closed.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use hyper::rt::ReadBufCursor;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::bounds::Sizes;
use super::heads::{Fault, check, early_fault, end_of_head, is_of_nginx};

/// A request that was refused before it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unread {
    pub(super) fault: Fault,
    /// Whether its target is where nginx asks.
    pub(super) is_of_nginx: bool,
}

/// What the connection's owner sees of it, and tells it.
#[derive(Debug)]
pub(super) struct Watch {
    /// What the next request stands for.
    pub(super) unread: Cell<Option<Unread>>,
    /// What is waited for, and since when.
    pub(super) waiting: Cell<Waiting>,
    /// Since when what was written is not taken.
    pub(super) untaken: Cell<Option<Instant>>,
    /// Since when an answer is being made.
    pub(super) answering: Cell<Option<Instant>>,
    /// Nothing more is waited for: set by the owner, which then polls again.
    pub(super) is_late: Cell<bool>,
}

impl Watch {
    fn new(now: Instant) -> Self {
        Self {
            unread: Cell::new(None),
            waiting: Cell::new(Waiting::Idle(now)),
            untaken: Cell::new(None),
            answering: Cell::new(None),
            is_late: Cell::new(false),
        }
    }

    /// An answer is there: the client's time begins.
    pub(super) fn answered(&self) {
        self.answering.set(None);
        match self.waiting.get() {
            Waiting::Idle(_) => self.waiting.set(Waiting::Idle(now())),
            Waiting::Head(_) => self.waiting.set(Waiting::Head(now())),
            Waiting::Nothing | Waiting::Body(_) | Waiting::End(_) => {}
        }
    }
}

/// What a client is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waiting {
    /// The first byte of a request.
    Idle(Instant),
    /// The rest of a head.
    Head(Instant),
    /// The rest of a body.
    Body(Instant),
    /// Nothing: it has sent a whole request.
    Nothing,
    /// Its end: nothing more is answered.
    End(Instant),
}

/// What the library is given in place of a head that is refused. Whoever handles it answers with
/// the fault, and the connection ends.
const IN_ITS_PLACE: &[u8] = b"GET / HTTP/1.1\r\nHost: refused\r\nConnection: close\r\n\r\n";

enum State {
    /// Between requests, or in a head.
    Head {
        /// Up to here no end of the head was found.
        searched: usize,
    },
    /// So many more bytes belong to the request.
    Pass(usize),
    /// Nothing of the connection is read any more: so much of [`IN_ITS_PLACE`] was passed on.
    Refused(usize),
}

/// A connection whose requests are checked before they are passed on.
pub(super) struct Checked<S> {
    stream: S,
    sizes: Sizes,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    state: State,
    watch: Rc<Watch>,
    /// How much was read and thrown away since nothing more is written; `None` before that.
    discarded: Option<usize>,
}

const FIRST_BUFFER: usize = 2048;

/// What a client may go on sending after its answer. Some read no answer before they have sent all.
const MOST_DISCARDED: usize = 16 * 1024 * 1024;

impl<S> Checked<S> {
    pub(super) fn new(stream: S, sizes: Sizes, now: Instant) -> (Self, Rc<Watch>) {
        let watch = Rc::new(Watch::new(now));
        let checked = Self {
            stream,
            sizes,
            buffer: vec![0; FIRST_BUFFER.min(sizes.head)].into(),
            start: 0,
            end: 0,
            state: State::Head { searched: 0 },
            watch: Rc::clone(&watch),
            discarded: None,
        };
        (checked, watch)
    }

    /// Decides on what has been read; `true` if something can be passed on.
    fn advance(&mut self) -> bool {
        loop {
            match self.state {
                State::Refused(passed) => return passed < IN_ITS_PLACE.len(),
                State::Pass(0) => self.state = State::Head { searched: 0 },
                State::Pass(_) => return self.start < self.end,
                State::Head { searched } => {
                    if searched == 0 {
                        self.skip_empty_lines();
                    }
                    let bytes = &self.buffer[self.start..self.end];
                    // What can never become a head is not waited for.
                    if let Some(fault) = early_fault(bytes) {
                        self.refuse(fault);
                        continue;
                    }
                    let Some(length) = end_of_head(bytes, searched) else {
                        self.state = State::Head { searched: bytes.len().saturating_sub(3) };
                        if bytes.len() < self.sizes.head {
                            return false;
                        }
                        self.refuse(Fault::HeadTooLarge);
                        continue;
                    };
                    match check(&bytes[..length]) {
                        _ if length > self.sizes.head => self.refuse(Fault::HeadTooLarge),
                        Ok(body) if body > self.sizes.body as u64 => self.refuse(Fault::BodyTooLarge),
                        Ok(body) => self.state = State::Pass(length + usize::try_from(body).unwrap_or(0)),
                        Err(fault) => self.refuse(fault),
                    }
                }
            }
        }
    }

    /// RFC 9112 §2.2: an empty line in front of a request is ignored.
    fn skip_empty_lines(&mut self) {
        while self.buffer[self.start..self.end].starts_with(b"\r\n") {
            self.start += 2;
        }
    }

    fn refuse(&mut self, fault: Fault) {
        let is_of_nginx = is_of_nginx(&self.buffer[self.start..self.end]);
        self.watch.unread.set(Some(Unread { fault, is_of_nginx }));
        self.state = State::Refused(0);
    }

    /// Makes room for more.
    fn make_room(&mut self) {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
        if self.end < self.buffer.len() {
            return;
        }
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
            return;
        }
        let larger = (self.buffer.len() * 2).min(self.sizes.head.max(FIRST_BUFFER));
        let mut buffer = vec![0; larger.max(self.buffer.len() + 1)];
        buffer[..self.end].copy_from_slice(&self.buffer[..self.end]);
        self.buffer = buffer.into();
    }

    fn pass_on(&mut self, into: &mut ReadBufCursor<'_>) {
        match &mut self.state {
            State::Refused(passed) => {
                let rest = &IN_ITS_PLACE[*passed..];
                let taken = rest.len().min(into.remaining());
                into.put_slice(&rest[..taken]);
                *passed += taken;
            }
            State::Pass(left) => {
                let taken = (self.end - self.start).min(*left).min(into.remaining());
                into.put_slice(&self.buffer[self.start..self.start + taken]);
                self.start += taken;
                *left -= taken;
            }
            State::Head { .. } => {}
        }
    }

    /// Nothing came. How long the same is waited for is counted from its beginning, however often it is looked.
    fn waits(&self) {
        let is_empty = self.start == self.end;
        let waiting = match (&self.state, self.watch.waiting.get()) {
            (State::Head { .. }, same @ Waiting::Idle(_)) if is_empty => same,
            (State::Head { .. }, _) if is_empty => Waiting::Idle(now()),
            (State::Head { .. }, same @ Waiting::Head(_)) => same,
            (State::Head { .. }, _) => Waiting::Head(now()),
            (_, same @ Waiting::Body(_)) => same,
            (_, _) => Waiting::Body(now()),
        };
        self.watch.waiting.set(waiting);
    }

    /// Something was passed on.
    fn has_passed_on(&self) {
        let waiting = match (&self.state, self.watch.waiting.get()) {
            (State::Pass(1..), same @ Waiting::Body(_)) => same,
            (State::Pass(1..), _) => Waiting::Body(now()),
            _ => Waiting::Nothing,
        };
        self.watch.waiting.set(waiting);
    }

    /// Whether a client may be sending what nobody reads.
    fn is_cut_off(&self) -> bool {
        self.start < self.end || matches!(self.state, State::Refused(_) | State::Pass(1..))
    }
}

#[expect(clippy::disallowed_methods, reason = "how long a client is waited for, seen nowhere else")]
fn now() -> Instant {
    Instant::now()
}

impl<S: AsyncRead + Unpin> Checked<S> {
    /// Reads on after the last answer: a connection that is closed before all was read is reset, and the client may
    /// never see the answer that was on its way.
    fn poll_discard(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            let mut buffer = ReadBuf::new(&mut self.buffer);
            match ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => {}
                _ => return Poll::Ready(()),
            }
            let discarded = self.discarded.unwrap_or_default() + buffer.filled().len();
            self.discarded = Some(discarded);
            if discarded > MOST_DISCARDED {
                return Poll::Ready(());
            }
        }
    }
}

impl<S: AsyncRead + Unpin> hyper::rt::Read for Checked<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut into: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            if this.advance() {
                this.pass_on(&mut into);
                this.has_passed_on();
                return Poll::Ready(Ok(()));
            }
            if matches!(this.state, State::Refused(_)) {
                // Nothing more, and no end either, which the library would take for a client that went away.
                return Poll::Pending;
            }
            if this.watch.is_late.get() {
                if matches!(this.state, State::Head { .. }) && this.start < this.end {
                    this.refuse(Fault::Late);
                    continue;
                }
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            this.make_room();
            let mut buffer = ReadBuf::new(&mut this.buffer[this.end..]);
            let Poll::Ready(read) = Pin::new(&mut this.stream).poll_read(context, &mut buffer) else {
                this.waits();
                return Poll::Pending;
            };
            read?;
            let read = buffer.filled().len();
            if read == 0 {
                return Poll::Ready(Ok(()));
            }
            this.end += read;
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> hyper::rt::Write for Checked<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(context, bytes);
        if written.is_pending() && this.watch.untaken.get().is_none() {
            this.watch.untaken.set(Some(now()));
        }
        written
    }

    /// The library flushes when it has written all.
    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.stream).poll_flush(context);
        if flushed.is_ready() {
            this.watch.untaken.set(None);
        } else if this.watch.untaken.get().is_none() {
            this.watch.untaken.set(Some(now()));
        }
        flushed
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.discarded.is_none() {
            ready!(Pin::new(&mut this.stream).poll_shutdown(context))?;
            this.discarded = Some(0);
            this.watch.waiting.set(Waiting::End(now()));
        }
        if this.is_cut_off() {
            ready!(this.poll_discard(context));
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
#[path = "framing_tests.rs"]
mod beside_the_library;
