//! Threads that wait for a store or a provider, so that none does which answers requests. What waits for them is bounded.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use super::unmet::Unmet;
use crate::domain::secrets::secret::SecretId;
use crate::ops;
use crate::ops::desk::{Desk, Open};
use crate::ops::env::Env;
use crate::ops::master_keys::Ring;
use crate::ops::outbound::Outbound;

/// Providers that are waited for at once. A thread has a connection of its own, once it is used.
const THREADS: usize = 16;

/// Of them, those that may ask providers: the others look into the store alone, which takes no seconds.
const ASKING: usize = 12;

/// And for one secret: a provider that hangs keeps those waiting who want its tokens, and nobody else.
const ASKING_FOR_ONE: usize = 4;

/// Jobs that wait for a thread; more are told to come again.
const MOST_WAITING: usize = 1024;

/// How long a connection is kept where there is nothing to do.
const IDLE: Duration = Duration::from_secs(10);

/// What a job works with.
pub(super) struct Work<'w> {
    pub(super) env: &'w mut Env,
    pub(super) ring: &'w Ring,
    pub(super) outbound: &'w dyn Outbound,
}

type Task<D> = Box<dyn FnOnce(&D, &mut Open) + Send>;

struct Job<D> {
    work: Task<D>,
    /// Whose provider it may ask.
    asks: Option<SecretId>,
}

/// The way to the threads, which end with the process.
pub(super) struct Threads<D>(Arc<Shared<D>>);

struct Shared<D> {
    /// What they work with, each with a store of its own.
    desk: D,
    state: Mutex<State<D>>,
    /// Woken where a job is done.
    done: Condvar,
    /// Of each thread, woken where it is its turn.
    turns: [Condvar; THREADS],
}

struct State<D> {
    waiting: VecDeque<Job<D>>,
    /// Threads without a job. Whoever had one last is next: its store is open.
    idle: Vec<usize>,
    /// Jobs that are being done.
    running: usize,
    /// Of them, those that may ask providers, for each secret.
    asking: HashMap<SecretId, usize>,
}

impl<D> Default for State<D> {
    fn default() -> Self {
        Self { waiting: VecDeque::new(), idle: Vec::new(), running: 0, asking: HashMap::new() }
    }
}

impl<D> State<D> {
    /// The first job that may be done now.
    fn take(&mut self) -> Option<Job<D>> {
        let all: usize = self.asking.values().sum();
        let may = |job: &Job<D>| match job.asks {
            None => true,
            Some(secret) => all < ASKING && self.asking.get(&secret).copied().unwrap_or(0) < ASKING_FOR_ONE,
        };
        let at = self.waiting.iter().position(may)?;
        let job = self.waiting.remove(at)?;
        self.running += 1;
        if let Some(secret) = job.asks {
            *self.asking.entry(secret).or_default() += 1;
        }
        Some(job)
    }

    fn done(&mut self, asked: Option<SecretId>) {
        self.running -= 1;
        if let Some(secret) = asked {
            let left = self.asking.get(&secret).map_or(0, |count| count - 1);
            match left {
                0 => drop(self.asking.remove(&secret)),
                left => drop(self.asking.insert(secret, left)),
            }
        }
    }
}

impl<D> Shared<D> {
    fn state(&self) -> MutexGuard<'_, State<D>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next job for a thread; `None` where there was none for so long that it need not keep its store open.
    fn next(&self, thread: usize, is_open: bool) -> Option<Job<D>> {
        let mut state = self.state();
        loop {
            if let Some(job) = state.take() {
                return Some(job);
            }
            state.idle.push(thread);
            let turn = &self.turns[thread];
            let is_over;
            (state, is_over) = if is_open {
                let woken = turn.wait_timeout(state, IDLE).unwrap_or_else(PoisonError::into_inner);
                (woken.0, woken.1.timed_out())
            } else {
                (turn.wait(state).unwrap_or_else(PoisonError::into_inner), false)
            };
            state.idle.retain(|idle| *idle != thread);
            if is_over {
                return None;
            }
        }
    }

    fn work(&self, thread: usize) {
        let mut open = Open::default();
        loop {
            let Some(job) = self.next(thread, open.is_open()) else {
                open.rest();
                continue;
            };
            let Job { work, asks } = job;
            // A fault in one job is no end of the others.
            if catch_unwind(AssertUnwindSafe(|| work(&self.desk, &mut open))).is_err() {
                open.rest();
            }
            self.state().done(asks);
            self.done.notify_all();
        }
    }
}

impl<D: Send + Sync + 'static> Threads<D> {
    pub(super) fn start(desk: D) -> io::Result<Self> {
        let shared = Shared {
            desk,
            state: Mutex::default(),
            done: Condvar::new(),
            turns: std::array::from_fn(|_| Condvar::new()),
        };
        let threads = Self(Arc::new(shared));
        for thread in 0..THREADS {
            let shared = Arc::clone(&threads.0);
            let named = thread::Builder::new().name(format!("keyctl-lease-{thread}"));
            named.spawn(move || shared.work(thread))?;
        }
        Ok(threads)
    }

    /// Waits until nothing is under way.
    pub(super) fn finish(&self, within: Duration) {
        let is_busy = |state: &mut State<D>| state.running > 0 || !state.waiting.is_empty();
        let _ = self.0.done.wait_timeout_while(self.0.state(), within, is_busy);
    }

    fn add(&self, job: Job<D>) -> Result<(), Unmet> {
        let mut state = self.0.state();
        if state.waiting.len() >= MOST_WAITING {
            return Err(Unmet::Overloaded);
        }
        state.waiting.push_back(job);
        if let Some(thread) = state.idle.pop() {
            self.0.turns[thread].notify_one();
        }
        Ok(())
    }
}

impl Threads<Desk> {
    /// What a job came to. `asks`: of a job that may ask a provider, for which secret.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        asks: Option<SecretId>,
        job: impl FnOnce(&mut Work<'_>) -> Result<T, ops::Error> + Send + 'static,
        why: fn(ops::Error) -> Unmet,
    ) -> Result<T, Unmet> {
        let (answer, answered) = oneshot::channel();
        let work: Task<Desk> = Box::new(move |Desk { store, ring, outbound }, open| {
            // Whoever asked may be gone; what was to be done for them alone need not be.
            if !answer.is_closed() {
                let done = open.with(store, |env| job(&mut Work { env, ring, outbound: &**outbound }));
                let _ = answer.send(done.map_err(why));
            }
        });
        self.add(Job { work, asks })?;
        answered.await.map_err(|_| Unmet::Ended)?
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn threads() -> Threads<()> {
        Threads::start(()).expect("threads")
    }

    /// Adds a job that needs no store.
    fn add(threads: &Threads<()>, job: impl FnOnce() + Send + 'static) -> Result<(), Unmet> {
        threads.add(Job { work: Box::new(move |(), _| job()), asks: None })
    }

    #[test]
    fn a_job_that_panics_ends_no_thread_and_is_no_more_under_way() {
        let threads = threads();
        for _ in 0..3 * THREADS {
            add(&threads, || std::panic::resume_unwind(Box::new(()))).expect("taken");
        }
        let (sender, done) = mpsc::channel();
        add(&threads, move || sender.send(()).expect("heard")).expect("taken");
        done.recv_timeout(Duration::from_secs(10)).expect("it was done");
        threads.finish(Duration::from_secs(10));
        let state = threads.0.state();
        assert_eq!((state.running, state.waiting.len()), (0, 0));
    }

    #[test]
    fn what_waits_is_bounded_and_finish_waits_for_all_of_it() {
        let threads = threads();
        let (go, held) = mpsc::channel::<()>();
        let held = Arc::new(Mutex::new(held));
        let done = Arc::new(Mutex::new(0));
        let count = || {
            let (held, done) = (Arc::clone(&held), Arc::clone(&done));
            move || {
                let _ = held.lock().unwrap_or_else(PoisonError::into_inner).recv();
                *done.lock().expect("a count") += 1;
            }
        };
        // Each thread has one, or will have: what they have not taken yet waits.
        for _ in 0..THREADS {
            add(&threads, count()).expect("taken");
        }
        while !threads.0.state().waiting.is_empty() {
            thread::yield_now();
        }
        for _ in 0..MOST_WAITING {
            add(&threads, count()).expect("taken");
        }
        assert_eq!(add(&threads, || {}), Err(Unmet::Overloaded));
        drop(go);
        threads.finish(Duration::from_secs(30));
        assert_eq!(*done.lock().expect("a count"), THREADS + MOST_WAITING);
    }

    #[test]
    fn a_provider_that_hangs_keeps_nobody_waiting_but_who_wants_its_tokens() {
        let threads = threads();
        let (go, held) = mpsc::channel::<()>();
        let held = Arc::new(Mutex::new(held));
        let secret =
            |letter| SecretId::parse(&format!("sec_01h455vb4pex5vsknk084sn02{letter}")).expect("an id");
        let asking = |letter, work: Task<()>| threads.add(Job { work, asks: Some(secret(letter)) });
        for letter in ["q", "r", "q"] {
            for _ in 0..THREADS {
                let held = Arc::clone(&held);
                let hang: Task<()> = Box::new(move |(), _| {
                    let _ = held.lock().unwrap_or_else(PoisonError::into_inner).recv();
                });
                asking(letter, hang).expect("taken");
            }
        }
        let (sender, done) = mpsc::channel();
        let other = sender.clone();
        asking("s", Box::new(move |(), _| other.send("another's").expect("heard"))).expect("taken");
        assert_eq!(done.recv_timeout(Duration::from_secs(10)), Ok("another's"));
        add(&threads, move || sender.send("a look").expect("heard")).expect("taken");
        assert_eq!(done.recv_timeout(Duration::from_secs(10)), Ok("a look"));
        // An answer is heard before its job counts as done.
        let others = |state: &mut State<()>| state.running > 2 * ASKING_FOR_ONE;
        let (state, _) = (threads.0.done)
            .wait_timeout_while(threads.0.state(), Duration::from_secs(10), others)
            .unwrap_or_else(PoisonError::into_inner);
        assert_eq!((state.running, state.asking.len()), (2 * ASKING_FOR_ONE, 2));
        drop(state);
        drop(go);
        threads.finish(Duration::from_secs(30));
        assert!(threads.0.state().asking.is_empty());
    }

    #[test]
    fn whoever_had_a_job_last_has_the_next_one() {
        let threads = threads();
        let (sender, names) = mpsc::channel();
        let mut seen = Vec::new();
        for _ in 0..8 {
            let sender = sender.clone();
            add(&threads, move || {
                let name = thread::current().name().map(str::to_owned);
                sender.send(name).expect("heard");
            })
            .expect("taken");
            seen.push(names.recv_timeout(Duration::from_secs(10)).expect("done"));
            while threads.0.state().idle.len() < THREADS {
                thread::yield_now();
            }
        }
        assert!(seen.windows(2).skip(1).all(|pair| pair[0] == pair[1]), "{seen:?}");
    }
}
