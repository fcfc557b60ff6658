//! What whoever verifies tokens fetches: the public keys (RFC 7517), and where everything is (RFC 8414).
//!
//! Both are answered from memory. The keys are never 429 or 503, also while the store is away: of several libraries, each
//! verification asks again once their set has run out.

use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH};
use hyper::http::request::Parts;
use hyper::{Response, StatusCode};
use serde::Serialize;

use super::answers::{Body, json};
use super::app::App;
use super::refusal::Refusal;
use crate::runtime::short_lived::KeySet;

pub(super) const KEYS: &str = "/.well-known/jwks.json";
pub(super) const PATH: &str = "/.well-known/oauth-authorization-server";

/// Less than the five minutes for which a key is published before it signs.
const KEPT: HeaderValue = HeaderValue::from_static("max-age=270");

pub(super) fn keys(app: &App, parts: &Parts) -> Result<Response<Body>, Refusal> {
    let set = app.callers()?.key_set().ok_or(Refusal::Unavailable("starting"))?;
    Ok(key_set(set, parts))
}

/// A set of keys for whoever may have it already (RFC 9110 §13.1.2).
pub(super) fn key_set(set: KeySet, parts: &Parts) -> Response<Body> {
    let asked = parts.headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let is_known = asked.flat_map(|list| list.split(',')).any(|tag| {
        let tag = tag.trim();
        tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == &*set.etag
    });
    let mut response = Response::new(Body::default());
    let headers = response.headers_mut();
    // One without keys has none yet: the first one signs at once.
    headers.insert(CACHE_CONTROL, if set.is_empty { HeaderValue::from_static("no-cache") } else { KEPT });
    if let Ok(etag) = HeaderValue::try_from(&*set.etag) {
        headers.insert(ETAG, etag);
    }
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        *response.body_mut() = Body::new(set.json);
    }
    response
}

/// Members that would be empty are left out, but for the one that must stand there.
#[derive(Serialize)]
struct Metadata<'a> {
    issuer: &'a str,
    jwks_uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_endpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revocation_endpoint: Option<String>,
    response_types_supported: [&'a str; 0],
    grant_types_supported: &'a [&'a str],
    token_endpoint_auth_methods_supported: &'a [&'a str],
    #[serde(skip_serializing_if = "Option::is_none")]
    revocation_endpoint_auth_methods_supported: Option<[&'a str; 1]>,
}

/// `rest` is the path behind [`PATH`], which is the issuer's own (RFC 8414 §3.1).
pub(super) fn metadata(app: &App, rest: &str) -> Result<Response<Body>, Refusal> {
    const MISSING: Refusal = Refusal::Request { status: 404, why: "the store has no issuer" };
    let table = app.callers()?.table();
    let issuer = table.issuer().ok_or(MISSING)?.as_str();
    let base = issuer.trim_end_matches('/');
    let host = base.find("://").map_or(0, |at| at + 3);
    let path = base[host..].find('/').map_or("", |at| &base[host + at..]);
    if rest.trim_end_matches('/') != path {
        return Err(MISSING);
    }
    let below = |path: &str| format!("{base}{path}");
    let (has_tokens, revokes) = (app.issues(), app.revokes());
    Ok(json(
        StatusCode::OK,
        &Metadata {
            issuer,
            jwks_uri: below(KEYS),
            token_endpoint: has_tokens.then(|| below("/token")),
            revocation_endpoint: revokes.then(|| below("/revoke")),
            response_types_supported: [],
            grant_types_supported: if has_tokens { &super::token::GRANTS } else { &[] },
            token_endpoint_auth_methods_supported: if has_tokens {
                &["client_secret_basic", "client_secret_post", "none"]
            } else {
                &[]
            },
            revocation_endpoint_auth_methods_supported: revokes.then_some(["none"]),
        },
    ))
}
