//! A role that is given other scopes, with 100,000 keys that have it, while somebody verifies.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

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

pub(crate) fn measure(bench: &Bench, lines: &mut Vec<Line>) {
    on_sqlite(bench, lines);
    on_postgres(bench, lines);
}

fn row<'a>(what: &'a str, reference: &'a str) -> Measure<'a> {
    Measure { what, reference, budget: Budget::Within(Duration::from_secs(1)), pairs: 7, batch: 1 }
}

fn on_sqlite(bench: &Bench, lines: &mut Vec<Line>) {
    let source = big_sqlite::file(bench, HOLDERS);
    let folder = tempfile::tempdir_in(&bench.data).expect("a folder");
    let [ours, theirs] = ["ours.db", "theirs.db"].map(|name| folder.path().join(name));
    for copy in [&ours, &theirs] {
        std::fs::copy(&source, copy).expect("copied");
        let connection = Connection::open(copy).expect("opens");
        connection.execute_batch(&GIVE.join(";")).expect("given");
    }
    let location = big_sqlite::location(&ours);
    let bare = bare_connection(&theirs);
    let mut turn = 0;
    let line = Changes::new(&location).beside_verification(&location, |changes| {
        row("role change, SQLite, 100,000 keys", "rusqlite, the same rows").run(
            || changes.next(),
            || {
                turn += 1;
                let scopes = format!("[\"memories:read\",\"memories:write\",\"turn:{turn}\"]");
                timed(|| bare.execute("UPDATE token SET scopes = ?1", [scopes]).expect("written")).0
            },
        )
    });
    lines.push(line);
}

fn bare_connection(file: &Path) -> Connection {
    let connection = Connection::open(file).expect("opens");
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL").expect("pragmas");
    connection
}

fn on_postgres(bench: &Bench, lines: &mut Vec<Line>) {
    let server = Server::start(bench);
    let source = big_postgres::database(&server, HOLDERS);
    for copy in ["roles_ours", "roles_theirs"] {
        server.sql("postgres", &format!("DROP DATABASE IF EXISTS {copy}")).expect("dropped");
        server.sql("postgres", &format!("CREATE DATABASE {copy} TEMPLATE {source}")).expect("copied");
        for sql in GIVE {
            server.sql(copy, &format!("SET search_path = keyctl; {sql}")).expect("given");
        }
        server.sql(copy, "VACUUM ANALYZE").expect("statistics");
    }
    let location = big_postgres::location(&server, "roles_ours");
    let mut turn = 0;
    let line = Changes::new(&location).beside_verification(&location, |changes| {
        row("role change, Postgres, 100,000 keys", "psql, UPDATE of the same rows").run(
            || changes.next(),
            || {
                turn += 1;
                let sql = format!("UPDATE keyctl.token SET scopes = '[\"turn:{turn}\"]'");
                timed(|| server.sql("roles_theirs", &sql).expect("written")).0
            },
        )
    });
    lines.push(line);
}

/// Sets the role to the one and the other.
struct Changes {
    env: Env,
    name: RoleName,
    turn: usize,
}

impl Changes {
    fn new(location: &Location) -> Self {
        let store = Store::open(location, Access::Change, fixture::options()).expect("opens");
        let env = fixture::env(store);
        Self { env, name: "reader".parse().expect("a role"), turn: 0 }
    }

    fn next(&mut self) -> Duration {
        self.turn += 1;
        let scopes = Scopes::parse_lists([GIVEN[self.turn % 2]]).expect("scopes");
        let (took, done) = timed(|| set(&mut self.env, &self.name, &scopes, false).expect("set"));
        assert_eq!(done.refreshed, HOLDERS, "keys of the role");
        took
    }

    /// Measures while a thread verifies tokens without a pause. None may be refused, and what
    /// was set last is in force at once.
    fn beside_verification(mut self, location: &Location, measure: impl FnOnce(&mut Self) -> Line) -> Line {
        let (stop, verified) = (AtomicBool::new(false), AtomicU64::new(0));
        let mut line = thread::scope(|scope| {
            scope.spawn(|| verify_until(location, &stop, &verified));
            let line = measure(&mut self);
            stop.store(true, Ordering::Relaxed);
            line
        });
        line.what = format!("{}, {} verified meanwhile", line.what, verified.load(Ordering::Relaxed));
        let given = GIVEN[self.turn % 2];
        let mut store = Store::open(location, Access::Read, fixture::options()).expect("opens");
        let asked = Asked { scope: given.parse().ok(), ..Asked::default() };
        let verdict = verify(&mut store, fixture::token(0).expose(), &asked).expect("read");
        assert!(matches!(verdict, Verdict::Allowed(_)), "in force at once: {verdict:?}");
        line
    }
}

fn verify_until(location: &Location, stop: &AtomicBool, verified: &AtomicU64) {
    let mut store = Store::open(location, Access::Read, fixture::options()).expect("opens");
    let mut random = Seeded(11);
    while !stop.load(Ordering::Relaxed) {
        let number = random.live_key(HOLDERS);
        let token = fixture::token(number);
        let verdict = verify(&mut store, token.expose(), &Asked::default()).expect("read");
        let Verdict::Allowed(grant) = verdict else { panic!("refused: {verdict:?}") };
        let scopes = grant.scopes.to_json();
        assert!(scopes.contains("notes") || scopes == fixture::SCOPES, "neither old nor new: {scopes}");
        verified.fetch_add(1, Ordering::Relaxed);
    }
}
