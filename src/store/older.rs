//! Reading a store of an older schema as if it were of today's.
//!
//! Temporary views stand before the tables that have fewer columns, and empty temporary tables
//! in the place of those that are missing. Both databases look among temporary objects first,
//! so every query is the same.

use super::error::Result;
use super::session::Session;

/// The first schema that has all columns which are read today.
const COMPLETE: i64 = 3;

const STAND_INS: &str = "
    CREATE TEMP TABLE role (name TEXT, scopes TEXT, created_at BIGINT, changed_at BIGINT);
    CREATE TEMP TABLE key_role (role TEXT, key_id TEXT);
    CREATE TEMP TABLE scope (name TEXT);
    CREATE TEMP VIEW head AS SELECT t.*, CAST(NULL AS BYTEA) AS foreign_salt FROM main.head t;
    CREATE TEMP VIEW owner AS SELECT t.*, CAST(NULL AS BIGINT) AS deleted_at FROM main.owner t;
    CREATE TEMP VIEW key AS SELECT t.*, CAST(NULL AS TEXT) AS parent FROM main.key t;
    CREATE TEMP VIEW token AS SELECT t.*, '[]' AS parent_networks, CAST(NULL AS BIGINT) AS parent_not_before,
        CAST(NULL AS BIGINT) AS parent_expires_at, CAST(NULL AS BIGINT) AS parent_dead_at FROM main.token t;";

/// Makes the stand-ins that a store of this schema needs; `tables` is where its tables are.
pub(super) fn stand_in(session: &mut dyn Session, schema: i64, tables: &str) -> Result<()> {
    if schema >= COMPLETE {
        return Ok(());
    }
    session.script(&STAND_INS.replace("main.", &format!("{tables}.")))
}
