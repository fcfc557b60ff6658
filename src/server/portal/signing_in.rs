//! Signing in by a key or by the code of an invitation, and out.

use hyper::header::SET_COOKIE;
use hyper::{Response, StatusCode};
use zeroize::Zeroizing;

use super::answers::{Told, page, see, with_cookie};
use super::ask::Ask;
use super::clients::pending;
use super::guard;
use super::links;
use super::pages::shell::Said;
use super::pages::sign_in as pages;
use super::provider::AtProvider;
use super::site::Site;
use super::stop::{Stop, refused};
use crate::ops::env::Env;
use crate::ops::portal::sign_in::{SignedIn, by_claim, by_key};
use crate::ops::portal::{Refused, sessions, who};
use crate::server::answers::Body;

/// `GET /sign-in`, and `GET /` of whoever is signed out.
pub(super) fn form(ask: &Ask<'_>) -> Response<Body> {
    let from_elsewhere = guard::is_from_elsewhere(&ask.parts.headers);
    page(StatusCode::OK, sign_in_page(ask.site, ask.said().as_ref(), from_elsewhere))
}

/// With all the ways in that there are.
pub(super) fn sign_in_page(site: &Site, said: Option<&Said>, came_from_elsewhere: bool) -> String {
    pages::sign_in(said, came_from_elsewhere, site.provider.as_ref().map(AtProvider::name))
}

/// `GET /claim`: whoever looks redeems nothing.
pub(super) fn invitation() -> Response<Body> {
    page(StatusCode::OK, pages::claim(None))
}

/// `POST /sign-in`.
pub(super) async fn with_key(ask: &Ask<'_>) -> Result<Response<Body>, Stop> {
    let (key, client) = (secret(ask.field("key").trim()), ask.client);
    let presented = key.clone();
    let begun = begin(ask, &presented, move |env| by_key(env, &key, client)).await;
    begun.or_else(|stop| Ok(refused(&stop, sign_in_page(ask.site, Some(&stop.said()), false))))
}

/// `POST /claim`.
pub(super) async fn with_code(ask: &Ask<'_>) -> Result<Response<Body>, Stop> {
    let typed = ask.field("code").trim();
    // Some paste the whole link.
    let code = secret(typed.rsplit_once('#').map_or(typed, |(_, code)| code));
    let presented = code.clone();
    let begun = begin(ask, &presented, move |env| by_claim(env, &code)).await;
    begun.or_else(|stop| Ok(refused(&stop, pages::claim(Some(&stop.said())))))
}

fn secret(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.to_owned())
}

/// Begins a session, always one with a secret of its own, and ends the one that the browser had.
async fn begin(
    ask: &Ask<'_>,
    presented: &str,
    job: impl FnOnce(&mut Env) -> Result<SignedIn, Refused> + Send + 'static,
) -> Result<Response<Body>, Stop> {
    let (site, client) = (ask.site, ask.client);
    if let Some(seconds) = site.attempts.wait(client, site.seconds()) {
        return Err(Stop::TooMany(seconds));
    }
    let before = ask.presented();
    let begun = site.run(move |env| {
        let begun = job(env)?;
        // Not asked for, and so nothing that its failure would be told of.
        if let Some(before) = before
            && let Ok(Some(person)) = who::who(&mut env.store, before.expose(), client)
        {
            let _ = sessions::end_own(env, &person);
        }
        Ok(begun)
    });
    match begun.await {
        Ok(SignedIn { person, secret }) => {
            ask.is(&person);
            let cookie = guard::cookie(&secret).ok_or(Stop::Starting)?;
            let onward = pending::onward(&ask.parts.headers);
            let mut response = with_cookie(see(onward.as_deref().unwrap_or(links::HOME), None), cookie);
            if onward.is_some() {
                response.headers_mut().append(SET_COOKIE, pending::no_cookie());
            }
            Ok(response)
        }
        Err(stop) => {
            if stop.status() != 503 {
                site.attempts.refused(client, presented, stop.is_recorded(), site.seconds());
            }
            Err(stop)
        }
    }
}

/// `POST /sign-out`: the browser forgets the session in any case.
pub(super) async fn out(ask: &Ask<'_>) -> Result<Response<Body>, Stop> {
    let ended = match ask.check_form() {
        Ok(()) => ask.signed_in_still(sessions::end_own).await.map(drop),
        Err(stop) => Err(stop),
    };
    match ended {
        Ok(()) | Err(Stop::SignedOut) => {
            Ok(with_cookie(see(links::SIGN_IN, Some(Told::SignedOut)), guard::no_cookie()))
        }
        Err(stop) => Err(stop),
    }
}
