//! The end of a sign-in: nothing comes of it any more, and what came of it is refused.

use serde_json::{Value, json};

use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::mcp::sign_in::SignIn;
use crate::ops::change::Done;
use crate::ops::error::Result;
use crate::ops::keys::family::revoke_family;
use crate::store::{Lookup as _, SignInLookup as _, Tx};

/// What a record says of a sign-in that ended.
pub(super) fn details(sign_in: &SignIn, why: &str) -> Value {
    json!({ "sign_in": sign_in.id, "why": why })
}

/// Ends a sign-in with its tokens: the version of the child is raised, so that the tokens of its other sign-ins have to be had anew,
/// too. If it was the last one that lasted, the child is revoked.
pub(super) fn end(tx: &mut Tx<'_>, sign_in: &SignIn, why: &str) -> Result<Done<()>> {
    let (mut events, now) = (Vec::new(), tx.now());
    tx.end_mcp_sign_in(sign_in.id);
    let Some(child) = tx.key_by_id(sign_in.key)? else { return Ok(Done::unchanged(())) };
    let others = tx.mcp_sign_ins_of(child.id)?;
    let is_last = !others.iter().any(|other| other.id != sign_in.id && other.lasts(now));
    if child.revoked_at.is_none() && is_last {
        revoke_family(tx, &child, Some("the sign-in of its client ended"))?.record_in(&mut events);
    } else if sign_in.redeemed_at.is_some() {
        tx.raise_version(child.id);
        tx.touch(child.id);
    }
    events.push(Event::done(Action::ClientEnd, details(sign_in, why)).on(&child));
    Ok(Done { result: (), events })
}

/// Forgets some of the sign-ins that are over for long enough. That says nothing that a record would have to say: what is over lets
/// nobody in.
pub(super) fn forget(tx: &mut Tx<'_>) -> Result<()> {
    let by = tx.now().before(SignIn::KEPT);
    for sign_in in tx.mcp_sign_ins_over(by)? {
        tx.forget_mcp_sign_in(sign_in.id);
    }
    Ok(())
}
