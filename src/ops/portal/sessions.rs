//! Sessions, and their ends.

use serde_json::json;

use super::Refused;
use super::signed::change_by;
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::owners::owner::Owner;
use crate::domain::portal::ids::SessionId;
use crate::domain::portal::session::{Person, Session};
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Error, Result};
use crate::ops::owners::owner::check_known;
use crate::store::{SessionFilter, SessionLookup as _, Store, Tx};

/// Calls `each` for the sessions, newest first, in flat memory. [`Error::NotFound`] for an unknown owner.
pub fn list<E: From<Error>>(
    store: &mut Store,
    filter: &SessionFilter,
    mut each: impl FnMut(&Session) -> Result<(), E>,
) -> Result<(), E> {
    filter.owner.as_ref().map_or(Ok(()), |owner| check_known(store, owner))?;
    let mut after = None;
    loop {
        let sessions = store.portal_sessions(filter, after).map_err(Error::from)?;
        let Some(last) = sessions.last() else { return Ok(()) };
        after = Some(last.id);
        sessions.iter().try_for_each(&mut each)?;
    }
}

/// Whoever is signed in signs out.
pub fn end_own(env: &mut Env, person: &Person) -> Result<(), Refused> {
    change_by(env, Action::SessionEnd, person, |tx, person| {
        let ended = end_in(tx, person.session)?;
        Ok(Done { result: (), events: ended.events })
    })
}

/// Which sessions an operator ends.
#[derive(Clone, Debug)]
pub enum Which {
    /// This one.
    One(SessionId),
    /// All that last, of this owner.
    Of(Owner),
}

/// Ends sessions; those that ended stay as they were. Returns those that are over by it.
pub fn end(env: &mut Env, which: &Which) -> Result<Vec<Session>> {
    env.change(Action::SessionEnd, |tx| {
        let owner = match which {
            Which::One(id) => {
                let Done { result, events } = end_in(tx, *id)?;
                return Ok(Done { result: result.into_iter().collect(), events });
            }
            Which::Of(owner) => owner,
        };
        check_known(tx, owner)?;
        let filter = SessionFilter { owner: Some(owner.clone()), all: false };
        let (mut all, mut events, mut after) = (Vec::new(), Vec::new(), None);
        loop {
            let sessions = tx.portal_sessions(&filter, after)?;
            let Some(last) = sessions.last() else { break };
            after = Some(last.id);
            for session in sessions {
                all.extend(end_in(tx, session.id)?.record_in(&mut events));
            }
        }
        Ok(Done { result: all, events })
    })
}

/// Ends one as a part of a change; `None` where it was over.
pub(super) fn end_in(tx: &mut Tx<'_>, id: SessionId) -> Result<Done<Option<Session>>> {
    let Some((session, now)) = tx.portal_session(id)? else {
        return Err(Error::NotFound {
            message: format!("there is no session {id}"),
            hint: "keyctl session list shows those that last; with --all, those that ended, too".to_owned(),
        });
    };
    if !session.lasts(now) {
        return Ok(Done::unchanged(None));
    }
    tx.end_session(id);
    let event = Event::done(Action::SessionEnd, json!({ "session": id })).of(&session.owner);
    Ok(Done::with(Some(Session { ended_at: Some(tx.now()), ..session }), event))
}
