//! What a role of the database's may do: exactly what it is given here.
//!
//! Names cannot be parameters of GRANT, so the server itself writes the statements, with its
//! own quoting.

use super::Store;
use super::changing::Changing;
use super::error::{Error, Result};
use super::session::Value;
use super::sqlite::{self, File};
use super::tx::Tx;
use crate::domain::stores::privileges::Privileges;

/// A role as the server knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerRole {
    /// It owns the store, or is a superuser: nothing can be given to it or taken away.
    pub has_all: bool,
    /// Whether it can reach the views at all.
    pub reaches_views: bool,
}

const TOKENS_VIEWS: [&str; 7] = [
    "keyctl_tokens_v1",
    "keyctl_store_v1",
    "keyctl_changes_v1",
    "keyctl_signing_keys_v1",
    "keyctl_key_versions_v1",
    "keyctl_jwt_v1",
    "keyctl_tokenless_v1",
];
const SECRETS_VIEWS: [&str; 2] = ["keyctl_bindings_v1", "keyctl_secrets_v1"];

const ISSUED: [&str; 2] = ["keyctl_signers_v1", "keyctl_trusts_v1"];

const SERVED: [&str; 12] = [
    "keyctl_serve_v1",
    "keyctl_key_roles_v1",
    "keyctl_scopes_v1",
    "key_use",
    "token_use",
    "key_day",
    "quota_spent",
    "would_deny",
    "disclosure",
    "serve_claim",
    "canary",
    "canary_sighting",
];

/// What is taken first, so that nothing is left of an earlier grant.
const TAKEN: [&str; 6] = [
    "REVOKE ALL ON public.keyctl_tokens_v1, public.keyctl_store_v1, public.keyctl_changes_v1,
        public.keyctl_bindings_v1, public.keyctl_secrets_v1 FROM %I",
    "REVOKE ALL ON public.keyctl_serve_v1, public.keyctl_key_roles_v1, public.keyctl_scopes_v1 FROM %I",
    "REVOKE ALL ON public.keyctl_signing_keys_v1, public.keyctl_key_versions_v1, public.keyctl_jwt_v1,
        public.keyctl_signers_v1, public.keyctl_tokenless_v1, public.keyctl_trusts_v1 FROM %I",
    "REVOKE ALL ON FUNCTION public.keyctl_look_v1(text), public.keyctl_look_v2(text) FROM %I",
    "REVOKE ALL ON ALL TABLES IN SCHEMA keyctl FROM %I",
    "REVOKE ALL ON SCHEMA keyctl FROM %I",
];

/// The functions read these views as whoever calls it.
const TOKENS: [&str; 3] = [
    "GRANT SELECT ON public.keyctl_tokens_v1, public.keyctl_store_v1, public.keyctl_changes_v1 TO %I",
    "GRANT SELECT ON public.keyctl_signing_keys_v1, public.keyctl_key_versions_v1, public.keyctl_jwt_v1,
        public.keyctl_tokenless_v1 TO %I",
    "GRANT EXECUTE ON FUNCTION public.keyctl_look_v1(text), public.keyctl_look_v2(text) TO %I",
];

/// The key that signs, sealed, and whose tokens are taken in place of a key.
const ISSUE: [&str; 1] = ["GRANT SELECT ON public.keyctl_signers_v1, public.keyctl_trusts_v1 TO %I"];

const SECRETS: [&str; 1] = ["GRANT SELECT ON public.keyctl_bindings_v1, public.keyctl_secrets_v1 TO %I"];

/// Recording use moves no mark and writes no record, so that is all there is to write. Privileges on
/// columns only: with one to the whole table, a role could lock all of it against readers.
const USE_OF_KEYS: [&str; 11] = [
    "GRANT SELECT ON public.keyctl_serve_v1, public.keyctl_key_roles_v1, public.keyctl_scopes_v1 TO %I",
    "GRANT USAGE ON SCHEMA keyctl TO %I",
    "GRANT SELECT (key_id, last_used_at), INSERT (key_id, last_used_at), UPDATE (last_used_at)
        ON keyctl.key_use TO %I",
    "GRANT SELECT (token_id, first_used_at, last_used_at, last_address),
        INSERT (token_id, first_used_at, last_used_at, last_address),
        UPDATE (first_used_at, last_used_at, last_address) ON keyctl.token_use TO %I",
    "GRANT SELECT (day, key_id, allowed, denied), INSERT (day, key_id, allowed, denied), UPDATE (allowed, denied)
        ON keyctl.key_day TO %I",
    "GRANT SELECT (subject_kind, subject_id, period, spent), INSERT (subject_kind, subject_id, period, spent),
        UPDATE (spent) ON keyctl.quota_spent TO %I",
    "GRANT SELECT (day, policy, reason, count), INSERT (day, policy, reason, count), UPDATE (count)
        ON keyctl.would_deny TO %I",
    "GRANT SELECT (secret_id, version, key_id, asked_by, count, first_at, last_at),
        INSERT (secret_id, version, key_id, asked_by, count, first_at, last_at),
        UPDATE (count, first_at, last_at) ON keyctl.disclosure TO %I",
    "GRANT SELECT (instance, store, seq, at), INSERT (instance, store, seq, at), UPDATE (store, seq, at)
        ON keyctl.serve_claim TO %I",
    "GRANT SELECT (key_id) ON keyctl.canary TO %I",
    "GRANT SELECT (key_id, hour, address, path, count, last_at),
        INSERT (key_id, hour, address, path, token_id, count, first_at, last_at), UPDATE (count, last_at)
        ON keyctl.canary_sighting TO %I",
];

/// In which ways a role may change the store.
fn changing(privileges: Privileges) -> impl Iterator<Item = Changing> {
    let ways = [
        (privileges.revoke, Changing::Revoke),
        (privileges.lease, Changing::Lease),
        (privileges.portal, Changing::Portal),
        (privileges.portal_issue, Changing::PortalIssue),
        (privileges.leaks, Changing::Leaks),
    ];
    ways.into_iter().filter_map(|(may, way)| may.then_some(way))
}

impl Tx<'_> {
    /// What the server knows of a role; `None` if there is none of that name.
    pub fn server_role(&mut self, role: &str) -> Result<Option<ServerRole>> {
        let mut found = None;
        self.session.query(
            "SELECT CAST(CAST(r.rolsuper OR pg_catalog.pg_has_role(r.oid, c.relowner, 'MEMBER') AS INT) AS BIGINT),
                CAST(CAST(pg_catalog.has_schema_privilege(r.oid, 'public', 'USAGE') AS INT) AS BIGINT)
             FROM pg_catalog.pg_roles r, pg_catalog.pg_class c
             WHERE r.rolname = $1 AND c.oid = to_regclass('keyctl.head')"
                .into(),
            &[role.into()],
            &mut |row| {
                let cells = row.of("pg_roles");
                found = Some(ServerRole { has_all: cells.int(0)? != 0, reaches_views: cells.int(1)? != 0 });
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// What of the store a role can read that it was not given here: through another role that it
    /// is in, or as everybody.
    pub fn other_privileges(&mut self, role: &str, given: Privileges) -> Result<Vec<String>> {
        let mut found = Vec::new();
        let changes = changing(given);
        let given = [
            (given.tokens, &TOKENS_VIEWS[..]),
            (given.secrets, &SECRETS_VIEWS),
            (given.use_of_keys, &SERVED),
            (given.issue, &ISSUED),
        ];
        let given: Vec<&str> = given
            .into_iter()
            .filter(|(given, _)| *given)
            .flat_map(|(_, names)| names.iter().copied())
            .chain(changes.flat_map(Changing::tables))
            .collect();
        self.session.query(
            "SELECT CAST(c.relname AS TEXT) FROM pg_catalog.pg_class c
             JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE (n.nspname = 'keyctl' AND c.relkind IN ('r', 'v')
                    OR n.nspname = 'public' AND c.relname LIKE 'keyctl\\_%\\_v_' AND c.relkind = 'v')
                AND pg_catalog.has_any_column_privilege($1, c.oid, 'SELECT, INSERT, UPDATE')
             ORDER BY 1"
                .into(),
            &[role.into()],
            &mut |row| {
                let name = row.of("pg_class").text(0)?.to_owned();
                if !given.contains(&name.as_str()) {
                    found.push(name);
                }
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// Gives a role these privileges, and no others.
    pub fn set_privileges(&mut self, role: &str, privileges: Privileges) -> Result<()> {
        let given = [
            (true, &TAKEN[..]),
            (privileges.tokens, &TOKENS),
            (privileges.secrets, &SECRETS),
            (privileges.use_of_keys, &USE_OF_KEYS),
            (privileges.issue, &ISSUE),
        ];
        let wanted = given.into_iter().filter(|(wanted, _)| *wanted).flat_map(|(_, statements)| statements);
        let wanted = wanted.map(|statement| (*statement).to_owned());
        for statement in wanted.chain(changing(privileges).flat_map(Changing::grants)) {
            let quoted = self.quoted(&statement, role)?;
            self.session.script(&quoted)?;
        }
        Ok(())
    }

    /// A statement with a name in the place of `%I`.
    fn quoted(&mut self, statement: &str, name: &str) -> Result<String> {
        let mut quoted = None;
        let values: [Value; 2] = [statement.into(), name.into()];
        self.session.query("SELECT format($1, $2)".into(), &values, &mut |row| {
            quoted = Some(row.of("format").text(0)?.to_owned());
            Ok(())
        })?;
        quoted.ok_or_else(|| Error::Database("the server does not quote names".into()))
    }
}

impl Store {
    /// Takes back from a group that a SQLite file may be read by what a volume's mount let it do
    /// more, so that the store can be opened to record the right.
    pub fn take_back(file: &File, group: u32) -> Result<()> {
        sqlite::take_back(file, group)
    }

    /// Lets the users of a group read a SQLite file, or with `None` nobody but its owner. Returns
    /// whether its folder was opened or closed with it, which one that holds other things is not.
    pub fn share(file: &File, group: Option<u32>) -> Result<bool> {
        sqlite::share_with(file, group)
    }
}
