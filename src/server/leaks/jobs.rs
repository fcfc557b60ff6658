//! What is asked of the store, one job after the other on a thread and a connection of its own. So no worker waits for the store,
//! what waits is bounded, and of two reports that are the same the second finds the first.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::ops;
use crate::ops::desk::{Open, Opening};
use crate::ops::env::Env;
use crate::server::refusal::Refusal;

/// Jobs that wait at most; more are told to come again.
const MOST_WAITING: usize = 64;

/// How long a connection is kept where nobody asks.
const IDLE: Duration = Duration::from_secs(10);

/// GitHub waits for 10 seconds.
const WITHIN: Duration = Duration::from_secs(9);

type Job = Box<dyn FnOnce(&mut Open, &Opening) + Send>;

/// The way to the thread, which ends with the process.
pub(super) struct Jobs(SyncSender<Job>);

impl Jobs {
    pub(super) fn start(name: &str, opening: Arc<Opening>) -> io::Result<Self> {
        let (sender, jobs) = sync_channel(MOST_WAITING);
        thread::Builder::new().name(name.to_owned()).spawn(move || work(&opening, &jobs))?;
        Ok(Self(sender))
    }

    /// Has a job done in the store, whether somebody still waits for it or not.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Env) -> Result<T, ops::Error> + Send + 'static,
    ) -> Result<Result<T, ops::Error>, Refusal> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |open, opening| {
            let _ = answer.send(open.with(opening, job));
        });
        match self.0.try_send(job) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => return Err(Refusal::Overloaded),
            Err(TrySendError::Disconnected(_)) => return Err(Refusal::Unavailable("store_failed")),
        }
        match timeout(WITHIN, answered).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(_)) => Err(Refusal::Unavailable("store_failed")),
            Err(_) => Err(Refusal::Unavailable("store_late")),
        }
    }

    /// Has a job done when there is time for it; whether it will be.
    pub(super) fn later(
        &self,
        job: impl FnOnce(&mut Env) -> Result<(), ops::Error> + Send + 'static,
        failed: impl FnOnce(&ops::Error) + Send + 'static,
    ) -> bool {
        let job: Job = Box::new(move |open, opening| {
            if let Err(error) = open.with(opening, job) {
                failed(&error);
            }
        });
        self.0.try_send(job).is_ok()
    }
}

fn work(opening: &Opening, jobs: &Receiver<Job>) {
    let mut open = Open::default();
    loop {
        match jobs.recv_timeout(IDLE) {
            Ok(job) => job(&mut open, opening),
            Err(RecvTimeoutError::Timeout) => open.rest(),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}
