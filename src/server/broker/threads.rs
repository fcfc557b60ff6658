//! Threads that wait for a store or a provider, so that none does which answers requests. What waits for them is bounded.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use super::unmet::Unmet;
use crate::ops;
use crate::ops::env::Env;
use crate::ops::master_keys::Ring;
use crate::ops::outbound::Outbound;

/// Providers that are waited for at once. A thread has a connection of its own, once it is used.
const THREADS: usize = 16;

/// Jobs that wait for a thread; more are told to come again.
const MOST_WAITING: usize = 1024;

/// How long a connection is kept where there is nothing to do.
const IDLE: Duration = Duration::from_secs(10);

/// A store that is opened to be written, and what opens and seals in it.
pub(crate) type Open = dyn Fn() -> Result<(Env, Arc<Ring>), ops::Error> + Send + Sync;

/// How the store is opened, and who is asked for tokens.
pub(crate) struct Desk {
    pub(crate) open: Box<Open>,
    pub(crate) outbound: Box<dyn Outbound>,
    /// Another file may have the store's name by the next time, so it stays open for one job.
    pub(crate) is_file: bool,
}

/// What a job works with.
pub(super) struct Work<'w> {
    pub(super) env: &'w mut Env,
    pub(super) ring: &'w Ring,
    pub(super) outbound: &'w dyn Outbound,
}

/// The open store of one thread.
type Opened = Option<(Env, Arc<Ring>)>;

type Job = Box<dyn FnOnce(&Desk, &mut Opened) + Send>;

/// The way to the threads, which end with the process.
pub(super) struct Threads {
    jobs: SyncSender<Job>,
    under_way: Arc<UnderWay>,
}

/// Jobs that wait or are done now.
#[derive(Default)]
struct UnderWay {
    jobs: Mutex<usize>,
    done: Condvar,
}

impl UnderWay {
    fn count(&self) -> MutexGuard<'_, usize> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of them.
struct Counted(Arc<UnderWay>);

impl Counted {
    fn new(all: &Arc<UnderWay>) -> Self {
        *all.count() += 1;
        Self(Arc::clone(all))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        *self.0.count() -= 1;
        self.0.done.notify_all();
    }
}

impl Threads {
    pub(super) fn start(desk: Desk) -> io::Result<Self> {
        let desk = Arc::new(desk);
        let (sender, jobs) = sync_channel(MOST_WAITING);
        let jobs = Arc::new(Mutex::new(jobs));
        for number in 0..THREADS {
            let (desk, jobs) = (Arc::clone(&desk), Arc::clone(&jobs));
            let run = move || work(&desk, &jobs);
            thread::Builder::new().name(format!("keyctl-lease-{number}")).spawn(run)?;
        }
        Ok(Self { jobs: sender, under_way: Arc::default() })
    }

    /// Waits until nothing is under way.
    pub(super) fn finish(&self, within: Duration) {
        let count = self.under_way.count();
        let _ = self.under_way.done.wait_timeout_while(count, within, |jobs| *jobs > 0);
    }

    /// What a job came to.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Work<'_>) -> Result<T, ops::Error> + Send + 'static,
        why: fn(ops::Error) -> Unmet,
    ) -> Result<T, Unmet> {
        let (answer, answered) = oneshot::channel();
        let counted = Counted::new(&self.under_way);
        let run: Job = Box::new(move |desk, opened| {
            let _counted = counted;
            // Whoever asked may be gone; what was to be done for them alone need not be.
            if !answer.is_closed() {
                let _ = answer.send(with_store(desk, opened, job).map_err(why));
            }
        });
        match self.jobs.try_send(run) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => return Err(Unmet::Overloaded),
            Err(TrySendError::Disconnected(_)) => return Err(Unmet::Ended),
        }
        answered.await.map_err(|_| Unmet::Ended)?
    }
}

fn with_store<T>(
    desk: &Desk,
    opened: &mut Opened,
    job: impl FnOnce(&mut Work<'_>) -> Result<T, ops::Error>,
) -> Result<T, ops::Error> {
    // One that was lost since it was used last is made anew.
    let is_there = |(mut env, ring): (Env, Arc<Ring>)| env.store.reconnect().is_ok().then_some((env, ring));
    let (mut env, ring) = match opened.take().and_then(is_there) {
        Some(opened) => opened,
        None => (desk.open)()?,
    };
    let actor = env.actor.clone();
    let done = job(&mut Work { env: &mut env, ring: &ring, outbound: &*desk.outbound });
    if !desk.is_file && !matches!(done, Err(ops::Error::Store(_))) {
        env.actor = actor;
        *opened = Some((env, ring));
    }
    done
}

fn work(desk: &Desk, jobs: &Mutex<Receiver<Job>>) {
    let mut opened = None;
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(IDLE);
        match next {
            Ok(job) => {
                // A fault in one job is no end of the others.
                if catch_unwind(AssertUnwindSafe(|| job(desk, &mut opened))).is_err() {
                    opened = None;
                }
            }
            Err(RecvTimeoutError::Timeout) => opened = None,
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}
