//! One variable of an `.env` file.
//!
//! There is no standard; this reads what the usual readers (python-dotenv, docker, `set -a; .`)
//! agree on: `NAME=value` or `export NAME=value`, `#` comments, single quotes as they are,
//! double quotes with backslashes, both over several lines.

use zeroize::Zeroizing;

/// A variable's value, which may be a secret, with the lines of the file that it stands on.
pub struct Value {
    /// The text without its quotes.
    pub text: Zeroizing<String>,
    first_line: u64,
    /// Where in the text a further line of the file begins.
    breaks: Vec<usize>,
}

/// Why there is no one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DotenvError {
    /// The file ends inside of quotes.
    #[error("the quote is never closed")]
    Unclosed {
        /// Where it opens.
        line: u64,
    },
    /// Something other than a comment behind the closing quote.
    #[error("something stands behind the closing quote")]
    Trailing {
        /// Where.
        line: u64,
    },
    /// Readers differ in which one they take.
    #[error("the variable is set a second time; the first time is line {first}")]
    Twice {
        /// The first time.
        first: u64,
        /// The second.
        line: u64,
    },
}

impl DotenvError {
    /// The line that it is about.
    pub fn line(self) -> u64 {
        match self {
            Self::Unclosed { line } | Self::Trailing { line } | Self::Twice { line, .. } => line,
        }
    }
}

impl Value {
    /// All of a file.
    pub fn whole(text: &str) -> Self {
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1).collect();
        Self { text: Zeroizing::new(text.to_owned()), first_line: 1, breaks }
    }

    /// The line of the file on which a byte of the text stands, from 1.
    pub fn line_at(&self, offset: usize) -> u64 {
        self.first_line + self.breaks.partition_point(|at| *at <= offset) as u64
    }
}

/// Finds the variable `name`. Everything else in the file is left alone.
pub fn find(file: &str, name: &str) -> Result<Option<Value>, DotenvError> {
    let mut found: Option<Value> = None;
    let (mut at, mut line) = (0, 1);
    while at < file.len() {
        let end = file[at..].find('\n').map_or(file.len(), |length| at + length);
        let mut next = end + 1;
        if let Some((variable, start)) = assignment(&file[at..end]) {
            let start = at + start;
            let wanted = variable == name;
            let value = match quoted(file, start, line) {
                Some((value, after)) => {
                    let rest = file[after..].split('\n').next().unwrap_or_default();
                    if wanted && !is_blank_or_comment(rest) {
                        return Err(DotenvError::Trailing { line: value.line_at(usize::MAX) });
                    }
                    next = after + rest.len() + 1;
                    value
                }
                None if wanted && is_quote(file, start) => return Err(DotenvError::Unclosed { line }),
                None => unquoted(&file[start..end], line),
            };
            match &found {
                Some(first) if wanted => {
                    return Err(DotenvError::Twice { first: first.first_line, line });
                }
                _ if wanted => found = Some(value),
                _ => {}
            }
        }
        line += file[at..next.min(file.len())].bytes().filter(|byte| *byte == b'\n').count() as u64;
        at = next;
    }
    Ok(found)
}

/// The variable that a line sets, and where its value begins.
fn assignment(line: &str) -> Option<(&str, usize)> {
    let (left, right) = line.split_once('=')?;
    let name = left.trim();
    let name = match name.strip_prefix("export") {
        Some(rest) if rest.starts_with([' ', '\t']) => rest.trim_start(),
        _ => name,
    };
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let blanks = right.len() - right.trim_start_matches([' ', '\t']).len();
    is_name.then_some((name, left.len() + 1 + blanks))
}

fn is_quote(file: &str, at: usize) -> bool {
    matches!(file.as_bytes().get(at), Some(b'\'' | b'"'))
}

fn is_blank_or_comment(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || text.starts_with('#')
}

fn unquoted(text: &str, line: u64) -> Value {
    let text = text.split_once(" #").map_or(text, |(value, _)| value).trim();
    let text = if text.starts_with('#') { "" } else { text };
    Value { text: Zeroizing::new(text.to_owned()), first_line: line, breaks: Vec::new() }
}

/// The quoted value that begins at `start`, and where the file goes on behind it.
fn quoted(file: &str, start: usize, first_line: u64) -> Option<(Value, usize)> {
    let quote = file[start..].chars().next().filter(|c| "'\"".contains(*c))?;
    let mut text = Zeroizing::new(String::with_capacity(file.len() - start));
    let mut breaks = Vec::new();
    let mut rest = file[start + 1..].char_indices();
    while let Some((at, c)) = rest.next() {
        match c {
            _ if c == quote => {
                return Some((Value { text, first_line, breaks }, start + 1 + at + c.len_utf8()));
            }
            '\\' if quote == '"' => {
                let (_, escaped) = rest.next()?;
                match escaped {
                    '"' | '\\' | '$' | '`' => text.push(escaped),
                    'n' => text.push('\n'),
                    'r' => text.push('\r'),
                    't' => text.push('\t'),
                    '\n' => breaks.push(text.len()),
                    other => text.extend(['\\', other]),
                }
            }
            _ => {
                text.push(c);
                if c == '\n' {
                    breaks.push(text.len());
                }
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(file: &str) -> Option<String> {
        find(file, "K").expect(file).map(|value| value.text.to_string())
    }

    #[test]
    fn the_usual_ways_to_write_a_value_are_read() {
        for (file, expected) in [
            ("K=plain", "plain"),
            ("K = spaced out  # with a comment", "spaced out"),
            ("K=a#b", "a#b"),
            ("K=", ""),
            ("K=# nothing", ""),
            ("export K='single \\n'", "single \\n"),
            ("export\tK=\"double \\\"x\\\" \\$ \\\\ \\d\"", "double \"x\" $ \\ \\d"),
            ("  K='a' # why", "a"),
            ("K=plain\r\nL=1\r\n", "plain"),
            ("K='two\nlines'", "two\nlines"),
            ("# K=no\nJ=1\nKK=2\nexportK=3\nK=yes", "yes"),
            ("L='text\nK=inside'\nK=yes", "yes"),
            ("L=it's\nK=yes", "yes"),
            ("not an assignment\n=x\nK=yes\n", "yes"),
        ] {
            assert_eq!(value(file).as_deref(), Some(expected), "{file:?}");
        }
        for file in ["", "\n", "L=1", "#K=1", "K", "L='K=1'"] {
            assert_eq!(value(file), None, "{file:?}");
        }
    }

    #[test]
    fn each_fault_names_its_line() {
        let fault = |file: &str| find(file, "K").err().expect(file);
        assert_eq!(fault("A=1\nK='x\ny"), DotenvError::Unclosed { line: 2 });
        assert_eq!(fault("\nK=\"x\ny\" z"), DotenvError::Trailing { line: 3 });
        assert_eq!(fault("K=1\nB=2\nK=1"), DotenvError::Twice { first: 1, line: 3 });
    }

    #[test]
    fn a_place_in_the_value_has_a_line_of_the_file() {
        let value = find("A=1\n\nK='{\n\"a\":\n1}'\n", "K").expect("readable").expect("set");
        let line_of = |text: &str| value.line_at(value.text.find(text).expect(text));
        assert_eq!((line_of("{"), line_of("\"a\""), line_of("1}")), (3, 4, 5));
        let escaped = find("K=\"a\\n\\\nb\"", "K").expect("readable").expect("set");
        assert_eq!((escaped.line_at(0), escaped.line_at(2)), (1, 2));
        assert_eq!(Value::whole("a\nb").line_at(2), 2);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_finding_panic(text in "[K='\"\\\\\n\r #ax]{0,40}") {
            if let Ok(Some(value)) = find(&text, "K") {
                let _ = value.line_at(value.text.len());
            }
        }
    }
}
