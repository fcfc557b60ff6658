//! Which keys a change is about: named ones, or all live ones that something holds for.

use std::collections::BTreeSet;

use super::find::{ahead, resolve};
use super::references::{MOST, check_count};
use super::used;
use crate::domain::audit::action::Action;
use crate::domain::keys::key::{Key, LastUse};
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::owners::owner::Owner;
use crate::domain::secrets::secret::{Binding, SecretName};
use crate::domain::time::Timestamp;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Error, GOES_ON, Result};
use crate::ops::owners::owner::check_known;
use crate::store::{BindingLookup as _, Counts, Cursor, Filter, Page, Store, Tx};

#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one of them in a command")]
pub enum Selection {
    /// These, at most [`MOST`], all or none.
    Named(Vec<KeyRef>),
    /// All live keys of this owner, if one is named, that the filter lets through; in
    /// transactions of at most [`MOST`].
    Matching(Option<Owner>, Filter),
}

impl From<Vec<KeyRef>> for Selection {
    fn from(keys: Vec<KeyRef>) -> Self {
        Self::Named(keys)
    }
}

impl<const N: usize> From<&[KeyRef; N]> for Selection {
    fn from(keys: &[KeyRef; N]) -> Self {
        Self::Named(keys.to_vec())
    }
}

#[derive(Clone, Debug)]
pub struct Stopped {
    pub key: Key,
    /// Whether it was so before; then nothing was changed.
    pub already: bool,
    /// Its live children, as they were before.
    pub children: Vec<Key>,
    /// The live keys that were made with it and ended with it, as they were before.
    pub made: Vec<Key>,
    /// The bindings that say which providers' secrets it could get.
    pub secrets: Vec<Binding>,
}

impl Stopped {
    /// All that stopped with it, and itself unless it was so before.
    pub(in crate::ops) fn all(self) -> Vec<Key> {
        let own = (!self.already).then_some(self.key);
        own.into_iter().chain(self.children).chain(self.made).collect()
    }

    pub(super) fn already(key: Key) -> Self {
        Self { key, already: true, children: Vec::new(), made: Vec::new(), secrets: Vec::new() }
    }

    pub(super) fn now(key: Key, children: Vec<Key>) -> Self {
        Self { key, already: false, children, made: Vec::new(), secrets: Vec::new() }
    }
}

#[derive(Clone, Debug)]
pub struct Outcome {
    /// Each key meant, once.
    pub keys: Vec<Stopped>,
    pub at: Timestamp,
}

pub(super) fn page(owner: Option<&Owner>, filter: &Filter, after: Option<Cursor>) -> Page {
    let limit = u32::try_from(MOST).unwrap_or(u32::MAX);
    Page { owner: owner.cloned(), filter: filter.clone(), after, limit, ..Page::default() }
}

/// What a change of many keys would reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// How many keys, and their live children.
    pub counts: Counts,
    /// When a service last saw any of them.
    pub last_used: LastUse,
    /// The first few, as `owner/name`.
    pub first: Vec<String>,
    /// The secrets that these could get.
    pub secrets: BTreeSet<SecretName>,
}

/// Keys named in a question.
const NAMED: u32 = 10;

/// Looks at what a selection reaches. [`Error::NotFound`] for an unknown owner.
pub fn reach(store: &mut Store, owner: Option<&Owner>, filter: &Filter) -> Result<Reach> {
    let page = Page { limit: NAMED, ..page(owner, filter, None) };
    let mut reach = store.snapshot(|store| {
        owner.map_or(Ok(()), |owner| check_known(store, owner))?;
        let keys = store.keys(&page)?;
        let mut secrets = BTreeSet::new();
        for key in &keys {
            secrets.extend(store.bindings_in_reach(key.id, &key.owner)?.into_iter().map(|found| found.name));
        }
        let first = keys.iter().map(Key::path).collect();
        Ok::<_, Error>(Reach { counts: store.count(&page)?, last_used: LastUse::Unknown, first, secrets })
    })?;
    // By itself: whatever holds that table up, the change goes on.
    reach.last_used = store.last_used_of(&page);
    Ok(reach)
}

/// Changes the keys that are named, as a part of a change.
type StopIn<'s> = &'s mut dyn FnMut(&mut Tx<'_>, &[KeyRef]) -> Result<Done<Outcome>>;

/// Runs `stop_in` on the keys meant: on those that are named at once, on the others page by page.
pub(super) fn each(
    env: &mut Env,
    action: Action,
    selection: &Selection,
    mut stop_in: impl FnMut(&mut Tx<'_>, &[KeyRef]) -> Result<Done<Outcome>>,
) -> Result<Outcome> {
    let mut outcome = match selection {
        Selection::Named(references) => named(env, action, references, &mut stop_in),
        Selection::Matching(owner, filter) => matching(env, action, owner.as_ref(), filter, &mut stop_in),
    }?;
    used::fill(&mut env.store, outcome.keys.iter_mut().map(|stopped| &mut stopped.key));
    Ok(outcome)
}

fn named(env: &mut Env, action: Action, references: &[KeyRef], stop_in: StopIn<'_>) -> Result<Outcome> {
    check_count(references)?;
    let references = references.iter().map(|key| ahead(&mut env.store, key)).collect::<Result<Vec<_>>>()?;
    env.change(action, |tx| stop_in(tx, &references))
}

/// Runs `stop` on each of the keys that are named, once. A child may have gone with its parent a moment ago.
pub(super) fn each_in(
    tx: &mut Tx<'_>,
    references: &[KeyRef],
    mut stop: impl FnMut(&mut Tx<'_>, Key) -> Result<Done<Stopped>>,
) -> Result<Done<Outcome>> {
    let (mut keys, mut events) = (Vec::<Stopped>::new(), Vec::new());
    for reference in references {
        let key = resolve(tx, reference)?;
        if !keys.iter().any(|done| done.key.id == key.id) {
            let stopped = stop(tx, key)?.record_in(&mut events);
            let secrets = tx.bindings_in_reach(stopped.key.id, &stopped.key.owner)?;
            keys.push(Stopped { secrets, ..stopped });
        }
    }
    Ok(Done { result: Outcome { keys, at: tx.now() }, events })
}

/// Runs `stop_in` on the next page of those that something holds for; where the one after it begins, if there is one.
fn page_in(tx: &mut Tx<'_>, page: &Page, stop_in: StopIn<'_>) -> Result<Done<(Outcome, Option<Cursor>)>> {
    page.owner.as_ref().map_or(Ok(()), |owner| check_known(tx, owner))?;
    let found = tx.keys(page)?;
    let last = found.last().filter(|_| found.len() == MOST).map(Cursor::from);
    let references: Vec<KeyRef> = found.iter().map(|key| KeyRef::Id(key.id)).collect();
    let Done { result, events } = stop_in(tx, &references)?;
    Ok(Done { result: (result, last), events })
}

fn matching(
    env: &mut Env,
    action: Action,
    owner: Option<&Owner>,
    filter: &Filter,
    stop_in: StopIn<'_>,
) -> Result<Outcome> {
    let mut all: Option<Outcome> = None;
    let mut after = None;
    loop {
        let page = page(owner, filter, after.clone());
        let changed = env.change(action, |tx| page_in(tx, &page, stop_in));
        let done = all.as_ref().map_or(0, |all| all.keys.iter().filter(|key| !key.already).count() as u64);
        let (outcome, last) = match changed {
            Err(error) if done > 0 && !env.rehearse => {
                return Err(Error::Partly { done, what: "key", then: GOES_ON, error: Box::new(error) });
            }
            other => other?,
        };
        let all = match &mut all {
            None => all.insert(outcome),
            Some(all) => {
                all.keys.extend(outcome.keys);
                all.at = outcome.at;
                all
            }
        };
        if last.is_none() {
            return Ok(all.clone());
        }
        after = last;
    }
}
