//! What `doctor` looks for in the tables: how many there are of something, and the names of the first of them.
//!
//! Nothing is read into memory but these names, so that a large store needs no more of it than a small one.

use std::collections::BTreeSet;

use super::error::Result;
use super::keys::list::Page;
use super::migrations::{self, Index};
use super::session::{Sql, Value};
use super::{Backend, Location, Store, sqlite};
use crate::domain::time::Timestamp;

/// Names that are told of; the rest is counted.
const TOLD: usize = 10;

/// How many there are, and the names of the first of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Few {
    pub count: u64,
    pub names: Vec<String>,
}

/// What a key is called.
const KEY: &str = "k.owner || '/' || k.name";

/// What a file or folder of a store lets others do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exposure {
    /// In words, beginning with the path.
    pub what: String,
    pub hint: String,
    /// Whether it is one of the store's own files, which is then not even read; else a folder.
    pub is_file: bool,
    /// Whether taking rights away is enough, and this user may do it.
    pub mendable: bool,
}

/// What is open to others of the files of a store and of the folders that lead to it. None of a database on a server.
pub(crate) fn exposures(location: &Location) -> Vec<Exposure> {
    match location {
        Location::Sqlite(file) => sqlite::exposures(file),
        Location::Postgres(_) => Vec::new(),
    }
}

/// Takes the rights away that others have without being asked: to the store's own files, and to write its folder.
pub(crate) fn mend_exposures(location: &Location) -> Result<()> {
    match location {
        Location::Sqlite(file) => sqlite::mend_exposures(file),
        Location::Postgres(_) => Ok(()),
    }
}

impl Store {
    /// What stands behind `FROM`: the names in their order, and how many there are.
    fn few(&mut self, name: &str, from: &str, order: &str, values: &[Value]) -> Result<Few> {
        let mut few = Few::default();
        let told = i64::try_from(TOLD + 1).unwrap_or(i64::MAX);
        let mut with_limit = values.to_vec();
        with_limit.push(told.into());
        let limit = with_limit.len();
        let first = format!("SELECT {name} FROM {from} ORDER BY {order} LIMIT ${limit}");
        self.session().query(Sql::Built(first), &with_limit, &mut |row| {
            few.names.push(row.of("key").text(0)?.to_owned());
            Ok(())
        })?;
        few.count = few.names.len() as u64;
        if few.names.len() > TOLD {
            few.names.truncate(TOLD);
            let count = format!("SELECT COUNT(*) FROM {from}");
            self.session().query(Sql::Built(count), values, &mut |row| {
                few.count = row.of("key").count(0)?;
                Ok(())
            })?;
        }
        Ok(few)
    }

    /// The keys that a page's conditions let through, whatever its limit and place.
    pub(crate) fn few_of_page(&mut self, page: &Page) -> Result<Few> {
        let (conditions, values) = page.everything(None);
        self.few(KEY, &format!("keyctl.key k {conditions}"), "k.id", &values)
    }

    /// Live keys whose token was imported and may be guessed. Looked for only where there ever was one.
    pub(crate) fn weak_keys(&mut self) -> Result<Few> {
        if self.head()?.foreign_salt.is_none() {
            return Ok(Few::default());
        }
        let from = "keyctl.token t JOIN keyctl.key k ON k.id = t.key_id AND k.generation = t.generation
             WHERE t.hash_alg = 'argon2id' AND t.revoked_at IS NULL
                AND (t.expires_at IS NULL OR t.expires_at > keyctl.now_ms())";
        self.few(KEY, from, "k.id", &[])
    }

    /// Live keys with a token that never expires.
    pub(crate) fn endless_keys(&mut self) -> Result<Few> {
        let from = "keyctl.key k WHERE k.revoked_at IS NULL AND k.expires_sort = 9223372036854775807
             AND k.id NOT IN (SELECT t.key_id FROM keyctl.token t WHERE t.token_hash > 'g')";
        self.few(KEY, from, "k.id", &[])
    }

    /// Keys with a token that works and never became theirs, since before this time.
    pub(crate) fn keys_pending_since(&mut self, before: Timestamp) -> Result<Few> {
        let from = "(SELECT DISTINCT t.key_id FROM keyctl.token t
                WHERE t.generation > 4294967296 AND t.grace_ends_at IS NULL AND t.created_at < $1
                    AND t.revoked_at IS NULL) p
             JOIN keyctl.key k ON k.id = p.key_id";
        self.few(KEY, from, "k.id", &[before.as_millis().into()])
    }

    /// Whether any service ever said which keys it saw.
    pub(crate) fn records_use(&mut self) -> Result<bool> {
        let mut found = false;
        let sql = "SELECT 1 FROM keyctl.key_use u WHERE u.last_used_at IS NOT NULL LIMIT 1";
        self.session().query(sql.into(), &[], &mut |_| {
            found = true;
            Ok(())
        })?;
        Ok(found)
    }

    /// Credentials whose provider refused the refresh token.
    pub(crate) fn credentials_to_sign_in(&mut self) -> Result<Few> {
        let from = "keyctl.oauth_credential c JOIN keyctl.secret s ON s.id = c.secret_id
             WHERE s.deleted_at IS NULL AND c.state = 'needs_reauth'";
        self.few("s.name", from, "s.name", &[])
    }

    /// Credentials of whose last attempt it is not known how it ended, since before this time.
    pub(crate) fn credentials_uncertain_since(&mut self, before: Timestamp) -> Result<Few> {
        let from =
            "keyctl.oauth_attempt a JOIN keyctl.secret s ON s.id = a.secret_id AND s.version = a.version
             WHERE s.deleted_at IS NULL AND a.uncertain = 1 AND a.ends_at < $1";
        self.few("s.name", from, "s.name", &[before.as_millis().into()])
    }

    /// Credentials whose last attempts all failed.
    pub(crate) fn credentials_failing(&mut self, failures: i64) -> Result<Few> {
        let from =
            "keyctl.oauth_attempt a JOIN keyctl.secret s ON s.id = a.secret_id AND s.version = a.version
             JOIN keyctl.oauth_credential c ON c.secret_id = s.id AND c.state = 'good'
             WHERE s.deleted_at IS NULL AND a.uncertain = 0 AND a.failures >= $1";
        self.few("s.name", from, "s.name", &[failures.into()])
    }

    /// Credentials whose refresh waits for a lease that was taken before this time and has not ended.
    pub(crate) fn credentials_held_since(&mut self, before: Timestamp) -> Result<Few> {
        let from = "keyctl.oauth_use u JOIN keyctl.secret s ON s.id = u.secret_id AND s.version = u.announced
             WHERE s.deleted_at IS NULL AND EXISTS (SELECT 1 FROM keyctl.oauth_lease l
                WHERE l.secret_id = u.secret_id AND l.version = u.announced
                    AND l.expires_at > keyctl.now_ms() AND l.acquired_at < $1)";
        self.few("s.name", from, "s.name", &[before.as_millis().into()])
    }

    /// Whether something between here and the server gives each transaction another of the server's processes. `None`
    /// of a file, which has none.
    pub(crate) fn is_pooled_by_transaction(&mut self) -> Result<Option<bool>> {
        match &mut self.backend {
            Backend::Sqlite(_) => Ok(None),
            Backend::Postgres(session) => session.is_pooled_by_transaction().map(Some),
        }
    }

    /// The indexes of the migrations of which there is nothing of that name, and whose tables there are. One that is there
    /// and is another one is none of these: somebody made it so.
    pub(crate) fn missing_indexes(&mut self) -> Result<Vec<Index>> {
        let (all, names) = match &self.backend {
            Backend::Sqlite(_) => (migrations::indexes(|step| step.sqlite), "SELECT name FROM sqlite_schema"),
            Backend::Postgres(_) => (
                migrations::indexes(|step| step.postgres),
                "SELECT c.relname::text FROM pg_catalog.pg_class c WHERE c.relnamespace = 'keyctl'::regnamespace",
            ),
        };
        let mut there = BTreeSet::new();
        self.session().query(names.into(), &[], &mut |row| {
            there.insert(row.of("schema").text(0)?.to_owned());
            Ok(())
        })?;
        Ok(all
            .into_iter()
            .filter(|index| !there.contains(index.name) && there.contains(index.table))
            .collect())
    }

    /// Makes what is missing of the indexes, by the statements that made them, and nothing else. It holds changes up
    /// while it does, and fails where rows are there that a unique one would have kept out.
    pub(crate) fn make_missing_indexes(&mut self) -> Result<()> {
        let session = self.session();
        session.begin_change()?;
        let made = self.make_indexes();
        if made.is_err() {
            self.session().rollback();
        }
        made
    }

    fn make_indexes(&mut self) -> Result<()> {
        // Which are missing is looked at under the lock: somebody else may have made them.
        let missing = self.missing_indexes()?;
        let is_server = matches!(self.backend, Backend::Postgres(_));
        let session = self.session();
        if is_server {
            session.script("SET LOCAL search_path = keyctl, pg_temp")?;
        }
        missing.iter().try_for_each(|index| session.script(index.sql))?;
        session.commit()
    }

    /// Moves the log into a file; a server does that by itself.
    pub(crate) fn move_log(&mut self) -> Result<()> {
        match &mut self.backend {
            Backend::Sqlite(session) => session.move_log(),
            Backend::Postgres(_) => Ok(()),
        }
    }
}
