//! `keyctl serve` as a process that signals are sent to.

use std::ffi::OsStr;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::raw::{self, PATIENCE, get};
use crate::support::cli::{PROGRAM, Sandbox};
use crate::support::cluster::{Running, free_port, wait_until};

pub struct Server {
    pub address: SocketAddr,
    pub folder: TempDir,
    pid: Pid,
    _running: Running,
}

impl Server {
    /// With these lines of configuration.
    pub fn with(sandbox: &Sandbox, config: &str, flags: &[&str]) -> Self {
        Self::keyed(sandbox, config, flags, &[])
    }

    /// With these variables, too.
    pub fn keyed(sandbox: &Sandbox, config: &str, flags: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::serving(sandbox, config, flags, variables, "all")
    }

    /// The same, but gateways and services ask at its socket alone.
    pub fn at_a_socket(sandbox: &Sandbox, config: &str, variables: &[(&str, &str)]) -> Self {
        let socket = format!("unix:{}=internal", Self::socket_of(sandbox).display());
        Self::serving(sandbox, config, &["--listen", &socket], variables, "public")
    }

    fn socket_of(sandbox: &Sandbox) -> PathBuf {
        sandbox.home().join("keyctl.sock")
    }

    /// What is asked at its socket.
    pub fn answers(sandbox: &Sandbox, bytes: &[u8]) -> raw::Answer {
        let mut stream = UnixStream::connect(Self::socket_of(sandbox)).expect("connects");
        stream.write_all(bytes).expect("written");
        raw::read(&mut stream, false).expect("an answer")
    }

    fn serving(
        sandbox: &Sandbox,
        config: &str,
        flags: &[&str],
        variables: &[(&str, &str)],
        surface: &str,
    ) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("serve.toml"), config).expect("written");
        let address = (Ipv4Addr::LOCALHOST, free_port().expect("a free port")).into();
        let mut program = Command::new("sh");
        program.args(["-c", "echo $$ >\"$1\"; shift; exec env -i \"$@\"", "sh"]).arg(path("pid"));
        let mut command = sandbox.command::<&OsStr>(&[]);
        command.envs(variables.iter().copied());
        for (name, value) in command.get_envs() {
            let mut pair = name.to_owned();
            pair.push("=");
            pair.push(value.unwrap_or_default());
            program.arg(pair);
        }
        program.args([PROGRAM, "serve", "--config"]).arg(path("serve.toml")).args(flags);
        program.arg("--listen").arg(format!("{address}={surface}"));
        let log = path("log");
        let running = Running::start(&program, &log, "TERM", None).expect("starts");
        let listens = || std::fs::read_to_string(&log).unwrap_or_default().contains("listening on");
        wait_until(&log, listens).expect("ready");
        let pid = std::fs::read_to_string(path("pid")).expect("a process id");
        let pid = pid.trim().parse().ok().and_then(Pid::from_raw).expect("a process id");
        Self { address, folder, pid, _running: running }
    }

    pub fn plain(sandbox: &Sandbox) -> Self {
        Self::with(sandbox, "", &[])
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal).expect("it runs");
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.path("log")).expect("a log")
    }

    /// Waits for a line of the log.
    pub fn says(&self, text: &str) {
        eventually(text, || self.log().contains(text));
    }

    /// Waits until it has ended.
    pub fn ends(&self) {
        self.says("stopped");
    }

    /// What `/metrics` says of this.
    pub fn metric(&self, name: &str) -> u64 {
        let text = raw::one(self.address, &get("/metrics", "")).body;
        text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok()).unwrap_or(0)
    }

    /// It lives, and has not panicked.
    #[track_caller]
    pub fn is_well(&self) {
        assert_eq!(raw::one(self.address, &get("/healthz", "")).status, 200);
        assert!(!self.log().contains("panicked"), "{}", self.log());
    }
}

#[track_caller]
pub fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "{what}: not after {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
