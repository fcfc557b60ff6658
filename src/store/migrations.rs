//! The numbered steps from an empty database to today's schema. Append-only: a step that
//! was released never changes.

/// One step, written for each of the two databases.
pub(crate) struct Migration {
    pub(crate) version: i64,
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

macro_rules! migration {
    ($version:literal, $name:literal) => {
        Migration {
            version: $version,
            sqlite: include_str!(concat!("migrations/", $name, ".sqlite.sql")),
            postgres: include_str!(concat!("migrations/", $name, ".postgres.sql")),
        }
    };
}

const ALL: [Migration; 38] = [
    migration!(1, "0001_core"),
    migration!(2, "0002_runtime_views"),
    migration!(3, "0003_roles_and_children"),
    migration!(4, "0004_runtime_views_of_children"),
    migration!(5, "0005_provider_secrets"),
    migration!(6, "0006_runtime_views_of_secrets"),
    migration!(7, "0007_apollo"),
    migration!(8, "0008_use_and_labels"),
    migration!(9, "0009_change_nonces"),
    migration!(10, "0010_runtime_view_of_change_nonces"),
    migration!(11, "0011_planned_look_up"),
    migration!(12, "0012_subjects"),
    migration!(13, "0013_runtime_view_of_subjects"),
    migration!(14, "0014_serve"),
    migration!(15, "0015_views_of_serve"),
    migration!(16, "0016_short_lived_tokens"),
    migration!(17, "0017_views_of_short_lived_tokens"),
    migration!(18, "0018_rights_to_short_lived_tokens"),
    migration!(19, "0019_trusts"),
    migration!(20, "0020_views_of_trusts"),
    migration!(21, "0021_rights_to_trusts"),
    migration!(22, "0022_credentials"),
    migration!(23, "0023_federations"),
    migration!(24, "0024_leases"),
    migration!(25, "0025_provisioning"),
    migration!(26, "0026_lease_at_once"),
    migration!(27, "0027_ends_of_suspensions"),
    migration!(28, "0028_policy"),
    migration!(29, "0029_expiring"),
    migration!(30, "0030_moved"),
    migration!(31, "0031_runtime_views_of_ends_and_moves"),
    migration!(32, "0032_portal"),
    migration!(33, "0033_mcp"),
    migration!(34, "0034_mcp_device"),
    migration!(35, "0035_leak_reports"),
    migration!(36, "0036_canaries"),
    migration!(37, "0037_rights_to_canaries"),
    migration!(38, "0038_front_door"),
];

/// The schema that this keyctl writes.
pub const LATEST: i64 = ALL[ALL.len() - 1].version;

/// The oldest schema that commands which change nothing can read.
pub(crate) const OLDEST_READABLE: i64 = 1;

/// The steps that a schema of this version lacks.
pub(crate) fn after(version: i64) -> impl Iterator<Item = &'static Migration> {
    ALL.iter().filter(move |migration| migration.version > version)
}

/// An index that a step makes.
#[cfg(feature = "cli")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Index {
    pub(crate) name: &'static str,
    /// Of which table, without a schema.
    pub(crate) table: &'static str,
    /// The statement, as it stands there.
    pub(crate) sql: &'static str,
}

/// The indexes that have a statement of their own in one of the two texts of the steps. Those of primary keys and unique columns
/// are made with their tables, and are none of these.
#[cfg(feature = "cli")]
pub(crate) fn indexes(text: fn(&Migration) -> &'static str) -> Vec<Index> {
    let mut all: Vec<Index> = Vec::new();
    for statement in ALL.iter().flat_map(|step| text(step).split_inclusive(';')) {
        // Comments stand before it.
        let begin = statement.rfind("\nCREATE ").map_or(0, |end| end + 1);
        let sql = statement[begin..].trim_end_matches(';');
        let Some(named) =
            sql.strip_prefix("CREATE INDEX ").or_else(|| sql.strip_prefix("CREATE UNIQUE INDEX "))
        else {
            continue;
        };
        let mut words = named.split([' ', '\n', '(']);
        let (Some(name), Some("ON"), Some(table)) = (words.next(), words.next(), words.next()) else {
            continue;
        };
        let table = table.trim_start_matches("keyctl.");
        // A table that a later step made anew got its indexes once more.
        all.retain(|index| index.name != name);
        all.push(Index { name, table, sql });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a store is mended by is what made it.
    #[cfg(feature = "cli")]
    #[test]
    fn every_index_has_the_statement_that_makes_it() {
        let connection = rusqlite::Connection::open_in_memory().expect("a database");
        for migration in &ALL {
            connection.execute_batch(migration.sqlite).expect("a schema");
        }
        let sql = "SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name";
        let mut statement = connection.prepare(sql).expect("a query");
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).expect("rows");
        let there: Vec<(String, String, String)> = rows.collect::<Result<_, _>>().expect("rows");
        let mut ours: Vec<_> = indexes(|step| step.sqlite)
            .into_iter()
            .map(|index| (index.name.to_owned(), index.table.to_owned(), index.sql.to_owned()))
            .collect();
        ours.sort();
        assert_eq!(ours, there);

        let objects = include_str!("migrations/objects.postgres.txt");
        // PostgreSQL's own name of what a constraint has made.
        let of_constraints: Vec<String> = objects
            .lines()
            .filter_map(|line| {
                line.strip_prefix("constraint keyctl.")?.strip_suffix(')')?.split_once(" UNIQUE (")
            })
            .map(|(table, columns)| format!("{table}_{}_key", columns.replace(", ", "_")))
            .collect();
        let mut named: Vec<(&str, &str)> = objects
            .lines()
            .filter_map(|line| line.strip_prefix("index CREATE "))
            .map(|line| line.trim_start_matches("UNIQUE ").trim_start_matches("INDEX "))
            .filter_map(|line| line.split_once(" ON keyctl."))
            .map(|(name, rest)| (name, rest.split(' ').next().unwrap_or_default()))
            .filter(|(name, _)| !name.ends_with("_pkey") && !of_constraints.iter().any(|of| of == name))
            .collect();
        named.sort_unstable();
        let mut ours: Vec<_> =
            indexes(|step| step.postgres).into_iter().map(|index| (index.name, index.table)).collect();
        ours.sort_unstable();
        assert_eq!(ours, named);
    }

    #[test]
    fn migrations_are_numbered_without_gaps() {
        let versions: Vec<i64> = ALL.iter().map(|migration| migration.version).collect();
        assert_eq!(versions, (1..=LATEST).collect::<Vec<_>>());
    }
}
