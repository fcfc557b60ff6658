//! With real sockets: what a server may do to whoever asks it.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Instant;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::*;
use crate::domain::keys::network::Networks;
use crate::domain::outbound::endpoint::Endpoint;
use crate::domain::secrets::secret::SecretValue;
use crate::ops::outbound::{Basic, Form};

const MOST: usize = 64 * 1024;
const GOOD: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nCache-Control: max-age=300\r\nRetry-After: 7\r\nContent-Length: 7\r\n\r\n{\"a\":1}";

pub(in crate::providers) fn loopback() -> Reach {
    Reach::of(Networks::parse_lists(["127.0.0.0/8"]).expect("networks"))
}

/// A server whose every connection is handled so. It listens for as long as the tests run.
fn server(handle: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || listener.incoming().flatten().for_each(&handle));
    address
}

/// The head of a request, and its body; `None` where whoever asked hung up.
fn request(stream: impl Read) -> Option<(String, String)> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        reader.read_line(&mut head).ok().filter(|read| *read > 0)?;
    }
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    let length = lines.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let mut body = vec![0; length.map_or(0, |(_, length)| length.parse().expect("a length"))];
    reader.read_exact(&mut body).ok()?;
    Some((head, String::from_utf8(body).expect("UTF-8")))
}

/// Answers every request with these bytes.
fn answering(bytes: impl Into<Vec<u8>>) -> SocketAddr {
    let bytes = bytes.into();
    server(move |mut stream| {
        request(&stream);
        // Whoever had enough hangs up.
        let _ = stream.write_all(&bytes);
    })
}

fn get_within(https: &Https, url: &str, within: Duration) -> Result<Answer, Unanswered> {
    let endpoint: Endpoint = url.parse().expect(url);
    https.exchange(&Request { endpoint: &endpoint, call: Call::Get, within, most: MOST })
}

fn get(address: SocketAddr) -> Result<Answer, Unanswered> {
    get_within(&Https::new(loopback()), &format!("http://{address}/a"), LONGEST)
}

#[test]
fn an_answer_is_its_status_its_headers_and_its_body() {
    let answer = get(answering(GOOD)).expect("an answer");
    assert_eq!((answer.status, answer.json().expect("JSON")), (200, br#"{"a":1}"# as &[u8]));
    assert_eq!(
        (answer.retry_after, answer.max_age),
        (Some(Duration::from_secs(7)), Some(Duration::from_mins(5)))
    );
    let html = "HTTP/1.1 503 No\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html>";
    let answer = get(answering(html)).expect("an answer");
    assert_eq!((answer.status, &**answer.body), (503, b"<html>" as &[u8]));
    assert_eq!(answer.json(), Err(Unanswered::NotJson(503)));
}

#[test]
fn a_form_is_posted_with_the_client_in_the_header() {
    let (sender, requests) = std::sync::mpsc::channel();
    let address = server(move |mut stream| {
        sender.send(request(&stream).expect("a request")).expect("the test waits");
        stream.write_all(GOOD.as_bytes()).expect("sent");
    });
    let secret = SecretValue::from_bytes(b"s%c", false).expect("a secret");
    let form = Form::default().with("grant_type", "refresh_token").with_secret("refresh_token", &secret);
    let client = Some(Basic { id: "app", secret: &secret });
    let endpoint = format!("http://{address}/token?tenant=7").parse().expect("an endpoint");
    let call = Call::Post { form: &form, client };
    let asked =
        Https::new(loopback()).exchange(&Request { endpoint: &endpoint, call, within: LONGEST, most: MOST });
    assert_eq!(asked.expect("an answer").status, 200);
    let (head, body) = requests.recv().expect("a request");
    let head = head.to_ascii_lowercase();
    assert!(head.starts_with("post /token?tenant=7 http/1.1\r\n"), "{head}");
    assert!(head.contains("\r\nauthorization: basic yxbwonmlmjvj\r\n"), "{head}");
    assert!(head.contains("\r\ncontent-type: application/x-www-form-urlencoded\r\n"), "{head}");
    assert!(head.contains("\r\naccept: application/json\r\n"), "{head}");
    assert_eq!(body, "grant_type=refresh_token&refresh_token=s%25c");
}

#[test]
fn no_redirect_is_followed() {
    for status in [301, 302, 303, 307, 308] {
        let other = answering(GOOD);
        let answer =
            format!("HTTP/1.1 {status} Moved\r\nLocation: http://{other}/\r\nContent-Length: 0\r\n\r\n");
        assert_eq!(get(answering(answer)).err(), Some(Unanswered::Redirect), "{status}");
    }
}

#[test]
fn what_is_too_large_is_no_answer_and_is_not_read() {
    // It says so, it says nothing, it says less.
    for head in ["Content-Length: 104857600\r\n", "Connection: close\r\n"] {
        let address = server(move |mut stream| {
            request(&stream);
            let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{head}\r\n");
            let _ = stream.write_all(head.as_bytes());
            let block = vec![b' '; 1024 * 1024];
            let sent = (0..100).take_while(|_| stream.write_all(&block).is_ok()).count();
            assert!(sent < 50, "{sent} MiB were taken");
        });
        assert_eq!(get(address).err(), Some(Unanswered::TooLarge(MOST)), "{head}");
    }
    let exactly = format!("HTTP/1.1 200 OK\r\nContent-Length: {MOST}\r\n\r\n{}", "a".repeat(MOST));
    assert_eq!(get(answering(exactly)).expect("an answer").body.len(), MOST);
    let chunked = format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{}\r\n1\r\na\r\n0\r\n\r\n",
        MOST,
        "a".repeat(MOST)
    );
    assert_eq!(get(answering(chunked)).err(), Some(Unanswered::TooLarge(MOST)));
    let headers = format!("HTTP/1.1 200 OK\r\nX-A: {}\r\n\r\n", "a".repeat(LONGEST_HEADERS));
    assert_eq!(get(answering(headers)).err(), Some(Unanswered::Broken));
}

#[test]
fn what_is_compressed_is_no_answer() {
    for encoding in ["gzip", "br", "deflate", "identity, gzip"] {
        let answer =
            format!("HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: 2\r\n\r\n\x1f\u{b}");
        assert_eq!(get(answering(answer)).err(), Some(Unanswered::Compressed), "{encoding}");
    }
}

#[test]
fn what_breaks_off_or_is_no_http_is_no_answer() {
    for answer in [
        "",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\":1}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{\"a\":1}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ] {
        let error = get(answering(answer)).expect_err(answer);
        assert!(error == Unanswered::Broken && error.may_have_arrived(), "{answer}: {error:?}");
    }
}

/// Whatever it does: nothing at all, a byte at a time of its headers or of its body, no end of them.
#[test]
fn a_server_that_takes_its_time_is_left_in_time() {
    let within = Duration::from_secs(2);
    let dripping = |head: &'static str, byte: &'static [u8]| {
        server(move |mut stream| {
            thread::spawn(move || {
                let _ = stream.write_all(head.as_bytes());
                while byte.is_empty() || stream.write_all(byte).is_ok() {
                    thread::sleep(Duration::from_millis(50));
                }
            });
        })
    };
    for (head, byte) in [
        ("", b"" as &[u8]),
        ("HTTP/1.1 200 OK\r\nX-A: ", b"a"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n", b"a"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
        ("", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ] {
        let address = dripping(head, byte);
        #[expect(clippy::disallowed_methods, reason = "it is about how long it takes")]
        let began = Instant::now();
        let error = get_within(&Https::new(loopback()), &format!("http://{address}/"), within).err();
        let took = began.elapsed();
        assert!(took < within + Duration::from_secs(1), "{head}: {took:?}");
        let late = error == Some(Unanswered::Timeout { sent: true });
        // More than a hundred interim answers are refused before the time is over.
        assert!(late || (head.is_empty() && error == Some(Unanswered::Broken)), "{head}: {error:?}");
    }
}

#[test]
fn what_does_not_listen_got_nothing() {
    let closed = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
    let error = get(closed).expect_err("nobody listens");
    assert!(error == Unanswered::Unreachable && !error.may_have_arrived());
    let none = get_within(&Https::new(loopback()), "https://no-such-host.invalid/", LONGEST);
    assert_eq!(none.err(), Some(Unanswered::Unresolved));
}

#[test]
fn what_is_not_public_is_connected_to_only_where_it_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    listener.set_nonblocking(true).expect("set");
    let public_alone = Https::new(Reach::default());
    let other_alone = Https::new(Reach::of(Networks::parse_lists(["127.0.0.2", "::1"]).expect("networks")));
    for (url, error) in [
        (format!("https://127.0.0.1:{port}/"), Unanswered::Private),
        (format!("https://localhost:{port}/"), Unanswered::Private),
        (format!("https://[::ffff:127.0.0.1]:{port}/"), Unanswered::Private),
        // The same address, as the look-up of names reads it.
        (format!("https://2130706433:{port}/"), Unanswered::Private),
        (format!("https://0x7f.1:{port}/"), Unanswered::Private),
        (format!("https://127.1:{port}/"), Unanswered::Private),
        ("https://169.254.169.254/".to_owned(), Unanswered::Private),
        (format!("http://127.0.0.1:{port}/"), Unanswered::Plain),
        (format!("http://localhost:{port}/"), Unanswered::Plain),
    ] {
        assert_eq!(get_within(&public_alone, &url, LONGEST).err(), Some(error), "{url}");
    }
    let url = format!("http://127.0.0.1:{port}/");
    assert_eq!(get_within(&other_alone, &url, LONGEST).err(), Some(Unanswered::Plain));
    assert!(listener.accept().is_err(), "somebody connected");
}

/// A server with a certificate of that name, by an authority that is returned. It is handed the head of each request.
pub(in crate::providers) fn secure_server(
    name: &str,
    handle: impl Fn(&str, &mut dyn Write) + Send + Sync + 'static,
) -> (SocketAddr, CertificateDer<'static>) {
    let key = rcgen::KeyPair::generate().expect("a key");
    let mut params = rcgen::CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = params.self_signed(&key).expect("a certificate").der().clone();
    let issuer = rcgen::Issuer::new(params, key);
    let key = rcgen::KeyPair::generate().expect("a key");
    let params = rcgen::CertificateParams::new([name.to_owned()]).expect("parameters");
    let certificate = params.signed_by(&key, &issuer).expect("a certificate").der().clone();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key.serialize_der().try_into().expect("a key"))
        .expect("a certificate");
    let config = Arc::new(config);
    let address = server(move |stream| {
        let connection = ServerConnection::new(Arc::clone(&config)).expect("a connection");
        let mut stream = StreamOwned::new(connection, stream);
        // Whoever does not trust it hangs up.
        if stream.conn.complete_io(&mut stream.sock).is_ok()
            && let Some((head, _)) = request(&mut stream)
        {
            handle(&head, &mut stream);
        }
    });
    (address, authority)
}

/// The same with one answer.
fn secure(name: &str, answer: &'static str) -> (SocketAddr, CertificateDer<'static>) {
    secure_server(name, move |_, stream| {
        let _ = stream.write_all(answer.as_bytes());
    })
}

#[test]
fn a_certificate_is_verified_for_its_authority_and_its_name() {
    let (address, authority) = secure("localhost", GOOD);
    let (elsewhere, other) = secure("login.example.com", GOOD);
    let url = |address: SocketAddr| format!("https://localhost:{}/", address.port());
    let trusting = |authority: &CertificateDer<'static>| Https::trusting(loopback(), vec![authority.clone()]);
    let good = get_within(&trusting(&authority), &url(address), LONGEST).expect("an answer");
    assert_eq!(good.status, 200);
    for (https, url) in [
        (trusting(&other), url(address)),
        (trusting(&other), url(elsewhere)),
        (trusting(&authority), format!("https://{address}/")),
    ] {
        let error = get_within(&https, &url, LONGEST).expect_err("not trusted");
        assert!(error == Unanswered::Certificate && !error.may_have_arrived(), "{url}: {error:?}");
    }
    let none = get_within(&Https::trusting(loopback(), Vec::new()), &url(address), LONGEST);
    assert_eq!(none.err(), Some(Unanswered::NoAuthorities));
}

#[test]
fn what_speaks_no_tls_is_no_answer() {
    let (_, authority) = secure("localhost", GOOD);
    let https = Https::trusting(loopback(), vec![authority]);
    let plain = answering_at_once("HTTP/1.1 400 Bad Request\r\n\r\n");
    let error = get_within(&https, &format!("https://{plain}/"), LONGEST).expect_err("no TLS");
    assert!(matches!(error, Unanswered::Tls { .. } | Unanswered::Broken), "{error:?}");
    let silent = server(|stream| drop(thread::spawn(move || (stream, thread::sleep(LONGEST)).0)));
    let within = Duration::from_secs(1);
    let error = get_within(&https, &format!("https://{silent}/"), within).expect_err("no TLS");
    assert_eq!(error, Unanswered::Timeout { sent: false });
}

/// Answers before it is asked.
fn answering_at_once(bytes: &'static str) -> SocketAddr {
    server(move |mut stream| {
        let _ = stream.write_all(bytes.as_bytes());
        let _ = stream.read(&mut [0; 1024]);
    })
}
