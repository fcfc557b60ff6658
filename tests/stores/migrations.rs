//! Older and newer schemas.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use keyctl::store::{Access, Error, LATEST_SCHEMA, Store};

use crate::support::library::{minted, request};
use crate::support::store::{Place, options};
use crate::support::{both, postgres};

/// Makes a store as the first schema was, by its own migration, with nothing in it.
pub fn make_schema_1(place: &Place) {
    let head = "INSERT INTO head VALUES (1, {uuid}, 1700000000000, 'sks', 7776000, 0, '0000000000000000', 0, {zeros});";
    if let Some(name) = &place.database {
        let tables = include_str!("../../src/store/migrations/0001_core.postgres.sql");
        let head = head
            .replace("{uuid}", "decode(repeat('07', 16), 'hex')")
            .replace("{zeros}", "decode(repeat('00', 32), 'hex')");
        let tables =
            tables.replacen("CREATE SCHEMA keyctl;", "CREATE SCHEMA keyctl; SET search_path = keyctl;", 1);
        let version = "INSERT INTO schema_migration VALUES (1, now_ms());";
        postgres::server().psql(name, &format!("{tables}{head}{version}")).expect("schema 1");
        return;
    }
    let connection = rusqlite::Connection::open(place.file()).expect("created");
    fs::set_permissions(place.file(), fs::Permissions::from_mode(0o600)).expect("mode");
    let tables = include_str!("../../src/store/migrations/0001_core.sqlite.sql");
    let head =
        head.replace("{uuid}", "X'07070707070707070707070707070707'").replace("{zeros}", "zeroblob(32)");
    let identity = "PRAGMA application_id = 0x6B63746C; PRAGMA user_version = 1; PRAGMA journal_mode = WAL;";
    connection.execute_batch(&format!("{tables}{head}{identity}")).expect("schema 1");
}

fn backups(place: &Place) -> Vec<std::path::PathBuf> {
    let mut found: Vec<_> = fs::read_dir(place.folder.path())
        .expect("folder")
        .map(|entry| entry.expect("entry").path())
        .filter(|path| path.to_string_lossy().contains(".backup-"))
        .collect();
    found.sort();
    found
}

both!(an_older_schema_can_be_read, |place| {
    make_schema_1(&place);
    let mut store = Store::open(&place.location(), Access::Read, options()).expect("opens");
    assert_eq!(store.schema(), 1);
    assert_eq!(store.keys(&keyctl::store::Page { limit: 20, ..Default::default() }).expect("keys"), []);
});

both!(a_newer_schema_is_refused_and_left_as_it_is, |place| {
    place.init();
    let newer = LATEST_SCHEMA + 1;
    let raise = match place.database {
        Some(_) => format!("INSERT INTO schema_migration VALUES ({newer}, 0)"),
        None => format!("PRAGMA user_version = {newer}"),
    };
    place.sql(&raise).expect("raised");
    for access in [Access::Read, Access::Change] {
        let refused = Store::open(&place.location(), access, options()).err().expect("refused");
        assert!(matches!(refused, Error::Newer { found, .. } if found == newer), "{refused}");
    }
    let refused =
        Store::open_any_schema(&place.location(), Access::Change, options()).err().expect("refused");
    assert!(matches!(refused, Error::Newer { .. }), "{refused}");
});

both!(a_migrated_store_is_as_a_new_one, |place| {
    make_schema_1(&place);
    let mut store = Store::open_any_schema(&place.location(), Access::Change, options()).expect("opens");
    let migrated = store.migrate().expect("migrated");
    assert_eq!((migrated.from, migrated.to), (1, LATEST_SCHEMA));
    assert_eq!(store.migrate().expect("nothing to do").from, LATEST_SCHEMA);
    assert_eq!(keyctl::ops::stores::store::check(&mut store, |_| {}).expect("check"), []);
    drop(store);
    minted(&mut place.env(), &request("alice"));
});

#[test]
fn sqlite_migrates_at_the_first_change_after_a_backup() {
    let place = Place::sqlite();
    make_schema_1(&place);
    minted(&mut place.env(), &request("alice"));
    assert_eq!(place.open().schema(), LATEST_SCHEMA);
    let backups = backups(&place);
    assert_eq!(backups.len(), 1);
    assert_eq!(fs::metadata(&backups[0]).expect("backup").permissions().mode() & 0o777, 0o600);
    let kept = rusqlite::Connection::open(&backups[0]).expect("opens");
    let version: i64 = kept.query_row("PRAGMA user_version", [], |row| row.get(0)).expect("version");
    assert_eq!(version, 1);
    let keys: i64 = kept.query_row("SELECT COUNT(*) FROM key", [], |row| row.get(0)).expect("count");
    assert_eq!(keys, 0, "the state before the change");
}

#[test]
fn the_last_three_backups_are_kept() {
    let place = Place::sqlite();
    make_schema_1(&place);
    let names = ["0000000000001", "0000000000002", "0000000000003", "0000000000004"];
    for name in names {
        fs::write(format!("{}.backup-{name}-schema-1", place.file().display()), "old").expect("written");
    }
    place.open();
    let kept: Vec<String> = backups(&place).iter().map(|path| path.display().to_string()).collect();
    assert_eq!(kept.len(), 3, "{kept:?}");
    assert!(kept[0].contains(names[2]) && kept[1].contains(names[3]), "{kept:?}");
}

#[test]
fn postgresql_is_migrated_only_when_asked() {
    let place = Place::postgres();
    make_schema_1(&place);
    let refused = Store::open(&place.location(), Access::Change, options()).err().expect("refused");
    assert!(matches!(refused, Error::Older { found: 1, .. }), "{refused}");
    assert_eq!(refused.hint(), "run: keyctl store migrate");
}

both!(a_rehearsed_migration_changes_nothing, |place| {
    make_schema_1(&place);
    let mut store = Store::open_any_schema(&place.location(), Access::Change, options()).expect("opens");
    let rehearsed = store.rehearse_migrate().expect("it would work");
    assert_eq!((rehearsed.from, rehearsed.to, rehearsed.backup), (1, LATEST_SCHEMA, None));
    drop(store);
    let store = Store::open_any_schema(&place.location(), Access::Read, options()).expect("opens");
    assert_eq!((store.schema(), backups(&place).len()), (1, 0));
});

both!(a_rehearsed_store_is_not_there, |place| {
    let defaults = keyctl::ops::stores::store::Defaults::default();
    let actor = crate::support::store::actor();
    let founding =
        keyctl::ops::stores::store::Founding { defaults: &defaults, actor: &actor, rehearse: true };
    let random = &mut keyctl::ops::env::SystemRandom;
    keyctl::ops::stores::store::init(&place.location(), options(), &founding, random).expect("it would work");
    let missing = Store::open(&place.location(), Access::Read, options()).err().expect("not there");
    assert!(matches!(missing, Error::Missing(_)), "{missing}");
    place.init();
    let taken =
        keyctl::ops::stores::store::init(&place.location(), options(), &founding, random).expect_err("taken");
    assert!(matches!(taken, keyctl::ops::Error::Store(Error::Exists(_))), "{taken}");
});

/// The later steps up to schema 7, as those releases ran them.
const UP_TO_7: [(&str, &str); 6] = [
    (
        include_str!("../../src/store/migrations/0002_runtime_views.sqlite.sql"),
        include_str!("../../src/store/migrations/0002_runtime_views.postgres.sql"),
    ),
    (
        include_str!("../../src/store/migrations/0003_roles_and_children.sqlite.sql"),
        include_str!("../../src/store/migrations/0003_roles_and_children.postgres.sql"),
    ),
    (
        include_str!("../../src/store/migrations/0004_runtime_views_of_children.sqlite.sql"),
        include_str!("../../src/store/migrations/0004_runtime_views_of_children.postgres.sql"),
    ),
    (
        include_str!("../../src/store/migrations/0005_provider_secrets.sqlite.sql"),
        include_str!("../../src/store/migrations/0005_provider_secrets.postgres.sql"),
    ),
    (
        include_str!("../../src/store/migrations/0006_runtime_views_of_secrets.sqlite.sql"),
        include_str!("../../src/store/migrations/0006_runtime_views_of_secrets.postgres.sql"),
    ),
    (
        include_str!("../../src/store/migrations/0007_apollo.sqlite.sql"),
        include_str!("../../src/store/migrations/0007_apollo.postgres.sql"),
    ),
];

/// A store of schema 7 with keys of which uses were recorded, good ones and others.
fn make_schema_7(place: &Place) {
    make_schema_1(place);
    let mut script = String::new();
    for (version, (sqlite, postgres)) in (2..).zip(UP_TO_7) {
        script += if place.database.is_some() { postgres } else { sqlite };
        script += &match place.database {
            Some(_) => format!("INSERT INTO schema_migration VALUES ({version}, now_ms());"),
            None => format!("PRAGMA user_version = {version};"),
        };
    }
    script += "INSERT INTO owner (name, created_at) VALUES ('alice', 1700000000000);";
    for (number, used, labels) in [
        (1, "1700000000123", r#"{"env":"a\"b","team":"search"}"#),
        (2, "-1", r#"{"team":"search"}"#),
        (3, "9223372036854775807", "{}"),
        (4, "NULL", r#"{"team":"other"}"#),
    ] {
        script += &format!(
            "INSERT INTO key (id, owner, name, scopes, networks, labels, created_at, last_used_at, generation)
             VALUES ('key_0000000000000000000000000{number}', 'alice', 'k{number}', '[]', '[]', '{labels}', 1700000000000, {used}, 1);
             INSERT INTO token (token_hash, hash_alg, token_id, prefix, key_id, generation, created_at, key_name, owner, scopes, networks, labels)
             VALUES ('{hash}', 'sha256', '00000000000{number}', 'sks_00000000000{number}', 'key_0000000000000000000000000{number}', 1, 1700000000000, 'k{number}', 'alice', '[]', '[]', '{labels}');",
            hash = number.to_string().repeat(64),
        );
    }
    place.sql(&script).expect("schema 7");
}

both!(uses_and_labels_are_carried_over, |place| {
    make_schema_7(&place);
    let uses = |store: &mut Store| -> Vec<(String, String)> {
        let page = keyctl::store::Page { limit: 20, order: keyctl::store::Order::Name, ..Default::default() };
        let keys = store.keys_with_use(&page).expect("keys");
        keys.iter().map(|key| (key.name.to_string(), format!("{:?}", key.last_used))).collect()
    };
    let searching = keyctl::store::Page {
        limit: 20,
        filter: keyctl::store::Filter {
            labels: vec![("team".to_owned(), Some("search".to_owned()))],
            ..Default::default()
        },
        ..Default::default()
    };
    let mut store = Store::open(&place.location(), Access::Read, options()).expect("opens");
    let (before, found) = (uses(&mut store), store.keys(&searching).expect("keys"));
    assert!(before[0].1.starts_with("At("), "{before:?}");
    assert_eq!((&*before[1].1, &*before[2].1, &*before[3].1), ("Unknown", "Unknown", "Never"));
    assert_eq!(found.len(), 2);
    drop(store);
    let mut store = Store::open_any_schema(&place.location(), Access::Change, options()).expect("opens");
    assert_eq!(store.migrate().expect("migrated").from, 7);
    let after = uses(&mut store);
    assert_eq!(after[0], before[0]);
    assert!(after[1..].iter().all(|(_, used)| used == "Never"), "{after:?}");
    assert_eq!(store.keys(&searching).expect("keys"), found);
    assert_eq!(
        place.sql("SELECT name, value, key_id FROM key_label ORDER BY key_id, name").expect("labels"),
        "env|a\"b|key_00000000000000000000000001\nteam|search|key_00000000000000000000000001\n\
         team|search|key_00000000000000000000000002\nteam|other|key_00000000000000000000000004"
    );
});

#[test]
fn who_could_write_uses_may_write_them_in_their_new_place_only() {
    let place = Place::postgres();
    make_schema_7(&place);
    let database = place.database.as_deref().expect("a database");
    let psql = |sql: &str| postgres::server().psql(database, sql);
    psql(
        "CREATE ROLE \"Old Serve; --\"; CREATE ROLE old_passed_on; CREATE ROLE old_reader; CREATE ROLE old_nobody;
         GRANT USAGE ON SCHEMA keyctl TO \"Old Serve; --\", old_passed_on, old_reader;
         GRANT SELECT (id, last_used_at), UPDATE (last_used_at) ON keyctl.key TO \"Old Serve; --\" WITH GRANT OPTION;
         SET ROLE \"Old Serve; --\"; GRANT UPDATE (last_used_at), SELECT (id) ON keyctl.key TO old_passed_on; RESET ROLE;
         GRANT SELECT (last_used_at) ON keyctl.key TO old_reader;
         GRANT UPDATE (last_used_at) ON keyctl.key TO PUBLIC",
    )
    .expect("roles");
    let mut store = Store::open_any_schema(&place.location(), Access::Change, options()).expect("opens");
    store.migrate().expect("migrated");
    let may = |role: &str, table: &str, verb: &str| {
        psql(&format!("SELECT has_any_column_privilege('{role}', 'keyctl.{table}', '{verb}')"))
            .expect("asked")
            == "t"
    };
    for role in ["Old Serve; --", "old_passed_on", "old_reader", "old_nobody"] {
        for verb in ["SELECT", "UPDATE", "INSERT"] {
            assert!(!may(role, "key", verb), "{role} {verb} on keys");
            let had_it = ["Old Serve; --", "old_passed_on"].contains(&role);
            assert_eq!(may(role, "key_use", verb), had_it, "{role} {verb} on uses");
        }
        for verb in ["UPDATE", "DELETE", "TRUNCATE", "INSERT", "SELECT"] {
            let all = psql(&format!("SELECT has_table_privilege('{role}', 'keyctl.key_use', '{verb}')"))
                .expect("asked");
            assert_eq!(all, "f", "{role} {verb}: it could lock the table");
        }
    }
}
