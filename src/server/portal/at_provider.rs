//! Signing in at a provider: there, and back.

use std::sync::Arc;

use hyper::header::SET_COOKIE;
use hyper::{Response, StatusCode};
use zeroize::Zeroizing;

use super::answers::{page, with_cookie};
use super::ask::Ask;
use super::clients::pending;
use super::provider::AtProvider;
use super::signing_in::sign_in_page;
use super::stop::{NOTHING_HERE, Stop, refused};
use super::{guard, links, pages};
use crate::domain::credentials::redirected::Redirected;
use crate::domain::portal::secret::SessionSecret;
use crate::domain::portal::transaction::Transaction;
use crate::ops::portal::oidc::{self, Leaving, NotSignedIn};
use crate::ops::portal::sign_in::SignedIn;
use crate::ops::portal::{Refused, sessions, who};
use crate::server::answers::Body;

/// `POST /oidc`: a page that sends the browser on. A redirect would be the form's, and browsers hold each one behind it, also
/// those of the provider, against `form-action` (CSP 3 §6.4.2): nobody knows ahead where a provider sends people.
pub(super) async fn leave(ask: &Ask<'_>) -> Result<Response<Body>, Stop> {
    let at = ask.site.provider.as_ref().ok_or(NOTHING_HERE)?;
    let left = there(ask, at).await;
    left.or_else(|stop| Ok(refused(&stop, sign_in_page(ask.site, Some(&stop.said()), false))))
}

async fn there(ask: &Ask<'_>, at: &AtProvider) -> Result<Response<Body>, Stop> {
    let (site, client) = (ask.site, ask.client);
    if let Some(seconds) = site.attempts.wait(client, site.seconds()) {
        return Err(Stop::TooMany(seconds));
    }
    let metadata = at.metadata().await?;
    let endpoint = oidc::begins_at(&metadata)?;
    let before = ask.presented();
    // Nobody is sent there while the store could let nobody in. On the way back, the browser does not present the session that it
    // has: so it ends here.
    let drawn = site.run(move |env| {
        if let Some(before) = before
            && let Some(person) = who::who(&mut env.store, before.expose(), client)?
        {
            let _ = sessions::end_own(env, &person);
        }
        env.store.head()?;
        Ok(SessionSecret::generate(env.random.as_mut())?)
    });
    let transaction = Transaction::begun(drawn.await?, at.now()?);
    let leaving = Leaving::new(&at.provider, &metadata, at.redirect_uri(), &transaction);
    let address = AtProvider::address(endpoint, &leaving.form());
    let cookie = guard::transaction_cookie(&transaction).ok_or(Stop::Starting)?;
    let mut response = page(StatusCode::OK, pages::at_provider::leaving(at.name(), &address));
    response.headers_mut().append(SET_COOKIE, cookie);
    if ask.has_session() {
        response.headers_mut().append(SET_COOKIE, guard::no_cookie());
    }
    Ok(response)
}

/// `GET /oidc/callback`: the browser comes back, sent by another site. The session's cookie is set all the same, and presented
/// only from the next page on, which this one leads to.
pub(super) async fn arrive(ask: &Ask<'_>) -> Result<Response<Body>, Stop> {
    let at = ask.site.provider.as_ref().ok_or(NOTHING_HERE)?;
    let mut response = match here(ask, at).await {
        Ok(SignedIn { person, secret }) => {
            ask.is(&person);
            let cookie = guard::cookie(&secret).ok_or(Stop::Starting)?;
            let onward = pending::onward(&ask.parts.headers);
            let arrived = pages::at_provider::arrived(onward.as_deref().unwrap_or(links::HOME));
            let mut response = with_cookie(page(StatusCode::OK, arrived), cookie);
            if onward.is_some() {
                response.headers_mut().append(SET_COOKIE, pending::no_cookie());
            }
            response
        }
        Err(stop) => {
            let response = refused(&stop, sign_in_page(ask.site, Some(&stop.said()), false));
            // Whose it is not does not end it.
            if matches!(&stop, Stop::Provider(why) if matches!(**why, NotSignedIn::Stranger)) {
                return Ok(response);
            }
            response
        }
    };
    response.headers_mut().append(SET_COOKIE, guard::no_transaction_cookie());
    Ok(response)
}

async fn here(ask: &Ask<'_>, at: &AtProvider) -> Result<SignedIn, Stop> {
    let (site, client) = (ask.site, ask.client);
    if let Some(seconds) = site.attempts.wait(client, site.seconds()) {
        return Err(Stop::TooMany(seconds));
    }
    let query = ask.parts.uri.query().unwrap_or_default();
    // Without it nothing is looked up. Such requests can be had of everybody's browser, as that of a picture, and are not counted
    // against them.
    let transaction = guard::transaction(&ask.parts.headers).ok_or(NotSignedIn::Stranger)?;
    let done = answered(ask, at, query, transaction).await;
    if let Err(stop) = &done
        && stop.status() != 503
    {
        site.attempts.refused(client, query, stop.is_recorded(), site.seconds());
    }
    done
}

async fn answered(
    ask: &Ask<'_>,
    at: &AtProvider,
    query: &str,
    transaction: Transaction,
) -> Result<SignedIn, Stop> {
    let pairs = form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| (name.into_owned(), Zeroizing::new(value.into_owned())));
    let redirected = Redirected::read(pairs).ok_or(NotSignedIn::Stranger)?;
    let transaction = Arc::new(transaction);
    let metadata = at.metadata().await?;
    let state = redirected.state.clone();
    let code = oidc::judge(&at.provider, &metadata, &transaction, at.now()?, redirected)?;
    at.use_up(&state)?;
    let subject = at.subject(metadata, &transaction, code).await?;
    let provider = Arc::clone(&at.provider);
    let wanted = subject.clone();
    let begun = ask.site.run(move |env| oidc::begin(env, &provider, &wanted)).await;
    begun.map_err(|stop| match stop {
        Stop::Refused(refused) if matches!(*refused, Refused::NoSuchOwner) => {
            NotSignedIn::Unknown(subject).into()
        }
        other => other,
    })
}
