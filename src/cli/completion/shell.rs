//! How the shells' scripts say what was typed, and what they take as an answer.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStringExt as _;

use clap_complete::engine::CompletionCandidate;

/// What stands on the line, and which word of it is being typed.
pub(super) struct Typed {
    words: Vec<OsString>,
    index: usize,
    form: Form,
}

/// How a candidate is written.
enum Form {
    /// As it is, with its description: zsh and fish quote it themselves.
    Described,
    /// As it must stand on the line. bash breaks words also at `:`, `=` and `@`, and replaces only
    /// what comes behind.
    Quoted {
        /// How many bytes of a candidate bash leaves alone.
        kept: usize,
        /// Whether the word stands in quotes that are open.
        in_quotes: bool,
    },
}

impl Typed {
    /// Reads what a script hands over, each part ended by NUL. `how` is the number of the word
    /// being typed, counted from 0, where the parts are the words; it is `line` where they are the
    /// line before the cursor, the line behind it, and what will be replaced.
    pub(super) fn read(how: &str, input: &[u8]) -> Option<Self> {
        let mut parts: Vec<&[u8]> = input.split(|byte| *byte == 0).collect();
        parts.pop();
        if how == "line" {
            let [before, behind, replaced] = parts.try_into().ok()?;
            let text = String::from_utf8_lossy;
            return Some(Self::of_line(&text(before), &text(behind), &text(replaced)));
        }
        let index = how.parse().ok()?;
        let words: Vec<OsString> = parts.into_iter().map(|word| OsString::from_vec(word.to_vec())).collect();
        (1..words.len()).contains(&index).then_some(Self { words, index, form: Form::Described })
    }

    fn of_line(before: &str, behind: &str, replaced: &str) -> Self {
        let Split { words: mut typed, in_quotes } = split(before);
        let index = typed.len() - 1;
        let current = typed[index].len();
        let replaced = split(replaced).words.pop().unwrap_or_default();
        let kept = if typed[index].ends_with(&replaced) { current - replaced.len() } else { 0 };
        let rest = split(behind).words;
        // The first of these is the rest of the current word, or the nothing before a blank.
        typed.extend(rest.into_iter().skip(1));
        let words = typed.into_iter().map(OsString::from).collect();
        Self { words, index, form: Form::Quoted { kept, in_quotes } }
    }

    /// The words of the line, the program's name first, without their quotes.
    pub(super) fn words(&self) -> &[OsString] {
        &self.words
    }

    /// Which of them is being typed.
    pub(super) fn index(&self) -> usize {
        self.index
    }

    /// That word, up to the cursor.
    pub(super) fn current(&self) -> &str {
        self.words[self.index].to_str().unwrap_or_default()
    }

    /// The candidates, one a line. What would break a line is left out.
    pub(super) fn lines(&self, candidates: &[CompletionCandidate]) -> String {
        let mut lines = String::new();
        for candidate in candidates {
            let Some(value) = candidate.get_value().to_str() else { continue };
            if value.contains(char::is_control) {
                continue;
            }
            let _ = match self.form {
                Form::Described => {
                    let help = candidate.get_help().map(ToString::to_string).unwrap_or_default();
                    let gap = if help.is_empty() { "" } else { "\t" };
                    writeln!(lines, "{value}{gap}{}", help.lines().next().unwrap_or_default())
                }
                Form::Quoted { kept, in_quotes } => {
                    let shown = value.get(kept..).unwrap_or(value);
                    if in_quotes { writeln!(lines, "{shown}") } else { writeln!(lines, "{}", quote(shown)) }
                }
            };
        }
        lines
    }
}

/// A piece of a line in the words that a shell would make of it, without quotes.
struct Split {
    /// At least one; empty words stand where the piece begins or ends with a blank.
    words: Vec<String>,
    in_quotes: bool,
}

/// Splits as a POSIX shell does (Shell Command Language 2.2), without expanding anything.
fn split(text: &str) -> Split {
    let mut words = vec![String::new()];
    let mut quote = None;
    let mut last_was_blank = false;
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        let is_blank = quote.is_none() && char.is_ascii_whitespace();
        if is_blank && !last_was_blank {
            words.push(String::new());
        }
        last_was_blank = is_blank;
        let Some(word) = words.last_mut() else { break };
        match (char, quote) {
            _ if is_blank => {}
            ('\'' | '"', None) => quote = Some(char),
            (mark, Some(open)) if mark == open => quote = None,
            ('\\', None | Some('"')) => word.extend(chars.next()),
            _ => word.push(char),
        }
    }
    Split { words, in_quotes: quote.is_some() }
}

/// With a backslash before all that a shell would not take as it is.
fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for char in text.chars() {
        if char.is_ascii() && !char.is_ascii_alphanumeric() && !"_./:=@%+,-~".contains(char) {
            quoted.push('\\');
        }
        quoted.push(char);
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_line(before: &str, behind: &str, replaced: &str) -> (Vec<OsString>, usize) {
        let typed = Typed::of_line(before, behind, replaced);
        (typed.words, typed.index)
    }

    fn offered(before: &str, replaced: &str, candidate: &str) -> String {
        Typed::of_line(before, "", replaced).lines(&[CompletionCandidate::new(candidate)])
    }

    #[test]
    fn a_line_is_split_as_the_shell_would() {
        for (before, behind, words, index) in [
            ("keyctl show ali", "", vec!["keyctl", "show", "ali"], 2),
            ("keyctl show ", "", vec!["keyctl", "show", ""], 2),
            ("keyctl  show   al", "ice x", vec!["keyctl", "show", "al", "x"], 2),
            ("keyctl show ", " --store x", vec!["keyctl", "show", "", "--store", "x"], 2),
            ("keyctl --store 'a b' show \"ali", "", vec!["keyctl", "--store", "a b", "show", "ali"], 4),
            ("keyctl --store=a\\ b show x", "", vec!["keyctl", "--store=a b", "show", "x"], 3),
            ("keyctl show $(rm", "", vec!["keyctl", "show", "$(rm"], 2),
            ("keyctl", "", vec!["keyctl"], 0),
        ] {
            let words = words.into_iter().map(OsString::from).collect();
            assert_eq!(of_line(before, behind, ""), (words, index), "{before}|{behind}");
        }
    }

    #[test]
    fn bash_gets_what_is_missing_behind_the_last_place_where_it_breaks_words() {
        for (before, replaced, candidate, expected) in [
            ("k show ali", "ali", "alice/default", "alice/default"),
            ("k show bob@ex", "ex", "bob@example.org/ci", "example.org/ci"),
            ("k show bob@ex", "@ex", "bob@example.org/ci", "@example.org/ci"),
            ("k list --owner=ali", "ali", "--owner=alice", "alice"),
            ("k list --owner=", "", "--owner=alice", "alice"),
            ("k mint a --scope memories:r", "r", "memories:read", "read"),
            ("k mint a --scope fi", "fi", "files:*", "files:\\*"),
            ("k mint a --scope 'fi", "fi", "files:*", "files:*"),
            ("k mint a --scope 'files:", "'files:", "files:*", "files:*"),
        ] {
            assert_eq!(offered(before, replaced, candidate), format!("{expected}\n"), "{before}");
        }
    }

    #[test]
    fn words_are_taken_as_they_are() {
        let read = |how: &str, input: &[u8]| Typed::read(how, input).map(|typed| (typed.words, typed.index));
        let words = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
        assert_eq!(read("2", b"keyctl\0show\0\0"), Some((words(&["keyctl", "show", ""]), 2)));
        assert_eq!(read("1", b"keyctl\0a'b\\\0x\0"), Some((words(&["keyctl", "a'b\\", "x"]), 1)));
        for (how, input) in [
            ("2", &b"keyctl\0show\0"[..]),
            ("0", b"keyctl\0"),
            ("", b""),
            ("-1", b"k\0x\0"),
            ("line", b"k \0"),
        ] {
            assert_eq!(read(how, input), None, "{how}");
        }
    }
}
