//! Why a use case did not do what was asked.

use super::delivery::DeliveryError;
use super::stores::backup::error::BackupError;
use crate::crypto::legacy::OutOfMemory;
use crate::domain::audit::anchor::Mismatch;
use crate::domain::audit::event::KeySubject;
use crate::domain::keys::key::Key;
use crate::domain::keys::rules::Broken;
use crate::domain::owners::owner::Owner;
use crate::domain::random::RandomError;
use crate::domain::secrets::secret::SecretName;
use crate::domain::texts::text::counted;
use crate::store::{self, MaybeTransient};

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What was asked for can never be.
    #[error("{message}")]
    Invalid { message: String, hint: String },
    #[error("{message}")]
    NotFound { message: String, hint: String },
    /// The state of something that exists forbids it, or the store's policy. Written to the audit log.
    #[error("{}", .0.message)]
    Conflict(Box<Conflict>),
    /// The fresh token could not be handed out; nothing was changed.
    #[error("the token could not be handed out, so nothing was changed: {0}")]
    Undelivered(#[from] DeliveryError),
    /// The fresh token was handed out, and then the commit failed.
    #[error("the printed token {how}: {0}", how = validity(.0))]
    TokenUncertain(#[source] store::Error),
    /// Some transactions of a change in several were committed before one failed.
    #[error("{error}; before that, {} changed", changed(*.done, what))]
    Partly {
        /// How many were changed for good.
        done: u64,
        what: &'static str,
        /// How somebody goes on.
        then: &'static str,
        #[source]
        error: Box<Error>,
    },
    /// A provider gave a new token, of which there is no other copy, and then the store failed.
    #[error("the provider gave a new token for the credential {name}, and it could not be stored: {error}")]
    Unstored {
        name: SecretName,
        #[source]
        error: Box<Error>,
    },
    /// The audit log does not prove what it should.
    #[error("the audit log is broken: {0}")]
    Audit(#[from] crate::crypto::chain::Break),
    /// The audit log is not the one that somebody noted an anchor of.
    #[error(transparent)]
    Anchor(#[from] Mismatch),
    /// Somebody else is at it.
    #[error("{message}")]
    Busy { message: String, hint: String },
    /// What was shown does not allow it.
    #[error("{message}")]
    Denied { message: String, hint: String },
    /// A provider's secret cannot be had: none is bound, or the master key is absent or wrong.
    #[error("{message}")]
    KeyUnavailable { message: String, hint: String },
    #[error(transparent)]
    Backup(#[from] BackupError),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Random(#[from] RandomError),
    /// A temporary file.
    #[error("a temporary file failed: {0}")]
    Scratch(#[source] std::io::Error),
    /// No memory for the hash of a token, so nothing is known of it.
    #[error(transparent)]
    Memory(#[from] OutOfMemory),
}

fn validity(error: &store::Error) -> &'static str {
    if matches!(error, store::Error::Waiting) { "is not valid yet" } else { "may not be valid" }
}

/// `1 key was`, `2 keys were`.
fn changed(done: u64, what: &str) -> String {
    format!("{} {}", counted(done, what), if done == 1 { "was" } else { "were" })
}

/// What forbids a change, and what it was about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    pub message: String,
    pub hint: String,
    pub key: Option<KeySubject>,
    pub owner: Option<Owner>,
    /// Whether it is the store's policy that forbids it, and not the state of what is there.
    pub is_policy: bool,
}

impl Conflict {
    /// Something that the state of what exists forbids.
    pub(super) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into(), key: None, owner: None, is_policy: false }
    }

    /// Something that the store's policy forbids.
    pub(super) fn by_policy(broken: Broken) -> Self {
        Self { is_policy: true, ..Self::new(broken.message, broken.hint) }
    }

    /// The same, about a key and so about its owner.
    pub(super) fn on(self, key: &Key) -> Self {
        let subject = KeySubject { id: key.id, name: key.name.clone() };
        Self { key: Some(subject), owner: Some(key.owner.clone()), ..self }
    }

    pub(super) fn of(self, owner: &Owner) -> Self {
        Self { owner: Some(owner.clone()), ..self }
    }
}

impl From<Conflict> for Error {
    fn from(conflict: Conflict) -> Self {
        Self::Conflict(Box::new(conflict))
    }
}

/// What is done already is not done again.
pub(crate) const GOES_ON: &str = "run the same command again: it goes on where it ended";

impl Error {
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Invalid { hint, .. }
            | Self::NotFound { hint, .. }
            | Self::Busy { hint, .. }
            | Self::Denied { hint, .. }
            | Self::KeyUnavailable { hint, .. } => Some(hint.clone()),
            Self::Conflict(conflict) => Some(conflict.hint.clone()),
            Self::Undelivered(error) => Some(error.hint().to_owned()),
            Self::TokenUncertain(store::Error::Waiting) => Some(
                "keep the token and do not mint again: it becomes valid when the standby is back, or the primary's \
                 synchronous_standby_names does not name it any more; it never does if another server is promoted \
                 that does not have it. Until then keyctl verify says unknown"
                    .to_owned(),
            ),
            Self::TokenUncertain(_) => {
                Some("check it with keyctl verify; keyctl audit list shows what was committed".to_owned())
            }
            Self::Partly { error, then, .. } => {
                // What ended it changed nothing, but what came before did.
                let why = error.hint().unwrap_or_default();
                let why = why.trim_start_matches("nothing was changed; ");
                Some(format!("{why}; then {then}"))
            }
            Self::Unstored { name, .. } => Some(format!(
                "the refresh token that is stored may be used up: once the store can be written, keyctl oauth refresh \
                 {name} --force; where the provider refuses that, sign in again: keyctl oauth login {name} --replace, or keyctl oauth \
                 replace {name}"
            )),
            Self::Audit(_) => Some(
                "compare with a hash or copy kept elsewhere; keyctl audit list shows the record named"
                    .to_owned(),
            ),
            Self::Anchor(Mismatch::OtherStore { .. }) => {
                Some("name the store that the anchor is of, or the anchor of this store".to_owned())
            }
            Self::Anchor(_) => Some(
                "a failover that lost changes or an older copy put back looks like this, and so does a thief who \
                 could write the database: compare with an export or a backup kept elsewhere, as \
                 docs/incidents.md says (\"The store went back\")"
                    .to_owned(),
            ),
            Self::Backup(error) => Some(error.hint().to_owned()),
            Self::Store(error) => Some(error.hint()),
            Self::Random(_) => {
                Some("the operating system gave no random bytes; nothing was changed".to_owned())
            }
            Self::Scratch(_) => Some("free some space where TMPDIR says, or in /tmp".to_owned()),
            Self::Memory(_) => Some("raise the process's memory limit; nothing was changed".to_owned()),
        }
    }
}

impl MaybeTransient for Error {
    fn is_transient(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_transient())
    }
}
