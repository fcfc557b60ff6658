//! The master keys at hand, as they are in one store.

use serde_json::json;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{Given, Held, Material};
use crate::crypto::apollo::ApolloKey;
use crate::crypto::envelope::OpenError;
use crate::crypto::keyring::{Keyring, Loaded};
use crate::crypto::master_key::MasterKey;
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::federation::settings::Federation;
use crate::domain::random::Random;
use crate::domain::secrets::kdf::{Derivation, KdfCost};
use crate::domain::secrets::sealed::{Envelope, MasterKeyId, Place};
use crate::domain::secrets::secret::{Secret, SecretId, SecretKind, SecretValue};
use crate::domain::tokens::kid::Kid;
use crate::ops::error::{Error, Result};
use crate::store::{MasterKeyLookup, MasterKeyRow, SealedVersion, Store, Tx};

/// The keys, and how the one that seals follows from a passphrase, if it does.
#[derive(Debug)]
pub struct Ring {
    keys: Keyring,
    derivation: Option<Derivation>,
    forms: FormKeys,
}

/// The keys that other sealed forms of a value are made with, as far as they are at hand.
#[derive(Debug, Default)]
pub struct FormKeys {
    pub apollo: Option<ApolloKey>,
}

/// Derivations that a passphrase is tried with: each takes a tenth of a second.
const MOST_DERIVATIONS: usize = 8;

/// What of a version of a secret is sealed. The description of a federated one opens nowhere as a value.
const fn column(kind: SecretKind) -> &'static str {
    match kind {
        SecretKind::Static | SecretKind::OAuth => "envelope",
        SecretKind::Federated => "description",
    }
}

/// Where a version of a secret stands.
fn at<T>(
    secret: SecretId,
    version: u64,
    kind: SecretKind,
    provider: &str,
    work: impl FnOnce(&Place<'_>) -> T,
) -> T {
    let row = secret.to_string();
    work(&Place { table: "secret_version", row: &row, column: column(kind), version, provider })
}

impl Ring {
    /// The keys as they are in this store. A passphrase is tried with the derivations that the
    /// store has; where none fits, it gets a new one.
    pub fn new(store: &mut Store, given: Given, random: &mut dyn Random) -> Result<Self> {
        let uuid = store.head()?.store_uuid;
        let rows = match (&given.current.0, given.previous.as_ref().map(|previous| &previous.0)) {
            (Held::Key(_), None | Some(Held::Key(_))) => Vec::new(),
            _ => store.master_keys()?,
        };
        let (current, derivation) = derive(given.current, &rows, &uuid, random)?;
        let previous = given.previous.map(|given| derive(given, &rows, &uuid, random)).transpose()?;
        let keys = Keyring::new(uuid, current, previous.map(|(key, _)| key));
        Ok(Self { keys, derivation, forms: FormKeys::default() })
    }

    /// The same with the keys of other sealed forms.
    #[must_use]
    pub fn with_forms(self, forms: FormKeys) -> Self {
        Self { forms, ..self }
    }

    /// These, as far as they were given.
    pub(in crate::ops) fn forms(&self) -> &FormKeys {
        &self.forms
    }

    pub(in crate::ops) fn store(&self) -> &Uuid {
        self.keys.store()
    }

    /// The key that seals.
    pub fn current(&self) -> MasterKeyId {
        self.keys.current().id
    }

    /// Makes sure that the key that seals is the store's. The first one is registered; the event
    /// that says so is returned.
    pub(in crate::ops) fn check_sealing(&self, tx: &mut Tx<'_>) -> Result<Vec<Event>> {
        let rows = tx.master_keys()?;
        if self.seals(&rows)? {
            return Ok(Vec::new());
        }
        self.register(tx);
        let details = json!({ "master_key": self.current(), "from_passphrase": self.derivation.is_some() });
        Ok(vec![Event::done(Action::MasterRegister, details)])
    }

    /// Whether the key that seals is registered; `false` if it may become the first one.
    pub(in crate::ops) fn seals(&self, rows: &[MasterKeyRow]) -> Result<bool> {
        match rows.iter().find(|row| row.retired_at.is_none()) {
            _ if self.check_not_retired(rows)? => Ok(true),
            None => Ok(false),
            Some(row) => Err(self.not_the_one(row)),
        }
    }

    fn not_the_one(&self, row: &MasterKeyRow) -> Error {
        Error::KeyUnavailable {
            message: format!(
                "the master key given ({}) is not the one that this store's secrets are sealed under ({}); \
                 nothing was changed",
                self.current(),
                row.id
            ),
            hint: "set the right one; to replace it, or if it is lost: keyctl master rotate --help"
                .to_owned(),
        }
    }

    /// Whether the key that seals is registered. A retired one is not used again.
    pub(super) fn check_not_retired(&self, rows: &[MasterKeyRow]) -> Result<bool> {
        match Self::known(rows, self.keys.current())? {
            None => Ok(false),
            Some(MasterKeyRow { retired_at: None, .. }) => Ok(true),
            Some(MasterKeyRow { id, retired_at: Some(at), .. }) => Err(Error::KeyUnavailable {
                message: format!("the master key {id} was retired at {at} and is not used again"),
                hint: "set KEYCTL_MASTER_KEY to the one that replaced it, see keyctl master status; or make a new \
                       one: keyctl master init"
                    .to_owned(),
            }),
        }
    }

    pub(super) fn register(&self, tx: &mut Tx<'_>) {
        let current = self.keys.current();
        tx.register_master_key(current.id, &current.check_value, self.derivation);
    }

    /// The row of a key. One of the same id and another check value was written by somebody else.
    pub(super) fn known<'r>(rows: &'r [MasterKeyRow], key: &Loaded) -> Result<Option<&'r MasterKeyRow>> {
        let row = rows.iter().find(|row| row.id == key.id);
        match row {
            Some(row) if !key.is(&row.check_value) => Err(Error::KeyUnavailable {
                message: format!(
                    "the check value of the master key {} in the store is not that of the key",
                    key.id
                ),
                hint: "somebody altered the store; nothing was changed".to_owned(),
            }),
            row => Ok(row),
        }
    }

    pub(super) fn keys(&self) -> &Keyring {
        &self.keys
    }

    /// Seals the value of a secret's version or, of a federated one, its description.
    pub(in crate::ops) fn seal(
        &self,
        secret: &Secret,
        value: &SecretValue,
        random: &mut dyn Random,
    ) -> Result<Envelope> {
        let Secret { id, version, kind, provider, .. } = secret;
        Ok(at(*id, *version, *kind, provider.as_str(), |place| self.keys.seal(place, value, random))?)
    }

    /// Seals again what a version holds.
    pub(super) fn seal_again(
        &self,
        version: &SealedVersion,
        value: &SecretValue,
        random: &mut dyn Random,
    ) -> Result<Envelope> {
        let SealedVersion { secret, version, kind, provider, .. } = version;
        Ok(at(*secret, *version, *kind, provider.as_str(), |place| self.keys.seal(place, value, random))?)
    }

    /// Opens a version of a secret. [`Error::KeyUnavailable`] if its master key is not at hand
    /// or it does not open, or there is no value.
    pub(in crate::ops) fn open(&self, version: &SealedVersion) -> Result<SecretValue> {
        if version.kind == SecretKind::Federated {
            return Err(Error::KeyUnavailable {
                message: format!("the secret {} has no value: a token is got for whoever asks", version.name),
                hint: "keyctl resolve and keyctl exec get one".to_owned(),
            });
        }
        self.open_text(version)
    }

    /// Opens what is sealed, be it a value or a description.
    pub(in crate::ops) fn open_text(&self, version: &SealedVersion) -> Result<SecretValue> {
        let bytes = self.try_open(version).map_err(|closed| closed.explain(version, self))?;
        SecretValue::from_opened(&bytes).map_err(|_| Closed::Corrupt.explain(version, self))
    }

    /// Whether a version holds this value. One that does not open holds none.
    pub(in crate::ops) fn holds(&self, version: &SealedVersion, value: &SecretValue) -> bool {
        self.try_open(version)
            .is_ok_and(|bytes| crate::crypto::digest::same(&bytes, value.expose().as_bytes()))
    }

    pub(super) fn try_open(&self, version: &SealedVersion) -> Result<Zeroizing<Vec<u8>>, Closed> {
        let envelope = version.envelope.as_ref().map_err(|_| Closed::Corrupt)?;
        if envelope.master_key_id() != version.master_key_id {
            return Err(Closed::Corrupt);
        }
        self.try_open_envelope(version, envelope)
    }

    pub(super) fn try_open_envelope(
        &self,
        version: &SealedVersion,
        envelope: &Envelope,
    ) -> Result<Zeroizing<Vec<u8>>, Closed> {
        let SealedVersion { secret, version, kind, provider, .. } = version;
        at(*secret, *version, *kind, provider.as_str(), |place| self.keys.open(place, envelope))
            .map_err(Closed::from)
    }
}

impl From<OpenError> for Closed {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::UnknownMasterKey(_) => Self::WrongKey,
            OpenError::Unauthentic => Self::Corrupt,
        }
    }
}

/// Where the private part of a signing key stands.
fn at_signing_key(kid: &Kid) -> Place<'_> {
    Place { table: "signing_key", row: kid.as_str(), column: "envelope", version: 1, provider: "" }
}

impl Ring {
    pub(in crate::ops) fn seal_signing_key(
        &self,
        kid: &Kid,
        value: &SecretValue,
        random: &mut dyn Random,
    ) -> Result<Envelope> {
        Ok(self.keys.seal(&at_signing_key(kid), value, random)?)
    }

    pub(super) fn try_open_signing_key(
        &self,
        kid: &Kid,
        envelope: &Envelope,
    ) -> Result<Zeroizing<Vec<u8>>, Closed> {
        Ok(self.keys.open(&at_signing_key(kid), envelope)?)
    }

    /// Opens the private part of a signing key. [`Error::KeyUnavailable`] if it does not open.
    pub(in crate::ops) fn open_signing_key(
        &self,
        kid: &Kid,
        envelope: &Envelope,
    ) -> Result<Zeroizing<Vec<u8>>> {
        self.keys.open(&at_signing_key(kid), envelope).map_err(|error| Error::KeyUnavailable {
            message: format!("the signing key {kid} does not open: {error}"),
            hint: "set the master key that it is sealed under; see keyctl master status".to_owned(),
        })
    }
}

/// Where the private part of a key stands that signs for this federation.
fn at_federation_key<T>(federation: &Federation, kid: &Kid, work: impl FnOnce(&Place<'_>) -> T) -> T {
    let (table, column, agreed) = ("federation_key", "envelope", federation.agreed());
    work(&Place { table, row: kid.as_str(), column, version: 1, provider: &agreed })
}

impl Ring {
    pub(in crate::ops) fn seal_federation_key(
        &self,
        federation: &Federation,
        kid: &Kid,
        value: &SecretValue,
        random: &mut dyn Random,
    ) -> Result<Envelope> {
        Ok(at_federation_key(federation, kid, |place| self.keys.seal(place, value, random))?)
    }

    pub(super) fn try_open_federation_key(
        &self,
        federation: &Federation,
        kid: &Kid,
        envelope: &Envelope,
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        at_federation_key(federation, kid, |place| self.keys.open(place, envelope))
    }

    /// Opens the private part of a key of a federation. [`Error::KeyUnavailable`] if it does not open.
    pub(in crate::ops) fn open_federation_key(
        &self,
        federation: &Federation,
        kid: &Kid,
        envelope: &Envelope,
    ) -> Result<Zeroizing<Vec<u8>>> {
        let opened = self.try_open_federation_key(federation, kid, envelope);
        opened.map_err(|error| Error::KeyUnavailable {
            message: format!("the key {kid} of the federation {} does not open: {error}", federation.name),
            hint: "set the master key that it is sealed under, see keyctl master status; if that is set, somebody altered \
                   the federation: keyctl store check"
                .to_owned(),
        })
    }
}

/// Why a version does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ops) enum Closed {
    /// Its master key is not at hand.
    WrongKey,
    /// Its bytes were altered, or moved here from elsewhere.
    Corrupt,
}

impl Closed {
    fn explain(self, version: &SealedVersion, ring: &Ring) -> Error {
        let SealedVersion { name, version: number, master_key_id, .. } = version;
        let (why, hint) = match (self, &version.envelope) {
            (Self::WrongKey, _) => (
                format!(
                    "is sealed under the master key {master_key_id}, and the one given is {}",
                    ring.current()
                ),
                "set the right one as KEYCTL_MASTER_KEY or, while it is rotated, KEYCTL_MASTER_KEY_PREVIOUS",
            ),
            (Self::Corrupt, Err(error)) => {
                (format!("is no envelope that can be opened: {error}"), "a newer keyctl may know it")
            }
            (Self::Corrupt, Ok(_)) => (
                "does not open: it was altered, or moved there from another place".to_owned(),
                "set the secret anew, or restore a backup; keyctl master check shows all that do not open",
            ),
        };
        Error::KeyUnavailable {
            message: format!("version {number} of the secret {name} {why}"),
            hint: hint.to_owned(),
        }
    }
}

fn derive(
    material: Material,
    rows: &[MasterKeyRow],
    store: &Uuid,
    random: &mut dyn Random,
) -> Result<(MasterKey, Option<Derivation>)> {
    let passphrase = match material.0 {
        Held::Key(key) => return Ok((key, None)),
        Held::Passphrase(passphrase) => passphrase,
    };
    // Those in use first; a store that somebody filled with others must not keep us busy.
    let (in_use, retired): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.retired_at.is_none());
    let derivations = in_use.into_iter().chain(retired).filter_map(|row| Some((row.id, row.derivation?)));
    for (id, derivation) in derivations.take(MOST_DERIVATIONS) {
        let key = MasterKey::derive(passphrase.0.as_bytes(), &derivation)?;
        if key.id(store) == id {
            return Ok((key, Some(derivation)));
        }
    }
    let mut salt = [0; 16];
    random.fill(&mut salt)?;
    let derivation = Derivation { cost: KdfCost::RECOMMENDED, salt };
    Ok((MasterKey::derive(passphrase.0.as_bytes(), &derivation)?, Some(derivation)))
}
