//! One request over a Unix socket, and its answer (HTTP/1.1, RFC 9112): as much of it as `keyctl serve` speaks.
//!
//! An answer says how long its body is by one `Content-Length`. Every other form is refused.

use std::io::{self, Read, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};
use zeroize::{Zeroize as _, Zeroizing};

use super::error::{LeaseError, LeaseFault};

const MOST_HEAD: usize = 16 * 1024;
const MOST_BODY: usize = 1024 * 1024;

/// How long a queue that is full is waited for.
const CONNECTS_WITHIN: Duration = Duration::from_secs(5);
const AGAIN: Duration = Duration::from_millis(20);

pub(super) struct Answer {
    pub(super) status: u16,
    /// In seconds.
    pub(super) retry_after: Option<u64>,
    /// Of the challenge, where there is one.
    pub(super) challenge: Option<String>,
    pub(super) body: Zeroizing<Vec<u8>>,
}

/// The bytes of a request. `key`, which is visible ASCII, and what is in the body are wiped with it.
pub(super) fn request(path: &str, key: Option<&str>, body: &[u8]) -> Zeroizing<Vec<u8>> {
    let length = body.len().to_string();
    let (before, key) = key.map_or(("", ""), |key| ("\r\nAuthorization: Bearer ", key));
    let head = [
        "POST ",
        path,
        " HTTP/1.1\r\nHost: localhost",
        before,
        key,
        "\r\nContent-Type: application/json\r\nContent-Length: ",
        &length,
        "\r\nConnection: close\r\n\r\n",
    ];
    let size = head.iter().map(|part| part.len()).sum::<usize>() + body.len();
    // Never grown, so nothing of it is left elsewhere.
    let mut bytes = Zeroizing::new(Vec::with_capacity(size));
    for part in head {
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes.extend_from_slice(body);
    bytes
}

/// Sends a request and reads its answer.
pub(super) fn ask(socket: &Path, request: &[u8], within: Duration) -> Result<Answer, LeaseError> {
    let until = now() + within;
    let failed = |error: &io::Error| {
        let (fault, what) = match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
                (LeaseFault::Timeout, "it did not answer in time".to_owned())
            }
            io::ErrorKind::InvalidData => (LeaseFault::Answer, error.to_string()),
            _ => (LeaseFault::Unreachable, error.to_string()),
        };
        fault.because(format!("{}: {what}", socket.display()))
    };
    let connected = connected(socket, until.min(now() + CONNECTS_WITHIN)).map_err(|error| failed(&error))?;
    let mut stream = Timed { stream: connected, until };
    // Whoever refuses by the head alone may close before all of it is written, and has answered all the same.
    let sent = stream.send(request);
    read(&mut stream).map_err(|error| match (error.kind(), &sent) {
        (io::ErrorKind::InvalidData, _) | (_, Ok(())) => failed(&error),
        (_, Err(error)) => failed(error),
    })
}

/// Does not wait for ever where a server has stopped that has let as many wait as may.
fn connected(socket: &Path, until: Instant) -> io::Result<UnixStream> {
    let address = SocketAddrUnix::new(socket)?;
    loop {
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let stream = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
        match connect(&stream, &address) {
            Ok(()) => {
                let stream = UnixStream::from(stream);
                stream.set_nonblocking(false)?;
                return Ok(stream);
            }
            Err(Errno::AGAIN) if now() < until => std::thread::sleep(AGAIN),
            Err(error) => return Err(error.into()),
        }
    }
}

/// A stream that gives up at a moment, however often it is read.
struct Timed {
    stream: UnixStream,
    until: Instant,
}

impl Timed {
    fn left(&self) -> io::Result<Duration> {
        let left = self.until.saturating_duration_since(now());
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.set_write_timeout(Some(self.left()?))?;
        self.stream.write_all(bytes)
    }
}

impl Read for Timed {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(self.left()?))?;
        self.stream.read(into)
    }
}

#[expect(clippy::disallowed_methods, reason = "how long an answer is waited for")]
pub(super) fn now() -> Instant {
    Instant::now()
}

fn bad(what: &'static str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("what it answered is no answer of keyctl serve: {what}"),
    )
}

fn read(stream: &mut impl Read) -> io::Result<Answer> {
    let mut buffer = Zeroizing::new(vec![0; MOST_HEAD]);
    let mut filled: usize = 0;
    let end = loop {
        // It may stand across two reads.
        let from = filled.saturating_sub(3);
        let taken = read_some(stream, &mut buffer[filled..])?;
        if taken == 0 {
            let cut = if filled == 0 { io::ErrorKind::UnexpectedEof.into() } else { bad("it is cut off") };
            return Err(cut);
        }
        filled += taken;
        if let Some(end) = buffer[from..filled].windows(4).position(|four| four == b"\r\n\r\n") {
            break from + end;
        }
        if filled == buffer.len() {
            return Err(bad("its head is larger than 16 KiB"));
        }
    };
    let head = Head::parse(&buffer[..end])?;
    let first = &buffer[end + 4..filled];
    if first.len() > head.length {
        return Err(bad("it is longer than it says"));
    }
    let mut body = Zeroizing::new(vec![0; head.length]);
    body[..first.len()].copy_from_slice(first);
    let mut have = first.len();
    while have < head.length {
        match read_some(stream, &mut body[have..])? {
            0 => return Err(bad("it is cut off")),
            taken => have += taken,
        }
    }
    buffer.zeroize();
    let Head { status, retry_after, challenge, .. } = head;
    Ok(Answer { status, retry_after, challenge, body })
}

fn read_some(stream: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    loop {
        match stream.read(into) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

struct Head {
    status: u16,
    length: usize,
    retry_after: Option<u64>,
    challenge: Option<String>,
}

impl Head {
    fn parse(bytes: &[u8]) -> io::Result<Self> {
        let text = str::from_utf8(bytes).ok().filter(|text| text.is_ascii());
        let mut lines = text.ok_or_else(|| bad("its head is no ASCII"))?.split("\r\n");
        let status = lines.next().and_then(status).ok_or_else(|| bad("it has no status"))?;
        let (mut length, mut retry_after, mut challenge) = (None, None, None);
        for line in lines {
            let (name, value) = header(line).ok_or_else(|| bad("a header is none"))?;
            match name.to_ascii_lowercase().as_str() {
                "content-length" if length.is_some() => return Err(bad("its length stands there twice")),
                "content-length" => {
                    length = Some(number(value).ok_or_else(|| bad("its length is no number"))?);
                }
                "transfer-encoding" | "content-encoding" => return Err(bad("it is encoded")),
                "retry-after" => retry_after = number(value),
                "www-authenticate" => challenge = Some(value.to_owned()),
                _ => {}
            }
        }
        let length = length.ok_or_else(|| bad("it does not say its length"))?;
        let length = usize::try_from(length).ok().filter(|length| *length <= MOST_BODY);
        let length = length.ok_or_else(|| bad("it is larger than 1 MiB"))?;
        Ok(Self { status, length, retry_after, challenge })
    }
}

/// `HTTP/1.1 200 OK`. An interim answer (1xx) is none that was asked for.
fn status(line: &str) -> Option<u16> {
    let rest = line.strip_prefix("HTTP/1.1 ")?;
    let (digits, reason) = rest.split_at_checked(3)?;
    if !(reason.is_empty() || reason.starts_with(' ')) || has_control(reason) {
        return None;
    }
    let status = number(digits)?;
    u16::try_from(status).ok().filter(|status| (200..600).contains(status))
}

fn header(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let is_good = !name.is_empty() && name.bytes().all(is_token) && !has_control(value);
    is_good.then(|| (name, value.trim_matches([' ', '\t'])))
}

fn has_control(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t')
}

/// Digits and nothing else, few enough that they cannot overflow.
fn number(text: &str) -> Option<u64> {
    let is_good = (1..=15).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_good.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives as many bytes at a time, and interrupts in between.
    struct Pieces<'a> {
        rest: &'a [u8],
        size: usize,
        interrupts: bool,
    }

    impl Read for Pieces<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.interrupts = !self.interrupts;
            if self.interrupts {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let taken = self.size.min(into.len()).min(self.rest.len());
            into[..taken].copy_from_slice(&self.rest[..taken]);
            self.rest = &self.rest[taken..];
            Ok(taken)
        }
    }

    fn read_in(bytes: &[u8], size: usize) -> io::Result<Answer> {
        read(&mut Pieces { rest: bytes, size, interrupts: false })
    }

    fn why(bytes: &[u8]) -> String {
        read_in(bytes, 7).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn an_answer_is_read_wherever_it_is_cut() {
        let bytes = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 7\r\nX-Other: a b\r\ncontent-LENGTH:2\r\n\r\n{}";
        for size in 1..=bytes.len() {
            let answer = read_in(bytes, size).expect("an answer");
            assert_eq!((answer.status, answer.retry_after, &answer.body[..]), (503, Some(7), &b"{}"[..]));
        }
        let empty = read_in(b"HTTP/1.1 204\r\nContent-Length: 0\r\n\r\n", 5).expect("an answer");
        assert_eq!((empty.status, empty.body.len()), (204, 0));
    }

    #[test]
    fn every_other_form_is_refused() {
        for (bytes, said) in [
            (&b"HTTP/1.1 200 OK\r\n\r\n{}"[..], "does not say its length"),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", "encoded"),
            (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", "encoded"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}", "twice"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\n{}", "no number"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\n{}", "no number"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n{}", "larger than 1 MiB"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n{}", "no number"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{}", "longer"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}", "cut off"),
            (b"HTTP/1.1 200 OK\r\nContent-Le", "cut off"),
            (b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}", "cut off"),
            (b"HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n", "no status"),
            (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", "no status"),
            (b"HTTP/1.1 2000\r\nContent-Length: 2\r\n\r\n{}", "no status"),
            (b"HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\n{}", "a header is none"),
            (b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\n{}", "a header is none"),
            (b"HTTP/1.1 200 OK\r\nX: \0\r\nContent-Length: 2\r\n\r\n{}", "a header is none"),
            (b"HTTP/1.1 200 OK\r\nX: \xff\r\nContent-Length: 2\r\n\r\n{}", "no ASCII"),
        ] {
            let why = why(bytes);
            assert!(why.contains(said), "{}: {why}", String::from_utf8_lossy(bytes));
        }
        let long =
            [b"HTTP/1.1 200 OK\r\nX: ".as_slice(), &[b'x'; 16_384], b"\r\nContent-Length: 2\r\n\r\n{}"]
                .concat();
        assert!(why(&long).contains("16 KiB"));
    }

    #[test]
    fn a_request_names_the_key_where_there_is_one() {
        let sent = |key| String::from_utf8(request("/lease", key, b"{}").to_vec()).expect("a text");
        assert!(sent(Some("k")).contains("\r\nAuthorization: Bearer k\r\nContent-Type:"));
        assert!(!sent(None).contains("Authorization"));
        assert!(sent(None).ends_with("\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"));
    }
}
