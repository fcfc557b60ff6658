//! Which paths a route is for.

use std::fmt;
use std::str::FromStr;

use super::path::{JudgedPath, is_dots};
use crate::domain::texts::text::{CodePoint, is_hidden};

/// Paths: `/v1/memories/{owner}`, `/v1/*/status`, `/files/**`.
///
/// It is written decoded and compared with the decoded path, whose case counts. `{owner}` and `*` stand for
/// one whole segment, never an empty one; `{owner}` at most once. `**`, only at the end, stands for any
/// number of segments, also none: `/files/**` is for `/files`, `/files/` and all below. Spring and others
/// have it so, and an operator who closes `/admin/**` means `/admin`, too.
///
/// Without a slash at the end it is for the path with and without one, since most backends answer both
/// alike and `/admin/` must not get past the rule for `/admin`. With one it is for that path alone.
///
/// The order is that of precedence: of two patterns for one path, the lesser is the more specific and wins.
/// By segment from the left, text goes before `{owner}`, that before `*`, that before the end (with a slash
/// before without), and that before `**`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pattern(Box<[Step]>);

/// What is asked of the next segment, or of the end. The order of the variants is that of precedence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Literal(Box<str>),
    Owner,
    Any,
    /// No more segments, and a slash.
    Slash,
    /// No more segments.
    End,
    /// Whatever follows.
    Rest,
}

/// Why a text is no pattern, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub(crate) struct PatternError {
    /// The character in the pattern, counted from 1.
    pub column: usize,
    pub fault: PatternFault,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PatternFault {
    #[error("the pattern is empty")]
    Empty,
    #[error("the pattern is longer than {LONGEST} bytes")]
    TooLong,
    #[error("the pattern has more than {MOST_SEGMENTS} segments")]
    TooManySegments,
    #[error("the pattern does not start with /")]
    NotRooted,
    #[error("the pattern contains an empty segment")]
    EmptySegment,
    #[error("a segment of dots or blanks alone is in no path")]
    DotSegment,
    #[error("a pattern is written decoded, and no path contains %")]
    Percent,
    /// `?`, `#`, `;`, `\`.
    #[error("no path contains {0}")]
    Never(CodePoint),
    #[error("the pattern contains the hidden character {0}")]
    Hidden(CodePoint),
    #[error("* stands for a whole segment, and not for a part of one")]
    PartOfSegment,
    #[error("** stands at the end alone")]
    RestNotLast,
    #[error("{{owner}} is the only name in braces, and stands for a whole segment")]
    Braces,
    #[error("{{owner}} stands in the pattern twice")]
    OwnerTwice,
}

const LONGEST: usize = 1024;
const MOST_SEGMENTS: usize = 32;
const OWNER: &str = "{owner}";

impl Pattern {
    /// Whether it is for the path; if so, which segment is the owner's.
    pub(crate) fn covers<'p>(&self, path: &'p JudgedPath<'_>) -> Option<Covered<'p>> {
        let mut owner = None;
        let mut segments = path.segments();
        for step in &self.0 {
            match step {
                Step::Literal(text) => {
                    segments.next().filter(|segment| *segment == &**text)?;
                }
                Step::Owner => owner = Some(segments.next()?),
                Step::Any => {
                    segments.next()?;
                }
                Step::Slash if !path.ends_with_slash() => return None,
                Step::Slash | Step::End => {
                    if segments.next().is_some() {
                        return None;
                    }
                }
                Step::Rest => {}
            }
        }
        Some(Covered { owner })
    }

    /// How many segments it names, and the bytes of the longest text among them.
    pub(super) fn extent(&self) -> (usize, usize) {
        let lengths = self.0.iter().map(|step| if let Step::Literal(text) = step { text.len() } else { 0 });
        (self.0.len() - 1, lengths.max().unwrap_or_default())
    }

    /// Paths that it is for, such that if any path is its own and no lesser pattern's, one of these is.
    ///
    /// `fresh` is a segment that is no pattern's text, and `longest` the most segments that any of the
    /// others names. A path stays the pattern's own when its segments under `*` and `{owner}` become
    /// fresh: others can but lose it by that. Under `**`, what is longer than every other pattern
    /// tells them apart no further than one segment more.
    pub(super) fn examples(&self, fresh: &str, longest: usize) -> Vec<JudgedPath<'static>> {
        let named: Vec<&str> = self.0[..self.0.len() - 1]
            .iter()
            .map(|step| if let Step::Literal(text) = step { text } else { fresh })
            .collect();
        let (more, slashes): (usize, &[bool]) = match self.0.last() {
            Some(Step::Rest) => ((longest + 1).saturating_sub(named.len()), &[false, true]),
            Some(Step::Slash) => (0, &[true]),
            _ => (0, &[false, true]),
        };
        let path = |more: usize, slash: bool| {
            JudgedPath::of_segments(named.iter().copied().chain(std::iter::repeat_n(fresh, more)), slash)
        };
        (0..=more)
            .flat_map(|more| slashes.iter().map(move |slash| (more, *slash)))
            .map(|(m, s)| path(m, s))
            .collect()
    }
}

/// That a pattern is for a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Covered<'p> {
    /// The segment under `{owner}`, decoded.
    pub owner: Option<&'p str>,
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let at = |column: usize, fault: PatternFault| PatternError { column, fault };
        if text.is_empty() {
            return Err(at(1, PatternFault::Empty));
        }
        if text.len() > LONGEST {
            return Err(at(1, PatternFault::TooLong));
        }
        let Some(below) = text.strip_prefix('/') else { return Err(at(1, PatternFault::NotRooted)) };
        let mut steps = Vec::new();
        let mut column = 2;
        let mut segments = below.split('/').peekable();
        while let Some(segment) = segments.next() {
            let is_last = segments.peek().is_none();
            if is_last && segment.is_empty() {
                steps.push(Step::Slash);
                break;
            }
            let step = step(segment).map_err(|(offset, fault)| at(column + offset, fault))?;
            match step {
                Step::Rest if !is_last => return Err(at(column, PatternFault::RestNotLast)),
                Step::Owner if steps.contains(&Step::Owner) => {
                    return Err(at(column, PatternFault::OwnerTwice));
                }
                _ if steps.len() == MOST_SEGMENTS => return Err(at(column, PatternFault::TooManySegments)),
                _ => steps.push(step),
            }
            column += segment.chars().count() + 1;
        }
        if !matches!(steps.last(), Some(Step::Slash | Step::Rest)) {
            steps.push(Step::End);
        }
        Ok(Self(steps.into()))
    }
}

/// What a segment asks; an error with how many characters stand before it.
fn step(segment: &str) -> Result<Step, (usize, PatternFault)> {
    match segment {
        "" => return Err((0, PatternFault::EmptySegment)),
        OWNER => return Ok(Step::Owner),
        "*" => return Ok(Step::Any),
        "**" => return Ok(Step::Rest),
        _ if is_dots(segment) => return Err((0, PatternFault::DotSegment)),
        _ => {}
    }
    let fault = |c: char| match c {
        '%' => Some(PatternFault::Percent),
        '?' | '#' | ';' | '\\' => Some(PatternFault::Never(CodePoint(c))),
        '*' => Some(PatternFault::PartOfSegment),
        '{' | '}' => Some(PatternFault::Braces),
        _ => is_hidden(c).then_some(PatternFault::Hidden(CodePoint(c))),
    };
    let found = segment.chars().enumerate().find_map(|(at, c)| Some((at, fault(c)?)));
    found.map_or_else(|| Ok(Step::Literal(segment.into())), Err)
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.0 {
            match step {
                Step::Literal(text) => write!(f, "/{text}")?,
                Step::Owner => write!(f, "/{OWNER}")?,
                Step::Any => f.write_str("/*")?,
                Step::Slash => f.write_str("/")?,
                Step::End => {}
                Step::Rest => f.write_str("/**")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pattern(text: &str) -> Pattern {
        text.parse().expect(text)
    }

    fn covers(text: &str, path: &str) -> Option<String> {
        let path = JudgedPath::parse(path.as_bytes()).expect(path);
        pattern(text).covers(&path).map(|covered| covered.owner.unwrap_or_default().to_owned())
    }

    #[test]
    fn a_pattern_is_for_these_paths_and_no_others() {
        for (text, paths, others) in [
            ("/", &["/"][..], &["/a"][..]),
            ("/a", &["/a", "/a/"], &["/", "/ab", "/A", "/a/b", "/a/b/", "/b"]),
            ("/a/", &["/a/"], &["/a", "/a/b", "/a/b/"]),
            ("/a/*", &["/a/b", "/a/b/", "/a/*"], &["/a", "/a/", "/a/b/c"]),
            ("/a/*/", &["/a/b/"], &["/a/b", "/a/"]),
            ("/*/b", &["/a/b"], &["/b", "/a", "/a/c"]),
            ("/a/**", &["/a", "/a/", "/a/b", "/a/b/", "/a/b/c"], &["/", "/ab", "/b/a"]),
            ("/**", &["/", "/a", "/a/b/c/"], &[]),
            ("/é b", &["/%C3%A9%20b"], &["/e%20b", "/%C3%A9"]),
        ] {
            for path in paths {
                assert!(covers(text, path).is_some(), "{text} {path}");
            }
            for path in others {
                assert!(covers(text, path).is_none(), "{text} {path}");
            }
        }
    }

    #[test]
    fn the_owner_is_one_whole_segment_decoded() {
        for (text, path, owner) in [
            ("/m/{owner}", "/m/alice", Some("alice")),
            ("/m/{owner}", "/m/alice/", Some("alice")),
            ("/m/{owner}", "/m/auth0%7C5f", Some("auth0|5f")),
            ("/m/{owner}", "/m/%61lice", Some("alice")),
            ("/m/{owner}/**", "/m/alice/x/y", Some("alice")),
            ("/{owner}/*", "/alice/bob", Some("alice")),
            ("/m/{owner}", "/m", None),
            ("/m/{owner}", "/m/", None),
            ("/m/{owner}", "/m/alice/bob", None),
        ] {
            assert_eq!(covers(text, path).as_deref(), owner, "{text} {path}");
        }
    }

    #[test]
    fn each_fault_of_a_pattern_has_its_own_error_and_column() {
        use PatternFault::*;
        let deep = format!("/{}", "a/".repeat(MOST_SEGMENTS + 1));
        let long = format!("/{}", "a".repeat(LONGEST));
        for (text, column, fault) in [
            ("", 1, Empty),
            ("a", 1, NotRooted),
            ("{owner}", 1, NotRooted),
            ("//", 2, EmptySegment),
            ("/é//b", 4, EmptySegment),
            ("/a/./b", 4, DotSegment),
            ("/a/..", 4, DotSegment),
            ("/a/ /b", 4, DotSegment),
            ("/a%20b", 3, Percent),
            ("/a?b", 3, Never(CodePoint('?'))),
            ("/a#", 3, Never(CodePoint('#'))),
            ("/a;b", 3, Never(CodePoint(';'))),
            ("/a\\b", 3, Never(CodePoint('\\'))),
            ("/a\u{200b}", 3, Hidden(CodePoint('\u{200b}'))),
            ("/a\n", 3, Hidden(CodePoint('\n'))),
            ("/a/b*", 5, PartOfSegment),
            ("/a/***", 4, PartOfSegment),
            ("/a/**/b", 4, RestNotLast),
            ("/a/**/", 4, RestNotLast),
            ("/a/{user}", 4, Braces),
            ("/a/x{owner}", 5, Braces),
            ("/a/{owner", 4, Braces),
            ("/a/owner}", 9, Braces),
            ("/{owner}/{owner}", 10, OwnerTwice),
            (&deep, 2 + 2 * MOST_SEGMENTS, TooManySegments),
            (&long, 1, TooLong),
        ] {
            assert_eq!(text.parse::<Pattern>(), Err(PatternError { column, fault }), "{text}");
        }
    }

    #[test]
    fn the_more_specific_pattern_comes_first() {
        let order = [
            "/a/b/c",
            "/a/b/{owner}",
            "/a/b/*",
            "/a/b/",
            "/a/b",
            "/a/b/**",
            "/a/{owner}/c",
            "/a/{owner}",
            "/a/*/c",
            "/a/*",
            "/a/**",
            "/{owner}/b",
            "/*/b",
            "/*",
            "/",
            "/**",
        ];
        for (at, lesser) in order.iter().enumerate() {
            for greater in &order[at + 1..] {
                assert!(pattern(lesser) < pattern(greater), "{lesser} {greater}");
            }
        }
    }

    fn any_pattern() -> impl Strategy<Value = String> {
        let segment = prop_oneof![4 => "[ab]", 1 => Just("*".to_owned()), 1 => Just("{owner}".to_owned())];
        let end = prop_oneof![3 => Just(""), 1 => Just("/"), 1 => Just("/**")];
        (proptest::collection::vec(segment, 1..4), end)
            .prop_map(|(segments, end)| format!("/{}{end}", segments.join("/")))
    }

    proptest! {
        #[test]
        fn a_pattern_reads_back(text in any_pattern()) {
            if let Ok(pattern) = text.parse::<Pattern>() {
                prop_assert_eq!(pattern.to_string(), text);
            }
        }

        #[test]
        fn nothing_panics(text in "\\PC*") {
            let _ = text.parse::<Pattern>();
        }

        /// So that every pattern without a fault can match at all.
        #[test]
        fn a_pattern_is_for_its_examples(text in "(/([a-z .é|]{1,3}|\\*|\\{owner\\})){1,4}(/|/\\*\\*)?") {
            if let Ok(pattern) = text.parse::<Pattern>() {
                for example in pattern.examples("~", 5) {
                    prop_assert!(pattern.covers(&example).is_some(), "{} {}", text, example);
                    let sent = example.to_string();
                    prop_assert_eq!(JudgedPath::parse(sent.as_bytes()), Ok(example), "{}", text);
                }
            }
        }
    }
}
