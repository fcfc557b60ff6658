//! What people are shown of keys: never a secret, and of others than their own nothing.

use super::Refused;
use super::holding;
use super::who::hold;
use crate::domain::id::KeyId;
use crate::domain::keys::key::Key;
use crate::domain::owners::owner::Owner;
use crate::domain::portal::session::Person;
use crate::domain::time::Timestamp;
use crate::domain::usage::batch::Answers;
use crate::domain::usage::day::Day;
use crate::ops::error::Error;
use crate::ops::keys::revoke::made_with;
use crate::ops::keys::used;
use crate::ops::usage::report::Days;
use crate::store::{Cursor, Lookup as _, Page, Store, SuspensionLookup as _};

/// Keys on a page: the page of the keys weighs 40 kB at most with all that it loads.
pub const PAGE: u32 = 25;
/// Days of use that are shown.
pub const DAYS: u16 = 14;

/// A key as its owner is shown it.
#[derive(Clone, Debug)]
pub struct Shown {
    pub key: Key,
    /// What it was answered on each of the last [`DAYS`] days, today last; empty where that cannot be had now.
    pub days: Vec<(Day, Answers)>,
    /// Whether whoever looks may have a new token of it; looked up of a key that is shown by itself.
    pub may_rotate: bool,
    /// Whether it is suspended, and whoever looks may let it work again.
    pub may_resume: bool,
}

/// A page of keys, newest first.
#[derive(Clone, Debug)]
pub struct ShownKeys {
    pub keys: Vec<Shown>,
    /// Behind which key the next page begins; `None` where this is the last.
    pub next: Option<KeyId>,
    /// By which time the states are meant.
    pub now: Timestamp,
}

/// The person's keys, revoked ones among them.
pub fn my_keys(store: &mut Store, person: &Person, after: Option<KeyId>) -> Result<ShownKeys, Refused> {
    let page_of = page_of(store, Some(&person.owner), after)?;
    page(store, &page_of)
}

/// One of the person's keys.
pub fn my_key(store: &mut Store, person: &Person, id: KeyId) -> Result<Shown, Refused> {
    let (key, now) = store.snapshot(|store| Ok::<_, Refused>((hold(store, person, id)?, store.now()?)))?;
    let may_rotate = key.revoked_at.is_none()
        && key.token.is_some()
        && match holding::check(store, person, &key, now) {
            Ok(()) => true,
            Err(failed @ Refused::Failed(_)) => return Err(failed),
            Err(_) => false,
        };
    let shown = fill(store, vec![key], now)?.pop().ok_or(Refused::NoSuchKey)?;
    Ok(Shown { may_rotate, ..shown })
}

/// What else ends where one of the person's keys is revoked: its children, and the keys that were made with it.
pub fn revoke_reach(store: &mut Store, person: &Person, id: KeyId) -> Result<Vec<Key>, Refused> {
    store.snapshot(|store| {
        let key = hold(store, person, id)?;
        let mut reached = store.live_children(id).map_err(Error::from)?;
        reached.extend(made_with(store, &key)?);
        Ok(reached)
    })
}

/// A page behind this key; the first one where there is no such key.
pub(super) fn page_of(
    store: &mut Store,
    owner: Option<&Owner>,
    after: Option<KeyId>,
) -> Result<Page, Refused> {
    let last = after.map(|id| store.key_by_id(id)).transpose()?.flatten();
    let after = last.as_ref().map(Cursor::from);
    Ok(Page { owner: owner.cloned(), all: true, after, limit: PAGE + 1, ..Page::default() })
}

/// Reads a page and one key more, which says whether there is another page.
pub(super) fn page(store: &mut Store, page: &Page) -> Result<ShownKeys, Refused> {
    let (mut keys, now) = store.snapshot(|store| Ok::<_, Error>((store.keys(page)?, store.now()?)))?;
    let size = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let has_more = keys.len() > size;
    keys.truncate(size);
    let next = keys.last().filter(|_| has_more).map(|last| last.id);
    Ok(ShownKeys { keys: fill(store, keys, now)?, next, now })
}

/// With when and how much they were used, as far as that can be had at once: nobody waits for it.
pub(super) fn fill(store: &mut Store, mut keys: Vec<Key>, now: Timestamp) -> Result<Vec<Shown>, Refused> {
    used::fill(store, &mut keys);
    let days = Days::last(DAYS, now);
    let ids: Vec<KeyId> = keys.iter().map(|key| key.id).collect();
    let answers = store.answers(&ids, days.from, days.to).ok();
    let mut shown = Vec::with_capacity(keys.len());
    for key in keys {
        let of = |day: Day| {
            let found = answers.iter().flatten().find(|(id, on, _)| *id == key.id && *on == day);
            (day, found.map(|(_, _, answers)| *answers).unwrap_or_default())
        };
        let days = if answers.is_some() { days.each().map(of).collect() } else { Vec::new() };
        let since = key.suspension(now).map(|(since, _)| since);
        let may_resume = since.is_some() && store.own_suspension(key.id)? == since;
        shown.push(Shown { key, days, may_rotate: false, may_resume });
    }
    Ok(shown)
}
