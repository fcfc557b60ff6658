//! What a policy stands before: a protected resource of OAuth, by its address.

use std::fmt;
use std::str::FromStr;

use crate::domain::tokens::audience::{Audience, Issuer, IssuerError};

/// The address by which clients know a resource (RFC 8707 §2, RFC 9728 §1.2): `https://mcp.example.com/mcp`.
///
/// It has the form of an issuer: both are compared byte for byte, and a well-known path is put into both. RFC 9728 lets a
/// resource have a query; one that has is not told apart by its path, so none is taken here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ResourceUrl(Issuer);

/// Why a text is no resource's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ResourceUrlError {
    #[error("a resource begins with https://, or with http:// on loopback addresses")]
    Scheme,
    #[error("a resource names a host in small letters, and no user")]
    Host,
    #[error("its port is no number from 1 to 65535")]
    Port,
    #[error("a resource has no query and no fragment")]
    Rest,
    #[error("a resource's path has letters, digits and . _ ~ - / alone, and no segment of dots")]
    Path,
    #[error("a resource is longer than 255 characters")]
    TooLong,
}

impl From<IssuerError> for ResourceUrlError {
    fn from(error: IssuerError) -> Self {
        match error {
            IssuerError::Scheme => Self::Scheme,
            IssuerError::Host => Self::Host,
            IssuerError::Port => Self::Port,
            IssuerError::Rest => Self::Rest,
            IssuerError::Path => Self::Path,
            IssuerError::TooLong => Self::TooLong,
        }
    }
}

/// Where the metadata of resources is, in front of the resource's own path (RFC 9728 §3.1).
pub(crate) const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

impl ResourceUrl {
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whom tokens for it are for (RFC 8707 §2).
    pub(crate) fn audience(&self) -> Audience {
        Audience::from(&self.0)
    }

    fn parts(&self) -> (&str, &str, &str) {
        let (scheme, rest) = self.as_str().split_once("://").unwrap_or_default();
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        (scheme, authority, path)
    }

    /// Host, and port where it is written.
    pub(crate) fn authority(&self) -> &str {
        self.parts().1
    }

    /// Its path, which is empty where only a slash is there (RFC 9728 §3.1).
    pub(crate) fn path(&self) -> &str {
        match self.parts().2 {
            "/" => "",
            path => path,
        }
    }

    /// Where its metadata is (RFC 9728 §3.1): `https://mcp.example.com/.well-known/oauth-protected-resource/mcp`.
    pub(crate) fn metadata_url(&self) -> String {
        let (scheme, authority, _) = self.parts();
        format!("{scheme}://{authority}{WELL_KNOWN}{}", self.path())
    }
}

impl FromStr for ResourceUrl {
    type Err = ResourceUrlError;

    fn from_str(text: &str) -> Result<Self, ResourceUrlError> {
        Ok(Self(text.parse()?))
    }
}

impl fmt::Display for ResourceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_metadata_is_in_front_of_the_resources_own_path() {
        for (url, authority, path, metadata) in [
            ("https://x.example", "x.example", "", "https://x.example/.well-known/oauth-protected-resource"),
            ("https://x.example/", "x.example", "", "https://x.example/.well-known/oauth-protected-resource"),
            (
                "https://x.example:8443/a/mcp",
                "x.example:8443",
                "/a/mcp",
                "https://x.example:8443/.well-known/oauth-protected-resource/a/mcp",
            ),
            (
                "http://[::1]:3000/mcp/",
                "[::1]:3000",
                "/mcp/",
                "http://[::1]:3000/.well-known/oauth-protected-resource/mcp/",
            ),
        ] {
            let resource: ResourceUrl = url.parse().expect(url);
            assert_eq!((resource.authority(), resource.path()), (authority, path), "{url}");
            assert_eq!(resource.metadata_url(), metadata);
            assert_eq!((resource.as_str(), resource.audience().as_str()), (url, url));
        }
    }

    #[test]
    fn each_fault_has_its_own_error() {
        for (text, error) in [
            ("mcp.example.com", ResourceUrlError::Scheme),
            ("http://mcp.example.com/mcp", ResourceUrlError::Scheme),
            ("https://MCP.example.com/mcp", ResourceUrlError::Host),
            ("https://a@mcp.example.com/mcp", ResourceUrlError::Host),
            ("https://mcp.example.com:0/mcp", ResourceUrlError::Port),
            ("https://mcp.example.com/mcp?x=1", ResourceUrlError::Rest),
            ("https://mcp.example.com/mcp#x", ResourceUrlError::Rest),
            ("https://mcp.example.com/../mcp", ResourceUrlError::Path),
            ("https://mcp.example.com/a%2fb", ResourceUrlError::Path),
        ] {
            assert_eq!(text.parse::<ResourceUrl>(), Err(error), "{text}");
        }
        let long = format!("https://a.example/{}", "a".repeat(255));
        assert_eq!(long.parse::<ResourceUrl>(), Err(ResourceUrlError::TooLong));
    }
}
