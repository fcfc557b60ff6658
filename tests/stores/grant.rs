//! `store grant`: what a role of PostgreSQL's may do, and nothing else.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::cli::Sandbox;
use crate::support::postgres;
use crate::support::store::Place;

const ROLES: [(&str, &[&str]); 11] = [
    ("matrix_plain", &[]),
    ("matrix_secrets", &["--secrets"]),
    ("matrix_serve", &["--for", "serve"]),
    ("matrix_all", &["--secrets", "--for", "serve"]),
    ("matrix_issue", &["--for", "issue"]),
    ("matrix_revoke", &["--for", "revoke"]),
    ("matrix_lease", &["--for", "lease"]),
    ("matrix_portal", &["--for", "portal"]),
    ("matrix_portal_issue", &["--for", "portal-issue"]),
    ("matrix_leaks", &["--for", "leaks"]),
    ("matrix_none", &["--none"]),
];

/// One line for each right of a role on a column, a table, a function or a schema.
const MATRIX: &str = "
    WITH roles AS (SELECT unnest(ARRAY[ROLES]) AS role),
    tables AS (
        SELECT c.oid, n.nspname || '.' || c.relname AS name FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'v', 'S') AND (n.nspname = 'keyctl' OR n.nspname = 'public')
    ),
    checked AS (
        SELECT role, name || '.' || a.attname AS what, verb,
            has_column_privilege(role, t.oid, a.attnum, verb) AS may
        FROM roles, tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped,
            unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) AS verb
        UNION ALL
        SELECT role, name, verb, has_table_privilege(role, t.oid, verb)
        FROM roles, tables t, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS verb
        UNION ALL
        SELECT role, 'schema ' || nspname, verb, has_schema_privilege(role, oid, verb)
        FROM roles, pg_namespace, unnest(ARRAY['USAGE', 'CREATE']) AS verb WHERE nspname = 'keyctl'
    )
    SELECT role || ' ' || what || ' ' || string_agg(verb, ',' ORDER BY verb) FROM checked WHERE may
    GROUP BY role, what
    UNION ALL
    SELECT role || ' checked ' || CASE WHEN COUNT(*) > 500 THEN 'all' ELSE 'too few' END FROM checked GROUP BY role
    ORDER BY 1";

fn roles() -> Sandbox {
    let sandbox = Sandbox::with_store(Place::postgres());
    for (role, _) in ROLES.iter().chain(&[("matrix_stranger", &[][..])]) {
        postgres::server().role(role);
    }
    sandbox
}

fn matrix(sandbox: &Sandbox) -> String {
    let names: Vec<String> = ROLES.iter().map(|(role, _)| format!("'{role}'")).collect();
    let sql = MATRIX.replace("ROLES", &(names.join(", ") + ", 'matrix_stranger'"));
    let database = sandbox.place.database.as_deref().expect("a database");
    postgres::server().psql(database, &sql).expect("the matrix") + "\n"
}

/// The view as a schema before 30 has it, and as it can be without losing what was granted of it.
const OF_NO_MOVES: &str = "CREATE OR REPLACE VIEW public.keyctl_store_v1 AS
    SELECT CAST(CAST(encode(store_uuid, 'hex') AS UUID) AS TEXT) AS store_uuid, CAST(1 AS BIGINT) AS view_version,
        encode(foreign_salt, 'hex') AS foreign_salt,
        CASE WHEN foreign_salt IS NULL THEN NULL ELSE 'argon2id$v=19$m=65536,t=3,p=4' END AS foreign_params,
        CAST(NULL AS TEXT) COLLATE \"C\" AS moved_to
    FROM keyctl.head";

const OF_NO_PORTAL: &str = "DROP TABLE canary, canary_sighting, leak_report, leak_sighting, mcp_device, mcp_sign_in, mcp_grant, mcp_client, portal_session, portal_seen, portal_suspension, claim";

#[test]
fn each_role_may_do_what_it_was_granted_and_nothing_else() {
    let sandbox = roles();
    for (role, flags) in ROLES {
        sandbox.ok(&[&["store", "grant", role], flags].concat());
    }
    let found = matrix(&sandbox);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stores/grant.txt");
    if std::env::var_os("KEYCTL_GENERATE").is_some() {
        fs::write(&path, &found).expect("written");
    }
    assert_eq!(found, fs::read_to_string(&path).expect("the matrix"), "KEYCTL_GENERATE=1 writes it anew");
}

#[test]
fn roles_of_before_there_were_trusts_may_read_them_after_a_migration() {
    let sandbox = roles();
    // There were no leases then, no portal and no intake, nor a role for them.
    let later = ["matrix_lease", "matrix_portal", "matrix_portal_issue", "matrix_leaks"];
    for (role, flags) in ROLES.iter().filter(|(role, _)| !later.contains(role)) {
        sandbox.ok(&[&["store", "grant", role], *flags].concat());
    }
    let granted = matrix(&sandbox);
    for sql in [
        "DROP VIEW public.keyctl_tokenless_v1, public.keyctl_trusts_v1",
        OF_NO_PORTAL,
        "ALTER TABLE key DROP made_by",
        "ALTER TABLE head DROP portal",
        OF_NO_MOVES,
        "ALTER TABLE head DROP moved_to, DROP moved_at, DROP moved_mark",
        "DROP FUNCTION lease_v1",
        "DROP TABLE notified, notify_hold, delivered, provisioned, manifest_hold, trust, oauth_lease, oauth_use, federated_secret, federation_key, federation, oauth_attempt, \
         oauth_envelope, oauth_credential",
        "ALTER TABLE head DROP max_expiry_seconds, DROP require_scope, DROP require_expiry, DROP max_live_keys, DROP prefixes",
        "DROP INDEX token_grace, secret_version_end",
        "DELETE FROM schema_migration WHERE version > 18",
    ] {
        sandbox.place.sql(sql).expect(sql);
    }
    assert_ne!(matrix(&sandbox), granted);
    sandbox.ok(&["store", "migrate"]);
    assert_eq!(matrix(&sandbox), granted);
    sandbox.ok(&["store", "check"]);
}

#[test]
fn a_role_of_before_leases_named_their_key_may_take_them_after_a_migration() {
    let sandbox = roles();
    let later = ["matrix_portal", "matrix_portal_issue", "matrix_leaks"];
    for (role, flags) in ROLES.iter().filter(|(role, _)| !later.contains(role)) {
        sandbox.ok(&[&["store", "grant", role], *flags].concat());
    }
    let granted = matrix(&sandbox);
    for sql in [
        OF_NO_MOVES,
        OF_NO_PORTAL,
        "ALTER TABLE key DROP made_by",
        "ALTER TABLE head DROP portal",
        "ALTER TABLE head DROP moved_to, DROP moved_at, DROP moved_mark",
        "DROP FUNCTION lease_v1",
        "ALTER TABLE oauth_lease DROP key_id",
        "ALTER TABLE head DROP max_expiry_seconds, DROP require_scope, DROP require_expiry, DROP max_live_keys, DROP prefixes",
        "DROP INDEX token_grace, secret_version_end",
        "DROP TABLE notified, notify_hold",
        "DELETE FROM schema_migration WHERE version > 25",
    ] {
        sandbox.place.sql(sql).expect(sql);
    }
    assert_ne!(matrix(&sandbox), granted);
    sandbox.ok(&["store", "migrate"]);
    assert_eq!(matrix(&sandbox), granted);
    sandbox.ok(&["store", "check"]);
}

#[test]
fn roles_of_before_the_front_door_may_what_is_new_after_a_migration() {
    let sandbox = roles();
    for (role, flags) in ROLES {
        sandbox.ok(&[&["store", "grant", role], flags].concat());
    }
    let granted = matrix(&sandbox);
    for sql in [
        "ALTER TABLE mcp_client DROP device",
        "ALTER TABLE mcp_sign_in DROP refreshes",
        "ALTER TABLE mcp_device DROP refreshes, DROP asked_from",
        "DROP INDEX claim_made_by, claim_end, portal_session_end",
        "REVOKE SELECT (id, made_by) ON claim FROM matrix_revoke, matrix_leaks",
        "REVOKE DELETE ON claim, portal_session, portal_seen FROM matrix_portal, matrix_portal_issue",
        "DELETE FROM schema_migration WHERE version >= 38",
    ] {
        sandbox.place.sql(sql).expect(sql);
    }
    assert_ne!(matrix(&sandbox), granted);
    sandbox.ok(&["store", "migrate"]);
    assert_eq!(matrix(&sandbox), granted);
    sandbox.ok(&["store", "check"]);
}

#[test]
fn a_grant_says_all_that_a_role_may_do_and_none_takes_it_away() {
    let sandbox = roles();
    let rights = |matrix: &str| {
        let mut of_role: BTreeMap<String, usize> = BTreeMap::new();
        for line in matrix.lines().filter(|line| !line.contains(" checked ")) {
            *of_role.entry(line.split(' ').next().expect("a role").to_owned()).or_default() += 1;
        }
        of_role.get("matrix_all").copied().unwrap_or_default()
    };
    let before = rights(&matrix(&sandbox));
    assert_eq!(before, 0);
    sandbox.ok(&["store", "grant", "matrix_all", "--secrets", "--for", "serve", "--dry-run"]);
    assert_eq!(rights(&matrix(&sandbox)), 0, "a rehearsal");
    sandbox.ok(&["store", "grant", "matrix_all", "--secrets", "--for", "serve"]);
    let most = rights(&matrix(&sandbox));
    sandbox.ok(&["store", "grant", "matrix_all"]);
    let fewer = rights(&matrix(&sandbox));
    assert!(0 < fewer && fewer < most, "{fewer} {most}");
    sandbox.ok(&["store", "grant", "matrix_all", "--none"]);
    assert_eq!(rights(&matrix(&sandbox)), 0);
    let records = sandbox.json(&["audit", "list", "--action", "store.grant"]);
    assert_eq!(records.as_array().expect("records").len(), 3, "{records}");
}

#[test]
fn what_a_role_can_do_by_other_ways_is_said() {
    let sandbox = roles();
    let database = sandbox.place.database.as_deref().expect("a database");
    let sql = "CREATE ROLE matrix_group; CREATE ROLE matrix_member IN ROLE matrix_group;
        CREATE ROLE matrix_keeper NOINHERIT IN ROLE keeper";
    postgres::server().psql(database, sql).expect("roles");
    let ran = sandbox.run(&["store", "grant", "matrix_group", "--secrets"]).expect_code(0);
    assert!(!ran.stderr.contains("all the same"), "{}", ran.stderr);
    let ran = sandbox.run(&["store", "grant", "matrix_member", "--none"]).expect_code(0);
    assert!(ran.stderr.contains("matrix_member can use keyctl_bindings_v1"), "{}", ran.stderr);
    let ran = sandbox.run(&["store", "grant", "matrix_keeper"]).expect_code(4);
    assert!(ran.stderr.contains("may do everything already"), "{}", ran.stderr);
}

/// Not by what the catalogs say, but by trying.
#[test]
fn a_role_reads_its_views_and_is_refused_the_rest() {
    let sandbox = roles();
    sandbox.ok(&["mint", "alice", "--scope", "memories"]);
    sandbox.ok(&["store", "grant", "matrix_plain"]);
    let database = sandbox.place.database.as_deref().expect("a database");
    let tries = |sql: &str| {
        let sql = format!("SET ROLE matrix_plain; SET search_path = public; {sql}");
        postgres::server()
            .psql(database, &sql)
            .map_err(|error| error.contains("permission denied") || error.contains("cannot update"))
    };
    assert_eq!(tries("SELECT owner, state FROM keyctl_tokens_v1"), Ok("alice|active".to_owned()));
    assert!(tries("SELECT mark FROM keyctl_changes_v1").is_ok_and(|mark| mark.starts_with("1-")));
    assert!(tries("SELECT store_uuid FROM keyctl_store_v1").is_ok());
    for sql in [
        "SELECT * FROM keyctl_secrets_v1",
        "SELECT * FROM keyctl_bindings_v1",
        "SELECT * FROM keyctl.token",
        "SELECT * FROM keyctl.audit",
        "UPDATE keyctl_tokens_v1 SET state = 'active'",
        "DELETE FROM keyctl.token",
        "UPDATE keyctl.head SET mark_counter = 0",
        "CREATE TABLE keyctl.mine (a INT)",
    ] {
        assert_eq!(tries(sql), Err(true), "{sql}");
    }
    let address = postgres::server().address(database).replace(
        &format!("{}@", postgres::USER),
        &format!("matrix_plain:{}@", postgres::PASSWORD.replace(' ', "%20")),
    );
    let reader = keyctl::runtime::Reader::open(&address, keyctl::runtime::Options::default()).expect("opens");
    let asked = keyctl::runtime::Asked::default();
    assert_eq!(crate::runtime::word(reader.verify(&"A1b2".repeat(9), &asked)), "UNAUTHORIZED malformed");
}

/// The address of a role.
fn address_of(sandbox: &Sandbox, role: &str) -> String {
    let database = sandbox.place.database.as_deref().expect("a database");
    let own = format!("{role}:{}@", postgres::PASSWORD.replace(' ', "%20"));
    postgres::server().address(database).replace(&format!("{}@", postgres::USER), &own)
}

#[test]
fn a_role_for_revoking_revokes_and_is_refused_every_other_change() {
    let sandbox = roles();
    sandbox.ok(&["mint", "alice/ci", "--scope", "memories"]);
    sandbox.ok(&["mint", "alice/child", "--parent", "alice/ci", "--scope", "memories"]);
    sandbox.ok(&["mint", "bob", "--scope", "memories"]);
    let granted = sandbox.json(&["store", "grant", "matrix_revoke", "--for", "revoke"]);
    assert_eq!(granted["rights"], serde_json::json!(["revoke"]));
    let address = address_of(&sandbox, "matrix_revoke");
    let run = |args: &[&str]| sandbox.run(&[args, &["--store", &address]].concat());
    let ran = run(&["revoke", "alice/ci", "--reason", "leaked"]).expect_code(0);
    assert!(ran.stderr.contains("revoked alice/ci"), "{}", ran.stderr);
    run(&["revoke", "nobody"]).expect_code(3);
    for args in [
        &["mint", "carol", "--scope", "memories"][..],
        &["rotate", "bob"],
        &["edit", "bob", "--expires", "30d"],
        &["scope", "add", "bob", "files"],
        &["suspend", "bob"],
        &["owner", "disable", "bob", "--yes"],
        &["owner", "set", "bob", "--quota", "1/day"],
        &["role", "set", "reader", "--scope", "m"],
    ] {
        let ran = run(args).expect_code(7);
        assert!(ran.stderr.contains("permission denied"), "{args:?}: {}", ran.stderr);
    }
    assert_eq!(sandbox.json(&["show", "bob"])["state"], "active");
    assert_eq!(sandbox.json(&["show", "alice/child"])["state"], "revoked");
    let last = sandbox.json(&["audit", "list", "--action", "revoke"]);
    assert_eq!(last[0]["record"]["actor"]["session_user"], "matrix_revoke");
    sandbox.ok(&["store", "check"]);
}

#[test]
fn who_cannot_be_granted_anything_is_told_so() {
    let sandbox = roles();
    for (args, code, says) in [
        (&["no_such_role"][..], 3, "error: the server has no role no_such_role"),
        (&[postgres::USER], 4, "may do everything already"),
        (&["x; DROP TABLE token"], 3, "has no role x; DROP TABLE token"),
        (&["--group", "daemon"], 2, "knows no groups of this system"),
        (&["--none"], 2, "name a role of the server"),
        (&[], 2, "required"),
        (&["matrix_plain", "--none", "--secrets"], 2, "cannot be used with"),
        (&["matrix_plain", "--for", "nginx"], 2, "revoke"),
    ] {
        let ran = sandbox.run(&[&["store", "grant"], args].concat()).expect_code(code);
        assert!(ran.stderr.contains(says), "{args:?}: {}", ran.stderr);
    }
    let sandbox = Sandbox::with_store(Place::sqlite());
    let ran = sandbox.run(&["store", "grant", "matrix_plain"]).expect_code(2);
    assert!(ran.stderr.contains("a SQLite file knows no roles"), "{}", ran.stderr);
    let ran = sandbox.run(&["store", "grant", "--group", "no-such-group"]).expect_code(3);
    assert!(ran.stderr.contains("groupadd no-such-group"), "{}", ran.stderr);
}
