//! Who asks a token endpoint, and how it proves that.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::domain::outbound::endpoint::Endpoint;
use crate::domain::texts::text::{FreeTextError, check_free_text};

/// A client, as its provider knows it. Its secret or private key is sealed elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Client {
    pub token_endpoint: Endpoint,
    pub id: ClientId,
    pub auth: ClientAuth,
    /// What the provider calls itself: whom assertions are for. Without it they are for the token endpoint.
    pub issuer: Option<Endpoint>,
    /// By what the provider finds the key that verifies an assertion, where it has several.
    pub key_id: Option<KeyName>,
}

/// A client's id: 1 to 1,024 printable characters of ASCII (RFC 6749 appendix A.1), no blank at an end. It may be a URL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ClientId(Box<str>);

/// A text is no client's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a client id has 1 to {LONGEST} printable characters of ASCII, and no blank at an end")]
pub(crate) struct ClientIdError;

const LONGEST: usize = 1024;
const LONGEST_TEXT: usize = 255;

impl ClientId {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ClientId {
    type Err = ClientIdError;

    fn from_str(text: &str) -> Result<Self, ClientIdError> {
        let is_printable = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        let fits = (1..=LONGEST).contains(&text.len()) && is_printable && text.trim() == text;
        if fits { Ok(Self(text.into())) } else { Err(ClientIdError) }
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for ClientId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// A `kid` (RFC 7515 §4.1.4): 1 to 255 printable characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyName(Box<str>);

impl KeyName {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyName {
    type Err = FreeTextError;

    fn from_str(text: &str) -> Result<Self, FreeTextError> {
        check_free_text(text, LONGEST_TEXT)?;
        Ok(Self(text.into()))
    }
}

/// How a client proves to a token endpoint who it is, under the names that RFC 7591 §2 registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientAuth {
    /// A public client: its id alone.
    None,
    /// Id and secret in the header, each form-encoded before (RFC 6749 §2.3.1).
    SecretBasic,
    SecretPost,
    /// A signed assertion (RFC 7523 §2.2).
    PrivateKeyJwt,
}

/// A text is no way of proving it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a client proves itself by none, client_secret_basic, client_secret_post or private_key_jwt")]
pub(crate) struct ClientAuthError;

impl ClientAuth {
    pub(crate) const ALL: [Self; 4] = [Self::None, Self::SecretBasic, Self::SecretPost, Self::PrivateKeyJwt];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::SecretBasic => "client_secret_basic",
            Self::SecretPost => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }

    /// What of the client is secret, under the name that it is given by; `None` for a public one.
    pub(crate) const fn needs(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::SecretBasic | Self::SecretPost => Some("client_secret"),
            Self::PrivateKeyJwt => Some("private_key"),
        }
    }
}

impl FromStr for ClientAuth {
    type Err = ClientAuthError;

    fn from_str(text: &str) -> Result<Self, ClientAuthError> {
        Self::ALL.into_iter().find(|auth| auth.as_str() == text).ok_or(ClientAuthError)
    }
}

impl Serialize for ClientAuth {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Whose credential it is at the provider, in words of the operator's: credentials of one client and account may be one
/// grant there, which ends with the first of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Account(Box<str>);

impl Account {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Account {
    type Err = FreeTextError;

    fn from_str(text: &str) -> Result<Self, FreeTextError> {
        check_free_text(text, LONGEST_TEXT)?;
        Ok(Self(text.into()))
    }
}

impl Serialize for Account {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_s_id_is_printable() {
        for text in ["a", "web client", "https://app.example/client.json", "1234.apps.example"] {
            assert_eq!(text.parse::<ClientId>().map(|id| id.to_string()).as_deref(), Ok(text));
        }
        for text in ["", " a", "a ", "a\nb", "é", &"a".repeat(LONGEST + 1)] {
            assert_eq!(text.parse::<ClientId>(), Err(ClientIdError), "{text}");
        }
    }

    #[test]
    fn each_way_to_prove_it_reads_back() {
        for auth in ClientAuth::ALL {
            assert_eq!(auth.as_str().parse(), Ok(auth));
        }
        for text in ["", "None", "basic", "tls_client_auth"] {
            assert_eq!(text.parse::<ClientAuth>(), Err(ClientAuthError), "{text}");
        }
    }
}
