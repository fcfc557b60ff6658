//! What keyctl serve writes, on a connection of its own, and what commands read of it.
//!
//! Nothing that changes a key reads or locks these tables. On PostgreSQL what is written here takes none of the locks of
//! a change, and its role has no right to the rest. SQLite has one lock for all that write: it is held for one short
//! transaction, and where somebody else has it, that is not waited for.

#[cfg(feature = "cli")]
mod canaries;
mod claims;
mod disclosures;
mod old;
mod read;
#[cfg(feature = "serve")]
mod spend;

use std::time::Duration;

#[cfg(feature = "cli")]
pub(crate) use canaries::{CanaryLookup, SightingsRow};
pub use claims::ClaimRow;
pub use disclosures::DisclosureRow;
pub use read::TokenUseRow;

use super::error::{Error, Result};
use super::location::Location;
use super::session::{ForEach, STORE_SEEN, Session, Sql, Statement, Value};
use super::sqlite::Access;
use super::{Backend, Options, many, postgres, sqlite};
use crate::domain::usage::batch::{Handed, Spender, UseBatch};
use crate::domain::usage::day::PeriodName;

/// What is written without the lock of a change, and not once a store moves.
#[cfg(feature = "cli")]
pub(super) const TABLES: [&str; 21] = [
    "key_use",
    "token_use",
    "key_day",
    "quota_spent",
    "would_deny",
    "disclosure",
    "serve_claim",
    "oauth_attempt",
    "oauth_use",
    "oauth_lease",
    "manifest_hold",
    "notified",
    "notify_hold",
    "leak_report",
    "leak_sighting",
    "canary_sighting",
    "portal_seen",
    "mcp_device",
    // What is over goes so.
    "claim",
    "portal_session",
    "mcp_sign_in",
];

/// The first schema that has these tables.
pub(super) const RECORDS_USE: i64 = 14;

/// How long the one lock of a SQLite file is waited for: somebody else's change goes first.
const PATIENCE: Duration = Duration::from_millis(20);

/// How much was spent of a quota in all, by everybody who writes here.
pub type Total = (Spender, PeriodName, u64);

/// A connection that writes these tables, and may do no more.
pub struct Recorder {
    backend: Backend,
}

/// What stands there is added to, if it is a number that can be.
macro_rules! sum {
    ($table:literal, $column:literal) => {
        concat!(
            $column,
            " = CASE WHEN ",
            $table,
            ".",
            $column,
            " > 4000000000000000000 THEN ",
            $table,
            ".",
            $column,
            " WHEN ",
            $table,
            ".",
            $column,
            " > 0 THEN ",
            $table,
            ".",
            $column,
            " + excluded.",
            $column,
            " ELSE excluded.",
            $column,
            " END"
        )
    };
}

const SPENT: ForEach = ForEach {
    one: concat!(
        "INSERT INTO keyctl.quota_spent (subject_kind, subject_id, period, spent)
         VALUES ($1, $2, $3, CAST($4 AS BIGINT))
         ON CONFLICT (subject_kind, subject_id, period) DO UPDATE SET ",
        sum!("quota_spent", "spent")
    ),
    all: concat!(
        "INSERT INTO keyctl.quota_spent (subject_kind, subject_id, period, spent)
         SELECT v.subject_kind, v.subject_id, v.period, CAST(v.spent AS BIGINT)
         FROM unnest($1, $2, $3, $4) AS v (subject_kind, subject_id, period, spent)
         ON CONFLICT (subject_kind, subject_id, period) DO UPDATE SET ",
        sum!("quota_spent", "spent")
    ),
};

/// A time that stands there and is none gives way.
macro_rules! newer {
    ($table:literal) => {
        concat!(
            $table,
            ".last_used_at > excluded.last_used_at AND ",
            $table,
            ".last_used_at <= 253402300799999"
        )
    };
}

const KEYS: ForEach = ForEach {
    one: concat!(
        "INSERT INTO keyctl.key_use (key_id, last_used_at) VALUES ($1, CAST($2 AS BIGINT))
         ON CONFLICT (key_id) DO UPDATE SET last_used_at = CASE WHEN ",
        newer!("key_use"),
        " THEN key_use.last_used_at ELSE excluded.last_used_at END"
    ),
    all: concat!(
        "INSERT INTO keyctl.key_use (key_id, last_used_at)
         SELECT v.key_id, CAST(v.last_used_at AS BIGINT) FROM unnest($1, $2) AS v (key_id, last_used_at)
         ON CONFLICT (key_id) DO UPDATE SET last_used_at = CASE WHEN ",
        newer!("key_use"),
        " THEN key_use.last_used_at ELSE excluded.last_used_at END"
    ),
};

macro_rules! on_conflict_of_tokens {
    () => {
        concat!(
            " ON CONFLICT (token_id) DO UPDATE SET first_used_at = CASE
                WHEN token_use.first_used_at < excluded.first_used_at AND token_use.first_used_at >= 0
                THEN token_use.first_used_at ELSE excluded.first_used_at END,
              last_address = CASE WHEN ",
            newer!("token_use"),
            " THEN token_use.last_address ELSE COALESCE(excluded.last_address, token_use.last_address) END,
              last_used_at = CASE WHEN ",
            newer!("token_use"),
            " THEN token_use.last_used_at ELSE excluded.last_used_at END"
        )
    };
}

const TOKENS: ForEach = ForEach {
    one: concat!(
        "INSERT INTO keyctl.token_use (token_id, first_used_at, last_used_at, last_address)
         VALUES ($1, CAST($2 AS BIGINT), CAST($3 AS BIGINT), NULLIF($4, ''))",
        on_conflict_of_tokens!()
    ),
    all: concat!(
        "INSERT INTO keyctl.token_use (token_id, first_used_at, last_used_at, last_address)
         SELECT v.token_id, CAST(v.first_used_at AS BIGINT), CAST(v.last_used_at AS BIGINT), NULLIF(v.last_address, '')
         FROM unnest($1, $2, $3, $4) AS v (token_id, first_used_at, last_used_at, last_address)",
        on_conflict_of_tokens!()
    ),
};

macro_rules! on_conflict_of_days {
    () => {
        concat!(
            " ON CONFLICT (key_id, day) DO UPDATE SET ",
            sum!("key_day", "allowed"),
            ", ",
            sum!("key_day", "denied")
        )
    };
}

const DAYS: ForEach = ForEach {
    one: concat!(
        "INSERT INTO keyctl.key_day (key_id, day, allowed, denied)
         VALUES ($1, CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS BIGINT))",
        on_conflict_of_days!()
    ),
    all: concat!(
        "INSERT INTO keyctl.key_day (key_id, day, allowed, denied)
         SELECT v.key_id, CAST(v.day AS BIGINT), CAST(v.allowed AS BIGINT), CAST(v.denied AS BIGINT)
         FROM unnest($1, $2, $3, $4) AS v (key_id, day, allowed, denied)",
        on_conflict_of_days!()
    ),
};

macro_rules! on_conflict_of_denials {
    () => {
        concat!(" ON CONFLICT (day, policy, reason) DO UPDATE SET ", sum!("would_deny", "count"))
    };
}

const WOULD_DENY: ForEach = ForEach {
    one: concat!(
        "INSERT INTO keyctl.would_deny (day, policy, reason, count)
         VALUES (CAST($1 AS BIGINT), $2, $3, CAST($4 AS BIGINT))",
        on_conflict_of_denials!()
    ),
    all: concat!(
        "INSERT INTO keyctl.would_deny (day, policy, reason, count)
         SELECT CAST(v.day AS BIGINT), v.policy, v.reason, CAST(v.count AS BIGINT)
         FROM unnest($1, $2, $3, $4) AS v (day, policy, reason, count)",
        on_conflict_of_denials!()
    ),
};

macro_rules! on_conflict_of_disclosures {
    () => {
        concat!(
            " ON CONFLICT (secret_id, version, key_id, asked_by) DO UPDATE SET ",
            sum!("disclosure", "count"),
            ", last_at = excluded.last_at"
        )
    };
}

const DISCLOSURES: ForEach = ForEach {
    one: concat!(
        "INSERT INTO keyctl.disclosure (secret_id, version, key_id, asked_by, count, first_at, last_at)
         VALUES ($1, CAST($2 AS BIGINT), $3, $4, CAST($5 AS BIGINT), CAST($6 AS BIGINT), CAST($7 AS BIGINT))",
        on_conflict_of_disclosures!()
    ),
    all: concat!(
        "INSERT INTO keyctl.disclosure (secret_id, version, key_id, asked_by, count, first_at, last_at)
         SELECT v.secret_id, CAST(v.version AS BIGINT), v.key_id, v.asked_by, CAST(v.count AS BIGINT),
            CAST(v.first_at AS BIGINT), CAST(v.last_at AS BIGINT)
         FROM unnest($1, $2, $3, $4, $5, $6, $7) AS v (secret_id, version, key_id, asked_by, count, first_at, last_at)",
        on_conflict_of_disclosures!()
    ),
};

/// Quotas asked for by one statement.
const TOTALS: usize = 100;

impl Recorder {
    /// Opens a store to write these tables; nothing waits longer than `within`. [`Error::Older`] where a SQLite file has
    /// none of them yet: it is not migrated for this.
    pub fn open(location: &Location, options: Options, within: Duration) -> Result<Self> {
        match location {
            Location::Sqlite(file) => {
                let options = Options { lock_timeout: PATIENCE.min(within), ..options };
                let (session, _) = sqlite::open(file, Access::Change, options)?;
                let found = session.schema();
                if found < RECORDS_USE {
                    return Err(Error::Older { found, known: RECORDS_USE });
                }
                Ok(Self { backend: Backend::Sqlite(session) })
            }
            Location::Postgres(dsn) => {
                let options = Options { lock_timeout: within, ..options };
                Ok(Self { backend: Backend::Postgres(postgres::open_reader(dsn, options, within)?) })
            }
        }
    }

    /// Opens a store to read what is beside its keys, and to write nothing.
    pub(crate) fn open_to_read(location: &Location, options: Options, within: Duration) -> Result<Self> {
        match location {
            Location::Sqlite(file) => {
                let (session, _) = sqlite::open(file, Access::Read, options)?;
                Ok(Self { backend: Backend::Sqlite(session) })
            }
            Location::Postgres(_) => Self::open(location, options, within),
        }
    }

    /// Whether what was opened still is what stands under the store's name.
    pub fn is_current(&self) -> bool {
        match &self.backend {
            Backend::Sqlite(session) => session.is_current(),
            Backend::Postgres(_) => true,
        }
    }

    /// Writes a batch in one short transaction. What its quotas come to then, everybody's spending included: one of
    /// which it spends 0 is only looked up. [`Error::Busy`] where a SQLite file's lock is held.
    pub fn record(&mut self, batch: &UseBatch) -> Result<Vec<Total>> {
        let session = self.session();
        let writes = batch.spent.values().any(|count| *count > 0) || batch.len() > batch.spent.len();
        if !writes {
            return totals(session, batch);
        }
        session.begin_use()?;
        let written = write(session, batch)
            .and_then(|()| totals(session, batch))
            .and_then(|totals| session.refuse_moved(STORE_SEEN).map(|()| totals));
        match written {
            Ok(totals) => {
                session.commit_use()?;
                Ok(totals)
            }
            Err(error) => {
                session.rollback();
                Err(error)
            }
        }
    }

    fn session(&mut self) -> &mut dyn Session {
        match &mut self.backend {
            Backend::Sqlite(session) => session,
            Backend::Postgres(session) => session,
        }
    }

    /// Runs one statement in a short transaction of its own. Returns how many rows it changed.
    fn execute(&mut self, statement: Statement) -> Result<u64> {
        let session = self.session();
        session.begin_use()?;
        let written = session.execute(&[statement]);
        match written.and_then(|rows| session.refuse_moved(STORE_SEEN).map(|()| rows)) {
            Ok(rows) => session.commit_use().map(|()| rows.iter().sum()),
            Err(error) => {
                session.rollback();
                Err(error)
            }
        }
    }
}

/// Rows of texts, as columns.
struct Columns<const N: usize>([Vec<String>; N]);

impl<const N: usize> Columns<N> {
    fn of(rows: impl Iterator<Item = [String; N]>) -> Self {
        let mut columns = [const { Vec::new() }; N];
        for row in rows {
            for (column, cell) in columns.iter_mut().zip(row) {
                column.push(cell);
            }
        }
        Self(columns)
    }

    fn write(&self, session: &mut dyn Session, sql: ForEach) -> Result<()> {
        if self.0.iter().all(Vec::is_empty) {
            return Ok(());
        }
        let columns: Vec<Vec<&str>> =
            self.0.iter().map(|column| column.iter().map(String::as_str).collect()).collect();
        session.execute_for_each(sql, &columns)
    }
}

/// Each statement without a row: on PostgreSQL, rights to write and to read are looked at all the same, each column's.
fn write_nothing(session: &mut dyn Session) -> Result<()> {
    for (sql, columns) in [(SPENT, 4), (KEYS, 2), (TOKENS, 4), (DAYS, 4), (WOULD_DENY, 4), (DISCLOSURES, 7)] {
        session.execute_for_each(sql, &vec![Vec::new(); columns])?;
    }
    Ok(())
}

/// More than this is never added at once, so that no sum overflows.
const MOST: u64 = 1_000_000_000_000_000;

fn number(count: u64) -> String {
    count.min(MOST).to_string()
}

fn write(session: &mut dyn Session, batch: &UseBatch) -> Result<()> {
    let spent = batch.spent.iter().filter(|(_, count)| **count > 0);
    let spent = spent.map(|((whose, period), count)| {
        [whose.kind().to_owned(), whose.id(), period.as_str().to_owned(), number(*count)]
    });
    Columns::of(spent).write(session, SPENT)?;
    let keys = batch.keys.iter().map(|(key, at)| [key.to_string(), at.as_millis().to_string()]);
    Columns::of(keys).write(session, KEYS)?;
    let tokens = batch.tokens.iter().map(|(token, used)| {
        let address = used.address.map(|address| address.to_canonical().to_string()).unwrap_or_default();
        [token.to_string(), used.first.as_millis().to_string(), used.last.as_millis().to_string(), address]
    });
    Columns::of(tokens).write(session, TOKENS)?;
    let days = batch.days.iter().map(|((key, day), answers)| {
        [key.to_string(), day.number().to_string(), number(answers.allowed), number(answers.denied)]
    });
    Columns::of(days).write(session, DAYS)?;
    let would_deny = batch.would_deny.iter().map(|((day, policy, reason), count)| {
        [day.number().to_string(), policy.clone(), reason.clone(), number(*count)]
    });
    Columns::of(would_deny).write(session, WOULD_DENY)?;
    let disclosures = batch.disclosures.iter().map(|(what, disclosed)| {
        let [key, asked_by] = [what.key, what.asked_by].map(|key| key.to_string());
        let (id, version) = match what.what {
            Handed::Secret { id, version } => (id.to_string(), version),
            Handed::Token => (key.clone(), 0),
        };
        let [first, last] = [disclosed.first, disclosed.last].map(|at| at.as_millis().to_string());
        [id, version.to_string(), key, asked_by, number(disclosed.count), first, last]
    });
    Columns::of(disclosures).write(session, DISCLOSURES)
}

/// What each quota of the batch has spent in all.
fn totals(session: &mut dyn Session, batch: &UseBatch) -> Result<Vec<Total>> {
    let asked: Vec<&(Spender, PeriodName)> = batch.spent.keys().collect();
    let mut totals: Vec<Total> =
        asked.iter().map(|(whose, period)| (whose.clone(), period.clone(), 0)).collect();
    for page in totals.chunks_mut(TOTALS) {
        let sql = Sql::Built(format!(
            "SELECT q.subject_kind, q.subject_id, q.period, q.spent FROM (VALUES {}) AS v JOIN keyctl.quota_spent q
             ON q.subject_kind = v.column1 AND q.subject_id = v.column2 AND q.period = v.column3",
            many::groups(page.len(), 3)
        ));
        let values: Vec<Value> = page
            .iter()
            .flat_map(|(whose, period, _)| [whose.kind().into(), whose.id().into(), period.as_str().into()])
            .collect();
        session.query(sql, &values, &mut |row| {
            let cells = row.of("quota_spent");
            let (kind, id, period) = (cells.text(0)?, cells.text(1)?, cells.text(2)?);
            let spent = cells.opt_int(3)?.and_then(|spent| u64::try_from(spent).ok()).unwrap_or_default();
            let total = page
                .iter_mut()
                .find(|(whose, name, _)| whose.kind() == kind && name.as_str() == period && whose.id() == id);
            if let Some((.., total)) = total {
                *total = spent;
            }
            Ok(())
        })?;
    }
    Ok(totals)
}
