//! `keyctl notify`, with a real HTTPS server.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::crypto::ring;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::{configure, things};
use crate::support::both;
use crate::support::cli::{Ran, Sandbox, finish};

const TOKEN: &str = "planted-bearer-of-the-webhook";

/// Heads and bodies.
type Requests = Mutex<Vec<(String, String)>>;

/// It answers with the status that is set, and keeps what it got: heads and bodies. It ends with the process.
struct Hook {
    port: u16,
    authority: PathBuf,
    status: Arc<Mutex<Option<u16>>>,
    got: Arc<Requests>,
}

impl Hook {
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
        let (status, got) = (Arc::new(Mutex::new(Some(204))), Arc::<Requests>::default());
        let (answers, requests) = (Arc::clone(&status), Arc::clone(&got));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let connection = ServerConnection::new(Arc::clone(&config)).expect("a connection");
                let mut reader = BufReader::new(StreamOwned::new(connection, stream));
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") {
                    if reader.read_line(&mut head).unwrap_or(0) == 0 {
                        break;
                    }
                }
                let length = head.lines().find_map(|line| {
                    line.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned)
                });
                let mut body = vec![0; length.map_or(0, |length| length.parse().expect("a length"))];
                // Whoever does not trust it hangs up.
                if head.is_empty() || reader.read_exact(&mut body).is_err() {
                    continue;
                }
                requests.lock().expect("requests").push((head, String::from_utf8(body).expect("UTF-8")));
                let status = *answers.lock().expect("a status");
                let mut stream = reader.into_inner();
                match status {
                    Some(status) => {
                        let _ = write!(stream, "HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n");
                        let _ = stream.flush();
                        stream.conn.send_close_notify();
                        let _ = stream.flush();
                    }
                    // It hangs for as long as the test runs.
                    None => std::mem::forget(stream),
                }
            }
        });
        Self { port, authority, status, got }
    }

    fn answers(&self, status: Option<u16>) {
        *self.status.lock().expect("a status") = status;
    }

    fn got(&self) -> Vec<(String, String)> {
        std::mem::take(&mut *self.got.lock().expect("requests"))
    }

    fn notify(&self, sandbox: &Sandbox) -> Ran {
        let mut command = sandbox.command(&["notify"]);
        command
            .env("SSL_CERT_FILE", &self.authority)
            .env("KEYCTL_OUTBOUND_ALLOW", "127.0.0.0/8,::1/128")
            .env("HOOK_TOKEN", TOKEN);
        let ran = finish(command, b"");
        assert!(!ran.stdout.contains(TOKEN) && !ran.stderr.contains(TOKEN), "{ran:?}");
        ran
    }
}

both!(a_webhook_is_told_over_https_with_its_token_until_it_says_yes, |place| {
    let sandbox = Sandbox::with_store(place);
    let hook = Hook::start(&sandbox);
    fs::write(sandbox.home().join("hook.token"), format!("{TOKEN}\n")).expect("a file");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(sandbox.home().join("hook.token"), mode).expect("a mode");
    let file = format!("webhook_token_file = \"{}\"", sandbox.home().join("hook.token").display());
    let config = |token: &str, timeout: &str| {
        let url = format!("https://localhost:{}/told?team=ops", hook.port);
        configure(&sandbox, &format!("[notify]\nwebhook = \"{url}\"\n{token}\ntimeout = \"{timeout}\"\n"));
    };
    sandbox.ok(&["mint", "alice", "--scope", "a", "--expires", "2d"]);
    config(&file, "10s");
    for status in [500, 404, 302] {
        hook.answers(Some(status));
        let ran = hook.notify(&sandbox).expect_code(9);
        assert!(ran.stderr.contains("the webhook"), "{ran:?}");
        assert_eq!(hook.got().len(), 1, "{status}");
    }
    // It hangs.
    config(&file, "1s");
    hook.answers(None);
    assert!(hook.notify(&sandbox).expect_code(9).stderr.contains("did not answer in time"));
    assert_eq!(hook.got().len(), 1);
    config("webhook_token_variable = \"HOOK_TOKEN\"", "10s");
    hook.answers(Some(204));
    hook.notify(&sandbox).expect_code(0);
    let got = hook.got();
    let [(head, body)] = &got[..] else { panic!("{got:?}") };
    let lower = head.to_ascii_lowercase();
    assert!(head.starts_with("POST /told?team=ops HTTP/1.1\r\n"), "{head}");
    assert!(
        lower.contains("content-type: application/json") && head.contains(&format!("Bearer {TOKEN}")),
        "{head}"
    );
    assert_eq!(things(body), ["key alice/default 3d"]);
    hook.notify(&sandbox).expect_code(0);
    assert!(hook.got().is_empty(), "it was told");
});

both!(a_webhook_that_cannot_be_trusted_or_reached_is_told_nothing, |place| {
    let sandbox = Sandbox::with_store(place);
    let hook = Hook::start(&sandbox);
    sandbox.ok(&["mint", "alice", "--scope", "a", "--expires", "2d"]);
    let url = format!("https://localhost:{}/told", hook.port);
    configure(&sandbox, &format!("[notify]\nwebhook = \"{url}\"\n"));
    let run = |allowed: &str, authority: &str| {
        let mut command = sandbox.command(&["notify"]);
        command.env("SSL_CERT_FILE", authority).env("KEYCTL_OUTBOUND_ALLOW", allowed);
        finish(command, b"").expect_code(9)
    };
    assert!(run("10.0.0.0/8", &hook.authority.display().to_string()).stderr.contains("address is private"));
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    fs::write(sandbox.home().join("other.pem"), other.cert.pem()).expect("a file");
    let other = sandbox.home().join("other.pem").display().to_string();
    assert!(run("127.0.0.0/8,::1/128", &other).stderr.contains("certificate is not trusted"));
    assert!(hook.got().is_empty());
    // A token that cannot be had ends it before anybody is asked.
    configure(
        &sandbox,
        &format!(
            "[notify]\nwebhook = \"{url}\"\nwebhook_token_file = \"{}\"\n",
            sandbox.home().join("none").display()
        ),
    );
    let ran = sandbox.run(&["notify"]).expect_code(2);
    assert!(ran.stderr.contains("token of the webhook"), "{ran:?}");
});
