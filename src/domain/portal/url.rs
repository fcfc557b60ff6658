//! Where the portal is.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::origin::{Origin, OriginError};

/// The URL of the portal's first page: its [`Origin`] and `/`, as in `https://keys.example.com/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortalUrl {
    text: String,
    origin: Origin,
}

impl PortalUrl {
    pub fn as_str(&self) -> &str {
        &self.text
    }

    #[cfg(feature = "serve")]
    pub(crate) const fn origin(&self) -> &Origin {
        &self.origin
    }
}

impl FromStr for PortalUrl {
    type Err = OriginError;

    /// What the pages are served at, and nothing else: a link anywhere else would lead nowhere.
    fn from_str(text: &str) -> Result<Self, OriginError> {
        let origin: Origin = text.parse()?;
        Ok(Self { text: format!("{origin}/"), origin })
    }
}

impl fmt::Display for PortalUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for PortalUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_an_origin_and_a_slash() {
        for (text, url) in [
            ("https://keys.example.com", "https://keys.example.com/"),
            ("https://keys.example.com/", "https://keys.example.com/"),
            ("https://keys.example.com:8443", "https://keys.example.com:8443/"),
            ("http://127.0.0.1:8085", "http://127.0.0.1:8085/"),
        ] {
            assert_eq!(text.parse::<PortalUrl>().map(|url| url.to_string()).as_deref(), Ok(url));
        }
        for (text, error) in [
            ("https://example.com/keys", OriginError::More),
            ("https://keys.example.com//", OriginError::More),
            ("http://keys.example.com", OriginError::Plain),
            ("https://keys.example.com:443", OriginError::Host),
        ] {
            assert_eq!(text.parse::<PortalUrl>(), Err(error), "{text}");
        }
    }
}
