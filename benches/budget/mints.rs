//! Durable mints in one process: one transaction each, on a store that begins empty.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use keyctl::crypto::chain;
use keyctl::domain::id::key_id;
use keyctl::domain::keys::key::Key;
use keyctl::domain::keys::label::Labels;
use keyctl::domain::keys::network::Networks;
use keyctl::domain::keys::scope::Scopes;
use keyctl::domain::keys::token::{Token, TokenHash};
use keyctl::domain::random::{Random, RandomError};
use keyctl::ops::delivery::{Deliver, DeliveryError};
use keyctl::ops::env::{Env, SystemRandom};
use keyctl::ops::keys::mint::{Request, mint};
use keyctl::store::{Access, Head};
use rusqlite::{Connection, Statement, params};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

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
    let mut lean = Leanest::new(&file("lean.db"))?;
    let same = row("rusqlite, the same rows", 0.85);
    lines.extend(same.run_with_leanest(5, || library.batch(), || lean.batch(), || rows.batch())?);
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
        allow_jwt: false,
        note: None,
        made_by: None,
        if_absent: false,
        canary: false,
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

/// The leanest mint: what the contract asks of one, by statements that stay prepared. All that is random is drawn at
/// once; under the lock the head row and the clock are read, the owner and the name are looked for, the rows are
/// written, the audit record is linked, and the change mark moves.
struct Leanest {
    connection: Connection,
    minted: u32,
}

/// Random bytes drawn before.
pub(crate) struct Pool<'b>(pub(crate) &'b [u8]);

impl Random for Pool<'_> {
    fn fill(&mut self, into: &mut [u8]) -> Result<(), RandomError> {
        let (bytes, left) = self.0.split_at_checked(into.len()).ok_or(RandomError)?;
        into.copy_from_slice(bytes);
        self.0 = left;
        Ok(())
    }
}

struct Statements<'c> {
    begin: Statement<'c>,
    head: Statement<'c>,
    holder: Statement<'c>,
    name: Statement<'c>,
    owner: Statement<'c>,
    key: Statement<'c>,
    label: Statement<'c>,
    scope: Statement<'c>,
    token: Statement<'c>,
    audit: Statement<'c>,
    change: Statement<'c>,
    forget: Statement<'c>,
    moved: Statement<'c>,
    commit: Statement<'c>,
}

impl<'c> Statements<'c> {
    fn prepare(connection: &'c Connection) -> rusqlite::Result<Self> {
        let of = |sql| connection.prepare(sql);
        Ok(Self {
            begin: of("BEGIN IMMEDIATE")?,
            head: of(
                "SELECT store_uuid, default_prefix, default_expiry_seconds, mark_counter, audit_seq, audit_hash
                 FROM head WHERE id = 1",
            )?,
            holder: of("SELECT 1 FROM owner WHERE name = ?1 UNION ALL SELECT 1 FROM owner WHERE subject = ?1")?,
            name: of("SELECT 1 FROM key WHERE owner = ?1 AND name = ?2 AND revoked_at IS NULL")?,
            owner: of("INSERT INTO owner (name, created_at) VALUES (?1, ?2)")?,
            key: of(
                "INSERT INTO key (id, owner, name, scopes, networks, labels, rate, created_at, generation)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1)",
            )?,
            label: of(fixture::LABEL)?,
            scope: of("INSERT INTO scope (name) VALUES (?1) ON CONFLICT (name) DO NOTHING")?,
            token: of(
                "INSERT INTO token (token_hash, hash_alg, token_id, prefix, key_id, generation, created_at, key_name,
                    owner, scopes, networks, labels, rate)
                 VALUES (?1, 'sha256', ?2, ?3, ?4, 1, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )?,
            audit: of("INSERT INTO audit (seq, body, hash) VALUES (?1, ?2, ?3)")?,
            change: of("INSERT INTO change (seq, key_id, at, nonce) VALUES (?1, ?2, ?3, ?4)")?,
            forget: of("DELETE FROM change WHERE seq <= ?1")?,
            moved: of(
                "UPDATE head SET mark_counter = ?1, mark_nonce = ?2, audit_seq = ?3, audit_hash = ?4 WHERE id = 1",
            )?,
            commit: of("COMMIT")?,
        })
    }
}

impl Leanest {
    fn new(file: &Path) -> anyhow::Result<Self> {
        fixture::init(&big_sqlite::location(file))?;
        let connection = connect(file)?;
        connection.execute_batch("PRAGMA secure_delete = ON; PRAGMA journal_size_limit = 4194304")?;
        Ok(Self { connection, minted: 0 })
    }

    fn batch(&mut self) -> anyhow::Result<Duration> {
        let mut statements = Statements::prepare(&self.connection)?;
        let numbers = self.minted..self.minted + BATCH;
        self.minted += BATCH;
        let work = || numbers.into_iter().try_for_each(|number| mint_lean(&mut statements, number));
        Ok(timed(work)?.0)
    }
}

fn mint_lean(run: &mut Statements<'_>, number: u32) -> anyhow::Result<()> {
    let (owner, name) = (format!("owner-{number:06}"), "default");
    let (scopes, networks, labels) = (fixture::SCOPES, fixture::NETWORKS, fixture::LABELS);
    let mut bytes = [0; 8 + 10 + 6 * 64];
    SystemRandom.fill(&mut bytes)?;
    let mut random = Pool(&bytes);
    run.begin.execute([])?;
    let (uuid, prefix, expiry, counter, last, previous) = run.head.query_row([], |row| {
        Ok((
            Uuid::from_bytes(row.get(0)?),
            row.get_ref(1)?.as_str()?.to_owned(),
            row.get::<_, Option<i64>>(2)?,
            row.get::<_, i64>(3)?,
            row.get::<_, i64>(4)?,
            row.get::<_, [u8; 32]>(5)?,
        ))
    })?;
    let now = (fixture::options().clock)().context("a clock")?;
    let at = now.as_millis();
    ensure!(expiry.is_none(), "keys of this store have an end");
    ensure!(!run.holder.exists([&owner])? && !run.name.exists([&*owner, name])?, "it is there");
    let token = Token::generate(&prefix.parse()?, &mut random)?;
    let hash = TokenHash::from_digest(&Sha256::digest(token.expose().as_bytes()).into());
    let id = key_id(now, &mut random)?.to_string();
    let display = token.display_prefix();
    let (display, token_id) = (display.as_str(), token.id());
    let mut nonce = [0; 8];
    random.fill(&mut nonce)?;
    let nonce = format!("{:016x}", u64::from_be_bytes(nonce));
    run.owner.execute(params![owner, at])?;
    run.key.execute(params![id, owner, name, scopes, networks, labels, fixture::RATE, at])?;
    run.label.execute([&id])?;
    for scope in ["memories:read", "memories:write"] {
        run.scope.execute([scope])?;
    }
    let token_id = token_id.as_str();
    run.token.execute(params![
        hash.as_str(),
        token_id,
        display,
        id,
        at,
        name,
        owner,
        scopes,
        networks,
        labels,
        fixture::RATE
    ])?;
    let body = format!(
        "{{\"at\":\"{now}\",\"action\":\"mint\",\"outcome\":\"done\",\"message\":null,\"owner\":\"{owner}\",\"key\":\"{id}\",\
         \"key_name\":\"{name}\",\"actor\":{{\"claimed\":\"bench\",\"os_user\":\"root\",\"host\":\"localhost\",\
         \"session_user\":null,\"client_address\":null}},\"details\":{{\"token\":\"{display}\",\"scopes\":{scopes},\
         \"roles\":[],\"parent\":null,\"expires_at\":null,\"not_before\":null,\"rate\":\"{}\",\"quota\":null,\
         \"allow_ip\":[],\"labels\":{labels},\"owner_created\":true,\"subject\":\"{owner}\"}}}}",
        fixture::RATE
    );
    let (seq, counter) = (last + 1, counter + 1);
    let link = chain::link(&uuid, seq.cast_unsigned(), &previous, &body);
    run.audit.execute(params![seq, body, link.as_slice()])?;
    run.change.execute(params![counter, id, at, nonce])?;
    run.forget.execute([counter - big_sqlite::CHANGES_KEPT.cast_signed()])?;
    run.moved.execute(params![counter, nonce, seq, link.as_slice()])?;
    std::hint::black_box(token.expose());
    run.commit.execute([])?;
    Ok(())
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
