//! A real PgBouncer before the tests' PostgreSQL: Debian's defaults but for what a test asks for.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::postgres::{PASSWORD, Server, USER, free_port, run_as, server, unprivileged};

pub struct Pooler {
    pub port: u16,
    /// Holds its life: the watcher stops it when this end of its pipe closes.
    watcher: Child,
    folder: TempDir,
}

impl Pooler {
    /// With `pool_mode` and more lines of configuration; every role that logs in has the one password.
    pub fn start(mode: &str, settings: &[&str], roles: &[&str]) -> Self {
        let server = server();
        let user = unprivileged();
        let folder = tempfile::Builder::new().prefix("keyctl-pool-").tempdir().expect("folder");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("mode");
        let users: String =
            roles.iter().chain(&[USER]).map(|role| format!("\"{role}\" \"{PASSWORD}\"\n")).collect();
        let port = free_port();
        let configuration = format!(
            "[databases]\n* = host=127.0.0.1 port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_file = {folder}/users\npool_mode = {mode}\n{}\n",
            server.port,
            settings.join("\n"),
            folder = folder.path().display(),
        );
        for (name, text) in [("users", users), ("pgbouncer.ini", configuration), ("log", String::new())] {
            let path = folder.path().join(name);
            fs::write(&path, text).expect("written");
            if let Some((uid, gid)) = user {
                chown(&path, Some(uid), Some(gid)).expect("chown");
            }
        }
        let pooler = Self { port, watcher: watch(user, folder.path()), folder };
        pooler.wait_until_ready(server);
        pooler
    }

    fn wait_until_ready(&self, server: &Server) {
        let start = Instant::now();
        while server.psql_at(self.port, USER, "postgres", "SELECT 1").is_err() {
            let log = || fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(start.elapsed() < Duration::from_secs(60), "PgBouncer did not start: {}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
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

impl Drop for Pooler {
    fn drop(&mut self) {
        drop(self.watcher.stdin.take());
        let _ = self.watcher.wait();
    }
}

fn watch(user: Option<(u32, u32)>, folder: &Path) -> Child {
    let pgbouncer = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .chain(["/usr/sbin".into(), "/usr/bin".into()])
        .map(|folder| folder.join("pgbouncer"))
        .find(|path| path.is_file())
        .expect("pgbouncer was not found: run scripts/test, which installs what is missing");
    let program = run_as(user, &pgbouncer);
    let script = r#"
        log=$1; shift
        "$@" >"$log" 2>&1 </dev/null &
        pooler=$!
        read _
        kill -TERM $pooler 2>/dev/null
        wait $pooler
    "#;
    Command::new("sh")
        .arg("-c")
        .arg(script)
        .arg("sh")
        .arg(folder.join("log"))
        .arg(program.get_program())
        .args(program.get_args())
        .arg(folder.join("pgbouncer.ini"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("sh runs")
}
