//! Attempts to get a new token. A claim is one statement that compares and swaps: of all that saw the same attempt, or none,
//! one gets it. It takes none of a change's locks on PostgreSQL.

use super::leases;
use crate::domain::credentials::attempt::Attempt;
use crate::domain::credentials::failure::Failure;
use crate::domain::secrets::secret::SecretId;
use crate::store::Store;
use crate::store::error::Result;
use crate::store::secrets::number;
use crate::store::session::{Cells, HEAD, Statement, Value};
use crate::store::tx::Tx;

/// `read` reads these columns.
pub(super) const COLUMNS: &str = "a.version, a.fence, a.holder, a.started_at, a.ends_at, a.retry_at, a.failures, \
     a.uncertain, a.failure";

/// The attempt whose columns begin there, if there is one.
pub(super) fn read(cells: &Cells<'_>, first: usize) -> Result<Option<Attempt>> {
    if cells.opt_int(first)?.is_none() {
        return Ok(None);
    }
    Ok(Some(Attempt {
        version: cells.count(first)?,
        fence: cells.count(first + 1)?,
        holder: cells.opt_text(first + 2)?.map(str::to_owned),
        started_at: cells.time(first + 3)?,
        ends_at: cells.time(first + 4)?,
        retry_at: cells.time(first + 5)?,
        failures: cells.count(first + 6)?,
        uncertain: cells.int(first + 7)? != 0,
        failure: cells.opt_text(first + 8)?.map(Failure::parse),
    }))
}

/// Only of the version that is in force, and only in the place of the attempt that was seen.
const CLAIM: &str = "INSERT INTO keyctl.oauth_attempt (secret_id, version, fence, holder, started_at, ends_at, retry_at,
        failures, uncertain, failure)
     SELECT s.id, CAST($2 AS BIGINT), CAST($3 AS BIGINT), $4, CAST($5 AS BIGINT), CAST($6 AS BIGINT),
        CAST($7 AS BIGINT), CAST($8 AS BIGINT), CAST($9 AS BIGINT), $10
     FROM keyctl.secret s WHERE s.id = $1 AND s.version = $2
     ON CONFLICT (secret_id) DO UPDATE SET version = excluded.version, fence = excluded.fence, holder = excluded.holder,
        started_at = excluded.started_at, ends_at = excluded.ends_at, retry_at = excluded.retry_at,
        failures = excluded.failures, uncertain = excluded.uncertain, failure = excluded.failure
     WHERE oauth_attempt.fence = excluded.fence - 1";

/// Only while nobody made another one.
const SETTLE: &str =
    "UPDATE keyctl.oauth_attempt SET version = $2, holder = NULL, retry_at = $4, uncertain = $5, failure = $6
     WHERE secret_id = $1 AND fence = $3";

fn settled(secret: SecretId, attempt: &Attempt) -> Statement {
    Statement::new(
        SETTLE,
        [
            secret.to_string().into(),
            number(attempt.version),
            number(attempt.fence),
            attempt.retry_at.as_millis().into(),
            i64::from(attempt.uncertain).into(),
            attempt.failure.map(|failure| failure.to_string()).into(),
        ],
    )
}

fn whole(secret: SecretId, attempt: &Attempt) -> [Value; 10] {
    [
        secret.to_string().into(),
        number(attempt.version),
        number(attempt.fence),
        attempt.holder.clone().into(),
        attempt.started_at.as_millis().into(),
        attempt.ends_at.as_millis().into(),
        attempt.retry_at.as_millis().into(),
        number(attempt.failures),
        i64::from(attempt.uncertain).into(),
        attempt.failure.map(|failure| failure.to_string()).into(),
    ]
}

impl Store {
    /// Writes an attempt down, durably, in the place of the one before it. `false` where somebody else was first, or the
    /// version is not in force any more.
    pub(crate) fn claim_attempt(&mut self, secret: SecretId, attempt: &Attempt) -> Result<bool> {
        self.use_one(Statement::new(CLAIM, whole(secret, attempt)))
    }

    /// The same of a credential whose users it was waited for: only while the gate is as it was seen, with this fence.
    pub(crate) fn claim_attempt_at_gate(
        &mut self,
        secret: SecretId,
        attempt: &Attempt,
        fence: u64,
    ) -> Result<bool> {
        let gate = leases::passed(secret, attempt.version, fence);
        self.use_both(gate, Statement::new(CLAIM, whole(secret, attempt)))
    }

    /// Writes down that an attempt got no token.
    pub(crate) fn settle_attempt(&mut self, secret: SecretId, attempt: &Attempt) -> Result<()> {
        self.use_one(settled(secret, attempt)).map(drop)
    }

    /// One statement in a transaction of its own that is durable here. Returns whether it changed a row.
    pub(in crate::store) fn use_one(&mut self, statement: Statement) -> Result<bool> {
        self.use_all(&[statement])
    }

    /// The same with several.
    pub(in crate::store) fn use_all(&mut self, statements: &[Statement]) -> Result<bool> {
        let session = self.session();
        session.begin_use()?;
        let written = session.execute(statements);
        match written.and_then(|rows| session.refuse_moved(HEAD).map(|()| rows)) {
            Ok(rows) => session.commit_use().map(|()| rows.iter().any(|changed| *changed > 0)),
            Err(error) => {
                session.rollback();
                Err(error)
            }
        }
    }

    /// The same with two statements, of which the second is run if the first changed a row.
    fn use_both(&mut self, first: Statement, second: Statement) -> Result<bool> {
        let session = self.session();
        session.begin_use()?;
        let changed = session.execute(&[first]).and_then(|rows| match rows.as_slice() {
            [0] => Ok(rows),
            _ => session.execute(&[second]),
        });
        let changed = changed.and_then(|rows| session.refuse_moved(HEAD).map(|()| rows));
        match changed {
            Ok(rows) if rows.iter().any(|changed| *changed > 0) => session.commit_use().map(|()| true),
            Ok(_) => {
                session.rollback();
                Ok(false)
            }
            Err(error) => {
                session.rollback();
                Err(error)
            }
        }
    }
}

impl Tx<'_> {
    /// The attempts of a version that is replaced are over, whoever made them: its answers are not taken any more. The fence
    /// stays, so that nobody who saw the attempt can claim the next one by it.
    pub(crate) fn end_attempts(&mut self, secret: SecretId, version: u64) {
        self.pending.push(Statement::new(
            "UPDATE keyctl.oauth_attempt SET holder = NULL, uncertain = 0, failure = NULL, failures = 0
             WHERE secret_id = $1 AND version <= $2",
            [secret.to_string().into(), number(version)],
        ));
    }

    /// Writes down that an attempt got no token, with what else is changed for it.
    pub(crate) fn settle_attempt(&mut self, secret: SecretId, attempt: &Attempt) {
        self.pending.push(settled(secret, attempt));
    }
}
