//! The version of a key (`kver`), which stands in every short-lived token that is issued for it.
//!
//! Whoever verifies such a token offline knows no state, scopes or limits of the key: so all that takes something away
//! raises the version, and a token of a version before is refused. What only gives leaves it alone.

use std::collections::HashMap;

use crate::domain::id::KeyId;
use crate::domain::owners::owner::Owner;
use crate::domain::owners::role::RoleName;
use crate::store::Store;
use crate::store::error::Result;
use crate::store::session::{Statement, Value};
use crate::store::tx::{Raised, Tx};

/// Once in a change, however much of it is about the same key; a revoked key stays as it was, since nothing can be taken
/// from it any more.
macro_rules! raise {
    ($which:literal) => {
        concat!(
            "UPDATE keyctl.key SET kver = kver + 1, kver_seq = $2, kver_at = $3 WHERE ",
            $which,
            " AND revoked_at IS NULL AND kver_seq IS DISTINCT FROM $2"
        )
    };
}

const OF_FAMILY: &str =
    raise!("id IN (SELECT $1 UNION ALL SELECT c.id FROM keyctl.key c WHERE c.parent = $1)");

const OF_KEY: &str = raise!("id = $1");

const OF_OWNER: &str = raise!(
    "id IN (SELECT k.id FROM keyctl.key k WHERE k.owner = $1 \
     UNION ALL SELECT c.id FROM keyctl.key k JOIN keyctl.key c ON c.parent = k.id WHERE k.owner = $1)"
);

const OF_ROLE: &str = raise!(
    "id IN (SELECT r.key_id FROM keyctl.key_role r WHERE r.role = $1 \
     UNION ALL SELECT c.id FROM keyctl.key_role r JOIN keyctl.key c ON c.parent = r.key_id WHERE r.role = $1)"
);

/// Into the rows of the tokens of all keys that were raised by this change.
const COPY: &str = "UPDATE keyctl.token SET kver = k.kver FROM keyctl.key k \
    WHERE token.key_id = k.id AND k.kver_seq = $1 AND token.kver <> k.kver";

impl Tx<'_> {
    /// Something is taken away from a key, and so from its children.
    pub fn raise_version(&mut self, key: KeyId) {
        self.raise(OF_FAMILY, key.to_string().into(), Raised::Family(key));
    }

    /// One of its tokens ends before what was exchanged for it may; its children go on.
    pub fn raise_own_version(&mut self, key: KeyId) {
        self.raise(OF_KEY, key.to_string().into(), Raised::Own(key));
    }

    /// Something is taken away from all keys of an owner, and their children.
    pub fn raise_versions_of(&mut self, owner: &Owner) {
        self.raise(OF_OWNER, owner.as_str().into(), Raised::Owner(owner.clone()));
    }

    /// The same of all keys that have a role, and their children.
    pub fn raise_versions_with(&mut self, role: &RoleName) {
        self.raise(OF_ROLE, role.as_str().into(), Raised::Role(role.clone()));
    }

    fn raise(&mut self, sql: &'static str, which: Value, raised: Raised) {
        let (seq, at) = (self.next_change(), self.now().as_millis());
        self.pending.push(Statement::new(sql, [which, seq.into(), at.into()]));
        self.raised.push(raised);
    }

    /// What was raised so far, in the change of this number.
    pub(crate) fn raised(&self) -> (i64, &[Raised]) {
        (self.next_change(), &self.raised)
    }

    /// Before the commit: what was raised is copied once.
    pub(in crate::store) fn copy_versions(&mut self) {
        if !self.raised.is_empty() {
            let seq = self.next_change();
            self.pending.push(Statement::new(COPY, [seq.into()]));
        }
    }
}

impl Store {
    /// The versions of all keys between two ids, both included.
    pub(crate) fn versions_between(&mut self, first: KeyId, last: KeyId) -> Result<HashMap<KeyId, i64>> {
        let mut versions = HashMap::new();
        self.session().query(
            "SELECT k.id, k.kver FROM keyctl.key k WHERE k.id BETWEEN $1 AND $2".into(),
            &[first.to_string().into(), last.to_string().into()],
            &mut |row| {
                let cells = row.of("key");
                versions.insert(cells.parsed(0, |text| text.parse().ok())?, cells.int(1)?);
                Ok(())
            },
        )?;
        Ok(versions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::migrations;
    use crate::store::sqlite::translated;

    #[test]
    fn only_the_keys_that_are_meant_are_read() {
        let connection = rusqlite::Connection::open_in_memory().expect("SQLite");
        for migration in migrations::after(0) {
            connection.execute_batch(migration.sqlite).expect("migrates");
        }
        for (sql, values) in [(OF_FAMILY, 3), (OF_KEY, 3), (OF_OWNER, 3), (OF_ROLE, 3), (COPY, 1)] {
            let sql = translated(&format!("EXPLAIN QUERY PLAN {sql}"));
            let values = rusqlite::params_from_iter(vec!["x"; values]);
            let plan = connection
                .prepare(&sql)
                .and_then(|mut statement| {
                    statement.query_map(values, |row| row.get::<_, String>(3))?.collect::<Result<Vec<_>, _>>()
                })
                .expect("a plan")
                .join("\n");
            assert!(
                !plan.contains("SCAN key") && !plan.contains("SCAN token") && !plan.contains("SCAN k"),
                "{sql}: {plan}"
            );
        }
    }
}
