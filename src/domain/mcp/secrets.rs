//! What a client is handed: a code, which works once, and a refresh token, which is another one after each use.

use std::fmt;

use zeroize::Zeroizing;

use crate::domain::portal::secret::{draw, is_secret};
use crate::domain::random::{Random, RandomError};

const CODE: &str = "ska_";
const REFRESH: &str = "skr_";
/// Of each secret part.
const CHARS: usize = 43;

/// An authorization code (RFC 6749 §4.1.2): `ska_` and 43 characters of base64url. A secret: it is wiped when dropped, and has no
/// `Clone`, `Display` or `Serialize`.
pub(crate) struct AuthorizationCode(Zeroizing<String>);

impl AuthorizationCode {
    pub(crate) fn generate(random: &mut dyn Random) -> Result<Self, RandomError> {
        draw(CODE, random).map(Self)
    }

    /// `None` of a text that is none. Nothing is trimmed.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        text.strip_prefix(CODE).filter(|rest| is_secret(rest))?;
        Some(Self(Zeroizing::new(text.to_owned())))
    }

    /// The whole code, for the moment in which it is hashed or handed out.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

/// A refresh token: `skr_`, 43 characters that all those of one sign-in begin with, and 43 that are its own. A secret as
/// [`AuthorizationCode`] is.
///
/// By the first part it is looked up: nobody knows it who never had a token of that sign-in. So one whose other part is not the
/// last that was handed out was used before, and no row of each has to be kept to see that.
pub(crate) struct RefreshToken(Zeroizing<String>);

impl RefreshToken {
    /// The first one of a sign-in.
    pub(crate) fn generate(random: &mut dyn Random) -> Result<Self, RandomError> {
        let family = draw(REFRESH, random)?;
        Self::of_family(&family, random)
    }

    /// The one after this.
    pub(crate) fn next(&self, random: &mut dyn Random) -> Result<Self, RandomError> {
        Self::of_family(self.family(), random)
    }

    fn of_family(family: &str, random: &mut dyn Random) -> Result<Self, RandomError> {
        let own = draw("", random)?;
        let mut text = Zeroizing::new(String::with_capacity(family.len() + own.len()));
        text.push_str(family);
        text.push_str(&own);
        Ok(Self(text))
    }

    /// `None` of a text that is none. Nothing is trimmed.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(REFRESH).filter(|rest| rest.len() == 2 * CHARS && rest.is_ascii())?;
        let (family, own) = rest.split_at(CHARS);
        (is_secret(family) && is_secret(own)).then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The whole token, for the moment in which it is hashed or handed out.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// What it is looked up by, once that is hashed.
    pub(crate) fn family(&self) -> &str {
        &self.0[..REFRESH.len() + CHARS]
    }
}

impl fmt::Debug for AuthorizationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthorizationCode(…)")
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting(u8);

    impl Random for Counting {
        fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
            for byte in bytes {
                *byte = self.0;
                self.0 = self.0.wrapping_add(1);
            }
            Ok(())
        }
    }

    #[test]
    fn a_token_and_the_one_after_it_begin_alike_and_differ() {
        let mut random = Counting(0);
        let first = RefreshToken::generate(&mut random).expect("random");
        let next = first.next(&mut random).expect("random");
        assert_eq!(first.family(), next.family());
        assert_ne!(first.expose(), next.expose());
        assert_eq!(RefreshToken::parse(first.expose()).expect("one").expose(), first.expose());
        assert_eq!(first.expose().len(), 4 + 2 * CHARS);
        assert_eq!(format!("{first:?}"), "RefreshToken(…)");
        for text in [
            "",
            first.family(),
            &first.expose()[..89],
            &format!("{}A", first.expose()),
            &first.expose().replace("skr_", "sks_"),
            &format!("skr_{}", "é".repeat(43)),
        ] {
            assert!(RefreshToken::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_code_reads_back_and_nothing_else_is_one() {
        let code = AuthorizationCode::generate(&mut Counting(0)).expect("random");
        assert_eq!(AuthorizationCode::parse(code.expose()).expect("one").expose(), code.expose());
        for text in ["", "ska_", &code.expose()[1..], &format!("{}\n", code.expose())] {
            assert!(AuthorizationCode::parse(text).is_none(), "{text:?}");
        }
        assert_eq!(format!("{code:?}"), "AuthorizationCode(…)");
    }
}
