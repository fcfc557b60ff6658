//! Credentials that are kept good while a command runs: one thread each, which is the only one that changes what is kept.
//!
//! Nothing is handed out that the command did not ask for. So a token of which another one was got, or which ended, is
//! followed by a new one when the command asks, and not before.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use std::{io, mem};

use crate::domain::credentials::lease::renewed_after;
use crate::domain::secrets::secret::{Provider, SecretId, SecretName};
use crate::domain::time::{Span, Timestamp};
use crate::ops;
#[cfg(feature = "serve")]
use crate::ops::credentials::current::How;
use crate::ops::credentials::keep::{self, Kept, MOST, Renewal};
#[cfg(feature = "serve")]
use crate::ops::credentials::keep::{Given, NotGiven, Wish};
use crate::ops::desk::{Desk, Open};
use crate::ops::env::Env;

/// How long a provider's answer, and then the store for it, is waited for at the end.
const UNDER_WAY: Duration = Duration::from_secs(40);

/// How long a connection to a server is kept where there is nothing to do.
const IDLE: Duration = Duration::from_secs(10);

/// A store that could not be used is tried again so soon.
const AGAIN: Duration = Duration::from_secs(1);

/// Between two tries where others use, or get, what is asked for.
#[cfg(feature = "serve")]
const LOOKED_AT: Duration = Duration::from_millis(50);

/// Where tokens are got, and who is told of them.
pub(in crate::cli) struct Around {
    pub(in crate::cli) desk: Desk,
    /// What is handed out is masked first.
    #[cfg(feature = "serve")]
    pub(in crate::cli) masks: Arc<super::masks::Masks>,
    /// Says what whoever started the command should know.
    pub(in crate::cli) say: Box<dyn Fn(&str) + Send + Sync>,
}

/// Called with what was asked for.
#[cfg(feature = "serve")]
type Answer = Box<dyn FnOnce(Result<Given, NotGiven>) + Send>;

enum Job {
    #[cfg(feature = "serve")]
    Ask {
        wish: Wish,
        until: Instant,
        answer: Answer,
    },
    /// The lease of a version is to be held for longer.
    #[cfg(feature = "serve")]
    Renew {
        version: u64,
        most: Span,
        answer: Answer,
    },
    End,
}

/// The way to one of the threads.
pub(in crate::cli) struct Keeper {
    #[cfg_attr(not(feature = "serve"), expect(dead_code, reason = "only who asks at the socket needs it"))]
    pub(in crate::cli) secret: SecretId,
    #[cfg_attr(not(feature = "serve"), expect(dead_code, reason = "a socket is asked by name"))]
    pub(in crate::cli) name: SecretName,
    #[cfg_attr(not(feature = "serve"), expect(dead_code, reason = "a socket is asked by provider"))]
    pub(in crate::cli) provider: Provider,
    jobs: Sender<Job>,
    ended: Mutex<Receiver<()>>,
}

/// Of all credentials. What they hold is given up when it is dropped.
#[derive(Default)]
pub(in crate::cli) struct Keepers(Vec<Keeper>);

#[expect(clippy::disallowed_methods, reason = "how long something is held, and a client is waited for")]
fn now() -> Instant {
    Instant::now()
}

impl Keepers {
    /// Keeps one more credential, of which this was got.
    pub(in crate::cli) fn keep(&mut self, around: &Arc<Around>, kept: Kept, at: Timestamp) -> io::Result<()> {
        let (jobs, taken) = mpsc::channel();
        let (ending, ended) = mpsc::channel();
        let (secret, name, provider) =
            (kept.secret.id, kept.secret.name.clone(), kept.secret.provider.clone());
        let renew_at = kept.held.as_ref().map(|held| now() + renewed_after(held.lease.expires_at, at));
        let around = Arc::clone(around);
        thread::Builder::new().name(format!("keyctl-keep-{}", self.0.len())).spawn(move || {
            let open = Open::default();
            Keeping { around, kept, most: MOST, renew_at, open, used: now(), said: String::new() }
                .run(&taken);
            drop(ending);
        })?;
        self.0.push(Keeper { secret, name, provider, jobs, ended: Mutex::new(ended) });
        Ok(())
    }
}

impl Drop for Keepers {
    /// An answer that is not stored would be lost with this process, so what is under way is waited for.
    fn drop(&mut self) {
        for keeper in &self.0 {
            let _ = keeper.jobs.send(Job::End);
        }
        let until = now() + UNDER_WAY;
        for keeper in mem::take(&mut self.0) {
            let ended = keeper.ended.into_inner().unwrap_or_else(PoisonError::into_inner);
            let _ = ended.recv_timeout(until.saturating_duration_since(now()));
        }
    }
}

/// What one thread has.
struct Keeping {
    around: Arc<Around>,
    kept: Kept,
    /// How long it is held unless it is renewed.
    most: Span,
    /// When the lease is renewed, if there is one.
    renew_at: Option<Instant>,
    open: Open,
    /// When it was used last.
    used: Instant,
    /// What was said last: the same is not said again and again.
    said: String,
}

impl Keeping {
    fn run(mut self, jobs: &Receiver<Job>) {
        #[cfg_attr(not(feature = "serve"), expect(unused_mut, reason = "nobody can ask"))]
        let mut waiting = Waiting::default();
        loop {
            let job = match self.pause(&waiting) {
                None => jobs.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(pause) => jobs.recv_timeout(pause),
            };
            // With all that came meanwhile: one answer will do for them.
            let (mut job, mut is_over) = match job {
                Ok(job) => (Some(job), false),
                Err(RecvTimeoutError::Timeout) => (None, false),
                Err(RecvTimeoutError::Disconnected) => (None, true),
            };
            while let Some(next) = job.take().or_else(|| jobs.try_recv().ok()) {
                match next {
                    Job::End => is_over = true,
                    #[cfg(feature = "serve")]
                    Job::Ask { wish, until, answer } => waiting.0.push((wish, until, answer)),
                    #[cfg(feature = "serve")]
                    Job::Renew { version, most, answer } => answer(self.renewed(version, most)),
                }
            }
            if is_over {
                self.end();
                return;
            }
            #[cfg(feature = "serve")]
            self.serve(&mut waiting);
            if self.renew_at.is_some_and(|at| at <= now()) {
                self.renew();
            }
            if self.used.elapsed() >= IDLE {
                self.open.rest();
            }
        }
    }

    /// How long there is nothing to do; `None`: until somebody asks.
    fn pause(&self, waiting: &Waiting) -> Option<Duration> {
        let idle = self.open.is_open().then(|| self.used + IDLE);
        let next = [self.renew_at, idle].into_iter().flatten().min();
        let next = next.map(|next| next.saturating_duration_since(now()));
        waiting.looked_at().map_or(next, |soon| Some(next.map_or(soon, |next| next.min(soon))))
    }

    /// In the store, which is opened anew where another one may be there by now.
    fn with_store<T>(
        &mut self,
        work: impl FnOnce(&mut Env, &Desk, &mut Kept) -> Result<T, ops::Error>,
    ) -> Result<T, ops::Error> {
        let Self { around, kept, open, used, .. } = self;
        let done = open.with(&around.desk.store, |env| work(env, &around.desk, kept));
        *used = now();
        done
    }

    fn renew(&mut self) {
        let most = self.most;
        let renewed = self.with_store(|env, _, kept| {
            let Some(held) = &mut kept.held else { return Ok((Renewal::Lost, None)) };
            let renewal = keep::renew(env, held, most)?;
            let at = env.store.now()?;
            Ok((renewal, Some((held.lease.expires_at, at)).filter(|(end, at)| end > at)))
        });
        self.renew_at = match renewed {
            // One that is not renewed protects the token until its end.
            Ok((Renewal::Done | Renewal::Ending, Some((end, at)))) => Some(now() + renewed_after(end, at)),
            Ok(_) => {
                self.kept.held = None;
                let name = self.kept.secret.name.clone();
                self.say(format!(
                    "the token of {name} that the command was given is held no more: it ended, or another one was got"
                ));
                None
            }
            Err(error) => {
                self.say(format!("the lease of {} could not be renewed: {error}", self.kept.secret.name));
                Some(now() + AGAIN)
            }
        };
    }

    fn say(&mut self, text: String) {
        if self.said != text {
            (self.around.say)(&text);
            self.said = text;
        }
    }

    fn end(mut self) {
        if self.kept.held.is_some()
            && let Err(error) = self.with_store(|env, _, kept| keep::release(env, kept))
        {
            let name = self.kept.secret.name.clone();
            self.say(format!("the lease of {name} could not be given up, and ends by itself: {error}"));
        }
    }
}

/// Who asked and was told nothing yet.
#[derive(Default)]
struct Waiting(#[cfg(feature = "serve")] Vec<(Wish, Instant, Answer)>);

impl Waiting {
    /// When it is looked again for them.
    #[cfg_attr(not(feature = "serve"), expect(clippy::unused_self, reason = "nobody asks without a socket"))]
    fn looked_at(&self) -> Option<Duration> {
        #[cfg(feature = "serve")]
        return (!self.0.is_empty()).then_some(LOOKED_AT);
        #[cfg(not(feature = "serve"))]
        None
    }
}

#[cfg(feature = "serve")]
mod asked {
    use super::{
        Answer, Duration, Given, How, Instant, Job, Keepers, Keeping, LOOKED_AT, NotGiven, Renewal, Span,
        Waiting, Wish, keep, now, renewed_after,
    };
    use crate::server::{Named, Offers};

    impl Offers for Keepers {
        fn find(&self, named: &Named) -> Option<usize> {
            self.0.iter().position(|keeper| match named {
                Named::Provider(provider) => keeper.provider.is_same(provider),
                Named::Credential(name) => keeper.name == *name || keeper.secret.to_string() == name.as_str(),
            })
        }

        fn ask(&self, which: usize, wish: Wish, wait: Duration, answer: Answer) {
            if let Some(keeper) = self.0.get(which) {
                let _ = keeper.jobs.send(Job::Ask { wish, until: now() + wait, answer });
            }
        }

        fn renew(&self, which: usize, version: u64, most: Span, answer: Answer) {
            if let Some(keeper) = self.0.get(which) {
                let _ = keeper.jobs.send(Job::Renew { version, most, answer });
            }
        }
    }

    impl Keeping {
        /// Answers all who wait, or those whose time is over.
        pub(super) fn serve(&mut self, waiting: &mut Waiting) {
            let most = |of: fn(&Wish) -> Span| waiting.0.iter().map(|(wish, ..)| of(wish)).max();
            let (Some(min_valid), Some(most)) = (most(|wish| wish.min_valid), most(|wish| wish.most)) else {
                return;
            };
            let wish = Wish { most, min_valid };
            let answered = self.with_store(|env, desk, kept| {
                let how = How::of_server(&*desk.outbound);
                keep::answer(env, &desk.ring, &how, kept, &wish)?;
                let at = env.store.now()?;
                Ok((kept.given(at), at))
            });
            let error = match answered {
                Ok((given, at)) => {
                    self.said.clear();
                    self.most = most;
                    let lease = given.lease.as_ref();
                    self.renew_at = lease.map(|lease| now() + renewed_after(lease.expires_at, at));
                    self.around.masks.add(&given.value);
                    waiting.0.drain(..).for_each(|(.., answer)| answer(Ok(given.clone())));
                    return;
                }
                Err(error) => error,
            };
            self.renew_at = self.renew_at.filter(|_| self.kept.held.is_some());
            let why = NotGiven::of(&error);
            if matches!(why, NotGiven::Unavailable | NotGiven::Store) {
                let name = self.kept.secret.name.clone();
                self.say(format!("the command gets no token of {name}: {error}"));
            }
            let at = now();
            let is_over = |until: &Instant| why != NotGiven::Busy || *until <= at + LOOKED_AT;
            let over = waiting.0.extract_if(.., |(_, until, _)| is_over(until));
            over.for_each(|(.., answer)| answer(Err(why)));
        }

        pub(super) fn renewed(&mut self, version: u64, most: Span) -> Result<Given, NotGiven> {
            if self.kept.secret.version != version {
                return Err(NotGiven::Ended);
            }
            let renewed = self.with_store(|env, _, kept| {
                let Some(held) = &mut kept.held else { return Ok(Err(NotGiven::Ended)) };
                Ok(match keep::renew(env, held, most)? {
                    Renewal::Done => Ok(kept.given(env.store.now()?)),
                    Renewal::Ending => Err(NotGiven::Busy),
                    Renewal::Lost => Err(NotGiven::Ended),
                })
            });
            renewed.unwrap_or_else(|error| Err(NotGiven::of(&error)))
        }
    }
}
