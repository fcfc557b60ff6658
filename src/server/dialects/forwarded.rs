//! Caddy 2.11, `forward_auth`, and Traefik 3.7, `ForwardAuth`: both ask with GET and say in `X-Forwarded-*` what
//! about, in place of whatever the client sent. Caddy has the client's query behind ours.

use std::net::IpAddr;

use hyper::header::{HeaderName, HeaderValue};
use hyper::http::request::Parts;

use super::{Asking, is_https, policy_of, said, said_text};
use crate::server::refusal::Refusal;

const URI: HeaderName = HeaderName::from_static("x-forwarded-uri");
const METHOD: HeaderName = HeaderName::from_static("x-forwarded-method");

pub(super) fn read<'r>(
    parts: &'r Parts,
    rest: &'r str,
    client: Option<IpAddr>,
) -> Result<Asking<'r>, Refusal> {
    Ok(Asking {
        policy: policy_of(rest),
        target: said(parts, &URI)?.map(HeaderValue::as_bytes),
        method: said_text(parts, &METHOD)?,
        is_https: is_https(parts)?,
        client,
    })
}
