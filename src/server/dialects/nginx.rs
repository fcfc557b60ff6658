//! nginx, `auth_request`: it asks with GET and what its recipe (`contrib/nginx.conf`) sets. 1.22 makes a 500 of
//! any answer but 2xx, 401 and 403.

use std::net::IpAddr;

use hyper::header::{HeaderName, HeaderValue};
use hyper::http::request::Parts;

use super::{Asking, is_https, policy_of, said, said_text};
use crate::server::refusal::Refusal;

const URI: HeaderName = HeaderName::from_static("x-original-uri");
const METHOD: HeaderName = HeaderName::from_static("x-original-method");

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
