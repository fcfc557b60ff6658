//! The schema in the database, made and brought up to date.

use super::dsn::Dsn;
use super::session::{PostgresSession, open};
use crate::store::error::{Error, Result};
use crate::store::session::{Session, Statement};
use crate::store::{FirstFn, Options, migrations, tx};

/// Holds others off while the schema is made or changed; any constant of one's own does.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7738150137642053974)";

/// Creates the schema with all migrations applied. [`Error::Exists`] if there is one.
pub(crate) fn create(dsn: &Dsn, options: Options, first: FirstFn<'_>) -> Result<()> {
    let mut session = open(dsn, options)?;
    begin(&mut session)?;
    let made = make(&mut session, first);
    end(&mut session, made)
}

/// The same, taken back.
pub(crate) fn rehearse_create(dsn: &Dsn, options: Options, first: FirstFn<'_>) -> Result<()> {
    let mut session = open(dsn, options)?;
    begin(&mut session)?;
    let made = make(&mut session, first);
    session.rollback();
    made
}

/// Brings an older schema up to date.
pub(crate) fn migrate(session: &mut PostgresSession) -> Result<()> {
    begin(session)?;
    let migrated = session.schema().and_then(|found| apply(session, found));
    end(session, migrated)
}

/// The same, taken back.
pub(crate) fn rehearse_migrate(session: &mut PostgresSession) -> Result<()> {
    begin(session)?;
    let migrated = session.schema().and_then(|found| apply(session, found));
    session.rollback();
    migrated
}

fn begin(session: &mut PostgresSession) -> Result<()> {
    session.script(&format!("BEGIN; {}; SET LOCAL synchronous_commit = on; {LOCK}", session.bounds()))
}

fn end(session: &mut PostgresSession, made: Result<()>) -> Result<()> {
    match made {
        Ok(()) => session.commit(),
        Err(error) => {
            session.rollback();
            Err(error)
        }
    }
}

fn make(session: &mut PostgresSession, first: FirstFn<'_>) -> Result<()> {
    if has_schema(session)? {
        return Err(Error::Exists(format!("{} has a schema keyctl already", session.location)));
    }
    apply(session, 0)?;
    let now = tx::now(session)?;
    session.execute(&first(now, session.peer()).insert()).map(drop)
}

fn apply(session: &mut PostgresSession, version: i64) -> Result<()> {
    // The migrations name their tables without a schema.
    session.script("SET LOCAL search_path = keyctl")?;
    for migration in migrations::after(version) {
        session.script(migration.postgres)?;
        session.execute(&[Statement::new(
            "INSERT INTO keyctl.schema_migration (version, applied_at) VALUES ($1, keyctl.now_ms())",
            [migration.version.into()],
        )])?;
    }
    Ok(())
}

fn has_schema(session: &mut PostgresSession) -> Result<bool> {
    let mut found = false;
    let sql = "SELECT nspname::text FROM pg_catalog.pg_namespace WHERE nspname = 'keyctl'";
    session.query(sql.into(), &[], &mut |_| {
        found = true;
        Ok(())
    })?;
    Ok(found)
}
