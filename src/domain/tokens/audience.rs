//! Who tokens are from and for.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::domain::texts::authority::{self, AuthorityError};

/// Where tokens say that they come from: `https://keys.example.com`. Verifiers compare it byte for byte, and look for
/// the public keys below it (RFC 8414 §3), so it is a URL without query and fragment, https beyond this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Issuer(Box<str>);

/// Why a text is no issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum IssuerError {
    #[error("an issuer begins with https://, or with http:// on loopback addresses")]
    Scheme,
    /// No name, or a character that no host has; a user or a password before it.
    #[error("an issuer names a host in small letters, and no user")]
    Host,
    #[error("its port is no number from 1 to 65535")]
    Port,
    /// Verifiers put `/.well-known/…` before or behind the path, so there is nothing behind it.
    #[error("an issuer has no query and no fragment")]
    Rest,
    #[error("an issuer's path has letters, digits and . _ ~ - / alone, and no segment of dots")]
    Path,
    #[error("an issuer is longer than {LONGEST} characters")]
    TooLong,
}

const LONGEST: usize = 255;

impl From<AuthorityError> for IssuerError {
    fn from(error: AuthorityError) -> Self {
        match error {
            AuthorityError::Host => Self::Host,
            AuthorityError::Port => Self::Port,
        }
    }
}

impl Issuer {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Issuer {
    type Err = IssuerError;

    fn from_str(text: &str) -> Result<Self, IssuerError> {
        if text.len() > LONGEST {
            return Err(IssuerError::TooLong);
        }
        let (rest, secure) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (rest, true),
            (None, Some(rest)) => (rest, false),
            (None, None) => return Err(IssuerError::Scheme),
        };
        if rest.contains(['?', '#']) {
            return Err(IssuerError::Rest);
        }
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let host = authority::host_of(authority)?;
        if !secure && !authority::is_loopback(host) {
            return Err(IssuerError::Scheme);
        }
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._~-/".contains(&byte);
        if !path.bytes().all(fits) || path.split('/').any(|segment| matches!(segment, "." | "..")) {
            return Err(IssuerError::Path);
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Issuer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Whom a token is for: a URL (RFC 8707 §2) or another name that the service knows itself by.
///
/// 1 to 255 visible characters of ASCII but for `, " \`. It is compared byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Audience(Box<str>);

/// A text is no audience.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an audience has 1 to {LONGEST} visible characters of ASCII, none of them a comma, quote or backslash"
)]
pub struct AudienceError;

impl Audience {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Audience {
    type Err = AudienceError;

    fn from_str(text: &str) -> Result<Self, AudienceError> {
        let fits = |byte: u8| byte.is_ascii_graphic() && !b",\"\\".contains(&byte);
        if text.is_empty() || text.len() > LONGEST || !text.bytes().all(fits) {
            return Err(AudienceError);
        }
        Ok(Self(text.into()))
    }
}

/// What tokens are for where nobody says otherwise.
impl From<&Issuer> for Audience {
    fn from(issuer: &Issuer) -> Self {
        Self(issuer.0.clone())
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Audience {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_https_or_on_this_machine() {
        for text in [
            "https://keys.example.com",
            "https://keys.example.com/",
            "https://keys.example.com:8443/tenants/a",
            "https://[2001:db8::1]:8443",
            "http://127.0.0.1:8080",
            "http://localhost:8080",
            "http://[::1]:8080",
        ] {
            assert_eq!(text.parse::<Issuer>().map(|issuer| issuer.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn each_fault_of_an_issuer_has_its_own_error() {
        for (text, error) in [
            ("", IssuerError::Scheme),
            ("keys.example.com", IssuerError::Scheme),
            ("HTTPS://keys.example.com", IssuerError::Scheme),
            ("http://keys.example.com", IssuerError::Scheme),
            ("http://127.0.0.1.example.com", IssuerError::Scheme),
            ("http://10.0.0.1", IssuerError::Scheme),
            ("https://", IssuerError::Host),
            ("https:///a", IssuerError::Host),
            ("https://Keys.example.com", IssuerError::Host),
            ("https://a..b", IssuerError::Host),
            ("https://user@keys.example.com", IssuerError::Host),
            ("https://user:pass@keys.example.com", IssuerError::Port),
            ("https://[::1", IssuerError::Host),
            ("https://[zz]", IssuerError::Host),
            ("https://a:0", IssuerError::Port),
            ("https://a:65536", IssuerError::Port),
            ("https://a:", IssuerError::Port),
            ("https://a?b", IssuerError::Rest),
            ("https://a/#b", IssuerError::Rest),
            ("https://a/../b", IssuerError::Path),
            ("https://a/b c", IssuerError::Path),
            ("https://a/%2e", IssuerError::Path),
        ] {
            assert_eq!(text.parse::<Issuer>(), Err(error), "{text}");
        }
        let long = format!("https://{}", "a".repeat(LONGEST));
        assert_eq!(long.parse::<Issuer>(), Err(IssuerError::TooLong));
    }

    #[test]
    fn an_audience_is_a_word_that_json_and_lists_hold_as_it_is() {
        for text in ["https://mcp.example.com/mcp", "billing", "urn:example:a"] {
            assert_eq!(text.parse::<Audience>().map(|audience| audience.to_string()).as_deref(), Ok(text));
        }
        for text in ["", "a b", "a,b", "a\"b", "a\\b", "é", "a\n", &"a".repeat(LONGEST + 1)] {
            assert_eq!(text.parse::<Audience>(), Err(AudienceError), "{text}");
        }
    }
}
