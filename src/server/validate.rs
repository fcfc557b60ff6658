//! `POST /validate`: what Llama Stack and OGX ask for every request (`provider_config: {type: custom}`).
//!
//! The body holds the token as `api_key`, and of the request what the server left in it: cookies among it, which are
//! neither looked at nor logged. The HTTP method is not in it, nor an address that can be trusted, so a key with
//! networks is denied.

use hyper::{Response, StatusCode};
use serde::Serialize;

use super::answers::{Body, json};
use super::app::App;
use super::credential::bad;
use super::refusal::Refusal;
use super::strict_json::Json;
use crate::domain::keys::verdict::Asked;
use crate::runtime::Caller;

/// The answer: of each attribute a list of texts, or nothing.
#[derive(Serialize)]
struct Allowed<'a> {
    principal: &'a str,
    attributes: Attributes<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant_id: Option<&'a str>,
    message: &'a str,
}

#[derive(Serialize)]
struct Attributes<'a> {
    scopes: Vec<&'a str>,
}

/// The token of a body.
fn token(body: &[u8]) -> Result<String, Refusal> {
    let json = Json::parse(body).ok_or(bad("the body is no JSON object that can be read in one way only"))?;
    match json.get("api_key") {
        Some(Json::Text(token)) => Ok(token.clone()),
        Some(_) => Err(bad("api_key is not a text")),
        None => Err(bad("the body has no api_key")),
    }
}

pub(super) async fn validate(
    app: &App,
    body: &[u8],
    seen: &mut Option<Caller>,
) -> Result<Response<Body>, Refusal> {
    let caller = &*seen.insert(app.caller(&token(body)?).await?);
    let judged = caller.judge(&Asked::default(), app.counts_uses());
    let grant = judged.map_err(|reason| Refusal::Denied { reason, needs: None })?;
    let allowed = Allowed {
        principal: grant.principal.as_str(),
        attributes: Attributes { scopes: app.effective_scopes(grant) },
        tenant_id: None,
        message: "allowed",
    };
    Ok(json(StatusCode::OK, &allowed))
}
