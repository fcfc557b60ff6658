//! `POST /token`: a key is exchanged for a short-lived token (RFC 6749 §4.4, RFC 8693).
//!
//! Nothing waits for the database but what a verification of the key waits for; a signature takes 26 µs. What is refused is
//! said as OAuth wants it, and the reason of a key's refusal stands in the log alone.

use std::net::IpAddr;

use hyper::http::request::Parts;
use hyper::{Response, StatusCode};
use serde::Serialize;

use super::answers::{Body, json};
use super::app::App;
use super::canaries::At;
use super::ci;
use super::client::{Client, authorization, decoded, of_basic};
use super::form::Form;
use super::refusal::{Refusal, failure};
use crate::domain::keys::scope::{Scope, Scopes};
use crate::domain::keys::verdict::{Asked, Reason};
use crate::domain::time::Span;
use crate::domain::tokens::audience::Audience;
use crate::domain::tokens::claims::Ttl;
use crate::ops::env::SystemRandom;
use crate::ops::tokens::issue::{Holder, Issued, Unissued, Wanted, issue};
use crate::ops::tokens::settings::TokenSettings;
use crate::runtime::serving::Caller;

const CREDENTIALS: &str = "client_credentials";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
pub(super) const GRANTS: [&str; 2] = [CREDENTIALS, EXCHANGE];

/// RFC 8693 §3.
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

#[derive(Serialize)]
struct Answer<'a> {
    access_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_token_type: Option<&'a str>,
    token_type: &'a str,
    expires_in: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
}

pub(super) async fn token(
    app: &App,
    client: Option<IpAddr>,
    parts: &Parts,
    body: &[u8],
    seen: &mut Option<Caller>,
) -> Result<Response<Body>, Refusal> {
    let is_basic = authorization(parts).ok().flatten().is_some_and(|header| of_basic(header).is_some());
    answer(app, client, parts, body, seen).await.map_err(|refusal| of_oauth(&refusal, is_basic))
}

/// As it is said here: an error of RFC 6749 §5.2, and the reason for the log.
pub(super) fn of_oauth(refusal: &Refusal, is_basic: bool) -> Refusal {
    let error = match refusal {
        Refusal::Oauth { .. } => return refusal.clone(),
        Refusal::Denied { .. } | Refusal::NoCredential => "invalid_client",
        Refusal::Request { .. } | Refusal::Policy(_) => "invalid_request",
        Refusal::Client { error, .. } => error,
        _ => "temporarily_unavailable",
    };
    let status = match (error, refusal.status()) {
        ("invalid_client", _) => 401,
        ("invalid_request", status @ (408 | 413 | 415)) | ("temporarily_unavailable", status) => status,
        _ => 400,
    };
    Refusal::Oauth { status, error, reason: refusal.reason(), is_basic, after: refusal.retry_after() }
}

/// What may stand there more than once (RFC 8693 §2.1, RFC 8707 §2).
const REPEATED: [&str; 2] = ["audience", "resource"];

/// What is wanted of the token.
fn wanted(form: &Form, default: Ttl) -> Result<Wanted, Refusal> {
    let scopes = match form.get("scope") {
        None => None,
        Some(text) => {
            let scopes: Option<Scopes> = text.split(' ').map(|scope| scope.parse::<Scope>().ok()).collect();
            Some(scopes.ok_or(failure("invalid_scope", "scope_malformed"))?)
        }
    };
    // RFC 8707 §2: an absolute URI without a fragment.
    if form.all("resource").any(|resource| !resource.contains(':') || resource.contains('#')) {
        return Err(failure("invalid_target", "resource_malformed"));
    }
    let mut audience = Vec::new();
    for text in form.all("audience").chain(form.all("resource")) {
        let one: Audience = text.parse().map_err(|_| failure("invalid_target", "audience_malformed"))?;
        if !audience.contains(&one) {
            audience.push(one);
        }
    }
    let ttl = match form.get("expires_in") {
        None => default,
        Some(text) => {
            let seconds = text.parse::<u16>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
            let ttl = seconds.and_then(|seconds| Ttl::try_from(Span::seconds(seconds)).ok());
            ttl.ok_or(failure("invalid_request", "expires_in"))?
        }
    };
    Ok(Wanted { scopes, audience, ttl })
}

async fn answer(
    app: &App,
    client: Option<IpAddr>,
    parts: &Parts,
    body: &[u8],
    seen: &mut Option<Caller>,
) -> Result<Response<Body>, Refusal> {
    let form =
        Form::parse(parts, body, &REPEATED).map_err(|_| failure("invalid_request", "form"))?.without_empty();
    let clients = clients(parts, &form)?;
    let (holder, ttl, issued_type) = match form.get("grant_type") {
        None => return Err(failure("invalid_request", "no_grant_type")),
        Some(CREDENTIALS) => {
            let token = authenticated(app, client, &clients, seen).await?;
            let token = token.ok_or(Refusal::NoCredential)?;
            (app.callers()?.holder(token).await?, None, None)
        }
        Some(EXCHANGE) => {
            authenticated(app, client, &clients, seen).await?;
            let (subject, is_of_ci, issued) = exchanged(&form)?;
            if is_of_ci {
                let (caller, trust) = ci::let_in(app, subject, &form).await?;
                (caller, Some(trust.terms.ttl), Some(issued))
            } else {
                good(app, client, subject, seen).await.map_err(of_subject)?;
                (app.callers()?.holder(subject).await?, None, Some(issued))
            }
        }
        Some(_) => return Err(failure("unsupported_grant_type", "unsupported_grant_type")),
    };
    let mut wanted = wanted(&form, ttl.unwrap_or(Ttl::DEFAULT))?;
    // What a trust says is the most.
    wanted.ttl = ttl.map_or(wanted.ttl, |most| wanted.ttl.min(most));
    let caller = &*seen.insert(holder);
    let issued = issued(app, client, caller, &wanted).await;
    let issued = if ttl.is_some() { issued.map_err(of_subject)? } else { issued? };
    if ttl.is_some() {
        app.uses.exchanged(issued.claims.client_id);
    }
    let scope = issued.claims.scopes.iter().map(Scope::as_str).collect::<Vec<_>>().join(" ");
    Ok(json(
        StatusCode::OK,
        &Answer {
            access_token: &issued.token,
            issued_token_type: issued_type,
            token_type: "Bearer",
            expires_in: issued.expires_in,
            scope: (!scope.is_empty()).then_some(scope),
        },
    ))
}

/// Of the token that is exchanged, no more is said than that it is not accepted.
fn of_subject(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Denied { reason, .. } => failure("invalid_grant", reason.as_str()),
        other => other,
    }
}

/// The client's credentials: in the header or in the body, never in both (RFC 6749 §2.3).
fn clients<'a>(parts: &'a Parts, form: &'a Form) -> Result<Vec<Client<'a>>, Refusal> {
    match (authorization(parts)?, form.get("client_secret")) {
        (Some(_), Some(_)) => Err(failure("invalid_request", "credentials_twice")),
        (Some(header), None) => match of_basic(header).map(decoded) {
            Some(clients) if !clients.is_empty() => Ok(clients),
            _ => Err(Refusal::Client { status: 401, error: "invalid_client" }),
        },
        (None, Some(secret)) => {
            let id = form.get("client_id").map(str::to_owned);
            Ok(vec![Client { id, secret: secret.into() }])
        }
        (None, None) => Ok(Vec::new()),
    }
}

/// The key of a client that presents one; none where none is presented.
async fn authenticated<'c>(
    app: &App,
    client: Option<IpAddr>,
    clients: &'c [Client<'_>],
    seen: &mut Option<Caller>,
) -> Result<Option<&'c str>, Refusal> {
    let mut refused = None;
    for one in clients {
        match good(app, client, &one.secret, seen).await {
            Ok(()) if seen.as_ref().and_then(Caller::grant).is_some_and(|grant| one.names(grant)) => {
                return Ok(Some(&one.secret));
            }
            Ok(()) => refused = Some(Refusal::Client { status: 401, error: "invalid_client" }),
            Err(refusal) => refused = Some(refusal),
        }
    }
    refused.map_or(Ok(None), Err)
}

/// Whether a text is a key, and may be used from there.
async fn good(
    app: &App,
    client: Option<IpAddr>,
    token: &str,
    seen: &mut Option<Caller>,
) -> Result<(), Refusal> {
    let caller = &*seen.insert(app.presented(token, At { address: client, path: b"/token" }).await?);
    let asked = Asked { address: client, ..Asked::default() };
    let judged = caller.judge(&asked, app.counts_uses()).map(drop);
    // A token that was issued is no key: by exchanging it again and again, it would never end.
    let judged = if caller.is_short_lived() { Err(Reason::Jwt("no_key")) } else { judged };
    judged.map_err(|reason| app.refused_token(Refusal::Denied { reason, needs: None }, token, client))
}

/// The key or the CI's token that is exchanged, which of the two it is said to be, and the type of what is issued for it.
fn exchanged(form: &Form) -> Result<(&str, bool, &'static str), Refusal> {
    let wrong = |reason| failure("invalid_request", reason);
    if form.get("actor_token").is_some() || form.get("actor_token_type").is_some() {
        return Err(wrong("actor_token"));
    }
    let subject = form.get("subject_token").ok_or(wrong("no_subject_token"))?;
    let is_of_ci = match form.get("subject_token_type") {
        Some(ACCESS_TOKEN) => false,
        Some(other) if ci::TYPES.contains(&other) => true,
        _ => return Err(wrong("subject_token_type")),
    };
    match form.get("requested_token_type") {
        None | Some(ACCESS_TOKEN) => Ok((subject, is_of_ci, ACCESS_TOKEN)),
        Some(JWT) => Ok((subject, is_of_ci, JWT)),
        Some(_) => Err(wrong("requested_token_type")),
    }
}

async fn issued(
    app: &App,
    client: Option<IpAddr>,
    caller: &Caller,
    wanted: &Wanted,
) -> Result<Issued, Refusal> {
    let callers = app.callers()?;
    let asked = Asked { address: client, ..Asked::default() };
    let judged = caller.judge(&asked, app.counts_uses());
    let grant = judged.map_err(|reason| Refusal::Denied { reason, needs: None })?;
    let cells = caller.issuing().ok_or(Refusal::Unavailable("no_version"))?;
    let table = callers.table();
    let issuer = table.issuer().ok_or(Refusal::Unavailable("no_issuer"))?;
    let settings =
        TokenSettings { issuer: Some(issuer.clone()), audiences: table.audiences().to_vec(), portal: None };
    let signer = callers.signer().ok_or(Refusal::Unavailable("no_signer"))?;
    let holder = Holder {
        key: grant.key_id,
        subject: grant.principal.clone(),
        scopes: grant.scopes.clone(),
        version: cells.version,
        ends: grant.expires_at,
        is_limited: caller.is_limited(),
        allow_jwt: cells.allow_jwt,
    };
    let names = callers.scope_names();
    let known = names.iter().filter(|scope| holder.scopes.cover(scope)).cloned().collect();
    let now = callers.now().ok_or(Refusal::Unavailable("clock"))?;
    let made = issue(&signer, &settings, &known, &holder, wanted, now, &mut SystemRandom);
    let made = made.map_err(|unissued| match unissued {
        Unissued::NoIssuer => Refusal::Unavailable("no_issuer"),
        Unissued::Random(_) => Refusal::Unavailable("random"),
        Unissued::Limited => failure("unauthorized_client", "limited"),
        Unissued::Scope(_) => failure("invalid_scope", "scope"),
        Unissued::Audience(_) => failure("invalid_target", "audience"),
        Unissued::Ends => failure("invalid_grant", "ends"),
        Unissued::TooLong => failure("invalid_scope", "too_long"),
    })?;
    // A signer that is behind would sign what nobody verifies.
    if !table.outlives(&signer, made.claims.expires_at) {
        return Err(Refusal::Unavailable("signer_is_old"));
    }
    app.admit(caller, grant).await?;
    Ok(made)
}
