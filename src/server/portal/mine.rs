//! What people do with their own keys.

use hyper::{Response, StatusCode};

use super::answers::{Told, page, see};
use super::ask::Ask;
use super::links::{self, Act, Of};
use super::pages::confirm::{self, Along};
use super::pages::new::{self, Bounds, Typed};
use super::pages::token::{self, Again};
use super::pages::{key as key_page, keys as keys_page};
use super::signing_in;
use super::stop::{Stop, again};
use crate::domain::id::KeyId;
use crate::domain::keys::scope::Scopes;
use crate::domain::portal::session::Person;
use crate::domain::texts::text::check_reason;
use crate::domain::time::{Expiry, Grace, Span, Timestamp};
use crate::ops;
use crate::ops::env::Env;
use crate::ops::keys::revoke::Revocation;
use crate::ops::portal::Refused;
use crate::ops::portal::keys::{self, NewKey};
use crate::ops::portal::redeem::{self, Given};
use crate::ops::portal::shown::{my_key, my_keys, revoke_reach};
use crate::ops::stores::rules;
use crate::server::answers::Body;

/// `GET /`.
pub(super) async fn home(ask: &Ask<'_>) -> Result<Response<Body>, Stop> {
    if !ask.has_session() {
        return Ok(signing_in::form(ask));
    }
    let after: Option<KeyId> = ask.parameter("after").parse().ok();
    let (person, found) = ask.signed_in(move |env, person| my_keys(&mut env.store, person, after)).await?;
    Ok(page(StatusCode::OK, keys_page::mine(ask.visitor(&person), ask.said().as_ref(), &found)))
}

/// `GET /keys/ID`.
pub(super) async fn show(ask: &Ask<'_>, id: KeyId) -> Result<Response<Body>, Stop> {
    let look = move |env: &mut Env, person: &Person| {
        let found = my_key(&mut env.store, person, id)?;
        Ok((found, now(env)?))
    };
    let (person, (found, now)) = ask.signed_in(look).await?;
    let said = ask.said();
    Ok(page(StatusCode::OK, key_page::key(ask.visitor(&person), said.as_ref(), Of::Owner, &found, now)))
}

/// The store's time.
pub(super) fn now(env: &mut Env) -> Result<Timestamp, Refused> {
    Ok(env.store.now()?)
}

/// What the store allows of a key that is made now.
fn bounds(env: &mut Env, person: &Person) -> Result<Bounds, Refused> {
    let rules = rules::read(&mut env.store)?;
    let at = now(env)?;
    let until = |end: Timestamp| Span::from_secs((end.as_millis() - at.as_millis()).max(0) / 1000);
    let by_person = person.latest_end(at).and_then(until);
    let most = [rules.max_expiry, by_person].into_iter().flatten().min();
    Ok(Bounds { most, must_end: rules.require_expiry })
}

/// `GET /keys/new`.
pub(super) async fn new_form(ask: &Ask<'_>) -> Result<Response<Body>, Stop> {
    let (person, bounds) = ask.signed_in(bounds).await?;
    Ok(page(StatusCode::OK, new::new(ask.visitor(&person), None, bounds, &Typed::default())))
}

/// `POST /keys/new`.
pub(super) async fn make(ask: &Ask<'_>) -> Result<Response<Body>, Stop> {
    ask.check_form()?;
    let typed = Typed {
        name: ask.field("name").trim().to_owned(),
        scopes: ask.fields("scope"),
        more: ask.field("more").trim().to_owned(),
        expires: ask.field("expires").trim().to_owned(),
    };
    let wanted = wanted(&typed);
    let (person, (bounds, made)) = ask
        .signed_in(move |env, person| {
            let bounds = bounds(env, person)?;
            let made = match wanted {
                Ok(wanted) => keys::make_key(env, person, &wanted).map_err(not_made),
                Err(stop) => Err(stop),
            };
            Ok((bounds, made))
        })
        .await?;
    let visitor = ask.visitor(&person);
    match made {
        Ok(given) => Ok(shown(ask, &person, &given, Again::Never)),
        Err(stop) => again(stop, |said| new::new(visitor, Some(said), bounds, &typed)),
    }
}

/// Why a key was not made. What stands in its way is one of the same name, where it is a key.
fn not_made(refused: Refused) -> Stop {
    match &refused {
        Refused::Failed(ops::Error::Conflict(conflict)) if conflict.key.is_some() && !conflict.is_policy => {
            Stop::Http {
                status: 409,
                reason: "name_taken",
                title: "You have a key of this name already",
                more: "Choose another name, or give that key a new token.",
            }
        }
        _ => refused.into(),
    }
}

/// What was typed, as it is meant.
fn wanted(typed: &Typed) -> Result<NewKey, Stop> {
    let said = |what: &str, why: &dyn std::fmt::Display| Stop::Typed(format!("{what}: {why}"));
    let name = typed.name.parse().map_err(|error| said("The name cannot be that", &error))?;
    let more = typed.more.split([',', ' ']).filter(|scope| !scope.is_empty());
    let scopes = typed.scopes.iter().map(String::as_str).chain(more);
    let scopes = Scopes::parse_lists(scopes).map_err(|error| said("A scope cannot be that", &error))?;
    let expiry: Option<Expiry> = match typed.expires.as_str() {
        "" => None,
        text => Some(text.parse().map_err(|error| said("The end cannot be that", &error))?),
    };
    Ok(NewKey { name: Some(name), scopes, expiry })
}

fn shown(ask: &Ask<'_>, person: &Person, given: &Given, again: Again) -> Response<Body> {
    let service = &ask.site.rules.service;
    page(StatusCode::OK, token::token(ask.visitor(person), &given.key, &given.token, service, again))
}

/// `POST /token`: the token of a key that waits.
pub(super) async fn take(ask: &Ask<'_>) -> Result<Response<Body>, Stop> {
    ask.check_form()?;
    let (person, given) = ask.signed_in(redeem::redeem_token).await?;
    Ok(shown(ask, &person, &given, Again::UntilKept))
}

/// `POST /token/kept`.
pub(super) async fn keep(ask: &Ask<'_>) -> Result<Response<Body>, Stop> {
    ask.check_form()?;
    ask.signed_in(redeem::acknowledge).await?;
    Ok(see(links::HOME, Some(Told::Kept)))
}

/// `GET /keys/ID/rotate`.
pub(super) async fn rotate_form(ask: &Ask<'_>, id: KeyId) -> Result<Response<Body>, Stop> {
    let (person, found) = ask.signed_in(move |env, person| my_key(&mut env.store, person, id)).await?;
    Ok(page(StatusCode::OK, confirm::rotate(ask.visitor(&person), None, &found.key)))
}

/// `POST /keys/ID/rotate`.
pub(super) async fn rotate(ask: &Ask<'_>, id: KeyId) -> Result<Response<Body>, Stop> {
    ask.check_form()?;
    let grace: Grace = ask
        .field("grace")
        .parse()
        .map_err(|error| Stop::Typed(format!("The grace cannot be that: {error}")))?;
    let generation = ask.field("generation").parse();
    let generation: i64 = generation.map_err(|_| Stop::Typed("The form is not whole".to_owned()))?;
    let rotate = move |env: &mut Env, person: &Person| keys::rotate(env, person, id, generation, grace);
    let (person, given) = ask.signed_in(rotate).await?;
    Ok(shown(ask, &person, &given, Again::Never))
}

/// `POST /keys/ID/suspend`.
pub(super) async fn suspend(ask: &Ask<'_>, id: KeyId) -> Result<Response<Body>, Stop> {
    ask.check_form()?;
    ask.signed_in(move |env, person| keys::suspend(env, person, id, None)).await?;
    Ok(see(&links::key(Of::Owner, id, Act::Show), Some(Told::Suspended)))
}

/// `POST /keys/ID/resume`.
pub(super) async fn resume(ask: &Ask<'_>, id: KeyId) -> Result<Response<Body>, Stop> {
    ask.check_form()?;
    ask.signed_in(move |env, person| keys::resume(env, person, id)).await?;
    Ok(see(&links::key(Of::Owner, id, Act::Show), Some(Told::Resumed)))
}

/// `GET /keys/ID/revoke`: what goes with it.
pub(super) async fn revoke_form(ask: &Ask<'_>, id: KeyId) -> Result<Response<Body>, Stop> {
    let look = move |env: &mut Env, person: &Person| {
        let found = my_key(&mut env.store, person, id)?;
        Ok((found.key, revoke_reach(&mut env.store, person, id)?))
    };
    let (person, (key, reach)) = ask.signed_in(look).await?;
    let along = Along { keys: reach.iter().collect(), secrets: &[] };
    Ok(page(StatusCode::OK, confirm::revoke(ask.visitor(&person), None, Of::Owner, &key, &along)))
}

/// `POST /keys/ID/revoke`.
pub(super) async fn revoke(ask: &Ask<'_>, id: KeyId) -> Result<Response<Body>, Stop> {
    ask.check_form()?;
    let (reason, keep_made) = reason(ask)?;
    let revoke = move |env: &mut Env, person: &Person| {
        keys::revoke(env, person, id, Revocation { reason: reason.as_deref(), keep_made })
    };
    ask.signed_in(revoke).await?;
    Ok(see(links::HOME, Some(Told::Revoked)))
}

/// Why, if anybody said so, and whether what was made with it stays.
pub(super) fn reason(ask: &Ask<'_>) -> Result<(Option<String>, bool), Stop> {
    let reason = ask.field("reason").trim();
    check_reason(reason).map_err(|error| Stop::Typed(format!("The reason cannot be that: {error}")))?;
    let reason = Some(reason).filter(|reason| !reason.is_empty()).map(str::to_owned);
    Ok((reason, ask.field("keep_made") == "yes"))
}
