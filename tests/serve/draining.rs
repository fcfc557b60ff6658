//! The end of a server: SIGTERM.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::process::{Server, eventually};
use super::raw::{connect, get, one, read, validate};
use crate::support::cli::Sandbox;
use crate::support::store::Place;

#[test]
fn what_is_under_way_is_finished_and_nothing_new_is_taken() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let token = sandbox.ok(&["mint", "alice", "--scope", "memories"]);
    let socket = sandbox.home().join("keyctl.sock");
    let patient = "[limits]\nheader_timeout = \"60s\"\nrequest_timeout = \"60s\"\n";
    let server = Server::with(&sandbox, patient, &["--listen", &format!("unix:{}=all", socket.display())]);
    let request = validate(&token);
    // A body and a head that have begun; and two that have not.
    let mut body = connect(server.address);
    body.write_all(&request[..request.len() - 5]).expect("written");
    let ready = b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n";
    let mut head = connect(server.address);
    head.write_all(&ready[..ready.len() - 5]).expect("written");
    let mut kept = connect(server.address);
    kept.write_all(ready).expect("written");
    assert_eq!(read(&mut kept, false).expect("an answer").status, 200);
    let mut fresh = connect(server.address);
    // All four are seen, and this one, which counts them.
    eventually("five connections", || server.metric("keyctl_connections ") == 5);

    server.signal(Signal::TERM);
    eventually("no more connections", || TcpStream::connect(server.address).is_err());
    assert!(!socket.exists(), "nobody listens there");
    assert_eq!(read(&mut kept, false), None);
    assert_eq!(read(&mut fresh, false), None);
    head.write_all(&ready[ready.len() - 5..]).expect("written");
    let answer = read(&mut head, false).expect("an answer");
    assert_eq!((answer.status, answer.header("connection")), (503, Some("close")), "{answer:?}");
    assert_eq!(read(&mut head, false), None);
    body.write_all(&request[request.len() - 5..]).expect("written");
    let answer = read(&mut body, false).expect("an answer");
    assert_eq!((answer.status, answer.header("connection")), (200, Some("close")), "{answer:?}");
    server.ends();
    assert!(server.log().contains("stopped") && !server.log().contains("panicked"), "{}", server.log());
}

#[test]
fn a_client_that_never_ends_does_not_keep_a_server() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let server = Server::plain(&sandbox);
    let mut slow = connect(server.address);
    slow.write_all(b"GET /readyz HT").expect("written");
    assert_eq!(one(server.address, &get("/readyz", "")).status, 200);
    server.signal(Signal::TERM);
    server.ends();
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    for signal in [Signal::TERM, Signal::INT] {
        let server = Server::plain(&sandbox);
        let mut slow = connect(server.address);
        slow.write_all(b"GET /readyz HT").expect("written");
        assert_eq!(one(server.address, &get("/readyz", "")).status, 200);
        server.signal(Signal::TERM);
        server.says("draining");
        // It would wait five seconds for the rest of the head.
        let begun = Instant::now();
        server.signal(signal);
        eventually("the end", || matches!(slow.read(&mut [0; 100]), Ok(0) | Err(_)));
        assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
        server.says("ended by a second signal");
        assert!(!server.log().contains("stopped"), "{}", server.log());
    }
}
