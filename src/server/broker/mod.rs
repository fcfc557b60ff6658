//! Tokens for those who present a key: of credentials, got anew before they end, and by federations. One is got for all who
//! wait for the same, on threads that answer nobody.

mod kept;
#[cfg(feature = "internals")]
pub(super) mod measured;
mod refused;
mod threads;
mod unmet;

use std::hash::RandomState;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kept::{Found, Kept, Tick};
use refused::{Refusals, Whose};
use threads::{Threads, Work};
use unmet::Unmet;

use super::refusal::Refusal;
use crate::config::serve::serve_file::LogLevel;
use crate::domain::credentials::credential::CredentialState;
use crate::domain::credentials::lease::{HolderToken, Lease};
use crate::domain::id::KeyId;
use crate::domain::secrets::secret::{Provider, SecretId};
use crate::domain::time::Span;
use crate::ops::Error;
use crate::ops::credentials::current::How;
pub(super) use crate::ops::credentials::current::MIN_VALID;
use crate::ops::credentials::{hold, show};
use crate::ops::desk::Desk;
use crate::ops::secrets::hand_out::{self, Entitled, Handed, LeaseAsked, Leased, Refused};
use crate::ops::secrets::nearest::bound_anew;
use crate::runtime::flight::Flights;

/// What is asked for, for a key that was found to be good.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    pub(super) key: KeyId,
    /// The key that presented the other one, or itself.
    pub(super) asked_by: KeyId,
    /// As leases and records name it.
    pub(super) who: String,
    pub(super) provider: Provider,
    pub(super) min_valid: Span,
    /// How long a lease is wanted for, where one is.
    pub(super) lease: Option<Span>,
}

/// What is handed out.
pub(super) enum HandedOut {
    Token(Arc<Handed>),
    /// Counted with the lease.
    Leased(Box<Leased>),
}

/// Writes a line of the log.
type Say = dyn Fn(LogLevel, &str) + Send + Sync;

/// How long others are waited for: a provider's answer may take ten seconds more, and a client is answered within thirty.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// How long whoever reads metrics waits for what is counted in the store; then it is as it was.
const COUNTED_WITHIN: Duration = Duration::from_secs(2);

/// Between two tries where others use, or get, what is asked for.
const AGAIN: Duration = Duration::from_millis(60);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Get {
    secret: SecretId,
    min_valid: Span,
}

/// What a key is bound to, looked at after the version that is named was there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Look {
    key: KeyId,
    provider: Provider,
    since: Option<(SecretId, u64)>,
}

#[derive(Clone)]
pub(crate) struct Broker(Arc<Shared>);

struct Shared {
    threads: Threads<Desk>,
    looks: Flights<Look, Result<Entitled, Unmet>, RandomState>,
    gets: Flights<Get, Result<Arc<Handed>, Unmet>, RandomState>,
    exchanges: Flights<(KeyId, Provider), Result<Arc<Handed>, Unmet>, RandomState>,
    kept: Kept,
    refusals: Refusals,
    say: Box<Say>,
}

impl Broker {
    pub(super) fn start(
        desk: Desk,
        say: impl Fn(LogLevel, &str) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        Ok(Self(Arc::new(Shared {
            threads: Threads::start(desk)?,
            looks: Flights::new(),
            gets: Flights::new(),
            exchanges: Flights::new(),
            kept: Kept::default(),
            refusals: Refusals::default(),
            say: Box::new(say),
        })))
    }

    /// Waits for what is under way: an answer that is not stored would be lost with this process.
    pub(super) fn finish(&self, within: Duration) {
        self.0.threads.finish(within);
    }

    /// A token that is kept for a key. `counter`: of the last change that is in force.
    pub(super) fn at_hand(&self, key: KeyId, provider: &Provider, counter: i64) -> Option<Arc<Handed>> {
        match self.0.kept.get(key, provider, counter, Tick::now())? {
            Found::Good(handed) => Some(handed),
            Found::Ending(_) | Found::Unsure(_) => None,
        }
    }

    /// What a key is to be handed. [`Refusal::KeyUnavailable`] where it is bound to no credential.
    pub(super) async fn hand_out(
        &self,
        wish: &Wish,
        counter: i64,
        within: Duration,
    ) -> Result<HandedOut, Refusal> {
        let until = now() + within.min(LONGEST_WAIT);
        if let Some(handed) = self.kept(wish, counter).await? {
            return Ok(HandedOut::Token(handed));
        }
        loop {
            match self.try_once(wish, counter).await {
                Err(Unmet::Busy) if now() + AGAIN < until => tokio::time::sleep(AGAIN).await,
                done => return Ok(done?),
            }
        }
    }

    async fn try_once(&self, wish: &Wish, counter: i64) -> Result<HandedOut, Unmet> {
        let Wish { key, provider, .. } = wish;
        let found = self.entitled(Look { key: *key, provider: provider.clone(), since: None }).await?;
        match (found, wish.lease) {
            (Entitled::Set, _) => {
                Err(Unmet::Unavailable(format!("the secret for {provider} is no credential")))
            }
            (Entitled::Federated { secret, .. }, _) => {
                Ok(HandedOut::Token(self.exchange(wish, secret, counter).await?))
            }
            (Entitled::Credential { secret, refresh_invalidates: true, .. }, Some(most)) => {
                self.lease(wish, secret, most).await
            }
            (Entitled::Credential { secret, version, .. }, _) => {
                let handed = self.get(wish, secret).await?;
                if handed.version != version {
                    self.still_bound(wish, secret, handed.version).await?;
                }
                Ok(HandedOut::Token(handed))
            }
        }
    }

    async fn entitled(&self, look: Look) -> Result<Entitled, Unmet> {
        let Look { key, provider, .. } = look.clone();
        let job = move |work: &mut Work<'_>| hand_out::entitled(&mut work.env.store, key, &provider);
        self.0
            .looks
            .share_async(look, async || self.noted(self.0.threads.run(None, job, Unmet::of).await))
            .await
    }

    /// A new token was got, which takes seconds: whether the key is still bound to what it is of.
    async fn still_bound(&self, wish: &Wish, secret: SecretId, version: u64) -> Result<(), Unmet> {
        let Wish { key, provider, .. } = wish;
        let look = Look { key: *key, provider: provider.clone(), since: Some((secret, version)) };
        match self.entitled(look).await? {
            Entitled::Credential { secret: found, .. } if found == secret => Ok(()),
            _ => Err(Unmet::of(bound_anew())),
        }
    }

    async fn get(&self, wish: &Wish, secret: SecretId) -> Result<Arc<Handed>, Unmet> {
        let min_valid = wish.min_valid;
        let job = move |work: &mut Work<'_>| {
            let how = How::of_server(work.outbound);
            hand_out::token(work.env, work.ring, &how, secret, min_valid).map(Arc::new)
        };
        let get = async || self.noted(self.0.threads.run(Some(secret), job, Unmet::of).await);
        self.0.gets.share_async(Get { secret, min_valid }, get).await
    }

    async fn lease(&self, wish: &Wish, secret: SecretId, most: Span) -> Result<HandedOut, Unmet> {
        let Wish { key, asked_by, min_valid, .. } = *wish;
        let who = wish.who.clone();
        let job = move |work: &mut Work<'_>| {
            let how = How::of_server(work.outbound);
            let asked = LeaseAsked { key, asked_by, most, min_valid };
            work.env.actor.claimed = Some(who);
            hand_out::lease(work.env, work.ring, &how, secret, &asked)
        };
        let leased = self.noted(self.0.threads.run(Some(secret), job, Unmet::of).await)?;
        if let Err(unmet) = self.still_bound(wish, secret, leased.handed.version).await {
            self.give_back(wish, leased.token).await;
            return Err(unmet);
        }
        Ok(HandedOut::Leased(Box::new(leased)))
    }

    /// What is kept, if it may be used: looked at again where something was changed meanwhile, and got anew before it ends.
    async fn kept(&self, wish: &Wish, counter: i64) -> Result<Option<Arc<Handed>>, Unmet> {
        let Wish { key, provider, .. } = wish;
        match self.0.kept.get(*key, provider, counter, Tick::now()) {
            None => Ok(None),
            Some(Found::Good(handed)) => Ok(Some(handed)),
            Some(Found::Ending(handed)) => {
                let (broker, wish, secret) = (self.clone(), wish.clone(), handed.secret);
                // What comes of it is kept, and why nothing does is logged.
                tokio::task::spawn_local(async move { broker.exchange(&wish, secret, counter).await });
                Ok(Some(handed))
            }
            Some(Found::Unsure(token)) => {
                let since = Some((token.secret(), u64::try_from(counter).unwrap_or(0)));
                let look = Look { key: *key, provider: provider.clone(), since };
                if self.entitled(look).await? == token.entitled {
                    Kept::confirm(&token, counter);
                    return Ok(Some(token.handed()));
                }
                self.0.kept.forget(*key, provider);
                Ok(None)
            }
        }
    }

    async fn exchange(&self, wish: &Wish, secret: SecretId, counter: i64) -> Result<Arc<Handed>, Unmet> {
        let Wish { key, provider, .. } = wish;
        let exchange = async || {
            let begun = Tick::now();
            let whose = [Whose::Key(*key, provider.clone()), Whose::Everybody(secret)];
            if let Some(unmet) = self.0.refusals.standing(&whose, counter, begun) {
                return Err(unmet);
            }
            let (key, asked) = (*key, provider.clone());
            let job = move |work: &mut Work<'_>| {
                hand_out::exchange(work.env, work.ring, work.outbound, key, &asked)
            };
            let done = self.noted(self.0.threads.run(Some(secret), job, Unmet::of).await)?;
            let Refused { why, is_of_all, retry_after, draw } = match done {
                Ok(exchanged) => {
                    self.0.refusals.forget(&whose);
                    self.0.kept.sweep(counter, begun);
                    return Ok(self.0.kept.put(key, provider.clone(), exchanged, counter, begun));
                }
                Err(refused) => refused,
            };
            let [of_key, of_all] = whose;
            let whose = if is_of_all { of_all } else { of_key };
            self.noted(Err(self.0.refusals.note(whose, why, retry_after, draw, counter, Tick::now())))
        };
        self.0.exchanges.share_async((*key, provider.clone()), exchange).await
    }

    /// Holds a lease for longer.
    pub(super) async fn renew(&self, token: HolderToken, most: Span) -> Result<Vec<Lease>, Refusal> {
        let job = move |work: &mut Work<'_>| hand_out::renew(work.env, &token, most);
        Ok(self.0.threads.run(None, job, Unmet::of_renewal).await?)
    }

    /// Gives a lease up.
    pub(super) async fn release(&self, token: HolderToken) -> Result<(), Refusal> {
        let job = move |work: &mut Work<'_>| hold::release(work.env, &token).map(drop);
        Ok(self.0.threads.run(None, job, Unmet::of).await?)
    }

    /// Nobody gets what a lease was taken for. Where this fails, it ends by itself.
    pub(super) async fn give_back(&self, wish: &Wish, token: HolderToken) {
        let Wish { key, asked_by, .. } = *wish;
        let job = move |work: &mut Work<'_>| hold::give_back(work.env, &token, (key, asked_by));
        let _ = self.0.threads.run(None, job, Unmet::of).await;
    }

    /// How many credentials there are in each state, where that is known in time.
    pub(super) async fn states(&self) -> Option<[(CredentialState, i64); 2]> {
        let job = move |work: &mut Work<'_>| {
            let mut counts = [(CredentialState::Good, 0), (CredentialState::NeedsReauth, 0)];
            show::list(&mut work.env.store, |credential| {
                counts
                    .iter_mut()
                    .filter(|(state, _)| *state == credential.state)
                    .for_each(|(_, count)| *count += 1);
                Ok::<_, Error>(())
            })?;
            Ok(counts)
        };
        tokio::time::timeout(COUNTED_WITHIN, self.0.threads.run(None, job, Unmet::of)).await.ok()?.ok()
    }

    /// Why there is no token is for the operator: callers are told a word.
    fn noted<T>(&self, done: Result<T, Unmet>) -> Result<T, Unmet> {
        if let Err(unmet) = &done
            && let Some((why, is_ours)) = unmet.said()
        {
            let level = if is_ours { LogLevel::Error } else { LogLevel::Warn };
            (self.0.say)(level, &format!("no token is handed out: {why}"));
        }
        done
    }
}

#[expect(clippy::disallowed_methods, reason = "how long a token is kept, and a client is waited for")]
pub(super) fn now() -> Instant {
    Instant::now()
}
