//! What the pages do, over raw HTTP and on both databases.

use super::scene::{Scene, code_of, get, post, token_in};
use crate::serve::serving::within_the_bound;
use crate::support::both;
use crate::support::store::Place;

both!(a_key_is_made_replaced_suspended_resumed_and_revoked, |place| {
    let scene = Scene::new(place);
    let alice = scene.sign_in(&scene.key("alice/login", &["--scope", "memories", "--scope", "files:read"]));
    let form = alice.get("/keys/new").body;
    assert!(form.contains("value=\"memories\"") && form.contains("value=\"files:read\""), "{form}");
    assert!(!form.contains("value=\"keyctl:self\""), "{form}");
    let answer =
        alice.post("/keys/new", &[("name", "laptop"), ("more", "memories:read"), ("expires", "30d")]);
    assert_eq!(answer.status, 200, "{answer:?}");
    let token = token_in(&answer);
    let verify = |token: &str, scope: &str| scene.sandbox.feed(&["verify", "--scope", scope], token).code;
    assert_eq!(verify(&token, "memories:read"), Some(0));
    assert_eq!(verify(&token, "memories:write"), Some(5), "no more than was given");

    let page = alice.page_of("laptop");
    let asked = alice.get(&format!("{page}/rotate"));
    assert!(asked.body.contains("name=\"generation\" value=\"1\""), "{asked:?}");
    let replaced = alice.post(&format!("{page}/rotate"), &[("grace", "0s"), ("generation", "1")]);
    assert_eq!(replaced.status, 200, "{replaced:?}");
    let fresh = token_in(&replaced);
    assert_eq!((verify(&token, "memories:read"), verify(&fresh, "memories:read")), (Some(5), Some(0)));

    // The form of a second tab, and one that is not whole.
    let stale = alice.post(&format!("{page}/rotate"), &[("grace", "0s"), ("generation", "1")]);
    assert_eq!(stale.status, 409, "{stale:?}");
    assert_eq!(alice.post(&format!("{page}/rotate"), &[("grace", "0s")]).status, 400);
    assert_eq!(verify(&fresh, "memories:read"), Some(0));

    let suspended = alice.post(&format!("{page}/suspend"), &[]);
    assert_eq!(
        (suspended.status, suspended.header("location")),
        (303, Some(format!("{page}?said=suspended").as_str()))
    );
    assert_eq!(verify(&fresh, "memories:read"), Some(5));
    let resumed = alice.post(&format!("{page}/resume"), &[]);
    assert_eq!(resumed.status, 303, "{resumed:?}");
    assert_eq!(verify(&fresh, "memories:read"), Some(0));

    let asked = alice.get(&format!("{page}/revoke"));
    assert!(asked.body.contains("Revoke alice/laptop?"), "{asked:?}");
    let revoked = alice.post(&format!("{page}/revoke"), &[("reason", "lost it")]);
    assert_eq!((revoked.status, revoked.header("location")), (303, Some("/?said=revoked")));
    assert_eq!(verify(&fresh, "memories:read"), Some(5));
    assert!(alice.get(&page).body.contains("lost it"));
    // Each is a record with person and session.
    let log = scene.sandbox.ok(&["audit", "list", "-o", "json"]);
    assert!(log.contains("alice by session pss_"), "{log}");
});

both!(a_link_lets_in_once_and_to_look_at_it_uses_nothing_up, |place| {
    let scene = Scene::new(place);
    let code = scene.invite("bob", &["--scope", "memories"]);
    for _ in 0..3 {
        assert_eq!(get("/claim").to(&scene.portal).status, 200);
    }
    let bob = scene.claim(&code);
    let token = bob.make("phone", &["memories"]);
    assert_eq!(scene.sandbox.feed(&["verify", "--scope", "memories"], &token).code, Some(0));
    let again = post("/claim", &[("code", &code)]).to(&scene.portal);
    assert_eq!(again.status, 403, "{again:?}");
    assert!(again.body.contains("it works once") && again.header("set-cookie").is_none(), "{again:?}");
    // The session of the first one goes on.
    assert!(bob.get("/").body.contains("phone"));
    for wrong in ["", "skc_short", &format!("{}x", &code[..code.len() - 1]), "<script>"] {
        let guessed = post("/claim", &[("code", wrong)]).to(&scene.portal);
        assert_eq!(guessed.status, 403, "{guessed:?}");
        assert!(guessed.body.contains("There is no invitation with this code"), "{guessed:?}");
        assert!(wrong.is_empty() || !guessed.body.contains(wrong), "{guessed:?}");
    }
    let log = scene.portal.log();
    assert!(!log.contains(&code) && !log.contains(&bob.cookie) && !log.contains(&token), "{log}");
});

both!(a_key_that_waits_gets_its_token_and_another_one_until_somebody_has_it, |place| {
    let scene = Scene::new(place);
    let printed = scene.sandbox.ok(&["mint", "carol/phone", "--scope", "memories", "--claim"]);
    let carol = scene.claim(&code_of(&printed));
    assert!(carol.get("/").body.contains("A key waits for you"));
    let lost = token_in(&carol.post("/token", &[]));
    let token = token_in(&carol.post("/token", &[]));
    let verify = |token: &str| scene.sandbox.feed(&["verify"], token).code;
    assert_eq!((verify(&lost), verify(&token)), (Some(5), Some(0)));
    assert_eq!(carol.post("/token/kept", &[]).status, 303);
    let late = carol.post("/token", &[]);
    assert_eq!(late.status, 409, "{late:?}");
    assert_eq!(verify(&token), Some(0));
});

both!(a_session_ends_with_the_key_that_it_came_from, |place| {
    let scene = Scene::new(place);
    let key = scene.key("alice/login", &["--scope", "memories"]);
    let alice = scene.sign_in(&key);
    let form_token = alice.form_token();
    scene.sandbox.ok(&["revoke", "alice/login"]);
    // At the next request, and not when a cache says so.
    let made = post("/keys/new", &[("form", &form_token), ("name", "late"), ("scope", "memories")])
        .cookie(&alice.cookie)
        .to(&scene.portal);
    assert_eq!(made.status, 403, "{made:?}");
    assert!(made.body.contains("You are signed out"), "{made:?}");
    assert_eq!(made.header("set-cookie").map(|set| set.contains("Max-Age=0")), Some(true));
    let seen = alice.get("/keys/new");
    assert_eq!((seen.status, seen.header("location")), (303, Some("/")));
    assert!(!scene.sandbox.ok(&["list", "alice"]).contains("late"));
});

both!(nobody_gives_more_than_they_have, |place| {
    let scene = Scene::new(place);
    scene.sandbox.ok(&["mint", "mallory/other", "--scope", "files", "-q"]);
    let alice = scene.sign_in(&scene.key("alice/login", &["--scope", "memories:read"]));
    for scope in ["memories", "files", "*", "keyctl:admin", "keyctl:self"] {
        let refused = alice.post("/keys/new", &[("name", "more"), ("more", scope)]);
        assert_eq!(refused.status, 403, "{scope}: {refused:?}");
        assert!(
            refused.body.contains("role=\"alert\"") && refused.body.contains("value=\"more\""),
            "{refused:?}"
        );
    }
    let other = scene.sandbox.ok(&["show", "mallory/other", "-o", "json"]);
    let id = other.split('"').find(|word| word.starts_with("key_")).expect("an id").to_owned();
    for (path, is_post) in [("", false), ("/revoke", true), ("/suspend", true), ("/rotate", true)] {
        let path = format!("/keys/{id}{path}");
        let answer = if is_post {
            alice.post(&path, &[("grace", "0s"), ("generation", "1")])
        } else {
            alice.get(&path)
        };
        assert_eq!(answer.status, 404, "{path}: {answer:?}");
        assert!(!answer.body.contains("mallory"), "{answer:?}");
    }
});

#[test]
fn a_name_with_markup_is_text_or_refused() {
    let scene = Scene::new(Place::sqlite());
    let alice = scene.sign_in(&scene.key("alice/login", &["--scope", "memories"]));
    let name = "<img src=x onerror=alert(1)>\"'";
    let refused = alice.post("/keys/new", &[("name", name), ("scope", "\"><script>")]);
    assert_eq!(refused.status, 400, "{refused:?}");
    assert!(!refused.body.contains("<img") && !refused.body.contains("<script>\""), "{refused:?}");
    assert!(refused.body.contains("&lt;img src=x onerror=alert(1)&gt;&quot;"), "{refused:?}");
    let page = alice.page_of("login");
    let reason = "<b>\"&</b>";
    alice.make("victim", &["memories"]);
    let victim = alice.page_of("victim");
    assert_eq!(alice.post(&format!("{victim}/revoke"), &[("reason", reason)]).status, 303);
    let shown = alice.get(&victim).body;
    assert!(shown.contains("&lt;b&gt;&quot;&amp;&lt;/b&gt;") && !shown.contains("<b>\""), "{shown}");
    assert_eq!(alice.get(&page).status, 200);
}

#[test]
fn the_form_offers_what_the_policy_lets_through_and_says_what_it_does_not() {
    let scene = Scene::new(Place::sqlite());
    scene.sandbox.ok(&["policy", "set", "--max-expiry", "30d"]);
    let alice = scene.sign_in(&scene.key("alice/login", &["--scope", "memories", "--expires", "20d"]));
    let form = alice.get("/keys/new").body;
    assert!(
        form.contains("value=\"7d\"") && !form.contains("value=\"30d\"") && !form.contains("never"),
        "{form}"
    );
    let long = alice.post("/keys/new", &[("name", "long"), ("scope", "memories"), ("expires", "365d")]);
    assert!(matches!(long.status, 403 | 409), "{long:?}");
    let taken = alice.post("/keys/new", &[("name", "login"), ("scope", "memories")]);
    assert_eq!(taken.status, 409, "{taken:?}");
    assert!(taken.body.contains("You have a key of this name already"), "{taken:?}");
}

#[test]
fn a_key_that_may_not_sign_in_is_told_so() {
    let scene = Scene::new(Place::sqlite());
    let plain = scene.sandbox.ok(&["mint", "alice", "--scope", "memories"]);
    let refused = post("/sign-in", &[("key", &plain)]).to(&scene.portal);
    assert_eq!(refused.status, 403, "{refused:?}");
    assert!(refused.body.contains("keyctl:self") && !refused.body.contains(&plain), "{refused:?}");
    let unknown = post("/sign-in", &[("key", "sks_abc_def")]).to(&scene.portal);
    assert!(unknown.body.contains("There is no key with this token"), "{unknown:?}");
    within_the_bound("written", || scene.portal.log().contains("no_such_token"));
    assert!(!scene.portal.log().contains(&plain));
}
