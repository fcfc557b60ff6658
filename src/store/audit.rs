//! The records of changes, in order.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::error::Result;
use super::session::{Row, Sql, Statement, Value};
use super::{Store, many};
use crate::domain::audit::event::Record;
use crate::domain::audit::filter::{Filter, Mark};
use crate::domain::id::KeyId;
use crate::domain::owners::owner::Owner;
use crate::domain::time::Timestamp;

/// Records read at once.
const BATCH: u16 = 500;

/// Numbers looked at by one statement, so that none takes long where few records are wanted.
const REACH: u64 = 20_000;

/// Characters of a time in a body.
const TIME: usize = 24;

/// What fills the statement up is a range with nothing in it.
static OWNED: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT v.column1 FROM (VALUES {}) AS v WHERE EXISTS (SELECT 1 FROM keyctl.key k
         WHERE k.owner = ${} AND k.id >= v.column1 AND k.id <= v.column2)",
        many::groups(many::LOOKED_UP, 2),
        2 * many::LOOKED_UP + 1
    )
});

/// Which way a log is read, and from where on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Walk {
    /// Upwards, from behind this number.
    After(u64),
    /// Downwards, from before this number.
    Before(u64),
}

/// Some records of a log, and where to read on.
#[derive(Clone, Debug)]
pub struct Batch {
    /// In the order of the walk. More than are wanted: what the database could not tell.
    pub records: Vec<Record>,
    /// `None` at the end.
    pub next: Option<Walk>,
}

const INSERT: &str = "INSERT INTO keyctl.audit (seq, body, hash) VALUES ($1, $2, $3)";

static INSERT_MANY: LazyLock<String> = LazyLock::new(|| {
    format!("INSERT INTO keyctl.audit (seq, body, hash) VALUES {}", many::groups(many::ROWS, 3))
});

pub(super) fn insert(record: &Record) -> Statement {
    Statement::row(
        INSERT,
        &INSERT_MANY,
        [number(record.seq).into(), record.body.as_str().into(), record.hash.as_slice().into()],
    )
}

fn number(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

fn read(row: &Row<'_>) -> Result<Record> {
    let cells = row.of("audit");
    Ok(Record {
        seq: u64::try_from(cells.int(0)?).map_err(|_| cells.corrupt(0))?,
        body: cells.text(1)?.to_owned(),
        hash: cells.bytes(2)?,
    })
}

impl Store {
    /// The number of the last record there is, 0 without any.
    pub fn audit_last(&mut self) -> Result<u64> {
        let last = self.edge("SELECT MAX(seq) FROM keyctl.audit WHERE seq <= $1", u64::MAX)?;
        Ok(last.unwrap_or_default())
    }

    /// The number nearest to `seq` on one side of it. Records may be missing between them.
    fn edge(&mut self, sql: &'static str, seq: u64) -> Result<Option<u64>> {
        let mut found = None;
        self.session().query(sql.into(), &[number(seq).into()], &mut |row| {
            let cells = row.of("audit");
            let seq = cells.opt_int(0)?;
            found = seq.map(|seq| u64::try_from(seq).map_err(|_| cells.corrupt(0))).transpose()?;
            Ok(())
        })?;
        Ok(found)
    }

    pub fn audit_record(&mut self, seq: u64) -> Result<Option<Record>> {
        let mut found = None;
        let sql = "SELECT seq, body, hash FROM keyctl.audit WHERE seq = $1";
        self.session().query(sql.into(), &[number(seq).into()], &mut |row| {
            found = Some(read(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Reads up to 500 records with numbers above `after`, lowest first; fewer than that mean
    /// the end.
    pub fn audit_records(&mut self, after: u64) -> Result<Vec<Record>> {
        let sql = "SELECT seq, body, hash FROM keyctl.audit WHERE seq > $1 ORDER BY seq LIMIT $2";
        self.read_records(sql.into(), &[number(after).into(), i64::from(BATCH).into()])
    }

    /// Reads on at `walk` what a filter may want, in flat memory: up to 500 records of the
    /// next 20,000 numbers, none above `last`.
    pub fn audit_candidates(&mut self, filter: &Filter, walk: Walk, last: u64) -> Result<Batch> {
        let (low, high, order) = match walk {
            Walk::After(after) => (after, last.min(after.saturating_add(REACH)), "ASC"),
            Walk::Before(before) => {
                let high = last.min(before.saturating_sub(1));
                (high.saturating_sub(REACH), high, "DESC")
            }
        };
        let mut values: Vec<Value> = vec![number(low).into(), number(high).into(), i64::from(BATCH).into()];
        let condition = condition(filter, &mut values);
        let sql = format!(
            "SELECT seq, body, hash FROM keyctl.audit WHERE seq > $1 AND seq <= $2{condition}
             ORDER BY seq {order} LIMIT $3"
        );
        let records = self.read_records(Sql::Built(sql), &values)?;
        let end = records.last().filter(|_| records.len() == usize::from(BATCH)).map(|record| record.seq);
        let next = match (walk, end) {
            (Walk::After(_), Some(end)) => Some(Walk::After(end)),
            (Walk::Before(_), Some(end)) => Some(Walk::Before(end)),
            (Walk::After(_), None) => {
                let next = self.edge("SELECT MIN(seq) FROM keyctl.audit WHERE seq > $1", high)?;
                next.filter(|seq| *seq <= last).map(|seq| Walk::After(seq - 1))
            }
            (Walk::Before(_), None) => {
                let next = self.edge("SELECT MAX(seq) FROM keyctl.audit WHERE seq <= $1", low)?;
                next.map(|seq| Walk::Before(seq + 1))
            }
        };
        Ok(Batch { records, next })
    }

    /// Those ranges of ids, each from its first to its last, in which the owner has a key; by their
    /// first ids. For a record of many imported keys: an index holds each owner's keys by their ids.
    pub fn owned_ranges(&mut self, owner: &Owner, ranges: &[(KeyId, KeyId)]) -> Result<HashSet<KeyId>> {
        let mut found = HashSet::new();
        for ranges in ranges.chunks(many::LOOKED_UP) {
            let rows = ranges.iter().map(|(first, last)| [first.to_string().into(), last.to_string().into()]);
            let Some(mut values) = many::fill(rows) else { continue };
            values.push(owner.as_str().into());
            self.session().query(OWNED.as_str().into(), &values, &mut |row| {
                found.insert(row.of("audit").parsed(0, |text| text.parse().ok())?);
                Ok(())
            })?;
        }
        Ok(found)
    }

    fn read_records(&mut self, sql: Sql, values: &[Value]) -> Result<Vec<Record>> {
        let mut records = Vec::new();
        self.session().query(sql, values, &mut |row| {
            records.push(read(row)?);
            Ok(())
        })?;
        Ok(records)
    }
}

/// What every record that is wanted fulfils; its values are added to `values`. Both databases
/// compare bodies byte by byte. SQLite's LIKE takes upper and lower case for the same, which
/// lets more through, never less.
fn condition(filter: &Filter, values: &mut Vec<Value>) -> String {
    use std::fmt::Write as _;
    let mut condition = String::new();
    if let Some(least) = filter.least_body() {
        values.push(least.into());
        let _ = write!(condition, " AND body >= ${}", values.len());
    }
    for mark in filter.marks() {
        let (text, batch) = match mark {
            Mark::Has(text) => (text, None),
            Mark::HasOrBatch(text, at) => (text, Some(batch(at))),
        };
        condition.push_str(" AND (");
        // First what is decided by a body's beginning.
        if let Some(batch) = batch {
            values.push(batch.into());
            let _ = write!(condition, "body LIKE ${} ESCAPE '!' OR ", values.len());
        }
        values.push(like(&text).into());
        let _ = write!(condition, "body LIKE ${} ESCAPE '!')", values.len());
    }
    condition
}

/// The pattern of records of many imported keys.
fn batch(at: Option<Timestamp>) -> String {
    let (start, time, behind) = Mark::batch(at);
    let time = time.unwrap_or_else(|| "_".repeat(TIME));
    format!("{}{time}{}%", escaped(start), escaped(behind))
}

/// The pattern of texts that hold `part`.
fn like(part: &str) -> String {
    format!("%{}%", escaped(part))
}

fn escaped(part: &str) -> String {
    part.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_mark_is_literal_in_a_pattern() {
        assert_eq!(super::like("\"owner\":\"50%_off!\""), "%\"owner\":\"50!%!_off!!\"%");
    }
}
