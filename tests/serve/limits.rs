//! What a client may take of the server: bytes, connections and time.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::process::{Server, eventually};
use super::raw::{PATIENCE, all, connect, get, one, post, read, validate};
use crate::support::cli::Sandbox;
use crate::support::store::Place;

/// Begins, and sends a piece over and over, until the connection is closed: how long that took, and what came.
fn drip(to: SocketAddr, first: &[u8], piece: &[u8]) -> (Duration, String) {
    let begun = Instant::now();
    let mut stream = connect(to);
    stream.write_all(first).expect("written");
    stream.set_read_timeout(Some(Duration::from_millis(100))).expect("a timeout");
    let mut came = Vec::new();
    loop {
        assert!(begun.elapsed() < PATIENCE, "never closed: {:?}", String::from_utf8_lossy(piece));
        let mut bytes = [0; 1000];
        match stream.read(&mut bytes) {
            Ok(0) => break,
            Ok(length) => came.extend(&bytes[..length]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                let _ = stream.write_all(piece);
            }
            Err(_) => break,
        }
    }
    (begun.elapsed(), String::from_utf8_lossy(&came).into_owned())
}

#[test]
fn each_wait_ends() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let limits =
        "[limits]\nheader_timeout = \"300ms\"\nidle_timeout = \"400ms\"\nrequest_timeout = \"500ms\"\n";
    let server = Server::with(&sandbox, limits, &[]);
    let begun = b"GET /healthz HTTP/1.1\r\n".as_slice();
    let body = b"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{".as_slice();
    let whole = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".as_slice();
    let said = "HTTP/1.1 408 ";
    thread::scope(|scope| {
        for (first, piece, least, says) in [
            (begun, b"".as_slice(), 300, said),
            (begun, b"a", 300, said),
            (b"G", b"", 300, said),
            (body, b"", 500, said),
            (body, b"1", 500, said),
            (b"", b"", 400, ""),
            (b"\r\n", b"\r\n", 400, ""),
            (whole, b"", 400, "HTTP/1.1 200 "),
            (whole, b"\r\n", 400, "HTTP/1.1 200 "),
        ] {
            let server = &server;
            scope.spawn(move || {
                let shown = String::from_utf8_lossy(first);
                let (took, came) = drip(server.address, first, piece);
                assert!(came.starts_with(says) && came.is_empty() == says.is_empty(), "{shown:?}: {came:?}");
                assert!(took >= Duration::from_millis(least), "{shown:?}: {took:?}");
            });
        }
    });
    server.is_well();
}

#[test]
fn heads_and_bodies_are_as_large_as_they_may_be_and_no_larger() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let token = sandbox.ok(&["mint", "alice", "--scope", "memories"]);
    let server = Server::with(&sandbox, "[limits]\nheader_bytes = 4096\nbody_bytes = 1024\n", &[]);
    let head = |length: usize| {
        let bare = get("/healthz", "a: \r\n").len();
        get("/healthz", &format!("a: {}\r\n", "b".repeat(length - bare)))
    };
    assert_eq!(one(server.address, &head(4096)).status, 200);
    assert_eq!(one(server.address, &head(4097)).status, 431);
    let body = |length: usize| format!("{:<length$}", serde_json::json!({ "api_key": token }).to_string());
    assert_eq!(one(server.address, &post("/validate", "", body(1024).as_bytes())).status, 200);
    assert_eq!(one(server.address, &post("/validate", "", body(1025).as_bytes())).status, 413);
    let wide = Server::with(&sandbox, "[limits]\nheader_bytes = 1_048_576\n", &[]);
    assert_eq!(one(wide.address, &head(1_000_000)).status, 200);
    server.is_well();
}

#[test]
fn connections_beyond_the_limit_are_told_and_others_go_on() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let server = Server::with(&sandbox, "[limits]\nconnections = 3\n", &[]);
    let ask = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    let mut open: Vec<TcpStream> = (0..3).map(|_| connect(server.address)).collect();
    for stream in &mut open {
        stream.write_all(ask).expect("written");
        assert_eq!(read(stream, false).expect("an answer").status, 200);
    }
    for bytes in [get("/healthz", ""), post("/validate", "", &[b' '; 10_000])] {
        let answer = one(server.address, &bytes);
        assert_eq!((answer.status, answer.header("retry-after")), (429, Some("1")), "{answer:?}");
        assert_eq!(answer.json()["code"], "OVERLOADED");
    }
    for stream in &mut open {
        stream.write_all(ask).expect("written");
        assert_eq!(read(stream, false).expect("an answer").status, 200, "undisturbed");
    }
    drop(open.pop());
    eventually("room for one", || all(server.address, &get("/healthz", ""))[0].status == 200);
    assert!(server.metric("keyctl_connections_shed_total ") >= 2);
    server.is_well();
}

/// A thousand clients that begin and do not end, or never read; one that is well.
#[test]
fn a_thousand_slow_clients_disturb_nobody() {
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    let sandbox = Sandbox::with_store(Place::sqlite());
    let token = sandbox.ok(&["mint", "alice", "--scope", "memories"]);
    let server = Server::plain(&sandbox);
    let unread = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".repeat(50);
    let slow: Vec<TcpStream> = (0..1000)
        .map(|number| {
            let mut stream = connect(server.address);
            let bytes: &[u8] = match number % 4 {
                0 => b"GET /healthz HTTP/1.1\r\nHost",
                1 => b"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n{\"api_key\":",
                2 => unread.as_bytes(),
                _ => b"",
            };
            stream.write_all(bytes).expect("written");
            stream
        })
        .collect();
    let mut well = connect(server.address);
    let ask = format!("GET /auth/nginx/memories HTTP/1.1\r\nHost: x\r\nX-API-Key: {token}\r\n\r\n");
    for _ in 0..500 {
        well.write_all(ask.as_bytes()).expect("written");
        assert_eq!(read(&mut well, false).map(|answer| answer.status), Some(200));
    }
    assert_eq!(one(server.address, &validate(&token)).status, 200, "a new one");
    assert!(server.metric("keyctl_connections ") > 1);
    drop(slow);
    eventually("they are gone", || server.metric("keyctl_connections ") == 2);
    server.is_well();
}
