//! A request's way: which route it is for, who may ask, and what is said of it.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONNECTION, CONTENT_LENGTH, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode};

use super::desk::{Desk, MOST_CONNECTIONS, SIGNED, SIZES, TIMES};
use super::{presented, signed};
use crate::config::serve::serve_file::LogLevel;
use crate::server::answering::Answering;
use crate::server::answers::{Body, plain};
use crate::server::bounds::{Sizes, Times};
use crate::server::door::From;
use crate::server::log::Event;
use crate::server::refusal::Refusal;
use crate::server::request::{PLAIN, read};
use crate::server::{address, request_id};

/// What a path is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route {
    Health,
    Ready,
    Alert,
    Partner,
    Report,
    Check,
}

impl Route {
    fn of(path: &str) -> Option<Self> {
        Some(match path {
            "/healthz" => Self::Health,
            "/readyz" => Self::Ready,
            "/github/alerts" => Self::Alert,
            "/github/partner" => Self::Partner,
            "/report" => Self::Report,
            "/check" => Self::Check,
            _ => return None,
        })
    }

    /// As it is named in the log.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Health => "healthz",
            Self::Ready => "readyz",
            Self::Alert => "github_alerts",
            Self::Partner => "github_partner",
            Self::Report => "report",
            Self::Check => "check",
        }
    }

    const fn methods(self) -> &'static str {
        match self {
            Self::Health | Self::Ready => "GET, HEAD",
            _ => "POST",
        }
    }
}

/// What all who answer share.
impl Answering for Arc<Desk> {
    const NAME: &'static str = "leaks";

    fn sizes(&self) -> Sizes {
        SIZES
    }

    fn times(&self) -> Times {
        TIMES
    }

    fn most_connections(&self) -> usize {
        MOST_CONNECTIONS
    }

    fn connected(&self) -> usize {
        Desk::connected(self)
    }

    fn disconnected(&self) {
        Desk::disconnected(self);
    }

    fn shed(&self) {}

    async fn answer(&self, from: From, request: Request<Incoming>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let client = address::client(&parts.headers, from.door.peer, &self.rules.proxies);
        let (route, said) = routed(self, from, client, &parts, body).await;
        let id = request_id::of(&parts);
        note(self, client, route, id.as_deref(), &said);
        let mut response = match said {
            Ok(response) => response,
            Err((refusal, methods)) => {
                let mut response = refusal.answer(&PLAIN);
                if let Some(methods) = methods {
                    response.headers_mut().insert(ALLOW, HeaderValue::from_static(methods));
                }
                response
            }
        };
        if from.unread.is_some() || self.is_draining() {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        if let Some(id) = id.and_then(|id| HeaderValue::try_from(id).ok()) {
            response.headers_mut().insert(request_id::HEADER, id);
        }
        response
    }
}

type Said = Result<Response<Body>, (Refusal, Option<&'static str>)>;

async fn routed(
    desk: &Arc<Desk>,
    from: From,
    client: Option<IpAddr>,
    parts: &Parts,
    body: Incoming,
) -> (&'static str, Said) {
    let refused = |status, why, methods| Err((Refusal::Request { status, why }, methods));
    if let Some(unread) = from.unread {
        return ("none", refused(unread.fault.status(), unread.fault.detail(), None));
    }
    let Some(route) = Route::of(parts.uri.path()) else {
        return ("none", refused(404, "there is nothing here", None));
    };
    let methods = route.methods();
    if !methods.split(", ").any(|method| method == parts.method.as_str()) {
        return (route.as_str(), refused(405, "not with this method", Some(methods)));
    }
    let said = decided(desk, route, client, parts, body).await;
    (route.as_str(), said.map_err(|refusal| (refusal, None)))
}

async fn decided(
    desk: &Arc<Desk>,
    route: Route,
    client: Option<IpAddr>,
    parts: &Parts,
    body: Incoming,
) -> Result<Response<Body>, Refusal> {
    match route {
        Route::Health => Ok(plain(StatusCode::OK, "ok\n")),
        Route::Ready if desk.is_ready() => Ok(plain(StatusCode::OK, "ready\n")),
        Route::Ready => Ok(plain(StatusCode::SERVICE_UNAVAILABLE, "not ready\n")),
        Route::Alert | Route::Partner => {
            let _held = desk.signed.try_acquire().map_err(|_| Refusal::Overloaded)?;
            let body = whole(parts, body, SIGNED).await?;
            match route {
                Route::Alert => signed::alert(desk, parts, client, body).await,
                _ => signed::partner(desk, parts, client, body).await,
            }
        }
        Route::Report => {
            let reporter = presented::reporter(desk, parts, client, "/report").await?;
            let _held = desk.reports.try_acquire().map_err(|_| Refusal::Overloaded)?;
            presented::report(desk, reporter, client, whole(parts, body, SIZES.body).await?).await
        }
        Route::Check => {
            presented::reporter(desk, parts, client, "/check").await?;
            let _held = desk.signed.try_acquire().map_err(|_| Refusal::Overloaded)?;
            presented::check(desk, client, whole(parts, body, SIGNED).await?).await
        }
    }
}

/// A body of at most so many bytes, which its length says before.
async fn whole(parts: &Parts, body: Incoming, most: usize) -> Result<Bytes, Refusal> {
    let length = parts.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    if length.and_then(|length| length.parse::<usize>().ok()).is_some_and(|length| length > most) {
        return Err(Refusal::Request { status: 413, why: "the body is too large: send less at a time" });
    }
    read(Sizes { body: most, ..SIZES }, parts, body).await
}

/// Writes of a request what is to be known: never what anybody presented.
fn note(desk: &Desk, client: Option<IpAddr>, route: &'static str, id: Option<&str>, said: &Said) {
    let (message, level, status, reason) = match said {
        Ok(response) => ("answered", LogLevel::Debug, response.status().as_u16(), None),
        Err((refusal, _)) => ("refused", LogLevel::Info, refusal.status(), Some(refusal.reason())),
    };
    let is_written = if reason.is_some() { desk.log.takes_refusal(level) } else { desk.log.takes(level) };
    if !is_written {
        return;
    }
    let event = Event {
        message: message.into(),
        request_id: id,
        route: Some(route),
        status: Some(status),
        reason,
        client: client.map(|client| client.to_string()),
        ..Event::default()
    };
    desk.log.event(level, &event);
}
