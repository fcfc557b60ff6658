//! New tokens for services that only read: got ahead by somebody who may write.

use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::{add, age, command, ok, run, shown, token};
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::endpoint::Endpoint;

const ANSWER: &str = r#"{"access_token":"at-planted-new","token_type":"Bearer","expires_in":3600}"#;

/// A credential that ends in a minute, bound to its own owner if it is used.
fn kept(sandbox: &Sandbox, endpoint: &Endpoint, name: &str, is_used: bool) {
    let tokens = format!(
        r#"{{"access_token":"at-planted-{name}","refresh_token":"rt-planted-{name}","expires_in":3600}}"#
    );
    add(sandbox, name, &endpoint.url(), &tokens);
    age(sandbox, name, 60);
    if is_used {
        sandbox.ok(&["mint", name]);
        sandbox.ok(&["secret", "bind", name, name]);
    }
}

both!(what_is_in_use_is_got_ahead_and_nothing_else, |place| {
    let (sandbox, endpoint) = (Sandbox::with_store(place), Endpoint::start());
    kept(&sandbox, &endpoint, "used", true);
    kept(&sandbox, &endpoint, "unused", false);
    endpoint.answers(200, "", ANSWER);
    let once = ok(&sandbox, &["oauth", "watch", "--once"], "");
    assert!(once.stderr.contains("version 2 of used is a new token"), "{}", once.stderr);
    assert_eq!(
        (token(&sandbox, "used").as_str(), token(&sandbox, "unused").as_str()),
        ("at-planted-new", "at-planted-unused")
    );
    assert_eq!(ok(&sandbox, &["oauth", "watch", "--once"], "").stderr, "", "nothing is left to do");
    // One that fails is no reason to leave the others alone.
    kept(&sandbox, &endpoint, "broken", true);
    age(&sandbox, "used", 60);
    endpoint.asked();
    endpoint.answers(503, "", "");
    let failed = run(&sandbox, &["oauth", "watch", "--once"], "").expect_code(8);
    assert!(failed.stderr.contains("broken") && failed.stderr.contains("used"), "{}", failed.stderr);
    assert_eq!(endpoint.asked().len(), 2);
});

both!(a_watch_goes_on_until_it_is_told_to_end, |place| {
    let (sandbox, endpoint) = (Sandbox::with_store(place), Endpoint::start());
    kept(&sandbox, &endpoint, "ci", true);
    endpoint.answers(200, "", ANSWER);
    let mut watch = command(&sandbox, &["oauth", "watch", "--every", "1s"]).spawn().expect("started");
    for version in 2..4 {
        let begun = Instant::now();
        while shown(&sandbox, "ci")["version"] != version {
            assert!(begun.elapsed() < Duration::from_secs(20), "version {version}");
            thread::sleep(Duration::from_millis(100));
        }
        age(&sandbox, "ci", 60);
    }
    kill_process(Pid::from_child(&watch), Signal::TERM).expect("told");
    assert!(watch.wait().expect("ended").success());
});
