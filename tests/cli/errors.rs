//! What led to an error is told with `--verbose`, without secrets; nobody is blamed for what another did.

use std::fs::{File, OpenOptions};
use std::net::TcpListener;
use std::os::unix::fs::FileExt as _;

use crate::support::both;
use crate::support::cli::{Ran, Sandbox, finish};
use crate::support::postgres::{self, PASSWORD, USER};
use crate::support::store::Place;

/// What an environment holds here that nobody may see.
const PLANTED: &str = "hunter2-Zq9Lk7Xw";

/// The causes that a run named.
fn causes(ran: &Ran) -> Vec<&str> {
    ran.stderr.lines().filter_map(|line| line.strip_prefix("caused by: ")).collect()
}

/// A run against another address with a token on standard input, neither of which it shows.
#[track_caller]
fn at(sandbox: &Sandbox, address: &str, args: &[&str], token: &str) -> Ran {
    let mut command = sandbox.command(args);
    command.env("KEYCTL_STORE", address).env_remove("PGPASSWORD");
    let ran = finish(command, token.as_bytes()).expect_code(7);
    for secret in [PLANTED, PASSWORD, token] {
        assert!(!ran.stderr.contains(secret) && !ran.stdout.contains(secret), "{}", ran.stderr);
    }
    ran
}

#[test]
fn the_causes_of_a_broken_connection_are_told_without_its_password() {
    let sandbox = Sandbox::with_store(Place::postgres());
    let token = sandbox.ok(&["mint", "alice"]);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let database = sandbox.place.database.clone().unwrap();
    let address = |port: u16| format!("postgres://{USER}:{PLANTED}@127.0.0.1:{port}/{database}");
    let port = postgres::server().port;

    let quiet = at(&sandbox, &address(closed), &["verify"], &token);
    assert_eq!(causes(&quiet), Vec::<&str>::new(), "{}", quiet.stderr);
    let down = at(&sandbox, &address(closed), &["verify", "-v"], &token);
    assert_eq!(causes(&down), ["error connecting to server"]);
    let error = |ran: &Ran| ran.stderr.lines().filter(|line| line.starts_with("error: ")).collect::<String>();
    assert_eq!(error(&quiet), error(&down), "the message stays as it is");

    let refused = at(&sandbox, &address(port), &["verify", "-v"], &token);
    let said = causes(&refused).join("; ");
    assert!(said.contains("FATAL: password authentication failed") && said.contains("(28P01)"), "{said}");

    let said = at(&sandbox, &address(closed), &["verify", "-v", "-o", "json"], &token);
    assert_eq!(causes(&said), ["error connecting to server"]);
    let line = said.stderr.lines().last().expect("an object");
    let object: serde_json::Value = serde_json::from_str(line).expect("JSON");
    assert_eq!(object["error"]["type"], "STORE_UNAVAILABLE");
}

both!(the_causes_of_a_damaged_store_are_told_without_what_is_in_it, |place| {
    let sandbox = Sandbox::with_store(place);
    let token = sandbox.ok(&["mint", "alice", "--label", "team=planted-in-a-row"]);
    let ran = if sandbox.place.database.is_some() {
        // The server adds the whole row to its error, as a detail.
        sandbox.place.sql("ALTER TABLE keyctl.key ADD CHECK (name <> 'planted-name')").expect("altered");
        sandbox.run(&["mint", "alice", "--name", "planted-name", "--label", "team=planted-in-a-row", "-v"])
    } else {
        let file = OpenOptions::new().write(true).open(sandbox.place.text()).unwrap();
        let size = file.metadata().unwrap().len();
        for page in 1..size / 4096 {
            file.write_all_at(&[0xff; 64], page * 4096).unwrap();
        }
        sandbox.feed(&["verify", "-v"], &token)
    };
    let ran = ran.expect_code(7);
    let said = causes(&ran).join("; ");
    let expected = if sandbox.place.database.is_some() { "ERROR: " } else { "malformed" };
    assert!(said.contains(expected), "{}", ran.stderr);
    for secret in [token.as_str(), "planted-in-a-row", "Failing row"] {
        assert!(!ran.stderr.contains(secret), "{}", ran.stderr);
    }
});

#[test]
fn the_causes_of_a_schema_that_is_gone_are_told() {
    let sandbox = Sandbox::with_store(Place::postgres());
    sandbox.ok(&["mint", "alice"]);
    sandbox.place.sql("DROP TABLE keyctl.key CASCADE").expect("dropped");
    let ran = sandbox.run(&["list", "-v"]).expect_code(7);
    assert!(ran.stderr.contains("error: there is no keyctl store at "), "{}", ran.stderr);
    assert!(causes(&ran).join("; ").contains("(42P01)"), "{}", ran.stderr);
}

#[test]
fn a_failed_read_is_called_one() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    for args in [
        &["verify"][..],
        &["revoke", "-"],
        &["import", "mem0", "-", "--scope", "m"],
        &["import", "csv", "-"],
        &["audit", "verify", "--anchor", "-"],
    ] {
        let mut command = sandbox.command(args);
        command.stdin(File::open("/").unwrap());
        let ran = finish(command, b"");
        assert!(!matches!(ran.code, Some(0 | 1 | 9)), "{args:?}: {ran:?}");
        assert!(ran.stderr.contains("read") && !ran.stderr.contains("written"), "{args:?}: {}", ran.stderr);
    }
}

#[test]
fn only_the_actors_own_name_is_blamed_on_its_variable() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    sandbox.ok(&["mint", "alice"]);
    let long = "x".repeat(4000);
    for args in [["revoke", "alice", "--reason", &long], ["edit", "alice", "--label", &format!("a={long}")]] {
        let ran = sandbox.run(&args).expect_code(2);
        assert!(!ran.stderr.contains("KEYCTL_ACTOR"), "{}", ran.stderr);
    }
    let mut command = sandbox.command(&["revoke", "alice", "-v"]);
    command.env("KEYCTL_ACTOR", &long);
    let ran = finish(command, b"").expect_code(2);
    assert!(ran.stderr.contains("error: KEYCTL_ACTOR cannot be used: 4000 bytes long"), "{}", ran.stderr);
}
