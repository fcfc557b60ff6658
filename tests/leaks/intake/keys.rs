//! Where the list of GitHub's keys is: an address, asked over TLS, and what is kept of its answer.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::crypto::ring;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;

use super::{Intake, minted, partner_body, partner_lines, reporter, state};
use crate::support::both;
use crate::support::cli::Sandbox;

/// It answers with the body that is set, and counts how often. It ends with the process.
struct List {
    port: u16,
    authority: PathBuf,
    body: Arc<Mutex<String>>,
    asked: Arc<AtomicUsize>,
}

impl List {
    fn start(sandbox: &Sandbox) -> Self {
        let key = rcgen::KeyPair::generate().expect("a key");
        let mut params = rcgen::CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let own = params.self_signed(&key).expect("a certificate");
        let authority = sandbox.home().join("authority.pem");
        fs::write(&authority, own.pem()).expect("a file");
        let issuer = rcgen::Issuer::new(params, key);
        let key = rcgen::KeyPair::generate().expect("a key");
        let params = rcgen::CertificateParams::new(["localhost".to_owned()]).expect("parameters");
        let certificate = params.signed_by(&key, &issuer).expect("a certificate").der().clone();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key.serialize_der().try_into().expect("a key"))
            .expect("a certificate");
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (body, asked) = (Arc::<Mutex<String>>::default(), Arc::<AtomicUsize>::default());
        let (answers, requests) = (Arc::clone(&body), Arc::clone(&asked));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let connection = ServerConnection::new(Arc::clone(&config)).expect("a connection");
                let mut reader = BufReader::new(StreamOwned::new(connection, stream));
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap_or(0) > 0 {}
                // Whoever does not trust it hangs up.
                if !head.ends_with("\r\n\r\n") {
                    continue;
                }
                requests.fetch_add(1, Ordering::SeqCst);
                let body = answers.lock().expect("a body").clone();
                let mut stream = reader.into_inner();
                let _ = write!(stream, "HTTP/1.1 200 X\r\nContent-Length: {}\r\n\r\n{body}", body.len());
                let _ = stream.flush();
                stream.conn.send_close_notify();
                let _ = stream.flush();
            }
        });
        Self { port, authority, body, asked }
    }

    fn url(&self) -> String {
        format!("https://localhost:{}/keys", self.port)
    }

    /// The intake that asks here. What signs is in its folder.
    fn intake(&self, sandbox: &Sandbox, is_trusted: bool) -> Intake {
        let authority = self.authority.display().to_string();
        let mut variables = vec![("KEYCTL_OUTBOUND_ALLOW", "127.0.0.0/8,::1/128")];
        if is_trusted {
            variables.push(("SSL_CERT_FILE", &authority));
        }
        let (folder, list) = Intake::signer();
        *self.body.lock().expect("a body") = list;
        Intake::start_with_variables(
            sandbox,
            folder,
            &["--rule", "revoke", "--github-keys", &self.url()],
            &variables,
        )
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

both!(the_list_of_keys_is_asked_for_over_tls_and_kept, |place| {
    let sandbox = Sandbox::with_store(place);
    let tokens: Vec<String> =
        (0..4).map(|number| minted(&sandbox, &format!("alice/{number} --scope memories"))).collect();
    let list = List::start(&sandbox);
    let intake = list.intake(&sandbox, true);
    assert_eq!(list.asked(), 0, "not before somebody sends something");
    for token in &tokens[..3] {
        assert_eq!(intake.partner(&partner_body(&[token])).status, 200, "{}", intake.log());
        assert_eq!(state(&sandbox, token), "revoked");
    }
    assert_eq!(list.asked(), 1);
    // Ids that nobody knows have it asked for no more often than once in a minute.
    for number in 0..20 {
        let lines = partner_lines(&format!("another{number}"), "AAAA");
        assert_eq!(intake.sent("/github/partner", &lines, &partner_body(&[&tokens[3]])).status, 401);
    }
    assert_eq!((list.asked(), state(&sandbox, &tokens[3])), (1, "allowed".to_owned()));
});

#[test]
fn a_list_that_is_too_long_is_none_or_is_by_somebody_else_lets_nobody_in() {
    let sandbox = Sandbox::with_store(crate::support::store::Place::sqlite());
    let token = minted(&sandbox, "alice --scope memories");
    let list = List::start(&sandbox);
    for (is_trusted, body, why) in [
        (false, None, "the list of GitHub's keys cannot be had"),
        (true, Some("x".repeat(300 * 1024)), "the list of GitHub's keys cannot be had"),
        (true, Some("{}".to_owned()), "it is no list of keys as GitHub has it"),
    ] {
        let intake = list.intake(&sandbox, is_trusted);
        if let Some(body) = body {
            *list.body.lock().expect("a body") = body;
        }
        assert_eq!(intake.partner(&partner_body(&[&token])).status, 401, "{}", intake.log());
        assert!(intake.log().contains(why), "{}", intake.log());
        assert_eq!(state(&sandbox, &token), "allowed");
    }
    let plain = format!("http://localhost:{}/keys", list.port);
    let ran = sandbox.run(&["leaks", "serve", "--github-keys", &plain, "--check"]);
    assert_ne!(ran.code, Some(0), "without TLS: {ran:?}");
}

both!(who_reports_is_held_to_its_rate_and_its_quota, |place| {
    let sandbox = Sandbox::with_store(place);
    let rated = minted(&sandbox, "slow --scope keyctl:report --rate 2/h");
    let counted = minted(&sandbox, "few --scope keyctl:report --quota 2/day");
    let own = reporter(&sandbox);
    sandbox.ok(&["owner", "set", "scanner", "--quota", "1/month"]);
    let intake = Intake::start(&sandbox, &[]);
    let report = |key: &str, number: u32| intake.report(key, &json!([{ "n": number }]).to_string());
    for key in [&rated, &counted] {
        assert_eq!(report(key, 1).status, 200, "{}", intake.log());
        assert_eq!(intake.check(key, &["x"]), 403, "{}", intake.log());
        let over = report(key, 2);
        assert_eq!(over.status, 429, "{over:?}");
        assert!(over.header("retry-after").is_some(), "{over:?}");
        assert_eq!(intake.check(key, &["x"]), 429);
    }
    assert_eq!([report(&own, 1).status, report(&own, 2).status], [200, 429]);
    let spent = sandbox.place.sql("SELECT spent FROM quota_spent ORDER BY spent").expect("rows");
    assert_eq!(spent.split_whitespace().collect::<Vec<_>>(), ["1", "2"]);
    // Whoever may not report is no key that is counted.
    assert_eq!(intake.report("nonsense", "[]").status, 401);
});
