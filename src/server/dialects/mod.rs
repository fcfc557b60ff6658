//! How gateways ask: where each of them says which path, method and client it asks about. What other
//! gateways would say stands in headers that a client may have sent, and is never looked at.

mod envoy;
mod forwarded;
mod nginx;

use std::net::IpAddr;

use hyper::header::{HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Response, StatusCode};

use super::answers::Body;
use super::credential::single;
use super::refusal::{BODY, Manner, Refusal, STATUS, json_rpc};
use crate::domain::policies::policy::Body as BodyForm;

/// A gateway that asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Nginx,
    Caddy,
    Traefik,
    Envoy,
}

/// What a gateway asks.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asking<'r> {
    /// The policy, as it stands there: percent-encoded where the dialect has it in its path.
    pub(super) policy: Option<&'r str>,
    /// The client's path and query.
    pub(super) target: Option<&'r [u8]>,
    pub(super) method: Option<&'r str>,
    /// Whether the client came over https.
    pub(super) is_https: bool,
    pub(super) client: Option<IpAddr>,
}

impl Dialect {
    pub(super) const ALL: [Self; 4] = [Self::Nginx, Self::Caddy, Self::Traefik, Self::Envoy];

    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "nginx" => Some(Self::Nginx),
            "caddy" => Some(Self::Caddy),
            "traefik" => Some(Self::Traefik),
            "envoy" => Some(Self::Envoy),
            _ => None,
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Caddy => "caddy",
            Self::Traefik => "traefik",
            Self::Envoy => "envoy",
        }
    }

    /// What is asked; `rest` is what stands behind `/auth/DIALECT` in the path.
    pub(super) fn read<'r>(
        self,
        parts: &'r Parts,
        rest: &'r str,
        client: Option<IpAddr>,
    ) -> Result<Asking<'r>, Refusal> {
        match self {
            Self::Nginx => nginx::read(parts, rest, client),
            Self::Caddy | Self::Traefik => forwarded::read(parts, rest, client),
            Self::Envoy => envoy::read(parts, rest, client),
        }
    }

    /// The refusal as this gateway can pass it on.
    pub(super) fn refuse(self, refusal: &Refusal, manner: &Manner<'_>) -> Response<Body> {
        let mut response = refusal.answer(manner);
        let status = response.status();
        // nginx writes bodies itself, and so can write this one.
        if self == Self::Nginx
            && manner.body == BodyForm::JsonRpc
            && let Ok(said) = HeaderValue::try_from(json_rpc(refusal))
        {
            response.headers_mut().insert(BODY, said);
        }
        if self == Self::Nginx && !matches!(status.as_u16(), 401 | 403) {
            // nginx makes a 500 of any other: its recipe turns this one back.
            response.headers_mut().insert(STATUS, HeaderValue::from(status.as_u16()));
            *response.status_mut() = StatusCode::FORBIDDEN;
        }
        response
    }
}

const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

const TWICE: &str = "the gateway's own header stands there twice: it must replace what the client sent";

/// The value of a gateway's header, which it has replaced if the client sent one, too.
fn said<'r>(parts: &'r Parts, name: &HeaderName) -> Result<Option<&'r HeaderValue>, Refusal> {
    single(&parts.headers, name, TWICE)
}

fn said_text<'r>(parts: &'r Parts, name: &HeaderName) -> Result<Option<&'r str>, Refusal> {
    Ok(said(parts, name)?.and_then(|value| value.to_str().ok()))
}

/// Whether the client came over https, as gateways say it.
fn is_https(parts: &Parts) -> Result<bool, Refusal> {
    Ok(said(parts, &X_FORWARDED_PROTO)?.is_some_and(|value| value.as_bytes() == b"https"))
}

/// What is asked by a gateway that has its policy in the path, and says the rest in headers of these names.
fn in_headers<'r>(
    parts: &'r Parts,
    rest: &'r str,
    client: Option<IpAddr>,
    [uri, method]: [&HeaderName; 2],
) -> Result<Asking<'r>, Refusal> {
    Ok(Asking {
        policy: policy_of(rest),
        target: said(parts, uri)?.map(HeaderValue::as_bytes),
        method: said_text(parts, method)?,
        is_https: is_https(parts)?,
        client,
    })
}

/// The policy in the path, `/POLICY`, with nothing behind it.
fn policy_of(rest: &str) -> Option<&str> {
    rest.strip_prefix('/').filter(|policy| !policy.is_empty() && !policy.contains('/'))
}
