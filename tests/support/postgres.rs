//! A real PostgreSQL server of the tests' own: found on this machine, started with its own
//! data directory and port, TLS under a throw-away authority, password authentication, and
//! removed when the test process ends, however it ends.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

pub const USER: &str = "keeper";
pub const PASSWORD: &str = "correct horse battery staple";

pub struct Server {
    pub port: u16,
    /// The authority that signed the server's certificate (for `localhost` and 127.0.0.1).
    pub authority: PathBuf,
    /// Another authority, which signed nothing.
    pub other_authority: PathBuf,
    pub folder: PathBuf,
    tools: PathBuf,
    /// Holds the server's life: the watcher stops it when this end of its pipe closes.
    _watcher: Child,
}

/// The one server of this test process.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(Server::start)
}

pub(super) fn tools() -> PathBuf {
    let has_both = |folder: &Path| ["initdb", "postgres"].iter().all(|tool| folder.join(tool).is_file());
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let mut installed: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|versions| {
            versions.filter_map(|found| found.ok().map(|version| version.path().join("bin"))).collect()
        })
        .unwrap_or_default();
    installed.sort();
    installed.into_iter().rev().chain(std::env::split_paths(&on_path)).find(|folder| has_both(folder)).expect(
        "PostgreSQL's initdb and postgres were not found: run scripts/test, which installs what is missing",
    )
}

/// PostgreSQL refuses to run as root: then an unprivileged user runs it.
pub(super) fn unprivileged() -> Option<(u32, u32)> {
    if !rustix::process::getuid().is_root() {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").expect("/etc/passwd");
    let ids = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    Some(ids("postgres").or_else(|| ids("nobody")).expect("a user named postgres or nobody"))
}

pub(super) fn run_as(user: Option<(u32, u32)>, program: &Path) -> Command {
    let Some((uid, gid)) = user else { return Command::new(program) };
    let mut command = Command::new("setpriv");
    command
        .args([format!("--reuid={uid}"), format!("--regid={gid}"), "--clear-groups".to_owned()])
        .arg(program);
    command
}

pub(super) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a free port").port()
}

fn certificates(folder: &Path) {
    let authority = |name: &str| {
        let key = rcgen::KeyPair::generate().expect("key");
        let mut params = rcgen::CertificateParams::new(Vec::new()).expect("params");
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        let certificate = params.self_signed(&key).expect("certificate");
        (certificate.pem(), rcgen::Issuer::new(params, key))
    };
    let (trusted, issuer) = authority("keyctl tests");
    let (other, _) = authority("somebody else");
    fs::write(folder.join("authority.pem"), trusted).expect("written");
    fs::write(folder.join("other.pem"), other).expect("written");
    let key = rcgen::KeyPair::generate().expect("key");
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let server =
        rcgen::CertificateParams::new(names).expect("params").signed_by(&key, &issuer).expect("certificate");
    fs::write(folder.join("server.pem"), server.pem()).expect("written");
    fs::write(folder.join("server.key"), key.serialize_pem()).expect("written");
    fs::set_permissions(folder.join("server.key"), fs::Permissions::from_mode(0o600)).expect("mode");
}

/// Makes a cluster's data directory in the folder, which holds its password and that directory,
/// empty.
pub(super) fn initialize(tools: &Path, user: Option<(u32, u32)>, folder: &Path) {
    let made = run_as(user, &tools.join("initdb"))
        .args(["-U", USER, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync", "--pwfile"])
        .arg(folder.join("password"))
        .arg("-D")
        .arg(folder.join("data"))
        .output()
        .expect("initdb runs");
    assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
    // Plain and encrypted connections from this machine, always with a password, but for a database
    // that trusts everybody and one that nobody may use; neither need be there.
    fs::write(
        folder.join("data").join("pg_hba.conf"),
        "host trusting all 127.0.0.1/32 trust\nhost closed all 127.0.0.1/32 reject\n\
         local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\nhost all all ::1/128 scram-sha-256\n\
         host replication all 127.0.0.1/32 scram-sha-256\n",
    )
    .expect("pg_hba.conf");
}

impl Server {
    fn start() -> Self {
        let tools = tools();
        let user = unprivileged();
        let folder = tempfile::Builder::new().prefix("keyctl-pg-").tempdir().expect("folder").keep();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o711)).expect("mode");
        certificates(&folder);
        fs::write(folder.join("password"), PASSWORD).expect("written");
        let data = folder.join("data");
        fs::create_dir(&data).expect("data");
        if let Some((uid, gid)) = user {
            for path in ["", "data", "server.key", "password"] {
                chown(folder.join(path), Some(uid), Some(gid)).expect("chown");
            }
        }
        initialize(&tools, user, &folder);
        let port = free_port();
        let watcher = watch(&tools, user, &folder, port);
        let server = Self {
            port,
            authority: folder.join("authority.pem"),
            other_authority: folder.join("other.pem"),
            folder,
            tools,
            _watcher: watcher,
        };
        server.wait_until_ready();
        server
    }

    fn wait_until_ready(&self) {
        let start = Instant::now();
        while self.psql("postgres", "SELECT 1").is_err() {
            let log = || fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(start.elapsed() < Duration::from_secs(60), "PostgreSQL did not start: {}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Runs SQL as the owner of everything; returns unaligned rows or the error.
    pub fn psql(&self, database: &str, sql: &str) -> Result<String, String> {
        self.psql_at(self.port, USER, database, sql)
    }

    /// The same as another role, and through what listens on another port.
    pub fn psql_at(&self, port: u16, user: &str, database: &str, sql: &str) -> Result<String, String> {
        psql(&self.tools, port, user, database, sql)
    }

    /// A new, empty database of a name of its own. Its search path leads nowhere: whatever keyctl
    /// finds there, it finds by the name of its schema.
    pub fn database(&self) -> String {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let name = format!("t{}", COUNTER.fetch_add(1, Ordering::Relaxed));
        for sql in ["CREATE DATABASE {name}", "ALTER DATABASE {name} SET search_path = nowhere"] {
            self.psql("postgres", &sql.replace("{name}", &name)).expect("a new database");
        }
        name
    }

    /// A role that can log in with the password of all. A server's roles are those of every database,
    /// so tests that run at the same time share it, and the first makes it.
    pub fn role(&self, name: &str) {
        static MADE: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        if !made.contains(name) {
            let quoted = name.replace('"', "\"\"");
            self.psql("postgres", &format!("CREATE ROLE \"{quoted}\" LOGIN PASSWORD '{PASSWORD}'"))
                .expect("a role");
            made.insert(name.to_owned());
        }
    }

    /// The address of a database, without the password.
    pub fn address(&self, database: &str) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/{database}", self.port)
    }
}

/// Runs SQL on the server at this port.
pub(super) fn psql(tools: &Path, port: u16, user: &str, database: &str, sql: &str) -> Result<String, String> {
    let psql = tools.join("psql");
    let program = if psql.is_file() { psql } else { PathBuf::from("psql") };
    let mut child = Command::new(program)
        .args([
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            "127.0.0.1",
            "-U",
            user,
            "-d",
            database,
        ])
        .args(["-p", &port.to_string()])
        .env("PGPASSWORD", PASSWORD)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("psql: {error}"))?;
    child.stdin.take().expect("stdin").write_all(sql.as_bytes()).map_err(|error| error.to_string())?;
    let done = child.wait_with_output().map_err(|error| error.to_string())?;
    if done.status.success() {
        Ok(String::from_utf8_lossy(&done.stdout).trim_end().to_owned())
    } else {
        Err(String::from_utf8_lossy(&done.stderr).into_owned())
    }
}

/// Starts the server under a shell that stops it and removes its folder as soon as its
/// standard input closes, which happens when this process ends.
fn watch(tools: &Path, user: Option<(u32, u32)>, folder: &Path, port: u16) -> Child {
    let postgres = run_as(user, &tools.join("postgres"));
    let mut words: Vec<String> = vec![postgres.get_program().to_string_lossy().into_owned()];
    words.extend(postgres.get_args().map(|arg| arg.to_string_lossy().into_owned()));
    let settings = [
        format!("port={port}"),
        "listen_addresses=localhost".to_owned(),
        format!("unix_socket_directories={}", folder.display()),
        "ssl=on".to_owned(),
        format!("ssl_cert_file={}", folder.join("server.pem").display()),
        format!("ssl_key_file={}", folder.join("server.key").display()),
        "max_connections=200".to_owned(),
        "fsync=off".to_owned(),
        "log_statement=all".to_owned(),
        "log_line_prefix=[%d] ".to_owned(),
    ];
    let script = r#"
        folder=$1; shift
        "$@" >"$folder/log" 2>&1 </dev/null &
        server=$!
        read _
        kill -QUIT $server 2>/dev/null
        wait $server
        rm -rf "$folder"
    "#;
    Command::new("sh")
        .arg("-c")
        .arg(script)
        .arg("sh")
        .arg(folder)
        .args(words)
        .arg("-D")
        .arg(folder.join("data"))
        .args(settings.iter().flat_map(|setting| ["-c", setting]))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("sh runs")
}
