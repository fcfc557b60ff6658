//! What GitHub sends: webhooks, signed by a shared secret, and reports of its partner program, signed by a key of its own.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderName};
use hyper::http::request::Parts;
use hyper::{Response, StatusCode};
use serde::Deserialize;

use super::desk::{Desk, UNSIGNED};
use super::presented::take_in;
use super::taken;
use crate::config::serve::serve_file::LogLevel;
use crate::ops::leaks::intake::Source;
use crate::ops::leaks::senders::is_signed_by_secret;
use crate::server::answers::{Body, json};
use crate::server::credential::single;
use crate::server::log::Event;
use crate::server::refusal::Refusal;

const SIGNATURE_256: HeaderName = HeaderName::from_static("x-hub-signature-256");
const EVENT: HeaderName = HeaderName::from_static("x-github-event");
const KEY_ID: HeaderName = HeaderName::from_static("github-public-key-identifier");
const KEY_SIGNATURE: HeaderName = HeaderName::from_static("github-public-key-signature");

fn text<'p>(parts: &'p Parts, name: &HeaderName) -> Option<&'p str> {
    single(&parts.headers, name, "").ok().flatten().and_then(|value| value.to_str().ok())
}

/// To GitHub nothing is said about tokens.
fn accepted() -> Response<Body> {
    json(StatusCode::OK, &[(); 0])
}

/// What of a webhook says which alert it is about.
#[derive(Default, Deserialize)]
struct Hook {
    #[serde(default)]
    action: String,
    #[serde(default)]
    alert: Alert,
}

#[derive(Default, Deserialize)]
struct Alert {
    #[serde(default)]
    html_url: String,
}

/// A webhook of a repository or an organisation: its alerts tell where a secret stands, and not which it is.
pub(super) async fn alert(
    desk: &Arc<Desk>,
    parts: &Parts,
    client: Option<IpAddr>,
    body: Bytes,
) -> Result<Response<Body>, Refusal> {
    let signature = text(parts, &SIGNATURE_256).unwrap_or_default();
    let is_signed =
        desk.rules.secret.as_ref().is_some_and(|secret| is_signed_by_secret(secret, &body, signature));
    if !is_signed {
        return Err(UNSIGNED);
    }
    let kind = text(parts, &CONTENT_TYPE).unwrap_or_default();
    if !kind.starts_with("application/json") {
        return Err(Refusal::Request { status: 415, why: "choose application/json for the webhook" });
    }
    if text(parts, &EVENT) == Some("ping") {
        return Ok(accepted());
    }
    let hook: Hook = serde_json::from_slice(&body).unwrap_or_default();
    let url = hook.alert.html_url;
    let done = take_in(desk, Source::Alert, body, Some(url.clone()), (client, "/github/alerts")).await?;
    taken::note(desk, Source::Alert, &done);
    if done.repeated.is_none() && done.sighted.is_empty() && done.unknown == 0 {
        let message = format!(
            "an alert came without its token ({}): look at {url}, and put the token's file or repository to keyctl leaks scan --revoke",
            hook.action
        );
        let reason = Some(Source::Alert.as_str());
        desk.log.event(LogLevel::Warn, &Event { message: message.into(), reason, ..Event::default() });
    }
    Ok(accepted())
}

/// A report of the partner program, which has each token.
pub(super) async fn partner(
    desk: &Arc<Desk>,
    parts: &Parts,
    client: Option<IpAddr>,
    body: Bytes,
) -> Result<Response<Body>, Refusal> {
    let (Some(id), Some(signature)) = (text(parts, &KEY_ID), text(parts, &KEY_SIGNATURE)) else {
        return Err(UNSIGNED);
    };
    let (own, id, signature, signed) = (Arc::clone(desk), id.to_owned(), signature.to_owned(), body.clone());
    let is_signed = desk.look(move |_| Ok(own.is_by_partner(&id, &signed, &signature))).await?;
    if !is_signed {
        return Err(UNSIGNED);
    }
    let done = take_in(desk, Source::Partner, body, None, (client, "/github/partner")).await?;
    taken::note(desk, Source::Partner, &done);
    Ok(accepted())
}
