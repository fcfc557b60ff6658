//! What those do who may see all keys.

use hyper::{Response, StatusCode};

use super::answers::{Told, page, see};
use super::ask::Ask;
use super::links::{self, Act, Of};
use super::mine::{now, reason};
use super::pages::admin::{self as pages, Found, Invitation, Looked};
use super::pages::confirm::{self, Along};
use super::pages::key as key_page;
use super::stop::{Stop, again};
use crate::domain::id::KeyId;
use crate::domain::keys::scope::Scopes;
use crate::domain::portal::ids::SessionId;
use crate::domain::portal::session::Person;
use crate::ops::env::Env;
use crate::ops::keys::revoke::Revocation;
use crate::ops::portal::admin::{self, Owners};
use crate::ops::portal::{Refused, invite};
use crate::server::answers::Body;

/// `GET /admin`.
pub(super) async fn all(ask: &Ask<'_>) -> Result<Response<Body>, Stop> {
    let looked =
        Looked { text: ask.parameter("q").trim().to_owned(), owner: ask.parameter("owner").parse().ok() };
    let (text, owner) = (looked.text.clone(), looked.owner.clone());
    let after: Option<KeyId> = ask.parameter("after").parse().ok();
    let look = move |env: &mut Env, person: &Person| {
        let owners = match owner {
            None => admin::owners(&mut env.store, person, &text)?,
            Some(_) => Owners::default(),
        };
        let signed_in = owner.as_ref().map(|owner| admin::sessions(&mut env.store, person, owner));
        let keys = admin::keys(&mut env.store, person, owner.as_ref(), &text, after)?;
        Ok((owners, signed_in.transpose()?, keys))
    };
    let (person, (owners, signed_in, keys)) = ask.signed_in(look).await?;
    let (said, found) = (ask.said(), Found { owners, signed_in, keys });
    Ok(page(StatusCode::OK, pages::all(ask.visitor(&person), said.as_ref(), &looked, &found)))
}

/// `POST /admin/sessions/ID/end`.
pub(super) async fn end_session(ask: &Ask<'_>, id: SessionId) -> Result<Response<Body>, Stop> {
    ask.check_form()?;
    let (_, owner) = ask.signed_in(move |env, person| admin::end_session(env, person, id)).await?;
    Ok(see(&owner.as_ref().map_or(links::ADMIN.to_owned(), links::owner), Some(Told::Ended)))
}

/// `GET /admin/keys/ID`.
pub(super) async fn show(ask: &Ask<'_>, id: KeyId) -> Result<Response<Body>, Stop> {
    let look = move |env: &mut Env, person: &Person| {
        let found = admin::key(&mut env.store, person, id)?;
        Ok((found, now(env)?))
    };
    let (person, (found, now)) = ask.signed_in(look).await?;
    let said = ask.said();
    Ok(page(StatusCode::OK, key_page::key(ask.visitor(&person), said.as_ref(), Of::Admin, &found, now)))
}

/// `POST /admin/keys/ID/suspend`.
pub(super) async fn suspend(ask: &Ask<'_>, id: KeyId) -> Result<Response<Body>, Stop> {
    ask.check_form()?;
    ask.signed_in(move |env, person| admin::suspend(env, person, id, None)).await?;
    Ok(see(&links::key(Of::Admin, id, Act::Show), Some(Told::Suspended)))
}

/// `POST /admin/keys/ID/resume`.
pub(super) async fn resume(ask: &Ask<'_>, id: KeyId) -> Result<Response<Body>, Stop> {
    ask.check_form()?;
    ask.signed_in(move |env, person| admin::resume(env, person, id)).await?;
    Ok(see(&links::key(Of::Admin, id, Act::Show), Some(Told::Resumed)))
}

/// `GET /admin/keys/ID/revoke`: who would be hit.
pub(super) async fn revoke_form(ask: &Ask<'_>, id: KeyId) -> Result<Response<Body>, Stop> {
    let (person, reach) = ask.signed_in(move |env, person| admin::reach(&mut env.store, person, id)).await?;
    let along = Along { keys: reach.children.iter().chain(&reach.made).collect(), secrets: &reach.secrets };
    Ok(page(StatusCode::OK, confirm::revoke(ask.visitor(&person), None, Of::Admin, &reach.key, &along)))
}

/// `POST /admin/keys/ID/revoke`.
pub(super) async fn revoke(ask: &Ask<'_>, id: KeyId) -> Result<Response<Body>, Stop> {
    ask.check_form()?;
    let (reason, keep_made) = reason(ask)?;
    let revoke = move |env: &mut Env, person: &Person| {
        admin::revoke(env, person, id, Revocation { reason: reason.as_deref(), keep_made })
    };
    ask.signed_in(revoke).await?;
    Ok(see(&links::key(Of::Admin, id, Act::Show), Some(Told::Revoked)))
}

/// `GET /admin/invite`.
pub(super) async fn invite_form(ask: &Ask<'_>) -> Result<Response<Body>, Stop> {
    let check = |_: &mut Env, person: &Person| if person.is_admin { Ok(()) } else { Err(Refused::NotAdmin) };
    let (person, ()) = ask.signed_in(check).await?;
    Ok(page(StatusCode::OK, pages::invite(ask.visitor(&person), None, &Invitation::default())))
}

/// `POST /admin/invite`.
pub(super) async fn invite(ask: &Ask<'_>) -> Result<Response<Body>, Stop> {
    ask.check_form()?;
    let field = |name: &str| ask.field(name).trim().to_owned();
    let typed = Invitation {
        owner: field("owner"),
        scopes: field("scopes"),
        ttl: field("ttl"),
        expires: field("expires"),
    };
    let wanted = wanted(&typed);
    let invited = ask
        .tried(move |env, person| match wanted {
            Ok(wanted) => Ok(Ok(admin::invite(env, person, &wanted)?)),
            Err(stop) => Ok(Err(stop)),
        })
        .await?;
    let (person, invited) = invited;
    let visitor = ask.visitor(&person);
    match invited.and_then(|invited| invited) {
        Err(stop) => again(stop, |said| pages::invite(visitor, Some(said), &typed)),
        Ok(invited) => {
            let link = format!("{}{}#{}", ask.site.rules.origin, links::CLAIM, invited.code.expose());
            Ok(page(StatusCode::OK, pages::invited(visitor, &invited.claim, &link)))
        }
    }
}

fn wanted(typed: &Invitation) -> Result<invite::Request, Stop> {
    let said = |what: &str, why: &dyn std::fmt::Display| Stop::Typed(format!("{what}: {why}"));
    let scopes = typed.scopes.split([',', ' ']).filter(|scope| !scope.is_empty());
    let max_expiry = match typed.expires.as_str() {
        "" => None,
        text => Some(text.parse().map_err(|error| said("Keys cannot live that long", &error))?),
    };
    Ok(invite::Request {
        subject: None,
        allow_all: false,
        owner: typed.owner.parse().map_err(|error| said("The owner cannot be that", &error))?,
        scopes: Scopes::parse_lists(scopes).map_err(|error| said("A scope cannot be that", &error))?,
        ttl: typed.ttl.parse().map_err(|error| said("The link cannot work that long", &error))?,
        max_expiry,
    })
}
