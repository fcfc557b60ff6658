//! Text that people typed or that came out of the store, made safe to show.

use std::borrow::Cow;
use std::fmt;

use super::leak;

/// Whether a character must not reach a terminal or a name: control characters, and the
/// invisible ones that reorder or hide text (Unicode categories Cc and Cf, separators of
/// lines and paragraphs, variation selectors and tags).
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{115f}'
            | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// `U+202E`, the way code points are named in messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodePoint(pub char);

impl fmt::Display for CodePoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_ascii_graphic() {
            write!(f, "'{}'", self.0)
        } else if is_hidden(self.0) || self.0 == ' ' {
            write!(f, "U+{:04X}", u32::from(self.0))
        } else {
            write!(f, "'{}' (U+{:04X})", self.0, u32::from(self.0))
        }
    }
}

/// Shows a text with every hidden character written as `\u{…}`, so that nothing from the
/// store or the command line can steer a terminal.
#[derive(Clone, Copy, Debug)]
pub struct Escaped<'a>(pub &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        // What is shown as it is goes out in one piece: character by character it was a seventh of a list.
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_hidden(*c)) {
            write!(f, "{}{}", &rest[..at], c.escape_unicode())?;
            rest = &rest[at + c.len_utf8()..];
        }
        f.write_str(rest)
    }
}

/// Shows what somebody typed, unless it may be a secret.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a>(pub &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if leak::looks_secret(self.0) {
            f.write_str("(not shown: it may be a secret)")
        } else {
            Escaped(self.0).fmt(f)
        }
    }
}

/// Why a free text (a reason, a label's value) is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FreeTextError {
    /// Longer than allowed, in bytes.
    #[error("{found} bytes long, at most {most} are kept")]
    TooLong {
        /// Bytes given.
        found: usize,
        /// Bytes allowed.
        most: usize,
    },
    /// A control character or an invisible one.
    #[error("it contains the hidden character {0}")]
    Hidden(CodePoint),
    /// A token or a provider's key, which would be stored and shown with the text.
    #[error("it contains a secret")]
    Secret,
}

/// Checks a free text: at most `most` bytes, nothing hidden and no secret in it.
pub fn check_free_text(text: &str, most: usize) -> Result<(), FreeTextError> {
    if text.len() > most {
        return Err(FreeTextError::TooLong { found: text.len(), most });
    }
    if leak::secret_in(text).is_some() {
        return Err(FreeTextError::Secret);
    }
    text.chars().find(|c| is_hidden(*c)).map_or(Ok(()), |c| Err(FreeTextError::Hidden(CodePoint(c))))
}

/// Whether it can be kept as why something was stopped: 512 bytes at most.
#[cfg(feature = "cli")]
pub(crate) fn check_reason(text: &str) -> Result<(), FreeTextError> {
    check_free_text(text, 512)
}

/// A text as one word for a shell, quoted only where it must be.
pub fn shell_word(text: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_@%+=:,./-[]".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
}

/// `1 live key`, `2 live keys`: a number and what it counts.
pub fn counted(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_is_shown_raw() {
        let shown = Escaped("a\x1b[31mred\u{202e}\u{200d}\u{9b}é\n").to_string();
        assert_eq!(shown, r"a\u{1b}[31mred\u{202e}\u{200d}\u{9b}é\u{a}");
    }

    #[test]
    fn a_code_point_is_named_so_that_it_can_be_seen() {
        assert_eq!(CodePoint('\u{202e}').to_string(), "U+202E");
        assert_eq!(CodePoint('а').to_string(), "'а' (U+0430)");
        assert_eq!(CodePoint('%').to_string(), "'%'");
    }

    #[test]
    fn free_text_has_a_bound_and_nothing_hidden() {
        assert_eq!(check_free_text("found in a log", 256), Ok(()));
        assert_eq!(check_free_text("abc", 2), Err(FreeTextError::TooLong { found: 3, most: 2 }));
        assert_eq!(check_free_text("a\nb", 9), Err(FreeTextError::Hidden(CodePoint('\n'))));
    }
}
