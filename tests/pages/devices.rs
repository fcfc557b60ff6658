//! A terminal signs in through Authlib, and somebody lets it in in a browser: over TLS, as people have it.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::browser::{Browser, Scripts};
use super::looks::look;
use super::scene::Portal;
use crate::secrets::{KEY, keyed};
use crate::support::cli::Sandbox;
use crate::support::cluster::free_port;
use crate::support::store::Place;

const RESOURCE: &str = "https://mcp.example.com/mcp";

#[test]
fn a_terminal_that_speaks_through_authlib_is_let_in_in_a_browser() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let address: SocketAddr = (Ipv4Addr::LOCALHOST, free_port().expect("a free port")).into();
    let origin = format!("https://localhost:{}", address.port());
    sandbox.ok(&["store", "set", "issuer", &origin]);
    sandbox.ok(&["store", "set", "audience", RESOURCE]);
    keyed(&sandbox, &["signing-key", "rotate"], "");
    let added = sandbox.json(&[
        "client",
        "add",
        "Terminal",
        "--redirect-uri",
        "http://127.0.0.1/callback",
        "--device",
    ]);
    let client = added["id"].as_str().expect("an id");
    let key = sandbox.ok(&["mint", "alice", "--name", "laptop", "--scope", "keyctl:self,files"]);
    let portal = Portal::over_tls_at(&sandbox, address, &["--issue"], &[("KEYCTL_MASTER_KEY", KEY)]);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = root.join("target/gateways/oauth/bin/python");
    assert!(python.exists(), "{} is missing: run tests/serve/install", python.display());
    let mut program = Command::new(python)
        .arg(root.join("tests/clients/device.py"))
        .args([&origin, client, RESOURCE])
        .arg(portal.authority())
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut lines = BufReader::new(program.stdout.take().expect("a pipe")).lines();
    let mut said =
        || -> Value { serde_json::from_str(&lines.next().expect("a line").expect("a text")).expect("JSON") };
    let begun = said();
    let browser = Browser::start(Scripts::On);
    browser.go(begun["at"].as_str().expect("an address"));
    browser.shows("Sign in first");
    browser.write("#key", &key);
    browser.click_text("button", "Sign in");
    browser.shows("Let a program on a device in");
    look(&browser, "device");
    browser.write("#code", &begun["user_code"].as_str().expect("a code").to_lowercase());
    browser.click_text("button", "Continue");
    browser.shows("Let Terminal in?");
    look(&browser, "device-consent");
    browser.click_text("button", "Let it in");
    browser.shows("The program is let in");
    look(&browser, "device-done");
    let got = said();
    assert!(program.wait().expect("it ends").success());
    assert_eq!(got["waited"][0], "authorization_pending", "{got}");
    for tokens in [&got["token"], &got["refreshed"]] {
        let access = tokens["access_token"].as_str().expect("a token");
        let ran = sandbox.feed(&["jwt", "verify", "--audience", RESOURCE, "-o", "json"], access);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!((&tokens["scope"], &tokens["token_type"]), (&"files".into(), &"Bearer".into()));
    }
    assert_ne!(got["token"]["refresh_token"], got["refreshed"]["refresh_token"]);
}
