//! Stopping keys for a while, and letting them work again.

use serde_json::json;

use super::select::{self, Outcome, Selection, Stopped};
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::keys::key::Key;
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::time::{Span, Timestamp};
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Conflict, Error, Result};
use crate::store::{Lookup as _, SuspensionLookup as _, Tx};

/// What a suspension is to be.
#[derive(Clone, Copy, Debug, Default)]
pub struct Suspension<'r> {
    pub reason: Option<&'r str>,
    pub until: Until,
    /// Whether it is the owner who stops a key, through the portal, and may let it work again there.
    pub by_owner: bool,
}

/// When a suspension ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Until {
    /// When somebody lets the key work again.
    #[default]
    Resumed,
    /// By itself, so long after the change.
    After(Span),
    /// By itself, at this moment.
    At(Timestamp),
}

impl Until {
    fn resolve(self, now: Timestamp) -> Result<Option<Timestamp>> {
        let end = match self {
            Self::Resumed => return Ok(None),
            Self::After(span) => now.after(span),
            Self::At(at) => Some(at),
        };
        end.map(Some).ok_or_else(|| Error::Invalid {
            message: "the suspension would end after the year 9999".to_owned(),
            hint: "leave --for out: it then ends by keyctl resume".to_owned(),
        })
    }
}

/// Suspends the keys meant until somebody lets them work again.
#[cfg(feature = "internals")]
pub fn suspend(env: &mut Env, selection: impl Into<Selection>, reason: Option<&str>) -> Result<Outcome> {
    suspend_until(env, selection, &Suspension { reason, ..Suspension::default() })
}

/// Suspends the keys meant; their children stop with them. The first time stays, and a revoked key is stopped already.
/// Of a key that is suspended, another end takes the place of the one that it has; but where all are meant that something
/// holds for, none is let work sooner by that.
pub fn suspend_until(
    env: &mut Env,
    selection: impl Into<Selection>,
    wanted: &Suspension<'_>,
) -> Result<Outcome> {
    let selection = selection.into();
    let may_shorten = matches!(selection, Selection::Named(_));
    select::each(env, Action::Suspend, &selection, |tx, keys| {
        select::each_in(tx, keys, |tx, key| suspend_one(tx, key, wanted, may_shorten))
    })
}

/// The same of named keys, as a part of a change, which lets none of them work sooner.
pub(in crate::ops) fn suspend_in(
    tx: &mut Tx<'_>,
    keys: &[KeyRef],
    wanted: &Suspension<'_>,
) -> Result<Done<Outcome>> {
    select::each_in(tx, keys, |tx, key| suspend_one(tx, key, wanted, false))
}

fn suspend_one(
    tx: &mut Tx<'_>,
    key: Key,
    wanted: &Suspension<'_>,
    may_shorten: bool,
) -> Result<Done<Stopped>> {
    let (now, until) = (tx.now(), wanted.until.resolve(tx.now())?);
    let before = key.suspension(now);
    let stays = before.is_some_and(|(_, end)| {
        // One that has no end lasts longer than any.
        let is_longer = end.is_some_and(|end| until.is_none_or(|until| until > end));
        end == until || !(may_shorten || is_longer)
    });
    // From now on it is not the owner's any more to let it work again.
    let taken_over = before.is_some() && !wanted.by_owner && tx.own_suspension(key.id)?.is_some();
    if key.revoked_at.is_some() || (stays && !taken_over) {
        return Ok(Done::unchanged(Stopped::already(key)));
    }
    if taken_over {
        tx.set_own_suspension(key.id, None);
    }
    let until = match before {
        Some((_, end)) if stays => end,
        _ => until,
    };
    let children = tx.live_children(key.id)?;
    let details = json!({
        "reason": wanted.reason,
        "suspended_until": until,
        // Of one that takes the place of another.
        "suspended_at": before.map(|(since, _)| since),
        "was_until": before.and_then(|(_, end)| end),
    });
    if before.is_none() {
        tx.raise_version(key.id);
    }
    let since = before.map_or(now, |(since, _)| since);
    let suspended = Key { suspended_at: Some(since), suspended_until: until, ..key };
    tx.suspend_key(suspended.id, Some(since), until);
    tx.refresh_key(suspended.id)?;
    let event = Event::done(Action::Suspend, details).on(&suspended);
    Ok(Done::with(Stopped::now(suspended, children), event))
}

/// Lets suspended keys work again; their children, too. A key that is not suspended stays as it
/// is. A revoked one is a conflict.
pub fn resume(env: &mut Env, keys: impl Into<Selection>) -> Result<Outcome> {
    select::each(env, Action::Resume, &keys.into(), resume_in)
}

/// The same of named keys, as a part of a change.
pub fn resume_in(tx: &mut Tx<'_>, keys: &[KeyRef]) -> Result<Done<Outcome>> {
    select::each_in(tx, keys, resume_one)
}

fn resume_one(tx: &mut Tx<'_>, key: Key) -> Result<Done<Stopped>> {
    if let Some(at) = key.revoked_at {
        let message = format!("{} was revoked at {at}, and that is final", key.path());
        let hint = format!("mint a new key: keyctl mint {}", key.owner);
        return Err(Conflict::new(message, hint).on(&key).into());
    }
    if key.suspension(tx.now()).is_none() {
        return Ok(Done::unchanged(Stopped::already(key)));
    }
    let children = tx.live_children(key.id)?;
    let details = json!({ "suspended_at": key.suspended_at, "suspended_until": key.suspended_until });
    let resumed = Key { suspended_at: None, suspended_until: None, ..key };
    tx.suspend_key(resumed.id, None, None);
    tx.refresh_key(resumed.id)?;
    let event = Event::done(Action::Resume, details).on(&resumed);
    Ok(Done::with(Stopped::now(resumed, children), event))
}
