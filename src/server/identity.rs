//! Who was let in, as gateways hand it to what stands behind them.

use bytes::Bytes;
use hyper::Response;
use hyper::header::{CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue};

use super::answers::Body;
use crate::domain::keys::scope::Scope;
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

/// Bytes that the owner, the key and the scopes may have together: gateways bound an answer's head.
pub(super) const LARGEST: usize = 2048;

const EMPTY: HeaderValue = HeaderValue::from_static("");

/// The identity headers. Each of them stands in every answer that lets a request pass, once: a gateway may keep the
/// client's own in place of one that is missing.
#[derive(Clone)]
pub(super) struct Identity(HeaderMap);

impl Identity {
    /// Of nobody, who would have been refused for this.
    pub(super) fn of_nobody(would_deny: &'static str) -> Self {
        Self::made([EMPTY, EMPTY, EMPTY, EMPTY, HeaderValue::from_static(would_deny)])
    }

    /// Of whoever presents a token; `None` where it does not fit.
    pub(super) fn of(caller: &Caller) -> Option<Self> {
        let grant = caller.grant()?;
        let kind = if caller.is_short_lived() { "jwt" } else { "key" };
        let scopes: Vec<&str> = grant.scopes.iter().map(Scope::as_str).collect();
        let (key, scopes) = (grant.key_id.to_string(), scopes.join(" "));
        let values = [grant.principal.as_str(), &key, &scopes];
        let text = Bytes::from(values.concat());
        (text.len() <= LARGEST).then_some(())?;
        // Parts of one text: a copy of each costs less.
        let mut start = 0;
        let [owner, key, scopes] = values.map(|value| {
            let part = text.slice(start..start + value.len());
            start += value.len();
            HeaderValue::from_maybe_shared(part).ok()
        });
        Some(Self::made([owner?, key?, scopes?, HeaderValue::from_static(kind), EMPTY]))
    }

    fn made(values: [HeaderValue; 5]) -> Self {
        Self([OWNER, KEY, SCOPES, TYPE, WOULD_DENY].into_iter().zip(values).collect())
    }

    /// With the upstream's own key, or none for whom there is none: whoever gets the answer keeps it nowhere.
    pub(super) fn with_upstream_key(mut self, header: HeaderName, value: Option<HeaderValue>) -> Self {
        self.0.insert(header, value.unwrap_or(EMPTY));
        self.0.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        self
    }

    /// The answer that lets a request pass: 200, since Envoy takes a 204 for the answer to the client.
    pub(super) fn answer(self) -> Response<Body> {
        let mut response = Response::new(Body::default());
        *response.headers_mut() = self.0;
        response
    }
}
