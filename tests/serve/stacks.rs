//! Llama Stack and OGX, which ask `POST /validate` about every request.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::process::Command;

use tempfile::TempDir;

use super::Scene;
use super::client::{Request, get};
use super::gateway::{read, with_ports};
use super::installed;
use super::serving::{Serving, within_the_bound};
use crate::support::cli::Sandbox;
use crate::support::cluster::{Running, free_port, wait_until};
use crate::support::store::Place;

pub(super) const FILES: &str = "/v1/files";

pub(super) struct Stack {
    pub(super) address: SocketAddr,
    _running: Running,
    _folder: TempDir,
}

impl Stack {
    /// `program run CONFIG --port P MORE`; `None` where it cannot be had.
    fn start(environment: &str, program: &str, more: &[&str], keyctl: u16) -> Option<Self> {
        Self::start_with(environment, program, more, keyctl, str::to_owned)
    }

    /// With another configuration than that of `contrib/`.
    pub(super) fn start_with(
        environment: &str,
        program: &str,
        more: &[&str],
        keyctl: u16,
        edit: impl Fn(&str) -> String,
    ) -> Option<Self> {
        let program = installed::program_if_there(environment, program)?;
        let folder = tempfile::tempdir().expect("folder");
        let port = free_port().expect("a free port");
        let config = folder.path().join("config.yaml");
        let text = with_ports(&read(&format!("contrib/{environment}/config.yaml")), &[("8711", keyctl)]);
        std::fs::write(&config, edit(&text)).expect("written");
        let at = folder.path().display();
        let mut command = Command::new("env");
        command.args(["-i", "PATH=/usr/bin:/bin", "OTEL_SDK_DISABLED=true"]);
        command.args([format!("HOME={at}"), format!("STORAGE={at}")]);
        command.arg(program);
        command.args(if environment == "ogx" { &["run"][..] } else { &["stack", "run"] });
        command.arg(config).args(["--port", &port.to_string()]).args(more);
        let log = folder.path().join("log");
        let running = Running::start(&command, &log, "KILL", None).expect("starts");
        let address = (Ipv4Addr::LOCALHOST, port).into();
        wait_until(&log, || TcpStream::connect(address).is_ok()).expect("listens");
        Some(Self { address, _running: running, _folder: folder })
    }

    #[track_caller]
    pub(super) fn answers(&self, status: u16, request: &Request) -> String {
        let response = request.send(self.address);
        assert_eq!(response.status, status, "{request:?}: {response:?}");
        response.body
    }
}

pub(super) fn upload(token: &str) -> Request {
    let body = "--limit\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nassistants\r\n\
        --limit\r\nContent-Disposition: form-data; name=\"file\"; filename=\"of-alice.txt\"\r\n\r\ntext\r\n--limit--\r\n";
    get(FILES)
        .method("POST")
        .bearer(token)
        .header("Content-Type", "multipart/form-data; boundary=limit")
        .body(body)
}

/// `silence`: what its clients get where serve does not answer.
fn specification(scene: &mut Scene, stack: &Stack, silence: u16) {
    let (alice, bob) = (scene.mint("alice", "files", &[]), scene.mint("bob", "files:*", &[]));
    let other = scene.mint("carol", "memories", &[]);
    stack.answers(200, &upload(&alice));
    assert!(stack.answers(200, &get(FILES).bearer(&alice)).contains("of-alice.txt"));
    // What is asked for is `files`, which files:* does not cover, and which serve does not invent.
    stack.answers(403, &get(FILES).bearer(&bob));
    let bob = scene.mint("bob", "files", &["--name", "files"]);
    let second = scene.mint("alice", "files", &["--name", "second"]);
    assert!(!stack.answers(200, &get(FILES).bearer(&bob)).contains("of-alice.txt"), "the owner's alone");
    assert!(stack.answers(200, &get(FILES).bearer(&second)).contains("of-alice.txt"), "of whichever key");
    stack.answers(403, &get(FILES).bearer(&other));
    // By a role: what that may do is something else.
    scene.sandbox.ok(&["role", "set", "filer", "--scope", "archives"]);
    let dora = scene.sandbox.ok(&["mint", "dora", "--role", "filer"]);
    assert!(!stack.answers(200, &get(FILES).bearer(&dora)).contains("of-alice.txt"));
    scene.sandbox.ok(&["edit", "dora", "--role", "none"]);
    within_the_bound("without the role", || get(FILES).bearer(&dora).send(stack.address).status == 403);
    stack.answers(401, &get(FILES));
    stack.answers(200, &get("/v1/health"));
    for wrong in ["nonsense", &alice[..16]] {
        stack.answers(401, &get(FILES).bearer(wrong));
    }
    let networks = scene.mint("alice", "files", &["--name", "networks", "--allow-ip", "127.0.0.2"]);
    // Of the address nothing is said.
    stack.answers(401, &get(FILES).bearer(&networks).header("X-Forwarded-For", "127.0.0.2"));
    stack.answers(
        200,
        &get(&format!("{FILES}?hidden=q7-of-the-query")).bearer(&alice).header("Cookie", "c7-of-a-cookie"),
    );

    scene.sandbox.ok(&["revoke", "alice/second"]);
    let dead = get(FILES).bearer(&second);
    within_the_bound("revoked", || dead.send(stack.address).status == 401);
    let (file, gone) = (scene.sandbox.place.file(), scene.sandbox.home().join("gone"));
    std::fs::rename(&file, &gone).expect("moved");
    let good = get(FILES).bearer(&alice);
    within_the_bound("unreadable", || good.send(stack.address).status == 401);
    std::fs::rename(&gone, &file).expect("moved");
    within_the_bound("readable", || good.send(stack.address).status == 200);
    let log = scene.serving.log();
    for hidden in ["q7-of-the-query", "c7-of-a-cookie", &alice[17..]] {
        assert!(!log.contains(hidden), "{hidden}: {log}");
    }
    scene.serving.stop();
    stack.answers(silence, &good);
}

#[test]
fn llama_stack() {
    let mut scene = Scene::new();
    let port = scene.serving.address.port();
    if let Some(stack) = Stack::start("llama-stack", "llama", &[], port) {
        specification(&mut scene, &stack, 401);
    }
}

#[test]
fn ogx() {
    let mut scene = Scene::new();
    let port = scene.serving.address.port();
    if let Some(stack) = Stack::start("ogx", "ogx", &["--insecure"], port) {
        specification(&mut scene, &stack, 503);
    }
}

/// A label of the key says whose tenant it is, and OGX keeps them apart; who has none gets nothing.
#[test]
fn ogx_keeps_tenants_apart() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let config = sandbox.home().join("serve.toml");
    std::fs::write(&config, "[labels]\ntenant_id = \"tenant\"\n").expect("written");
    let serving = Serving::with(&sandbox, &["--config", config.to_str().expect("text")]);
    let scene = Scene { sandbox, serving };
    let port = scene.serving.address.port();
    let edit = |text: &str| {
        let edited = text
            .replace("      type: custom\n", "      type: custom\n      tenant_field: tenant_id\n")
            .replace("server:\n", "server:\n  tenancy: { mode: multi }\n");
        assert_eq!(edited.lines().count(), text.lines().count() + 2, "{edited}");
        edited
    };
    let Some(stack) = Stack::start_with("ogx", "ogx", &["--insecure"], port, edit) else { return };
    let blue = scene.mint("alice", "files", &["--name", "blue", "--label", "tenant=blue"]);
    let red = scene.mint("alice", "files", &["--name", "red", "--label", "tenant=red"]);
    stack.answers(200, &upload(&blue));
    assert!(stack.answers(200, &get(FILES).bearer(&blue)).contains("of-alice.txt"));
    assert!(!stack.answers(200, &get(FILES).bearer(&red)).contains("of-alice.txt"), "one owner, two tenants");
    // A value that OGX would not take for a tenant is left out, and no tenant is no access.
    for label in [&["--label", "tenant=Blue"][..], &["--label", "team=blue"], &[]] {
        let name = format!("k{}", label.concat().len());
        let none = scene.mint("alice", "files", &[&["--name", name.as_str()], label].concat());
        let status = get(FILES).bearer(&none).send(stack.address).status;
        assert!((400..500).contains(&status), "{label:?}: {status}");
    }
}
