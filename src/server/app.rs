//! What every request is answered from.

use std::collections::BTreeSet;
use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once, OnceLock};
use std::time::{Duration, Instant};

use super::beside::Beside;
use super::bounds::{Sizes, Times};
use super::broker::{self, Broker, HandedOut, Wish};
use super::canaries::At;
use super::drain::Drain;
use super::failed::Failed;
use super::issuers::Issuers;
use super::log::Log;
use super::metrics::{Metrics, StoreSeen};
use super::opened_keys::UpstreamKeys;
use super::rate::Rates;
use super::refusal::{Over, Refusal};
use super::revocations::Revocations;
use super::uses::Uses;
use crate::config::serve::serve_file::{LabelNames, LogLevel, Resource};
use crate::domain::id::KeyId;
use crate::domain::keys::scope::Scope;
use crate::domain::keys::verdict::{Denial, Grant};
use crate::domain::policies::policy::{Policies, Policy, PolicyName};
use crate::domain::policies::proxies::Proxies;
use crate::domain::secrets::secret::Provider;
use crate::domain::time::{Span, Timestamp};
use crate::ops::secrets::hand_out::Handed;
use crate::runtime::serving::{self, Caller, Callers, Signing};
use crate::runtime::{KeyFault, SecretError};

/// What the operator decided.
pub(crate) struct Rules {
    pub policies: Policies,
    pub proxies: Proxies,
    /// Nothing is refused by `/auth`, only counted.
    pub observe: bool,
    /// Of challenges.
    pub realm: String,
    pub resource: Option<Resource>,
    /// Whether provider secrets are handed out.
    pub resolve: bool,
    /// Whether tokens of credentials are.
    pub leases: bool,
    pub sizes: Sizes,
    pub times: Times,
    /// Open connections at most.
    pub connections: usize,
    /// Wrong tokens of one address in a minute.
    pub failed_attempts: usize,
    /// Which labels of a key say what to servers that delegate.
    pub labels: LabelNames,
}

/// A provider's secret.
pub(super) enum Resolved {
    Kept(serving::Kept),
    Got(Arc<Handed>),
}

pub(super) struct App {
    rules: Rules,
    /// There once the store has been read.
    callers: OnceLock<Callers>,
    /// There where holders may end their keys.
    revocations: OnceLock<Revocations>,
    /// There where tokens are got for keys.
    broker: OnceLock<Broker>,
    issues: AtomicBool,
    /// There where tokens are issued: who is asked for a CI's keys.
    issuers: OnceLock<Issuers>,
    /// Where its metadata is.
    metadata_url: Option<String>,
    pub(super) log: Log,
    pub(super) metrics: Metrics,
    drain: Drain,
    rates: Rates,
    pub(super) uses: Uses,
    pub(super) upstream_keys: UpstreamKeys,
    failed: Failed,
    /// Said once.
    roles_untold: Once,
    begun: Instant,
}

impl App {
    pub(super) fn new(rules: Rules, log: Log, drain: Drain, uses: Uses) -> Self {
        #[expect(clippy::disallowed_methods, reason = "rates count from here")]
        let begun = Instant::now();
        Self {
            metadata_url: rules.resource.as_ref().map(Resource::metadata_url),
            failed: Failed::new(rules.failed_attempts),
            rules,
            callers: OnceLock::new(),
            revocations: OnceLock::new(),
            broker: OnceLock::new(),
            issues: AtomicBool::new(false),
            issuers: OnceLock::new(),
            log,
            metrics: Metrics::new(),
            drain,
            rates: Rates::new(),
            uses,
            upstream_keys: UpstreamKeys::new(),
            roles_untold: Once::new(),
            begun,
        }
    }

    /// The store was opened.
    pub(super) fn begin(&self, callers: Callers) {
        let _ = self.callers.set(callers);
    }

    pub(super) fn begin_revoking(&self, revocations: Revocations) {
        let _ = self.revocations.set(revocations);
    }

    pub(super) fn begin_leasing(&self, broker: Broker) {
        let _ = self.broker.set(broker);
    }

    /// Who gets tokens; nobody where no store is named for it.
    pub(super) fn broker(&self) -> Result<&Broker, Refusal> {
        self.broker.get().ok_or(Refusal::Unavailable("starting"))
    }

    /// What a key is to be handed, waiting that long.
    pub(super) async fn handed_out(&self, wish: &Wish, within: Duration) -> Result<HandedOut, Refusal> {
        self.broker()?.hand_out(wish, self.callers()?.counter(), within).await
    }

    /// Nobody gets what was handed out: a lease of it is given up, and counted no more.
    pub(super) async fn give_back(&self, wish: &Wish, handed: HandedOut) {
        if let (HandedOut::Leased(leased), Ok(broker)) = (handed, self.broker()) {
            broker.give_back(wish, leased.token).await;
        }
    }

    /// A token that is kept for a key and provider.
    pub(super) fn at_hand(&self, key: KeyId, provider: &Provider) -> Option<Arc<Handed>> {
        let (broker, callers) = (self.broker.get()?, self.callers.get()?);
        broker.at_hand(key, provider, callers.counter())
    }

    /// Opens the key that signs, once the store was read.
    pub(super) fn begin_issuing(
        &self,
        signing: Signing,
        say: impl Fn(&str) + Send + 'static,
    ) -> io::Result<()> {
        self.issues.store(true, Ordering::Relaxed);
        self.callers.get().map_or(Ok(()), |callers| callers.sign_with(signing, say))
    }

    pub(super) fn begin_asking(&self, issuers: Issuers) {
        let _ = self.issuers.set(issuers);
    }

    pub(super) fn issuers(&self) -> Option<&Issuers> {
        self.issuers.get()
    }

    /// Whether short-lived tokens are issued.
    pub(super) fn issues(&self) -> bool {
        self.issues.load(Ordering::Relaxed)
    }

    /// Who is known here.
    pub(super) fn callers(&self) -> Result<&Callers, Refusal> {
        self.callers.get().ok_or(Refusal::Unavailable("starting"))
    }

    /// Whether holders may end their keys.
    pub(super) fn revokes(&self) -> bool {
        self.revocations.get().is_some()
    }

    /// Who is known here, and the way to revoke.
    pub(super) fn revoking(&self) -> Result<(&Callers, &Revocations), Refusal> {
        self.callers.get().zip(self.revocations.get()).ok_or(Refusal::NotRevoked("starting"))
    }

    /// How the store is, as it is seen from here.
    pub(super) fn store_seen(&self) -> StoreSeen {
        match self.callers.get() {
            None => StoreSeen { age: self.begun.elapsed(), is_readable: false },
            Some(callers) => StoreSeen {
                age: Duration::from_millis(callers.age().unsigned_abs()),
                is_readable: callers.fault().is_none(),
            },
        }
    }

    pub(super) fn is_ready(&self) -> bool {
        self.callers.get().is_some() && !self.drain.has_begun()
    }

    pub(super) fn is_draining(&self) -> bool {
        self.drain.has_begun()
    }

    /// Who presents a token.
    pub(super) async fn caller(&self, token: &str) -> Result<Caller, Refusal> {
        let callers = self.callers.get().ok_or(Refusal::Unavailable("starting"))?;
        match callers.at_hand(token) {
            Some(caller) => Ok(caller),
            None => Ok(callers.caller(token).await?),
        }
    }

    /// Who presents a token there: whoever presents that of a canary is counted.
    pub(super) async fn presented(&self, token: &str, at: At<'_>) -> Result<Caller, Refusal> {
        let caller = self.caller(token).await?;
        if let Some(grant) = caller.of_revoked() {
            self.uses.presented_revoked(grant, at, self.callers()?.counter());
        }
        Ok(caller)
    }

    /// The provider's secret that the token of a good key leads to: as it stands in the store, or got anew if it ends and
    /// somebody else can give another one.
    pub(super) async fn secret(&self, token: &str, wish: &Wish) -> Result<Resolved, Refusal> {
        if let Some(handed) = self.at_hand(wish.key, &wish.provider) {
            return Ok(Resolved::Got(handed));
        }
        let kept = self.callers()?.secret(token, &wish.provider).await;
        self.kept_or_got(kept, wish).await
    }

    /// The same of a key that is known to be good, and the counter of the change up to which that is so:
    /// [`Callers::secret_of`].
    pub(super) async fn secret_of(
        &self,
        grant: &Arc<Grant>,
        wish: &Wish,
    ) -> Result<(Resolved, i64), Refusal> {
        let callers = self.callers()?;
        let counter = callers.counter();
        if let Some(handed) = self.at_hand(wish.key, &wish.provider) {
            return Ok((Resolved::Got(handed), counter));
        }
        let (kept, counter) = match callers.secret_of(grant, &wish.provider).await {
            Ok((kept, counter)) => (Ok(kept), counter),
            Err(error) => (Err(error), counter),
        };
        Ok((self.kept_or_got(kept, wish).await?, counter))
    }

    async fn kept_or_got(
        &self,
        kept: Result<serving::Kept, SecretError>,
        wish: &Wish,
    ) -> Result<Resolved, Refusal> {
        let refused = |error| match error {
            SecretError::Denied(reason) => Refusal::Denied { reason, needs: None },
            SecretError::Store(store) => store.into(),
            SecretError::Key(fault) => Refusal::KeyUnavailable(fault.as_str()),
        };
        let is_due = match &kept {
            Ok(kept) => kept.expires_at.is_some_and(|end| self.ends_within(end, wish.min_valid)),
            Err(error) => *error == SecretError::Key(KeyFault::Expired),
        };
        if !is_due || self.broker.get().is_none() {
            return kept.map(Resolved::Kept).map_err(refused);
        }
        match (self.handed_out(wish, broker::LONGEST_WAIT).await, kept) {
            (Ok(HandedOut::Token(handed)), _) => Ok(Resolved::Got(handed)),
            // What ends soon is good until then.
            (_, Ok(kept)) => Ok(Resolved::Kept(kept)),
            (
                Err(
                    refusal @ (Refusal::Busy
                    | Refusal::Overloaded
                    | Refusal::Unavailable(_)
                    | Refusal::NoToken { .. }),
                ),
                _,
            ) => Err(refusal),
            (_, Err(error)) => Err(refused(error)),
        }
    }

    pub(super) fn ends_within(&self, end: Timestamp, margin: Span) -> bool {
        self.uses.now().and_then(|now| now.after(margin)).is_none_or(|then| end <= then)
    }

    pub(super) fn policy(&self, name: &PolicyName) -> Option<&Policy> {
        self.rules.policies.get(name)
    }

    pub(super) fn policies(&self) -> &Policies {
        &self.rules.policies
    }

    /// Whether what is presented is for this policy, or for none: a short-lived token says for whom it is.
    pub(super) fn takes(&self, caller: &Caller, policy: Option<&Policy>) -> bool {
        caller.is_for().is_none_or(|is_for| {
            self.rules.policies.take(policy, is_for.issuer, is_for.audiences.iter().map(|one| &**one))
        })
    }

    /// Whether what a policy refuses passes, and is only counted.
    pub(super) fn observes(&self, policy: Option<&Policy>) -> bool {
        self.rules.observe || policy.is_some_and(|policy| policy.observe)
    }

    /// Whether a good key may ask once more.
    pub(super) async fn admit(&self, caller: &Caller, grant: &Grant) -> Result<(), Refusal> {
        let Some((limits, beside)) = caller.limits().zip(Beside::of(caller)) else { return Ok(()) };
        if let Some(rate) = limits.rate {
            let now = self.seconds();
            let taken = beside.bucket.get_or_init(|| self.rates.of(grant.key_id, now)).take(rate, now);
            if !taken.is_within {
                return Err(Refusal::Rate(Over { rate, after: taken.after }));
            }
        }
        match &limits.quotas {
            None => Ok(()),
            Some(quotas) => self.uses.spend(grant, quotas, 1).await,
        }
    }

    /// Counts that somebody who is known was let in, or was not.
    pub(super) fn answered(&self, caller: &Caller, is_allowed: bool, address: Option<IpAddr>) {
        if let Some((grant, beside)) = caller.grant().zip(Beside::of(caller)) {
            self.uses.answered(&beside.used, grant, is_allowed, address);
        }
    }

    /// Whether a key's quotas are not spent, or one request more is; 0 only looks.
    pub(super) async fn spend(&self, caller: &Caller, grant: &Grant, count: u64) -> Result<(), Refusal> {
        match caller.limits().and_then(|limits| limits.quotas.as_ref()) {
            None => Ok(()),
            Some(quotas) => self.uses.spend(grant, quotas, count).await,
        }
    }

    /// Whether uses are counted here, so that a key with a quota may pass.
    pub(super) fn counts_uses(&self) -> bool {
        self.uses.counts()
    }

    /// The refusal of a token, or another one if too many came from this address.
    pub(super) fn refused_token(&self, refusal: Refusal, token: &str, client: Option<IpAddr>) -> Refusal {
        let is_wrong =
            matches!(&refusal, Refusal::Denied { reason, .. } if reason.denial() == Denial::Unauthorized);
        let client = client.filter(|_| is_wrong && !self.rules.proxies.is_empty());
        let too_many = client.and_then(|client| self.failed.count(client, token, self.seconds()));
        too_many.map_or(refusal, Refusal::Failed)
    }

    /// Since the server began.
    fn seconds(&self) -> f64 {
        self.begun.elapsed().as_secs_f64()
    }

    /// For callers that compare exactly: what was granted, and what policies, and the keys and roles of the store, name
    /// below it.
    pub(super) fn effective_scopes(&self, grant: &Grant) -> Vec<String> {
        let routes = self.rules.policies.iter().flat_map(Policy::routes);
        let of_routes = routes.filter_map(|route| route.need.scope());
        let of_store = self.callers.get().map(Callers::scope_names).unwrap_or_default();
        let below = of_routes.chain(&*of_store).filter(|scope| grant.scopes.cover(scope));
        let all: BTreeSet<&str> = grant.scopes.iter().chain(below).map(Scope::as_str).collect();
        all.into_iter().map(str::to_owned).collect()
    }

    /// The roles of a good caller's key; none, and a line in the log, where the store does not tell them.
    pub(super) async fn roles(&self, caller: &Caller) -> Result<Arc<[String]>, Refusal> {
        let callers = self.callers.get().ok_or(Refusal::Unavailable("starting"))?;
        let roles = callers.roles(caller).await?;
        Ok(roles.unwrap_or_else(|| {
            self.roles_untold.call_once(|| {
                let why = "roles are not told by /validate: the store has no view of them, or its role may not read it";
                self.log.say(LogLevel::Warn, why);
            });
            Arc::default()
        }))
    }

    pub(super) fn labels(&self) -> &LabelNames {
        &self.rules.labels
    }

    /// Whether provider secrets are handed out.
    pub(super) fn resolves(&self) -> bool {
        self.rules.resolve
    }

    /// Whether tokens of credentials are handed out, also while the store could not be read yet.
    pub(super) fn leases(&self) -> bool {
        self.rules.leases
    }

    pub(super) fn proxies(&self) -> &Proxies {
        &self.rules.proxies
    }

    pub(super) fn realm(&self) -> &str {
        &self.rules.realm
    }

    pub(super) fn resource(&self) -> Option<&Resource> {
        self.rules.resource.as_ref()
    }

    pub(super) fn metadata_url(&self) -> Option<&str> {
        self.metadata_url.as_deref()
    }

    pub(super) fn sizes(&self) -> Sizes {
        self.rules.sizes
    }

    pub(super) fn times(&self) -> Times {
        self.rules.times
    }

    pub(super) fn most_connections(&self) -> usize {
        self.rules.connections
    }
}
