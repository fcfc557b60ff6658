//! A store that went back behind what was seen of it: noticed, and accepted.
//!
//! A failover may lose changes, an old primary may come back, an older file may be put in a store's
//! place. Then what was revoked since works again, and the store itself cannot tell.

use std::fmt::Write as _;

use serde_json::json;
use uuid::Uuid;

use crate::crypto::digest;
use crate::domain::audit::action::Action;
use crate::domain::audit::anchor::Anchor;
use crate::domain::audit::event::Event;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Conflict, Error, Result};
use crate::store::{ABOVE_ALL_SEEN, Store, Tx};

/// How far a store was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The end of its audit log.
    pub end: Anchor,
    /// The counter of its change mark, or one that it had a little before.
    pub counter: i64,
}

impl Seen {
    pub fn now(store: &mut Store) -> Result<Self> {
        let (end, counter) = store.end()?;
        Ok(Self { end, counter })
    }

    /// Whether a store that is now at `now` once was at this and does not contain it any more.
    /// [`accept`] ends that: what was seen of before is so far below the counter as no store comes
    /// in a while. One record is read, and only where the log went on.
    pub fn is_lost(&self, store: &mut Store, now: &Self) -> Result<bool> {
        if self.end == now.end || now.counter.saturating_sub(self.counter) >= ABOVE_ALL_SEEN / 2 {
            return Ok(false);
        }
        if now.end.seq <= self.end.seq {
            return Ok(true);
        }
        Ok(store.audit_record(self.end.seq)?.is_none_or(|record| record.hash != self.end.hash))
    }
}

/// What the place of a store is remembered under: 32 hex digits, since a path or an address may be
/// longer than a file's name can be.
#[must_use]
pub fn file_name(place: &str) -> String {
    digest::fingerprint(place)[..16].iter().fold(String::new(), |mut name, byte| {
        let _ = write!(name, "{byte:02x}");
        name
    })
}

/// Why a store is held for one that went back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// This machine saw this end of its log.
    Here(Anchor),
    /// Somebody says so: a service or another machine saw more.
    Elsewhere,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    pub store_uuid: Uuid,
    /// The last record that this machine saw and that is lost, where it remembers one.
    pub seen: Option<u64>,
    /// The last record that there was.
    pub last: u64,
    pub record: u64,
}

const ACTION: Action = Action::StoreAcceptRollback;

/// Takes the state that is there for the store's, although a later one was seen: readers and
/// commands that refuse it go on.
pub fn accept(env: &mut Env, reason: Option<&str>, evidence: Option<Evidence>) -> Result<Accepted> {
    env.change(ACTION, |tx| accept_in(tx, reason, evidence))
}

fn accept_in(tx: &mut Tx<'_>, reason: Option<&str>, evidence: Option<Evidence>) -> Result<Done<Accepted>> {
    let seen = match evidence {
        Some(Evidence::Here(seen)) => Some(seen),
        Some(Evidence::Elsewhere) => None,
        None => return Err(nothing_known()),
    };
    let head = tx.head();
    let (last, record) = (head.audit_seq, head.audit_seq + 1);
    let details = json!({
        "reason": reason,
        "seen": seen.map(|seen| seen.to_string()),
        "last_record": last,
        "change": head.mark.counter,
    });
    let accepted = Accepted { store_uuid: head.store_uuid, seen: seen.map(|seen| seen.seq), last, record };
    tx.accept_rollback();
    Ok(Done::with(accepted, Event::done(ACTION, details)))
}

fn nothing_known() -> Error {
    Conflict::new(
        "this machine saw no later state of the store than the one that is there",
        "if a service or another machine did (rolled_back), say so: --seen-elsewhere",
    )
    .into()
}
