//! What a request costs `keyctl serve`, beside nginx that answers 204 without looking.
//!
//! Measured is the server's processor time, utime and stime of all its threads together: a load generator is
//! slower than either, so requests a second would measure that. One worker each, 32 connections, each of which has one
//! request under way; all are sent before the first answer is read.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};

use super::cluster::free_port;
use super::fixture::{self, Seeded};
use super::pairs::{Budget, Line, Measure};
use super::{Bench, big_sqlite};

const CONNECTIONS: usize = 32;
/// Requests in one measurement.
const BATCH: u32 = 32 * 600;
const PAIRS: usize = 15;
/// Tokens of which every answer is kept: so many that none is asked for more often than its rate allows.
const KEPT: u64 = 8000;

pub(crate) fn measure(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    let file = big_sqlite::file(bench, bench.keys)?;
    let folder = tempfile::tempdir()?;
    let nginx = Server::nginx(folder.path())?;
    let serve = Server::serve(bench, &file, folder.path())?;
    let mut plain = nginx.client()?;
    let mut client = serve.client()?;
    let bare = request("/", None);
    let kept: Vec<Vec<u8>> = (0..KEPT).map(|number| asking(Seeded(number).live_key(bench.keys))).collect();
    let mut random = Seeded(11);
    let anew = || (0..BATCH).map(|_| asking(random.live_key(bench.keys))).collect::<Vec<_>>();
    let budgets = [("serve, kept answers", 1.25), ("serve, uncached", 1.9)];
    let mut anew = anew;
    for (what, most) in budgets {
        let is_kept = what.contains("kept");
        let row = Measure {
            what: &format!("{what}: CPU a request"),
            reference: "nginx, 204",
            budget: Budget::AtMost(most),
            pairs: PAIRS,
            batch: BATCH,
        };
        let ours = || {
            let requests = if is_kept { Vec::new() } else { anew() };
            let requests = if is_kept { &kept } else { &requests };
            serve.cpu_of(|| client.send(requests, BATCH, b"HTTP/1.1 200"))
        };
        let theirs =
            || nginx.cpu_of(|| plain.send(std::slice::from_ref(&bare), BATCH, b"HTTP/1.1 204"));
        lines.push(row.run(ours, theirs)?);
    }
    Ok(())
}

/// The request of a gateway about the key of this number.
fn asking(number: u64) -> Vec<u8> {
    request("/auth/nginx/memories:read", Some(fixture::token(number).expose()))
}

fn request(path: &str, token: Option<&str>) -> Vec<u8> {
    let bearer = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    format!("GET {path} HTTP/1.1\r\nHost: keyctl.internal\r\n{bearer}X-Original-URI: /v1/memories/alice\r\nX-Original-Method: GET\r\n\r\n")
        .into_bytes()
}

/// A server that is measured; it ends with this.
struct Server {
    child: Child,
    address: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn nginx(folder: &Path) -> anyhow::Result<Self> {
        let port = free_port()?;
        let folder = folder.display();
        let text = format!(
            "daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr;
             events {{ worker_connections 1024; }}
             http {{ access_log off; keepalive_requests 1000000000;
                 client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
                 uwsgi_temp_path {folder}; scgi_temp_path {folder};
                 server {{ listen 127.0.0.1:{port}; location / {{ return 204; }} }} }}"
        );
        let path = format!("{folder}/nginx.conf");
        fs::write(&path, text)?;
        let mut command = Command::new("nginx");
        command.args(["-p", &folder.to_string(), "-c", &path]);
        Self::start(command, port)
    }

    fn serve(bench: &Bench, file: &Path, folder: &Path) -> anyhow::Result<Self> {
        // A program that was linked a moment ago is slower than its copy.
        let program = folder.join("keyctl");
        fs::copy(&bench.program, &program)?;
        let port = free_port()?;
        let mut command = Command::new(program);
        command.env_clear().env("HOME", bench.home.path()).arg("--store").arg(file);
        command.args(["serve", "--workers", "1", "--listen", &format!("127.0.0.1:{port}=all")]);
        Self::start(command, port)
    }

    fn start(mut command: Command, port: u16) -> anyhow::Result<Self> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let server = Self { child: child.context("a server")?, address: (Ipv4Addr::LOCALHOST, port).into() };
        let start = Instant::now();
        while TcpStream::connect(server.address).is_err() {
            ensure!(start.elapsed() < Duration::from_secs(10), "it does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        std::thread::sleep(Duration::from_millis(300));
        Ok(server)
    }

    fn client(&self) -> anyhow::Result<Client> {
        let connect = || {
            let stream = TcpStream::connect(self.address)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(Duration::from_secs(10)))?;
            anyhow::Ok(stream)
        };
        Ok(Client { connections: (0..CONNECTIONS).map(|_| connect()).collect::<Result<_, _>>()?, next: 0 })
    }

    /// The processor time that it takes for some work.
    fn cpu_of(&self, work: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<Duration> {
        let before = self.cpu()?;
        work()?;
        Ok(self.cpu()? - before)
    }

    /// Of all its threads, in nanoseconds as the scheduler counts them.
    fn cpu(&self) -> anyhow::Result<Duration> {
        let mut nanos = 0;
        for task in fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let text = fs::read_to_string(task?.path().join("schedstat"))?;
            nanos += text.split(' ').next().context("a number")?.parse::<u64>()?;
        }
        Ok(Duration::from_nanos(nanos))
    }
}

struct Client {
    connections: Vec<TcpStream>,
    next: usize,
}

impl Client {
    /// Sends so many requests, one after another of these; each must be answered so.
    fn send(&mut self, requests: &[Vec<u8>], count: u32, wanted: &[u8]) -> anyhow::Result<()> {
        let mut answer = [0; 4096];
        for _ in 0..count as usize / CONNECTIONS {
            for connection in &mut self.connections {
                connection.write_all(&requests[self.next % requests.len()])?;
                self.next += 1;
            }
            for connection in &mut self.connections {
                let mut end = 0;
                while !answer[..end].windows(4).any(|four| four == b"\r\n\r\n") {
                    let read = connection.read(&mut answer[end..])?;
                    ensure!(read > 0, "the connection was closed");
                    end += read;
                }
                if !answer.starts_with(wanted) {
                    bail!("{}", String::from_utf8_lossy(&answer[..end.min(100)]));
                }
            }
        }
        Ok(())
    }
}
