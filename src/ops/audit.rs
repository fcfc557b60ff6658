//! What was done, and whether the log of it is whole.

use super::error::Result;
use crate::crypto::chain::Walk;
use crate::domain::audit::Record;
use crate::store::Store;

/// The end of a log that was walked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many records it has.
    pub records: u64,
    /// The last one's hash, to be kept elsewhere.
    pub hash: [u8; 32],
}

/// Calls `each` for every record with a number above `after`, lowest first.
pub fn records<E: From<super::Error>>(
    store: &mut Store,
    after: u64,
    mut each: impl FnMut(&Record) -> std::result::Result<(), E>,
) -> std::result::Result<(), E> {
    let mut last = after;
    loop {
        let batch = store.audit_records(last).map_err(super::Error::from)?;
        let Some(end) = batch.last() else { return Ok(()) };
        last = end.seq;
        batch.iter().try_for_each(&mut each)?;
    }
}

/// The number after which the newest `count` records stand.
pub fn start_of_newest(store: &mut Store, count: u64) -> Result<u64> {
    Ok(store.head()?.audit_seq.saturating_sub(count))
}

/// Walks the whole chain in one snapshot and compares its end with the head row.
/// `progress` is called with the number of records done.
pub fn verify(store: &mut Store, mut progress: impl FnMut(u64)) -> Result<Verified> {
    store.snapshot(|store| {
        let head = store.head()?;
        let mut walk = Walk::new(head.store_uuid);
        records(store, 0, |record| {
            progress(record.seq);
            walk.step(record).map_err(super::Error::from)
        })?;
        walk.end(head.audit_seq, &head.audit_hash)?;
        Ok(Verified { records: walk.len(), hash: *walk.hash() })
    })
}
