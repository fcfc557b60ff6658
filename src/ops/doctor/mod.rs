//! What can be wrong with an installation, as far as the store tells: a list of checks, each of which finds nothing where
//! all is well. What needs the surroundings, as files and the `PATH`, is looked at by the command.

mod database;
mod finding;
mod keys;
mod sealed;

pub(crate) use database::skew;
pub(crate) use finding::{Check, Finding, Level, Report};
pub(crate) use sealed::AtHand;

use crate::domain::time::Timestamp;
use crate::ops::error::{Error, Result};
use crate::ops::stores::store::{self, rows_to_check};
use crate::store::{self as stored, Store};

/// What a command knows beside the store.
pub(crate) struct Around<'a> {
    pub at_hand: &'a AtHand,
    /// Whether the database is on this machine.
    pub is_local: bool,
    /// Whether what takes long for a large store is left out.
    pub quick: bool,
    /// The time here.
    pub clock: fn() -> Option<Timestamp>,
}

/// Looks at everything. Each check reads by itself, so that what one of them may not read hides nothing of the others.
/// `progress` gets the rows done so far.
pub(crate) fn examine(
    store: &mut Store,
    report: &mut Report,
    around: &Around<'_>,
    progress: &mut dyn FnMut(u64),
) -> Result<()> {
    let now = clock(store, report, around)?;
    report.look(Check::Schema, database::schema(store));
    report.look(Check::Moved, database::moved(store));
    match store::status(store, false) {
        Ok(status) => {
            report.look(Check::Standby, Ok(database::standby(&status, around.is_local)));
            report.look(Check::Wal, Ok(database::log(&status)));
        }
        Err(error) => report.look(Check::Standby, Err(error)),
    }
    report.look(Check::Pooler, database::pooler(store));
    report.look(Check::Policy, keys::policy(store, now));
    report.look(Check::Expiring, keys::expiring(store, now));
    report.look(Check::Pending, keys::pending(store, now));
    report.look(Check::WeakKeys, keys::weak(store));
    report.look(Check::NoExpiry, keys::without_expiry(store));
    report.look(Check::Unused, keys::unused(store, now));
    report.look(Check::SigningKeys, sealed::signing_keys(store, now));
    report.look(Check::Credentials, sealed::credentials(store, now));
    report.look(Check::Leases, sealed::leases(store, now));
    let mut rows = 0;
    let whole = database::whole(store, around.quick, &mut |done| {
        rows = done;
        progress(rows);
    });
    if !around.quick {
        report.look(Check::Store, Ok(Vec::new()));
    }
    report.look(Check::Audit, whole);
    let opened = sealed::master_key(store, around.at_hand, around.quick, || {
        rows += 1;
        progress(rows);
    });
    report.look(Check::MasterKey, opened);
    Ok(())
}

/// How many rows [`examine`] tells of, give or take some.
pub(crate) fn rows_to_examine(store: &mut Store, quick: bool) -> Option<u64> {
    if quick { None } else { rows_to_check(store).ok() }
}

/// The store's time, and whether it can be right.
fn clock(store: &mut Store, report: &mut Report, around: &Around<'_>) -> Result<Timestamp> {
    let before = (around.clock)();
    let now = store.now()?;
    let mut found = match (before, (around.clock)()) {
        (Some(before), Some(after)) => skew(before, now, after),
        _ => return Err(Error::Store(stored::Error::Clock)),
    };
    let last = database::last_record(store, now).map(|last| {
        found.extend(last);
        found
    });
    report.look(Check::Clock, last);
    Ok(now)
}

/// Makes the indexes that are missing; the store is open for changes.
pub(crate) fn make_indexes(store: &mut Store) -> Result<()> {
    database::make_indexes(store)
}

/// Moves a log into its file; the store is open for changes.
pub(crate) fn move_log(store: &mut Store) -> Result<()> {
    Ok(database::move_log(store)?)
}
