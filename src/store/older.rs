//! Reading a store of an older schema as if it were of today's.
//!
//! Temporary views stand before the tables that have fewer columns, and empty temporary tables
//! in the place of those that are missing. Both databases look among temporary objects first,
//! so every query is the same.

use super::error::Result;
use super::session::Session;

/// What stands in where the schema is older than the first number.
const STAND_INS: [(i64, &str); 3] = [(3, ROLES_AND_CHILDREN), (5, PROVIDER_SECRETS), (7, APOLLO)];

const APOLLO: &str = "
    CREATE TEMP TABLE apollo (id BIGINT, scope TEXT, coverers TEXT, key_check BYTEA, created_at BIGINT);
    CREATE TEMP TABLE apollo_secret (secret_id TEXT, version BIGINT, ciphertext TEXT);";

const PROVIDER_SECRETS: &str = "
    CREATE TEMP TABLE master_key (id TEXT, check_value BYTEA, derivation TEXT, registered_at BIGINT,
        retired_at BIGINT, encryptions BIGINT);
    CREATE TEMP TABLE secret (id TEXT, provider TEXT, name TEXT, labels TEXT, created_at BIGINT,
        deleted_at BIGINT, version BIGINT);
    CREATE TEMP TABLE secret_version (secret_id TEXT, version BIGINT, master_key_id TEXT, created_at BIGINT,
        expires_at BIGINT, envelope BYTEA);
    CREATE TEMP TABLE binding (subject_kind TEXT, subject_id TEXT, provider TEXT, secret_id TEXT,
        created_at BIGINT);";

const ROLES_AND_CHILDREN: &str = "
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
    let lacking = STAND_INS.into_iter().filter(|(complete, _)| schema < *complete);
    for (_, objects) in lacking {
        session.script(&objects.replace("main.", &format!("{tables}.")))?;
    }
    Ok(())
}
