//! A request's way: whether it was meant for this site, which page it is for, and what is said of it.

use std::net::IpAddr;

use hyper::body::Incoming;
use hyper::header::{ALLOW, CONNECTION, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};

use super::answers::{page, with_cookie};
use super::ask::Ask;
use super::clients::token::Wants;
use super::clients::{authorize, cors, device, metadata, token};
use super::links::{self, Act, Of};
use super::pages;
use super::site::{MOST_CONNECTIONS, SIZES, Site, TIMES};
use super::stop::{NOTHING_HERE, Stop, Why, refused};
use super::{assets, at_provider, everybody, guard, mine, signing_in};
use crate::config::serve::serve_file::LogLevel;
use crate::domain::id::KeyId;
use crate::domain::owners::owner::Owner;
use crate::domain::portal::ids::SessionId;
use crate::server::answering::Answering;
use crate::server::answers::{Body, plain};
use crate::server::bounds::{Sizes, Times};
use crate::server::door::From;
use crate::server::form::Form;
use crate::server::heads::Fault;
use crate::server::log::Event;
use crate::server::{address, request, request_id};

/// What a path is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route {
    Health,
    Ready,
    Asset,
    Home,
    SignIn,
    SignOut,
    Claim,
    Oidc,
    Callback,
    Issuer,
    KeySet,
    Authorize,
    Consent,
    ClientToken,
    ClientRevoke,
    DeviceCodes,
    Device,
    DeviceConsent,
    New,
    Token,
    Kept,
    Key(Of, KeyId, Act),
    Admin,
    Invite,
    EndSession(SessionId),
}

const READ: &str = "GET, HEAD";
const ONCE: &str = "GET";
const SENT: &str = "POST";
const BOTH: &str = "GET, HEAD, POST";

impl Route {
    fn of(path: &str) -> Option<Self> {
        Some(match path {
            "/healthz" => Self::Health,
            "/readyz" => Self::Ready,
            links::HOME => Self::Home,
            links::SIGN_IN => Self::SignIn,
            links::SIGN_OUT => Self::SignOut,
            links::CLAIM => Self::Claim,
            links::OIDC => Self::Oidc,
            links::CALLBACK => Self::Callback,
            links::ISSUER => Self::Issuer,
            links::KEY_SET => Self::KeySet,
            links::AUTHORIZE => Self::Authorize,
            links::CONSENT => Self::Consent,
            links::CLIENT_TOKEN => Self::ClientToken,
            links::CLIENT_REVOKE => Self::ClientRevoke,
            links::DEVICE_CODES => Self::DeviceCodes,
            links::DEVICE => Self::Device,
            links::DEVICE_CONSENT => Self::DeviceConsent,
            links::NEW => Self::New,
            links::TOKEN => Self::Token,
            links::KEPT => Self::Kept,
            links::ADMIN => Self::Admin,
            links::INVITE => Self::Invite,
            _ if path.starts_with("/assets/") => Self::Asset,
            _ => match (links::session_of(path), links::key_of(path)) {
                (Some(id), _) => Self::EndSession(id),
                (None, Some((Of::Admin, _, Act::Rotate)) | None) => return None,
                (None, Some((of, id, act))) => Self::Key(of, id, act),
            },
        })
    }

    /// As it is named in the log.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Health => "healthz",
            Self::Ready => "readyz",
            Self::Asset => "asset",
            Self::Home => "home",
            Self::SignIn => "sign_in",
            Self::SignOut => "sign_out",
            Self::Claim => "claim",
            Self::Oidc => "oidc",
            Self::Callback => "oidc_callback",
            Self::Issuer => "issuer",
            Self::KeySet => "key_set",
            Self::Authorize => "authorize",
            Self::Consent => "consent",
            Self::ClientToken => "client_token",
            Self::ClientRevoke => "client_revoke",
            Self::DeviceCodes => "device_codes",
            Self::Device => "device",
            Self::DeviceConsent => "device_consent",
            Self::New => "new",
            Self::Token => "token",
            Self::Kept => "kept",
            Self::Key(Of::Owner, _, act) => act.as_str(),
            Self::Key(Of::Admin, ..) => "admin_key",
            Self::Admin => "admin",
            Self::Invite => "invite",
            Self::EndSession(_) => "end_session",
        }
    }

    const fn methods(self) -> &'static str {
        match self {
            Self::Health
            | Self::Ready
            | Self::Asset
            | Self::Home
            | Self::Admin
            | Self::Issuer
            | Self::KeySet => READ,
            Self::SignOut
            | Self::Oidc
            | Self::Token
            | Self::Kept
            | Self::EndSession(_)
            | Self::Consent
            | Self::ClientToken
            | Self::ClientRevoke
            | Self::DeviceCodes
            | Self::DeviceConsent => SENT,
            // What only looks whether a link works would use it up.
            Self::Callback | Self::Authorize => ONCE,
            Self::SignIn | Self::Claim | Self::New | Self::Invite | Self::Device => BOTH,
            Self::Key(_, _, act) => match act {
                Act::Show => READ,
                Act::Suspend | Act::Resume => SENT,
                Act::Rotate | Act::Revoke => BOTH,
            },
        }
    }

    /// What programs ask for themselves, those too that run in browsers.
    const fn is_for_programs(self) -> bool {
        matches!(
            self,
            Self::Issuer | Self::KeySet | Self::ClientToken | Self::ClientRevoke | Self::DeviceCodes
        )
    }

    /// What looks whether the process lives asks it by its address.
    const fn is_for_any_host(self) -> bool {
        matches!(self, Self::Health | Self::Ready)
    }
}

impl Answering for Site {
    const NAME: &'static str = "portal";

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
        self.connected()
    }

    fn disconnected(&self) {
        self.disconnected();
    }

    fn shed(&self) {}

    async fn answer(&self, from: From, request: Request<Incoming>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let client = address::client(&parts.headers, from.door.peer, &self.rules.proxies);
        let (route, mut response) = routed(self, from, client, &parts, body).await;
        guard::protect(&self.rules.origin, response.headers_mut());
        if from.unread.is_some() || self.is_draining() {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        if let Some(id) = request_id::of(&parts).and_then(|id| HeaderValue::try_from(id).ok()) {
            response.headers_mut().insert(request_id::HEADER, id);
        }
        note(self, client, route, request_id::of(&parts).as_deref(), &mut response);
        response
    }
}

async fn routed(
    site: &Site,
    from: From,
    client: Option<IpAddr>,
    parts: &Parts,
    body: Incoming,
) -> (&'static str, Response<Body>) {
    if let Some(unread) = from.unread {
        let title = "The request cannot be understood";
        let (status, more) = (unread.fault.status(), unread.fault.detail());
        let mut response = stopped(&Stop::Http { status, reason: "framing", title, more });
        if unread.fault == Fault::Method {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static(BOTH));
        }
        return ("none", response);
    }
    let route = Route::of(parts.uri.path());
    let is_ours =
        route.is_some_and(Route::is_for_any_host) || guard::is_ours(&site.rules.origin, &parts.headers);
    if !is_ours {
        return ("none", stopped(&Stop::NotOurs));
    }
    let Some(route) = route else { return ("none", stopped(&NOTHING_HERE)) };
    let methods = route.methods();
    if parts.method == Method::OPTIONS && route.is_for_programs() && site.issuer.is_some() {
        return (route.as_str(), cors::preflight(methods));
    }
    if !methods.split(", ").any(|method| method == parts.method.as_str()) {
        let stop = Stop::Http {
            status: 405,
            reason: "method",
            title: "Not in this way",
            more: "Go back to the page with the form, and send it from there.",
        };
        let mut response = stopped(&stop);
        response.headers_mut().insert(ALLOW, HeaderValue::from_static(methods));
        return (route.as_str(), response);
    }
    (route.as_str(), answered(site, route, client, parts, body).await)
}

async fn answered(
    site: &Site,
    route: Route,
    client: Option<IpAddr>,
    parts: &Parts,
    body: Incoming,
) -> Response<Body> {
    let wants = match route {
        Route::ClientToken => Some(Wants::Tokens),
        Route::ClientRevoke => Some(Wants::TheirEnd),
        Route::DeviceCodes => Some(Wants::Codes),
        _ => None,
    };
    if let Some((wants, at)) = wants.zip(site.issuer.as_ref()) {
        // No page sent it, and nobody is signed in for it.
        return token::answer(site, at, wants, client, parts, body).await;
    }
    let form = match parts.method {
        Method::POST => match read(site, parts, body).await {
            Ok(form) => Some(form),
            Err(stop) => return stopped(&stop),
        },
        _ => None,
    };
    let ask = Ask::new(site, parts, client, form);
    let mut response = match decided(&ask, route).await {
        Ok(response) => response,
        Err(Stop::SignedOut) if !ask.is_post() => super::answers::see(links::HOME, None),
        Err(stop @ Stop::SignedOut) => {
            refused(&stop, signing_in::sign_in_page(site, Some(&stop.said()), false))
        }
        Err(stop) => stopped(&stop),
    };
    if ask.is_over() && !response.headers().contains_key(hyper::header::SET_COOKIE) {
        response = with_cookie(response, guard::no_cookie());
    }
    if let Some(owner) = ask.owner() {
        if response.extensions().get::<Why>().is_some() {
            ask.was_refused(&owner, response.status().as_u16());
        }
        response.extensions_mut().insert(owner);
    }
    response
}

/// A form, of a page of this site.
async fn read(site: &Site, parts: &Parts, body: Incoming) -> Result<Form, Stop> {
    if !guard::is_from_here(&site.rules.origin, &parts.headers) {
        return Err(Stop::NotFromHere("other_origin"));
    }
    let body = request::read(SIZES, parts, body).await?;
    Ok(Form::parse(parts, &body, &["scope"])?)
}

async fn decided(ask: &Ask<'_>, route: Route) -> Result<Response<Body>, Stop> {
    let is_post = ask.is_post();
    match route {
        Route::Health => Ok(plain(StatusCode::OK, "ok\n")),
        Route::Ready if ask.site.is_ready() => Ok(plain(StatusCode::OK, "ready\n")),
        Route::Ready => Ok(plain(StatusCode::SERVICE_UNAVAILABLE, "not ready\n")),
        Route::Asset => assets::at(ask.parts.uri.path(), &ask.parts.headers).ok_or(NOTHING_HERE),
        Route::Home => home(ask).await,
        Route::SignIn if is_post => signing_in::with_key(ask).await,
        Route::SignIn => Ok(signing_in::form(ask)),
        Route::SignOut => signing_in::out(ask).await,
        Route::Claim if is_post => signing_in::with_code(ask).await,
        Route::Claim => Ok(signing_in::invitation()),
        Route::Oidc => at_provider::leave(ask).await,
        Route::Callback => at_provider::arrive(ask).await,
        Route::Issuer => Ok(metadata::metadata(ask.site.issuer.as_ref().ok_or(NOTHING_HERE)?)),
        Route::KeySet => {
            metadata::keys(ask.site, ask.site.issuer.as_ref().ok_or(NOTHING_HERE)?, ask.parts).await
        }
        Route::Authorize => authorize::asked(ask).await,
        Route::Consent => authorize::answered(ask).await,
        Route::ClientToken | Route::ClientRevoke | Route::DeviceCodes => Err(NOTHING_HERE),
        Route::Device if is_post => device::typed(ask).await,
        Route::Device => device::form(ask).await,
        Route::DeviceConsent => device::answered(ask).await,
        Route::New if is_post => mine::make(ask).await,
        Route::New => mine::new_form(ask).await,
        Route::Token => mine::take(ask).await,
        Route::Kept => mine::keep(ask).await,
        Route::Admin => everybody::all(ask).await,
        Route::Invite if is_post => everybody::invite(ask).await,
        Route::Invite => everybody::invite_form(ask).await,
        Route::EndSession(id) => everybody::end_session(ask, id).await,
        Route::Key(Of::Owner, id, act) => match act {
            Act::Show => mine::show(ask, id).await,
            Act::Rotate if is_post => mine::rotate(ask, id).await,
            Act::Rotate => mine::rotate_form(ask, id).await,
            Act::Suspend => mine::suspend(ask, id).await,
            Act::Resume => mine::resume(ask, id).await,
            Act::Revoke if is_post => mine::revoke(ask, id).await,
            Act::Revoke => mine::revoke_form(ask, id).await,
        },
        Route::Key(Of::Admin, id, act) => match act {
            Act::Show | Act::Rotate => everybody::show(ask, id).await,
            Act::Suspend => everybody::suspend(ask, id).await,
            Act::Resume => everybody::resume(ask, id).await,
            Act::Revoke if is_post => everybody::revoke(ask, id).await,
            Act::Revoke => everybody::revoke_form(ask, id).await,
        },
    }
}

/// The first page: of whoever was signed in until now, the one to sign in again.
async fn home(ask: &Ask<'_>) -> Result<Response<Body>, Stop> {
    match mine::home(ask).await {
        Err(stop @ Stop::SignedOut) => {
            Ok(page(StatusCode::OK, signing_in::sign_in_page(ask.site, Some(&stop.said()), false)))
        }
        done => done,
    }
}

fn stopped(stop: &Stop) -> Response<Body> {
    refused(stop, pages::stopped::stopped(None, &stop.said()))
}

/// Writes of a request what is to be known: never what anybody typed or presented.
fn note(
    site: &Site,
    client: Option<IpAddr>,
    route: &'static str,
    id: Option<&str>,
    response: &mut Response<Body>,
) {
    let status = response.status().as_u16();
    let why: Option<Why> = response.extensions_mut().remove();
    let owner: Option<Owner> = response.extensions_mut().remove();
    let level = match &why {
        Some(Why { fault: Some(_), .. }) => LogLevel::Error,
        Some(_) => LogLevel::Info,
        None => LogLevel::Debug,
    };
    let is_written = if why.is_some() { site.log.takes_refusal(level) } else { site.log.takes(level) };
    if !is_written {
        return;
    }
    let message = match &why {
        None => "answered".into(),
        Some(Why { fault: Some(fault), .. }) => format!("refused: {fault}").into(),
        Some(_) => "refused".into(),
    };
    let event = Event {
        message,
        request_id: id,
        route: Some(route),
        status: Some(status),
        reason: why.as_ref().map(|why| why.reason),
        owner: owner.as_ref().map(Owner::as_str),
        client: client.map(|client| client.to_string()),
        ..Event::default()
    };
    site.log.event(level, &event);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_for_one_page_or_none() {
        let key = "key_01h455vb4pex5vsknk084sn002";
        for (path, methods) in [
            ("/", Some(READ)),
            ("/sign-out", Some(SENT)),
            ("/token", Some(SENT)),
            ("/oidc", Some(SENT)),
            ("/admin/sessions/pss_01h455vb4pex5vsknk084sn002/end", Some(SENT)),
            ("/admin/sessions/pss_01h455vb4pex5vsknk084sn002", None),
            ("/oidc/callback", Some(ONCE)),
            ("/oidc/", None),
            ("/device", Some(BOTH)),
            ("/device/consent", Some(SENT)),
            ("/keys/new", Some(BOTH)),
            (&format!("/keys/{key}"), Some(READ)),
            (&format!("/keys/{key}/suspend"), Some(SENT)),
            (&format!("/admin/keys/{key}/revoke"), Some(BOTH)),
            (&format!("/admin/keys/{key}/rotate"), None),
            ("//", None),
            ("/keys", None),
            ("/keys/new/", None),
            ("/admin/../", None),
        ] {
            assert_eq!(Route::of(path).map(Route::methods), methods, "{path}");
        }
    }
}
