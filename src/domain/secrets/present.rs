//! How a token is shown to whom it is for.

use std::str::FromStr;

use serde::Serialize;

/// How a token that is got stands in a request to the provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum Present {
    /// `Authorization: Bearer TOKEN`.
    #[default]
    #[serde(rename = "bearer")]
    Bearer,
    /// `x-api-key: TOKEN`.
    #[serde(rename = "x-api-key")]
    XApiKey,
}

/// A text is no way to present a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a token is presented as bearer or x-api-key")]
pub struct PresentError;

impl Present {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "bearer",
            Self::XApiKey => "x-api-key",
        }
    }
}

impl FromStr for Present {
    type Err = PresentError;

    fn from_str(text: &str) -> Result<Self, PresentError> {
        [Self::Bearer, Self::XApiKey].into_iter().find(|way| way.as_str() == text).ok_or(PresentError)
    }
}
