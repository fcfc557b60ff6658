//! Keys that somebody should look at.

use super::finding::{Check, Finding, Level, of_few};
use crate::domain::keys::key::State;
use crate::domain::keys::rules::Rule;
use crate::domain::time::{Span, Timestamp};
use crate::ops::error::Result;
use crate::ops::stores::rules::{self, Breaking};
use crate::store::{Few, Filter, Page, Store};

/// So many are named of each rule.
const NAMED: u32 = 10;

/// Long enough before an end to do something about it.
const SOON: Span = Span::days(14);

/// What nobody uses for so long is hardly needed.
const LONG: Span = Span::days(90);

/// A delivery takes minutes.
const DELIVERED_WITHIN: Span = Span::days(1);

pub(super) fn expiring(store: &mut Store, now: Timestamp) -> Result<Vec<Finding>> {
    let filter = Filter { now: Some(now), expiring_before: now.after(SOON), ..Filter::default() };
    let few = store.few_of_page(&Page { filter, ..Page::default() })?;
    Ok(of_few(few, Check::Expiring, Level::Warning, "key ending within 14 days", |found| {
        found.why("from its end on a key is refused, and whoever uses it stands outside").advise(
            "see all: keyctl list --expiring 14d --sort expiry; renew one: keyctl rotate KEY --expires 90d",
        )
    }))
}

/// What there is in spite of the store's policy: that holds what is made and changed to its rules.
pub(super) fn policy(store: &mut Store, now: Timestamp) -> Result<Vec<Finding>> {
    let set = rules::read(store)?;
    let broken = rules::measure(store, &set, now, NAMED)?;
    let found = broken.into_iter().flat_map(|Breaking { rule, count, first }| {
        let (thing, to_do) = match rule {
            Rule::MaxExpiry | Rule::RequireExpiry => ("key", "give each an end: keyctl edit KEY --expires 90d"),
            Rule::RequireScope => ("key", "give each one: keyctl scope add KEY SCOPE"),
            Rule::MaxLiveKeys => ("owner", "revoke what is not needed: keyctl list OWNER; keyctl revoke KEY"),
            Rule::Prefixes => ("key", "give each a new token: keyctl rotate KEY --prefix PREFIX"),
        };
        let what = format!("{thing} that the policy would refuse today ({rule})");
        of_few(Few { count, names: first }, Check::Policy, Level::Warning, &what, |found| {
            found
                .why("a rule holds for what is made or changed since it was set, and what there was before goes on working")
                .advise(format!("see all rules: keyctl policy check; {to_do}"))
        })
    });
    Ok(found.collect())
}

pub(super) fn pending(store: &mut Store, now: Timestamp) -> Result<Vec<Finding>> {
    let few = store.keys_pending_since(now.before(DELIVERED_WITHIN))?;
    Ok(of_few(
        few,
        Check::Pending,
        Level::Warning,
        "key with a token that was to be delivered and never was",
        |found| {
            found
            .why("such a token works, also where only a part of its sinks has it")
            .advise("deliver again: keyctl apply -f MANIFEST; or end it with the present token: keyctl rotate KEY --grace 0")
        },
    ))
}

pub(super) fn weak(store: &mut Store) -> Result<Vec<Finding>> {
    let few = store.weak_keys()?;
    Ok(of_few(
        few,
        Check::WeakKeys,
        Level::Warning,
        "key with an imported token that can be guessed",
        |found| {
            found
            .why("it is short, or a person made it up: whoever reads the database or asks often enough may find it")
            .advise("give each a new token: keyctl rotate KEY; keyctl list -o json says which (token.hash_alg is argon2id)")
        },
    ))
}

pub(super) fn without_expiry(store: &mut Store) -> Result<Vec<Finding>> {
    let few = store.endless_keys()?;
    Ok(of_few(few, Check::NoExpiry, Level::Note, "key without an end", |found| {
        found
            .why("a token that leaked unnoticed works until somebody revokes its key")
            .advise("see all, the last ones of: keyctl list --sort expiry; give one an end: keyctl edit KEY --expires 90d")
    }))
}

/// Services that read the store themselves say nothing of use, so this is no more than a note.
pub(super) fn unused(store: &mut Store, now: Timestamp) -> Result<Vec<Finding>> {
    let unused_since = Some(now.before(LONG));
    let filter = Filter { now: Some(now), unused_since, states: vec![State::Active], ..Filter::default() };
    let few = store.few_of_page(&Page { filter, ..Page::default() })?;
    if few.count > 0 && !store.records_use()? {
        let what = "which keys are used cannot be told: no service says so";
        let found = Finding::new(Check::Unused, Level::Note, what)
            .why("a key that nobody uses can only be lost")
            .advise("let services ask keyctl serve (docs/serve-store.md), or compare with what they log");
        return Ok(vec![found]);
    }
    Ok(of_few(few, Check::Unused, Level::Note, "key not seen by keyctl serve for 90 days", |found| {
        found
            .why("a key that nobody uses can only be lost; services that read the store themselves say nothing of use")
            .advise("see all: keyctl list --unused 90d --state active; try what happens without one: keyctl suspend KEY")
    }))
}
