//! What every request is held against, and what every answer says.

use super::scene::{HOST, ORIGIN, Scene, code_of, form_token, get, post};
use crate::support::both;
use crate::support::store::Place;

#[test]
fn every_answer_says_what_a_browser_may_do_with_it() {
    let scene = Scene::new(Place::sqlite());
    let alice = scene.sign_in(&scene.key("alice/login", &["--scope", "memories"]));
    let refused = post("/sign-in", &[("key", "x")]).to(&scene.portal);
    for answer in [
        get("/").to(&scene.portal),
        get("/claim").to(&scene.portal),
        get("/nothing").to(&scene.portal),
        get("/token").to(&scene.portal),
        get("/").host("evil.example").to(&scene.portal),
        alice.get("/"),
        alice.get("/keys/new"),
        refused,
    ] {
        let policy = answer.header("content-security-policy").expect("a policy");
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "frame-ancestors 'none'",
            "form-action 'self'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part), "{answer:?}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "no-store"),
            ("strict-transport-security", "max-age=31536000"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{name}: {answer:?}");
        }
        // What the policy forbids is not there either.
        let body = &answer.body;
        assert!(!body.contains("style=") && !body.contains(" onclick") && !body.contains("<style"), "{body}");
        assert_eq!(body.matches("<script").count(), 1, "{body}");
    }
}

#[test]
fn the_first_load_is_small_and_what_never_changes_is_kept() {
    let scene = Scene::new(Place::sqlite());
    let page = get("/").to(&scene.portal);
    let mut bytes = page.head.len() + page.body.len();
    let assets: Vec<&str> = page.body.split('"').filter(|word| word.starts_with("/assets/")).collect();
    assert_eq!(assets.len(), 2, "{}", page.body);
    for asset in assets {
        let answer = get(asset).to(&scene.portal);
        assert_eq!(answer.status, 200, "{asset}");
        assert_eq!(answer.header("cache-control"), Some("public, max-age=31536000, immutable"));
        bytes += answer.head.len() + answer.body.len();
    }
    assert!(bytes <= 40 * 1024, "{bytes} bytes");
    assert_eq!(get("/assets/portal-0000000000000000.css").to(&scene.portal).status, 404);
    assert_eq!(get("/assets/../portal.css").to(&scene.portal).status, 404);
}

#[test]
fn a_cookie_is_for_this_host_over_tls_alone_and_each_sign_in_has_its_own() {
    let scene = Scene::new(Place::sqlite());
    let key = scene.key("alice/login", &["--scope", "memories"]);
    let planted = "A".repeat(43);
    let answer = post("/sign-in", &[("key", &key)]).cookie(&planted).to(&scene.portal);
    let set = answer.header("set-cookie").expect("a cookie");
    for part in ["__Host-keyctl=", "; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.contains(&planted) && !set.contains("Domain"), "{set}");
    let first = scene.sign_in(&key);
    // Whoever signs in again has another session, and the one before is over.
    let answer = post("/sign-in", &[("key", &key)]).cookie(&first.cookie).to(&scene.portal);
    assert_eq!(answer.status, 303);
    assert!(!answer.header("set-cookie").expect("a cookie").contains(&first.cookie));
    assert_eq!(first.get("/keys/new").header("location"), Some("/"));
}

#[test]
fn signing_out_ends_the_session_and_not_the_cookie_alone() {
    let scene = Scene::new(Place::sqlite());
    let alice = scene.sign_in(&scene.key("alice/login", &[]));
    let out = alice.post("/sign-out", &[]);
    assert_eq!((out.status, out.header("location")), (303, Some("/sign-in?said=signed-out")));
    assert!(out.header("set-cookie").expect("a cookie").contains("Max-Age=0"));
    assert_eq!(alice.get("/keys/new").status, 303);
    assert!(alice.get("/").body.contains("You are signed out"));
}

#[test]
fn a_form_that_another_site_sent_does_nothing() {
    let scene = Scene::new(Place::sqlite());
    let alice = scene.sign_in(&scene.key("alice/login", &["--scope", "memories"]));
    let bob = scene.sign_in(&scene.key("bob/login", &["--scope", "memories"]));
    let (own, others) = (alice.form_token(), bob.form_token());
    let made = |form: &str| {
        post("/keys/new", &[("form", form), ("name", "forged"), ("scope", "memories")]).cookie(&alice.cookie)
    };
    for (why, sent) in [
        ("no origin", made(&own).without("Origin")),
        ("another site", made(&own).without("Origin").with("Origin", "https://evil.example")),
        ("a sandboxed frame", made(&own).without("Origin").with("Origin", "null")),
        ("a neighbour", made(&own).without("Origin").with("Origin", "https://evil.keys.example.com")),
        ("without TLS", made(&own).without("Origin").with("Origin", "http://keys.example.com")),
        ("another site, as the browser says", made(&own).with("Sec-Fetch-Site", "cross-site")),
        ("no form token", made("")),
        ("another session's form token", made(&others)),
        ("a form token that is cut", made(&own[1..])),
    ] {
        let answer = sent.to(&scene.portal);
        assert_eq!(answer.status, 403, "{why}: {answer:?}");
        assert!(answer.body.contains("did not come from a page of yours"), "{why}: {answer:?}");
    }
    assert!(!scene.sandbox.ok(&["list", "alice"]).contains("forged"));
    assert_eq!(made(&own).with("Sec-Fetch-Site", "same-origin").to(&scene.portal).status, 200);
    // Neither is somebody signed in by another site's form.
    let key = scene.key("mallory/login", &[]);
    let planted = post("/sign-in", &[("key", &key)]).without("Origin").with("Origin", "https://evil.example");
    let planted = planted.to(&scene.portal);
    assert_eq!((planted.status, planted.header("set-cookie")), (403, None));
}

#[test]
fn another_name_that_leads_here_is_answered_with_nothing() {
    let scene = Scene::new(Place::sqlite());
    let key = scene.key("alice/login", &[]);
    let alice = scene.sign_in(&key);
    for host in ["evil.example", "127.0.0.1", "keys.example.com.evil.example", "keys.example.com:8443"] {
        let answer = get("/").host(host).cookie(&alice.cookie).to(&scene.portal);
        assert_eq!(answer.status, 421, "{host}: {answer:?}");
        assert!(!answer.body.contains("alice"), "{answer:?}");
        assert_eq!(post("/sign-in", &[("key", &key)]).host(host).to(&scene.portal).status, 421, "{host}");
    }
    assert_eq!(get("/healthz").host("127.0.0.1").to(&scene.portal).status, 200);
    assert_eq!(get("/readyz").host("127.0.0.1").to(&scene.portal).status, 200);
    assert_eq!(get("/").host(&HOST.to_uppercase()).to(&scene.portal).status, 200);
}

#[test]
fn what_is_no_form_or_too_large_is_refused_by_its_status() {
    let scene = Scene::new(Place::sqlite());
    let sent = |kind: &str, body: &str| {
        post("/sign-in", &[]).without("Content-Type").with("Content-Type", kind).body(body).to(&scene.portal)
    };
    assert_eq!(sent("application/json", "{}").status, 415);
    assert_eq!(sent("multipart/form-data; boundary=x", "--x--").status, 415);
    let form = "application/x-www-form-urlencoded";
    assert_eq!(sent(form, "key=a&key=b").status, 400);
    assert_eq!(sent(form, &format!("key={}", "a".repeat(70_000))).status, 413);
    assert_eq!(sent(form, &format!("key={}", "a".repeat(60_000))).status, 403);
    let many: Vec<String> = (0..1001).map(|number| format!("p{number}")).collect();
    assert_eq!(sent(form, &many.join("&")).status, 400);
    assert_eq!(sent(form, &many[..1000].join("&")).status, 403);
    for (method, target, allow) in [
        ("DELETE", "/", "GET, HEAD"),
        ("POST", "/", "GET, HEAD"),
        ("GET", "/sign-out", "POST"),
        ("GET", "/token", "POST"),
        ("PUT", "/keys/new", "GET, HEAD, POST"),
    ] {
        let answer = get(target).method(method).to(&scene.portal);
        assert_eq!((answer.status, answer.header("allow")), (405, Some(allow)), "{method} {target}");
    }
}

#[test]
fn a_reason_is_held_to_what_the_command_is_held_to() {
    let scene = Scene::new(Place::sqlite());
    let alice = scene.sign_in(&scene.key("alice/login", &["--scope", "memories"]));
    let token = alice.make("laptop", &["memories"]);
    let page = alice.page_of("laptop");
    for reason in [token.as_str(), "a\u{1b}[31mb", "a\0b", &"x".repeat(513)] {
        let answer = alice.post(&format!("{page}/revoke"), &[("reason", reason)]);
        assert_eq!(answer.status, 400, "{answer:?}");
        assert!(answer.body.contains("The reason cannot be that"), "{answer:?}");
    }
    assert_eq!(scene.sandbox.feed(&["verify"], &token).code, Some(0), "nothing was revoked");
    assert_eq!(alice.post(&format!("{page}/revoke"), &[("reason", "lost it")]).status, 303);
}

#[test]
fn nobody_is_sent_to_another_place() {
    let scene = Scene::new(Place::sqlite());
    let key = scene.key("alice/login", &[]);
    for target in [
        "/sign-in?next=https://evil.example",
        "/sign-in?said=//evil.example",
        "/sign-in?return=%2F%2Fevil.example",
    ] {
        let answer =
            post(target, &[("key", &key), ("next", "https://evil.example"), ("redirect", "//evil.example")])
                .to(&scene.portal);
        assert_eq!((answer.status, answer.header("location")), (303, Some("/")), "{target}");
        assert!(!get(target).to(&scene.portal).body.contains("evil"), "{target}");
    }
    // What is said after a form is one of our own words, and of another site's link not even that.
    let alice = scene.sign_in(&key);
    assert!(alice.get("/?said=revoked").body.contains("The key is revoked"));
    assert!(!alice.get("/?said=<b>hi").body.contains("<b>hi"));
    let sent =
        get("/?said=revoked").cookie(&alice.cookie).with("Sec-Fetch-Site", "cross-site").to(&scene.portal);
    assert!(!sent.body.contains("The key is revoked"), "{sent:?}");
}

#[test]
fn whoever_tries_many_codes_waits_and_whoever_is_signed_in_does_not() {
    let scene = Scene::new(Place::sqlite());
    let key = scene.key("alice/login", &[]);
    let alice = scene.sign_in(&key);
    let tried = |number: u32| post("/claim", &[("code", &format!("skc_{number:0>43}"))]).to(&scene.portal);
    let statuses: Vec<u16> = (0..15).map(|number| tried(number).status).collect();
    assert_eq!(statuses[..10], [403; 10]);
    assert_eq!(statuses[11..], [429; 4]);
    let late = post("/sign-in", &[("key", &key)]).to(&scene.portal);
    assert_eq!(late.status, 429, "{late:?}");
    let seconds: u64 = late.header("retry-after").and_then(|seconds| seconds.parse().ok()).expect("seconds");
    assert!((1..=60).contains(&seconds), "{seconds}");
    assert!(late.body.contains("Too many attempts"), "{late:?}");
    assert_eq!(alice.get("/").status, 200);
}

#[test]
fn whoever_tries_one_used_code_again_and_again_waits_too() {
    let scene = Scene::new(Place::sqlite());
    let code = scene.invite("alice", &["--scope", "memories"]);
    let statuses: Vec<u16> =
        (0..15).map(|_| post("/claim", &[("code", &code)]).to(&scene.portal).status).collect();
    assert_eq!(statuses[..2], [303, 403]);
    assert_eq!(statuses[12..], [429; 3], "each of them leaves a record");
}

#[test]
fn a_page_of_another_site_s_link_offers_the_way_in_that_the_browser_kept_the_cookie_from() {
    let scene = Scene::new(Place::sqlite());
    let sent = get("/").with("Sec-Fetch-Site", "cross-site").to(&scene.portal);
    assert!(sent.body.contains("Open my keys"), "{sent:?}");
    assert!(!get("/").to(&scene.portal).body.contains("Open my keys"));
}

#[test]
fn a_whole_link_that_is_pasted_is_its_code() {
    let scene = Scene::new(Place::sqlite());
    let code = code_of(&scene.sandbox.ok(&["invite", "bob", "--scope", "memories"]));
    let answer = post("/claim", &[("code", &format!("  {ORIGIN}/claim#{code} "))]).to(&scene.portal);
    assert_eq!(answer.status, 303, "{answer:?}");
    assert_eq!(form_token(&scene.sign_in(&scene.key("alice", &[])).get("/keys/new")).len(), 43);
}

both!(whoever_is_refused_too_much_waits_and_may_sign_out, |place| {
    let scene = Scene::new(place);
    scene.sandbox.ok(&["mint", "bob/phone", "--scope", "files", "-q"]);
    let key = scene.sandbox.json(&["show", "bob/phone"])["id"].as_str().expect("an id").to_owned();
    let login = scene.key("alice/login", &["--scope", "memories"]);
    let (alice, other) = (scene.sign_in(&login), scene.sign_in(&login));
    let form_token = alice.form_token();
    let suspend = || {
        let sent = post(&format!("/keys/{key}/suspend"), &[("form", &form_token)]);
        sent.cookie(&alice.cookie).to(&scene.portal)
    };
    for number in 0..20 {
        assert_eq!(suspend().status, 404, "{number}");
    }
    for answer in [suspend(), alice.get("/"), alice.get("/keys/new")] {
        assert_eq!(answer.status, 429, "{answer:?}");
        let seconds = answer.header("retry-after").expect("when");
        assert!(answer.body.contains(&format!("Wait {seconds} seconds")), "{answer:?}");
    }
    let refused = scene.sandbox.json(&["audit", "list", "--action", "suspend", "--limit", "100"]);
    assert_eq!(refused.as_array().map(Vec::len), Some(20), "no record more");
    assert_eq!(other.get("/").status, 200, "another session, which was refused nothing");
    let out = post("/sign-out", &[("form", &form_token)]).cookie(&alice.cookie).to(&scene.portal);
    assert_eq!((out.status, out.header("location")), (303, Some("/sign-in?said=signed-out")));
    let sessions = scene.sandbox.json(&["session", "list", "--owner", "alice"]);
    assert_eq!(sessions.as_array().map(Vec::len), Some(1), "it is over");
});
