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
use super::sight::{Bound, JwtCells, MoreOfToken, SecretCells, Sight, StoreCells, TokenCells, TokenRow};
use super::sqlite::Access;
use super::view_statements::{
    CHANGES_AFTER, Columns, Dialect, MORE_OF_KNOWN, MORE_OF_TOKEN, MOST_CHANGES, NONCE_OF, POSTGRES, SQLITE,
    Shape, Statements,
};
#[cfg(feature = "serve")]
use super::view_statements::{ROLES_OF, SCOPE_NAMES};
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
            found = Some((
                read_sight(row, Columns::Deciding)?,
                read_bound(&row.of("keyctl_secrets_v1"), BOUND_OF_TOKEN)?,
            ));
            Ok(())
        })?;
        found.ok_or_else(no_row)
    }

    /// The secret that a key of this id and owner leads to, by the nearest of its bindings: for whoever knows already that
    /// the key is good, however it was presented.
    #[cfg(feature = "serve")]
    pub fn bound(&mut self, key: &str, owner: &str, provider: &Provider) -> Result<(Sight, Bound)> {
        let mut found = None;
        let values = [key.into(), owner.into(), provider.as_str().into()];
        self.query(self.dialect.bound, &values, &mut |row| {
            let cells = row.of("keyctl_secrets_v1");
            found = Some((read_store(row)?, read_bound(&cells, BOUND_OF_KEY)?));
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

    /// Every scope that a key or a role was ever given, in order, and one more than [`MOST_SCOPE_NAMES`](super::MOST_SCOPE_NAMES) at most; `None`
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

/// The mark, the clock and the store where they stand first, and no token.
fn read_store(row: &Row<'_>) -> Result<Sight> {
    let cells = row.of("keyctl_store_v1");
    let store = StoreCells {
        store_uuid: cells.text(2)?.to_owned(),
        view_version: cells.int(3)?,
        foreign_salt: cells.opt_text(4)?.map(str::to_owned),
        foreign_params: cells.opt_text(5)?.map(str::to_owned),
    };
    Ok(Sight { mark: cells.text(0)?.into(), now: cells.int(1)?, store: Arc::new(store), token: None })
}

fn read_jwt(row: &Row<'_>) -> Result<(Sight, JwtCells)> {
    let (sight, cells) = (read_store(row)?, row.of("keyctl_signing_keys_v1"));
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

/// Where the columns of a binding begin, behind those of a token and behind none.
const BOUND_OF_TOKEN: usize = 18;
#[cfg(feature = "serve")]
const BOUND_OF_KEY: usize = 6;

fn read_bound(cells: &Cells<'_>, from: usize) -> Result<Bound> {
    match (cells.opt_text(from)?, cells.opt_text(from + 1)?) {
        (None, _) => Ok(Bound::Nothing),
        (Some(_), None) => Ok(Bound::Missing),
        (Some(_), Some(secret_id)) => Ok(Bound::Secret(SecretCells {
            secret_id: secret_id.to_owned(),
            provider: cells.text(from + 2)?.to_owned(),
            version: cells.int(from + 3)?,
            state: cells.opt_text(from + 4)?.unwrap_or_default().to_owned(),
            envelope: cells.opt_blob(from + 5)?.map(<[u8]>::to_vec),
            expires_at: cells.opt_int(from + 6)?,
        })),
    }
}
