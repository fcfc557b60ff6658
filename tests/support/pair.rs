//! Two real PostgreSQL servers, a primary and its streaming standby: stopped, killed, promoted and
//! brought back as an operator or an accident would.
//!
//! Each pair has its own folder and ports; both go when the test process ends, however it ends.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use keyctl::ops::env::SystemRandom;
use keyctl::ops::stores::store::{DEFAULT_EXPIRY, Defaults, Founding};
use keyctl::store::Location;

use super::cluster::{self, Running, User, run_as};
use super::postgres::{self, PASSWORD, USER, tools};
use super::store::{actor, options};

pub struct Pair {
    /// Where the first primary is.
    pub first: Node,
    /// Where the first standby is.
    pub second: Node,
    /// Removes the folder when this end of its pipe closes.
    _keeper: Child,
}

/// One server, running or not.
pub struct Node {
    pub port: u16,
    folder: PathBuf,
    tools: PathBuf,
    user: User,
    running: Option<Running>,
}

impl Pair {
    /// A primary with an asynchronous standby that has caught up, and an empty database `keys`.
    pub fn asynchronous() -> Self {
        let (tools, user) = (tools(), cluster::unprivileged().expect("a user"));
        let folder = tempfile::Builder::new().prefix("keyctl-pair-").tempdir().expect("folder").keep();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o711)).expect("mode");
        let keeper = keeper(&folder);
        let mut first = Node::new(&folder.join("first"), &tools, user);
        let mut second = Node::new(&folder.join("second"), &tools, user);
        fs::write(first.folder.join("password"), PASSWORD).expect("written");
        cluster::give(user, &first.folder, &["password"]).expect("given");
        postgres::initialize(&tools, user, &first.folder);
        first.start();
        first.psql("postgres", "CREATE DATABASE keys").expect("a database");
        let copied = run_as(user, &tools.join("pg_basebackup"))
            .args(["-h", "127.0.0.1", "-p", &first.port.to_string(), "-U", USER, "-D"])
            .arg(second.folder.join("data"))
            .args(["-X", "stream", "-c", "fast", "--no-sync"])
            .env("PGPASSWORD", PASSWORD)
            .output()
            .expect("pg_basebackup runs");
        assert!(copied.status.success(), "pg_basebackup: {}", String::from_utf8_lossy(&copied.stderr));
        second.follow(first.port);
        second.start();
        let pair = Self { first, second, _keeper: keeper };
        pair.wait_for_standby();
        pair
    }

    /// Creates the store on the primary, and waits until the standby has it.
    pub fn init_store(&self) {
        let text = self.address().replace('@', &format!(":{}@", PASSWORD.replace(' ', "%20")));
        let location = Location::parse(&text).expect("a location");
        let defaults = Defaults { expiry: Some(DEFAULT_EXPIRY), ..Defaults::default() };
        let founding = Founding { defaults: &defaults, actor: &actor(), rehearse: false };
        keyctl::ops::stores::store::init(&location, options(), &founding, &mut SystemRandom).expect("init");
        self.wait_for_standby();
    }

    /// A commit on the primary waits for the standby.
    pub fn synchronous() -> Self {
        let pair = Self::asynchronous();
        pair.first
            .psql("postgres", "ALTER SYSTEM SET synchronous_standby_names = '*'; SELECT pg_reload_conf()")
            .expect("synchronous");
        pair.wait_until(|| {
            pair.first.psql("postgres", "SELECT sync_state FROM pg_stat_replication") == Ok("sync".to_owned())
        });
        pair
    }

    /// The standby receives nothing more, and goes on.
    pub fn cut_off(&self) {
        self.wait_for_standby();
        self.second
            .psql("postgres", "ALTER SYSTEM SET primary_conninfo = ''; SELECT pg_reload_conf()")
            .expect("cut off");
        let sent = "SELECT count(*) FROM pg_stat_replication";
        self.wait_until(|| self.first.psql("postgres", sent) == Ok("0".to_owned()));
    }

    /// The standby becomes a primary, with what it has.
    pub fn promote(&self) {
        self.second.psql("postgres", "SELECT pg_promote()").expect("promoted");
    }

    /// Waits until the standby has all that the primary has.
    pub fn wait_for_standby(&self) {
        let behind =
            "SELECT count(*) FROM pg_stat_replication WHERE replay_lsn >= pg_current_wal_flush_lsn()";
        self.wait_until(|| self.first.psql("postgres", behind) == Ok("1".to_owned()));
    }

    fn wait_until(&self, done: impl Fn() -> bool) {
        let start = Instant::now();
        while !done() {
            let logs = || format!("{}\n---\n{}", self.first.log(), self.second.log());
            assert!(start.elapsed() < Duration::from_secs(60), "the pair hangs: {}", logs());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The address of the first one's database, without the password.
    pub fn address(&self) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/keys", self.first.port)
    }

    /// The address of both, the first one first.
    pub fn addresses(&self) -> String {
        let (first, second) = (self.first.port, self.second.port);
        format!("postgres://{USER}@127.0.0.1:{first},127.0.0.1:{second}/keys")
    }
}

impl Node {
    fn new(folder: &Path, tools: &Path, user: User) -> Self {
        fs::create_dir(folder).expect("folder");
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("mode");
        let data = folder.join("data");
        fs::create_dir(&data).expect("data");
        fs::set_permissions(&data, fs::Permissions::from_mode(0o700)).expect("mode");
        cluster::give(user, folder, &["data"]).expect("given");
        let port = cluster::free_port().expect("a port");
        Self { port, folder: folder.to_owned(), tools: tools.to_owned(), user, running: None }
    }

    /// Makes it a standby of the server at this port.
    fn follow(&self, port: u16) {
        let data = self.folder.join("data");
        let source = format!("host=127.0.0.1 port={port} user={USER} password=''{PASSWORD}''");
        // Not on the command line, where nothing could change it later.
        let settings = format!("primary_conninfo = '{}'\nwal_retrieve_retry_interval = 200ms\n", source);
        for (name, text) in [("postgresql.auto.conf", settings.as_str()), ("standby.signal", "")] {
            fs::write(data.join(name), text).expect("written");
            cluster::give(self.user, &data, &[name]).expect("given");
        }
    }

    /// Starts it, and waits until it answers.
    pub fn start(&mut self) {
        let settings = [
            format!("port={}", self.port),
            "listen_addresses=127.0.0.1".to_owned(),
            "unix_socket_directories=".to_owned(),
            "fsync=off".to_owned(),
            "wal_sender_timeout=3s".to_owned(),
        ];
        let postgres = cluster::postgres(&self.tools, self.user, &self.folder, &settings);
        let log = self.folder.join("log");
        self.running = Some(Running::start(&postgres, &log, "QUIT", None).expect("starts"));
        cluster::wait_until(&log, || self.psql("postgres", "SELECT 1").is_ok()).expect("answers");
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(&mut self) {
        self.running = None;
    }

    /// Stops the server and each of its processes, as a machine that hangs would, until what this returns is dropped.
    pub fn hang(&self) -> Hanging {
        let file = fs::read_to_string(self.folder.join("data").join("postmaster.pid")).expect("it runs");
        let processes = self.psql("postgres", "SELECT pid FROM pg_stat_activity").expect("processes");
        let all = file.lines().take(1).chain(processes.lines()).map(str::to_owned).collect();
        let hanging = Hanging(all);
        hanging.signal("STOP");
        hanging
    }

    /// Runs SQL as the owner of everything; returns unaligned rows or the error.
    pub fn psql(&self, database: &str, sql: &str) -> Result<String, String> {
        postgres::psql(&self.tools, self.port, postgres::USER, database, sql)
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

/// The processes of a server that does not answer.
pub struct Hanging(Vec<String>);

impl Hanging {
    /// The one that told of the others has ended.
    fn signal(&self, name: &str) {
        for process in &self.0 {
            let mut kill = Command::new("kill");
            let _ = kill.args([&format!("-{name}"), process]).stderr(Stdio::null()).status().expect("kill");
        }
    }
}

impl Drop for Hanging {
    fn drop(&mut self) {
        self.signal("CONT");
    }
}

/// Removes the folder once the test process has ended or dropped the pair; the servers in it end
/// at the same moment.
fn keeper(folder: &Path) -> Child {
    Command::new("sh")
        .args(["-c", r#"read _; sleep 1; rm -rf "$1""#, "sh"])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("sh runs")
}

#[test]
fn a_pair_loses_what_its_standby_did_not_get_and_the_old_primary_still_has_it() {
    let mut pair = Pair::asynchronous();
    pair.first.psql("keys", "CREATE TABLE t (n int); INSERT INTO t VALUES (1)").expect("written");
    pair.cut_off();
    pair.first.psql("keys", "INSERT INTO t VALUES (2)").expect("written");
    pair.first.kill();
    pair.promote();
    assert_eq!(pair.second.psql("keys", "SELECT count(*) FROM t").as_deref(), Ok("1"));
    pair.first.start();
    assert_eq!(pair.first.psql("keys", "SELECT count(*) FROM t").as_deref(), Ok("2"));
}
