//! A lease of a token that does, beside a bare transaction that compares and swaps one row of the same database.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use futures_util::future::join3;
use keyctl::domain::secrets::secret::SecretName;
use keyctl::domain::time::Span;
use keyctl::ops::credentials::lease::take;
use keyctl::ops::env::{Env, SystemRandom};
use keyctl::ops::master_keys::{Given, Material, Ring};
use keyctl::store::{Access, Location, Store};
use rusqlite::Connection;
use tokio::runtime::Runtime;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, NoTls};

use super::jwts::{KEY, run};
use super::pairs::{Budget, Line, Measure, timed};
use super::server::Server;
use super::{Bench, big_postgres, big_sqlite, fixture};

const BATCH: u32 = 50;
const PAIRS: usize = 101;
const LEASE: Span = Span::seconds(600);
/// One that lives for longer than the bench runs.
const TOKENS: &str = r#"{"access_token":"gho_16C7e42F292c6912E7710c838347Ae178B4a","refresh_token":"ghr_1B4a2e77838347a7","expires_in":86400}"#;
const SWAP: &str = "UPDATE swapped SET version = version + 1 WHERE id = 1 AND version = $1";

pub(crate) fn measure(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    lines.push(on_sqlite(bench)?);
    lines.push(on_postgres(bench)?);
    Ok(())
}

fn row<'a>(what: &'a str, reference: &'a str) -> Measure<'a> {
    Measure { what, reference, budget: Budget::AtLeast(0.5), pairs: PAIRS, batch: BATCH }
}

/// A process that takes one lease after another.
struct Leases {
    env: Env,
    ring: Ring,
    name: SecretName,
}

impl Leases {
    /// Of a credential that is kept in this empty store.
    fn new(bench: &Bench, location: &Location, place: &Path) -> anyhow::Result<Self> {
        fixture::init(location)?;
        let add = "oauth add ci --provider github --token-endpoint https://login.example.com/token \
                   --client-id public --refresh-invalidates";
        run(bench, place, add, TOKENS)?;
        let mut env = fixture::env(Store::open(location, Access::Change, fixture::options())?);
        let given = Given { current: Material::key(KEY.as_bytes())?, previous: None };
        let ring = Ring::new(&mut env.store, given, &mut SystemRandom)?;
        Ok(Self { env, ring, name: "ci".parse()? })
    }

    fn batch(&mut self) -> anyhow::Result<Duration> {
        let mut fence = 0;
        let work = || {
            for _ in 0..BATCH {
                let next = take(&mut self.env, &self.ring, &self.name, LEASE)?;
                ensure!(next > fence, "a fence went back");
                fence = next;
            }
            anyhow::Ok(())
        };
        Ok(timed(work)?.0)
    }
}

fn on_sqlite(bench: &Bench) -> anyhow::Result<Line> {
    let folder = tempfile::tempdir_in(&bench.data)?;
    let [ours, theirs] = ["ours.db", "theirs.db"].map(|name| folder.path().join(name));
    let mut leases = Leases::new(bench, &big_sqlite::location(&ours), &ours)?;
    let tidy = Connection::open(&ours)?;
    let bare = Connection::open(&theirs)?;
    bare.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE swapped (id INTEGER PRIMARY KEY, version INTEGER NOT NULL) STRICT;
         INSERT INTO swapped VALUES (1, 0)",
    )?;
    let [mut begin, mut swap, mut commit] = ["BEGIN IMMEDIATE", SWAP, "COMMIT"]
        .map(|sql| bare.prepare(sql))
        .into_iter()
        .collect::<Result<Vec<_>, _>>()?
        .try_into()
        .ok()
        .context("three statements")?;
    let mut version = 0_i64;
    row("a lease, SQLite", "rusqlite, compare and swap").run(
        || {
            // As holders give them up.
            tidy.execute("DELETE FROM oauth_lease", [])?;
            leases.batch()
        },
        || {
            let work = || {
                for _ in 0..BATCH {
                    begin.execute([])?;
                    ensure!(swap.execute([version])? == 1, "another version");
                    commit.execute([])?;
                    version += 1;
                }
                anyhow::Ok(())
            };
            Ok(timed(work)?.0)
        },
    )
}

fn on_postgres(bench: &Bench) -> anyhow::Result<Line> {
    let server = Server::start(bench)?;
    let database = "leases";
    server.sql("postgres", &format!("DROP DATABASE IF EXISTS {database}"))?;
    server.sql("postgres", &format!("CREATE DATABASE {database}"))?;
    let address = server.secret_address(database);
    let mut leases = Leases::new(bench, &big_postgres::location(&server, database)?, Path::new(&address))?;
    server.sql(database, "CREATE TABLE swapped (id BIGINT PRIMARY KEY, version BIGINT NOT NULL)")?;
    server.sql(database, "INSERT INTO swapped VALUES (1, 0)")?;
    let mut bare = Bare::new(&address)?;
    row("a lease, Postgres", "tokio-postgres, compare and swap").run(
        || {
            server.sql(database, "DELETE FROM keyctl.oauth_lease")?;
            leases.batch()
        },
        || bare.batch(),
    )
}

/// A transaction sent at once, one way there and back, by statements without names: as through any pooler.
struct Bare {
    runtime: Runtime,
    client: Client,
    version: i64,
}

impl Bare {
    fn new(address: &str) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (client, connection) = runtime.block_on(tokio_postgres::connect(address, NoTls))?;
        runtime.spawn(connection);
        Ok(Self { runtime, client, version: 0 })
    }

    fn batch(&mut self) -> anyhow::Result<Duration> {
        let work = || {
            for _ in 0..BATCH {
                let values: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 1] =
                    [(&self.version, Type::INT8)];
                let all = join3(
                    self.client.batch_execute("BEGIN"),
                    self.client.execute_typed(SWAP, &values),
                    self.client.batch_execute("COMMIT"),
                );
                let (begun, swapped, committed) = self.runtime.block_on(all);
                begun?;
                ensure!(swapped? == 1, "another version");
                committed?;
                self.version += 1;
            }
            anyhow::Ok(())
        };
        Ok(timed(work)?.0)
    }
}
