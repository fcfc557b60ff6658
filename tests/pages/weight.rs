//! What the page of keys weighs on the wire.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use keyctl::ops::keys::mint::Request;

use super::scene::{HOST, Scene};
use crate::support::library::{minted, request};
use crate::support::store::Place;

/// All bytes of an answer, its head and body, to a browser that presents this cookie.
fn on_the_wire(scene: &Scene, target: &str, cookie: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(scene.portal.address).expect("connected");
    let lines = "Accept-Encoding: gzip, deflate, br, zstd\r\nConnection: close\r\n";
    let asked =
        format!("GET {target} HTTP/1.1\r\nHost: {HOST}\r\n{lines}Cookie: __Host-keyctl={cookie}\r\n\r\n");
    stream.write_all(asked.as_bytes()).expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    answer
}

/// The address of what a page loads.
fn loaded<'p>(page: &'p str, end: &str) -> &'p str {
    let (before, _) = page.split_once(end).unwrap_or_else(|| panic!("no {end}: {page}"));
    &page[before.rfind('"').expect("a quote") + 1..before.len() + end.len()]
}

#[test]
fn the_page_of_fifty_used_keys_is_forty_kilobytes_with_all_that_it_loads() {
    let scene = Scene::new(Place::sqlite());
    let key = scene.key("alice/desk", &["--scope", "memories:read,memories:write,files:read"]);
    let mut env = scene.sandbox.place.env();
    for number in 0..50 {
        let scopes =
            keyctl::domain::keys::scope::Scopes::parse_lists(["memories:read,memories:write,files:read"])
                .expect("scopes");
        let name = format!("service-number-{number}").parse().ok();
        minted(&mut env, &Request { name, scopes, ..request("alice") });
    }
    // Another number each day, and each used a while ago.
    let days = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 13)
        INSERT INTO key_day (day, key_id, allowed, denied)
        SELECT CAST(strftime('%s', 'now') AS INTEGER) / 86400 - n.i, k.id, 100 + (n.i * 37) % 90, 1 FROM key k, n";
    scene.sandbox.place.sql(days).expect("days");
    let used = "INSERT INTO key_use (key_id, last_used_at)
        SELECT k.id, CAST(strftime('%s', 'now') AS INTEGER) * 1000 - 7200000 FROM key k";
    scene.sandbox.place.sql(used).expect("used");
    let session = scene.sign_in(&key);
    let page = on_the_wire(&scene, "/", &session.cookie);
    let text = String::from_utf8(page.clone()).expect("text");
    assert!(text.contains("requests in the last 14 days"), "{text}");
    let (style, script) = (loaded(&text, ".css"), loaded(&text, ".js"));
    let sizes = [page.len(), on_the_wire(&scene, style, "").len(), on_the_wire(&scene, script, "").len()];
    let all: usize = sizes.iter().sum();
    assert!(!text.to_lowercase().contains("content-encoding"), "a page holds secrets");
    assert!(all <= 40_000, "{all} bytes: {sizes:?}");
    // All keys are there to be had, from this page on.
    let mut names = text.matches("service-number-").count();
    let mut next = text;
    while let Some((_, rest)) = next.split_once("href=\"/?after=") {
        let after = rest.split('"').next().expect("an address").to_owned();
        next = session.get(&format!("/?after={after}")).body;
        names += next.matches("service-number-").count();
    }
    // In the row, and in what its button says.
    assert_eq!(names, 100);
}
