//! The end of a rotation before its grace ends, once the old token is not used any more.

use serde_json::json;

use super::find::{ahead, resolve};
use super::used;
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::keys::key::{IssuedToken, Key, LastUse};
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::time::{Span, Timestamp};
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Conflict, Error, Result};
use crate::store::{Store, TokenUseRow, Tx};

#[derive(Clone, Debug)]
pub(crate) struct Finished {
    pub key: Key,
    /// The old token, which works no more; `None` if none did.
    pub ended: Option<IssuedToken>,
    /// When it was last used, as far as that was written down.
    pub last_used: LastUse,
    pub at: Timestamp,
}

/// What was written down of the old token's use, read before the change.
#[derive(Debug)]
struct Seen {
    token: Option<TokenUseRow>,
    /// Whether somebody writes uses down at all.
    is_recorded: bool,
}

/// Ends a key's old token, if nobody has used it for so long. A conflict says when and from where it was.
pub(crate) fn finish(env: &mut Env, key: &KeyRef, unused_for: Span) -> Result<Finished> {
    let key = ahead(&mut env.store, key)?;
    let mut last = LastUse::Unknown;
    let seen = match resolve(&mut env.store, &key) {
        Ok(mut found) => {
            used::fill(&mut env.store, [&mut found]);
            last = found.last_used;
            seen(&mut env.store, &found)?
        }
        // The transaction meets the same conflict, and records it.
        Err(Error::Conflict(_)) => Seen { token: None, is_recorded: false },
        Err(error) => return Err(error),
    };
    let mut finished = env.change(Action::RotateFinish, |tx| finish_in(tx, &key, unused_for, &seen))?;
    finished.key.last_used = last;
    Ok(finished)
}

fn seen(store: &mut Store, key: &Key) -> Result<Seen> {
    let Some(old) = &key.previous_token else { return Ok(Seen { token: None, is_recorded: true }) };
    let token = store.token_use(&old.prefix.token_id())?;
    let current = key.token_prefix().map(|prefix| store.token_use(&prefix.token_id())).transpose()?;
    let is_recorded = token.is_some() || current.flatten().is_some() || !store.live_claims()?.is_empty();
    Ok(Seen { token, is_recorded })
}

fn finish_in(tx: &mut Tx<'_>, key: &KeyRef, unused_for: Span, seen: &Seen) -> Result<Done<Finished>> {
    let (found, at) = (resolve(tx, key)?, tx.now());
    let last_used = seen.token.as_ref().map_or(LastUse::Never, |used| used.last);
    let Some(old) = found.token_in_grace(at).cloned() else {
        return Ok(Done::unchanged(Finished { key: found, ended: None, last_used, at }));
    };
    check_unused(&found, &old, seen, at.before(unused_for), unused_for)?;
    tx.raise_own_version(found.id);
    tx.end_previous_token(&found);
    let event = Event::done(
        Action::RotateFinish,
        json!({
            "old_token": old.prefix,
            "old_token_expires_at": [old.expires_at, at],
            "last_used_at": last_used.at(),
            "unused_for_seconds": unused_for.as_secs(),
        }),
    );
    let event = event.on(&found);
    let key = Key { previous_token: None, ..found };
    Ok(Done::with(Finished { key, ended: Some(old), last_used, at }, event))
}

/// Ends a key's old token, whether or not it is in use.
pub(in crate::ops) fn cut_in(tx: &mut Tx<'_>, key: &KeyRef) -> Result<Done<()>> {
    let (found, at) = (resolve(tx, key)?, tx.now());
    let Some(old) = found.token_in_grace(at).cloned() else { return Ok(Done::unchanged(())) };
    tx.raise_own_version(found.id);
    tx.end_previous_token(&found);
    let details = json!({ "old_token": old.prefix, "old_token_expires_at": [old.expires_at, at] });
    Ok(Done::with((), Event::done(Action::RotateFinish, details).on(&found)))
}

/// Refuses to end a token that may be in use.
fn check_unused(key: &Key, old: &IssuedToken, seen: &Seen, since: Timestamp, span: Span) -> Result<()> {
    let (named, prefix) = (key.path(), &old.prefix);
    let at_once =
        format!("to end it all the same: keyctl rotate {named} --grace 0, which replaces both tokens");
    let refused = |message: String, hint: String| Err(Conflict::new(message, hint).on(key).into());
    match seen.token.as_ref().map(|used| (used.last, &used.address)) {
        Some((LastUse::At(at), address)) if at >= since => {
            let from = address.as_ref().map(|address| format!(" from {address}")).unwrap_or_default();
            refused(
                format!(
                    "the old token {prefix} of {named} was used at {at}{from}, which is less than {span} ago"
                ),
                format!("give that client the new token and run this again; {at_once}"),
            )
        }
        Some((LastUse::Unknown, _)) => refused(
            format!(
                "when the old token {prefix} of {named} was used is not known: what stands there is no time"
            ),
            at_once,
        ),
        _ if !seen.is_recorded => refused(
            format!(
                "whether the old token {prefix} of {named} is in use is not known: no keyctl serve writes it down"
            ),
            format!("run keyctl serve with a role or a file that it may write; {at_once}"),
        ),
        _ => Ok(()),
    }
}
