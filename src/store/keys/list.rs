//! Lists of keys, page by page, each order on its index.

use super::filter::Filter;
use super::{COLUMNS, JOINS, labels, query_keys, query_keys_with_use, used};
use crate::domain::id::KeyId;
use crate::domain::keys::key::{Key, LastUse};
use crate::domain::owners::owner::{KeyName, Owner};
use crate::domain::time::Timestamp;
use crate::store::Store;
use crate::store::error::Result;
use crate::store::reading::Reads as _;
use crate::store::session::{Session, Sql, Value};
use crate::store::tx::Tx;

/// The first schema in which keys are found by their labels.
pub(in crate::store) const INDEXES_LABELS: i64 = 8;

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
    pub owner: Option<Owner>,
    /// Revoked ones, too.
    pub all: bool,
    pub filter: Filter,
    pub order: Order,
    /// Only those behind this place in that order.
    pub after: Option<Cursor>,
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
    pub keys: u64,
    pub children: u64,
}

impl Store {
    pub fn count(&mut self, page: &Page) -> Result<Counts> {
        let mut counts = Counts::default();
        let by_label = self.label_to_read(page)?;
        let (sql, values) = page.counts(by_label);
        self.session().query(Sql::Built(sql), &values, &mut |row| {
            let cells = row.of("key");
            let number = |column| u64::try_from(cells.int(column)?).map_err(|_| cells.corrupt(column));
            counts = Counts { keys: number(0)?, children: number(1)? };
            Ok(())
        })?;
        Ok(counts)
    }

    /// Reads one page of keys. Every order has its index; only one owner's keys by expiry are
    /// sorted.
    pub fn keys(&mut self, page: &Page) -> Result<Vec<Key>> {
        let by_label = self.label_to_read(page)?;
        read(self.session(), page, by_label)
    }

    /// The same with their last use.
    pub fn keys_with_use(&mut self, page: &Page) -> Result<Vec<Key>> {
        let by_label = self.label_to_read(page)?;
        let (rows, values) = page.rows(by_label);
        let order = page.order.columns();
        let sql = format!("{COLUMNS}, {} FROM ({rows}) k {JOINS} ORDER BY {order}", used::COLUMN);
        query_keys_with_use(self.session(), sql, &values)
    }

    /// An older store has no such index; there each key is looked at.
    pub(in crate::store) fn label_to_read(&mut self, page: &Page) -> Result<Option<usize>> {
        if self.schema() < INDEXES_LABELS { Ok(None) } else { page.label_to_read(self.session()) }
    }
}

impl Tx<'_> {
    /// Reads one page of keys, as [`Store::keys`] does.
    pub fn keys(&mut self, page: &Page) -> Result<Vec<Key>> {
        let session = self.reading()?.0;
        let by_label = page.label_to_read(session)?;
        read(session, page, by_label)
    }
}

fn read(session: &mut dyn Session, page: &Page, by_label: Option<usize>) -> Result<Vec<Key>> {
    let (rows, values) = page.rows(by_label);
    let order = page.order.columns();
    query_keys(session, format!("{COLUMNS} FROM ({rows}) k {JOINS} ORDER BY {order}"), &values)
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
    /// The label whose index leads to the page's keys; `None` if a walk of all keys in the list's
    /// order, which looks at each one's labels, is there sooner.
    fn label_to_read(&self, session: &mut dyn Session) -> Result<Option<usize>> {
        let mut rarest: Option<(i64, usize)> = None;
        for (place, (name, value)) in self.filter.labels.iter().enumerate() {
            let count = labels::count_few(session, name, value.as_deref())?;
            rarest = rarest.min(Some((count, place))).or(Some((count, place)));
        }
        let few = rarest.filter(|(count, _)| *count <= labels::FEW).map(|(_, place)| place);
        // Its entries stand in that order, so that the first of many are found at once.
        let narrowed = self.owner.is_some() || self.filter.parent.is_some() || self.filter.role.is_some();
        let ordered = self.order == Order::Created && !narrowed;
        Ok(few
            .or_else(|| self.filter.labels.iter().position(|(_, value)| value.is_some()).filter(|_| ordered)))
    }

    /// What must hold for its keys, but for their place.
    fn conditions(&self, by_label: Option<usize>, values: &mut Vec<Value>) -> Vec<String> {
        let mut conditions = Vec::new();
        if !self.all {
            conditions.push("k.revoked_at IS NULL".to_owned());
        }
        if let Some(owner) = &self.owner {
            values.push(owner.as_str().into());
            conditions.push(format!("k.owner = ${}", values.len()));
        }
        self.filter.conditions(by_label, &mut conditions, values);
        conditions
    }

    /// The page's rows of the table alone: what is joined to them is read for these only.
    fn rows(&self, by_label: Option<usize>) -> (String, Vec<Value>) {
        let mut values: Vec<Value> = vec![i64::from(self.limit).into()];
        let mut conditions = self.conditions(by_label, &mut values);
        if let Some(after) = &self.after {
            let next = values.len() + 1;
            let (condition, place) = after.condition(self.order, next);
            conditions.push(condition);
            values.extend(place);
        }
        let mut end = format!("{} ORDER BY {}", filter(&conditions), self.order.columns());
        if by_label.is_some() && self.order == Order::Created {
            // By the index that is read, so that nothing is sorted.
            end = end.replace("k.id <", "l.key_id <").replace("k.id DESC", "l.key_id DESC");
        }
        (format!("SELECT k.* FROM {} {end} LIMIT $1", source(by_label)), values)
    }

    /// What must hold for all keys, whatever its limit and place.
    pub(in crate::store) fn everything(&self, by_label: Option<usize>) -> (String, Vec<Value>) {
        let mut values = Vec::new();
        (filter(&self.conditions(by_label, &mut values)), values)
    }

    /// One row for all keys: how many, and their live children.
    fn counts(&self, by_label: Option<usize>) -> (String, Vec<Value>) {
        let (filter, values) = self.everything(by_label);
        let children = "(SELECT COUNT(*) FROM keyctl.key c WHERE c.parent = k.id AND c.revoked_at IS NULL)";
        let children = format!("CAST(COALESCE(SUM({children}), 0) AS BIGINT)");
        (format!("SELECT COUNT(*), {children} FROM {} {filter}", source(by_label)), values)
    }
}

/// Where the keys are read from; SQLite reads what stands first in a CROSS JOIN first.
pub(in crate::store) fn source(by_label: Option<usize>) -> &'static str {
    if by_label.is_some() { "keyctl.key_label l CROSS JOIN keyctl.key k" } else { "keyctl.key k" }
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

impl Store {
    /// When any key was last used of which this would be a page.
    pub fn last_used_of(&mut self, page: &Page) -> LastUse {
        let Ok(by_label) = self.label_to_read(page) else { return LastUse::Unknown };
        let (filter, values) = page.everything(by_label);
        let sql = Sql::Built(format!(
            "SELECT MAX(u.last_used_at) FROM {} JOIN keyctl.key_use u ON u.key_id = k.id AND {} {filter}",
            source(by_label),
            used::IS_TIME
        ));
        let mut last = LastUse::Unknown;
        let asked = self.session().glance(sql, &values, &mut |row| {
            last = used::read(&row.of("key_use"), 0);
            Ok(())
        });
        asked.map_or(LastUse::Unknown, |()| last)
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
        let (rows, values) = page.rows(None);
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
