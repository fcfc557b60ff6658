//! What the pages ask of the store: a few threads do it, each on a connection of its own. So no worker waits for the store, and
//! what waits is bounded.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::ops;
use crate::ops::desk::{Open, Opening};
use crate::ops::env::Env;
use crate::ops::portal::{Refused, over};

/// Threads: one that waits for a change of somebody else does not hold those up who only look.
const THREADS: usize = 4;

/// Jobs that wait at most; more are told to come again.
const MOST_WAITING: usize = 64;

/// How long a connection is kept where nobody asks.
const IDLE: Duration = Duration::from_secs(10);

/// How often what is over is forgotten.
const FORGETS: Duration = Duration::from_hours(1);

/// How long an answer is waited for.
const WITHIN: Duration = Duration::from_secs(10);

type Job = Box<dyn FnOnce(&mut Open, &Opening) + Send>;

/// Why nobody knows what became of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Undone {
    /// Too many wait: it was not begun.
    Overloaded,
    /// It took too long, or was given up: it may have been done.
    Unsure,
}

/// The way to the threads, which end with the process.
pub(super) struct Jobs(SyncSender<Job>);

impl Jobs {
    pub(super) fn start(opening: Opening) -> io::Result<Self> {
        let (sender, jobs) = sync_channel(MOST_WAITING);
        let (opening, jobs) = (Arc::new(opening), Arc::new(Mutex::new(jobs)));
        for number in 0..THREADS {
            let (opening, jobs) = (Arc::clone(&opening), Arc::clone(&jobs));
            let run = move || work(&opening, &jobs);
            thread::Builder::new().name(format!("portal-store-{number}")).spawn(run)?;
        }
        thread::Builder::new().name("portal-over".to_owned()).spawn(move || forget(&opening))?;
        Ok(Self(sender))
    }

    /// Has a job done in the store.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Env) -> Result<T, Refused> + Send + 'static,
    ) -> Result<Result<T, Refused>, Undone> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |open, opening| {
            if !answer.is_closed() {
                let _ = answer.send(done(open, opening, job));
            }
        });
        match self.0.try_send(job) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => return Err(Undone::Overloaded),
            Err(TrySendError::Disconnected(_)) => return Err(Undone::Unsure),
        }
        match timeout(WITHIN, answered).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(_)) | Err(_) => Err(Undone::Unsure),
        }
    }
}

/// A connection that failed is not kept, and that is seen at the error of the store alone.
fn done<T>(
    open: &mut Open,
    opening: &Opening,
    job: impl FnOnce(&mut Env) -> Result<T, Refused>,
) -> Result<T, Refused> {
    let run = |env: &mut Env| match job(env) {
        Err(Refused::Failed(error @ ops::Error::Store(_))) => Err(error),
        done => Ok(done),
    };
    open.with(opening, run).unwrap_or_else(|error| Err(Refused::Failed(error)))
}

/// What cannot be forgotten now is forgotten later.
fn forget(opening: &Opening) {
    loop {
        let _ = Open::default().with(opening, |env| over::forget(&mut env.store));
        thread::sleep(FORGETS);
    }
}

fn work(opening: &Opening, jobs: &Mutex<Receiver<Job>>) {
    let mut open = Open::default();
    loop {
        // Whoever waits for a job holds the lock, and the others wait for that.
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(IDLE);
        match next {
            Ok(job) => job(&mut open, opening),
            Err(RecvTimeoutError::Timeout) => open.rest(),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}
