//! Through PgBouncer, by a role that has another name than the schema.

use std::thread;

use keyctl::runtime::{Asked, Options, Reader};

use super::run_at;
use crate::runtime::word;
use crate::support::cli::Sandbox;
use crate::support::pooler::Pooler;
use crate::support::postgres::{PASSWORD, USER, server};
use crate::support::store::Place;

/// Everything that a session can keep, and the next client would meet.
const LEFT: &str = "SELECT current_setting('search_path'), current_setting('default_transaction_read_only'),
    current_setting('statement_timeout'), current_setting('lock_timeout'),
    current_setting('idle_in_transaction_session_timeout'), current_setting('jit'),
    current_setting('synchronous_commit'), current_setting('transaction_isolation'),
    (SELECT COUNT(*) FROM pg_prepared_statements), (SELECT COUNT(*) FROM pg_cursors),
    (SELECT COUNT(*) FROM pg_class WHERE relpersistence = 't'),
    (SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()), (SELECT COUNT(*) FROM pg_listening_channels())";

/// One of every kind of command, and what goes in and must come out with code 0.
const COMMANDS: [(&[&str], &str); 28] = [
    (&["store", "init"], ""),
    (&["mint", "alice", "--scope", "memories", "--name", "laptop"], ""),
    (&["role", "set", "reader", "--scope", "memories:read"], ""),
    (&["mint", "bob", "--role", "reader", "--name", "job"], ""),
    (&["mint", "carol", "--parent", "alice/laptop", "--name", "child"], ""),
    (&["role", "set", "reader", "--scope", "memories:read,files"], ""),
    (&["edit", "alice/laptop", "--label", "team=a"], ""),
    (&["list"], ""),
    (&["list", "--label", "team=a"], ""),
    (&["show", "alice/laptop"], ""),
    (&["can", "alice/laptop", "memories"], ""),
    (&["suspend", "bob/job", "--yes"], ""),
    (&["resume", "bob/job"], ""),
    (&["owner", "disable", "carol", "--yes"], ""),
    (&["owner", "enable", "carol"], ""),
    (&["secret", "set", "anthropic", "team"], "sk-planted-value-1\n"),
    (&["secret", "bind", "team", "alice"], ""),
    (&["secret", "get", "team"], ""),
    (
        &["import", "csv", "-"],
        "hash,owner\n4b0a5e8d2f6c7a1938475665748392a1b0c9d8e7f60515243342516070818291,dave\n",
    ),
    (&["store", "compat", "apollo", "--scope", "memories"], ""),
    (&["rotate", "alice/laptop"], ""),
    (&["revoke", "bob/job", "--yes"], ""),
    (&["store", "grant", "pooled_reader", "--secrets"], ""),
    (&["store", "status"], ""),
    (&["store", "check"], ""),
    (&["audit", "verify"], ""),
    (&["audit", "list"], ""),
    (&["secret", "delete", "team", "--unbind", "--purge", "--yes"], ""),
];

fn modes() -> [Pooler; 2] {
    // One connection to the server, so that the next client has the one that was used; and nothing
    // that would tidy it up.
    let settings = ["default_pool_size = 1", "server_reset_query ="];
    ["transaction", "session"].map(|mode| Pooler::start(mode, &settings, &["pooled_reader"]))
}

fn with_password(address: &str) -> String {
    address.replace('@', &format!(":{}@", PASSWORD.replace(' ', "%20")))
}

#[test]
fn every_command_works_through_a_pooler_and_leaves_nothing_in_its_sessions() {
    server().role("pooled_reader");
    for pooler in modes() {
        let sandbox = Sandbox::empty(Place::postgres());
        let database = sandbox.place.database.as_deref().expect("a database");
        let fresh = server().psql(database, LEFT).expect("a new session");
        let store = pooler.address(USER, database);
        for (args, input) in COMMANDS {
            let keys = [("APOLLO_ENC_KEY", crate::secrets::OTHER)];
            let mut command = sandbox.command(args);
            command.env("KEYCTL_STORE", &store).env("KEYCTL_MASTER_KEY", crate::secrets::KEY).envs(keys);
            let ran = crate::support::cli::finish(command, input.as_bytes());
            assert_eq!(ran.code, Some(0), "{args:?}: {}", ran.stderr);
            assert_eq!(pooler.psql(database, LEFT), fresh, "{args:?}");
        }
        let public =
            "SELECT COUNT(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'";
        assert_eq!(server().psql(database, public).expect("tables"), "0");
    }
}

#[test]
fn parallel_callers_of_a_pooler_get_their_own_answers() {
    server().role("pooled_reader");
    for mode in ["transaction", "session"] {
        let pooler = Pooler::start(mode, &[], &["pooled_reader"]);
        let sandbox = Sandbox::with_store(Place::postgres());
        let database = sandbox.place.database.as_deref().expect("a database");
        let store = pooler.address(USER, database);
        sandbox.ok(&["store", "grant", "pooled_reader"]);
        let address = with_password(&pooler.address("pooled_reader", database));
        thread::scope(|scope| {
            for caller in 0..6 {
                let (sandbox, store, address) = (&sandbox, &store, &address);
                scope.spawn(move || {
                    let reader = Reader::open(address, Options { connections: 1, ..Options::default() });
                    let reader = reader.expect("opens");
                    for turn in 0..4 {
                        let owner = format!("owner{caller}");
                        let name = format!("k{turn}");
                        let minted =
                            run_at(sandbox, store, &["mint", &owner, "--name", &name], "").expect_code(0);
                        let token = minted.stdout.trim_end();
                        let verified =
                            run_at(sandbox, store, &["verify", "-o", "json"], token).expect_code(0);
                        assert!(verified.stdout.contains(&format!("\"{owner}\"")), "{}", verified.stdout);
                        for look in 0..50 {
                            assert_eq!(word(reader.verify(token, &Asked::default())), "allowed");
                            let foreign = format!("Zz{caller}{turn}{look}").repeat(8);
                            let answer = word(reader.verify(&foreign, &Asked::default()));
                            assert_eq!(answer, "UNAUTHORIZED malformed");
                        }
                    }
                });
            }
        });
        assert_eq!(sandbox.ok(&["list", "-o", "plain"]).lines().count(), 24);
        sandbox.ok(&["store", "check"]);
    }
}

#[test]
fn a_reader_leaves_nothing_in_a_pooler_s_session() {
    server().role("pooled_reader");
    for pooler in modes() {
        let sandbox = Sandbox::with_store(Place::postgres());
        let database = sandbox.place.database.as_deref().expect("a database");
        sandbox.ok(&["store", "grant", "pooled_reader", "--secrets"]);
        let token = sandbox.ok(&["mint", "alice"]);
        let look = |port| server().psql_at(port, "pooled_reader", database, LEFT).expect("a session");
        let fresh = look(server().port);
        let address = with_password(&pooler.address("pooled_reader", database));
        let reader = Reader::open(&address, Options::default()).expect("opens");
        for _ in 0..3 {
            assert_eq!(word(reader.verify(&token, &Asked::default())), "allowed");
        }
        let provider = "anthropic".parse().expect("a provider");
        assert!(reader.secret(&token, &Asked::default(), &provider).is_err(), "nothing is bound");
        drop(reader);
        assert_eq!(look(pooler.port), fresh);
    }
}

#[test]
fn status_says_whose_tls_it_shows() {
    let pooler = Pooler::start("transaction", &["server_tls_sslmode = require"], &[]);
    let sandbox = Sandbox::with_store(Place::postgres());
    let database = sandbox.place.database.as_deref().expect("a database");
    let status = |store: &str| {
        let ran = run_at(&sandbox, store, &["store", "status", "-o", "json"], "").expect_code(0);
        let status: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
        ["tls", "server_tls"].map(|name| status["database"][name].as_str().expect("a text").to_owned())
    };
    let through = pooler.address(USER, database);
    assert_eq!(status(&through), ["none", "TLSv1.3"], "the pooler's is not ours");
    let direct = sandbox.place.text();
    assert_eq!(status(&direct), ["none", "none"]);
    assert_eq!(status(&format!("{direct}?sslmode=require")), ["require", "TLSv1.3"]);
}
