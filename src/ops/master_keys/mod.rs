//! Master keys: which ones are at hand, which ones the store knows.

pub(crate) mod check;
pub(crate) mod lost;
mod parts;
mod ring;
pub mod rotate;
pub(crate) mod status;

use zeroize::Zeroizing;

use super::error::Result;
use crate::crypto::master_key::MasterKey;
pub use crate::crypto::master_key::MasterKeyError;
use crate::domain::random::Random;
pub(super) use parts::PartPlace;
pub use ring::{FormKeys, Ring};

/// What somebody holds of a master key: a secret.
#[derive(Debug)]
pub struct Material(Held);

#[derive(Debug)]
enum Held {
    Key(MasterKey),
    Passphrase(Passphrase),
}

struct Passphrase(Zeroizing<String>);

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

/// A passphrase is shorter than this: whoever has a copy of the database can try them.
const SHORTEST_PASSPHRASE: usize = 12;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PassphraseError {
    #[error("it has fewer than {SHORTEST_PASSPHRASE} characters")]
    Short,
    /// The same character throughout.
    #[error("it is one character repeated")]
    Repeated,
    /// Not UTF-8.
    #[error("it is not UTF-8 text")]
    Encoding,
    /// A control character, most likely a line end.
    #[error("it contains a control character")]
    Control,
}

impl Material {
    /// The key itself: base64 of exactly 32 bytes, or `hex:` and 64 digits.
    pub fn key(text: &[u8]) -> Result<Self, MasterKeyError> {
        MasterKey::parse(text).map(|key| Self(Held::Key(key)))
    }

    /// What the key follows from, by Argon2id.
    pub fn passphrase(text: &[u8]) -> Result<Self, PassphraseError> {
        let text = str::from_utf8(text).map_err(|_| PassphraseError::Encoding)?;
        let mut chars = text.chars();
        let first = chars.next();
        if text.chars().any(char::is_control) {
            Err(PassphraseError::Control)
        } else if text.chars().count() < SHORTEST_PASSPHRASE {
            Err(PassphraseError::Short)
        } else if chars.all(|c| Some(c) == first) {
            Err(PassphraseError::Repeated)
        } else {
            Ok(Self(Held::Passphrase(Passphrase(Zeroizing::new(text.to_owned())))))
        }
    }
}

/// Master keys as somebody gives them: the one that seals, and during a rotation the one before.
#[derive(Debug)]
pub struct Given {
    /// `KEYCTL_MASTER_KEY` or one of its other sources.
    pub current: Material,
    /// `KEYCTL_MASTER_KEY_PREVIOUS`.
    pub previous: Option<Material>,
}

/// A fresh master key in base64, which is nowhere else.
pub fn generate(random: &mut dyn Random) -> Result<Zeroizing<String>> {
    Ok(MasterKey::generate(random)?.to_text())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passphrase_is_long_and_shown_nowhere() {
        for (text, error) in [
            (&b"short"[..], PassphraseError::Short),
            ("ключключклю".as_bytes(), PassphraseError::Short),
            (b"aaaaaaaaaaaaaaaa", PassphraseError::Repeated),
            (b"correct horse battery\n", PassphraseError::Control),
            (b"correct horse battery \xff", PassphraseError::Encoding),
        ] {
            assert_eq!(Material::passphrase(text).err(), Some(error), "{text:?}");
        }
        let material = Material::passphrase(b"correct horse battery staple").expect("long enough");
        assert!(!format!("{material:?}").contains("horse"));
    }
}
