//! What keys were used for, by key, by owner and by day, and what observing policies would have denied.

use std::collections::{BTreeMap, HashMap};

use crate::domain::id::KeyId;
use crate::domain::keys::key::Key;
use crate::domain::keys::limit::Quota;
use crate::domain::owners::owner::Owner;
use crate::domain::time::Timestamp;
use crate::domain::usage::batch::{Answers, Spender};
use crate::domain::usage::day::{Day, PeriodName};
use crate::ops::error::{Error, Result};
use crate::ops::keys::list::list;
use crate::store::{Page, Store};

/// Days that are looked at, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    pub from: Day,
    pub to: Day,
}

impl Days {
    /// So many, of which today is the last.
    pub fn last(count: u16, now: Timestamp) -> Self {
        let to = Day::of(now);
        Self { from: to.before(count.saturating_sub(1)), to }
    }

    pub fn each(self) -> impl Iterator<Item = Day> {
        (self.from.number()..=self.to.number()).filter_map(Day::from_number)
    }

    fn zeros(self) -> Vec<Answers> {
        self.each().map(|_| Answers::default()).collect()
    }

    fn place(self, day: Day) -> Option<usize> {
        usize::try_from(day.number() - self.from.number()).ok()
    }
}

/// Answers of each of the days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Used {
    pub days: Vec<Answers>,
}

impl Used {
    pub fn sum(&self) -> Answers {
        self.days.iter().fold(Answers::default(), add)
    }

    fn add(&mut self, other: &Self) {
        self.days.resize(self.days.len().max(other.days.len()), Answers::default());
        for (sum, more) in self.days.iter_mut().zip(&other.days) {
            *sum = add(*sum, more);
        }
    }
}

fn add(sum: Answers, more: &Answers) -> Answers {
    Answers {
        allowed: sum.allowed.saturating_add(more.allowed),
        denied: sum.denied.saturating_add(more.denied),
    }
}

/// A quota, and what of it is spent in the period that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spent {
    pub quota: Quota,
    pub spent: u64,
}

#[derive(Clone, Debug)]
pub struct KeyUsed {
    pub key: Key,
    pub used: Used,
    pub quota: Option<Spent>,
}

#[derive(Clone, Debug)]
pub struct OwnerUsed {
    pub owner: Owner,
    /// How many of its keys were asked about.
    pub keys: u64,
    pub used: Used,
    pub quota: Option<Spent>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayUsed {
    pub day: Day,
    pub keys: u64,
    pub answers: Answers,
}

/// Keys read at once.
const PAGE: usize = 500;

/// Calls `each` for every key of the page's conditions, in its order, that was asked about on one of the days.
pub fn by_key<E: From<Error>>(
    store: &mut Store,
    page: &Page,
    days: Days,
    now: Timestamp,
    mut each: impl FnMut(KeyUsed) -> Result<(), E>,
) -> Result<(), E> {
    // What is beside the keys is read when they are: so many are kept.
    let mut after = page.clone();
    loop {
        let mut keys = Vec::new();
        let more = list(store, after.clone(), u32::try_from(PAGE).ok(), |key| {
            keys.push(key.clone());
            Ok::<_, Error>(())
        })?;
        after.after = keys.last().map(crate::store::Cursor::from);
        for used in used(store, keys, days, now)? {
            each(used)?;
        }
        if !more {
            return Ok(());
        }
    }
}

fn used(store: &mut Store, keys: Vec<Key>, days: Days, now: Timestamp) -> Result<Vec<KeyUsed>> {
    let ids: Vec<KeyId> = keys.iter().map(|key| key.id).collect();
    let mut by_id: HashMap<KeyId, Vec<Answers>> = HashMap::new();
    for (key, day, answers) in store.answers(&ids, days.from, days.to)? {
        let of_key = by_id.entry(key).or_insert_with(|| days.zeros());
        if let Some(sum) = days.place(day).and_then(|place| of_key.get_mut(place)) {
            *sum = add(*sum, &answers);
        }
    }
    let keys: Vec<Key> = keys.into_iter().filter(|key| by_id.contains_key(&key.id)).collect();
    let quotas = keys.iter().filter_map(|key| Some((Spender::Key(key.id), key.quota?)));
    let spent = spent(store, quotas.collect(), now)?;
    let used = keys.into_iter().map(|key| {
        let days = by_id.remove(&key.id).unwrap_or_default();
        let quota = spent.get(&Spender::Key(key.id)).copied();
        KeyUsed { key, used: Used { days }, quota }
    });
    Ok(used.collect())
}

fn spent(
    store: &mut Store,
    quotas: Vec<(Spender, Quota)>,
    now: Timestamp,
) -> Result<HashMap<Spender, Spent>> {
    let asked: Vec<_> =
        quotas.iter().map(|(whose, quota)| (whose.clone(), PeriodName::of(quota.period, now))).collect();
    let found: HashMap<Spender, u64> =
        store.spent(&asked)?.into_iter().map(|(whose, _, spent)| (whose, spent)).collect();
    let spent = quotas.into_iter().map(|(whose, quota)| {
        let spent = found.get(&whose).copied().unwrap_or_default();
        (whose, Spent { quota, spent })
    });
    Ok(spent.collect())
}

/// The same summed up by owner, by their names. The page's order is not used.
pub fn by_owner<E: From<Error>>(
    store: &mut Store,
    page: &Page,
    days: Days,
    now: Timestamp,
    mut each: impl FnMut(OwnerUsed) -> Result<(), E>,
) -> Result<(), E> {
    let page = Page { order: crate::store::Order::Name, ..page.clone() };
    let mut sums: BTreeMap<Owner, OwnerUsed> = BTreeMap::new();
    by_key(store, &page, days, now, |KeyUsed { key, used, .. }| {
        let owner = key.owner.clone();
        let sum = sums.entry(owner.clone()).or_insert_with(|| OwnerUsed {
            owner,
            keys: 0,
            used: Used::default(),
            quota: None,
        });
        sum.keys += 1;
        sum.used.add(&used);
        Ok::<_, Error>(())
    })?;
    for mut sum in sums.into_values() {
        let quota =
            crate::store::Lookup::owner(store, &sum.owner).map_err(Error::from)?.and_then(|row| row.quota);
        if let Some(quota) = quota {
            let whose = Spender::Owner(sum.owner.clone());
            sum.quota = spent(store, vec![(whose.clone(), quota)], now)?.get(&whose).copied();
        }
        each(sum)?;
    }
    Ok(())
}

/// The same summed up by day; each of the days is there.
pub fn by_day(store: &mut Store, page: &Page, days: Days, now: Timestamp) -> Result<Vec<DayUsed>> {
    let mut sums: Vec<DayUsed> =
        days.each().map(|day| DayUsed { day, keys: 0, answers: Answers::default() }).collect();
    by_key(store, page, days, now, |KeyUsed { used, .. }| {
        for (sum, more) in sums.iter_mut().zip(&used.days) {
            sum.keys += u64::from(*more != Answers::default());
            sum.answers = add(sum.answers, more);
        }
        Ok::<_, Error>(())
    })?;
    Ok(sums)
}

/// What a policy would have denied for a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WouldDeny {
    pub policy: String,
    pub reason: String,
    /// Of each of the days.
    pub days: Vec<u64>,
}

impl WouldDeny {
    pub fn count(&self) -> u64 {
        self.days.iter().fold(0, |sum, day| day.saturating_add(sum))
    }
}

/// By policy and reason.
pub fn would_deny(store: &mut Store, days: Days) -> Result<Vec<WouldDeny>> {
    let mut sums: BTreeMap<(String, String), Vec<u64>> = BTreeMap::new();
    for (day, policy, reason, count) in store.would_deny(days.from, days.to)? {
        let of_reason = sums.entry((policy, reason)).or_insert_with(|| days.each().map(|_| 0).collect());
        if let Some(sum) = days.place(day).and_then(|place| of_reason.get_mut(place)) {
            *sum = sum.saturating_add(count);
        }
    }
    Ok(sums.into_iter().map(|((policy, reason), days)| WouldDeny { policy, reason, days }).collect())
}
