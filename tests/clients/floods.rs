//! Who asks for much from one network keeps nobody else out, and who is signed in goes first.

use std::fs;
use std::thread;
use std::time::Duration;

use super::documents::Site;
use super::scene::{RESOURCE, Scene, error};
use crate::pages::scene::{Portal, post};
use crate::secrets::KEY;
use crate::serve::raw::Answer;
use crate::support::both;
use crate::support::store::Place;

/// A portal behind a proxy that says who asks.
fn behind_a_proxy(scene: &mut Scene, more: &[(&str, &str)]) {
    scene.portal.stop();
    let flags = ["--issue", "--log-level", "debug", "--trusted-proxy", "127.0.0.0/8"];
    let variables = [&[("KEYCTL_MASTER_KEY", KEY)], more].concat();
    scene.portal = Portal::plain_with(&scene.sandbox, &flags, &variables);
}

/// What a program without a browser is answered that asks from there.
fn asked_from(scene: &Scene, address: &str, client: &str) -> Answer {
    let fields = [("client_id", client), ("scope", "files"), ("resource", RESOURCE)];
    let sent = post("/oauth/device_authorization", &fields).without("Origin");
    sent.with("X-Forwarded-For", address).to(&scene.portal)
}

both!(one_network_has_its_share_of_the_places_and_others_have_theirs, |place| {
    let mut scene = Scene::new(place);
    behind_a_proxy(&mut scene, &[]);
    let from = |scene: &Scene, network: usize| {
        // Ten a minute of each network of 64 bits; a site has 65,536 of these.
        asked_from(scene, &format!("2001:db8:1:{network:x}::1"), &scene.client)
    };
    let codes = from(&scene, 0).json();
    for network in 1..100 {
        assert_eq!(from(&scene, network).status, 200, "{network}");
    }
    let full = from(&scene, 100);
    assert_eq!(error(&full), (503, "temporarily_unavailable".to_owned()));
    assert_eq!(full.header("retry-after"), Some("30"), "{full:?}");
    for other in ["2001:db8:2::1", "192.0.2.7", "192.0.3.7"] {
        assert_eq!(asked_from(&scene, other, &scene.client).status, 200, "{other}");
    }
    // Those whose programs do not ask again give way, the oldest first, and one that asks stays.
    let device = codes["device_code"].as_str().expect("a code");
    let poll = |scene: &Scene| {
        let grant = "urn:ietf:params:oauth:grant-type:device_code";
        let fields = [("grant_type", grant), ("device_code", device), ("client_id", &scene.client)];
        scene.bring("/oauth/token", &fields, &[])
    };
    assert_eq!(error(&poll(&scene)).1, "authorization_pending");
    scene.sandbox.place.sql("UPDATE mcp_device SET created_at = created_at - 31000").expect("earlier");
    assert_eq!(from(&scene, 101).status, 200);
    assert_eq!(error(&poll(&scene)).1, "slow_down", "it waits still");
    let of_site = "SELECT COUNT(*) FROM mcp_device WHERE asked_from = '2001:db8:1::/48'";
    assert_eq!(scene.sandbox.place.sql(of_site).expect("rows").trim(), "100");
});

#[test]
fn strangers_who_wait_for_slow_documents_keep_nobody_out_who_is_signed_in() {
    let mut scene = Scene::new(Place::sqlite());
    let slow = Site::start(&scene);
    let first = fs::read_to_string(&slow.authority).expect("a certificate");
    let good = Site::start(&scene);
    fs::write(&good.authority, first + &fs::read_to_string(&good.authority).expect("a certificate"))
        .expect("both");
    slow.does(|_| thread::sleep(Duration::from_secs(20)));
    good.publishes("http://127.0.0.1/callback", "max-age=600");
    let more = [("KEYCTL_OUTBOUND_ALLOW", "127.0.0.0/8,::1/128"), ("SSL_CERT_FILE", good.authority.as_str())];
    behind_a_proxy(&mut scene, &more);
    let scene = &scene;
    let id = |number: usize| slow.id.replace("client.json", &format!("{number}.json"));
    thread::scope(|threads| {
        let of_one_site: Vec<_> = (0..6)
            .map(|number| {
                let id = id(number);
                threads.spawn(move || asked_from(scene, &format!("2001:db8:1:{number}::1"), &id).status)
            })
            .collect();
        thread::sleep(Duration::from_millis(1_500));
        let at_once = of_one_site.iter().filter(|asked| asked.is_finished()).count();
        assert_eq!(at_once, 4, "two of a site wait for documents, and no more");
        let others: Vec<_> = (10..26)
            .map(|number| {
                let id = id(number);
                threads.spawn(move || asked_from(scene, &format!("192.0.{number}.1"), &id).status)
            })
            .collect();
        thread::sleep(Duration::from_millis(1_500));
        // Within the five seconds for which a document is waited.
        let alice = scene.alice();
        let page = alice.get(&scene.request().with("client_id", &good.id).target());
        assert!(page.status == 200 && page.body.contains("Let Terminal"), "{page:?}");
        let at_once = others.iter().filter(|asked| asked.is_finished()).count();
        assert_eq!(at_once, 10, "eight of all strangers wait");
        for asked in of_one_site.into_iter().chain(others) {
            assert_eq!(asked.join().expect("an answer"), 503);
        }
    });
}
