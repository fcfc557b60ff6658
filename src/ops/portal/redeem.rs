//! The token of a key that waited for whoever redeemed its code.

use serde_json::json;

use super::Refused;
use super::signed::change_by;
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::keys::key::Key;
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::keys::token::Token;
use crate::domain::portal::session::{CameFrom, Person};
use crate::domain::time::Grace;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::keys::rotate::{self, Fresh};
use crate::store::{Lookup as _, Tx};

/// A token that is shown to somebody once, with its key.
#[derive(Debug)]
pub struct Given {
    pub key: Key,
    pub token: Token,
}

/// Makes the token of the key that waits. Until [`acknowledge`] it may be asked for again, as where the answer was lost: then
/// another one is made, which ends the one before.
pub fn redeem_token(env: &mut Env, person: &Person) -> Result<Given, Refused> {
    let prefix = env.store.default_prefix()?;
    let fresh = Fresh::draw(&prefix, env.random.as_mut())?;
    let key = change_by(env, Action::Rotate, person, |tx, person| {
        let key = waiting(tx, person)?;
        if key.token.is_none() {
            return Ok(rotate::first_token_in(tx, &key, &fresh)?);
        }
        let request =
            rotate::Request { key: KeyRef::Id(key.id), grace: Grace::NONE, expiry: None, prefix: None };
        let Done { result: (key, _), events } = rotate::rotate_in(tx, &request, &fresh)?;
        Ok(Done { result: key, events })
    })?;
    Ok(Given { key, token: fresh.into_token() })
}

/// The token arrived: no other is made for this invitation.
pub fn acknowledge(env: &mut Env, person: &Person) -> Result<(), Refused> {
    change_by(env, Action::ClaimTake, person, |tx, person| {
        let key = waiting(tx, person)?;
        let CameFrom::Claim(claim) = person.came_from else { return Err(Refused::Taken) };
        if key.token.is_none() {
            return Err(Refused::Taken);
        }
        tx.take_claim(claim);
        Ok(Done::with((), Event::done(Action::ClaimTake, json!({ "claim": claim })).on(&key)))
    })
}

/// The key that waits for the person, if it works.
fn waiting(tx: &mut Tx<'_>, person: &Person) -> Result<Key, Refused> {
    if let Some(state) = person.waiting_stopped {
        return Err(Refused::KeyInactive(state));
    }
    let id = person.waiting_key.ok_or(Refused::Taken)?;
    tx.key_by_id(id)?.ok_or(Refused::NoSuchKey)
}
