//! A real PostgreSQL server of the tests' own: found on this machine, started with its own
//! data directory and port, TLS under a throw-away authority, password authentication, and
//! removed when the test process ends, however it ends.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::cluster::{self, Running, User};

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
    /// It ends with this process, and so does its folder.
    _running: Running,
}

/// The one server of this test process.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(Server::start)
}

pub(super) fn tools() -> PathBuf {
    cluster::tools(&["initdb", "postgres"]).expect("PostgreSQL")
}

/// Makes a cluster's data directory in the folder, which holds its password and that directory,
/// empty.
pub(super) fn initialize(tools: &Path, user: User, folder: &Path) {
    cluster::initialize(tools, user, folder, USER, &["--no-sync"]).expect("a cluster");
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
        let user = cluster::unprivileged().expect("a user");
        let folder = tempfile::Builder::new().prefix("keyctl-pg-").tempdir().expect("folder").keep();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o711)).expect("mode");
        cluster::certificates(&folder, "keyctl tests").expect("certificates");
        let (other, _) = cluster::authority("somebody else").expect("another authority");
        fs::write(folder.join("other.pem"), other).expect("written");
        fs::write(folder.join("password"), PASSWORD).expect("written");
        fs::create_dir(folder.join("data")).expect("data");
        cluster::give(user, &folder, &["", "data", "server.key", "password"]).expect("given");
        initialize(&tools, user, &folder);
        let port = cluster::free_port().expect("a port");
        let settings = [
            format!("port={port}"),
            "listen_addresses=localhost".to_owned(),
            format!("unix_socket_directories={}", folder.display()),
            "max_connections=200".to_owned(),
            "fsync=off".to_owned(),
            "log_statement=all".to_owned(),
            "log_line_prefix=[%d] ".to_owned(),
        ];
        let settings = [&settings[..], &cluster::tls(&folder)].concat();
        let (postgres, log) = (cluster::postgres(&tools, user, &folder, &settings), folder.join("log"));
        let server = Self {
            port,
            authority: folder.join("authority.pem"),
            other_authority: folder.join("other.pem"),
            _running: Running::start(&postgres, &log, "QUIT", Some(&folder)).expect("starts"),
            folder,
            tools,
        };
        cluster::wait_until(&log, || server.psql("postgres", "SELECT 1").is_ok()).expect("answers");
        server
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
    let to = ["-h", "127.0.0.1", "-U", user, "-d", database, "-p", &port.to_string()];
    cluster::psql(&program, &to, PASSWORD, |script| script.write_all(sql.as_bytes()))
        .map_err(|error| error.to_string())
}
