//! Whose fault it is that something was not done, for those who are told without an exit code.

use crate::ops::error::Error;
use crate::store;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// What was asked for can never be.
    Invalid,
    NotFound,
    /// The state of what is there forbids it, or the store's policy.
    Conflict,
    Denied,
    /// Somebody else's change holds the lock: nothing was changed.
    Busy,
    /// It may have been done.
    Unsure,
    /// The store cannot be read or written: the operator's, and never that of whoever asks.
    Away,
}

impl Fault {
    pub(crate) fn of(error: &Error) -> Self {
        match error {
            Error::Invalid { .. } => Self::Invalid,
            Error::NotFound { .. } => Self::NotFound,
            Error::Conflict(_) => Self::Conflict,
            Error::Denied { .. } => Self::Denied,
            Error::Busy { .. } | Error::Store(store::Error::Busy(_) | store::Error::Held(_)) => Self::Busy,
            Error::TokenUncertain(_) | Error::Store(store::Error::Unknown(_) | store::Error::Waiting) => {
                Self::Unsure
            }
            _ => Self::Away,
        }
    }
}
