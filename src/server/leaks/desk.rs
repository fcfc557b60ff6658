//! What every request is answered from.

use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use super::jobs::Jobs;
use crate::config::serve::serve_file::LogLevel;
use crate::domain::id::KeyId;
use crate::domain::keys::key::Key;
use crate::domain::keys::token::TokenId;
use crate::domain::keys::verdict::Reason;
use crate::domain::leaks::policy::Policy;
use crate::domain::outbound::endpoint::Endpoint;
use crate::domain::policies::proxies::Proxies;
use crate::domain::secrets::secret::SecretValue;
use crate::ops;
use crate::ops::desk::Opening;
use crate::ops::env::Env;
use crate::ops::leaks::intake;
use crate::ops::leaks::senders::ReportKeys;
use crate::ops::outbound::Outbound;
use crate::server::bounds::{Sizes, Times};
use crate::server::drain::Drain;
use crate::server::log::{Event, Log};
use crate::server::rate::Rates;
use crate::server::refusal::{Over, Refusal};

/// What the operator decided.
pub(crate) struct Rules {
    pub(crate) policy: Arc<Policy>,
    /// What GitHub signs webhooks with.
    pub(crate) secret: Option<SecretValue>,
    /// By which GitHub's partner program signs.
    pub(crate) keys: Option<Keys>,
    pub(crate) proxies: Proxies,
}

/// Where the keys of the partner program are.
pub(crate) enum Keys {
    Given(ReportKeys),
    Asked { endpoint: Endpoint, outbound: Box<dyn Outbound> },
}

/// As whoever has no key is answered, whatever stands in the body.
pub(super) const UNSIGNED: Refusal = Refusal::Denied { reason: Reason::Unknown, needs: None };

pub(super) const SIZES: Sizes = Sizes { head: 16 * 1024, body: 16 * 1024 * 1024 };

/// What is read before it is known who sends it.
pub(super) const SIGNED: usize = 1024 * 1024;

pub(super) const TIMES: Times = Times {
    idle: Duration::from_secs(75),
    head: Duration::from_secs(5),
    rest: Duration::from_secs(30),
    answer: Duration::from_secs(30),
};

/// Open connections at most.
pub(super) const MOST_CONNECTIONS: usize = 256;

/// Bodies that are held at once: signed ones, and reports.
const MOST_SIGNED: usize = 16;
const MOST_REPORTS: usize = 2;

/// The list of keys is asked for once in this time at most, whatever ids of keys somebody names, and anew after the second. For
/// the third it is good while it cannot be had.
const AGAIN: Duration = Duration::from_mins(1);
const FRESH: Duration = Duration::from_hours(1);
const OUTLIVED: Duration = Duration::from_hours(24);

#[derive(Default)]
struct Kept {
    keys: Option<(ReportKeys, Duration)>,
    tried: Option<Duration>,
}

pub(super) struct Desk {
    pub(super) rules: Rules,
    pub(super) log: Log,
    pub(super) signed: Semaphore,
    pub(super) reports: Semaphore,
    drain: Drain,
    /// There once the store has been read: who looks, and who takes reports.
    jobs: OnceLock<(Jobs, Jobs)>,
    kept: Mutex<Kept>,
    rates: Rates,
    open: AtomicUsize,
    begun: Instant,
}

impl Desk {
    pub(super) fn new(rules: Rules, log: Log, drain: Drain) -> Self {
        #[expect(clippy::disallowed_methods, reason = "what is kept counts from here")]
        let begun = Instant::now();
        let (signed, reports) = (Semaphore::new(MOST_SIGNED), Semaphore::new(MOST_REPORTS));
        let (jobs, kept, open) = (OnceLock::new(), Mutex::default(), AtomicUsize::new(0));
        let rates = Rates::new();
        Self { rules, log, signed, reports, drain, jobs, kept, rates, open, begun }
    }

    pub(super) fn begin(&self, opening: Opening) -> io::Result<()> {
        let opening = Arc::new(opening);
        let looks = Jobs::start("leaks-looks", Arc::clone(&opening))?;
        let _ = self.jobs.set((looks, Jobs::start("leaks-reports", opening)?));
        Ok(())
    }

    pub(super) fn is_ready(&self) -> bool {
        self.jobs.get().is_some() && !self.is_draining()
    }

    pub(super) fn is_draining(&self) -> bool {
        self.drain.has_begun()
    }

    pub(super) fn connected(&self) -> usize {
        self.open.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn disconnected(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    /// Looks something up in the store.
    pub(super) async fn look<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Env) -> Result<T, ops::Error> + Send + 'static,
    ) -> Result<T, Refusal> {
        let (looks, _) = self.jobs.get().ok_or(Refusal::Unavailable("starting"))?;
        self.done(looks.run(job).await?)
    }

    /// Does what follows of a report.
    pub(super) async fn take<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Env) -> Result<T, ops::Error> + Send + 'static,
    ) -> Result<T, Refusal> {
        let (_, reports) = self.jobs.get().ok_or(Refusal::Unavailable("starting"))?;
        self.done(reports.run(job).await?)
    }

    /// Tokens of revoked keys came with a request: which of them are canaries is looked up once it is answered, so that no answer
    /// takes longer for one.
    pub(super) fn presented(
        self: &Arc<Self>,
        revoked: Vec<(KeyId, TokenId)>,
        address: Option<IpAddr>,
        path: &'static str,
    ) {
        let Some((looks, _)) = self.jobs.get().filter(|_| !revoked.is_empty()) else { return };
        let (own, of_failed) = (Arc::clone(self), Arc::clone(self));
        let job = move |env: &mut Env| {
            for (key, token) in intake::note_presented(&mut env.store, revoked, address, path)? {
                own.sound(key, &token, address, path);
            }
            Ok(())
        };
        let failed = move |error: &ops::Error| {
            let said = format!("whether a canary was seen could not be looked up or recorded: {error}");
            of_failed.log.say(LogLevel::Error, &said);
        };
        if !looks.later(job, failed) {
            self.log.say(LogLevel::Error, "whether a canary was seen was not looked up: too much is asked");
        }
    }

    /// Says that a canary was seen.
    pub(super) fn sound(&self, key: KeyId, token: &TokenId, address: Option<IpAddr>, path: &str) {
        let event = Event {
            message: format!("a canary was seen, at {path}").into(),
            reason: Some("canary"),
            key: Some(key.to_string()),
            token_id: Some(token.as_str()),
            client: address.map(|address| address.to_string()),
            ..Event::default()
        };
        if self.log.takes_refusal(LogLevel::Error) {
            self.log.event(LogLevel::Error, &event);
        }
    }

    /// Takes one request of a key with a rate.
    pub(super) fn take_of_rate(&self, key: &Key) -> Result<(), Refusal> {
        let Some(rate) = key.rate else { return Ok(()) };
        let now = self.begun.elapsed().as_secs_f64();
        let taken = self.rates.of(key.id, now).take(rate, now);
        if taken.is_within { Ok(()) } else { Err(Refusal::Rate(Over { rate, after: taken.after })) }
    }

    fn done<T>(&self, done: Result<T, ops::Error>) -> Result<T, Refusal> {
        done.map_err(|error| {
            self.log.say(LogLevel::Error, &format!("the store cannot be read or changed: {error}"));
            Refusal::Unavailable("store_failed")
        })
    }

    /// Whether the partner program signed this. It may ask for the list of keys, and blocks.
    pub(super) fn is_by_partner(&self, id: &str, body: &[u8], signature: &str) -> bool {
        let (endpoint, outbound) = match &self.rules.keys {
            None => return false,
            Some(Keys::Given(keys)) => return keys.verify(id, body, signature),
            Some(Keys::Asked { endpoint, outbound }) => (endpoint, outbound),
        };
        let now = self.begun.elapsed();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = |kept: &Kept| {
            kept.keys.as_ref().is_some_and(|(keys, at)| now.saturating_sub(*at) < FRESH && keys.has(id))
        };
        let may_ask = kept.tried.is_none_or(|tried| now.saturating_sub(tried) >= AGAIN);
        if !is_known(&kept) && may_ask {
            kept.tried = Some(now);
            match ReportKeys::fetch(&**outbound, endpoint) {
                Ok(keys) => kept.keys = Some((keys, now)),
                Err(error) => {
                    let why = format!("the list of GitHub's keys cannot be had: {error}");
                    self.log.say(LogLevel::Error, &why);
                }
            }
        }
        let keys = kept.keys.as_ref().filter(|(_, at)| now.saturating_sub(*at) < OUTLIVED);
        keys.is_some_and(|(keys, _)| keys.verify(id, body, signature))
    }
}
