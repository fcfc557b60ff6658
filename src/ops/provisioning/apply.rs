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
use super::work::{Fresh, changed_since, confirmed_expiry, work_all};
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
    let of = plan.steps.iter().filter(|step| !step.sinks.is_empty()).count() as u64;
    let applied = Applied::default();
    let mut run = Run { env, manifest, hold, deliveries, of, applied, held_at: None, end: None };
    let (seen, mut done) = (plan.seen(), BTreeSet::new());
    for steps in plan.steps.chunks(AT_ONCE) {
        run.hold_on()?;
        // Then the store is there since that change only.
        let was_unmade = run.env.unmade.is_some();
        let made = run.change(&seen, steps, &done).map_err(|error| partly(&run.applied, error))?;
        done.extend(steps.iter().filter_map(Step::key).cloned());
        if was_unmade {
            run.held_at = None;
        }
        run.hold_on()?;
        for (act, count) in tally(steps) {
            *run.applied.done.entry(act).or_default() += count;
        }
        if !run.env.rehearse {
            run.deliver_all(made)?;
        }
    }
    Ok(run.applied)
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

/// The last record of a log: its number, and the hash of all up to it.
type End = (u64, [u8; 32]);

/// A plan that is carried out.
struct Run<'r> {
    env: &'r mut Env,
    manifest: &'r Manifest,
    hold: &'r Hold<'r>,
    deliveries: &'r mut dyn Deliveries,
    /// Tokens that are to be delivered.
    of: u64,
    applied: Applied,
    /// When the hold was taken or gone on with last, of [`Deliveries::elapsed`].
    held_at: Option<Duration>,
    /// The end of the store's log behind the last change here: while it is the same, keys are as that change left them.
    end: Option<End>,
}

impl Run<'_> {
    /// Makes sure that nobody else applies the manifest, as of a few seconds ago.
    fn hold_on(&mut self) -> Result<()> {
        let now = self.deliveries.elapsed();
        let is_held = self.held_at.is_some_and(|at| now.saturating_sub(at) <= HELD_AGAIN_EVERY);
        if !is_held && !self.env.rehearse {
            self.hold.renew(self.env)?;
            self.held_at = Some(now);
        }
        Ok(())
    }

    /// `done` are the keys that were changed by an earlier transaction of the same plan.
    fn change(&mut self, seen: &Seen, steps: &[Step], done: &BTreeSet<KeyPath>) -> Result<Vec<Made>> {
        let (env, manifest) = (&mut *self.env, self.manifest);
        let fresh = fresh(env, manifest, steps)?;
        let names: BTreeSet<&KeyPath> =
            steps.iter().filter_map(Step::key).filter(|path| !done.contains(path)).collect();
        let names: Vec<_> = names.into_iter().map(|path| (&path.owner, &path.name)).collect();
        let manifest_name = manifest.name.value.as_str();
        let mut last = 0;
        let keys = env.change(Action::Apply, |tx| {
            let now = key_states(&tx.keys_named(&names)?, |keys| tx.deliveries(keys))?;
            if let Some(other) = seen.first_other_of(&names, &now) {
                return Err(changed_since(&other, ""));
            }
            let mut events = Vec::new();
            let keys = work_all(tx, manifest, &steps.iter().zip(&fresh).collect::<Vec<_>>(), &mut events)?;
            let details = json!({ "manifest": manifest_name, "steps": tally(steps) });
            events.push(Event::done(Action::Apply, details));
            last = tx.head().audit_seq + events.len() as u64;
            Ok(Done { result: keys, events })
        })?;
        self.end = end_at(env, last);
        let made = steps.iter().zip(keys).zip(fresh).filter_map(|((step, key), token)| match &step.object {
            Object::Key(path) => key.map(|key| Made { path: path.clone(), key, token }),
            _ => None,
        });
        Ok(made.collect())
    }

    fn deliver_all(&mut self, made: Vec<Made>) -> Result<()> {
        let mut delivered = Vec::new();
        let mut confirmed_at = self.deliveries.elapsed();
        for one in made {
            let begun = self.deliveries.elapsed();
            let failed = self.deliver_one(&one)?;
            let now = self.deliveries.elapsed();
            self.applied.delivering += now.saturating_sub(begun);
            match failed {
                Some(failed) => self.applied.failed.push(failed),
                None => delivered.push(one),
            }
            if delivered.len() == CONFIRMED_TOGETHER || now.saturating_sub(confirmed_at) > CONFIRMED_EVERY {
                self.confirm(&std::mem::take(&mut delivered))?;
                confirmed_at = self.deliveries.elapsed();
            }
            let Applied { delivered: done, failed, .. } = &self.applied;
            let done = done + delivered.len() as u64 + failed.len() as u64;
            self.deliveries.progress(done, self.of);
        }
        self.confirm(&delivered)
    }

    /// To all its sinks, in their order; what comes behind one that failed is not tried. Before each it is made sure that
    /// nobody else delivers by now: a token that comes late would take the place of one that works.
    fn deliver_one(&mut self, made: &Made) -> Result<Option<Failed>> {
        let Some(token) = made.token.token() else { return Ok(None) };
        for sink in &self.manifest.keys[&made.path].sinks {
            self.hold_on()?;
            if let Err(Undelivered { why, hint }) = self.deliveries.deliver(sink, token, &made.key) {
                return Ok(Some(Failed { key: made.path.clone(), sink: Some(sink.to_string()), why, hint }));
            }
        }
        Ok(None)
    }

    /// Together, or else one by one: that one of them was revoked meanwhile is nothing to the others.
    fn confirm(&mut self, made: &[Made]) -> Result<()> {
        if made.is_empty() {
            return Ok(());
        }
        match self.confirm_these(made) {
            Ok(()) => self.applied.delivered += made.len() as u64,
            Err(Error::Conflict(_) | Error::NotFound { .. } | Error::Invalid { .. }) if made.len() > 1 => {
                for one in made {
                    self.confirm(std::slice::from_ref(one))?;
                }
            }
            Err(error @ (Error::Conflict(_) | Error::NotFound { .. } | Error::Invalid { .. })) => {
                // Whatever stands in its sinks now, it is not the key's token: the next run is to bring one there.
                forget(self.env, made)?;
                let hint = error.hint().unwrap_or_default();
                self.applied.failed.push(Failed {
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

    fn confirm_these(&mut self, made: &[Made]) -> Result<()> {
        let (env, manifest, end) = (&mut *self.env, self.manifest, self.end);
        let (mut last, mut untouched) = (0, false);
        env.change(Action::RotateConfirm, |tx| {
            untouched = end == Some((tx.head().audit_seq, tx.head().audit_hash));
            // What a key of its own was made of nobody can have changed then, nor had it a token before.
            let is_known =
                |one: &Made| untouched && matches!(one.token, Fresh::Mint(_)) && one.key.parent.is_none();
            let ids: Vec<_> = made.iter().filter(|one| !is_known(one)).map(|one| one.key.id).collect();
            let there = tx.deliveries(&ids)?;
            let keys: HashMap<_, _> = tx.keys_by_id(&ids)?.into_iter().map(|key| (key.id, key)).collect();
            let mut delivered = Vec::with_capacity(made.len());
            for one in made {
                let entry = &manifest.keys[&one.path];
                let Some(token) = one.token.token() else { continue };
                let Some(old) = Some(&one.key).filter(|_| is_known(one)).or_else(|| keys.get(&one.key.id))
                else {
                    // A key is never taken out of its table: this says that it is not there.
                    resolve(tx, &KeyRef::Id(one.key.id))?;
                    continue;
                };
                let token = Delivered {
                    before: one.key.token_prefix().cloned(),
                    token: token.display_prefix(),
                    grace: entry.grace.as_ref().map_or(Grace::DEFAULT, |grace| grace.value),
                    expiry: confirmed_expiry(entry, &one.key, tx.now()),
                };
                delivered.push(((old, token), entry));
            }
            let (tokens, entries): (Vec<_>, Vec<_>) = delivered.into_iter().unzip();
            let Done { events, .. } = confirm_in(tx, &tokens)?;
            for (old, _) in tokens.iter().filter(|(old, _)| there.contains_key(&old.id)) {
                tx.forget_deliveries(old.id);
            }
            for ((old, delivered), entry) in tokens.iter().zip(entries) {
                let sinks: Vec<String> = entry.sinks.iter().map(ToString::to_string).collect();
                tx.put_deliveries(old.id, &delivered.token.token_id(), &sinks);
            }
            last = tx.head().audit_seq + events.len() as u64;
            Ok(Done { result: (), events })
        })?;
        // What somebody changed before this is not seen in what the keys were made of, whoever wrote last.
        self.end = if untouched { end_at(env, last) } else { None };
        Ok(())
    }
}

/// The end of the log, if this is its number: else somebody else has changed something behind it. Where it cannot be read,
/// what was done is done all the same.
fn end_at(env: &mut Env, seq: u64) -> Option<End> {
    let head = env.store.head().ok()?;
    (head.audit_seq == seq).then_some((seq, head.audit_hash))
}

/// What is random in the steps.
fn fresh(env: &mut Env, manifest: &Manifest, steps: &[Step]) -> Result<Vec<Fresh>> {
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
    Ok(fresh)
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

/// Whether a step makes a token.
pub(crate) fn makes_token(step: &Step) -> bool {
    matches!((&step.object, step.act), (Object::Key(_), Act::Create | Act::Rotate))
}
