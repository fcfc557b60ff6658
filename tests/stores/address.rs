//! Addresses of a real server in all their forms, and what is said where one does not lead there.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;
use std::{fs, thread};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::server::listen;
use crate::support::cli::Sandbox;
use crate::support::pair::Pair;
use crate::support::postgres::{self, PASSWORD, USER};
use crate::support::runner::{Case, case, check};
use crate::support::store::Place;
use crate::support::unprivileged;

const ESCAPED: &str = "correct%20horse%20battery%20staple";

fn store() -> (Sandbox, u16, String) {
    let sandbox = Sandbox::with_store(Place::postgres());
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    let database = sandbox.place.database.clone().unwrap();
    (sandbox, postgres::server().port, database)
}

fn at(name: &str, address: &str) -> Case {
    case(name, "list").env("KEYCTL_STORE", address).hides(PASSWORD).hides(ESCAPED)
}

fn reaches(name: &str, address: &str) -> Case {
    at(name, address).stdout(|out| out.starts_with("alice/"))
}

/// What is printed can be pasted, and leads to the same place.
#[test]
fn what_verbose_prints_is_an_address_that_works() {
    let (sandbox, port, database) = store();
    let socket = postgres::server().folder.display().to_string().replace('/', "%2F");
    for (given, printed) in [
        (format!("127.0.0.1:{port}/{database}"), format!("127.0.0.1:{port}/{database}")),
        (format!("{socket}:{port}/{database}"), format!("{socket}:{port}/{database}")),
        (
            format!("/{database}?host={}&port={port}", postgres::server().folder.display()),
            format!("{socket}:{port}/{database}"),
        ),
        (
            format!("localhost:{port}/{database}?sslmode=require&channel_binding=require"),
            format!("localhost:{port}/{database}?sslmode=require&channel_binding=require"),
        ),
    ] {
        let pasted = format!("postgres://{USER}@{printed}");
        let row = reaches(&given, &format!("postgres://{USER}:{ESCAPED}@{given}"));
        let shown = format!("store: {pasted} ");
        check(&sandbox, vec![row.arg("-v").says(&shown), reaches(&pasted, &pasted)]);
    }
}

#[test]
fn channel_binding_is_honoured() {
    let (sandbox, port, database) = store();
    let address = |query: &str| format!("postgres://{USER}@127.0.0.1:{port}/{database}?{query}");
    let trusting = format!("postgres://{USER}@127.0.0.1:{port}/trusting");
    check(
        &sandbox,
        vec![
            reaches("required over TLS", &address("sslmode=require&channel_binding=require")),
            reaches("not wanted", &address("sslmode=require&channel_binding=disable")),
            reaches("preferred in plain text", &address("channel_binding=prefer")),
            at(
                "required, and nobody asks for a password",
                &format!("{trusting}?sslmode=require&channel_binding=require"),
            )
            .fails(7, "channel binding", "channel_binding=require"),
        ],
    );
}

/// Debian's PostgreSQL 15 knows no TLS from the first byte: in front of it stands what PostgreSQL 17
/// demands, ALPN included (its manual, 54.2.11), with the server's own certificate.
#[test]
fn tls_from_the_first_byte_is_offered_as_postgresql() {
    let (sandbox, port, database) = store();
    let server = postgres::server();
    let direct = listen("127.0.0.1", move |client| {
        let _ = direct_tls(client, port);
    });
    let full = format!("sslmode=verify-full&sslrootcert={}", server.authority.display());
    let address = |port: u16, query: &str| format!("postgres://{USER}@localhost:{port}/{database}?{query}");
    check(
        &sandbox,
        vec![
            reaches("direct", &address(direct, &format!("{full}&sslnegotiation=direct"))),
            at("asked for first", &address(direct, &full)).fails(7, "cannot connect", ""),
            at("an older server", &address(port, &format!("{full}&sslnegotiation=direct"))).fails(
                7,
                "cannot connect",
                "sslnegotiation=direct needs PostgreSQL 17",
            ),
        ],
    );
}

/// Takes TLS from the first byte, from whoever names the protocol, and passes on what is inside.
fn direct_tls(client: TcpStream, port: u16) -> std::io::Result<()> {
    let server = postgres::server();
    let of = |name: &str| server.folder.join(name);
    let certificates = CertificateDer::pem_file_iter(of("server.pem")).unwrap().map(Result::unwrap).collect();
    // The server's own user owns the key; as root it can be read.
    let key = PrivateKeyDer::from_pem_file(of("server.key")).unwrap();
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .unwrap();
    config.alpn_protocols = vec![b"postgresql".to_vec()];
    let mut tls = rustls::StreamOwned::new(rustls::ServerConnection::new(config.into()).unwrap(), client);
    while tls.conn.is_handshaking() {
        tls.conn.complete_io(&mut tls.sock)?;
    }
    if tls.conn.alpn_protocol() != Some(b"postgresql") {
        return Ok(());
    }
    let mut inner = TcpStream::connect(("127.0.0.1", port))?;
    for socket in [&tls.sock, &inner] {
        socket.set_read_timeout(Some(Duration::from_millis(5)))?;
    }
    loop {
        pass(&mut tls, &mut inner)?;
        pass(&mut inner, &mut tls)?;
    }
}

/// What there is to read now; an error at the end.
fn pass(from: &mut impl Read, to: &mut impl Write) -> std::io::Result<()> {
    let mut bytes = [0; 8192];
    match from.read(&mut bytes) {
        Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
        Ok(read) => to.write_all(&bytes[..read]).and_then(|()| to.flush()),
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Ok(()),
        Err(error) => Err(error),
    }
}

/// The server's code is the same for all of these (28000), and its message may be in any language.
#[test]
fn an_unknown_role_is_not_blamed_on_the_server_s_configuration() {
    let (sandbox, port, database) = store();
    let trusting = format!("postgres://no_such_role@127.0.0.1:{port}/trusting");
    let closed = format!("postgres://{USER}@127.0.0.1:{port}/closed");
    check(
        &sandbox,
        vec![
            at("trusted", &trusting)
                .fails(7, "does not exist", "name a role of the server")
                .hides("pg_hba.conf"),
            at("with a password", &format!("postgres://no_such_role@127.0.0.1:{port}/{database}"))
                .fails(7, "authentication failed", "check the user")
                .hides("pg_hba.conf"),
            at("kept out by a line", &closed).fails(7, "pg_hba.conf", "see its pg_hba.conf"),
        ],
    );
}

#[test]
fn a_password_file_that_others_can_read_is_named() {
    let (sandbox, port, database) = store();
    let address = format!("postgres://{USER}@127.0.0.1:{port}/{database}");
    let file = sandbox.home().join("passwords");
    fs::write(&file, format!("*:*:*:{USER}:{PASSWORD}\n")).unwrap();
    let shown = file.display().to_string();
    let mode = |mode| fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    let by_variable = || at("by a variable", &address).without_env("PGPASSWORD").env("PGPASSFILE", &file);
    let by_address =
        || at("by the address", &format!("{address}?passfile={shown}")).without_env("PGPASSWORD");
    mode(0o640);
    let passed_over = format!("the password file {shown} was passed over: others can read it (mode 0640)");
    check(
        &sandbox,
        vec![
            by_variable().fails(7, &passed_over, &format!("chmod 600 {shown}")),
            by_address().fails(7, &passed_over, &format!("chmod 600 {shown}")),
            at("not there", &format!("{address}?passfile={shown}.no")).without_env("PGPASSWORD").fails(
                7,
                "passwords.no was passed over: it does not exist",
                "passfile",
            ),
        ],
    );
    mode(0o600);
    let works = |row: Case| row.stdout(|out| out.starts_with("alice/"));
    check(&sandbox, vec![works(by_variable()), works(by_address())]);
}

#[test]
fn an_address_without_a_user_says_so_where_the_system_has_none() {
    let sandbox = Sandbox::empty(Place::sqlite());
    let args = ["list", "--store", "postgres://127.0.0.1:1/keys"];
    let Some(ran) = unprivileged::run_as_unknown(&sandbox, &args) else { return };
    let ran = ran.expect_code(7);
    assert!(ran.stderr.contains("the address names no user"), "{ran:?}");
    assert!(ran.stderr.contains("hint: write it before the host: postgres://USER@HOST"), "{ran:?}");
}

/// One way through hosts that are down, silent, or behind; and each one's reason.
#[test]
fn of_several_hosts_the_first_that_is_up_and_no_standby_is_used() {
    let pair = Pair::asynchronous();
    pair.init_store();
    let (primary, standby) = (pair.first.port, pair.second.port);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let silent = listen("127.0.0.1", |stream| {
        thread::sleep(Duration::from_secs(120));
        drop(stream);
    });
    let sandbox = Sandbox::empty(Place::sqlite());
    let address = |ports: &[u16], query: &str| {
        let hosts: Vec<String> = ports.iter().map(|port| format!("127.0.0.1:{port}")).collect();
        format!("postgres://{USER}:{ESCAPED}@{}/keys{query}", hosts.join(","))
    };
    let row = |name: String, address: &str| at(&name, address).within(Duration::from_secs(4));
    let mut cases = Vec::new();
    for query in
        ["", "?target_session_attrs=any", "?target_session_attrs=primary", "?target_session_attrs=read-write"]
    {
        for ports in [
            &[primary][..],
            &[primary, standby],
            &[standby, primary],
            &[closed, primary],
            &[silent, primary],
            &[closed, silent, standby, primary],
        ] {
            cases.push(row(format!("{ports:?}{query}"), &address(ports, query)).stdout(str::is_empty));
        }
        cases.push(
            row(format!("a standby alone{query}"), &address(&[standby], query))
                .fails(7, "is a standby", "primary")
                .hides("add target_session_attrs"),
        );
    }
    let reasons = format!(
        "127.0.0.1:{closed}: Connection refused (os error 111); 127.0.0.1:{silent}: no answer within 0.5 s; \
         127.0.0.1:{standby}: it is a standby"
    );
    cases.push(row("none".to_owned(), &address(&[closed, silent, standby], "")).fails(
        7,
        &reasons,
        "server runs",
    ));
    cases.push(row("standbys".to_owned(), &address(&[standby, standby], "")).fails(
        7,
        "it is a standby",
        "primary",
    ));
    check(&sandbox, cases);
}
