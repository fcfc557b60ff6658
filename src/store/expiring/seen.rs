//! What is told of things that were seen, and do not end.

use serde::Serialize;

use crate::domain::time::Timestamp;
use crate::store::Store;
use crate::store::error::Result;
use crate::store::session::Value;

/// A report of leaked tokens, as somebody is told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Reported {
    /// SHA-256 of its body: 64 hex digits.
    pub digest: String,
    /// `github_alert`, `github_partner`, or `report` of whoever has a key.
    pub source: String,
    /// That key.
    pub reporter: Option<String>,
    /// Where more is to be seen, with tokens in it cut to their public parts.
    pub note: Option<String>,
    /// How many tokens of this store it had.
    pub known: i64,
    pub done_at: Timestamp,
}

/// Where a canary was seen, in all hours that are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Sighting {
    /// `None` where it is not known.
    pub address: Option<String>,
    /// `None` where there were more than are told apart.
    pub path: Option<String>,
    pub count: i64,
    pub last_at: Option<Timestamp>,
}

impl Store {
    pub(crate) fn reported(&mut self, digest: &str) -> Result<Option<Reported>> {
        let mut found = None;
        let sql =
            "SELECT r.digest, r.source, r.reporter, r.note, r.known, r.done_at FROM keyctl.leak_report r
             WHERE r.digest = $1";
        self.session().query(sql.into(), &[digest.into()], &mut |row| {
            let cells = row.of("leak_report");
            let text = |column| cells.opt_text(column).map(|text| text.map(str::to_owned));
            found = Some(Reported {
                digest: cells.text(0)?.to_owned(),
                source: cells.text(1)?.to_owned(),
                reporter: text(2)?,
                note: text(3)?,
                known: cells.int(4)?,
                done_at: cells.time(5)?,
            });
            Ok(())
        })?;
        Ok(found)
    }

    pub(crate) fn sighting(&mut self, key: &str, address: &str, path: &str) -> Result<Sighting> {
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let mut found = Sighting { address: given(address), path: given(path), count: 0, last_at: None };
        let sql = "SELECT s.count, s.last_at FROM keyctl.canary_sighting s
             WHERE s.key_id = $1 AND s.address = $2 AND s.path = $3";
        let values: [Value; 3] = [key.into(), address.into(), path.into()];
        self.session().query(sql.into(), &values, &mut |row| {
            let cells = row.of("canary_sighting");
            found.count = found.count.saturating_add(cells.int(0)?);
            found.last_at = found.last_at.max(Timestamp::from_millis(cells.int(1)?));
            Ok(())
        })?;
        Ok(found)
    }
}
