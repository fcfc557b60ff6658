//! The key that all envelopes of a store are sealed under.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::argon2id::{self, OutOfMemory};
use super::primitives::hkdf;
use crate::domain::random::{Random, RandomError};
use crate::domain::secrets::kdf::Derivation;
use crate::domain::secrets::sealed::MasterKeyId;

const BYTES: usize = 32;
const ID_INFO: &[u8] = b"keyctl/v1/master-key-id";
const CHECK_INFO: &[u8] = b"keyctl/v1/master-key-check";

/// 256 bits that open everything: a secret.
///
/// It is wiped when dropped, has no `Clone`, `Display` or `Serialize`, and its `Debug` shows
/// nothing of it.
pub struct MasterKey(Zeroizing<[u8; BYTES]>);

/// Why a text is no master key, in the order in which it is looked at. None of them repeats it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MasterKeyError {
    #[error("it is empty")]
    Empty,
    #[error("it begins with a byte order mark (U+FEFF)")]
    ByteOrderMark,
    /// A line end inside or at an end.
    #[error("it contains a line end")]
    LineEnd,
    #[error("it contains a blank")]
    Blank,
    /// `0x` before it.
    #[error("it begins with 0x")]
    HexPrefix,
    /// 64 hex digits without `hex:`, which would be other bytes in base64.
    #[error("it is written in hex without hex: before it")]
    BareHex,
    /// Neither base64 with padding nor, after `hex:`, hex.
    #[error("it is not base64 (with its = at the end), nor hex: and hex digits")]
    Encoding,
    /// Not 32 bytes.
    #[error("it has {0} bytes, not {BYTES}")]
    Length(usize),
    /// The same byte 32 times.
    #[error("it is one byte repeated")]
    Repeated,
}

impl MasterKeyError {
    pub fn hint(self) -> &'static str {
        match self {
            Self::BareHex => "write hex: before the digits",
            Self::HexPrefix => "write hex: in the place of 0x",
            _ => "it is 32 random bytes in base64, as keyctl master init prints them",
        }
    }
}

impl MasterKey {
    /// Reads base64 of exactly 32 bytes (RFC 4648 §4, with padding), or `hex:` and 64 digits.
    pub fn parse(text: &[u8]) -> Result<Self, MasterKeyError> {
        check_form(text)?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
        match text.strip_prefix(b"hex:") {
            Some(digits) => decode_hex(digits, &mut bytes)?,
            None => {
                STANDARD.decode_vec(text, &mut bytes).map_err(|_| MasterKeyError::Encoding)?;
            }
        }
        let mut key = Zeroizing::new([0; BYTES]);
        if bytes.len() != BYTES {
            return Err(MasterKeyError::Length(bytes.len()));
        }
        key.copy_from_slice(&bytes);
        if key.iter().all(|byte| *byte == key[0]) {
            return Err(MasterKeyError::Repeated);
        }
        Ok(Self(key))
    }

    pub fn generate(random: &mut dyn Random) -> Result<Self, RandomError> {
        let mut key = Zeroizing::new([0; BYTES]);
        random.fill(key.as_mut())?;
        Ok(Self(key))
    }

    /// The one that follows from a passphrase: Argon2id over its bytes.
    pub fn derive(passphrase: &[u8], derivation: &Derivation) -> Result<Self, OutOfMemory> {
        argon2id::derive(passphrase, &derivation.salt, derivation.cost).map(Self)
    }

    /// As [`MasterKey::parse`] reads it: base64.
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(2 * BYTES));
        STANDARD.encode_string(self.0.as_slice(), &mut text);
        text
    }

    /// Which key it is in a store: HKDF-SHA-256 (RFC 5869) with the store's uuid as salt.
    pub fn id(&self, store: &Uuid) -> MasterKeyId {
        let mut id = [0; 8];
        self.expand(store.as_bytes(), &[ID_INFO], &mut id);
        MasterKeyId::from_bytes(id)
    }

    /// What the store keeps to recognize it: 32 bytes, derived as the id is.
    pub fn check_value(&self, store: &Uuid) -> [u8; 32] {
        let mut check = [0; 32];
        self.expand(store.as_bytes(), &[CHECK_INFO], &mut check);
        check
    }

    pub(super) fn expand(&self, salt: &[u8], info: &[&[u8]], out: &mut [u8]) {
        // It fails only beyond 255 times 32 bytes.
        let expanded = hkdf(self.0.as_slice(), salt, info, out);
        debug_assert!(expanded.is_some());
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

fn check_form(text: &[u8]) -> Result<(), MasterKeyError> {
    let is_hex = |text: &[u8]| text.len() == 2 * BYTES && text.iter().all(u8::is_ascii_hexdigit);
    match text {
        [] => Err(MasterKeyError::Empty),
        [0xEF, 0xBB, 0xBF, ..] => Err(MasterKeyError::ByteOrderMark),
        _ if text.iter().any(|byte| matches!(byte, b'\n' | b'\r')) => Err(MasterKeyError::LineEnd),
        _ if text.iter().any(u8::is_ascii_whitespace) => Err(MasterKeyError::Blank),
        // One of 4096 keys begins so in base64, too; its end is no hex digit.
        [b'0', b'x' | b'X', rest @ ..] if rest.iter().all(u8::is_ascii_hexdigit) => {
            Err(MasterKeyError::HexPrefix)
        }
        _ if is_hex(text) => Err(MasterKeyError::BareHex),
        _ => Ok(()),
    }
}

fn decode_hex(digits: &[u8], bytes: &mut Vec<u8>) -> Result<(), MasterKeyError> {
    let value = |digit: &u8| char::from(*digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    for pair in digits.chunks(2) {
        match pair {
            [high, low] => match (value(high), value(low)) {
                (Some(high), Some(low)) => bytes.push(high << 4 | low),
                _ => return Err(MasterKeyError::Encoding),
            },
            _ => return Err(MasterKeyError::Encoding),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTING: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    #[test]
    fn base64_and_hex_are_read_and_base64_is_written() {
        let hex = "hex:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1E1F";
        for text in [COUNTING, hex] {
            assert_eq!(MasterKey::parse(text.as_bytes()).expect("a key").to_text().as_str(), COUNTING);
        }
        let like_hex = "0xECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        assert_eq!(MasterKey::parse(like_hex.as_bytes()).expect("a key").to_text().as_str(), like_hex);
        let key = MasterKey::parse(COUNTING.as_bytes()).expect("a key");
        assert_eq!(format!("{key:?}"), "MasterKey(…)");
    }

    #[test]
    fn each_fault_has_its_own_error() {
        let bytes = |count: usize| {
            STANDARD.encode((0..count).map(|n| u8::try_from(n).expect("small")).collect::<Vec<_>>())
        };
        let with = |before: &str, after: &str| format!("{before}{COUNTING}{after}");
        for (text, error) in [
            (String::new(), MasterKeyError::Empty),
            (with("\u{feff}", ""), MasterKeyError::ByteOrderMark),
            (with("", "\n"), MasterKeyError::LineEnd),
            (with("", "\r"), MasterKeyError::LineEnd),
            (format!("{}\n{}", &COUNTING[..20], &COUNTING[20..]), MasterKeyError::LineEnd),
            (with(" ", ""), MasterKeyError::Blank),
            (with("", "\t"), MasterKeyError::Blank),
            ("0x".to_owned() + &"0a".repeat(32), MasterKeyError::HexPrefix),
            ("0a".repeat(32), MasterKeyError::BareHex),
            (COUNTING.trim_end_matches('=').to_owned(), MasterKeyError::Encoding),
            (with("", "="), MasterKeyError::Encoding),
            (with("\"", "\""), MasterKeyError::Encoding),
            ("hex:0".to_owned(), MasterKeyError::Encoding),
            ("hex:".to_owned() + &"0g".repeat(32), MasterKeyError::Encoding),
            (bytes(31), MasterKeyError::Length(31)),
            (bytes(33), MasterKeyError::Length(33)),
            ("hex:".to_owned() + &"0a".repeat(31), MasterKeyError::Length(31)),
            (STANDARD.encode([0; 32]), MasterKeyError::Repeated),
            (STANDARD.encode([255; 32]), MasterKeyError::Repeated),
        ] {
            let found = MasterKey::parse(text.as_bytes()).err();
            assert_eq!(found, Some(error), "{text:?}");
        }
    }
}
