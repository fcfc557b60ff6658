//! What is kept, in SQLite or PostgreSQL: hashes of tokens, never tokens.
//!
//! Every statement is written once. A change is one named transaction ([`Store::change`]):
//! it takes the write lock first, and its audit record and the change mark commit with it.

mod apollo;
mod audit;
mod caused;
mod changing;
#[cfg(feature = "serve")]
mod changing_role;
mod check;
#[cfg(feature = "cli")]
mod column;
#[cfg(feature = "cli")]
mod credentials;
#[cfg(feature = "cli")]
mod doctor;
mod error;
#[cfg(feature = "cli")]
mod expiring;
#[cfg(feature = "cli")]
mod federation;
#[cfg(feature = "cli")]
mod foreign;
mod head;
mod keys;
#[cfg(feature = "serve")]
mod leak_reports;
#[cfg(feature = "cli")]
mod leaks;
#[cfg(feature = "serve")]
mod line;
mod location;
mod lookup;
mod many;
#[cfg(feature = "cli")]
mod mcp;
mod migrations;
#[cfg(feature = "cli")]
mod moving;
pub(crate) mod names;
mod older;
mod owners;
#[cfg(feature = "cli")]
mod portal;
mod postgres;
mod privileges;
#[cfg(feature = "cli")]
mod provisioning;
mod reading;
mod rules;
mod scratch;
mod secrets;
mod session;
#[cfg(feature = "serve")]
mod short_lived;
mod sight;
mod signing_keys;
mod sqlite;
mod trusts;
mod tx;
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "most of it is for a server alone"))]
mod usage;
mod view_statements;
mod views;

use std::path::PathBuf;
use std::time::Duration;

pub use apollo::{ApolloLookup, ApolloRow, ClientRow, GRANT as APOLLO_GRANT, Relation};
pub use audit::Walk;
#[cfg(feature = "serve")]
pub use changing::Changing;
#[cfg(feature = "serve")]
pub use changing_role::ChangingRole;
pub use check::{COUNTED, Finding};
#[cfg(feature = "cli")]
pub(crate) use credentials::{CredentialLookup, LeaseLookup, Leased, PartLookup, SealedPart, Wanted};
#[cfg(feature = "cli")]
pub(crate) use doctor::{Exposure, Few, exposures, mend_exposures};
pub use error::{Error, Result};
#[cfg(feature = "cli")]
pub(crate) use expiring::{ExpiringLookup, PAGE as ENDINGS_PAGE, Reported, Sighting, Told, Window};
#[cfg(feature = "cli")]
pub(crate) use federation::FederationLookup;
#[cfg(feature = "cli")]
pub(crate) use foreign::{Foreign, ForeignRow};
pub use head::FirstHead;
#[cfg(any(feature = "cli", feature = "internals"))]
pub use head::Head;
#[cfg(feature = "cli")]
pub(crate) use head::Moved;
pub use keys::bulk::BulkLookup;
pub use keys::candidates::Candidate;
#[cfg(feature = "internals")]
pub use keys::candidates::MOST_CANDIDATES;
pub use keys::filter::Filter;
pub use keys::list::{Counts, Cursor, Order, Page};
#[cfg(feature = "cli")]
pub(crate) use keys::pending::Promoted;
#[cfg(feature = "serve")]
pub(crate) use leak_reports::{ReportRow, SightingRow};
#[cfg(feature = "cli")]
pub(crate) use leaks::{FoundTokens, HashedToken};
#[cfg(feature = "serve")]
pub use line::Line;
pub use location::{Location, LocationError};
pub use lookup::Lookup;
pub use many::LOOKED_UP;
#[cfg(feature = "cli")]
pub(crate) use mcp::{ClientLookup, DeviceLookup, GrantLookup, SignInLookup};
pub use migrations::LATEST as LATEST_SCHEMA;
#[cfg(feature = "cli")]
pub(crate) use moving::{Cell, Cells, Draft, Gone, Keyed, Unfinished, Unfit};
pub use owners::near::{names_beside, owners_beside};
#[cfg(feature = "cli")]
pub use portal::{ClaimFilter, ClaimLookup, SessionFilter, SessionLookup, SuspensionLookup};
pub use postgres::Passwords;
#[cfg(feature = "cli")]
pub(crate) use provisioning::{Deliveries, ProvisionLookup};
pub(crate) use rules::{Breaking, RulesLookup};
pub use scratch::Scratch;
pub use secrets::bindings::BindingLookup;
pub use secrets::master_keys::{MasterKeyLookup, MasterKeyRow};
pub use secrets::{SealedVersion, SecretFilter, SecretLookup};
pub use session::{Erased, Fact, FactValue};
#[cfg(feature = "serve")]
pub(crate) use short_lived::{
    MOST_RAISED, PublicKeyCells, PublishedCells, SignerCells, TrustCells, VersionCells,
};
pub use sight::{Bound, JwtCells, MoreOfToken, SecretCells, Sight, TokenRow};
#[cfg(feature = "internals")]
pub use sight::{StoreCells, TokenCells};
pub(crate) use signing_keys::SigningKeyLookup;
pub use sqlite::{Access, File, begins_a_store};
pub(crate) use trusts::TrustLookup;
pub(crate) use tx::Raised;
pub use tx::{ABOVE_ALL_SEEN, MaybeTransient, Tx};
#[cfg(feature = "cli")]
pub(crate) use usage::{CanaryLookup, SightingsRow};
pub use usage::{ClaimRow, DisclosureRow, Recorder, TokenUseRow, Total};
pub use view_statements::Columns;
#[cfg(feature = "serve")]
pub use view_statements::MOST_SCOPE_NAMES;
pub use views::Views;

use crate::domain::keys::token::Prefix;
use crate::domain::time::Timestamp;
use older::Older;
use postgres::PostgresSession;
use session::Session;
use sqlite::SqliteSession;

#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How long to wait for the write lock before [`Error::Busy`].
    pub lock_timeout: Duration,
    /// The time on SQLite, `None` if it cannot be told; PostgreSQL has its own.
    pub clock: fn() -> Option<Timestamp>,
    /// Bytes of a SQLite file that a reader maps into memory; 0 for none. It helps one that
    /// looks up many tokens (1.3 times as many on a million keys) and costs a short-lived one.
    pub memory_map: u32,
    /// Whether nothing else in this process has the file of a SQLite store open, by whatever
    /// library: then its locks may be looked at first, and opening it is faster.
    pub alone: bool,
    /// Called before a commit that may wait for a server.
    pub listen: fn() -> Box<dyn Listen>,
}

/// Listens for an end of the waiting, as by Ctrl-C, until it is dropped.
pub trait Listen {
    /// Whether somebody wants no more waiting.
    fn interrupted(&self) -> bool;
}

/// Nobody interrupts, or whoever does ends the process.
struct Unheard;

impl Listen for Unheard {
    fn interrupted(&self) -> bool {
        false
    }
}

/// For [`Options::listen`]: waits end by themselves.
#[must_use]
pub fn unheard() -> Box<dyn Listen> {
    Box::new(Unheard)
}

pub struct Store {
    backend: Backend,
    schema: i64,
    /// What was noticed while opening it, for the operator.
    warning: Option<String>,
    /// See `Store::give_up_first_attempts`, of `internals`.
    given_up: Option<fn()>,
    /// See [`Store::default_prefix`].
    prefix: Option<Prefix>,
    /// Whether it was looked for what a server handed out.
    looked_at_disclosures: bool,
    /// Where the store went, and whether that was read.
    moved: (Option<head::Moved>, bool),
    /// The next changes are about the move itself.
    moves: bool,
}

enum Backend {
    Sqlite(SqliteSession),
    Postgres(PostgresSession),
}

/// The database's user and the client's address, where the database knows them.
pub type Peer = (Option<String>, Option<String>);

/// Makes a new store's head row.
pub type FirstFn<'f> = &'f dyn Fn(Timestamp, Peer) -> FirstHead;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrated {
    pub from: i64,
    pub to: i64,
    /// Where the state before was kept (SQLite).
    pub backup: Option<PathBuf>,
}

impl Store {
    /// Creates a store with all its tables. [`Error::Exists`] if there is something already.
    /// `first` makes the head row from the store's time and what the database knows of who is
    /// connected.
    pub fn create(location: &Location, options: Options, first: FirstFn<'_>) -> Result<()> {
        match location {
            Location::Sqlite(file) => {
                sqlite::create(file, &first((options.clock)().ok_or(Error::Clock)?, (None, None)))
            }
            Location::Postgres(dsn) => postgres::create(dsn, options, first),
        }
    }

    /// Tries to create a store and takes it back: an error is what [`Store::create`] would end
    /// with.
    pub fn rehearse_create(location: &Location, options: Options, first: FirstFn<'_>) -> Result<()> {
        match location {
            Location::Sqlite(file) => sqlite::rehearse_create(file),
            Location::Postgres(dsn) => postgres::rehearse_create(dsn, options, first),
        }
    }

    /// A new store in memory, which is gone with the value.
    pub fn imagine(options: Options, first: FirstFn<'_>) -> Result<Self> {
        let now = (options.clock)().ok_or(Error::Clock)?;
        let session = sqlite::imagine(options, &first(now, (None, None)))?;
        Ok(Self::of(Backend::Sqlite(session), migrations::LATEST))
    }

    /// An open one of this schema.
    fn of(backend: Backend, schema: i64) -> Self {
        let mut store = Self {
            backend,
            schema,
            warning: None,
            given_up: None,
            prefix: None,
            looked_at_disclosures: false,
            moved: (None, false),
            moves: false,
        };
        store.read_as(schema);
        store
    }

    /// Opens a store. For a change, an older SQLite schema is migrated after a backup; an
    /// older PostgreSQL schema is [`Error::Older`].
    pub fn open(location: &Location, access: Access, options: Options) -> Result<Self> {
        let mut store = Self::open_any_schema(location, access, options)?;
        let found = store.schema;
        let readable = access != Access::Change && found >= migrations::OLDEST_READABLE;
        match &mut store.backend {
            _ if found == migrations::LATEST => {}
            _ if readable => {}
            Backend::Sqlite(session) if access == Access::Change => {
                sqlite::migrate(session)?;
                store.read_as(migrations::LATEST);
            }
            _ => return Err(Error::Older { found, known: migrations::LATEST }),
        }
        Ok(store)
    }

    /// Opens a store of this or an older schema, to look at it or to migrate it. What is read
    /// of an older one is read as if it were of today's.
    pub fn open_any_schema(location: &Location, access: Access, options: Options) -> Result<Self> {
        let (mut backend, warning) = match location {
            Location::Sqlite(file) => {
                let (session, warning) = sqlite::open(file, access, options)?;
                (Backend::Sqlite(session), warning)
            }
            Location::Postgres(dsn) => (Backend::Postgres(postgres::open(dsn, options)?), None),
        };
        let schema = match &mut backend {
            Backend::Sqlite(session) => session.schema(),
            Backend::Postgres(session) => session.schema()?,
        };
        if schema > migrations::LATEST {
            return Err(Error::Newer { found: schema, known: migrations::LATEST });
        }
        Ok(Self { warning, ..Self::of(backend, schema) })
    }

    /// Connects anew where the connection to a server is gone; to the same schema, or not at all.
    #[cfg(feature = "cli")]
    pub(crate) fn reconnect(&mut self) -> Result<()> {
        let Backend::Postgres(session) = &mut self.backend else { return Ok(()) };
        if !session.is_gone() {
            return Ok(());
        }
        let mut again = session.again()?;
        let found = again.schema()?;
        if found != self.schema {
            return Err(if found > self.schema {
                Error::Newer { found, known: self.schema }
            } else {
                Error::Older { found, known: self.schema }
            });
        }
        *session = again;
        self.read_as(found);
        Ok(())
    }

    /// A job is done, and another one may come: see [`Store::take_up`].
    #[cfg(feature = "cli")]
    pub(crate) fn put_aside(&mut self) {
        if let Backend::Sqlite(session) = &mut self.backend {
            session.put_aside();
        }
    }

    /// Makes sure that what was put aside is what would be opened now, or connects anew to a server that is gone. What was read
    /// of a file before is read again.
    #[cfg(feature = "cli")]
    pub(crate) fn take_up(&mut self) -> Result<()> {
        let Backend::Sqlite(session) = &mut self.backend else { return self.reconnect() };
        session.take_up()?;
        self.prefix = None;
        self.moved = (None, false);
        Ok(())
    }

    /// What is read from now on is read as of a store of this schema.
    fn read_as(&mut self, schema: i64) {
        self.schema = schema;
        match &mut self.backend {
            Backend::Sqlite(session) => session.read_as(Older::of(schema)),
            Backend::Postgres(session) => session.read_as(Older::of(schema)),
        }
    }

    pub fn schema(&self) -> i64 {
        self.schema
    }

    pub fn migrate(&mut self) -> Result<Migrated> {
        let backup = match &mut self.backend {
            Backend::Sqlite(session) => sqlite::migrate(session)?,
            Backend::Postgres(session) => {
                postgres::migrate(session)?;
                None
            }
        };
        let from = self.schema;
        self.read_as(migrations::LATEST);
        Ok(Migrated { from, to: migrations::LATEST, backup })
    }

    /// Tries to bring the schema up to date and takes it back; no backup is made.
    pub fn rehearse_migrate(&mut self) -> Result<Migrated> {
        match &mut self.backend {
            Backend::Sqlite(session) => sqlite::rehearse_migrate(session)?,
            Backend::Postgres(session) => postgres::rehearse_migrate(session)?,
        }
        Ok(Migrated { from: self.schema, to: migrations::LATEST, backup: None })
    }

    pub fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    /// A few rows are about to be read: memory that a page was read into is used again for another one, where that
    /// is less work than being given more of it.
    pub fn reads_few(&mut self) {
        if let Backend::Sqlite(session) = &mut self.backend {
            session.reads_few();
        }
    }

    /// The program is done with it and ends. What a database keeps in memory is not taken apart for that; a server is
    /// told all the same.
    pub fn leave(self) {
        if let Backend::Sqlite(session) = self.backend {
            session.leave();
        }
    }

    /// Whether this is the first time that this is asked: a process looks once.
    pub fn is_first_look_at_disclosures(&mut self) -> bool {
        !std::mem::replace(&mut self.looked_at_disclosures, true)
    }

    /// What the database knows of who is connected: its user and the client's address.
    pub fn peer(&self) -> Peer {
        self.session_ref().peer()
    }

    /// The database's clock.
    pub fn now(&mut self) -> Result<Timestamp> {
        tx::now(self.session())
    }

    /// Rows are about to be removed that [`Store::erase`] is to wipe: should this process end before that, the
    /// next change does it.
    pub fn begin_erasing(&mut self) {
        self.session().begin_erasing();
    }

    /// Wipes what the database itself keeps of removed rows, as far as it can.
    pub fn erase(&mut self) -> Result<Erased> {
        self.session().erase()
    }

    /// Several reads of one state of the store.
    pub fn snapshot<T, E: From<Error>>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        self.session().begin_read()?;
        let answer = read(self);
        self.session().rollback();
        answer
    }

    fn session(&mut self) -> &mut dyn Session {
        match &mut self.backend {
            Backend::Sqlite(session) => session,
            Backend::Postgres(session) => session,
        }
    }

    fn session_ref(&self) -> &dyn Session {
        match &self.backend {
            Backend::Sqlite(session) => session,
            Backend::Postgres(session) => session,
        }
    }
}
