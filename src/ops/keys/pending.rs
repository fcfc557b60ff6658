//! A token that is committed before it is delivered.
//!
//! Where a token goes to places that others read, it cannot be written before it counts: they would take a token that is
//! not valid yet. So it is committed first, as *pending*: it works, and so does the token before it. Once it was
//! delivered, [`confirm_in`] makes it the key's, and the grace of the old one begins. Whoever is stopped in between leaves
//! tokens that all work; the next one that is delivered ends them.

use serde_json::json;

use super::allowed;
use super::find::resolve;
use super::mint::{self, Planned};
use super::rotate::{self, cuts_short, refused, refused_in, rotated};
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::keys::key::{IssuedToken, Key};
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::keys::token::DisplayPrefix;
use crate::domain::texts::text::counted;
use crate::domain::time::{Expiry, Grace};
use crate::ops::change::Done;
use crate::ops::error::{Conflict, Error, Result};
use crate::store::Tx;

/// Tokens of a key that may wait to be delivered. Each works: a delivery that fails again and again must not make ever more.
pub(crate) const MOST: usize = 10;

/// A new key, whose first token is pending.
pub(crate) fn mint_in(
    tx: &mut Tx<'_>,
    request: &mint::Request,
    fresh: &mint::Fresh,
) -> Result<Done<Planned>> {
    let planned = mint::plan(tx, request, fresh)?;
    if !planned.create {
        return Ok(Done::unchanged(planned));
    }
    let Planned { mut key, owner_is_new, .. } = planned;
    let token = IssuedToken::fresh(fresh.token().display_prefix(), tx.now());
    key.token = None;
    key.pending_tokens.push(token.clone());
    let allowed = allowed::allow(tx, &key, None)?;
    tx.insert_tokenless_key(allowed);
    tx.insert_first_pending_token(&key, &token, fresh.hash());
    let event = Event::done(Action::Mint, mint::details(&key, owner_is_new)).on(&key);
    Ok(Done::with(Planned { key, ..planned }, event))
}

/// Another token for a key, pending. The key as it is then.
pub(crate) fn begin_in(
    tx: &mut Tx<'_>,
    key: &KeyRef,
    fresh: &rotate::Fresh,
    expiry: Option<Expiry>,
) -> Result<Done<Key>> {
    let mut key = resolve(tx, key)?;
    // Whether it could be confirmed now: one that never can is not made.
    let rotation =
        key.rotate(tx.now(), Grace::DEFAULT, expiry).map_err(|error| refused_in(tx, &key, &error))?;
    if key.pending_tokens.len() >= MOST {
        let message = format!(
            "{} has {} that were not delivered to all that wait for them, and all of them work",
            key.path(),
            counted(MOST as u64, "token")
        );
        let hint = format!(
            "end them: keyctl rotate {} --grace 0; then mend what cannot be delivered to",
            key.path()
        );
        return Err(Conflict::new(message, hint).on(&key).into());
    }
    let token = IssuedToken::fresh(fresh.token().display_prefix(), tx.now());
    let before = key.clone();
    key.pending_tokens.push(token.clone());
    let confirmed = Key { expires_at: rotation.key_expires_at, ..key.clone() };
    let allowed = allowed::allow(tx, &confirmed, Some(&before))?;
    tx.insert_pending_token(allowed, &token, fresh.hash())?;
    let event = Event::done(Action::RotateBegin, json!({ "token": token.prefix })).on(&key);
    Ok(Done::with(key, event))
}

/// What is confirmed: that a token was delivered to all that wait for it.
#[derive(Clone, Debug)]
pub(crate) struct Delivered {
    pub token: DisplayPrefix,
    /// The key's token as this one was made: if it has another by now, that was meant, and is left.
    pub before: Option<DisplayPrefix>,
    /// How long the old token keeps working.
    pub grace: Grace,
    /// A new expiry of the key; `None` leaves it.
    pub expiry: Option<Expiry>,
}

/// Makes a pending token the key's own, and ends those that were made before it; `old` is the key as it is. The key as it
/// is then.
pub(crate) fn confirm_in(tx: &mut Tx<'_>, old: &Key, delivered: &Delivered) -> Result<Done<Key>> {
    let now = tx.now();
    let is_refused = |error| -> Error { refused(old, &error) };
    let token = old.delivered(&delivered.token).map_err(is_refused)?.clone();
    if old.token_prefix() != delivered.before.as_ref() {
        let message = format!("{} was given another token while this one was delivered", old.path());
        let hint = "apply again: it brings a new one to all that wait for it";
        return Err(Conflict::new(message, hint).on(old).into());
    }
    let rotation = old.rotate(now, delivered.grace, delivered.expiry).map_err(is_refused)?;
    let ends_one =
        old.token_in_grace(now).is_some() || old.pending_tokens.len() > 1 || cuts_short(&rotation, old, now);
    let new = Key { pending_tokens: Vec::new(), ..rotated(old, rotation, token, now) };
    if new.takes_away(old) {
        tx.raise_version(new.id);
    } else if ends_one && (old.token.is_some() || old.pending_tokens.len() > 1) {
        tx.raise_own_version(new.id);
    }
    let allowed = allowed::allow(tx, &new, Some(old))?;
    tx.promote_token(allowed, old, &delivered.token, rotation.old_token_expires_at);
    if new.expires_at != old.expires_at {
        tx.refresh_key(new.id)?;
    }
    let event = Event::done(Action::RotateConfirm, rotate::details(old, &new, &rotation)).on(old);
    Ok(Done::with(new, event))
}
