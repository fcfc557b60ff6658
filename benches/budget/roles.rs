//! A role that is given other scopes, with 100,000 keys that have it, while somebody verifies.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{anyhow, bail, ensure};
use keyctl::domain::keys::scope::Scopes;
use keyctl::domain::keys::verdict::{Asked, Verdict};
use keyctl::domain::owners::role::RoleName;
use keyctl::ops::env::Env;
use keyctl::ops::keys::verify::verify;
use keyctl::ops::owners::role::set;
use keyctl::store::{Access, Location, Store};
use rusqlite::Connection;

use super::fixture::{self, Seeded};
use super::pairs::{Budget, Line, Measure, timed};
use super::server::Server;
use super::{Bench, big_postgres, big_sqlite};

/// Keys that have the role.
const HOLDERS: u64 = 100_000;

/// What the role gives, in turn.
const GIVEN: [&str; 2] = ["notes:read", "notes:write"];

const GIVE: [&str; 2] = [
    "INSERT INTO role (name, scopes, created_at, changed_at) VALUES ('reader', '[\"notes\"]', 1, 1)",
    "INSERT INTO key_role (role, key_id) SELECT 'reader', id FROM key",
];

pub(crate) fn measure(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    on_sqlite(bench, lines)?;
    on_postgres(bench, lines)
}

fn row<'a>(what: &'a str, reference: &'a str) -> Measure<'a> {
    Measure { what, reference, budget: Budget::Within(Duration::from_secs(1)), pairs: 7, batch: 1 }
}

fn on_sqlite(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    let source = big_sqlite::file(bench, HOLDERS)?;
    let folder = tempfile::tempdir_in(&bench.data)?;
    let [ours, theirs] = ["ours.db", "theirs.db"].map(|name| folder.path().join(name));
    for copy in [&ours, &theirs] {
        std::fs::copy(&source, copy)?;
        let connection = Connection::open(copy)?;
        connection.execute_batch(&GIVE.join(";"))?;
    }
    let location = big_sqlite::location(&ours);
    let bare = bare_connection(&theirs)?;
    let mut turn = 0;
    let line = Changes::new(&location)?.beside_verification(&location, |changes| {
        row("role change, SQLite, 100,000 keys", "rusqlite, the same rows").run(
            || changes.next(),
            || {
                turn += 1;
                let scopes = format!("[\"memories:read\",\"memories:write\",\"turn:{turn}\"]");
                Ok(timed(|| bare.execute("UPDATE token SET scopes = ?1", [scopes]))?.0)
            },
        )
    })?;
    lines.push(line);
    Ok(())
}

fn bare_connection(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")?;
    Ok(connection)
}

fn on_postgres(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    let server = Server::start(bench)?;
    let source = big_postgres::database(&server, HOLDERS)?;
    for copy in ["roles_ours", "roles_theirs"] {
        server.sql("postgres", &format!("DROP DATABASE IF EXISTS {copy}"))?;
        server.sql("postgres", &format!("CREATE DATABASE {copy} TEMPLATE {source}"))?;
        for sql in GIVE {
            server.sql(copy, &format!("SET search_path = keyctl; {sql}"))?;
        }
        server.sql(copy, "VACUUM ANALYZE")?;
    }
    let location = big_postgres::location(&server, "roles_ours")?;
    let mut turn = 0;
    let line = Changes::new(&location)?.beside_verification(&location, |changes| {
        row("role change, Postgres, 100,000 keys", "psql, UPDATE of the same rows").run(
            || changes.next(),
            || {
                turn += 1;
                let sql = format!("UPDATE keyctl.token SET scopes = '[\"turn:{turn}\"]'");
                Ok(timed(|| server.sql("roles_theirs", &sql))?.0)
            },
        )
    })?;
    lines.push(line);
    Ok(())
}

/// Sets the role to the one and the other.
struct Changes {
    env: Env,
    name: RoleName,
    turn: usize,
}

impl Changes {
    fn new(location: &Location) -> anyhow::Result<Self> {
        let store = Store::open(location, Access::Change, fixture::options())?;
        let env = fixture::env(store);
        Ok(Self { env, name: "reader".parse().expect("a role"), turn: 0 })
    }

    fn next(&mut self) -> anyhow::Result<Duration> {
        self.turn += 1;
        let scopes = Scopes::parse_lists([GIVEN[self.turn % 2]]).expect("scopes");
        let (took, done) = timed(|| set(&mut self.env, &self.name, &scopes, false))?;
        ensure!(done.refreshed == HOLDERS, "{} keys have the role", done.refreshed);
        Ok(took)
    }

    /// Measures while a thread verifies tokens without a pause. None may be refused, and what
    /// was set last is in force at once.
    fn beside_verification(
        mut self,
        location: &Location,
        measure: impl FnOnce(&mut Self) -> anyhow::Result<Line>,
    ) -> anyhow::Result<Line> {
        let (stop, verified) = (AtomicBool::new(false), AtomicU64::new(0));
        let mut line = thread::scope(|scope| {
            let verifying = scope.spawn(|| verify_until(location, &stop, &verified));
            let line = measure(&mut self);
            stop.store(true, Ordering::Relaxed);
            verifying.join().map_err(|_| anyhow!("the verification panicked"))??;
            line
        })?;
        line.what = format!("{}, {} verified meanwhile", line.what, verified.load(Ordering::Relaxed));
        let given = GIVEN[self.turn % 2];
        let mut store = Store::open(location, Access::Read, fixture::options())?;
        let asked = Asked { scope: given.parse().ok(), ..Asked::default() };
        let verdict = verify(&mut store, fixture::token(0).expose(), &asked)?;
        ensure!(matches!(verdict, Verdict::Allowed(_)), "in force at once: {verdict:?}");
        Ok(line)
    }
}

fn verify_until(location: &Location, stop: &AtomicBool, verified: &AtomicU64) -> anyhow::Result<()> {
    let mut store = Store::open(location, Access::Read, fixture::options())?;
    let mut random = Seeded(11);
    while !stop.load(Ordering::Relaxed) {
        let number = random.live_key(HOLDERS);
        let token = fixture::token(number);
        let verdict = verify(&mut store, token.expose(), &Asked::default())?;
        let Verdict::Allowed(grant) = verdict else { bail!("refused: {verdict:?}") };
        let scopes = serde_json::to_string(&grant.scopes)?;
        ensure!(scopes.contains("notes") || scopes == fixture::SCOPES, "neither old nor new: {scopes}");
        verified.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}
