//! `POST /oauth/token`, `/oauth/revoke` and `/oauth/device_authorization`: what programs bring, and what they get for it (RFC 6749
//! §4.1.3, §6; RFC 7009; RFC 8628 §3.1, §3.4).
//!
//! None has a secret: who it is, PKCE and the refresh token show.

use std::net::IpAddr;

use hyper::body::Incoming;
use hyper::header::{HeaderValue, RETRY_AFTER};
use hyper::http::request::Parts;
use hyper::{Response, StatusCode};
use serde::Serialize;

use super::cors::for_all;
use super::issuing::{AtIssuer, Fetcher};
use crate::domain::keys::scope::Scope;
use crate::domain::mcp::address_group::AddressGroup;
use crate::domain::mcp::client::ClientRef;
use crate::domain::mcp::client_document::Grant;
use crate::domain::mcp::device::{DeviceCode, DeviceRequest};
use crate::domain::mcp::errors::OauthError::{
    self, InvalidClient, InvalidGrant, InvalidRequest, TemporarilyUnavailable, UnsupportedGrantType,
};
use crate::domain::mcp::pkce::Verifier;
use crate::domain::mcp::request;
use crate::domain::mcp::secrets::{AuthorizationCode, RefreshToken};
use crate::ops::portal::Refused;
use crate::ops::portal::clients::device::{Wanted, begin, poll};
use crate::ops::portal::clients::documents::Fault;
use crate::ops::portal::clients::redeem::{Proof, Redemption, redeem};
use crate::ops::portal::clients::refresh::refresh;
use crate::ops::portal::clients::revoke::revoke;
use crate::ops::portal::clients::tokens::{Brought, NoTokens, Tokens};
use crate::server::answers::{Body, json};
use crate::server::form::Form;
use crate::server::portal::links;
use crate::server::portal::site::{SIZES, Site};
use crate::server::portal::stop::{Stop, Why};
use crate::server::request::read;

#[derive(Serialize)]
struct Answer<'a> {
    access_token: &'a str,
    token_type: &'a str,
    expires_in: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    scope: String,
}

#[derive(Serialize)]
struct Failure<'a> {
    error: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_description: Option<&'a str>,
}

/// Seconds after which a place may be free: one who has gone gives way by then.
const FULL_FOR: u64 = 30;

/// Why a program is not answered with tokens.
#[derive(Debug)]
enum No {
    /// By its own fault; with the word for the log, and a text for whoever made it.
    Oauth(OauthError, &'static str, Option<&'static str>),
    /// Seconds until it may try again.
    TooMany(u64),
    /// So many devices wait that no other can: it is nobody's fault who asks.
    Full,
    Stop(Stop),
}

const fn no(error: OauthError, reason: &'static str, description: &'static str) -> No {
    No::Oauth(error, reason, Some(description))
}

impl No {
    fn response(&self) -> Response<Body> {
        let (status, error, description, why) = match self {
            Self::Oauth(error, reason, description) => {
                let status = if *error == InvalidClient { 401 } else { 400 };
                (status, *error, *description, Why { reason, fault: None })
            }
            Self::TooMany(_) => {
                (429, TemporarilyUnavailable, None, Why { reason: "too_many_attempts", fault: None })
            }
            Self::Full => {
                (503, TemporarilyUnavailable, None, Why { reason: "too_many_devices", fault: None })
            }
            Self::Stop(stop) => {
                let status = stop.status();
                let error = if status == 503 { TemporarilyUnavailable } else { InvalidRequest };
                (status, error, None, Why { reason: stop.reason(), fault: stop.fault() })
            }
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
        let failure = Failure { error: error.as_str(), error_description: description };
        let mut response = for_all(json(status, &failure));
        let after = match self {
            Self::TooMany(seconds) => Some(*seconds),
            Self::Full => Some(FULL_FOR),
            Self::Stop(stop) => stop.retry_after(),
            Self::Oauth(..) => None,
        };
        if let Some(seconds) = after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(why);
        response
    }
}

impl From<Stop> for No {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

/// What a program asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::server::portal) enum Wants {
    Tokens,
    TheirEnd,
    /// Those of a device.
    Codes,
}

const DEVICE_CODE: &str = Grant::DeviceCode.as_str();

pub(in crate::server::portal) async fn answer(
    site: &Site,
    at: &AtIssuer,
    wants: Wants,
    client: Option<IpAddr>,
    parts: &Parts,
    body: Incoming,
) -> Response<Body> {
    match answered(site, at, wants, client, parts, body).await {
        Ok(response) => for_all(response),
        Err(no) => no.response(),
    }
}

async fn answered(
    site: &Site,
    at: &AtIssuer,
    wants: Wants,
    client: Option<IpAddr>,
    parts: &Parts,
    body: Incoming,
) -> Result<Response<Body>, No> {
    if let Some(seconds) = site.client_attempts.wait(client, site.seconds()) {
        return Err(No::TooMany(seconds));
    }
    let body = read(SIZES, parts, body).await.map_err(|refusal| No::Stop(refusal.into()))?;
    let form = Form::parse(parts, &body, &["resource"]).map_err(|refusal| No::Stop(refusal.into()))?;
    let form = form.without_empty();
    let answered = match wants {
        Wants::Tokens => tokens(site, at, &form).await,
        Wants::TheirEnd => ended(site, &form).await,
        Wants::Codes => codes(site, at, client, &form).await,
    };
    if let Err(No::Oauth(error, ..)) = &answered
        && !matches!(error, OauthError::AuthorizationPending | OauthError::SlowDown)
    {
        // Each time counts, whatever was brought: what is bounded is the load.
        site.client_attempts.refused(client, "", true, site.seconds());
    }
    answered
}

fn client_of(form: &Form) -> Result<ClientRef, No> {
    if form.get("client_secret").is_some() {
        return Err(no(InvalidClient, "client_secret", "no client has a secret here"));
    }
    let id = form.get("client_id").ok_or(no(InvalidRequest, "no_client_id", "client_id is missing"))?;
    id.parse().map_err(|_| no(InvalidClient, "unknown_client", "there is no such client"))
}

fn brought(form: &Form) -> Result<Brought, No> {
    let client = client_of(form)?;
    let mut resources = form.all("resource").map(str::to_owned);
    let resource = match (resources.next(), resources.next()) {
        (_, Some(_)) => {
            return Err(no(OauthError::InvalidTarget, "resource_twice", "a token is for one resource"));
        }
        (one, None) => one,
    };
    let scopes = form.get("scope").map(request::scopes).transpose();
    let scopes = scopes.map_err(|unfit| No::Oauth(unfit.error, unfit.reason, Some(unfit.description)))?;
    Ok(Brought { client, resource, scopes })
}

async fn tokens(site: &Site, at: &AtIssuer, form: &Form) -> Result<Response<Body>, No> {
    let ring = std::sync::Arc::clone(&at.ring);
    let grant = form.get("grant_type").ok_or(no(InvalidRequest, "no_grant_type", "grant_type is missing"))?;
    let tokens = match grant {
        "authorization_code" => {
            let brought = brought(form)?;
            let code = form.get("code").ok_or(no(InvalidRequest, "no_code", "code is missing"))?;
            let code = AuthorizationCode::parse(code);
            let code = code.ok_or(no(InvalidGrant, "no_such_code", "the code is not good"))?;
            let verifier = form.get("code_verifier");
            let verifier = verifier.ok_or(no(InvalidRequest, "no_pkce", "code_verifier is missing"))?;
            let verifier = Verifier::parse(verifier);
            let verifier = verifier.ok_or(no(InvalidGrant, "pkce_malformed", "code_verifier is none"))?;
            let redirect_uri = form.get("redirect_uri").map(str::to_owned);
            let redemption = Redemption { code, proof: Proof { verifier, redirect_uri, brought } };
            site.run(move |env| told(redeem(env, &ring, &redemption))).await?
        }
        "refresh_token" => {
            let brought = brought(form)?;
            let token = form.get("refresh_token");
            let token = token.ok_or(no(InvalidRequest, "no_refresh_token", "refresh_token is missing"))?;
            let token = RefreshToken::parse(token);
            let token = token.ok_or(no(InvalidGrant, "no_such_token", "the refresh token is not good"))?;
            site.run(move |env| told(refresh(env, &ring, &token, &brought))).await?
        }
        DEVICE_CODE => {
            let brought = brought(form)?;
            let code = form.get("device_code");
            let code = code.ok_or(no(InvalidRequest, "no_code", "device_code is missing"))?;
            let code = DeviceCode::parse(code);
            let code = code.ok_or(no(InvalidGrant, "no_such_code", "the code is not good"))?;
            site.run(move |env| told(poll(env, &ring, &code, brought))).await?
        }
        _ => {
            return Err(no(
                UnsupportedGrantType,
                "unsupported_grant_type",
                "authorization_code, refresh_token, or that of device codes",
            ));
        }
    };
    let tokens = tokens.map_err(|(error, reason)| No::Oauth(error, reason, None))?;
    Ok(given(&tokens))
}

#[derive(Serialize)]
struct Codes<'a> {
    device_code: &'a str,
    user_code: &'a str,
    verification_uri: &'a str,
    verification_uri_complete: String,
    expires_in: i64,
    interval: i64,
}

/// Codes for a program on a device. Each counts: whoever asks for many is told to wait, and nobody else.
async fn codes(
    site: &Site,
    at: &AtIssuer,
    client: Option<IpAddr>,
    form: &Form,
) -> Result<Response<Body>, No> {
    if let Some(seconds) = site.device_attempts.wait(client, site.seconds()) {
        return Err(No::TooMany(seconds));
    }
    let Brought { client: id, resource, scopes } = brought(form)?;
    site.device_attempts.refused(client, "", true, site.seconds());
    let group = AddressGroup::of(client);
    let document =
        at.document(&id, Grant::DeviceCode, Fetcher::Stranger(group)).await.map_err(|stop| match stop {
            Stop::Undocumented(why) if why.fault() == Fault::Client => {
                No::Oauth(InvalidClient, why.reason(), Some("the document at its address is none"))
            }
            Stop::NoWayBack(why) => No::Oauth(
                OauthError::UnauthorizedClient,
                why.reason(),
                Some("its document names no such grant"),
            ),
            stop => No::Stop(stop),
        })?;
    let wanted = Wanted { client: id, document, scopes, resource, asked_from: group };
    let begun = site.run(move |env| told(begin(env, wanted))).await?;
    let begun = begun.map_err(|(error, reason)| match reason {
        "too_many_devices" => No::Full,
        "no_device" => No::Oauth(error, reason, Some("it was not registered for device codes")),
        reason => No::Oauth(error, reason, None),
    })?;
    let page = format!("{}{}", site.rules.origin, links::DEVICE);
    let user_code = begun.user.shown();
    Ok(json(
        StatusCode::OK,
        &Codes {
            device_code: begun.device.expose(),
            user_code: &user_code,
            verification_uri: &page,
            verification_uri_complete: format!("{page}?user_code={}", *user_code),
            expires_in: DeviceRequest::LIVES.as_secs(),
            interval: DeviceRequest::WAIT.as_secs(),
        },
    ))
}

/// What is the store's fault, apart from what the program is told.
fn told<T>(done: Result<T, NoTokens>) -> Result<Result<T, (OauthError, &'static str)>, Refused> {
    match done {
        Ok(done) => Ok(Ok(done)),
        Err(NoTokens::Refused(error, reason)) => Ok(Err((error, reason))),
        Err(NoTokens::Failed(error)) => Err(Refused::Failed(error)),
    }
}

fn given(tokens: &Tokens) -> Response<Body> {
    json(
        StatusCode::OK,
        &Answer {
            access_token: &tokens.access,
            token_type: "Bearer",
            expires_in: tokens.expires_in,
            refresh_token: tokens.refresh.as_ref().map(RefreshToken::expose),
            scope: tokens.scopes.iter().map(Scope::as_str).collect::<Vec<_>>().join(" "),
        },
    )
}

/// An access token ends by itself, within the hour; a refresh token takes all with it. What nobody knows is as good as ended
/// (RFC 7009 §2.2).
async fn ended(site: &Site, form: &Form) -> Result<Response<Body>, No> {
    let client = client_of(form)?;
    let token = form.get("token").ok_or(no(InvalidRequest, "no_token", "token is missing"))?;
    if let Some(token) = RefreshToken::parse(token) {
        let done = site.run(move |env| told(revoke(env, &client, &token))).await?;
        done.map_err(|(error, reason)| No::Oauth(error, reason, None))?;
    }
    Ok(Response::new(Body::default()))
}
