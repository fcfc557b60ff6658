//! Whether a request is within its quotas: at once where that is known, else as soon as the thread that writes has
//! asked. No worker's thread waits for it, and no request longer than two seconds.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;

use super::ledger::{Ledger, Said, Who};
use super::refusal::Refusal;
use crate::domain::keys::verdict::Reason;
use crate::domain::time::Timestamp;
use crate::domain::usage::batch::{Spender, UseBatch};
use crate::domain::usage::day::PeriodName;
use crate::runtime::serving::Quotas;

/// How long a request waits for what is spent to be known.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// What is to be done until the next batch.
pub(super) trait Writer {
    fn now(&self) -> Option<Timestamp>;
    /// It is to write at once.
    fn wake(&self);
}

pub(super) struct Spending {
    ledger: Mutex<Ledger>,
    /// Told when something was learned.
    learned: Notify,
    waiting: AtomicUsize,
    /// Nothing may be written here: for good, or as it seems.
    is_refused: AtomicBool,
    /// All that is written here may be, so a quota can.
    is_proven: AtomicBool,
    /// Nothing could be written when that was tried last.
    is_failing: AtomicBool,
}

/// One that waits.
struct Waiting<'s>(&'s AtomicUsize);

impl<'s> Waiting<'s> {
    fn new(waiting: &'s AtomicUsize) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Spending {
    /// Of each quota at most `batch` are let in and not written; `None`: nothing is ever written here.
    pub(super) fn new(batch: Option<u64>) -> Self {
        Self {
            ledger: Mutex::new(Ledger::new(batch.unwrap_or(1))),
            learned: Notify::new(),
            waiting: AtomicUsize::new(0),
            is_refused: AtomicBool::new(batch.is_none()),
            is_proven: AtomicBool::new(false),
            is_failing: AtomicBool::new(false),
        }
    }

    /// Whether uses are counted here.
    pub(super) fn counts(&self) -> bool {
        !self.is_refused.load(Ordering::Relaxed)
    }

    /// Whether it was seen that what is written here is kept.
    pub(super) fn is_proven(&self) -> bool {
        self.counts() && self.is_proven.load(Ordering::Acquire)
    }

    /// Whether what is written now is kept; waits for the first that was, and no longer than for a quota.
    pub(super) async fn proven(&self, writer: &impl Writer) -> bool {
        if self.is_proven() {
            return true;
        }
        let proof = || (self.is_proven() || !self.counts()).then(|| self.is_proven());
        Box::pin(self.once_learned(writer, proof)).await.unwrap_or(false)
    }

    /// What is said once enough was learned, or `None` if that takes too long. Each time the thread that writes is woken.
    async fn once_learned<T>(&self, writer: &impl Writer, mut said: impl FnMut() -> Option<T>) -> Option<T> {
        let asked = async {
            loop {
                let mut learned = pin!(self.learned.notified());
                learned.as_mut().enable();
                if let Some(said) = said() {
                    return said;
                }
                writer.wake();
                learned.await;
            }
        };
        timeout(PATIENCE, asked).await.ok()
    }

    /// Spends so much of each quota, or refuses and spends nothing; 0 only looks.
    pub(super) async fn spend(
        &self,
        writer: &impl Writer,
        who: Who<'_>,
        quotas: &Quotas,
        count: u64,
    ) -> Result<(), Refusal> {
        let is_known = quotas.key.is_some() || quotas.owner.is_some();
        if !is_known || !self.counts() {
            return Err(Refusal::Denied { reason: Reason::Quota, needs: None });
        }
        match self.said(writer, who, quotas, count)? {
            Said::LetIn { .. } => Ok(()),
            Said::Over(spent) => Err(Refusal::Quota(spent)),
            // Boxed: who need not wait has no room for it.
            Said::Wait => Box::pin(self.wait(writer, who, quotas, count)).await,
        }
    }

    async fn wait(
        &self,
        writer: &impl Writer,
        who: Who<'_>,
        quotas: &Quotas,
        count: u64,
    ) -> Result<(), Refusal> {
        let _waiting = Waiting::new(&self.waiting);
        let said = || match self.said(writer, who, quotas, count) {
            Err(refusal) => Some(Err(refusal)),
            Ok(Said::LetIn { .. }) => Some(Ok(())),
            Ok(Said::Over(spent)) => Some(Err(Refusal::Quota(spent))),
            Ok(Said::Wait) => self.is_failing.load(Ordering::Relaxed).then_some(Err(UNCOUNTED)),
        };
        self.once_learned(writer, said).await.unwrap_or(Err(UNCOUNTED))
    }

    fn said(&self, writer: &impl Writer, who: Who<'_>, quotas: &Quotas, count: u64) -> Result<Said, Refusal> {
        let now = writer.now().ok_or(UNCOUNTED)?;
        if !self.counts() {
            return Err(Refusal::Denied { reason: Reason::Quota, needs: None });
        }
        if !self.is_proven() {
            return Ok(Said::Wait);
        }
        let said = self.ledger().spend(who, quotas, count, now);
        if said == (Said::LetIn { is_due: true }) {
            writer.wake();
        }
        Ok(said)
    }

    /// Whether somebody waits.
    pub(super) fn is_awaited(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }

    /// Adds to a batch what is to be written and asked.
    pub(super) fn fill(&self, batch: &mut UseBatch, now: Timestamp) {
        self.ledger().fill(batch, now);
    }

    /// Takes note of what was written, as [`Ledger::settle`] does, and whether that failed.
    pub(super) fn settle(
        &self,
        totals: Vec<(Spender, PeriodName, u64)>,
        is_failing: bool,
        is_held: impl Fn(&Spender, &PeriodName) -> bool,
    ) {
        self.ledger().settle(totals, is_held);
        self.is_failing.store(is_failing, Ordering::Relaxed);
        self.learned.notify_waiters();
    }

    /// All of it may be written.
    pub(super) fn prove(&self) {
        self.is_refused.store(false, Ordering::Relaxed);
        if !self.is_proven.swap(true, Ordering::Release) {
            self.learned.notify_waiters();
        }
    }

    /// Nothing may be written: keys with a quota are refused until that is otherwise.
    pub(super) fn refuse(&self) {
        self.is_refused.store(true, Ordering::Relaxed);
        self.is_proven.store(false, Ordering::Relaxed);
        self.ledger().clear();
        self.learned.notify_waiters();
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Our fault, and not the key's.
const UNCOUNTED: Refusal = Refusal::Unavailable("quota_uncounted");
