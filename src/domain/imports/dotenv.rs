//! One variable of an `.env` file, as python-dotenv 1.2 reads it for pydantic-settings 2.16.
//!
//! There is no standard, and readers differ: docker expands nothing and keeps quotes, a shell
//! knows no backslash in single quotes. What counts here is what the server that the keys come
//! from believes, so its rules are kept to the letter: `tests/dotenv/` has them as a table of
//! files with what those packages make of each. What depends on something that is not in the
//! file is an error, never a guess.

use std::collections::HashMap;
use std::ops::Range;

use zeroize::Zeroizing;

/// A variable's value, which may be a secret, with the lines of the file that it stands on.
pub(crate) struct Value {
    /// The text as the server has it.
    pub text: Zeroizing<String>,
    first_line: u64,
    /// Where in the text a further line of the file begins.
    breaks: Vec<usize>,
}

/// Why there is no one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DotenvError {
    /// The file ends inside of quotes.
    #[error("the quote is never closed")]
    Unclosed {
        /// Where it opens.
        line: u64,
    },
    /// Something other than a comment behind the value.
    #[error("something stands behind the value that is no comment, so the server skips it")]
    Trailing { line: u64 },
    /// The server takes the last, other readers the first, and of two spellings that differ in
    /// upper and lower case it may take either.
    #[error(
        "the variable is set a second time; the first time is line {first} (upper and lower case are one)"
    )]
    Twice {
        /// The first time.
        first: u64,
        /// The second.
        line: u64,
    },
    /// A name without `=`.
    #[error("the variable has no value")]
    Bare { line: u64 },
    /// The value has in it what the server replaces, also in single quotes.
    #[error(
        "there is a ${{…}} in it, which the server replaces by a variable of its own environment, in single quotes, too: write out what it stands for"
    )]
    Expanded { line: u64 },
    /// `NAME__KEY=…`: with a nested delimiter a server adds that to the object.
    #[error(
        "a server whose names are split at __ adds this variable to the object: write it into the object, or take the line out"
    )]
    Nested { line: u64 },
    /// The line is part of something else.
    #[error(
        "the server does not read this line, which is part of what begins in line {by}: look for an open quote there"
    )]
    Swallowed {
        /// Where it is set.
        line: u64,
        /// Where the other begins.
        by: u64,
    },
}

impl DotenvError {
    pub(crate) fn line(self) -> u64 {
        match self {
            Self::Unclosed { line }
            | Self::Trailing { line }
            | Self::Twice { line, .. }
            | Self::Bare { line }
            | Self::Expanded { line }
            | Self::Nested { line }
            | Self::Swallowed { line, .. } => line,
        }
    }
}

impl Value {
    fn empty(first_line: u64) -> Self {
        Self { text: Zeroizing::new(String::new()), first_line, breaks: Vec::new() }
    }

    pub(crate) fn whole(file: &str) -> Self {
        let text = with_plain_line_ends(file);
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1).collect();
        Self { text, first_line: 1, breaks }
    }

    /// The line of the file on which a byte of the text stands, from 1.
    pub(crate) fn line_at(&self, offset: usize) -> u64 {
        self.first_line + self.breaks.partition_point(|at| *at <= offset) as u64
    }

    /// Appends a part of another value, with its line ends.
    fn copy(&mut self, from: &Self, part: Range<usize>) {
        let breaks = from.breaks.iter().filter(|at| part.start < **at && **at <= part.end);
        self.breaks.extend(breaks.map(|at| self.text.len() + at - part.start));
        self.text.push_str(&from.text[part]);
    }

    /// Leaves a part of another value out, but for its line ends.
    fn pass(&mut self, from: &Self, part: &Range<usize>) {
        let breaks = from.breaks.iter().filter(|at| part.start < **at && **at <= part.end);
        self.breaks.extend(breaks.map(|_| self.text.len()));
    }

    /// A character as it stands in the file.
    fn push(&mut self, c: char) {
        self.text.push(c);
        if c == '\n' {
            self.breaks.push(self.text.len());
        }
    }
}

/// Finds the variable `name`, in whatever case. Everything else in the file is left alone.
pub(crate) fn find(file: &str, name: &str) -> Result<Option<Value>, DotenvError> {
    let file = with_plain_line_ends(file);
    let nested = format!("{name}__").to_lowercase();
    let name = name.to_lowercase();
    let mut reader = Reader { file: &file, at: 0, line: 1 };
    let (mut found, mut first) = (None, None);
    let mut environment = Environment::default();
    let mut covered = Vec::new();
    while let Some(binding) = reader.binding() {
        let ended = reader.file[..reader.at].ends_with('\n');
        covered.push((binding.line, reader.line - u64::from(ended)));
        let Some(key) = binding.key else { continue };
        let line = binding.line;
        let lower = key.to_lowercase();
        if lower.starts_with(&nested) {
            return Err(DotenvError::Nested { line });
        }
        let wanted = lower == name;
        let value = match binding.value {
            Ok(value) => value,
            Err(error) if wanted => return Err(error),
            Err(_) => continue,
        };
        let value = match value.map(|value| environment.expand(value)).transpose() {
            Err(error) if wanted => return Err(error),
            other => other,
        };
        if wanted {
            if let Some(first) = first {
                return Err(DotenvError::Twice { first, line });
            }
            first = Some(line);
            let Ok(Some(value)) = value else { return Err(DotenvError::Bare { line }) };
            found = Some(value);
            continue;
        }
        environment.set(key, value.map(|value| value.map(|value| value.text)));
    }
    if found.is_none()
        && let Some(line) = looks_set(&file, &name)
    {
        let by = covered.iter().rev().find(|(start, end)| *start < line && line <= *end);
        return by.map_or(Ok(None), |(by, _)| Err(DotenvError::Swallowed { line, by: *by }));
    }
    Ok(found)
}

/// Python opens the file as text: a CR, alone or before an LF, is read as an LF.
fn with_plain_line_ends(file: &str) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(file.len()));
    let mut rest = file;
    while let Some(at) = rest.find('\r') {
        text.push_str(&rest[..at]);
        text.push('\n');
        rest = &rest[at + 1..];
        rest = rest.strip_prefix('\n').unwrap_or(rest);
    }
    text.push_str(rest);
    text
}

/// The first line that, by itself, sets the variable.
fn looks_set(file: &str, name: &str) -> Option<u64> {
    let sets = |line: &str| {
        let left = line.split_once('=')?.0.trim();
        let left = left.strip_prefix("export").filter(|rest| rest.starts_with(is_blank)).unwrap_or(left);
        Some(left.trim().trim_matches('\'').to_lowercase() == name)
    };
    (1..).zip(file.split('\n')).find(|(_, line)| sets(line) == Some(true)).map(|(line, _)| line)
}

/// What Python calls a blank, in `\s` and in `strip`: four separators more than Unicode does.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// A blank within a line.
fn is_blank(c: char) -> bool {
    is_space(c) && c != '\n'
}

/// What one piece of the file is, from its first character that is no blank.
struct Binding<'f> {
    line: u64,
    /// `None` for a comment and for what cannot be read.
    key: Option<&'f str>,
    /// `None` where there is no `=`. What is at fault is skipped by the server.
    value: Result<Option<Value>, DotenvError>,
}

/// Reads the file from its beginning to its end.
struct Reader<'f> {
    file: &'f str,
    at: usize,
    line: u64,
}

impl<'f> Reader<'f> {
    fn rest(&self) -> &'f str {
        &self.file[self.at..]
    }

    fn skip(&mut self, length: usize) {
        self.line += self.rest()[..length].bytes().filter(|byte| *byte == b'\n').count() as u64;
        self.at += length;
    }

    /// Skips blanks, and says how many bytes that were.
    fn skip_while(&mut self, is: impl Fn(char) -> bool) -> usize {
        let rest = self.rest();
        let length = rest.len() - rest.trim_start_matches(is).len();
        self.skip(length);
        length
    }

    fn skip_line(&mut self) {
        let rest = self.rest();
        self.skip(rest.find('\n').map_or(rest.len(), |at| at + 1));
    }

    fn binding(&mut self) -> Option<Binding<'f>> {
        self.skip_while(is_space);
        if self.rest().is_empty() {
            return None;
        }
        let line = self.line;
        if let Some(rest) = self.rest().strip_prefix("export")
            && rest.starts_with(is_blank)
        {
            self.skip("export".len());
            self.skip_while(is_blank);
        }
        let key = self.key();
        let value = if key.is_some() { self.value() } else { Ok(None) };
        if key.is_none() || value.is_err() {
            self.skip_line();
            return Some(Binding { line, key, value });
        }
        let value = self.line_end().and(value);
        Some(Binding { line, key, value })
    }

    /// A name, in single quotes or not; none before a comment, and where no name can be.
    fn key(&mut self) -> Option<&'f str> {
        let rest = self.rest();
        let (key, length) = if let Some(quoted) = rest.strip_prefix('\'') {
            let end = quoted.find('\'').filter(|end| *end > 0)?;
            (&quoted[..end], end + 2)
        } else {
            let end = rest.find(|c| c == '=' || c == '#' || is_space(c)).unwrap_or(rest.len());
            (&rest[..end], end)
        };
        if length == 0 {
            return None;
        }
        self.skip(length);
        Some(key)
    }

    fn value(&mut self) -> Result<Option<Value>, DotenvError> {
        self.skip_while(is_blank);
        if !self.rest().starts_with('=') {
            return Ok(None);
        }
        self.skip(1);
        let blanks = self.skip_while(is_blank);
        let rest = self.rest();
        match rest.chars().next() {
            None | Some('\n') => Ok(Some(Value::empty(self.line))),
            // Right behind the `=` it belongs to the value.
            Some('#') if blanks > 0 => Ok(Some(Value::empty(self.line))),
            Some(quote @ ('\'' | '"')) => self.quoted(quote).map(Some),
            Some(_) => {
                let line = rest.split('\n').next().unwrap_or_default();
                let mut value = Value::empty(self.line);
                value.text.push_str(without_comment(line).trim_end_matches(is_space));
                self.skip(line.len());
                Ok(Some(value))
            }
        }
    }

    /// The value in quotes that begins here. A backslash takes the next character along, whatever
    /// that is, but stands for another one only where Python's parser says so.
    fn quoted(&mut self, quote: char) -> Result<Value, DotenvError> {
        let unclosed = DotenvError::Unclosed { line: self.line };
        let mut value = Value::empty(self.line);
        let mut rest = self.rest()[1..].char_indices();
        while let Some((at, c)) = rest.next() {
            if c == quote {
                self.skip(1 + at + 1);
                return Ok(value);
            }
            if c != '\\' {
                value.push(c);
                continue;
            }
            let Some((_, next)) = rest.next() else { break };
            if let Some(c) = unescaped(next, quote) {
                value.text.push(c);
            } else {
                value.push('\\');
                value.push(next);
            }
        }
        Err(unclosed)
    }

    /// What may stand behind a value: a comment, and the end of the line.
    fn line_end(&mut self) -> Result<(), DotenvError> {
        let rest = self.rest().split('\n').next().unwrap_or_default();
        let behind = rest.trim_start_matches(is_blank);
        let fault = DotenvError::Trailing { line: self.line };
        let is_end = behind.is_empty() || behind.starts_with('#');
        self.skip_line();
        if is_end { Ok(()) } else { Err(fault) }
    }
}

/// What `\c` stands for, if it does.
fn unescaped(c: char, quote: char) -> Option<char> {
    match c {
        '\\' | '\'' => Some(c),
        _ if quote == '\'' => None,
        '"' => Some('"'),
        'a' => Some('\u{7}'),
        'b' => Some('\u{8}'),
        'f' => Some('\u{c}'),
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        'v' => Some('\u{b}'),
        _ => None,
    }
}

/// A comment begins at a `#` behind a blank.
fn without_comment(line: &str) -> &str {
    let mut starts = line.match_indices('#').map(|(at, _)| at);
    let start = starts.find(|at| line[..*at].ends_with(is_space));
    start.map_or(line, |at| &line[..at])
}

/// What earlier lines set: `${NAME}` in a later value is replaced by it.
#[derive(Default)]
struct Environment<'f>(HashMap<&'f str, Option<Zeroizing<String>>>);

impl<'f> Environment<'f> {
    /// Keeps a value; one that depends on more than the file is not known.
    fn set(&mut self, key: &'f str, value: Result<Option<Zeroizing<String>>, DotenvError>) {
        self.0.insert(key, value.map(Option::unwrap_or_default).ok());
    }

    /// Replaces each `${NAME}` and `${NAME:-default}`. A name that the file has not set yet is
    /// looked for in the server's environment, and the default counts only where it is not there.
    fn expand(&self, value: Value) -> Result<Value, DotenvError> {
        if !value.text.contains("${") {
            return Ok(value);
        }
        let mut expanded = Value::empty(value.first_line);
        let mut at = 0;
        while let Some(start) = value.text[at..].find("${").map(|offset| at + offset) {
            let Some((length, name)) = reference(&value.text[start..]) else {
                expanded.copy(&value, at..start + 1);
                at = start + 1;
                continue;
            };
            let Some(Some(known)) = self.0.get(name) else {
                return Err(DotenvError::Expanded { line: value.line_at(start) });
            };
            expanded.copy(&value, at..start);
            expanded.text.push_str(known);
            at = start + length;
            expanded.pass(&value, &(start..at));
        }
        expanded.copy(&value, at..value.text.len());
        Ok(expanded)
    }
}

/// The `${NAME}` or `${NAME:-default}` that a text begins with: its length, and the name.
fn reference(text: &str) -> Option<(usize, &str)> {
    let inner = text.strip_prefix("${")?;
    let name = &inner[..inner.find(['}', ':'])?];
    let behind = &inner[name.len()..];
    let length = match behind.strip_prefix(":-") {
        Some(default) => behind.len() - default.len() + default.find('}')? + 1,
        None if behind.starts_with('}') => 1,
        None => return None,
    };
    Some(("${".len() + name.len() + length, name))
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
            ("K=# nothing", "# nothing"),
            ("K= # nothing", ""),
            ("export K='single \\n'", "single \\n"),
            ("export\tK=\"double \\\"x\\\" \\$ \\\\ \\d\"", "double \"x\" \\$ \\ \\d"),
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
        for file in ["", "\n", "L=1", "#K=1", "L='K=1'"] {
            assert_eq!(value(file), None, "{file:?}");
        }
    }

    #[test]
    fn each_fault_names_its_line() {
        let fault = |file: &str| find(file, "K").err().expect(file);
        assert_eq!(fault("A=1\nK='x\ny"), DotenvError::Unclosed { line: 2 });
        assert_eq!(fault("\nK=\"x\ny\" z"), DotenvError::Trailing { line: 3 });
        assert_eq!(fault("K=1\nB=2\nK=1"), DotenvError::Twice { first: 1, line: 3 });
        assert_eq!(fault("K=1\nk=1"), DotenvError::Twice { first: 1, line: 2 });
        assert_eq!(fault("\n\nK"), DotenvError::Bare { line: 3 });
        assert_eq!(fault("A=${B}\nK='\n${A}'"), DotenvError::Expanded { line: 3 });
        assert_eq!(fault("K=1\nk__x=1"), DotenvError::Nested { line: 2 });
        assert_eq!(fault("A=1\nB='\n\nK=1\n'"), DotenvError::Swallowed { line: 4, by: 2 });
    }

    #[test]
    fn a_place_in_the_value_has_a_line_of_the_file() {
        let value = find("A=1\n\nK='{\n\"a\":\n1}'\n", "K").expect("readable").expect("set");
        let line_of = |text: &str| value.line_at(value.text.find(text).expect(text));
        assert_eq!((line_of("{"), line_of("\"a\""), line_of("1}")), (3, 4, 5));
        let escaped = find("K=\"a\\n\\\nb\"", "K").expect("readable").expect("set");
        assert_eq!(*escaped.text, "a\n\\\nb");
        assert_eq!((escaped.line_at(0), escaped.line_at(3), escaped.line_at(4)), (1, 1, 2));
        let expanded = find("P=\"x\\ny\"\nK='\n${P}\n'", "K").expect("readable").expect("set");
        assert_eq!(*expanded.text, "\nx\ny\n");
        assert_eq!([0, 1, 3, 5].map(|at| expanded.line_at(at)), [2, 3, 3, 4]);
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
