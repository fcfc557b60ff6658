//! What reaches the HTTP library: heads that can be read in one way only, and as many bytes behind each
//! as its `Content-Length` says.
//!
//! A gateway in front may understand a request in another way than whoever stands behind it (RFC 9112
//! §11.2, request smuggling). The library is lenient where the RFC lets it be: it takes a bare line feed
//! for a line's end, and resolves a contradiction of length and transfer coding by itself. Here such a head is
//! refused, and its connection closed. A body is announced by its length; chunks are not taken
//! (RFC 9110 §8.6 allows that, with 411).

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use hyper::rt::ReadBufCursor;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::bounds::Sizes;

/// Why a head is not passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Not HTTP/1.0 or HTTP/1.1, as the preface of HTTP/2.
    Version,
    /// `CONNECT`, `TRACE`: nothing here answers them.
    Method,
    /// No absolute path, or a fragment in it.
    Target,
    /// A bare line feed or carriage return.
    LineEnd,
    /// A field continued on the next line (RFC 9112 §5.2).
    Folded,
    /// No, or more than one, `Host` (RFC 9112 §3.2).
    Host,
    /// `Content-Length` twice, or no number.
    Length,
    /// A transfer coding beside a length.
    LengthAndCoding,
    /// A transfer coding.
    Coding,
    /// A name that is no token, or none at all.
    Field,
    HeadTooLarge,
    BodyTooLarge,
}

impl Fault {
    /// The status of its answer.
    pub(super) const fn status(self) -> u16 {
        match self {
            Self::Version => 505,
            Self::Method => 405,
            Self::Coding => 411,
            Self::HeadTooLarge => 431,
            Self::BodyTooLarge => 413,
            Self::Target
            | Self::LineEnd
            | Self::Folded
            | Self::Host
            | Self::Length
            | Self::LengthAndCoding
            | Self::Field => 400,
        }
    }

    /// What it says.
    pub(super) const fn detail(self) -> &'static str {
        match self {
            Self::Version => "only HTTP/1.0 and HTTP/1.1 are spoken here",
            Self::Method => "nothing here answers this method",
            Self::Target => "the request target is not an absolute path, or has a fragment",
            Self::LineEnd => "a line ends with a bare line feed or carriage return",
            Self::Folded => "a header field is continued on a second line",
            Self::Host => "there is no Host header, or more than one",
            Self::Length => "Content-Length is no number, or stands there twice",
            Self::LengthAndCoding => "both Content-Length and Transfer-Encoding are given",
            Self::Coding => "send a Content-Length: bodies in chunks are not taken",
            Self::Field => "a header field's name is not one",
            Self::HeadTooLarge => "the request's head is too large",
            Self::BodyTooLarge => "the request's body is too large",
        }
    }
}

/// What the connection's owner sees of it.
#[derive(Debug)]
pub(super) struct Watch {
    /// The fault that the next request stands for.
    pub(super) fault: Cell<Option<Fault>>,
    /// What is waited for, and since when.
    pub(super) waiting: Cell<Waiting>,
}

/// What is waited for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Waiting {
    /// The first byte of a request.
    Idle(Instant),
    /// The rest of a head.
    Head(Instant),
    /// The rest of a body.
    Body(Instant),
    /// Nothing: an answer is being made or taken.
    Answer(Instant),
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
}

const FIRST_BUFFER: usize = 2048;

impl<S> Checked<S> {
    pub(super) fn new(stream: S, sizes: Sizes, now: Instant) -> (Self, Rc<Watch>) {
        let watch = Rc::new(Watch { fault: Cell::new(None), waiting: Cell::new(Waiting::Idle(now)) });
        let checked = Self {
            stream,
            sizes,
            buffer: vec![0; FIRST_BUFFER.min(sizes.head)].into(),
            start: 0,
            end: 0,
            state: State::Head { searched: 0 },
            watch: Rc::clone(&watch),
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
                    let Some(length) = end_of_head(bytes, searched) else {
                        self.state = State::Head { searched: bytes.len().saturating_sub(3) };
                        // What can never become a head is not waited for.
                        match early_fault(bytes) {
                            Some(fault) => self.refuse(fault),
                            None if bytes.len() >= self.sizes.head => self.refuse(Fault::HeadTooLarge),
                            None => return false,
                        }
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
        self.watch.fault.set(Some(fault));
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

    #[expect(clippy::disallowed_methods, reason = "how long a client is waited for, seen nowhere else")]
    fn waits(&self) {
        let waiting = match (&self.state, self.watch.waiting.get()) {
            (State::Head { .. }, _) if self.start == self.end => Waiting::Idle(Instant::now()),
            (State::Head { .. }, Waiting::Head(since)) => Waiting::Head(since),
            (State::Head { .. }, _) => Waiting::Head(Instant::now()),
            (_, Waiting::Body(since)) => Waiting::Body(since),
            (_, _) => Waiting::Body(Instant::now()),
        };
        self.watch.waiting.set(waiting);
    }

    #[expect(clippy::disallowed_methods, reason = "how long an answer takes, seen nowhere else")]
    fn answers(&self) {
        if !matches!(self.state, State::Pass(1..)) {
            self.watch.waiting.set(Waiting::Answer(Instant::now()));
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
                this.answers();
                return Poll::Ready(Ok(()));
            }
            if matches!(this.state, State::Refused(_)) {
                return Poll::Ready(Ok(()));
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

impl<S: AsyncWrite + Unpin> hyper::rt::Write for Checked<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(Pin::new(&mut this.stream).poll_shutdown(context))?;
        Poll::Ready(Ok(()))
    }
}

/// Where a head ends, behind its empty line. A bare line feed ends it, too, so that such a head is
/// judged rather than waited for.
fn end_of_head(bytes: &[u8], searched: usize) -> Option<usize> {
    let mut from = searched;
    while let Some(at) = bytes[from..].iter().position(|byte| *byte == b'\n').map(|at| from + at) {
        match &bytes[at + 1..] {
            [b'\n', ..] => return Some(at + 2),
            [b'\r', b'\n', ..] => return Some(at + 3),
            _ => from = at + 1,
        }
    }
    None
}

/// What is wrong before the head is there.
fn early_fault(bytes: &[u8]) -> Option<Fault> {
    let first = *bytes.first()?;
    (!is_token(first)).then_some(Fault::Version)
}

/// A character of a token (RFC 9110 §5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Checks a whole head; returns the length of its body.
fn check(head: &[u8]) -> Result<u64, Fault> {
    let mut lines = head.split(|byte| *byte == b'\n');
    // Behind the last line feed there is nothing.
    lines.next_back();
    let mut lines = lines.map(|line| match line.strip_suffix(b"\r") {
        Some(line) if !line.contains(&b'\r') => Ok(line),
        _ => Err(Fault::LineEnd),
    });
    let is_old = check_request_line(lines.next().ok_or(Fault::LineEnd)??)?;
    let (mut length, mut coded, mut hosts) = (None, false, 0);
    for line in lines {
        let line = line?;
        if line.is_empty() {
            break;
        }
        if matches!(line[0], b' ' | b'\t') {
            return Err(Fault::Folded);
        }
        let colon = line.iter().position(|byte| *byte == b':').ok_or(Fault::Field)?;
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.is_empty() || !name.iter().all(|byte| is_token(*byte)) {
            return Err(Fault::Field);
        }
        match name.len() {
            4 if name.eq_ignore_ascii_case(b"host") => hosts += 1,
            14 if name.eq_ignore_ascii_case(b"content-length") => {
                let number = number(value).filter(|_| length.is_none());
                length = Some(number.ok_or(Fault::Length)?);
            }
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => coded = true,
            _ => {}
        }
    }
    match (length, coded) {
        (Some(_), true) => Err(Fault::LengthAndCoding),
        (None, true) => Err(Fault::Coding),
        _ if hosts > 1 || (hosts == 0 && !is_old) => Err(Fault::Host),
        (length, false) => Ok(length.unwrap_or(0)),
    }
}

/// Whether it is one of HTTP/1.0.
fn check_request_line(line: &[u8]) -> Result<bool, Fault> {
    let mut words = line.split(|byte| *byte == b' ');
    let (Some(method), Some(target), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(Fault::Target);
    };
    let is_old = match version {
        b"HTTP/1.1" => false,
        b"HTTP/1.0" => true,
        _ => return Err(Fault::Version),
    };
    if matches!(method, b"CONNECT" | b"TRACE") {
        return Err(Fault::Method);
    }
    let is_path =
        target.first() == Some(&b'/') && target.iter().all(|byte| byte.is_ascii_graphic() && *byte != b'#');
    if is_path { Ok(is_old) } else { Err(Fault::Target) }
}

fn number(text: &[u8]) -> Option<u64> {
    let is_number = !text.is_empty() && text.len() <= 18 && text.iter().all(u8::is_ascii_digit);
    is_number.then(|| text.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(head: &str) -> Option<Fault> {
        check(head.as_bytes()).err()
    }

    #[test]
    fn a_plain_head_passes_with_the_length_of_its_body() {
        assert_eq!(check(b"GET /auth/nginx/a HTTP/1.1\r\nHost: x\r\n\r\n"), Ok(0));
        assert_eq!(check(b"GET /a HTTP/1.0\r\n\r\n"), Ok(0));
        assert_eq!(check(b"POST /validate HTTP/1.1\r\nhost: x\r\ncontent-length:  12\r\n\r\n"), Ok(12));
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        for (head, wanted) in [
            ("GET / HTTP/1.1\nHost: x\r\n\r\n", Fault::LineEnd),
            ("GET / HTTP/1.1\r\nHost: x\n\n", Fault::LineEnd),
            ("GET / HTTP/1.1\r\nHost: x\ry: z\r\n\r\n", Fault::LineEnd),
            ("GET / HTTP/1.1\r\nHost: x\r\n y\r\n\r\n", Fault::Folded),
            ("GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", Fault::Host),
            ("GET / HTTP/1.1\r\n\r\n", Fault::Host),
            ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length : 3\r\n\r\n", Fault::Field),
            ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\n", Fault::Length),
            ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 3\r\n\r\n", Fault::Length),
            ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n", Fault::Length),
            (
                "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
                Fault::LengthAndCoding,
            ),
            ("GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", Fault::Coding),
            ("PRI * HTTP/2.0\r\n\r\n", Fault::Version),
            ("TRACE / HTTP/1.1\r\nHost: x\r\n\r\n", Fault::Method),
            ("GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n", Fault::Target),
            ("GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n", Fault::Target),
            ("GET  / HTTP/1.1\r\nHost: x\r\n\r\n", Fault::Target),
            ("GET /\tHTTP/1.1\r\nHost: x\r\n\r\n", Fault::Target),
        ] {
            assert_eq!(fault(head), Some(wanted), "{head:?}");
        }
    }

    #[test]
    fn a_head_ends_at_its_empty_line_wherever_it_was_cut() {
        let head = b"GET / HTTP/1.1\r\nHost: x\r\n\r\nrest";
        for cut in 0..head.len() {
            let searched = end_of_head(&head[..cut], 0).map_or(cut.saturating_sub(3), |_| 0);
            assert_eq!(end_of_head(head, searched), Some(head.len() - 4), "cut at {cut}");
        }
    }
}
