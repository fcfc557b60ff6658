//! The process: what it refuses to begin with, and how it goes on and ends.

use super::scene::{Portal, Scene, code_of, get, post};
use crate::serve::serving::within_the_bound;
use crate::support::both;
use crate::support::cli::{Sandbox, finish};
use crate::support::postgres;
use crate::support::store::Place;

both!(it_looks_whether_it_could_serve, |place| {
    let sandbox = Sandbox::with_store(place);
    let ran = sandbox.run(&["portal", "--origin", "https://keys.example.com", "--check"]).expect_code(0);
    assert!(ran.stderr.contains("would listen on 127.0.0.1:8712"), "{ran:?}");
    assert!(ran.stderr.contains("the pages would be at https://keys.example.com"), "{ran:?}");
});

#[test]
fn its_own_role_is_enough_and_another_one_is_told_what_it_lacks() {
    let sandbox = Sandbox::with_store(Place::postgres());
    let name = sandbox.place.database.as_deref().expect("a database");
    let server = postgres::server();
    let address = |role: &str| server.address(name).replacen(postgres::USER, role, 1);
    let (pages, idle) = (format!("pages_{name}"), format!("idle_{name}"));
    for role in [&pages, &idle] {
        server.role(role);
    }
    sandbox.ok(&["store", "grant", &pages, "--for", "portal"]);
    sandbox.ok(&["store", "grant", &idle, "--for", "revoke"]);
    let check = |role: &str| {
        let store = address(role);
        sandbox.run(&["portal", "--check", "--origin", "https://keys.example.com", "--store", &store])
    };
    let good = check(&pages).expect_code(0);
    assert!(!good.stderr.contains("warning"), "{good:?}");
    let lacks = check(&idle);
    assert!(lacks.stderr.contains("may not serve the portal: it lacks"), "{lacks:?}");
    // And it does all that the pages do.
    let portal = Portal::plain(&sandbox, &["--store", &address(&pages)]);
    let scene = Scene { sandbox, portal };
    let alice = scene.sign_in(&scene.key("alice/login", &["--scope", "memories"]));
    alice.make("laptop", &["memories"]);
    let page = alice.page_of("laptop");
    for (deed, status) in [("rotate", 200), ("suspend", 303), ("resume", 303), ("revoke", 303)] {
        let answer = alice.post(&format!("{page}/{deed}"), &[("grace", "1h"), ("generation", "1")]);
        assert_eq!(answer.status, status, "{deed}: {answer:?} {}", scene.portal.log());
    }
    let code = scene.invite("bob", &["--scope", "memories"]);
    scene.claim(&code).make("phone", &["memories"]);
    let waiting = scene.sandbox.ok(&["mint", "carol/phone", "--scope", "memories", "--claim"]);
    let carol = scene.claim(&code_of(&waiting));
    assert_eq!(carol.post("/token", &[]).status, 200);
    assert_eq!(carol.post("/token/kept", &[]).status, 303);
    let root = scene.sign_in(&scene.key("root/desk", &["--scope", "keyctl:admin", "--scope", "memories"]));
    assert_eq!(root.get("/admin").status, 200);
    let invited = root.post("/admin/invite", &[("owner", "dora"), ("scopes", "memories"), ("ttl", "1h")]);
    assert_eq!(invited.status, 200, "{invited:?} {}", scene.portal.log());
    assert_eq!(alice.post("/sign-out", &[]).status, 303);
}

#[test]
fn the_unit_for_systemd_starts_it() {
    let unit = include_str!("../../contrib/systemd/keyctl-portal.service");
    let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/local/bin/keyctl "));
    let words: Vec<&str> = start.expect("a start").split(' ').chain(["--check"]).collect();
    let sandbox = Sandbox::with_store(Place::sqlite());
    let mut command = sandbox.command(&words);
    command.env("KEYCTL_PORTAL_ORIGIN", "https://keys.example.com");
    let ran = finish(command, b"").expect_code(0);
    assert!(ran.stderr.contains("the pages would be at https://keys.example.com"), "{ran:?}");
}

#[test]
fn what_it_could_not_serve_safely_is_refused() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    for (flags, said) in [
        (&["--check"][..], "nobody said at which address the pages are"),
        (&["--check", "--origin", "keys.example.com"], "it does not begin with https://"),
        (&["--check", "--origin", "http://keys.example.com"], "http:// is for localhost alone"),
        (&["--check", "--origin", "https://keys.example.com/portal"], "stands nothing"),
        (
            &["--check", "--origin", "https://keys.example.com", "--listen", "0.0.0.0:8712"],
            "beyond this machine, and there is no certificate",
        ),
        (
            &["--check", "--origin", "https://keys.example.com", "--listen", "127.0.0.1:8712=all"],
            "not an address",
        ),
        (&["--check", "--origin", "https://keys.example.com", "--tls-cert", "/c"], "--tls-key"),
        (
            &["--check", "--origin", "https://keys.example.com", "--tls-cert", "/c", "--tls-key", "/k"],
            "/c: there is no such file",
        ),
        (
            &["--check", "--origin", "https://keys.example.com", "--service-url", "https://x/\"+evil"],
            "write https:// and a host",
        ),
    ] {
        let ran = sandbox.run(&[&["portal"], flags].concat());
        assert_ne!(ran.code, Some(0), "{flags:?}");
        assert!(ran.stderr.contains(said), "{flags:?}: {ran:?}");
    }
}

both!(it_answers_what_is_under_way_and_ends, |place| {
    let sandbox = Sandbox::with_store(place);
    let mut portal = Portal::plain(&sandbox, &[]);
    assert_eq!(get("/readyz").to(&portal).status, 200);
    let log = portal.stop();
    assert!(log.contains("draining") && log.contains("stopped"), "{log}");
});

#[test]
fn a_store_that_is_away_is_our_fault_and_no_session_s_end() {
    let scene = Scene::new(Place::sqlite());
    let key = scene.key("alice/login", &["--scope", "memories"]);
    let alice = scene.sign_in(&key);
    let (file, away) = (scene.sandbox.place.file(), scene.sandbox.home().join("away.db"));
    std::fs::rename(&file, &away).expect("renamed");
    for answer in [alice.get("/"), post("/sign-in", &[("key", &key)]).to(&scene.portal)] {
        assert_eq!(answer.status, 503, "{answer:?}");
        assert!(
            answer.header("retry-after").is_some() && answer.header("set-cookie").is_none(),
            "{answer:?}"
        );
        assert!(answer.body.contains("It is not your fault"), "{answer:?}");
        assert!(!answer.body.contains("keys.db"), "{answer:?}");
    }
    within_the_bound("written", || scene.portal.log().contains("the store"));
    std::fs::rename(&away, &file).expect("renamed");
    assert!(alice.get("/").body.contains("login"));
}
