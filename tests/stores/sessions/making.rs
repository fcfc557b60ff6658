//! `store init` on PostgreSQL: what it needs, and what it looks at before it writes.

use super::run_at;
use crate::support::cli::Sandbox;
use crate::support::postgres::{PASSWORD, server};
use crate::support::store::Place;

/// Everything in the database that is not the server's own.
const OBJECTS: &str = "SELECT n.nspname || '.' || c.relname FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') ORDER BY 1";

struct Maker {
    sandbox: Sandbox,
    role: String,
    store: String,
}

impl Maker {
    /// A role that may log in to a database and nothing else, and what is given to it.
    fn new(name: &str, given: &[&str]) -> Self {
        let sandbox = Sandbox::empty(Place::postgres());
        let database = sandbox.place.database.clone().expect("a database");
        let role = format!("maker_{name}_{database}");
        let maker = Self {
            store: server().address(&database).replace("keeper@", &format!("{role}@")),
            sandbox,
            role,
        };
        maker.sql(&format!("CREATE ROLE {{role}} LOGIN PASSWORD '{PASSWORD}'"));
        for sql in
            ["REVOKE ALL ON DATABASE {database} FROM PUBLIC", "REVOKE ALL ON SCHEMA public FROM PUBLIC"]
        {
            maker.sql(sql);
        }
        maker.sql("GRANT CONNECT ON DATABASE {database} TO {role}");
        given.iter().for_each(|sql| maker.sql(sql));
        maker
    }

    fn database(&self) -> &str {
        self.sandbox.place.database.as_deref().expect("a database")
    }

    fn sql(&self, sql: &str) {
        let sql = sql.replace("{role}", &self.role).replace("{database}", self.database());
        server().psql(self.database(), &sql).expect("SQL");
    }

    fn objects(&self) -> String {
        server().psql(self.database(), OBJECTS).expect("objects")
    }
}

const VIEWS: &str = "GRANT USAGE, CREATE ON SCHEMA public TO {role}";

#[test]
fn a_store_is_made_with_exactly_the_documented_rights() {
    for (name, schema) in [
        ("given", "CREATE SCHEMA keyctl AUTHORIZATION {role}"),
        ("makes", "GRANT CREATE ON DATABASE {database} TO {role}"),
    ] {
        let maker = Maker::new(name, &[schema, VIEWS]);
        for args in [
            &["store", "init", "--dry-run"][..],
            &["store", "init"],
            &["mint", "alice", "--scope", "memories"],
            &["revoke", "alice/default", "--yes"],
            &["list", "--all"],
            &["store", "status"],
        ] {
            let ran = run_at(&maker.sandbox, &maker.store, args, "");
            assert_eq!(ran.code, Some(0), "{name} {args:?}: {}", ran.stderr);
        }
        // The comparison of the views makes temporary ones.
        maker.sql("GRANT TEMPORARY ON DATABASE {database} TO {role}");
        run_at(&maker.sandbox, &maker.store, &["store", "check"], "").expect_code(0);
        assert!(!maker.objects().contains("public.token"), "{}", maker.objects());
    }
}

#[test]
fn what_is_missing_is_said_before_anything_is_written() {
    for (given, code, says, hint) in [
        (&[VIEWS][..], 7, "may not create a schema", "CREATE SCHEMA keyctl AUTHORIZATION maker_"),
        (
            &["CREATE SCHEMA keyctl AUTHORIZATION {role}"],
            7,
            "may not create views",
            "GRANT USAGE, CREATE ON SCHEMA public TO maker_",
        ),
        (
            &[VIEWS, "CREATE SCHEMA keyctl", "GRANT ALL ON SCHEMA keyctl TO {role}"],
            7,
            "belongs to keeper",
            "ALTER SCHEMA keyctl OWNER TO maker_",
        ),
        (
            &[
                VIEWS,
                "CREATE SCHEMA keyctl AUTHORIZATION {role}",
                "GRANT USAGE, CREATE ON SCHEMA keyctl TO PUBLIC",
            ],
            7,
            "PUBLIC may create tables",
            "REVOKE CREATE ON SCHEMA keyctl FROM PUBLIC",
        ),
        (
            &[VIEWS, "CREATE SCHEMA keyctl AUTHORIZATION {role}", "CREATE TABLE keyctl.mine (a INT)"],
            4,
            "has a schema keyctl already",
            "",
        ),
        (
            &[
                VIEWS,
                "CREATE SCHEMA keyctl AUTHORIZATION {role}",
                "CREATE VIEW public.keyctl_tokens_v1 AS SELECT 1",
            ],
            4,
            "has public.keyctl_tokens_v1 already",
            "",
        ),
    ] {
        let maker = Maker::new("lacks", given);
        let before = maker.objects();
        for args in [&["store", "init"][..], &["store", "init", "--dry-run"]] {
            let ran = run_at(&maker.sandbox, &maker.store, args, "").expect_code(code);
            assert!(ran.stderr.contains(says) && ran.stderr.contains(hint), "{says}: {}", ran.stderr);
        }
        assert_eq!(maker.objects(), before);
    }
}

#[test]
fn a_frozen_database_stays_as_it_is() {
    let sandbox = Sandbox::with_store(Place::postgres());
    let token = sandbox.ok(&["mint", "alice"]);
    let database = sandbox.place.database.as_deref().expect("a database");
    let freeze = |database: &str, how: &str| {
        let sql = format!("ALTER DATABASE {database} SET default_transaction_read_only = {how}");
        server().psql("postgres", &sql).expect("set");
    };
    let state = || server().psql(database, "SELECT mark_counter, audit_seq FROM keyctl.head").expect("head");
    let before = state();
    freeze(database, "on");
    for args in [
        &["mint", "bob"][..],
        &["mint", "bob", "--dry-run"],
        &["rotate", "alice"],
        &["revoke", "alice", "--yes"],
        &["role", "set", "r", "--scope", "a"],
        &["store", "grant", "keeper_of_nothing"],
        &["store", "migrate"],
        &["audit", "checkpoint"],
    ] {
        let ran = sandbox.run(args);
        if args[1] == "migrate" || args[1] == "checkpoint" {
            assert!(matches!(ran.code, Some(0 | 7)), "{args:?}: {}", ran.stderr);
            continue;
        }
        assert_eq!(ran.code, Some(7), "{args:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("frozen") && ran.stdout.is_empty(), "{args:?}: {}", ran.stderr);
    }
    assert_eq!(sandbox.verify(&token, &[]).0, Some(0));
    for args in [&["list"][..], &["store", "status"], &["store", "check"], &["audit", "verify"]] {
        sandbox.ok(args);
    }
    assert_eq!(state(), before);
    freeze(database, "off");
    sandbox.ok(&["mint", "bob"]);

    let empty = Sandbox::empty(Place::postgres());
    let database = empty.place.database.as_deref().expect("a database");
    freeze(database, "on");
    let ran = empty.run(&["store", "init"]).expect_code(7);
    assert!(ran.stderr.contains("frozen"), "{}", ran.stderr);
    assert_eq!(server().psql(database, OBJECTS).expect("objects"), "");
}
