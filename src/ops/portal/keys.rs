//! What people do with keys of their own.

use super::Refused;
use super::holding;
use super::redeem::Given;
use super::signed::change_by;
use super::who::hold;
use crate::domain::audit::action::Action;
use crate::domain::id::KeyId;
use crate::domain::keys::key::Key;
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::keys::label::Labels;
use crate::domain::keys::network::Networks;
use crate::domain::keys::scope::Scopes;
use crate::domain::owners::owner::KeyName;
use crate::domain::portal::session::{CameFrom, Person};
use crate::domain::time::{Expiry, Grace};
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::keys::mint;
use crate::ops::keys::revoke::{Revocation, revoke_in};
use crate::ops::keys::rotate;
use crate::ops::keys::select::Stopped;
use crate::ops::keys::suspend::{Suspension, Until, resume_in, suspend_in};
use crate::store::{Lookup as _, SuspensionLookup as _, Tx};

/// A key that somebody wants.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// What it is called; `None` takes `default` if that is free, else a random name.
    pub name: Option<KeyName>,
    pub scopes: Scopes,
    /// When it ends; `None` takes the store's default, or what is left where that is less.
    pub expiry: Option<Expiry>,
}

/// Makes a key for the person's owner, which may do no more than the person may give, and live no longer than what they
/// signed in with. Rate, quota and networks are those of the key that they signed in with.
pub fn make_key(env: &mut Env, person: &Person, wanted: &NewKey) -> Result<Given, Refused> {
    let prefix = env.store.default_prefix()?;
    let fresh = mint::Fresh::draw(&prefix, env.random.as_mut())?;
    let key = change_by(env, Action::Mint, person, |tx, person| {
        check_given(person, &wanted.scopes)?;
        let own = match person.came_from {
            CameFrom::Key { key, .. } => tx.key_by_id(key)?,
            CameFrom::Claim(_) | CameFrom::Oidc { .. } => None,
        };
        let request = mint::Request {
            owner: person.owner.clone(),
            subject: None,
            name: wanted.name.clone(),
            scopes: wanted.scopes.clone(),
            roles: Vec::new(),
            parent: None,
            allow_all: wanted.scopes.hold_everything(),
            expiry: end(tx, person, wanted.expiry)?,
            not_before: None,
            prefix: None,
            // Its bounds are those of the key that it is made with: else they would bound nobody who signs in with that.
            rate: own.as_ref().and_then(|key| key.rate),
            quota: own.as_ref().and_then(|key| key.quota),
            networks: own.map_or_else(Networks::default, |key| key.networks),
            labels: Labels::default(),
            allow_jwt: false,
            note: None,
            made_by: Some(person.made_by()),
            if_absent: false,
            canary: false,
        };
        let Done { result, events } = mint::mint_in(tx, &request, &fresh)?;
        Ok(Done { result: result.key, events })
    })?;
    Ok(Given { key, token: fresh.into_token() })
}

/// What is to be given is none of the tool's own, and no more than the person may give.
pub(super) fn check_given(person: &Person, scopes: &Scopes) -> Result<(), Refused> {
    if let Some(scope) = scopes.reserved().next() {
        return Err(Refused::Reserved(scope.clone()));
    }
    let beyond: Vec<_> = person.beyond(scopes).cloned().collect();
    if beyond.is_empty() { Ok(()) } else { Err(Refused::Beyond(beyond)) }
}

/// The end of a new key, within what is left to the person. What is asked for is refused where it is beyond; what is not asked
/// for is made to fit.
pub(super) fn end(tx: &Tx<'_>, person: &Person, asked: Option<Expiry>) -> Result<Option<Expiry>, Refused> {
    let now = tx.now();
    let Some(until) = person.latest_end(now) else { return Ok(asked) };
    let head = tx.head();
    let wanted = asked.unwrap_or_else(|| head.rules.default_expiry(head.default_expiry));
    // One that is none is refused where the key is made.
    let Ok(end) = wanted.resolve(now) else { return Ok(asked) };
    match end {
        Some(end) if end <= until => Ok(asked),
        _ if asked.is_some() => Err(Refused::TooLong { until }),
        _ => Ok(Some(Expiry::At(until))),
    }
}

/// Gives a key of the person's another token. Whoever gets one may do what the key may do, so it is one that the person may
/// hold. A session goes on with the new token of the key that it came from.
///
/// `generation` is that of the key as it was shown. Where there is another token since, as by a second tab, nothing is done: the
/// grace of the token that is in use ends with the next one.
pub fn rotate(
    env: &mut Env,
    person: &Person,
    id: KeyId,
    generation: i64,
    grace: Grace,
) -> Result<Given, Refused> {
    // Ahead: the token has the prefix of the one before.
    hold(&mut env.store, person, id)?;
    let (_, fresh) = rotate::draw_ahead(env, &KeyRef::Id(id), None)?;
    let key = change_by(env, Action::Rotate, person, |tx, person| {
        let key = hold(tx, person, id)?;
        let now = tx.now();
        holding::check(tx, person, &key, now)?;
        if key.generation != generation {
            return Err(Refused::Replaced);
        }
        let request = rotate::Request { key: KeyRef::Id(id), grace, expiry: None, prefix: None };
        let Done { result: (key, _), events } = rotate::rotate_in(tx, &request, &fresh)?;
        if matches!(person.came_from, CameFrom::Key { key, .. } if key == id) {
            let presented = fresh.token().display_prefix().token_id();
            tx.carry_session(person.session, &presented);
        }
        Ok(Done { result: key, events })
    })?;
    Ok(Given { key, token: fresh.into_token() })
}

/// Stops a key of the person's, until they let it work again.
pub fn suspend(env: &mut Env, person: &Person, id: KeyId, reason: Option<&str>) -> Result<Key, Refused> {
    change_by(env, Action::Suspend, person, |tx, person| {
        let key = hold(tx, person, id)?;
        let since = key.suspension(tx.now()).map(|(since, _)| since);
        if since.is_some() && tx.own_suspension(id)? != since {
            // It would last until somebody takes it back, which they may not.
            return Ok(Done::unchanged(key));
        }
        let wanted = Suspension { reason, until: Until::Resumed, by_owner: true };
        let (stopped, events) = one(suspend_in(tx, &[KeyRef::Id(id)], &wanted)?)?;
        let now = tx.now();
        if !stopped.already && stopped.key.suspended_at == Some(now) {
            tx.set_own_suspension(id, Some(now));
        }
        Ok(Done { result: stopped.key, events })
    })
}

/// Lets a key of the person's work again, if it was they who stopped it.
pub fn resume(env: &mut Env, person: &Person, id: KeyId) -> Result<Key, Refused> {
    change_by(env, Action::Resume, person, |tx, person| {
        let key = hold(tx, person, id)?;
        let since = key.suspension(tx.now()).map(|(since, _)| since);
        if since.is_some() && tx.own_suspension(id)? != since {
            return Err(Refused::Suspended);
        }
        let (stopped, events) = one(resume_in(tx, &[KeyRef::Id(id)])?)?;
        if since.is_some() {
            tx.set_own_suspension(id, None);
        }
        Ok(Done { result: stopped.key, events })
    })
}

/// Ends a key of the person's for good, with its children, and unless they are kept with all that was made with it. Returns
/// what ended.
pub fn revoke(env: &mut Env, person: &Person, id: KeyId, how: Revocation<'_>) -> Result<Vec<Key>, Refused> {
    change_by(env, Action::Revoke, person, |tx, person| {
        hold(tx, person, id)?;
        let (stopped, events) = one(revoke_in(tx, &[KeyRef::Id(id)], how)?)?;
        Ok(Done { result: stopped.all(), events })
    })
}

/// The one key that a change of one was about, with its records.
pub(super) fn one(
    done: Done<crate::ops::keys::select::Outcome>,
) -> Result<(Stopped, Vec<crate::domain::audit::event::Event>), Refused> {
    let Done { result, events } = done;
    let stopped = result.keys.into_iter().next().ok_or(Refused::NoSuchKey)?;
    Ok((stopped, events))
}
