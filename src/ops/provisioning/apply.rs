//! A plan, carried out.
//!
//! Up to [`AT_ONCE`] steps are one transaction. The tokens that it made are pending then (see [`crate::ops::keys::pending`]):
//! each is delivered to all its sinks, and becomes its key's by a second transaction. Who is stopped at any moment leaves
//! keys whose tokens all work; the next run finds what is left.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use serde_json::json;

use super::plan::{Plan, plan};
use super::seen::{Seen, key_states};
use super::step::{Act, Choice, Object, PlanError, Step, tally};
use super::work::{Fresh, changed_since, confirmed_expiry, work};
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::keys::key::Key;
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::keys::token::Token;
use crate::domain::provisioning::manifest::{KeyPath, Manifest};
use crate::domain::provisioning::sink::Sink;
use crate::domain::time::{Grace, Span, Timestamp};
use crate::ops::change::{Done, nonce};
use crate::ops::env::Env;
use crate::ops::error::{Error, GOES_ON, Result};
use crate::ops::keys::find::resolve;
use crate::ops::keys::pending::{Delivered, confirm_in};
use crate::ops::keys::rotate::{kept_prefix, own_or_default_prefix};
use crate::store::{ProvisionLookup as _, Store};

/// Steps of one transaction.
pub(crate) const AT_ONCE: usize = 500;

/// How long a hold lasts at least that nobody goes on with: who was killed is waited for no longer.
pub(crate) const HOLD: Span = Span::seconds(60);

/// How often a hold is gone on with.
const HELD_AGAIN_EVERY: Duration = Duration::from_secs(15);

/// How long a token that was delivered waits for others to be confirmed with.
const CONFIRMED_EVERY: Duration = Duration::from_secs(5);

/// Tokens that are delivered before they are confirmed together: a commit is synced, and whoever is stopped delivers those of
/// a few seconds again.
const CONFIRMED_TOGETHER: usize = AT_ONCE;

/// Brings tokens to where they are used.
pub(crate) trait Deliveries {
    /// Writes a token into one sink. The error says why it could not be, without the token.
    fn deliver(&mut self, sink: &Sink, token: &Token, key: &Key) -> Result<(), Undelivered>;

    /// How long it has been since the first was asked for: deliveries take their time, and a hold does not last for ever.
    fn elapsed(&self) -> Duration;

    /// So many tokens of all were brought to all their sinks, or could not be.
    fn progress(&mut self, done: u64, of: u64);
}

/// Why a token could not be written into a sink, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Undelivered {
    pub why: String,
    pub hint: String,
}

/// A token that does not stand in all its sinks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failed {
    pub key: KeyPath,
    /// Where it could not be written; `None` where the store did not take that it was.
    pub sink: Option<String>,
    pub why: String,
    pub hint: String,
}

#[derive(Debug, Default)]
pub(crate) struct Applied {
    /// Steps that were done, by what they are.
    pub done: BTreeMap<&'static str, u64>,
    /// Tokens that stand in all their sinks.
    pub delivered: u64,
    pub failed: Vec<Failed>,
    /// How long deliveries took.
    pub delivering: Duration,
}

/// Who holds a manifest while it is applied.
#[derive(Debug)]
pub(crate) struct Hold<'h> {
    pub manifest: &'h str,
    pub holder: &'h str,
    /// How long it lasts: longer than any sink may take.
    pub lasts: Span,
}

impl Hold<'_> {
    /// What tells one holder from another.
    pub(crate) fn name(env: &mut Env) -> Result<String> {
        Ok(nonce(env.random.as_mut())?)
    }

    /// Takes it, or goes on with it. Whether it could be had.
    pub(crate) fn take(&self, env: &mut Env) -> Result<bool> {
        Ok(env.store.hold_manifest(self.manifest, self.holder, self.lasts)?)
    }

    fn renew(&self, env: &mut Env) -> Result<()> {
        if self.take(env)? {
            return Ok(());
        }
        Err(Error::Busy {
            message: format!("another keyctl applies the manifest {} by now", self.manifest),
            hint: "run it again; what was done stays".to_owned(),
        })
    }

    pub(crate) fn release(&self, env: &mut Env) {
        // One that cannot be released ends by itself.
        let _ = env.store.release_manifest(self.manifest, self.holder);
    }
}

/// Plans as of now.
pub(crate) fn plan_now(store: &mut Store, manifest: &Manifest, choice: &Choice) -> Result<Plan, PlanError> {
    let at = store.now().map_err(Error::from)?;
    plan_as_of(store, manifest, choice, at)
}

/// Plans as of a moment.
pub(crate) fn plan_as_of(
    store: &mut Store,
    manifest: &Manifest,
    choice: &Choice,
    at: Timestamp,
) -> Result<Plan, PlanError> {
    let id = store.head().map_err(Error::from)?.store_uuid;
    store.snapshot(|store| plan(store, id, manifest, choice, at))
}

/// Refuses to go on where what a plan read is another by now.
pub(crate) fn check_unchanged(then: &Seen, now: &Plan) -> Result<()> {
    match then.first_other(&now.seen()) {
        None => Ok(()),
        Some(object) => Err(changed_since(object, "; nothing was changed")),
    }
}

/// Carries a plan out, and delivers what it made.
pub(crate) fn apply(
    env: &mut Env,
    manifest: &Manifest,
    plan: &Plan,
    hold: &Hold<'_>,
    deliveries: &mut dyn Deliveries,
) -> Result<Applied> {
    let mut applied = Applied::default();
    let of = plan.steps.iter().filter(|step| !step.sinks.is_empty()).count() as u64;
    let (seen, mut done) = (plan.seen(), BTreeSet::new());
    for steps in plan.steps.chunks(AT_ONCE) {
        if !env.rehearse {
            hold.renew(env)?;
        }
        let made = change(env, manifest, &seen, steps, &done).map_err(|error| partly(&applied, error))?;
        done.extend(steps.iter().filter_map(Step::key).cloned());
        if !env.rehearse {
            // The store may be there since that change only.
            hold.renew(env)?;
        }
        for (act, count) in tally(steps) {
            *applied.done.entry(act).or_default() += count;
        }
        if !env.rehearse {
            deliver_all(env, manifest, made, hold, deliveries, &mut applied, of)?;
        }
    }
    Ok(applied)
}

fn partly(applied: &Applied, error: Error) -> Error {
    match applied.done.values().sum() {
        0 => error,
        done => Error::Partly { done, what: "step", then: GOES_ON, error: Box::new(error) },
    }
}

/// A token that is pending, and whose.
struct Made {
    path: KeyPath,
    key: Key,
    token: Fresh,
}

/// `done` are the keys that were changed by an earlier transaction of the same plan.
fn change(
    env: &mut Env,
    manifest: &Manifest,
    seen: &Seen,
    steps: &[Step],
    done: &BTreeSet<KeyPath>,
) -> Result<Vec<Made>> {
    let head = env.store.head()?;
    // New tokens begin with what the policy allows that this very change may set.
    let sets_policy = steps.iter().any(|step| step.object == Object::Policy);
    let rules = match manifest.policy.as_ref().filter(|_| sets_policy) {
        Some(wanted) => wanted.over(&head.rules),
        None => head.rules,
    };
    let default = rules.prefix_or_allowed(&head.default_prefix);
    let mut fresh = Vec::with_capacity(steps.len());
    for step in steps {
        let prefix = match &step.object {
            Object::Key(path) => {
                let declared = manifest.keys.get(path).and_then(|entry| entry.prefix.as_ref());
                match declared {
                    Some(prefix) => own_or_default_prefix(Some(&prefix.value), &default),
                    None => kept_prefix(step.prefix.as_ref(), &head.default_prefix, &rules),
                }
            }
            _ => default.clone(),
        };
        fresh.push(Fresh::draw(step, &prefix, env.random.as_mut())?);
    }
    let names: BTreeSet<&KeyPath> =
        steps.iter().filter_map(Step::key).filter(|path| !done.contains(path)).collect();
    let names: Vec<_> = names.into_iter().map(|path| (&path.owner, &path.name)).collect();
    let manifest_name = manifest.name.value.as_str();
    let keys = env.change(Action::Apply, |tx| {
        let now = key_states(&tx.keys_named(&names)?, |keys| tx.deliveries(keys))?;
        if let Some(other) = seen.first_other_of(&names, &now) {
            return Err(changed_since(&other, ""));
        }
        let mut events = Vec::new();
        let mut keys = Vec::with_capacity(steps.len());
        for (step, fresh) in steps.iter().zip(&fresh) {
            keys.push(work(tx, manifest, step, fresh, &mut events)?);
        }
        let details = json!({ "manifest": manifest_name, "steps": tally(steps) });
        events.push(Event::done(Action::Apply, details));
        Ok(Done { result: keys, events })
    })?;
    let made = steps.iter().zip(keys).zip(fresh).filter_map(|((step, key), token)| match &step.object {
        Object::Key(path) => key.map(|key| Made { path: path.clone(), key, token }),
        _ => None,
    });
    Ok(made.collect())
}

fn deliver_all(
    env: &mut Env,
    manifest: &Manifest,
    made: Vec<Made>,
    hold: &Hold<'_>,
    deliveries: &mut dyn Deliveries,
    applied: &mut Applied,
    of: u64,
) -> Result<()> {
    let mut delivered = Vec::new();
    let (mut held_at, mut confirmed_at) = (deliveries.elapsed(), deliveries.elapsed());
    for one in made {
        let begun = deliveries.elapsed();
        let failed = deliver_one(env, manifest, &one, hold, &mut held_at, deliveries)?;
        applied.delivering += deliveries.elapsed().saturating_sub(begun);
        match failed {
            Some(failed) => applied.failed.push(failed),
            None => delivered.push(one),
        }
        if delivered.len() == CONFIRMED_TOGETHER
            || deliveries.elapsed().saturating_sub(confirmed_at) > CONFIRMED_EVERY
        {
            confirm(env, manifest, &std::mem::take(&mut delivered), applied)?;
            confirmed_at = deliveries.elapsed();
        }
        deliveries.progress(applied.delivered + delivered.len() as u64 + applied.failed.len() as u64, of);
    }
    confirm(env, manifest, &delivered, applied)
}

/// To all its sinks, in their order; what comes behind one that failed is not tried. Before each it is made sure that nobody
/// else delivers by now: a token that comes late would take the place of one that works.
fn deliver_one(
    env: &mut Env,
    manifest: &Manifest,
    made: &Made,
    hold: &Hold<'_>,
    held_at: &mut Duration,
    deliveries: &mut dyn Deliveries,
) -> Result<Option<Failed>> {
    let Some(token) = made.token.token() else { return Ok(None) };
    for sink in &manifest.keys[&made.path].sinks {
        if deliveries.elapsed().saturating_sub(*held_at) > HELD_AGAIN_EVERY {
            hold.renew(env)?;
            *held_at = deliveries.elapsed();
        }
        if let Err(Undelivered { why, hint }) = deliveries.deliver(sink, token, &made.key) {
            return Ok(Some(Failed { key: made.path.clone(), sink: Some(sink.to_string()), why, hint }));
        }
    }
    Ok(None)
}

/// Together, or else one by one: that one of them was revoked meanwhile is nothing to the others.
fn confirm(env: &mut Env, manifest: &Manifest, made: &[Made], applied: &mut Applied) -> Result<()> {
    if made.is_empty() {
        return Ok(());
    }
    match confirm_these(env, manifest, made) {
        Ok(()) => applied.delivered += made.len() as u64,
        Err(Error::Conflict(_) | Error::NotFound { .. } | Error::Invalid { .. }) if made.len() > 1 => {
            for one in made {
                confirm(env, manifest, std::slice::from_ref(one), applied)?;
            }
        }
        Err(error @ (Error::Conflict(_) | Error::NotFound { .. } | Error::Invalid { .. })) => {
            // Whatever stands in its sinks now, it is not the key's token: the next run is to bring one there.
            forget(env, made)?;
            let hint = error.hint().unwrap_or_default();
            applied.failed.push(Failed {
                key: made[0].path.clone(),
                sink: None,
                why: error.to_string(),
                hint,
            });
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

/// Forgets where tokens of these keys stand.
fn forget(env: &mut Env, made: &[Made]) -> Result<()> {
    env.change(Action::Apply, |tx| {
        for one in made {
            tx.forget_deliveries(one.key.id);
        }
        Ok(Done::unchanged(()))
    })
}

fn confirm_these(env: &mut Env, manifest: &Manifest, made: &[Made]) -> Result<()> {
    env.change(Action::RotateConfirm, |tx| {
        let mut events = Vec::with_capacity(made.len());
        let ids: Vec<_> = made.iter().map(|one| one.key.id).collect();
        let there = tx.deliveries(&ids)?;
        let keys: HashMap<_, _> = tx.keys_by_id(&ids)?.into_iter().map(|key| (key.id, key)).collect();
        for one in made {
            let entry = &manifest.keys[&one.path];
            let Some(token) = one.token.token() else { continue };
            let grace = entry.grace.as_ref().map_or(Grace::DEFAULT, |grace| grace.value);
            let delivered = Delivered {
                before: one.key.token_prefix().cloned(),
                token: token.display_prefix(),
                grace,
                expiry: confirmed_expiry(entry, &one.key, tx.now()),
            };
            let Some(old) = keys.get(&one.key.id) else {
                // A key is never taken out of its table: this says that it is not there.
                resolve(tx, &KeyRef::Id(one.key.id))?;
                continue;
            };
            let key = confirm_in(tx, old, &delivered)?.record_in(&mut events);
            let sinks: Vec<String> = entry.sinks.iter().map(ToString::to_string).collect();
            if there.contains_key(&key.id) {
                tx.forget_deliveries(key.id);
            }
            tx.put_deliveries(key.id, &token.display_prefix().token_id(), &sinks);
        }
        Ok(Done { result: (), events })
    })
}

/// Whether a step makes a token.
pub(crate) fn makes_token(step: &Step) -> bool {
    matches!((&step.object, step.act), (Object::Key(_), Act::Create | Act::Rotate))
}
