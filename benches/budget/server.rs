//! A PostgreSQL server of the bench's own, whose data outlives the run.
//!
//! The tests' server throws its data away and logs every statement, so it is not used here.
//! Settings are the defaults but for a buffer that a server of a million keys would be given.

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use super::{Bench, say};

pub(crate) const USER: &str = "bench";
pub(crate) const PASSWORD: &str = "bench-password";

pub(crate) struct Server {
    port: u16,
    /// The authority that signed its certificate, for `localhost` and 127.0.0.1.
    authority: PathBuf,
    /// The real program, not Debian's wrapper, which is a Perl script.
    pub(crate) psql: PathBuf,
    /// Stops the server when this end of its pipe closes, however this process ends.
    watcher: Child,
}

impl Server {
    /// Starts it, with a new data directory if there is none yet.
    pub(crate) fn start(bench: &Bench) -> anyhow::Result<Self> {
        let tools = tools()?;
        let folder = bench.data.join("postgres");
        let user = unprivileged()?;
        if !folder.join("ready").exists() {
            say("making a PostgreSQL server …");
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir_all(folder.join("data"))?;
            certificates(&folder)?;
            fs::write(folder.join("password"), PASSWORD)?;
            if let Some((uid, gid)) = user {
                for path in ["", "data", "server.key", "password"] {
                    chown(folder.join(path), Some(uid), Some(gid))
                        .with_context(|| format!("chown {path}"))?;
                }
            }
            make_cluster(&tools, user, &folder)?;
            fs::write(folder.join("ready"), "")?;
        }
        let port = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr())?.port();
        let watcher = watch(&run_as(user, &tools.join("postgres")), &folder, port)?;
        let server =
            Self { port, authority: folder.join("authority.pem"), psql: tools.join("psql"), watcher };
        let start = Instant::now();
        while server.sql("postgres", "SELECT 1").is_err() {
            let log = || fs::read_to_string(folder.join("log")).unwrap_or_default();
            ensure!(start.elapsed() < Duration::from_mins(1), "PostgreSQL did not start: {}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(server)
    }

    /// The address of a database, without the password.
    pub(crate) fn address(&self, database: &str, tls: bool) -> String {
        let mode = if tls {
            format!("verify-full&sslrootcert={}", self.authority.display())
        } else {
            "disable".to_owned()
        };
        format!("postgres://{USER}@127.0.0.1:{}/{database}?sslmode={mode}", self.port)
    }

    /// The same with the password in it.
    pub(crate) fn secret_address(&self, database: &str) -> String {
        self.address(database, false).replace('@', &format!(":{PASSWORD}@"))
    }

    /// Runs a script, which `fill` writes; returns what it printed, or the error.
    pub(crate) fn script(
        &self,
        database: &str,
        fill: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>,
    ) -> anyhow::Result<String> {
        let mut child = Command::new(&self.psql)
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", &self.address(database, false)])
            .env("PGPASSWORD", PASSWORD)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("psql")?;
        let mut input = std::io::BufWriter::new(child.stdin.take().context("psql has no standard input")?);
        let written = fill(&mut input).and_then(|()| input.flush());
        drop(input);
        let done = child.wait_with_output().context("psql")?;
        ensure!(done.status.success(), "psql: {}", String::from_utf8_lossy(&done.stderr).trim());
        written.context("psql did not take all of the script")?;
        Ok(String::from_utf8_lossy(&done.stdout).trim().to_owned())
    }

    pub(crate) fn sql(&self, database: &str, sql: &str) -> anyhow::Result<String> {
        self.script(database, |out| writeln!(out, "{sql};"))
    }
}

impl Drop for Server {
    /// Waits for the shutdown, so that the next start has nothing to recover.
    fn drop(&mut self) {
        drop(self.watcher.stdin.take());
        let _ = self.watcher.wait();
    }
}

/// The newest installed version's.
fn tools() -> anyhow::Result<PathBuf> {
    let all = ["initdb", "postgres", "psql"];
    let mut found: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .context("PostgreSQL: apt-get install postgresql")?
        .filter_map(|version| version.ok().map(|version| version.path().join("bin")))
        .filter(|folder| all.iter().all(|tool| folder.join(tool).is_file()))
        .collect();
    found.sort();
    found.pop().context("initdb, postgres and psql: apt-get install postgresql")
}

/// PostgreSQL refuses to run as root: then an unprivileged user runs it.
fn unprivileged() -> anyhow::Result<Option<(u32, u32)>> {
    if !rustix::process::getuid().is_root() {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd").context("/etc/passwd")?;
    let ids = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    ids("postgres").or_else(|| ids("nobody")).map(Some).context("no user is named postgres or nobody")
}

fn run_as(user: Option<(u32, u32)>, program: &Path) -> Vec<String> {
    let mut words = Vec::new();
    if let Some((uid, gid)) = user {
        words = vec!["setpriv".to_owned(), format!("--reuid={uid}"), format!("--regid={gid}")];
        words.push("--clear-groups".to_owned());
    }
    words.push(program.display().to_string());
    words
}

fn certificates(folder: &Path) -> anyhow::Result<()> {
    let authority_key = rcgen::KeyPair::generate()?;
    let mut params = rcgen::CertificateParams::new(Vec::new())?;
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, "keyctl bench");
    let authority = params.self_signed(&authority_key)?;
    fs::write(folder.join("authority.pem"), authority.pem())?;
    let issuer = rcgen::Issuer::new(params, authority_key);
    let key = rcgen::KeyPair::generate()?;
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let server = rcgen::CertificateParams::new(names)?.signed_by(&key, &issuer)?;
    fs::write(folder.join("server.pem"), server.pem())?;
    fs::write(folder.join("server.key"), key.serialize_pem())?;
    fs::set_permissions(folder.join("server.key"), fs::Permissions::from_mode(0o600))?;
    Ok(())
}

fn make_cluster(tools: &Path, user: Option<(u32, u32)>, folder: &Path) -> anyhow::Result<()> {
    let words = run_as(user, &tools.join("initdb"));
    let made = Command::new(&words[0])
        .args(&words[1..])
        .args(["-U", USER, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--pwfile"])
        .arg(folder.join("password"))
        .arg("-D")
        .arg(folder.join("data"))
        .output()
        .context("initdb")?;
    ensure!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
    Ok(())
}

fn watch(postgres: &[String], folder: &Path, port: u16) -> anyhow::Result<Child> {
    let settings = [
        format!("port={port}"),
        "listen_addresses=127.0.0.1".to_owned(),
        "unix_socket_directories=".to_owned(),
        "ssl=on".to_owned(),
        format!("ssl_cert_file={}", folder.join("server.pem").display()),
        format!("ssl_key_file={}", folder.join("server.key").display()),
        "shared_buffers=1GB".to_owned(),
        "max_wal_size=4GB".to_owned(),
    ];
    let script = r#"
        log=$1; shift
        "$@" >"$log" 2>&1 </dev/null &
        server=$!
        read _
        kill -INT $server 2>/dev/null
        wait $server
    "#;
    Command::new("sh")
        .args(["-c", script, "sh"])
        .arg(folder.join("log"))
        .args(postgres)
        .arg("-D")
        .arg(folder.join("data"))
        .args(settings.iter().flat_map(|setting| ["-c", setting]))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("sh")
}
