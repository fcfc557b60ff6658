//! Why there is no new token: a type of ours and a status, never what the provider wrote.

use std::fmt;

/// What went wrong with an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// No connection: the name, the way there, or nobody listening. Nothing was sent.
    Unreachable,
    /// The certificate, or no TLS at all. Nothing was sent.
    Tls,
    /// A setting forbids to ask there, or no authority is trusted. Nothing was sent.
    NotAllowed,
    /// Something was sent, and no whole answer came back.
    NoAnswer,
    /// Nobody said how it ended: the process that sent it was ended.
    Unknown,
    /// A status that says neither yes nor no.
    Status(u16),
    /// The endpoint has moved. It is not followed, since a secret would be sent there.
    Redirect,
    TooLarge,
    /// HTML, or JSON that cannot be read in one way.
    NotJson,
    /// The provider said no (RFC 6749 §5.2).
    Refused(Refusal),
    /// A yes without a token that could be sent in a header.
    NoAccessToken,
    /// A token that is no Bearer.
    TokenType,
    /// A token that had ended already.
    PastEnd,
    /// A token that may do less than the one before.
    Narrower,
    /// The refresh token that came is another credential's, which keeps it.
    Shared,
}

/// Which no it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The refresh token is used up, revoked or another client's.
    InvalidGrant,
    InvalidClient,
    UnauthorizedClient,
    InvalidRequest,
    InvalidScope,
    UnsupportedGrantType,
    /// One that no standard has.
    Other,
}

impl Refusal {
    const ALL: [Self; 7] = [
        Self::InvalidGrant,
        Self::InvalidClient,
        Self::UnauthorizedClient,
        Self::InvalidRequest,
        Self::InvalidScope,
        Self::UnsupportedGrantType,
        Self::Other,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidClient => "invalid_client",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::InvalidRequest => "invalid_request",
            Self::InvalidScope => "invalid_scope",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::Other => "other",
        }
    }

    /// Of the member `error` of an answer. GitHub calls an `invalid_grant` of a refresh `bad_refresh_token`.
    pub(crate) fn of(code: &str) -> Self {
        match code {
            "bad_refresh_token" => Self::InvalidGrant,
            _ => Self::ALL.into_iter().find(|refusal| refusal.as_str() == code).unwrap_or(Self::Other),
        }
    }
}

const WITHOUT_DETAIL: [(Failure, &str); 13] = [
    (Failure::Unreachable, "unreachable"),
    (Failure::Tls, "tls"),
    (Failure::NotAllowed, "not-allowed"),
    (Failure::NoAnswer, "no-answer"),
    (Failure::Unknown, "unknown"),
    (Failure::Redirect, "redirect"),
    (Failure::TooLarge, "too-large"),
    (Failure::NotJson, "not-json"),
    (Failure::NoAccessToken, "no-access-token"),
    (Failure::TokenType, "token-type"),
    (Failure::PastEnd, "past-end"),
    (Failure::Narrower, "narrower-scopes"),
    (Failure::Shared, "shared-refresh-token"),
];

impl Failure {
    /// Reads back what is stored. What a later keyctl wrote there is not known.
    pub(crate) fn parse(text: &str) -> Self {
        let status = text.strip_prefix("status-").and_then(|status| status.parse().ok());
        let refusal = text.strip_prefix("refused-").map(Refusal::of);
        let plain = WITHOUT_DETAIL.iter().find(|(_, word)| *word == text).map(|(failure, _)| *failure);
        status.map(Self::Status).or(refusal.map(Self::Refused)).or(plain).unwrap_or(Self::Unknown)
    }

    /// Whether the provider may have taken the refresh token for a new one all the same: then it is not sent again before
    /// an answer could no longer be on its way. 429 and 503 are said before anything is done.
    pub(crate) const fn is_uncertain(self) -> bool {
        match self {
            Self::NoAnswer | Self::Unknown | Self::TooLarge | Self::NotJson => true,
            Self::Status(status) => status >= 500 && status != 503 || status < 300,
            _ => false,
        }
    }

    /// What to do about it.
    pub(crate) const fn advice(self) -> &'static str {
        match self {
            Self::Unreachable | Self::Tls | Self::Redirect => {
                "look at the address of the token endpoint, and at the network"
            }
            Self::NotAllowed => {
                "if the token endpoint is one of your own network, name that in KEYCTL_OUTBOUND_ALLOW; and install the \
                 certificate authorities"
            }
            Self::NoAnswer | Self::Unknown | Self::Status(_) => {
                "it is tried again by itself; else look at the provider's state"
            }
            Self::TooLarge | Self::NotJson | Self::NoAccessToken | Self::TokenType | Self::PastEnd => {
                "what answers there is hardly a token endpoint: look at its address"
            }
            Self::Refused(Refusal::InvalidGrant) => "sign in again",
            Self::Refused(Refusal::InvalidClient | Refusal::UnauthorizedClient) => {
                "look at the client's id, its secret or key, and how it proves itself"
            }
            Self::Refused(_) => "look at how the client is set up at the provider",
            Self::Narrower => {
                "if it is meant to do less from now on: keyctl oauth refresh NAME --allow-narrower"
            }
            Self::Shared => {
                "bind the other credential in its place, or sign in once more for another grant: keyctl oauth login NAME --replace, \
                 or keyctl oauth replace NAME"
            }
        }
    }
}

/// Its text form: `status-503`, `refused-invalid_client`, `not-json`.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "status-{status}"),
            Self::Refused(refusal) => write!(f, "refused-{}", refusal.as_str()),
            plain => {
                let word = WITHOUT_DETAIL.iter().find(|(failure, _)| failure == plain);
                f.write_str(word.map_or("unknown", |(_, word)| word))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Failure> {
        let plain = WITHOUT_DETAIL.iter().map(|(failure, _)| *failure);
        let refused = Refusal::ALL.into_iter().map(Failure::Refused);
        plain.chain(refused).chain([Failure::Status(429), Failure::Status(503)]).collect()
    }

    #[test]
    fn each_reads_back() {
        for failure in all() {
            assert_eq!(Failure::parse(&failure.to_string()), failure);
        }
        for text in ["", "status-", "status-99999", "later"] {
            assert_eq!(Failure::parse(text), Failure::Unknown, "{text}");
        }
        assert_eq!(Refusal::of("bad_refresh_token"), Refusal::InvalidGrant);
        assert_eq!(Refusal::of("slow_down"), Refusal::Other);
    }

    #[test]
    fn uncertain_is_what_the_provider_may_have_done() {
        let uncertain: Vec<String> = all()
            .into_iter()
            .filter(|failure| failure.is_uncertain())
            .map(|failure| failure.to_string())
            .collect();
        assert_eq!(uncertain, ["no-answer", "unknown", "too-large", "not-json"]);
        for (status, expected) in
            [(400, false), (429, false), (500, true), (502, true), (503, false), (504, true)]
        {
            assert_eq!(Failure::Status(status).is_uncertain(), expected, "{status}");
        }
    }
}
