//! The whole way from a link to a working key, in a browser.

use std::time::{Duration, Instant};

use super::browser::{Browser, Scripts};
use super::scene::{Portal, code_of};
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::store::Place;

struct Town {
    sandbox: Sandbox,
    portal: Portal,
    browser: Browser,
}

impl Town {
    fn new(place: Place, scripts: Scripts) -> Self {
        let sandbox = Sandbox::with_store(place);
        let portal = Portal::over_tls(&sandbox, &["--service-url", "https://api.example.com"]);
        Self { sandbox, portal, browser: Browser::start(scripts) }
    }

    fn code(&self) -> String {
        let printed = self.sandbox.ok(&["invite", "alice", "--scope", "memories", "--scope", "files:read"]);
        code_of(&printed)
    }

    fn is_good(&self, token: &str) -> bool {
        self.sandbox.verify(token, &["--scope", "memories"]).0 == Some(0)
    }

    /// Makes a key and returns its token.
    fn make(&self, name: &str) -> String {
        let browser = &self.browser;
        browser.click_text("a", "New key");
        browser.write("#name", name);
        browser.click("input[value=memories]");
        browser.click_text("button", "Make the key");
        browser.shows("it is shown this once");
        browser.text_of("#token")
    }

    /// What follows once somebody is signed in.
    fn life_of_a_key(&self) {
        let browser = &self.browser;
        browser.shows("No keys yet");
        let token = self.make("laptop");
        assert!(self.is_good(&token));
        browser.click_text("a", "To the key");
        browser.click_text("a", "Replace the token");
        browser.click("option[value='0s']");
        browser.click_text("button", "Make a new token");
        browser.shows("it is shown this once");
        let fresh = browser.text_of("#token");
        assert!(!self.is_good(&token) && self.is_good(&fresh));
        browser.click_text("a", "To the key");
        browser.click_text("button", "Suspend");
        browser.shows("The key is suspended");
        assert!(!self.is_good(&fresh));
        browser.click_text("button", "Resume");
        browser.shows("The key works again");
        assert!(self.is_good(&fresh));
        browser.click_text("a", "Revoke …");
        browser.shows("No other key goes with it");
        browser.write("#reason", "the laptop is gone");
        browser.click_text("button", "Revoke for good");
        browser.shows("The key is revoked");
        assert!(!self.is_good(&fresh));
        browser.click_text("button", "Sign out");
        browser.shows("You are signed out");
        browser.go(&format!("{}/keys/new", self.portal.origin));
        browser.shows("I have a key");
        let log = self.portal.log();
        assert!(!log.contains(&token) && !log.contains(&fresh) && !log.contains("panicked"), "{log}");
    }
}

both!(who_has_nothing_but_a_link_has_a_working_key_in_under_a_minute, |place| {
    let town = Town::new(place, Scripts::On);
    let (browser, code) = (&town.browser, town.code());
    let begun = Instant::now();
    browser.go(&format!("{}/claim#{code}", town.portal.origin));
    browser.shows("Your code is filled in");
    assert_eq!(browser.value_of("#code"), code);
    assert_eq!(browser.url(), format!("{}/claim", town.portal.origin), "it is in no history");
    assert!(!browser.is_shown("#paste"));
    browser.click("#redeem");
    browser.shows("No keys yet");
    let token = town.make("first");
    assert!(town.is_good(&token));
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
    assert!(browser.is_shown("button[data-copy=token]"));
    for line in [
        "Authorization: Bearer $API_KEY",
        "import httpx",
        "process.env.API_KEY",
        "base_url=\"https://api.example.com/v1\"",
    ] {
        assert!(browser.text().contains(line), "{line}");
    }
    // The cookie is nothing that a script could read.
    assert_eq!(browser.script("return document.cookie"), "");
});

#[test]
fn a_key_lives_from_the_link_to_its_end() {
    let town = Town::new(Place::sqlite(), Scripts::On);
    town.browser.go(&format!("{}/claim#{}", town.portal.origin, town.code()));
    town.browser.click("#redeem");
    town.life_of_a_key();
}

#[test]
fn without_scripts_it_is_the_same_but_for_pasting_the_code() {
    let town = Town::new(Place::sqlite(), Scripts::Off);
    let (browser, code) = (&town.browser, town.code());
    browser.go(&format!("{}/claim#{code}", town.portal.origin));
    browser.shows("The part of your link behind #");
    assert_eq!(browser.value_of("#code"), "");
    browser.write("#code", &code);
    browser.click("#redeem");
    town.life_of_a_key();
    assert!(!browser.is_shown("button[data-copy]"));
}

#[test]
fn a_key_signs_in_and_the_keyboard_alone_gets_there() {
    let town = Town::new(Place::sqlite(), Scripts::On);
    let key = town.sandbox.ok(&["mint", "alice/login", "--scope", "keyctl:self", "--scope", "memories"]);
    let browser = &town.browser;
    browser.go(&town.portal.origin);
    // The first stop is the link that skips to the content.
    browser.press("\u{E004}");
    assert_eq!(browser.script("return document.activeElement.className"), "skip");
    browser.press("\u{E007}");
    browser.press("\u{E004}\u{E004}");
    assert_eq!(browser.script("return document.activeElement.id"), "key");
    browser.write("#key", &key);
    browser.press("\u{E007}");
    browser.shows("All keys of alice.");
    assert!(browser.text_of("tbody").contains("login"));
}
