//! Secrets that were handed out, until the audit log says so; and the rows of instances that have ended.
//!
//! A change takes rows from here that nobody else holds, and waits for none.

use crate::store::Store;
use crate::store::error::Result;
use crate::store::session::{Cells, Sql, Statement, Value};
use crate::store::tx::Tx;

/// Taken at once.
const MOST: i64 = 100;

/// A claim of an instance that did not say that it ended is kept for a day.
const KEPT: i64 = 86_400_000;

/// A row as it stands there, with what the ids in it are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisclosureRow {
    /// The secret; the key itself where a token of it was handed out.
    pub secret: String,
    /// The secret's name and provider, where there is such a secret.
    pub named: Option<(String, String)>,
    pub version: i64,
    /// For which key it was.
    pub key: String,
    /// Its owner and name, where there is such a key.
    pub key_named: Option<(String, String)>,
    /// The trust that let it in, where it has one.
    pub trust: Option<String>,
    /// The key whose token asked for it.
    pub asked_by: String,
    pub count: Option<i64>,
    /// Milliseconds since 1970.
    pub first_at: Option<i64>,
    pub last_at: Option<i64>,
}

const WAITING: &str = "SELECT 1 FROM keyctl.disclosure WHERE TRUE
    UNION ALL SELECT 1 FROM keyctl.serve_claim WHERE at IS NULL OR at < keyctl.now_ms() - $1 LIMIT 1";

const DISCLOSURES: &str =
    "SELECT d.secret_id, s.name, s.provider, d.version, d.key_id, d.asked_by, d.count, d.first_at,
        d.last_at, k.owner, k.name, t.name
    FROM keyctl.disclosure d LEFT JOIN keyctl.secret s ON s.id = d.secret_id
    LEFT JOIN keyctl.key k ON k.id = d.key_id LEFT JOIN keyctl.trust t ON t.key_id = d.key_id
    ORDER BY d.secret_id, d.version, d.key_id, d.asked_by LIMIT $1";

const ENDED: &str = "SELECT c.instance FROM keyctl.serve_claim c
    WHERE c.at IS NULL OR c.at < keyctl.now_ms() - $1 LIMIT 100";

fn read(cells: &Cells<'_>) -> Result<DisclosureRow> {
    let text = |column: usize| cells.opt_text(column).map(|text| text.map(str::to_owned));
    Ok(DisclosureRow {
        secret: cells.text(0)?.to_owned(),
        named: text(1)?.zip(text(2)?),
        version: cells.int(3)?,
        key: cells.text(4)?.to_owned(),
        key_named: text(9)?.zip(text(10)?),
        trust: text(11)?,
        asked_by: cells.text(5)?.to_owned(),
        count: cells.opt_int(6)?,
        first_at: cells.opt_int(7)?,
        last_at: cells.opt_int(8)?,
    })
}

impl Store {
    /// Whether there is something to be taken, as far as that can be told at once.
    pub fn has_disclosures(&mut self) -> bool {
        let mut found = false;
        let asked = self.session().glance(WAITING.into(), &[KEPT.into()], &mut |_| {
            found = true;
            Ok(())
        });
        asked.is_ok() && found
    }
}

impl Tx<'_> {
    /// Takes up to 100 disclosures out, to be recorded by this change.
    pub fn take_disclosures(&mut self) -> Result<Vec<DisclosureRow>> {
        let (rows, locked) = (MOST, self.session.passing_over_locked("d"));
        let mut taken = Vec::new();
        let sql = Sql::Built(format!("{DISCLOSURES}{locked}"));
        self.session.query(sql, &[rows.into()], &mut |row| {
            taken.push(read(&row.of("disclosure"))?);
            Ok(())
        })?;
        for row in &taken {
            let values: [Value; 4] = [
                row.secret.as_str().into(),
                row.version.into(),
                row.key.as_str().into(),
                row.asked_by.as_str().into(),
            ];
            self.pending.push(Statement::new(
                "DELETE FROM keyctl.disclosure
                 WHERE secret_id = $1 AND version = $2 AND key_id = $3 AND asked_by = $4",
                values,
            ));
        }
        Ok(taken)
    }

    /// Forgets instances that ended.
    pub fn remove_ended_claims(&mut self) -> Result<usize> {
        let mut ended: Vec<String> = Vec::new();
        let sql = Sql::Built(format!("{ENDED}{}", self.session.passing_over_locked("c")));
        self.session.query(sql, &[KEPT.into()], &mut |row| {
            ended.push(row.of("serve_claim").text(0)?.to_owned());
            Ok(())
        })?;
        for instance in &ended {
            self.pending.push(Statement::new(
                "DELETE FROM keyctl.serve_claim WHERE instance = $1",
                [instance.as_str().into()],
            ));
        }
        Ok(ended.len())
    }
}
