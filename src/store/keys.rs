//! Keys and their owners.

use super::Store;
use super::error::Result;
use super::session::{Cells, Row, Session, Sql, Statement, Value};
use super::tx::Tx;
use crate::domain::id::KeyId;
use crate::domain::key::{IssuedToken, Key};
use crate::domain::network::Networks;
use crate::domain::owner::{KeyName, Owner};
use crate::domain::scope::Scopes;
use crate::domain::time::Timestamp;
use crate::domain::token::{DisplayPrefix, TokenHash};

/// By what a list is sorted. Ties are broken by id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Newest first.
    #[default]
    Created,
    /// By owner, then name.
    Name,
    /// The next to expire first, those that never do last.
    Expiry,
}

/// Which keys to read.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Only this owner's.
    pub owner: Option<Owner>,
    /// Revoked ones, too.
    pub all: bool,
    /// In this order.
    pub order: Order,
    /// Only those behind this place in that order.
    pub after: Option<Cursor>,
    /// At most so many.
    pub limit: u32,
}

/// A place in a list: what the orders compare of the key that stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    id: KeyId,
    owner: Owner,
    name: KeyName,
    expires_at: Option<Timestamp>,
}

impl From<&Key> for Cursor {
    fn from(key: &Key) -> Self {
        Self { id: key.id, owner: key.owner.clone(), name: key.name.clone(), expires_at: key.expires_at }
    }
}

const COLUMNS: &str = "SELECT k.id, k.owner, k.name, k.scopes, k.networks, k.labels, k.rate, k.quota, k.created_at, \
     k.not_before, k.expires_at, k.suspended_at, k.revoked_at, k.revoke_reason, o.disabled_at, k.last_used_at, \
     k.generation, c.prefix, c.created_at, p.prefix, p.created_at, p.grace_ends_at FROM";

const JOINS: &str = "JOIN owner o ON o.name = k.owner \
     JOIN token c ON c.key_id = k.id AND c.generation = k.generation \
     LEFT JOIN token p ON p.key_id = k.id AND p.generation = k.generation - 1 AND p.grace_ends_at > now_ms()";

fn read_key(row: &Row<'_>) -> Result<Key> {
    let cells = row.of("key");
    let (owner, token) = (row.of("owner"), row.of("token"));
    let time_of = |cells: &Cells<'_>, column| match cells.opt_int(column)? {
        None => Ok(None),
        Some(millis) => Timestamp::from_millis(millis).map(Some).ok_or_else(|| cells.corrupt(column)),
    };
    let time = |column| time_of(&cells, column);
    let known = |cells: &Cells<'_>, column| time_of(cells, column)?.ok_or_else(|| cells.corrupt(column));
    let previous_token = match token.opt_text(19)? {
        None => None,
        Some(_) => Some(read_token(&token, 19, known(&token, 20)?, time_of(&token, 21)?)?),
    };
    Ok(Key {
        id: cells.parsed(0, |text| text.parse().ok())?,
        owner: cells.parsed(1, |text| text.parse().ok())?,
        name: cells.parsed(2, |text| text.parse().ok())?,
        scopes: cells.parsed(3, Scopes::from_json)?,
        networks: cells.parsed(4, Networks::from_json)?,
        labels: cells.parsed(5, |text| serde_json::from_str(text).ok())?,
        rate: cells.opt_parsed(6, |text| text.parse().ok())?,
        quota: cells.opt_parsed(7, |text| text.parse().ok())?,
        created_at: known(&cells, 8)?,
        not_before: time(9)?,
        expires_at: time(10)?,
        suspended_at: time(11)?,
        revoked_at: time(12)?,
        revoke_reason: cells.opt_text(13)?.map(str::to_owned),
        owner_disabled_at: time_of(&owner, 14)?,
        last_used_at: time(15)?,
        generation: cells.int(16)?,
        token: read_token(&token, 17, known(&token, 18)?, None)?,
        previous_token,
    })
}

fn read_token(
    cells: &Cells<'_>,
    prefix: usize,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
) -> Result<IssuedToken> {
    Ok(IssuedToken { prefix: cells.parsed(prefix, |text| text.parse().ok())?, created_at, expires_at })
}

fn read_keys(session: &mut dyn Session, condition: &str, values: &[Value]) -> Result<Vec<Key>> {
    query_keys(session, format!("{COLUMNS} key k {JOINS} {condition}"), values)
}

fn query_keys(session: &mut dyn Session, sql: String, values: &[Value]) -> Result<Vec<Key>> {
    let mut keys = Vec::new();
    session.query(Sql::Built(sql), values, &mut |row| {
        keys.push(read_key(row)?);
        Ok(())
    })?;
    Ok(keys)
}

/// Finding single keys, inside a change and outside of one alike.
pub trait Lookup {
    /// The session to read with, after everything pending was sent.
    #[doc(hidden)]
    fn reading(&mut self) -> Result<Reading<'_>>;

    /// The key with this id.
    fn key_by_id(&mut self, id: KeyId) -> Result<Option<Key>> {
        let session = self.reading()?.0;
        Ok(read_keys(session, "WHERE k.id = $1", &[id.to_string().into()])?.pop())
    }

    /// The owner's unrevoked key of this name.
    fn live_key_by_name(&mut self, owner: &Owner, name: &KeyName) -> Result<Option<Key>> {
        let session = self.reading()?.0;
        let condition = "WHERE k.owner = $1 AND k.name = $2 AND k.revoked_at IS NULL";
        Ok(read_keys(session, condition, &[owner.as_str().into(), name.as_str().into()])?.pop())
    }

    /// The owner's unrevoked key of this name, else the newest revoked one.
    fn key_by_name(&mut self, owner: &Owner, name: &KeyName) -> Result<Option<Key>> {
        if let Some(key) = self.live_key_by_name(owner, name)? {
            return Ok(Some(key));
        }
        let session = self.reading()?.0;
        let newest = "WHERE k.owner = $1 AND k.name = $2 ORDER BY k.id DESC LIMIT 1";
        Ok(read_keys(session, newest, &[owner.as_str().into(), name.as_str().into()])?.pop())
    }

    /// The owner's unrevoked keys by name; where there is none, its revoked ones. At most 21.
    fn keys_by_owner(&mut self, owner: &Owner) -> Result<Vec<Key>> {
        let session = self.reading()?.0;
        let values = [owner.as_str().into()];
        let live = "WHERE k.owner = $1 AND k.revoked_at IS NULL ORDER BY k.name LIMIT 21";
        let keys = read_keys(session, live, &values)?;
        if !keys.is_empty() {
            return Ok(keys);
        }
        read_keys(session, "WHERE k.owner = $1 ORDER BY k.name, k.id LIMIT 21", &values)
    }

    /// The key that a token belongs to, dead tokens included.
    fn key_by_token(&mut self, token: &DisplayPrefix) -> Result<Option<Key>> {
        let session = self.reading()?.0;
        let condition = "JOIN token t ON t.key_id = k.id WHERE t.token_id = $1 AND t.prefix = $2";
        let values = [token.token_id().as_str().into(), token.as_str().into()];
        Ok(read_keys(session, condition, &values)?.pop())
    }

    /// Whether the owner is known.
    fn owner_exists(&mut self, owner: &Owner) -> Result<bool> {
        let session = self.reading()?.0;
        let mut exists = false;
        session.query(
            "SELECT name FROM owner WHERE name = $1".into(),
            &[owner.as_str().into()],
            &mut |_| {
                exists = true;
                Ok(())
            },
        )?;
        Ok(exists)
    }
}

/// A session lent for a read.
pub struct Reading<'s>(&'s mut dyn Session);

impl Lookup for Store {
    fn reading(&mut self) -> Result<Reading<'_>> {
        Ok(Reading(self.session()))
    }
}

impl Lookup for Tx<'_> {
    fn reading(&mut self) -> Result<Reading<'_>> {
        self.flush()?;
        Ok(Reading(&mut *self.session))
    }
}

impl Store {
    /// Reads one page of keys. Every order has its index; only one owner's keys by expiry are
    /// sorted.
    pub fn keys(&mut self, page: &Page) -> Result<Vec<Key>> {
        let (rows, values) = page.rows();
        let order = page.order.columns();
        query_keys(self.session(), format!("{COLUMNS} ({rows}) k {JOINS} ORDER BY {order}"), &values)
    }
}

impl Order {
    fn columns(self) -> &'static str {
        match self {
            Self::Created => "k.id DESC",
            Self::Name => "k.owner, k.name, k.id",
            Self::Expiry => "k.expires_sort, k.id",
        }
    }
}

impl Page {
    /// The page's rows of the table alone: what is joined to them is read for these only.
    fn rows(&self) -> (String, Vec<Value>) {
        let mut values: Vec<Value> = vec![i64::from(self.limit).into()];
        let mut conditions = Vec::new();
        if !self.all {
            conditions.push("k.revoked_at IS NULL".to_owned());
        }
        if let Some(owner) = &self.owner {
            values.push(owner.as_str().into());
            conditions.push("k.owner = $2".to_owned());
        }
        if let Some(after) = &self.after {
            let next = values.len() + 1;
            let (condition, place) = after.condition(self.order, next);
            conditions.push(condition);
            values.extend(place);
        }
        let filter =
            if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
        (format!("SELECT * FROM key k {filter} ORDER BY {} LIMIT $1", self.order.columns()), values)
    }
}

impl Cursor {
    /// What lies behind this place; its values are numbered from `next` on.
    fn condition(&self, order: Order, next: usize) -> (String, Vec<Value>) {
        let id = self.id.to_string().into();
        match order {
            Order::Created => (format!("k.id < ${next}"), vec![id]),
            Order::Name => (
                format!("(k.owner, k.name, k.id) > (${next}, ${}, ${})", next + 1, next + 2),
                vec![self.owner.as_str().into(), self.name.as_str().into(), id],
            ),
            Order::Expiry => (
                format!("(k.expires_sort, k.id) > (${next}, ${})", next + 1),
                vec![self.expires_at.map_or(i64::MAX, Timestamp::as_millis).into(), id],
            ),
        }
    }
}

impl Tx<'_> {
    /// Stores a key with its first token; its owner is created if it is new.
    pub fn insert_key(&mut self, key: &Key, hash: &TokenHash) {
        let created_at = key.created_at.as_millis();
        self.pending.push(Statement::new(
            "INSERT INTO owner (name, created_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
            [key.owner.as_str().into(), created_at.into()],
        ));
        self.pending.push(Statement::new(
            "INSERT INTO key (id, owner, name, scopes, networks, labels, rate, quota, created_at, not_before,
                expires_at, generation)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            [
                key.id.to_string().into(),
                key.owner.as_str().into(),
                key.name.as_str().into(),
                key.scopes.to_json().into(),
                key.networks.to_json().into(),
                key.labels.to_json().into(),
                key.rate.map(|rate| rate.to_string()).into(),
                key.quota.map(|quota| quota.to_string()).into(),
                created_at.into(),
                key.not_before.map(Timestamp::as_millis).into(),
                key.expires_at.map(Timestamp::as_millis).into(),
                key.generation.into(),
            ],
        ));
        self.insert_token(key, hash);
        self.touch(key.id);
    }

    /// Stores the key's new token as its current one, and the expiry that came with it. The
    /// token before works until `grace_ends_at`; one before that is dead from now on.
    pub fn rotate_key(&mut self, key: &Key, hash: &TokenHash, grace_ends_at: Timestamp) {
        let id = key.id.to_string();
        self.pending.push(Statement::new(
            "UPDATE key SET generation = $2, expires_at = $3 WHERE id = $1",
            [id.as_str().into(), key.generation.into(), key.expires_at.map(Timestamp::as_millis).into()],
        ));
        self.end_grace(key.id, key.generation - 1, grace_ends_at);
        self.end_grace(key.id, key.generation - 2, self.now());
        self.rewrite_tokens(key.id);
        self.insert_token(key, hash);
        self.touch(key.id);
    }

    /// Revokes a key for good; an earlier revocation stays as it was.
    pub fn revoke_key(&mut self, key: KeyId, reason: Option<&str>) {
        self.pending.push(Statement::new(
            "UPDATE key SET revoked_at = $2, revoke_reason = $3 WHERE id = $1 AND revoked_at IS NULL",
            [key.to_string().into(), self.now().as_millis().into(), reason.map(str::to_owned).into()],
        ));
        self.rewrite_tokens(key);
        self.touch(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::migrations;

    /// Every combination that a list can ask for.
    fn pages() -> Vec<Page> {
        let cursor = Cursor {
            id: "key_01h455vb4pex5vsknk084sn02q".parse().expect("id"),
            owner: "alice".parse().expect("owner"),
            name: "default".parse().expect("name"),
            expires_at: None,
        };
        let mut pages = Vec::new();
        for order in [Order::Created, Order::Name, Order::Expiry] {
            for all in [false, true] {
                for owner in [None, "alice".parse().ok()] {
                    for after in [None, Some(cursor.clone())] {
                        pages.push(Page { owner: owner.clone(), all, order, after, limit: 20 });
                    }
                }
            }
        }
        pages
    }

    /// The steps of SQLite's plan for the page's rows.
    fn plan(page: &Page) -> String {
        let connection = rusqlite::Connection::open_in_memory().expect("SQLite");
        for migration in migrations::after(0) {
            connection.execute_batch(migration.sqlite).expect("migrates");
        }
        let (rows, values) = page.rows();
        let sql = format!("EXPLAIN QUERY PLAN {rows}").replace('$', "?");
        let mut statement = connection.prepare(&sql).expect("a statement");
        let read = |row: &rusqlite::Row<'_>| row.get::<_, String>(3);
        let steps = statement.query_map(rusqlite::params_from_iter(&values), read).expect("a plan");
        steps.collect::<Result<Vec<_>, _>>().expect("a plan").join("\n")
    }

    #[test]
    fn every_list_walks_an_index_in_its_order_from_its_cursor_on() {
        for page in pages() {
            let plan = plan(&page);
            // One owner's keys have no index by expiry: they are sorted.
            let sorted = page.owner.is_some() && page.order == Order::Expiry;
            assert_eq!(plan.contains("TEMP B-TREE"), sorted, "{page:?}: {plan}");
            if page.owner.is_some() {
                assert!(plan.contains("owner=?"), "{page:?} reads other owners' keys: {plan}");
            } else if page.after.is_some() {
                assert!(plan.starts_with("SEARCH"), "{page:?} starts anew: {plan}");
            }
        }
    }
}
