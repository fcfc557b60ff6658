//! A store's rows, as they are carried from one database to another: into a backup, out of one, or straight across.
//!
//! What is carried are the rows of all tables, cell by cell, and nothing that a database adds of its own. Which columns
//! a table has is asked of the database at hand, so that a store of an older schema is carried as it is.

mod copying;
mod draft;
mod keyed;
pub(super) mod row;
mod unfinished;
mod writing;

pub(crate) use copying::Gone;
pub(crate) use draft::{Draft, Unfit};
pub(crate) use keyed::Keyed;
pub(crate) use row::{Cell, Cells};
pub(crate) use unfinished::Unfinished;
use writing::same;

use super::column::Column;
use super::error::Result;
use super::{Backend, Store};

/// A table, or those rows of one that come together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub table: &'static str,
    which: Which,
}

/// Which rows, and in which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    All,
    /// Parents before their children.
    WithoutParent,
    WithParent,
    BySeq,
}

impl Which {
    const fn sql(self) -> &'static str {
        match self {
            Self::All => "",
            Self::WithoutParent => " WHERE parent IS NULL",
            Self::WithParent => " WHERE parent IS NOT NULL",
            Self::BySeq => " ORDER BY seq",
        }
    }
}

const fn all(table: &'static str) -> Part {
    Part { table, which: Which::All }
}

/// Every table, each behind those that it refers to. `schema_migration` is not one of them: it says what was done to
/// the database, not what the store holds.
pub(crate) const PARTS: [Part; 52] = [
    all("head"),
    all("master_key"),
    all("owner"),
    all("owner_before"),
    all("role"),
    all("scope"),
    Part { table: "key", which: Which::WithoutParent },
    Part { table: "key", which: Which::WithParent },
    all("key_role"),
    all("key_label"),
    all("key_use"),
    all("key_day"),
    all("token"),
    all("token_use"),
    all("quota_spent"),
    all("would_deny"),
    all("disclosure"),
    all("serve_claim"),
    all("secret"),
    all("secret_version"),
    all("binding"),
    all("apollo"),
    all("apollo_secret"),
    all("signing_key"),
    all("trust"),
    all("claim"),
    all("portal_session"),
    all("portal_seen"),
    all("portal_suspension"),
    all("mcp_client"),
    all("mcp_grant"),
    all("mcp_sign_in"),
    all("mcp_device"),
    all("provisioned"),
    all("delivered"),
    all("manifest_hold"),
    all("oauth_credential"),
    all("oauth_envelope"),
    all("oauth_attempt"),
    all("oauth_use"),
    all("oauth_lease"),
    all("federation"),
    all("federation_key"),
    all("federated_secret"),
    all("notified"),
    all("notify_hold"),
    all("leak_report"),
    all("leak_sighting"),
    all("canary"),
    all("canary_sighting"),
    all("change"),
    Part { table: "audit", which: Which::BySeq },
];

impl Store {
    /// The tables that the store has, with their columns, in the order in which they are carried.
    pub(crate) fn parts(&mut self) -> Result<Vec<(Part, Vec<Column>)>> {
        let mut parts = Vec::new();
        for part in PARTS {
            let columns = self.session().columns(part.table)?;
            let has_parents = columns.iter().any(|column| column.name == "parent");
            let part = match part.which {
                // Before schema 3, no key has one.
                Which::WithParent if !has_parents => continue,
                Which::WithoutParent if !has_parents => all(part.table),
                _ => part,
            };
            if !columns.is_empty() {
                parts.push((part, columns));
            }
        }
        Ok(parts)
    }

    /// Reads the rows of a part, each as [`row::encode`] writes it, in the transaction that runs and in flat memory.
    pub(crate) fn each_row(
        &mut self,
        part: &Part,
        columns: &[Column],
        each: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let sql = format!("SELECT {} FROM keyctl.{}{}", Column::names(columns), part.table, part.which.sql());
        let mut bytes = Vec::with_capacity(1024);
        self.session().scan(&sql, &mut |row| {
            bytes.clear();
            row::encode(part.table, row, columns, &mut bytes)?;
            each(&bytes)
        })
    }

    /// How many rows the tables have that grow with a store, about; `None` where that is not known at once.
    pub(crate) fn rows_to_carry(&mut self) -> Option<u64> {
        let [live, revoked, _, tokens] = self.counts().ok()?;
        let records = self.head().ok()?.audit_seq;
        Some(u64::try_from(live + revoked + tokens).unwrap_or_default() + records)
    }

    /// The name of the database's product, as a backup says it.
    pub(crate) fn product(&self) -> &'static str {
        match self.backend {
            Backend::Sqlite(_) => "sqlite",
            Backend::Postgres(_) => "postgresql",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::PARTS;
    use crate::store::migrations;

    #[test]
    fn every_table_is_carried() {
        let connection = rusqlite::Connection::open_in_memory().expect("SQLite");
        for migration in migrations::after(0) {
            connection.execute_batch(migration.sqlite).expect("migrates");
        }
        let mut statement =
            connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").expect("tables");
        let tables: BTreeSet<String> =
            statement.query_map([], |row| row.get(0)).and_then(Iterator::collect).expect("names");
        let carried: BTreeSet<String> = PARTS.iter().map(|part| part.table.to_owned()).collect();
        assert_eq!(carried, tables);
    }
}
