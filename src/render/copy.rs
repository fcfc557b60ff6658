//! What a copy of a store came to.

use serde::Serialize;

use super::{Field, Screen, View, audit};
use crate::domain::time::Timestamp;
use crate::ops::stores::report::{Copy, Reopened};

#[derive(Serialize)]
struct CopyJson<'c> {
    store_uuid: String,
    from: &'c str,
    to: &'c str,
    schema: i64,
    audit_records: u64,
    anchor: String,
    rows: u64,
    written: u64,
    resumed: bool,
    restarted: bool,
    tables: Vec<TableJson>,
    moved_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct TableJson {
    table: &'static str,
    rows: u64,
    written: u64,
    sha256: Option<String>,
}

impl View for Copy {
    fn json(&self) -> impl Serialize {
        let copied = &self.copied;
        let tables = copied.tables.iter().map(|(name, table)| TableJson {
            table: name,
            rows: table.rows,
            written: table.written,
            sha256: (table.rows > 0).then(|| audit::hex(&table.sha256)),
        });
        CopyJson {
            store_uuid: copied.end.store.to_string(),
            from: &self.from,
            to: &self.to,
            schema: self.schema,
            audit_records: copied.end.seq,
            anchor: copied.end.to_string(),
            rows: copied.rows(),
            written: copied.written(),
            resumed: copied.resumed,
            restarted: copied.restarted,
            tables: tables.collect(),
            moved_at: self.moved_at,
        }
    }

    fn fields(&self, _: &Screen) -> Vec<Field> {
        let copied = &self.copied;
        let moved_at = self.moved_at.map(|at| at.to_string());
        vec![
            Field::new("store_uuid", copied.end.store.to_string()),
            Field::new("from", self.from.as_str()),
            Field::new("to", self.to.as_str()),
            Field::new("schema", self.schema.to_string()),
            Field::new("audit_records", copied.end.seq.to_string()),
            Field::new("anchor", copied.end.to_string()),
            Field::new("rows", copied.rows().to_string()),
            Field::new("written", copied.written().to_string()),
            Field::new("moved_at", moved_at.unwrap_or_default()),
        ]
    }
}

#[derive(Serialize)]
struct ReopenedJson<'r> {
    store_uuid: String,
    from: &'r str,
    anchor: String,
}

impl View for Reopened {
    fn json(&self) -> impl Serialize {
        ReopenedJson {
            store_uuid: self.end.store.to_string(),
            from: &self.from,
            anchor: self.end.to_string(),
        }
    }

    fn fields(&self, _: &Screen) -> Vec<Field> {
        vec![
            Field::new("store_uuid", self.end.store.to_string()),
            Field::new("from", self.from.as_str()),
            Field::new("anchor", self.end.to_string()),
        ]
    }
}
