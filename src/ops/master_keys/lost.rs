//! Going on without a master key that is lost.

use serde_json::json;

use super::Ring;
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::secrets::sealed::MasterKeyId;
use crate::domain::time::Timestamp;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Conflict, Error, Result};
use crate::store::{MasterKeyLookup as _, MasterKeyRow, Store, Tx};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lost {
    pub from: MasterKeyId,
    /// The key from now on.
    pub to: MasterKeyId,
    /// Envelopes that nobody can open: versions of secrets, and signing keys.
    pub versions: u64,
    pub at: Timestamp,
}

/// How many envelopes are sealed under this key. [`Error::NotFound`] if the store does not know
/// it.
pub(crate) fn versions(store: &mut Store, lost: MasterKeyId) -> Result<u64> {
    let rows = store.master_keys()?;
    rows.iter().find(|row| row.id == lost).map(MasterKeyRow::envelopes).ok_or_else(|| unknown(lost))
}

fn unknown(id: MasterKeyId) -> Error {
    Error::NotFound {
        message: format!("the store knows no master key {id}"),
        hint: "keyctl master status shows those that it knows".to_owned(),
    }
}

/// Retires a master key that nobody has any more, and admits the one at hand in its place. What
/// is sealed under the lost one stays, and does not open; each secret needs a new value.
pub(crate) fn give_up(env: &mut Env, ring: &Ring, lost: MasterKeyId) -> Result<Lost> {
    env.change(Action::MasterLost, |tx| give_up_in(tx, ring, lost))
}

fn give_up_in(tx: &mut Tx<'_>, ring: &Ring, lost: MasterKeyId) -> Result<Done<Lost>> {
    let rows = tx.master_keys()?;
    let row = rows.iter().find(|row| row.id == lost).ok_or_else(|| unknown(lost))?;
    let refused = |message: String, hint: &str| {
        let hint = hint.to_owned();
        Err(Conflict::new(message, hint).into())
    };
    if ring.keys().loaded().any(|key| key.id == lost) {
        let message = format!("the master key {lost} is not lost: it is at hand");
        return refused(
            message,
            "to replace it, set a new one as KEYCTL_MASTER_KEY and this one as KEYCTL_MASTER_KEY_PREVIOUS",
        );
    }
    if let Some(at) = row.retired_at {
        return refused(
            format!("the master key {lost} was retired at {at} already"),
            "nothing is to be done",
        );
    }
    ring.check_not_retired(&rows)?;
    super::rotate::check_no_other(&rows, lost, ring)?;
    ring.register(tx);
    tx.retire_master_key(lost);
    tx.touch_every_key();
    let done = Lost { from: lost, to: ring.current(), versions: row.envelopes(), at: tx.now() };
    let details = json!({ "lost": lost, "to": done.to, "versions": done.versions });
    let event = Event::done(Action::MasterLost, details);
    Ok(Done::with(done, event))
}
