//! What keys and owners have spent of their quotas: by everybody, as of the batch that was written last, and what was
//! let in here since.
//!
//! What is spent already is asked before the first is let in, so neither a restart nor a second instance gives a quota
//! anew. Of one quota at most a batch is let in and not written yet; who comes then waits for it to be written. So a
//! crash loses no more, instances that share a quota are apart by no more, and while nothing can be written nobody
//! else is let in.

use std::collections::HashMap;
use std::hash::Hash;

use crate::domain::id::KeyId;
use crate::domain::keys::limit::{Period, Quota};
use crate::domain::owners::owner::Owner;
use crate::domain::time::Timestamp;
use crate::domain::usage::batch::{Spender, UseBatch};
use crate::domain::usage::day::{PeriodName, end_of_period, start_of_period};
use crate::runtime::serving::Quotas;

/// What is not written of one quota is this part of it at most: a small one is not shared in large batches.
const PART: u64 = 100;

/// An account that nobody spends of for so long is forgotten, and what it came to is asked anew; in milliseconds.
const IDLE: i64 = 600_000;

/// Who only looks is told nothing that is older, in milliseconds, as with every answer: others may have spent meanwhile.
const LOOKED: i64 = 5_000;

/// How often it is looked for such accounts, in milliseconds.
const SWEPT_EVERY: i64 = 60_000;

/// Who asks.
#[derive(Clone, Copy)]
pub(super) struct Who<'a> {
    pub(super) key: KeyId,
    pub(super) owner: &'a Owner,
}

/// A quota that is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spent {
    pub(super) is_of_owner: bool,
    pub(super) quota: Quota,
    /// Seconds until its period ends, and those that it has; `None` where it has no end.
    pub(super) after: Option<u64>,
    pub(super) window: Option<u64>,
}

impl Spent {
    /// Of a quota that somebody else has counted.
    pub(super) fn at(is_of_owner: bool, quota: Quota, now: Timestamp) -> Self {
        Account::of(quota.period, now).spent(quota, is_of_owner, now.as_millis())
    }
}

/// What the ledger says to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// It is let in; whether it is time to write.
    LetIn {
        is_due: bool,
    },
    Over(Spent),
    /// Until the next batch is written.
    Wait,
}

/// One that has spent, in the period that runs.
struct Account {
    period: Period,
    name: PeriodName,
    /// Milliseconds since 1970; the end is exclusive.
    from: i64,
    until: Option<i64>,
    /// By everybody, in the batch that was written last; `None`: nobody has looked.
    written: Option<u64>,
    /// When it was asked what that is, in milliseconds since 1970.
    asked_at: i64,
    /// Let in here and not known to be written; and how many of them the writer has.
    kept: u64,
    sent: u64,
    /// Whether it stands among those that are due, and among those that the writer has.
    is_due: bool,
    is_sent: bool,
    used_at: i64,
}

impl Account {
    fn of(period: Period, now: Timestamp) -> Self {
        Self {
            period,
            name: PeriodName::of(period, now),
            from: start_of_period(period, now).map_or(0, Timestamp::as_millis),
            until: end_of_period(period, now).map(Timestamp::as_millis),
            written: None,
            asked_at: 0,
            kept: 0,
            sent: 0,
            is_due: false,
            is_sent: false,
            used_at: now.as_millis(),
        }
    }

    fn is_of(&self, period: Period, now: i64) -> bool {
        self.period == period && now >= self.from && self.until.is_none_or(|until| now < until)
    }

    fn unsent(&self) -> u64 {
        self.kept - self.sent
    }

    fn is_over(&self, quota: Quota) -> bool {
        self.written.is_some_and(|written| written.saturating_add(self.kept) >= quota.limit)
    }

    fn spent(&self, quota: Quota, is_of_owner: bool, now: i64) -> Spent {
        let seconds = |millis: i64| u64::try_from((millis + 999) / 1000).unwrap_or_default().max(1);
        let after = self.until.map(|until| seconds(until - now));
        let window = self.until.map(|until| seconds(until - self.from));
        Spent { is_of_owner, quota, after, window }
    }
}

/// All accounts.
pub(super) struct Ledger {
    keys: HashMap<KeyId, Account>,
    owners: HashMap<Owner, Account>,
    /// What was let in in periods that have ended, until it is written.
    ended: Vec<(Spender, PeriodName, u64)>,
    due: Vec<Spender>,
    sent: Vec<Spender>,
    /// Of one quota at most so many are let in and not written.
    batch: u64,
    swept_at: i64,
}

/// The account of one, in the period that runs.
fn account<'a, K: Clone + Eq + Hash>(
    accounts: &'a mut HashMap<K, Account>,
    ended: &mut Vec<(Spender, PeriodName, u64)>,
    whose: &K,
    spender: fn(K) -> Spender,
    (quota, now): (Quota, Timestamp),
) -> &'a mut Account {
    let account = accounts.entry(whose.clone()).or_insert_with(|| Account::of(quota.period, now));
    if !account.is_of(quota.period, now.as_millis()) {
        let next =
            Account { is_due: account.is_due, is_sent: account.is_sent, ..Account::of(quota.period, now) };
        let before = std::mem::replace(account, next);
        if before.unsent() > 0 {
            ended.push((spender(whose.clone()), before.name.clone(), before.unsent()));
        }
    }
    account
}

impl Ledger {
    pub(super) fn new(batch: u64) -> Self {
        Self {
            keys: HashMap::new(),
            owners: HashMap::new(),
            ended: Vec::new(),
            due: Vec::new(),
            sent: Vec::new(),
            batch: batch.max(1),
            swept_at: 0,
        }
    }

    /// Spends so much of each of the quotas, or of none; 0 only looks whether one is spent.
    pub(super) fn spend(&mut self, who: Who<'_>, quotas: &Quotas, count: u64, now: Timestamp) -> Said {
        let Self { keys, owners, ended, due, batch, .. } = self;
        let of_key = quotas
            .key
            .map(|quota| (quota, account(keys, ended, &who.key, Spender::Key, (quota, now)), false));
        let of_owner = quotas
            .owner
            .map(|quota| (quota, account(owners, ended, who.owner, Spender::Owner, (quota, now)), true));
        let mut accounts = [of_key, of_owner];
        let mut accounts: Vec<_> = accounts.iter_mut().flatten().collect();
        let over = accounts.iter().filter(|(quota, account, _)| account.is_over(*quota));
        // Of two the one that lasts longer: what has no end, then the later one.
        let over = over.max_by_key(|(_, account, _)| account.until.unwrap_or(i64::MAX));
        if let Some((quota, account, is_of_owner)) = over {
            return Said::Over(account.spent(*quota, *is_of_owner, now.as_millis()));
        }
        let room = |quota: &Quota| (*batch).min(quota.limit / PART).max(1);
        let is_full = |quota: &Quota, account: &Account| count > 0 && account.kept + count > room(quota);
        // Who spends has it asked with what is spent.
        let is_old =
            |account: &Account| count == 0 && !(0..LOOKED).contains(&(now.as_millis() - account.asked_at));
        let is_unknown = |account: &Account| account.written.is_none() || is_old(account);
        let must_wait =
            accounts.iter().any(|(quota, account, _)| is_unknown(account) || is_full(quota, account));
        let mut is_due = false;
        for (quota, account, is_of_owner) in &mut accounts {
            if !must_wait && count > 0 {
                account.kept += count;
                account.used_at = now.as_millis();
                is_due |= account.unsent() * 2 >= room(quota);
            }
            if !account.is_due && (is_unknown(account) || account.unsent() > 0) {
                account.is_due = true;
                due.push(match is_of_owner {
                    true => Spender::Owner(who.owner.clone()),
                    false => Spender::Key(who.key),
                });
            }
        }
        if must_wait { Said::Wait } else { Said::LetIn { is_due } }
    }

    /// Adds to a batch what is to be written and asked.
    pub(super) fn fill(&mut self, batch: &mut UseBatch, now: Timestamp) {
        for (whose, name, count) in self.ended.drain(..) {
            batch.spend(whose, name, count);
        }
        for whose in std::mem::take(&mut self.due) {
            let Some(account) = self.account(&whose) else { continue };
            batch.spend(whose.clone(), account.name.clone(), account.unsent());
            account.sent = account.kept;
            account.asked_at = now.as_millis();
            account.is_due = false;
            if !std::mem::replace(&mut account.is_sent, true) {
                self.sent.push(whose);
            }
        }
        if !(0..SWEPT_EVERY).contains(&(now.as_millis() - self.swept_at)) {
            self.swept_at = now.as_millis();
            let is_needed = |account: &Account| {
                let is_used = (0..IDLE).contains(&(now.as_millis() - account.used_at));
                is_used || account.is_due || account.is_sent || account.kept > 0
            };
            self.keys.retain(|_, account| is_needed(account));
            self.owners.retain(|_, account| is_needed(account));
        }
    }

    /// Takes note of what was written. `is_held` says of a quota whether the writer still has something of it; what it
    /// neither wrote nor has is given up, and asked anew.
    pub(super) fn settle(
        &mut self,
        totals: Vec<(Spender, PeriodName, u64)>,
        is_held: impl Fn(&Spender, &PeriodName) -> bool,
    ) {
        for (whose, name, total) in totals {
            let Some(account) = self.account(&whose).filter(|account| account.name == name) else { continue };
            account.written = Some(total);
            account.kept -= account.sent;
            (account.sent, account.is_sent) = (0, false);
        }
        for whose in std::mem::take(&mut self.sent) {
            let Some(account) = self.account(&whose).filter(|account| account.is_sent) else { continue };
            if is_held(&whose, &account.name) {
                self.sent.push(whose);
                continue;
            }
            account.kept -= account.sent;
            (account.sent, account.is_sent, account.written) = (0, false, None);
        }
    }

    /// Nothing can be written: what was let in is nowhere, and nobody else is.
    pub(super) fn clear(&mut self) {
        *self = Self::new(self.batch);
    }

    fn account(&mut self, whose: &Spender) -> Option<&mut Account> {
        match whose {
            Spender::Key(key) => self.keys.get_mut(key),
            Spender::Owner(owner) => self.owners.get_mut(owner),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect(text)
    }

    fn quota(text: &str) -> Option<Quota> {
        text.parse().ok()
    }

    fn key(last: char) -> KeyId {
        format!("key_01h455vb4pex5vsknk084sn02{last}").parse().expect("an id")
    }

    /// What stands in the store.
    #[derive(Default)]
    struct Store(BTreeMap<(Spender, PeriodName), u64>);

    impl Store {
        fn write(&mut self, batch: &UseBatch) -> Vec<(Spender, PeriodName, u64)> {
            let written = batch.spent.iter().map(|((whose, name), count)| {
                let total = self.0.entry((whose.clone(), name.clone())).or_default();
                *total += count;
                (whose.clone(), name.clone(), *total)
            });
            written.collect()
        }

        fn total(&self, name: &str) -> u64 {
            self.0.iter().filter(|((_, period), _)| period.as_str() == name).map(|(_, spent)| spent).sum()
        }
    }

    fn write(ledger: &mut Ledger, store: &mut Store, now: Timestamp) {
        let mut batch = UseBatch::default();
        ledger.fill(&mut batch, now);
        ledger.settle(store.write(&batch), |_, _| false);
    }

    /// Asks until it is over or may not go on, and counts who is let in.
    fn drain(ledger: &mut Ledger, quotas: &Quotas, now: Timestamp) -> u64 {
        let owner = "alice".parse().expect("a name");
        let who = Who { key: key('q'), owner: &owner };
        let mut let_in = 0;
        while matches!(ledger.spend(who, quotas, 1, now), Said::LetIn { .. }) {
            let_in += 1;
        }
        let_in
    }

    const NOON: &str = "2027-01-31T12:00:00Z";

    #[test]
    fn nobody_is_let_in_before_it_is_known_what_is_spent_and_then_exactly_as_many_as_may_be() {
        for (text, written) in [("1000/day", 0), ("1000/day", 993), ("3/total", 0), ("100/month", 100)] {
            let (mut ledger, mut store) = (Ledger::new(100), Store::default());
            let quotas = Quotas { key: quota(text), owner: None };
            let name = PeriodName::of(quotas.key.expect("one").period, at(NOON));
            store.0.insert((Spender::Key(key('q')), name.clone()), written);
            assert_eq!(drain(&mut ledger, &quotas, at(NOON)), 0, "{text}");
            let mut rounds = 0;
            loop {
                write(&mut ledger, &mut store, at(NOON));
                if drain(&mut ledger, &quotas, at(NOON)) == 0 {
                    break;
                }
                rounds += 1;
            }
            let limit = quotas.key.expect("one").limit;
            assert_eq!(store.total(name.as_str()), limit, "{text}: exactly");
            assert!(rounds >= (limit - written) / (limit / PART).clamp(1, 100), "{text}: {rounds} batches");
        }
    }

    #[test]
    fn no_more_than_a_batch_is_let_in_while_nothing_is_written() {
        let quotas = Quotas { key: quota("1000000/day"), owner: quota("900000/day") };
        for batch in [1, 7, 100] {
            let (mut ledger, mut store) = (Ledger::new(batch), Store::default());
            assert_eq!(drain(&mut ledger, &quotas, at(NOON)), 0);
            write(&mut ledger, &mut store, at(NOON));
            assert_eq!(drain(&mut ledger, &quotas, at(NOON)), batch);
            // Put off: the writer has it.
            let mut held = UseBatch::default();
            ledger.fill(&mut held, at(NOON));
            ledger.settle(Vec::new(), |whose, name| held.spent.contains_key(&(whose.clone(), name.clone())));
            assert_eq!(drain(&mut ledger, &quotas, at(NOON)), 0);
            let totals = store.write(&held);
            ledger.settle(totals, |_, _| false);
            assert_eq!(drain(&mut ledger, &quotas, at(NOON)), batch);
            // It may or may not have been written: what is so is asked, and nobody is let in before.
            ledger.fill(&mut UseBatch::default(), at(NOON));
            ledger.settle(Vec::new(), |_, _| false);
            assert_eq!(drain(&mut ledger, &quotas, at(NOON)), 0);
            write(&mut ledger, &mut store, at(NOON));
            assert_eq!(drain(&mut ledger, &quotas, at(NOON)), batch);
        }
    }

    #[test]
    fn who_only_looks_learns_in_time_what_others_spent() {
        let quotas = Quotas { key: quota("1000/day"), owner: quota("900/day") };
        let (mut store, mut elsewhere, mut here) = (Store::default(), Ledger::new(100), Ledger::new(100));
        let owner = "alice".parse().expect("a name");
        let who = Who { key: key('q'), owner: &owner };
        let look = |here: &mut Ledger, store: &mut Store, now: &str| {
            let said = here.spend(who, &quotas, 0, at(now));
            write(here, store, at(now));
            said
        };
        assert_eq!(look(&mut here, &mut store, NOON), Said::Wait);
        assert!(matches!(look(&mut here, &mut store, "2027-01-31T12:00:04.999Z"), Said::LetIn { .. }));
        drain(&mut elsewhere, &quotas, at(NOON));
        loop {
            write(&mut elsewhere, &mut store, at(NOON));
            if drain(&mut elsewhere, &quotas, at(NOON)) == 0 {
                break;
            }
        }
        assert_eq!(look(&mut here, &mut store, "2027-01-31T12:00:05Z"), Said::Wait, "it is asked anew");
        assert!(matches!(look(&mut here, &mut store, "2027-01-31T12:00:05Z"), Said::Over(_)));
    }

    #[test]
    fn a_new_start_gives_nothing_anew() {
        let (mut store, quotas) = (Store::default(), Quotas { key: None, owner: quota("50/total") });
        let mut let_in = 0;
        for _ in 0..80 {
            let mut ledger = Ledger::new(100);
            assert_eq!(drain(&mut ledger, &quotas, at(NOON)), 0);
            write(&mut ledger, &mut store, at(NOON));
            let_in += drain(&mut ledger, &quotas, at(NOON));
            write(&mut ledger, &mut store, at(NOON));
        }
        assert_eq!((let_in, store.total("total")), (50, 50));
    }

    #[test]
    fn each_day_and_month_begins_anew_and_what_is_left_of_the_last_one_is_written_there() {
        let last = "2027-01-31T23:59:59.999Z";
        for (text, before, after) in
            [("200/day", "2027-01-31", "2027-02-01"), ("200/month", "2027-01", "2027-02")]
        {
            let (mut ledger, mut store) = (Ledger::new(2), Store::default());
            let quotas = Quotas { key: quota(text), owner: None };
            drain(&mut ledger, &quotas, at(last));
            write(&mut ledger, &mut store, at(last));
            assert_eq!(drain(&mut ledger, &quotas, at(last)), 2);
            let midnight = at("2027-02-01T00:00:00Z");
            assert_eq!(drain(&mut ledger, &quotas, midnight), 0, "others may have begun already");
            write(&mut ledger, &mut store, midnight);
            assert_eq!(drain(&mut ledger, &quotas, midnight), 2);
            write(&mut ledger, &mut store, midnight);
            assert_eq!((store.total(before), store.total(after)), (2, 2), "{text}");
            // A clock that goes back does not give the day before anew.
            assert_eq!(drain(&mut ledger, &quotas, at(last)), 0);
        }
    }

    #[test]
    fn instances_that_share_a_quota_are_apart_by_a_batch_each_at_most() {
        let (batch, limit) = (10, 5000);
        let quotas = Quotas { key: quota("5000/day"), owner: None };
        let (mut store, mut let_in) = (Store::default(), 0);
        let mut ledgers = [Ledger::new(batch), Ledger::new(batch), Ledger::new(batch)];
        // One writes always, one sometimes, one rarely.
        for round in 0..2000 {
            for (place, ledger) in ledgers.iter_mut().enumerate() {
                let_in += drain(ledger, &quotas, at(NOON));
                if round % [1, 3, 50][place] == 0 {
                    write(ledger, &mut store, at(NOON));
                }
            }
        }
        for ledger in &mut ledgers {
            write(ledger, &mut store, at(NOON));
        }
        assert!((limit..=limit + 3 * batch).contains(&let_in), "{let_in}");
        assert_eq!(store.total("2027-01-31"), let_in, "and each is counted");
    }

    #[test]
    fn both_quotas_hold_and_the_one_that_lasts_longer_is_told() {
        let (mut ledger, mut store) = (Ledger::new(100), Store::default());
        let owner: Owner = "alice".parse().expect("a name");
        let quotas = Quotas { key: quota("2/day"), owner: quota("3/month") };
        let mut ask = |last: char, count: u64| {
            let who = Who { key: key(last), owner: &owner };
            let said = ledger.spend(who, &quotas, count, at(NOON));
            write(&mut ledger, &mut store, at(NOON));
            match said {
                Said::Wait => ledger.spend(who, &quotas, count, at(NOON)),
                said => said,
            }
        };
        assert!(matches!(ask('q', 1), Said::LetIn { .. }));
        assert!(matches!(ask('q', 0), Said::LetIn { .. }), "to look spends nothing");
        assert!(matches!(ask('q', 1), Said::LetIn { .. }));
        let day = Spent {
            is_of_owner: false,
            quota: quotas.key.expect("one"),
            after: Some(43_200),
            window: Some(86_400),
        };
        assert_eq!(ask('q', 1), Said::Over(day));
        assert!(matches!(ask('r', 1), Said::LetIn { .. }), "another key of the same owner");
        let month = Spent {
            is_of_owner: true,
            quota: quotas.owner.expect("one"),
            after: Some(43_200),
            window: Some(31 * 86_400),
        };
        assert_eq!(ask('r', 1), Said::Over(month));
        assert_eq!(ask('r', 0), Said::Over(month));
        assert_eq!(store.total("2027-01"), 3);
    }

    #[test]
    fn who_does_not_come_any_more_is_forgotten() {
        let (mut ledger, mut store) = (Ledger::new(100), Store::default());
        let quotas = Quotas { key: quota("1000/day"), owner: quota("1000/day") };
        drain(&mut ledger, &quotas, at(NOON));
        write(&mut ledger, &mut store, at(NOON));
        drain(&mut ledger, &quotas, at(NOON));
        write(&mut ledger, &mut store, at("2027-01-31T12:05:00Z"));
        assert_eq!((ledger.keys.len(), ledger.owners.len()), (1, 1));
        write(&mut ledger, &mut store, at("2027-01-31T12:20:00Z"));
        assert_eq!((ledger.keys.len(), ledger.owners.len()), (0, 0));
    }
}
