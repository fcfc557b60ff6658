//! The forms in which a program may print a secret.

use base64::engine::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, STANDARD, URL_SAFE};
use zeroize::Zeroizing;

use crate::domain::secrets::secret::SecretValue;

/// Shorter lines of a value may stand in any text.
const SHORTEST_LINE: usize = 8;

/// Shorter pieces of base64 may stand in any text.
const SHORTEST_PIECE: usize = 4;

/// What is left as it is where a text is percent-encoded, besides letters and digits, and whether a
/// blank becomes a `+`.
const ENCODERS: [(&str, bool); 10] = [
    // RFC 3986, section 2.3
    ("-._~", false),
    // Go's QueryEscape, Python's quote_plus
    ("-._~", true),
    // Python's quote
    ("-._~/", false),
    // JavaScript's encodeURIComponent, encodeURI, and the user of a URL there
    ("-._~!'()*", false),
    ("-._~!'()*;,/?:@&=+$#", false),
    ("-._~!$%&'()*+,", false),
    // HTML's forms, Java's URLEncoder
    ("-._*", true),
    // PHP's urlencode
    ("-._", true),
    // Go's PathEscape
    ("-._~$&+=:@", false),
    // All that may stand in the user of a URL by RFC 3986, section 3.2.1
    ("-._~!$&'()*+,;=", false),
];

/// A value, and how else it may be spelt: in JSON (also with escapes for all that is not ASCII,
/// with `\/`, with both, and with escapes for `<`, `>` and `&`), percent-encoded (in upper and lower
/// case), in base64 (standard and URL-safe, with and without padding), also as the part of a longer
/// text, as in HTTP's `Basic` authentication; the same without line ends
/// at its end, which a shell's `$(…)` takes away;
/// and its lines of at least 8 characters, without blanks around them.
///
/// Of base64 of a longer text, the one letter at each end that the value shares with its neighbour
/// may stay: but for a `:` before it, and the text's end behind it.
///
/// Not found are: parts of a value, but for those lines; base64 that is broken into lines; other
/// encodings (hex, HTML, quoted-printable, UTF-16, compressed); two of these one upon another; and a
/// value with other bytes in between, as the colours of a terminal.
pub(super) fn spellings(value: &SecretValue) -> Vec<Zeroizing<String>> {
    let whole = value.expose();
    let trimmed = whole.trim_end_matches(['\n', '\r']);
    let mut found = Vec::new();
    for text in [whole, trimmed] {
        found.push(Zeroizing::new(text.to_owned()));
        for (ascii, also) in [(false, ""), (true, ""), (false, "/"), (true, "/"), (false, "<>&")] {
            found.push(json(text, ascii, also));
        }
        for (kept, plus) in ENCODERS {
            found.extend(
                [b"0123456789ABCDEF", b"0123456789abcdef"].map(|digits| percent(text, kept, plus, digits)),
            );
        }
        for engine in [&STANDARD, &URL_SAFE] {
            found.push(base64(engine, text.as_bytes()));
            found.extend(base64_within(engine, text));
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
    // Most are the same: what is in a key is mostly letters and digits.
    found.sort_unstable_by(|one, other| one.as_str().cmp(other));
    found.dedup();
    found
}

fn base64(engine: &GeneralPurpose, bytes: &[u8]) -> Zeroizing<String> {
    let mut spelt = Zeroizing::new(String::with_capacity(bytes.len().div_ceil(3) * 4));
    engine.encode_string(bytes, &mut spelt);
    spelt
}

/// What all longer texts with the value in it have in common in base64, without padding: for each
/// of the three places in a group of three bytes that it may begin at, the letters that depend on the
/// value alone; the same with the letter that it shares with a `:` before it; and each of these with
/// those letters at its end that it shares with nothing, since it ends the text.
fn base64_within(engine: &GeneralPurpose, text: &str) -> Vec<Zeroizing<String>> {
    let mut found = Vec::new();
    for before in 0..3 {
        let mut bytes = Zeroizing::new(Vec::with_capacity(before + text.len()));
        bytes.resize(before, b':');
        bytes.extend_from_slice(text.as_bytes());
        let spelt = base64(engine, &bytes);
        let last = spelt.trim_end_matches('=').len();
        // Six bits a letter: which have bits of the value alone, and which have some of it.
        let (own, shared) = ((before * 8).div_ceil(6), before * 8 / 6);
        for start in [shared, own] {
            for end in [bytes.len() * 8 / 6, last] {
                let piece = spelt.get(start..end).filter(|piece| piece.len() >= SHORTEST_PIECE);
                found.extend(piece.map(|piece| Zeroizing::new(piece.to_owned())));
            }
        }
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

/// Percent-encoded but for letters, digits and what is `kept`; a blank is a `+` where it is so.
fn percent(text: &str, kept: &str, plus: bool, digits: &[u8; 16]) -> Zeroizing<String> {
    let mut spelt = Zeroizing::new(String::with_capacity(text.len() * 3));
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || kept.as_bytes().contains(&byte) {
            spelt.push(char::from(byte));
        } else if byte == b' ' && plus {
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
            "p%22%c3%a4%2f%2b+b%5c%3f%7e",
            "p%22%C3%A4%2F%2B+b%5C%3F~",
            "p%22%C3%A4/+%20b%5C?~",
            "p%22%C3%A4%2F+%20b%5C%3F~",
            "cCLDpC8rIGJcP34=",
            "cCLDpC8rIGJcP34",
        ] {
            assert_eq!(masked(value, &format!("<{text}>")), "<***>", "{text}");
        }
        assert_eq!(masked("a<b>&c", r"a\u003cb\u003e\u0026c a<b>&c"), "*** ***");
        assert_eq!(masked("~~~???", "fn5+Pz8/ fn5-Pz8_"), "*** ***");
        assert_eq!(masked("key-😀", r"key-\ud83d\ude00"), "***");
    }

    /// Every text with the value in it, at each place in a group of three bytes, with each rest.
    #[test]
    fn base64_of_a_longer_text_is_masked_but_for_letters_that_others_share() {
        for value in ["hunter2-", "sk-planted-0123", "sk-planted-01234", "pä~~~???ss/+"] {
            for engine in [&STANDARD, &URL_SAFE] {
                for user in ["", "u", "us", "user", "user-"] {
                    let text = format!("{user}:{value}");
                    let (before, spelt) = (user.len() + 1, base64(engine, text.as_bytes()));
                    let seen = masked(value, &format!("Basic {}.", *spelt));
                    // The colon's letters, of which two may be the value's, are the user's otherwise.
                    let kept = &spelt[..before * 8 / 6];
                    // A whole group of letters before the value: it is spelt as it is alone, padding too.
                    let last = if before % 3 == 0 { spelt.len() } else { spelt.trim_end_matches('=').len() };
                    assert_eq!(seen, format!("Basic {kept}***{}.", &spelt[last..]), "{text}");
                    let bare = spelt.trim_end_matches('=');
                    assert_eq!(masked(value, &format!("{bare} ")), format!("{kept}*** "), "{text}");
                    for rest in ["x", "@host", "~~"] {
                        let spelt = base64(engine, format!("{user}/{value}{rest}").as_bytes());
                        let (own, end) = ((before * 8).div_ceil(6), (before + value.len()) * 8 / 6);
                        let seen = masked(value, &spelt);
                        assert_eq!(seen, format!("{}***{}", &spelt[..own], &spelt[end..]), "{text}{rest}");
                    }
                }
            }
        }
        // What is too short to be told from other text.
        assert!(base64_within(&STANDARD, "a").is_empty());
    }

    #[test]
    fn every_spelling_has_room_before_it_is_written() {
        // One that moved would have left a copy behind.
        for text in ["\u{fffd}\"\u{7f}ä/", "plain", "\\\\\n\t"] {
            assert_eq!(json(text, true, "/<>&").capacity(), text.len() * 6, "{text}");
            assert_eq!(percent(text, "", false, b"0123456789ABCDEF").capacity(), text.len() * 3, "{text}");
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
