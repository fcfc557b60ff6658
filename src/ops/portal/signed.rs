//! A change at the wish of somebody who is signed in.

use serde_json::{Value, json};

use super::Refused;
use super::who::person_in;
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::portal::ids::SessionId;
use crate::domain::portal::session::Person;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::Error;
use crate::store::Tx;

/// Runs a change that may be refused in words of the portal's own.
pub(super) fn change<T>(
    env: &mut Env,
    action: Action,
    mut work: impl FnMut(&mut Tx<'_>) -> Result<Done<T>, Refused>,
) -> Result<T, Refused> {
    let mut why = None;
    let changed = env.change(action, |tx| {
        // Not that of an attempt that the database gave up.
        why = None;
        work(tx).map_err(|refused| match refused {
            Refused::Failed(error) => error,
            other => {
                let error = other.as_error();
                why = Some(other);
                error
            }
        })
    });
    match (changed, why) {
        (Err(Error::Conflict(_) | Error::Denied { .. }), Some(why)) => Err(why),
        (changed, _) => Ok(changed?),
    }
}

/// The same by a person, who is looked at again in the transaction, and is the actor of its records.
pub(super) fn change_by<T>(
    env: &mut Env,
    action: Action,
    person: &Person,
    mut work: impl FnMut(&mut Tx<'_>, &Person) -> Result<Done<T>, Refused>,
) -> Result<T, Refused> {
    let claimed = env.actor.claimed.replace(format!("{} by session {}", person.owner, person.session));
    let changed = change(env, action, |tx| {
        let person = person_in(tx, person)?;
        Ok(within(work(tx, &person)?, person.session))
    });
    env.actor.claimed = claimed;
    changed
}

/// Its records say in which session it was done; what is about a session itself, as `by_session` where that is another one.
pub(super) fn within<T>(done: Done<T>, session: SessionId) -> Done<T> {
    let say = |event: Event| {
        let mut details = match event.details {
            Value::Object(details) => details,
            _ => serde_json::Map::new(),
        };
        let own = json!(session);
        match details.get("session") {
            Some(about) if *about == own => {}
            Some(_) => drop(details.insert("by_session".to_owned(), own)),
            None => drop(details.insert("session".to_owned(), own)),
        }
        Event { details: Value::Object(details), ..event }
    };
    Done { result: done.result, events: done.events.into_iter().map(say).collect() }
}
