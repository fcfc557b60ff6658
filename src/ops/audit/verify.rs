//! Whether no record is missing or altered, also against anchors kept elsewhere.

use uuid::Uuid;

use super::select::records;
use crate::crypto::chain::{Break, Walk};
use crate::domain::audit::anchor::{Anchor, Mismatch};
use crate::domain::audit::event::Record;
use crate::domain::time::Timestamp;
use crate::ops::error::{Error, Result};
use crate::store::Store;

/// The end of a log that was walked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    pub records: u64,
    /// The last one's hash, to be kept elsewhere.
    pub hash: [u8; 32],
    /// The number of the highest record that an anchor vouches for.
    pub anchored: Option<u64>,
}

/// Walks the whole chain in one snapshot and compares its end with the head row. The log must contain every anchor's
/// record with its hash; [`Error::Anchor`] if it does not. `progress` is called with the number of records done.
pub fn verify_against(store: &mut Store, anchors: &[Anchor], progress: impl FnMut(u64)) -> Result<Verified> {
    store.snapshot(|store| walk(store, anchors, counted(progress)).map(|(_, verified)| verified))
}

/// The same in the snapshot that the caller has, and `each` gets every record.
pub(in crate::ops) fn verify_each(
    store: &mut Store,
    each: impl FnMut(&Record) -> Result<()>,
) -> Result<Verified> {
    walk(store, &[], each).map(|(_, verified)| verified)
}

fn counted(mut progress: impl FnMut(u64)) -> impl FnMut(&Record) -> Result<()> {
    move |record| {
        progress(record.seq);
        Ok(())
    }
}

/// The end of the log as an anchor, with the time by the store's clock. It is what the head row
/// says, and the last record must be that one and follow from the one before it. The rest of the
/// log is not read, so that a long one takes no longer: that is what [`verify_against`] is for.
pub fn checkpoint(store: &mut Store) -> Result<(Anchor, Timestamp)> {
    store.snapshot(|store| {
        let head = store.head()?;
        let before = store.audit_last()?.saturating_sub(1);
        let mut walk = match store.audit_record(before)? {
            Some(record) => Walk::behind(head.store_uuid, &record),
            None if before > 0 => return Err(Break::Gap { expected: before, found: before + 1 }.into()),
            None => Walk::new(head.store_uuid),
        };
        records(store, before, |record| Ok::<_, Error>(walk.step(record)?))?;
        walk.end(head.audit_seq, &head.audit_hash)?;
        let anchor = Anchor { store: head.store_uuid, seq: head.audit_seq, hash: head.audit_hash };
        Ok((anchor, store.now()?))
    })
}

fn walk(
    store: &mut Store,
    anchors: &[Anchor],
    mut each: impl FnMut(&Record) -> Result<()>,
) -> Result<(Uuid, Verified)> {
    let head = store.head()?;
    if let Some(other) = anchors.iter().find(|anchor| anchor.store != head.store_uuid) {
        return Err(Mismatch::OtherStore { anchor: other.store, store: head.store_uuid }.into());
    }
    let mut ahead: Vec<Anchor> = anchors.to_vec();
    ahead.sort_by_key(|anchor| std::cmp::Reverse(anchor.seq));
    let mut rewritten = None;
    let mut walk = Walk::new(head.store_uuid);
    records(store, 0, |record| {
        each(record)?;
        walk.step(record)?;
        while let Some(anchor) = ahead.pop_if(|anchor| anchor.seq == record.seq) {
            if anchor.hash != record.hash {
                rewritten.get_or_insert(record.seq);
            }
        }
        Ok::<_, Error>(())
    })?;
    walk.end(head.audit_seq, &head.audit_hash)?;
    if let Some(seq) = rewritten {
        return Err(Mismatch::Rewritten(seq).into());
    }
    // The highest stands first.
    if let Some(anchor) = ahead.first() {
        return Err(Mismatch::Shorter { seq: anchor.seq, last: walk.len() }.into());
    }
    let anchored = anchors.iter().map(|anchor| anchor.seq).max();
    Ok((head.store_uuid, Verified { records: walk.len(), hash: *walk.hash(), anchored }))
}
