//! What is stored of a provider's secret: an envelope that only a master key opens.
//!
//! ```text
//! ver(1)=01 | alg(1)=01 | master_key_id(8) | salt(32) | commit(32) | nonce(12) | ciphertext | tag(16)
//! ```
//!
//! Only [`crate::crypto::envelope`] seals and opens; here are its parts and its place.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// Which master key sealed an envelope: 8 bytes, written as 16 lower-case hex digits.
///
/// It follows from the key and the store, and says nothing of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MasterKeyId([u8; 8]);

impl MasterKeyId {
    pub fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    pub fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

impl fmt::Display for MasterKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

/// A text is not 16 lower-case hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the id of a master key is 16 lower-case hex digits")]
pub struct MasterKeyIdError;

impl FromStr for MasterKeyId {
    type Err = MasterKeyIdError;

    fn from_str(text: &str) -> Result<Self, MasterKeyIdError> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'));
        if text.len() != 16 || !digits {
            return Err(MasterKeyIdError);
        }
        u64::from_str_radix(text, 16).map(|id| Self(id.to_be_bytes())).map_err(|_| MasterKeyIdError)
    }
}

impl Serialize for MasterKeyId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

pub const VERSION: u8 = 1;

/// HKDF-SHA-256 and AES-256-GCM under a master key at hand. 2 is kept for a key service.
pub const ALGORITHM: u8 = 1;

/// Bytes through `commit`, which the additional data repeats.
pub const HEADER: usize = 74;

/// Bytes of an envelope of nothing.
pub const SHORTEST: usize = HEADER + 12 + 16;

/// The longest value that can be sealed, in bytes; it bounds an envelope, too.
pub const LONGEST_VALUE: usize = 64 * 1024;

/// A sealed value, of this version and algorithm. Whether it opens is another question.
#[derive(Clone, PartialEq, Eq)]
pub struct Envelope(Vec<u8>);

/// Why bytes are no envelope, in the order in which it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// Fewer bytes than an envelope of nothing has, or more than the longest value's.
    #[error("it has {0} bytes, which no envelope has")]
    Length(usize),
    #[error("it has version {found}, this keyctl knows {VERSION}")]
    Version { found: u8 },
    #[error("it is sealed by algorithm {found}, this keyctl knows {ALGORITHM}")]
    Algorithm { found: u8 },
}

impl Envelope {
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, EnvelopeError> {
        if bytes.len() < SHORTEST || bytes.len() > SHORTEST + LONGEST_VALUE {
            return Err(EnvelopeError::Length(bytes.len()));
        }
        match (bytes[0], bytes[1]) {
            (VERSION, ALGORITHM) => Ok(Self(bytes)),
            (VERSION, found) => Err(EnvelopeError::Algorithm { found }),
            (found, _) => Err(EnvelopeError::Version { found }),
        }
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Everything through `commit`.
    pub fn header(&self) -> &[u8] {
        &self.0[..HEADER]
    }

    pub fn master_key_id(&self) -> MasterKeyId {
        MasterKeyId(self.array(2))
    }

    /// What the envelope's own key is derived with.
    pub fn salt(&self) -> [u8; 32] {
        self.array(10)
    }

    /// What must follow from the master key, so that no other key opens it.
    pub fn commit(&self) -> [u8; 32] {
        self.array(42)
    }

    pub fn nonce(&self) -> [u8; 12] {
        self.array(HEADER)
    }

    /// Ciphertext and tag.
    pub fn sealed(&self) -> (&[u8], [u8; 16]) {
        let tag = self.0.len() - 16;
        (&self.0[HEADER + 12..tag], self.array(tag))
    }

    fn array<const N: usize>(&self, from: usize) -> [u8; N] {
        std::array::from_fn(|index| self.0[from + index])
    }
}

/// Its length and its key: all that may be said of it.
impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Envelope({} bytes under {})", self.0.len(), self.master_key_id())
    }
}

/// Where an envelope stands. One that was moved to another place does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The logical table.
    pub table: &'a str,
    pub row: &'a str,
    /// The logical column.
    pub column: &'a str,
    /// The version of the value in that row, from 1.
    pub version: u64,
    pub provider: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(version: u8, algorithm: u8, length: usize) -> Vec<u8> {
        let mut bytes = vec![7; length];
        [bytes[0], bytes[1]] = [version, algorithm];
        bytes
    }

    #[test]
    fn each_fault_has_its_own_error() {
        for length in [2, SHORTEST - 1, SHORTEST + LONGEST_VALUE + 1] {
            assert_eq!(Envelope::from_bytes(bytes(1, 1, length)), Err(EnvelopeError::Length(length)));
        }
        for version in [0, 2, 255] {
            let found = Envelope::from_bytes(bytes(version, 9, SHORTEST));
            assert_eq!(found, Err(EnvelopeError::Version { found: version }));
        }
        for algorithm in [0, 2, 255] {
            let found = Envelope::from_bytes(bytes(1, algorithm, SHORTEST));
            assert_eq!(found, Err(EnvelopeError::Algorithm { found: algorithm }));
        }
        let envelope = Envelope::from_bytes(bytes(1, 1, SHORTEST)).expect("an envelope");
        assert_eq!(format!("{envelope:?}"), "Envelope(102 bytes under 0707070707070707)");
    }

    #[test]
    fn a_master_key_s_id_reads_back() {
        let id = MasterKeyId::from_bytes([0, 1, 2, 3, 4, 5, 6, 255]);
        assert_eq!(id.to_string(), "00010203040506ff");
        assert_eq!("00010203040506ff".parse(), Ok(id));
        for text in ["", "00010203040506f", "00010203040506FF", "+0010203040506ff", "00010203040506ff0"] {
            assert_eq!(text.parse::<MasterKeyId>(), Err(MasterKeyIdError), "{text}");
        }
    }
}
