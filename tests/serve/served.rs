//! What the server says of itself to systemd, and what it refuses of good keys.

use std::os::unix::net::UnixDatagram;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::process::Server;
use super::raw::{PATIENCE, get, one, validate};
use super::serving::within_the_bound;
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::store::Place;

#[test]
fn systemd_is_told_when_it_is_ready_and_when_it_stops() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).expect("a socket");
    socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let told = || {
        let mut text = [0; 200];
        let length = socket.recv(&mut text).expect("told");
        String::from_utf8_lossy(&text[..length]).into_owned()
    };
    let place = path.display().to_string();
    let server = Server::keyed(&sandbox, "", &[], &[("NOTIFY_SOCKET", &place)]);
    assert!(told().contains("READY=1"));
    server.signal(Signal::TERM);
    assert!(told().contains("STOPPING=1"));
    server.ends();
}

#[test]
fn a_policy_that_requires_https_goes_by_what_the_gateway_says() {
    let config = "[policy.web]\nrequire_https = true\n[[policy.web.route]]\npath = \"/**\"\nscope = \"memories:read\"\n";
    let sandbox = Sandbox::with_store(Place::sqlite());
    let token = sandbox.ok(&["mint", "alice", "--scope", "memories:read"]);
    let server = Server::with(&sandbox, config, &[]);
    for (said, status) in
        [("X-Forwarded-Proto: https\r\n", 200), ("X-Forwarded-Proto: http\r\n", 403), ("", 403)]
    {
        let lines = format!(
            "Authorization: Bearer {token}\r\nX-Forwarded-Method: GET\r\nX-Forwarded-Uri: /v1/a\r\n{said}"
        );
        let answer = one(server.address, &get("/auth/caddy/@web", &lines));
        assert_eq!(answer.status, status, "{said}: {answer:?}");
    }
}

#[test]
fn who_got_more_scopes_by_a_role_than_headers_hold_is_refused_and_the_log_says_why() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    for role in ["one", "two"] {
        sandbox.ok(&["role", "set", role, "--scope", "memories"]);
    }
    let token = sandbox.ok(&["mint", "alice", "--role", "one", "--role", "two"]);
    // Each role's fit, and both together do not.
    for role in ["one", "two"] {
        let scopes: Vec<String> =
            (0..25).map(|number| format!("{role}{}:{number}", "a".repeat(50))).collect();
        let more: Vec<&str> = scopes.iter().flat_map(|scope| ["--scope", scope]).collect();
        sandbox.ok(&[&["role", "set", role, "--scope", "memories"], &more[..]].concat());
    }
    let server = Server::plain(&sandbox);
    let lines = format!("Authorization: Bearer {token}\r\n");
    let answer = one(server.address, &get("/auth/caddy/memories", &lines));
    assert_eq!(answer.status, 403, "{answer:?}");
    server.says("identity_too_large");
}

both!(a_revocation_that_waits_returns_after_the_bound_and_not_before, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "memories", "-q"]);
    let begun = Instant::now();
    sandbox.ok(&["revoke", "alice", "--wait"]);
    let took = begun.elapsed();
    assert!(took >= Duration::from_secs(5) && took < Duration::from_secs(10), "{took:?}");
});

/// SQLite's locks are those of a process: whoever opens the file and closes it again beside SQLite gives up all of them,
/// and then the next program that is done with the file takes the log away under those who still read it.
#[test]
fn a_file_that_other_programs_read_stays_the_one_that_is_answered_from() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let store = sandbox.place.text();
    let tokens: Vec<String> = (0..3)
        .map(|number| sandbox.ok(&["mint", &format!("alice/{number}"), "--scope", "memories"]))
        .collect();
    let server = Server::with(&sandbox, "", &["--changes-store", &store]);
    let status = |token: &String| one(server.address, &validate(token)).status;
    within_the_bound("it is let in", || status(&tokens[0]) == 200);
    // Its writers open the file and leave it.
    std::thread::sleep(Duration::from_millis(1500));
    let copy = sandbox.home().join("copy.db");
    for (sql, token) in [
        ("SELECT COUNT(*) FROM secret".to_owned(), &tokens[0]),
        (format!("VACUUM INTO '{}'", copy.display()), &tokens[1]),
        ("PRAGMA wal_checkpoint(TRUNCATE)".to_owned(), &tokens[2]),
    ] {
        let ran = std::process::Command::new("sqlite3").arg(&store).arg(&sql).output().expect("sqlite3");
        assert!(ran.status.success(), "{ran:?}");
        assert_eq!(status(token), 200);
        sandbox.ok(&["revoke", token.split('_').take(2).collect::<Vec<_>>().join("_").as_str()]);
        within_the_bound(&sql, || status(token) == 401);
    }
    server.is_well();
}
