//! The whole log for elsewhere, checked on its way out.

use super::select::wanted;
use crate::crypto::chain::{Break, START, Walk};
use crate::domain::audit::event::Linked;
use crate::domain::audit::filter::Filter;
use crate::ops::error::{Error, Result};
use crate::store::{self, Store};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    pub records: u64,
    /// Where the chain first breaks, if it does. All records were exported nevertheless: who
    /// looks into a broken log needs it all.
    pub broken: Option<Break>,
}

/// Calls `each` for every record from number `from` on that the filter wants, lowest first, in
/// one snapshot and in flat memory. All records from there on are read and checked, also those
/// that are not wanted; the one before `from` is taken as it stands.
pub fn export<E: From<Error> + From<store::Error>>(
    store: &mut Store,
    from: u64,
    filter: &Filter,
    mut each: impl FnMut(&Linked) -> Result<(), E>,
) -> Result<Exported, E> {
    store.snapshot(|store| run(store, from, filter, &mut each))
}

fn run<E: From<Error>>(
    store: &mut Store,
    from: u64,
    filter: &Filter,
    each: &mut impl FnMut(&Linked) -> Result<(), E>,
) -> Result<Exported, E> {
    let head = store.head().map_err(Error::from)?;
    let before = from.saturating_sub(1);
    let start = store.audit_record(before).map_err(Error::from)?;
    let mut walk = match &start {
        Some(record) => Walk::behind(head.store_uuid, record),
        None => Walk::new(head.store_uuid),
    };
    let lost = before > 0 && before <= head.audit_seq && start.is_none();
    let mut broken = lost.then_some(Break::Gap { expected: before, found: from });
    let mut previous = start.map_or(START, |record| record.hash);
    let mut exported = 0;
    let mut done = before;
    loop {
        let records = store.audit_records(done).map_err(Error::from)?;
        let Some(end) = records.last() else { break };
        done = end.seq;
        let mut before_each = Vec::with_capacity(records.len());
        for record in &records {
            if broken.is_none() {
                broken = walk.step(record).err();
            }
            before_each.push((record.seq, previous));
            previous = record.hash;
        }
        let mut before_each = before_each.into_iter();
        for record in wanted(store, filter, records)? {
            let previous = before_each.find(|(seq, _)| *seq == record.seq).map_or(START, |(_, hash)| hash);
            exported += 1;
            each(&Linked { store: head.store_uuid, previous, record })?;
        }
    }
    if broken.is_none() && head.audit_seq > before {
        broken = walk.end(head.audit_seq, &head.audit_hash).err();
    }
    Ok(Exported { records: exported, broken })
}
