//! Who was let in, as gateways hand it to what stands behind them.

use std::ops::Range;

use bytes::Bytes;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use memchr::memchr_iter;

use super::answers::Body;
use crate::domain::keys::scope::Scope;
use crate::domain::keys::verdict::Grant;
use crate::runtime::serving::Caller;

/// The subject of the key's owner.
const OWNER: HeaderName = HeaderName::from_static("x-keyctl-owner");
/// The key's id.
const KEY: HeaderName = HeaderName::from_static("x-keyctl-key");
/// What was granted to it, each scope behind a blank.
const SCOPES: HeaderName = HeaderName::from_static("x-keyctl-scopes");
/// `key`, or `jwt` of a short-lived token of it.
const TYPE: HeaderName = HeaderName::from_static("x-keyctl-type");
/// Why it would have been refused; empty if it would not.
const WOULD_DENY: HeaderName = HeaderName::from_static("x-keyctl-would-deny");

/// Bytes that all values together may have: gateways bound an answer's head.
pub(super) const LARGEST: usize = 2048;

const EMPTY: HeaderValue = HeaderValue::from_static("");

/// The values of the identity headers. Each of them stands in every answer that lets a request pass, once:
/// a gateway may keep the client's own in place of one that is missing.
pub(super) struct Identity {
    owner: HeaderValue,
    key: HeaderValue,
    scopes: HeaderValue,
    kind: HeaderValue,
}

impl Identity {
    /// Of nobody.
    pub(super) const NOBODY: Self = Self { owner: EMPTY, key: EMPTY, scopes: EMPTY, kind: EMPTY };

    /// Of whoever presents a token; `None` where it does not fit.
    pub(super) fn of(caller: &Caller) -> Option<Self> {
        let rendered = caller.rendered(render)?;
        (rendered.len() <= LARGEST).then_some(())?;
        let mut ends = memchr_iter(b'\n', rendered);
        let (owner, key) = (ends.next()?, ends.next()?);
        let value = |part: Range<usize>| HeaderValue::from_maybe_shared(rendered.slice(part)).ok();
        Some(Self {
            owner: value(0..owner)?,
            key: value(owner + 1..key)?,
            scopes: value(key + 1..rendered.len())?,
            kind: HeaderValue::from_static(if caller.is_short_lived() { "jwt" } else { "key" }),
        })
    }

    /// The answer that lets a request pass: 200, since Envoy takes a 204 for the answer to the client.
    pub(super) fn answer(self, would_deny: Option<&'static str>) -> Response<Body> {
        let mut response = Response::new(Body::default());
        *response.status_mut() = StatusCode::OK;
        let headers = response.headers_mut();
        headers.reserve(5);
        headers.insert(OWNER, self.owner);
        headers.insert(KEY, self.key);
        headers.insert(SCOPES, self.scopes);
        headers.insert(TYPE, self.kind);
        headers.insert(WOULD_DENY, would_deny.map_or(EMPTY, HeaderValue::from_static));
        response
    }
}

/// The values, each on a line of its own: none of them can hold the end of one.
fn render(grant: &Grant) -> Bytes {
    let scopes: Vec<&str> = grant.scopes.iter().map(Scope::as_str).collect();
    let text = format!("{}\n{}\n{}", grant.principal.as_str(), grant.key_id, scopes.join(" "));
    text.into_bytes().into()
}
