//! Servers that are down, strange, hung or somebody else's.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use keyctl::store::LATEST_SCHEMA;

use crate::support::cli::Sandbox;
use crate::support::postgres::{self, PASSWORD, USER};
use crate::support::runner::{Case, Effect, State, case, check, run_bounded};
use crate::support::store::Place;

fn store() -> Sandbox {
    let sandbox = Sandbox::with_store(Place::postgres());
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    sandbox
}

/// The row with another address, whose password must not be printed.
fn at(case: Case, address: &str) -> Case {
    case.env("KEYCTL_STORE", address).hides(PASSWORD).hides("hunter2").hides("correct%20horse")
}

/// Accepts connections and does this with each, for as long as the test process lives.
pub fn listen(address: &str, serve: impl Fn(TcpStream) + Clone + Send + 'static) -> u16 {
    let listener = TcpListener::bind((address, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = serve.clone();
            thread::spawn(move || serve(stream));
        }
    });
    port
}

/// Passes everything on to the real server, until the client's bytes contain `stop_at`.
pub fn relay(address: &str, stop_at: Option<&'static str>) -> u16 {
    listen(address, move |mut client| {
        let mut server = TcpStream::connect(("127.0.0.1", postgres::server().port)).unwrap();
        let (mut back, mut answers) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        thread::spawn(move || drop(std::io::copy(&mut answers, &mut back)));
        let mut bytes = [0; 8192];
        while let Ok(read @ 1..) = client.read(&mut bytes) {
            let text = String::from_utf8_lossy(&bytes[..read]).into_owned();
            if stop_at.is_some_and(|stop| text.contains(stop)) {
                thread::sleep(Duration::from_secs(120));
            }
            let _ = server.write_all(&bytes[..read]);
        }
        let _ = server.shutdown(std::net::Shutdown::Both);
    })
}

#[test]
fn a_server_that_cannot_be_used_is_an_error_in_time() {
    let sandbox = store();
    let server = postgres::server();
    let (port, database) = (server.port, sandbox.place.database.clone().unwrap());
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let silent = listen("127.0.0.1", |stream| {
        thread::sleep(Duration::from_secs(120));
        drop(stream);
    });
    let hangs_up = listen("127.0.0.1", drop);
    let web = listen("127.0.0.1", |mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let no_tls = listen("127.0.0.1", |mut stream| {
        let _ = stream.read(&mut [0; 8]).and_then(|_| stream.write_all(b"N"));
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let postgres = |port: u16, rest: &str| format!("postgres://{USER}@127.0.0.1:{port}/{rest}");
    let mut cases = Vec::new();
    for words in ["list", "mint bob --scope m", "store init", "revoke alice"] {
        let row = |name: &str| case(format!("{name}: {words}"), words);
        cases.extend([
            at(row("down").fails(7, "refused", "check that the server runs"), &postgres(closed, &database)),
            at(
                row("silent").fails(7, "no answer within", "check that the server runs"),
                &postgres(silent, &database),
            ),
            at(
                row("silent to TLS").fails(7, "no answer within", "server runs"),
                &postgres(silent, "d?sslmode=require"),
            ),
            at(row("hangs up").fails(7, "cannot connect", "server"), &postgres(hangs_up, &database)),
            at(row("a web server").fails(7, "cannot connect", "server"), &postgres(web, &database)),
            at(row("no TLS").fails(7, "cannot connect", "TLS"), &postgres(no_tls, "d?sslmode=require")),
            at(row("unknown host").fails(7, "cannot connect", "host"), "postgres://u@no-such-host.invalid/d"),
            at(
                row("wrong password").fails(7, "password authentication failed", "PGPASSWORD"),
                &postgres(port, &database),
            )
            .env("PGPASSWORD", "hunter2"),
            at(
                row("wrong password in the address").fails(
                    7,
                    "password authentication failed",
                    "KEYCTL_STORE",
                ),
                &format!("postgres://{USER}:hunter2@127.0.0.1:{port}/{database}"),
            ),
            at(row("no password").fails(7, "password missing", "PGPASSWORD"), &postgres(port, &database))
                .without_env("PGPASSWORD"),
            at(
                row("unknown user").fails(7, "authentication failed", "password"),
                &format!("postgres://nobody@127.0.0.1:{port}/{database}"),
            ),
            at(
                row("database missing").fails(7, "does not exist", "createdb"),
                &postgres(port, "no_such_database"),
            ),
        ]);
    }
    check(&sandbox, cases);
}

#[test]
fn a_certificate_is_checked_as_the_mode_says() {
    let sandbox = store();
    let server = postgres::server();
    let (port, database) = (server.port, sandbox.place.database.clone().unwrap());
    // Nobody's name for this server, and an address that its certificate does not hold.
    let relayed = relay("127.0.0.2", None);
    let (ours, other) =
        (server.authority.display().to_string(), server.other_authority.display().to_string());
    let address = |host: &str, port: u16, parameters: &str| {
        let query = if parameters.is_empty() { String::new() } else { format!("?{parameters}") };
        format!("postgres://{USER}@{host}:{port}/{database}{query}")
    };
    let good = |name: &str, host: &str, parameters: &str| {
        at(case(name, "list").stdout(|out| out.starts_with("alice/")), &address(host, port, parameters))
    };
    let bad = |name: &str, host: &str, port: u16, parameters: &str, hint: &str| {
        at(
            case(name, "list").fails(7, "cannot connect", hint).stdout(str::is_empty),
            &address(host, port, parameters),
        )
    };
    let full = |authority: &str| format!("sslmode=verify-full&sslrootcert={authority}");
    let chain = |authority: &str| format!("sslmode=verify-ca&sslrootcert={authority}");
    check(
        &sandbox,
        vec![
            good("full, by name", "localhost", &full(&ours)),
            good("full, by address", "127.0.0.1", &full(&ours)),
            good("chain", "localhost", &chain(&ours)),
            good("encrypted only", "localhost", "sslmode=require"),
            good("plain", "127.0.0.1", "sslmode=disable"),
            good("plain by default on this machine", "127.0.0.1", ""),
            at(
                case("status tells", "store status").stdout(|out| out.contains("tls\tTLSv1")),
                &address("localhost", port, &full(&ours)),
            ),
            at(
                case("and that it is plain", "store status").stdout(|out| out.contains("tls\tnone")),
                &address("localhost", port, ""),
            ),
            bad("wrong authority", "localhost", port, &full(&other), "sslrootcert=FILE"),
            bad("wrong authority of the chain", "localhost", port, &chain(&other), "sslrootcert=FILE"),
            bad("the system's authorities", "localhost", port, "sslmode=verify-full", "sslrootcert"),
            bad("missing authority", "localhost", port, &full("/no/such.pem"), "sslrootcert"),
            bad("authority without certificates", "localhost", port, &full("/dev/null"), "sslrootcert"),
            bad("wrong address", "127.0.0.2", relayed, &full(&ours), "host's name"),
            at(
                case("wrong address, chain only", "list").stdout(|out| out.starts_with("alice/")),
                &address("127.0.0.2", relayed, &chain(&ours)),
            ),
            bad(
                "wrong name",
                "db.example",
                port,
                &format!("hostaddr=127.0.0.1&{}", full(&ours)),
                "host's name",
            ),
            bad(
                "full by default beyond this machine",
                "db.example",
                port,
                &format!("hostaddr=127.0.0.1&sslrootcert={ours}"),
                "host's name",
            ),
            at(
                case("prefer", "list").fails(2, "plain text", "--store"),
                &address("localhost", port, "sslmode=prefer"),
            ),
            at(
                case("plain beyond this machine", "list").fails(2, "in the clear", "--store"),
                &address("db.example", port, "sslmode=disable"),
            ),
            at(case("a password on the command line is warned of", "list").says("warning: "), "unused")
                .arg(format!(
                    "--store=postgres://{USER}:correct%20horse%20battery%20staple@127.0.0.1:{port}/{database}"
                ))
                .without_env("KEYCTL_STORE"),
            at(
                case("verbose", "list -v")
                    .says(&format!("store: postgres://{USER}@127.0.0.1:{port}/{database}")),
                &format!("postgres://{USER}:correct%20horse%20battery%20staple@127.0.0.1:{port}/{database}"),
            ),
        ],
    );
}

#[test]
fn a_store_that_is_missing_or_of_another_schema_is_refused() {
    let empty = Sandbox::empty(Place::postgres());
    let row = |words: &str| case(words, words).fails(7, "no keyctl store", "store init");
    check(
        &empty,
        [
            "list",
            "mint bob --scope m",
            "revoke alice",
            "store check",
            "store status",
            "store migrate",
            "verify",
        ]
        .map(|words| row(words).input("sks_x"))
        .into(),
    );
    let newer = store();
    newer.place.sql("INSERT INTO schema_migration VALUES (99, 1)").unwrap();
    check(
        &newer,
        [
            "list",
            "mint bob --scope m",
            "revoke alice",
            "store check",
            "store status",
            "store migrate",
            "verify",
        ]
        .map(|words| case(words, words).input("sks_x").fails(7, "schema 99", "newer keyctl"))
        .into(),
    );
    check(&newer, vec![case("not made anew", "store init").fails(4, "already", "use it as it is")]);
}

#[test]
fn a_role_without_privileges_is_told_so() {
    let sandbox = store();
    let server = postgres::server();
    let database = sandbox.place.database.clone().unwrap();
    let role = |name: &str, grants: &str| {
        let role = format!("{name}_{database}");
        server
            .psql(
                &database,
                &format!("CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'; {}", grants.replace("ROLE", &role)),
            )
            .unwrap();
        format!("postgres://{role}@127.0.0.1:{}/{database}", server.port)
    };
    let nothing = role("nothing", "");
    let usage = role("usage", "GRANT USAGE ON SCHEMA keyctl TO ROLE");
    let reader = role(
        "reader",
        "GRANT USAGE ON SCHEMA keyctl TO ROLE; GRANT SELECT ON ALL TABLES IN SCHEMA keyctl TO ROLE",
    );
    let mut cases = Vec::new();
    for words in ["list", "mint bob --scope m", "revoke alice", "store migrate", "store status"] {
        for (name, address) in [("nothing", &nothing), ("usage", &usage)] {
            cases.push(at(
                case(format!("{name}: {words}"), words).fails(
                    7,
                    "permission denied",
                    "connect as the role that owns",
                ),
                address,
            ));
        }
    }
    cases.push(at(case("reader lists", "list").stdout(|out| out.starts_with("alice/")), &reader));
    for words in ["mint bob --scope m", "rotate alice", "revoke alice"] {
        cases.push(at(
            case(format!("reader: {words}"), words).fails(
                7,
                "permission denied",
                "connect as the role that owns",
            ),
            &reader,
        ));
    }
    check(&sandbox, cases);
}

#[test]
fn a_connection_that_ends_in_the_middle_is_an_error_and_nothing_happened() {
    let sandbox = store();
    let server = postgres::server();
    let database = sandbox.place.database.clone().unwrap();
    let before = State::of(&sandbox.place);
    for words in [["mint", "bob"], ["rotate", "alice"], ["revoke", "alice"]] {
        let holder = {
            let database = database.clone();
            thread::spawn(move || {
                postgres::server()
                    .psql(&database, "BEGIN; SELECT 1 FROM keyctl.head FOR UPDATE; SELECT pg_sleep(20)")
            })
        };
        let killer = thread::spawn({
            let database = database.clone();
            move || {
                let waiting = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                    WHERE datname = current_database() AND application_name = 'keyctl' AND wait_event_type = 'Lock'";
                while server.psql(&database, waiting).unwrap() == "0" {
                    thread::sleep(Duration::from_millis(30));
                }
            }
        });
        let sleeping = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
        while server.psql(&database, sleeping).unwrap() == "0" {
            thread::sleep(Duration::from_millis(30));
        }
        let (ran, _) = run_bounded(sandbox.command(&words), None);
        killer.join().unwrap();
        server.psql(&database, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()").unwrap();
        holder.join().unwrap().unwrap_err();
        assert_eq!(ran.code, Some(7), "{words:?} {ran:?}");
        assert!(
            ran.stderr.contains("error: ") && ran.stderr.contains("hint: nothing was changed"),
            "{words:?} {ran:?}"
        );
        assert!(ran.stdout.is_empty() && !ran.stderr.contains(PASSWORD), "{words:?} {ran:?}");
        assert_eq!(State::of(&sandbox.place), before, "{words:?}");
    }
}

#[test]
fn an_older_schema_is_read_and_changed_only_after_a_migration() {
    let sandbox = store();
    // As the first release left it.
    for sql in [
        "DROP FUNCTION public.keyctl_look_v1(text), public.keyctl_look_v2(text), lease_v1",
        "DROP VIEW public.keyctl_tokens_v1, public.keyctl_changes_v1, public.keyctl_store_v1, public.keyctl_bindings_v1, public.keyctl_secrets_v1, public.keyctl_serve_v1, public.keyctl_key_roles_v1, public.keyctl_scopes_v1, public.keyctl_signing_keys_v1, public.keyctl_key_versions_v1, public.keyctl_jwt_v1, public.keyctl_signers_v1, public.keyctl_tokenless_v1, public.keyctl_trusts_v1",
        "DROP TABLE canary, canary_sighting, leak_report, leak_sighting, mcp_device, mcp_sign_in, mcp_grant, mcp_client, portal_session, portal_seen, portal_suspension, claim, notified, notify_hold, delivered, provisioned, manifest_hold, oauth_lease, oauth_use, federated_secret, federation_key, federation, oauth_attempt, oauth_envelope, oauth_credential, trust, signing_key, token_use, key_day, quota_spent, would_deny, disclosure, serve_claim, owner_before, key_use, key_label, apollo, apollo_secret, key_role, role, scope, binding, secret_version, secret, master_key",
        "DROP INDEX token_grace",
        "ALTER TABLE token DROP parent_networks, DROP parent_not_before, DROP parent_expires_at, DROP parent_dead_at, DROP subject, DROP key_quota, DROP owner_quota, DROP allow_jwt, DROP kver, DROP suspended_until, DROP parent_dead_until",
        "ALTER TABLE key DROP made_by, DROP suspended_until, DROP lifetime, DROP note, DROP parent, DROP allow_jwt, DROP kver, DROP kver_seq, DROP kver_at, ADD last_used_at BIGINT",
        "ALTER TABLE change DROP nonce",
        "ALTER TABLE owner DROP deleted_at, DROP subject, DROP quota",
        "ALTER TABLE head DROP portal, DROP foreign_salt, DROP issuer, DROP audiences, DROP max_expiry_seconds, DROP require_scope, DROP require_expiry, DROP max_live_keys, DROP prefixes, DROP moved_to, DROP moved_at, DROP moved_mark",
        "DELETE FROM schema_migration WHERE version > 1",
    ] {
        sandbox.place.sql(sql).unwrap();
    }
    let older = |words: &str| case(words, words).fails(7, "schema 1", "keyctl store migrate");
    check(
        &sandbox,
        vec![
            case("list", "list").stdout(|out| out.starts_with("alice/")),
            case("show", "show alice").stdout(|out| out.contains("active")),
            case("status", "store status").stdout(|out| out.contains("schema\t1")),
            older("mint bob --scope m"),
            older("rotate alice"),
            older("revoke alice"),
            older("mint bob --scope m --dry-run"),
            case("migrate", "store migrate")
                .says(&format!("from schema 1 to {LATEST_SCHEMA}"))
                .leaves(Effect::Change),
            case("again", "store migrate").says(&format!("schema {LATEST_SCHEMA} already")),
            case("and then", "mint bob --scope m").mints(),
            case("check", "store check").says("as it should be"),
        ],
    );
}
