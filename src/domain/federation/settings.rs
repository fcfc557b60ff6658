//! What is agreed with a provider, once.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::kind::Kind;
use super::parameters::Parameters;
use crate::domain::outbound::endpoint::Endpoint;
use crate::domain::owners::owner::{NameError, check_name};
pub(crate) use crate::domain::secrets::present::Present;
use crate::domain::time::Timestamp;
use crate::domain::tokens::audience::{Audience, Issuer};

/// What a federation is called: 1 to 64 of `a-z 0-9 . _ -`, first a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub(crate) struct FederationName(String);

impl FederationName {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for FederationName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        check_name(text).map(|()| Self(text.to_owned()))
    }
}

impl fmt::Display for FederationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an assertion's header says that it is (RFC 8725 §3.11), and never an access token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AssertionType(Box<str>);

/// Why a text is no type of an assertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AssertionTypeError {
    #[error("a type has 1 to {LONGEST_TYPE} letters, digits and . + - /")]
    Form,
    /// RFC 9068: verifiers would take what we say of a secret for what a client may do.
    #[error("at+jwt is the type of access tokens, which an assertion is not")]
    AccessToken,
}

const LONGEST_TYPE: usize = 64;

impl AssertionType {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for AssertionType {
    fn default() -> Self {
        Self("JWT".into())
    }
}

impl FromStr for AssertionType {
    type Err = AssertionTypeError;

    fn from_str(text: &str) -> Result<Self, AssertionTypeError> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b".+-/".contains(&byte);
        if !(1..=LONGEST_TYPE).contains(&text.len()) || !text.bytes().all(fits) {
            return Err(AssertionTypeError::Form);
        }
        let bare = text.to_ascii_lowercase();
        if bare.strip_prefix("application/").unwrap_or(&bare) == "at+jwt" {
            return Err(AssertionTypeError::AccessToken);
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for AssertionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for AssertionType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// A federation without its keys. What is agreed does not change: another agreement is another federation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Federation {
    pub name: FederationName,
    pub kind: Kind,
    pub token_endpoint: Endpoint,
    pub audience: Audience,
    /// Whom assertions are from, as the provider knows it.
    pub issuer: Issuer,
    pub typ: AssertionType,
    pub present: Present,
    pub parameters: Parameters,
    pub created_at: Timestamp,
}

impl Federation {
    /// All that its keys are sealed to: whoever changes one of these in the database finds that nothing signs for it.
    pub(crate) fn agreed(&self) -> String {
        let Self { name, kind, token_endpoint, audience, issuer, typ, present, parameters, .. } = self;
        let (kind, present, parameters) = (kind.as_str(), present.as_str(), parameters.to_json());
        // None of them has a line end.
        format!("{name}\n{kind}\n{token_endpoint}\n{audience}\n{issuer}\n{typ}\n{present}\n{parameters}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assertion_is_never_called_an_access_token() {
        for text in ["JWT", "authorization-grant+jwt", "application/oauth-id-jag+jwt"] {
            assert_eq!(text.parse::<AssertionType>().map(|typ| typ.to_string()).as_deref(), Ok(text));
        }
        for text in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"] {
            assert_eq!(text.parse::<AssertionType>(), Err(AssertionTypeError::AccessToken), "{text}");
        }
        for text in ["", "a b", "a\"", "é", &"a".repeat(LONGEST_TYPE + 1)] {
            assert_eq!(text.parse::<AssertionType>(), Err(AssertionTypeError::Form), "{text}");
        }
    }
}
