//! A place for a store, in one of the two databases, and the library's own view of it.

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use keyctl::domain::audit::event::Actor;
use keyctl::domain::time::Timestamp;
use keyctl::ops::env::{Env, SystemRandom};
use keyctl::ops::stores::store::{DEFAULT_EXPIRY, Defaults, Founding};
use keyctl::store::{Access, Location, Options, Store, unheard};
use tempfile::TempDir;

use super::postgres::{self, PASSWORD};

/// Where a test's store is; removed with the value.
pub struct Place {
    pub folder: TempDir,
    /// The database's name on the server.
    pub database: Option<String>,
}

pub fn clock() -> Option<Timestamp> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    Timestamp::from_millis(since.as_millis() as i64)
}

pub fn options() -> Options {
    Options { lock_timeout: Duration::from_secs(20), clock, memory_map: 0, alone: false, listen: unheard }
}

impl Place {
    pub fn sqlite() -> Self {
        Self { folder: tempfile::tempdir().expect("folder"), database: None }
    }

    pub fn postgres() -> Self {
        let database = postgres::server().database();
        Self { folder: tempfile::tempdir().expect("folder"), database: Some(database) }
    }

    /// The SQLite file, whether or not it is the store.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("keys.db")
    }

    /// What `--store` takes.
    pub fn text(&self) -> String {
        match &self.database {
            None => self.file().display().to_string(),
            Some(name) => postgres::server().address(name),
        }
    }

    /// As the library takes it; for PostgreSQL with the password in it.
    pub fn location(&self) -> Location {
        let text = self.text().replace('@', &format!(":{}@", PASSWORD.replace(' ', "%20")));
        Location::parse(&text).expect("a location")
    }

    /// Creates the store.
    pub fn init(&self) {
        let defaults = Defaults { expiry: Some(DEFAULT_EXPIRY), ..Defaults::default() };
        let founding = Founding { defaults: &defaults, actor: &actor(), rehearse: false };
        keyctl::ops::stores::store::init(&self.location(), options(), &founding, &mut SystemRandom)
            .expect("init");
    }

    pub fn open(&self) -> Store {
        Store::open(&self.location(), Access::Change, options()).expect("opens")
    }

    /// The store, ready for changes.
    pub fn env(&self) -> Env {
        env_of(self.open())
    }

    /// Runs SQL against the store from outside of keyctl, as an administrator could; returns
    /// rows of values separated by `|`.
    pub fn sql(&self, sql: &str) -> Result<String, String> {
        if let Some(name) = &self.database {
            return postgres::server().psql(name, &format!("SET search_path = keyctl, public; {sql}"));
        }
        let connection = rusqlite::Connection::open(self.file()).map_err(|error| error.to_string())?;
        let run = || -> rusqlite::Result<Vec<String>> {
            if !sql.trim_start().to_uppercase().starts_with("SELECT") {
                connection.execute_batch(sql)?;
                return Ok(Vec::new());
            }
            let mut statement = connection.prepare(sql)?;
            let columns = statement.column_count();
            let rows = statement.query_map([], |row| {
                let cells: Vec<String> =
                    (0..columns).map(|column| show(row.get_ref(column))).collect::<Result<_, _>>()?;
                Ok(cells.join("|"))
            })?;
            rows.collect()
        };
        run().map(|rows| rows.join("\n")).map_err(|error| error.to_string())
    }
}

fn show(cell: rusqlite::Result<rusqlite::types::ValueRef<'_>>) -> rusqlite::Result<String> {
    use rusqlite::types::ValueRef;
    Ok(match cell? {
        ValueRef::Null => String::new(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        ValueRef::Blob(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
    })
}

pub fn env_of(store: Store) -> Env {
    let random = Box::new(SystemRandom);
    Env { store, random, actor: actor(), rehearse: false, sink: None, unmade: None }
}

pub fn actor() -> Actor {
    Actor { claimed: Some("tests".to_owned()), ..Actor::default() }
}
