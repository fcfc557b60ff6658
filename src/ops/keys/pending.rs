//! A token that is committed before it is delivered.
//!
//! Where a token goes to places that others read, it cannot be written before it counts: they would take a token that is
//! not valid yet. So it is committed first, as *pending*: it works, and so does the token before it. Once it was
//! delivered, [`confirm_in`] makes it the key's, and the grace of the old one begins. Whoever is stopped in between leaves
//! tokens that all work; the next one that is delivered ends them.

use std::collections::{BTreeSet, HashMap};

use serde_json::json;

use super::find::resolve;
use super::mint::{self, Planned};
use super::rotate::{self, cuts_short, refused, refused_in, rotated};
use super::{allowed, family};
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::keys::key::{IssuedToken, Key, Rotation};
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::keys::token::DisplayPrefix;
use crate::domain::owners::owner::KeyName;
use crate::domain::owners::role::{Role, RoleName};
use crate::domain::owners::row::{OwnerHolder, OwnerState};
use crate::domain::texts::text::counted;
use crate::domain::time::{Expiry, Grace, Timestamp};
use crate::ops::change::Done;
use crate::ops::error::{Conflict, Error, Result};
use crate::ops::owners::owner;
use crate::store::{BulkLookup as _, LOOKED_UP, Promoted, Tx};

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
    let owner_is_new = planned.owner_is_new;
    let key = waiting(planned.key, fresh, tx.now());
    let allowed = allowed::allow(tx, &key, None)?;
    tx.insert_tokenless_key(allowed);
    for token in &key.pending_tokens {
        tx.insert_first_pending_token(&key, token, fresh.hash());
    }
    let event = minted(&key, owner_is_new);
    Ok(Done::with(Planned { key, ..planned }, event))
}

/// The key as it is before its token was delivered.
fn waiting(key: Key, fresh: &mint::Fresh, now: Timestamp) -> Key {
    let token = IssuedToken::fresh(fresh.token().display_prefix(), now);
    Key { token: None, pending_tokens: vec![token], ..key }
}

fn minted(key: &Key, owner_is_new: bool) -> Event {
    Event::done(Action::Mint, mint::details(key, owner_is_new)).on(key)
}

/// The same of many, each of another name that is given, without a parent and without a subject: read and written table by
/// table. `None` where a name is taken: what is to be said of that, [`mint_in`] says.
pub(crate) fn mint_many_in(
    tx: &mut Tx<'_>,
    wanted: &[(mint::Request, &mint::Fresh)],
) -> Result<Option<Done<Vec<Key>>>> {
    let mut holders: HashMap<String, OwnerHolder> = HashMap::new();
    for wanted in wanted.chunks(LOOKED_UP) {
        let names = wanted.iter().filter_map(|(one, _)| Some((&one.owner, one.name.as_ref()?)));
        if !tx.taken_names(names)?.is_empty() {
            return Ok(None);
        }
        let owners: BTreeSet<&str> = wanted.iter().map(|(one, _)| one.owner.as_str()).collect();
        for holder in tx.owner_holders(owners.into_iter())? {
            holders.insert(holder.subject.as_str().to_owned(), holder.clone());
            holders.insert(holder.name.as_str().to_owned(), holder);
        }
    }
    let mut roles: HashMap<&[RoleName], Vec<Role>> = HashMap::new();
    let mut keys = Vec::with_capacity(wanted.len());
    for (request, fresh) in wanted {
        if !roles.contains_key(&*request.roles) {
            roles.insert(&request.roles, family::roles(tx, &request.roles)?);
        }
        let of = mint::New {
            roles: &roles[&*request.roles],
            parent: None,
            expires_at: mint::end(tx, request, None)?,
            settled: owner::settle_with(
                tx,
                &request.owner,
                None,
                holders.get(request.owner.as_str()).cloned(),
            )?,
            name: request.name.clone().unwrap_or_else(KeyName::first),
        };
        let planned = mint::new(tx, request, fresh, of)?;
        if planned.owner_is_new {
            // For the next key of the same owner.
            let (name, subject) = (request.owner.clone(), planned.key.subject.clone());
            let made = OwnerHolder { name, subject, state: Some(OwnerState::Enabled) };
            holders.insert(request.owner.as_str().to_owned(), made);
        }
        keys.push((waiting(planned.key, fresh, tx.now()), planned.owner_is_new));
    }
    let allowed = allowed::allow_new(tx, keys.iter().map(|(key, _)| key))?;
    let hashes = wanted.iter().map(|(_, fresh)| fresh.hash());
    tx.insert_pending_keys(&allowed.into_iter().zip(hashes).collect::<Vec<_>>())?;
    let events = keys.iter().map(|(key, owner_is_new)| minted(key, *owner_is_new)).collect();
    Ok(Some(Done { result: keys.into_iter().map(|(key, _)| key).collect(), events }))
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

/// Makes pending tokens their keys' own, and ends those that were made before them; each beside its key as it is. The keys as
/// they are then.
pub(crate) fn confirm_in(tx: &mut Tx<'_>, delivered: &[(&Key, Delivered)]) -> Result<Done<Vec<Key>>> {
    let mut done = Done { result: Vec::with_capacity(delivered.len()), events: Vec::new() };
    // A key that begins anew counts among its owner's before the next one is judged.
    let together = if tx.head().rules.max_live_keys.is_some() { 1 } else { delivered.len().max(1) };
    for delivered in delivered.chunks(together) {
        let keys = promote(tx, delivered, &mut done.events)?;
        done.result.extend(keys);
    }
    Ok(done)
}

fn promote(tx: &mut Tx<'_>, delivered: &[(&Key, Delivered)], events: &mut Vec<Event>) -> Result<Vec<Key>> {
    let mut keys = Vec::with_capacity(delivered.len());
    for (old, delivered) in delivered {
        let (new, rotation) = confirmed(tx, old, delivered)?;
        events.push(Event::done(Action::RotateConfirm, rotate::details(old, &new, &rotation)).on(old));
        keys.push((new, rotation.old_token_expires_at));
    }
    let mut promoted = Vec::with_capacity(keys.len());
    for ((old, delivered), (new, grace_ends_at)) in delivered.iter().zip(&keys) {
        let key = allowed::allow(tx, new, Some(old))?;
        promoted.push(Promoted { key, before: old, token: &delivered.token, grace_ends_at: *grace_ends_at });
    }
    tx.promote_tokens(&promoted);
    for ((old, _), (new, _)) in delivered.iter().zip(&keys) {
        if new.expires_at != old.expires_at {
            tx.refresh_key(new.id)?;
        }
    }
    Ok(keys.into_iter().map(|(key, _)| key).collect())
}

/// The key with its pending token as its own, unless it was given another one meanwhile.
fn confirmed(tx: &mut Tx<'_>, old: &Key, delivered: &Delivered) -> Result<(Key, Rotation)> {
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
    Ok((new, rotation))
}
