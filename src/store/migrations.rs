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

const ALL: [Migration; 24] = [
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
];

/// The schema that this keyctl writes.
pub const LATEST: i64 = ALL[ALL.len() - 1].version;

/// The oldest schema that commands which change nothing can read.
pub(crate) const OLDEST_READABLE: i64 = 1;

/// The steps that a schema of this version lacks.
pub(crate) fn after(version: i64) -> impl Iterator<Item = &'static Migration> {
    ALL.iter().filter(move |migration| migration.version > version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_numbered_without_gaps() {
        let versions: Vec<i64> = ALL.iter().map(|migration| migration.version).collect();
        assert_eq!(versions, (1..=LATEST).collect::<Vec<_>>());
    }
}
