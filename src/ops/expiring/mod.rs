//! What ends soon, in one list, and who is told of it.

pub(crate) mod notify;

use std::collections::VecDeque;

use crate::domain::expiring::{Ending, Kind, Stage};
use crate::domain::time::{Span, Timestamp};
use crate::ops::error::Result;
use crate::store::{ExpiringLookup, Store, Window};

/// Which ends are asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    /// So far ahead.
    pub within: Span,
    /// And so far back.
    pub since: Span,
}

impl Asked {
    pub(crate) fn at(self, now: Timestamp) -> Window {
        let until = now.after(self.within).unwrap_or(Timestamp::LATEST);
        Window { now, after: now.before(self.since), until }
    }
}

/// A kind's things in their order, a page at a time.
struct Source {
    kind: Kind,
    page: VecDeque<Ending>,
    last: Option<Ending>,
    is_done: bool,
}

impl Source {
    fn fill(&mut self, store: &mut impl ExpiringLookup, window: &Window) -> Result<()> {
        if !self.page.is_empty() || self.is_done {
            return Ok(());
        }
        let page = store.endings(self.kind, window, self.last.as_ref())?;
        self.is_done = page.len() < crate::store::ENDINGS_PAGE;
        self.last = page.last().cloned();
        self.page = page.into();
        Ok(())
    }
}

/// All that ends in a window, the first end first. A page of each kind is held at a time.
pub(crate) struct Endings {
    window: Window,
    sources: Vec<Source>,
}

impl Endings {
    pub(crate) fn of(window: Window) -> Self {
        // Keys of trusts come among the keys.
        Self::of_kinds(window, Kind::ALL.into_iter().filter(|kind| *kind != Kind::Trust))
    }

    /// With what was seen in the window, and does not end.
    pub(crate) fn and_seen(window: Window) -> Self {
        let kinds = Kind::ALL.into_iter().filter(|kind| *kind != Kind::Trust);
        Self::of_kinds(window, kinds.chain(Kind::SEEN))
    }

    fn of_kinds(window: Window, kinds: impl Iterator<Item = Kind>) -> Self {
        let sources = kinds.map(|kind| Source { kind, page: VecDeque::new(), last: None, is_done: false });
        Self { window, sources: sources.collect() }
    }

    pub(crate) fn next(&mut self, store: &mut impl ExpiringLookup) -> Result<Option<Ending>> {
        for source in &mut self.sources {
            source.fill(store, &self.window)?;
        }
        let next = self
            .sources
            .iter_mut()
            .filter(|source| !source.page.is_empty())
            .min_by(|one, other| one.page[0].place().cmp(&other.page[0].place()));
        Ok(next.and_then(|source| source.page.pop_front()))
    }
}

/// How many things of each kind are at each stage, and the first end of each kind that is still to come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// As [`Kind::ALL`] and [`Stage::ALL`] have them.
    pub counts: [[u64; 5]; 6],
    pub first: [Option<Timestamp>; 6],
}

/// The same things, counted.
pub(crate) fn tally(store: &mut Store, window: &Window) -> Result<Tally> {
    let mut tally = Tally::default();
    let mut endings = Endings::of(*window);
    while let Some(ending) = endings.next(store)? {
        let kind = Kind::ALL.iter().position(|kind| *kind == ending.kind).unwrap_or_default();
        let stage = Stage::of(ending.ends_at, window.now);
        let place = Stage::ALL.iter().position(|one| *one == stage).unwrap_or_default();
        tally.counts[kind][place] += 1;
        if stage != Stage::Ended {
            tally.first[kind].get_or_insert(ending.ends_at);
        }
    }
    Ok(tally)
}
