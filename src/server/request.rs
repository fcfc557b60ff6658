//! A request's way: which route it is for, whether that is served where it came in, and what is said of it.

use std::error::Error;
use std::io;
use std::net::IpAddr;

use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONNECTION, CONTENT_ENCODING, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Request, Response};

use super::answering::Answering;
use super::answers::Body;
use super::app::App;
use super::auth::{self, Decision};
use super::bounds::{Sizes, Times};
use super::dialects::Dialect;
use super::door::From;
use super::framing::Unread;
use super::heads::Fault;
use super::log::Event;
use super::refusal::{Manner, Refusal};
use super::{
    address, feed, health, introspect, issuer, lease, metadata, request_id, resolve, revoke, token, validate,
};
use crate::config::serve::listener::Serves;
use crate::config::serve::serve_file::LogLevel;
use crate::domain::policies::policy::Body as BodyForm;
use crate::runtime::serving::Caller;

/// What is done with a lease.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Take,
    Renew,
    Release,
}

/// What a path is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Route<'p> {
    Health,
    Ready,
    Metrics,
    /// The dialect, and what stands behind it.
    Auth(Dialect, &'p str),
    Validate,
    Introspect,
    Resolve,
    Lease(Step),
    Revoke,
    Metadata(&'p str),
    Keys,
    Token,
    Revocations,
    /// What stands behind it.
    Issuer(&'p str),
}

impl<'p> Route<'p> {
    fn of(path: &'p str) -> Option<Self> {
        Some(match path {
            "/healthz" => Self::Health,
            "/readyz" => Self::Ready,
            "/metrics" => Self::Metrics,
            "/validate" => Self::Validate,
            "/introspect" => Self::Introspect,
            "/resolve" => Self::Resolve,
            "/lease" => Self::Lease(Step::Take),
            "/lease/renew" => Self::Lease(Step::Renew),
            "/lease/release" => Self::Lease(Step::Release),
            "/revoke" => Self::Revoke,
            "/token" => Self::Token,
            "/revocations" => Self::Revocations,
            issuer::KEYS => Self::Keys,
            _ => {
                if let Some(rest) = path.strip_prefix("/auth/") {
                    let end = rest.find('/').unwrap_or(rest.len());
                    let (dialect, rest) = rest.split_at(end);
                    return Dialect::parse(dialect).map(|dialect| Self::Auth(dialect, rest));
                }
                let behind = |known| {
                    let rest = path.strip_prefix(known)?;
                    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
                };
                match behind(metadata::PATH) {
                    Some(rest) => Self::Metadata(rest),
                    None => Self::Issuer(behind(issuer::PATH)?),
                }
            }
        })
    }

    /// As it is named in metrics and logs.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Health => "healthz",
            Self::Ready => "readyz",
            Self::Metrics => "metrics",
            Self::Auth(dialect, _) => dialect.as_str(),
            Self::Validate => "validate",
            Self::Introspect => "introspect",
            Self::Resolve => "resolve",
            Self::Lease(_) => "lease",
            Self::Revoke => "revoke",
            Self::Metadata(_) => "metadata",
            Self::Keys => "jwks",
            Self::Token => "token",
            Self::Revocations => "revocations",
            Self::Issuer(_) => "authorization_server",
        }
    }

    /// Whether it is served where what is meant for everybody or for gateways and servers only is.
    fn is_served(self, app: &App, surface: Serves) -> bool {
        match self {
            // Services behind the gateway fetch keys, too.
            Self::Health | Self::Ready | Self::Keys => true,
            // Clients ask these themselves.
            Self::Metadata(_) | Self::Issuer(_) => surface != Serves::Internal,
            Self::Token => app.issues() && surface != Serves::Internal,
            Self::Revoke => app.revokes() && surface != Serves::Internal,
            Self::Resolve if !app.resolves() => false,
            Self::Lease(_) if !app.leases() => false,
            Self::Metrics
            | Self::Auth(..)
            | Self::Validate
            | Self::Introspect
            | Self::Revocations
            | Self::Lease(_)
            | Self::Resolve => surface != Serves::Public,
        }
    }

    /// The methods that it answers; `None`: any, since Envoy asks with the client's.
    fn methods(self) -> Option<&'static str> {
        match self {
            Self::Auth(Dialect::Envoy, _) => None,
            Self::Validate
            | Self::Introspect
            | Self::Resolve
            | Self::Lease(_)
            | Self::Revoke
            | Self::Token => Some("POST"),
            _ => Some("GET, HEAD"),
        }
    }
}

impl Answering for App {
    const NAME: &'static str = "serve";

    fn sizes(&self) -> Sizes {
        self.sizes()
    }

    fn times(&self) -> Times {
        self.times()
    }

    fn most_connections(&self) -> usize {
        self.most_connections()
    }

    fn connected(&self) -> usize {
        usize::try_from(self.metrics.connected()).unwrap_or(usize::MAX)
    }

    fn disconnected(&self) {
        self.metrics.disconnected();
    }

    fn shed(&self) {
        self.metrics.shed();
    }

    async fn answer(&self, from: From, request: Request<Incoming>) -> Response<Body> {
        answer(self, from, request).await
    }
}

/// Answers a request.
async fn answer(app: &App, from: From, request: Request<Incoming>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let id = request_id::of(&parts);
    // Behind a gateway, whoever connects is always the gateway.
    let client = address::client(&parts.headers, from.door.peer, app.proxies());
    let (route, mut decision) = match routed(app, from, &parts) {
        Ok(route) => (route.as_str(), decided(app, from, client, route, &parts, body).await),
        Err((refusal, methods)) => unrouted(from, refusal, methods),
    };
    note(app, client, route, id.as_deref(), &decision);
    if from.unread.is_some() || app.is_draining() {
        decision.response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    if let Some(id) = id.and_then(|id| HeaderValue::try_from(id).ok()) {
        decision.response.headers_mut().insert(request_id::HEADER, id);
    }
    decision.response
}

pub(super) const PLAIN: Manner<'_> =
    Manner { body: BodyForm::Problem, realm: "keyctl", metadata: None, scope: None };

fn refused(refusal: Refusal) -> Decision {
    Decision { response: refusal.answer(&PLAIN), refusal: Some(refusal), caller: None, policy: None }
}

fn refused_with(refusal: Refusal, methods: Option<&'static str>) -> Decision {
    let mut refused = refused(refusal);
    if let Some(methods) = methods {
        refused.response.headers_mut().insert(ALLOW, HeaderValue::from_static(methods));
    }
    refused
}

/// A request without a route. What nginx asked in a way that cannot be read is refused so that it passes on more of it
/// than a 500.
fn unrouted(from: From, refusal: Refusal, methods: Option<&'static str>) -> (&'static str, Decision) {
    let is_of_nginx = from.unread.is_some_and(|unread| unread.is_of_nginx);
    if !is_of_nginx || from.door.surface == Serves::Public {
        return ("none", refused_with(refusal, methods));
    }
    let response = Dialect::Nginx.refuse(&refusal, &PLAIN);
    (Dialect::Nginx.as_str(), Decision { response, refusal: Some(refusal), caller: None, policy: None })
}

/// The route of a request that may be answered; else why not, with the methods that may be.
fn routed<'p>(app: &App, from: From, parts: &'p Parts) -> Result<Route<'p>, (Refusal, Option<&'static str>)> {
    if let Some(Unread { fault, .. }) = from.unread {
        let methods = (fault == Fault::Method).then_some("GET, HEAD, POST");
        return Err((Refusal::Request { status: fault.status(), why: fault.detail() }, methods));
    }
    let route = Route::of(parts.uri.path()).filter(|route| route.is_served(app, from.door.surface));
    let route = route.ok_or((Refusal::Request { status: 404, why: "there is nothing here" }, None))?;
    let is_allowed = |methods: &str| methods.split([',', ' ']).any(|method| method == parts.method.as_str());
    match route.methods().filter(|methods| !is_allowed(methods)) {
        None => Ok(route),
        Some(methods) => Err((Refusal::Request { status: 405, why: "not with this method" }, Some(methods))),
    }
}

async fn decided(
    app: &App,
    from: From,
    client: Option<IpAddr>,
    route: Route<'_>,
    parts: &Parts,
    body: Incoming,
) -> Decision {
    let mut seen = None;
    let said = match route {
        Route::Auth(dialect, rest) => return auth::auth(app, from.door, client, dialect, rest, parts).await,
        Route::Health => Ok(health::healthz()),
        Route::Ready => Ok(health::readyz(app)),
        Route::Metrics => {
            if let Ok(broker) = app.broker()
                && let Some(counts) = broker.states().await
            {
                app.metrics.credentials(counts);
            }
            Ok(app.metrics.answer(app.store_seen()))
        }
        Route::Metadata(rest) => metadata::answer(app, parts, rest),
        Route::Keys => issuer::keys(app, parts),
        Route::Issuer(rest) => issuer::metadata(app, rest),
        Route::Revocations => feed::feed(app, from.door, parts, &mut seen).await,
        Route::Token => {
            let said = with_body(app, from, client, route, parts, body, &mut seen).await;
            said.map_err(|refusal| token::of_oauth(&refusal, false))
        }
        Route::Validate | Route::Introspect | Route::Resolve | Route::Lease(_) | Route::Revoke => {
            with_body(app, from, client, route, parts, body, &mut seen).await
        }
    };
    match said {
        Ok(response) => Decision { response, refusal: None, caller: seen, policy: None },
        Err(refusal) => Decision { caller: seen, ..refused(refusal) },
    }
}

async fn with_body(
    app: &App,
    from: From,
    client: Option<IpAddr>,
    route: Route<'_>,
    parts: &Parts,
    body: Incoming,
    seen: &mut Option<Caller>,
) -> Result<Response<Body>, Refusal> {
    let body = read(app.sizes(), parts, body).await?;
    match route {
        Route::Introspect => introspect::introspect(app, from.door, parts, &body, seen).await,
        Route::Resolve => resolve::resolve(app, from.door, parts, &body, seen).await,
        Route::Lease(step) => {
            let request = lease::Request { door: from.door, parts, body: &body };
            match step {
                Step::Take => lease::lease(app, &request, seen).await,
                Step::Renew => lease::renew(app, &request, seen).await,
                Step::Release => lease::release(app, &request, seen).await,
            }
        }
        Route::Revoke => revoke::revoke(app, client, parts, &body).await,
        Route::Token => token::token(app, client, parts, &body, seen).await,
        _ => validate::validate(app, &body, seen).await,
    }
}

/// A whole body: it was announced by its length, and is no larger than is taken.
pub(super) async fn read(sizes: Sizes, parts: &Parts, body: Incoming) -> Result<bytes::Bytes, Refusal> {
    if parts.headers.contains_key(CONTENT_ENCODING) {
        return Err(Refusal::Request {
            status: 415,
            why: "send the body as it is, without a Content-Encoding",
        });
    }
    let body = Limited::new(body, sizes.body).collect().await;
    let cut = |error: Box<dyn Error + Send + Sync>| {
        if is_late(&*error) {
            Refusal::Request { status: Fault::Late.status(), why: Fault::Late.detail() }
        } else {
            Refusal::Request { status: 400, why: "the body is not as long as it was said" }
        }
    };
    Ok(body.map_err(cut)?.to_bytes())
}

/// Whether the rest was not waited for any more.
fn is_late(error: &(dyn Error + 'static)) -> bool {
    let own = error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::TimedOut);
    own || error.source().is_some_and(is_late)
}

/// Counts a request, and writes of it what is to be known.
fn note(app: &App, client: Option<IpAddr>, route: &'static str, id: Option<&str>, decision: &Decision) {
    let status = decision.response.status().as_u16();
    app.metrics.answered(route, status);
    let level = match &decision.refusal {
        Some(Refusal::Unavailable(_) | Refusal::NotRevoked(_) | Refusal::Oauth { status: 503, .. }) => {
            LogLevel::Error
        }
        Some(Refusal::Policy("unknown_policy" | "no_policy" | "no_path" | "no_method")) => LogLevel::Warn,
        Some(_) => LogLevel::Info,
        None => LogLevel::Debug,
    };
    if let Some(refusal) = &decision.refusal {
        let passed = status == 200;
        let count = if passed { &app.metrics.observed } else { &app.metrics.refused };
        count.count(route, refusal.reason());
    }
    if let Some(caller) = &decision.caller {
        // A server that delegates asks from its own address, and not from the one where the token is used.
        let used_from = client.filter(|_| route != Route::Validate.as_str());
        app.answered(caller, decision.refusal.is_none(), used_from);
    }
    let is_written = match &decision.refusal {
        Some(_) => app.log.takes_refusal(level),
        None => app.log.takes(level),
    };
    if !is_written {
        return;
    }
    let grant = decision.caller.as_ref().and_then(Caller::grant);
    let message = match &decision.refusal {
        None => "allowed",
        Some(_) if status == 200 => "would be refused",
        Some(_) => "refused",
    };
    app.log.event(
        level,
        &Event {
            message: message.into(),
            request_id: id,
            route: Some(route),
            policy: decision.policy.as_deref().map(Into::into),
            status: Some(decision.refusal.as_ref().map_or(status, Refusal::status)),
            reason: decision.refusal.as_ref().map(Refusal::reason),
            owner: grant.map(|grant| grant.owner.as_str()),
            key: grant.map(|grant| grant.key_id.to_string()),
            token_id: grant.map(|grant| grant.token_id.as_str()),
            client: client.map(|client| client.to_string()),
        },
    );
}
