//! What commands read of what serve wrote: as far as it can be had at once, and whatever stands there.

use crate::domain::id::KeyId;
use crate::domain::keys::key::LastUse;
use crate::domain::keys::token::TokenId;
use crate::domain::time::Timestamp;
use crate::domain::usage::batch::{Answers, Spender};
use crate::domain::usage::day::{Day, PeriodName};
use crate::store::error::Result;
use crate::store::session::{Cells, Sql, Value};
use crate::store::{Store, many};

/// What a key was answered on a day.
pub(crate) type DayRow = (KeyId, Day, Answers);

/// What was spent of a quota.
pub(crate) type SpentRow = (Spender, PeriodName, u64);

/// What an observing policy would have denied: day, policy, reason, how often.
pub(crate) type WouldDenyRow = (Day, String, String, u64);

/// When a token was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenUseRow {
    pub first: Option<Timestamp>,
    pub last: LastUse,
    pub address: Option<String>,
}

fn count(cells: &Cells<'_>, column: usize) -> Result<u64> {
    Ok(cells.opt_int(column)?.and_then(|count| u64::try_from(count).ok()).unwrap_or_default())
}

impl Store {
    /// What these keys were answered from one day to another, both included.
    pub fn answers(&mut self, keys: &[KeyId], from: Day, to: Day) -> Result<Vec<DayRow>> {
        let mut days = Vec::new();
        for page in keys.chunks(many::LOOKED_UP) {
            let sql = Sql::Built(format!(
                "SELECT d.key_id, d.day, d.allowed, d.denied FROM keyctl.key_day d
                 WHERE d.key_id IN {} AND d.day >= ${} AND d.day <= ${}",
                many::groups(1, page.len()),
                page.len() + 1,
                page.len() + 2
            ));
            let mut values: Vec<Value> = page.iter().map(|id| id.to_string().into()).collect();
            values.extend([from.number().into(), to.number().into()]);
            self.session().glance(sql, &values, &mut |row| {
                let cells = row.of("key_day");
                let (key, day) = (cells.text(0)?.parse().ok(), Day::from_number(cells.int(1)?));
                if let (Some(key), Some(day)) = (key, day) {
                    days.push((key, day, Answers { allowed: count(&cells, 2)?, denied: count(&cells, 3)? }));
                }
                Ok(())
            })?;
        }
        Ok(days)
    }

    /// What was spent of these quotas; one of which nothing was is left out.
    pub fn spent(&mut self, asked: &[(Spender, PeriodName)]) -> Result<Vec<SpentRow>> {
        let mut spent = Vec::new();
        for page in asked.chunks(super::TOTALS) {
            let sql = Sql::Built(format!(
                "SELECT q.subject_kind, q.subject_id, q.period, q.spent FROM (VALUES {}) AS v
                 JOIN keyctl.quota_spent q
                 ON q.subject_kind = v.column1 AND q.subject_id = v.column2 AND q.period = v.column3",
                many::groups(page.len(), 3)
            ));
            let values: Vec<Value> = page
                .iter()
                .flat_map(|(whose, period)| [whose.kind().into(), whose.id().into(), period.as_str().into()])
                .collect();
            self.session().glance(sql, &values, &mut |row| {
                let cells = row.of("quota_spent");
                let (kind, id, period) = (cells.text(0)?, cells.text(1)?, cells.text(2)?);
                let found = page.iter().find(|(whose, name)| {
                    whose.kind() == kind && name.as_str() == period && whose.id() == id
                });
                if let Some((whose, period)) = found {
                    spent.push((whose.clone(), period.clone(), count(&cells, 3)?));
                }
                Ok(())
            })?;
        }
        Ok(spent)
    }

    /// What observing policies would have denied from one day to another.
    pub fn would_deny(&mut self, from: Day, to: Day) -> Result<Vec<WouldDenyRow>> {
        let mut rows = Vec::new();
        let sql = "SELECT w.day, w.policy, w.reason, w.count FROM keyctl.would_deny w
             WHERE w.day >= $1 AND w.day <= $2 ORDER BY w.day, w.policy, w.reason LIMIT 100000";
        self.session().glance(sql.into(), &[from.number().into(), to.number().into()], &mut |row| {
            let cells = row.of("would_deny");
            if let Some(day) = Day::from_number(cells.int(0)?) {
                rows.push((day, cells.text(1)?.to_owned(), cells.text(2)?.to_owned(), count(&cells, 3)?));
            }
            Ok(())
        })?;
        Ok(rows)
    }

    /// When a token was used, and from where last; `None` if nobody wrote that down.
    pub fn token_use(&mut self, token: &TokenId) -> Result<Option<TokenUseRow>> {
        let mut found = None;
        let sql = "SELECT u.token_id, u.first_used_at, u.last_used_at, u.last_address FROM keyctl.token_use u
             WHERE u.token_id = $1";
        self.session().glance(sql.into(), &[token.as_str().into()], &mut |row| {
            let cells = row.of("token_use");
            found = Some(TokenUseRow {
                first: cells.opt_int(1)?.and_then(Timestamp::from_millis),
                last: crate::store::keys::used::read(&cells, 2),
                address: cells.opt_text(3)?.map(str::to_owned),
            });
            Ok(())
        })?;
        Ok(found)
    }
}
