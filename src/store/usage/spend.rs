//! Quotas spent one at a time and at once, by whoever counts few requests: each is durable before it is let in.

use crate::domain::usage::batch::Spender;
use crate::domain::usage::day::PeriodName;
use crate::store::Store;
use crate::store::error::Result;
use crate::store::session::{HEAD, Statement, Value};

impl Store {
    /// Spends one of each of these quotas, or nothing where one of them has none left: which of them, then.
    pub(crate) fn spend_one_each(&mut self, quotas: &[(Spender, PeriodName, u64)]) -> Result<Option<usize>> {
        let statements: Vec<Statement> = quotas
            .iter()
            .map(|(whose, period, limit)| {
                let values: [Value; 4] = [
                    whose.kind().into(),
                    whose.id().into(),
                    period.as_str().into(),
                    i64::try_from(*limit).unwrap_or(i64::MAX).into(),
                ];
                Statement::new(
                    "INSERT INTO keyctl.quota_spent (subject_kind, subject_id, period, spent) VALUES ($1, $2, $3, 1)
                     ON CONFLICT (subject_kind, subject_id, period) DO UPDATE SET
                        spent = CASE WHEN quota_spent.spent > 0 THEN quota_spent.spent + 1 ELSE 1 END
                     WHERE quota_spent.spent < CAST($4 AS BIGINT)",
                    values,
                )
            })
            .collect();
        let session = self.session();
        session.begin_use()?;
        let written = session.execute(&statements).and_then(|rows| session.refuse_moved(HEAD).map(|()| rows));
        match written.map(|rows| rows.iter().position(|changed| *changed == 0)) {
            Ok(None) => session.commit_use().map(|()| None),
            Ok(spent) => {
                session.rollback();
                Ok(spent)
            }
            Err(error) => {
                session.rollback();
                Err(error)
            }
        }
    }
}
