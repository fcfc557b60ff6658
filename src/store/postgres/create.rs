//! The schema in the database, made and brought up to date.

use super::dsn::Dsn;
use super::opening::open;
use super::session::PostgresSession;
use crate::store::error::{Error, Result};
use crate::store::session::{Session, Statement};
use crate::store::{FirstFn, Options, migrations, tx};

/// Holds others off while the schema is made or changed; any constant of one's own does.
const LOCK: &str = "SELECT pg_catalog.pg_advisory_xact_lock(7738150137642053974)";

/// Creates the schema with all migrations applied. [`Error::Exists`] if there is one.
pub(crate) fn create(dsn: &Dsn, options: Options, first: FirstFn<'_>) -> Result<()> {
    let mut session = open(dsn, options)?;
    begin(&mut session)?;
    let made = make(&mut session, first);
    end(&mut session, made)
}

/// Creates the schema, and `fill` writes the rows, in one transaction.
#[cfg(feature = "cli")]
pub(crate) fn create_with(
    dsn: &Dsn,
    options: Options,
    fill: impl FnOnce(&mut PostgresSession) -> Result<()>,
) -> Result<()> {
    let mut session = open(dsn, options)?;
    begin(&mut session)?;
    let made = Place::of_new_store(&mut session)
        .and_then(|schema| apply(&mut session, 0, schema))
        .and_then(|()| fill(&mut session));
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
    let migrated = session.schema().and_then(|found| apply(session, found, Schema::AsMigrated));
    end(session, migrated)
}

/// The same, taken back.
pub(crate) fn rehearse_migrate(session: &mut PostgresSession) -> Result<()> {
    begin(session)?;
    let migrated = session.schema().and_then(|found| apply(session, found, Schema::AsMigrated));
    session.rollback();
    migrated
}

pub(super) fn begin(session: &mut PostgresSession) -> Result<()> {
    session.begin_making(LOCK)
}

pub(super) fn end(session: &mut PostgresSession, made: Result<()>) -> Result<()> {
    match made {
        Ok(()) => session.commit(),
        Err(error) => {
            session.rollback();
            Err(error)
        }
    }
}

fn make(session: &mut PostgresSession, first: FirstFn<'_>) -> Result<()> {
    let schema = Place::of_new_store(session)?;
    apply(session, 0, schema)?;
    let now = tx::now(session)?;
    session.execute(&first(now, session.peer()).insert()).map(drop)
}

/// What the first migration begins with.
const MAKE_SCHEMA: &str = "CREATE SCHEMA keyctl;";

pub(super) fn apply(session: &mut PostgresSession, version: i64, schema: Schema) -> Result<()> {
    // The migrations name their tables without a schema. Temporary tables that the session may have
    // come last, where they hide nothing.
    session.script("SET LOCAL search_path = keyctl, pg_temp")?;
    for migration in migrations::after(version) {
        match schema {
            Schema::Empty => session.script(&migration.postgres.replacen(MAKE_SCHEMA, "", 1))?,
            Schema::AsMigrated => session.script(migration.postgres)?,
        }
        session.execute(&[Statement::new(
            "INSERT INTO keyctl.schema_migration (version, applied_at) VALUES ($1, keyctl.now_ms())",
            [migration.version.into()],
        )])?;
    }
    Ok(())
}

/// Where the schema comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Schema {
    /// It was made for us, with nothing in it.
    Empty,
    /// The first migration makes it, or did.
    AsMigrated,
}

/// Where a store is to be made, as the server tells it to the role that makes it. Names are quoted
/// for SQL.
pub(super) struct Place {
    role: String,
    database: String,
    /// Who owns the schema keyctl, if there is one.
    owner: Option<String>,
    is_owner: bool,
    /// Who else may make something in it.
    guest: Option<String>,
    /// How much is in it.
    objects: i64,
    may_create_schema: bool,
    may_create_views: bool,
    /// A view or function that has the name of one of ours.
    view: Option<String>,
}

const PLACE: &str = "
    SELECT pg_catalog.quote_ident(current_user), pg_catalog.quote_ident(pg_catalog.current_database()),
        pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(n.nspowner)),
        COALESCE(pg_catalog.pg_has_role(n.nspowner, 'USAGE'), FALSE)::int::bigint,
        (SELECT COUNT(*) FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid)
            + (SELECT COUNT(*) FROM pg_catalog.pg_proc p WHERE p.pronamespace = n.oid)
            + (SELECT COUNT(*) FROM pg_catalog.pg_type t WHERE t.typnamespace = n.oid),
        pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')::int::bigint,
        COALESCE(pg_catalog.has_schema_privilege(pg_catalog.to_regnamespace('public'), 'USAGE')
            AND pg_catalog.has_schema_privilege(pg_catalog.to_regnamespace('public'), 'CREATE'), FALSE)::int::bigint,
        (SELECT MIN(o.name::text) FROM (SELECT relname, relnamespace FROM pg_catalog.pg_class
            UNION ALL SELECT proname, pronamespace FROM pg_catalog.pg_proc) AS o (name, namespace)
         WHERE o.namespace = pg_catalog.to_regnamespace('public') AND o.name LIKE 'keyctl\\_%\\_v_'),
        (SELECT MIN(CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END)
         FROM pg_catalog.aclexplode(n.nspacl) AS a
         WHERE a.privilege_type = 'CREATE' AND a.grantee <> n.nspowner)
    FROM (SELECT 1) AS one LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = 'keyctl'";

impl Place {
    /// Looks before the first write whether a store can be made here.
    pub(super) fn of_new_store(session: &mut PostgresSession) -> Result<Schema> {
        let mut found = None;
        session.query(PLACE.into(), &[], &mut |row| {
            let cells = row.of("pg_namespace");
            found = Some(Self {
                role: cells.text(0)?.to_owned(),
                database: cells.text(1)?.to_owned(),
                owner: cells.opt_text(2)?.map(str::to_owned),
                is_owner: cells.int(3)? != 0,
                objects: cells.int(4)?,
                may_create_schema: cells.int(5)? != 0,
                may_create_views: cells.int(6)? != 0,
                view: cells.opt_text(7)?.map(str::to_owned),
                guest: cells.opt_text(8)?.map(str::to_owned),
            });
            Ok(())
        })?;
        let place = found.ok_or_else(|| Error::Missing(session.location.as_str().into()))?;
        place.judge(&session.location)
    }

    fn judge(&self, location: &str) -> Result<Schema> {
        let Self { role, database, .. } = self;
        let refused = |what: String, hint: String| Err(Error::Refused { what: what.into(), hint });
        if self.objects > 0 {
            return Err(Error::Exists(format!("{location} has a schema keyctl already")));
        }
        if let Some(view) = &self.view {
            return Err(Error::Exists(format!("{location} has public.{view} already")));
        }
        if let Some(owner) = self.owner.as_ref().filter(|_| !self.is_owner) {
            return refused(
                format!("the schema keyctl belongs to {owner}"),
                format!("have {owner} run: ALTER SCHEMA keyctl OWNER TO {role}"),
            );
        }
        if let Some(guest) = &self.guest {
            return refused(
                format!("{guest} may create tables and functions in the schema keyctl"),
                format!("run: REVOKE CREATE ON SCHEMA keyctl FROM {guest}"),
            );
        }
        if self.owner.is_none() && !self.may_create_schema {
            return refused(
                format!("the role {role} may not create a schema in the database {database}"),
                format!("have an administrator run: CREATE SCHEMA keyctl AUTHORIZATION {role}"),
            );
        }
        if !self.may_create_views {
            return refused(
                format!("the role {role} may not create views in the schema public"),
                format!("have an administrator run: GRANT USAGE, CREATE ON SCHEMA public TO {role}"),
            );
        }
        Ok(if self.owner.is_some() { Schema::Empty } else { Schema::AsMigrated })
    }
}
