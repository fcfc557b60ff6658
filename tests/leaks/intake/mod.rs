//! `keyctl leaks serve`: reports of leaked tokens over HTTP, as a process over both databases; on PostgreSQL in its own role.

mod bad_input;
mod keys;
mod reported;
mod running;
mod scanners;
mod signed;
mod times;

use std::ffi::OsStr;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::serve::raw::{self, Answer, post};
use crate::support::cli::{PROGRAM, Sandbox, finish};
use crate::support::cluster::{Running, free_port, wait_until};
use crate::support::postgres;

const ROLE: &str = "leaks_intake";
/// What GitHub's documentation signs with.
const SECRET: &str = "It's a Secret to Everybody";
const KEY_ID: &str = "f9525bf080f75b3506ca1ead061add62b8633a346606dc5fe544e29231c6ee0d";

/// What OpenSSL prints.
fn openssl(folder: &Path, args: &[&str], input: &[u8]) -> Vec<u8> {
    let path = folder.join("openssl.in");
    fs::write(&path, input).expect("written");
    let ran = Command::new("openssl").current_dir(folder).args(args).arg("openssl.in").output();
    let ran = ran.expect("openssl");
    assert!(ran.status.success(), "{ran:?}");
    ran.stdout
}

/// The intake as a process, and whoever signs for it.
pub(super) struct Intake {
    address: SocketAddr,
    folder: TempDir,
    running: Option<Running>,
}

/// Where the intake finds the store: on a server in its own role.
fn store_of(sandbox: &Sandbox) -> String {
    if sandbox.place.database.is_none() {
        return sandbox.place.text();
    }
    postgres::server().role(ROLE);
    sandbox.ok(&["store", "grant", ROLE, "--for", "leaks"]);
    sandbox.place.text().replace(&format!("{}@", postgres::USER), &format!("{ROLE}@"))
}

impl Intake {
    /// Whoever signs, in a folder, and the list of its one key.
    fn signer() -> (TempDir, String) {
        let folder = tempfile::tempdir().expect("folder");
        let run = |args: &[&str]| {
            let ran =
                Command::new("openssl").current_dir(folder.path()).args(args).output().expect("openssl");
            assert!(ran.status.success(), "{ran:?}");
            String::from_utf8(ran.stdout).expect("text")
        };
        run(&["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "key.pem"]);
        let key = run(&["pkey", "-in", "key.pem", "-pubout"]);
        let list = json!({ "public_keys": [{ "key_identifier": KEY_ID, "key": key, "is_current": true }] });
        (folder, list.to_string())
    }

    /// With a webhook's secret and a list of one key, whose other half signs.
    pub(super) fn start(sandbox: &Sandbox, flags: &[&str]) -> Self {
        let (folder, list) = Self::signer();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("keys.json"), list).expect("written");
        fs::write(path("hook.secret"), format!("{SECRET}\n")).expect("written");
        fs::set_permissions(path("hook.secret"), fs::Permissions::from_mode(0o600)).expect("its rights");
        let own = |path: PathBuf| path.display().to_string();
        let (secret, keys) = (own(path("hook.secret")), own(path("keys.json")));
        let named = ["--github-secret-file", secret.as_str(), "--github-keys", keys.as_str()];
        Self::start_with(sandbox, folder, &[&named, flags].concat())
    }

    fn start_with(sandbox: &Sandbox, folder: TempDir, flags: &[&str]) -> Self {
        Self::start_with_variables(sandbox, folder, flags, &[])
    }

    fn start_with_variables(
        sandbox: &Sandbox,
        folder: TempDir,
        flags: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        let address: SocketAddr = (Ipv4Addr::LOCALHOST, free_port().expect("a free port")).into();
        let mut program = Command::new("env");
        program.arg("-i");
        let mut command = sandbox.command::<&OsStr>(&[]);
        command.env("KEYCTL_STORE", store_of(sandbox)).envs(variables.iter().copied());
        for (name, value) in command.get_envs() {
            let mut pair = name.to_owned();
            pair.push("=");
            pair.push(value.unwrap_or_default());
            program.arg(pair);
        }
        program.args([PROGRAM, "leaks", "serve", "--listen", &address.to_string()]).args(flags);
        let log = folder.path().join("log");
        let running = Running::start(&program, &log, "TERM", None).expect("starts");
        let listens = || fs::read_to_string(&log).unwrap_or_default().contains("listening on");
        wait_until(&log, listens).expect("ready");
        Self { address, folder, running: Some(running) }
    }

    pub(super) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).expect("a log")
    }

    /// Ends it, and returns what it wrote.
    pub(super) fn stop(&mut self) -> String {
        self.running = None;
        self.log()
    }

    fn sent(&self, path: &str, lines: &str, body: &str) -> Answer {
        raw::one(self.address, &post(path, lines, body.as_bytes()))
    }

    /// In base64 of DER, as GitHub sends it.
    fn signature(&self, body: &str) -> String {
        let args = ["dgst", "-sha256", "-sign", "key.pem", "-out", "signature"];
        openssl(self.folder.path(), &args, body.as_bytes());
        let base64 = Command::new("openssl")
            .current_dir(self.folder.path())
            .args(["base64", "-A", "-in", "signature"])
            .output()
            .expect("openssl");
        String::from_utf8(base64.stdout).expect("text").trim().to_owned()
    }

    /// As GitHub's partner program reports.
    fn partner(&self, body: &str) -> Answer {
        self.sent("/github/partner", &partner_lines(KEY_ID, &self.signature(body)), body)
    }

    /// As a webhook of GitHub's.
    fn alert(&self, event: &str, body: &str) -> Answer {
        let args = ["dgst", "-sha256", "-hmac", SECRET];
        let printed = String::from_utf8(openssl(self.folder.path(), &args, body.as_bytes())).expect("text");
        let hex = printed.trim().rsplit(' ').next().expect("a digest");
        let lines = format!(
            "Content-Type: application/json\r\nX-GitHub-Event: {event}\r\nX-Hub-Signature-256: sha256={hex}\r\n"
        );
        self.sent("/github/alerts", &lines, body)
    }

    pub(super) fn report(&self, reporter: &str, body: &str) -> Answer {
        self.sent("/report", &format!("Authorization: Bearer {reporter}\r\n"), body)
    }

    pub(super) fn check(&self, reporter: &str, texts: &[&str]) -> u16 {
        let body = json!({ "keyctl-token": { "token": texts } }).to_string();
        self.sent("/check", &format!("Authorization: Bearer {reporter}\r\n"), &body).status
    }
}

fn partner_lines(id: &str, signature: &str) -> String {
    format!(
        "Content-Type: application/json\r\nGITHUB-PUBLIC-KEY-IDENTIFIER: {id}\r\nGITHUB-PUBLIC-KEY-SIGNATURE: {signature}\r\n"
    )
}

/// What the partner program sends of these tokens.
fn partner_body(tokens: &[&str]) -> String {
    let one = |token: &&str| json!({ "token": token, "type": "keyctl_token", "url": "https://github.com/octo/app/blob/1/a.env", "source": "content" });
    Value::Array(tokens.iter().map(one).collect()).to_string()
}

/// A token, of a key of these words.
fn minted(sandbox: &Sandbox, words: &str) -> String {
    let words: Vec<&str> = words.split_whitespace().collect();
    sandbox.ok(&[&["mint"], words.as_slice()].concat())
}

/// A key that may report.
pub(super) fn reporter(sandbox: &Sandbox) -> String {
    minted(sandbox, "scanner --scope keyctl:report")
}

/// The word for a token's state.
fn state(sandbox: &Sandbox, token: &str) -> String {
    let ran = finish(sandbox.command(&["verify", "-o", "json"]), token.as_bytes());
    let said: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    said["reason"].as_str().unwrap_or("allowed").to_owned()
}
