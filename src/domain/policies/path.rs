//! The path of a request as a policy judges it: decoded once, with one meaning or none.
//!
//! Gateway, policy and backend each read the path for themselves. Where two of them could read it
//! differently, a request would be judged by one path and answered by another: so whatever programs in
//! the field disagree about is refused here, not repaired.

use std::borrow::Cow;
use std::fmt;

use super::escape::{self, BadEscape};

/// Bytes of a path as it was sent. nginx takes 8 KiB for a whole request line.
const LONGEST: usize = 8 * 1024;

/// A decoded path: `/` and segments between single slashes.
///
/// No segment is empty, or made of dots and blanks alone; none contains `%`, `/`, `\`, `;` or a control
/// character. A slash at the end is kept: `/a/` is not `/a`. Case counts, and nothing is normalised: two
/// spellings of one letter are two paths.
///
/// `Display` gives the one form in which it would be sent (RFC 3986 §6.2.2: capital digits, no needless
/// escapes).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JudgedPath<'r>(Cow<'r, str>);

/// Why a path is not judged, and its request denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PathFault {
    #[error("the path is longer than {LONGEST} bytes")]
    TooLong,
    /// Also `*`, the target of an OPTIONS request, and no path at all.
    #[error("the path does not start with /")]
    NotRooted,
    /// `http://host/path` (RFC 9112 §3.2.2): whose host is it?
    #[error("the request names a whole address in the place of a path")]
    AbsoluteForm,
    #[error("the path has a query behind it")]
    Query,
    #[error("the path contains #")]
    Fragment,
    #[error("the path contains a % without two hexadecimal digits behind it")]
    Escape,
    /// `%25`: whoever decodes twice sees another path.
    #[error("the path contains an encoded %")]
    EncodedPercent,
    #[error("the path contains an encoded slash")]
    EncodedSlash,
    #[error("the path contains an encoded dot")]
    EncodedDot,
    /// A slash to some.
    #[error("the path contains a backslash")]
    Backslash,
    /// The start of parameters to some, which they cut off.
    #[error("the path contains a semicolon")]
    Semicolon,
    #[error("the path contains a control character")]
    Control,
    /// A blank or a byte outside ASCII that is not percent-encoded.
    #[error("the path contains a character that must be percent-encoded")]
    Unencoded,
    #[error("the path is not UTF-8 once it is decoded")]
    Encoding,
    /// `//`, which some make one slash.
    #[error("the path contains an empty segment")]
    EmptySegment,
    /// `.`, `..`, and what Windows takes for them: `...` and `.. `.
    #[error("the path contains a segment of dots or blanks alone")]
    DotSegment,
}

impl PathFault {
    /// The word for logs and metrics.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::TooLong => "path_too_long",
            Self::NotRooted => "path_not_rooted",
            Self::AbsoluteForm => "path_absolute_form",
            Self::Query => "path_query",
            Self::Fragment => "path_fragment",
            Self::Escape => "path_escape",
            Self::EncodedPercent => "path_encoded_percent",
            Self::EncodedSlash => "path_encoded_slash",
            Self::EncodedDot => "path_encoded_dot",
            Self::Backslash => "path_backslash",
            Self::Semicolon => "path_semicolon",
            Self::Control => "path_control",
            Self::Unencoded => "path_unencoded",
            Self::Encoding => "path_encoding",
            Self::EmptySegment => "path_empty_segment",
            Self::DotSegment => "path_dot_segment",
        }
    }
}

impl From<BadEscape> for PathFault {
    fn from(BadEscape: BadEscape) -> Self {
        Self::Escape
    }
}

/// What stands before the first `?` of a request's target. The query is the client's and decides nothing.
pub(crate) fn without_query(target: &[u8]) -> &[u8] {
    target.split(|byte| *byte == b'?').next().unwrap_or_default()
}

impl<'r> JudgedPath<'r> {
    /// Judges the path that a gateway passes on, without its query ([`without_query`]). Nothing is copied
    /// where nothing is encoded.
    pub(crate) fn parse(raw: &'r [u8]) -> Result<Self, PathFault> {
        if raw.len() > LONGEST {
            return Err(PathFault::TooLong);
        }
        if raw.first() != Some(&b'/') {
            let is_address = raw.windows(3).any(|three| three == b"://");
            return Err(if is_address { PathFault::AbsoluteForm } else { PathFault::NotRooted });
        }
        let decoded = match decode(raw)? {
            None => Cow::Borrowed(std::str::from_utf8(raw).map_err(|_| PathFault::Encoding)?),
            Some(bytes) => Cow::Owned(String::from_utf8(bytes).map_err(|_| PathFault::Encoding)?),
        };
        check_segments(&decoded)?;
        Ok(Self(decoded))
    }

    /// Of segments that a path may have.
    pub(super) fn of_segments<'s>(
        segments: impl Iterator<Item = &'s str>,
        slash: bool,
    ) -> JudgedPath<'static> {
        let mut text: String = segments.flat_map(|segment| ["/", segment]).collect();
        if slash || text.is_empty() {
            text.push('/');
        }
        JudgedPath(Cow::Owned(text))
    }

    /// The decoded text.
    #[cfg(test)]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The decoded segments, none of them empty.
    pub(super) fn segments(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').filter(|segment| !segment.is_empty())
    }

    /// Whether a slash stands behind the last segment.
    pub(super) fn ends_with_slash(&self) -> bool {
        self.0.ends_with('/')
    }
}

/// The bytes meant, `None` where they are those that were sent.
fn decode(raw: &[u8]) -> Result<Option<Vec<u8>>, PathFault> {
    let mut decoded = None;
    let mut at = 0;
    while let Some(byte) = raw.get(at) {
        let meant = if *byte == b'%' {
            let meant = escape::escaped_byte(&raw[at + 1..])?;
            let bytes: &mut Vec<u8> = decoded.get_or_insert_with(|| raw[..at].to_vec());
            check_encoded(meant)?;
            bytes.push(meant);
            at += 3;
            meant
        } else {
            check_plain(*byte)?;
            if let Some(bytes) = &mut decoded {
                bytes.push(*byte);
            }
            at += 1;
            *byte
        };
        check_either(meant)?;
    }
    Ok(decoded)
}

fn check_encoded(meant: u8) -> Result<(), PathFault> {
    match meant {
        b'%' => Err(PathFault::EncodedPercent),
        b'/' => Err(PathFault::EncodedSlash),
        b'.' => Err(PathFault::EncodedDot),
        _ => Ok(()),
    }
}

fn check_plain(byte: u8) -> Result<(), PathFault> {
    match byte {
        b'?' => Err(PathFault::Query),
        b'#' => Err(PathFault::Fragment),
        b' ' | 0x80.. => Err(PathFault::Unencoded),
        _ => Ok(()),
    }
}

fn check_either(meant: u8) -> Result<(), PathFault> {
    match meant {
        b'\\' => Err(PathFault::Backslash),
        b';' => Err(PathFault::Semicolon),
        _ if meant.is_ascii_control() => Err(PathFault::Control),
        _ => Ok(()),
    }
}

fn check_segments(decoded: &str) -> Result<(), PathFault> {
    // Those beyond ASCII (C1), which no single byte shows.
    if !decoded.is_ascii() && decoded.chars().any(char::is_control) {
        return Err(PathFault::Control);
    }
    let mut segments = decoded[1..].split('/').peekable();
    while let Some(segment) = segments.next() {
        if segment.is_empty() {
            if segments.peek().is_some() {
                return Err(PathFault::EmptySegment);
            }
        } else if is_dots(segment) {
            return Err(PathFault::DotSegment);
        }
    }
    Ok(())
}

/// Whether nothing but dots and blanks is in it.
pub(super) fn is_dots(segment: &str) -> bool {
    segment.chars().all(|c| c == '.' || c.is_whitespace())
}

impl fmt::Display for JudgedPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.bytes() {
            // RFC 3986 §3.3: pchar, and the slash between segments.
            if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,=:@/".contains(&byte) {
                write!(f, "{}", char::from(byte))?;
            } else {
                write!(f, "%{byte:02X}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_path_is_decoded_once_and_keeps_its_slash_at_the_end() {
        for (raw, decoded) in [
            ("/", "/"),
            ("/v1/memories/alice", "/v1/memories/alice"),
            ("/a/", "/a/"),
            ("/a%20b/%C3%A9", "/a b/é"),
            ("/%61%6c", "/al"),
            ("/auth0%7C5f", "/auth0|5f"),
            ("/what%3F%23", "/what?#"),
            ("/.well-known/a..b/..c/c..", "/.well-known/a..b/..c/c.."),
            ("/a[0]|^{x}", "/a[0]|^{x}"),
            ("/a:b@c,d=e", "/a:b@c,d=e"),
        ] {
            let path = JudgedPath::parse(raw.as_bytes()).expect(raw);
            assert_eq!(path.as_str(), decoded);
            assert_eq!(matches!(path.0, Cow::Borrowed(_)), !raw.contains('%'), "{raw}");
        }
    }

    #[test]
    fn each_way_to_mean_two_paths_has_its_own_fault() {
        use PathFault::*;
        for (raw, fault) in [
            (&b""[..], NotRooted),
            (b"*", NotRooted),
            (b"a/b", NotRooted),
            (b"%2Fa", NotRooted),
            (b"\\a", NotRooted),
            (b" /a", NotRooted),
            (b"http://host/path", AbsoluteForm),
            (b"HTTPS://host", AbsoluteForm),
            (b"//host/path", EmptySegment),
            (b"/a//b", EmptySegment),
            (b"/a//", EmptySegment),
            (b"//", EmptySegment),
            (b"/..", DotSegment),
            (b"/a/../b", DotSegment),
            (b"/a/./b", DotSegment),
            (b"/a/.", DotSegment),
            (b"/a/.../b", DotSegment),
            (b"/a/..%20/b", DotSegment),
            (b"/a/%20/b", DotSegment),
            (b"/a/..%C2%A0/b", DotSegment),
            (b"/a/%2e%2e/b", EncodedDot),
            (b"/a/.%2E/b", EncodedDot),
            (b"/a%2Ejpg", EncodedDot),
            (b"/a%2Fb", EncodedSlash),
            (b"/a%2fb", EncodedSlash),
            (b"/%252e%252e/b", EncodedPercent),
            (b"/100%25", EncodedPercent),
            (b"/a\\b", Backslash),
            (b"/a%5Cb", Backslash),
            (b"/a%5c..%5cb", Backslash),
            (b"/a;x=1/b", Semicolon),
            (b"/a/..;/b", Semicolon),
            (b"/a%3Bx", Semicolon),
            (b"/%", Escape),
            (b"/%4", Escape),
            (b"/%zz", Escape),
            (b"/%u002e", Escape),
            (b"/%C0%AE%C0%AE/b", Encoding),
            (b"/%E0%80%AF", Encoding),
            (b"/%FF", Encoding),
            (b"/%ED%A0%80", Encoding),
            (b"/%C3", Encoding),
            (b"/a\0", Control),
            (b"/a%00.jpg", Control),
            (b"/a%0d%0ab", Control),
            (b"/a\tb", Control),
            (b"/a%7F", Control),
            (b"/a%C2%85b", Control),
            (b"/a b", Unencoded),
            ("/é".as_bytes(), Unencoded),
            (b"/a\xff", Unencoded),
            (b"/a?b", Query),
            (b"/a#b", Fragment),
        ] {
            assert_eq!(JudgedPath::parse(raw), Err(fault), "{}", String::from_utf8_lossy(raw));
        }
    }

    #[test]
    fn a_path_has_a_longest_length() {
        let of = |length: usize| [b"/", "a".repeat(length - 1).as_bytes()].concat();
        assert!(JudgedPath::parse(&of(LONGEST)).is_ok());
        assert_eq!(JudgedPath::parse(&of(LONGEST + 1)), Err(PathFault::TooLong));
    }

    #[test]
    fn the_query_is_cut_at_the_first_question_mark() {
        for (target, path) in
            [("/a", "/a"), ("/a?b", "/a"), ("/a?b?c#d", "/a"), ("?a", ""), ("/a%3Fb", "/a%3Fb")]
        {
            assert_eq!(without_query(target.as_bytes()), path.as_bytes(), "{target}");
        }
    }

    /// Paths with more than their share of what matters.
    fn raw() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            8 => "[a-zA-Z0-9._~-]{1,3}".prop_map(String::into_bytes),
            6 => Just(b"/".to_vec()),
            3 => Just(b"..".to_vec()),
            4 => any::<u8>().prop_map(|byte| format!("%{byte:02x}").into_bytes()),
            2 => any::<char>().prop_map(|c| c.to_string().bytes().flat_map(|b| format!("%{b:02X}").into_bytes()).collect()),
            2 => any::<u8>().prop_map(|byte| vec![byte]),
            2 => "%[0-9a-f]{0,2}".prop_map(String::into_bytes),
            1 => "[;\\\\?#%:]".prop_map(String::into_bytes),
        ];
        proptest::collection::vec(piece, 0..9)
            .prop_map(|pieces| [b"/".to_vec()].into_iter().chain(pieces).flatten().collect())
    }

    /// What a careless backend does: it decodes until nothing is left to decode, makes slashes of
    /// backslashes, cuts parameters off, drops empty segments and climbs at `..`.
    fn careless(raw: &[u8]) -> Vec<u8> {
        let mut bytes = raw.to_vec();
        while let Ok(next) = escape::unescape(&bytes)
            && next != bytes
        {
            bytes = next;
        }
        let mut found: Vec<&[u8]> = Vec::new();
        for segment in bytes.split(|byte| b"/\\".contains(byte)) {
            let segment = segment.split(|byte| b";\0".contains(byte)).next().unwrap_or_default();
            match segment {
                b"" | b"." => {}
                b".." => {
                    found.pop();
                }
                _ => found.push(segment),
            }
        }
        found.iter().flat_map(|segment| [b"/", *segment].concat()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn a_judged_path_is_the_one_that_any_backend_sees(raw in raw()) {
            if let Ok(path) = JudgedPath::parse(&raw) {
                let plain = path.as_str().trim_end_matches('/').as_bytes();
                prop_assert_eq!(careless(&raw), plain);
                prop_assert_eq!(careless(path.to_string().as_bytes()), plain);
            }
        }

        #[test]
        fn a_judged_path_has_one_form(raw in raw()) {
            if let Ok(path) = JudgedPath::parse(&raw) {
                let canonical = path.to_string();
                prop_assert!(canonical.bytes().all(|byte| byte.is_ascii_graphic()));
                prop_assert_eq!(JudgedPath::parse(canonical.as_bytes()).expect("canonical"), path.clone());
                let again = JudgedPath::of_segments(path.segments(), path.ends_with_slash());
                prop_assert_eq!(again, path);
            }
        }

        #[test]
        fn nothing_climbs_and_nothing_hides(raw in raw()) {
            if let Ok(path) = JudgedPath::parse(&raw) {
                let text = path.as_str();
                prop_assert!(text.starts_with('/') && !text.contains("//"));
                prop_assert!(text.split('/').all(|segment| segment != "." && segment != ".."));
                prop_assert!(!text.contains(['%', '\\', ';']) && !text.chars().any(char::is_control));
            }
        }

        #[test]
        fn two_encodings_of_one_text_are_judged_alike(text in "(/[a-zA-Z0-9_~ é|-]{1,4}){1,4}/?", seed: u64) {
            let spell = |seed: u64| -> String {
                let one = |(at, byte): (usize, u8)| {
                    let must = !byte.is_ascii_graphic();
                    let may = byte != b'/' && (seed >> (at % 64)) & 1 == 1;
                    if must || may { format!("%{byte:02x}") } else { char::from(byte).to_string() }
                };
                text.bytes().enumerate().map(one).collect()
            };
            let (one, other) = (spell(seed), spell(0));
            prop_assert_eq!(JudgedPath::parse(one.as_bytes()), JudgedPath::parse(other.as_bytes()));
        }
    }
}
