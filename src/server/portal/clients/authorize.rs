//! `/oauth/authorize` and `/oauth/consent`: a program's request in somebody's browser, and what they say.
//!
//! Where it is not sure that the program has the address to go back to, the person is told, and nobody else. Else the program is
//! told what came of it, with its own `state` and our `iss` (RFC 9207).

use hyper::header::{HeaderValue, LOCATION, SET_COOKIE};
use hyper::{Response, StatusCode};

use super::issuing::{AtIssuer, Fetcher};
use super::pending;
use crate::domain::keys::scope::Scopes;
use crate::domain::mcp::client::{Client, ClientRef};
use crate::domain::mcp::client_document::Grant;
use crate::domain::mcp::errors::OauthError;
use crate::domain::mcp::redirect_uri::RedirectUri;
use crate::domain::mcp::request::{Asked, Authorization, NoWayBack, Unfit};
use crate::domain::portal::session::Person;
use crate::domain::tokens::audience::Audience;
use crate::ops::env::Env;
use crate::ops::portal::Refused;
use crate::ops::portal::clients::authorize::{Choice, Judged, choices, judge};
use crate::ops::portal::clients::consent::{Yes, consent};
use crate::server::answers::Body;
use crate::server::portal::answers::page;
use crate::server::portal::ask::Ask;
use crate::server::portal::pages::consent::{self as pages, Waits};
use crate::server::portal::pages::shell::{Said, Tone};
use crate::server::portal::signing_in::sign_in_page;
use crate::server::portal::stop::{NOTHING_HERE, Stop, Why, again};
use crate::server::portal::{guard, pages as all_pages};

/// `GET /oauth/authorize`.
pub(in crate::server::portal) async fn asked(ask: &Ask<'_>) -> Result<Response<Body>, Stop> {
    let at = ask.site.issuer.as_ref().ok_or(NOTHING_HERE)?;
    let query = ask.parts.uri.query().unwrap_or_default();
    let fit = match judged(ask, at, query).await {
        Ok(Ok(fit)) => fit,
        Ok(Err(told)) => return Ok(told.sent(at)),
        Err(Stop::SignedOut) => return sign_in_first(ask, None, query),
        Err(stop) => return Err(stop),
    };
    let asked = fit.clone();
    let looked = if ask.has_session() {
        ask.signed_in(move |env, person| offers(env, person, &asked)).await
    } else {
        Err(Stop::SignedOut)
    };
    match looked {
        Ok((person, offers)) => {
            let markup = pages::consent(ask.visitor(&person), None, &fit, &offers, Waits::Here(query));
            Ok(page(StatusCode::OK, markup))
        }
        Err(Stop::SignedOut) => sign_in_first(ask, Some(&fit.resource), query),
        Err(stop) => Err(stop),
    }
}

/// The sign-in page, from which the browser comes back to this very request.
fn sign_in_first(ask: &Ask<'_>, resource: Option<&Audience>, query: &str) -> Result<Response<Body>, Stop> {
    if !ask.has_session() && guard::is_from_elsewhere(&ask.parts.headers) {
        // A browser that another site sent here presents its session from the next page on.
        let here = ask.parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
        return Ok(page(StatusCode::OK, all_pages::at_provider::onward(&here)));
    }
    let what = resource.map(|resource| format!("It is for {resource}. ")).unwrap_or_default();
    let said = Said {
        tone: Tone::Wait,
        title: "A program wants to be let in".to_owned(),
        more: Some(format!("{what}Sign in first: then you are asked.")),
    };
    let mut response = page(StatusCode::OK, sign_in_page(ask.site, Some(&said), false));
    let cookie = pending::cookie(query).ok_or(Stop::Starting)?;
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(response)
}

fn offers(env: &mut Env, person: &Person, fit: &Authorization) -> Result<Vec<Choice>, Refused> {
    choices(&mut env.store, person, &fit.client.id, fit.scopes.as_ref(), &fit.resource)
}

/// What a program is told, and where.
struct Told {
    to: RedirectUri,
    state: Option<String>,
    unfit: Unfit,
    /// Whether an operator gave the address, or it leads nowhere but to the person's own machine.
    is_trusted: bool,
}

impl Told {
    /// No form was sent for this: a redirect goes anywhere (CSP 3 §6.4.2 is of forms).
    fn sent(self, at: &AtIssuer) -> Response<Body> {
        let address = answer(
            at,
            &self.to,
            &[("error", self.unfit.error.as_str()), ("error_description", self.unfit.description)],
            self.state.as_deref(),
        );
        if !self.is_trusted {
            let mut response = page(StatusCode::BAD_REQUEST, pages::onward_by_hand(&self.to, &address));
            response.extensions_mut().insert(Why { reason: self.unfit.reason, fault: None });
            return response;
        }
        let mut response = Response::new(Body::default());
        *response.status_mut() = StatusCode::FOUND;
        if let Ok(place) = HeaderValue::try_from(address) {
            response.headers_mut().insert(LOCATION, place);
        }
        response.extensions_mut().insert(Why { reason: self.unfit.reason, fault: None });
        response
    }
}

/// Where a browser goes back to, with what the program is told.
fn answer(at: &AtIssuer, to: &RedirectUri, said: &[(&str, &str)], state: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(said);
    query.extend_pairs(state.map(|state| ("state", state)));
    query.append_pair("iss", at.issuer.as_str());
    let before = if to.as_str().contains('?') { '&' } else { '?' };
    format!("{to}{before}{}", query.finish())
}

/// A request that a person may be asked about, or what its program is told.
async fn judged(ask: &Ask<'_>, at: &AtIssuer, query: &str) -> Result<Result<Authorization, Told>, Stop> {
    if query.len() > Asked::LONGEST || pending::written(query).is_none() {
        return Err(NoWayBack::TooLong.into());
    }
    let pairs = form_urlencoded::parse(query.as_bytes());
    let asked = Asked::read(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())))?;
    let (to, state) = (asked.redirect_uri.clone(), asked.state.clone());
    let is_trusted = matches!(asked.client, ClientRef::Registered(_)) || to.is_loopback();
    let document = document(ask, at, &asked.client).await?;
    let judged = ask.site.run(move |env| Ok(judge(&mut env.store, asked, document)?)).await?;
    match judged {
        Judged::Fit(fit) => Ok(Ok(*fit)),
        Judged::NoWayBack(why) => Err(why.into()),
        Judged::Unfit(unfit) => Ok(Err(Told { to, state, unfit, is_trusted })),
    }
}

/// What a client says of itself. That is asked for somebody who is signed in, and for nobody else: or whoever can send a browser here
/// would choose what we ask, and how often.
async fn document(ask: &Ask<'_>, at: &AtIssuer, client: &ClientRef) -> Result<Option<Client>, Stop> {
    let attempts = &ask.site.client_attempts;
    if at.is_to_be_asked(client) {
        ask.signed_in(|_, _| Ok(())).await?;
        if let Some(seconds) = attempts.wait(ask.client, ask.site.seconds()) {
            return Err(Stop::TooMany(seconds));
        }
    }
    let document = at.document(client, Grant::AuthorizationCode, Fetcher::SignedIn).await;
    if let Err(Stop::Undocumented(_)) = &document {
        attempts.refused(ask.client, &client.to_string(), false, ask.site.seconds());
    }
    document
}

/// `POST /oauth/consent`. The way back is a page that goes on by itself: a redirect would be the form's, and browsers hold it
/// against `form-action` (CSP 3 §6.4.2).
pub(in crate::server::portal) async fn answered(ask: &Ask<'_>) -> Result<Response<Body>, Stop> {
    let at = ask.site.issuer.as_ref().ok_or(NOTHING_HERE)?;
    ask.check_form()?;
    let query = ask.field("request").to_owned();
    let fit = match judged(ask, at, &query).await? {
        Ok(fit) => fit,
        Err(told) => {
            return Ok(back(
                &told.to,
                &answer(at, &told.to, &[("error", told.unfit.error.as_str())], told.state.as_deref()),
            ));
        }
    };
    let state = fit.state.as_deref();
    if ask.field("say") != "yes" {
        let said = [("error", OauthError::AccessDenied.as_str())];
        // Whoever says no is signed in, or it is nobody's word.
        ask.signed_in(|_, _| Ok(())).await?;
        return Ok(back(&fit.redirect_uri, &answer(at, &fit.redirect_uri, &said, state)));
    }
    let yes = yes(ask, fit.clone())?;
    let asked = fit.clone();
    let (person, (offers, made)) = ask
        .signed_in(move |env, person| {
            let offers = offers(env, person, &asked)?;
            Ok((offers, consent(env, person, &yes)))
        })
        .await?;
    match made {
        Ok(code) => {
            let address = answer(at, &fit.redirect_uri, &[("code", code.expose())], state);
            Ok(back(&fit.redirect_uri, &address))
        }
        Err(refused) => {
            let visitor = ask.visitor(&person);
            again(refused.into(), |said| {
                pages::consent(visitor, Some(said), &fit, &offers, Waits::Here(&query))
            })
        }
    }
}

fn back(to: &RedirectUri, address: &str) -> Response<Body> {
    page(StatusCode::OK, pages::back(to, address))
}

fn yes(ask: &Ask<'_>, asked: Authorization) -> Result<Yes, Stop> {
    let broken = |what: &str| Stop::Typed(format!("The form is not whole: {what}"));
    let key = ask.field("key").parse().map_err(|_| broken("no key"))?;
    let chosen = ask.fields("scope");
    let scopes = Scopes::parse_lists(chosen.iter().map(String::as_str)).map_err(|_| broken("a scope"))?;
    Ok(Yes { asked, key, scopes })
}
