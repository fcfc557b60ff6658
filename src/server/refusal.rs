//! Why a request is refused, and how that is said: a status, a problem, a challenge.

use bytes::Bytes;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use hyper::{Response, StatusCode};
use serde::Serialize;

use super::answers::Body;
use super::ledger::Spent;
use crate::domain::credentials::lease::LENGTH;
use crate::domain::keys::limit::Rate;
use crate::domain::keys::scope::Scope;
use crate::domain::keys::verdict::{Denial, Reason};
use crate::domain::policies::policy::Body as BodyForm;
use crate::runtime::serving::Refused;
use crate::runtime::{KeyFault, Unavailable};

/// Why not. To the outside, all that have one status and one scope look the same, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The request cannot be understood, or contradicts itself: whoever sent it must change it.
    Request { status: u16, why: &'static str },
    /// No credential at all.
    NoCredential,
    /// The credential was looked at.
    Denied { reason: Reason, needs: Option<Scope> },
    /// The token of a client, which a service sent along with its own, was, or its rate and quota were.
    OfClient(Box<Refusal>),
    /// A good credential, and nothing that it could be good for: no such policy, no route.
    Policy(&'static str),
    /// At the socket of a command: what it was not named, or somebody else who asks.
    NotOffered(&'static str),
    /// A good key that asks faster than its rate allows.
    Rate(Over),
    /// A good key that has spent its quota, or its owner's.
    Quota(Spent),
    /// Too many wrong tokens from one address; seconds until others may be tried.
    Failed(u64),
    /// More is asked than can be looked up.
    Overloaded,
    /// The store cannot be read: its fault's word.
    Unavailable(&'static str),
    /// A provider's secret cannot be had: the fault's word.
    KeyUnavailable(&'static str),
    /// A provider gave no token, and is not asked again before so many seconds.
    NoToken { after: u64 },
    /// Others use, or are getting, the token that is asked for.
    Busy,
    /// Nothing can be done with a lease: why, in a word.
    Lease { status: u16, why: &'static str },
    /// Nobody can say that a key is dead that its holder wants dead: why, in a word.
    NotRevoked(&'static str),
    /// An error of OAuth: whoever introspects may not, or it cannot be understood (RFC 6749 §5.2).
    Client { status: u16, error: &'static str },
    /// The same of who asks for a token, and why, in a word; seconds until it may be asked for again.
    Oauth { status: u16, error: &'static str, reason: &'static str, is_basic: bool, after: Option<u64> },
}

/// An error of who asks for a token, and why.
pub(super) const fn failure(error: &'static str, reason: &'static str) -> Refusal {
    Refusal::Oauth { status: 400, error, reason, is_basic: false, after: None }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Unavailable(unavailable) => unavailable.into(),
            Refused::Overloaded => Self::Overloaded,
        }
    }
}

impl From<Unavailable> for Refusal {
    fn from(unavailable: Unavailable) -> Self {
        Self::Unavailable(unavailable.fault.as_str())
    }
}

/// How a refusal is said where it is said.
#[derive(Clone, Copy)]
pub(super) struct Manner<'a> {
    pub(super) body: BodyForm,
    /// Of the challenge (RFC 9110 §11.5).
    pub(super) realm: &'a str,
    /// Where the metadata of the protected resource is (RFC 9728 §5.1).
    pub(super) metadata: Option<&'a str>,
    /// What a credential must have for the request, where that is public: clients of MCP then ask for no more.
    pub(super) scope: Option<&'a Scope>,
}

/// A rate, and seconds until one request is within it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Over {
    pub(super) rate: Rate,
    pub(super) after: u64,
}

/// Seconds after which it may be tried again where nobody knows better.
const RETRY_SOON: u64 = 1;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

impl Refusal {
    /// The same, of the token in `api_key`.
    pub(super) fn of_client(self) -> Self {
        match self {
            refused @ (Self::Denied { .. } | Self::Rate(_) | Self::Quota(_)) => {
                Self::OfClient(Box::new(refused))
            }
            // Of the store, or of us: it would be so for anybody.
            other => other,
        }
    }

    /// A short-lived token that is for somebody else.
    pub(super) const OF_ANOTHER: Self = Self::Denied { reason: Reason::Jwt("audience"), needs: None };
    pub(super) const NOT_HELD: Self = Self::Lease { status: 403, why: "not_held" };
    pub(super) const LEASE_ENDED: Self = Self::Lease { status: 409, why: "lease_ended" };
    pub(super) const LEASE_LENGTH: Self = Self::Request { status: 400, why: LENGTH };

    pub(super) fn status(&self) -> u16 {
        match self {
            Self::Request { status, .. }
            | Self::Client { status, .. }
            | Self::Oauth { status, .. }
            | Self::Lease { status, .. } => *status,
            Self::NoCredential => 401,
            Self::Denied { reason, .. } => reason.denial().status(),
            Self::OfClient(refusal) => refusal.status(),
            Self::Policy(_) | Self::NotOffered(_) => 403,
            Self::Overloaded | Self::Rate(_) | Self::Quota(_) | Self::Failed(_) => 429,
            Self::Unavailable(_)
            | Self::KeyUnavailable(_)
            | Self::NoToken { .. }
            | Self::NotRevoked(_)
            | Self::Busy => 503,
        }
    }

    /// The error type, as in the command line's JSON.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Request { .. } | Self::Client { .. } | Self::Oauth { .. } => "INVALID_REQUEST",
            Self::NoCredential => Denial::Unauthorized.as_str(),
            Self::Denied { reason, .. } => reason.denial().as_str(),
            Self::OfClient(refusal) => refusal.code(),
            Self::Lease { status: 409, .. } => "CONFLICT",
            Self::Policy(_) | Self::NotOffered(_) | Self::Lease { .. } => Denial::Forbidden.as_str(),
            Self::Rate(_) => "KEY_RATE_LIMIT",
            Self::Quota(_) => "KEY_QUOTA_EXCEEDED",
            Self::Failed(_) => "RATE_LIMIT",
            Self::Overloaded => "OVERLOADED",
            Self::Busy => "BUSY",
            Self::Unavailable(_) | Self::NotRevoked(_) => Unavailable::TYPE,
            Self::KeyUnavailable(_) | Self::NoToken { .. } => KeyFault::TYPE,
        }
    }

    /// The word for logs and metrics, which callers are not told.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::Request { .. } => "request",
            Self::NoCredential => "no_credential",
            Self::Denied { reason, .. } => reason.as_str(),
            Self::OfClient(refusal) => refusal.reason(),
            Self::Policy(why)
            | Self::Client { error: why, .. }
            | Self::Oauth { reason: why, .. }
            | Self::Lease { why, .. }
            | Self::NotOffered(why) => why,
            Self::NoToken { .. } => "no_token",
            Self::Rate(_) => "rate",
            Self::Quota(_) => "quota_exceeded",
            Self::Failed(_) => "failed_attempts",
            Self::Overloaded => "overloaded",
            Self::Busy => "busy",
            Self::Unavailable(fault) | Self::KeyUnavailable(fault) | Self::NotRevoked(fault) => fault,
        }
    }

    /// Seconds; `None` where it is of no use.
    pub(super) fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Oauth { after, .. } => *after,
            Self::OfClient(refusal) => refusal.retry_after(),
            Self::NoToken { after } => Some((*after).max(RETRY_SOON)),
            Self::Rate(over) => Some(over.after),
            Self::Quota(spent) => spent.after,
            Self::Failed(seconds) => Some(*seconds),
            _ => matches!(self.status(), 429 | 503).then_some(RETRY_SOON),
        }
    }

    /// draft-ietf-httpapi-ratelimit-headers: the policy, what is left, and in how many seconds there is more.
    fn limit(&self) -> Option<[String; 2]> {
        let parameter =
            |name: &str, value: Option<u64>| value.map_or(String::new(), |value| format!(";{name}={value}"));
        let (name, quota, window, after) = match self {
            Self::OfClient(refusal) => return refusal.limit(),
            Self::Rate(over) => {
                ("key", u64::from(over.rate.limit), Some(u64::from(over.rate.per_seconds)), Some(over.after))
            }
            Self::Quota(spent) => {
                let name = if spent.is_of_owner { "owner-quota" } else { "key-quota" };
                (name, spent.quota.limit, spent.window, spent.after)
            }
            _ => return None,
        };
        let policy = format!("\"{name}\";q={quota}{}", parameter("w", window));
        Some([policy, format!("\"{name}\";r=0{}", parameter("t", after))])
    }

    fn detail(&self) -> String {
        match self {
            Self::Request { why, .. } => (*why).to_owned(),
            Self::NoCredential => "send a key: Authorization: Bearer TOKEN, or X-API-Key: TOKEN".to_owned(),
            Self::Denied { reason, needs: Some(scope) } if *reason == Reason::Scope => {
                format!("the key lacks the scope {scope}")
            }
            Self::Denied { reason, .. } => match reason.denial() {
                Denial::Unauthorized => "the key is not accepted".to_owned(),
                Denial::Forbidden => "the key may not do this".to_owned(),
            },
            Self::OfClient(refusal) => match (&**refusal, refusal.status()) {
                (Self::Rate(over), _) => format!("the client's key in api_key may ask {} times", over.rate),
                (Self::Quota(spent), _) if !spent.is_of_owner => {
                    format!("the quota of the client's key in api_key, {}, is spent", spent.quota)
                }
                (Self::Denied { .. }, 401) => "the client's key in api_key is not accepted".to_owned(),
                (Self::Denied { .. }, _) => "the client's key in api_key may not do this".to_owned(),
                (other, _) => format!("of the client's key in api_key: {}", other.detail()),
            },
            Self::NotOffered(_) => "this is not handed out here, or not to this user".to_owned(),
            Self::Policy(_) | Self::Client { .. } | Self::Oauth { .. } => {
                "the key may not do this".to_owned()
            }
            Self::Rate(over) => format!("the key may ask {} times", over.rate),
            Self::Quota(spent) if spent.is_of_owner => {
                format!("the quota of the owner's keys, {}, is spent", spent.quota)
            }
            Self::Quota(spent) => format!("the key's quota, {}, is spent", spent.quota),
            Self::Failed(_) => "too many keys that are not accepted came from this address".to_owned(),
            Self::Overloaded => "too much is asked at once: try again".to_owned(),
            Self::Busy => "others use the token, or are getting a new one: try again".to_owned(),
            Self::Lease { status: 409, .. } => {
                "the lease ended, or there is another token: take another lease".to_owned()
            }
            Self::Lease { .. } => "no lease has this holder token".to_owned(),
            Self::Unavailable(_) => "the key store cannot be read: that says nothing of the key".to_owned(),
            Self::KeyUnavailable(_) | Self::NoToken { .. } => {
                "the provider's secret cannot be had".to_owned()
            }
            Self::NotRevoked(_) => {
                "the key could not be revoked, or not surely: take it for one that works, and try again"
                    .to_owned()
            }
        }
    }

    fn title(&self) -> &'static str {
        let status = StatusCode::from_u16(self.status()).unwrap_or(StatusCode::FORBIDDEN);
        status.canonical_reason().unwrap_or("Refused")
    }

    /// One line (RFC 6750 §3): several gateways pass on the first one only.
    fn challenge(&self, manner: &Manner<'_>) -> Option<String> {
        let error = match self {
            Self::Client { status: 401, .. } | Self::Oauth { status: 401, is_basic: true, .. } => {
                return Some("Basic realm=\"keyctl\"".to_owned());
            }
            Self::NoCredential => String::new(),
            Self::OfClient(refusal) if refusal.status() == 401 => ", error=\"invalid_token\"".to_owned(),
            Self::Denied { reason, needs } => match (reason.denial(), needs) {
                (Denial::Unauthorized, _) => ", error=\"invalid_token\"".to_owned(),
                (Denial::Forbidden, Some(scope)) if *reason == Reason::Scope => {
                    format!(", error=\"insufficient_scope\", scope=\"{scope}\"")
                }
                _ => return None,
            },
            Self::Request { status: 400, .. } => ", error=\"invalid_request\"".to_owned(),
            _ => return None,
        };
        let scope = manner.scope.filter(|_| self.status() == 401);
        let scope = scope.map_or(String::new(), |scope| format!(", scope=\"{scope}\""));
        let metadata = manner.metadata.map_or(String::new(), |url| format!(", resource_metadata=\"{url}\""));
        Some(format!("Bearer realm=\"{}\"{error}{scope}{metadata}", manner.realm))
    }

    pub(super) fn answer(&self, manner: &Manner<'_>) -> Response<Body> {
        let status = self.status();
        let (kind, body) = match (self, manner.body) {
            (Self::Client { error, .. } | Self::Oauth { error, .. }, _) => {
                ("application/json", of_oauth(error))
            }
            (_, BodyForm::Problem) => ("application/problem+json", problem(self)),
            (_, BodyForm::JsonRpc) => ("application/json", json_rpc(self)),
        };
        let mut response = Response::new(Body::new(Bytes::from(body)));
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(value) = self.challenge(manner).and_then(|text| HeaderValue::try_from(text).ok()) {
            headers.insert(WWW_AUTHENTICATE, value);
        }
        if let Some(seconds) = self.retry_after() {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        for (name, text) in
            [RATE_LIMIT_POLICY, RATE_LIMIT].into_iter().zip(self.limit().into_iter().flatten())
        {
            if let Ok(value) = HeaderValue::try_from(text) {
                headers.insert(name, value);
            }
        }
        response
    }
}

/// RFC 9457, with our type as the member `code`.
#[derive(Serialize)]
struct Problem<'a> {
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'a str,
    /// The member that has the token that is refused, or whose rate or quota is spent. Without it, it is the service's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<&'a str>,
}

fn problem(refusal: &Refusal) -> String {
    let problem = Problem {
        title: refusal.title(),
        status: refusal.status(),
        detail: &refusal.detail(),
        code: refusal.code(),
        of: matches!(refusal, Refusal::OfClient(_)).then_some("api_key"),
    };
    serde_json::to_string(&problem).unwrap_or_default()
}

#[derive(Serialize)]
struct OfOauth<'a> {
    error: &'a str,
}

fn of_oauth(error: &str) -> String {
    serde_json::to_string(&OfOauth { error }).unwrap_or_default()
}

/// JSON-RPC 2.0 §5.1: clients of MCP show code and message of it, and of nothing else.
#[derive(Serialize)]
struct JsonRpc<'a> {
    jsonrpc: &'a str,
    id: Option<()>,
    error: RpcError<'a>,
}

#[derive(Serialize)]
struct RpcError<'a> {
    code: i32,
    message: &'a str,
    data: RpcData<'a>,
}

#[derive(Serialize)]
struct RpcData<'a> {
    code: &'a str,
    status: u16,
}

/// The server's own range begins here and goes down by the status.
const RPC_CODES: i32 = -32_000;

pub(super) fn json_rpc(refusal: &Refusal) -> String {
    let status = refusal.status();
    let error = RpcError {
        code: RPC_CODES - i32::from(status % 100),
        message: &refusal.detail(),
        data: RpcData { code: refusal.code(), status },
    };
    serde_json::to_string(&JsonRpc { jsonrpc: "2.0", id: None, error }).unwrap_or_default()
}

/// The body that a gateway cannot pass on, and stands in a header instead.
pub(super) const BODY: HeaderName = HeaderName::from_static("x-keyctl-body");

/// The status that a gateway cannot pass on, and stands in a header instead.
pub(super) const STATUS: HeaderName = HeaderName::from_static("x-keyctl-status");

#[cfg(test)]
mod tests {
    use super::*;

    const MANNER: Manner<'_> =
        Manner { body: BodyForm::Problem, realm: "keyctl", metadata: None, scope: None };

    fn challenge(refusal: &Refusal) -> Option<String> {
        refusal.challenge(&MANNER)
    }

    #[test]
    fn a_challenge_says_what_rfc_6750_wants_and_names_exactly_the_missing_scope() {
        assert_eq!(challenge(&Refusal::NoCredential).as_deref(), Some("Bearer realm=\"keyctl\""));
        let denied = |reason, needs: Option<&str>| Refusal::Denied {
            reason,
            needs: needs.map(|scope| scope.parse().expect("scope")),
        };
        assert_eq!(
            challenge(&denied(Reason::Unknown, None)).as_deref(),
            Some("Bearer realm=\"keyctl\", error=\"invalid_token\"")
        );
        assert_eq!(
            challenge(&denied(Reason::Scope, Some("memories:read"))).as_deref(),
            Some("Bearer realm=\"keyctl\", error=\"insufficient_scope\", scope=\"memories:read\"")
        );
        assert_eq!(challenge(&denied(Reason::Network, Some("memories:read"))), None);
        assert_eq!(challenge(&Refusal::Unavailable("timeout")), None);
        let manner = Manner { metadata: Some("https://x/.well-known/oauth-protected-resource"), ..MANNER };
        assert_eq!(
            Refusal::NoCredential.challenge(&manner).as_deref(),
            Some(
                "Bearer realm=\"keyctl\", resource_metadata=\"https://x/.well-known/oauth-protected-resource\""
            )
        );
    }

    #[test]
    fn who_has_no_good_credential_is_told_what_it_must_have_where_that_is_public() {
        let scope: Scope = "memories:read".parse().expect("scope");
        let manner = Manner { metadata: Some("https://x/m"), scope: Some(&scope), ..MANNER };
        let said = |refusal: &Refusal| refusal.challenge(&manner).unwrap_or_default();
        assert_eq!(
            said(&Refusal::NoCredential),
            "Bearer realm=\"keyctl\", scope=\"memories:read\", resource_metadata=\"https://x/m\""
        );
        let denied = |reason| Refusal::Denied { reason, needs: Some(scope.clone()) };
        assert_eq!(
            said(&denied(Reason::Unknown)),
            "Bearer realm=\"keyctl\", error=\"invalid_token\", scope=\"memories:read\", \
             resource_metadata=\"https://x/m\""
        );
        // Once, and the one that is missing.
        assert_eq!(said(&denied(Reason::Scope)).matches("scope=").count(), 1);
    }

    #[test]
    fn all_that_are_unauthorized_look_the_same() {
        use crate::domain::keys::key::State;
        let bodies: Vec<String> = [Reason::Malformed, Reason::Unknown, Reason::Inactive(State::Revoked)]
            .into_iter()
            .map(|reason| problem(&Refusal::Denied { reason, needs: None }))
            .collect();
        assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "{bodies:?}");
        assert_eq!(
            bodies[0],
            r#"{"title":"Unauthorized","status":401,"detail":"the key is not accepted","code":"UNAUTHORIZED"}"#
        );
    }

    #[test]
    fn a_client_of_mcp_gets_an_error_object() {
        assert_eq!(
            json_rpc(&Refusal::NoCredential),
            r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"send a key: Authorization: Bearer TOKEN, or X-API-Key: TOKEN","data":{"code":"UNAUTHORIZED","status":401}}}"#
        );
    }
}
