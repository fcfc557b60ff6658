//! What `/metrics` says of the store.

use std::time::Duration;

use super::process::{Server, eventually};
use super::raw::{get, one};
use crate::support::cli::Sandbox;
use crate::support::store::Place;

fn gauge(server: &Server, name: &str) -> f64 {
    let text = one(server.address, &get("/metrics", "")).body;
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("{name}: {text}"))
}

#[test]
fn how_old_is_what_the_store_said_and_whether_it_can_be_read() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let server = Server::plain(&sandbox);
    let is_fresh = || {
        let age = gauge(&server, "keyctl_store_read_age_seconds");
        // The mark is read twice a second; more for a machine that others load.
        gauge(&server, "keyctl_store_readable") > 0.5 && (0.0..2.0).contains(&age)
    };
    eventually("readable", is_fresh);
    let text = one(server.address, &get("/metrics", "")).body;
    for line in [
        "# TYPE keyctl_store_read_age_seconds gauge",
        "# UNIT keyctl_store_read_age_seconds seconds",
        "# TYPE keyctl_store_readable gauge",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let (file, gone) = (sandbox.place.file(), sandbox.home().join("gone"));
    std::fs::rename(&file, &gone).expect("moved");
    eventually("unreadable", || gauge(&server, "keyctl_store_readable") < 0.5);
    std::thread::sleep(Duration::from_secs(3));
    let age = gauge(&server, "keyctl_store_read_age_seconds");
    assert!((2.5..60.0).contains(&age), "{age}");
    std::fs::rename(&gone, &file).expect("moved");
    eventually("readable again", is_fresh);
}
