//! Whether every running keyctl serve answers by a change.

use serde_json::json;

use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::time::Timestamp;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::Result;
use crate::store::Store;

/// What running instances say of a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// Those that answer by it.
    pub claimed: Vec<String>,
    /// Those that do not say so yet.
    pub missing: Vec<String>,
}

impl Claims {
    /// Whether there is one, and all answer by it.
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty() && !self.claimed.is_empty()
    }
}

/// The counter of the change mark as it is now.
pub fn mark(store: &mut Store) -> Result<i64> {
    Ok(store.end()?.1)
}

/// Who of those that run answers by the change of this counter.
pub fn of(store: &mut Store, seq: i64) -> Result<Claims> {
    let (claimed, missing): (Vec<_>, Vec<_>) =
        store.live_claims()?.into_iter().partition(|claim| claim.seq >= seq);
    let names =
        |claims: Vec<crate::store::ClaimRow>| claims.into_iter().map(|claim| claim.instance).collect();
    Ok(Claims { claimed: names(claimed), missing: names(missing) })
}

/// What was waited for, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The counter of the change mark.
    pub seq: i64,
    pub claims: Claims,
    /// How long it was waited.
    pub waited_ms: u64,
    /// When the change was made.
    pub changed_at: Timestamp,
}

/// Leaves the receipt in the audit log: the number of its record.
pub fn record(env: &mut Env, receipt: &Receipt) -> Result<u64> {
    let details = json!({
        "seq": receipt.seq,
        "changed_at": receipt.changed_at,
        "claimed": receipt.claims.claimed,
        "missing": receipt.claims.missing,
        "waited_ms": receipt.waited_ms,
        "complete": receipt.claims.is_complete(),
    });
    env.change(Action::RevokeWait, |tx| {
        let seq = tx.head().audit_seq + 1;
        Ok(Done::with(seq, Event::done(Action::RevokeWait, details.clone())))
    })
}
