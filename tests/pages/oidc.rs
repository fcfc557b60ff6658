//! Signing in at a real provider, oidc-provider over TLS, in a browser: two https sites.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::json;
use tempfile::TempDir;

use super::browser::{Browser, Scripts};
use super::issuer::SECRET;
use super::looks::look;
use super::others::Evil;
use super::scene::Portal;
use crate::support::cli::Sandbox;
use crate::support::cluster::{certificates, free_port};
use crate::support::store::Place;

/// Ended with the value.
struct Provider {
    child: Child,
    issuer: String,
    folder: TempDir,
}

impl Provider {
    /// One whose client comes back to this address.
    fn start(redirect_uri: &str) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        certificates(folder.path(), "a provider of keyctl tests").expect("certificates");
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let modules = root.join("target/gateways/oidc-provider/node_modules");
        assert!(modules.exists(), "{} is missing: run tests/serve/install", modules.display());
        let settings = json!({
            "modules": modules, "folder": folder.path(), "redirect_uri": redirect_uri, "secret": SECRET,
        });
        let mut child = Command::new("node")
            .arg(root.join("tests/pages/provider/provider.mjs"))
            .arg(settings.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let port: u16 = line.trim().parse().expect("oidc-provider says its port");
        Self { child, issuer: format!("https://127.0.0.1:{port}"), folder }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Town {
    sandbox: Sandbox,
    portal: Portal,
    browser: Browser,
    provider: Provider,
}

impl Town {
    fn new(scripts: Scripts, flags: &[&str]) -> Self {
        let sandbox = Sandbox::with_store(Place::sqlite());
        sandbox.ok(&["role", "set", "people", "--scope", "memories"]);
        let address: SocketAddr = (Ipv4Addr::LOCALHOST, free_port().expect("a free port")).into();
        let back = format!("https://localhost:{}/oidc/callback", address.port());
        let provider = Provider::start(&back);
        let secret = sandbox.home().join("client-secret");
        std::fs::write(&secret, SECRET).expect("written");
        std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).expect("a mode");
        let (secret, authority) = (
            secret.display().to_string(),
            provider.folder.path().join("authority.pem").display().to_string(),
        );
        let own = ["--oidc", &provider.issuer, "--oidc-client-id", "keys:portal", "--oidc-role", "people"];
        let flags = [&own[..], &["--oidc-client-secret-file", &secret], flags].concat();
        let variables = [("KEYCTL_OUTBOUND_ALLOW", "127.0.0.0/8"), ("SSL_CERT_FILE", authority.as_str())];
        let portal = Portal::over_tls_at(&sandbox, address, &flags, &variables);
        Self { sandbox, portal, browser: Browser::start(scripts), provider }
    }

    fn button(&self) -> String {
        let issuer = &self.provider.issuer;
        format!("Sign in with {}", issuer.trim_start_matches("https://"))
    }

    /// From the first page to the provider's.
    fn go_there(&self) {
        self.browser.go(&self.portal.origin);
        self.browser.click_text("button", &self.button());
    }

    /// What somebody does there, whom it does not know yet.
    fn sign_in_as(&self, login: &str) {
        let browser = &self.browser;
        browser.write("input[name=login]", login);
        browser.write("input[name=password]", "whatever");
        browser.click("button[type=submit]");
        browser.shows("Continue");
        browser.click("button[type=submit]");
    }
}

fn whole_way(scripts: Scripts) {
    let town = Town::new(scripts, &[]);
    town.sandbox.ok(&["owner", "add", "alice", "--subject", "account-of-alice"]);
    let browser = &town.browser;
    town.go_there();
    town.sign_in_as("account-of-alice");
    browser.shows("No keys yet");
    assert_eq!(browser.url(), format!("{}/", town.portal.origin));
    assert!(browser.text().contains("alice"));
    browser.click_text("a", "New key");
    browser.write("#name", "laptop");
    browser.click("input[value=memories]");
    browser.click_text("button", "Make the key");
    browser.shows("it is shown this once");
    let token = browser.text_of("#token");
    assert_eq!(town.sandbox.verify(&token, &["--scope", "memories"]).0, Some(0));
    browser.click_text("button", "Sign out");
    browser.shows("You are signed out");
    assert!(town.sandbox.ok(&["session", "list"]).is_empty());
    // The provider knows the browser still, and asks nothing.
    browser.click_text("button", &town.button());
    browser.shows("All keys of alice.");
    let log = town.portal.log();
    assert!(!log.contains("refused") && !log.contains("code="), "{log}");
}

#[test]
fn somebody_signs_in_at_aprovider_makes_a_key_and_signs_out() {
    whole_way(Scripts::On);
}

#[test]
fn without_scripts_it_is_the_same() {
    whole_way(Scripts::Off);
}

#[test]
fn whoever_is_not_known_here_is_told_what_to_send_to_whom() {
    let town = Town::new(Scripts::On, &[]);
    town.browser.go(&town.portal.origin);
    look(&town.browser, "sign-in-provider");
    town.go_there();
    town.sign_in_as("account-of-bob");
    town.browser.shows("Nobody here is known by your account");
    look(&town.browser, "sign-in-unknown");
    town.browser.shows("keyctl owner add NAME --subject 'account-of-bob'");
    assert!(town.sandbox.ok(&["session", "list", "--all"]).is_empty());
    // And is let in once an operator did that.
    town.sandbox.ok(&["owner", "add", "bob", "--subject", "account-of-bob"]);
    town.browser.click_text("button", &town.button());
    town.browser.shows("No keys yet");
}

#[test]
fn an_address_that_theprovider_verified_is_a_subject() {
    let town = Town::new(Scripts::On, &["--oidc-claim", "email"]);
    for name in ["alice", "mallory"] {
        town.sandbox.ok(&["owner", "add", name, "--subject", &format!("{name}@example.com")]);
    }
    town.go_there();
    town.sign_in_as("alice");
    town.browser.shows("No keys yet");
    let other = Town::new(Scripts::On, &["--oidc-claim", "email"]);
    other.sandbox.ok(&["owner", "add", "mallory", "--subject", "mallory@example.com"]);
    other.go_there();
    other.sign_in_as("mallory");
    other.browser.shows("What your provider says of you cannot be used");
    other.browser.shows("email_unverified");
}

/// Login CSRF: somebody else's account, or a sign-in that nobody wanted.
#[test]
fn another_site_neither_begins_a_sign_in_nor_ends_one() {
    let town = Town::new(Scripts::On, &[]);
    let evil = Evil::start();
    let to = &town.portal.origin;
    let form =
        format!("<form method=post action='{to}/oidc'></form><script>document.forms[0].submit()</script>");
    evil.shows(&town.browser, &form);
    town.browser.shows("This form did not come from a page of yours");
    town.go_there();
    town.browser.shows("Sign-in");
    let link = format!("<a href='{to}/oidc/callback?code=theirs&state=theirs'>on</a>");
    evil.shows(&town.browser, &link);
    town.browser.click_text("a", "on");
    town.browser.shows("This is no answer to a sign-in of this browser's");
    assert!(town.sandbox.ok(&["session", "list", "--all"]).is_empty());
}

#[test]
fn whoever_says_no_there_is_back_at_the_first_page() {
    let town = Town::new(Scripts::On, &[]);
    town.go_there();
    town.browser.click_text("a", "[ Cancel ]");
    town.browser.shows("The provider says: access_denied.");
    assert!(town.browser.is_shown("#key"));
}
