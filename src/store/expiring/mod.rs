//! What ends soon, kind by kind, each in the order of its ends and on an index of them.

mod seen;
mod told;

pub(crate) use seen::{Reported, Sighting};
pub(crate) use told::Told;

use super::Lookup;
use super::error::Result;
use super::keys::filter::STATE;
use super::keys::used;
use super::session::{Row, Sql, Value};
use crate::domain::expiring::{Ending, Kind};
use crate::domain::keys::key::LastUse;
use crate::domain::time::Timestamp;

/// Of what there may be many, so many are read at once.
pub(crate) const PAGE: usize = 500;

/// Which ends are asked for: behind `after`, up to `until`, both by the store's clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub now: Timestamp,
    pub after: Timestamp,
    pub until: Timestamp,
}

/// Behind all ids, so that what ends at the moment before the first is not asked for again.
const LAST_ID: &str = "~";

/// The columns of each: id, name, key, owner, end, state, last use, trust. Whose state does not depend on the time
/// names it; keys tell theirs by the row of their current token.
fn sql(kind: Kind) -> String {
    let state = STATE.replace("{now}", "$5");
    let used = used::COLUMN;
    match kind {
        // Also the keys of trusts.
        Kind::Key | Kind::Trust => format!(
            "SELECT k.id, k.owner || '/' || k.name AS name, k.id AS key, k.owner, k.expires_sort AS ends_at, {state} AS state,
                {used}, (SELECT t.name FROM keyctl.trust t WHERE t.key_id = k.id) AS trust
             FROM (SELECT * FROM keyctl.key k WHERE k.revoked_at IS NULL AND (k.expires_sort, k.id) > ($1, $2)
                AND k.expires_sort <= $3 ORDER BY k.expires_sort, k.id LIMIT $4) k
             JOIN keyctl.token c ON c.key_id = k.id AND c.generation = k.generation
             ORDER BY k.expires_sort, k.id"
        ),
        Kind::GraceToken => format!(
            "SELECT p.token_id AS id, p.prefix AS name, k.id AS key, k.owner, p.grace_ends_at AS ends_at, {state} AS state,
                (SELECT u.last_used_at FROM keyctl.token_use u WHERE u.token_id = p.token_id) AS last_used_at,
                CAST(NULL AS TEXT) AS trust
             FROM keyctl.token p JOIN keyctl.key k ON k.id = p.key_id AND k.generation - 1 = p.generation
             JOIN keyctl.token c ON c.key_id = k.id AND c.generation = k.generation
             WHERE k.revoked_at IS NULL AND p.grace_ends_at > 0 AND (p.grace_ends_at, p.token_id) > ($1, $2)
                AND p.grace_ends_at <= $3
             ORDER BY p.grace_ends_at, p.token_id LIMIT $4"
        ),
        Kind::Secret => "SELECT s.id, s.name, CAST(NULL AS TEXT) AS key, CAST(NULL AS TEXT) AS owner, v.expires_at AS ends_at,
                CASE WHEN v.expires_at <= $5 THEN 'expired' ELSE 'active' END AS state, CAST(NULL AS BIGINT) AS last_used_at,
                CAST(NULL AS TEXT) AS trust
             FROM keyctl.secret_version v JOIN keyctl.secret s ON s.id = v.secret_id AND s.version = v.version
             WHERE s.deleted_at IS NULL AND (v.expires_at, v.secret_id) > ($1, $2) AND v.expires_at <= $3
                AND NOT EXISTS (SELECT 1 FROM keyctl.oauth_credential o WHERE o.secret_id = s.id)
                AND NOT EXISTS (SELECT 1 FROM keyctl.federated_secret f WHERE f.secret_id = s.id)
             ORDER BY v.expires_at, v.secret_id LIMIT $4"
            .to_owned(),
        Kind::SigningKey => "SELECT g.kid AS id, g.kid AS name, CAST(NULL AS TEXT) AS key, CAST(NULL AS TEXT) AS owner,
                g.tokens_end_at AS ends_at, CASE WHEN g.tokens_end_at <= $5 THEN 'ended' ELSE 'signs_no_more' END AS state,
                CAST(NULL AS BIGINT) AS last_used_at, CAST(NULL AS TEXT) AS trust
             FROM keyctl.signing_key g
             WHERE g.revoked_at IS NULL AND (g.tokens_end_at, g.kid) > ($1, $2) AND g.tokens_end_at <= $3
             ORDER BY g.tokens_end_at, g.kid LIMIT $4"
            .to_owned(),
        // What somebody must sign in for stays on the list however long its last token has ended.
        Kind::Credential => "SELECT s.id, s.name, CAST(NULL AS TEXT) AS key, CAST(NULL AS TEXT) AS owner,
                COALESCE(v.expires_at, v.created_at) AS ends_at,
                CASE WHEN o.state = 'needs_reauth' THEN o.state WHEN v.expires_at <= $5 THEN 'expired'
                    ELSE 'no_refresh_token' END AS state,
                CAST(NULL AS BIGINT) AS last_used_at, CAST(NULL AS TEXT) AS trust
             FROM keyctl.oauth_credential o JOIN keyctl.secret s ON s.id = o.secret_id
             JOIN keyctl.secret_version v ON v.secret_id = s.id AND v.version = s.version
             WHERE s.deleted_at IS NULL AND COALESCE(v.expires_at, v.created_at) <= $3
                AND (COALESCE(v.expires_at, v.created_at), s.id) > ($1, $2)
                AND (o.state = 'needs_reauth' OR v.expires_at > $6 AND NOT EXISTS (SELECT 1 FROM keyctl.oauth_envelope e
                    WHERE e.secret_id = s.id AND e.part = 'refresh'))
             ORDER BY COALESCE(v.expires_at, v.created_at), s.id LIMIT $4"
            .to_owned(),
        // What was dead before is nobody's news.
        Kind::Leak => "SELECT r.digest || ' ' || s.token_id AS id, COALESCE(t.prefix, s.token_id) AS name, s.key_id AS key,
                k.owner, r.received_at AS ends_at, s.deed AS state,
                (SELECT u.last_used_at FROM keyctl.token_use u WHERE u.token_id = s.token_id) AS last_used_at,
                CAST(NULL AS TEXT) AS trust
             FROM keyctl.leak_report r JOIN keyctl.leak_sighting s ON s.digest = r.digest
             LEFT JOIN keyctl.key k ON k.id = s.key_id LEFT JOIN keyctl.token t ON t.token_id = s.token_id
             WHERE r.received_at >= $1 AND (r.received_at > $1 OR r.digest || ' ' || s.token_id > $2)
                AND r.received_at <= $3 AND s.deed <> 'dead_before'
             ORDER BY r.received_at, r.digest, s.token_id LIMIT $4"
            .to_owned(),
        Kind::Canary => "SELECT s.key_id || ' ' || s.address || ' ' || s.path AS id,
                COALESCE(k.owner || '/' || k.name, s.key_id) AS name, s.key_id AS key, k.owner, s.first_at AS ends_at,
                'canary' AS state, CAST(NULL AS BIGINT) AS last_used_at, CAST(NULL AS TEXT) AS trust
             FROM keyctl.canary_sighting s LEFT JOIN keyctl.key k ON k.id = s.key_id
             WHERE s.first_at >= $1 AND (s.first_at > $1 OR s.key_id || ' ' || s.address || ' ' || s.path > $2)
                AND s.first_at <= $3
             ORDER BY s.first_at, s.key_id || ' ' || s.address || ' ' || s.path LIMIT $4"
            .to_owned(),
    }
}

/// Finding what ends, inside a change and outside of one alike.
pub(crate) trait ExpiringLookup: Lookup {
    /// The next page of a kind in a window, behind this one. Keys of trusts are among keys.
    fn endings(&mut self, kind: Kind, window: &Window, behind: Option<&Ending>) -> Result<Vec<Ending>> {
        let (mut at, mut id) = (window.after.as_millis(), LAST_ID.to_owned());
        if kind == Kind::Credential {
            (at, id) = (-1, LAST_ID.to_owned());
        }
        if let Some(behind) = behind {
            (at, id) = (behind.ends_at.as_millis(), behind.id.clone());
        }
        let mut values: Vec<Value> = vec![
            at.into(),
            id.into(),
            window.until.as_millis().into(),
            i64::try_from(PAGE).unwrap_or(i64::MAX).into(),
            window.now.as_millis().into(),
        ];
        if kind.is_seen() {
            values.truncate(4);
        }
        if kind == Kind::Credential {
            values.push(window.after.as_millis().into());
        }
        let mut found = Vec::new();
        self.reading()?.session().query(Sql::Built(sql(kind)), &values, &mut |row| {
            found.push(read(kind, row)?);
            Ok(())
        })?;
        Ok(found)
    }
}

impl<L: Lookup> ExpiringLookup for L {}

fn read(kind: Kind, row: &Row<'_>) -> Result<Ending> {
    let cells = row.of("key");
    let text = |column| Ok::<_, super::Error>(cells.opt_text(column)?.map(str::to_owned));
    let trust = text(7)?;
    let last_used = match kind {
        Kind::Key | Kind::Trust | Kind::GraceToken | Kind::Leak => used::read(&cells, 6),
        Kind::Secret | Kind::SigningKey | Kind::Credential | Kind::Canary => LastUse::Unknown,
    };
    Ok(Ending {
        kind: if trust.is_some() { Kind::Trust } else { kind },
        id: cells.text(0)?.to_owned(),
        name: match trust {
            Some(trust) => trust,
            None => cells.text(1)?.to_owned(),
        },
        key: text(2)?,
        owner: text(3)?,
        ends_at: cells.time(4)?,
        last_used,
        state: cells.text(5)?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::migrations;
    use crate::store::sqlite::translated;

    #[test]
    fn what_there_are_many_of_is_found_by_its_end() {
        let connection = rusqlite::Connection::open_in_memory().expect("SQLite");
        for migration in migrations::after(0) {
            connection.execute_batch(migration.sqlite).expect("migrates");
        }
        for (kind, index) in [
            (Kind::Key, "key_live_expiry"),
            (Kind::GraceToken, "token_grace"),
            (Kind::Secret, "secret_version_end"),
        ] {
            let sql = translated(&format!("EXPLAIN QUERY PLAN {}", sql(kind)));
            let values = rusqlite::params![1, "x", 2, 3, 4];
            let plan = connection
                .prepare(&sql)
                .and_then(|mut statement| {
                    statement.query_map(values, |row| row.get::<_, String>(3))?.collect::<Result<Vec<_>, _>>()
                })
                .expect("a plan")
                .join("\n");
            assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{kind}: {plan}");
        }
    }
}
