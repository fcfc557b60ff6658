//! Why there is no token, as far as callers, logs and metrics are told.

use crate::ops::Error;
use crate::server::refusal::Refusal;

/// Why a job came to nothing. It is shared by all who wait for the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unmet {
    /// Others use, or are getting, what is asked for.
    Busy,
    /// There is no token to be had: why, for the operator.
    Unavailable(String),
    /// The provider gave none, and is not asked again before so many seconds.
    Refused { why: String, after: u64 },
    /// The holder's token is another's, or nobody's.
    NotHeld,
    /// The lease ended, or its credential has another token.
    LeaseEnded,
    /// What was asked for cannot be.
    Asked,
    /// The store cannot be read or written: why, for the operator.
    Store(String),
    /// More is asked than there are threads for.
    Overloaded,
    /// The thread ended.
    Ended,
}

impl Unmet {
    pub(super) fn of(error: Error) -> Self {
        match error {
            Error::Busy { .. } => Self::Busy,
            Error::KeyUnavailable { message, .. } | Error::NotFound { message, .. } => {
                Self::Unavailable(message)
            }
            Error::Conflict(conflict) => Self::Unavailable(conflict.message),
            Error::Denied { .. } => Self::NotHeld,
            Error::Invalid { .. } => Self::Asked,
            other => Self::Store(other.to_string()),
        }
    }

    /// The same, of a lease that is to be held for longer.
    pub(super) fn of_renewal(error: Error) -> Self {
        match error {
            Error::Conflict(_) | Error::NotFound { .. } => Self::LeaseEnded,
            other => Self::of(other),
        }
    }

    /// What is written into the log of it, and whether it is our fault.
    pub(super) fn said(&self) -> Option<(&str, bool)> {
        match self {
            Self::Unavailable(why) | Self::Refused { why, .. } => Some((why, false)),
            Self::Store(why) => Some((why, true)),
            _ => None,
        }
    }
}

impl From<Unmet> for Refusal {
    fn from(unmet: Unmet) -> Self {
        match unmet {
            Unmet::Busy => Self::Busy,
            Unmet::Unavailable(_) => Self::KeyUnavailable("no_token"),
            Unmet::Refused { after, .. } => Self::NoToken { after },
            Unmet::NotHeld => Self::NOT_HELD,
            Unmet::LeaseEnded => Self::LEASE_ENDED,
            Unmet::Asked => Self::LEASE_LENGTH,
            Unmet::Store(_) => Self::Unavailable("lease_store"),
            Unmet::Overloaded => Self::Overloaded,
            Unmet::Ended => Self::Unavailable("lease_thread"),
        }
    }
}
