//! The real `keyctl serve` on a port of its own, over a sandbox's store.

use std::ffi::OsStr;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use super::client::{Request, Response, get};
use crate::support::cli::{PROGRAM, Sandbox};
use crate::support::cluster::{Running, free_port, wait_until};

/// Within this time a change is in force everywhere.
pub const BOUND: Duration = Duration::from_secs(5);

pub struct Serving {
    pub address: SocketAddr,
    log: PathBuf,
    running: Option<Running>,
}

impl Serving {
    /// With the configuration of `contrib/`, behind gateways on this machine.
    pub fn start(sandbox: &Sandbox) -> Self {
        let config = concat!(env!("CARGO_MANIFEST_DIR"), "/contrib/serve.toml");
        Self::with(sandbox, &["--config", config, "--trusted-proxy", "127.0.0.1"])
    }

    pub fn with(sandbox: &Sandbox, flags: &[&str]) -> Self {
        let address = (Ipv4Addr::LOCALHOST, free_port().expect("a free port")).into();
        let log = sandbox.state.path().join("serve.log");
        let mut program = Command::new("env");
        program.arg("-i");
        for (name, value) in sandbox.command::<&OsStr>(&[]).get_envs() {
            let mut pair = name.to_owned();
            pair.push("=");
            pair.push(value.unwrap_or_default());
            program.arg(pair);
        }
        program.args([PROGRAM, "serve", "--listen"]).arg(format!("{address}=all")).args(flags);
        let running = Running::start(&program, &log, "TERM", None).expect("starts");
        let serving = Self { address, log, running: Some(running) };
        let is_ready = || serving.ask(&get("/readyz")).is_some_and(|response| response.status == 200);
        wait_until(&serving.log, is_ready).expect("ready");
        serving
    }

    fn ask(&self, request: &Request) -> Option<Response> {
        request.try_send(self.address).ok()
    }

    /// Stops it; its port is free then.
    pub fn stop(&mut self) {
        self.running = None;
    }

    /// What it wrote.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).expect("a log")
    }
}

/// Waits until something is so, and no longer than a change may take to be in force.
#[track_caller]
pub fn within_the_bound(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        // A second more for a machine that others load; the bound itself is measured elsewhere.
        assert!(start.elapsed() < BOUND + Duration::from_secs(1), "{what}: not within {BOUND:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
