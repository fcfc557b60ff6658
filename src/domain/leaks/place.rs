//! Where something was found.

use std::fmt;

use super::{tokens, words};
use crate::domain::keys::token::ID_CHARS;
use crate::domain::keys::token::TAIL_CHARS;

/// A place in what was searched. Tokens of our own form that stand in its names are cut to their public parts; imported ones
/// are cut out before anything is shown ([`without`]).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, or what is written for standard input.
    pub path: String,
    /// The file inside of an archive, through all archives, as in `logs.tar/app.log`.
    pub member: Option<String>,
    /// The commit in whose change it stands, as 40 or 64 hex digits.
    pub commit: Option<String>,
    /// From 1 on; `None` where it stands in a name, or in the message of a commit.
    pub line: Option<u64>,
    /// In characters, from 1 on.
    pub column: Option<u64>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(commit) = &self.commit {
            write!(f, "{}:", commit.get(..12).unwrap_or(commit))?;
        }
        f.write_str(&self.path)?;
        if let Some(member) = &self.member {
            write!(f, "!{member}")?;
        }
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(column) = self.column {
            write!(f, ":{column}")?;
        }
        Ok(())
    }
}

/// A name with each whole token in it cut to its public part.
pub fn masked(name: &str) -> String {
    let mut shown = String::with_capacity(name.len());
    let mut from = 0;
    tokens::find(name.as_bytes(), |place| {
        shown.push_str(&name[from..place.end - TAIL_CHARS - 1]);
        shown.push('…');
        from = place.end;
    });
    shown.push_str(&name[from..]);
    shown
}

/// A name without the words in it that `is_one` knows.
pub fn without(name: &str, is_one: impl Fn(&[u8]) -> bool) -> String {
    let mut shown = String::with_capacity(name.len());
    let mut from = 0;
    words::find_in_name(name.as_bytes(), |word| {
        let is_one = is_one(&name.as_bytes()[word.clone()]);
        if is_one {
            shown.push_str(&name[from..word.start]);
            shown.push('…');
            from = word.end;
        }
        is_one
    });
    shown.push_str(&name[from..]);
    shown
}

/// The public part of a token, whose text this is.
pub fn public_part(token: &[u8]) -> String {
    let length = token.len().saturating_sub(TAIL_CHARS + 1);
    debug_assert!(length > ID_CHARS);
    String::from_utf8_lossy(&token[..length]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "sks_000000000000_00000000000000000000000000000000000000000003ZqZmM";

    #[test]
    fn a_name_shows_no_token() {
        assert_eq!(masked("src/main.rs"), "src/main.rs");
        assert_eq!(masked(&format!("a/{TOKEN}.txt")), "a/sks_000000000000….txt");
        assert_eq!(masked(&format!("{TOKEN}/é/{TOKEN}")), "sks_000000000000…/é/sks_000000000000…");
        assert_eq!(public_part(TOKEN.as_bytes()), "sks_000000000000");
    }

    #[test]
    fn a_name_shows_no_word_that_is_known() {
        let known = |word: &[u8]| word == b"sk-alice-test-key-12345";
        assert_eq!(without("a/b-c.txt", known), "a/b-c.txt");
        assert_eq!(without("é/x_sk-alice-test-key-12345.tar.gz", known), "é/x_….tar.gz");
        assert_eq!(without("sk-alice-test-key-12345/sk-alice-test-key-12345", known), "…/…");
    }

    #[test]
    fn a_place_reads_as_other_programs_write_it() {
        let place = Place { path: "a.tar".to_owned(), line: Some(3), column: Some(9), ..Place::default() };
        assert_eq!(place.to_string(), "a.tar:3:9");
        let commit = Some("0123456789abcdef0123456789abcdef01234567".to_owned());
        let place = Place { member: Some("x/y".to_owned()), commit, ..place };
        assert_eq!(place.to_string(), "0123456789ab:a.tar!x/y:3:9");
    }
}
