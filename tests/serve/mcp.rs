//! FastMCP, which asks `POST /introspect` about every token.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::client::get;
use super::gateway::read;
use super::serving::within_the_bound;
use super::{Scene, installed};
use crate::support::cluster::{Running, free_port, wait_until};

/// The client, which is asked about one token after the other.
pub(super) struct Client(Child, BufReader<std::process::ChildStdout>);

impl Client {
    pub(super) fn start(server: SocketAddr) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/serve/ask_mcp.py");
        let mut child = Command::new(installed::program("fastmcp", "python"))
            .arg(script)
            .arg(format!("http://{server}/mcp"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("starts");
        let lines = BufReader::new(child.stdout.take().expect("piped"));
        Self(child, lines)
    }

    pub(super) fn ask(&mut self, token: &str) -> Value {
        writeln!(self.0.stdin.as_mut().expect("piped"), "{token}").expect("asked");
        let mut line = String::new();
        self.1.read_line(&mut line).expect("answered");
        serde_json::from_str(&line).expect("JSON")
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// One of `contrib/`.
pub(super) struct Server {
    pub address: SocketAddr,
    _running: Running,
    _folder: TempDir,
}

impl Server {
    pub(super) fn start(name: &str, keyctl: SocketAddr, variables: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let (script, log) = (folder.path().join(name), folder.path().join("log"));
        std::fs::write(&script, read(&format!("contrib/fastmcp/{name}"))).expect("written");
        let address: SocketAddr = (Ipv4Addr::LOCALHOST, free_port().expect("a free port")).into();
        let mut command = Command::new("env");
        command.args(["-i", "PATH=/usr/bin:/bin"]).arg(format!("HOME={}", folder.path().display()));
        command.arg(format!("KEYCTL_URL=http://{keyctl}")).arg(format!("PORT={}", address.port()));
        command.args(variables.iter().map(|(name, value)| format!("{name}={value}")));
        command.arg(installed::program("fastmcp", "python")).arg(script);
        let running = Running::start(&command, &log, "KILL", None).expect("starts");
        wait_until(&log, || TcpStream::connect(address).is_ok()).expect("listens");
        Self { address, _running: running, _folder: folder }
    }
}

#[test]
fn fastmcp_takes_keys() {
    let mut scene = Scene::new();
    let folder = tempfile::tempdir().expect("folder");
    let secret = folder.path().join("mcp.token");
    let text = scene.mint("mcp", "keyctl:introspect", &["--name", "server"]);
    std::fs::write(&secret, text).expect("written");
    let secret = secret.display().to_string();
    let variables = [("KEYCTL_CLIENT_ID", "mcp/server"), ("KEYCTL_CLIENT_SECRET_FILE", secret.as_str())];
    let server = Server::start("server.py", scene.serving.address, &variables);
    let (address, mut client) = (server.address, Client::start(server.address));

    let reader = scene.mint("alice", "memories:read", &["--expires", "1d"]);
    let allowed = json!({"tools": ["whose"], "whose": "alice"});
    assert_eq!(client.ask(&reader), allowed);
    // It compares exactly: serve names the scope that is below the one that was granted.
    let wide = scene.mint("bob", "memories", &["--expires", "never"]);
    assert_eq!(client.ask(&wide), json!({"tools": ["whose"], "whose": "bob"}));
    let other = scene.mint("carol", "files", &[]);
    assert_eq!(client.ask(&other)["tools"], json!([]));
    for wrong in ["nonsense", &reader[..16]] {
        let answer = client.ask(wrong);
        assert!(answer["error"].is_string(), "{answer}");
    }
    let initialize = get("/mcp").method("POST").header("Content-Type", "application/json").body("{}");
    for request in [initialize.clone(), initialize.bearer("nonsense")] {
        let response = request.send(address);
        assert_eq!(response.status, 401, "{response:?}");
        assert!(response.header("www-authenticate").is_some_and(|value| value.starts_with("Bearer")));
    }

    scene.sandbox.ok(&["revoke", "alice"]);
    within_the_bound("revoked", || client.ask(&reader) != allowed);
    let log = scene.serving.log();
    assert!(!log.contains(&reader[17..]), "{log}");
    scene.serving.stop();
    assert!(client.ask(&wide)["error"].is_string());
}
