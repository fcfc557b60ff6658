//! Tokens that were made elsewhere and moved in.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

use super::token::{self, DisplayPrefix, FOREIGN_PREFIX, Prefix, Token};
use crate::domain::random::{Random, RandomError};
use crate::domain::time::Span;

/// How a token is hashed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HashAlg {
    /// SHA-256: for what has enough random bits.
    #[default]
    Sha256,
    /// Argon2id (RFC 9106) under the store's salt: for what may be guessed.
    Argon2id,
}

impl HashAlg {
    /// The word in the store and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Argon2id => "argon2id",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a known hash algorithm")]
pub struct UnknownHashAlg;

impl FromStr for HashAlg {
    type Err = UnknownHashAlg;

    fn from_str(text: &str) -> Result<Self, UnknownHashAlg> {
        match text {
            "sha256" => Ok(Self::Sha256),
            "argon2id" => Ok(Self::Argon2id),
            _ => Err(UnknownHashAlg),
        }
    }
}

impl fmt::Display for HashAlg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for HashAlg {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A key whose token may be guessed ends at most this long after it was imported or edited.
pub const WEAK_LONGEST: Span = Span::days(365);

/// Whether a prefix is the one that imported tokens are shown with.
pub fn is_foreign(prefix: &Prefix) -> bool {
    prefix.as_str() == FOREIGN_PREFIX
}

/// What an imported token is shown as: a fresh one.
pub fn display_prefix(random: &mut dyn Random) -> Result<DisplayPrefix, RandomError> {
    token::foreign_display_prefix(random)
}

/// A token that was made elsewhere: a secret.
///
/// 1 to 4096 visible ASCII characters (`!` to `~`): what a header of HTTP carries without
/// quoting and without loss. It is wiped when dropped, has no `Clone`, `Display` or
/// `Serialize`, and its `Debug` shows nothing.
pub struct ForeignToken(Zeroizing<String>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForeignTokenError {
    #[error("it is empty")]
    Empty,
    #[error("it is longer than {LONGEST} characters")]
    TooLong,
    /// A blank, a control character, or anything outside ASCII.
    #[error("it contains a blank, a control character or a letter outside ASCII")]
    Alphabet,
    /// Of the form of our own tokens with a wrong check: a verification refuses it by that.
    #[error("it has the form of a keyctl token, and its check does not match: mistyped or cut off")]
    Check,
}

const LONGEST: usize = 4096;
const HEX_DIGITS: usize = 32;
const RANDOM_CHARS: usize = 22;
const DISTINCT_CHARS: usize = 10;

impl ForeignToken {
    /// Takes a text as it is; nothing is trimmed.
    pub fn parse(text: &str) -> Result<Self, ForeignTokenError> {
        if text.is_empty() {
            return Err(ForeignTokenError::Empty);
        }
        if text.len() > LONGEST {
            return Err(ForeignTokenError::TooLong);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ForeignTokenError::Alphabet);
        }
        if token::public_part(text).is_some() && Token::parse(text).is_err() {
            return Err(ForeignTokenError::Check);
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// The whole token, for the moment in which it is hashed.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it is known to have enough random bits for a fast hash: behind one optional
    /// word of `a-z` with `-` or `_` at its end, 32 or more hex digits, or 22 or more of
    /// `0-9A-Za-z_-` with 10 distinct ones, letters and digits among them. So is what has the
    /// form of our own tokens, as one from another store has: it is looked up by its fast hash
    /// alone.
    pub fn is_strong(&self) -> bool {
        if token::public_part(&self.0).is_some() {
            return true;
        }
        let body = without_word(&self.0).as_bytes();
        if body.len() >= HEX_DIGITS && body.iter().all(u8::is_ascii_hexdigit) {
            return true;
        }
        let mut seen = [false; 128];
        for byte in body {
            seen[usize::from(byte & 127)] = true;
        }
        body.len() >= RANDOM_CHARS
            && body.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(byte))
            && seen.iter().filter(|found| **found).count() >= DISTINCT_CHARS
            && body.iter().any(u8::is_ascii_alphabetic)
            && body.iter().any(u8::is_ascii_digit)
    }

    pub fn hash_alg(&self) -> HashAlg {
        if self.is_strong() { HashAlg::Sha256 } else { HashAlg::Argon2id }
    }
}

/// What stands behind `sk-`, `agpt_` and their like; all of it where there is no such word.
fn without_word(text: &str) -> &str {
    let word = text.bytes().take_while(u8::is_ascii_lowercase).count();
    match text.as_bytes().get(word) {
        Some(b'-' | b'_') if word > 0 => &text[word + 1..],
        _ => text,
    }
}

impl fmt::Debug for ForeignToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ForeignToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn token(text: &str) -> ForeignToken {
        ForeignToken::parse(text).expect(text)
    }

    #[test]
    fn each_fault_has_its_own_error() {
        let error = |text: &str| ForeignToken::parse(text).expect_err(text);
        assert_eq!(error(""), ForeignTokenError::Empty);
        assert_eq!(error(&"x".repeat(4097)), ForeignTokenError::TooLong);
        for text in ["a b", "a\n", "a\t", "a\0", "\u{7f}", "clé", "a\r"] {
            assert_eq!(error(text), ForeignTokenError::Alphabet, "{text:?}");
        }
        let wrong_check = "sks_000000000000_00000000000000000000000000000000000000000003ZqZmN";
        assert_eq!(error(wrong_check), ForeignTokenError::Check);
        assert!(ForeignToken::parse(&"x".repeat(4096)).is_ok());
    }

    #[test]
    fn what_has_few_random_bits_is_not_strong() {
        for text in [
            "sk-alice-test-key-12345",
            "hunter2",
            "sk-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1",
            "abcdefghijklmnopqrstuvwxyz",
            "0123456789012345678901",
            "longword-a1b2c3d4e5f6g7h8i9j",
            "AbCdEfGhIjKlMnOpQrSt1+",
            "sk-sk-AbCdEfGhIjKlMnOp1",
        ] {
            assert!(!token(text).is_strong(), "{text}");
            assert_eq!(token(text).hash_alg(), HashAlg::Argon2id);
        }
    }

    #[test]
    fn what_is_random_by_its_form_is_strong() {
        for text in [
            "d6cbc963dbc36ad1c08fc8cc59e65ea0",
            "D6CBC963DBC36AD1C08FC8CC59E65EA0",
            "sk-0123456789abcdef0123456789abcdef0123456789abcdef",
            "dGVzdC10b2tlbi1jYW5vbmljYWwtYmFzZTY0dXJs",
            "agpt_Q2h1Y2stTm9ycmlzLXdhcy1oZXJl9",
            "AbCdEfGhIjKlMnOpQrSt1_",
            "sks_000000000000_00000000000000000000000000000000000000000003ZqZmM",
        ] {
            assert!(token(text).is_strong(), "{text}");
            assert_eq!(token(text).hash_alg(), HashAlg::Sha256);
        }
    }

    #[test]
    fn nothing_of_it_is_shown() {
        assert_eq!(format!("{:?}", token("hunter2")), "ForeignToken(…)");
    }

    proptest! {
        #[test]
        fn a_word_before_it_never_makes_a_token_strong(word in "[a-z]{1,8}[-_]", text in "[!-~]{1,40}") {
            // Unless the word hides another one, which was left off without it.
            if let (Ok(alone), Ok(behind)) =
                (ForeignToken::parse(&text), ForeignToken::parse(&format!("{word}{text}")))
                && without_word(&text) == text
            {
                prop_assert_eq!(alone.is_strong(), behind.is_strong());
            }
        }

        #[test]
        fn what_is_strong_is_long_and_of_the_alphabet(text in "[!-~]{1,60}") {
            if let Ok(token) = ForeignToken::parse(&text) && token.is_strong() {
                let body = without_word(&text);
                prop_assert!(body.len() >= 22);
                prop_assert!(body.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-'));
            }
        }

        #[test]
        fn no_text_makes_parsing_panic(text in ".*") {
            if let Ok(token) = ForeignToken::parse(&text) {
                let _ = token.is_strong();
            }
        }
    }
}
