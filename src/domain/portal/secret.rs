//! What is shown once and let in by: the code of a claim, and the secret of a cookie.

use std::fmt;

use zeroize::{Zeroize as _, Zeroizing};

use crate::domain::random::{Random, RandomError};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// 258 random bits, six in each.
const CHARS: usize = 43;
const CODE_PREFIX: &str = "skc_";

/// The code of a claim: `skc_` and 43 characters of base64url (RFC 4648 §5). A secret: it is wiped when dropped, and has no
/// `Clone`, `Display` or `Serialize`.
pub struct ClaimCode(Zeroizing<String>);

/// What a browser presents of a session: 43 characters of base64url. A secret as [`ClaimCode`] is.
pub struct SessionSecret(Zeroizing<String>);

impl ClaimCode {
    /// A fresh one.
    pub fn generate(random: &mut dyn Random) -> Result<Self, RandomError> {
        draw(CODE_PREFIX, random).map(Self)
    }

    /// Reads a code as somebody brings it; `None` if it is none. Nothing is trimmed.
    pub fn parse(text: &str) -> Option<Self> {
        text.strip_prefix(CODE_PREFIX).filter(|rest| is_secret(rest))?;
        Some(Self(Zeroizing::new(text.to_owned())))
    }

    /// The whole code, for the moment in which it is hashed or handed out.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl SessionSecret {
    /// A fresh one.
    pub fn generate(random: &mut dyn Random) -> Result<Self, RandomError> {
        draw("", random).map(Self)
    }

    /// Reads what a browser presents; `None` if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        is_secret(text).then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The whole secret, for the moment in which it is hashed or handed out.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ClaimCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClaimCode(…)")
    }
}

impl fmt::Debug for SessionSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionSecret(…)")
    }
}

pub(in crate::domain) fn is_secret(text: &str) -> bool {
    text.len() == CHARS && text.bytes().all(|byte| ALPHABET.contains(&byte))
}

pub(in crate::domain) fn draw(
    prefix: &str,
    random: &mut dyn Random,
) -> Result<Zeroizing<String>, RandomError> {
    let mut bytes = [0_u8; CHARS];
    let drawn = random.fill(&mut bytes);
    let mut text = Zeroizing::new(String::with_capacity(prefix.len() + CHARS));
    text.push_str(prefix);
    text.extend(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 63)])));
    bytes.zeroize();
    drawn.map(|()| text)
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
    fn a_code_reads_back_and_shows_nothing_of_itself() {
        let code = ClaimCode::generate(&mut Counting(20)).expect("random");
        let text = code.expose();
        assert_eq!(text, "skc_UVWXYZabcdefghijklmnopqrstuvwxyz0123456789-");
        assert_eq!(ClaimCode::parse(text).expect("a code").expose(), text);
        assert_eq!(format!("{code:?}"), "ClaimCode(…)");
        let secret = SessionSecret::generate(&mut Counting(0)).expect("random");
        assert_eq!(SessionSecret::parse(secret.expose()).expect("a secret").expose(), secret.expose());
        assert_eq!(format!("{secret:?}"), "SessionSecret(…)");
    }

    #[test]
    fn what_is_not_of_the_form_is_no_code() {
        let code = "skc_UVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";
        for text in [
            "",
            "skc_",
            &code[4..],
            &code[..46],
            &format!("{code}A"),
            &format!("{code}\n"),
            &code.replace('U', "+"),
            &code.replace("skc", "sks"),
        ] {
            assert!(ClaimCode::parse(text).is_none(), "{text:?}");
        }
        assert!(SessionSecret::parse(code).is_none());
        assert!(SessionSecret::parse(&code[4..]).is_some());
    }
}
