//! `POST /resolve`: the provider's secret that a token leads to, for a service that may not read the store itself.
//!
//! Off unless it is switched on, and then only where nobody can read along: over TLS or a Unix socket. The service
//! presents a key of its own with `keyctl:resolve`, and in the body the token of its client.

use hyper::http::request::Parts;
use hyper::{Response, StatusCode};
use serde::Serialize;

use super::answers::{Body, json};
use super::app::App;
use super::credential::{self, bad};
use super::door::Door;
use super::refusal::Refusal;
use crate::domain::keys::scope::Scope;
use crate::domain::keys::verdict::Asked;
use crate::domain::secrets::secret::Provider;
use crate::domain::texts::strict_json::Json;
use crate::runtime::serving::Caller;

const WANTED: &str = "keyctl:resolve";

#[derive(Serialize)]
struct Resolved<'a> {
    provider: &'a str,
    value: &'a str,
}

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
    let service = &*seen.insert(app.caller(credential::token(&parts.headers)?).await?);
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
    let presented = app.caller(token).await?;
    let used = presented.judge(&Asked::default(), app.counts_uses());
    let used = used.map_err(|reason| Refusal::Denied { reason, needs: None })?;
    let (value, handed_out) = app.secret(token, &provider).await?;
    app.spend(service, granted, 1).await?;
    app.admit(&presented, used).await?;
    app.uses.disclosed(handed_out, granted.key_id);
    app.answered(&presented, true, None);
    Ok(json(StatusCode::OK, &Resolved { provider: provider.as_str(), value: value.expose() }))
}
