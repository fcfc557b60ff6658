//! `/device`: the code that a program on a device shows, typed by whoever is signed in here, and what they say (RFC 8628 §3.3).
//!
//! A link with the code in it fills in the form and no more: that the program shows this very code is for the person to say.

use hyper::header::SET_COOKIE;
use hyper::{Response, StatusCode};

use super::issuing::AtIssuer;
use super::pending;
use crate::domain::keys::scope::Scopes;
use crate::domain::mcp::client::Client;
use crate::domain::mcp::device::{DeviceRequest, UserCode};
use crate::domain::mcp::redirect_uri::RedirectUri;
use crate::domain::mcp::request::Authorization;
use crate::ops::portal::Refused;
use crate::ops::portal::clients::device::{DeviceYes, allow, deny, look};
use crate::server::answers::Body;
use crate::server::portal::answers::page;
use crate::server::portal::ask::Ask;
use crate::server::portal::pages::consent::{self, Waits};
use crate::server::portal::pages::device as pages;
use crate::server::portal::pages::shell::{Said, Tone};
use crate::server::portal::signing_in::sign_in_page;
use crate::server::portal::stop::{NOTHING_HERE, Stop, again, refused};
use crate::server::portal::{guard, links, pages as all_pages};

/// `GET /device`.
pub(in crate::server::portal) async fn form(ask: &Ask<'_>) -> Result<Response<Body>, Stop> {
    issuer(ask)?;
    if !ask.has_session() && guard::is_from_elsewhere(&ask.parts.headers) {
        // A browser that another site sent here presents its session from the next page on.
        let here = ask.parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
        return Ok(page(StatusCode::OK, all_pages::at_provider::onward(&here)));
    }
    let code = UserCode::parse(&ask.parameter("user_code"));
    let shown = code.map(|code| code.shown()).unwrap_or_default();
    match ask.signed_in(|_, _| Ok(())).await {
        Ok((person, ())) => Ok(page(StatusCode::OK, pages::code(ask.visitor(&person), None, &shown))),
        Err(Stop::SignedOut) => {
            let said = Said {
                tone: Tone::Wait,
                title: "A program on a device wants to be let in".to_owned(),
                more: Some("Sign in first: then you are asked for the code that it shows.".to_owned()),
            };
            let mut response = page(StatusCode::OK, sign_in_page(ask.site, Some(&said), false));
            let cookie = pending::cookie(&format!("user_code={}", *shown)).ok_or(Stop::Starting)?;
            response.headers_mut().append(SET_COOKIE, cookie);
            Ok(response)
        }
        Err(stop) => Err(stop),
    }
}

fn issuer<'a>(ask: &Ask<'a>) -> Result<&'a AtIssuer, Stop> {
    ask.site.issuer.as_ref().ok_or(NOTHING_HERE)
}

/// The code of a form. One that is none, and one that nothing waits with, count as attempts.
fn code(ask: &Ask<'_>) -> Result<UserCode, Stop> {
    if let Some(seconds) = ask.site.attempts.wait(ask.client, ask.site.seconds()) {
        return Err(Stop::TooMany(seconds));
    }
    UserCode::parse(ask.field("code")).ok_or_else(|| missed(ask, Refused::NoSuchDevice.into()))
}

/// Counts a wrong code.
fn missed(ask: &Ask<'_>, stop: Stop) -> Stop {
    let is_wrong = |refused: &Refused| matches!(refused, Refused::NoSuchDevice);
    if matches!(&stop, Stop::Refused(refused) if is_wrong(refused)) {
        ask.site.attempts.refused(ask.client, ask.field("code"), false, ask.site.seconds());
    }
    stop
}

/// `POST /device`: what is asked of whoever typed a code.
pub(in crate::server::portal) async fn typed(ask: &Ask<'_>) -> Result<Response<Body>, Stop> {
    issuer(ask)?;
    ask.check_form()?;
    let (person, ()) = ask.signed_in(|_, _| Ok(())).await?;
    let looked = match code(ask) {
        Ok(typed) => {
            let (person, looked) =
                ask.tried(move |env, person| Ok((look(&mut env.store, person, &typed)?, typed))).await?;
            looked.map(|found| (person, found)).map_err(|stop| missed(ask, stop))
        }
        Err(stop) => Err(stop),
    };
    match looked {
        Ok((person, ((request, choices), typed))) => {
            let asked = authorization(ask, request)?;
            let shown = typed.shown();
            let waits = Waits::Elsewhere(&shown);
            let markup = consent::consent(ask.visitor(&person), None, &asked, &choices, waits);
            Ok(page(StatusCode::OK, markup))
        }
        Err(stop @ Stop::TooMany(_)) => {
            let said = stop.said();
            Ok(refused(&stop, pages::code(ask.visitor(&person), Some(&said), "")))
        }
        Err(stop) => again(stop, |said| pages::code(ask.visitor(&person), Some(said), ask.field("code"))),
    }
}

/// The page where it is said: where a sign-in of a browser has its way back.
fn here(ask: &Ask<'_>) -> Result<RedirectUri, Stop> {
    format!("{}{}", ask.site.rules.origin, links::DEVICE).parse().map_err(|_| NOTHING_HERE)
}

fn authorization(ask: &Ask<'_>, request: DeviceRequest) -> Result<Authorization, Stop> {
    let page = here(ask)?;
    let client = Client {
        id: request.client,
        name: request.client_name,
        redirect_uris: vec![page.clone()],
        refreshes: request.refreshes,
    };
    Ok(Authorization {
        client,
        redirect_uri: page,
        state: None,
        scopes: request.scopes,
        resource: request.resource,
        challenge: request.challenge,
    })
}

/// `POST /device/consent`.
pub(in crate::server::portal) async fn answered(ask: &Ask<'_>) -> Result<Response<Body>, Stop> {
    issuer(ask)?;
    ask.check_form()?;
    let typed = code(ask)?;
    if ask.field("say") != "yes" {
        // Whoever says no is signed in, or it is nobody's word.
        let (person, said) = ask.tried(move |env, _| deny(&mut env.store, &typed)).await?;
        return match said {
            Ok(()) => Ok(page(StatusCode::OK, pages::said(ask.visitor(&person), false))),
            Err(stop) => told_again(ask, &person, missed(ask, stop)),
        };
    }
    let broken = |what: &str| Stop::Typed(format!("The form is not whole: {what}"));
    let key = ask.field("key").parse().map_err(|_| broken("no key"))?;
    let chosen = ask.fields("scope");
    let scopes = Scopes::parse_lists(chosen.iter().map(String::as_str)).map_err(|_| broken("a scope"))?;
    let yes = DeviceYes { typed, page: here(ask)?, key, scopes };
    let (person, made) = ask
        .tried(move |env, person| {
            Ok((allow(env, person, &yes), look(&mut env.store, person, &yes.typed), yes.typed))
        })
        .await?;
    let (made, looked, typed) = made?;
    match (made, looked) {
        (Ok(()), _) => Ok(page(StatusCode::OK, pages::said(ask.visitor(&person), true))),
        (Err(why), Ok((request, choices))) => {
            let asked = authorization(ask, request)?;
            let shown = typed.shown();
            let waits = Waits::Elsewhere(&shown);
            again(why.into(), |said| {
                consent::consent(ask.visitor(&person), Some(said), &asked, &choices, waits)
            })
        }
        (Err(why), Err(_)) => told_again(ask, &person, missed(ask, why.into())),
    }
}

fn told_again(
    ask: &Ask<'_>,
    person: &crate::domain::portal::session::Person,
    stop: Stop,
) -> Result<Response<Body>, Stop> {
    again(stop, |said| pages::code(ask.visitor(person), Some(said), ""))
}
