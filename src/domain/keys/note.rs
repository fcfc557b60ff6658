//! A note on a key: what people want to know of it, and no program reads.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::domain::texts::misplaced;
use crate::domain::texts::text::{FreeTextError, check_free_text};

/// 1 to 500 bytes of UTF-8 on one line, with nothing hidden and no secret in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Note(String);

const LONGEST: usize = 500;

impl Note {
    /// What somebody wrote; `None` for the empty text, which stands for no note.
    pub fn parse(text: &str) -> Result<Option<Self>, FreeTextError> {
        check_free_text(text, LONGEST)?;
        if misplaced::is_secret(text) {
            return Err(FreeTextError::Secret);
        }
        Ok(Some(text).filter(|text| !text.is_empty()).map(|text| Self(text.to_owned())))
    }
}

/// One that is stored was looked at before: a rule that is newer than it makes no row unreadable.
impl FromStr for Note {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_has_one_line_and_no_secret() {
        let longest = "é".repeat(LONGEST / 2);
        for text in ["for the nightly import", "ask Ana, room 4.12", longest.as_str()] {
            assert_eq!(Note::parse(text).expect("a note").expect("one").to_string(), text);
        }
        assert_eq!(Note::parse(""), Ok(None));
        for text in [
            "two\nlines",
            "\u{1b}[31mred",
            "right\u{202e}left",
            &format!("{longest}x"),
            "sks_4fTq9ZkPw2Xa_0123456789abcdefghijABCDEFGHIJ0123456789abc0MEXYr",
            "ANTHROPIC_API_KEY=sk-ant-api03-0123456789abcdefghij",
        ] {
            assert!(Note::parse(text).is_err(), "{text:?}");
        }
    }
}
