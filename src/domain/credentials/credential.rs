//! A credential: a secret whose versions are access tokens, and what a new one is had for.

use super::attempt::Attempt;
use super::client::{Account, Client};
use super::granted::Granted;
use crate::domain::secrets::secret::Secret;
use crate::domain::time::Timestamp;

/// A credential without its tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Credential {
    /// Its version is the access token that is handed out, and its expiry that token's.
    pub secret: Secret,
    pub client: Client,
    pub account: Option<Account>,
    pub scopes: Granted,
    /// Whether the token before is dead once there is a new one, so that nobody may be using it.
    pub refresh_invalidates: bool,
    pub state: CredentialState,
    /// Without one, a token that ends is not followed by another.
    pub has_refresh_token: bool,
    pub refreshed_at: Option<Timestamp>,
    /// The last attempt to get a new token, of whichever version.
    pub attempt: Option<Attempt>,
}

/// Whether the provider gives new tokens for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CredentialState {
    Good,
    /// The provider refused the refresh token: somebody must sign in again.
    NeedsReauth,
}

impl CredentialState {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::NeedsReauth => "needs_reauth",
        }
    }

    /// Reads back what is stored.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Good, Self::NeedsReauth].into_iter().find(|state| state.as_str() == text)
    }
}

/// Where the next token comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Renewal {
    /// The provider is asked for it.
    Got,
    /// From a new sign-in: the refresh token was refused, or there is none.
    SignIn,
}

impl Credential {
    pub(crate) fn renewal(&self) -> Renewal {
        if self.state == CredentialState::Good && self.has_refresh_token {
            Renewal::Got
        } else {
            Renewal::SignIn
        }
    }
}

/// What is sealed of a credential beside its access tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// The client's secret or private key.
    Client,
    Refresh,
}

impl Part {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Refresh => "refresh",
        }
    }

    /// What it is called.
    pub(crate) const fn what(self) -> &'static str {
        match self {
            Self::Client => "client's secret",
            Self::Refresh => "refresh token",
        }
    }

    /// Reads back what is stored.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Client, Self::Refresh].into_iter().find(|part| part.as_str() == text)
    }
}
