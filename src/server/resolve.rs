//! `POST /resolve`: the provider's secret that a token leads to, for a service that may not read the store itself.
//!
//! Off unless it is switched on, and then only where nobody can read along: over TLS or a Unix socket. The service
//! presents a key of its own with `keyctl:resolve`, and in the body the token of its client.

use std::sync::Arc;

use hyper::http::request::Parts;
use hyper::{Response, StatusCode};
use serde::Serialize;

use super::answers::{Body, json};
use super::app::{self, App};
use super::broker::{MIN_VALID, Wish};
use super::canaries::At;
use super::credential::{self, bad};
use super::door::Door;
use super::lease::{disclosed, named};
use super::refusal::Refusal;
use crate::domain::keys::scope::Scope;
use crate::domain::keys::verdict::Asked;
use crate::domain::secrets::secret::{Provider, SecretValue};
use crate::domain::texts::strict_json::Json;
use crate::domain::time::Timestamp;
use crate::ops::secrets::hand_out::Handed;
use crate::runtime::serving::Caller;

const WANTED: &str = "keyctl:resolve";

#[derive(Serialize)]
struct Resolved<'a> {
    provider: &'a str,
    value: &'a str,
    /// How a token that was got stands in a request to the provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    present: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
}

const PATH: &[u8] = b"/resolve";

pub(super) async fn resolve(
    app: &App,
    door: Door,
    parts: &Parts,
    body: &[u8],
    seen: &mut Option<Caller>,
) -> Result<Response<Body>, Refusal> {
    if !door.private {
        return Err(Refusal::Policy("not_private"));
    }
    let service = &*seen.insert(
        app.presented(credential::token(&parts.headers)?, At { address: door.peer, path: PATH }).await?,
    );
    let asked = Asked { scope: WANTED.parse::<Scope>().ok(), owner: None, address: door.peer };
    let judged = service.judge(&asked, app.counts_uses());
    let granted = judged.map_err(|reason| Refusal::Denied { reason, needs: asked.scope.clone() })?;
    let body = Json::parse(body).ok_or(bad("the body is no JSON object that can be read in one way only"))?;
    let (Some(Json::Text(token)), Some(Json::Text(provider))) = (body.get("api_key"), body.get("provider"))
    else {
        return Err(bad("the body names api_key and provider, both texts"));
    };
    let provider: Provider = provider.parse().map_err(|_| bad("provider is no provider's name"))?;
    if !app.uses.are_kept().await {
        // Who got which secret is always written down.
        return Err(Refusal::Unavailable("not_recorded"));
    }
    let presented = app.presented(token, At { address: None, path: PATH }).await?;
    let used = presented.judge(&Asked::default(), app.counts_uses());
    let used = used.map_err(|reason| Refusal::Denied { reason, needs: None }.of_client())?;
    let wish = Wish {
        key: used.key_id,
        asked_by: granted.key_id,
        who: named(used),
        provider,
        min_valid: MIN_VALID,
        lease: None,
    };
    let secret = app.secret(token, &wish).await?;
    app.spend(service, granted, 1).await?;
    app.admit(&presented, used).await.map_err(Refusal::of_client)?;
    let (shown, handed_out) = match &secret {
        app::Resolved::Kept(kept) => (shown(&wish, &kept.value, None), kept.handed_out),
        app::Resolved::Got(handed) => (shown(&wish, &handed.value, Some(handed)), disclosed(handed, &wish)),
    };
    app.uses.disclosed(handed_out, granted.key_id);
    app.answered(&presented, true, None);
    Ok(json(StatusCode::OK, &shown))
}

fn shown<'a>(wish: &'a Wish, value: &'a SecretValue, got: Option<&Arc<Handed>>) -> Resolved<'a> {
    Resolved {
        provider: wish.provider.as_str(),
        value: value.expose(),
        present: got.map(|handed| handed.present.as_str()),
        expires_at: got.and_then(|handed| handed.expires_at),
    }
}
