//! What a service needs: whether a presented token is good, and which provider's secret it
//! leads to. keyctl itself does not run; the store is read, and never written.
//!
//! ```no_run
//! use keyctl::runtime::{Asked, Options, Reader, Verified};
//!
//! let reader = Reader::open("/srv/keys.db", Options::default())?;
//! let asked = Asked { scope: Some("memories:read".parse()?), ..Asked::default() };
//! match reader.verify("sks_…", &asked)? {
//!     Verified::Allowed(grant) => println!("{} may", grant.principal),
//!     Verified::Denied(reason) => println!("{}", reason.denial().status()),
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `docs/runtime.md` is the contract that this reader shares with those in other languages: what
//! is read, when a kept answer is used, and whose fault each failure is.

mod cache;
#[cfg(feature = "serve")]
mod caller;
mod cells;
mod clock;
#[cfg(feature = "internals")]
mod conformance;
mod fault;
pub(crate) mod flight;
#[cfg(feature = "serve")]
mod flood;
mod jwt;
mod keys;
mod lease;
mod lookup;
mod options;
mod pool;
mod rollback;
mod secret;
#[cfg(all(feature = "serve", feature = "internals"))]
pub mod serving;
#[cfg(all(feature = "serve", not(feature = "internals")))]
pub(crate) mod serving;
#[cfg(feature = "serve")]
pub(crate) mod short_lived;
#[cfg(feature = "serve")]
mod signing;
#[cfg(feature = "serve")]
mod wire;

use std::hash::BuildHasherDefault;
use std::sync::{Arc, Mutex};

use uuid::Uuid;
use zeroize::Zeroizing;

use crate::config::place;
use crate::crypto::keyring::Keyring;
use crate::domain::hashing::AsItIs;
pub use crate::domain::id::{KeyId, KeyIdError};
use crate::domain::keys::foreign::HashAlg;
pub use crate::domain::keys::key::{State, UnknownState};
pub use crate::domain::keys::scope::{Scope, ScopeError, Scopes};
pub use crate::domain::keys::token::{TokenError, TokenId};
pub use crate::domain::keys::verdict::{Asked, Denial, Grant, Reason};
pub use crate::domain::owners::owner::{KeyName, NameError, Owner};
pub use crate::domain::owners::subject::{OwnerSubject, SubjectError};
pub use crate::domain::secrets::secret::{Provider, SecretValue, SecretValueError};
pub use crate::domain::texts::text::CodePoint;
pub use crate::domain::time::{Timestamp, TimestampError};
pub use crate::domain::tokens::audience::{Audience, AudienceError};
use crate::store::{self, Bound, Columns, Location, Sight, Views};
use cache::{Cache, DENIED_FOR, DUE, Entry, Fingerprint, Known, Reading};
use cells::Trusted;
use clock::{Clock, Moment};
#[cfg(feature = "internals")]
pub use conformance::answer;
pub use fault::{KeyFault, StoreFault, Unavailable};
use flight::Flights;
pub use jwt::{JwtAsked, JwtGrant, JwtReason, VerifiedJwt};
use jwt::{KeptJwt, Question};
pub use keys::{MasterKeys, MasterKeysError};
pub use lease::{Lease, LeaseError, LeaseFault, LeaseOptions, LeasedToken, Present, PresentError};
use lookup::Look;
pub use options::Options;
use pool::Pool;
pub use rollback::OnRollback;
use rollback::Read;
use secret::Opened;
pub use secret::SecretError;

/// Whether a token is good for what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Verified {
    /// It is, and who may do what.
    Allowed(Arc<Grant>),
    /// It is not. To the outside, all reasons of one [`Denial`] look the same.
    Denied(Reason),
}

/// Reads a store for a service. Clones share connections and kept answers.
#[derive(Clone)]
pub struct Reader(Arc<Shared>);

struct Shared {
    pool: Pool,
    clock: Clock,
    cache: Cache,
    /// Whoever reads the mark anew.
    refreshing: Mutex<Option<Moment>>,
    flights: Flights<Fingerprint, Result<Arc<Entry>, Unavailable>, BuildHasherDefault<AsItIs>>,
    keys: Option<Keyring>,
    allow_unmetered: bool,
    on_rollback: OnRollback,
    credentials: Arc<lease::Configured>,
    /// The store that was opened, and where it was.
    uuid: Uuid,
    #[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "a server alone needs it"))]
    location: Location,
    #[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "a server alone needs it"))]
    origin: Option<&'static str>,
    /// What was noticed then.
    warning: Option<String>,
}

/// What a reader is for.
#[derive(Clone, Copy)]
struct Kind {
    columns: Columns,
    /// How long a denial is kept, in milliseconds.
    denied_for: i64,
    clock: Clock,
}

const READING: Kind = Kind { columns: Columns::Deciding, denied_for: DENIED_FOR, clock: clock::system };

/// Bytes of a SQLite file that are mapped into memory: it makes looking up one of a million
/// tokens 1.3 times as fast.
const MEMORY_MAP: u32 = 1 << 30;

impl Reader {
    /// Opens a store: a path, `sqlite:PATH` or `postgres://…`.
    pub fn open(store: &str, options: Options) -> Result<Self, Unavailable> {
        let origin = place::variable_of(store);
        let named = |error: String| StoreFault::Unreachable.because(error).named_by(origin);
        let location = Location::parse(store).map_err(|error| named(error.to_string()))?;
        // An error in a log is read where nobody knows the service's folder.
        let location =
            location.try_map_path(std::path::absolute).map_err(|error| named(error.to_string()))?;
        Self::of(location, origin, options, &READING)
    }

    fn of(
        location: Location,
        origin: Option<&'static str>,
        options: Options,
        kind: &Kind,
    ) -> Result<Self, Unavailable> {
        let Kind { columns, denied_for, clock } = *kind;
        let Options { master_keys, allow_unmetered, connections, on_rollback, .. } = options;
        let credentials = lease::Configured {
            socket: options.credentials_socket,
            key: options.credentials_key,
            owner: options.credentials_owner,
        };
        let pool = Pool::new(location.clone(), origin, store_options(), columns, connections, clock);
        let cache = Cache::new(denied_for);
        let (sent, (sight, warning)) =
            pool.with(|views| Ok((views.mark()?, views.warning().map(str::to_owned))))?;
        let Trusted { uuid, .. } = cells::trust(&sight, None, HashAlg::Sha256)?;
        cache.observe(&sight.mark, &Read { sent, received: clock(), earlier: None }, &on_rollback)?;
        Ok(Self(Arc::new(Shared {
            pool,
            clock,
            cache,
            refreshing: Mutex::new(None),
            flights: Flights::new(),
            keys: secret::keyring(uuid, master_keys),
            allow_unmetered,
            on_rollback,
            credentials: Arc::new(credentials),
            uuid,
            location,
            origin,
            warning,
        })))
    }

    /// What the operator should know of the store that was opened, as that others could put another
    /// in its place. For the service's log.
    pub fn warning(&self) -> Option<&str> {
        self.0.warning.as_deref()
    }

    /// Verifies a token: known, active, then network, owner and scope. May wait for the store, as
    /// long as `docs/runtime.md` says; what is kept takes less than a microsecond.
    pub fn verify(&self, token: &str, asked: &Asked) -> Result<Verified, Unavailable> {
        let Some(print) = lookup::fingerprint(token) else { return Ok(Verified::Denied(Reason::Malformed)) };
        let entry = match self.0.kept(|cache, now| cache.get(&print, now)) {
            Some(entry) => entry,
            None => self.0.flights.share(print, || self.0.look_up(token, print))?,
        };
        Ok(self.0.judge(&entry.known, asked))
    }

    /// The same for an asynchronous service: what must be waited for is, on a thread of
    /// `tokio`'s for that.
    pub async fn verify_async(&self, token: &str, asked: &Asked) -> Result<Verified, Unavailable> {
        let kept = lookup::fingerprint(token).and_then(|print| self.0.at_hand(&print));
        if let Some(entry) = kept {
            return Ok(self.0.judge(&entry.known, asked));
        }
        let (reader, token, asked) = (self.clone(), Zeroizing::new(token.to_owned()), asked.clone());
        off_the_runtime(move || reader.verify(&token, &asked)).await?
    }

    /// Verifies a short-lived token (a JWT that `keyctl jwt issue` or `/token` made): its signature, what it says, whom
    /// it is for, and that nothing was taken away from its key since. What is kept takes microseconds, too.
    pub fn verify_jwt(&self, token: &str, asked: &JwtAsked) -> Result<VerifiedJwt, Unavailable> {
        let Some(print) = lookup::jwt_fingerprint(token) else {
            return Ok(VerifiedJwt::Denied(JwtReason::Malformed));
        };
        if let Some(kept) = self.0.kept(|cache, now| cache.get_jwt(&print, now)) {
            return Ok(VerifiedJwt::of(kept.good.judge(asked)));
        }
        self.0.look_up_jwt(token, print, asked)
    }

    /// The same for an asynchronous service.
    pub async fn verify_jwt_async(&self, token: &str, asked: &JwtAsked) -> Result<VerifiedJwt, Unavailable> {
        let now = (self.0.clock)();
        let kept = lookup::jwt_fingerprint(token).and_then(|print| self.0.cache.get_jwt(&print, now));
        if let Some(kept) = kept.filter(|_| self.0.cache.age(now) < DUE) {
            return Ok(VerifiedJwt::of(kept.good.judge(asked)));
        }
        let (reader, token, asked) = (self.clone(), Zeroizing::new(token.to_owned()), asked.clone());
        off_the_runtime(move || reader.verify_jwt(&token, &asked)).await?
    }

    /// Verifies a token and opens the secret that it leads to for a provider, both of one
    /// state of the store. Nothing of a secret is kept.
    pub fn secret(
        &self,
        token: &str,
        asked: &Asked,
        provider: &Provider,
    ) -> Result<SecretValue, SecretError> {
        self.0.open_secret(token, asked, provider).map(|(_, opened)| opened.value)
    }

    /// The same for an asynchronous service.
    pub async fn secret_async(
        &self,
        token: &str,
        asked: &Asked,
        provider: &Provider,
    ) -> Result<SecretValue, SecretError> {
        let (reader, token) = (self.clone(), Zeroizing::new(token.to_owned()));
        let (asked, provider) = (asked.clone(), provider.clone());
        off_the_runtime(move || reader.secret(&token, &asked, &provider)).await?
    }
}

/// How the store is opened.
fn store_options() -> store::Options {
    store::Options {
        lock_timeout: pool::WITHIN,
        clock: || None,
        memory_map: MEMORY_MAP,
        alone: false,
        listen: store::unheard,
    }
}

/// Does what waits where nobody else has to wait for it.
async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Unavailable> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| StoreFault::Unreachable.because(format!("the look-up ended early: {error}")))
}

impl Shared {
    /// An answer that may be used now, if nothing need be read for it.
    fn at_hand(&self, print: &Fingerprint) -> Option<Arc<Entry>> {
        let now = (self.clock)();
        self.cache.get(print, now).filter(|_| self.cache.age(now) < DUE)
    }

    /// An answer that is kept and may be used now. Reads the mark anew where that is due.
    fn kept<T>(&self, get: impl Fn(&Cache, Moment) -> Option<T>) -> Option<T> {
        let now = (self.clock)();
        let entry = get(&self.cache, now)?;
        if self.cache.age(now) < DUE {
            return Some(entry);
        }
        self.refresh(now);
        // It may have taken a while, or the mark has moved.
        get(&self.cache, (self.clock)())
    }

    /// Reads the mark, unless somebody does or just failed to.
    fn refresh(&self, now: Moment) {
        let Ok(mut failed) = self.refreshing.try_lock() else { return };
        if self.cache.age(now) < DUE || failed.is_some_and(|then| now.since(then) < DUE) {
            return;
        }
        let read = self.look(HashAlg::Sha256, |views| Ok((views.mark()?, Bound::Nothing)));
        *failed = read.is_err().then(|| (self.clock)());
    }

    /// The secret that a good token leads to, and whose token it is.
    fn open_secret(
        &self,
        token: &str,
        asked: &Asked,
        provider: &Provider,
    ) -> Result<(Arc<Grant>, Opened), SecretError> {
        let Some(print) = lookup::fingerprint(token) else {
            return Err(SecretError::Denied(Reason::Malformed));
        };
        let found =
            lookup::find(token, &print, |hash, by| self.look(by, |views| views.secret(hash, provider)))?;
        match self.judge(&found.known, asked) {
            Verified::Denied(reason) => Err(SecretError::Denied(reason)),
            Verified::Allowed(grant) => {
                Ok((grant, secret::open(&found.bound, provider, self.keys.as_ref())?))
            }
        }
    }

    /// The secret that a key leads to which is known to be good, and the counter of the mark that it was read beside:
    /// whatever was taken away from the key until then is taken away from what is kept.
    #[cfg(feature = "serve")]
    fn open_bound(&self, grant: &Grant, provider: &Provider) -> Result<(Opened, i64), SecretError> {
        let (key, owner) = (grant.key_id.to_string(), grant.owner.as_str());
        let look = self.look(HashAlg::Sha256, |views| views.bound(&key, owner, provider))?;
        let mark = rollback::Mark::parse(&look.sight.mark).ok_or_else(rollback::unknown_form)?;
        Ok((secret::open(&look.bound, provider, self.keys.as_ref())?, mark.counter))
    }

    fn judge(&self, known: &Known, asked: &Asked) -> Verified {
        match known {
            Known::Denied(reason) => Verified::Denied(*reason),
            Known::Token(seen) => match seen.judge(asked, self.allow_unmetered) {
                Ok(grant) => Verified::Allowed(Arc::clone(grant)),
                Err(reason) => Verified::Denied(reason),
            },
        }
    }

    fn look_up(&self, token: &str, print: Fingerprint) -> Result<Arc<Entry>, Unavailable> {
        let found = lookup::find(token, &print, |hash, by| {
            self.look(by, |views| Ok((views.token(hash)?, Bound::Nothing)))
        })?;
        Ok(self.kept_if_it_may(print, found.known, found.of))
    }

    fn look_up_jwt(
        &self,
        token: &str,
        print: Fingerprint,
        asked: &JwtAsked,
    ) -> Result<VerifiedJwt, Unavailable> {
        let Some(question) = Question::of(token) else {
            return Ok(VerifiedJwt::Denied(JwtReason::Malformed));
        };
        let look = self.look(HashAlg::Sha256, |views| views.jwt(&question.kid, &question.key))?;
        let good = match question.judge(&look.bound, look.sight.now, asked.audience.as_ref())? {
            Ok(good) => good,
            Err(reason) => return Ok(VerifiedJwt::Denied(reason)),
        };
        let kept = Arc::new(KeptJwt::of(good, look.of.sent));
        self.cache.keep_jwt(print, Arc::clone(&kept), look.of.epoch);
        Ok(VerifiedJwt::of(kept.good.judge(asked)))
    }

    fn kept_if_it_may(&self, print: Fingerprint, known: Known, of: Option<Reading>) -> Arc<Entry> {
        let entry = Arc::new(self.cache.entry(of, known));
        if let Some(of) = of {
            self.cache.keep(print, Arc::clone(&entry), of.epoch);
        }
        entry
    }

    /// One read of the store, which is one of the mark, too.
    fn look<B: Send>(
        &self,
        by: HashAlg,
        read: impl Fn(&mut Views) -> store::Result<(Sight, B)> + Send,
    ) -> Result<Look<B>, Unavailable> {
        let (sight, bound, read) = self.read_beside(read)?;
        self.believed(sight, bound, &read, by)
    }

    /// One read of the store, and what else was read on the same connection.
    fn read_beside<T: Send>(
        &self,
        read: impl Fn(&mut Views) -> store::Result<(Sight, T)> + Send,
    ) -> Result<(Sight, T, Read), Unavailable> {
        let (sent, (sight, beside, received, earlier)) = self.pool.with(move |views| {
            let (sight, beside) = read(views)?;
            let received = (self.clock)();
            let earlier = match self.cache.question(&sight.mark) {
                Some(question) => Some(question.ask(views)?),
                None => None,
            };
            Ok((sight, beside, received, earlier))
        })?;
        Ok((sight, beside, Read { sent, received, earlier }))
    }

    /// What was read, if it can be believed.
    fn believed<B>(&self, sight: Sight, bound: B, read: &Read, by: HashAlg) -> Result<Look<B>, Unavailable> {
        let store = cells::trust(&sight, Some(self.uuid), by)?;
        let epoch = self.cache.observe(&sight.mark, read, &self.on_rollback)?;
        let of = Reading { epoch, sent: read.sent, now: sight.now };
        Ok(Look { sight, bound, store, of })
    }
}
