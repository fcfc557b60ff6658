//! The store itself: made, looked at, brought up to date, checked.

use std::cell::RefCell;

use serde_json::json;
use uuid::Uuid;

pub use super::check::{check, rows_to_check};
use crate::crypto::chain;
use crate::domain::audit::action::Action;
use crate::domain::audit::event::{Actor, Event, Linked, Record};
use crate::domain::keys::token::Prefix;
use crate::domain::random::Random;
use crate::domain::time::Span;
use crate::ops::change;
use crate::ops::error::Result;
use crate::ops::tokens::settings::{self, TokenSettings};
pub use crate::store::{COUNTED, Fact, FactValue, Finding, Migrated};
use crate::store::{FirstFn, FirstHead, Location, Moved, Options, Store};

#[derive(Clone, Debug, Default)]
pub struct Defaults {
    pub prefix: Prefix,
    /// How long new keys live; `None` for ever.
    pub expiry: Option<Span>,
}

/// How long a key lives where nobody said otherwise: 90 days.
pub const DEFAULT_EXPIRY: Span = Span::days(90);

/// Who makes a store, and with what.
#[derive(Clone, Debug)]
pub struct Founding<'f> {
    pub defaults: &'f Defaults,
    pub actor: &'f Actor,
    /// Whether it is tried and taken back (`--dry-run`).
    pub rehearse: bool,
}

/// Creates a store. Its first audit record says who did; it is returned, but for a rehearsal.
pub fn init(
    location: &Location,
    options: Options,
    founding: &Founding<'_>,
    random: &mut dyn Random,
) -> Result<Option<Linked>> {
    let rehearse = founding.rehearse;
    found(founding, random, |first| {
        let create = if rehearse { Store::rehearse_create } else { Store::create };
        create(location, options, first)
    })
    .map(|((), linked)| linked.filter(|_| !rehearse))
}

/// A store in memory, as [`init`] would make one.
pub fn imagine(options: Options, founding: &Founding<'_>, random: &mut dyn Random) -> Result<Store> {
    found(founding, random, |first| Store::imagine(options, first)).map(|(store, _)| store)
}

/// Makes a store of a fresh head row; returns its first audit record, too.
fn found<T>(
    founding: &Founding<'_>,
    random: &mut dyn Random,
    create: impl FnOnce(FirstFn<'_>) -> crate::store::Result<T>,
) -> Result<(T, Option<Linked>)> {
    let Founding { defaults, actor, .. } = founding;
    let mut bytes = [0; 16];
    random.fill(&mut bytes)?;
    let store_uuid = uuid::Builder::from_random_bytes(bytes).into_uuid();
    let nonce = change::nonce(random)?;
    let details = json!({ "prefix": defaults.prefix, "expiry_seconds": defaults.expiry.map(Span::as_secs) });
    let event = Event::done(Action::StoreInit, details);
    let linked = RefCell::new(None);
    let first = |now, (session_user, client_address)| {
        let actor = Actor { session_user, client_address, ..(*actor).clone() };
        let body = change::body(&actor, &event, now);
        let hash = chain::link(&store_uuid, 1, &chain::START, &body);
        let record = Record { seq: 1, body, hash };
        linked.replace(Some(Linked { store: store_uuid, previous: chain::START, record: record.clone() }));
        FirstHead {
            store_uuid,
            created_at: now,
            default_prefix: defaults.prefix.clone(),
            default_expiry: defaults.expiry,
            nonce: nonce.clone(),
            record,
        }
    };
    let made = create(&first)?;
    Ok((made, linked.into_inner()))
}

/// What `store status` shows.
#[derive(Clone, Debug)]
pub struct Status {
    pub store_uuid: Uuid,
    /// Its schema and the newest known.
    pub schema: (i64, i64),
    pub created_at: crate::domain::time::Timestamp,
    pub default_prefix: Prefix,
    pub default_expiry: Option<Span>,
    /// Where its short-lived tokens are from, and whom they may be for besides.
    pub(crate) tokens_of: TokenSettings,
    /// Keys that are not revoked, revoked ones, owners, tokens ever handed out; `None` for what
    /// is more than [`COUNTED`] and was not counted.
    pub counts: [Option<i64>; 4],
    pub mark: String,
    pub audit_records: u64,
    /// Where it went, if it was moved.
    pub(crate) moved: Option<Moved>,
    /// The database's own facts, by name.
    pub facts: Vec<Fact>,
}

impl Status {
    /// Whether the server says that no other one has each change before it is reported.
    pub fn lacks_standby(&self) -> bool {
        let none = FactValue::Text("none".to_owned());
        self.facts.iter().any(|(name, value)| *name == "synchronous_standby" && *value == none)
    }
}

/// What is said where nobody has what the primary has.
pub fn standby_warning(facts: &[Fact]) -> Option<String> {
    let fact = |wanted: &str| facts.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value);
    match (fact("synchronous_standby"), fact("synchronous_standbys_connected")) {
        (Some(FactValue::Text(names)), Some(FactValue::Number(0))) if names != "none" => Some(format!(
            "no synchronous standby is connected (synchronous_standby_names: {names}): a change is made and waits, and \
             no other can be made, until one is back"
        )),
        _ => None,
    }
}

/// What is said where the file alone is not all of the store.
pub fn copy_note(facts: &[Fact]) -> Option<String> {
    let fact = |wanted: &str| facts.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value);
    match (fact("location"), fact("wal_bytes")) {
        (Some(FactValue::Text(path)), Some(FactValue::Number(1..))) => Some(format!(
            "a copy of {path} alone is an older state, in which keys that were revoked since work: the newest changes are in \
             {path}-wal; for a whole copy: (umask 077; sqlite3 {path} \"VACUUM INTO 'copy.db'\")"
        )),
        _ => None,
    }
}

/// What is said where Litestream's tables are in the file.
pub fn litestream_note(facts: &[Fact]) -> Option<String> {
    let (_, tables) = facts.iter().find(|(name, _)| *name == "litestream")?;
    match tables {
        FactValue::Text(tables) => {
            Some(format!("Litestream's tables are in the file, and do no harm: {tables}"))
        }
        FactValue::Number(_) | FactValue::Absent => None,
    }
}

/// Looks at a store of this or an older schema. It takes as long for a large one as for a small
/// one, unless it is to `count` all of it.
pub fn status(store: &mut Store, count: bool) -> Result<Status> {
    let facts = store.facts()?;
    let schema = (store.schema(), crate::store::LATEST_SCHEMA);
    store.snapshot(|store| {
        let head = store.head()?;
        let tokens_of = settings::of(&head);
        Ok(Status {
            store_uuid: head.store_uuid,
            schema,
            created_at: head.created_at,
            default_prefix: head.default_prefix,
            default_expiry: head.default_expiry,
            tokens_of,
            counts: if count { store.counts()?.map(Some) } else { store.few_counts()? },
            mark: format!("{}-{}", head.mark.counter, head.mark.nonce),
            audit_records: head.audit_seq,
            moved: head.moved,
            facts,
        })
    })
}

/// Brings a store's schema up to date, or tries to and takes it back.
pub fn migrate(store: &mut Store, rehearse: bool) -> Result<Migrated> {
    Ok(if rehearse { store.rehearse_migrate()? } else { store.migrate()? })
}
