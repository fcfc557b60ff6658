//! Caddy 2.11, `forward_auth`, and Traefik 3.7, `ForwardAuth`: both ask with GET and say in `X-Forwarded-*` what
//! about, in place of whatever the client sent. Caddy has the client's query behind ours.

use std::net::IpAddr;

use hyper::header::HeaderName;
use hyper::http::request::Parts;

use super::{Asking, in_headers};
use crate::server::refusal::Refusal;

const URI: HeaderName = HeaderName::from_static("x-forwarded-uri");
const METHOD: HeaderName = HeaderName::from_static("x-forwarded-method");

pub(super) fn read<'r>(
    parts: &'r Parts,
    rest: &'r str,
    client: Option<IpAddr>,
) -> Result<Asking<'r>, Refusal> {
    in_headers(parts, rest, client, [&URI, &METHOD])
}
