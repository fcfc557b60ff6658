//! Which rotations are due: a program that runs again and again, as cron does, asks for all of them each time.

use super::rotate::{Fresh, Request, Rotated, refused, refused_in, rotate_in};
use super::{find, rotate, used};
use crate::domain::audit::action::Action;
use crate::domain::keys::key::{IssuedToken, Key, RotateError};
use crate::domain::keys::rules::Rules;
use crate::domain::time::{Expiry, Grace, Span, Timestamp};
use crate::ops::change::Done;
use crate::ops::delivery::Deliver;
use crate::ops::env::Env;
use crate::ops::error::{Conflict, Result};
use crate::ops::handover::Handover;
use crate::store::{Deliveries, ProvisionLookup as _, Tx};

/// When a rotation is due; both, where both are said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// The current token was made before this moment.
    pub issued_before: Option<Timestamp>,
    /// The key ends within this time: then it is renewed, too, for as long as it was given last.
    pub ends_within: Option<Span>,
}

/// Why a key is left as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// Its token is younger.
    Young(Timestamp),
    /// It ends later than that, or never.
    EndsLater(Option<Timestamp>),
    /// Its old token works until then: another rotation would end it.
    Grace(Timestamp),
    /// Another token was not delivered yet to all that wait for it.
    Pending,
    NoToken,
    Expired(Timestamp),
    Revoked,
    /// A manifest says where its tokens go, and nobody else brings them there.
    Delivered,
}

impl Due {
    /// What speaks against a rotation of the key at `now`, of which `deliveries` has where its tokens were delivered to.
    ///
    /// An old token in its grace is waited for by what runs again and again. Who names keys, or ends old tokens at once, means
    /// that one, too: it may be what leaked.
    pub(super) fn left(
        &self,
        key: &Key,
        now: Timestamp,
        grace: Grace,
        deliveries: &Deliveries,
    ) -> Option<Left> {
        let Some(token) = &key.token else {
            return Some(if key.pending_tokens.is_empty() { Left::NoToken } else { Left::Pending });
        };
        let waits = *self != Self::default() && grace != Grace::NONE;
        let in_grace = key.token_in_grace(now).filter(|_| waits).and_then(|old| old.expires_at);
        let ended = key.expires_at.filter(|end| now >= *end);
        if key.revoked_at.is_some() {
            Some(Left::Revoked)
        } else if let Some(end) = ended {
            Some(Left::Expired(end))
        } else if self.issued_before.is_some_and(|before| token.created_at >= before) {
            Some(Left::Young(token.created_at))
        } else if self.ends_within.is_some_and(|span| !ends_within(key, now, span)) {
            Some(Left::EndsLater(key.expires_at))
        } else if !key.pending_tokens.is_empty() {
            Some(Left::Pending)
        } else if let Some(end) = in_grace {
            Some(Left::Grace(end))
        } else {
            deliveries.contains_key(&key.id).then_some(Left::Delivered)
        }
    }

    /// The end that the key gets by its rotation, where that is renewed, and the rule that made it come sooner: nobody asked for
    /// that end, so it is made to fit. A renewal takes no time away: the end stays where it is later than the rule lets it be.
    pub(super) fn expiry(&self, key: &Key, now: Timestamp, rules: &Rules) -> (Option<Expiry>, Option<Span>) {
        let Some(end) = self.ends_within.and_then(|_| key.renewed_end(now)) else { return (None, None) };
        match rules.shortened_end(end, now) {
            None => (Some(Expiry::At(end)), None),
            Some((most, latest)) => {
                let is_later = key.expires_at.is_none_or(|old| latest > old);
                (is_later.then_some(Expiry::At(latest)), Some(most))
            }
        }
    }
}

fn ends_within(key: &Key, now: Timestamp, span: Span) -> bool {
    key.expires_at.is_some_and(|end| now.after(span).is_none_or(|soon| end <= soon))
}

/// What became of a key that was to be renewed.
#[derive(Debug)]
pub enum Renewed {
    Rotated(Box<Rotated>),
    Left { key: Box<Key>, why: Left },
}

/// A key with its new token, and what came of the rest.
struct Turned {
    key: Key,
    superseded: Option<IssuedToken>,
    shortened: Option<Span>,
    renewed: bool,
}

/// What a renewal decided in its transaction.
type Decided = std::result::Result<Turned, (Box<Key>, Left)>;

/// Rotates a key and renews it, if it ends within a time. The request's expiry is of no account.
pub fn renew(
    env: &mut Env,
    request: &Request,
    ends_within: Span,
    deliver: &mut dyn Deliver,
) -> Result<Renewed> {
    let due = Due { ends_within: Some(ends_within), ..Due::default() };
    let key = find::ahead(&mut env.store, &request.key)?;
    let (last_used, fresh) = rotate::draw_ahead(env, &key, request.prefix.as_ref())?;
    let request = Request { key, ..request.clone() };
    let mut handover = Handover::new(deliver);
    let changed = env.change_and_deliver(
        Action::Rotate,
        |tx| renew_in(tx, &request, &due, &fresh),
        |decided| match decided {
            Ok(Turned { key, .. }) => handover.deliver(fresh.token(), key),
            Err(_) => Ok(()),
        },
    );
    Ok(match handover.settle(changed)? {
        Ok(Turned { mut key, superseded, shortened, renewed }) => {
            key.last_used = last_used;
            let token = fresh.into_token();
            Renewed::Rotated(Box::new(Rotated { key, token, superseded, shortened, renewed }))
        }
        Err((mut key, why)) => {
            used::fill(&mut env.store, [key.as_mut()]);
            Renewed::Left { key, why }
        }
    })
}

fn renew_in(tx: &mut Tx<'_>, request: &Request, due: &Due, fresh: &Fresh) -> Result<Done<Decided>> {
    let (key, now) = (find::resolve(tx, &request.key)?, tx.now());
    let deliveries = tx.deliveries(&[key.id])?;
    match due.left(&key, now, request.grace, &deliveries) {
        None => {}
        Some(Left::Revoked) => {
            return Err(refused(&key, &RotateError::Revoked(key.revoked_at.unwrap_or(now))));
        }
        Some(Left::Expired(end)) => return Err(refused(&key, &RotateError::Expired(end))),
        Some(Left::NoToken) => return Err(refused_in(tx, &key, &RotateError::NoToken)),
        Some(Left::Delivered) => return Err(delivered(&key).into()),
        Some(why) => return Ok(Done::unchanged(Err((Box::new(key), why)))),
    }
    let (expiry, shortened) = due.expiry(&key, now, &tx.head().rules);
    let Done { result, events } = rotate_in(tx, &Request { expiry, ..request.clone() }, fresh)?;
    let (key, superseded) = result;
    let renewed = expiry.is_some();
    Ok(Done { result: Ok(Turned { key, superseded, shortened, renewed }), events })
}

fn delivered(key: &Key) -> Conflict {
    let message = format!("the tokens of {} are delivered by a manifest", key.path());
    let hint = "say expires and rotate_after there, and run keyctl apply: it brings the new token to all that wait for it";
    Conflict::new(message, hint).on(key)
}
