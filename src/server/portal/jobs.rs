//! What the pages ask of the store: a few threads do it, each on a connection of its own. So no worker waits for the store, and
//! what waits is bounded.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
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

/// How long the end waits for connections to be closed: a log is moved into its file.
const CLOSED_WITHIN: Duration = Duration::from_secs(5);

/// Does something, and returns what says so to whoever asked.
type Job = Box<dyn FnOnce(&mut Open, &Opening) -> Answer + Send>;
type Answer = Box<dyn FnOnce()>;

/// Why nobody knows what became of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Undone {
    /// Too many wait: it was not begun.
    Overloaded,
    /// It took too long, or was given up: it may have been done.
    Unsure,
}

/// The way to the threads, which end with the process.
pub(super) struct Jobs(Arc<Shared>);

struct Shared {
    opening: Opening,
    state: Mutex<State>,
    /// Of each thread, woken where it is its turn.
    turns: [Condvar; THREADS],
    /// Woken where a thread has ended.
    has_ended: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Job>,
    /// Threads without a job. Whoever had one last is next: its store is open.
    idle: Vec<usize>,
    is_over: bool,
    /// Threads that have ended.
    ended: usize,
}

/// What a thread does next.
enum Next {
    Job(Job),
    /// Nobody asked for so long that its store need not stay open.
    Rest,
    End,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self, thread: usize, is_open: bool) -> Next {
        let mut state = self.state();
        loop {
            state.idle.retain(|idle| *idle != thread);
            if let Some(job) = state.waiting.pop_front() {
                return Next::Job(job);
            }
            if state.is_over {
                return Next::End;
            }
            state.idle.push(thread);
            let turn = &self.turns[thread];
            let mut is_tired = false;
            state = if is_open {
                let (state, waited) = turn.wait_timeout(state, IDLE).unwrap_or_else(PoisonError::into_inner);
                is_tired = waited.timed_out();
                state
            } else {
                turn.wait(state).unwrap_or_else(PoisonError::into_inner)
            };
            if is_tired && state.waiting.is_empty() {
                state.idle.retain(|idle| *idle != thread);
                return Next::Rest;
            }
        }
    }

    fn work(&self, thread: usize) {
        let mut open = Open::default();
        loop {
            match self.next(thread, open.is_open()) {
                Next::Job(job) => match catch_unwind(AssertUnwindSafe(|| job(&mut open, &self.opening))) {
                    Ok(answer) => {
                        // Whoever is answered may ask again before this thread waits: it is the next one all the same, since
                        // another one's connection has none of the pages that this one changed.
                        self.state().idle.push(thread);
                        answer();
                    }
                    // A fault in one job is no end of the others.
                    Err(_) => open.rest(),
                },
                Next::Rest => open.rest(),
                Next::End => break,
            }
        }
        open.rest();
        self.state().ended += 1;
        self.has_ended.notify_all();
    }

    /// What cannot be forgotten now is forgotten later.
    fn forget(&self) {
        loop {
            let _ = Open::default().with(&self.opening, |env| over::forget(&mut env.store));
            thread::sleep(FORGETS);
        }
    }
}

impl Jobs {
    pub(super) fn start(opening: Opening) -> io::Result<Self> {
        let (state, turns) = (Mutex::default(), std::array::from_fn(|_| Condvar::new()));
        let jobs = Self(Arc::new(Shared { opening, state, turns, has_ended: Condvar::new() }));
        for number in 0..THREADS {
            let shared = Arc::clone(&jobs.0);
            let named = thread::Builder::new().name(format!("portal-store-{number}"));
            named.spawn(move || shared.work(number))?;
        }
        let shared = Arc::clone(&jobs.0);
        thread::Builder::new().name("portal-over".to_owned()).spawn(move || shared.forget())?;
        Ok(jobs)
    }

    /// Has a job done in the store.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Env) -> Result<T, Refused> + Send + 'static,
    ) -> Result<Result<T, Refused>, Undone> {
        let (answer, answered) = oneshot::channel();
        self.add(Box::new(move |open, opening| {
            if answer.is_closed() {
                return Box::new(|| ());
            }
            let done = done(open, opening, job);
            Box::new(move || drop(answer.send(done)))
        }))?;
        match timeout(WITHIN, answered).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(_)) | Err(_) => Err(Undone::Unsure),
        }
    }

    fn add(&self, job: Job) -> Result<(), Undone> {
        let mut state = self.0.state();
        if state.is_over || state.waiting.len() >= MOST_WAITING {
            return Err(Undone::Overloaded);
        }
        state.waiting.push_back(job);
        if let Some(thread) = state.idle.pop() {
            self.0.turns[thread].notify_one();
        }
        Ok(())
    }

    /// What waits is done, and the store is left as whoever closes it leaves it.
    pub(super) fn end(&self) {
        let mut state = self.0.state();
        state.is_over = true;
        self.0.turns.iter().for_each(Condvar::notify_all);
        let _ = self.0.has_ended.wait_timeout_while(state, CLOSED_WITHIN, |state| state.ended < THREADS);
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
