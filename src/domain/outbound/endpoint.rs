//! The URL of something that we ask.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::domain::texts::authority::{self, AuthorityError};

/// Where a request goes: `https://login.example.com/oauth/token?tenant=7`.
///
/// At most 2,048 visible characters of ASCII, without a user, a password and a fragment. Plain http is a URL on loopback
/// alone, and whether even that is asked is a setting.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Endpoint(Box<str>);

/// A server, by how it is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin<'e> {
    scheme: &'e str,
    host: Host<'e>,
    port: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Host<'e> {
    Name(&'e str),
    Address(IpAddr),
}

/// Why a text is no endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EndpointError {
    #[error("an address begins with https://, or with http:// on loopback addresses")]
    Scheme,
    /// No name, or a character that no host has.
    #[error("an address names a host in small letters")]
    Host,
    /// It would stand wherever the address is shown.
    #[error(
        "an address holds no user and no password; what is to know us by a token is given that beside it"
    )]
    User,
    #[error("its port is no number from 1 to 65535")]
    Port,
    /// It would not be sent.
    #[error("an address that is asked has no fragment")]
    Fragment,
    /// A blank, a quote, or anything that is not ASCII: it would have to be written as `%20`.
    #[error("an address has visible characters of ASCII alone, and none of \\ \" < > ^ ` {{ | }}")]
    Character,
    #[error("an address is longer than {LONGEST} characters")]
    TooLong,
}

const LONGEST: usize = 2048;

impl From<AuthorityError> for EndpointError {
    fn from(error: AuthorityError) -> Self {
        match error {
            AuthorityError::Host => Self::Host,
            AuthorityError::Port => Self::Port,
        }
    }
}

impl Endpoint {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whose it is: scheme, host and port (RFC 6454 §4). A host is written in one way, but for addresses of IP version 6.
    pub(crate) fn origin(&self) -> Origin<'_> {
        let (scheme, rest) = self.0.split_once("://").unwrap_or_default();
        let authority = &rest[..rest.find(['/', '?']).unwrap_or(rest.len())];
        let (host, port) = authority::split(authority);
        let usual = if scheme == "https" { 443 } else { 80 };
        let host = host.parse().map_or(Host::Name(host), Host::Address);
        Origin { scheme, host, port: port.unwrap_or(usual) }
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        if text.len() > LONGEST {
            return Err(EndpointError::TooLong);
        }
        let (rest, is_secure) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (rest, true),
            (None, Some(rest)) => (rest, false),
            (None, None) => return Err(EndpointError::Scheme),
        };
        if rest.contains('#') {
            return Err(EndpointError::Fragment);
        }
        let authority = &rest[..rest.find(['/', '?']).unwrap_or(rest.len())];
        if authority.contains('@') {
            return Err(EndpointError::User);
        }
        let host = authority::host_of(authority)?;
        if !is_secure && !authority::is_loopback(host) {
            return Err(EndpointError::Scheme);
        }
        if !rest.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\\"<>^`{|}".contains(&byte)) {
            return Err(EndpointError::Character);
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Endpoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_https_or_on_this_machine() {
        for text in [
            "https://login.example.com/oauth/token",
            "https://login.example.com",
            "https://login.example.com?tenant=7&v=a%20b",
            "https://[2001:db8::1]:8443/a",
            "http://127.0.0.1:8080/jwks",
            "http://localhost:8080/jwks",
            "http://[::1]/jwks",
        ] {
            assert_eq!(text.parse::<Endpoint>().map(|endpoint| endpoint.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn an_origin_is_scheme_host_and_port_however_they_are_written() {
        let all: Vec<Endpoint> = [
            "https://login.example.com/token",
            "https://login.example.com:443?a",
            "https://login.example.com:8443/token",
            "https://example.com/token",
            "http://127.0.0.1/token",
            "http://127.0.0.1:80",
            "https://127.0.0.1/token",
            "https://[2001:db8::1]/token",
            "https://[2001:db8:0::1]:443/token",
        ]
        .map(|text| text.parse().expect(text))
        .into();
        let same = [(0, 1), (4, 5), (7, 8)];
        for (one, first) in all.iter().enumerate() {
            for (other, second) in all.iter().enumerate().skip(one + 1) {
                assert_eq!(
                    first.origin() == second.origin(),
                    same.contains(&(one, other)),
                    "{first} {second}"
                );
            }
        }
    }

    #[test]
    fn each_fault_has_its_own_error() {
        for (text, error) in [
            ("", EndpointError::Scheme),
            ("ftp://a", EndpointError::Scheme),
            ("file:///etc/passwd", EndpointError::Scheme),
            ("http://login.example.com/token", EndpointError::Scheme),
            ("http://127.0.0.1.example.com/", EndpointError::Scheme),
            ("https://", EndpointError::Host),
            ("https:///a", EndpointError::Host),
            ("https://a.example:b@c.example/", EndpointError::User),
            ("https://a@c.example/", EndpointError::User),
            ("https://A.example/", EndpointError::Host),
            ("https://a.example./", EndpointError::Host),
            ("https://a.example:0/", EndpointError::Port),
            ("https://a.example/#b", EndpointError::Fragment),
            ("https://a.example/b c", EndpointError::Character),
            ("https://a.example/\r\nX: y", EndpointError::Character),
            ("https://a.example/é", EndpointError::Character),
            ("https://a.example\\@b.example/", EndpointError::User),
        ] {
            assert_eq!(text.parse::<Endpoint>(), Err(error), "{text}");
        }
        let long = format!("https://a.example/{}", "a".repeat(LONGEST));
        assert_eq!(long.parse::<Endpoint>(), Err(EndpointError::TooLong));
    }
}
