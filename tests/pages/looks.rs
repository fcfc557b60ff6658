//! Each page at two widths, in light and dark: nothing that axe-core finds, nothing beside the window, and a picture for people.

use std::path::{Path, PathBuf};

use super::browser::{Browser, Scripts};
use super::scene::{Portal, code_of};
use crate::serve::raw;
use crate::serve::serving::Serving;
use crate::support::cli::Sandbox;
use crate::support::store::Place;

/// Where the pictures are.
fn place() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/portal");
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// Looks at the page that is open.
pub fn look(browser: &Browser, name: &str) {
    let mut found = Vec::new();
    for (width, is_dark) in [(1280, false), (1280, true), (360, false), (360, true)] {
        browser.look(width, is_dark);
        let how = format!("{name}-{width}-{}", if is_dark { "dark" } else { "light" });
        found.extend(browser.faults().into_iter().map(|fault| format!("{how}: {fault}")));
        // A phone widens its window to what is too wide.
        let wide = browser.script("return Math.max(document.documentElement.scrollWidth, innerWidth)");
        if wide.as_u64() != Some(u64::from(width)) {
            found.push(format!("{how}: {wide} px wide"));
        }
        browser.picture(&place().join(format!("{how}.png")));
    }
    browser.look(1280, false);
    assert!(found.is_empty(), "{found:#?}");
}

/// Has a key let in by a real server, which writes that down before it ends.
fn is_used(sandbox: &Sandbox, token: &str) {
    let mut serving = Serving::start(sandbox);
    for _ in 0..3 {
        assert_eq!(raw::one(serving.address, &raw::validate(token)).status, 200);
    }
    serving.stop();
}

#[test]
fn everybody_can_use_each_page() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let portal = Portal::over_tls(&sandbox, &[]);
    let browser = Browser::start(Scripts::On);
    let scopes = ["--scope", "memories", "--scope", "files:read", "--scope", "models:gpt-large:invoke"];
    let key = sandbox.ok(&[&["mint", "alice/login", "--scope", "keyctl:admin"], &scopes[..]].concat());
    for name in ["laptop", "ci-tests", "a-name-that-is-quite-long-for-a-key-as-some-programs-make-them"] {
        sandbox.ok(&[&["mint", &format!("alice/{name}"), "-q"], &scopes[..2]].concat());
    }
    sandbox.ok(&["mint", "bob/phone", "--scope", "files:read", "--expires", "never", "-q"]);
    let used = sandbox.ok(&["mint", "alice/used", "--scope", "memories"]);
    is_used(&sandbox, &used);
    sandbox.ok(&["suspend", "alice/ci-tests"]);
    sandbox.ok(&["revoke", "bob/phone", "--reason", "lost it on a train"]);
    let to = |path: &str| browser.go(&format!("{}{path}", portal.origin));

    to("/");
    look(&browser, "sign-in");
    browser.write("#key", "sks_wrong");
    browser.click_text("button", "Sign in");
    browser.shows("There is no key with this token");
    look(&browser, "sign-in-refused");
    to("/claim");
    look(&browser, "claim");
    let code = code_of(&sandbox.ok(&["invite", "alice", "--scope", "memories"]));
    to(&format!("/claim?#{code}"));
    browser.shows("Your code is filled in");
    look(&browser, "claim-filled");
    to("/nothing");
    look(&browser, "not-found");

    to("/");
    browser.write("#key", &key);
    browser.click_text("button", "Sign in");
    browser.shows("My keys");
    look(&browser, "keys");
    browser.click_text("a", "New key");
    look(&browser, "new");
    browser.write("#name", "laptop");
    browser.click_text("button", "Make the key");
    browser.shows("You have a key of this name already");
    look(&browser, "new-refused");
    to("/keys/new");
    browser.write("#name", "tablet");
    browser.click("input[value=memories]");
    browser.click_text("button", "Make the key");
    browser.shows("it is shown this once");
    look(&browser, "token");
    browser.click_text("a", "To the key");
    look(&browser, "key");
    browser.click_text("a", "Replace the token");
    look(&browser, "rotate");
    browser.click_text("a", "Not now");
    browser.click_text("button", "Suspend");
    browser.shows("The key is suspended");
    look(&browser, "suspended");
    browser.click_text("a", "Revoke …");
    look(&browser, "revoke");
    to("/");
    browser.click_text("a", "Manage alice/used");
    browser.shows("3 allowed and 0 denied");
    look(&browser, "used");
    to("/admin");
    look(&browser, "admin");
    to("/admin?q=nobody-is-called-so");
    look(&browser, "admin-nothing");
    to("/admin/invite");
    look(&browser, "invite");
    browser.write("#owner", "carol");
    browser.write("#scopes", "memories, files:read");
    browser.click_text("button", "Make the link");
    browser.shows("carol is invited");
    look(&browser, "invited");
}
