//! A schema that is no store yet: its migrations are done, and not written down.

use super::create::{Place, apply, begin, end};
use super::dsn::Dsn;
use super::opening::open;
use super::session::PostgresSession;
use crate::store::Options;
use crate::store::error::Result;
use crate::store::migrations;
use crate::store::session::{Session as _, Statement};

const IS_THERE: &str =
    "SELECT CAST(CAST(pg_catalog.to_regclass('keyctl.copying') IS NOT NULL AS INT) AS BIGINT)";

impl PostgresSession {
    /// Whether a copy was begun there and not ended.
    pub(super) fn is_unfinished(&mut self) -> Result<bool> {
        let mut is_there = false;
        self.query(IS_THERE.into(), &[], &mut |row| {
            is_there = row.of("pg_class").int(0)? != 0;
            Ok(())
        })?;
        Ok(is_there)
    }
}

/// Opens the one that is there.
pub(crate) fn open_unfinished(dsn: &Dsn, options: Options) -> Result<Option<PostgresSession>> {
    let mut session = open(dsn, options)?;
    Ok(session.is_unfinished()?.then_some(session))
}

/// Makes one, where nothing is.
pub(crate) fn make_unfinished(
    dsn: &Dsn,
    options: Options,
    mark: impl FnOnce(&mut PostgresSession) -> Result<()>,
) -> Result<PostgresSession> {
    let mut session = open(dsn, options)?;
    begin(&mut session)?;
    let made = make(&mut session).and_then(|()| mark(&mut session));
    end(&mut session, made)?;
    Ok(session)
}

/// The same, taken back.
pub(crate) fn rehearse_unfinished(dsn: &Dsn, options: Options) -> Result<()> {
    let mut session = open(dsn, options)?;
    begin(&mut session)?;
    let made = make(&mut session);
    session.rollback();
    made
}

fn make(session: &mut PostgresSession) -> Result<()> {
    let schema = Place::of_new_store(session)?;
    apply(session, 0, schema)?;
    session.script("DELETE FROM keyctl.schema_migration")
}

/// In the transaction that runs: from its commit on it is a store.
pub(super) fn end_unfinished(session: &mut PostgresSession) -> Result<()> {
    let written = |migration: &migrations::Migration| {
        Statement::new(
            "INSERT INTO keyctl.schema_migration (version, applied_at) VALUES ($1, keyctl.now_ms())",
            [migration.version.into()],
        )
    };
    let written: Vec<Statement> = migrations::after(0).map(written).collect();
    session.execute(&written)?;
    session.script("DROP TABLE keyctl.copying")
}
