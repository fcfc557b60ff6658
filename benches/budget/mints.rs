//! Durable mints in one process: one transaction each, on a store that begins empty.

use std::path::Path;
use std::time::Duration;

use keyctl::crypto::chain;
use keyctl::domain::keys::key::Key;
use keyctl::domain::keys::label::Labels;
use keyctl::domain::keys::network::Networks;
use keyctl::domain::keys::scope::Scopes;
use keyctl::domain::keys::token::Token;
use keyctl::ops::delivery::{Deliver, DeliveryError};
use keyctl::ops::env::Env;
use keyctl::ops::keys::mint::{Request, mint};
use keyctl::store::{Access, Head};
use rusqlite::{Connection, params};

use super::fixture::{self, Made};
use super::pairs::{Budget, Line, Measure, timed};
use super::{Bench, big_sqlite};

/// Enough for each measurement to hold about one checkpoint of the write-ahead log.
const BATCH: u32 = 50;
const PAIRS: usize = 61;

pub(crate) fn measure(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(&bench.data)?;
    let file = |name: &str| folder.path().join(name);
    let mut library = Library::new(&file("keys.db"))?;
    let mut rows = SameRows::new(&file("rows.db"))?;
    let row = |reference, budget| Measure {
        what: "durable mints, one process",
        reference,
        budget: Budget::AtLeast(budget),
        pairs: PAIRS,
        batch: BATCH,
    };
    let same = row("rusqlite, the same rows", 0.8);
    lines.push(same.run(|| library.batch(), || rows.batch())?);
    let mut one = OneRow::new(&file("one.db"))?;
    let single = row("rusqlite, one row", 0.55);
    lines.push(single.run(|| library.batch(), || one.batch())?);
    Ok(())
}

/// The library's own way.
struct Library {
    env: Env,
    minted: u32,
}

/// Hands the token to nobody.
struct Discard;

impl Deliver for Discard {
    fn deliver(&mut self, token: &Token, _: &Key) -> Result<(), DeliveryError> {
        std::hint::black_box(token.expose());
        Ok(())
    }
    fn confirm(&mut self) {}
    fn withdraw(&mut self) {}
}

impl Library {
    fn new(file: &Path) -> anyhow::Result<Self> {
        fixture::init(&big_sqlite::location(file))?;
        let store = big_sqlite::open(file, Access::Change)?;
        let env = fixture::env(store);
        Ok(Self { env, minted: 0 })
    }

    fn batch(&mut self) -> anyhow::Result<Duration> {
        let requests: Vec<Request> = (0..BATCH).map(|index| request(self.minted + index)).collect();
        self.minted += BATCH;
        let work = || {
            for request in &requests {
                mint(&mut self.env, request, &mut Discard)?;
            }
            anyhow::Ok(())
        };
        Ok(timed(work)?.0)
    }
}

fn request(number: u32) -> Request {
    Request {
        owner: format!("owner-{number:06}").parse().expect("an owner"),
        subject: None,
        name: None,
        scopes: Scopes::parse_lists(["memories:read,memories:write"]).expect("scopes"),
        allow_all: false,
        expiry: None,
        not_before: None,
        prefix: None,
        rate: Some(fixture::RATE.parse().expect("a rate")),
        quota: None,
        networks: Networks::default(),
        labels: Labels::parse_all(["team=search"]).expect("labels"),
        roles: Vec::new(),
        parent: None,
        if_absent: false,
    }
}

fn connect(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")?;
    Ok(connection)
}

/// The rows of a mint in tables and indexes of the same form, by prepared statements and with
/// nothing else around them.
struct SameRows {
    connection: Connection,
    head: Head,
    minted: u64,
}

impl SameRows {
    fn new(file: &Path) -> anyhow::Result<Self> {
        fixture::init(&big_sqlite::location(file))?;
        let head = big_sqlite::open(file, Access::Change)?.head()?;
        Ok(Self { connection: connect(file)?, head, minted: 0 })
    }

    fn batch(&mut self) -> anyhow::Result<Duration> {
        // One key of each owner, as the library's side mints them.
        let made: Vec<(Made, String)> = (self.minted..)
            .take(BATCH as usize)
            .map(|number| fixture::key(number * 10))
            .map(|made| {
                let record = made.record();
                (made, record)
            })
            .collect();
        self.minted += u64::from(BATCH);
        let work = || {
            for (made, record) in &made {
                self.insert(made, record)?;
            }
            anyhow::Ok(())
        };
        Ok(timed(work)?.0)
    }

    fn insert(&mut self, made: &Made, record: &str) -> rusqlite::Result<()> {
        let (id, at) = (made.id.to_string(), made.created_at.as_millis());
        let (scopes, networks, labels) = (fixture::SCOPES, fixture::NETWORKS, fixture::LABELS);
        self.head.audit_seq += 1;
        self.head.mark.counter += 1;
        let seq = self.head.audit_seq.cast_signed();
        self.head.audit_hash =
            chain::link(&self.head.store_uuid, self.head.audit_seq, &self.head.audit_hash, record);
        let run = |sql, values: &[&dyn rusqlite::ToSql]| {
            self.connection.prepare_cached(sql).and_then(|mut statement| statement.execute(values))
        };
        run("BEGIN IMMEDIATE", &[])?;
        run("INSERT INTO owner (name, created_at) VALUES (?1, ?2)", params![made.owner, at])?;
        run(
            "INSERT INTO key (id, owner, name, scopes, networks, labels, rate, created_at, expires_at, generation)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1)",
            params![
                id, made.owner, made.name, scopes, networks, labels, fixture::RATE, at, made.expires_at
            ],
        )?;
        run(fixture::LABEL, params![id])?;
        run(
            "INSERT INTO token (token_hash, hash_alg, token_id, prefix, key_id, generation, created_at, key_name,
                owner, scopes, networks, labels, rate, expires_at)
             VALUES (?1, 'sha256', ?2, ?3, ?4, 1, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            params![
                made.hash, made.token_id, made.prefix, id, at, made.name, made.owner, scopes, networks, labels,
                fixture::RATE, made.expires_at
            ],
        )?;
        run(
            "INSERT INTO audit (seq, body, hash) VALUES (?1, ?2, ?3)",
            params![seq, record, self.head.audit_hash.as_slice()],
        )?;
        run(
            "INSERT INTO change (seq, key_id, at) VALUES (?1, ?2, ?3)",
            params![self.head.mark.counter, id, at],
        )?;
        run(
            "UPDATE head SET mark_counter = ?1, mark_nonce = ?2, audit_seq = ?3, audit_hash = ?4 WHERE id = 1",
            params![self.head.mark.counter, self.head.mark.nonce, seq, self.head.audit_hash.as_slice()],
        )?;
        run("COMMIT", &[]).map(drop)
    }
}

/// The least that a durable change can be.
struct OneRow(Connection, i64);

impl OneRow {
    fn new(file: &Path) -> rusqlite::Result<Self> {
        let connection = connect(file)?;
        let schema = "CREATE TABLE one (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT";
        connection.execute_batch(schema)?;
        Ok(Self(connection, 0))
    }

    fn batch(&mut self) -> anyhow::Result<Duration> {
        let mut insert = self.0.prepare("INSERT INTO one VALUES (?1, 'one durable row')")?;
        let work = || {
            for _ in 0..BATCH {
                self.1 += 1;
                insert.execute([self.1])?;
            }
            anyhow::Ok(())
        };
        Ok(timed(work)?.0)
    }
}
