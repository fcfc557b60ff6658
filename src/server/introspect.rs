//! `POST /introspect`: token introspection (RFC 7662), for resource servers of OAuth.
//!
//! Whoever asks presents a key with `keyctl:introspect`: by HTTP Basic, raw or form-encoded (RFC 6749 §2.3.1;
//! clients do either), in the body, or as a Bearer token. It answers 200 as long as it can, since clients make
//! of any other status "clear your tokens".

use hyper::http::request::Parts;
use hyper::{Response, StatusCode};
use serde::Serialize;

use super::answers::{Body, json};
use super::app::App;
use super::canaries::At;
use super::client::{Client, authorization, decoded, of_basic};
use super::credential::{self, X_API_KEY, bad};
use super::door::Door;
use super::form::Form;
use super::refusal::Refusal;
use crate::domain::keys::scope::Scope;
use crate::domain::keys::verdict::{Asked, Grant, Reason};
use crate::runtime::serving::Caller;

const WANTED: &str = "keyctl:introspect";

/// An active token (RFC 7662 §2.2). Times are whole seconds since 1970.
#[derive(Serialize)]
struct Introspected<'a> {
    #[serde(rename = "active")]
    is_active: bool,
    sub: &'a str,
    client_id: String,
    scope: String,
    token_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    /// For whom a short-lived token is; a key is for nobody in particular.
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<Aud<'a>>,
}

/// One text where there is one (RFC 7519 §4.1.3).
#[derive(Serialize)]
#[serde(untagged)]
enum Aud<'a> {
    One(&'a str),
    Many(&'a [Box<str>]),
}

impl<'a> Aud<'a> {
    fn of(said: &'a [Box<str>]) -> Option<Self> {
        match said {
            [] => None,
            [one] => Some(Self::One(one)),
            many => Some(Self::Many(many)),
        }
    }
}

const PATH: &[u8] = b"/introspect";

/// An inactive one: nothing else is said.
#[derive(Serialize)]
struct NothingKnown {
    #[serde(rename = "active")]
    is_active: bool,
}

pub(super) async fn introspect(
    app: &App,
    door: Door,
    parts: &Parts,
    body: &[u8],
    seen: &mut Option<Caller>,
) -> Result<Response<Body>, Refusal> {
    let form = Form::parse(parts, body, &[])?;
    let Some(token) = form.get("token") else {
        return Err(failure(400, "invalid_request"));
    };
    let asked = Asked { scope: WANTED.parse::<Scope>().ok(), owner: None, address: door.peer };
    for client in clients(parts, &form)? {
        let caller =
            &*seen.insert(app.presented(&client.secret, At { address: door.peer, path: PATH }).await?);
        match caller.judge(&asked, app.counts_uses()) {
            Ok(grant) if client.names(grant) => {
                app.spend(caller, grant, 1).await?;
                return answer(app, token).await;
            }
            Err(Reason::Scope) => return Err(failure(403, "insufficient_scope")),
            _ => {}
        }
    }
    Err(failure(401, "invalid_client"))
}

async fn answer(app: &App, token: &str) -> Result<Response<Body>, Refusal> {
    let caller = app.presented(token, At { address: None, path: PATH }).await?;
    let active = active(app, &caller).await?;
    // Where it is used is not known: whoever asks does so from an address of his own.
    app.answered(&caller, active.is_some(), None);
    let Some(grant) = active else {
        return Ok(json(StatusCode::OK, &NothingKnown { is_active: false }));
    };
    Ok(json(
        StatusCode::OK,
        &Introspected {
            is_active: true,
            sub: grant.principal.as_str(),
            client_id: grant.key_id.to_string(),
            scope: app.effective_scopes(grant).join(" "),
            token_type: "Bearer",
            exp: grant.expires_at.map(|end| end.as_millis().div_euclid(1000)),
            aud: caller.is_for().and_then(|is_for| Aud::of(&is_for.said)),
        },
    ))
}

/// What a token that is good gives.
async fn active<'c>(app: &App, caller: &'c Caller) -> Result<Option<&'c Grant>, Refusal> {
    let Ok(grant) = caller.judge(&Asked::default(), app.counts_uses()) else { return Ok(None) };
    // To be asked about spends nothing: whoever asks may ask twice about one request.
    match app.spend(caller, grant, 0).await {
        Ok(()) => Ok(Some(grant)),
        Err(Refusal::Unavailable(fault)) => Err(Refusal::Unavailable(fault)),
        Err(_) => Ok(None),
    }
}

/// What is presented, in the ways in which it may be meant: never more than one place (RFC 6749 §2.3).
fn clients<'a>(parts: &'a Parts, form: &'a Form) -> Result<Vec<Client<'a>>, Refusal> {
    let header = authorization(parts)?;
    let basic = header.and_then(of_basic);
    let in_body = form.get("client_secret");
    let is_beside_a_key = parts.headers.contains_key(X_API_KEY) && (basic.is_some() || in_body.is_some());
    match (basic, in_body, header) {
        (_, Some(_), Some(_)) | (Some(_), Some(_), None) => {
            Err(bad("the client's credentials are in the header and in the body: send them once"))
        }
        _ if is_beside_a_key => {
            Err(bad("the client's credentials are in X-API-Key and in another place: send them once"))
        }
        (Some(encoded), None, _) => Ok(decoded(encoded)),
        (None, Some(secret), None) => {
            Ok(vec![Client { id: form.get("client_id").map(str::to_owned), secret: secret.into() }])
        }
        (None, None, _) => match credential::token(&parts.headers) {
            Ok(token) => Ok(vec![Client { id: None, secret: token.into() }]),
            Err(Refusal::NoCredential) => Ok(Vec::new()),
            Err(refusal) => Err(refusal),
        },
    }
}

const fn failure(status: u16, error: &'static str) -> Refusal {
    Refusal::Client { status, error }
}
