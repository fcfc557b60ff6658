//! A real PostgreSQL server, for tests and benches alike: found on this machine, made in a folder of
//! its own, run by an unprivileged user on a free port of this machine alone, and ended by its
//! process id when whoever started it drops it or ends, however that ends.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

/// Who runs a server, by user and group: PostgreSQL refuses to run as root. `None` is who we are.
pub(crate) type User = Option<(u32, u32)>;

/// The newest installed version's programs, else those on the path; all that are needed.
pub(crate) fn tools(needed: &[&str]) -> Result<PathBuf> {
    let has_all = |folder: &PathBuf| needed.iter().all(|tool| folder.join(tool).is_file());
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut installed: Vec<PathBuf> =
        versions.filter_map(|found| found.ok().map(|version| version.path().join("bin"))).collect();
    installed.sort();
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    installed.into_iter().rev().chain(std::env::split_paths(&on_path)).find(has_all).with_context(|| {
        format!(
            "PostgreSQL's {} were not found: run scripts/test, which installs what is missing",
            needed.join(" and ")
        )
    })
}

/// Who runs servers here.
pub(crate) fn unprivileged() -> Result<User> {
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

pub(crate) fn run_as(user: User, program: &Path) -> Command {
    let Some((uid, gid)) = user else { return Command::new(program) };
    let mut command = Command::new("setpriv");
    command
        .args([format!("--reuid={uid}"), format!("--regid={gid}"), "--clear-groups".to_owned()])
        .arg(program);
    command
}

/// Gives what is below a folder to who runs servers; an empty path is the folder itself.
pub(crate) fn give(user: User, folder: &Path, paths: &[&str]) -> Result<()> {
    let Some((uid, gid)) = user else { return Ok(()) };
    paths.iter().try_for_each(|path| {
        chown(folder.join(path), Some(uid), Some(gid)).with_context(|| format!("chown {path}"))
    })
}

pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).context("a free port")?.port())
}

/// A throw-away authority: its certificate, and what signs others with it.
pub(crate) fn authority(name: &str) -> Result<(String, rcgen::Issuer<'static, rcgen::KeyPair>)> {
    let key = rcgen::KeyPair::generate()?;
    let mut params = rcgen::CertificateParams::new(Vec::new())?;
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    let certificate = params.self_signed(&key)?;
    Ok((certificate.pem(), rcgen::Issuer::new(params, key)))
}

/// Writes `server.pem` and `server.key`, for `localhost` and 127.0.0.1, and `authority.pem`, which
/// signed them.
pub(crate) fn certificates(folder: &Path, name: &str) -> Result<()> {
    let (trusted, issuer) = authority(name)?;
    fs::write(folder.join("authority.pem"), trusted)?;
    let key = rcgen::KeyPair::generate()?;
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let server = rcgen::CertificateParams::new(names)?.signed_by(&key, &issuer)?;
    fs::write(folder.join("server.pem"), server.pem())?;
    fs::write(folder.join("server.key"), key.serialize_pem())?;
    fs::set_permissions(folder.join("server.key"), fs::Permissions::from_mode(0o600))?;
    Ok(())
}

/// The settings that use these certificates.
pub(crate) fn tls(folder: &Path) -> [String; 3] {
    [
        "ssl=on".to_owned(),
        format!("ssl_cert_file={}", folder.join("server.pem").display()),
        format!("ssl_key_file={}", folder.join("server.key").display()),
    ]
}

/// Makes a cluster in the folder, which holds the password of its superuser, and `data`, empty.
pub(crate) fn initialize(
    tools: &Path,
    user: User,
    folder: &Path,
    superuser: &str,
    more: &[&str],
) -> Result<()> {
    let made = run_as(user, &tools.join("initdb"))
        .args(["-U", superuser, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C"])
        .args(more)
        .arg("--pwfile")
        .arg(folder.join("password"))
        .arg("-D")
        .arg(folder.join("data"))
        .output()
        .context("initdb")?;
    ensure!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
    Ok(())
}

/// The server of a cluster.
pub(crate) fn postgres(tools: &Path, user: User, folder: &Path, settings: &[String]) -> Command {
    let mut command = run_as(user, &tools.join("postgres"));
    command.arg("-D").arg(folder.join("data"));
    command.args(settings.iter().flat_map(|setting| ["-c", setting]));
    command
}

/// A server that runs until this is dropped or this process ends; dropping waits for its end.
pub(crate) struct Running(Child);

impl Running {
    /// Starts a program that writes into this log, under a shell that ends it by this signal as soon
    /// as the shell's standard input closes, and then removes the folder `gone`.
    pub(crate) fn start(program: &Command, log: &Path, signal: &str, gone: Option<&Path>) -> Result<Self> {
        // A server that was stopped takes no other signal until it goes on.
        let script = r#"
            log=$1 signal=$2 gone=$3; shift 3
            "$@" >>"$log" 2>&1 </dev/null &
            server=$!
            read _
            kill -"$signal" $server 2>/dev/null
            kill -CONT $server 2>/dev/null
            wait $server
            [ -z "$gone" ] || rm -rf "$gone"
        "#;
        let shell = Command::new("sh")
            .args(["-c", script, "sh"])
            .arg(log)
            .arg(signal)
            .arg(gone.unwrap_or(Path::new("")))
            .arg(program.get_program())
            .args(program.get_args())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Ok(Self(shell.context("sh")?))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// Waits for a minute at most, until a server answers.
pub(crate) fn wait_until(log: &Path, mut answers: impl FnMut() -> bool) -> Result<()> {
    let start = Instant::now();
    while !answers() {
        let log = || fs::read_to_string(log).unwrap_or_default();
        ensure!(start.elapsed() < Duration::from_mins(1), "the server did not start: {}", log());
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// Runs a script, which `fill` writes, where these words of psql lead; returns unaligned rows, or what
/// psql said.
pub(crate) fn psql(
    program: &Path,
    to: &[&str],
    password: &str,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<String> {
    let mut child = Command::new(program)
        .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"])
        .args(to)
        .env("PGPASSWORD", password)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("psql")?;
    let mut input = BufWriter::new(child.stdin.take().context("psql has no standard input")?);
    let written = fill(&mut input).and_then(|()| input.flush());
    drop(input);
    let done = child.wait_with_output().context("psql")?;
    ensure!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    written.context("psql did not take all of the script")?;
    Ok(String::from_utf8_lossy(&done.stdout).trim_end().to_owned())
}
