//! What programs that run in browsers may do here, wherever their page is from (Fetch standard §3.2): read what is public, and
//! bring what they have. No answer of these is for whoever is signed in, and no cookie is sent along; pages and what people say
//! on them are for no other site.

use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, HeaderValue,
};
use hyper::{Response, StatusCode};

use crate::server::answers::Body;

/// What a program may send besides what any page may. None has a secret for `Authorization`; one that sends it is to read why
/// it was refused.
const HEADERS: HeaderValue = HeaderValue::from_static("authorization, content-type, mcp-protocol-version");

/// Seconds: as long as browsers keep it at most.
const KEPT: HeaderValue = HeaderValue::from_static("7200");

/// The answer to a request, for pages of all origins.
pub(super) fn for_all(mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("etag, retry-after"));
    response
}

/// The answer to whether a request may be sent.
pub(in crate::server::portal) fn preflight(methods: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::default());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
    headers.insert(ACCESS_CONTROL_MAX_AGE, KEPT);
    response
}
