//! nginx, `auth_request`: it asks with GET and what its recipe (`contrib/nginx/keyctl.conf`) sets. 1.22 makes a 500 of
//! any answer but 2xx, 401 and 403.

use std::net::IpAddr;

use hyper::header::HeaderName;
use hyper::http::request::Parts;

use super::{Asking, in_headers};
use crate::server::refusal::Refusal;

const URI: HeaderName = HeaderName::from_static("x-original-uri");
const METHOD: HeaderName = HeaderName::from_static("x-original-method");

pub(super) fn read<'r>(
    parts: &'r Parts,
    rest: &'r str,
    client: Option<IpAddr>,
) -> Result<Asking<'r>, Refusal> {
    in_headers(parts, rest, client, [&URI, &METHOD])
}
