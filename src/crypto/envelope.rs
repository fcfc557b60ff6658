//! Sealing a provider's secret, and opening it again.
//!
//! Every envelope has a key of its own, derived from the master key and a random salt by
//! HKDF-SHA-256 (RFC 5869): so the bound on random nonces under one key (NIST SP 800-38D §8.3)
//! is never near, and the second half of what is derived commits to the key. The value is
//! sealed by AES-256-GCM; the place where it stands and the envelope's header are its
//! additional data, so that it opens nowhere else.

use subtle::ConstantTimeEq as _;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::master_key::MasterKey;
use super::primitives::Gcm;
use crate::domain::random::{Random, RandomError};
use crate::domain::secrets::sealed::{ALGORITHM, Envelope, HEADER, MasterKeyId, Place, SHORTEST, VERSION};
use crate::domain::secrets::secret::SecretValue;

const INFO: &[u8] = b"keyctl/v1/secret";
const ADDITIONAL: &[u8] = b"keyctl/v1/aad";

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It is sealed under a key that is not at hand.
    #[error("it is sealed under the master key {0}, which is not the one given")]
    UnknownMasterKey(MasterKeyId),
    /// Altered bytes, or an envelope that was moved here from another place: which, nobody can
    /// tell.
    #[error("it does not open: its bytes were altered, or it was moved here from another place")]
    Unauthentic,
}

/// What must be random in an envelope.
struct Fresh {
    salt: [u8; 32],
    nonce: [u8; 12],
}

/// Seals a value for its place in a store.
pub fn seal(
    key: &MasterKey,
    store: &Uuid,
    place: &Place<'_>,
    value: &SecretValue,
    random: &mut dyn Random,
) -> Result<Envelope, RandomError> {
    let mut fresh = Fresh { salt: [0; 32], nonce: [0; 12] };
    random.fill(&mut fresh.salt)?;
    random.fill(&mut fresh.nonce)?;
    // Within its bounds, GCM cannot fail, nor has the result another form.
    seal_with(key, store, place, value.expose().as_bytes(), &fresh).ok_or(RandomError)
}

fn seal_with(
    key: &MasterKey,
    store: &Uuid,
    place: &Place<'_>,
    value: &[u8],
    fresh: &Fresh,
) -> Option<Envelope> {
    let id = key.id(store);
    let derived = Derived::of(key, id, &fresh.salt);
    let mut bytes = Vec::with_capacity(SHORTEST + value.len());
    bytes.extend_from_slice(&[VERSION, ALGORITHM]);
    bytes.extend_from_slice(id.as_bytes());
    bytes.extend_from_slice(&fresh.salt);
    bytes.extend_from_slice(derived.commit());
    let additional = additional(store, place, &bytes);
    bytes.extend_from_slice(&fresh.nonce);
    let start = bytes.len();
    bytes.extend_from_slice(value);
    let tag = derived.cipher().seal(&fresh.nonce, &additional, &mut bytes[start..])?;
    bytes.extend_from_slice(&tag);
    Envelope::from_bytes(bytes).ok()
}

/// Opens an envelope that stands in this place of this store.
pub fn open(
    key: &MasterKey,
    store: &Uuid,
    place: &Place<'_>,
    envelope: &Envelope,
) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let id = key.id(store);
    if envelope.master_key_id() != id {
        return Err(OpenError::UnknownMasterKey(envelope.master_key_id()));
    }
    let derived = Derived::of(key, id, &envelope.salt());
    if !bool::from(derived.commit().ct_eq(&envelope.commit())) {
        return Err(OpenError::Unauthentic);
    }
    let (ciphertext, tag) = envelope.sealed();
    let mut value = Zeroizing::new(ciphertext.to_vec());
    let additional = additional(store, place, envelope.header());
    let opened = derived.cipher().open(&envelope.nonce(), &additional, &mut value, &tag);
    opened.map(|()| value).ok_or(OpenError::Unauthentic)
}

/// The envelope's own key, and what commits to it.
struct Derived(Zeroizing<[u8; 64]>);

impl Derived {
    fn of(key: &MasterKey, id: MasterKeyId, salt: &[u8; 32]) -> Self {
        let mut okm = Zeroizing::new([0; 64]);
        key.expand(salt, &[INFO, id.as_bytes()], okm.as_mut());
        Self(okm)
    }

    fn cipher(&self) -> Gcm {
        let mut key = Zeroizing::new([0; 32]);
        key.copy_from_slice(&self.0[..32]);
        Gcm::new(&key)
    }

    fn commit(&self) -> &[u8] {
        &self.0[32..]
    }
}

/// Each part after its length, so that no two places give the same bytes.
fn additional(store: &Uuid, place: &Place<'_>, header: &[u8]) -> Vec<u8> {
    debug_assert_eq!(header.len(), HEADER);
    let version = place.version.to_string();
    let parts: [&[u8]; 8] = [
        ADDITIONAL,
        store.as_bytes(),
        place.table.as_bytes(),
        place.row.as_bytes(),
        place.column.as_bytes(),
        version.as_bytes(),
        place.provider.as_bytes(),
        header,
    ];
    let mut bytes = Vec::with_capacity(parts.iter().map(|part| 8 + part.len()).sum());
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

#[cfg(test)]
#[path = "envelope_tests.rs"]
mod tests;
