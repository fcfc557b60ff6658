//! A key that signs assertions, from its making to its end.

use serde::Serialize;

use super::settings::FederationName;
use crate::domain::secrets::sealed::MasterKeyId;
use crate::domain::time::Timestamp;
use crate::domain::tokens::jwks::PublicJwk;

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FederationKeyState {
    /// It signs when somebody says that the provider has it.
    Next,
    Signing,
    /// It signs no more, and its private part is gone.
    Retired,
}

impl FederationKeyState {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Signing => "signing",
            Self::Retired => "retired",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FederationKey {
    pub public: PublicJwk,
    pub federation: FederationName,
    pub created_at: Timestamp,
    /// Since when it signs, or signed.
    pub activated_at: Option<Timestamp>,
    pub retired_at: Option<Timestamp>,
    /// What its private part is sealed under, while there is one.
    pub master_key_id: Option<MasterKeyId>,
}

impl FederationKey {
    pub(crate) fn state(&self) -> FederationKeyState {
        match (self.retired_at, self.activated_at) {
            (Some(_), _) => FederationKeyState::Retired,
            (None, Some(_)) => FederationKeyState::Signing,
            (None, None) => FederationKeyState::Next,
        }
    }

    /// Whether the provider must have it: it signs, or is about to.
    pub(crate) fn is_exported(&self) -> bool {
        self.state() != FederationKeyState::Retired
    }

    pub(crate) fn activate(&mut self, now: Timestamp) {
        self.activated_at = Some(now);
    }

    pub(crate) fn retire(&mut self, now: Timestamp) {
        self.retired_at = Some(now);
        self.master_key_id = None;
    }
}
