//! The records of changes, in order.

use super::Store;
use super::error::Result;
use super::head::{self, Head};
use super::session::Statement;
use crate::domain::audit::Record;

/// Records read at once.
const BATCH: i64 = 500;

pub(super) fn insert(record: &Record) -> Statement {
    Statement::new(
        "INSERT INTO audit (seq, body, hash) VALUES ($1, $2, $3)",
        [
            i64::try_from(record.seq).unwrap_or(i64::MAX).into(),
            record.body.as_str().into(),
            record.hash.as_slice().into(),
        ],
    )
}

impl Store {
    /// The head row.
    pub fn head(&mut self) -> Result<Head> {
        head::read(self.session()).map(|(head, _)| head)
    }

    /// Reads up to 500 records with numbers above `after`, lowest first; fewer than that mean
    /// the end.
    pub fn audit_records(&mut self, after: u64) -> Result<Vec<Record>> {
        let mut records = Vec::new();
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        self.session().query(
            "SELECT seq, body, hash FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2".into(),
            &[after.into(), BATCH.into()],
            &mut |row| {
                let cells = row.of("audit");
                records.push(Record {
                    seq: u64::try_from(cells.int(0)?).map_err(|_| cells.corrupt(0))?,
                    body: cells.text(1)?.to_owned(),
                    hash: cells.bytes(2)?,
                });
                Ok(())
            },
        )?;
        Ok(records)
    }
}
