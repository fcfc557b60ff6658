//! `POST /revoke`: token revocation (RFC 7009). Whoever holds a token may end its key, and needs nothing else for it.
//!
//! It is answered with 200 whether there is such a token or not; else the key is to be taken for one that works
//! (RFC 7009 §2.2.1).

use std::net::IpAddr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use hyper::Response;
use hyper::header::{CACHE_CONTROL, HeaderValue};
use hyper::http::request::Parts;
use tokio::time::timeout;

use super::answers::Body;
use super::app::App;
use super::canaries::At;
use super::form::Form;
use super::log::Event;
use super::refusal::Refusal;
use crate::config::serve::serve_file::LogLevel;
use crate::domain::keys::key::Key;
use crate::domain::keys::presented::Presented;
use crate::domain::keys::verdict::Reason;
use crate::ops::keys::holder::Ended;

/// How long the change may take, and then how long until this server answers by it.
const CHANGED_WITHIN: Duration = Duration::from_secs(5);
const SEEN_WITHIN: Duration = Duration::from_secs(5);

pub(super) async fn revoke(
    app: &App,
    client: Option<IpAddr>,
    parts: &Parts,
    body: &[u8],
) -> Result<Response<Body>, Refusal> {
    let form = Form::parse(parts, body, &[])?;
    // What kind of token it is, `token_type_hint`, is seen at the token.
    let Some(token) = form.get("token").filter(|token| !token.is_empty()) else {
        return Err(Refusal::Client { status: 400, error: "invalid_request" });
    };
    let (callers, revocations) = app.revoking()?;
    let ended = match Presented::parse(token) {
        None => Ended::Unknown,
        Some(_) => revocations.end(token, callers.store(), reason(client), CHANGED_WITHIN).await?,
    };
    let outcome = match &ended {
        Ended::Unknown if is_jwt(token) => {
            return Err(Refusal::Client { status: 400, error: "unsupported_token_type" });
        }
        Ended::Unknown => {
            let unknown = Refusal::Denied { reason: Reason::Unknown, needs: None };
            match app.refused_token(unknown, token, client) {
                Refusal::Denied { .. } => "unknown",
                too_many => return Err(too_many),
            }
        }
        Ended::Dead { key: None, .. } => {
            // Whose it was is counted where it is a canary's; that it is dead is known without.
            let _ = app.presented(token, At { address: client, path: b"/revoke" }).await;
            "dead_before"
        }
        Ended::Dead { key: Some(key), .. } => {
            note(app, key, client);
            "revoked"
        }
    };
    app.metrics.ended(outcome);
    if let Ended::Dead { mark, .. } = ended
        && timeout(SEEN_WITHIN, callers.in_force(mark)).await.is_err()
    {
        return Err(Refusal::NotRevoked("not_in_force"));
    }
    let mut response = Response::new(Body::new(Bytes::new()));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// As it stands in the audit log and beside the key.
fn reason(client: Option<IpAddr>) -> String {
    let from = client.map_or(String::new(), |client| format!(", from {client}"));
    format!("by whoever holds the token, over HTTP{from}")
}

fn note(app: &App, key: &Key, client: Option<IpAddr>) {
    app.log.event(
        LogLevel::Info,
        &Event {
            message: "revoked at the wish of whoever holds the token".into(),
            route: Some("revoke"),
            owner: Some(key.owner.as_str()),
            key: Some(key.id.to_string()),
            client: client.map(|client| client.to_string()),
            ..Event::default()
        },
    );
}

/// A signed token of JWT's compact form (RFC 7519 §3.1), which no store knows and nothing here can end.
fn is_jwt(token: &str) -> bool {
    let parts: Vec<&str> = token.split('.').collect();
    let [header, _, _] = parts[..] else { return false };
    let header = URL_SAFE_NO_PAD.decode(header).ok();
    header
        .and_then(|header| serde_json::from_slice::<serde_json::Value>(&header).ok())
        .is_some_and(|header| header.get("alg").is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jwt_is_seen_at_its_header() {
        let jwt = |header: &str| format!("{}.e30.c2ln", URL_SAFE_NO_PAD.encode(header));
        assert!(is_jwt(&jwt(r#"{"alg":"ES256","typ":"JWT"}"#)));
        for token in
            [&jwt("{}"), &jwt("[]"), "a.b.c", "sks_a_b", "", "..", &(jwt(r#"{"alg":"x"}"#) + ".more")]
        {
            assert!(!is_jwt(token), "{token}");
        }
    }

    #[test]
    fn the_reason_names_the_address_where_it_is_known() {
        assert_eq!(reason(None), "by whoever holds the token, over HTTP");
        let reason = reason("192.0.2.7".parse().ok());
        assert_eq!(reason, "by whoever holds the token, over HTTP, from 192.0.2.7");
    }
}
