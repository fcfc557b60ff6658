//! Reports of leaked tokens. Use, as leases are: no change is made by it, no lock of the store taken, and nothing that decides
//! about keys reads it.

use super::Store;
use super::error::Result;
use super::session::{Statement, Value};
use crate::domain::id::KeyId;
use crate::domain::keys::token::TokenId;
use crate::domain::time::Timestamp;

/// A report, once what follows of it was done.
#[derive(Debug)]
pub(crate) struct ReportRow<'r> {
    /// 64 hex digits.
    pub digest: &'r str,
    pub source: &'static str,
    pub reporter: Option<KeyId>,
    pub note: Option<&'r str>,
    pub known: u64,
    pub unknown: u64,
    pub left_out: u64,
    pub received_at: Timestamp,
}

/// A token in it, and the word for what was done.
#[derive(Debug)]
pub(crate) struct SightingRow {
    pub token: TokenId,
    pub key: KeyId,
    pub deed: &'static str,
}

fn number(count: u64) -> Value {
    i64::try_from(count).unwrap_or(i64::MAX).into()
}

impl Store {
    /// When a report with this digest was done; `None` where there was none.
    pub(crate) fn report_done_at(&mut self, digest: &str) -> Result<Option<Timestamp>> {
        let mut found = None;
        let sql = "SELECT done_at FROM keyctl.leak_report WHERE digest = $1";
        self.session().query(sql.into(), &[digest.into()], &mut |row| {
            found = Some(row.of("leak_report").time(0)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Writes a report down with all that was in it, or nothing; one that another wrote meanwhile stays.
    pub(crate) fn put_report(&mut self, report: &ReportRow<'_>, sightings: &[SightingRow]) -> Result<()> {
        let reporter = report.reporter.map(|key| key.to_string());
        let first = Statement::new(
            "INSERT INTO keyctl.leak_report
                (digest, source, reporter, note, known, unknown, left_out, received_at, done_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, keyctl.now_ms()) ON CONFLICT (digest) DO NOTHING",
            [
                report.digest.into(),
                report.source.into(),
                reporter.into(),
                report.note.map(str::to_owned).into(),
                number(report.known),
                number(report.unknown),
                number(report.left_out),
                report.received_at.as_millis().into(),
            ],
        );
        let each = sightings.iter().map(|one| {
            Statement::new(
                "INSERT INTO keyctl.leak_sighting (digest, token_id, key_id, deed) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (digest, token_id) DO NOTHING",
                [
                    report.digest.into(),
                    one.token.as_str().into(),
                    one.key.to_string().into(),
                    one.deed.into(),
                ],
            )
        });
        let all: Vec<Statement> = std::iter::once(first).chain(each).collect();
        self.use_all(&all).map(drop)
    }
}
