//! Where the portal is.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::domain::tokens::audience::{Issuer, IssuerError};

/// The URL below which the portal's pages are: `https://keys.example.com/`. It ends with `/`, has no query and no fragment, and
/// is https beyond this machine: cookies go over nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortalUrl(String);

/// Why a text is no such URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PortalUrlError {
    #[error("the portal's URL begins with https://, or with http:// on loopback addresses")]
    Scheme,
    #[error(
        "the portal's URL names a host in small letters, with a port from 1 to 65535 if any, and no user"
    )]
    Host,
    #[error("the portal's URL has no query and no fragment, and a plain path of at most 255 characters")]
    Rest,
}

impl PortalUrl {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PortalUrl {
    type Err = PortalUrlError;

    /// Of the form of an issuer; the `/` at its end is added where it is missing.
    fn from_str(text: &str) -> Result<Self, PortalUrlError> {
        text.parse::<Issuer>().map_err(|error| match error {
            IssuerError::Scheme => PortalUrlError::Scheme,
            IssuerError::Host | IssuerError::Port => PortalUrlError::Host,
            IssuerError::Rest | IssuerError::Path | IssuerError::TooLong => PortalUrlError::Rest,
        })?;
        Ok(Self(format!("{}/", text.trim_end_matches('/'))))
    }
}

impl fmt::Display for PortalUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for PortalUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_ends_with_a_slash_and_others_are_refused() {
        for (text, url) in [
            ("https://keys.example.com", "https://keys.example.com/"),
            ("https://keys.example.com/", "https://keys.example.com/"),
            ("https://example.com/keys", "https://example.com/keys/"),
            ("http://127.0.0.1:8085", "http://127.0.0.1:8085/"),
        ] {
            assert_eq!(text.parse::<PortalUrl>().map(|url| url.to_string()).as_deref(), Ok(url));
        }
        for (text, error) in [
            ("keys.example.com", PortalUrlError::Scheme),
            ("http://keys.example.com", PortalUrlError::Scheme),
            ("https://alice@keys.example.com", PortalUrlError::Host),
            ("https://keys.example.com:0", PortalUrlError::Host),
            ("https://keys.example.com/#x", PortalUrlError::Rest),
            ("https://keys.example.com/?x", PortalUrlError::Rest),
            ("https://keys.example.com/a/../b", PortalUrlError::Rest),
        ] {
            assert_eq!(text.parse::<PortalUrl>(), Err(error), "{text}");
        }
    }
}
