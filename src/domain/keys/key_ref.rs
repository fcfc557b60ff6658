//! How people point at a key.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::foreign::ForeignToken;
use super::token::{DisplayPrefix, Token};
use crate::domain::id::{KeyId, KeyIdError};
use crate::domain::owners::owner::{KeyName, NameError, Owner};

/// A reference to one key, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyRef {
    Id(KeyId),
    /// `owner/name`.
    Named(Owner, KeyName),
    /// The public prefix of any of its tokens, dead ones included. All of it in lower case
    /// may also be an owner.
    Token(DisplayPrefix),
    /// An owner, meaning its only unrevoked key.
    Sole(Owner),
    /// A line of input, which may be a whole token that was made elsewhere.
    Line(Line),
}

/// A line of input with its two readings. It may be a secret, so only its number is shown.
#[derive(Clone)]
pub struct Line {
    number: usize,
    reference: Option<Box<KeyRef>>,
    token: Option<Arc<ForeignToken>>,
}

impl Line {
    /// Its number, from 1.
    pub fn number(&self) -> usize {
        self.number
    }

    pub fn reference(&self) -> Option<&KeyRef> {
        self.reference.as_deref()
    }

    pub fn token(&self) -> Option<&ForeignToken> {
        self.token.as_deref()
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Line({})", self.number)
    }
}

/// Lines are compared by where they stand, not by their secrets.
impl PartialEq for Line {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number && self.reference == other.reference
    }
}

impl Eq for Line {}

/// Why a text points at no key. A whole token is told apart before this is asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefError {
    /// Starts with `key_` and is no key id.
    #[error(transparent)]
    Id(#[from] KeyIdError),
    #[error("the owner cannot be right: {0}")]
    Owner(NameError),
    #[error("the name behind the slash cannot be right: {0}")]
    Name(NameError),
}

impl KeyRef {
    /// Reads line `number` of input, where whole tokens are welcome: they stand for their key.
    /// What is no id may be a foreign token, whatever else it may be. What can be neither is a
    /// line that names no key.
    pub fn from_line(line: &str, number: usize) -> Self {
        let read = match Token::parse(line) {
            Ok(token) => Ok(Self::Token(token.display_prefix())),
            Err(_) => line.parse(),
        };
        match read {
            Ok(Self::Id(id)) => Self::Id(id),
            read => Self::Line(Line {
                number,
                reference: read.ok().map(Box::new),
                token: ForeignToken::parse(line).ok().map(Arc::new),
            }),
        }
    }
}

impl FromStr for KeyRef {
    type Err = KeyRefError;

    fn from_str(text: &str) -> Result<Self, KeyRefError> {
        if text.starts_with("key_") {
            return Ok(Self::Id(text.parse()?));
        }
        if let Some((owner, name)) = text.split_once('/') {
            let owner = owner.parse().map_err(KeyRefError::Owner)?;
            return Ok(Self::Named(owner, name.parse().map_err(KeyRefError::Name)?));
        }
        if let Ok(prefix) = text.parse::<DisplayPrefix>() {
            return Ok(Self::Token(prefix));
        }
        text.parse().map(Self::Sole).map_err(KeyRefError::Owner)
    }
}

impl fmt::Display for KeyRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Named(owner, name) => write!(f, "{owner}/{name}"),
            Self::Token(prefix) => prefix.fmt(f),
            Self::Sole(owner) => owner.fmt(f),
            Self::Line(line) => write!(f, "line {}", line.number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_says_what_is_meant() {
        let parsed = |text: &str| text.parse::<KeyRef>().expect(text);
        assert!(matches!(parsed("key_01h455vb4pex5vsknk084sn02q"), KeyRef::Id(_)));
        assert!(matches!(parsed("alice/default"), KeyRef::Named(..)));
        assert!(matches!(parsed("sks_4fTq9ZkPw2Xa"), KeyRef::Token(_)));
        assert!(matches!(parsed("acme_live_zzzzzzzzzzzz"), KeyRef::Token(_)));
        assert!(matches!(parsed("alice"), KeyRef::Sole(_)));
        assert!(matches!(parsed("alice@example.org"), KeyRef::Sole(_)));
    }

    #[test]
    fn a_damaged_reference_says_which_part_is_wrong() {
        for (text, start) in [
            ("key_123", "a key id has 26"),
            ("Alice/default", "the owner cannot be right"),
            ("alice/", "the name behind the slash"),
            ("../../etc/passwd", "the owner cannot be right"),
            ("sks_4fTq9ZkPw2X", "the owner cannot be right"),
        ] {
            let message = text.parse::<KeyRef>().expect_err(text).to_string();
            assert!(message.starts_with(start), "{text}: {message}");
        }
    }

    #[test]
    fn a_whole_token_on_a_line_stands_for_its_key() {
        let line = "sks_000000000000_00000000000000000000000000000000000000000003ZqZmM";
        let KeyRef::Line(read) = KeyRef::from_line(line, 1) else { panic!("no line") };
        assert_eq!(read.reference().expect("a reference").to_string(), "sks_000000000000");
    }

    #[test]
    fn a_line_may_be_a_token_of_any_form_and_is_not_shown() {
        let read = KeyRef::from_line("sk-alice-test-key-12345", 7);
        assert_eq!(read.to_string(), "line 7");
        assert_eq!(format!("{read:?}"), "Line(Line(7))");
        let KeyRef::Line(read) = read else { panic!("no line") };
        assert!(matches!(read.reference(), Some(KeyRef::Sole(_))) && read.token().is_some());
        let KeyRef::Line(read) = KeyRef::from_line("Hunter2!", 1) else { panic!("no line") };
        assert!(read.reference().is_none() && read.token().is_some());
        let id = "key_01h455vb4pex5vsknk084sn02q";
        assert_eq!(Ok(KeyRef::from_line(id, 1)), id.parse());
        let KeyRef::Line(read) = KeyRef::from_line("two words", 1) else { panic!("no line") };
        assert!(read.reference().is_none() && read.token().is_none());
    }
}
