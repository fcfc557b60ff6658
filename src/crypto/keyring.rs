//! The master keys that a process holds of one store: the one that seals, and during a rotation
//! the one before.

use subtle::ConstantTimeEq as _;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::envelope::{self, OpenError};
use super::master_key::MasterKey;
use crate::domain::random::{Random, RandomError};
use crate::domain::secrets::sealed::{Envelope, MasterKeyId, Place};
use crate::domain::secrets::secret::SecretValue;

/// One master key and what it is called in this store.
#[derive(Debug)]
pub(crate) struct Loaded {
    key: MasterKey,
    pub id: MasterKeyId,
    /// What the store recognizes it by.
    pub check_value: [u8; 32],
}

impl Loaded {
    pub(crate) fn of(key: MasterKey, store: &Uuid) -> Self {
        let (id, check_value) = (key.id(store), key.check_value(store));
        Self { key, id, check_value }
    }

    /// Whether a check value is this key's. Compared in constant time.
    pub(crate) fn is(&self, check_value: &[u8; 32]) -> bool {
        bool::from(self.check_value.ct_eq(check_value))
    }
}

/// The keys at hand; there is always one that seals.
#[derive(Debug)]
pub(crate) struct Keyring {
    store: Uuid,
    current: Loaded,
    previous: Option<Loaded>,
}

impl Keyring {
    /// Of these keys. The same key twice counts once.
    pub(crate) fn new(store: Uuid, current: MasterKey, previous: Option<MasterKey>) -> Self {
        let current = Loaded::of(current, &store);
        let previous = previous.map(|key| Loaded::of(key, &store)).filter(|key| key.id != current.id);
        Self { store, current, previous }
    }

    pub(crate) fn store(&self) -> &Uuid {
        &self.store
    }

    /// The key that seals.
    pub(crate) fn current(&self) -> &Loaded {
        &self.current
    }

    /// The key before it, where one is loaded.
    pub(crate) fn previous(&self) -> Option<&Loaded> {
        self.previous.as_ref()
    }

    /// The keys, the one that seals first.
    pub(crate) fn loaded(&self) -> impl Iterator<Item = &Loaded> {
        std::iter::once(&self.current).chain(&self.previous)
    }

    /// Seals a value under the current key.
    pub(crate) fn seal(
        &self,
        place: &Place<'_>,
        value: &SecretValue,
        random: &mut dyn Random,
    ) -> Result<Envelope, RandomError> {
        envelope::seal(&self.current.key, &self.store, place, value, random)
    }

    /// Opens an envelope with the key that it names, if that is at hand.
    pub(crate) fn open(
        &self,
        place: &Place<'_>,
        envelope: &Envelope,
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let id = envelope.master_key_id();
        let loaded = self.loaded().find(|loaded| loaded.id == id);
        let loaded = loaded.ok_or(OpenError::UnknownMasterKey(id))?;
        envelope::open(&loaded.key, &self.store, place, envelope)
    }
}
