//! What a head may be: one that can be read in one way only.
//!
//! A gateway in front may understand a request in another way than whoever stands behind it (RFC 9112
//! §11.2, request smuggling). The library is lenient where the RFC lets it be: it takes a bare line feed
//! for a line's end, and resolves a contradiction of length and transfer coding by itself. Here such a head is
//! refused. A body is announced by its length; chunks are not taken (RFC 9110 §8.6 allows that, with 411).

use memchr::{memchr, memchr_iter};

/// Why a head is not passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Not HTTP/1.0 or HTTP/1.1, as the preface of HTTP/2.
    Version,
    /// `CONNECT`, `TRACE`: nothing here answers them.
    Method,
    /// No absolute path, a fragment in it, or what is no character of one.
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
    /// A name that is no token, or none at all; a value with control characters.
    Field,
    HeadTooLarge,
    BodyTooLarge,
    /// The rest of it did not come in time.
    Late,
}

impl Fault {
    /// The status of its answer.
    pub(super) const fn status(self) -> u16 {
        match self {
            Self::Version => 505,
            Self::Method => 405,
            Self::Coding => 411,
            Self::Late => 408,
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
            Self::Target => {
                "the request target is not an absolute path, has a fragment, or what must be percent-encoded"
            }
            Self::LineEnd => "a line ends with a bare line feed or carriage return",
            Self::Folded => "a header field is continued on a second line",
            Self::Host => "there is no Host header, or more than one",
            Self::Length => "Content-Length is no number, or stands there twice",
            Self::LengthAndCoding => "both Content-Length and Transfer-Encoding are given",
            Self::Coding => "send a Content-Length: bodies in chunks are not taken",
            Self::Field => "a header field's name is not one, or its value has control characters",
            Self::HeadTooLarge => "the request's head is too large",
            Self::BodyTooLarge => "the request's body is too large",
            Self::Late => "the rest of the request did not come in time",
        }
    }
}

/// A head has no more fields. It is what the library takes if it is told nothing; told the same, it makes room for each
/// of them anew with every request.
const MOST_FIELDS: usize = 100;

/// Longer targets and names the library does not take.
const LONGEST_WORD: usize = 65_534;

/// Where a head ends, behind its empty line. A bare line feed ends it, too, so that such a head is
/// judged rather than waited for.
pub(super) fn end_of_head(bytes: &[u8], searched: usize) -> Option<usize> {
    let mut from = searched;
    while let Some(at) = memchr(b'\n', &bytes[from..]).map(|at| from + at) {
        match &bytes[at + 1..] {
            [b'\n', ..] => return Some(at + 2),
            [b'\r', b'\n', ..] => return Some(at + 3),
            _ => from = at + 1,
        }
    }
    None
}

/// What is wrong before the head is there.
pub(super) fn early_fault(bytes: &[u8]) -> Option<Fault> {
    let first = *bytes.first()?;
    // The beginning of an empty line is none of a request.
    (!is_token(first) && bytes != b"\r").then_some(Fault::Version)
}

/// Whether what was read of a head has a target where nginx asks, whatever else is wrong with it.
pub(super) fn is_of_nginx(head: &[u8]) -> bool {
    let mut words = head.split(|byte| *byte == b' ');
    let (method, target) = (words.next(), words.next().unwrap_or_default());
    let is_method = method.is_some_and(|method| is_all(method, TOKEN));
    is_method && target.strip_prefix(b"/auth/nginx").is_some_and(|rest| rest.starts_with(b"/"))
}

/// What a byte may be part of: each is looked at, so it is looked up.
const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0_u8;
    loop {
        let is_mark = matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        );
        if byte.is_ascii_alphanumeric() || is_mark {
            kinds[byte as usize] |= TOKEN;
        }
        if !byte.is_ascii_control() || byte == b'\t' {
            kinds[byte as usize] |= VALUE;
        }
        if byte.is_ascii_graphic() && !matches!(byte, b'#' | b'<' | b'>') {
            kinds[byte as usize] |= TARGET;
        }
        if byte == u8::MAX {
            break;
        }
        byte += 1;
    }
    kinds
};

/// A character of a token (RFC 9110 §5.6.2), of a field's value, of a request target that the library takes.
const TOKEN: u8 = 1;
const VALUE: u8 = 2;
const TARGET: u8 = 4;

fn is_all(bytes: &[u8], kind: u8) -> bool {
    bytes.iter().fold(kind, |all, byte| all & KINDS[usize::from(*byte)]) != 0
}

fn is_token(byte: u8) -> bool {
    KINDS[usize::from(byte)] & TOKEN != 0
}

/// Checks a whole head; returns the length of its body.
pub(super) fn check(head: &[u8]) -> Result<u64, Fault> {
    let mut from = 0;
    let ends = memchr_iter(b'\n', head).map(|end| (std::mem::replace(&mut from, end + 1), end));
    let mut lines = ends.map(|(begin, end)| match head[begin..end].strip_suffix(b"\r") {
        Some(line) if memchr(b'\r', line).is_none() => Ok(line),
        _ => Err(Fault::LineEnd),
    });
    let is_old = check_request_line(lines.next().ok_or(Fault::LineEnd)??)?;
    let (mut length, mut coded, mut hosts) = (None, false, 0);
    for (fields, line) in lines.enumerate() {
        let line = line?;
        if line.is_empty() {
            break;
        }
        if fields == MOST_FIELDS {
            return Err(Fault::HeadTooLarge);
        }
        if matches!(line[0], b' ' | b'\t') {
            return Err(Fault::Folded);
        }
        let colon = memchr(b':', line).ok_or(Fault::Field)?;
        let (name, value) = (&line[..colon], trim_blanks(&line[colon + 1..]));
        let is_name = matches!(name.len(), 1..=LONGEST_WORD) && is_all(name, TOKEN);
        if !is_name || !is_all(value, VALUE) {
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
    if method.is_empty() || !is_all(method, TOKEN) {
        return Err(Fault::Method);
    }
    if target.len() > LONGEST_WORD {
        return Err(Fault::HeadTooLarge);
    }
    let (path, query) = target.split_at(memchr(b'?', target).unwrap_or(target.len()));
    // What the library would refuse by itself, without a word.
    let is_written = |text: &[u8], not: u8| is_all(text, TARGET) && memchr(not, text).is_none();
    let is_path = path.first() == Some(&b'/') && is_written(path, b'`') && is_written(query, b'"');
    if is_path { Ok(is_old) } else { Err(Fault::Target) }
}

/// Without what may stand around a value (RFC 9110 §5.6.3): no more than blanks and tabs.
fn trim_blanks(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
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
            ("GET /a?b=<c> HTTP/1.1\r\nHost: x\r\n\r\n", Fault::Target),
            ("G(T / HTTP/1.1\r\nHost: x\r\n\r\n", Fault::Method),
            ("GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n", Fault::Field),
            ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: \x0c3\r\n\r\n", Fault::Field),
        ] {
            assert_eq!(fault(head), Some(wanted), "{head:?}");
        }
    }

    #[test]
    fn where_nginx_asks_is_seen_at_the_target_alone() {
        for head in ["GET /auth/nginx/a HTTP/1.1\r\n", "GET /auth/nginx/", "POST /auth/nginx/@a\tx"] {
            assert!(is_of_nginx(head.as_bytes()), "{head:?}");
        }
        for head in ["", "GET", "GET ", "GET /auth/nginx", "GET /auth/nginxx/a", "GET /auth/caddy/a HTTP/1.1"]
        {
            assert!(!is_of_nginx(head.as_bytes()), "{head:?}");
        }
        assert!(!is_of_nginx(b"A: b\r\nX: /auth/nginx/a "), "not in a header");
    }

    #[test]
    fn a_head_ends_at_its_empty_line_wherever_it_was_cut() {
        let head = b"GET / HTTP/1.1\r\nHost: x\r\n\r\nrest";
        for cut in 0..head.len() {
            let searched = end_of_head(&head[..cut], 0).map_or(cut.saturating_sub(3), |_| 0);
            assert_eq!(end_of_head(head, searched), Some(head.len() - 4), "cut at {cut}");
        }
    }

    #[test]
    fn more_fields_than_the_library_takes_are_too_large_a_head() {
        let head = |fields| format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "a: b\r\n".repeat(fields));
        assert_eq!(fault(&head(MOST_FIELDS - 1)), None);
        assert_eq!(fault(&head(MOST_FIELDS)), Some(Fault::HeadTooLarge));
    }
}
