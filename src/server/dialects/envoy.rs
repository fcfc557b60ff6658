//! Envoy 1.40, `ext_authz` over HTTP: it asks with the client's method, and with the client's path and query
//! behind `path_prefix`. So the policy comes in a header, which `authorization_request.headers_to_add` sets in place
//! of the client's.

use std::net::IpAddr;

use hyper::header::HeaderName;
use hyper::http::request::Parts;

use super::{Asking, is_https, said_text};
use crate::server::refusal::Refusal;

const POLICY: HeaderName = HeaderName::from_static("x-keyctl-policy");

pub(super) fn read<'r>(
    parts: &'r Parts,
    rest: &'r str,
    client: Option<IpAddr>,
) -> Result<Asking<'r>, Refusal> {
    Ok(Asking {
        policy: said_text(parts, &POLICY)?,
        target: Some(rest.as_bytes()),
        method: Some(parts.method.as_str()),
        is_https: is_https(parts)?,
        client,
    })
}
