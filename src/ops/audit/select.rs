//! Records in order, those that are wanted.

use crate::domain::audit::event::Record;
use crate::domain::audit::filter::{Filter, Wanted};
use crate::ops::error::{Error, Result};
use crate::store::{Store, Walk};

/// Calls `each` for every record with a number above `after`, lowest first.
pub fn records<E: From<Error>>(
    store: &mut Store,
    after: u64,
    mut each: impl FnMut(&Record) -> Result<(), E>,
) -> Result<(), E> {
    let mut last = after;
    loop {
        let batch = store.audit_records(last).map_err(Error::from)?;
        let Some(end) = batch.last() else { return Ok(()) };
        last = end.seq;
        batch.iter().try_for_each(&mut each)?;
    }
}

/// Calls `each` for every record that the filter wants, with a number above `after` and up to
/// `last`, lowest first and in flat memory.
pub fn select<E: From<Error>>(
    store: &mut Store,
    filter: &Filter,
    after: u64,
    last: u64,
    mut each: impl FnMut(&Record) -> Result<(), E>,
) -> Result<(), E> {
    let mut next = Some(Walk::After(after)).filter(|_| after < last);
    while let Some(walk) = next {
        let batch = store.audit_candidates(filter, walk, last).map_err(Error::from)?;
        wanted(store, filter, batch.records)?.iter().try_for_each(&mut each)?;
        next = batch.next;
    }
    Ok(())
}

pub(super) fn wanted(store: &mut Store, filter: &Filter, mut records: Vec<Record>) -> Result<Vec<Record>> {
    let mut looks: Vec<Wanted> = records.iter().map(|record| filter.look(record.seq, &record.body)).collect();
    if let Some(owner) = &filter.owner {
        let range = |look: &Wanted| match look {
            Wanted::IfOwned { first, last } => Some((*first, *last)),
            Wanted::No | Wanted::Yes => None,
        };
        let owned = store.owned_ranges(owner, &looks.iter().filter_map(range).collect::<Vec<_>>())?;
        for look in &mut looks {
            if range(look).is_some_and(|(first, _)| owned.contains(&first)) {
                *look = Wanted::Yes;
            }
        }
    }
    let mut looks = looks.into_iter();
    records.retain(|_| looks.next() == Some(Wanted::Yes));
    Ok(records)
}

/// The number after which the newest `count` records stand that the filter wants, none of them
/// above `last`. They are counted, not kept, so that any number of them fits.
pub fn newest(store: &mut Store, filter: &Filter, count: u64, last: u64) -> Result<u64> {
    if filter.is_empty() {
        return Ok(last.saturating_sub(count));
    }
    let mut missing = count;
    let mut next = Some(Walk::Before(last.saturating_add(1))).filter(|_| count > 0);
    while let Some(walk) = next {
        let batch = store.audit_candidates(filter, walk, last)?;
        for record in wanted(store, filter, batch.records)? {
            missing -= 1;
            if missing == 0 {
                return Ok(record.seq - 1);
            }
        }
        next = batch.next;
    }
    Ok(if count > 0 { 0 } else { last })
}
