//! Leases of credentials: what is written of use, which takes none of a change's locks on PostgreSQL.
//!
//! Whoever wants a lease, announces a refresh or sends one changes the row of the credential's gate, so that one of them is
//! first. A lease is one transaction whose statements each do nothing where the one before did nothing; in PostgreSQL one
//! function does the same.

use crate::domain::credentials::lease::{Gate, Lease, LeaseId};
use crate::domain::id::KeyId;
use crate::domain::secrets::secret::{SecretId, SecretName};
use crate::domain::time::{Span, Timestamp};
use crate::store::error::Result;
use crate::store::secrets::{SealedVersion, VERSION_CELLS, number, read_version};
use crate::store::session::{Cells, Row, Session, Sql, Statement, Value};
use crate::store::tx::Tx;
use crate::store::{Lookup, Store};

/// Leases that are read at once.
const MOST: i64 = 500;

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Wanted<'w> {
    pub id: LeaseId,
    /// SHA-256 of the holder's token.
    pub holder: &'w [u8; 32],
    /// In the order of their names, each with how long its token must still live (half of its life is enough).
    pub credentials: &'w [(SecretName, Span)],
    pub most: Span,
    pub who: Option<&'w str>,
    /// For which key, and at which key's wish.
    pub recipient: Option<(KeyId, KeyId)>,
}

impl Wanted<'_> {
    /// The key that it is counted of, and the one that asked.
    fn counted_of(&self) -> [Value; 2] {
        let (key, asked_by) =
            self.recipient.map(|(key, asked_by)| (key.to_string(), asked_by.to_string())).unzip();
        [key.into(), asked_by.into()]
    }

    /// The values of [`AT_ONCE`]. A name has no comma.
    fn at_once(&self) -> [Value; 8] {
        let names: Vec<&str> = self.credentials.iter().map(|(name, _)| name.as_str()).collect();
        let margins: Vec<String> =
            self.credentials.iter().map(|(_, margin)| in_millis(*margin).to_string()).collect();
        let [key, asked_by] = self.counted_of();
        [
            self.id.to_string().into(),
            self.holder[..].into(),
            names.join(",").into(),
            margins.join(",").into(),
            in_millis(self.most).into(),
            self.who.map(str::to_owned).into(),
            key,
            asked_by,
        ]
    }

    /// Where there is no such function.
    fn statements(&self) -> Vec<Statement> {
        let id = self.id.to_string();
        let mut statements = Vec::with_capacity(2 * self.credentials.len() + 2);
        for (name, margin) in self.credentials {
            let passing = [name.as_str().into(), id.as_str().into(), in_millis(*margin).into()];
            statements.push(Statement::new(PASS, passing));
        }
        let [key, asked_by] = self.counted_of();
        for (name, _) in self.credentials {
            let taking = [
                name.as_str().into(),
                id.as_str().into(),
                self.holder[..].into(),
                in_millis(self.most).into(),
                self.who.map(str::to_owned).into(),
                key.clone(),
            ];
            statements.push(Statement::new(TAKE, taking));
        }
        let count = i64::try_from(self.credentials.len()).unwrap_or(i64::MAX);
        if count > 1 {
            statements.push(Statement::new(UNLESS_ALL, [id.as_str().into(), count.into()]));
        }
        statements.push(Statement::new(COUNT, [id.as_str().into(), key, asked_by]));
        statements
    }
}

/// A lease with what it hands out.
#[derive(Debug)]
pub(crate) struct Leased {
    pub lease: Lease,
    pub sealed: SealedVersion,
}

/// All of it in PostgreSQL, where the function does what the statements below do, in the same order: names, margins.
const AT_ONCE: &str =
    "SELECT t.secret_id, t.name, t.provider, t.version, t.master_key_id, t.envelope, 'oauth',
        t.lease_id, t.secret_id, t.name, t.fence, t.version, t.acquired_at, t.expires_at, t.who, t.current
    FROM keyctl.lease_v1($1, $2, pg_catalog.string_to_array($3, ','),
        CAST(pg_catalog.string_to_array($4, ',') AS BIGINT[]), $5, $6, $7, $8) AS t";

/// The gate is passed by one at a time. A row of another snapshot that it is compared with is no newer than the gate's.
const PASS: &str = "UPDATE keyctl.oauth_use SET fence = fence + 1, last_lease = $2
    WHERE secret_id = (SELECT n.id FROM keyctl.secret n WHERE (n.name = $1 OR n.id = $1) AND n.deleted_at IS NULL)
      AND EXISTS (SELECT 1 FROM keyctl.secret s
        JOIN keyctl.secret_version v ON v.secret_id = s.id AND v.version = s.version
        WHERE s.id = oauth_use.secret_id AND (oauth_use.announced IS NULL OR oauth_use.announced <> s.version)
          AND v.created_at <= keyctl.now_ms() + 60000
          AND (v.expires_at IS NULL OR v.expires_at - keyctl.now_ms() >
            CASE WHEN (v.expires_at - v.created_at) / 2 < CAST($3 AS BIGINT) THEN (v.expires_at - v.created_at) / 2
            ELSE CAST($3 AS BIGINT) END))";

/// Of whoever passed. It ends after half of the token's life at most, and with the token.
const TAKE: &str = "INSERT INTO keyctl.oauth_lease
        (lease_id, secret_id, holder, fence, version, acquired_at, expires_at, who, key_id)
    SELECT $2, t.id, $3, t.fence, t.version, t.now,
        CASE WHEN t.ends < t.now + t.most THEN t.ends ELSE t.now + t.most END, $5, $6
    FROM (SELECT u.secret_id AS id, u.fence, s.version, keyctl.now_ms() AS now, v.expires_at AS ends,
            CASE WHEN (v.expires_at - v.created_at) / 2 < CAST($4 AS BIGINT) THEN (v.expires_at - v.created_at) / 2
            ELSE CAST($4 AS BIGINT) END AS most
        FROM keyctl.secret s JOIN keyctl.oauth_use u ON u.secret_id = s.id
        JOIN keyctl.secret_version v ON v.secret_id = s.id AND v.version = s.version
        WHERE (s.name = $1 OR s.id = $1) AND s.deleted_at IS NULL AND u.last_lease = $2) t
    WHERE t.ends IS NULL OR t.ends > t.now
    ON CONFLICT (secret_id, lease_id) DO NOTHING";

/// All or nothing.
const UNLESS_ALL: &str = "DELETE FROM keyctl.oauth_lease WHERE lease_id = $1
    AND (SELECT COUNT(*) FROM keyctl.oauth_lease l WHERE l.lease_id = $1) < CAST($2 AS BIGINT)";

/// Counted of the key that it is for, and of the one that asked. Where there is none, the secret stands in its place.
const COUNT: &str = "INSERT INTO keyctl.disclosure (secret_id, version, key_id, asked_by, count, first_at, last_at)
    SELECT l.secret_id, l.version, COALESCE(CAST($2 AS TEXT), l.secret_id), COALESCE(CAST($3 AS TEXT), l.secret_id), 1,
        l.acquired_at, l.acquired_at
    FROM keyctl.oauth_lease l WHERE l.lease_id = $1
    ON CONFLICT (secret_id, version, key_id, asked_by) DO UPDATE SET
        count = CASE WHEN disclosure.count BETWEEN 1 AND 4000000000000000000 THEN disclosure.count + 1 ELSE 1 END,
        last_at = excluded.last_at";

/// The sealed version, of a credential, and the lease behind it.
const TAKEN: &str = "SELECT v.secret_id, s.name, s.provider, v.version, v.master_key_id, v.envelope, 'oauth',
        l.lease_id, l.secret_id, s.name, l.fence, l.version, l.acquired_at, l.expires_at, l.who, s.version
    FROM keyctl.oauth_lease l JOIN keyctl.secret s ON s.id = l.secret_id
    JOIN keyctl.secret_version v ON v.secret_id = l.secret_id AND v.version = l.version
    WHERE l.lease_id = $1 ORDER BY s.name";

/// `read` reads these columns.
const LEASE: &str =
    "SELECT l.lease_id, l.secret_id, s.name, l.fence, l.version, l.acquired_at, l.expires_at, l.who,
        CASE WHEN s.deleted_at IS NULL THEN s.version END, l.holder, l.key_id
    FROM keyctl.oauth_lease l LEFT JOIN keyctl.secret s ON s.id = l.secret_id WHERE";

fn read(cells: &Cells<'_>, first: usize) -> Result<Lease> {
    let version = cells.count(first + 4)?;
    Ok(Lease {
        id: cells.parsed(first, LeaseId::parse)?,
        secret: cells.parsed(first + 1, SecretId::parse)?,
        name: cells.opt_parsed(first + 2, |text| text.parse().ok())?,
        fence: cells.count(first + 3)?,
        version,
        acquired_at: cells.time(first + 5)?,
        expires_at: cells.time(first + 6)?,
        who: cells.opt_text(first + 7)?.map(str::to_owned),
        is_current: cells.opt_int(first + 8)?.and_then(|current| u64::try_from(current).ok())
            == Some(version),
    })
}

fn read_all(session: &mut dyn Session, condition: &str, values: &[Value]) -> Result<Vec<Lease>> {
    let mut leases = Vec::new();
    session.query(Sql::Built(format!("{LEASE} {condition}")), values, &mut |row| {
        leases.push(read(&row.of("oauth_lease"), 0)?);
        Ok(())
    })?;
    Ok(leases)
}

fn read_taken(row: &Row<'_>) -> Result<Leased> {
    Ok(Leased { sealed: read_version(row)?, lease: read(&row.of("oauth_lease"), VERSION_CELLS)? })
}

/// The gate, as it was seen with this fence and announced for this version, is passed to send.
pub(super) fn passed(secret: SecretId, version: u64, fence: u64) -> Statement {
    Statement::new(
        "UPDATE keyctl.oauth_use SET fence = fence + 1 WHERE secret_id = $1 AND announced = $2 AND fence = $3",
        [secret.to_string().into(), number(version), number(fence)],
    )
}

fn ended(id: LeaseId) -> Statement {
    Statement::new("DELETE FROM keyctl.oauth_lease WHERE lease_id = $1", [id.to_string().into()])
}

fn in_millis(span: Span) -> i64 {
    span.as_secs().saturating_mul(1000)
}

/// Finding leases, inside a change and outside of one alike.
pub(crate) trait LeaseLookup: Lookup {
    /// What stands at a credential's gate, for this version of it.
    fn gate(&mut self, secret: SecretId, version: u64) -> Result<Gate> {
        let session = self.reading()?.session();
        let mut gate = Gate::default();
        let sql = "SELECT u.secret_id, u.fence, u.announced FROM keyctl.oauth_use u WHERE u.secret_id = $1";
        session.query(sql.into(), &[secret.to_string().into()], &mut |row| {
            let cells = row.of("oauth_use");
            gate.fence = Some(cells.count(1)?);
            gate.announced = cells.opt_int(2)?.and_then(|version| u64::try_from(version).ok());
            Ok(())
        })?;
        let condition = "l.secret_id = $1 AND l.version = $2 AND l.expires_at > keyctl.now_ms()
             ORDER BY l.expires_at DESC, l.lease_id LIMIT $3";
        gate.users =
            read_all(session, condition, &[secret.to_string().into(), number(version), MOST.into()])?;
        Ok(gate)
    }

    /// The credentials of a lease, ended or not, by name.
    fn lease(&mut self, id: LeaseId) -> Result<Vec<Lease>> {
        let session = self.reading()?.session();
        read_all(session, "l.lease_id = $1 ORDER BY s.name, l.secret_id", &[id.to_string().into()])
    }

    /// The hash of the token of a lease's holder, and the key that it was taken for.
    fn holder_of(&mut self, id: LeaseId) -> Result<Option<(Vec<u8>, Option<KeyId>)>> {
        let session = self.reading()?.session();
        let mut holder = None;
        let sql = format!("{LEASE} l.lease_id = $1 LIMIT 1");
        session.query(Sql::Built(sql), &[id.to_string().into()], &mut |row| {
            let cells = row.of("oauth_lease");
            let key = cells.opt_parsed(10, |text| text.parse().ok())?;
            holder = Some((cells.blob(9)?.to_vec(), key));
            Ok(())
        })?;
        Ok(holder)
    }

    /// Up to 500 leases that have not ended, of one credential or of all, in the order of their ends.
    fn live_leases(&mut self, of: Option<SecretId>) -> Result<Vec<Lease>> {
        let session = self.reading()?.session();
        let condition = "l.expires_at > keyctl.now_ms() AND ($1 = '' OR l.secret_id = $1)
             ORDER BY l.expires_at, l.lease_id, s.name LIMIT $2";
        let of = of.map_or_else(String::new, |id| id.to_string());
        read_all(session, condition, &[of.into(), MOST.into()])
    }
}

impl<L: Lookup> LeaseLookup for L {}

impl Store {
    /// Takes a lease, if everything of it can be had at once: one way there and back. Else nothing is changed but fences.
    pub(crate) fn take_lease(&mut self, wanted: &Wanted<'_>) -> Result<Vec<Leased>> {
        let (mut taken, id) = (Vec::new(), wanted.id.to_string());
        let mut each = |row: &Row<'_>| {
            taken.push(read_taken(row)?);
            Ok(())
        };
        let session = self.session();
        if !session.use_by_function(AT_ONCE, &wanted.at_once(), &mut each)? {
            session.begin_use()?;
            let done = session
                .execute(&wanted.statements())
                .and_then(|_| session.query(TAKEN.into(), &[id.as_str().into()], &mut each));
            match done {
                Ok(()) => session.commit_use()?,
                Err(error) => {
                    session.rollback();
                    return Err(error);
                }
            }
        }
        Ok(taken)
    }

    /// Makes the gate of a credential, where there is none yet.
    pub(crate) fn make_gate(&mut self, secret: SecretId) -> Result<()> {
        let sql = "INSERT INTO keyctl.oauth_use (secret_id, fence, announced, last_lease) VALUES ($1, 0, NULL, NULL)
             ON CONFLICT (secret_id) DO NOTHING";
        self.use_one(Statement::new(sql, [secret.to_string().into()])).map(drop)
    }

    /// Says that a refresh of this version waits, so that nobody else comes; and forgets leases that have ended.
    pub(crate) fn announce_refresh(&mut self, secret: SecretId, version: u64) -> Result<()> {
        self.use_one(Statement::new(
            "INSERT INTO keyctl.oauth_use (secret_id, fence, announced, last_lease)
             SELECT s.id, 1, CAST($2 AS BIGINT), NULL FROM keyctl.secret s WHERE s.id = $1 AND s.version = $2
             ON CONFLICT (secret_id) DO UPDATE SET fence = oauth_use.fence + 1, announced = excluded.announced",
            [secret.to_string().into(), number(version)],
        ))?;
        self.use_one(Statement::new(
            "DELETE FROM keyctl.oauth_lease WHERE secret_id = $1 AND expires_at < keyctl.now_ms()",
            [secret.to_string().into()],
        ))
        .map(drop)
    }

    /// Takes that back, since no other token can be had now; only while the gate is as it was seen.
    pub(crate) fn withdraw_refresh(&mut self, secret: SecretId, version: u64, fence: u64) -> Result<()> {
        self.use_one(Statement::new(
            "UPDATE keyctl.oauth_use SET fence = fence + 1, announced = NULL
             WHERE secret_id = $1 AND announced = $2 AND fence = $3",
            [secret.to_string().into(), number(version), number(fence)],
        ))
        .map(drop)
    }

    /// Moves the end of a lease of one credential that has not ended and is not waited for. Whether it was moved.
    pub(crate) fn extend_lease(&mut self, lease: &Lease, ends: Timestamp) -> Result<bool> {
        self.use_one(Statement::new(
            "UPDATE keyctl.oauth_lease SET expires_at = CASE WHEN expires_at > CAST($4 AS BIGINT) THEN expires_at
                ELSE CAST($4 AS BIGINT) END
             WHERE lease_id = $1 AND secret_id = $2 AND version = $3 AND expires_at > keyctl.now_ms()
               AND NOT EXISTS (SELECT 1 FROM keyctl.oauth_use u WHERE u.secret_id = $2 AND u.announced = $3)",
            [
                lease.id.to_string().into(),
                lease.secret.to_string().into(),
                number(lease.version),
                ends.as_millis().into(),
            ],
        ))
    }

    /// Gives a lease up that was counted of these keys, and takes that back. Where the audit log was told already, there is
    /// nothing to be taken.
    #[cfg(feature = "serve")]
    pub(crate) fn give_lease_back(&mut self, id: LeaseId, (key, asked_by): (KeyId, KeyId)) -> Result<()> {
        let uncount = Statement::new(
            "UPDATE keyctl.disclosure SET count = count - 1
             WHERE key_id = $2 AND asked_by = $3 AND count >= 1 AND EXISTS (SELECT 1 FROM keyctl.oauth_lease l
                WHERE l.lease_id = $1 AND l.secret_id = disclosure.secret_id AND l.version = disclosure.version)",
            [id.to_string().into(), key.to_string().into(), asked_by.to_string().into()],
        );
        self.use_all(&[uncount, ended(id)]).map(drop)
    }

    /// Gives a lease up.
    pub(crate) fn end_lease(&mut self, id: LeaseId) -> Result<()> {
        self.use_one(ended(id)).map(drop)
    }
}

impl Tx<'_> {
    /// Forgets leases of a credential that have ended and that nobody gave up.
    pub(crate) fn forget_ended_leases(&mut self, secret: SecretId) {
        let sql = "DELETE FROM keyctl.oauth_lease WHERE secret_id = $1 AND expires_at < $2";
        let values = [secret.to_string().into(), self.now().as_millis().into()];
        self.pending.push(Statement::new(sql, values));
    }

    /// Takes a lease from its holder.
    pub(crate) fn break_lease(&mut self, id: LeaseId) {
        self.pending.push(ended(id));
    }
}
