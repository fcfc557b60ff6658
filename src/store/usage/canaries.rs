//! Which keys are there to be found, and where they appeared.

use std::collections::{BTreeMap, HashSet};

use super::Columns;
use super::Recorder;
use crate::domain::id::KeyId;
use crate::domain::keys::token::TokenId;
#[cfg(feature = "serve")]
use crate::domain::leaks::canary::APART;
use crate::domain::leaks::canary::{Count, Spot};
use crate::domain::time::Timestamp;
use crate::store::error::{Error, Result};
use crate::store::many::groups;
use crate::store::reading::Reads;
use crate::store::session::{Cells, ForEach, STORE_SEEN, Sql, Statement, Value};
use crate::store::tx::Tx;
use crate::store::{Backend, LOOKED_UP, Store};

/// The first schema that has these tables.
const HAS_CANARIES: i64 = 36;

/// Canaries that are known to a server; one beyond is a revoked key like any other.
const MOST: i64 = 100_000;

/// Sightings that a change takes at once.
const AT_ONCE: i64 = 100;

const WRITE: ForEach = ForEach {
    one: "INSERT INTO keyctl.canary_sighting (key_id, hour, address, path, token_id, count, first_at, last_at)
         VALUES ($1, CAST($2 AS BIGINT), $3, $4, $5, CAST($6 AS BIGINT), CAST($7 AS BIGINT), CAST($8 AS BIGINT))
         ON CONFLICT (key_id, hour, address, path) DO UPDATE SET
            count = CASE WHEN canary_sighting.count > 4000000000000000000 THEN canary_sighting.count
                ELSE canary_sighting.count + excluded.count END,
            last_at = CASE WHEN canary_sighting.last_at > excluded.last_at THEN canary_sighting.last_at
                ELSE excluded.last_at END",
    all: "INSERT INTO keyctl.canary_sighting (key_id, hour, address, path, token_id, count, first_at, last_at)
         SELECT v.key_id, CAST(v.hour AS BIGINT), v.address, v.path, v.token_id, CAST(v.count AS BIGINT),
            CAST(v.first_at AS BIGINT), CAST(v.last_at AS BIGINT)
         FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)
            AS v (key_id, hour, address, path, token_id, count, first_at, last_at)
         ON CONFLICT (key_id, hour, address, path) DO UPDATE SET
            count = CASE WHEN canary_sighting.count > 4000000000000000000 THEN canary_sighting.count
                ELSE canary_sighting.count + excluded.count END,
            last_at = CASE WHEN canary_sighting.last_at > excluded.last_at THEN canary_sighting.last_at
                ELSE excluded.last_at END",
};

impl Recorder {
    /// The canaries of the store; none where it is too old to have any.
    pub(crate) fn canaries(&mut self) -> Result<HashSet<KeyId>> {
        if !self.has_canaries()? {
            return Ok(HashSet::new());
        }
        let mut found = HashSet::new();
        let sql = "SELECT key_id FROM keyctl.canary ORDER BY key_id DESC LIMIT $1";
        self.session().query(sql.into(), &[MOST.into()], &mut |row| {
            found.insert(row.of("canary").parsed(0, |text| text.parse().ok())?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Whether the store is of a schema that knows them.
    pub(super) fn has_canaries(&mut self) -> Result<bool> {
        if let Backend::Sqlite(session) = &self.backend {
            return Ok(session.schema() >= HAS_CANARIES);
        }
        let mut has = false;
        let sql = "SELECT CAST(CAST(to_regclass('keyctl.canary') IS NOT NULL AS INT) AS BIGINT)";
        self.session().query(sql.into(), &[], &mut |row| {
            has = row.of("pg_class").int(0)? != 0;
            Ok(())
        })?;
        Ok(has)
    }

    /// Writes down where canaries were seen, in one short transaction. [`Error::Busy`] where a SQLite file's lock is held.
    pub(crate) fn record_sightings(&mut self, rows: &BTreeMap<Spot, Count>) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let columns = Columns::of(rows.iter().map(|(spot, counted)| {
            let [first, last] = [counted.first, counted.last].map(|at| at.as_millis().to_string());
            [
                spot.key.to_string(),
                spot.hour.to_string(),
                spot.address.clone(),
                spot.path.clone(),
                spot.token.to_string(),
                super::number(counted.times),
                first,
                last,
            ]
        }));
        let session = self.session();
        session.begin_use()?;
        let written = columns.write(session, WRITE).and_then(|()| session.refuse_moved(STORE_SEEN));
        match written {
            Ok(()) => session.commit_use(),
            Err(error) => {
                session.rollback();
                Err(error)
            }
        }
    }
}

/// A row of sightings, with what the key in it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SightingsRow {
    pub key: KeyId,
    pub token: TokenId,
    /// Milliseconds since 1970, as `first_at` and `last_at` are.
    pub hour: i64,
    /// `None` where it is not known.
    pub address: Option<String>,
    /// `None` where there were more than are told apart.
    pub path: Option<String>,
    pub count: u64,
    /// How much of the count no record of the audit log has.
    pub unrecorded: u64,
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    /// Its owner and name, where there is such a key.
    pub named: Option<(String, String)>,
}

const COLUMNS: &str =
    "s.key_id, s.token_id, s.hour, s.address, s.path, s.count, s.recorded, s.first_at, s.last_at, k.owner, k.name
    FROM keyctl.canary_sighting s LEFT JOIN keyctl.key k ON k.id = s.key_id";

fn read(cells: &Cells<'_>) -> Result<SightingsRow> {
    let text =
        |column: usize| Ok::<_, Error>(Some(cells.text(column)?.to_owned()).filter(|text| !text.is_empty()));
    let time = |column: usize| Ok::<_, Error>(Timestamp::from_millis(cells.int(column)?));
    let number = |number: i64| u64::try_from(number).unwrap_or_default();
    let (count, recorded) = (cells.int(5)?, cells.int(6)?);
    let named = |column: usize| cells.opt_text(column).map(|text| text.map(str::to_owned));
    Ok(SightingsRow {
        key: cells.parsed(0, |text| text.parse().ok())?,
        token: cells.parsed(1, |text| text.parse().ok())?,
        hour: cells.int(2)?,
        address: text(3)?,
        path: text(4)?,
        count: number(count),
        unrecorded: number(count.saturating_sub(recorded)),
        first: time(7)?,
        last: time(8)?,
        named: named(9)?.zip(named(10)?),
    })
}

/// Asking which keys are canaries, inside a change and outside of one alike.
pub(crate) trait CanaryLookup: Reads {
    /// The canaries behind this one, in order, a page of them.
    fn canaries(&mut self, after: Option<KeyId>, most: i64) -> Result<Vec<KeyId>> {
        let mut found = Vec::new();
        let after = after.map(|key| key.to_string()).unwrap_or_default();
        let sql = "SELECT key_id FROM keyctl.canary WHERE key_id > $1 ORDER BY key_id LIMIT $2";
        self.reading()?.session().query(sql.into(), &[after.into(), most.into()], &mut |row| {
            found.push(row.of("canary").parsed(0, |text| text.parse().ok())?);
            Ok(())
        })?;
        Ok(found)
    }
}

impl<R: Reads> CanaryLookup for R {}

impl Store {
    /// Which of these keys are canaries, as far as whoever asks may know.
    pub(crate) fn canaries_among(&mut self, keys: &[KeyId]) -> HashSet<KeyId> {
        let mut found = HashSet::new();
        for page in keys.chunks(LOOKED_UP) {
            let values: Vec<Value> = page.iter().map(|key| key.to_string().into()).collect();
            let sql = format!(
                "SELECT c.key_id FROM (VALUES {}) AS v JOIN keyctl.canary c ON c.key_id = v.column1",
                groups(page.len(), 1)
            );
            let asked = self.session().glance(Sql::Built(sql), &values, &mut |row| {
                found.insert(row.of("canary").parsed(0, |text| text.parse().ok())?);
                Ok(())
            });
            if asked.is_err() {
                return HashSet::new();
            }
        }
        found
    }

    /// Where canaries were seen that were there at this moment or later, or of one owner's: the first of each hour first,
    /// behind this row.
    pub(crate) fn sightings(
        &mut self,
        since: i64,
        behind: Option<&SightingsRow>,
        most: i64,
    ) -> Result<Vec<SightingsRow>> {
        let mut found = Vec::new();
        let (at, key, address, path) = match behind {
            None => (since, String::new(), "", ""),
            Some(row) => (
                row.first.map_or(since, Timestamp::as_millis),
                row.key.to_string(),
                row.address.as_deref().unwrap_or_default(),
                row.path.as_deref().unwrap_or_default(),
            ),
        };
        let values: [Value; 5] = [at.into(), key.into(), address.into(), path.into(), most.into()];
        let sql = Sql::Built(format!(
            "SELECT {COLUMNS} WHERE (s.first_at, s.key_id, s.address, s.path) > ($1, $2, $3, $4)
             ORDER BY s.first_at, s.key_id, s.address, s.path LIMIT $5"
        ));
        self.session().query(sql, &values, &mut |row| {
            found.push(read(&row.of("canary_sighting"))?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Writes down that these canaries were seen, all or none. What is told apart of one in an hour is bounded here, too.
    #[cfg(feature = "serve")]
    pub(crate) fn put_sightings(&mut self, spots: &[Spot], at: Timestamp) -> Result<()> {
        let mut statements = Vec::new();
        for spot in spots {
            let spot = if self.is_apart(spot)? { spot.clone() } else { spot.clone().elsewhere() };
            statements.push(put(&spot, at));
        }
        if statements.is_empty() { Ok(()) } else { self.use_all(&statements).map(drop) }
    }

    #[cfg(feature = "serve")]
    fn is_apart(&mut self, spot: &Spot) -> Result<bool> {
        let (mut apart, mut rows) = (false, 0);
        let sql =
            "SELECT address, path FROM keyctl.canary_sighting WHERE key_id = $1 AND hour = $2 LIMIT 1000";
        let values: [Value; 2] = [spot.key.to_string().into(), spot.hour.into()];
        self.session().query(sql.into(), &values, &mut |row| {
            let cells = row.of("canary_sighting");
            rows += 1;
            apart |= cells.text(0)? == spot.address && cells.text(1)? == spot.path;
            Ok(())
        })?;
        Ok(apart || rows < APART)
    }

    /// Whether there is a sighting that no record has, as far as that can be told at once.
    pub(crate) fn has_sightings(&mut self) -> bool {
        let mut found = false;
        let sql = "SELECT 1 FROM keyctl.canary_sighting WHERE recorded < count LIMIT 1";
        let asked = self.session().glance(sql.into(), &[], &mut |_| {
            found = true;
            Ok(())
        });
        asked.is_ok() && found
    }
}

#[cfg(feature = "serve")]
pub(in crate::store) fn put(spot: &Spot, at: Timestamp) -> Statement {
    let values: [Value; 7] = [
        spot.key.to_string().into(),
        spot.hour.into(),
        spot.address.as_str().into(),
        spot.path.as_str().into(),
        spot.token.as_str().into(),
        1_i64.into(),
        at.as_millis().into(),
    ];
    Statement::new(
        "INSERT INTO keyctl.canary_sighting (key_id, hour, address, path, token_id, count, first_at, last_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
         ON CONFLICT (key_id, hour, address, path) DO UPDATE SET
            count = CASE WHEN canary_sighting.count > 4000000000000000000 THEN canary_sighting.count
                ELSE canary_sighting.count + excluded.count END,
            last_at = CASE WHEN canary_sighting.last_at > excluded.last_at THEN canary_sighting.last_at
                ELSE excluded.last_at END",
        values,
    )
}

impl Tx<'_> {
    /// From now on its appearance is an alarm.
    pub(crate) fn insert_canary(&mut self, key: KeyId) {
        let values: [Value; 2] = [key.to_string().into(), self.now().as_millis().into()];
        self.pending
            .push(Statement::new("INSERT INTO keyctl.canary (key_id, created_at) VALUES ($1, $2)", values));
    }

    /// Takes up to 100 sightings, to be recorded by this change.
    pub(crate) fn take_sightings(&mut self) -> Result<Vec<SightingsRow>> {
        let locked = self.session.passing_over_locked("s");
        let sql = Sql::Built(format!(
            "SELECT {COLUMNS} WHERE s.recorded < s.count
             ORDER BY s.key_id, s.hour, s.address, s.path LIMIT $1{locked}"
        ));
        let mut taken = Vec::new();
        self.session.query(sql, &[AT_ONCE.into()], &mut |row| {
            taken.push(read(&row.of("canary_sighting"))?);
            Ok(())
        })?;
        for row in &taken {
            let count = i64::try_from(row.count).unwrap_or(i64::MAX);
            let values: [Value; 5] = [
                count.into(),
                row.key.to_string().into(),
                row.hour.into(),
                row.address.as_deref().unwrap_or_default().into(),
                row.path.as_deref().unwrap_or_default().into(),
            ];
            self.pending.push(Statement::new(
                "UPDATE keyctl.canary_sighting SET recorded = $1
                 WHERE key_id = $2 AND hour = $3 AND address = $4 AND path = $5",
                values,
            ));
        }
        Ok(taken)
    }
}
