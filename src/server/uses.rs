//! What was answered, written down in batches beside the requests: when each token was used, how often each key was let
//! in and was not, and what would have been refused where it is only observed. A crash loses at most one batch.
//!
//! The same thread says up to which change this server answers, so that a revocation can be waited for.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::canaries::{At, Canaries, Lookout};
use super::ledger::Who;
use super::refusal::Refusal;
use super::spending::{self, Spending};
use crate::config::serve::serve_file::LogLevel;
use crate::domain::id::KeyId;
use crate::domain::keys::token::TokenId;
use crate::domain::keys::verdict::Grant;
use crate::domain::time::Timestamp;
use crate::domain::usage::batch::{Answers, Disclosure, Handed, TokenUse, UseBatch};
use crate::ops::usage::writer::{UseWriter, Written};
use crate::runtime::serving::{HandedOut, Quotas};

/// Tokens of which uses are kept at most; then they are written at once. The more there are, the more rows of one page
/// are written together.
const MOST: usize = 50_000;

/// How often it is looked what is to be written: quotas and disclosures are.
const EVERY: Duration = Duration::from_secs(1);

/// How often uses are written, in milliseconds: each batch takes as many rows as tokens, however often one was used.
const USES_EVERY: i64 = 10_000;

/// The same while somebody else holds the lock of a file, and requests wait to be counted.
const SOON: Duration = Duration::from_millis(50);

/// How often it is tried at the end.
const LAST_TRIES: usize = 40;

/// How often it is said anew that this server runs, in milliseconds: who said nothing for 70 seconds counts as gone.
const SAID_EVERY: i64 = 60_000;

/// How often it is tried anew where nothing may be written, in milliseconds.
const TRIED_EVERY: i64 = 60_000;

/// What was answered and is not written yet.
#[derive(Clone)]
pub(crate) struct Uses(Arc<Shared>);

struct Shared {
    answered: Mutex<Answered>,
    spending: Spending,
    /// The counter of the change that answers are of.
    mark: AtomicI64,
    /// Woken where a batch is full, a change is in force, or it is over.
    wake: Condvar,
    over: AtomicBool,
    /// Whether somebody takes what is kept: else it would only grow.
    is_recorded: AtomicBool,
    clock: fn() -> Option<Timestamp>,
    canaries: Canaries,
}

#[derive(Default)]
struct Answered {
    tokens: HashMap<TokenId, Arc<Used>>,
    would_deny: BTreeMap<(String, &'static str), u64>,
    /// Secrets and tokens that were handed out, and nothing else.
    disclosed: UseBatch,
    /// Whether the thread has something to do at once.
    is_due: bool,
}

/// How a token was used since that was written last.
pub(super) struct Used {
    key: KeyId,
    since: Mutex<Since>,
}

#[derive(Default)]
struct Since {
    allowed: u64,
    denied: u64,
    /// Of those that were let in.
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    address: Option<IpAddr>,
}

impl Used {
    fn since(&self) -> MutexGuard<'_, Since> {
        self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Since {
    fn answered(&mut self, is_allowed: bool, now: Timestamp, address: Option<IpAddr>) {
        if is_allowed {
            self.allowed += 1;
            self.first.get_or_insert(now);
            (self.last, self.address) = (Some(now), address);
        } else {
            self.denied += 1;
        }
    }
}

impl Uses {
    /// Of each quota at most `batch` are let in and not written; `None`: nothing is ever written, and no key with a
    /// quota is let in.
    pub(crate) fn new(clock: fn() -> Option<Timestamp>, batch: Option<u64>) -> Self {
        Self(Arc::new(Shared {
            answered: Mutex::default(),
            spending: Spending::new(batch),
            mark: AtomicI64::new(0),
            wake: Condvar::new(),
            over: AtomicBool::new(false),
            is_recorded: AtomicBool::new(false),
            clock,
            canaries: Canaries::new(),
        }))
    }

    /// A key that is known was let in, or was not. What its token's uses are counted in is kept in `place`.
    pub(super) fn answered(
        &self,
        place: &OnceLock<Arc<Used>>,
        grant: &Grant,
        is_allowed: bool,
        address: Option<IpAddr>,
    ) {
        if !self.0.is_recorded.load(Ordering::Relaxed) {
            return;
        }
        let Some(now) = (self.0.clock)() else { return };
        let used = place.get_or_init(|| self.used(grant));
        used.since().answered(is_allowed, now, address);
    }

    /// A token of a revoked key was presented there: it may be that of a canary.
    pub(super) fn presented_revoked(&self, grant: &Grant, at: At<'_>, counter: i64) {
        if let Some(now) = (self.0.clock)() {
            self.0.canaries.presented(grant, at, now, counter);
        }
    }

    /// What the uses of a token are counted in, the same one for all who hold it.
    fn used(&self, grant: &Grant) -> Arc<Used> {
        let mut answered = self.0.answered.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Used { key: grant.key_id, since: Mutex::default() });
        let used = Arc::clone(answered.tokens.entry(grant.token_id.clone()).or_insert_with(new));
        if answered.tokens.len() >= MOST && !answered.is_due {
            answered.is_due = true;
            self.0.wake.notify_all();
        }
        used
    }

    /// Whether uses are counted here, so that a key with a quota may pass.
    pub(super) fn counts(&self) -> bool {
        self.0.spending.counts()
    }

    /// Whether what is written down is kept, as far as was seen.
    pub(super) async fn are_kept(&self) -> bool {
        self.0.spending.proven(&*self.0).await
    }

    pub(super) fn now(&self) -> Option<Timestamp> {
        (self.0.clock)()
    }

    /// A secret is handed out to the key that asks.
    pub(super) fn disclosed(&self, what: HandedOut, asked_by: KeyId) {
        let Some(now) = (self.0.clock)() else { return };
        let HandedOut { secret: id, version, key } = what;
        let mut answered = self.0.answered.lock().unwrap_or_else(PoisonError::into_inner);
        answered.disclosed.disclosed(Disclosure { what: Handed::Secret { id, version }, key, asked_by }, now);
    }

    /// A token of a key that has none of its own is handed out, for that of a CI.
    pub(super) fn exchanged(&self, key: KeyId) {
        if !self.0.is_recorded.load(Ordering::Relaxed) {
            return;
        }
        let Some(now) = (self.0.clock)() else { return };
        let mut answered = self.0.answered.lock().unwrap_or_else(PoisonError::into_inner);
        answered.disclosed.disclosed(Disclosure { what: Handed::Token, key, asked_by: key }, now);
    }

    /// Spends so much of the quotas of a key, or says why that cannot be; 0 only looks.
    pub(super) async fn spend(&self, grant: &Grant, quotas: &Quotas, count: u64) -> Result<(), Refusal> {
        let who = Who { key: grant.key_id, owner: &grant.owner };
        self.0.spending.spend(&*self.0, who, quotas, count).await
    }

    /// A request passed because it is only observed. `policy` is one that there is: what a client could make up would
    /// fill the table.
    pub(super) fn would_deny(&self, policy: &str, reason: &'static str) {
        if !self.0.is_recorded.load(Ordering::Relaxed) {
            return;
        }
        let mut answered = self.0.answered.lock().unwrap_or_else(PoisonError::into_inner);
        *answered.would_deny.entry((policy.to_owned(), reason)).or_default() += 1;
    }

    /// The change of this counter is in force here: nothing of before is answered any more.
    pub(crate) fn in_force(&self, counter: i64) {
        self.0.canaries.may_have_changed(counter);
        self.0.mark.store(counter, Ordering::Release);
        self.wake();
    }

    fn wake(&self) {
        spending::Writer::wake(&*self.0);
    }

    /// Begins to write; `instance` names this server among those of the store.
    pub(super) fn start(
        &self,
        writer: UseWriter,
        instance: String,
        lookout: Lookout,
        say: impl Fn(LogLevel, &str) + Send + 'static,
    ) -> std::io::Result<Writing> {
        let say = Box::new(say);
        let writing = Recording {
            uses: self.clone(),
            writer,
            instance,
            say,
            said: None,
            refused: None,
            put_off: None,
            uses_written: None,
            lookout,
        };
        let thread = thread::Builder::new().name("keyctl-uses".to_owned()).spawn(move || writing.run())?;
        self.0.is_recorded.store(true, Ordering::Relaxed);
        Ok(Writing { uses: self.clone(), thread })
    }

    /// The same where nothing may be written: canaries are looked for, and what is seen of them is said.
    pub(super) fn watch(&self, mut reader: UseWriter, mut lookout: Lookout) -> std::io::Result<Writing> {
        let uses = self.clone();
        let run = move || {
            loop {
                let (is_over, now) = (uses.0.over.load(Ordering::Acquire), (uses.0.clock)());
                if let Some(now) = now {
                    let look = if is_over { Lookout::look_last } else { Lookout::look };
                    look(&mut lookout, &uses.0.canaries, &mut reader, now);
                }
                if is_over {
                    return;
                }
                let answered = uses.0.answered.lock().unwrap_or_else(PoisonError::into_inner);
                let waited = uses.0.wake.wait_timeout_while(answered, EVERY, |answered| !answered.is_due);
                waited.unwrap_or_else(PoisonError::into_inner).0.is_due = false;
            }
        };
        let thread = thread::Builder::new().name("keyctl-canaries".to_owned()).spawn(run)?;
        Ok(Writing { uses: self.clone(), thread })
    }
}

impl spending::Writer for Shared {
    fn now(&self) -> Option<Timestamp> {
        (self.clock)()
    }

    fn wake(&self) {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner).is_due = true;
        self.wake.notify_all();
    }
}

/// What writes, until it is ended.
pub(crate) struct Writing {
    uses: Uses,
    thread: JoinHandle<()>,
}

impl Writing {
    /// Writes what is left, and says that this server answers nobody any more.
    pub(crate) fn end(self) {
        self.uses.0.over.store(true, Ordering::Release);
        self.uses.wake();
        let _ = self.thread.join();
    }
}

/// A lock that is held for longer, in milliseconds, is not waited for by whoever is to be counted.
const HELD_LONG: i64 = 2_000;

/// Takes a line for the log.
type Say = Box<dyn Fn(LogLevel, &str) + Send>;

struct Recording {
    uses: Uses,
    writer: UseWriter,
    instance: String,
    say: Say,
    /// The counter that was said last, and when.
    said: Option<(i64, Timestamp)>,
    /// Since when nothing of use may be written.
    refused: Option<Timestamp>,
    /// Since when somebody else holds the lock.
    put_off: Option<Timestamp>,
    /// When uses were written last.
    uses_written: Option<Timestamp>,
    lookout: Lookout,
}

impl Recording {
    fn run(mut self) {
        loop {
            let (taken, is_over) = self.wait();
            if let Some(now) = (self.uses.0.clock)()
                && self.refused.is_none_or(|since| is_over_for(since, now, TRIED_EVERY))
            {
                let mark = self.uses.0.mark.load(Ordering::Acquire);
                if self.prove(mark, now) {
                    self.write(taken, now);
                    self.claim(mark, now);
                }
            }
            let now = (self.uses.0.clock)();
            if let Some(now) = now.filter(|_| !is_over) {
                self.lookout.look(&self.uses.0.canaries, &mut self.writer, now);
            }
            if is_over {
                if let Some(now) = now {
                    self.lookout.look_last(&self.uses.0.canaries, &mut self.writer, now);
                }
                self.write_what_is_left();
                let _ = self.writer.release(&self.instance);
                return;
            }
        }
    }

    /// Waits until something is due.
    fn wait(&mut self) -> (Taken, bool) {
        let shared = &self.uses.0;
        let is_awaited = self.put_off.is_some() && shared.spending.is_awaited();
        let pause = if is_awaited { SOON } else { EVERY };
        let answered = shared.answered.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = shared.wake.wait_timeout_while(answered, pause, |answered| !answered.is_due);
        let mut answered = waited.unwrap_or_else(PoisonError::into_inner).0;
        let (is_over, now) = (shared.over.load(Ordering::Acquire), (shared.clock)());
        let are_due = is_over
            || answered.tokens.len() >= MOST
            || now.zip(self.uses_written).is_none_or(|(now, since)| is_over_for(since, now, USES_EVERY));
        if are_due {
            self.uses_written = now;
            return (answered.take(), is_over);
        }
        answered.is_due = false;
        let disclosed = std::mem::take(&mut answered.disclosed);
        (Taken { disclosed, ..Taken::default() }, is_over)
    }

    fn write(&mut self, taken: Taken, now: Timestamp) {
        let mut batch = taken.batch(now);
        self.uses.0.spending.fill(&mut batch, now);
        if batch.is_empty() && self.writer.pending() == 0 {
            return;
        }
        let written = self.writer.write(batch);
        self.put_off = match &written {
            Ok(Written { put_off: true, .. }) => self.put_off.or(Some(now)),
            _ => None,
        };
        let is_held_long = self.put_off.is_some_and(|since| is_over_for(since, now, HELD_LONG));
        let (totals, error) = match written {
            Ok(written) => (written.totals, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        let is_failing = error.is_some() || is_held_long;
        let writer = &self.writer;
        self.uses.0.spending.settle(totals, is_failing, |whose, period| writer.holds(whose, period));
        match error {
            None => self.recovered(),
            Some(error) => self.failed(&error, now),
        }
    }

    /// What is spent is written before it ends, also where somebody else holds the lock for a moment.
    fn write_what_is_left(&mut self) {
        for _ in 0..LAST_TRIES {
            if self.writer.pending() == 0 || self.writer.write(UseBatch::default()).is_err() {
                return;
            }
            thread::sleep(SOON);
        }
    }

    /// Nobody is let in on what could not be written down: that all of it may be is tried first. Whether to go on.
    fn prove(&mut self, mark: i64, now: Timestamp) -> bool {
        if mark == 0 || self.uses.0.spending.is_proven() {
            return true;
        }
        match self.writer.may_write(&self.instance, mark) {
            Ok(true) => {
                self.uses.0.spending.prove();
                self.recovered();
            }
            Ok(false) => {}
            Err(error) => self.failed(&error, now),
        }
        self.refused.is_none()
    }

    fn claim(&mut self, mark: i64, now: Timestamp) {
        let is_said = self.said.is_some_and(|(said, at)| said == mark && !is_over_for(at, now, SAID_EVERY));
        if mark == 0 || is_said {
            return;
        }
        match self.writer.claim(&self.instance, mark) {
            Ok(true) => self.said = Some((mark, now)),
            Ok(false) => {}
            Err(error) => self.failed(&error, now),
        }
    }

    fn recovered(&mut self) {
        if self.refused.take().is_some() {
            (self.say)(LogLevel::Info, "use is recorded again");
        }
    }

    /// What cannot be written is no reason to refuse anybody.
    fn failed(&mut self, error: &crate::ops::Error, now: Timestamp) {
        if UseWriter::is_refused(error) {
            self.uses.0.spending.refuse();
            if self.refused.replace(now).is_none() {
                let said = format!("use is not recorded, and keys with a quota are refused: {error}");
                (self.say)(LogLevel::Warn, &said);
            }
        } else {
            (self.say)(LogLevel::Warn, &format!("use could not be written, and is tried again: {error}"));
        }
    }
}

/// Whether so many milliseconds passed; also where the clock went back, since nobody knows then.
fn is_over_for(since: Timestamp, now: Timestamp, millis: i64) -> bool {
    !(0..millis).contains(&(now.as_millis() - since.as_millis()))
}

/// What was answered, to be written.
#[derive(Default)]
struct Taken {
    uses: Vec<(TokenId, KeyId, Since)>,
    would_deny: BTreeMap<(String, &'static str), u64>,
    disclosed: UseBatch,
}

impl Answered {
    /// All of it. What the uses of a token are counted in stays while somebody holds it.
    fn take(&mut self) -> Taken {
        let mut uses = Vec::new();
        self.tokens.retain(|token, used| {
            let since = std::mem::take(&mut *used.since());
            if since.allowed + since.denied > 0 {
                uses.push((token.clone(), used.key, since));
            }
            // Who holds it got it under the lock that is held here.
            Arc::strong_count(used) > 1
        });
        self.is_due = false;
        let (would_deny, disclosed) =
            (std::mem::take(&mut self.would_deny), std::mem::take(&mut self.disclosed));
        Taken { uses, would_deny, disclosed }
    }
}

impl Taken {
    fn batch(self, now: Timestamp) -> UseBatch {
        let mut batch = self.disclosed;
        for (token, key, since) in self.uses {
            let answers = Answers { allowed: since.allowed, denied: since.denied };
            let used = since.first.zip(since.last);
            let used = used.map(|(first, last)| TokenUse { first, last, address: since.address });
            batch.answered(key, &token, answers, used, now);
        }
        for ((policy, reason), count) in self.would_deny {
            batch.would_deny_so_often(&policy, reason, count, now);
        }
        batch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_takes_is_not_kept() {
        let uses = Uses::new(|| Timestamp::from_millis(1), None);
        uses.would_deny("@web", "scope");
        assert!(uses.0.answered.lock().expect("lock").would_deny.is_empty());
        uses.0.is_recorded.store(true, Ordering::Relaxed);
        uses.would_deny("@web", "scope");
        assert_eq!(uses.0.answered.lock().expect("lock").would_deny.len(), 1);
    }

    #[test]
    fn what_a_holder_counts_is_written_once_and_kept_for_as_long_as_it_is_held() {
        let at = Timestamp::from_millis(1).expect("a time");
        let used = Arc::new(Used {
            key: "key_01h455vb4pex5vsknk084sn02q".parse().expect("an id"),
            since: Mutex::default(),
        });
        let mut answered = Answered::default();
        let token: TokenId = "4fTq9ZkPw2Xa".parse().expect("an id");
        answered.tokens.insert(token.clone(), Arc::clone(&used));
        let drawn = |from: &mut Answered| -> Vec<_> {
            from.take().uses.into_iter().map(|(id, _, since)| (id, since.allowed, since.denied)).collect()
        };
        assert_eq!(drawn(&mut answered), [], "not used yet");
        used.since().answered(true, at, None);
        used.since().answered(false, at, None);
        assert_eq!(drawn(&mut answered), [(token.clone(), 1, 1)]);
        used.since().answered(true, at, None);
        drop(used);
        assert_eq!(drawn(&mut answered), [(token, 1, 0)], "who held it is gone");
        assert!(answered.tokens.is_empty());
    }

    #[test]
    fn a_span_is_over_at_its_end_and_where_the_clock_went_back() {
        let at = |millis| Timestamp::from_millis(millis).expect("a time");
        assert!(!is_over_for(at(1000), at(1000), 50) && !is_over_for(at(1000), at(1049), 50));
        assert!(is_over_for(at(1000), at(1050), 50) && is_over_for(at(1000), at(999), 50));
    }
}
