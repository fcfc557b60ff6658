//! Why there is no token, and whose fault that is.

use crate::domain::keys::verdict::Denial;
use crate::runtime::fault::{KeyFault, Unavailable};

/// Why there is no token of a credential.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LeaseError {
    /// Nobody said where tokens are handed out: `KEY_UNAVAILABLE`.
    #[error(
        "no socket is configured at which tokens of credentials are handed out: run keyctl serve --lease-store STORE \
         --listen unix:PATH=internal and name PATH by KEYCTL_CREDENTIALS_SOCKET or Options::credentials_socket, or start \
         this service by keyctl exec --oauth"
    )]
    Unconfigured,
    /// There is none to be had, and it is not the client's fault: `KEY_UNAVAILABLE`.
    #[error("no token is to be had: {message}")]
    Unavailable {
        /// What kind of fault.
        fault: LeaseFault,
        /// In words, without secrets.
        message: String,
    },
    /// Others used it, or were getting a new one, for as long as was waited: `BUSY`.
    #[error("others use the token, or are getting a new one")]
    Busy,
    /// The client's token was denied: `UNAUTHORIZED` or `FORBIDDEN`.
    #[error("the token was denied: {}", .0.as_str())]
    Denied(Denial),
    /// More was asked than is answered: `OVERLOADED`, `KEY_RATE_LIMIT`, `KEY_QUOTA_EXCEEDED` or `RATE_LIMIT`.
    #[error("too much is asked: {error_type}")]
    Limited {
        /// Which of them.
        error_type: &'static str,
        /// Seconds after which it may be asked again, where that was said.
        retry_after: Option<u64>,
    },
    /// serve cannot read the store: `STORE_UNAVAILABLE`.
    #[error("keyctl serve cannot read or write the store")]
    Store,
    /// A lease that was to be renewed is over, or there is another token by now: `CONFLICT`.
    #[error("the lease ended, or there is another token: take another lease")]
    Ended,
    /// What was asked for cannot be, as a lease for a day: a mistake of the calling code.
    #[error("this cannot be asked for: {0}")]
    Asked(String),
}

/// Why a token of a credential is not to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LeaseFault {
    /// Nobody listens at the socket, or the connection broke.
    Unreachable,
    /// It did not answer in time.
    Timeout,
    /// What is there is no socket, or one of a user who is not trusted.
    Socket,
    /// What it answered cannot be understood.
    Answer,
    /// It hands out no tokens: serve has no `--lease-store`.
    NotServed,
    /// There is no token: nothing is bound, or it needs a sign-in.
    NoToken,
    /// The service's own key there cannot be read, or is not accepted.
    CredentialsKey,
}

impl LeaseFault {
    /// The word in logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::Socket => "socket",
            Self::Answer => "answer",
            Self::NotServed => "not_served",
            Self::NoToken => "no_token",
            Self::CredentialsKey => "credentials_key",
        }
    }

    pub(super) fn because(self, message: impl Into<String>) -> LeaseError {
        LeaseError::Unavailable { fault: self, message: message.into() }
    }
}

impl LeaseError {
    /// The error type in JSON.
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::Unconfigured | Self::Unavailable { .. } => KeyFault::TYPE,
            Self::Busy => "BUSY",
            Self::Denied(denial) => denial.as_str(),
            Self::Limited { error_type, .. } => error_type,
            Self::Store => Unavailable::TYPE,
            Self::Ended => "CONFLICT",
            Self::Asked(_) => "INVALID_REQUEST",
        }
    }

    /// The word in logs and metrics.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Unconfigured => "unconfigured",
            Self::Unavailable { fault, .. } => fault.as_str(),
            Self::Busy => "busy",
            Self::Denied(_) => "refused",
            Self::Limited { .. } => "limited",
            Self::Store => "serve",
            Self::Ended => "lease_ended",
            Self::Asked(_) => "asked",
        }
    }

    /// The status of an HTTP answer.
    pub fn status(&self) -> u16 {
        match self {
            Self::Unconfigured | Self::Unavailable { .. } | Self::Busy | Self::Store => 503,
            Self::Denied(denial) => denial.status(),
            Self::Limited { .. } => 429,
            Self::Ended => 409,
            Self::Asked(_) => 400,
        }
    }
}
