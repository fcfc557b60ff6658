//! How a provider is asked to take an assertion for a token. docs/federation.md names the documents that each was read in.

use std::str::FromStr;

use serde::Serialize;

/// What a token endpoint takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// Token exchange (RFC 8693 §2.1), in a form.
    Rfc8693,
    /// An assertion as an authorization grant (RFC 7523 §2.1), in a form.
    Rfc7523,
    /// RFC 7523 in JSON, with the ids of a rule, an organization and a service account.
    Anthropic,
    /// RFC 8693 in JSON, with the ids of an identity provider and a service account.
    Openai,
}

/// A text is no kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a federation's kind is rfc8693, rfc7523, anthropic or openai")]
pub(crate) struct KindError;

/// What an assertion is called in a request, and what stands beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    pub assertion: &'static str,
    pub fixed: &'static [(&'static str, &'static str)],
}

const JWT_BEARER: Grant =
    Grant { assertion: "assertion", fixed: &[("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")] };

const TOKEN_EXCHANGE: Grant = Grant {
    assertion: "subject_token",
    fixed: &[
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"),
    ],
};

impl Kind {
    const ALL: [Self; 4] = [Self::Rfc8693, Self::Rfc7523, Self::Anthropic, Self::Openai];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Rfc8693 => "rfc8693",
            Self::Rfc7523 => "rfc7523",
            Self::Anthropic => "anthropic",
            Self::Openai => "openai",
        }
    }

    pub(crate) fn grant(self) -> Grant {
        match self {
            Self::Rfc7523 | Self::Anthropic => JWT_BEARER,
            Self::Rfc8693 | Self::Openai => TOKEN_EXCHANGE,
        }
    }

    /// Whether the request is a JSON object, not a form.
    pub(crate) fn is_json(self) -> bool {
        matches!(self, Self::Anthropic | Self::Openai)
    }

    /// A header that the endpoint wants, besides.
    pub(crate) fn header(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Anthropic => Some(("anthropic-beta", "oauth-2025-04-20,oidc-federation-2026-04-01")),
            _ => None,
        }
    }

    /// The token endpoint, where there is one only.
    pub(crate) fn endpoint(self) -> Option<&'static str> {
        match self {
            Self::Anthropic => Some("https://api.anthropic.com/v1/oauth/token"),
            Self::Openai => Some("https://auth.openai.com/oauth/token"),
            _ => None,
        }
    }

    /// Whom an assertion is for where nobody says otherwise.
    pub(crate) fn audience(self) -> Option<&'static str> {
        match self {
            Self::Anthropic => Some("https://api.anthropic.com"),
            Self::Openai => Some("https://api.openai.com/v1"),
            _ => None,
        }
    }

    /// What must be said in every request.
    pub(crate) fn demanded(self) -> &'static [&'static str] {
        match self {
            Self::Anthropic => &["federation_rule_id", "organization_id", "service_account_id"],
            Self::Openai => &["identity_provider_id", "service_account_id"],
            _ => &[],
        }
    }
}

impl FromStr for Kind {
    type Err = KindError;

    fn from_str(text: &str) -> Result<Self, KindError> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(KindError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::outbound::endpoint::Endpoint;
    use crate::domain::tokens::audience::Audience;

    #[test]
    fn a_kind_reads_back_and_its_addresses_are_some() {
        for kind in Kind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            assert!(kind.endpoint().is_none_or(|endpoint| endpoint.parse::<Endpoint>().is_ok()));
            assert!(kind.audience().is_none_or(|audience| audience.parse::<Audience>().is_ok()));
        }
        assert_eq!("RFC7523".parse::<Kind>(), Err(KindError));
    }
}
