//! From the row of a secret to its value.

use uuid::Uuid;

use super::fault::{KeyFault, StoreFault, Unavailable};
use super::keys::MasterKeys;
use crate::crypto::envelope::OpenError;
use crate::crypto::keyring::Keyring;
use crate::domain::keys::verdict::Reason;
use crate::domain::secrets::sealed::{Envelope, Place};
use crate::domain::secrets::secret::{Provider, SecretId, SecretValue};
use crate::store::{Bound, SecretCells};

/// Why there is no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The token was denied, and no secret was looked at.
    #[error("the token was denied: {}", .0.as_str())]
    Denied(Reason),
    /// The provider's secret cannot be had: `KEY_UNAVAILABLE`.
    #[error(transparent)]
    Key(#[from] KeyFault),
    /// The store cannot be read: `STORE_UNAVAILABLE`.
    #[error(transparent)]
    Store(#[from] Unavailable),
}

impl SecretError {
    /// The error type in JSON.
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::Denied(reason) => reason.denial().as_str(),
            Self::Key(_) => KeyFault::TYPE,
            Self::Store(_) => Unavailable::TYPE,
        }
    }

    /// The word in logs and metrics.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Denied(reason) => reason.as_str(),
            Self::Key(fault) => fault.as_str(),
            Self::Store(unavailable) => unavailable.fault.as_str(),
        }
    }

    /// The status of an HTTP answer.
    pub fn status(&self) -> u16 {
        match self {
            Self::Denied(reason) => reason.denial().status(),
            Self::Key(_) | Self::Store(_) => 503,
        }
    }
}

/// The keys as they are in one store.
pub(super) fn keyring(uuid: Uuid, keys: Option<MasterKeys>) -> Option<Keyring> {
    keys.map(|MasterKeys { current, previous }| Keyring::new(uuid, current, previous))
}

/// A secret, and what of it was opened.
pub(super) struct Opened {
    pub(super) value: SecretValue,
    #[cfg_attr(not(feature = "serve"), expect(dead_code, reason = "a server alone records it"))]
    pub(super) secret: SecretId,
    #[cfg_attr(not(feature = "serve"), expect(dead_code, reason = "a server alone records it"))]
    pub(super) version: i64,
    #[cfg_attr(not(feature = "serve"), expect(dead_code, reason = "a server alone looks at it"))]
    pub(super) expires_at: Option<i64>,
}

/// Opens what a good token leads to.
pub(super) fn open(
    bound: &Bound,
    provider: &Provider,
    keys: Option<&Keyring>,
) -> Result<Opened, SecretError> {
    let cells = match bound {
        Bound::Nothing => return Err(KeyFault::Unbound.into()),
        Bound::Missing => return Err(KeyFault::Damaged.into()),
        Bound::Secret(cells) => cells,
    };
    let sealed = match cells.state.as_str() {
        "active" => {
            let bytes = cells.envelope.clone().ok_or(KeyFault::Damaged)?;
            Ok(Envelope::from_bytes(bytes).map_err(|_| KeyFault::Damaged)?)
        }
        "expired" => Err(KeyFault::Expired),
        "deleted" => Err(KeyFault::Deleted),
        _ => {
            return Err(StoreFault::State
                .because("a secret's row has a state that is not known here")
                .into());
        }
    };
    if cells.provider != provider.as_str() {
        return Err(KeyFault::Provider.into());
    }
    let value = open_envelope(cells, &sealed?, keys.ok_or(KeyFault::MasterKey)?)?;
    let secret = SecretId::parse(&cells.secret_id).ok_or(KeyFault::Damaged)?;
    Ok(Opened { value, secret, version: cells.version, expires_at: cells.expires_at })
}

fn open_envelope(cells: &SecretCells, envelope: &Envelope, keys: &Keyring) -> Result<SecretValue, KeyFault> {
    let place = Place {
        table: "secret_version",
        row: &cells.secret_id,
        column: "envelope",
        version: u64::try_from(cells.version).map_err(|_| KeyFault::Damaged)?,
        provider: &cells.provider,
    };
    let opened = keys.open(&place, envelope).map_err(|error| match error {
        OpenError::UnknownMasterKey(_) => KeyFault::MasterKey,
        OpenError::Unauthentic => KeyFault::Damaged,
    })?;
    SecretValue::from_opened(&opened).map_err(|_| KeyFault::Damaged)
}
