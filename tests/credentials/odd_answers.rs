//! A provider that answers anything: whatever it says, the credential stays as it was, and what is wrong has a name.

use std::io::Write as _;

use serde_json::Value;

use super::{add, age, command, ok, run, shown, token};
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::endpoint::Endpoint;

const TOKENS: &str =
    r#"{"access_token":"at-planted-1","refresh_token":"rt-planted-1","expires_in":3600,"scope":"a b"}"#;

fn furnished(place: crate::support::store::Place) -> (Sandbox, Endpoint) {
    let (sandbox, endpoint) = (Sandbox::with_store(place), Endpoint::start());
    add(&sandbox, "ci", &endpoint.url(), TOKENS);
    (sandbox, endpoint)
}

/// A forced refresh that fails: its error's name, and what stands there afterwards.
#[track_caller]
fn fails(sandbox: &Sandbox, version: u64) -> String {
    // An attempt that may have arrived is waited out, which is tested elsewhere.
    sandbox.place.sql("DELETE FROM oauth_attempt").expect("written");
    let ran = run(sandbox, &["oauth", "refresh", "ci", "--force"], "").expect_code(8);
    assert!(!ran.stderr.contains("planted") && !ran.stderr.contains("<html>"), "{}", ran.stderr);
    let credential = shown(sandbox, "ci");
    assert_eq!(credential["version"], version);
    assert_eq!(credential["state"], "active");
    assert_eq!(token(sandbox, "ci"), "at-planted-1");
    let error = credential["last_attempt"]["error"].as_str().expect("an error").to_owned();
    assert!(ran.stderr.contains(&error), "{error}: {}", ran.stderr);
    error
}

both!(whatever_is_answered_has_a_name_and_changes_nothing, |place| {
    let (sandbox, endpoint) = furnished(place);
    for (status, head, body, expected) in [
        (200, "", "<html>at-planted-x</html>", "not-json"),
        (200, "", r#"{"access_token":"","token_type":"Bearer"}"#, "no-access-token"),
        (200, "", r#"{"access_token":"at-planted-x","token_type":"DPoP"}"#, "token-type"),
        (200, "", r#"{"access_token":"at-planted-x","token_type":"Bearer","expires_in":-1}"#, "past-end"),
        (200, "", r#"{"access_token":"at-planted-x","token_type":"Bearer","scope":"a"}"#, "narrower-scopes"),
        (302, "Location: http://127.0.0.1:1/\r\n", "", "redirect"),
        (307, "Location: http://169.254.169.254/\r\n", "", "redirect"),
        (
            400,
            "",
            r#"{"error":"invalid_client","error_description":"rt-planted-1"}"#,
            "refused-invalid_client",
        ),
        (429, "Retry-After: 7\r\n", "", "status-429"),
        (500, "", "", "status-500"),
        (503, "", r#"{"error":"invalid_grant"}"#, "status-503"),
        (200, "Content-Encoding: gzip\r\n", "\u{1f}", "not-json"),
    ] {
        endpoint.answers(status, head, body);
        assert_eq!(fails(&sandbox, 1), expected, "{status} {body}");
        assert_eq!(endpoint.asked().len(), 1, "{status} {body}: asked once, and redirects are not followed");
    }
    // 3 GB that are announced, and 3 GB that just come.
    endpoint.answers(200, "", "");
    endpoint.does(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 3000000000\r\n\r\n{");
    });
    assert_eq!(fails(&sandbox, 1), "too-large");
    endpoint.does(|stream| {
        let _ = stream.write_all(b"HTTP/1.0 200 OK\r\n\r\n");
        while stream.write_all(&[b' '; 65536]).is_ok() {}
    });
    assert_eq!(fails(&sandbox, 1), "too-large");
    endpoint.does(|stream| {
        let _ = stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"access_token\":\"at-planted-x\"");
    });
    assert_eq!(fails(&sandbox, 1), "no-answer");
    sandbox.ok(&["store", "check"]);
});

both!(a_refresh_token_that_comes_with_something_odd_is_kept, |place| {
    let (sandbox, endpoint) = furnished(place);
    endpoint.answers(
        200,
        "",
        r#"{"access_token":"at-planted-x","token_type":"Bearer","scope":"a","refresh_token":"rt-planted-2"}"#,
    );
    assert_eq!(fails(&sandbox, 2), "narrower-scopes", "a version of its own, since another one was sent");
    // The one that came is sent from now on, and a token that may do less is taken where that is meant.
    endpoint.asked();
    ok(&sandbox, &["oauth", "refresh", "ci", "--force", "--allow-narrower"], "");
    assert_eq!(endpoint.asked(), ["grant_type=refresh_token&refresh_token=rt-planted-2&client_id=public"]);
    assert_eq!(
        (token(&sandbox, "ci").as_str(), &shown(&sandbox, "ci")["scopes"]),
        ("at-planted-x", &serde_json::json!(["a"]))
    );
});

both!(a_provider_that_is_busy_is_left_alone_and_the_token_used_meanwhile, |place| {
    let (sandbox, endpoint) = furnished(place);
    let client = sandbox.ok(&["mint", "alice"]);
    sandbox.ok(&["secret", "bind", "ci", "alice"]);
    age(&sandbox, "ci", 30);
    endpoint.answers(429, "Retry-After: 600\r\n", "");
    let resolve = || run(&sandbox, &["resolve", "--provider", "github", "-o", "json"], &client);
    for _ in 0..3 {
        let resolved = resolve().expect_code(0);
        let answer: Value = serde_json::from_str(&resolved.stdout).expect("JSON");
        assert_eq!(answer["secret"], "at-planted-1");
        assert!(resolved.stderr.contains("status-429"), "{}", resolved.stderr);
    }
    assert_eq!(endpoint.asked().len(), 1, "not before it said");
    // Ended, there is none, and that is said for what it is.
    age(&sandbox, "ci", -1);
    let ended = resolve().expect_code(8);
    assert!(
        ended.stderr.contains("KEY_UNAVAILABLE") && ended.stderr.contains("status-429"),
        "{}",
        ended.stderr
    );
    assert_eq!(endpoint.asked().len(), 0);
    // By hand it is asked at once, and the failure is not remembered.
    endpoint.answers(200, "", r#"{"access_token":"at-planted-2","token_type":"bearer","expires_in":3600}"#);
    ok(&sandbox, &["oauth", "refresh", "ci", "--force"], "");
    let answer: Value = serde_json::from_str(&resolve().expect_code(0).stdout).expect("JSON");
    assert_eq!(answer["secret"], "at-planted-2");
    // No refresh token came: the one that was sent is sent again.
    ok(&sandbox, &["oauth", "refresh", "ci", "--force"], "");
    assert!(endpoint.asked().iter().all(|form| form.contains("refresh_token=rt-planted-1")));
});

both!(an_address_that_may_not_be_asked_is_not, |place| {
    let (sandbox, endpoint) = furnished(place);
    let mut command = command(&sandbox, &["oauth", "refresh", "ci", "--force"]);
    command.env_remove("KEYCTL_OUTBOUND_ALLOW");
    let refused = crate::support::cli::finish(command, b"").expect_code(8);
    assert!(
        refused.stderr.contains("not-allowed") && refused.stderr.contains("KEYCTL_OUTBOUND_ALLOW"),
        "{}",
        refused.stderr
    );
    assert!(endpoint.asked().is_empty());
});
