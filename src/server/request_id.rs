//! `X-Request-Id`: taken from the request where it can be, and given back in a header only, so that bodies stay
//! the same byte for byte.

use hyper::header::HeaderName;
use hyper::http::request::Parts;

pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The client's own id: 1 to 64 of letters, digits, `.`, `_` and `-`.
pub(super) fn of(parts: &Parts) -> Option<String> {
    let mut values = parts.headers.get_all(HEADER).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let text = value.to_str().ok()?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (matches!(text.len(), 1..=64) && text.bytes().all(fits)).then(|| text.to_owned())
}
