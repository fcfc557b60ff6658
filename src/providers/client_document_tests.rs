//! With real sockets over TLS, but for moments, which are given.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rustls::pki_types::CertificateDer;

use super::*;
use crate::domain::mcp::client_document::ClientDocumentError;
use crate::domain::outbound::reach::Reach;
use crate::ops::outbound::{Answer, Unanswered};
use crate::providers::https::Https;
use crate::providers::https::tests::{loopback, secure_server};

/// What stands at `https://localhost:PORT/client.json`, by the head of the request for it.
fn document(head: &str) -> String {
    let host =
        head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("host: ").map(str::to_owned));
    let host = host.expect("a host");
    format!(
        r#"{{"client_id":"https://{host}/client.json","client_name":"App","redirect_uris":["http://127.0.0.1/callback"]}}"#
    )
}

fn answer(head: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}")
}

const JSON: &str = "200 OK\r\nContent-Type: application/json";

fn id(address: SocketAddr) -> ClientIdUrl {
    format!("https://localhost:{}/client.json", address.port()).parse().expect("an id")
}

fn trusting(authority: &CertificateDer<'static>) -> KeptDocuments<Https> {
    KeptDocuments::new(Https::trusting(loopback(), vec![authority.clone()]))
}

/// What becomes of a client whose server answers so, and how often it is asked for two tries.
fn refused(handle: impl Fn(&str, &mut dyn Write) + Send + Sync + 'static) -> (Undocumented, usize) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let (address, authority) = secure_server("localhost", move |head, stream| {
        counted.fetch_add(1, Ordering::Relaxed);
        handle(head, stream);
    });
    let documents = trusting(&authority);
    let why = documents.fetch(&id(address)).expect_err("no document");
    assert_eq!(documents.kept(&id(address)), Some(Err(why.clone())));
    assert_eq!(documents.fetch(&id(address)), Err(why.clone()));
    (why, asked.load(Ordering::Relaxed))
}

#[test]
fn a_document_is_fetched_over_tls_and_not_again_while_it_is_kept() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let (address, authority) = secure_server("localhost", move |head, stream| {
        counted.fetch_add(1, Ordering::Relaxed);
        assert!(head.starts_with("GET /client.json HTTP/1.1\r\n"), "{head}");
        let kind = "200 OK\r\nContent-Type: application/mcp-client+json; charset=utf-8";
        stream.write_all(answer(kind, &document(head)).as_bytes()).expect("sent");
    });
    let documents = trusting(&authority);
    assert_eq!(documents.kept(&id(address)), None);
    for _ in 0..3 {
        let document = documents.fetch(&id(address)).expect("a document");
        assert_eq!((document.id(), document.name()), (&id(address), Some("App")));
    }
    assert!(matches!(documents.kept(&id(address)), Some(Ok(_))));
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[test]
fn fifty_who_want_one_document_at_once_ask_for_it_once() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let (address, authority) = secure_server("localhost", move |head, stream| {
        counted.fetch_add(1, Ordering::Relaxed);
        thread::sleep(Duration::from_millis(300));
        stream.write_all(answer(JSON, &document(head)).as_bytes()).expect("sent");
    });
    let documents = trusting(&authority);
    thread::scope(|scope| {
        for _ in 0..50 {
            scope.spawn(|| assert!(documents.fetch(&id(address)).is_ok()));
        }
    });
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[test]
fn what_is_no_document_has_a_reason_and_is_not_asked_for_again_at_once() {
    type Handle = Box<dyn Fn(&str, &mut dyn Write) + Send + Sync>;
    let says = |head: &'static str| -> Handle {
        Box::new(move |request, stream| {
            let _ = stream.write_all(answer(head, &document(request)).as_bytes());
        })
    };
    let wrong = |from: &'static str, to: &'static str| -> Handle {
        Box::new(move |request, stream| {
            let _ = stream.write_all(answer(JSON, &document(request).replace(from, to)).as_bytes());
        })
    };
    for (handle, why) in [
        (says("404 Not Found\r\nContent-Type: application/json"), Undocumented::Status(404)),
        (says("201 Created\r\nContent-Type: application/json"), Undocumented::Status(201)),
        (says("500 No\r\nContent-Type: application/json"), Undocumented::Status(500)),
        (says("200 OK\r\nContent-Type: text/html"), Unanswered::NotJson(200).into()),
        (says("200 OK"), Unanswered::NotJson(200).into()),
        (
            says("302 Found\r\nContent-Type: application/json\r\nLocation: https://localhost/other.json"),
            Unanswered::Redirect.into(),
        ),
        (
            says("200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip"),
            Unanswered::Compressed.into(),
        ),
        (wrong("/client.json", "/other.json"), ClientDocumentError::OtherId.into()),
        (wrong("client_id", "id"), ClientDocumentError::NoId.into()),
        (wrong("}", ""), ClientDocumentError::NotJson.into()),
    ] {
        assert_eq!(refused(handle), (why.clone(), 1), "{why}");
    }
}

#[test]
fn a_document_of_100_mb_is_none_and_is_not_read() {
    for head in ["Content-Length: 104857600\r\n", "Connection: close\r\n"] {
        let (why, asked) = refused(move |_, stream| {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{head}\r\n");
            let _ = stream.write_all(head.as_bytes());
            let block = vec![b' '; 1024 * 1024];
            let sent = (0..100).take_while(|_| stream.write_all(&block).is_ok()).count();
            assert!(sent < 50, "{sent} MiB were taken");
        });
        assert_eq!((why, asked), (Unanswered::TooLarge(MOST).into(), 1), "{head}");
    }
}

#[test]
fn a_server_that_does_not_come_to_an_end_is_left_after_five_seconds() {
    for head in ["", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n"] {
        let (address, authority) = secure_server("localhost", move |_, stream| {
            let _ = stream.write_all(head.as_bytes());
            // A byte at a time, of its head or its body.
            while stream.write_all(b" ").and_then(|()| stream.flush()).is_ok() {
                thread::sleep(Duration::from_millis(200));
            }
        });
        let documents = trusting(&authority);
        let before = documents.begun.elapsed();
        let why = documents.fetch(&id(address)).expect_err("no document");
        let took = documents.begun.elapsed().saturating_sub(before);
        assert!(took < WITHIN + Duration::from_secs(1), "{head}: {took:?}");
        let late = Undocumented::Unanswered(Unanswered::Timeout { sent: true });
        assert!(why == late || (head.is_empty() && why == Unanswered::Broken.into()), "{head}: {why:?}");
    }
}

#[test]
fn a_server_without_a_certificate_of_its_own_is_asked_nothing() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counting = |name: &str| {
        let counted = Arc::clone(&asked);
        secure_server(name, move |_, _| {
            counted.fetch_add(1, Ordering::Relaxed);
        })
    };
    let (address, _) = counting("localhost");
    let (elsewhere, other) = counting("app.example.com");
    for address in [address, elsewhere] {
        let why = trusting(&other).fetch(&id(address));
        assert_eq!(why, Err(Unanswered::Certificate.into()));
    }
    assert_eq!(asked.load(Ordering::Relaxed), 0);
}

#[test]
fn what_is_not_public_is_not_connected_to_by_whatever_name() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    listener.set_nonblocking(true).expect("set");
    let documents = KeptDocuments::new(Https::new(Reach::default()));
    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "127.1", "10.0.0.1"] {
        let id: ClientIdUrl = format!("https://{host}:{port}/client.json").parse().expect(host);
        assert_eq!(documents.fetch(&id), Err(Unanswered::Private.into()), "{host}");
    }
    for host in ["169.254.169.254", "192.168.0.1", "[fd00::1]"] {
        let id: ClientIdUrl = format!("https://{host}/latest/meta-data").parse().expect(host);
        assert_eq!(documents.fetch(&id), Err(Unanswered::Private.into()), "{host}");
    }
    assert!(listener.accept().is_err(), "somebody connected");
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn client(number: usize) -> ClientIdUrl {
    format!("https://app.example.com/{number}").parse().expect("an id")
}

fn its_document(id: &ClientIdUrl) -> Known {
    let text = format!(r#"{{"client_id":"{id}","redirect_uris":["https://app.example.com/"]}}"#);
    Ok(Arc::new(ClientDocument::parse(text.as_bytes(), id)?))
}

#[test]
fn a_document_is_kept_as_long_as_its_server_says_within_bounds_and_not_longer() {
    let id = client(1);
    for (max_age, lives) in [
        (None, 300),
        (Some(0), 5),
        (Some(1), 5),
        (Some(60), 60),
        (Some(86_400), 3600),
        (Some(u64::MAX), 3600),
    ] {
        let mut kept = Kept::default();
        assert!(matches!(kept.step(&id, seconds(100)), Step::Ask));
        kept.answered(&id, its_document(&id), max_age.map(seconds), seconds(100));
        assert!(kept.known(&id, seconds(100 + lives - 1)).is_some_and(Result::is_ok), "{max_age:?}");
        assert!(kept.known(&id, seconds(100 + lives)).is_none(), "{max_age:?}");
        assert!(matches!(kept.step(&id, seconds(100 + lives)), Step::Ask), "{max_age:?}");
        // The server is silent then: what was kept is not used.
        kept.answered(&id, Err(Undocumented::Status(503)), Some(seconds(60)), seconds(100 + lives));
        assert_eq!(kept.known(&id, seconds(100 + lives)), Some(&Err(Undocumented::Status(503))));
        assert!(kept.known(&id, seconds(100 + lives + 5)).is_none(), "{max_age:?}");
    }
}

#[test]
fn documents_beyond_a_thousand_push_out_those_that_end_first() {
    let mut kept = Kept::default();
    for number in 0..MOST_DOCUMENTS {
        let id = client(number);
        let max_age = Some(seconds(if number == 7 { 30 } else { 60 }));
        kept.answered(&id, its_document(&id), max_age, seconds(0));
    }
    let more = client(MOST_DOCUMENTS);
    kept.answered(&more, its_document(&more), None, seconds(1));
    assert!(kept.known(&client(7), seconds(1)).is_none() && kept.known(&client(8), seconds(1)).is_some());
    assert_eq!(kept.known.len(), MOST_DOCUMENTS);
    // Another one once all but that have ended.
    let last = client(MOST_DOCUMENTS + 1);
    kept.answered(&last, its_document(&last), None, seconds(61));
    assert_eq!(kept.known.len(), 2);
}

/// Answers nobody before it is let.
struct Hanging(Arc<(Mutex<bool>, Condvar)>);

impl Outbound for Hanging {
    fn exchange(&self, _: &Request<'_>) -> Result<Answer, Unanswered> {
        let (is_let, told) = &*self.0;
        let mut is_let = is_let.lock().expect("a lock");
        while !*is_let {
            is_let = told.wait(is_let).expect("a lock");
        }
        Err(Unanswered::Unreachable)
    }
}

#[test]
fn servers_that_hang_hold_up_no_document_that_is_kept_and_are_bounded() {
    let hanging = Arc::new((Mutex::new(false), Condvar::new()));
    let documents = KeptDocuments::new(Hanging(Arc::clone(&hanging)));
    let known = client(MOST_AT_ONCE + 1);
    documents.lock().answered(&known, its_document(&known), None, documents.begun.elapsed());
    thread::scope(|scope| {
        let documents = &documents;
        for number in 0..MOST_AT_ONCE {
            scope.spawn(move || documents.fetch(&client(number)));
        }
        while documents.lock().asked.len() < MOST_AT_ONCE {
            thread::yield_now();
        }
        assert_eq!(documents.fetch(&client(MOST_AT_ONCE)), Err(Undocumented::Busy));
        assert!(documents.fetch(&known).is_ok());
        *hanging.0.lock().expect("a lock") = true;
        hanging.1.notify_all();
    });
    assert_eq!(documents.fetch(&client(0)), Err(Unanswered::Unreachable.into()));
    assert!(documents.lock().asked.is_empty());
}
