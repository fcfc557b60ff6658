//! Reading a store of an older schema as if it were of today's.
//!
//! What stands in for a table that has fewer columns, or is missing, is a named query in front of
//! the statement (`WITH token AS …`): part of its text, so that nothing is made in the database
//! and nothing is left behind in a session.

use std::borrow::Cow;

/// What stands in where the schema is older than the number, and for which table. Of several for
/// one table, the first that fits does, and has every column of today's.
const STAND_INS: [(i64, &str, &str); 65] = [
    (3, "role", "SELECT CAST(NULL AS TEXT) AS name, CAST(NULL AS TEXT) AS scopes, CAST(NULL AS BIGINT) AS created_at,
            CAST(NULL AS BIGINT) AS changed_at WHERE FALSE"),
    (3, "key_role", "SELECT CAST(NULL AS TEXT) AS role, CAST(NULL AS TEXT) AS key_id WHERE FALSE"),
    (3, "scope", "SELECT CAST(NULL AS TEXT) AS name WHERE FALSE"),
    (3, "head", "SELECT t.*, CAST(NULL AS BYTEA) AS foreign_salt, CAST(NULL AS TEXT) AS issuer, CAST(NULL AS TEXT) AS audiences,
            CAST(NULL AS BIGINT) AS max_expiry_seconds, CAST(0 AS BIGINT) AS require_scope,
            CAST(0 AS BIGINT) AS require_expiry, CAST(NULL AS BIGINT) AS max_live_keys, CAST(NULL AS TEXT) AS prefixes,
            CAST(NULL AS TEXT) AS moved_to, CAST(NULL AS BIGINT) AS moved_at, CAST(NULL AS TEXT) AS moved_mark,
            CAST(NULL AS TEXT) AS portal FROM TABLES.head t"),
    (
        3,
        "owner",
        "SELECT t.*, CAST(NULL AS BIGINT) AS deleted_at, CAST(NULL AS TEXT) AS subject, CAST(NULL AS TEXT) AS quota
            FROM TABLES.owner t",
    ),
    (3, "key", "SELECT t.*, CAST(NULL AS TEXT) AS parent, CAST(0 AS BIGINT) AS allow_jwt, CAST(1 AS BIGINT) AS kver, CAST(NULL AS BIGINT) AS kver_seq,
            CAST(NULL AS BIGINT) AS kver_at, CAST(NULL AS BIGINT) AS suspended_until, CAST(NULL AS BIGINT) AS lifetime,
            CAST(NULL AS TEXT) AS note, CAST(NULL AS TEXT) AS made_by FROM TABLES.key t"),
    (
        3,
        "token",
        "SELECT t.*, '[]' AS parent_networks, CAST(NULL AS BIGINT) AS parent_not_before,
            CAST(NULL AS BIGINT) AS parent_expires_at, CAST(NULL AS BIGINT) AS parent_dead_at,
            CAST(NULL AS TEXT) AS subject, t.quota AS key_quota, CAST(NULL AS TEXT) AS owner_quota,
            CAST(0 AS BIGINT) AS allow_jwt, CAST(1 AS BIGINT) AS kver, CAST(NULL AS BIGINT) AS suspended_until,
            CAST(NULL AS BIGINT) AS parent_dead_until FROM TABLES.token t",
    ),
    (
        5,
        "master_key",
        "SELECT CAST(NULL AS TEXT) AS id, CAST(NULL AS BYTEA) AS check_value, CAST(NULL AS TEXT) AS derivation,
            CAST(NULL AS BIGINT) AS registered_at, CAST(NULL AS BIGINT) AS retired_at,
            CAST(NULL AS BIGINT) AS encryptions WHERE FALSE",
    ),
    (
        5,
        "secret",
        "SELECT CAST(NULL AS TEXT) AS id, CAST(NULL AS TEXT) AS provider, CAST(NULL AS TEXT) AS name,
            CAST(NULL AS TEXT) AS labels, CAST(NULL AS BIGINT) AS created_at, CAST(NULL AS BIGINT) AS deleted_at,
            CAST(NULL AS BIGINT) AS version WHERE FALSE",
    ),
    (
        5,
        "secret_version",
        "SELECT CAST(NULL AS TEXT) AS secret_id, CAST(NULL AS BIGINT) AS version,
            CAST(NULL AS TEXT) AS master_key_id, CAST(NULL AS BIGINT) AS created_at,
            CAST(NULL AS BIGINT) AS expires_at, CAST(NULL AS BYTEA) AS envelope WHERE FALSE",
    ),
    (
        5,
        "binding",
        "SELECT CAST(NULL AS TEXT) AS subject_kind, CAST(NULL AS TEXT) AS subject_id,
            CAST(NULL AS TEXT) AS provider, CAST(NULL AS TEXT) AS secret_id,
            CAST(NULL AS BIGINT) AS created_at WHERE FALSE",
    ),
    (
        7,
        "apollo",
        "SELECT CAST(NULL AS BIGINT) AS id, CAST(NULL AS TEXT) AS scope, CAST(NULL AS TEXT) AS coverers,
            CAST(NULL AS BYTEA) AS key_check, CAST(NULL AS BIGINT) AS created_at WHERE FALSE",
    ),
    (
        7,
        "apollo_secret",
        "SELECT CAST(NULL AS TEXT) AS secret_id, CAST(NULL AS BIGINT) AS version,
            CAST(NULL AS TEXT) AS ciphertext WHERE FALSE",
    ),
    (8, "key_use", "SELECT t.id AS key_id, t.last_used_at FROM TABLES.key t"),
    (
        12,
        "owner",
        "SELECT t.*, CAST(NULL AS TEXT) AS subject, CAST(NULL AS TEXT) AS quota FROM TABLES.owner t",
    ),
    (
        12,
        "token",
        "SELECT t.*, CAST(NULL AS TEXT) AS subject, t.quota AS key_quota, CAST(NULL AS TEXT) AS owner_quota,
            CAST(0 AS BIGINT) AS allow_jwt, CAST(1 AS BIGINT) AS kver, CAST(NULL AS BIGINT) AS suspended_until,
            CAST(NULL AS BIGINT) AS parent_dead_until FROM TABLES.token t",
    ),
    (
        12,
        "owner_before",
        "SELECT CAST(NULL AS TEXT) AS owner, CAST(NULL AS TEXT) AS name, CAST(NULL AS BIGINT) AS until_seq WHERE FALSE",
    ),
    (14, "owner", "SELECT t.*, CAST(NULL AS TEXT) AS quota FROM TABLES.owner t"),
    (
        14,
        "token",
        "SELECT t.*, t.quota AS key_quota, CAST(NULL AS TEXT) AS owner_quota, CAST(0 AS BIGINT) AS allow_jwt, CAST(1 AS BIGINT) AS kver, CAST(NULL AS BIGINT) AS suspended_until,
            CAST(NULL AS BIGINT) AS parent_dead_until FROM TABLES.token t",
    ),
    (
        14,
        "token_use",
        "SELECT CAST(NULL AS TEXT) AS token_id, CAST(NULL AS BIGINT) AS first_used_at,
            CAST(NULL AS BIGINT) AS last_used_at, CAST(NULL AS TEXT) AS last_address WHERE FALSE",
    ),
    (
        14,
        "key_day",
        "SELECT CAST(NULL AS BIGINT) AS day, CAST(NULL AS TEXT) AS key_id, CAST(NULL AS BIGINT) AS allowed,
            CAST(NULL AS BIGINT) AS denied WHERE FALSE",
    ),
    (
        14,
        "quota_spent",
        "SELECT CAST(NULL AS TEXT) AS subject_kind, CAST(NULL AS TEXT) AS subject_id, CAST(NULL AS TEXT) AS period,
            CAST(NULL AS BIGINT) AS spent WHERE FALSE",
    ),
    (
        14,
        "would_deny",
        "SELECT CAST(NULL AS BIGINT) AS day, CAST(NULL AS TEXT) AS policy, CAST(NULL AS TEXT) AS reason,
            CAST(NULL AS BIGINT) AS count WHERE FALSE",
    ),
    (
        14,
        "disclosure",
        "SELECT CAST(NULL AS TEXT) AS secret_id, CAST(NULL AS BIGINT) AS version, CAST(NULL AS TEXT) AS key_id,
            CAST(NULL AS TEXT) AS asked_by, CAST(NULL AS BIGINT) AS count, CAST(NULL AS BIGINT) AS first_at,
            CAST(NULL AS BIGINT) AS last_at WHERE FALSE",
    ),
    (
        14,
        "serve_claim",
        "SELECT CAST(NULL AS TEXT) AS instance, CAST(NULL AS TEXT) AS store, CAST(NULL AS BIGINT) AS seq,
            CAST(NULL AS BIGINT) AS at WHERE FALSE",
    ),
    (
        16,
        "head",
        "SELECT t.*, CAST(NULL AS TEXT) AS issuer, CAST(NULL AS TEXT) AS audiences,
            CAST(NULL AS BIGINT) AS max_expiry_seconds, CAST(0 AS BIGINT) AS require_scope,
            CAST(0 AS BIGINT) AS require_expiry, CAST(NULL AS BIGINT) AS max_live_keys, CAST(NULL AS TEXT) AS prefixes,
            CAST(NULL AS TEXT) AS moved_to, CAST(NULL AS BIGINT) AS moved_at, CAST(NULL AS TEXT) AS moved_mark,
            CAST(NULL AS TEXT) AS portal FROM TABLES.head t",
    ),
    (16, "key", "SELECT t.*, CAST(0 AS BIGINT) AS allow_jwt, CAST(1 AS BIGINT) AS kver, CAST(NULL AS BIGINT) AS kver_seq,
            CAST(NULL AS BIGINT) AS kver_at, CAST(NULL AS BIGINT) AS suspended_until, CAST(NULL AS BIGINT) AS lifetime,
            CAST(NULL AS TEXT) AS note, CAST(NULL AS TEXT) AS made_by FROM TABLES.key t"),
    (16, "token", "SELECT t.*, CAST(0 AS BIGINT) AS allow_jwt, CAST(1 AS BIGINT) AS kver, CAST(NULL AS BIGINT) AS suspended_until,
            CAST(NULL AS BIGINT) AS parent_dead_until FROM TABLES.token t"),
    (
        16,
        "signing_key",
        "SELECT CAST(NULL AS TEXT) AS kid, CAST(NULL AS TEXT) AS x, CAST(NULL AS TEXT) AS y,
            CAST(NULL AS TEXT) AS master_key_id, CAST(NULL AS BYTEA) AS envelope, CAST(NULL AS BIGINT) AS created_at,
            CAST(NULL AS BIGINT) AS published_at, CAST(NULL AS BIGINT) AS may_sign_at,
            CAST(NULL AS BIGINT) AS signs_from, CAST(NULL AS BIGINT) AS signs_until,
            CAST(NULL AS BIGINT) AS tokens_end_at, CAST(NULL AS BIGINT) AS revoked_at WHERE FALSE",
    ),
    (
        19,
        "trust",
        "SELECT CAST(NULL AS TEXT) AS name, CAST(NULL AS TEXT) AS issuer, CAST(NULL AS TEXT) AS audience,
            CAST(NULL AS TEXT) AS claims, CAST(NULL AS BIGINT) AS any_ref, CAST(NULL AS BIGINT) AS ttl_seconds,
            CAST(NULL AS TEXT) AS jwks, CAST(NULL AS TEXT) AS key_id, CAST(NULL AS BIGINT) AS created_at WHERE FALSE",
    ),
    (
        22,
        "oauth_credential",
        "SELECT CAST(NULL AS TEXT) AS secret_id, CAST(NULL AS TEXT) AS token_endpoint, CAST(NULL AS TEXT) AS client_id,
            CAST(NULL AS TEXT) AS client_auth, CAST(NULL AS TEXT) AS issuer, CAST(NULL AS TEXT) AS client_key_id,
            CAST(NULL AS TEXT) AS account, CAST(NULL AS TEXT) AS scopes,
            CAST(NULL AS BIGINT) AS refresh_invalidates, CAST(NULL AS TEXT) AS state,
            CAST(NULL AS BIGINT) AS refreshed_at WHERE FALSE",
    ),
    (
        22,
        "oauth_envelope",
        "SELECT CAST(NULL AS TEXT) AS secret_id, CAST(NULL AS TEXT) AS part, CAST(NULL AS BIGINT) AS version,
            CAST(NULL AS TEXT) AS master_key_id, CAST(NULL AS BYTEA) AS envelope WHERE FALSE",
    ),
    (
        22,
        "oauth_attempt",
        "SELECT CAST(NULL AS TEXT) AS secret_id, CAST(NULL AS BIGINT) AS version, CAST(NULL AS BIGINT) AS fence,
            CAST(NULL AS TEXT) AS holder, CAST(NULL AS BIGINT) AS started_at, CAST(NULL AS BIGINT) AS ends_at,
            CAST(NULL AS BIGINT) AS retry_at, CAST(NULL AS BIGINT) AS failures, CAST(NULL AS BIGINT) AS uncertain,
            CAST(NULL AS TEXT) AS failure WHERE FALSE",
    ),
    (
        23,
        "federation",
        "SELECT CAST(NULL AS TEXT) AS name, CAST(NULL AS TEXT) AS kind, CAST(NULL AS TEXT) AS token_endpoint,
            CAST(NULL AS TEXT) AS audience, CAST(NULL AS TEXT) AS issuer, CAST(NULL AS TEXT) AS typ,
            CAST(NULL AS TEXT) AS present, CAST(NULL AS TEXT) AS parameters, CAST(NULL AS BIGINT) AS created_at WHERE FALSE",
    ),
    (
        23,
        "federation_key",
        "SELECT CAST(NULL AS TEXT) AS kid, CAST(NULL AS TEXT) AS federation, CAST(NULL AS TEXT) AS x,
            CAST(NULL AS TEXT) AS y, CAST(NULL AS TEXT) AS master_key_id, CAST(NULL AS BYTEA) AS envelope,
            CAST(NULL AS BIGINT) AS created_at, CAST(NULL AS BIGINT) AS activated_at,
            CAST(NULL AS BIGINT) AS retired_at WHERE FALSE",
    ),
    (
        23,
        "federated_secret",
        "SELECT CAST(NULL AS TEXT) AS secret_id, CAST(NULL AS TEXT) AS federation, CAST(NULL AS TEXT) AS subject WHERE FALSE",
    ),
    (
        24,
        "oauth_use",
        "SELECT CAST(NULL AS TEXT) AS secret_id, CAST(NULL AS BIGINT) AS fence, CAST(NULL AS BIGINT) AS announced,
            CAST(NULL AS TEXT) AS last_lease WHERE FALSE",
    ),
    (
        24,
        "oauth_lease",
        "SELECT CAST(NULL AS TEXT) AS lease_id, CAST(NULL AS TEXT) AS secret_id, CAST(NULL AS BYTEA) AS holder,
            CAST(NULL AS BIGINT) AS fence, CAST(NULL AS BIGINT) AS version, CAST(NULL AS BIGINT) AS acquired_at,
            CAST(NULL AS BIGINT) AS expires_at, CAST(NULL AS TEXT) AS who, CAST(NULL AS TEXT) AS key_id WHERE FALSE",
    ),
    (
        25,
        "provisioned",
        "SELECT CAST(NULL AS TEXT) AS key_id, CAST(NULL AS TEXT) AS manifest WHERE FALSE",
    ),
    (
        25,
        "delivered",
        "SELECT CAST(NULL AS TEXT) AS key_id, CAST(NULL AS TEXT) AS sink, CAST(NULL AS TEXT) AS token_id,
            CAST(NULL AS BIGINT) AS at WHERE FALSE",
    ),
    (
        25,
        "manifest_hold",
        "SELECT CAST(NULL AS TEXT) AS manifest, CAST(NULL AS TEXT) AS holder, CAST(NULL AS BIGINT) AS ends_at WHERE FALSE",
    ),
    (26, "oauth_lease", "SELECT t.*, CAST(NULL AS TEXT) AS key_id FROM TABLES.oauth_lease t"),
    (27, "key", "SELECT t.*, CAST(NULL AS BIGINT) AS suspended_until, CAST(NULL AS BIGINT) AS lifetime,
            CAST(NULL AS TEXT) AS note, CAST(NULL AS TEXT) AS made_by FROM TABLES.key t"),
    (27, "token", "SELECT t.*, CAST(NULL AS BIGINT) AS suspended_until,
            CAST(NULL AS BIGINT) AS parent_dead_until FROM TABLES.token t"),
    (
        29,
        "notified",
        "SELECT CAST(NULL AS TEXT) AS channel, CAST(NULL AS TEXT) AS kind, CAST(NULL AS TEXT) AS id,
            CAST(NULL AS BIGINT) AS ends_at, CAST(NULL AS BIGINT) AS stage, CAST(NULL AS BIGINT) AS told_at WHERE FALSE",
    ),
    (
        29,
        "notify_hold",
        "SELECT CAST(NULL AS TEXT) AS channel, CAST(NULL AS TEXT) AS holder, CAST(NULL AS BIGINT) AS ends_at WHERE FALSE",
    ),
    (
        28,
        "head",
        "SELECT t.*, CAST(NULL AS BIGINT) AS max_expiry_seconds, CAST(0 AS BIGINT) AS require_scope,
            CAST(0 AS BIGINT) AS require_expiry, CAST(NULL AS BIGINT) AS max_live_keys, CAST(NULL AS TEXT) AS prefixes,
            CAST(NULL AS TEXT) AS moved_to, CAST(NULL AS BIGINT) AS moved_at, CAST(NULL AS TEXT) AS moved_mark,
            CAST(NULL AS TEXT) AS portal FROM TABLES.head t",
    ),
    (
        30,
        "head",
        "SELECT t.*, CAST(NULL AS TEXT) AS moved_to, CAST(NULL AS BIGINT) AS moved_at, CAST(NULL AS TEXT) AS moved_mark,
            CAST(NULL AS TEXT) AS portal FROM TABLES.head t",
    ),
    (32, "key", "SELECT t.*, CAST(NULL AS TEXT) AS made_by FROM TABLES.key t"),
    (32, "head", "SELECT t.*, CAST(NULL AS TEXT) AS portal FROM TABLES.head t"),
    (
        32,
        "claim",
        "SELECT CAST(NULL AS TEXT) AS id, CAST(NULL AS TEXT) AS code_hash, CAST(NULL AS TEXT) AS owner,
            CAST(NULL AS TEXT) AS key_id, CAST(NULL AS TEXT) AS scopes, CAST(NULL AS BIGINT) AS max_expiry_seconds,
            CAST(NULL AS TEXT) AS made_by, CAST(NULL AS BIGINT) AS created_at, CAST(NULL AS BIGINT) AS expires_at,
            CAST(NULL AS BIGINT) AS redeemed_at, CAST(NULL AS BIGINT) AS revoked_at,
            CAST(NULL AS BIGINT) AS taken_at WHERE FALSE",
    ),
    (
        32,
        "portal_session",
        "SELECT CAST(NULL AS TEXT) AS id, CAST(NULL AS TEXT) AS secret_hash, CAST(NULL AS TEXT) AS owner,
            CAST(NULL AS TEXT) AS key_id, CAST(NULL AS TEXT) AS token_id, CAST(NULL AS TEXT) AS claim_id, CAST(NULL AS TEXT) AS issuer,
            CAST(NULL AS TEXT) AS subject, CAST(NULL AS TEXT) AS scopes, CAST(NULL AS BIGINT) AS created_at,
            CAST(NULL AS BIGINT) AS expires_at, CAST(NULL AS BIGINT) AS ended_at WHERE FALSE",
    ),
    (
        32,
        "portal_seen",
        "SELECT CAST(NULL AS TEXT) AS session_id, CAST(NULL AS BIGINT) AS seen_at WHERE FALSE",
    ),
    (
        32,
        "portal_suspension",
        "SELECT CAST(NULL AS TEXT) AS key_id, CAST(NULL AS BIGINT) AS suspended_at WHERE FALSE",
    ),
    (
        33,
        "mcp_client",
        "SELECT CAST(NULL AS TEXT) AS id, CAST(NULL AS TEXT) AS name, CAST(NULL AS TEXT) AS redirect_uris,
            CAST(NULL AS BIGINT) AS created_at, CAST(NULL AS BIGINT) AS device WHERE FALSE",
    ),
    (
        33,
        "mcp_grant",
        "SELECT CAST(NULL AS TEXT) AS key_id, CAST(NULL AS TEXT) AS client, CAST(NULL AS TEXT) AS client_name,
            CAST(NULL AS TEXT) AS resource, CAST(NULL AS BIGINT) AS created_at WHERE FALSE",
    ),
    (
        33,
        "mcp_sign_in",
        "SELECT CAST(NULL AS TEXT) AS id, CAST(NULL AS TEXT) AS key_id, CAST(NULL AS TEXT) AS code_hash,
            CAST(NULL AS TEXT) AS redirect_uri, CAST(NULL AS TEXT) AS challenge, CAST(NULL AS TEXT) AS family_hash,
            CAST(NULL AS TEXT) AS refresh_hash, CAST(NULL AS BIGINT) AS created_at, CAST(NULL AS BIGINT) AS redeemed_at,
            CAST(NULL AS BIGINT) AS refreshed_at, CAST(NULL AS BIGINT) AS expires_at,
            CAST(NULL AS BIGINT) AS ended_at, CAST(NULL AS BIGINT) AS refreshes WHERE FALSE",
    ),
    (
        34,
        "mcp_device",
        "SELECT CAST(NULL AS TEXT) AS code_hash, CAST(NULL AS TEXT) AS user_hash, CAST(NULL AS TEXT) AS challenge,
            CAST(NULL AS TEXT) AS client, CAST(NULL AS TEXT) AS client_name, CAST(NULL AS TEXT) AS scopes,
            CAST(NULL AS TEXT) AS resource, CAST(NULL AS BIGINT) AS created_at, CAST(NULL AS BIGINT) AS expires_at,
            CAST(NULL AS BIGINT) AS polled_at, CAST(NULL AS BIGINT) AS wait_seconds,
            CAST(NULL AS BIGINT) AS denied_at, CAST(NULL AS BIGINT) AS refreshes, CAST(NULL AS TEXT) AS asked_from WHERE FALSE",
    ),
    (
        35,
        "leak_report",
        "SELECT CAST(NULL AS TEXT) AS digest, CAST(NULL AS TEXT) AS source, CAST(NULL AS TEXT) AS reporter,
            CAST(NULL AS TEXT) AS note, CAST(NULL AS BIGINT) AS known, CAST(NULL AS BIGINT) AS unknown,
            CAST(NULL AS BIGINT) AS left_out, CAST(NULL AS BIGINT) AS received_at, CAST(NULL AS BIGINT) AS done_at WHERE FALSE",
    ),
    (
        35,
        "leak_sighting",
        "SELECT CAST(NULL AS TEXT) AS digest, CAST(NULL AS TEXT) AS token_id, CAST(NULL AS TEXT) AS key_id,
            CAST(NULL AS TEXT) AS deed WHERE FALSE",
    ),
    (36, "canary", "SELECT CAST(NULL AS TEXT) AS key_id, CAST(NULL AS BIGINT) AS created_at WHERE FALSE"),
    (
        36,
        "canary_sighting",
        "SELECT CAST(NULL AS TEXT) AS key_id, CAST(NULL AS BIGINT) AS hour, CAST(NULL AS TEXT) AS address,
            CAST(NULL AS TEXT) AS path, CAST(NULL AS TEXT) AS token_id, CAST(NULL AS BIGINT) AS count,
            CAST(NULL AS BIGINT) AS recorded, CAST(NULL AS BIGINT) AS first_at, CAST(NULL AS BIGINT) AS last_at WHERE FALSE",
    ),
    (38, "mcp_client", "SELECT t.*, CAST(0 AS BIGINT) AS device FROM TABLES.mcp_client t"),
    (38, "mcp_sign_in", "SELECT t.*, CAST(1 AS BIGINT) AS refreshes FROM TABLES.mcp_sign_in t"),
    (
        38,
        "mcp_device",
        "SELECT t.*, CAST(1 AS BIGINT) AS refreshes, '' AS asked_from FROM TABLES.mcp_device t",
    ),
];

/// How a table of the store is written in the statements.
const SCHEMA: &str = "keyctl.";

/// The schema that a session reads; the default is today's.
#[derive(Clone, Copy)]
pub(super) struct Older(i64);

impl Default for Older {
    fn default() -> Self {
        Self(i64::MAX)
    }
}

impl Older {
    pub(super) fn of(schema: i64) -> Self {
        Self(schema)
    }

    /// The statement as it is asked of this schema, whose own tables are in `tables`.
    pub(super) fn stand_in<'s>(self, sql: &'s str, tables: &str) -> Cow<'s, str> {
        let lacking = STAND_INS.iter().filter(|(complete, ..)| self.0 < *complete);
        let (mut text, mut named) = (Cow::Borrowed(sql), Vec::<(&str, String)>::new());
        for (_, table, rows) in lacking {
            if named.iter().any(|(done, _)| done == table) {
                continue;
            }
            if let Some(unqualified) = without_schema(&text, table) {
                named.push((table, rows.replace("TABLES", tables)));
                text = Cow::Owned(unqualified);
            }
        }
        if named.is_empty() { text } else { Cow::Owned(with(&named, text.trim_start())) }
    }
}

/// The text with a table's name alone in the place of the table; `None` if it is not there.
fn without_schema(sql: &str, table: &str) -> Option<String> {
    let mut parts = sql.split(SCHEMA);
    let mut text = parts.next()?.to_owned();
    let mut found = false;
    for part in parts {
        let rest = part.strip_prefix(table);
        let is_table =
            rest.is_some_and(|rest| !rest.starts_with(|next: char| next == '_' || next.is_alphanumeric()));
        found |= is_table;
        text.push_str(if is_table { "" } else { SCHEMA });
        text.push_str(part);
    }
    found.then_some(text)
}

/// The statement with named queries before it. Planned with it, as a view would be: else a
/// query that is used twice is read as a whole.
fn with(named: &[(&str, String)], sql: &str) -> String {
    let queries: Vec<String> =
        named.iter().map(|(name, rows)| format!("{name} AS NOT MATERIALIZED ({rows})")).collect();
    let queries = queries.join(", ");
    match sql.strip_prefix("WITH ") {
        Some(more) => format!("WITH {queries}, {more}"),
        None => format!("WITH {queries} {sql}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_for_todays_schema_stays_as_it_is() {
        let sql = "SELECT 1 FROM keyctl.key k JOIN keyctl.secret s ON s.id = k.id";
        assert_eq!(Older::default().stand_in(sql, "keyctl"), sql);
        assert_eq!(Older::of(32).stand_in(sql, "keyctl"), sql);
    }

    #[test]
    fn what_is_missing_is_named_before_the_statement() {
        let stand_in = |sql| Older::of(6).stand_in(sql, "main").into_owned();
        let rows = STAND_INS.iter().find(|(_, table, _)| *table == "apollo").expect("there").2;
        assert_eq!(
            stand_in("SELECT 1 FROM keyctl.apollo WHERE EXISTS (SELECT 1 FROM keyctl.role)"),
            format!(
                "WITH apollo AS NOT MATERIALIZED ({rows}) SELECT 1 FROM apollo WHERE EXISTS (SELECT 1 FROM keyctl.role)"
            )
        );
        let more = stand_in("\n  WITH ours AS (SELECT 1) SELECT 1 FROM keyctl.apollo, ours");
        assert!(more.starts_with("WITH apollo AS ") && more.ends_with("FROM apollo, ours"), "{more}");
        assert!(more.contains("), ours AS (SELECT 1) SELECT"), "{more}");
    }

    #[test]
    fn a_name_that_goes_on_is_another_table() {
        assert_eq!(without_schema("FROM keyctl.key_role r", "key"), None);
        let both = without_schema("FROM keyctl.key_role r JOIN keyctl.key k", "key");
        assert_eq!(both.as_deref(), Some("FROM keyctl.key_role r JOIN key k"));
    }
}
