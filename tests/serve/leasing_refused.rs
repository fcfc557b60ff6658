//! What of leases and tokens is refused, by whom, and for how long.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::leasing::{Scene, federated, id, refused, sandbox, token};
use super::process::eventually;
use crate::credentials::{ok, run};
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::endpoint::Endpoint;
use crate::support::store::Place;

const TOKEN: &str = r#"{"access_token":"fed-planted","token_type":"Bearer","expires_in":3600}"#;

both!(a_client_whose_binding_was_taken_away_holds_its_lease_no_longer, |place| {
    let endpoint = Endpoint::start();
    let (sandbox, service) =
        sandbox(place, &endpoint.url(), &token("at-planted"), &["--refresh-invalidates"]);
    let alice = sandbox.ok(&["mint", "alice", "--scope", "chat"]);
    sandbox.ok(&["secret", "bind", "ci", "alice"]);
    let scene = Scene::over(sandbox, service);
    let (for_alice, own) = (scene.lease(&json!({ "api_key": alice })), scene.lease(&json!({})));
    let renew = |lease: &Value| {
        scene.ask("/lease/renew", &json!({ "holder_token": lease["lease"]["holder_token"], "for": 1200 }))
    };
    assert_eq!((renew(&for_alice).status, renew(&own).status), (200, 200));
    scene.sandbox.ok(&["secret", "unbind", "ci", "alice"]);
    refused(&renew(&for_alice), 503, "KEY_UNAVAILABLE");
    assert_eq!(renew(&own).status, 200, "it is bound to the service itself");
    scene.sandbox.ok(&["secret", "bind", "ci", "alice"]);
    assert_eq!(renew(&for_alice).status, 200, "its lease had not ended");
    scene.sandbox.ok(&["revoke", "alice"]);
    refused(&renew(&for_alice), 503, "KEY_UNAVAILABLE");
    let released =
        scene.ask("/lease/release", &json!({ "holder_token": for_alice["lease"]["holder_token"] }));
    assert_eq!(released.status, 200, "it is given up as ever");
    ok(&scene.sandbox, &["secret", "delete", "ci", "--unbind", "--yes"], "");
    refused(&renew(&own), 409, "CONFLICT");
});

both!(whose_limit_is_reached_is_said_and_what_is_given_back_is_not_counted, |place| {
    let endpoint = Endpoint::start();
    let (sandbox, service) =
        sandbox(place, &endpoint.url(), &token("at-planted"), &["--refresh-invalidates"]);
    let alice = sandbox.ok(&["mint", "alice", "--scope", "chat", "--quota", "1/day"]);
    let bob = sandbox.ok(&["mint", "bob", "--scope", "keyctl:lease", "--quota", "1/day"]);
    let carol = sandbox.ok(&["mint", "carol", "--scope", "chat", "--rate", "1/h"]);
    let erin = sandbox.ok(&["mint", "erin", "--scope", "keyctl:lease"]);
    for key in ["alice", "bob", "carol"] {
        sandbox.ok(&["secret", "bind", "ci", key]);
    }
    let scene = Scene::over(sandbox, service);
    let as_whom = |service: &str, client: &str| {
        scene.ask_as("/lease", service, &json!({ "provider": "github", "api_key": client }))
    };
    for (client, code, says) in [
        (&alice, "KEY_QUOTA_EXCEEDED", "the quota of the client's key in api_key"),
        (&carol, "KEY_RATE_LIMIT", "the client's key in api_key may ask"),
    ] {
        assert_eq!(as_whom(&scene.service, client).status, 200);
        let resolved = scene.ask("/resolve", &json!({ "provider": "github", "api_key": client }));
        // The lease of the second was taken, and given back when its rate was looked at.
        for answer in [as_whom(&erin, client), resolved] {
            refused(&answer, 429, code);
            assert_eq!(answer.json()["of"], "api_key", "{answer:?}");
            assert!(answer.json()["detail"].as_str().expect("a text").starts_with(says), "{answer:?}");
            assert!(answer.header("retry-after").is_some(), "{answer:?}");
        }
    }
    let own = || scene.ask_as("/lease", &bob, &json!({ "provider": "github" }));
    assert_eq!(own().status, 200);
    let spent = own();
    refused(&spent, 429, "KEY_QUOTA_EXCEEDED");
    assert_eq!(spent.json().get("of"), None, "it is the service's own");
    let listed = scene.sandbox.json(&["lease", "list", "ci"]);
    assert_eq!(listed.as_array().expect("leases").len(), 3, "{listed}");
    let [agents, erin] = ["agents/main", "erin"].map(|key| id(&scene.sandbox, key));
    let clients = ["alice", "carol"].map(|key| id(&scene.sandbox, key));
    let records = scene.handed_out();
    for client in clients {
        let of_client = |by: &Value| -> Vec<&Value> {
            records.iter().filter(|one| one["key"] == client && one["asked_by"] == *by).collect()
        };
        assert_eq!(of_client(&agents).len(), 1, "{records:?}");
        assert_eq!(of_client(&agents)[0]["count"], 1, "{records:?}");
        assert!(of_client(&erin).is_empty(), "nobody was given anything: {records:?}");
    }
});

both!(a_provider_that_says_no_is_left_alone_for_a_while, |place| {
    let endpoint = Endpoint::start();
    endpoint.answers(400, "", r#"{"error":"invalid_grant"}"#);
    let (scene, alice) = federated(place, &endpoint);
    let bob = scene.sandbox.ok(&["mint", "bob", "--scope", "chat"]);
    scene.sandbox.ok(&["secret", "bind", "pool", "bob"]);
    thread::sleep(Duration::from_millis(1500));
    let body = json!({ "provider": "anthropic", "api_key": alice });
    let ask = || {
        let answer = scene.ask("/lease", &body);
        refused(&answer, 503, "KEY_UNAVAILABLE");
        answer.header("retry-after").and_then(|text| text.parse::<u64>().ok()).expect("seconds")
    };
    for _ in 0..5 {
        assert_eq!(ask(), 1);
        refused(&scene.ask("/resolve", &body), 503, "KEY_UNAVAILABLE");
    }
    assert_eq!(endpoint.asked().len(), 1, "{}", scene.server.log());
    eventually("it is asked again", || {
        ask();
        endpoint.asked().len() == 1
    });
    // What was refused may have been mended by a change of the store.
    endpoint.answers(429, "Retry-After: 40\r\n", r#"{"error":"invalid_request"}"#);
    scene.sandbox.ok(&["mint", "dave", "--scope", "chat"]);
    eventually("a change has it asked again", || ask() > 30);
    // Also where it was asked right before that was seen.
    thread::sleep(Duration::from_millis(1500));
    assert!(ask() > 30 && !endpoint.asked().is_empty());
    let for_bob = scene.ask("/lease", &json!({ "provider": "anthropic", "api_key": bob }));
    refused(&for_bob, 503, "KEY_UNAVAILABLE");
    assert_eq!(endpoint.asked().len(), 0, "it wants to be left alone by everybody");
    // It is never taken for a key without a token.
    endpoint.answers(200, "", TOKEN);
    scene.sandbox.ok(&["mint", "carol", "--scope", "chat"]);
    eventually("it gives a token", || scene.ask("/lease", &body).status == 200);
    assert_eq!(scene.ask("/resolve", &body).json()["value"], "fed-planted");
    assert!(!scene.server.log().contains("planted"), "{}", scene.server.log());
});

#[test]
fn what_one_key_is_refused_others_may_get() {
    let endpoint = Endpoint::start();
    endpoint.answers(403, "", r#"{"error":"unauthorized_client"}"#);
    let (scene, alice) = federated(Place::sqlite(), &endpoint);
    let bob = scene.sandbox.ok(&["mint", "bob", "--scope", "chat"]);
    scene.sandbox.ok(&["secret", "bind", "pool", "bob"]);
    thread::sleep(Duration::from_millis(1500));
    let ask = |client: &str| scene.ask("/lease", &json!({ "provider": "anthropic", "api_key": client }));
    refused(&ask(&alice), 503, "KEY_UNAVAILABLE");
    endpoint.answers(200, "", TOKEN);
    assert_eq!(ask(&bob).status, 200);
    assert_eq!(endpoint.asked().len(), 2);
}

#[test]
fn a_lease_store_that_cannot_be_used_is_said_before_anything_is_served() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let postgres = Sandbox::with_store(Place::postgres());
    let nowhere = sandbox.home().join("nowhere.db").display().to_string();
    let database = postgres.place.database.clone().expect("a database");
    let unknown = postgres.place.text().replace(&database, "no_such_database");
    for (sandbox, lease_store) in [(&sandbox, &nowhere), (&postgres, &unknown)] {
        let socket = sandbox.home().join("s.sock");
        let listen = format!("unix:{}=internal", socket.display());
        let ran = run(sandbox, &["serve", "--listen", &listen, "--lease-store", lease_store], "");
        assert!(ran.code.is_some_and(|code| code > 1), "{ran:?}");
        assert!(ran.stderr.contains("--lease-store"), "{ran:?}");
        assert!(!ran.stderr.contains("listening on") && !socket.exists(), "{ran:?}");
    }
    // Without what opens the credentials, it could hand out none.
    let listen = format!("unix:{}=internal", sandbox.home().join("s.sock").display());
    let keyless = sandbox.run(&["serve", "--listen", &listen, "--lease-store", &sandbox.place.text()]);
    assert!(!keyless.stderr.contains("listening on") && keyless.code != Some(0), "{keyless:?}");
}
