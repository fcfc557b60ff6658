//! A real PgBouncer before the tests' PostgreSQL: Debian's defaults but for what a test asks for.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::cluster::{self, Running, User};
use super::postgres::{PASSWORD, USER, server};

pub struct Pooler {
    pub port: u16,
    /// It ends before its folder.
    _running: Running,
    _folder: TempDir,
}

impl Pooler {
    /// With `pool_mode` and more lines of configuration; every role that logs in has the one password.
    pub fn start(mode: &str, settings: &[&str], roles: &[&str]) -> Self {
        let server = server();
        let user = cluster::unprivileged().expect("a user");
        let folder = tempfile::Builder::new().prefix("keyctl-pool-").tempdir().expect("folder");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("mode");
        let users: String =
            roles.iter().chain(&[USER]).map(|role| format!("\"{role}\" \"{PASSWORD}\"\n")).collect();
        let port = cluster::free_port().expect("a port");
        let configuration = format!(
            "[databases]\n* = host=127.0.0.1 port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_file = {folder}/users\npool_mode = {mode}\n{}\n",
            server.port,
            settings.join("\n"),
            folder = folder.path().display(),
        );
        for (name, text) in [("users", users), ("pgbouncer.ini", configuration), ("log", String::new())] {
            fs::write(folder.path().join(name), text).expect("written");
            cluster::give(user, folder.path(), &[name]).expect("given");
        }
        let log = folder.path().join("log");
        let running = Running::start(&pgbouncer(user, folder.path()), &log, "TERM", None).expect("starts");
        let answers = || server.psql_at(port, USER, "postgres", "SELECT 1").is_ok();
        cluster::wait_until(&log, answers).expect("answers");
        Self { port, _running: running, _folder: folder }
    }

    /// The address of a database through it, without the password.
    pub fn address(&self, role: &str, database: &str) -> String {
        format!("postgres://{role}@127.0.0.1:{}/{database}", self.port)
    }

    /// Runs SQL through it, as the owner of everything.
    pub fn psql(&self, database: &str, sql: &str) -> String {
        server().psql_at(self.port, USER, database, sql).expect("SQL through the pooler")
    }
}

fn pgbouncer(user: User, folder: &Path) -> Command {
    let program = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .chain(["/usr/sbin".into(), "/usr/bin".into()])
        .map(|folder| folder.join("pgbouncer"))
        .find(|path| path.is_file())
        .expect("pgbouncer was not found: run scripts/test, which installs what is missing");
    let mut command = cluster::run_as(user, &program);
    command.arg(folder.join("pgbouncer.ini"));
    command
}
