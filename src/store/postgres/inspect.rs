//! What `store status` and `store check` learn from the server's catalogs.

use std::collections::BTreeSet;

use super::session::PostgresSession;
use crate::store::error::Result;
use crate::store::session::{Fact, FactValue, Session};
use crate::store::{apollo, migrations};

/// One line for each column, constraint, index, trigger, rule, policy and function of
/// ours, as a store made by the migrations has them. A test compares it with a new store.
pub(super) const EXPECTED: &str = include_str!("../migrations/objects.postgres.txt");

/// The lines of the database at hand. Other objects in `public` are the user's own.
const OBJECTS: &str = "
    WITH ours AS (
        SELECT c.oid, n.nspname || '.' || c.relname AS name, c.relkind, c.relrowsecurity
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE (n.nspname = 'keyctl' AND c.relkind IN ('r', 'v', 'm', 'p', 'f'))
           OR (n.nspname = 'public' AND c.relname LIKE 'keyctl\\_%\\_v_' AND c.relkind = 'v')
           OR (n.nspname = 'public' AND c.relname = 'lightning_clients' AND c.relkind = 'v'
               AND EXISTS (SELECT 1 FROM keyctl.apollo))
    )
    SELECT 'column ' || o.name || '.' || a.attname || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod)
        || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
        || COALESCE(' default ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid), '')
    FROM ours o JOIN pg_catalog.pg_attribute a ON a.attrelid = o.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = o.oid AND d.adnum = a.attnum
    UNION ALL
    SELECT 'constraint ' || o.name || ' ' || pg_catalog.pg_get_constraintdef(k.oid)
    FROM ours o JOIN pg_catalog.pg_constraint k ON k.conrelid = o.oid WHERE k.contype <> 'n'
    UNION ALL
    SELECT 'index ' || pg_catalog.pg_get_indexdef(i.indexrelid)
    FROM ours o JOIN pg_catalog.pg_index i ON i.indrelid = o.oid WHERE i.indisvalid
    UNION ALL
    SELECT 'trigger ' || o.name || ' ' || t.tgname
    FROM ours o JOIN pg_catalog.pg_trigger t ON t.tgrelid = o.oid WHERE NOT t.tgisinternal
    UNION ALL
    SELECT 'rule ' || o.name || ' ' || r.rulename
    FROM ours o JOIN pg_catalog.pg_rewrite r ON r.ev_class = o.oid WHERE r.rulename <> '_RETURN'
    UNION ALL
    SELECT 'policy ' || o.name || ' ' || p.polname
    FROM ours o JOIN pg_catalog.pg_policy p ON p.polrelid = o.oid
    UNION ALL
    SELECT 'row security ' || o.name FROM ours o WHERE o.relrowsecurity
    UNION ALL
    SELECT 'function ' || n.nspname || '.' || p.proname || '(' || pg_catalog.oidvectortypes(p.proargtypes) || ') '
        || md5(p.prosrc) || CASE WHEN p.prosecdef THEN ' security definer' ELSE '' END
        || COALESCE(' set ' || pg_catalog.array_to_string(p.proconfig, ', '), '')
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = 'keyctl' OR (n.nspname = 'public' AND p.proname LIKE 'keyctl\\_%\\_v_')
    ORDER BY 1";

/// `tls` is this connection's own, as the address asks for it; `server_tls` what the server sees,
/// which is a pooler's connection where one stands between.
pub(super) fn facts(session: &mut PostgresSession) -> Result<Vec<Fact>> {
    let mut facts = Vec::new();
    let location = session.location.clone();
    let own = session.encryption();
    session.query(
        "SELECT current_setting('server_version'), current_setting('synchronous_standby_names'),
            COALESCE((SELECT version FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid() AND ssl), 'none'),
            pg_database_size(current_database()),
            (SELECT COUNT(*) FROM pg_catalog.pg_stat_replication
             WHERE COALESCE(sync_state, 'sync') IN ('sync', 'quorum'))"
            .into(),
        &[],
        &mut |row| {
            let cells = row.of("server");
            let standby = cells.text(1)?;
            let standby = if standby.is_empty() { "none" } else { standby };
            facts = vec![
                ("product", format!("PostgreSQL {}", cells.text(0)?).into()),
                ("location", location.clone().into()),
                ("tls", own.to_owned().into()),
                ("server_tls", cells.text(2)?.to_owned().into()),
                ("synchronous_standby", standby.to_owned().into()),
                // A role that may not see what others do counts every one that is connected.
                ("synchronous_standbys_connected", FactValue::Number(cells.int(4)?)),
                ("bytes", FactValue::Number(cells.int(3)?)),
            ];
            Ok(())
        },
    )?;
    Ok(facts)
}

/// In a transaction that is taken back, so that nothing is left behind in a session, also where
/// the database is frozen: what the server prints of an object, and which tables the migrations
/// mean, depends on the search path.
pub(super) fn foreign_objects(session: &mut PostgresSession) -> Result<Vec<String>> {
    session.begin_looking("SET LOCAL search_path = keyctl, pg_temp")?;
    let compared = compare(session);
    session.rollback();
    compared
}

fn compare(session: &mut PostgresSession) -> Result<Vec<String>> {
    let mut found = BTreeSet::new();
    session.query(OBJECTS.into(), &[], &mut |row| {
        found.insert(row.of("pg_catalog").text(0)?.to_owned());
        Ok(())
    })?;
    let view = apollo::expected_view(session)?.map(|(columns, _)| columns).unwrap_or_default();
    let expected: BTreeSet<String> =
        EXPECTED.lines().chain(view.iter().copied()).map(str::to_owned).collect();
    let missing = expected.difference(&found).map(|line| format!("{line} is missing"));
    let foreign = found.difference(&expected).map(|line| format!("{line} is not keyctl's"));
    let mut differences: Vec<String> = missing.chain(foreign).collect();
    differences.extend(altered_views(session)?);
    Ok(differences)
}

/// What PostgreSQL 13 makes of `EXTRACT`: this function, which newer ones keep apart from it. So a view that
/// came here in the dump of a 13 means the same, and is another one in the server's words, for good.
const OF_13: (&str, &str) =
    ("EXTRACT(EPOCH FROM clock_timestamp())", "date_part('epoch', clock_timestamp())");

/// Views whose bodies are not as the migrations wrote them, be it on this server or on an older one.
fn altered_views(session: &mut PostgresSession) -> Result<Vec<String>> {
    let views = temporary_views(session)?;
    let mut altered = differing(session, &views)?;
    if !altered.is_empty() {
        let views: Vec<String> = views.iter().map(|sql| sql.replace(OF_13.0, OF_13.1)).collect();
        let there = differing(session, &views)?;
        altered.retain(|name| there.contains(name));
    }
    Ok(altered.iter().map(|name| format!("view {name} is not as keyctl made it")).collect())
}

/// The views of the migrations, as temporary ones.
fn temporary_views(session: &mut PostgresSession) -> Result<Vec<String>> {
    const HERE: &str = "VIEW public.";
    let migrations = migrations::after(0).map(|migration| migration.postgres);
    let view = apollo::expected_view(session)?.map(|(_, sql)| sql);
    let views = migrations.filter(|sql| sql.contains(HERE)).chain(view);
    Ok(views.map(|sql| sql.replace(HERE, "TEMPORARY VIEW ")).collect())
}

/// The names of those that differ from what is there. The server prints a body in its own words, which differ
/// between versions, so ours are made beside them for the comparison, and taken back.
fn differing(session: &mut PostgresSession, views: &[String]) -> Result<Vec<String>> {
    session.script("SAVEPOINT beside")?;
    views.iter().try_for_each(|sql| session.script(sql))?;
    let mut names = Vec::new();
    session.query(
        "SELECT ours.relname::text FROM pg_catalog.pg_class ours
         JOIN pg_catalog.pg_class found ON found.relname = ours.relname
            AND found.relnamespace = to_regnamespace('public')
         WHERE ours.relnamespace = pg_my_temp_schema() AND ours.relkind = 'v'
            AND (pg_catalog.pg_get_viewdef(ours.oid) <> pg_catalog.pg_get_viewdef(found.oid)
                OR ours.reloptions IS DISTINCT FROM found.reloptions)
         ORDER BY 1"
            .into(),
        &[],
        &mut |row| {
            names.push(row.of("pg_catalog").text(0)?.to_owned());
            Ok(())
        },
    )?;
    session.script("ROLLBACK TO SAVEPOINT beside")?;
    Ok(names)
}
