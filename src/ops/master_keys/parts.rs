//! What is sealed of a credential beside its access tokens, and where it may be sent.

use zeroize::Zeroizing;

use super::Ring;
use super::ring::Closed;
use crate::domain::credentials::credential::Part;
use crate::domain::outbound::endpoint::Endpoint;
use crate::domain::random::Random;
use crate::domain::secrets::sealed::{Envelope, Place};
use crate::domain::secrets::secret::{SecretId, SecretValue};
use crate::ops::error::{Error, Result};
use crate::store::SealedPart;

/// What of a credential, and where it may be sent. The address is a part of the place: whoever writes the database and has
/// it sent elsewhere finds that it does not open.
#[derive(Clone, Copy, Debug)]
pub(in crate::ops) struct PartPlace<'p> {
    pub secret: SecretId,
    pub part: Part,
    pub version: u64,
    pub endpoint: &'p Endpoint,
}

impl PartPlace<'_> {
    fn at<T>(&self, work: impl FnOnce(&Place<'_>) -> T) -> T {
        let (row, column) = (self.secret.to_string(), self.part.as_str());
        let (version, provider) = (self.version, self.endpoint.as_str());
        work(&Place { table: "oauth_credential", row: &row, column, version, provider })
    }
}

impl Ring {
    pub(in crate::ops) fn seal_part(
        &self,
        place: &PartPlace<'_>,
        value: &SecretValue,
        random: &mut dyn Random,
    ) -> Result<Envelope> {
        Ok(place.at(|place| self.keys().seal(place, value, random))?)
    }

    /// Opens a part of a credential that asks this endpoint.
    pub(in crate::ops) fn try_open_part(
        &self,
        part: &SealedPart,
        endpoint: &Endpoint,
    ) -> Result<Zeroizing<Vec<u8>>, Closed> {
        let envelope = part.envelope.as_ref().map_err(|_| Closed::Corrupt)?;
        if envelope.master_key_id() != part.master_key_id {
            return Err(Closed::Corrupt);
        }
        let SealedPart { secret, part, version, .. } = *part;
        let place = PartPlace { secret, part, version, endpoint };
        place.at(|place| self.keys().open(place, envelope)).map_err(Closed::from)
    }

    /// The same for its use. [`Error::KeyUnavailable`] if it does not open.
    pub(in crate::ops) fn open_part(&self, part: &SealedPart, endpoint: &Endpoint) -> Result<SecretValue> {
        let opened = self
            .try_open_part(part, endpoint)
            .and_then(|bytes| SecretValue::from_opened(&bytes).map_err(|_| Closed::Corrupt));
        opened.map_err(|closed| {
            let SealedPart { name, master_key_id, .. } = part;
            let what = part.part.what();
            let (why, hint) = match closed {
                Closed::WrongKey => (
                    format!("is sealed under the master key {master_key_id}, and the one given is {}", self.current()),
                    "set the right one as KEYCTL_MASTER_KEY or, while it is rotated, KEYCTL_MASTER_KEY_PREVIOUS",
                ),
                Closed::Corrupt => (
                    "does not open: it was altered, or its token endpoint was".to_owned(),
                    "keyctl store check says what was altered; then keyctl oauth replace",
                ),
            };
            Error::KeyUnavailable {
                message: format!("the {what} of the credential {name} {why}"),
                hint: hint.to_owned(),
            }
        })
    }

    /// Whether a part holds this value. One that does not open holds none.
    pub(in crate::ops) fn part_holds(
        &self,
        part: &SealedPart,
        endpoint: &Endpoint,
        value: &SecretValue,
    ) -> bool {
        self.try_open_part(part, endpoint)
            .is_ok_and(|bytes| crate::crypto::digest::same(&bytes, value.expose().as_bytes()))
    }

    /// Opens a part, seals it under the key that seals, and opens it again; `None` if it does not open.
    pub(super) fn renew_part(
        &self,
        old: &SealedPart,
        endpoint: &Endpoint,
        random: &mut dyn Random,
    ) -> Result<Option<Envelope>> {
        let Ok(bytes) = self.try_open_part(old, endpoint) else { return Ok(None) };
        let Ok(value) = SecretValue::from_opened(&bytes) else { return Ok(None) };
        let SealedPart { secret, part, version, .. } = *old;
        let place = PartPlace { secret, part, version, endpoint };
        let new = self.seal_part(&place, &value, random)?;
        let again = place.at(|place| self.keys().open(place, &new));
        Ok(again.is_ok_and(|again| *again == *bytes).then_some(new))
    }
}
