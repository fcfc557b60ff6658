//! The key of its own that a server behind a gateway gets: whose it is, and in which header.

use std::fmt;
use std::str::FromStr;

use crate::domain::secrets::secret::{Provider, SecretValue};

/// What a policy returns beside who was let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UpstreamKey {
    /// Whose secret it is, of those that the client's key is bound to.
    pub provider: Provider,
    pub header: UpstreamHeader,
    /// What stands before it, with a blank between: `Bearer`.
    pub scheme: Option<AuthScheme>,
}

impl UpstreamKey {
    /// What stands in the header: a value that is wiped, as the secret itself.
    pub(crate) fn value(&self, secret: &SecretValue) -> SecretValue {
        let before = self.scheme.as_ref().map(|scheme| format!("{scheme} ")).unwrap_or_default();
        SecretValue::joined(&before, secret)
    }
}

/// The name of a header, in small letters: 1 to 64 letters, digits and `-`, and none that means something by itself in
/// an answer, or between a gateway and a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UpstreamHeader(Box<str>);

/// Why a text is no such header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UpstreamHeaderError {
    /// nginx and Caddy drop headers with other characters without a word.
    #[error("a header's name has 1 to 64 letters, digits and -, first a letter")]
    Alphabet,
    #[error("this header means something else in an answer, or between gateway and server")]
    Taken,
}

const LONGEST: usize = 64;

/// Of answers of our own, and of those that HTTP itself reads (RFC 9110 §7.6.1, §8).
const TAKEN: [&str; 23] = [
    "age",
    "allow",
    "cache-control",
    "connection",
    "cookie",
    "date",
    "expires",
    "host",
    "keep-alive",
    "location",
    "pragma",
    "ratelimit",
    "ratelimit-policy",
    "retry-after",
    "server",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "vary",
    "www-authenticate",
    "x-request-id",
];

/// Headers by which gateways, and this server, say what they know.
const TAKEN_BEFORE: [&str; 5] = ["content-", "proxy-", "x-forwarded-", "x-keyctl-", "x-original-"];

impl UpstreamHeader {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a value stands behind the name of a scheme there (RFC 9110 §11.6.2).
    pub(crate) fn has_scheme(&self) -> bool {
        &*self.0 == "authorization"
    }
}

impl FromStr for UpstreamHeader {
    type Err = UpstreamHeaderError;

    fn from_str(text: &str) -> Result<Self, UpstreamHeaderError> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let starts = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
        if !starts || text.len() > LONGEST || !text.bytes().all(fits) {
            return Err(UpstreamHeaderError::Alphabet);
        }
        let name = text.to_ascii_lowercase();
        let is_taken = TAKEN.contains(&&*name) || TAKEN_BEFORE.iter().any(|before| name.starts_with(before));
        if is_taken { Err(UpstreamHeaderError::Taken) } else { Ok(Self(name.into())) }
    }
}

/// What kind of credential a header has (RFC 9110 §11.1): `Bearer`. 1 to 32 letters, digits and `-`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AuthScheme(Box<str>);

/// A text is no such scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a scheme has 1 to 32 letters, digits and -, as Bearer")]
pub(crate) struct AuthSchemeError;

impl FromStr for AuthScheme {
    type Err = AuthSchemeError;

    fn from_str(text: &str) -> Result<Self, AuthSchemeError> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let is_one = !text.is_empty() && text.len() <= 32 && text.bytes().all(fits);
        if is_one { Ok(Self(text.into())) } else { Err(AuthSchemeError) }
    }
}

impl fmt::Display for AuthScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_one_that_gateways_pass_on_and_nobody_else_reads() {
        for (text, name) in [
            ("Authorization", "authorization"),
            ("X-API-Key", "x-api-key"),
            ("api-key", "api-key"),
            ("X-Upstream-Key-2", "x-upstream-key-2"),
        ] {
            let header: UpstreamHeader = text.parse().expect(text);
            assert_eq!((header.as_str(), header.has_scheme()), (name, name == "authorization"));
        }
        for text in ["", "x_api_key", "x.key", "x key", "X-Key:", "-key", "7", "é", "x\r\nY", &"x".repeat(65)]
        {
            assert_eq!(text.parse::<UpstreamHeader>(), Err(UpstreamHeaderError::Alphabet), "{text}");
        }
        for text in [
            "Connection",
            "content-length",
            "Content-Type",
            "Host",
            "Proxy-Authorization",
            "Set-Cookie",
            "Transfer-Encoding",
            "WWW-Authenticate",
            "X-Forwarded-For",
            "X-Keyctl-Owner",
            "x-keyctl-anything",
            "X-Original-URI",
        ] {
            assert_eq!(text.parse::<UpstreamHeader>(), Err(UpstreamHeaderError::Taken), "{text}");
        }
    }

    #[test]
    fn the_value_stands_behind_its_scheme() {
        let secret = SecretValue::from_bytes(b"sk-upstream", false).expect("a value");
        let key = |scheme: Option<&str>| UpstreamKey {
            provider: "mcp".parse().expect("a provider"),
            header: "Authorization".parse().expect("a header"),
            scheme: scheme.map(|scheme| scheme.parse().expect("a scheme")),
        };
        assert_eq!(key(Some("Bearer")).value(&secret).expose(), "Bearer sk-upstream");
        assert_eq!(key(None).value(&secret).expose(), "sk-upstream");
        for text in ["", "Bearer ", "Be:arer", "é", &"x".repeat(33)] {
            assert_eq!(text.parse::<AuthScheme>(), Err(AuthSchemeError), "{text}");
        }
    }
}
