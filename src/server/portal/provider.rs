//! The provider at which people sign in, as requests use it: what it says of itself is kept for a while, it is asked by few
//! threads at a time, and what came back once does not come back again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, Semaphore};
use tokio::task::spawn_blocking;

use super::jobs::Undone;
use super::links;
use super::stop::Stop;
use crate::domain::credentials::metadata::Metadata;
use crate::domain::outbound::endpoint::Endpoint;
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::portal::origin::Origin;
use crate::domain::portal::transaction::Transaction;
use crate::domain::secrets::secret::SecretValue;
use crate::domain::time::Timestamp;
use crate::ops::credentials::sign_in::place::discover;
use crate::ops::outbound::{Form, Outbound};
use crate::ops::portal::oidc::{IdToken, NotSignedIn, Provider, redeem};
use crate::server::issuers::Issuers;

/// What the operator decided of a provider, and what asks it.
pub(crate) struct Oidc {
    pub(crate) provider: Provider,
    pub(crate) outbound: Arc<dyn Outbound>,
    pub(crate) clock: fn() -> Option<Timestamp>,
}

/// How long one of its documents is waited for: with a token and keys, all of it is shorter than a request may take.
const DOCUMENT: Duration = Duration::from_secs(4);

/// What it says of itself is asked for again after so long, and after a failure; and is good for so long while it is silent.
const FRESH: Duration = Duration::from_mins(10);
const AGAIN: Duration = Duration::from_secs(10);
const OUTLIVED: Duration = Duration::from_hours(1);

/// Codes that are redeemed at once, each by a thread.
const MOST_AT_ONCE: usize = 16;

/// Answers that are remembered: attempts are limited, so these are more than come in the time.
const MOST_USED: usize = 10_000;

pub(super) struct AtProvider {
    pub(super) provider: Arc<Provider>,
    redirect_uri: String,
    outbound: Arc<dyn Outbound>,
    clock: fn() -> Option<Timestamp>,
    issuers: Issuers,
    found: Arc<Mutex<Found>>,
    slots: Arc<Semaphore>,
    /// States whose sign-in was answered, and when that may be forgotten: the sign-in is over then.
    used: Mutex<HashMap<String, Duration>>,
    begun: Instant,
}

#[derive(Default)]
struct Found {
    metadata: Option<Arc<Metadata>>,
    asked_at: Option<Duration>,
    fetched_at: Duration,
    failed: String,
    is_asked: bool,
    answered: Arc<Notify>,
}

enum Step {
    Known(Arc<Metadata>),
    Failed(String),
    Ask,
    Wait,
}

impl Found {
    fn step(&self, now: Duration) -> Step {
        let since = now.saturating_sub(self.fetched_at);
        let known = self.metadata.as_ref().filter(|_| since < FRESH + OUTLIVED);
        let is_due = self.asked_at.is_none_or(|at| now.saturating_sub(at) >= AGAIN);
        match known {
            Some(known) if since < FRESH || (!is_due && !self.is_asked) => Step::Known(Arc::clone(known)),
            _ if self.is_asked => Step::Wait,
            _ if is_due => Step::Ask,
            _ => Step::Failed(self.failed.clone()),
        }
    }
}

impl AtProvider {
    pub(super) fn new(oidc: Oidc, origin: &Origin) -> Self {
        #[expect(clippy::disallowed_methods, reason = "what a provider says is kept for a while from here")]
        let begun = Instant::now();
        Self {
            provider: Arc::new(oidc.provider),
            redirect_uri: format!("{origin}{}", links::CALLBACK),
            // Whoever waits for the keys is told, and the log with them.
            issuers: Issuers::new(Box::new(Arc::clone(&oidc.outbound)), |_| {}),
            outbound: oidc.outbound,
            clock: oidc.clock,
            found: Arc::default(),
            slots: Arc::new(Semaphore::new(MOST_AT_ONCE)),
            used: Mutex::default(),
            begun,
        }
    }

    /// As people know it: its host.
    pub(super) fn name(&self) -> &str {
        let issuer = self.provider.issuer.as_str();
        let rest = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
        rest.split('/').next().unwrap_or(rest)
    }

    pub(super) fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    pub(super) fn now(&self) -> Result<Timestamp, Stop> {
        (self.clock)().ok_or(Stop::Starting)
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the provider says of itself.
    pub(super) async fn metadata(&self) -> Result<Arc<Metadata>, Stop> {
        loop {
            let answered = {
                let mut found = self.found();
                match found.step(self.begun.elapsed()) {
                    Step::Known(metadata) => return Ok(metadata),
                    Step::Failed(why) => return Err(NotSignedIn::Away(why).into()),
                    Step::Ask => {
                        found.is_asked = true;
                        self.ask();
                    }
                    Step::Wait => {}
                }
                // Made under the lock: the answer, which takes it, cannot be missed.
                Arc::clone(&found.answered).notified_owned()
            };
            answered.await;
        }
    }

    /// Whoever wanted to know may be gone before it answers: others ask then for what came of it.
    fn ask(&self) {
        let (found, outbound, provider) =
            (Arc::clone(&self.found), Arc::clone(&self.outbound), Arc::clone(&self.provider));
        let begun = self.begun;
        spawn_blocking(move || {
            let fetched = discover(&*outbound, &provider.issuer, DOCUMENT);
            let now = begun.elapsed();
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            found.is_asked = false;
            found.asked_at = Some(now);
            match fetched {
                Ok(metadata) => {
                    found.metadata = Some(Arc::new(metadata));
                    found.fetched_at = now;
                }
                Err(error) => found.failed = error.to_string(),
            }
            found.answered.notify_waiters();
        });
    }

    /// Takes a sign-in's one answer: a second one is none.
    pub(super) fn use_up(&self, state: &str) -> Result<(), Stop> {
        let now = self.begun.elapsed();
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.retain(|_, until| *until > now);
        if used.contains_key(state) {
            return Err(NotSignedIn::Again.into());
        }
        if used.len() >= MOST_USED {
            return Err(Stop::Undone(Undone::Overloaded));
        }
        let until = now + Duration::from_secs(Transaction::LIVES.unsigned_abs());
        used.insert(state.to_owned(), until);
        Ok(())
    }

    /// Whom the provider knows by this code.
    pub(super) async fn subject(
        &self,
        metadata: Arc<Metadata>,
        transaction: &Arc<Transaction>,
        code: SecretValue,
    ) -> Result<OwnerSubject, Stop> {
        let now = self.now()?;
        let slot = Arc::clone(&self.slots).try_acquire_owned();
        let slot = slot.map_err(|_| Stop::Undone(Undone::Overloaded))?;
        let (outbound, provider) = (Arc::clone(&self.outbound), Arc::clone(&self.provider));
        let (kept, redirect_uri) = (Arc::clone(transaction), self.redirect_uri.clone());
        let redeemed = spawn_blocking(move || {
            let _slot = slot;
            redeem(&*outbound, &provider, &metadata, &redirect_uri, &kept, now, &code)
        });
        let token = redeemed.await.map_err(|_| Stop::Undone(Undone::Overloaded))??;
        // It was made after that.
        let now = self.now()?;
        let token = IdToken::read(&token, now)?;
        let keys = self.issuers.keys(&self.provider.issuer, token.kid()).await;
        let keys = keys
            .map_err(|why| NotSignedIn::Away(format!("its keys cannot be had ({}): {why}", why.reason())))?;
        Ok(token.subject(&keys, &self.provider, transaction, now)?)
    }

    /// The address that a browser is sent to.
    pub(super) fn address(endpoint: &Endpoint, form: &Form<'_>) -> String {
        let before = if endpoint.as_str().contains('?') { '&' } else { '?' };
        let mut query = form_urlencoded::Serializer::new(String::new());
        form.pairs().for_each(|(name, value)| {
            query.append_pair(name, value);
        });
        format!("{endpoint}{before}{}", query.finish())
    }
}
