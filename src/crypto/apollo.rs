//! `OpenFn` Apollo's own encryption of its clients' keys: AES-256-GCM without additional data
//! under `APOLLO_ENC_KEY`, written as `enc:v1:` and base64 of nonce, tag, ciphertext (as Apollo
//! 3.0.1 reads it).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::digest;
use super::primitives::{Gcm, hkdf};
use crate::domain::apollo::{Ciphertext, PREFIX};
use crate::domain::random::{Random, RandomError};
use crate::domain::secrets::secret::SecretValue;

const KEY: usize = 32;
const NONCE: usize = 12;
const TAG: usize = 16;
const CHECK_INFO: &[u8] = b"keyctl/v1/apollo-key-check";

/// `APOLLO_ENC_KEY`: a secret. It is wiped when dropped and its `Debug` shows nothing of it.
pub struct ApolloKey(Zeroizing<[u8; KEY]>);

/// Why a text is not such a key. None of them repeats it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApolloKeyError {
    #[error("it is empty")]
    Empty,
    /// Not standard base64 with padding.
    #[error("it is not base64 (with its = at the end)")]
    Encoding,
    /// Not 32 bytes.
    #[error("it has {0} bytes, not {KEY}")]
    Length(usize),
}

impl ApolloKey {
    /// Reads base64 of exactly 32 bytes (RFC 4648 §4, with padding).
    pub fn parse(text: &[u8]) -> Result<Self, ApolloKeyError> {
        if text.is_empty() {
            return Err(ApolloKeyError::Empty);
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
        STANDARD.decode_vec(text, &mut bytes).map_err(|_| ApolloKeyError::Encoding)?;
        let mut key = Zeroizing::new([0; KEY]);
        if bytes.len() != KEY {
            return Err(ApolloKeyError::Length(bytes.len()));
        }
        key.copy_from_slice(&bytes);
        Ok(Self(key))
    }

    /// What the store keeps to recognize it: HKDF-SHA-256 (RFC 5869) with the store's uuid as
    /// salt, 32 bytes.
    pub fn check_value(&self, store: &Uuid) -> [u8; 32] {
        let mut check = [0; 32];
        // It fails only beyond 255 times 32 bytes.
        let expanded = hkdf(self.0.as_slice(), store.as_bytes(), &[CHECK_INFO], &mut check);
        debug_assert!(expanded.is_some());
        check
    }

    /// Whether it is the key of this check value, compared in constant time.
    pub fn is_of(&self, store: &Uuid, check: &[u8; 32]) -> bool {
        digest::same(&self.check_value(store), check)
    }

    /// Encrypts a value as Apollo would, under a fresh nonce.
    pub fn seal(&self, value: &SecretValue, random: &mut dyn Random) -> Result<Ciphertext, RandomError> {
        let mut nonce = [0; NONCE];
        random.fill(&mut nonce)?;
        // Within its bounds, GCM cannot fail, nor has the result another form.
        self.seal_with(value.expose().as_bytes(), &nonce).ok_or(RandomError)
    }

    fn seal_with(&self, value: &[u8], nonce: &[u8; NONCE]) -> Option<Ciphertext> {
        let mut bytes = Vec::with_capacity(NONCE + TAG + value.len());
        bytes.extend_from_slice(nonce);
        bytes.extend_from_slice(&[0; TAG]);
        bytes.extend_from_slice(value);
        let tag = Gcm::new(&self.0).seal(nonce, &[], &mut bytes[NONCE + TAG..])?;
        bytes[NONCE..NONCE + TAG].copy_from_slice(&tag);
        Ciphertext::parse(&(PREFIX.to_owned() + &STANDARD.encode(bytes)))
    }

    /// Decrypts; `None` for another key's, or altered bytes.
    pub fn open(&self, sealed: &Ciphertext) -> Option<Zeroizing<Vec<u8>>> {
        let bytes = STANDARD.decode(sealed.base64()).ok()?;
        let (nonce, rest) = bytes.split_first_chunk::<NONCE>()?;
        let (tag, value) = rest.split_first_chunk::<TAG>()?;
        let mut value = Zeroizing::new(value.to_vec());
        Gcm::new(&self.0).open(nonce, &[], &mut value, tag).map(|()| value)
    }
}

impl fmt::Debug for ApolloKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApolloKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTING: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn key() -> ApolloKey {
        ApolloKey::parse(COUNTING.as_bytes()).expect("a key")
    }

    /// Computed by another implementation (pyca/cryptography 48): key 0..32, nonce 100..112.
    #[test]
    fn the_known_answers_are_met() {
        let nonce = std::array::from_fn(|at| 100 + u8::try_from(at).expect("small"));
        let sealed = key().seal_with(b"sk-ant-known-answer", &nonce).expect("sealed");
        let answer = "enc:v1:ZGVmZ2hpamtsbW5vQla2agiZqt3Xmk2hilT40ztw8wcXnXv1UA0ohvcEBI41p3Q=";
        assert_eq!(sealed.as_str(), answer);
        assert_eq!(key().open(&sealed).expect("opens").as_slice(), b"sk-ant-known-answer");
        let store = Uuid::from_u128(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff);
        let check = key().check_value(&store);
        assert_eq!(check[..8], [0x36, 0xbc, 0xe2, 0xee, 0xd4, 0xb9, 0xb7, 0x9f]);
        assert!(key().is_of(&store, &check) && !key().is_of(&Uuid::nil(), &check));
    }

    #[test]
    fn another_key_and_altered_bytes_open_nothing() {
        let sealed = key().seal_with(b"sk-ant-1", &[7; NONCE]).expect("sealed");
        let other = ApolloKey(Zeroizing::new([9; KEY]));
        assert!(other.open(&sealed).is_none());
        let altered: String = sealed.as_str().replacen("BwcH", "BwcI", 1);
        assert!(key().open(&Ciphertext::parse(&altered).expect("a form")).is_none());
    }

    #[test]
    fn each_fault_of_a_key_has_its_own_error() {
        for (text, error) in [
            ("", ApolloKeyError::Empty),
            ("AAEC", ApolloKeyError::Length(3)),
            ("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", ApolloKeyError::Encoding),
            ("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n", ApolloKeyError::Encoding),
            ("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g", ApolloKeyError::Length(33)),
        ] {
            assert_eq!(ApolloKey::parse(text.as_bytes()).err(), Some(error), "{text:?}");
        }
        assert_eq!(format!("{:?}", key()), "ApolloKey(…)");
    }
}
