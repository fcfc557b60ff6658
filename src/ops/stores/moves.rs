//! A store that moves: the old place refuses, then it answers nobody, and only then the new one is the store.
//!
//! In this order a crash leaves no moment in which both accept changes, or one lets in whom the other has revoked.

use serde_json::json;

use crate::domain::audit::action::Action;
use crate::domain::audit::anchor::Anchor;
use crate::domain::audit::event::{Event, Record};
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Conflict, Error, Result};
use crate::store::{ApolloLookup, Moved, Store, Tx};

/// From now on nothing is changed here: not by whoever records use or takes leases either. The record goes with the rest.
pub(crate) fn refuse_changes(env: &mut Env, to: &str) -> Result<()> {
    // What servers handed out is told before, since nothing can be told after.
    if env.store.is_first_look_at_disclosures() && env.store.has_disclosures() {
        let _ = env.record_disclosures();
    }
    stop(env, to, None)
}

/// The same of a place that is given up, if nothing was changed there since it was looked at.
pub(crate) fn refuse_changes_after(env: &mut Env, to: &str, end: &Anchor) -> Result<()> {
    stop(env, to, Some(end))
}

fn stop(env: &mut Env, to: &str, end: Option<&Anchor>) -> Result<()> {
    env.store.begin_moving();
    // What cannot be is no change that was refused: a store that moves takes no record of it.
    env.change(Action::StoreMove, |tx| {
        if let Some(moved) = &tx.head().moved {
            return Ok(Done::unchanged(goes_to(moved, to)));
        }
        if end.is_some_and(|end| tx.head().audit_seq != end.seq || tx.head().audit_hash != end.hash) {
            return Ok(Done::unchanged(Err(changed_meanwhile())));
        }
        tx.refuse_apollo()?;
        tx.stop_use()?;
        tx.set_moved(Some(Moved { to: to.to_owned(), at: None }));
        Ok(Done::with(Ok(()), Event::done(Action::StoreMove, json!({ "to": to }))))
    })?
}

fn changed_meanwhile() -> Error {
    let message = "the new place was changed while you were asked; nothing was changed here";
    Conflict::new(message, "run the same command again: it looks at what was changed").into()
}

/// Apollo's view, which is not keyctl's to give a version, would go on letting in.
pub(crate) trait RefuseApollo: ApolloLookup {
    fn refuse_apollo(&mut self) -> Result<()> {
        if self.apollo()?.is_none() {
            return Ok(());
        }
        let message = "Apollo reads a view of this store, which would go on letting in; nothing was moved";
        Err(Conflict::new(
            message,
            "take it away first: keyctl store compat apollo --remove; and make it again at the new place",
        )
        .into())
    }
}

impl<L: ApolloLookup> RefuseApollo for L {}

/// A move that was begun is to the same place.
pub(crate) fn goes_to(moved: &Moved, to: &str) -> Result<()> {
    if moved.to == to {
        return Ok(());
    }
    let what = if moved.at.is_some() { "has moved" } else { "is being moved" };
    let message = format!("the store {what} to {} and not to {to}; nothing was changed", moved.to);
    Err(Conflict::new(message, "name that place with --to; or take the move back: keyctl store reopen")
        .into())
}

/// From now on it answers nobody. Nothing is recorded: what the new place has of the log is all of it. Whoever took the move
/// back meanwhile, or moved it elsewhere, is not overridden.
pub(crate) fn close(env: &mut Env, to: &str) -> Result<()> {
    env.store.begin_moving();
    env.change(Action::StoreMove, |tx| Ok(close_in(tx, to)))?
}

fn close_in(tx: &mut Tx<'_>, to: &str) -> Done<Result<()>> {
    let now = tx.now();
    let moved = tx.head().moved.clone().filter(|moved| moved.to == to);
    Done::unchanged(match moved {
        None => Err(taken_back()),
        Some(moved) => {
            if moved.at.is_none() {
                tx.set_moved(Some(Moved { at: Some(now), ..moved }));
                tx.touch_every_key();
            }
            Ok(())
        }
    })
}

/// The new place becomes a store only of one that is closed towards it, with the log that was carried.
pub(crate) fn check_closed(store: &mut Store, to: &str, carried: &Anchor) -> Result<()> {
    let (end, _) = store.end()?;
    let is_closed = store.moved()?.is_some_and(|moved| moved.to == to && moved.at.is_some());
    if is_closed && end == *carried { Ok(()) } else { Err(taken_back()) }
}

fn taken_back() -> Error {
    let message =
        "somebody took the move back meanwhile, or moved the store elsewhere; the new place is no store";
    Conflict::new(message, "see how it stands: keyctl store status").into()
}

/// The first record of the new place. Readers that saw the old one go on with it: its mark is above all that they saw.
pub(crate) fn opened(env: &mut Env, from: &str, counter: i64) -> Result<()> {
    env.change(Action::StoreOpen, |tx| {
        tx.accept_rollback_above(counter);
        Ok(Done::with((), Event::done(Action::StoreOpen, json!({ "from": from }))))
    })
}

/// What is in the place where the store went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum New {
    /// It never became a store.
    Unopened,
    /// The store, with the end of its log, the counter of its mark, whether it has moved back, and whether nothing but the move
    /// itself was recorded there since.
    Open { end: Anchor, counter: i64, is_closed: bool, is_untouched: bool },
    /// It cannot be had, or is another store.
    Unknown(String),
}

/// Whether a log is that of the old place up to its end, and has nothing behind it but the records of the move. What is
/// compared are hashes: numbers alone would fit a state that was restored there.
pub(crate) fn is_untouched(store: &mut Store, old: &Anchor) -> Result<bool> {
    let same = store.audit_record(old.seq)?.is_some_and(|record| record.hash == old.hash);
    let is_of_move = |record: &Record| {
        let body: serde_json::Value = serde_json::from_str(&record.body).unwrap_or_default();
        [Action::StoreOpen, Action::StoreMove].iter().any(|action| body["action"] == action.as_str())
    };
    Ok(same && store.audit_records(old.seq)?.iter().all(is_of_move))
}

/// Why the old place may not be the store again, if it may not.
pub(crate) fn may_reopen(env: &mut Env, new: &New, abandon: bool) -> Result<()> {
    let (end, _) = env.store.end()?;
    let Some(moved) = env.store.moved()? else {
        return Err(Conflict::new("the store has not moved", "nothing needs to be done").into());
    };
    let refused = |message: String, hint: &str| Err(Error::from(Conflict::new(message, hint)));
    match new {
        _ if abandon || moved.at.is_none() => Ok(()),
        New::Unopened | New::Open { is_untouched: true, .. } => Ok(()),
        New::Open { end: there, .. } => refused(
            format!(
                "the store at {} was changed since it moved there (record {}, and {} here); nothing was changed",
                moved.to, there.seq, end.seq
            ),
            "move it back with all that is in it, to a new place: keyctl store copy --cut-over; or, if what was changed there \
             may be lost, revocations too: --abandon",
        ),
        New::Unknown(why) => refused(
            format!("the store at {} cannot be looked at: {why}; nothing was changed", moved.to),
            "make sure that nobody uses it and that nothing was changed there, and say so: --abandon",
        ),
    }
}

/// The old place is the store again. Its mark is above all that was seen of both.
pub(crate) fn reopen(env: &mut Env, counter: i64, reason: Option<&str>, abandoned: bool) -> Result<()> {
    env.store.begin_moving();
    env.change(Action::StoreReopen, |tx| {
        let from = tx.head().moved.as_ref().map(|moved| moved.to.clone());
        tx.set_moved(None);
        tx.accept_rollback_above(counter);
        let details = json!({ "from": from, "reason": reason, "abandoned": abandoned });
        Ok(Done::with((), Event::done(Action::StoreReopen, details)))
    })
}
