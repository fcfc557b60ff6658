//! What was answered, written down in batches beside the requests: when each token was used, how often each key was let
//! in and was not, and what would have been refused where it is only observed. A crash loses at most one batch.
//!
//! The same thread says up to which change this server answers, so that a revocation can be waited for.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::config::serve::serve_file::LogLevel;
use crate::domain::id::KeyId;
use crate::domain::keys::token::TokenId;
use crate::domain::keys::verdict::Grant;
use crate::domain::time::Timestamp;
use crate::domain::usage::batch::{Answers, TokenUse, UseBatch};
use crate::ops::usage::writer::UseWriter;

/// What a batch holds at most, in tokens; then it is written at once.
const MOST: usize = 10_000;

/// How often what was answered is written.
const EVERY: Duration = Duration::from_secs(1);

/// How often it is said anew that this server runs, in seconds.
const SAID_EVERY: u64 = 60;

/// How often it is tried anew where nothing may be written.
const TRIED_EVERY: u64 = 60;

/// What was answered and is not written yet.
#[derive(Clone)]
pub(crate) struct Uses(Arc<Shared>);

struct Shared {
    answered: Mutex<Answered>,
    /// The counter of the change that answers are of.
    mark: AtomicI64,
    /// Woken where a batch is full, a change is in force, or it is over.
    wake: Condvar,
    over: AtomicBool,
    clock: fn() -> Option<Timestamp>,
}

#[derive(Default)]
struct Answered {
    tokens: HashMap<TokenId, Token>,
    would_deny: BTreeMap<(String, &'static str), u64>,
    /// Whether the thread has something to do at once.
    is_due: bool,
}

struct Token {
    key: KeyId,
    allowed: u64,
    denied: u64,
    /// Of those that were let in.
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    address: Option<IpAddr>,
}

impl Uses {
    pub(crate) fn new(clock: fn() -> Option<Timestamp>) -> Self {
        Self(Arc::new(Shared {
            answered: Mutex::default(),
            mark: AtomicI64::new(0),
            wake: Condvar::new(),
            over: AtomicBool::new(false),
            clock,
        }))
    }

    /// A key that is known was let in, or was not.
    pub(super) fn answered(&self, grant: &Grant, is_allowed: bool, address: Option<IpAddr>) {
        let Some(now) = (self.0.clock)() else { return };
        let mut answered = self.0.answered.lock().unwrap_or_else(PoisonError::into_inner);
        let token = answered.tokens.entry(grant.token_id.clone()).or_insert_with(|| Token {
            key: grant.key_id,
            allowed: 0,
            denied: 0,
            first: None,
            last: None,
            address: None,
        });
        if is_allowed {
            token.allowed += 1;
            token.first.get_or_insert(now);
            (token.last, token.address) = (Some(now), address);
        } else {
            token.denied += 1;
        }
        if answered.tokens.len() >= MOST && !answered.is_due {
            answered.is_due = true;
            self.0.wake.notify_all();
        }
    }

    /// A request passed because it is only observed.
    pub(super) fn would_deny(&self, policy: &str, reason: &'static str) {
        let mut answered = self.0.answered.lock().unwrap_or_else(PoisonError::into_inner);
        *answered.would_deny.entry((policy.to_owned(), reason)).or_default() += 1;
    }

    /// The change of this counter is in force here: nothing of before is answered any more.
    pub(crate) fn in_force(&self, counter: i64) {
        self.0.mark.store(counter, Ordering::Release);
        self.wake();
    }

    fn wake(&self) {
        self.0.answered.lock().unwrap_or_else(PoisonError::into_inner).is_due = true;
        self.0.wake.notify_all();
    }

    /// Begins to write; `instance` names this server among those of the store.
    pub(crate) fn start(
        &self,
        writer: UseWriter,
        instance: String,
        say: impl Fn(LogLevel, &str) + Send + 'static,
    ) -> std::io::Result<Writing> {
        let say = Box::new(say);
        let writing = Recording {
            uses: self.clone(),
            writer,
            instance,
            say,
            said: None,
            is_refused: false,
            seconds: 0,
        };
        let thread = thread::Builder::new().name("keyctl-uses".to_owned()).spawn(move || writing.run())?;
        Ok(Writing { uses: self.clone(), thread })
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

/// Takes a line for the log.
type Say = Box<dyn Fn(LogLevel, &str) + Send>;

struct Recording {
    uses: Uses,
    writer: UseWriter,
    instance: String,
    say: Say,
    /// The counter that was said last, and when.
    said: Option<(i64, u64)>,
    /// Nothing of use may be written.
    is_refused: bool,
    /// Since it began, about.
    seconds: u64,
}

impl Recording {
    fn run(mut self) {
        loop {
            let (answered, is_over) = self.wait();
            self.seconds += 1;
            if !self.is_refused || self.seconds.is_multiple_of(TRIED_EVERY) {
                self.write(answered);
                self.claim();
            }
            if is_over {
                let _ = self.writer.release(&self.instance);
                return;
            }
        }
    }

    /// Waits until something is due.
    fn wait(&self) -> (Answered, bool) {
        let shared = &self.uses.0;
        let answered = shared.answered.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = shared.wake.wait_timeout_while(answered, EVERY, |answered| !answered.is_due);
        let mut answered = waited.unwrap_or_else(PoisonError::into_inner).0;
        (std::mem::take(&mut answered), shared.over.load(Ordering::Acquire))
    }

    fn write(&mut self, answered: Answered) {
        let Some(now) = (self.uses.0.clock)() else { return };
        let batch = answered.batch(now);
        match self.writer.write(batch) {
            Ok(_) => self.recovered(),
            Err(error) => self.failed(&error),
        }
    }

    fn claim(&mut self) {
        let mark = self.uses.0.mark.load(Ordering::Acquire);
        let is_said = self.said.is_some_and(|(said, at)| said == mark && self.seconds - at < SAID_EVERY);
        if mark == 0 || is_said || self.is_refused {
            return;
        }
        match self.writer.claim(&self.instance, mark) {
            Ok(true) => self.said = Some((mark, self.seconds)),
            Ok(false) => {}
            Err(error) => self.failed(&error),
        }
    }

    fn recovered(&mut self) {
        if std::mem::take(&mut self.is_refused) {
            (self.say)(LogLevel::Info, "use is recorded again");
        }
    }

    /// What cannot be written is no reason to refuse anybody.
    fn failed(&mut self, error: &crate::ops::Error) {
        if UseWriter::is_refused(error) {
            if !std::mem::replace(&mut self.is_refused, true) {
                (self.say)(LogLevel::Warn, &format!("use is not recorded: {error}"));
            }
        } else {
            (self.say)(LogLevel::Warn, &format!("use could not be written, and is tried again: {error}"));
        }
    }
}

impl Answered {
    fn batch(self, now: Timestamp) -> UseBatch {
        let mut batch = UseBatch::default();
        for (id, token) in self.tokens {
            let answers = Answers { allowed: token.allowed, denied: token.denied };
            let used = token.first.zip(token.last);
            let used = used.map(|(first, last)| TokenUse { first, last, address: token.address });
            batch.answered(token.key, &id, answers, used, now);
        }
        for ((policy, reason), count) in self.would_deny {
            batch.would_deny_so_often(&policy, reason, count, now);
        }
        batch
    }
}
