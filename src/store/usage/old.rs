//! What nobody asks for any more: forgotten in short transactions of its own, of which no change waits for longer than
//! for one batch.

use super::Recorder;
use crate::domain::keys::limit::Period;
use crate::domain::time::Timestamp;
use crate::domain::usage::day::{Day, PeriodName};
use crate::store::error::Result;
use crate::store::session::{Statement, Value};

/// Rows that are forgotten at once.
const AT_ONCE: u64 = 5_000;

/// Days that `keyctl usage` shows at most.
const SHOWN: u16 = 400;

/// Days after its end that a period of a quota is kept.
const KEPT: u16 = 40;

const DAYS: &str = "DELETE FROM keyctl.key_day WHERE (key_id, day) IN
    (SELECT key_id, day FROM keyctl.key_day WHERE day < $1 LIMIT 5000)";

const WOULD_DENY: &str = "DELETE FROM keyctl.would_deny WHERE (day, policy, reason) IN
    (SELECT day, policy, reason FROM keyctl.would_deny WHERE day < $1 LIMIT 5000)";

/// A text sorts as its time does. What was spent in total is never over.
const SPENT: &str = "DELETE FROM keyctl.quota_spent WHERE (subject_kind, subject_id, period) IN
    (SELECT subject_kind, subject_id, period FROM keyctl.quota_spent
     WHERE (length(period) = 10 AND period < $1) OR (length(period) = 7 AND period < $2) LIMIT 5000)";

/// What the audit log has.
#[cfg(feature = "cli")]
const SIGHTINGS: &str = "DELETE FROM keyctl.canary_sighting WHERE (key_id, hour, address, path) IN
    (SELECT key_id, hour, address, path FROM keyctl.canary_sighting WHERE first_at < $1 AND recorded >= count
     LIMIT 5000)";

impl Recorder {
    /// Forgets what was counted, and where canaries were seen, on days that `keyctl usage` does not show any more, and of
    /// quotas whose period ended 40 days ago. Returns how many rows.
    pub fn forget(&mut self, now: Timestamp) -> Result<u64> {
        let today = Day::of(now);
        let shown = today.before(SHOWN).number();
        let Some(kept) = Timestamp::from_millis(today.before(KEPT).number() * 86_400_000) else {
            return Ok(0);
        };
        let [day, month] =
            [Period::Day, Period::Month].map(|period| PeriodName::of(period, kept).as_str().to_owned());
        let mut forgotten = 0;
        let all: [(&'static str, Vec<Value>); 3] = [
            (DAYS, vec![shown.into()]),
            (WOULD_DENY, vec![shown.into()]),
            (SPENT, vec![day.as_str().into(), month.as_str().into()]),
        ];
        #[cfg(feature = "cli")]
        let all = all
            .into_iter()
            .chain(self.has_canaries()?.then(|| (SIGHTINGS, vec![(shown * 86_400_000).into()])));
        for (sql, values) in all {
            loop {
                let rows = self.execute(Statement::new(sql, values.clone()))?;
                forgotten += rows;
                if rows < AT_ONCE {
                    break;
                }
            }
        }
        Ok(forgotten)
    }
}
