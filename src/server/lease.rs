//! `POST /lease`: the token of a credential, or one that is got by a federation, just before it is used.
//!
//! The service presents a key of its own with `keyctl:lease`; what counts is what that key is bound to, or the key of the
//! client's token in `api_key`. Where getting a new token would end the one before, the answer has a lease, which is held
//! for longer by `POST /lease/renew` and given up by `POST /lease/release`. Only where nobody can read along: over TLS or a
//! Unix socket.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::http::request::Parts;
use hyper::{Response, StatusCode};
use serde::Serialize;

use super::answers::{Body, json};
use super::app::App;
use super::broker::{HandedOut, LONGEST_WAIT, MIN_VALID, Wish};
use super::canaries::At;
use super::credential::{self, bad};
use super::door::Door;
use super::refusal::Refusal;
use crate::domain::credentials::lease::{HolderToken, Lease, LeaseId, is_length};
use crate::domain::keys::scope::Scope;
use crate::domain::keys::verdict::{Asked, Grant};
use crate::domain::secrets::secret::{Provider, SecretName};
use crate::domain::texts::strict_json::Json;
use crate::domain::time::{Span, Timestamp};
use crate::ops::secrets::hand_out::Handed;
use crate::runtime::serving::{Caller, HandedOut as Disclosed};

const WANTED: &str = "keyctl:lease";

/// How long a lease is held where nobody says.
const MOST: Span = Span::seconds(600);

/// How long others are waited for where nobody says, in seconds.
const WAIT: i64 = 15;

#[derive(Serialize)]
pub(super) struct Answer<'a> {
    pub(super) provider: &'a Provider,
    pub(super) credential: &'a SecretName,
    pub(super) version: u64,
    pub(super) access_token: &'a str,
    pub(super) present: &'static str,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) lease: Option<Held<'a>>,
}

/// A lease, and what its holder shows.
#[derive(Serialize)]
pub(super) struct Held<'a> {
    id: LeaseId,
    fence: u64,
    expires_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    holder_token: Option<&'a str>,
}

impl<'a> Held<'a> {
    pub(super) fn of(lease: &Lease, token: Option<&'a HolderToken>) -> Self {
        let holder_token = token.map(HolderToken::expose);
        Self { id: lease.id, fence: lease.fence, expires_at: lease.expires_at, holder_token }
    }
}

#[derive(Serialize)]
pub(super) struct Renewed<'a> {
    pub(super) lease: Held<'a>,
}

#[derive(Serialize)]
pub(super) struct Released {
    pub(super) released: LeaseId,
}

/// Who asks, and what for.
pub(super) struct Request<'r> {
    pub(super) door: Door,
    pub(super) parts: &'r Parts,
    pub(super) body: &'r [u8],
}

impl Request<'_> {
    fn at(&self, address: Option<IpAddr>) -> At<'_> {
        At { address, path: self.parts.uri.path().as_bytes() }
    }
}

pub(super) async fn lease(
    app: &App,
    request: &Request<'_>,
    seen: &mut Option<Caller>,
) -> Result<Response<Body>, Refusal> {
    let (service, granted) = service(app, request, seen).await?;
    let body = object(request.body)?;
    let provider: Provider = text(&body, "provider")?
        .ok_or(bad("the body names provider, a text"))?
        .parse()
        .map_err(|_| bad("provider is no provider's name"))?;
    let (most, min_valid) = (held_for(&body, MOST)?, span(&body, "min_valid")?.unwrap_or(MIN_VALID));
    let within = waited_for(&body)?;
    if !app.uses.are_kept().await {
        // Who got which token is always written down.
        return Err(Refusal::Unavailable("not_recorded"));
    }
    let client = match text(&body, "api_key")? {
        None => None,
        Some(token) => Some(app.presented(token, request.at(None)).await?),
    };
    let presented = client.as_ref().unwrap_or(&service);
    let used = match &client {
        None => Arc::clone(&granted),
        Some(client) => {
            let judged = client.judge(&Asked::default(), app.counts_uses());
            Arc::clone(judged.map_err(|reason| Refusal::Denied { reason, needs: None }.of_client())?)
        }
    };
    let wish = Wish {
        key: used.key_id,
        asked_by: granted.key_id,
        who: named(&used),
        provider,
        min_valid,
        lease: Some(most),
    };
    // Who has nothing left takes nothing.
    let of_client = |refusal: Refusal| if client.is_some() { refusal.of_client() } else { refusal };
    app.spend(&service, &granted, 0).await?;
    app.spend(presented, &used, 0).await.map_err(of_client)?;
    let handed = app.handed_out(&wish, within).await?;
    let charged = async {
        app.spend(&service, &granted, 1).await?;
        if client.is_some() { app.admit(presented, &used).await.map_err(of_client) } else { Ok(()) }
    };
    if let Err(refusal) = charged.await {
        app.give_back(&wish, handed).await;
        return Err(refusal);
    }
    if client.is_some() {
        app.answered(presented, true, None);
    }
    Ok(answer(app, &wish, &handed))
}

fn answer(app: &App, wish: &Wish, handed: &HandedOut) -> Response<Body> {
    match handed {
        HandedOut::Token(handed) => {
            app.uses.disclosed(disclosed(handed, wish), wish.asked_by);
            json(StatusCode::OK, &shown(wish, handed, None))
        }
        HandedOut::Leased(leased) => {
            let held = Held::of(&leased.lease, Some(&leased.token));
            json(StatusCode::OK, &shown(wish, &leased.handed, Some(held)))
        }
    }
}

pub(super) fn disclosed(handed: &Handed, wish: &Wish) -> Disclosed {
    let version = i64::try_from(handed.version).unwrap_or(i64::MAX);
    Disclosed { secret: handed.secret, version, key: wish.key }
}

fn shown<'a>(wish: &'a Wish, handed: &'a Handed, lease: Option<Held<'a>>) -> Answer<'a> {
    Answer {
        provider: &wish.provider,
        credential: &handed.name,
        version: handed.version,
        access_token: handed.value.expose(),
        present: handed.present.as_str(),
        expires_at: handed.expires_at,
        lease,
    }
}

/// As leases and records name it: owner and key.
pub(super) fn named(grant: &Grant) -> String {
    format!("{}/{}", grant.owner, grant.key_name)
}

/// Holds a lease for longer. The holder's token says which, and is what shows the right to it.
pub(super) async fn renew(
    app: &App,
    request: &Request<'_>,
    seen: &mut Option<Caller>,
) -> Result<Response<Body>, Refusal> {
    let (service, granted) = service(app, request, seen).await?;
    let body = object(request.body)?;
    let (token, most) = (holder(&body)?, held_for(&body, MOST)?);
    app.spend(&service, &granted, 1).await?;
    let leases = app.broker()?.renew(token, most).await?;
    let lease = leases.first().ok_or(Refusal::NOT_HELD)?;
    Ok(json(StatusCode::OK, &Renewed { lease: Held::of(lease, None) }))
}

/// Gives a lease up.
pub(super) async fn release(
    app: &App,
    request: &Request<'_>,
    seen: &mut Option<Caller>,
) -> Result<Response<Body>, Refusal> {
    let _ = service(app, request, seen).await?;
    let token = holder(&object(request.body)?)?;
    let released = token.id;
    app.broker()?.release(token).await?;
    Ok(json(StatusCode::OK, &Released { released }))
}

/// The service that asks, with `keyctl:lease`.
async fn service(
    app: &App,
    request: &Request<'_>,
    seen: &mut Option<Caller>,
) -> Result<(Caller, Arc<Grant>), Refusal> {
    if !request.door.private {
        return Err(Refusal::Policy("not_private"));
    }
    let at = request.at(request.door.peer);
    let service = app.presented(credential::token(&request.parts.headers)?, at).await?;
    let service = &*seen.insert(service);
    let asked = Asked { scope: WANTED.parse::<Scope>().ok(), owner: None, address: request.door.peer };
    let judged = service.judge(&asked, app.counts_uses());
    let granted = judged.map_err(|reason| Refusal::Denied { reason, needs: asked.scope.clone() })?;
    Ok((service.clone(), Arc::clone(granted)))
}

pub(super) fn object(body: &[u8]) -> Result<Json, Refusal> {
    let body = Json::parse(body).filter(|body| matches!(body, Json::Object(_)));
    body.ok_or(bad("the body is no JSON object that can be read in one way only"))
}

pub(super) fn text<'b>(body: &'b Json, name: &str) -> Result<Option<&'b str>, Refusal> {
    match body.get(name) {
        None => Ok(None),
        Some(Json::Text(text)) => Ok(Some(text)),
        Some(_) => Err(bad("provider, api_key and holder_token are texts")),
    }
}

/// Whole seconds.
pub(super) fn span(body: &Json, name: &str) -> Result<Option<Span>, Refusal> {
    let wrong = bad("for, wait and min_valid are whole seconds");
    match body.get(name) {
        None => Ok(None),
        Some(Json::Integer(seconds)) => Span::from_secs(*seconds).map(Some).ok_or(wrong),
        Some(_) => Err(wrong),
    }
}

/// How long a lease is to be held.
pub(super) fn held_for(body: &Json, usual: Span) -> Result<Span, Refusal> {
    let most = span(body, "for")?.unwrap_or(usual);
    if is_length(most) { Ok(most) } else { Err(Refusal::LEASE_LENGTH) }
}

/// How long others are waited for.
pub(super) fn waited_for(body: &Json) -> Result<Duration, Refusal> {
    let seconds = span(body, "wait")?.map_or(WAIT, Span::as_secs).unsigned_abs();
    Ok(Duration::from_secs(seconds).min(LONGEST_WAIT))
}

/// A text that is no holder's token shows nothing, as one of nobody's does.
pub(super) fn holder(body: &Json) -> Result<HolderToken, Refusal> {
    let text = text(body, "holder_token")?.ok_or(bad("the body names holder_token, a text"))?;
    HolderToken::parse(text).ok_or(Refusal::NOT_HELD)
}
