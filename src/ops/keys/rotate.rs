//! Another token for the same key.

use serde_json::json;

use super::find::{ahead, resolve};
use super::mint::own_prefix;
use super::used;
use crate::crypto::digest;
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::keys::foreign::is_foreign;
use crate::domain::keys::key::{IssuedToken, Key, RotateError, Rotation};
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::keys::token::{DisplayPrefix, Prefix, Token, TokenHash};
use crate::domain::random::{Random, RandomError};
use crate::domain::time::{Expiry, Grace, Timestamp};
use crate::domain::tokens::claims::Ttl;
use crate::ops::change::Done;
use crate::ops::delivery::Deliver;
use crate::ops::env::Env;
use crate::ops::error::{Conflict, Error, Result};
use crate::ops::handover::Handover;
use crate::store::Tx;

#[derive(Clone, Debug)]
pub struct Request {
    pub key: KeyRef,
    /// How long the old token keeps working.
    pub grace: Grace,
    /// A new expiry; `None` leaves it. It renews an expired key.
    pub expiry: Option<Expiry>,
    /// The new token's prefix; `None` keeps the old one's.
    pub prefix: Option<Prefix>,
}

#[derive(Debug)]
pub struct Rotated {
    /// The key as it is now, with its previous token if that still works.
    pub key: Key,
    /// The fresh token, which was delivered.
    #[cfg_attr(not(feature = "internals"), expect(dead_code, reason = "the tests go on with it"))]
    pub token: Token,
    /// A token that was in its grace, which this ended.
    pub superseded: Option<IssuedToken>,
}

/// Gives a key a new token and touches nothing else of it but, if asked, its expiry.
pub fn rotate(env: &mut Env, request: &Request, deliver: &mut dyn Deliver) -> Result<Rotated> {
    let key = ahead(&mut env.store, &request.key)?;
    // The token is made once, before the transaction, which may run again; so the prefix that
    // it keeps is read before, too.
    let found = match resolve(&mut env.store, &key) {
        Ok(mut found) => {
            used::fill(&mut env.store, [&mut found]);
            Some(found)
        }
        // The transaction meets the same conflict, and records it.
        Err(Error::Conflict(_)) => None,
        Err(error) => return Err(error),
    };
    let last_used = found.as_ref().map(|found| found.last_used).unwrap_or_default();
    let before = found.as_ref().and_then(Key::token_prefix).map(DisplayPrefix::token_prefix);
    let prefix = match (&request.prefix, before) {
        (Some(prefix), _) => own_prefix(prefix)?,
        (None, Some(before)) if is_foreign(&before) => env.store.default_prefix()?,
        (None, Some(before)) => before,
        (None, None) => Prefix::default(),
    };
    let fresh = Fresh::draw(&prefix, env.random.as_mut())?;
    let request = Request { key, ..request.clone() };
    let mut handover = Handover::new(deliver);
    let changed = env.change_and_deliver(
        Action::Rotate,
        |tx| {
            let mut done = rotate_in(tx, &request, &fresh)?;
            done.result.0.last_used = last_used;
            Ok(done)
        },
        |(key, _)| handover.deliver(fresh.token(), key),
    );
    let (key, superseded) = handover.settle(changed)?;
    Ok(Rotated { key, token: fresh.token, superseded })
}

/// What is random in a rotation.
#[derive(Debug)]
pub struct Fresh {
    token: Token,
    hash: TokenHash,
}

impl Fresh {
    /// Draws it; `prefix` is the token's.
    pub fn draw(prefix: &Prefix, random: &mut dyn Random) -> Result<Self, RandomError> {
        let token = Token::generate(prefix, random)?;
        Ok(Self { hash: digest::hash_token(&token), token })
    }

    /// The token, to be handed out before the commit.
    pub fn token(&self) -> &Token {
        &self.token
    }
}

/// Decides on a rotation, and writes it. The key as it is then, and the token that was in its grace, which this
/// ended. The request's prefix is of no account: the fresh token has it.
pub fn rotate_in(
    tx: &mut Tx<'_>,
    request: &Request,
    fresh: &Fresh,
) -> Result<Done<(Key, Option<IssuedToken>)>> {
    let old = resolve(tx, &request.key)?;
    let now = tx.now();
    let superseded = old.token_in_grace(now).cloned();
    let rotation = old.rotate(now, request.grace, request.expiry).map_err(|error| refused(&old, &error))?;
    let event = Event::done(Action::Rotate, details(&old, &rotation, &fresh.token)).on(&old);
    let renewed = rotation.key_expires_at != old.expires_at;
    let ends_one = superseded.is_some() || cuts_short(&rotation, &old, now);
    let new = rotated(old.clone(), rotation, &fresh.token, now);
    if new.takes_away(&old) {
        tx.raise_version(new.id);
    } else if ends_one {
        tx.raise_own_version(new.id);
    }
    tx.rotate_key(&new, &fresh.hash, rotation.old_token_expires_at);
    if renewed {
        tx.refresh_key(new.id)?;
    }
    Ok(Done::with((new, superseded), event))
}

/// Whether the old token ends before what was exchanged for it: that knew of no grace. What is exchanged in the grace ends
/// with it.
fn cuts_short(rotation: &Rotation, old: &Key, now: Timestamp) -> bool {
    let lives = [now.after(Ttl::LONGEST.span()), old.expires_at].into_iter().flatten().min();
    lives.is_some_and(|end| rotation.old_token_expires_at < end)
}

fn rotated(old: Key, rotation: Rotation, token: &Token, now: Timestamp) -> Key {
    let superseded =
        old.token.map(|token| IssuedToken { expires_at: Some(rotation.old_token_expires_at), ..token });
    Key {
        generation: old.generation + 1,
        expires_at: rotation.key_expires_at,
        token: Some(IssuedToken::fresh(token.display_prefix(), now)),
        previous_token: superseded.filter(|_| rotation.old_token_expires_at > now),
        ..old
    }
}

fn details(old: &Key, rotation: &Rotation, token: &Token) -> serde_json::Value {
    json!({
        "token": token.display_prefix(),
        "old_token": old.token_prefix(),
        "old_token_expires_at": rotation.old_token_expires_at,
        "expires_at": rotation.key_expires_at,
        "old_expires_at": old.expires_at,
    })
}

fn refused(key: &Key, error: &RotateError) -> Error {
    let named = format!("{}/{}", key.owner, key.name);
    let message = format!("{named} cannot be rotated: {error}");
    match error {
        RotateError::Revoked(_) => {
            Conflict::new(message, format!("mint a new key: keyctl mint {}", key.owner)).on(key).into()
        }
        RotateError::NoToken => {
            let hint = "whoever brings what its trust asks for gets a short-lived one: see keyctl trust list; it ends at a \
                later time by keyctl edit --expires";
            Conflict::new(message, hint).on(key).into()
        }
        RotateError::Expired(_) => {
            Conflict::new(message, format!("renew it: keyctl rotate {named} --expires 90d")).on(key).into()
        }
        RotateError::EndsBeforeStart(_) | RotateError::Expiry(_) => {
            Error::Invalid { message, hint: "see keyctl rotate --help".to_owned() }
        }
    }
}
