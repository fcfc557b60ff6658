//! Requests that could be read in two ways, and how others are read.

use std::io::Write as _;
use std::net::Ipv4Addr;

use super::process::Server;
use super::raw::{all, connect, get, one, post, read, validate};
use crate::support::cli::Sandbox;
use crate::support::cluster::free_port;
use crate::support::store::Place;

#[test]
fn a_framing_in_doubt_is_refused_and_ends_the_connection() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let server = Server::plain(&sandbox);
    let many = format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "a: b\r\n".repeat(200));
    let large = format!("GET / HTTP/1.1\r\nHost: x\r\na: {}\r\n\r\n", "b".repeat(100_000));
    let long = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "b".repeat(100_000));
    for (bytes, status) in [
        ("TRACE / HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        ("CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        ("GET / HTTP/1.2\r\nHost: x\r\n\r\n", 505),
        ("\x16\x03\x01\x02\0\x01\0\x01\u{7c}\x03\x03", 505),
        ("GET /\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\nHost: x\n\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n Host: x\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", 400),
        ("GET http://x/healthz HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("GET /healthz#a HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("GET /a?<b> HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("POST /validate HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 400),
        ("POST /validate HTTP/1.1\r\nHost: x\r\nContent-Length: 2, 2\r\n\r\n{}", 400),
        ("POST /validate HTTP/1.1\r\nHost: x\r\nContent-Length: +2\r\n\r\n{}", 400),
        (
            "POST /validate HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
        ),
        ("POST /validate HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
        ("POST /validate HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n", 411),
        ("POST /validate HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", 400),
        ("POST /validate HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999\r\n\r\n", 413),
        (&many, 431),
        (&large, 431),
        (&long, 431),
    ] {
        let shown: String = bytes.chars().take(200).collect();
        // A second request is never answered, and so never smuggled in.
        let answers =
            all(server.address, &[bytes.as_bytes(), b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"].concat());
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses, [status], "{shown:?}");
        assert_eq!(answers[0].header("connection"), Some("close"), "{shown:?}");
        assert_eq!(answers[0].json()["status"], status, "{shown:?}");
        assert_eq!(answers[0].header("allow").is_some(), status == 405, "{shown:?}");
    }
    server.is_well();
}

#[test]
fn where_nginx_asks_what_cannot_be_read_is_403_with_the_status_beside_it() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let public = (Ipv4Addr::LOCALHOST, free_port().expect("a free port")).into();
    let limits = "[limits]\nheader_timeout = \"300ms\"\n";
    let server = Server::with(&sandbox, limits, &["--listen", &format!("{public}=public")]);
    let large = format!("GET /auth/nginx/a HTTP/1.1\r\nHost: x\r\na: {}\r\n\r\n", "b".repeat(100_000));
    for (bytes, status) in [
        (large.as_str(), 431),
        ("GET /auth/nginx/a HTTP/1.1\r\n\r\n", 400),
        ("GET /auth/nginx/@a HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", 400),
        ("TRACE /auth/nginx/a HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        ("GET /auth/nginx/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
        ("GET /auth/nginx/a HTTP/1.1\r\nHost: x\r\nContent-Length: 999999\r\n\r\n", 413),
        ("GET /auth/nginx/a HTTP/1.1\r\nHost: x\r\n", 408),
    ] {
        let ask = |to| {
            let answers = all(to, bytes.as_bytes());
            assert_eq!(answers.len(), 1, "{status}: {answers:?}");
            answers[0].clone()
        };
        let answer = ask(server.address);
        let beside = answer.header("x-keyctl-status").and_then(|text| text.parse().ok());
        assert_eq!((answer.status, beside), (403, Some(status)), "{answer:?}");
        assert_eq!(answer.header("connection"), Some("close"), "{answer:?}");
        assert_eq!(answer.json()["status"], status);
        assert_eq!(ask(public).status, status, "nginx does not ask there");
        let elsewhere = bytes.replace("/auth/nginx/", "/auth/caddy/");
        assert_eq!(all(server.address, elsewhere.as_bytes())[0].status, status);
    }
    server.is_well();
}

#[test]
fn requests_that_come_at_once_are_answered_in_order() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let token = sandbox.ok(&["mint", "alice", "--scope", "memories"]);
    let server = Server::plain(&sandbox);
    let kept = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text").replace("Connection: close\r\n", "");
    let bytes = [
        "\r\n\r\n".to_owned(),
        kept(get("/healthz", "")),
        kept(validate(&token)),
        "\r\n".to_owned(),
        kept(get("/auth/nginx/memories", &format!("X-API-Key: {token}\r\n"))),
        kept(get("/auth/nginx/memories", "X-API-Key: x\r\n")),
        kept(get("/nothing", "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n")),
        "GET /healthz HTTP/1.0\r\n\r\n".to_owned(),
    ]
    .concat();
    let answers = all(server.address, bytes.as_bytes());
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 200, 200, 401, 404, 200]);
    assert_eq!(answers[1].json()["principal"], "alice");
    let mut stream = connect(server.address);
    for byte in bytes.as_bytes() {
        stream.write_all(&[*byte]).expect("written");
    }
    let split: Vec<_> = std::iter::from_fn(|| read(&mut stream, false)).collect();
    assert_eq!(split, answers, "byte by byte");
    for at in 0..bytes.len() {
        if at % 16 == 0 {
            let mut stream = connect(server.address);
            stream.write_all(&bytes.as_bytes()[..at]).expect("written");
            std::thread::yield_now();
            stream.write_all(&bytes.as_bytes()[at..]).expect("written");
            let split: Vec<_> = std::iter::from_fn(|| read(&mut stream, false)).collect();
            assert_eq!(split, answers, "split at {at}");
        }
    }
    // A body that nobody reads is no request.
    let hidden = kept(post("/healthz", "", b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"));
    let answers = all(server.address, &[hidden.as_bytes(), &get("/healthz", "")].concat());
    assert_eq!(answers[0].status, 405);
    assert!(answers[1..].iter().all(|answer| answer.body == "ok\n"), "{answers:?}");
}

#[test]
fn a_body_that_waits_for_100_is_asked_for_only_where_it_is_wanted() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let token = sandbox.ok(&["mint", "alice", "--scope", "memories"]);
    let server = Server::plain(&sandbox);
    let request = validate(&token);
    let end = request.windows(4).position(|four| four == b"\r\n\r\n").expect("an end") + 2;
    let mut stream = connect(server.address);
    stream.write_all(&[&request[..end], b"Expect: 100-continue\r\n\r\n"].concat()).expect("written");
    assert_eq!(read(&mut stream, false).expect("an answer").status, 100);
    stream.write_all(&request[end + 2..]).expect("written");
    assert_eq!(read(&mut stream, false).expect("an answer").status, 200);
    for (target, length, status) in
        [("/validate", 1 << 30, 413), ("/nothing", 10, 404), ("/healthz", 10, 405)]
    {
        let head = format!(
            "POST {target} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n\r\n"
        );
        let mut stream = connect(server.address);
        stream.write_all(head.as_bytes()).expect("written");
        let answer = read(&mut stream, false).expect("an answer");
        assert_eq!(answer.status, status, "{target}: {answer:?}");
    }
    // Who sends no more may still want the answer.
    let mut stream = connect(server.address);
    stream.write_all(&request).expect("written");
    stream.shutdown(std::net::Shutdown::Write).expect("shut");
    assert_eq!(read(&mut stream, false).map(|answer| answer.status), Some(200));
    // A body that ends too soon.
    let mut stream = connect(server.address);
    stream.write_all(&request[..request.len() - 1]).expect("written");
    stream.shutdown(std::net::Shutdown::Write).expect("shut");
    assert_eq!(read(&mut stream, false).map(|answer| answer.status), Some(400));
    assert_eq!(one(server.address, &request).status, 200);
    server.is_well();
}
