//! Programs without a browser: they show a code, and somebody who is signed in elsewhere types it (RFC 8628).

use serde_json::Value;

use super::scene::{RESOURCE, Scene, Tokens, error, hidden, registered};
use crate::pages::scene::{ORIGIN, Session, cookie_in, form_token, get, post};
use crate::serve::raw::Answer;
use crate::support::both;
use crate::support::store::Place;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// Both codes, as a program gets them.
pub(super) struct Codes {
    device: String,
    pub(super) user: String,
}

fn asked_for(scene: &Scene, other: &[(&str, &str)]) -> Answer {
    let fields =
        [("client_id", scene.client.as_str()), ("scope", "files memories:read"), ("resource", RESOURCE)];
    scene.bring("/oauth/device_authorization", &fields, other)
}

pub(super) fn begin(scene: &Scene) -> Codes {
    let answer = asked_for(scene, &[]);
    assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-store")), "{answer:?}");
    let said = answer.json();
    let text = |name: &str| said[name].as_str().unwrap_or_default().to_owned();
    Codes { device: text("device_code"), user: text("user_code") }
}

fn poll_as(scene: &Scene, codes: &Codes, client: &str) -> Answer {
    let fields = [("grant_type", GRANT), ("device_code", codes.device.as_str()), ("client_id", client)];
    scene.bring("/oauth/token", &fields, &[])
}

pub(super) fn poll(scene: &Scene, codes: &Codes) -> Answer {
    poll_as(scene, codes, &scene.client)
}

/// The program waited long enough.
fn waited(scene: &Scene) {
    let sql = "UPDATE mcp_device SET polled_at = polled_at - 60000 WHERE polled_at IS NOT NULL";
    scene.sandbox.place.sql(sql).expect("earlier");
}

fn says(error_: &Answer) -> (u16, String) {
    error(error_)
}

pub(super) fn type_in(session: &Session<'_>, code: &str) -> Answer {
    session.post("/device", &[("code", code)])
}

/// What somebody says on the page behind a code.
fn answer(scene: &Scene, session: &Session<'_>, codes: &Codes, say: &str, scopes: &[&str]) -> Answer {
    let page = type_in(session, &codes.user);
    assert_eq!(page.status, 200, "{page:?}");
    let (form, key, code) = (form_token(&page), hidden(&page, "key"), hidden(&page, "code"));
    let mut fields = vec![("form", form.as_str()), ("code", &code), ("key", &key), ("say", say)];
    fields.extend(scopes.iter().map(|scope| ("scope", *scope)));
    post("/device/consent", &fields).cookie(&session.cookie).to(&scene.portal)
}

/// Whoever has this key says no to one program and yes to another, which gets tokens.
pub fn whole_way(scene: &Scene, key: &str) {
    let (refused, codes, person) = (begin(scene), begin(scene), scene.sign_in(key));
    assert_eq!(says(&poll(scene, &codes)), (400, "authorization_pending".to_owned()));
    answer(scene, &person, &refused, "no", &[]);
    assert_eq!(says(&poll(scene, &refused)), (400, "access_denied".to_owned()));
    answer(scene, &person, &codes, "yes", &["files"]);
    scene.assert_good(&Tokens::of(&poll(scene, &codes)).access);
}

both!(a_program_without_a_browser_is_let_in_by_whoever_types_its_code, |place| {
    let scene = Scene::new(place);
    let said = asked_for(&scene, &[]).json();
    let codes = Codes {
        device: said["device_code"].as_str().expect("a code").to_owned(),
        user: said["user_code"].as_str().expect("a code").to_owned(),
    };
    assert_eq!(said["verification_uri"], format!("{ORIGIN}/device"));
    assert_eq!(said["verification_uri_complete"], format!("{ORIGIN}/device?user_code={}", codes.user));
    assert_eq!((&said["expires_in"], &said["interval"]), (&Value::from(600), &Value::from(5)));
    assert!(codes.device.starts_with("skd_") && codes.user.len() == 9, "{said}");
    assert_eq!(says(&poll(&scene, &codes)), (400, "authorization_pending".to_owned()));

    let (alice, records) = (scene.alice(), scene.count());
    let page = alice.get("/device");
    assert!(page.status == 200 && page.body.contains("name=\"code\" value=\"\""), "{page:?}");
    // However it is typed.
    let page = type_in(&alice, &codes.user.to_lowercase().replace('-', " "));
    for said in
        ["Let Editor in?", &codes.user, "Whoever runs this site", RESOURCE, "by your key laptop", "say no"]
    {
        assert!(page.body.contains(said), "{said}: {page:?}");
    }
    assert_eq!(scene.count(), records, "asking is no change");
    let done = answer(&scene, &alice, &codes, "yes", &["files"]);
    assert!(done.status == 200 && done.body.contains("The program is let in"), "{done:?}");
    let tokens = Tokens::of(&poll(&scene, &codes));
    assert_eq!(tokens.scope, "files");
    scene.assert_good(&tokens.access);
    let next = Tokens::of(&scene.refresh(&tokens.refresh));
    scene.assert_good(&next.access);
    let child = scene.sandbox.json(&["show", "alice/mcp-editor"]);
    assert_eq!(child["scopes"], serde_json::json!(["files"]));

    // What is kept of it are hashes.
    let bare = codes.user.replace('-', "");
    for secret in [&codes.device, &codes.user, &bare] {
        for table in ["mcp_device", "mcp_sign_in", "audit"] {
            let rows = scene.sandbox.place.sql(&format!("SELECT * FROM {table}")).expect("rows");
            assert!(!rows.contains(secret.as_str()), "{table}");
        }
        assert!(!scene.portal.log().contains(secret.as_str()), "{secret}");
    }
    // Both codes work once.
    assert!(type_in(&alice, &codes.user).body.contains("No program waits with this code"));
    scene.check();
    assert_eq!(says(&poll(&scene, &codes)), (400, "invalid_grant".to_owned()));
    assert_eq!(
        says(&scene.refresh(&next.refresh)),
        (400, "invalid_grant".to_owned()),
        "somebody else has the code"
    );
    scene.assert_dead(&next.access);
    scene.check();
});

both!(a_program_that_asks_too_often_is_told_to_wait_longer, |place| {
    let scene = Scene::new(place);
    let codes = begin(&scene);
    let pending = (400, "authorization_pending".to_owned());
    let slow_down = (400, "slow_down".to_owned());
    assert_eq!(says(&poll(&scene, &codes)), pending);
    assert_eq!(says(&poll(&scene, &codes)), slow_down);
    assert_eq!(says(&poll(&scene, &codes)), slow_down);
    let wait = scene.sandbox.place.sql("SELECT wait_seconds FROM mcp_device").expect("a row");
    assert_eq!(wait.trim(), "15");
    // Fifteen seconds it is now, and not five.
    scene.sandbox.place.sql("UPDATE mcp_device SET polled_at = polled_at - 10000").expect("earlier");
    assert_eq!(says(&poll(&scene, &codes)), slow_down);
    waited(&scene);
    assert_eq!(says(&poll(&scene, &codes)), pending);
    // However often it asks, it is answered, and its address may go on.
    for _ in 0..20 {
        assert_eq!(says(&poll(&scene, &codes)), slow_down);
    }
    answer(&scene, &scene.alice(), &codes, "yes", &["files"]);
    scene.assert_good(&Tokens::of(&poll(&scene, &codes)).access);
});

both!(who_says_no_lets_nobody_in, |place| {
    let scene = Scene::new(place);
    let (codes, alice, records) = (begin(&scene), scene.alice(), scene.count());
    let page = answer(&scene, &alice, &codes, "no", &[]);
    assert!(page.status == 200 && page.body.contains("not let in"), "{page:?}");
    for _ in 0..2 {
        assert_eq!(says(&poll(&scene, &codes)), (400, "access_denied".to_owned()));
    }
    let page = type_in(&alice, &codes.user);
    assert!(page.status == 403 && page.body.contains("No program waits with this code"), "{page:?}");
    assert_eq!(scene.count(), records);
    scene.check();
});

both!(a_code_that_nobody_typed_in_time_is_good_for_nothing, |place| {
    let scene = Scene::new(place);
    let (codes, alice) = (begin(&scene), scene.alice());
    let page = type_in(&alice, &codes.user);
    let (form, key) = (form_token(&page), hidden(&page, "key"));
    scene.sandbox.place.sql("UPDATE mcp_device SET expires_at = expires_at - 600000").expect("earlier");
    let fields =
        [("form", form.as_str()), ("code", &codes.user), ("key", &key), ("say", "yes"), ("scope", "files")];
    let late = post("/device/consent", &fields).cookie(&alice.cookie).to(&scene.portal);
    assert!(late.status == 403 && late.body.contains("No program waits with this code"), "{late:?}");
    assert_eq!(says(&poll(&scene, &codes)), (400, "expired_token".to_owned()));
    // Also one that was let in, and did not ask any more.
    let codes = begin(&scene);
    answer(&scene, &alice, &codes, "yes", &["files"]);
    scene.sandbox.place.sql("UPDATE mcp_sign_in SET expires_at = expires_at - 600000").expect("earlier");
    assert_eq!(says(&poll(&scene, &codes)), (400, "expired_token".to_owned()));
    // What is over for long enough is forgotten when another one asks.
    scene.sandbox.place.sql("UPDATE mcp_device SET expires_at = expires_at - 1200000").expect("earlier");
    begin(&scene);
    assert_eq!(scene.sandbox.place.sql("SELECT COUNT(*) FROM mcp_device").expect("rows").trim(), "1");
});

both!(nobody_gets_tokens_for_the_code_of_another_program, |place| {
    let scene = Scene::new(place);
    let codes = begin(&scene);
    let other = registered(&scene.sandbox, "Other", "http://127.0.0.1/callback");
    assert_eq!(says(&poll_as(&scene, &codes, &other)), (400, "invalid_grant".to_owned()));
    for made_up in [format!("skd_{}", "A".repeat(43)), codes.user.clone(), String::from("x")] {
        let codes = Codes { device: made_up, user: String::new() };
        assert_eq!(says(&poll(&scene, &codes)), (400, "invalid_grant".to_owned()));
    }
    // It is good still, for the one that asked. As the code of a browser it is none.
    answer(&scene, &scene.alice(), &codes, "yes", &["files"]);
    assert_eq!(says(&scene.redeem(&codes.device)), (400, "invalid_grant".to_owned()));
    scene.assert_good(&Tokens::of(&poll(&scene, &codes)).access);
});

both!(one_of_two_who_type_the_same_code_says_what_becomes_of_it, |place| {
    let scene = Scene::new(place);
    let codes = begin(&scene);
    let key = scene.sandbox.ok(&["mint", "bob", "--name", "laptop", "--scope", "keyctl:self,files"]);
    let (alice, bob) = (scene.alice(), scene.sign_in(&key));
    let page = type_in(&bob, &codes.user);
    let (form, key) = (form_token(&page), hidden(&page, "key"));
    answer(&scene, &alice, &codes, "yes", &["files"]);
    for say in ["yes", "no"] {
        let fields =
            [("form", form.as_str()), ("code", &codes.user), ("key", &key), ("say", say), ("scope", "files")];
        let late = post("/device/consent", &fields).cookie(&bob.cookie).to(&scene.portal);
        assert!(late.status == 403 && late.body.contains("No program waits with this code"), "{late:?}");
    }
    let tokens = Tokens::of(&poll(&scene, &codes));
    assert_eq!(scene.verified(&tokens.access).1["principal"], "alice");
});

both!(a_yes_is_held_against_what_was_asked_for_and_what_the_key_may, |place| {
    let scene = Scene::new(place);
    let codes = begin(&scene);
    let alice = scene.alice();
    for (scopes, said) in [
        (&["files", "billing"][..], "billing"),
        (&["keyctl:self"], "keyctl:self"),
        (&[], "Nothing was chosen"),
    ] {
        let page = answer(&scene, &alice, &codes, "yes", scopes);
        assert!(page.status == 403 && page.body.contains(said), "{said}: {page:?}");
    }
    assert_eq!(says(&poll(&scene, &codes)), (400, "authorization_pending".to_owned()));
    answer(&scene, &alice, &codes, "yes", &["memories:read"]);
    assert_eq!(Tokens::of(&poll(&scene, &codes)).scope, "memories:read");
});

#[test]
fn what_cannot_be_asked_for_begins_nothing() {
    let scene = Scene::new(Place::sqlite());
    for (name, value, status, error) in [
        ("client_id", "", 400, "invalid_request"),
        ("client_id", "mcl_01h455vb4pex5vsknk084sn02q", 401, "invalid_client"),
        ("client_id", "app", 401, "invalid_client"),
        ("resource", "", 400, "invalid_target"),
        ("resource", "https://elsewhere.example.com", 400, "invalid_target"),
        ("scope", "files keyctl:admin", 400, "invalid_scope"),
    ] {
        assert_eq!(says(&asked_for(&scene, &[(name, value)])), (status, error.to_owned()), "{name} {value}");
    }
    let plain =
        scene.sandbox.json(&["client", "add", "Plain", "--redirect-uri", "http://127.0.0.1/callback"]);
    let refused = asked_for(&scene, &[("client_id", plain["id"].as_str().expect("an id"))]);
    assert_eq!(says(&refused), (400, "unauthorized_client".to_owned()));
    assert!(refused.body.contains("not registered for device codes"), "{refused:?}");
    let secret = asked_for(&scene, &[("client_secret", "x")]);
    assert_eq!(says(&secret), (401, "invalid_client".to_owned()));
    assert_eq!(get("/oauth/device_authorization").to(&scene.portal).status, 405);
    assert_eq!(scene.sandbox.place.sql("SELECT COUNT(*) FROM mcp_device").expect("rows").trim(), "0");
    let metadata = get("/.well-known/oauth-authorization-server").to(&scene.portal).json();
    assert_eq!(metadata["device_authorization_endpoint"], format!("{ORIGIN}/oauth/device_authorization"));
    assert!(metadata["grant_types_supported"].as_array().expect("grants").contains(&Value::from(GRANT)));
}

#[test]
fn who_guesses_codes_waits_and_so_does_who_asks_for_many() {
    let scene = Scene::new(Place::sqlite());
    let (codes, alice) = (begin(&scene), scene.alice());
    let guesses = [
        "BBBBBBB", "CDFGHJKL", "BCDFGHJK", "DFGHJKLM", "FGHJKLMN", "GHJKLMNP", "HJKLMNPQ", "JKLMNPQR",
        "KLMNPQRS", "LMNPQRST", "MNPQRSTV",
    ];
    for guess in guesses {
        assert_eq!(type_in(&alice, guess).status, 403, "{guess}");
    }
    let page = type_in(&alice, &codes.user);
    assert!(page.status == 429 && page.header("retry-after").is_some(), "{page:?}");
    assert_eq!(
        says(&poll(&scene, &codes)),
        (400, "authorization_pending".to_owned()),
        "the program is another"
    );

    let begun: Vec<u16> = (0..14).map(|_| asked_for(&scene, &[]).status).collect();
    assert!(begun[..8].iter().all(|status| *status == 200) && begun[13] == 429, "{begun:?}");
}

both!(no_more_than_a_thousand_wait_at_once, |place| {
    let scene = Scene::new(place);
    let codes = begin(&scene);
    let copies = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
        INSERT INTO mcp_device (code_hash, user_hash, challenge, client, client_name, scopes, resource, created_at, expires_at, wait_seconds, polled_at, asked_from)
        SELECT d.code_hash || n.i, d.user_hash || n.i, d.challenge, d.client, d.client_name, d.scopes, d.resource, d.created_at,
               d.expires_at, d.wait_seconds, d.created_at, '10.' || n.i FROM mcp_device d, n";
    scene.sandbox.place.sql(copies).expect("rows");
    let full = asked_for(&scene, &[]);
    assert_eq!(says(&full), (503, "temporarily_unavailable".to_owned()));
    assert_eq!(full.header("retry-after"), Some("30"), "{full:?}");
    assert_eq!(says(&poll(&scene, &codes)), (400, "authorization_pending".to_owned()));
    // One whose program has not asked again in half a minute may have gone, and gives way; those that asked stay.
    let gone = "UPDATE mcp_device SET polled_at = NULL, created_at = created_at - 31000 WHERE asked_from IN ('10.7', '10.8')";
    scene.sandbox.place.sql(gone).expect("gone");
    for _ in 0..2 {
        assert_eq!(asked_for(&scene, &[]).status, 200);
    }
    assert_eq!(says(&asked_for(&scene, &[])), (503, "temporarily_unavailable".to_owned()));
    assert_eq!(scene.sandbox.place.sql("SELECT COUNT(*) FROM mcp_device").expect("rows").trim(), "1000");
    scene.sandbox.place.sql("UPDATE mcp_device SET expires_at = expires_at - 600000").expect("earlier");
    assert_eq!(asked_for(&scene, &[]).status, 200);
});

#[test]
fn who_is_signed_out_signs_in_and_comes_back_to_the_code() {
    let scene = Scene::new(Place::sqlite());
    let codes = begin(&scene);
    let asked = get(&format!("/device?user_code={}", codes.user)).to(&scene.portal);
    assert!(asked.status == 200 && asked.body.contains("Sign in first"), "{asked:?}");
    let waiting = cookie_in(&asked, "__Host-keyctl-asked").expect("what waits");
    let sent = post("/sign-in", &[("key", &scene.key)]);
    let signed_in = sent.with("Cookie", &format!("__Host-keyctl-asked={waiting}")).to(&scene.portal);
    let place = signed_in.header("location").expect("a place").to_owned();
    let session = cookie_in(&signed_in, "__Host-keyctl").expect("a cookie");
    let page = get(&place).cookie(&session).to(&scene.portal);
    assert!(page.body.contains(&format!("value=\"{}\"", codes.user)), "{page:?}");
    // The link alone asks nobody anything, and says nothing of the code.
    assert!(!page.body.contains("Editor"), "{page:?}");
    let planted = get("/device?user_code=%22%3E%3Cscript%3E").cookie(&session).to(&scene.portal);
    assert!(planted.body.contains("name=\"code\" value=\"\""), "{planted:?}");
    // Nor does a form of somebody else's.
    for target in ["/device", "/device/consent"] {
        let sent = post(target, &[("form", "x"), ("code", &codes.user), ("say", "yes")]).cookie(&session);
        assert_eq!(sent.to(&scene.portal).status, 403, "{target}");
    }
    assert_eq!(says(&poll(&scene, &codes)), (400, "authorization_pending".to_owned()));
}
