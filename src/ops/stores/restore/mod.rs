//! A backup becomes the store.
//!
//! It is read to its end into a store on disk that has no name. There it is compared with what is known of later
//! states, what was taken away since is taken away again, and a record says that it was restored. Only then it takes the
//! place that is meant, in one transaction: killed before that, nothing has happened.

mod apply;
mod log;

use std::io::BufRead;
use std::path::PathBuf;

use serde_json::json;

pub(crate) use apply::Outcome;
pub(crate) use log::OfStore;

use super::backup::{self, BackupError, Contents, Item, Reader};
use crate::crypto::chain::Walk;
use crate::domain::audit::action::Action;
use crate::domain::audit::anchor::{Anchor, Mismatch};
use crate::domain::audit::event::{Actor, Event, Linked};
use crate::ops::audit::sink::Sink;
use crate::ops::audit::{Behind, each_record};
use crate::ops::change::{self, Done};
use crate::ops::env::{Env, SystemRandom};
use crate::ops::error::{Conflict, Error, Result};
use crate::store::{self, Draft, Location, Options, Store};

/// A backup that was read and is whole, as a store that nobody else sees.
pub(crate) struct Loaded {
    pub contents: Contents,
    store: Store,
}

/// Reads a backup to its end.
pub(crate) fn load(reader: Reader<'_>, options: Options, progress: impl FnMut(u64)) -> Result<Loaded> {
    let mut draft = None;
    let altered =
        |unfit: Option<store::Unfit>| unfit.map_or(Ok(()), |unfit| Err(BackupError::Altered(unfit.0)));
    let contents = backup::read(
        reader,
        |item| {
            match (item, &mut draft) {
                (Item::About(about), _) => draft = Some(Draft::new(about.schema, options)?),
                (Item::Table(name, columns), Some(draft)) => altered(draft.table(name, columns)?)?,
                (Item::Row(row), Some(draft)) => altered(draft.row(row)?)?,
                (_, None) => {}
            }
            Ok(())
        },
        progress,
    )?;
    let mut store = draft.ok_or(BackupError::Short)?.finish()?;
    let (end, _) = store.end()?;
    if end != contents.about.end {
        return Err(BackupError::Altered("it holds another store than it says").into());
    }
    Ok(Loaded { contents, store })
}

/// A state of the store that is known to have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub end: Anchor,
    /// Who knows it, in words.
    pub whence: String,
}

impl Loaded {
    /// Those of these states that the backup does not have: it is behind them, or another history.
    pub(crate) fn lacks(&mut self, known: &[Known]) -> Result<Vec<Known>> {
        let mut lacking = Vec::new();
        for one in known.iter().filter(|one| one.end.store == self.contents.about.end.store) {
            let record = self.store.audit_record(one.end.seq)?;
            if record.is_none_or(|record| record.hash != one.end.hash) {
                lacking.push(one.clone());
            }
        }
        Ok(lacking)
    }
}

/// What is done with a backup before it is the store.
pub(crate) struct Request<'r> {
    pub actor: Actor,
    pub reason: Option<&'r str>,
    /// The states that are lost by it.
    pub lost: &'r [Known],
    /// The counter of the store in whose place it comes.
    pub counter: i64,
    /// The log, also behind the backup.
    pub log: Option<&'r mut dyn BufRead>,
}

/// A store that is ready to take its place, and what was done to it.
pub(crate) struct Ready {
    store: Store,
    pub report: Report,
    /// What its log has more than the backup's.
    pub records: Vec<Linked>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Report {
    pub contents: Contents,
    /// The last record that is known to be lost.
    pub lost_record: Option<u64>,
    /// The last record of the log that was read besides.
    pub replayed_to: Option<u64>,
    pub outcomes: Vec<Outcome>,
    /// The end of its log now.
    pub end: Anchor,
}

/// A backup that took its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Restored {
    pub report: Report,
    /// Where the state before is.
    pub kept: Option<PathBuf>,
}

/// Keeps the records for whoever gets them once they are the store's.
struct Collect(std::rc::Rc<std::cell::RefCell<Vec<Linked>>>);

impl Sink for Collect {
    fn send(&mut self, records: &[Linked]) {
        self.0.borrow_mut().extend_from_slice(records);
    }

    fn unsure(&mut self, _: u64) {}
}

impl Loaded {
    /// Takes away what the log says was taken away since, ends what cannot be trusted any more, raises the mark above all
    /// that was seen, and records it.
    pub(crate) fn prepare(self, request: Request<'_>) -> Result<Ready> {
        let Self { contents, mut store } = self;
        let records = std::rc::Rc::default();
        let sink = Some(Box::new(Collect(std::rc::Rc::clone(&records))) as Box<dyn Sink>);
        let mut takeaways = None;
        if let Some(log) = request.log {
            takeaways = Some(read_log(&mut store, contents.about.end, log)?);
        }
        let random = Box::new(SystemRandom);
        let mut env = Env { store, random, actor: request.actor, rehearse: false, sink, unmade: None };
        let replayed_to = takeaways.as_ref().map(|(_, last)| *last);
        let mut outcomes = apply::apply(&mut env, takeaways.map(|(all, _)| all).unwrap_or_default())?;
        outcomes.extend(apply::end_credentials(&mut env)?);
        let lost = request.lost.iter().max_by_key(|known| known.end.seq);
        let details = json!({
            "reason": request.reason,
            "record": contents.about.end.seq,
            "made_at": contents.about.made_at,
            "lost": lost.map(|known| known.end.to_string()),
            "replayed_to": replayed_to,
        });
        env.change(Action::StoreRestore, |tx| {
            // What stands in sinks by now is in no backup.
            tx.forget_all_deliveries();
            tx.void_portal();
            tx.accept_rollback_above(request.counter);
            Ok(Done::with((), Event::done(Action::StoreRestore, details.clone())))
        })?;
        let (end, _) = env.store.end()?;
        let Env { store, sink, .. } = env;
        drop(sink);
        let records = records.take();
        let lost_record = lost.map(|known| known.end.seq);
        let report = Report { contents, lost_record, replayed_to, outcomes, end };
        Ok(Ready { store, report, records })
    }
}

/// What the log says was taken away behind the store's end, and its last record.
fn read_log(
    store: &mut Store,
    end: Anchor,
    log: &mut dyn BufRead,
) -> Result<(Vec<crate::ops::audit::Takeaway>, u64)> {
    let mut behind = Behind::new(end.seq)?;
    let mut walk = Walk::new(end.store);
    each_record(store, 0, |record| {
        walk.step(record)?;
        behind.record(record)
    })?;
    let mut last = end.seq;
    log::each(log, |line| {
        if line.store != end.store {
            return Err(Mismatch::OtherStore { anchor: line.store, store: end.store }.into());
        }
        if line.record.seq > last {
            walk.step(&line.record)?;
            last = line.record.seq;
            return behind.record(&line.record);
        }
        if line.record.seq == end.seq && line.record.hash != end.hash {
            return Err(Mismatch::Rewritten(end.seq).into());
        }
        Ok(())
    })?;
    let now = store.now()?;
    Ok((behind.takeaways(store, now)?, last))
}

impl Ready {
    /// Makes the store where there is none.
    pub(crate) fn put_down(&mut self, location: &Location, options: Options) -> Result<()> {
        let nonce = change::nonce(&mut SystemRandom)?;
        Ok(self.store.put_down(location, options, &nonce)?)
    }

    /// Takes the place of the store that is there, if that still is at `seen`; `keep` keeps what was there, under the lock.
    pub(crate) fn put_over<E: From<Error> + From<store::Error>>(
        &mut self,
        there: &mut Store,
        seen: Anchor,
        keep: impl FnOnce(&mut Store) -> Result<(), E>,
    ) -> Result<(), E> {
        there.replace_all(&mut self.store, |there, head| {
            let now = Anchor { store: head.store_uuid, seq: head.audit_seq, hash: head.audit_hash };
            if now != seen {
                let message = "the store in its place was changed meanwhile; nothing was restored";
                let conflict = Conflict::new(message, "look at it, and run the same command again");
                return Err(Error::from(conflict).into());
            }
            keep(there)
        })
    }
}
