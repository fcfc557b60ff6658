//! Why the portal did not do what somebody asked: one variant for each thing that is told otherwise.

use crate::domain::keys::key::State;
use crate::domain::keys::scope::Scope;
use crate::domain::portal::wider::Wider;
use crate::domain::time::Timestamp;
use crate::ops::error::{Conflict, Error};

/// Why not, in words for whoever asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// Mistyped, guessed, or of a store that was put back. In no record: whoever guesses would fill the log.
    #[error("there is no invitation with this code")]
    NoSuchCode,
    #[error("this code was used at {at}, and it works once")]
    CodeUsed { at: Timestamp },
    #[error("this code was good until {at}")]
    CodeLate { at: Timestamp },
    #[error("this invitation was taken back")]
    CodeRevoked,
    /// The code is good, and the key that waits gives no token any more.
    #[error("the key that this link is for came to its end at {at}")]
    WaitingEnded { at: Timestamp },
    /// In no record, as a code that nobody has.
    #[error("there is no key with this token")]
    NoSuchToken,
    #[error("this key is {0}")]
    KeyInactive(State),
    #[error("this key may not be used from here")]
    Network,
    #[error("this key does not sign in: that takes the scope keyctl:self or keyctl:admin")]
    NoSignIn,
    #[error("whoever this is for is disabled")]
    OwnerDisabled,
    /// A subject of a provider that no owner has.
    #[error("nobody here is known by this account")]
    NoSuchOwner,
    /// For whatever reason.
    #[error("the session is over")]
    SignedOut,
    /// Or another owner's.
    #[error("you have no such key")]
    NoSuchKey,
    #[error("you may not give: {}", joined(.0))]
    Beyond(Vec<Scope>),
    /// A token of this key would be more than what they signed in with.
    #[error("this key may do more than what you signed in with: {0}")]
    Wider(Wider),
    #[error("{0} is given by operators alone")]
    Reserved(Scope),
    #[error("it may live until {until} at most")]
    TooLong { until: Timestamp },
    #[error("no token waits here: it was taken, or there is none")]
    Taken,
    /// Since the page that asks was made.
    #[error("this key was given another token meanwhile")]
    Replaced,
    /// Somebody else stopped it.
    #[error("it was not you who suspended this key")]
    Suspended,
    #[error("this takes a key with the scope keyctl:admin")]
    NotAdmin,
    /// Deleted since.
    #[error("there is no such client any more")]
    NoSuchClient,
    /// Its key for the client is.
    #[error("your key for this client is {0}")]
    ClientStopped(State),
    /// Networks, a rate or a quota, its own or its owner's.
    #[error("no tokens are issued for this key: it has networks, a rate or a quota")]
    Limited,
    #[error("nothing was chosen that the client may do")]
    NoScope,
    /// Never, not any more, or somebody answered it.
    #[error("no program waits with this code")]
    NoSuchDevice,
    /// All that the command would say.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<crate::store::Error> for Refused {
    fn from(error: crate::store::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<crate::domain::random::RandomError> for Refused {
    fn from(error: crate::domain::random::RandomError) -> Self {
        Self::Failed(error.into())
    }
}

fn joined(scopes: &[Scope]) -> String {
    scopes.iter().map(Scope::as_str).collect::<Vec<_>>().join(", ")
}

impl Refused {
    /// The word in logs and metrics.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::NoSuchCode => "no_such_code",
            Self::CodeUsed { .. } => "code_used",
            Self::CodeLate { .. } => "code_late",
            Self::CodeRevoked => "code_revoked",
            Self::WaitingEnded { .. } => "waiting_ended",
            Self::NoSuchToken => "no_such_token",
            Self::KeyInactive(_) => "key_inactive",
            Self::Network => "network",
            Self::NoSignIn => "no_sign_in",
            Self::OwnerDisabled => "owner_disabled",
            Self::NoSuchOwner => "no_such_owner",
            Self::SignedOut => "signed_out",
            Self::NoSuchKey => "no_such_key",
            Self::Beyond(_) => "beyond",
            Self::Wider(_) => "wider",
            Self::Reserved(_) => "reserved",
            Self::TooLong { .. } => "too_long",
            Self::Taken => "taken",
            Self::Replaced => "replaced",
            Self::Suspended => "suspended",
            Self::NotAdmin => "not_admin",
            Self::NoSuchClient => "no_such_client",
            Self::ClientStopped(_) => "client_stopped",
            Self::Limited => "limited",
            Self::NoScope => "no_scope",
            Self::NoSuchDevice => "no_such_device",
            Self::Failed(_) => "failed",
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NoSuchCode => "copy the whole link, or ask for another one",
            Self::CodeUsed { .. } => {
                "ask for another one; if it was not you who used it, say so to whoever sent it"
            }
            Self::CodeLate { .. } | Self::CodeRevoked | Self::WaitingEnded { .. } => "ask for another one",
            Self::NoSuchToken => "copy the whole token",
            Self::KeyInactive(_) | Self::Network | Self::NoSignIn => {
                "sign in with another key, or an invitation"
            }
            Self::OwnerDisabled | Self::NoSuchOwner | Self::Suspended => "ask whoever runs this",
            Self::SignedOut => "sign in again",
            Self::NoSuchKey => "look at your keys again",
            Self::Beyond(_) | Self::Reserved(_) => "choose fewer scopes, or ask whoever runs this",
            Self::Wider(_) => "sign in with that key itself, or ask whoever runs this",
            Self::TooLong { .. } => "choose an earlier end",
            Self::Taken => "give the key a new token: rotate it",
            Self::Replaced => {
                "look at the key, and replace its token again only if the new one did not reach you: the one before then ends at once"
            }
            Self::NotAdmin => "sign in with such a key",
            Self::NoSuchClient => "begin again in the program that sent you here",
            Self::ClientStopped(_) => "look at your keys, and let it work again",
            Self::Limited => "choose another key, or ask whoever runs this to allow it: --allow-jwt",
            Self::NoScope => "choose something, or say no",
            Self::NoSuchDevice => {
                "look at the code once more: it works once, for ten minutes, and then the program shows another"
            }
            Self::Failed(error) => return error.hint(),
        };
        Some(hint.to_owned())
    }

    /// Whether it leaves a record: what somebody did who is known.
    pub(crate) const fn is_recorded(&self) -> bool {
        matches!(
            self,
            Self::CodeUsed { .. }
                | Self::CodeLate { .. }
                | Self::CodeRevoked
                | Self::WaitingEnded { .. }
                | Self::OwnerDisabled
                | Self::NoSuchKey
                | Self::Beyond(_)
                | Self::Wider(_)
                | Self::Reserved(_)
                | Self::TooLong { .. }
                | Self::Suspended
                | Self::NotAdmin
        )
    }

    /// As the error of a change.
    pub(super) fn as_error(&self) -> Error {
        let (message, hint) = (self.to_string(), self.hint().unwrap_or_default());
        if self.is_recorded() { Conflict::new(message, hint).into() } else { Error::Denied { message, hint } }
    }
}
