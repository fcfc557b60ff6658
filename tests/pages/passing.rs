//! The pages that go on by themselves, on the way to a provider and back; and what comes back a second time.

use serde_json::json;

use super::browser::{Browser, Scripts};
use super::issuer::Manner;
use super::looks::look;
use super::oidc_refused::Town;
use super::scene::{Portal, cookie_in, get, post};
use crate::support::both;
use crate::support::store::Place;

/// A page as it is while a browser waits to go on from it.
pub fn held(page: &str) -> String {
    let at = page.find("<meta http-equiv=\"refresh\"").unwrap_or_else(|| panic!("it does not go on: {page}"));
    let (before, rest) = page.split_at(at);
    format!("{before}{}", rest.split_once('>').expect("the end of a tag").1)
}

#[test]
fn everybody_can_use_the_pages_that_go_on_by_themselves() {
    let town = Town::new(Place::sqlite(), &[]);
    let leaving = post("/oidc", &[]).to(&town.portal).body;
    let gone = town.leave();
    town.issuer.gives(&town.key.sign(&town.claims(&gone)));
    let arrived = town.arrive(&gone, "").body;
    // The same program, at an address that a browser opens: its style is that of these pages.
    let shown = Portal::over_tls(&town.sandbox, &[]);
    let browser = Browser::start(Scripts::On);
    for (name, page, says) in
        [("leaving", &leaving, "On to 127.0.0.1"), ("arrived", &arrived, "You are signed in")]
    {
        browser.go(&shown.origin);
        browser.shows("Your API keys");
        let text = json!(held(page));
        browser.script(&format!("document.open(); document.write({text}); document.close();"));
        browser.shows(says);
        look(&browser, name);
    }
}

both!(an_answer_that_comes_again_after_a_restart_signs_nobody_in, |place| {
    let town = Town::new(place, &[]);
    let gone = town.leave();
    town.issuer.gives(&town.key.sign(&town.claims(&gone)));
    let arrived = town.arrive(&gone, "");
    assert_eq!(arrived.status, 200, "{arrived:?}");
    assert_eq!(cookie_in(&arrived, "__Host-keyctl-oidc").as_deref(), Some(""), "the browser forgets it");
    // Another process, which remembers nothing; a code is redeemed once (RFC 6749 §4.1.2).
    let variables = [("KEYCTL_OUTBOUND_ALLOW", "127.0.0.0/8")];
    let flags = ["--oidc", town.issuer.url.as_str(), "--oidc-client-id", "keys"];
    let other = Portal::plain_with(&town.sandbox, &flags, &variables);
    let spent = json!({ "error": "invalid_grant" }).to_string();
    town.issuer.does("/token", Manner::Says(400, spent));
    let callback = gone.callback("");
    for kept in [Some(gone.cookie.as_str()), None] {
        let sent = kept
            .iter()
            .fold(get(&callback), |sent, kept| sent.with("Cookie", &format!("__Host-keyctl-oidc={kept}")));
        let answer = sent.with("Sec-Fetch-Site", "cross-site").to(&other);
        assert_eq!(answer.status, 403, "{answer:?}");
        assert!(cookie_in(&answer, "__Host-keyctl").is_none(), "{answer:?}");
    }
    assert_eq!(town.issuer.redeemed().len(), 2, "without the cookie it is not even asked for");
    assert_eq!(town.sandbox.json(&["session", "list", "--all"]).as_array().map(Vec::len), Some(1));
});
