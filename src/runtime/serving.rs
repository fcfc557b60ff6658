//! What a server asks: who presents a token, and within which limits.
//!
//! It differs from a reader's [`verify`](super::Reader::verify) in three things. The mark is read in the background, so
//! that no request waits for it. What is not at hand is looked up without holding up the thread that asks: on
//! PostgreSQL the look-ups of a worker travel together, and one of a SQLite file takes less than handing it to another
//! thread would. And what cannot be read, or would hold up what is at hand, is refused at once.

use std::cell::RefCell;
use std::hash::BuildHasherDefault;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::cache::{Entry, Fingerprint, Known};
pub use super::caller::Caller;
#[cfg_attr(not(feature = "internals"), allow(unused_imports, reason = "named by those who hold it"))]
pub use super::cells::JwtFor;
#[cfg(feature = "internals")]
pub use super::cells::Limits;
pub use super::cells::Quotas;
use super::clock::{self, Moment};
use super::flight::Flights;
use super::flood::Flood;
use super::lookup::{self, Fast, Look};
use super::pool::Pool;
use super::secret::Opened;
#[cfg(feature = "cli")]
pub(crate) use super::short_lived::Signing;
use super::short_lived::{self, Presents, Signed, Table};
use super::wire::Wire;
use super::{
    Columns, Kind, MasterKeys, OnRollback, Options, Reader, SecretError, Shared, StoreFault, Unavailable,
    off_the_runtime,
};
use crate::crypto::jws::Signer;
use crate::domain::hashing::AsItIs;
use crate::domain::id::KeyId;
use crate::domain::keys::foreign::HashAlg;
use crate::domain::keys::presented::Presented;
use crate::domain::keys::scope::Scope;
use crate::domain::keys::token::TokenHash;
use crate::domain::keys::verdict::{Asked, Grant, Reason};
use crate::domain::secrets::secret::{Provider, SecretId, SecretValue};
use crate::domain::time::Timestamp;
use crate::domain::tokens::audience::Issuer;
use crate::store::{Bound, Location, MOST_SCOPE_NAMES, Views};

/// A denial may be over by time alone, and is asked for again.
const DENIED_FOR: i64 = 1_000;

/// How often the mark is read where nothing announces a change.
const EVERY: Duration = Duration::from_millis(500);

/// Where changes are announced, the mark is read once in this time at most.
const AT_MOST_EVERY: Duration = Duration::from_millis(10);

/// The names of scopes are read once in so many milliseconds at most.
const NAMES_AT_MOST_EVERY: i64 = 400;

/// While the store cannot be read, that is tried so often.
const RETRY: Duration = Duration::from_millis(100);

/// A store that nobody could read for so long, in milliseconds, is not asked for single tokens.
const GIVEN_UP: i64 = 2_000;

/// Look-ups that wait on one line at most.
const MOST_WAITING: usize = 1_024;

/// Slow hashes that wait to be computed, or are, at most: each takes a tenth of a second.
const MOST_SLOW: usize = 16;

/// How a server reads.
pub struct Settings {
    /// Opens provider secrets; without it there are none.
    pub master_keys: Option<MasterKeys>,
    /// Lets keys with a quota pass where a secret is asked for: whoever asks counts.
    pub allow_unmetered: bool,
    /// What is done where the store went back behind what was seen.
    pub on_rollback: OnRollback,
    /// Threads that look tokens up.
    pub workers: usize,
    /// Called with the counter of each mark as soon as nothing of before is answered any more.
    pub on_mark: Option<OnMark>,
    /// Where short-lived tokens are from if the store says nothing: this server's own address, on loopback.
    pub own_url: Option<String>,
}

/// What is done when a change is in force here.
pub type OnMark = Box<dyn Fn(i64) + Send + Sync>;

impl Default for Settings {
    fn default() -> Self {
        Self {
            master_keys: None,
            allow_unmetered: false,
            on_rollback: OnRollback::Refuse,
            workers: 1,
            on_mark: None,
            own_url: None,
        }
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The store cannot be read.
    Unavailable(Unavailable),
    /// So much is asked for that is not at hand that it would hold up what is.
    Overloaded,
}

impl From<Unavailable> for Refused {
    fn from(error: Unavailable) -> Self {
        Self::Unavailable(error)
    }
}

/// A version of a secret, and for which key it was handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandedOut {
    pub secret: SecretId,
    pub version: i64,
    pub key: KeyId,
}

/// A provider's secret out of the store.
#[derive(Debug)]
pub struct Kept {
    pub value: SecretValue,
    /// When it ends at the provider, exclusive; `None`: nobody said.
    pub expires_at: Option<Timestamp>,
    pub handed_out: HandedOut,
}

impl Kept {
    fn of(opened: Opened, key: KeyId) -> Self {
        let handed_out = HandedOut { secret: opened.secret, version: opened.version, key };
        let expires_at = opened.expires_at.and_then(Timestamp::from_millis);
        Self { value: opened.value, expires_at, handed_out }
    }
}

thread_local! {
    /// The line of the last one that was asked on this thread: a server has one.
    static LINE: RefCell<Option<Arc<Line>>> = const { RefCell::new(None) };
}

/// Who presents which token. Clones share what is kept.
#[derive(Clone)]
pub struct Callers(pub(super) Arc<Inner>);

pub(super) struct Inner {
    reader: Reader,
    flights: Flights<Fingerprint, Result<Arc<Entry>, Refused>, BuildHasherDefault<AsItIs>>,
    computing: Entrance,
    names: Mutex<Names>,
    /// Why the mark could not be read, if it could not.
    fault: Mutex<Option<Unavailable>>,
    own_url: Option<Issuer>,
    table: Mutex<Arc<Table>>,
    signer: Mutex<Option<Arc<Signer>>>,
    /// Where tokens are issued: the way to what only an issuer may read.
    issuing: OnceLock<Arc<Pool>>,
    /// What the store's clock is ahead of this machine's, in milliseconds.
    ahead: AtomicI64,
}

/// The scopes that the store names.
#[derive(Default)]
struct Names {
    /// Those of this counter's change, at least.
    of: Option<i64>,
    /// When they were read, by the monotonic clock.
    read: Option<i64>,
    scopes: Arc<[Scope]>,
}

impl Callers {
    /// Opens a store, which `origin` named if that was a variable, and begins to watch it.
    pub fn open(
        location: Location,
        origin: Option<&'static str>,
        settings: Settings,
    ) -> Result<Self, Unavailable> {
        let Settings { master_keys, allow_unmetered, on_rollback, workers, on_mark, own_url } = settings;
        let kind = Kind { columns: Columns::All, denied_for: DENIED_FOR, clock: clock::system };
        // A worker has one look-up of a file at a time; secrets are had on threads of their own.
        let connections = match &location {
            Location::Sqlite(_) => workers + 4,
            Location::Postgres(_) => 4,
        };
        let options =
            Options { master_keys, allow_unmetered, connections, on_rollback, ..Options::default() };
        let watching = match &location {
            Location::Sqlite(_) => None,
            Location::Postgres(_) => Some(runtime()?),
        };
        let reader = Reader::of(location, origin, options, &kind)?;
        let (flights, computing, fault) = (Flights::new(), Entrance::default(), Mutex::default());
        let (names, signer, issuing) = Default::default();
        let table = Mutex::new(Arc::new(Table::nothing()));
        let (own_url, ahead) = (own_url.and_then(|url| url.parse().ok()), AtomicI64::new(0));
        let inner = Arc::new(Inner {
            reader,
            flights,
            computing,
            names,
            fault,
            own_url,
            table,
            signer,
            issuing,
            ahead,
        });
        inner.read_table();
        let watch = Watch { inner: Arc::downgrade(&inner), on_mark, told: None };
        let started = thread::Builder::new().name("keyctl-watch".to_owned()).spawn(move || match watching {
            None => watch.of_file(),
            Some(runtime) => runtime.block_on(watch.of_server()),
        });
        started.map_err(|error| StoreFault::Unreachable.because(format!("cannot watch it: {error}")))?;
        Ok(Self(inner))
    }

    /// For what waits, as secrets: never on a thread that answers callers, but by
    /// [`Reader::secret_async`].
    pub fn reader(&self) -> &Reader {
        &self.0.reader
    }

    /// Which store it is.
    pub fn store(&self) -> Uuid {
        self.0.shared().uuid
    }

    /// Ends when nothing is answered any more of before the change of this counter. A file is read for it, so that
    /// nobody waits until that is due.
    pub async fn in_force(&self, counter: i64) {
        let shared = self.0.shared();
        while shared.cache.counter() < counter {
            if matches!(shared.location, Location::Sqlite(_))
                && shared.look(HashAlg::Sha256, |views| Ok((views.mark()?, Bound::Nothing))).is_ok()
                && shared.cache.counter() >= counter
            {
                return;
            }
            sleep(AT_MOST_EVERY).await;
        }
    }

    /// The provider's secret that a token leads to, and what is to be written down of that. Its quotas are for the
    /// server to count.
    pub async fn secret(&self, token: &str, provider: &Provider) -> Result<Kept, SecretError> {
        let inner = Arc::clone(&self.0);
        let (token, provider) = (Zeroizing::new(token.to_owned()), provider.clone());
        let opened =
            off_the_runtime(move || inner.shared().open_secret(&token, &Asked::default(), &provider));
        let (grant, opened) = opened.await??;
        Ok(Kept::of(opened, grant.key_id))
    }

    /// The same of a key that is known to be good, however it was presented, and up to which change that is so. Who
    /// presented it is to be asked for again: what was taken away from the key until then is known afterwards.
    pub async fn secret_of(
        &self,
        grant: &Arc<Grant>,
        provider: &Provider,
    ) -> Result<(Kept, i64), SecretError> {
        let (inner, provider) = (Arc::clone(&self.0), provider.clone());
        let (of, key) = (Arc::clone(grant), grant.key_id);
        let opened = off_the_runtime(move || inner.shared().open_bound(&of, &provider));
        let (opened, counter) = opened.await??;
        Ok((Kept::of(opened, key), counter))
    }

    /// What is known of a token, if nothing need be read for it.
    pub fn at_hand(&self, token: &str) -> Option<Caller> {
        match fingerprint(token) {
            Some(print) => self.0.kept(&print).map(Caller::of),
            None => Some(Caller::MALFORMED),
        }
    }

    /// What is known of a token, looked up on this thread's own [`Line`] if it is not at hand.
    pub async fn caller(&self, token: &str) -> Result<Caller, Refused> {
        let line = LINE.with_borrow_mut(|kept| match kept {
            Some(line) if Arc::ptr_eq(&line.inner, &self.0) => Arc::clone(line),
            other => Arc::clone(other.insert(Arc::new(self.line()))),
        });
        line.caller(token).await
    }

    /// The roles of the key of a caller, in order: read when they are asked for first, and kept as long as what else is
    /// known of the caller. `None` where the store does not tell them: it has no view of them, or this server's role may
    /// not read it.
    pub async fn roles(&self, caller: &Caller) -> Result<Option<Arc<[String]>>, Refused> {
        let Some((entry, grant)) = caller.entry().zip(caller.grant()) else { return Ok(None) };
        if let Some(roles) = entry.roles.get() {
            return Ok(roles.clone());
        }
        let (reader, key) = (self.0.reader.clone(), grant.key_id.to_string());
        let is_file = matches!(self.0.shared().location, Location::Sqlite(_));
        let read = move || reader.0.pool.with(|views| views.roles_of(&key)).map(|(_, roles)| roles);
        let roles = if is_file { read()? } else { off_the_runtime(read).await?? };
        Ok(entry.roles.get_or_init(|| roles.map(Into::into)).clone())
    }

    /// The scopes that the store's keys and roles were ever given, but those with a `*`: as of the last change, or
    /// half a second before. None where it does not tell them, or where they are more than a thousand.
    pub fn scope_names(&self) -> Arc<[Scope]> {
        Arc::clone(&self.0.names().scopes)
    }

    /// A way to the store for one worker, whose runtime it is used on.
    pub fn line(&self) -> Line {
        let wire = match self.0.shared().location {
            Location::Sqlite(_) => None,
            Location::Postgres(_) => Some(Wire::new(None)),
        };
        Line {
            inner: Arc::clone(&self.0),
            wire,
            waiting: Entrance::default(),
            unknown: Flood::of_unknown(),
            forged: Flood::of_forged(),
        }
    }

    /// Why the store could not be read when that was last tried, if it could not. What is kept is used for a while
    /// all the same.
    pub fn fault(&self) -> Option<Unavailable> {
        self.0.fault.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Milliseconds since the read of the mark was sent that what is kept is used by.
    pub fn age(&self) -> i64 {
        let shared = self.0.shared();
        shared.cache.age((shared.clock)())
    }

    /// The counter of the mark that is in force here.
    pub fn counter(&self) -> i64 {
        self.0.shared().cache.counter()
    }
}

fn runtime() -> Result<Runtime, Unavailable> {
    let made = Builder::new_current_thread().enable_io().enable_time().build();
    made.map_err(|error| StoreFault::Unreachable.because(format!("cannot start the client: {error}")))
}

/// What a text is kept under: a key, or a short-lived token, which may be longer.
fn fingerprint(text: &str) -> Option<Fingerprint> {
    lookup::fingerprint(text).or_else(|| short_lived::fingerprint(text))
}

impl Inner {
    pub(super) fn shared(&self) -> &Shared {
        &self.reader.0
    }

    pub(super) fn table(&self) -> Arc<Table> {
        Arc::clone(&self.table.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn set_table(&self, table: Table) {
        *self.table.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(table);
    }

    pub(super) fn signer(&self) -> Option<Arc<Signer>> {
        self.signer.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set_signer(&self, signer: Arc<Signer>) {
        *self.signer.lock().unwrap_or_else(PoisonError::into_inner) = Some(signer);
    }

    pub(super) fn set_issuing(&self, pool: Arc<Pool>) {
        let _ = self.issuing.set(pool);
    }

    pub(super) fn issuing(&self) -> Option<Arc<Pool>> {
        self.issuing.get().cloned()
    }

    pub(super) fn own_url(&self) -> Option<&Issuer> {
        self.own_url.as_ref()
    }

    /// The store's clock says this now.
    pub(super) fn note_time(&self, now: i64) {
        self.ahead.store(now - (self.shared().clock)().wall, Ordering::Relaxed);
    }

    /// Milliseconds since 1970 by the store's clock, as it was seen last.
    pub(super) fn now(&self) -> i64 {
        (self.shared().clock)().wall + self.ahead.load(Ordering::Relaxed)
    }

    fn kept(&self, print: &Fingerprint) -> Option<Arc<Entry>> {
        let shared = self.shared();
        shared.cache.get(print, (shared.clock)())
    }

    fn names(&self) -> MutexGuard<'_, Names> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The counter of the change that the names of scopes are to be read after, if they are.
    fn names_are_due(&self) -> Option<i64> {
        let shared = self.shared();
        let (counter, now, names) = (shared.cache.counter(), (shared.clock)().monotonic, self.names());
        let is_soon = names.read.is_some_and(|read| now - read < NAMES_AT_MOST_EVERY);
        (names.of != Some(counter) && !is_soon).then_some(counter)
    }

    /// One that fails is tried again with the mark.
    fn read_names(&self, counter: i64) {
        let shared = self.shared();
        let read = shared.pool.with(Views::scope_names);
        let mut names = self.names();
        names.read = Some((shared.clock)().monotonic);
        if let Ok((_, found)) = read {
            names.of = Some(counter);
            let found = found.filter(|found| found.len() <= MOST_SCOPE_NAMES).unwrap_or_default();
            let exact = found.iter().filter(|name| !name.contains('*'));
            names.scopes = exact.filter_map(|name| name.parse().ok()).collect();
        }
    }

    /// What is said at once where it is known that nothing can be read.
    fn given_up(&self, now: Moment) -> Option<Unavailable> {
        if self.shared().cache.age(now) < GIVEN_UP {
            return None;
        }
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// One worker's way to the store.
pub struct Line {
    inner: Arc<Inner>,
    /// To a server; a file is read here and now.
    wire: Option<Wire>,
    waiting: Entrance,
    unknown: Flood,
    /// Tokens that no key of ours signed, though they say so.
    forged: Flood,
}

impl Line {
    /// What is known of a token, looked up if it is not at hand.
    pub async fn caller(&self, token: &str) -> Result<Caller, Refused> {
        let Some(print) = fingerprint(token) else { return Ok(Caller::MALFORMED) };
        if let Some(entry) = self.inner.kept(&print) {
            return Ok(Caller::of(entry));
        }
        let now = (self.inner.shared().clock)();
        let why = match self.presents(token, now)? {
            Presents::Forged(why) => return Ok(Caller::denied(Reason::Jwt(why))),
            Presents::Signed(signed) => return self.of_signed(print, signed, now).await,
            Presents::Other(why) => why,
        };
        let Some(presented) = lookup::fingerprint(token).and_then(|_| Presented::parse(token)) else {
            return Ok(why.map_or(Caller::MALFORMED, |why| Caller::denied(Reason::Jwt(why))));
        };
        if let Some(error) = self.inner.given_up(now) {
            return Err(error.into());
        }
        if self.unknown.are_too_many(now) {
            return Err(Refused::Overloaded);
        }
        let entry = if self.wire.is_some() {
            let _inside = self.waiting.enter(MOST_WAITING).ok_or(Refused::Overloaded)?;
            let look_up = async || self.find(token, &presented, print).await;
            self.inner.flights.share_async(print, look_up).await?
        } else {
            self.find(token, &presented, print).await?
        };
        if matches!(entry.known, Known::Denied(_)) {
            self.unknown.count(now);
            // A token of another issuer might have been imported as a key, and was not.
            if let Some(why) = why {
                return Ok(Caller::denied(Reason::Jwt(why)));
            }
        }
        Ok(Caller::of(entry))
    }

    /// Whether a text is a short-lived token. To verify one takes as long as to look seven keys up, and anybody can ask for
    /// it.
    fn presents(&self, token: &str, now: Moment) -> Result<Presents, Refused> {
        if !short_lived::has_form(token) {
            return Ok(Presents::Other(None));
        }
        if self.forged.are_too_many(now) {
            return Err(Refused::Overloaded);
        }
        let presents = self.inner.table().read(token, self.inner.now());
        if matches!(presents, Presents::Forged(_)) {
            self.forged.count(now);
        }
        Ok(presents)
    }

    /// Boxed: who presents a key has no room for it.
    async fn of_signed(&self, print: Fingerprint, signed: Signed, now: Moment) -> Result<Caller, Refused> {
        if let Some(error) = self.inner.given_up(now) {
            return Err(error.into());
        }
        if self.wire.is_none() {
            return Ok(self.inner.read_signed(print, &signed)?);
        }
        let _inside = self.waiting.enter(MOST_WAITING).ok_or(Refused::Overloaded)?;
        let inner = Arc::clone(&self.inner);
        Ok(Box::pin(off_the_runtime(move || inner.read_signed(print, &signed))).await??)
    }

    async fn find(
        &self,
        token: &str,
        presented: &Presented,
        print: Fingerprint,
    ) -> Result<Arc<Entry>, Refused> {
        let fast = self.look(&TokenHash::from_digest(&print.0), HashAlg::Sha256).await?;
        let found = match lookup::by_fast(presented, fast)? {
            Fast::Found(found) => found,
            Fast::Missed(missed) => {
                let _inside = self.inner.computing.enter(MOST_SLOW).ok_or(Refused::Overloaded)?;
                let (text, salt) = (Zeroizing::new(token.to_owned()), missed.salt);
                let hash = off_the_runtime(move || lookup::slow(&text, &salt)).await??;
                lookup::by_slow(&missed, self.look(&hash, HashAlg::Argon2id).await?)?
            }
        };
        Ok(self.inner.shared().kept_if_it_may(print, found.known, found.of))
    }

    async fn look(&self, hash: &TokenHash, by: HashAlg) -> Result<Look, Unavailable> {
        let shared = self.inner.shared();
        match &self.wire {
            Some(wire) => {
                // Boxed, and its type forgotten: who asks is deep in the futures of a request already.
                let look: Pin<Box<dyn Future<Output = Result<Look, Unavailable>> + '_>> =
                    Box::pin(wire.look(shared, Some(hash), by));
                look.await
            }
            None => shared.look(by, |views| Ok((views.token(hash)?, Bound::Nothing))),
        }
    }
}

/// Lets so many in and no more.
#[derive(Default)]
struct Entrance(AtomicUsize);

struct Inside<'e>(&'e AtomicUsize);

impl Entrance {
    fn enter(&self, most: usize) -> Option<Inside<'_>> {
        let inside = Inside(&self.0);
        (self.0.fetch_add(1, Ordering::Relaxed) < most).then_some(inside)
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Reads the mark again and again, as long as somebody asks for tokens.
struct Watch {
    inner: Weak<Inner>,
    on_mark: Option<OnMark>,
    /// The counter that was told last.
    told: Option<i64>,
}

impl Watch {
    fn of_file(mut self) {
        while let Some(inner) = self.inner.upgrade() {
            let read = inner.shared().look(HashAlg::Sha256, |views| Ok((views.mark()?, Bound::Nothing)));
            let pause = self.note(&inner, read);
            if let Some(counter) = inner.names_are_due() {
                inner.read_names(counter);
            }
            inner.read_table();
            drop(inner);
            thread::sleep(pause);
        }
    }

    async fn of_server(mut self) {
        let heard = Arc::new(Notify::new());
        let wire = Wire::new(Some(Arc::clone(&heard)));
        while let Some(inner) = self.inner.upgrade() {
            let read = wire.look(inner.shared(), None, HashAlg::Sha256).await;
            let pause = self.note(&inner, read);
            let names = inner.names_are_due();
            if names.is_some() || !inner.table_is_current() {
                let read = move || {
                    inner.read_table();
                    if let Some(counter) = names {
                        inner.read_names(counter);
                    }
                };
                let _ = off_the_runtime(read).await;
            } else {
                drop(inner);
            }
            sleep(AT_MOST_EVERY).await;
            // It is read again in time, whether a change was heard of or not.
            let _ = timeout(pause, heard.notified()).await;
        }
    }

    /// Takes note of a read, and says how long until the next.
    fn note(&mut self, inner: &Inner, read: Result<Look, Unavailable>) -> Duration {
        let (fault, pause) = match read {
            Ok(_) => (None, EVERY),
            Err(error) => (Some(error), RETRY),
        };
        let is_read = fault.is_none();
        *inner.fault.lock().unwrap_or_else(PoisonError::into_inner) = fault;
        let counter = inner.shared().cache.counter();
        if is_read && self.told != Some(counter) {
            self.told = Some(counter);
            if let Some(on_mark) = &self.on_mark {
                on_mark(counter);
            }
        }
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_are_let_in_than_may_be() {
        let entrance = Entrance::default();
        let inside: Vec<_> = (0..3).map(|_| entrance.enter(3)).collect();
        assert!(inside.iter().all(Option::is_some));
        assert!(entrance.enter(3).is_none());
        assert!(entrance.enter(3).is_none(), "who was turned away is not inside");
        drop(inside);
        assert!(entrance.enter(1).is_some());
    }
}
