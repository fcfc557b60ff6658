//! Invitations, and taking them back.

use serde_json::json;

use super::sessions;
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::portal::claim::Claim;
use crate::domain::portal::ids::ClaimId;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Error, Result};
use crate::ops::owners::owner::check_known;
use crate::store::{ClaimFilter, ClaimLookup as _, SessionLookup as _, Store};

/// Calls `each` for the invitations, newest first, in flat memory. [`Error::NotFound`] for an unknown owner.
pub fn list<E: From<Error>>(
    store: &mut Store,
    filter: &ClaimFilter,
    mut each: impl FnMut(&Claim) -> Result<(), E>,
) -> Result<(), E> {
    filter.owner.as_ref().map_or(Ok(()), |owner| check_known(store, owner))?;
    let mut after = None;
    loop {
        let claims = store.claims(filter, after).map_err(Error::from)?;
        let Some(last) = claims.last() else { return Ok(()) };
        after = Some(last.id);
        claims.iter().try_for_each(&mut each)?;
    }
}

/// An invitation that was taken back.
#[derive(Clone, Debug)]
pub struct Revoked {
    pub claim: Claim,
    /// Whether it was so before; then nothing was changed.
    pub already: bool,
    /// Whether somebody was signed in with it, and is no more.
    pub ended_session: bool,
}

/// Takes an invitation back: its code works no more, and whoever is signed in with it is signed out. Keys that were made
/// with it stay.
pub fn revoke(env: &mut Env, id: ClaimId, reason: Option<&str>) -> Result<Revoked> {
    env.change(Action::ClaimRevoke, |tx| {
        let Some(claim) = tx.claim(id)? else {
            return Err(Error::NotFound {
                message: format!("there is no invitation {id}"),
                hint: "keyctl invitation list shows those that are open; with --all, the others, too"
                    .to_owned(),
            });
        };
        if claim.revoked_at.is_some() {
            return Ok(Done::unchanged(Revoked { claim, already: true, ended_session: false }));
        }
        tx.revoke_claim(id);
        let details = json!({ "claim": id, "reason": reason });
        let mut events = vec![Event::done(Action::ClaimRevoke, details).of(&claim.owner)];
        let session = tx.session_of_claim(id)?;
        let ended = match session {
            None => None,
            Some(session) => sessions::end_in(tx, session)?.record_in(&mut events),
        };
        let claim = Claim { revoked_at: Some(tx.now()), ..claim };
        Ok(Done { result: Revoked { claim, already: false, ended_session: ended.is_some() }, events })
    })
}
