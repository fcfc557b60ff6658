//! The key tables of other programs, in databases of theirs: read in one snapshot, never written.
//!
//! A row comes as JSON, whatever columns the other program's version has, so that one that is new or missing breaks
//! nothing here.

use std::path::Path;
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Map, Value};

use super::Options;
use super::caused::Caused;
use super::error::{Error, Result};
use super::location::Location;
use super::postgres::{PostgresSession, open_reader};
use super::session::{self, Session as _};

/// A statement that takes longer is given up.
const ANSWER: Duration = Duration::from_mins(5);

/// Longer rows come as none: what counts of a key is short.
const LONGEST: usize = 256 * 1024;

/// One row; `None` where it is too long.
pub(crate) type ForeignRow = Option<Map<String, Value>>;

/// Who gets each row, with its number from 1.
pub(crate) type EachForeign<'f> = dyn FnMut(u64, ForeignRow) -> Result<()> + 'f;

/// Another program's database.
pub(crate) struct Foreign(Database);

enum Database {
    Sqlite(Connection),
    Postgres(Box<PostgresSession>),
}

impl Foreign {
    /// Opens it to be read, and begins to read one snapshot of it.
    pub(crate) fn open(location: &Location, options: Options) -> Result<Self> {
        match location {
            Location::Sqlite(file) => Ok(Self(Database::Sqlite(open_file(&file.path)?))),
            Location::Postgres(dsn) => {
                let mut session = open_reader(dsn, options, ANSWER)?;
                session.begin_read()?;
                Ok(Self(Database::Postgres(Box::new(session))))
            }
        }
    }

    pub(crate) fn is_file(&self) -> bool {
        matches!(self.0, Database::Sqlite(_))
    }

    /// Whether there is such a table; its name is a word of letters, digits and `_`.
    pub(crate) fn has_table(&mut self, name: &str) -> Result<bool> {
        Ok(match &mut self.0 {
            Database::Sqlite(connection) => !columns(connection, name)?.is_empty(),
            Database::Postgres(session) => {
                let mut found = false;
                let sql = "SELECT CAST(to_regclass($1) AS TEXT)";
                session.query(sql.into(), &[quoted(name).into()], &mut |row| {
                    found = row.of("pg_class").opt_text(0)?.is_some();
                    Ok(())
                })?;
                found
            }
        })
    }

    /// The keys of better-auth in this table, by their ids. Each has `user_email` besides, where its user is known.
    pub(crate) fn better_auth(&mut self, table: &str, each: &mut EachForeign<'_>) -> Result<()> {
        let has_users = self.has_table("user")?;
        match &mut self.0 {
            Database::Sqlite(connection) => {
                let users = if has_users { columns(connection, "user")? } else { Vec::new() };
                let keys = columns(connection, table)?;
                let holder =
                    ["referenceId", "userId"].into_iter().find(|name| keys.iter().any(|key| key == name));
                let join = holder.filter(|_| users.iter().any(|name| name == "email"));
                let sql = match join {
                    Some(holder) => format!(
                        "SELECT k.*, u.email AS user_email FROM {} k LEFT JOIN \"user\" u ON u.id = k.\"{holder}\" ORDER BY k.id",
                        quoted(table)
                    ),
                    None => format!("SELECT k.* FROM {} k ORDER BY k.id", quoted(table)),
                };
                scan_file(connection, &sql, each)
            }
            Database::Postgres(session) => {
                let holder = "COALESCE(to_jsonb(k) ->> 'referenceId', to_jsonb(k) ->> 'userId')";
                let (email, join) = if has_users {
                    (
                        "to_jsonb(u) ->> 'email'",
                        format!("LEFT JOIN \"user\" u ON CAST(u.id AS TEXT) = {holder}"),
                    )
                } else {
                    ("NULL", String::new())
                };
                let sql = format!(
                    "SELECT left(CAST(to_jsonb(k) || jsonb_build_object('user_email', {email}) AS TEXT), {}) \
                     FROM {} k {join} ORDER BY CAST(to_jsonb(k) ->> 'id' AS TEXT) COLLATE \"C\"",
                    LONGEST + 1,
                    quoted(table)
                );
                scan_server(session, &sql, each)
            }
        }
    }

    /// The keys of `LiteLLM`, by their hashes. Each has `user_email` besides, where its user is known, and `grace`: the
    /// tokens before it that still work, the last one first.
    pub(crate) fn litellm(&mut self, each: &mut EachForeign<'_>) -> Result<()> {
        let has_users = self.has_table("LiteLLM_UserTable")?;
        let has_grace = self.has_table("LiteLLM_DeprecatedVerificationToken")?;
        let Database::Postgres(session) = &mut self.0 else {
            return Err(refused(
                "LiteLLM keeps its keys in PostgreSQL",
                "name it as postgres://USER@HOST/DATABASE",
            ));
        };
        let (email, users) = if has_users {
            ("to_jsonb(u) ->> 'user_email'", "LEFT JOIN \"LiteLLM_UserTable\" u ON u.user_id = k.user_id")
        } else {
            ("NULL", "")
        };
        let (grace, graces) = if has_grace {
            (
                "d.grace",
                "LEFT JOIN (SELECT active_token_id, jsonb_agg(jsonb_build_object('token', token, 'revoke_at', revoke_at) \
                 ORDER BY revoke_at DESC) AS grace FROM \"LiteLLM_DeprecatedVerificationToken\" \
                 GROUP BY active_token_id) d ON d.active_token_id = k.token",
            )
        } else {
            ("NULL", "")
        };
        let sql = format!(
            "SELECT left(CAST(to_jsonb(k) || jsonb_build_object('user_email', {email}, 'grace', {grace}) AS TEXT), {}) \
             FROM \"LiteLLM_VerificationToken\" k {users} {graces} ORDER BY k.token COLLATE \"C\"",
            LONGEST + 1
        );
        scan_server(session, &sql, each)
    }

    /// How many tokens of `LiteLLM` are in a grace of a key that is not there, and which it refuses itself.
    pub(crate) fn litellm_orphans(&mut self) -> Result<u64> {
        if !self.has_table("LiteLLM_DeprecatedVerificationToken")? {
            return Ok(0);
        }
        let Database::Postgres(session) = &mut self.0 else { return Ok(0) };
        let mut count = 0;
        let sql = "SELECT COUNT(*) FROM \"LiteLLM_DeprecatedVerificationToken\" d WHERE d.revoke_at > (now() AT TIME ZONE 'UTC') AND NOT EXISTS \
                   (SELECT 1 FROM \"LiteLLM_VerificationToken\" k WHERE k.token = d.active_token_id)";
        session.query(sql.into(), &[], &mut |row| {
            count = row.of("LiteLLM_DeprecatedVerificationToken").count(0)?;
            Ok(())
        })?;
        Ok(count)
    }
}

fn refused(what: impl Into<Caused>, hint: &str) -> Error {
    Error::Refused { what: what.into(), hint: hint.to_owned() }
}

/// A name as both databases take it, whatever its letters are.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn unreadable(error: rusqlite::Error) -> Error {
    let what = format!("the database to import from cannot be read: {error}");
    refused(Caused::by(what, error), "name the SQLite file of the other program, which this user may read")
}

fn open_file(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(unreadable)?;
    connection.busy_timeout(Duration::from_secs(5)).map_err(unreadable)?;
    // Nothing that stands in the file is run, and what is read is one snapshot.
    connection
        .execute_batch(
            "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; BEGIN",
        )
        .map_err(unreadable)?;
    Ok(connection)
}

fn columns(connection: &Connection, table: &str) -> Result<Vec<String>> {
    let mut statement = connection.prepare("SELECT name FROM pragma_table_xinfo(?1)").map_err(unreadable)?;
    let names = statement.query_map([table], |row| row.get(0)).map_err(unreadable)?;
    names.collect::<rusqlite::Result<_>>().map_err(unreadable)
}

fn scan_file(connection: &Connection, sql: &str, each: &mut EachForeign<'_>) -> Result<()> {
    let mut statement = connection.prepare(sql).map_err(unreadable)?;
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut rows = statement.query([]).map_err(unreadable)?;
    let mut number = 0;
    while let Some(row) = rows.next().map_err(unreadable)? {
        number += 1;
        let (mut fields, mut length) = (Map::new(), 0);
        for (column, name) in names.iter().enumerate() {
            let value = match row.get_ref(column).map_err(unreadable)? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(number) => number.into(),
                ValueRef::Real(number) => number.into(),
                ValueRef::Text(text) => {
                    length += text.len();
                    // What is no text is none of the types that a key's columns have.
                    str::from_utf8(text).map_or(Value::Array(Vec::new()), Into::into)
                }
                ValueRef::Blob(_) => Value::Array(Vec::new()),
            };
            fields.insert(name.clone(), value);
        }
        each(number, (length <= LONGEST).then_some(fields))?;
    }
    Ok(())
}

fn scan_server(session: &mut PostgresSession, sql: &str, each: &mut EachForeign<'_>) -> Result<()> {
    let mut number = 0;
    session.scan(sql, &mut |row: &session::Row<'_>| {
        number += 1;
        let cells = row.of("the other program's");
        each(number, serde_json::from_str(cells.text(0)?).ok())
    })
}
