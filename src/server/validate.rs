//! `POST /validate`: what Llama Stack and OGX ask for every request (`provider_config: {type: custom}`).
//!
//! The body holds the token as `api_key`, and of the request what the server left in it: cookies among it, which are
//! neither looked at nor logged. The HTTP method is not in it, nor an address that can be trusted, so a key with
//! networks is denied.

use hyper::{Response, StatusCode};
use serde::Serialize;

use super::answers::{Body, json};
use super::app::App;
use super::canaries::At;
use super::credential::bad;
use super::refusal::Refusal;
use crate::domain::keys::verdict::Asked;
use crate::domain::texts::strict_json::Json;
use crate::runtime::serving::Caller;

/// Whoever asks does so from an address of his own.
const AT: At<'_> = At { address: None, path: b"/validate" };

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
    scopes: Vec<String>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    roles: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    teams: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    projects: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    namespaces: Vec<&'a str>,
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
    let caller = &*seen.insert(app.presented(&token(body)?, AT).await?);
    let judged = caller.judge(&Asked::default(), app.counts_uses());
    let grant = judged.map_err(|reason| Refusal::Denied { reason, needs: None })?;
    if !app.takes(caller, None) {
        return Err(Refusal::OF_ANOTHER);
    }
    // What can fail comes before what is counted.
    let roles = app.roles(caller).await?;
    app.admit(caller, grant).await?;
    let named = |name: &Option<String>| {
        let labels = &caller.limits()?.labels;
        labels.get(name.as_deref()?)
    };
    let list = |name| named(name).map(parts).unwrap_or_default();
    let wanted = app.labels();
    let allowed = Allowed {
        principal: grant.principal.as_str(),
        attributes: Attributes {
            scopes: app.effective_scopes(grant),
            roles: &roles,
            teams: list(&wanted.teams),
            projects: list(&wanted.projects),
            namespaces: list(&wanted.namespaces),
        },
        tenant_id: named(&wanted.tenant_id).filter(|id| is_tenant(id)),
        message: "allowed",
    };
    Ok(json(StatusCode::OK, &allowed))
}

/// What a label lists: an empty text would be a team that nobody named.
fn parts(value: &str) -> Vec<&str> {
    value.split(',').map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// What OGX takes for one; another would be an error of its own, and no tenant is no access.
fn is_tenant(id: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    id.len() <= 128
        && id.bytes().next().is_some_and(fits)
        && id.bytes().all(|byte| fits(byte) || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_a_text_that_stands_there_once() {
        assert_eq!(token(br#"{"api_key":"a","request":{"headers":{}}}"#).as_deref(), Ok("a"));
        for body in [&br#"{"api_key":["a"]}"#[..], br#"{"api_key":null}"#, br"{}", br#"["a"]"#, b"a"] {
            assert!(matches!(token(body), Err(Refusal::Request { status: 400, .. })), "{body:?}");
        }
    }

    #[test]
    fn a_label_lists_names_and_nothing_empty() {
        assert_eq!(parts("search, ranking,,web "), ["search", "ranking", "web"]);
        assert!(parts("").is_empty() && parts(" , ").is_empty());
    }

    #[test]
    fn a_tenant_is_as_ogx_takes_it() {
        for id in ["a", "team-7", "0_x"] {
            assert!(is_tenant(id), "{id}");
        }
        for id in ["", "A", "-a", "a b", "a.b", &"a".repeat(129)] {
            assert!(!is_tenant(id), "{id}");
        }
    }
}
