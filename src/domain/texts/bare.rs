//! One line as it comes out of files, logs and clipboards: what stands around a token or a key.

use std::fmt;

use super::leak;
use super::text::{CodePoint, is_hidden};

/// A text without one line end and without the blanks around it, and whether that took more than
/// a plain line end. Blanks are those of ASCII on the same line: what else cannot be seen is none,
/// and a second line end makes a second line.
pub(crate) fn bare(bytes: &[u8]) -> (&[u8], bool) {
    let line = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r');
    let start = line.iter().position(|byte| !is_blank(byte)).unwrap_or(line.len());
    let end = line.iter().rposition(|byte| !is_blank(byte)).map_or(start, |last| last + 1);
    (&line[start..end], end - start < line.len())
}

/// What stands around a secret that was copied with its surroundings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dress {
    /// `"…"`, also of one side alone.
    Quotes,
    /// `Bearer …`, `Authorization: Bearer …`, `X-API-Key: …`.
    Header,
    /// `NAME=…`, `export NAME=…`.
    Assignment,
    /// A token of ours with anything else.
    More,
    /// A provider's key with anything else, or a variable's name.
    Around,
}

impl fmt::Display for Dress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Quotes => "it stands in quotes",
            Self::Header => "it is written as in a header, behind a name or Bearer",
            Self::Assignment => "it is written as NAME=value",
            Self::More => "there is more in it than a token",
            Self::Around => "there is more in it than a key: a mark, a comment or a $",
        })
    }
}

/// What a secret is dressed in, by the form of the text.
pub(crate) fn dress(text: &str) -> Option<Dress> {
    const QUOTES: &[char] = &['"', '\'', '`', '\u{201c}', '\u{201d}', '\u{201e}', '\u{2018}', '\u{2019}'];
    if text.starts_with(QUOTES) || text.ends_with(QUOTES) {
        return Some(Dress::Quotes);
    }
    if is_header(text) {
        return Some(Dress::Header);
    }
    is_assignment(text).then_some(Dress::Assignment)
}

/// The same of a token; where one of ours stands in the text, anything else is too much.
pub(crate) fn dress_of_token(text: &str) -> Option<Dress> {
    dress(text).or_else(|| leak::token_in(text).filter(|token| *token != text).map(|_| Dress::More))
}

fn is_header(text: &str) -> bool {
    let (first, rest) = text.split_once([' ', '\t']).unwrap_or((text, ""));
    let scheme =
        |word: &str| ["bearer", "basic", "token"].iter().any(|known| word.eq_ignore_ascii_case(known));
    let is_name = |name: &str| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(known)
    };
    if !rest.is_empty() && (scheme(first) || first.strip_suffix(':').is_some_and(is_name)) {
        return true;
    }
    let named = |name: &str| {
        ["authorization", "x-api-key", "api-key"].iter().any(|known| name.eq_ignore_ascii_case(known))
    };
    text.split_once(':').is_some_and(|(name, value)| named(name.trim_end()) && !value.is_empty())
}

/// `=` at the end alone pads base64.
fn is_assignment(text: &str) -> bool {
    let Some((name, value)) = text.split_once('=') else { return false };
    let name = name.strip_prefix("export ").unwrap_or(name).trim();
    let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(known)
        && !value.trim_start_matches('=').trim().is_empty()
}

/// Why a text of one line is hardly a provider's key: every client would refuse it, or send
/// something else, with an error that names nothing of this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoKey {
    /// A character that no key has, and its place, from 1.
    Character(CodePoint, usize),
    /// Something around it.
    Dressed(Dress),
}

impl fmt::Display for NoKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Of a letter only the place: it is a part of the value.
            Self::Character(code, at) if is_hidden(code.0) => write!(f, "it holds {code} at character {at}"),
            Self::Character(_, at) => write!(f, "it holds a letter outside ASCII at character {at}"),
            Self::Dressed(dress) => dress.fmt(f),
        }
    }
}

/// What is wrong with a provider's key. Texts of several lines and JSON are none, and stay as they
/// are.
pub(crate) fn no_key(text: &str) -> Option<NoKey> {
    if text.contains(['\n', '\r']) || (text.starts_with('{') && text.ends_with('}')) {
        return None;
    }
    let odd = |(_, c): &(usize, char)| !c.is_ascii();
    if let Some((at, c)) = (1..).zip(text.chars()).find(odd)
        && !matches!(dress(text), Some(Dress::Quotes))
    {
        return Some(NoKey::Character(CodePoint(c), at));
    }
    dress(text).or_else(|| has_more(text).then_some(Dress::Around)).map(NoKey::Dressed)
}

/// Whether a known kind of key stands in a text with something that none of them has: `<sk-…>`,
/// `sk-…,`, `sk-… # old`, `- sk-…`; or the text is a variable of a shell, not its value.
fn has_more(text: &str) -> bool {
    let may = |c: char| c.is_ascii_alphanumeric() || "_-.=".contains(c);
    let is_known = |word: &str| word != text && leak::is_secret(word);
    let name = text.strip_prefix('$').map(|name| name.trim_matches(['{', '}']));
    let is_name =
        |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    name.is_some_and(is_name) || text.split(|c: char| !may(c)).any(is_known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_end_and_outer_blanks_are_taken_off() {
        for (text, left, more) in [
            ("t", "t", false),
            ("t\n", "t", false),
            ("t\r\n", "t", true),
            (" t", "t", true),
            ("t\t\n", "t", true),
            ("t\n\n", "t\n", false),
            ("\nt", "\nt", false),
            ("a b\n", "a b", false),
            ("\u{a0}t\u{feff}\n", "\u{a0}t\u{feff}", false),
            ("", "", false),
            ("\n", "", false),
            (" \r\n", "", true),
        ] {
            assert_eq!(bare(text.as_bytes()), (left.as_bytes(), more), "{text:?}");
        }
    }

    #[test]
    fn what_a_secret_is_dressed_in_is_seen() {
        for (text, found) in [
            ("\"sk-a\"", Some(Dress::Quotes)),
            ("'sk-a", Some(Dress::Quotes)),
            ("sk-a\u{201d}", Some(Dress::Quotes)),
            ("Bearer sk-a", Some(Dress::Header)),
            ("bearer\tsk-a", Some(Dress::Header)),
            ("Authorization: Bearer sk-a", Some(Dress::Header)),
            ("Authorization:Bearer sk-a", Some(Dress::Header)),
            ("x-api-key:sk-a", Some(Dress::Header)),
            ("token: sk-a", Some(Dress::Header)),
            ("API_KEY=sk-a", Some(Dress::Assignment)),
            ("export API_KEY=sk-a", Some(Dress::Assignment)),
            ("api_key = sk-a", Some(Dress::Assignment)),
            ("sk-a", None),
            ("YWJj=", None),
            ("YWJjZA==", None),
            ("sk-a=b", None),
            ("user:password", None),
            ("https://host/?a=b", None),
            ("hunter 2", None),
        ] {
            assert_eq!(dress(text), found, "{text}");
        }
        let token = format!("sks_000000000000_{}", "0".repeat(49));
        assert_eq!(dress_of_token(&token), None);
        for around in
            [format!("{token} # old"), format!("- {token}"), format!("{token},"), format!("{{{token}}}")]
        {
            assert_eq!(dress_of_token(&around), Some(Dress::More), "{around}");
        }
    }

    const AROUND: &str = "there is more in it than a key: a mark, a comment or a $";

    #[test]
    fn what_no_client_can_send_is_named_with_its_place() {
        for (text, message) in [
            ("\u{feff}sk-planted", "it holds U+FEFF at character 1"),
            ("sk-\u{200b}planted", "it holds U+200B at character 4"),
            ("sk-plant\u{e9}d", "it holds a letter outside ASCII at character 9"),
            ("\"sk-planted\"", "it stands in quotes"),
            ("\u{201c}sk-planted\u{201d}", "it stands in quotes"),
            ("KEY=sk-planted", "it is written as NAME=value"),
            ("Bearer sk-planted", "it is written as in a header, behind a name or Bearer"),
            ("sk-ant-api03-planted1,", AROUND),
            ("sk-ant-api03-planted1;", AROUND),
            ("<sk-ant-api03-planted1>", AROUND),
            ("- sk-ant-api03-planted1", AROUND),
            ("sk-ant-api03-planted1 # comment", AROUND),
            ("sk-ant-api03-planted1\\n", AROUND),
            ("$ANTHROPIC_API_KEY", AROUND),
            ("${ANTHROPIC_API_KEY}", AROUND),
        ] {
            let found = no_key(text).expect(text).to_string();
            assert_eq!(found, message, "{text}");
        }
        for text in [
            "sk-planted",
            "a b",
            "YWJj==",
            "{\"name\":\"Zo\u{eb}\"}",
            "-----BEGIN\n\u{e9}\n-----END",
            "sk-ant-api03-planted1",
            "pa$$word",
            "$ecret, with a comma",
            "a\nKEY=b",
        ] {
            assert_eq!(no_key(text), None, "{text}");
        }
    }
}
