//! What seals a backup: chunks of one stream, each bound to its place in one file.
//!
//! The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár, "Online Authenticated-Encryption and its
//! Nonce-Reuse Misuse-Resistance", 2015): the nonce of a chunk is its number and whether it is the last one, so that a
//! chunk that is left out, moved, repeated or cut off does not open. The key is the file's own, derived from what somebody
//! holds and a random salt by HKDF-SHA-256 (RFC 5869), so no nonce is ever used twice; the second half of what is
//! derived commits to the key, which tells a wrong one from altered bytes.

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::argon2id::OutOfMemory;
use super::master_key::{MasterKey, MasterKeyError};
use super::primitives::Gcm;
use crate::domain::secrets::kdf::Derivation;

/// Bytes of the stream in each chunk but the last, which may be shorter.
pub(crate) const CHUNK: usize = 64 * 1024;

/// What each chunk is longer by, sealed.
pub(crate) const TAG: usize = 16;

const INFO: &[u8] = b"keyctl/v1/backup";

/// What somebody holds of the key of backups: a secret.
#[derive(Debug)]
pub(crate) enum BackupKey {
    /// 32 bytes, as a master key is written.
    Key(MasterKey),
    /// What a key follows from.
    Passphrase(Passphrase),
}

pub(crate) struct Passphrase(Zeroizing<Vec<u8>>);

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

impl BackupKey {
    /// 32 bytes as a master key is written: base64, or `hex:` and 64 digits.
    pub(crate) fn key(text: &[u8]) -> Result<Self, MasterKeyError> {
        MasterKey::parse(text).map(Self::Key)
    }

    pub(crate) fn passphrase(text: &[u8]) -> Self {
        Self::Passphrase(Passphrase(Zeroizing::new(text.to_vec())))
    }

    /// Whether a key follows from it by Argon2id.
    pub(crate) fn is_passphrase(&self) -> bool {
        matches!(self, Self::Passphrase(_))
    }

    /// The key of the file with this salt; `None` if the file's follows from the other kind of secret.
    pub(crate) fn of_file(
        &self,
        derivation: Option<&Derivation>,
        salt: &[u8; 32],
    ) -> Result<Option<FileKey>, OutOfMemory> {
        let mut okm = Zeroizing::new([0; 64]);
        match (self, derivation) {
            (Self::Passphrase(text), Some(derivation)) => {
                MasterKey::derive(&text.0, derivation)?.expand(salt, &[INFO], okm.as_mut());
            }
            (Self::Key(key), None) => key.expand(salt, &[INFO], okm.as_mut()),
            (Self::Passphrase(_), None) | (Self::Key(_), Some(_)) => return Ok(None),
        }
        Ok(Some(FileKey(okm)))
    }
}

/// The key of one file.
pub(crate) struct FileKey(Zeroizing<[u8; 64]>);

impl FileKey {
    /// 32 bytes that only this key has.
    pub(crate) fn commit(&self) -> [u8; 32] {
        let mut commit = [0; 32];
        commit.copy_from_slice(&self.0[32..]);
        commit
    }

    pub(crate) fn is_committed_to(&self, commit: &[u8; 32]) -> bool {
        bool::from(self.commit().ct_eq(commit))
    }

    /// For the chunks behind a file's head, whose bytes they are bound to.
    pub(crate) fn chunks(&self, head: &[u8]) -> Chunks {
        let mut key = Zeroizing::new([0; 32]);
        key.copy_from_slice(&self.0[..32]);
        Chunks { cipher: Gcm::new(&key), head: Sha256::digest(head).into(), next: 0 }
    }
}

/// Seals or opens chunks in their order.
pub(crate) struct Chunks {
    cipher: Gcm,
    head: [u8; 32],
    next: u64,
}

impl Chunks {
    fn nonce(&mut self, is_last: bool) -> [u8; 12] {
        let mut nonce = [0; 12];
        nonce[3..11].copy_from_slice(&self.next.to_be_bytes());
        nonce[11] = is_last.into();
        self.next += 1;
        nonce
    }

    /// Seals the next chunk in its place; its tag comes behind it.
    pub(crate) fn seal(&mut self, chunk: &mut Vec<u8>, is_last: bool) -> Option<()> {
        let nonce = self.nonce(is_last);
        let tag = self.cipher.seal(&nonce, &self.head, chunk)?;
        chunk.extend_from_slice(&tag);
        Some(())
    }

    /// Seals the next chunk, which is not the last one, behind what is there.
    pub(crate) fn seal_into(&mut self, chunk: &[u8], sealed: &mut Vec<u8>) -> Option<()> {
        let (nonce, at) = (self.nonce(false), sealed.len());
        sealed.extend_from_slice(chunk);
        let tag = self.cipher.seal(&nonce, &self.head, &mut sealed[at..])?;
        sealed.extend_from_slice(&tag);
        Some(())
    }

    /// Opens the next chunk in its place and takes its tag off; `None` if it is not what was sealed there.
    pub(crate) fn open(&mut self, chunk: &mut Vec<u8>, is_last: bool) -> Option<()> {
        let nonce = self.nonce(is_last);
        let tag = *chunk.last_chunk::<TAG>()?;
        chunk.truncate(chunk.len() - TAG);
        self.cipher.open(&nonce, &self.head, chunk, &tag)
    }
}

/// SHA-256 (FIPS 180-4) of what is written or read bit by bit.
#[derive(Clone)]
pub(crate) struct Digest(Sha256);

impl Digest {
    pub(crate) fn new() -> Self {
        Self(Sha256::new())
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn end(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::secrets::kdf::KdfCost;

    const SALT: [u8; 32] = [7; 32];

    fn key(byte: u8) -> BackupKey {
        let digits = format!("hex:{:02x}{}", byte, "5a".repeat(31));
        BackupKey::Key(MasterKey::parse(digits.as_bytes()).expect("a key"))
    }

    fn chunks(key: &BackupKey, head: &[u8]) -> Chunks {
        key.of_file(None, &SALT).expect("memory").expect("a key").chunks(head)
    }

    /// Three chunks, the last one sealed as such.
    fn sealed() -> Vec<Vec<u8>> {
        let mut chunks = chunks(&key(1), b"head");
        let seal = |(number, text): (usize, &str)| {
            let mut chunk = text.as_bytes().to_vec();
            chunks.seal(&mut chunk, number == 2).expect("sealed");
            chunk
        };
        ["one", "two", "three"].into_iter().enumerate().map(seal).collect()
    }

    fn opened(by: &BackupKey, head: &[u8], sealed: &[Vec<u8>]) -> Option<Vec<u8>> {
        let mut chunks = chunks(by, head);
        let mut all = Vec::new();
        for (number, chunk) in sealed.iter().enumerate() {
            let mut chunk = chunk.clone();
            chunks.open(&mut chunk, number + 1 == sealed.len())?;
            all.extend(chunk);
        }
        Some(all)
    }

    #[test]
    fn chunks_open_in_their_places_alone() {
        let whole = sealed();
        assert_eq!(opened(&key(1), b"head", &whole).as_deref(), Some(&b"onetwothree"[..]));
        let of = |order: &[usize]| order.iter().map(|at| whole[*at].clone()).collect::<Vec<_>>();
        for order in [&[0, 1][..], &[0], &[1, 2], &[0, 2], &[1, 0, 2], &[0, 0, 2], &[0, 1, 2, 2], &[0, 1, 1]]
        {
            assert_eq!(opened(&key(1), b"head", &of(order)), None, "{order:?}");
        }
        assert_eq!(opened(&key(1), b"hand", &whole), None, "another head");
        assert_eq!(opened(&key(2), b"head", &whole), None, "another key");
        for (chunk, bytes) in whole.iter().enumerate() {
            for at in 0..bytes.len() * 8 {
                let mut altered = whole.clone();
                altered[chunk][at / 8] ^= 1 << (at % 8);
                assert_eq!(opened(&key(1), b"head", &altered), None, "bit {at} of chunk {chunk}");
            }
        }
    }

    #[test]
    fn a_wrong_key_is_told_from_altered_bytes() {
        let derivation = Derivation { cost: KdfCost { kibibytes: 8, passes: 1, lanes: 1 }, salt: [3; 16] };
        let (one, other) = (BackupKey::passphrase(b"one"), BackupKey::passphrase(b"other"));
        let of = |key: &BackupKey| key.of_file(Some(&derivation), &SALT).expect("memory").expect("a key");
        assert!(of(&one).is_committed_to(&of(&one).commit()));
        assert!(!of(&other).is_committed_to(&of(&one).commit()));
        assert!(one.of_file(None, &SALT).expect("memory").is_none(), "no head makes a key of nothing");
        assert!(key(1).of_file(Some(&derivation), &SALT).expect("memory").is_none());
        assert!(!format!("{one:?}").contains("one"));
    }
}
