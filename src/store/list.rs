//! Lists of keys, page by page, each order on its index.

use super::error::Result;
use super::filter::Filter;
use super::keys::{COLUMNS, JOINS, query_keys};
use super::session::{Session, Sql, Value};
use super::tx::Tx;
use super::{Lookup as _, Store};
use crate::domain::id::KeyId;
use crate::domain::key::Key;
use crate::domain::owner::{KeyName, Owner};
use crate::domain::time::Timestamp;

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
    /// Only those that all of this holds for.
    pub filter: Filter,
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

/// What holds for all keys that a page's conditions let through, whatever its limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// How many there are.
    pub keys: u64,
    /// How many live children they have.
    pub children: u64,
    /// When a service last saw any of them.
    pub last_used_at: Option<Timestamp>,
}

impl Store {
    /// Counts all keys of which this would be a page.
    pub fn count(&mut self, page: &Page) -> Result<Counts> {
        let mut counts = Counts::default();
        let (sql, values) = page.counts();
        self.session().query(Sql::Built(sql), &values, &mut |row| {
            let cells = row.of("key");
            let number = |column| u64::try_from(cells.int(column)?).map_err(|_| cells.corrupt(column));
            counts = Counts {
                keys: number(0)?,
                children: number(1)?,
                last_used_at: cells.opt_int(2)?.and_then(Timestamp::from_millis),
            };
            Ok(())
        })?;
        Ok(counts)
    }

    /// Reads one page of keys. Every order has its index; only one owner's keys by expiry are
    /// sorted.
    pub fn keys(&mut self, page: &Page) -> Result<Vec<Key>> {
        read(self.session(), page)
    }
}

impl Tx<'_> {
    /// Reads one page of keys, as [`Store::keys`] does.
    pub fn keys(&mut self, page: &Page) -> Result<Vec<Key>> {
        read(self.reading()?.0, page)
    }
}

fn read(session: &mut dyn Session, page: &Page) -> Result<Vec<Key>> {
    let (rows, values) = page.rows();
    let order = page.order.columns();
    query_keys(session, format!("{COLUMNS} ({rows}) k {JOINS} ORDER BY {order}"), &values)
}

fn filter(conditions: &[String]) -> String {
    if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) }
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
    /// What must hold for its keys, but for their place.
    fn conditions(&self, values: &mut Vec<Value>) -> Vec<String> {
        let mut conditions = Vec::new();
        if !self.all {
            conditions.push("k.revoked_at IS NULL".to_owned());
        }
        if let Some(owner) = &self.owner {
            values.push(owner.as_str().into());
            conditions.push(format!("k.owner = ${}", values.len()));
        }
        self.filter.conditions(&mut conditions, values);
        conditions
    }

    /// The page's rows of the table alone: what is joined to them is read for these only.
    fn rows(&self) -> (String, Vec<Value>) {
        let mut values: Vec<Value> = vec![i64::from(self.limit).into()];
        let mut conditions = self.conditions(&mut values);
        if let Some(after) = &self.after {
            let next = values.len() + 1;
            let (condition, place) = after.condition(self.order, next);
            conditions.push(condition);
            values.extend(place);
        }
        let order = self.order.columns();
        (format!("SELECT * FROM keyctl.key k {} ORDER BY {order} LIMIT $1", filter(&conditions)), values)
    }

    /// One row for all keys: how many, their live children, and when one was last used.
    fn counts(&self) -> (String, Vec<Value>) {
        let mut values = Vec::new();
        let filter = filter(&self.conditions(&mut values));
        let children = "(SELECT COUNT(*) FROM keyctl.key c WHERE c.parent = k.id AND c.revoked_at IS NULL)";
        let children = format!("CAST(COALESCE(SUM({children}), 0) AS BIGINT)");
        (format!("SELECT COUNT(*), {children}, MAX(k.last_used_at) FROM keyctl.key k {filter}"), values)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::migrations;
    use crate::store::sqlite::translated;

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
                        pages.push(Page {
                            owner: owner.clone(),
                            all,
                            order,
                            after,
                            limit: 20,
                            ..Page::default()
                        });
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
        let sql = translated(&format!("EXPLAIN QUERY PLAN {rows}"));
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
