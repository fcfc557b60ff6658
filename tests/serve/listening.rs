//! Where serve listens: what is answered there, Unix sockets, TLS.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};
use std::{fs, thread};

use rustix::process::Signal;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::process::{Server, eventually};
use super::raw::{Answer, connect, get, one, post, read, validate};
use crate::support::cli::Sandbox;
use crate::support::cluster::{certificates, free_port};
use crate::support::store::Place;

#[test]
fn each_address_answers_what_it_is_for() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let token = sandbox.ok(&["mint", "alice", "--scope", "memories"]);
    let port = |_| SocketAddr::from((Ipv4Addr::LOCALHOST, free_port().expect("a free port")));
    let [public, internal] = [(); 2].map(port);
    let resource = "[resource]\nresource = \"https://mcp.example.org\"\n";
    let flags = ["--listen", &format!("{public}=public"), "--listen", &format!("{internal}=internal")];
    let server = Server::with(&sandbox, resource, &flags);
    let key = format!("X-API-Key: {token}\r\n");
    let metadata = get("/.well-known/oauth-protected-resource", "");
    for (bytes, all, inside, outside) in [
        (get("/healthz", ""), 200, 200, 200),
        (get("/readyz", ""), 200, 200, 200),
        (get("/metrics", ""), 200, 200, 404),
        (get("/auth/nginx/memories", &key), 200, 200, 404),
        (get("/auth/envoy/a", &key), 403, 403, 404),
        (validate(&token), 200, 200, 404),
        (post("/introspect", "", b""), 415, 415, 404),
        (post("/resolve", "", b""), 404, 404, 404),
        (metadata, 200, 404, 200),
        (get("/auth/nginx", ""), 403, 403, 404),
        (get("/auth/other/memories", &key), 404, 404, 404),
        (get("//metrics", ""), 404, 404, 404),
        (get("/metrics/", ""), 404, 404, 404),
        (get("/%6detrics", ""), 404, 404, 404),
        (get("/METRICS", ""), 404, 404, 404),
        (get("/healthz/../metrics", ""), 404, 404, 404),
        (get("/metrics?a=/healthz", ""), 200, 200, 404),
    ] {
        let statuses = [server.address, internal, public].map(|address| one(address, &bytes).status);
        assert_eq!(statuses, [all, inside, outside], "{}", String::from_utf8_lossy(&bytes));
    }
    server.is_well();
}

fn over(socket: &Path, bytes: &[u8]) -> Answer {
    let mut stream = UnixStream::connect(socket).expect("connects");
    stream.write_all(bytes).expect("written");
    read(&mut stream, false).expect("an answer")
}

#[test]
fn a_socket_is_made_and_removed_and_nothing_else_of_its_name_is() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let token = sandbox.ok(&["mint", "alice", "--scope", "memories"]);
    let socket = sandbox.home().join("keyctl.sock");
    let listen = format!("unix:{}=all", socket.display());
    // What an earlier process left.
    drop(UnixListener::bind(&socket).expect("bound"));
    let server = Server::with(&sandbox, "", &["--listen", &listen]);
    let found = fs::metadata(&socket).expect("a socket");
    assert!(found.file_type().is_socket());
    assert_eq!(found.permissions().mode() & 0o7777, 0o660);
    assert_eq!(over(&socket, &validate(&token)).status, 200);

    let second = sandbox.run(&["serve", "--listen", &listen]).expect_code(6);
    assert!(second.stderr.contains("keyctl.sock"), "{}", second.stderr);
    assert_eq!(over(&socket, &validate(&token)).status, 200, "the first one goes on");
    sandbox.run(&["serve", "--listen", &format!("{}=all", server.address)]).expect_code(6);

    // Somebody else's, meanwhile.
    let moved = sandbox.home().join("moved.sock");
    fs::rename(&socket, &moved).expect("moved");
    let others = UnixListener::bind(&socket).expect("bound");
    server.signal(Signal::TERM);
    server.ends();
    assert!(socket.exists(), "of another process");
    drop(others);
    fs::remove_file(&socket).expect("removed");

    fs::write(&socket, "precious").expect("written");
    let refused = sandbox.run(&["serve", "--listen", &listen]);
    assert_ne!(refused.code, Some(0), "{refused:?}");
    assert_eq!(fs::read_to_string(&socket).expect("a file"), "precious");
    fs::remove_file(&socket).expect("removed");
    std::os::unix::fs::symlink(sandbox.place.file(), &socket).expect("a link");
    assert_ne!(sandbox.run(&["serve", "--listen", &listen]).code, Some(0));
    assert!(sandbox.place.file().exists());
    fs::remove_file(&socket).expect("removed");

    let server = Server::with(&sandbox, "", &["--listen", &listen]);
    server.signal(Signal::TERM);
    server.ends();
    assert!(!socket.exists(), "removed at the end");
}

/// Starts it on what an earlier process left; whether it listens, and what it said.
fn starts(sandbox: &Sandbox, listen: &str) -> (Child, PathBuf) {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let log = sandbox.home().join(format!("log-{}", NUMBER.fetch_add(1, Ordering::Relaxed)));
    let mut command = sandbox.command(&["serve", "--listen", listen]);
    command.stderr(fs::File::create(&log).expect("a log")).stdout(Stdio::null());
    (command.spawn().expect("starts"), log)
}

#[test]
fn of_many_that_start_at_one_moment_one_has_the_socket() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let socket = sandbox.home().join("keyctl.sock");
    let listen = format!("unix:{}=all", socket.display());
    for round in 0..5 {
        drop(UnixListener::bind(&socket).expect("bound"));
        let mut many: Vec<_> = (0..8).map(|_| starts(&sandbox, &listen)).collect();
        let mut ended = 0;
        eventually("all but one give up", || {
            ended = many.iter_mut().filter_map(|(child, _)| child.try_wait().expect("waited")).count();
            ended >= 7
        });
        thread::sleep(Duration::from_millis(200));
        let running = many
            .iter_mut()
            .filter_map(|(child, _)| child.try_wait().expect("waited").is_none().then_some(()));
        assert_eq!(running.count(), 1, "round {round}");
        assert_eq!(over(&socket, &get("/healthz", "")).status, 200, "it has the socket of that name");
        for (child, log) in &mut many {
            if child.try_wait().expect("waited").is_none() {
                child.kill().expect("killed");
            }
            let code = child.wait().expect("waited").code();
            let said = fs::read_to_string(log).expect("read");
            assert!(code == Some(6) && said.contains("keyctl.sock") || code.is_none(), "{code:?}: {said}");
        }
        fs::remove_file(&socket).expect("what the killed one left");
    }
}

#[test]
fn a_socket_that_nobody_takes_connections_of_is_left_alone_and_not_waited_for() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let socket = sandbox.home().join("keyctl.sock");
    let _listens = UnixListener::bind(&socket).expect("bound");
    // Its queue is full when one more is not taken at once.
    let mut waiting = Vec::new();
    let (full, is_full) = mpsc::channel();
    let path = socket.clone();
    thread::spawn(move || {
        loop {
            waiting.push(UnixStream::connect(&path));
            if full.send(waiting.len()).is_err() {
                return;
            }
        }
    });
    while is_full.recv_timeout(Duration::from_millis(500)).is_ok() {}
    let begun = Instant::now();
    let refused =
        sandbox.run(&["serve", "--listen", &format!("unix:{}=all", socket.display())]).expect_code(6);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(refused.stderr.contains("keyctl.sock"), "{}", refused.stderr);
    assert!(socket.exists());
}

type Tls = StreamOwned<ClientConnection, TcpStream>;

/// Trusts what signed the certificate of this folder.
fn shake_hands(server: &Server, folder: &Path) -> std::io::Result<Tls> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(folder.join("authority.pem")).expect("PEM")).expect("a root");
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").expect("a name");
    let client = ClientConnection::new(Arc::new(config), name).expect("a client");
    let mut stream = StreamOwned::new(client, connect(server.address));
    stream.flush()?;
    Ok(stream)
}

fn asks(server: &Server, folder: &Path) -> Option<u16> {
    let mut stream = shake_hands(server, folder).ok()?;
    stream.write_all(&get("/healthz", "")).ok()?;
    read(&mut stream, false).map(|answer| answer.status)
}

fn tls_with(certificate: &Path, key: &Path) -> String {
    format!("[tls]\ncertificate = \"{}\"\nkey = \"{}\"\n", certificate.display(), key.display())
}

#[test]
fn tls_is_read_again_on_sighup_and_stays_where_it_cannot_be() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let [old, new] = ["old", "new"].map(|name| {
        let folder = sandbox.home().join(name);
        fs::create_dir(&folder).expect("a folder");
        certificates(&folder, name).expect("certificates");
        folder
    });
    let [certificate, key] = ["tls.pem", "tls.key"].map(|name| sandbox.home().join(name));
    let put = |folder: &Path, with: &Path| {
        fs::copy(folder.join("server.pem"), &certificate).expect("copied");
        fs::copy(with.join("server.key"), &key).expect("copied");
    };
    put(&old, &old);
    let config = tls_with(&certificate, &key);
    let server = Server::with(&sandbox, &config, &[]);
    assert_eq!(asks(&server, &old), Some(200));
    assert_eq!(asks(&server, &new), None, "signed by another");

    // Who speaks no TLS, or begins and goes on some other time.
    let mut plain = connect(server.address);
    plain.write_all(&get("/healthz", "")).expect("written");
    let mut said = Vec::new();
    let _ = plain.read_to_end(&mut said);
    assert!(!said.starts_with(b"HTTP/"), "{said:?}");
    let slow: Vec<TcpStream> = (0..50)
        .map(|_| {
            let mut stream = connect(server.address);
            stream.write_all(b"\x16\x03\x01").expect("written");
            stream
        })
        .collect();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(asks(&server, &old), Some(200)));
        }
    });

    let mut kept = shake_hands(&server, &old).expect("a connection");
    kept.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").expect("written");
    assert_eq!(read(&mut kept, false).map(|answer| answer.status), Some(200));
    put(&new, &old);
    server.signal(Signal::HUP);
    server.says("the certificate in use stays");
    assert_eq!(asks(&server, &old), Some(200), "a pair that does not fit");
    fs::remove_file(&key).expect("removed");
    server.signal(Signal::HUP);
    server.says("tls.key: there is no such file");
    assert_eq!(asks(&server, &old), Some(200));
    put(&new, &new);
    server.signal(Signal::HUP);
    server.says("the certificate was read again");
    assert_eq!(asks(&server, &new), Some(200));
    assert_eq!(asks(&server, &old), None);
    kept.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").expect("written");
    assert_eq!(read(&mut kept, false).map(|answer| answer.status), Some(200), "what is open goes on");
    assert!(!server.log().contains("panicked"), "{}", server.log());
    // Those that never shook hands do not keep it.
    server.signal(Signal::TERM);
    drop(kept);
    eventually("no more connections", || TcpStream::connect(server.address).is_err());
    server.ends();
    drop(slow);

    for (certificate, says) in
        [("/dev/zero", "no file"), ("/nowhere", "no such file"), ("/etc/hostname", "no certificate")]
    {
        let config = tls_with(Path::new(certificate), &key);
        let file = sandbox.home().join("bad.toml");
        fs::write(&file, config).expect("written");
        let refused =
            sandbox.run(&["serve", "--check", "--config", file.to_str().expect("text")]).expect_code(2);
        assert!(refused.stderr.contains(says), "{certificate}: {}", refused.stderr);
    }
}
