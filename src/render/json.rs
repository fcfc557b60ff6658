//! JSON that is safe to print on a terminal.

use std::io;

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter};

use crate::domain::texts::text::is_hidden;

/// Writes hidden characters as `\uXXXX`, which every JSON parser reads back as they were.
struct Visible;

impl Formatter for Visible {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        // Nearly every text: looking at bytes is many times faster than at characters.
        if is_plain(fragment) {
            return out.write_all(fragment.as_bytes());
        }
        let mut rest = fragment;
        while let Some(at) = rest.find(is_hidden) {
            out.write_all(&rest.as_bytes()[..at])?;
            let hidden = rest[at..].chars().next().unwrap_or_default();
            for unit in hidden.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = &rest[at + hidden.len_utf8()..];
        }
        CompactFormatter.write_string_fragment(out, rest)
    }

    /// JSON that is repeated as it is stored. Control characters of ASCII stand only between
    /// its tokens; all else that is hidden stands inside strings.
    fn write_raw_fragment<W: ?Sized + io::Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        if is_plain(fragment) {
            return out.write_all(fragment.as_bytes());
        }
        let spaced: String = fragment.chars().map(|c| if c.is_ascii_control() { ' ' } else { c }).collect();
        self.write_string_fragment(out, &spaced)
    }
}

/// Whether a text is printable ASCII throughout.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Writes one value without a line end.
pub(crate) fn write(out: &mut dyn io::Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut serde_json::Serializer::with_formatter(out, Visible)).map_err(io::Error::from)
}

#[cfg(test)]
mod tests {
    #[test]
    fn hidden_characters_are_escaped_and_read_back() {
        let text = "a\u{202e}b\u{9b}\u{e0001}\"\n";
        let mut out = Vec::new();
        super::write(&mut out, &text).expect("written");
        let shown = String::from_utf8(out).expect("UTF-8");
        assert_eq!(shown, "\"a\\u202eb\\u009b\\udb40\\udc01\\\"\\n\"");
        assert_eq!(serde_json::from_str::<String>(&shown).expect("JSON"), text);
    }
}
