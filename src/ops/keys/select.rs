//! Which keys a change is about: named ones, or all live ones that something holds for.

use std::collections::BTreeSet;

use super::find::{ahead, resolve};
use super::used;
use crate::domain::audit::action::Action;
use crate::domain::keys::key::{Key, LastUse};
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::owners::owner::Owner;
use crate::domain::secrets::secret::{Binding, SecretName};
use crate::domain::texts::text::Shown;
use crate::domain::time::Timestamp;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Error, Result};
use crate::ops::owners::owner::check_known;
use crate::store::{BindingLookup as _, Counts, Cursor, Filter, Lookup as _, Page, Store, Tx};

/// Keys changed in one transaction, so that nobody waits long for the write lock.
pub const MOST: usize = 500;

#[derive(Clone, Debug)]
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
    /// The bindings that say which providers' secrets it could get.
    pub secrets: Vec<Binding>,
}

impl Stopped {
    pub(super) fn already(key: Key) -> Self {
        Self { key, already: true, children: Vec::new(), secrets: Vec::new() }
    }

    pub(super) fn now(key: Key, children: Vec<Key>) -> Self {
        Self { key, already: false, children, secrets: Vec::new() }
    }
}

#[derive(Clone, Debug)]
pub struct Outcome {
    /// Each key meant, once.
    pub keys: Vec<Stopped>,
    pub at: Timestamp,
}

/// A reference that no key stands for. Of a line of input there is its number, and a token's public
/// part where it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// As it may be shown.
    pub name: String,
    /// Whether it can be no reference at all, and no token.
    pub unreadable: bool,
    /// Whether it was typed, and not read from a line.
    pub typed: bool,
}

impl Unknown {
    fn of(reference: &KeyRef, unreadable: bool) -> Self {
        let name = match reference {
            KeyRef::Line(line) => match line.reference() {
                Some(KeyRef::Token(prefix)) => format!("line {} ({prefix})", line.number()),
                _ => format!("line {}", line.number()),
            },
            other => Shown(&other.to_string()).to_string(),
        };
        Self { name, unreadable, typed: !matches!(reference, KeyRef::Line(_)) }
    }
}

/// So that nobody waits long for the write lock, nor for slow hashes of what is no token.
pub fn check_count(references: &[KeyRef]) -> Result<()> {
    if references.len() <= MOST {
        return Ok(());
    }
    Err(Error::Invalid {
        message: format!("{} keys at once; at most {MOST} are changed together", references.len()),
        hint: "give fewer at a time; running it again does no harm".to_owned(),
    })
}

/// Parts references into those that a key stands for and the others, all of them, so that nobody
/// learns of one after the other. An ambiguous one counts as known: the change that meets it
/// records that.
pub fn known(store: &mut Store, references: &[KeyRef]) -> Result<(Vec<KeyRef>, Vec<Unknown>)> {
    let (mut known, mut unknown) = (Vec::with_capacity(references.len()), Vec::new());
    for reference in references {
        // Of a line it is known already whether a key stands for it.
        let found = match reference {
            KeyRef::Line(_) => ahead(store, reference),
            other => match resolve(store, other) {
                Ok(_) | Err(Error::Conflict(_)) => Ok(other.clone()),
                Err(error) => Err(error),
            },
        };
        match found {
            Ok(key) => known.push(key),
            Err(Error::NotFound { .. }) => unknown.push(Unknown::of(reference, false)),
            Err(Error::Invalid { .. }) if matches!(reference, KeyRef::Line(_)) => {
                unknown.push(Unknown::of(reference, true));
            }
            Err(error) => return Err(error),
        }
    }
    Ok((known, unknown))
}

pub fn none_of(unknown: &[Unknown], of: usize, hint: &str) -> Error {
    let names: Vec<&str> = unknown.iter().map(|one| one.name.as_str()).collect();
    let message = format!("{} of {of} name no key: {}; nothing was changed", unknown.len(), names.join(", "));
    let hint = hint.to_owned();
    if unknown.iter().all(|one| one.unreadable) {
        Error::Invalid { message, hint }
    } else {
        Error::NotFound { message, hint }
    }
}

fn page(owner: Option<&Owner>, filter: &Filter, after: Option<Cursor>) -> Page {
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

pub(in crate::ops) type Stop<'s> = &'s mut dyn FnMut(&mut Tx<'_>, Key) -> Result<Done<Stopped>>;

/// Runs `stop` on every key meant.
pub(in crate::ops) fn each(
    env: &mut Env,
    action: Action,
    selection: &Selection,
    mut stop: impl FnMut(&mut Tx<'_>, Key) -> Result<Done<Stopped>>,
) -> Result<Outcome> {
    let mut outcome = match selection {
        Selection::Named(references) => named(env, action, references, &mut stop),
        Selection::Matching(owner, filter) => matching(env, action, owner.as_ref(), filter, &mut stop),
    }?;
    used::fill(&mut env.store, outcome.keys.iter_mut().map(|stopped| &mut stopped.key));
    Ok(outcome)
}

fn named(env: &mut Env, action: Action, references: &[KeyRef], stop: Stop<'_>) -> Result<Outcome> {
    check_count(references)?;
    let references = references.iter().map(|key| ahead(&mut env.store, key)).collect::<Result<Vec<_>>>()?;
    env.change(action, |tx| named_in(tx, &references, stop))
}

/// Runs `stop` on each of the keys that are named, once.
pub(super) fn named_in(tx: &mut Tx<'_>, references: &[KeyRef], stop: Stop<'_>) -> Result<Done<Outcome>> {
    let (mut keys, mut events) = (Vec::<Stopped>::new(), Vec::new());
    for reference in references {
        let key = resolve(tx, reference)?;
        if !keys.iter().any(|done| done.key.id == key.id) {
            let stopped = stop(tx, key)?.record_in(&mut events);
            keys.push(with_secrets(tx, stopped)?);
        }
    }
    Ok(Done { result: Outcome { keys, at: tx.now() }, events })
}

fn with_secrets(tx: &mut Tx<'_>, stopped: Stopped) -> Result<Stopped> {
    let secrets = tx.bindings_in_reach(stopped.key.id, &stopped.key.owner)?;
    Ok(Stopped { secrets, ..stopped })
}

/// Runs `stop` on the next page of those that something holds for; where the one after it begins, if there is one.
fn page_in(tx: &mut Tx<'_>, page: &Page, stop: Stop<'_>) -> Result<Done<(Outcome, Option<Cursor>)>> {
    page.owner.as_ref().map_or(Ok(()), |owner| check_known(tx, owner))?;
    let found = tx.keys(page)?;
    let last = found.last().filter(|_| found.len() == MOST).map(Cursor::from);
    let (mut keys, mut events) = (Vec::new(), Vec::new());
    for key in found {
        // A child may have gone with its parent a moment ago.
        let key = tx.key_by_id(key.id)?.unwrap_or(key);
        let stopped = stop(tx, key)?.record_in(&mut events);
        keys.push(with_secrets(tx, stopped)?);
    }
    Ok(Done { result: (Outcome { keys, at: tx.now() }, last), events })
}

fn matching(
    env: &mut Env,
    action: Action,
    owner: Option<&Owner>,
    filter: &Filter,
    stop: Stop<'_>,
) -> Result<Outcome> {
    let mut all: Option<Outcome> = None;
    let mut after = None;
    loop {
        let page = page(owner, filter, after.clone());
        let changed = env.change(action, |tx| page_in(tx, &page, stop));
        let done = all.as_ref().map_or(0, |all| all.keys.iter().filter(|key| !key.already).count() as u64);
        let (outcome, last) = match changed {
            Err(error) if done > 0 && !env.rehearse => {
                return Err(Error::Partly { done, what: "key", error: Box::new(error) });
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
