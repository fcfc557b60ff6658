//! Who a key acts for, and what the key is called.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::domain::random::{Random, RandomError};
use crate::domain::texts::text::CodePoint;

/// The principal that a key acts for: a user, a service, a client instance; by the name that
/// operators type. Services know it by its [`OwnerSubject`](super::subject::OwnerSubject).
///
/// 1 to 64 of `a-z 0-9 . _ -`, first a letter or digit, never starting with `key_`; or an
/// e-mail address in lower case of at most 254 characters (RFC 5321 §4.5.3.1.3).
///
/// The text is shared by clones, and by the subject where that is the name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner(Arc<str>);

/// The name of a key, unique among its owner's unrevoked keys.
///
/// 1 to 64 of `a-z 0-9 . _ -`, first a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct KeyName(Box<str>);

/// Why a text is not an owner or a key's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing, or only blanks.
    #[error("it is empty")]
    Empty,
    /// Too many characters.
    #[error("it has {found} characters, at most {most} are allowed")]
    TooLong {
        /// Characters given.
        found: usize,
        /// Characters allowed.
        most: usize,
    },
    /// An upper-case letter.
    #[error("it contains the upper-case letter {0}: names are in lower case")]
    UpperCase(char),
    /// Any other character outside the alphabet.
    #[error("it contains {0}: allowed are a-z 0-9 . _ -")]
    Alphabet(CodePoint),
    /// Starts with `.`, `_` or `-`.
    #[error("it must start with a letter or a digit")]
    Start,
    /// An owner that starts as key ids do.
    #[error("it starts with key_, which is kept for key ids")]
    KeyPrefix,
    /// Has an `@` and is no plain address.
    #[error("it is not an e-mail address in its plain form (name@host.example)")]
    Email,
}

const LONGEST_NAME: usize = 64;
const LONGEST_EMAIL: usize = 254;

fn check_alphabet(text: &str, allowed: &str) -> Result<(), NameError> {
    for c in text.chars() {
        if c.is_ascii_uppercase() {
            return Err(NameError::UpperCase(c));
        }
        if !(c.is_ascii_lowercase() || c.is_ascii_digit() || allowed.contains(c)) {
            return Err(NameError::Alphabet(CodePoint(c)));
        }
    }
    Ok(())
}

/// Most texts are names, and one is read in every verification: that is looked for first, and only then for what
/// is wrong.
pub(in crate::domain) fn check_name(text: &str) -> Result<(), NameError> {
    let in_names = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-');
    let is_short = (1..=LONGEST_NAME).contains(&text.len());
    if is_short && text.bytes().all(in_names) && !text.starts_with(['.', '_', '-']) {
        return Ok(());
    }
    find_fault(text)
}

fn find_fault(text: &str) -> Result<(), NameError> {
    if text.trim().is_empty() {
        return Err(NameError::Empty);
    }
    check_alphabet(text, "._-")?;
    if text.len() > LONGEST_NAME {
        return Err(NameError::TooLong { found: text.len(), most: LONGEST_NAME });
    }
    if text.starts_with(['.', '_', '-']) {
        return Err(NameError::Start);
    }
    Ok(())
}

fn check_email(text: &str, local: &str, domain: &str) -> Result<(), NameError> {
    check_alphabet(text, "._-+@")?;
    if text.len() > LONGEST_EMAIL {
        return Err(NameError::TooLong { found: text.len(), most: LONGEST_EMAIL });
    }
    let atoms = |part: &str| part.split('.').all(|atom| !atom.is_empty());
    let labels = domain.split('.').all(|label| {
        label.len() <= 63
            && label.starts_with(|c: char| c.is_ascii_alphanumeric())
            && label.ends_with(|c: char| c.is_ascii_alphanumeric())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    });
    let starts_well = local.starts_with(|c: char| c.is_ascii_alphanumeric());
    if starts_well && local.len() <= 64 && atoms(local) && labels && domain.contains('.') {
        Ok(())
    } else {
        Err(NameError::Email)
    }
}

impl Owner {
    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

impl Serialize for Owner {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl FromStr for Owner {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        match text.split_once('@') {
            Some((local, domain)) => check_email(text, local, domain)?,
            None => check_name(text)?,
        }
        if text.starts_with("key_") {
            return Err(NameError::KeyPrefix);
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl KeyName {
    /// What an owner's first key is called if nobody says otherwise.
    pub(crate) fn first() -> Self {
        Self("default".into())
    }

    /// `key-` and 8 random characters of `0-9a-z`: the name of a key that was given none while
    /// [`KeyName::first`] is taken.
    pub(crate) fn generate(random: &mut dyn Random) -> Result<Self, RandomError> {
        Self::random(8, random)
    }

    /// `key-` and 16 random characters: of a million keys, no two of one owner meet by chance.
    pub(crate) fn generate_long(random: &mut dyn Random) -> Result<Self, RandomError> {
        Self::random(16, random)
    }

    fn random(chars: usize, random: &mut dyn Random) -> Result<Self, RandomError> {
        let mut name = String::from("key-");
        let full = name.len() + chars;
        let mut pool = [0_u8; 16];
        while name.len() < full {
            random.fill(&mut pool)?;
            // 252 is the largest multiple of 36 below 256.
            for byte in pool.iter().filter(|byte| **byte < 252).take(full - name.len()) {
                name.push(char::from(b"0123456789abcdefghijklmnopqrstuvwxyz"[usize::from(byte % 36)]));
            }
        }
        Ok(Self(name.into()))
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        check_name(text)?;
        Ok(Self(text.into()))
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner_error(text: &str) -> NameError {
        text.parse::<Owner>().expect_err(text)
    }

    #[test]
    fn owners_are_plain_names_or_addresses() {
        let longest = "a".repeat(64);
        for text in ["alice", "0", "ci.runner_2-b", "k", "alice+ci@mail.example.org", &longest] {
            assert_eq!(text.parse::<Owner>().expect(text).as_str(), text);
        }
    }

    #[test]
    fn each_fault_of_an_owner_has_its_own_error() {
        assert_eq!(owner_error(""), NameError::Empty);
        assert_eq!(owner_error("  "), NameError::Empty);
        assert_eq!(owner_error(&"a".repeat(65)), NameError::TooLong { found: 65, most: 64 });
        assert_eq!(owner_error("Alice"), NameError::UpperCase('A'));
        assert_eq!(owner_error("al\u{202e}ice"), NameError::Alphabet(CodePoint('\u{202e}')));
        assert_eq!(owner_error("\u{430}dmin"), NameError::Alphabet(CodePoint('\u{430}')));
        assert_eq!(owner_error("../../etc/passwd"), NameError::Alphabet(CodePoint('/')));
        assert_eq!(owner_error("-alice"), NameError::Start);
        assert_eq!(owner_error("key_alice"), NameError::KeyPrefix);
        assert_eq!(owner_error("key_a@example.org"), NameError::KeyPrefix);
        for text in
            ["a@b", "@example.org", "a@@example.org", "a..b@example.org", "a@-x.org", "a@x_y.org", "+a@x.org"]
        {
            assert_eq!(owner_error(text), NameError::Email, "{text}");
        }
    }

    #[test]
    fn composed_and_decomposed_accents_are_both_refused() {
        assert!(matches!(owner_error("jos\u{e9}"), NameError::Alphabet(_)));
        assert!(matches!(owner_error("jose\u{301}"), NameError::Alphabet(_)));
    }
}
