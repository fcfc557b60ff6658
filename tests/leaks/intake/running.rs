//! The process: what it says before it serves, and its unit for systemd.

use super::{ROLE, store_of};
use crate::support::cli::{Sandbox, finish};
use crate::support::postgres;
use crate::support::store::Place;

#[test]
fn the_unit_for_systemd_starts_it() {
    let unit = include_str!("../../../contrib/systemd/keyctl-leaks.service");
    let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/local/bin/keyctl "));
    let words: Vec<&str> = start.expect("a start").split(' ').chain(["--check"]).collect();
    let sandbox = Sandbox::with_store(Place::sqlite());
    let mut command = sandbox.command(&words);
    command.env("KEYCTL_LEAKS_RULES", "record:prefix=test,revoke");
    let ran = finish(command, b"").expect_code(0);
    assert!(ran.stderr.contains("rule: record:prefix=test\nrule: revoke\n"), "{ran:?}");
    assert!(ran.stderr.contains("would listen on 127.0.0.1:8713"), "{ran:?}");
}

#[test]
fn a_role_that_lacks_a_right_or_has_more_is_named_before_it_serves() {
    let sandbox = Sandbox::with_store(Place::postgres());
    let named = store_of(&sandbox);
    let check = || {
        let mut command = sandbox.command(&["leaks", "serve", "--check"]);
        command.env("KEYCTL_STORE", &named);
        finish(command, b"")
    };
    let fine = check().expect_code(0);
    assert!(!fine.stderr.contains("may do more") && !fine.stderr.contains("owns the store"), "{fine:?}");
    let database = sandbox.place.database.as_deref().expect("a database");
    let sql = |sql: &str| postgres::server().psql(database, sql).expect("done");
    sql(&format!("GRANT UPDATE (scopes) ON keyctl.key TO {ROLE}"));
    assert!(
        check().expect_code(0).stderr.contains("may do more than stop what is reported: UPDATE key.scopes")
    );
    sql(&format!("REVOKE INSERT (deed) ON keyctl.leak_sighting FROM {ROLE}"));
    assert!(check().expect_code(2).stderr.contains("it lacks INSERT leak_sighting.deed"));
    for (sql, may) in [
        ("INSERT INTO keyctl.owner (name, created_at) VALUES ('eve', 0)", false),
        ("SELECT envelope FROM keyctl.secret_version", false),
        ("DELETE FROM keyctl.audit", false),
        ("DELETE FROM keyctl.leak_report", false),
    ] {
        let asked = postgres::server().psql(database, &format!("SET ROLE {ROLE}; {sql}"));
        assert_eq!(asked.is_ok(), may, "{sql}: {asked:?}");
    }
}
