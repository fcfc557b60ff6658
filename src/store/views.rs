//! What a runtime service reads: the views, and nothing beside them. A role that may do no more
//! can do this, and a store of any schema that has these views will do.
//!
//! One statement reads the token's row, the change mark, the store and the database's clock, so
//! that all four are of one snapshot. What the cells mean is for `runtime` to say.

use std::sync::Arc;
use std::time::Duration;

use super::error::{Error, Result};
use super::location::Location;
use super::session::{Cells, EachRow, Row, Session, Value};
use super::sqlite::Access;
use super::{Backend, Options, postgres, sqlite};
use crate::domain::keys::token::TokenHash;
use crate::domain::secrets::secret::Provider;

/// A connection that reads the views.
pub struct Views {
    backend: Backend,
    dialect: &'static Dialect,
    columns: Columns,
    shape: Shape,
    /// The store as it was last read.
    last: Option<Last>,
    warning: Option<String>,
}

/// What is read of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columns {
    /// What decides for a reader.
    Deciding,
    /// What else a server counts and tells, too.
    #[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "a server alone needs it"))]
    All,
}

/// What the views have that not every schema has, or not every role may read.
#[derive(PartialEq, Eq)]
pub(super) enum Shape {
    /// Nobody has looked.
    Unasked,
    There,
    /// The view of quotas could not be read when the mark was this one. Then no key with a quota can be counted,
    /// and a change of one moves the mark.
    Uncounted(String),
    /// The view of tokens had no column `subject` when the mark was this one. Then every subject is the owner's name,
    /// and stays that until a change, which moves the mark.
    Lacking(String),
}

impl Shape {
    /// What a probe found: no row, or its number.
    pub(super) fn of(found: Option<i64>, columns: Columns) -> Self {
        match (found, columns) {
            (None, _) => Self::Lacking(String::new()),
            (Some(COUNTED), _) | (_, Columns::Deciding) => Self::There,
            (Some(_), Columns::All) => Self::Uncounted(String::new()),
        }
    }

    /// Whether it may have got what it lacked, since the mark is another one now.
    pub(super) fn may_have_grown(&self, mark: &str) -> bool {
        matches!(self, Self::Uncounted(then) | Self::Lacking(then) if then != mark)
    }

    /// The same, seen when the mark was this one.
    #[must_use]
    pub(super) fn at(self, mark: &str) -> Self {
        match self {
            Self::Uncounted(_) => Self::Uncounted(mark.to_owned()),
            Self::Lacking(_) => Self::Lacking(mark.to_owned()),
            other => other,
        }
    }

    pub(super) fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// What a probe says where quotas can be read, too.
const COUNTED: i64 = 2;

/// The store as it was when the mark was this one and the database's clock said so.
#[derive(Clone)]
pub(super) struct Last {
    mark: Arc<str>,
    now: i64,
    store: Arc<StoreCells>,
}

impl Last {
    pub(super) fn of(sight: &Sight) -> Self {
        Self { mark: Arc::clone(&sight.mark), now: sight.now, store: Arc::clone(&sight.store) }
    }
}

/// Milliseconds for which the rest of the store needs no reading while the mark stands. A change
/// of the views themselves moves no mark.
const READ_AGAIN: i64 = 1_000;

/// What one statement saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    pub mark: Arc<str>,
    /// The database's clock, in milliseconds since 1970.
    pub now: i64,
    pub store: Arc<StoreCells>,
    pub token: Option<TokenCells>,
}

/// A row of `keyctl_store_v1` as it stands there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreCells {
    /// The store's identity, with hyphens.
    pub store_uuid: String,
    pub view_version: i64,
    /// The salt of the slow hashes, in hex.
    pub foreign_salt: Option<String>,
    /// How they are computed.
    pub foreign_params: Option<String>,
}

/// A row of `keyctl_tokens_v1` as it stands there, but for what nobody needs to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenRow<'r> {
    pub hash_alg: &'r str,
    pub token_id: &'r str,
    pub key_id: &'r str,
    pub key_name: &'r str,
    pub owner: &'r str,
    pub subject: &'r str,
    pub scopes: &'r str,
    pub networks: &'r str,
    pub state: &'r str,
    pub expires_at: Option<i64>,
    pub has_quota: bool,
    pub more: Option<MoreOfToken<'r>>,
}

/// The cells that are read of a token by [`Columns::All`] alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MoreOfToken<'r> {
    pub not_before: Option<i64>,
    pub rate: Option<&'r str>,
    /// Both `None` beside [`TokenRow::has_quota`]: they cannot be read here.
    pub key_quota: Option<&'r str>,
    pub owner_quota: Option<&'r str>,
    pub labels: &'r str,
}

/// How many of its cells are texts.
const TEXTS: usize = 13;

/// A [`TokenRow`] that outlives the statement: its texts one behind the other in one place, since one
/// of its own for each cell was a tenth of a look-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenCells {
    texts: String,
    ends: [usize; TEXTS],
    expires_at: Option<i64>,
    has_quota: bool,
    more: Option<MoreCells>,
}

/// What of [`MoreOfToken`] is no text, and which texts are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct MoreCells {
    not_before: Option<i64>,
    has_rate: bool,
    has_key_quota: bool,
    has_owner_quota: bool,
}

impl TokenCells {
    pub fn of(row: &TokenRow<'_>) -> Self {
        let TokenRow {
            hash_alg,
            token_id,
            key_id,
            key_name,
            owner,
            subject,
            scopes,
            networks,
            state,
            more,
            ..
        } = *row;
        let [rate, key_quota, owner_quota, labels] = more.map_or([""; 4], |more| {
            let [rate, key_quota, owner_quota] =
                [more.rate, more.key_quota, more.owner_quota].map(Option::unwrap_or_default);
            [rate, key_quota, owner_quota, more.labels]
        });
        let parts = [
            hash_alg,
            token_id,
            key_id,
            key_name,
            owner,
            subject,
            scopes,
            networks,
            state,
            rate,
            key_quota,
            owner_quota,
            labels,
        ];
        let mut texts = String::with_capacity(parts.iter().map(|part| part.len()).sum());
        let ends = parts.map(|part| {
            texts.push_str(part);
            texts.len()
        });
        let more = more.map(|more| MoreCells {
            not_before: more.not_before,
            has_rate: more.rate.is_some(),
            has_key_quota: more.key_quota.is_some(),
            has_owner_quota: more.owner_quota.is_some(),
        });
        Self { texts, ends, expires_at: row.expires_at, has_quota: row.has_quota, more }
    }

    pub fn row(&self) -> TokenRow<'_> {
        let mut start = 0;
        let [
            hash_alg,
            token_id,
            key_id,
            key_name,
            owner,
            subject,
            scopes,
            networks,
            state,
            rate,
            key_quota,
            owner_quota,
            labels,
        ] = self.ends.map(|end| &self.texts[std::mem::replace(&mut start, end)..end]);
        let (expires_at, has_quota) = (self.expires_at, self.has_quota);
        let more = self.more.map(|more| MoreOfToken {
            not_before: more.not_before,
            rate: more.has_rate.then_some(rate),
            key_quota: more.has_key_quota.then_some(key_quota),
            owner_quota: more.has_owner_quota.then_some(owner_quota),
            labels,
        });
        TokenRow {
            hash_alg,
            token_id,
            key_id,
            key_name,
            owner,
            subject,
            scopes,
            networks,
            state,
            expires_at,
            has_quota,
            more,
        }
    }
}

/// A row of `keyctl_secrets_v1` as it stands there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretCells {
    pub secret_id: String,
    pub provider: String,
    pub version: i64,
    pub state: String,
    pub envelope: Option<Vec<u8>>,
}

/// The secret that a token leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    Nothing,
    /// A binding leads nowhere.
    Missing,
    Secret(SecretCells),
}

/// What stands of the key that is said to have signed a short-lived token, and of the key that it is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JwtCells {
    /// Where the store's tokens are from.
    pub issuer: Option<String>,
    /// The public key's coordinates; `None` where there is no such key, or it was revoked.
    pub point: Option<(String, String)>,
    /// From when no token of it is good, in milliseconds since 1970.
    pub valid_until: Option<i64>,
    /// The version of the key that the token is for.
    pub version: Option<i64>,
}

/// One database's statements, each with its way to tell the time.
pub(super) struct Dialect {
    jwt: &'static str,
    whole: Statements,
    /// Where the view of quotas cannot be read.
    uncounted: Statements,
    /// For a store of a schema before there were subjects.
    without: Statements,
    /// One row, if there are subjects; its number says whether quotas can be read, too.
    pub(super) probe: &'static str,
}

impl Dialect {
    pub(super) fn statements(&self, shape: &Shape) -> &Statements {
        match shape {
            Shape::Lacking(_) => &self.without,
            Shape::Uncounted(_) => &self.uncounted,
            Shape::There | Shape::Unasked => &self.whole,
        }
    }
}

pub(super) struct Statements {
    deciding: OfToken,
    all: OfToken,
    secret: &'static str,
}

impl Statements {
    pub(super) fn of_token(&self, columns: Columns) -> &OfToken {
        match columns {
            Columns::Deciding => &self.deciding,
            Columns::All => &self.all,
        }
    }
}

pub(super) struct OfToken {
    /// A token that is there, and the mark.
    pub(super) known: &'static str,
    /// The same with the store, and also where there is no such token.
    pub(super) token: &'static str,
}

/// Where the columns begin that [`Columns::All`] adds, in the one and the other.
const MORE_OF_KNOWN: usize = 14;
const MORE_OF_TOKEN: usize = 18;

macro_rules! token {
    ($subject:literal) => {
        concat!(
            "t.token_hash, t.hash_alg, t.token_id, t.key_id, t.key_name, t.owner, t.scopes, t.networks, t.state, \
             t.expires_at, t.quota, ",
            $subject
        )
    };
}

macro_rules! look_up {
    ($now:literal, $subject:literal, $columns:literal, $joins:literal) => {
        concat!(
            "SELECT c.mark, ",
            $now,
            " AS now_ms, ",
            token!($subject),
            ", s.store_uuid, s.view_version, s.foreign_salt, s.foreign_params",
            $columns,
            " FROM (SELECT mark FROM public.keyctl_changes_v1 LIMIT 1) AS c CROSS JOIN public.keyctl_store_v1 AS s
             LEFT JOIN public.keyctl_tokens_v1 AS t ON t.token_hash = $1",
            $joins
        )
    };
}

macro_rules! of_token {
    ($now:literal, $subject:literal, $more:literal) => {
        OfToken {
            known: concat!(
                "SELECT (SELECT mark FROM public.keyctl_changes_v1 LIMIT 1) AS mark, ",
                $now,
                " AS now_ms, ",
                token!($subject),
                $more,
                " FROM public.keyctl_tokens_v1 AS t WHERE t.token_hash = $1"
            ),
            token: look_up!($now, $subject, $more, ""),
        }
    };
}

macro_rules! statements {
    ($now:literal, $subject:literal, $quotas:literal) => {
        Statements {
            deciding: of_token!($now, $subject, ""),
            all: of_token!($now, $subject, $quotas),
            secret: look_up!(
                $now,
                $subject,
                ", COALESCE(k.secret_id, o.secret_id, d.secret_id) AS bound, x.secret_id, x.provider, x.version, \
                 x.state, x.envelope",
                " LEFT JOIN public.keyctl_bindings_v1 AS k
                    ON k.subject_kind = 'key' AND k.subject_id = t.key_id AND k.provider = $2
                  LEFT JOIN public.keyctl_bindings_v1 AS o
                    ON o.subject_kind = 'owner' AND o.subject_id = t.owner AND o.provider = $2
                  LEFT JOIN public.keyctl_bindings_v1 AS d
                    ON d.subject_kind = 'store' AND d.subject_id = '' AND d.provider = $2
                  LEFT JOIN public.keyctl_secrets_v1 AS x ON x.secret_id = COALESCE(k.secret_id, o.secret_id, d.secret_id)"
            ),
        }
    };
}

/// A key without a quota, as most are, costs no look at the other view.
macro_rules! dialect {
    ($now:literal, $probe:literal) => {
        Dialect {
            jwt: concat!(
                "SELECT c.mark, ",
                $now,
                " AS now_ms, s.store_uuid, s.view_version, s.foreign_salt, s.foreign_params, j.issuer,
                  g.x, g.y, g.valid_until, v.kver
                 FROM (SELECT mark FROM public.keyctl_changes_v1 LIMIT 1) AS c
                 CROSS JOIN public.keyctl_store_v1 AS s CROSS JOIN public.keyctl_jwt_v1 AS j
                 LEFT JOIN public.keyctl_signing_keys_v1 AS g ON g.kid = $1
                 LEFT JOIN public.keyctl_key_versions_v1 AS v ON v.key_id = $2"
            ),
            whole: statements!(
                $now,
                "t.subject",
                ", t.rate, t.labels, t.not_before, CASE WHEN t.quota IS NOT NULL THEN
                    (SELECT v.key_quota FROM public.keyctl_serve_v1 AS v WHERE v.token_hash = t.token_hash) END,
                  CASE WHEN t.quota IS NOT NULL THEN
                    (SELECT v.owner_quota FROM public.keyctl_serve_v1 AS v WHERE v.token_hash = t.token_hash) END"
            ),
            uncounted: statements!(
                $now,
                "t.subject",
                ", t.rate, t.labels, t.not_before, CAST(NULL AS TEXT), CAST(NULL AS TEXT)"
            ),
            without: statements!(
                $now,
                "t.owner AS subject",
                ", t.rate, t.labels, t.not_before, CAST(NULL AS TEXT), CAST(NULL AS TEXT)"
            ),
            probe: $probe,
        }
    };
}

static SQLITE: Dialect = dialect!(
    "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    "SELECT 1 + EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'view' AND name = 'keyctl_serve_v1')
     FROM pragma_table_info('keyctl_tokens_v1') WHERE name = 'subject'"
);

pub(super) static POSTGRES: Dialect = dialect!(
    "CAST(EXTRACT(EPOCH FROM pg_catalog.clock_timestamp()) * 1000 AS BIGINT)",
    "SELECT CAST(CASE WHEN pg_catalog.has_table_privilege(
        CAST(pg_catalog.to_regclass('public.keyctl_serve_v1') AS oid), 'SELECT') THEN 2 ELSE 1 END AS BIGINT)
     FROM pg_catalog.pg_attribute
     WHERE attrelid = pg_catalog.to_regclass('public.keyctl_tokens_v1') AND attname = 'subject' AND NOT attisdropped"
);

pub(super) const NONCE_OF: &str = "SELECT nonce FROM public.keyctl_changes_v1 WHERE seq = $1 LIMIT 1";

pub(super) const CHANGES_AFTER: &str =
    "SELECT seq, key_id FROM public.keyctl_changes_v1 WHERE seq > $1 LIMIT 2001";

/// Changes that are read to learn which keys they name; where there are more, every key may be.
pub(super) const MOST_CHANGES: usize = 2_000;

#[cfg(feature = "serve")]
const ROLES_OF: &str = "SELECT role FROM public.keyctl_key_roles_v1 WHERE key_id = $1 ORDER BY role";

#[cfg(feature = "serve")]
const SCOPE_NAMES: &str = "SELECT name FROM public.keyctl_scopes_v1 ORDER BY name LIMIT 1001";

/// Names of scopes that are read at most.
#[cfg(feature = "serve")]
pub const MOST_SCOPE_NAMES: usize = 1_000;

/// How many a statement has, at most.
#[derive(Clone, Copy)]
pub(super) enum Rows {
    One,
    Many,
}

/// No token's hash: nothing but the mark is asked for.
pub(super) const NO_HASH: &str = "";

impl Views {
    /// Opens a store of any schema for reading; nothing waits longer than `within`.
    pub fn open(location: &Location, options: Options, columns: Columns, within: Duration) -> Result<Self> {
        let options = Options { lock_timeout: within, ..options };
        match location {
            Location::Sqlite(file) => {
                let (session, warning) = sqlite::open(file, Access::Read, options)?;
                Ok(Self::new(Backend::Sqlite(session), &SQLITE, columns, warning))
            }
            Location::Postgres(dsn) => {
                let session = postgres::open_reader(dsn, options, within)?;
                Ok(Self::new(Backend::Postgres(session), &POSTGRES, columns, None))
            }
        }
    }

    fn new(backend: Backend, dialect: &'static Dialect, columns: Columns, warning: Option<String>) -> Self {
        Self { backend, dialect, columns, shape: Shape::Unasked, last: None, warning }
    }

    /// What was noticed while opening it.
    pub fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    /// Whether what was opened still is what stands under the store's name.
    pub fn is_current(&self) -> bool {
        match &self.backend {
            Backend::Sqlite(session) => session.is_current(),
            Backend::Postgres(_) => true,
        }
    }

    /// Reads the mark, the store and the clock.
    pub fn mark(&mut self) -> Result<Sight> {
        self.in_shape(|views| views.read(NO_HASH), |sight| &sight.mark)
    }

    pub fn token(&mut self, hash: &TokenHash) -> Result<Sight> {
        self.in_shape(|views| views.read_token(hash), |sight| &sight.mark)
    }

    fn read_token(&mut self, hash: &TokenHash) -> Result<Sight> {
        match self.known_token(hash)? {
            Some(sight) => Ok(sight),
            None => self.read(hash.as_str()),
        }
    }

    /// Reads by the statements that the store has columns for. One that lacked some may have been
    /// migrated since, and subjects or quotas set: then the mark has moved, and it is read again.
    fn in_shape<T>(&mut self, read: impl Fn(&mut Self) -> Result<T>, mark: impl Fn(&T) -> &str) -> Result<T> {
        if self.shape == Shape::Unasked {
            self.shape = self.probe()?;
        }
        let seen = read(self)?;
        if !self.shape.may_have_grown(mark(&seen)) {
            return Ok(seen);
        }
        let found = self.probe()?.at(mark(&seen));
        let is_as_before = found.is_like(&self.shape);
        self.shape = found;
        if is_as_before { Ok(seen) } else { read(self) }
    }

    fn probe(&mut self) -> Result<Shape> {
        let mut found = None;
        self.query(self.dialect.probe, &[], &mut |row| {
            found = Some(row.of("keyctl_tokens_v1").int(0)?);
            Ok(())
        })?;
        Ok(Shape::of(found, self.columns))
    }

    fn statements(&self) -> &'static Statements {
        self.dialect.statements(&self.shape)
    }

    /// A token that is there, while the mark is the one that the store was just read at: then the
    /// rest of the store needs no reading.
    fn known_token(&mut self, hash: &TokenHash) -> Result<Option<Sight>> {
        let Some(last) = self.last.take() else { return Ok(None) };
        let mut found = None;
        let sql = self.statements().of_token(self.columns).known;
        let columns = self.columns;
        self.query(sql, &[hash.as_str().into()], &mut |row| {
            found = read_known(row, &last, columns)?;
            Ok(())
        })?;
        self.last = Some(last);
        Ok(found)
    }

    fn read(&mut self, hash: &str) -> Result<Sight> {
        let mut sight = None;
        let columns = self.columns;
        let sql = self.statements().of_token(columns).token;
        self.query(sql, &[hash.into()], &mut |row| {
            sight = Some(read_sight(row, columns)?);
            Ok(())
        })?;
        let sight: Sight = sight.ok_or_else(no_row)?;
        self.last = Some(Last::of(&sight));
        Ok(sight)
    }

    /// Looks a token up, and the secret that it leads to.
    pub fn secret(&mut self, hash: &TokenHash, provider: &Provider) -> Result<(Sight, Bound)> {
        self.in_shape(|views| views.read_secret(hash, provider), |(sight, _)| &sight.mark)
    }

    fn read_secret(&mut self, hash: &TokenHash, provider: &Provider) -> Result<(Sight, Bound)> {
        let mut found = None;
        let sql = self.statements().secret;
        self.query(sql, &[hash.as_str().into(), provider.as_str().into()], &mut |row| {
            found = Some((read_sight(row, Columns::Deciding)?, read_bound(&row.of("keyctl_secrets_v1"))?));
            Ok(())
        })?;
        found.ok_or_else(no_row)
    }

    /// Reads the signing key of this id and the version of the key of that one.
    pub fn jwt(&mut self, kid: &str, key: &str) -> Result<(Sight, JwtCells)> {
        let mut found = None;
        self.query(self.dialect.jwt, &[kid.into(), key.into()], &mut |row| {
            found = Some(read_jwt(row)?);
            Ok(())
        })?;
        found.ok_or_else(no_row)
    }

    /// The nonce of the mark that a change made; `None` where the store keeps no row of it, or
    /// none that says so, as one of an older schema.
    pub fn nonce_of(&mut self, counter: i64) -> Result<Option<String>> {
        let mut nonce = None;
        let read = self.query(NONCE_OF, &[counter.into()], &mut |row| {
            nonce = row.of("keyctl_changes_v1").opt_text(0)?.map(str::to_owned);
            Ok(())
        });
        match read {
            Err(Error::Views(_)) => Ok(None),
            read => read.map(|()| nonce),
        }
    }

    /// The changes after one, each with a key that it names, in no order; `None` where they are too many.
    pub fn changes_after(&mut self, counter: i64) -> Result<Option<Vec<(i64, String)>>> {
        let mut changes = Vec::new();
        self.query_rows(Rows::Many, CHANGES_AFTER, &[counter.into()], &mut |row| {
            let cells = row.of("keyctl_changes_v1");
            changes.push((cells.int(0)?, cells.text(1)?.to_owned()));
            Ok(())
        })?;
        Ok((changes.len() <= MOST_CHANGES).then_some(changes))
    }

    /// The roles of a key, in order; `None` where the store has no view of them, or the role of this connection may not
    /// read it.
    #[cfg(feature = "serve")]
    pub fn roles_of(&mut self, key: &str) -> Result<Option<Vec<String>>> {
        self.texts(ROLES_OF, &[key.into()])
    }

    /// Every scope that a key or a role was ever given, in order, and one more than [`MOST_SCOPE_NAMES`] at most; `None`
    /// as for roles.
    #[cfg(feature = "serve")]
    pub fn scope_names(&mut self) -> Result<Option<Vec<String>>> {
        self.texts(SCOPE_NAMES, &[])
    }

    #[cfg(feature = "serve")]
    fn texts(&mut self, sql: &'static str, values: &[Value]) -> Result<Option<Vec<String>>> {
        let mut texts = Vec::new();
        let read = self.query_rows(Rows::Many, sql, values, &mut |row| {
            texts.push(row.of("keyctl_key_roles_v1").text(0)?.to_owned());
            Ok(())
        });
        match read {
            Err(Error::Views(_) | Error::Refused { .. }) => Ok(None),
            read => read.map(|()| Some(texts)),
        }
    }

    /// Each asks for one row, by a key or by a limit, but for the changes.
    fn query(&mut self, sql: &'static str, values: &[Value], each: &mut EachRow<'_>) -> Result<()> {
        self.query_rows(Rows::One, sql, values, each)
    }

    pub(super) fn query_rows(
        &mut self,
        rows: Rows,
        sql: &'static str,
        values: &[Value],
        each: &mut EachRow<'_>,
    ) -> Result<()> {
        let session: &mut dyn Session = match &mut self.backend {
            Backend::Sqlite(session) => session,
            Backend::Postgres(session) => session,
        };
        let read = match rows {
            Rows::One => session.query_one(sql.into(), values, each),
            Rows::Many => session.query(sql.into(), values, each),
        };
        let read = read.map_err(of_views);
        if matches!(read, Err(Error::Views(_))) && sql != NONCE_OF {
            // An older store may have been put in its place.
            self.shape = Shape::Unasked;
        }
        read
    }
}

/// What a database says where a view is missing or lacks a column.
pub(super) fn of_views(error: Error) -> Error {
    match error {
        // Of a server, this is what a table says that is not there.
        Error::Missing(what) => Error::Views(what),
        Error::Database(why) if is_of_a_view(why.as_str()) => Error::Views(why),
        other => other,
    }
}

fn is_of_a_view(why: &str) -> bool {
    why.contains("no such ") || why.contains("(42703)")
}

pub(super) fn no_row() -> Error {
    Error::Corrupt { table: "keyctl_store_v1", column: "store_uuid".to_owned(), row: "?".to_owned() }
}

pub(super) fn read_sight(row: &Row<'_>, columns: Columns) -> Result<Sight> {
    let cells = row.of("keyctl_tokens_v1");
    let store = StoreCells {
        store_uuid: cells.text(14)?.to_owned(),
        view_version: cells.int(15)?,
        foreign_salt: cells.opt_text(16)?.map(str::to_owned),
        foreign_params: cells.opt_text(17)?.map(str::to_owned),
    };
    let (mark, now) = (cells.text(0)?.into(), cells.int(1)?);
    Ok(Sight { mark, now, store: Arc::new(store), token: read_token(&cells, columns, MORE_OF_TOKEN)? })
}

fn read_jwt(row: &Row<'_>) -> Result<(Sight, JwtCells)> {
    let cells = row.of("keyctl_signing_keys_v1");
    let store = StoreCells {
        store_uuid: cells.text(2)?.to_owned(),
        view_version: cells.int(3)?,
        foreign_salt: cells.opt_text(4)?.map(str::to_owned),
        foreign_params: cells.opt_text(5)?.map(str::to_owned),
    };
    let sight =
        Sight { mark: cells.text(0)?.into(), now: cells.int(1)?, store: Arc::new(store), token: None };
    let point = cells.opt_text(7)?.map(str::to_owned).zip(cells.opt_text(8)?.map(str::to_owned));
    let (issuer, valid_until) = (cells.opt_text(6)?.map(str::to_owned), cells.opt_int(9)?);
    Ok((sight, JwtCells { issuer, point, valid_until, version: cells.opt_int(10)? }))
}

/// The sight of a token that is there; `None` if the rest of the store must be read again.
pub(super) fn read_known(row: &Row<'_>, last: &Last, columns: Columns) -> Result<Option<Sight>> {
    let cells = row.of("keyctl_tokens_v1");
    let now = cells.int(1)?;
    if cells.text(0)? != &*last.mark || !(last.now..last.now + READ_AGAIN).contains(&now) {
        return Ok(None);
    }
    let (mark, store) = (Arc::clone(&last.mark), Arc::clone(&last.store));
    Ok(Some(Sight { mark, now, store, token: read_token(&cells, columns, MORE_OF_KNOWN)? }))
}

/// The token's columns, which begin with its hash; `more` is where those begin that are added.
fn read_token(cells: &Cells<'_>, columns: Columns, more: usize) -> Result<Option<TokenCells>> {
    if cells.opt_text(2)?.is_none() {
        return Ok(None);
    }
    // What is not there is for the reader to refuse, as what it does not know.
    let known = |column| Ok::<_, Error>(cells.opt_text(column)?.unwrap_or_default());
    let more = match columns {
        Columns::Deciding => None,
        Columns::All => Some(MoreOfToken {
            rate: cells.opt_text(more)?,
            labels: cells.text(more + 1)?,
            not_before: cells.opt_int(more + 2)?,
            key_quota: cells.opt_text(more + 3)?,
            owner_quota: cells.opt_text(more + 4)?,
        }),
    };
    Ok(Some(TokenCells::of(&TokenRow {
        hash_alg: known(3)?,
        token_id: cells.text(4)?,
        key_id: cells.text(5)?,
        key_name: cells.text(6)?,
        owner: cells.text(7)?,
        subject: cells.text(13)?,
        scopes: cells.text(8)?,
        networks: cells.text(9)?,
        state: known(10)?,
        expires_at: cells.opt_int(11)?,
        has_quota: cells.opt_text(12)?.is_some(),
        more,
    })))
}

fn read_bound(cells: &Cells<'_>) -> Result<Bound> {
    match (cells.opt_text(18)?, cells.opt_text(19)?) {
        (None, _) => Ok(Bound::Nothing),
        (Some(_), None) => Ok(Bound::Missing),
        (Some(_), Some(secret_id)) => Ok(Bound::Secret(SecretCells {
            secret_id: secret_id.to_owned(),
            provider: cells.text(20)?.to_owned(),
            version: cells.int(21)?,
            state: cells.opt_text(22)?.unwrap_or_default().to_owned(),
            envelope: cells.opt_blob(23)?.map(<[u8]>::to_vec),
        })),
    }
}
