//! What a role may do that changes the store over HTTP: what it lacks for that, and what it could do beyond.

use std::collections::BTreeSet;

use super::changing::Changing;
use super::error::Result;
use super::{Backend, Store};

/// What the role of a connection may do that one way of changing takes, and what else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangingRole {
    /// It owns the store, or is a superuser.
    pub has_all: bool,
    /// `UPDATE key.revoked_at`.
    pub lacks: Vec<String>,
    /// What else it may write.
    pub beyond: Vec<String>,
}

impl Store {
    /// What the role of this connection may do; `None` of a file, which knows no roles.
    pub fn changing_role(&mut self, changing: Changing) -> Result<Option<ChangingRole>> {
        if let Backend::Sqlite(_) = self.backend {
            return Ok(None);
        }
        let mut found = ChangingRole::default();
        self.session().query(
            "SELECT CAST(CAST(r.rolsuper OR pg_catalog.pg_has_role(r.oid, c.relowner, 'MEMBER') AS INT) AS BIGINT)
             FROM pg_catalog.pg_roles r, pg_catalog.pg_class c
             WHERE r.rolname = current_user AND c.oid = to_regclass('keyctl.head')"
                .into(),
            &[],
            &mut |row| {
                found.has_all = row.of("pg_roles").int(0)? != 0;
                Ok(())
            },
        )?;
        let mut may = BTreeSet::new();
        self.session().query(
            "WITH tables AS (
                SELECT c.oid, CAST(c.relname AS TEXT) AS name FROM pg_catalog.pg_class c
                JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = 'keyctl' AND c.relkind = 'r'
             )
             SELECT verb || ' ' || t.name || '.' || CAST(a.attname AS TEXT)
             FROM tables t JOIN pg_catalog.pg_attribute a
                ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped,
                unnest(ARRAY['SELECT', 'INSERT', 'UPDATE']) AS verb
             WHERE pg_catalog.has_column_privilege(t.oid, a.attnum, verb)
             UNION ALL
             SELECT verb || ' ' || t.name FROM tables t, unnest(ARRAY['SELECT', 'DELETE', 'TRUNCATE']) AS verb
             WHERE pg_catalog.has_table_privilege(t.oid, verb)"
                .into(),
            &[],
            &mut |row| {
                may.insert(row.of("pg_class").text(0)?.to_owned());
                Ok(())
            },
        )?;
        let needed: BTreeSet<String> = changing
            .rights()
            .flat_map(|(verb, table, columns)| match columns {
                [] => vec![format!("{verb} {table}")],
                columns => columns.iter().map(|column| format!("{verb} {table}.{column}")).collect(),
            })
            .collect();
        found.lacks = needed.difference(&may).cloned().collect();
        found.beyond =
            may.difference(&needed).filter(|right| !right.starts_with("SELECT ")).cloned().collect();
        Ok(Some(found))
    }
}
