//! Whose fault it is when there is no answer.

use std::fmt;
use std::path::Path;

use crate::store::{self, Location};

/// There is no answer, and it is not the client's fault: `STORE_UNAVAILABLE`, HTTP 503.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the store cannot be read: {message}")]
pub struct Unavailable {
    /// What kind of fault.
    pub fault: StoreFault,
    /// In words, without secrets.
    pub message: String,
}

/// What is wrong with the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreFault {
    /// It cannot be opened or connected to, or it reports an error.
    Unreachable,
    /// It does not answer in time.
    Timeout,
    /// All connections of this reader are in use.
    Pool,
    /// Its views have another version.
    ViewVersion,
    /// Another store stands in the place of the first one.
    Swapped,
    /// Its clock is before 2024.
    Clock,
    /// An unknown state of a key or a secret.
    State,
    /// An unknown hash algorithm, or another one than the row was found by.
    HashAlg,
    /// Unknown parameters of the slow hash.
    ForeignParams,
    /// It shows an earlier state than this reader saw, or another one.
    RolledBack,
    /// A cell that no keyctl wrote.
    Row,
    /// The slow hash cannot be computed.
    Argon2id,
}

impl StoreFault {
    /// The word in logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::Pool => "pool",
            Self::ViewVersion => "view_version",
            Self::Swapped => "swapped",
            Self::Clock => "clock",
            Self::State => "state",
            Self::HashAlg => "hash_alg",
            Self::ForeignParams => "foreign_params",
            Self::RolledBack => "rolled_back",
            Self::Row => "row",
            Self::Argon2id => "argon2id",
        }
    }

    pub(super) fn because(self, message: impl Into<String>) -> Unavailable {
        Unavailable { fault: self, message: message.into() }
    }
}

impl Unavailable {
    /// The error type in JSON.
    pub const TYPE: &'static str = "STORE_UNAVAILABLE";
}

impl Unavailable {
    /// The same with where the store is, and the variable that says so, where that may be the wrong one.
    pub(super) fn of_store(self, location: &Location, origin: Option<&str>) -> Self {
        let error = match location {
            Location::Sqlite(file) => self.of_file(&file.path),
            Location::Postgres(_) => self,
        };
        error.named_by(origin)
    }

    pub(super) fn named_by(mut self, origin: Option<&str>) -> Self {
        if let (Some(origin), StoreFault::Unreachable | StoreFault::ViewVersion) = (origin, self.fault) {
            self.message = format!("{}; {origin} names the store", self.message);
        }
        self
    }

    /// The same with the file's path, where SQLite's own words leave it out.
    fn of_file(mut self, path: &Path) -> Self {
        let path = path.display().to_string();
        let is_of_file = matches!(self.fault, StoreFault::Unreachable | StoreFault::ViewVersion);
        if is_of_file && !self.message.contains(&path) {
            self.message = format!("{path}: {}", self.message);
        }
        self
    }
}

impl Unavailable {
    /// Not `From`, which would show the store's errors to every service.
    pub(super) fn of(error: &store::Error) -> Self {
        let fault = match error {
            store::Error::Corrupt { .. } => StoreFault::Row,
            store::Error::Clock => StoreFault::Clock,
            store::Error::Views(_) => StoreFault::ViewVersion,
            store::Error::Busy(_)
            | store::Error::Held(_)
            | store::Error::Slow(_)
            | store::Error::Connect { slow: true, .. } => StoreFault::Timeout,
            _ => StoreFault::Unreachable,
        };
        match error {
            // Nobody but an operator can do anything about the file, and reads the service's log.
            store::Error::Refused { what, hint } => fault.because(format!("{what}; {hint}")),
            _ => fault.because(error.to_string()),
        }
    }
}

/// Why a provider's secret cannot be had: `KEY_UNAVAILABLE`, HTTP 503.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// No binding of the key, its owner or the store.
    #[error("no secret for this provider is bound to the key, its owner or the store")]
    Unbound,
    /// Its end at the provider has come.
    #[error("the secret has expired")]
    Expired,
    /// It was deleted.
    #[error("the secret was deleted")]
    Deleted,
    /// The binding leads to a secret for another provider.
    #[error("the binding leads to a secret for another provider: somebody altered the store")]
    Provider,
    /// The master key is absent, or not the one that it is sealed under.
    #[error(
        "the master key that the secret is sealed under is not at hand: it is named by KEYCTL_MASTER_KEY, \
         KEYCTL_MASTER_KEY_FILE or KEYCTL_MASTER_KEY_CMD"
    )]
    MasterKey,
    /// It is not there, or does not open in its place.
    #[error("the secret is damaged: it was altered, moved, or is not there")]
    Damaged,
}

/// With its words: a `main` that returns an error prints it so, and the words say what to set.
impl fmt::Debug for KeyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {self}", self.as_str())
    }
}

impl KeyFault {
    /// The error type in JSON.
    pub const TYPE: &'static str = "KEY_UNAVAILABLE";

    /// The word in logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unbound => "unbound",
            Self::Expired => "expired",
            Self::Deleted => "deleted",
            Self::Provider => "provider",
            Self::MasterKey => "master_key",
            Self::Damaged => "damaged",
        }
    }
}
