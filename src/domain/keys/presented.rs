//! A text that is presented as a token: by which of its hashes it is looked up, in which order, and
//! what it is where nothing is found.

use super::foreign::ForeignToken;
use super::token;
use super::verdict::Reason;

/// A text that may be a token: a secret. It is looked up by its fast hash first, whatever it is.
#[derive(Debug)]
pub enum Presented {
    /// One of ours, with a right check. Who has the text needs no copy of it.
    Ours,
    /// One that may have been made elsewhere.
    Foreign(ForeignToken),
}

/// What follows where a token was not found by its fast hash.
#[derive(Debug)]
pub enum Next<'t> {
    /// It is looked up by its slow hash under this salt, and is unknown if that is not found.
    Slow(&'t ForeignToken, [u8; 16]),
    /// Nothing: this is the answer.
    Denied(Reason),
}

impl Presented {
    /// `None` for what is no token of any kind, and malformed.
    pub fn parse(text: &str) -> Option<Self> {
        if token::is_token(text) {
            return Some(Self::Ours);
        }
        ForeignToken::parse(text).ok().map(Self::Foreign)
    }

    /// The token, if it was made elsewhere.
    pub fn foreign(&self) -> Option<&ForeignToken> {
        match self {
            Self::Ours => None,
            Self::Foreign(token) => Some(token),
        }
    }
}

/// What follows where a token is not found by its fast hash: `foreign` if it was made elsewhere, in a
/// store that holds tokens with slow hashes if it has a `salt`. Then the store's tokens may have
/// any form, and what is not among them is unknown; else only ours have one.
pub fn after_fast(foreign: Option<&ForeignToken>, salt: Option<[u8; 16]>) -> Next<'_> {
    match (foreign, salt) {
        (Some(_), None) => Next::Denied(Reason::Malformed),
        (Some(token), Some(salt)) if !token.is_strong() => Next::Slow(token, salt),
        _ => Next::Denied(Reason::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "sks_000000000000_00000000000000000000000000000000000000000003ZqZmM";
    const WRONG_CHECK: &str = "sks_000000000000_00000000000000000000000000000000000000000003ZqZmN";

    #[test]
    fn what_follows_depends_on_form_and_store() {
        let next = |text: &str, salt| {
            let presented = Presented::parse(text).expect(text);
            match after_fast(presented.foreign(), salt) {
                Next::Slow(token, salt) => format!("{} {}", token.expose(), salt[0]),
                Next::Denied(reason) => reason.as_str().to_owned(),
            }
        };
        for (text, without_slow, with_slow) in [
            (OURS, "unknown", "unknown"),
            ("d6cbc963dbc36ad1c08fc8cc59e65ea0", "malformed", "unknown"),
            ("hunter2", "malformed", "hunter2 7"),
        ] {
            assert_eq!(next(text, None), without_slow, "{text}");
            assert_eq!(next(text, Some([7; 16])), with_slow, "{text}");
        }
    }

    #[test]
    fn what_is_no_token_of_any_kind_is_not_looked_up() {
        for text in ["", "a b", WRONG_CHECK, &"x".repeat(4097)] {
            assert!(Presented::parse(text).is_none(), "{text}");
        }
    }
}
