//! Servers that are measured, each on a port of its own of this machine alone.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use super::load::Load;
use crate::Bench;
use crate::cluster::free_port;
use crate::server::PASSWORD;

/// It ends with this, and its children with it.
pub(crate) struct Program {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Drop for Program {
    fn drop(&mut self) {
        // A server with workers ends them on TERM; what does not end is killed.
        if let Some(pid) = rustix::process::Pid::from_raw(self.child.id().cast_signed()) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(10) {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    /// nginx with one worker, and what its server block holds.
    pub(crate) fn nginx(folder: &Path, block: &str) -> anyhow::Result<Self> {
        let port = free_port()?;
        let folder = folder.join(format!("nginx-{port}"));
        fs::create_dir(&folder)?;
        let place = folder.display();
        let text = format!(
            "daemon off; master_process off; worker_processes 1; pid {place}/nginx.pid; error_log {place}/log;
             events {{ worker_connections 1024; }}
             http {{ access_log off; keepalive_requests 1000000000;
                 client_body_temp_path {place}; proxy_temp_path {place}; fastcgi_temp_path {place};
                 uwsgi_temp_path {place}; scgi_temp_path {place};
                 {} }}",
            block.replace("LISTEN", &format!("listen 127.0.0.1:{port};"))
        );
        let path = folder.join("nginx.conf");
        fs::write(&path, text)?;
        let mut command = Command::new("nginx");
        command.arg("-p").arg(&folder).arg("-c").arg(&path);
        Self::start(command, port)
    }

    /// nginx that answers 204 without looking.
    pub(crate) fn bare(folder: &Path) -> anyhow::Result<Self> {
        Self::nginx(folder, "server { LISTEN location / { return 204; } }")
    }

    /// `keyctl serve` with one worker.
    pub(crate) fn serve(bench: &Bench, store: &str, more: &[&str]) -> anyhow::Result<Self> {
        Self::serve_with(bench, store, more, &[])
    }

    /// The same with these variables.
    pub(crate) fn serve_with(
        bench: &Bench,
        store: &str,
        more: &[&str],
        variables: &[(&str, &str)],
    ) -> anyhow::Result<Self> {
        let port = free_port()?;
        let mut command = Command::new(&bench.program);
        command.env_clear().env("HOME", bench.home.path()).env("PGPASSWORD", PASSWORD);
        command.envs(variables.iter().copied()).arg("--store").arg(store);
        command.args(["serve", "--workers", "1", "--listen", &format!("127.0.0.1:{port}=all")]).args(more);
        Self::start(command, port)
    }

    /// `keyctl portal`; its origin is `http://localhost` and its port, unless said otherwise.
    pub(crate) fn portal(
        bench: &Bench,
        store: &str,
        origin: Option<&str>,
        more: &[&str],
        variables: &[(&str, &str)],
    ) -> anyhow::Result<Self> {
        let port = free_port()?;
        let own = format!("http://localhost:{port}");
        let mut command = Command::new(&bench.program);
        command
            .env_clear()
            .env("HOME", bench.home.path())
            .envs(variables.iter().copied())
            .arg("--store")
            .arg(store);
        command.args([
            "portal",
            "--origin",
            origin.unwrap_or(&own),
            "--listen",
            &format!("127.0.0.1:{port}"),
        ]);
        command.args(more);
        Self::start(command, port)
    }

    /// The leanest server that does the same for a good key.
    pub(crate) fn leanest(bench: &Bench, store: &str) -> anyhow::Result<Self> {
        let port = free_port()?;
        let program = bench.leanest.as_ref().context("scripts/bench builds the leanest program: run that")?;
        let mut command = Command::new(program);
        command.env_clear().args(["serve", store, &port.to_string()]);
        Self::start(command, port)
    }

    pub(crate) fn start(mut command: Command, port: u16) -> anyhow::Result<Self> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let program = Self {
            child: child.with_context(|| format!("{} does not start", command.get_program().display()))?,
            address: (Ipv4Addr::LOCALHOST, port).into(),
        };
        let start = Instant::now();
        while TcpStream::connect(program.address).is_err() {
            ensure!(start.elapsed() < Duration::from_mins(1), "it does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        std::thread::sleep(Duration::from_millis(500));
        Ok(program)
    }

    pub(crate) fn load(&self, connections: usize) -> anyhow::Result<Load> {
        Load::new(self.address, connections)
    }

    /// The processor time that it takes for some work.
    pub(crate) fn cpu_of(&self, work: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<Duration> {
        let before = cpu(self.child.id())?;
        work()?;
        Ok(cpu(self.child.id())?.saturating_sub(before))
    }

    /// What it holds of memory that is in no file, in KiB.
    pub(crate) fn anonymous(&self) -> anyhow::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).context("RssAnon")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }
}

/// The processor time that this thread takes for some work.
pub(crate) fn own_cpu_of(work: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<Duration> {
    let own = || {
        let text = fs::read_to_string("/proc/thread-self/schedstat")?;
        anyhow::Ok(Duration::from_nanos(text.split(' ').next().context("a number")?.parse()?))
    };
    let before = own()?;
    work()?;
    Ok(own()?.saturating_sub(before))
}

/// Of all threads of a process and of its children, as the scheduler counts it.
fn cpu(process: u32) -> anyhow::Result<Duration> {
    let mut sum = Duration::ZERO;
    for task in fs::read_dir(format!("/proc/{process}/task"))? {
        let task = task?.path();
        let text = fs::read_to_string(task.join("schedstat"))?;
        sum += Duration::from_nanos(text.split(' ').next().context("a number")?.parse()?);
        for child in fs::read_to_string(task.join("children"))?.split_whitespace() {
            sum += cpu(child.parse()?)?;
        }
    }
    Ok(sum)
}
