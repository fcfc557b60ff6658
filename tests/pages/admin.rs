//! The pages of those who may see all keys.

use super::scene::{Scene, code_of, get, post};
use crate::support::both;
use crate::support::store::Place;

both!(whoever_has_the_scope_finds_suspends_revokes_and_invites, |place| {
    let scene = Scene::new(place);
    let admin = scene.sign_in(&scene.sandbox.ok(&[
        "mint",
        "root/desk",
        "--scope",
        "keyctl:admin",
        "--scope",
        "memories",
    ]));
    let token = scene.sandbox.ok(&["mint", "alice/laptop", "--scope", "memories"]);
    scene.sandbox.ok(&["mint", "bob/phone", "--scope", "files", "-q"]);
    let all = admin.get("/admin").body;
    assert!(all.contains("alice/laptop") && all.contains("bob/phone"), "{all}");
    let found = admin.get("/admin?q=lapt").body;
    assert!(found.contains("alice/laptop") && !found.contains("bob/phone"), "{found}");
    let of_bob = admin.get("/admin?owner=bob").body;
    assert!(!of_bob.contains("alice/laptop") && of_bob.contains("bob/phone"), "{of_bob}");
    let at = found.find("/admin/keys/").expect("a link");
    let page = found[at..].split('"').next().expect("a path").to_owned();
    let is_good = || scene.sandbox.verify(&token, &[]).0 == Some(0);
    assert_eq!(admin.post(&format!("{page}/suspend"), &[]).status, 303);
    assert!(!is_good());
    assert_eq!(admin.post(&format!("{page}/resume"), &[]).status, 303);
    assert!(is_good());
    assert!(admin.get(&format!("{page}/revoke")).body.contains("Revoke alice/laptop?"));
    assert_eq!(admin.post(&format!("{page}/revoke"), &[("reason", "left")]).status, 303);
    assert!(!is_good());
    let invited = admin.post("/admin/invite", &[("owner", "carol"), ("scopes", "memories"), ("ttl", "1h")]);
    assert_eq!(invited.status, 200, "{invited:?}");
    assert!(invited.body.contains("https://keys.example.com/claim#skc_"), "{invited:?}");
    let carol = scene.claim(&code_of(&invited.body));
    carol.make("own", &["memories"]);
    assert!(scene.sandbox.ok(&["audit", "list", "-o", "json"]).contains("root by session pss_"));
    for refused in [
        admin.post("/admin/invite", &[("owner", "carol"), ("scopes", "keyctl:admin"), ("ttl", "1h")]),
        admin.post("/admin/invite", &[("owner", ""), ("scopes", "memories"), ("ttl", "1h")]),
        admin.post("/admin/invite", &[("owner", "carol"), ("scopes", "memories"), ("ttl", "9000d")]),
    ] {
        assert!(matches!(refused.status, 400 | 403 | 409), "{refused:?}");
        assert!(refused.body.contains("role=\"alert\""), "{refused:?}");
    }
});

#[test]
fn others_are_shown_nothing_of_it() {
    let scene = Scene::new(Place::sqlite());
    let alice = scene.sign_in(&scene.key("alice/login", &["--scope", "memories"]));
    scene.sandbox.ok(&["mint", "bob/phone", "--scope", "files", "-q"]);
    let shown = scene.sandbox.ok(&["show", "bob/phone", "-o", "json"]);
    let id = shown.split('"').find(|word| word.starts_with("key_")).expect("an id").to_owned();
    assert!(!alice.get("/").body.contains("/admin"));
    for path in [
        "/admin".to_owned(),
        "/admin/invite".to_owned(),
        format!("/admin/keys/{id}"),
        format!("/admin/keys/{id}/revoke"),
    ] {
        let answer = alice.get(&path);
        assert_eq!(answer.status, 403, "{path}: {answer:?}");
        assert!(!answer.body.contains("phone"), "{answer:?}");
        assert_eq!(get(&path).to(&scene.portal).header("location"), Some("/"), "{path}");
    }
    for (path, fields) in [
        (format!("/admin/keys/{id}/revoke"), vec![]),
        (format!("/admin/keys/{id}/suspend"), vec![]),
        ("/admin/invite".to_owned(), vec![("owner", "bob"), ("scopes", "memories"), ("ttl", "1h")]),
    ] {
        assert_eq!(alice.post(&path, &fields).status, 403, "{path}");
        assert_eq!(post(&path, &fields).to(&scene.portal).status, 403, "{path}");
    }
    assert!(scene.sandbox.ok(&["show", "bob/phone"]).contains("active"));
}

#[test]
fn what_goes_with_a_key_is_named_up_to_a_number_and_counted() {
    let scene = Scene::new(Place::sqlite());
    let key = scene.sandbox.ok(&["mint", "root/desk", "--scope", "keyctl:admin", "--scope", "memories"]);
    let root = scene.sign_in(&key);
    for number in 0..23 {
        scene.sandbox.ok(&[
            "mint",
            &format!("root/k{number:02}"),
            "--parent",
            "root/desk",
            "--scope",
            "memories",
            "-q",
        ]);
    }
    let shown = scene.sandbox.ok(&["show", "root/desk", "-o", "json"]);
    let id = shown.split('"').find(|word| word.starts_with("key_")).expect("an id");
    for page in [format!("/keys/{id}/revoke"), format!("/admin/keys/{id}/revoke")] {
        let body = root.get(&page).body;
        assert_eq!(body.matches("root/k").count(), 20, "{body}");
        assert!(body.contains("And 3 more keys."), "{body}");
    }
}

both!(whoever_has_the_scope_sees_who_is_signed_in_and_signs_them_out, |place| {
    let scene = Scene::new(place);
    let root = scene.sign_in(&scene.sandbox.ok(&["mint", "root/desk", "--scope", "keyctl:admin"]));
    let alice = scene.sign_in(&scene.key("alice/login", &[]));
    let other = scene.claim(&scene.invite("alice", &["--scope", "memories"]));
    let page = root.get("/admin?owner=alice").body;
    assert!(page.contains("claim:clm_") && page.contains("key_"), "{page}");
    assert_eq!(page.matches("/admin/sessions/pss_").count(), 2, "{page}");
    assert!(!root.get("/admin?owner=root").body.contains("Nobody is signed in"));
    let at = page.find("/admin/sessions/").expect("a way");
    let path = page[at..].split('"').next().expect("a path");
    // The newest stands first.
    for refused in [alice.post(path, &[]), post(path, &[]).to(&scene.portal)] {
        assert_eq!(refused.status, 403, "{refused:?}");
    }
    assert!(other.get("/").body.contains("Signed in as"));
    let ended = root.post(path, &[]);
    assert_eq!((ended.status, ended.header("location")), (303, Some("/admin?owner=alice&said=ended")));
    assert!(!other.get("/").body.contains("Signed in as"), "signed out");
    assert!(alice.get("/").body.contains("Signed in as"), "and nobody else is");
    assert_eq!(root.get("/admin?owner=alice").body.matches("/admin/sessions/pss_").count(), 1);
    assert_eq!(root.post(path, &[]).status, 303, "it is over already");
    let records = scene.sandbox.json(&["audit", "list", "--action", "session.end"]);
    let mut records = records.as_array().expect("records").iter().map(|one| &one["record"]);
    let record = records.find(|record| record["outcome"] == "done").expect("one that was done");
    assert!(path.contains(record["details"]["session"].as_str().expect("a session")), "{record}");
    assert_ne!(record["details"]["session"], record["details"]["by_session"], "{record}");
    scene.sandbox.ok(&["store", "check"]);
});
