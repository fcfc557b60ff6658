//! The forms in which a program may print a secret.

use base64::engine::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use crate::domain::secret::SecretValue;

/// Shorter lines of a value may stand in any text.
const SHORTEST_LINE: usize = 8;

/// What is left as it is where a text is percent-encoded, besides letters and digits: by
/// RFC 3986, section 2.3; by Python's `quote`; by JavaScript's `encodeURIComponent`; and by
/// HTML's forms, which also write a blank as `+`.
const UNRESERVED: [&str; 4] = ["-._~", "-._~/", "-._~!'()*", "-._*"];

/// A value, and how else it may be spelt: in JSON (also with escapes for all that is not ASCII,
/// with `\/`, with both, and with escapes for `<`, `>` and `&`), percent-encoded (in upper and lower
/// case), in base64 (standard and URL-safe, with and without padding); the same without line ends
/// at its end, which a shell's `$(…)` takes away;
/// and its lines of at least 8 characters, without blanks around them.
///
/// Not found are: parts of a value, but for those lines; base64 of a text that the value is only a
/// part of, as in HTTP's `Basic` authentication, or that is broken into lines; other encodings
/// (hex, HTML, quoted-printable, UTF-16, compressed); two of these one upon another; and a value with
/// other bytes in between, as the colours of a terminal.
pub(super) fn spellings(value: &SecretValue) -> Vec<Zeroizing<String>> {
    let whole = value.expose();
    let trimmed = whole.trim_end_matches(['\n', '\r']);
    let mut found = Vec::new();
    for text in [whole, trimmed] {
        found.push(Zeroizing::new(text.to_owned()));
        for (ascii, also) in [(false, ""), (true, ""), (false, "/"), (true, "/"), (false, "<>&")] {
            found.push(json(text, ascii, also));
        }
        for kept in UNRESERVED {
            found
                .extend([percent(text, kept, b"0123456789ABCDEF"), percent(text, kept, b"0123456789abcdef")]);
        }
        for engine in [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD] {
            let mut spelt = Zeroizing::new(String::with_capacity(text.len().div_ceil(3) * 4));
            engine.encode_string(text, &mut spelt);
            found.push(spelt);
        }
        if whole == trimmed {
            break;
        }
    }
    if trimmed.contains(['\n', '\r']) {
        let lines = trimmed.split(['\n', '\r']).map(str::trim);
        let long = lines.filter(|line| line.chars().count() >= SHORTEST_LINE);
        found.extend(long.map(|line| Zeroizing::new(line.to_owned())));
    }
    found
}

/// The inside of a JSON string; `ascii` escapes all else. What is in `also` is escaped, too: a `/`
/// as `\/` by PHP, the marks of HTML as `\u0026` by Go.
fn json(text: &str, ascii: bool, also: &str) -> Zeroizing<String> {
    let mut spelt = Zeroizing::new(String::with_capacity(text.len() * 6));
    let escape = |spelt: &mut String, unit: u16| {
        spelt.push_str("\\u");
        for shift in [12, 8, 4, 0] {
            spelt.push(char::from(b"0123456789abcdef"[usize::from(unit >> shift & 15)]));
        }
    };
    for c in text.chars() {
        match c {
            '"' => spelt.push_str("\\\""),
            '\\' => spelt.push_str("\\\\"),
            '\n' => spelt.push_str("\\n"),
            '\r' => spelt.push_str("\\r"),
            '\t' => spelt.push_str("\\t"),
            '/' if also.contains('/') => spelt.push_str("\\/"),
            c if !also.contains(c) && (c.is_ascii() || !ascii) => spelt.push(c),
            c => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| escape(&mut spelt, *unit)),
        }
    }
    spelt
}

/// Percent-encoded but for letters, digits and what is `kept`.
fn percent(text: &str, kept: &str, digits: &[u8; 16]) -> Zeroizing<String> {
    let is_form = kept == UNRESERVED[3];
    let mut spelt = Zeroizing::new(String::with_capacity(text.len() * 3));
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || kept.as_bytes().contains(&byte) {
            spelt.push(char::from(byte));
        } else if byte == b' ' && is_form {
            spelt.push('+');
        } else {
            spelt.push('%');
            spelt.push(char::from(digits[usize::from(byte >> 4)]));
            spelt.push(char::from(digits[usize::from(byte & 15)]));
        }
    }
    spelt
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::exec::mask::Masker;

    fn masked(value: &str, text: &str) -> String {
        let value = SecretValue::from_bytes(value.as_bytes(), true).expect("a value");
        let mut masker = Masker::new(&[&value]);
        let mut out = Vec::new();
        masker.push(text.as_bytes(), &mut out);
        masker.finish(&mut out);
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_value_is_masked_in_its_other_spellings() {
        let value = "p\"ä/+ b\\?~";
        for text in [
            value,
            r#"p\"ä/+ b\\?~"#,
            r#"p\"\u00e4/+ b\\?~"#,
            r#"p\"ä\/+ b\\?~"#,
            r#"p\"\u00e4\/+ b\\?~"#,
            "p%22%C3%A4%2F%2B%20b%5C%3F~",
            "p%22%c3%a4%2f%2b%20b%5c%3f~",
            "p%22%C3%A4/%2B%20b%5C%3F~",
            "p%22%C3%A4%2F%2B+b%5C%3F%7E",
            "cCLDpC8rIGJcP34=",
            "cCLDpC8rIGJcP34",
        ] {
            assert_eq!(masked(value, &format!("<{text}>")), "<***>", "{text}");
        }
        assert_eq!(masked("a<b>&c", r"a\u003cb\u003e\u0026c a<b>&c"), "*** ***");
        assert_eq!(masked("~~~???", "fn5+Pz8/ fn5-Pz8_"), "*** ***");
        assert_eq!(masked("key-😀", r"key-\ud83d\ude00"), "***");
    }

    #[test]
    fn every_spelling_has_room_before_it_is_written() {
        // One that moved would have left a copy behind.
        for text in ["\u{fffd}\"\u{7f}ä/", "plain", "\\\\\n\t"] {
            assert_eq!(json(text, true, "/<>&").capacity(), text.len() * 6, "{text}");
            assert_eq!(percent(text, "", b"0123456789ABCDEF").capacity(), text.len() * 3, "{text}");
        }
    }

    #[test]
    fn a_value_of_several_lines_is_masked_line_by_line() {
        let value = "-----BEGIN KEY-----\n  MIIEvQIBADAN\r\nshort\n-----END KEY-----\n";
        assert_eq!(masked(value, value), "***");
        assert_eq!(masked(value, value.trim_end()), "***");
        let shown = "-----BEGIN KEY-----\r\n\tMIIEvQIBADAN\r\nshort\r\n";
        assert_eq!(masked(value, shown), "***\r\n\t***\r\nshort\r\n");
        let json = serde_json::to_string(value).expect("JSON");
        assert_eq!(masked(value, &json), "\"***\"");
    }

    #[test]
    fn what_is_not_a_spelling_passes() {
        for text in ["sk-planted", "SK-PLANTED-1", "sk-planted 1", "c2s"] {
            assert_eq!(masked("sk-planted-1", text), text);
        }
    }
}
