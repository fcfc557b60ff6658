//! The files of `contrib/mcp` as they stand there but for addresses: nginx and Caddy in front of a server of MCP that knows
//! nothing of keyctl, and the real clients of MCP before them.

use std::cell::Cell;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::backend::Backend;
use super::client::{Request, Response, get};
use super::gateway::{Kind, nginx_conf, read, with_ports};
use super::serving::within_the_bound;
use super::{installed, raw};
use crate::secrets::{KEY, keyed};
use crate::support::cli::{PROGRAM, Sandbox};
use crate::support::cluster::{Running, free_port, wait_until};
use crate::support::store::Place;

const ISSUER: &str = "https://keys.example.com";
const RESOURCE: &str = "https://mcp.example.com/mcp";
/// What the server of MCP lets in.
const UPSTREAM: &str = "sk-upstream-of-the-server";
const SOCKETS: &str = "/run/keyctl/";

/// A program that is started with nothing but these variables.
fn bare(sandbox: &Sandbox, variables: &[(&str, String)]) -> Command {
    let mut command = Command::new("env");
    command.args(["-i", "PATH=/usr/sbin:/usr/bin:/bin"]).arg(format!("HOME={}", sandbox.home().display()));
    command.args(variables.iter().map(|(name, value)| format!("{name}={value}")));
    command
}

pub(super) fn a_port() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, free_port().expect("a free port")).into()
}

/// A store, serve at a Unix socket, and a gateway that asks it.
pub struct Door {
    pub sandbox: Sandbox,
    pub address: SocketAddr,
    /// What stands in the files in the place of something else.
    pub instead: Vec<(String, String)>,
    serving: Option<Running>,
    gateway: Option<Running>,
}

impl Door {
    /// In front of what listens there.
    fn before(kind: Kind, server: SocketAddr) -> Self {
        Self::before_at(kind, server, ISSUER, None)
    }

    /// The same with another issuer, and where clients know the server by the gateway's own address.
    pub fn before_itself(server: SocketAddr, issuer: &str) -> Self {
        Self::before_at(Kind::Caddy, server, issuer, Some(()))
    }

    fn before_at(kind: Kind, server: SocketAddr, issuer: &str, itself: Option<()>) -> Self {
        let sandbox = Sandbox::with_store(Place::sqlite());
        sandbox.ok(&["store", "set", "issuer", issuer]);
        keyed(&sandbox, &["secret", "set", "memories", "upstream"], UPSTREAM);
        sandbox.ok(&["secret", "bind", "upstream", "--default"]);
        let address = a_port();
        let own = itself.map(|()| (RESOURCE.to_owned(), format!("http://{address}/mcp")));
        let instead = own.into_iter().collect();
        let mut door = Self { sandbox, address, instead, serving: None, gateway: None };
        door.serve();
        let gateway = match kind {
            Kind::Caddy => door.caddy(server),
            _ => door.nginx(server),
        };
        let log = door.path("gateway.log");
        door.gateway = Some(Running::start(&gateway, &log, "KILL", None).expect("starts"));
        wait_until(&log, || get("/mcp").try_send(door.address).is_ok()).expect("ready");
        door
    }

    fn path(&self, name: &str) -> PathBuf {
        self.sandbox.home().join(name)
    }

    /// A file of `contrib/mcp` in the place of this test.
    fn file(&self, name: &str, ports: &[(&str, u16)]) -> PathBuf {
        let folder = format!("{}/", self.sandbox.home().display());
        let mut text = read(&format!("contrib/mcp/{name}"));
        assert!(text.contains(SOCKETS), "{name}");
        for (of, by) in &self.instead {
            text = text.replace(of, by);
        }
        let path = self.path(name);
        std::fs::write(&path, with_ports(&text.replace(SOCKETS, &folder), ports)).expect("written");
        path
    }

    pub fn serve(&mut self) {
        self.serving = None;
        let config = self.file("serve.toml", &[]);
        let mut variables: Vec<(&str, String)> = vec![("KEYCTL_MASTER_KEY", KEY.to_owned())];
        let command = self.sandbox.command::<&str>(&[]);
        let own = command
            .get_envs()
            .filter_map(|(name, value)| Some((name.to_str()?, value?.to_str()?.to_owned())));
        variables.extend(own);
        let mut command = bare(&self.sandbox, &variables);
        command.arg(PROGRAM).args(["serve", "--config"]).arg(config).args(["--log-level", "debug"]);
        let (log, socket) = (self.path("serve.log"), self.path("gateway.sock"));
        self.serving = Some(Running::start(&command, &log, "TERM", None).expect("starts"));
        let is_ready = || {
            let Ok(mut stream) = UnixStream::connect(&socket) else { return false };
            let _ = stream.write_all(&raw::get("/readyz", ""));
            raw::read(&mut stream, false).is_some_and(|answer| answer.status == 200)
        };
        wait_until(&log, is_ready).expect("ready");
    }

    fn caddy(&self, server: SocketAddr) -> Command {
        let path = self.file("Caddyfile", &[("8000", server.port()), ("8080", self.address.port())]);
        // Its interface for administration has one port for all; and all that it can be asked to log.
        let text = std::fs::read_to_string(&path).expect("read");
        let site = format!("http://{} {{", self.address);
        let logged = text.replacen(&site, &format!("{site}\n\tlog"), 1);
        assert_ne!(logged, text);
        std::fs::write(&path, format!("{{\n\tadmin off\n\tdebug\n}}\n{logged}")).expect("written");
        let mut command = bare(&self.sandbox, &[]);
        command.arg(installed::program("gateways", "caddy"));
        command.args(["run", "--adapter", "caddyfile", "--config"]).arg(path);
        command
    }

    fn nginx(&self, server: SocketAddr) -> Command {
        let included = self.file("nginx.conf", &[("8000", server.port()), ("8080", self.address.port())]);
        let main = self.path("main.conf");
        let text = nginx_conf(self.sandbox.home(), &included);
        let logged = text.replace("access_log off;", "access_log /dev/stdout combined;");
        assert_ne!(logged, text);
        // Whoever may connect to serve's socket: else, started by root, its workers run as nobody.
        std::fs::write(&main, format!("user root;\n{logged}")).expect("written");
        let mut command = bare(&self.sandbox, &[]);
        command
            .arg("nginx")
            .arg("-p")
            .arg(self.sandbox.home())
            .arg("-c")
            .arg(main)
            .args(["-e", "/dev/stderr"]);
        command
    }

    fn mint(&self, path: &str, scope: &str, more: &[&str]) -> String {
        self.sandbox.ok(&[&["mint", path, "--scope", scope], more].concat())
    }

    /// What serve and the gateway wrote.
    pub fn logs(&self) -> String {
        let read = |name: &str| std::fs::read_to_string(self.path(name)).unwrap_or_default();
        format!("{}\n{}", read("serve.log"), read("gateway.log"))
    }

    #[track_caller]
    fn answers(&self, status: u16, request: &Request) -> Response {
        let response = request.send(self.address);
        assert_eq!(response.status, status, "{request:?}: {response:?}\n{}", self.logs());
        response
    }
}

/// The server of MCP of `contrib/mcp`.
pub struct Server {
    pub address: SocketAddr,
    log: PathBuf,
    _running: Running,
    _folder: tempfile::TempDir,
}

impl Server {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("memories.key"), UPSTREAM).expect("written");
        std::fs::write(path("server.py"), read("contrib/mcp/server.py")).expect("written");
        let (address, log) = (a_port(), path("log"));
        let mut command = Command::new("env");
        command.args(["-i", "PATH=/usr/bin:/bin"]).arg(format!("HOME={}", folder.path().display()));
        command.arg(format!("MCP_KEY_FILE={}", path("memories.key").display()));
        command.arg(format!("PORT={}", address.port()));
        command.arg(installed::program("fastmcp", "python")).arg(path("server.py"));
        let running = Running::start(&command, &log, "KILL", None).expect("starts");
        wait_until(&log, || TcpStream::connect(address).is_ok()).expect("listens");
        Self { address, log, _running: running, _folder: folder }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

/// A process that asks as clients of MCP do, one line after the other.
pub(super) struct Asker(Child, BufReader<std::process::ChildStdout>);

impl Asker {
    fn start(mut command: Command, gateway: SocketAddr) -> Self {
        command.arg(format!("http://{gateway}/mcp"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("starts");
        let lines = BufReader::new(child.stdout.take().expect("piped"));
        Self(child, lines)
    }

    pub(super) fn python(gateway: SocketAddr) -> Self {
        let mut command = Command::new(installed::program("fastmcp", "python"));
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/serve/ask_mcp_gateway.py"));
        Self::start(command, gateway)
    }

    fn typescript(gateway: SocketAddr) -> Self {
        let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/gateways/mcp");
        assert!(
            place.join("node_modules").exists(),
            "{} is missing: run tests/serve/install",
            place.display()
        );
        // Packages are looked for beside the file that names them.
        let script = place.join("ask.mjs");
        std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/serve/mcp/ask.mjs"), &script)
            .expect("copied");
        let node = std::env::var_os("KEYCTL_NODE").map_or_else(|| PathBuf::from("node"), PathBuf::from);
        let mut command = Command::new(node);
        command.arg(script);
        Self::start(command, gateway)
    }

    pub(super) fn ask(&mut self, client: &str, token: Option<&str>) -> Value {
        let line = json!({ "client": client, "token": token });
        writeln!(self.0.stdin.as_mut().expect("piped"), "{line}").expect("asked");
        let mut said = String::new();
        self.1.read_line(&mut said).expect("answered");
        serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"))
    }
}

impl Drop for Asker {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

const CLIENTS: [&str; 3] = ["mcp", "fastmcp", "typescript"];

fn unmodified_clients_reach_a_tool(kind: Kind) {
    let server = Server::start();
    let mut door = Door::before(kind, server.address);
    let (mut python, mut typescript) = (Asker::python(door.address), Asker::typescript(door.address));
    let mut ask = |client: &str, token: Option<&str>| match client {
        "typescript" | "discover in typescript" => {
            typescript.ask(client.split(' ').next().unwrap_or_default(), token)
        }
        _ => python.ask(client, token),
    };
    let alice = door.mint("alice/laptop", "memories", &[]);
    let lacking = door.mint("bob/laptop", "files", &[]);
    let slow = door.mint("carol/laptop", "memories", &["--quota", "1/total"]);
    let reaches = json!({"tools": ["whose"], "whose": "alice"});
    for client in CLIENTS {
        assert_eq!(ask(client, Some(&alice)), reaches, "{client}\n{}", door.logs());
        for (token, says) in [
            (None, "send a key"),
            (Some("nonsense"), "the key is not accepted"),
            (Some(lacking.as_str()), "the key lacks the scope memories"),
        ] {
            let said = ask(client, token);
            let error = said["error"].as_str().unwrap_or_else(|| panic!("{client}: {said}"));
            assert!(error.contains(says), "{client}: {said}\n{}", door.logs());
        }
    }
    assert_ne!(ask("mcp", Some(&slow)), reaches);
    let spent = ask("mcp", Some(&slow))["error"].to_string();
    assert!(spent.contains("quota"), "{spent}");

    let metadata_url = "https://mcp.example.com/.well-known/oauth-protected-resource/mcp";
    for client in ["discover", "discover in typescript"] {
        for (token, status, error) in [
            (None, 401, Value::Null),
            (Some("nonsense"), 401, json!("invalid_token")),
            (Some(lacking.as_str()), 403, json!("insufficient_scope")),
        ] {
            let found = ask(client, token);
            let said = (&found["status"], &found["error"], &found["scope"], &found["metadata_url"]);
            assert_eq!(
                said,
                (&json!(status), &error, &json!("memories"), &json!(metadata_url)),
                "{client}: {found}"
            );
            assert_eq!(found["content_type"], "application/json", "{found}");
            let metadata = &found["metadata"];
            let servers = metadata["authorization_servers"][0].as_str().unwrap_or_default();
            assert_eq!(
                (&metadata["resource"], servers.trim_end_matches('/')),
                (&json!(RESOURCE), ISSUER),
                "{found}"
            );
            assert_eq!(metadata["scopes_supported"], json!(["memories"]));
            assert_eq!(metadata["bearer_methods_supported"], json!(["header"]));
        }
    }

    door.sandbox.ok(&["revoke", "alice/laptop"]);
    within_the_bound("revoked", || ask("mcp", Some(&alice)) != reaches);
    for client in CLIENTS {
        let said = ask(client, Some(&alice));
        assert!(said["error"].to_string().contains("the key is not accepted"), "{client}: {said}");
    }
    let logs = format!("{}{}", door.logs(), server.log());
    for secret in [UPSTREAM, &alice[17..], &lacking[17..], &slow[17..]] {
        assert!(!logs.contains(secret), "{logs}");
    }
    door.sandbox.ok(&["audit", "checkpoint"]);
    assert!(!door.sandbox.json(&["audit", "list"]).to_string().contains(UPSTREAM));

    door.serving = None;
    let said = ask("mcp", Some(&lacking));
    assert!(said["error"].to_string().contains("the key store cannot be asked"), "{said}");
}

#[test]
fn unmodified_clients_reach_a_tool_behind_nginx() {
    unmodified_clients_reach_a_tool(Kind::Nginx);
}

#[test]
fn unmodified_clients_reach_a_tool_behind_caddy() {
    unmodified_clients_reach_a_tool(Kind::Caddy);
}

fn call(token: &str) -> Request {
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    get("/mcp")
        .method("POST")
        .bearer(token)
        .header("Content-Type", "application/json")
        .header("Accept", "application/json, text/event-stream")
        .body(body)
}

fn what_a_client_sends_itself(kind: Kind) {
    let backend = Backend::start();
    let door = Door::before(kind, backend.address);
    let alice = door.mint("alice/laptop", "memories", &[]);
    let bob = door.mint("bob/laptop", "memories", &[]);
    backend.take();
    let upstream = format!("Bearer {UPSTREAM}");
    let passed = Cell::new(0);
    let gets_its_own = |response: &Response| {
        let arrived = backend.take();
        assert_eq!(arrived.len(), usize::from(response.status == 200), "{response:?} {arrived:?}");
        for received in &arrived {
            passed.set(passed.get() + 1);
            assert_eq!(received.values("authorization"), [upstream.as_str()], "{received:?}");
            assert_eq!(received.values("x-keyctl-owner"), ["alice"], "{received:?}");
            let text = format!("{received:?}");
            assert!(!text.contains(&alice) && !text.contains("forged"), "{received:?}");
        }
        let text = format!("{response:?}");
        assert!(!text.contains("sk-upstream"), "{response:?}");
    };
    // In either header; and what a client writes where the server's own stands.
    let plain = call(&alice);
    let by_key = |request: Request| {
        let headers = request.headers.iter().filter(|(name, _)| name != "Authorization").cloned().collect();
        Request { headers, ..request }.header("X-API-Key", &alice)
    };
    gets_its_own(&door.answers(200, &plain));
    gets_its_own(&door.answers(200, &by_key(plain.clone())));
    gets_its_own(&door.answers(200, &by_key(plain.clone()).header("Authorization", "Basic forged")));
    for name in ["X-Keyctl-Owner", "x_keyctl_owner", "X-Keyctl-Body", "X-Keyctl-Status", "X-Keyctl-Policy"] {
        gets_its_own(&door.answers(200, &plain.clone().header(name, "forged")));
    }
    // Who looks like somebody by a session, or by what the body says, is nobody without a key.
    let batch =
        r#"[{"jsonrpc":"2.0","id":1,"method":"tools/list"},{"jsonrpc":"2.0","id":2,"method":"tools/list"}]"#;
    gets_its_own(&door.answers(200, &plain.clone().body(batch)));
    gets_its_own(&door.answers(200, &plain.clone().header("Mcp-Session-Id", &"s".repeat(4_000))));
    for (status, request) in [
        (401, get("/mcp").method("POST").body(batch)),
        (401, get("/mcp").header("Mcp-Session-Id", "a-session-of-alice")),
        (401, call(UPSTREAM)),
        (400, plain.clone().bearer(&alice)),
        (400, plain.clone().bearer(&bob)),
        (400, plain.clone().header("X-API-Key", &bob)),
        (403, get("/other").bearer(&alice)),
        (403, get("/mcp/../other").bearer(&alice)),
        (403, call(&alice).method("PUT")),
        (431, plain.clone().header("Mcp-Session-Id", &"s".repeat(20_000))),
    ] {
        let response = door.answers(status, &request);
        gets_its_own(&response);
        // Two Authorization headers nginx refuses by itself.
        let is_of_keyctl = response.header("content-type") == Some("application/json");
        assert!(is_of_keyctl || status == 400 || status == 431, "{response:?}");
        assert!(
            response.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("www-authenticate")).count()
                <= 1
        );
    }
    assert!(passed.get() >= 10, "{passed:?}");
    // What is public is only that.
    let metadata = door.answers(200, &get("/.well-known/oauth-protected-resource/mcp"));
    assert!(metadata.body.contains(RESOURCE), "{metadata:?}");
    for path in [
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-protected-resource/../../auth/caddy/@memories",
        "/auth/caddy/@memories/../../../.well-known/oauth-protected-resource",
        "/auth/caddy/@memories",
    ] {
        let response = get(path).bearer(&alice).send(door.address);
        assert!(matches!(response.status, 400 | 403 | 404), "{path}: {response:?}");
        gets_its_own(&response);
    }
    assert!(!door.logs().contains("sk-upstream"), "{}", door.logs());
}

#[test]
fn what_a_client_sends_itself_is_nothing_to_the_server_behind_nginx() {
    what_a_client_sends_itself(Kind::Nginx);
}

#[test]
fn what_a_client_sends_itself_is_nothing_to_the_server_behind_caddy() {
    what_a_client_sends_itself(Kind::Caddy);
}
