//! An endpoint that answers anything: what is wrong has a name, and nobody is given anything else in its place.

use std::io::Write as _;
use std::time::{Duration, Instant};

use super::{add, bound, ok, resolve, run, words};
use crate::secrets::KEY;
use crate::support::both;
use crate::support::cli::{Sandbox, finish};
use crate::support::endpoint::Endpoint;

#[track_caller]
fn fails(sandbox: &Sandbox, token: &str, reason: &str) {
    let ran = resolve(sandbox, token).expect_code(8);
    assert!(ran.stdout.is_empty(), "{ran:?}");
    let error = ran.stderr;
    assert!(error.contains("KEY_UNAVAILABLE") && error.contains(&format!("({reason})")), "{reason}: {error}");
    assert!(!error.contains("planted") && !error.contains("eyJ"), "{error}");
}

both!(whatever_is_answered_has_a_name_and_nothing_else_is_handed_out, |place| {
    let (sandbox, endpoint) = (Sandbox::with_store(place), Endpoint::start());
    add(&sandbox, "sts", "rfc7523", &endpoint.url(), "");
    let token = bound(&sandbox, "sts", "");
    // The store's default would do, if nobody had said otherwise.
    run(&sandbox, &words("secret set anthropic fallback"), "sk-planted-fallback").expect_code(0);
    ok(&sandbox, "secret bind fallback --default");
    for (status, head, body, reason) in [
        (200, "", "<html>planted</html>", "not_json"),
        (200, "", r#"{"access_token":"","token_type":"Bearer","expires_in":60}"#, "no_token"),
        (200, "", r#"{"access_token":"planted","token_type":"DPoP","expires_in":60}"#, "token_type"),
        (200, "", r#"{"access_token":"planted","token_type":"Bearer"}"#, "no_end"),
        (200, "", r#"{"access_token":"planted","token_type":"Bearer","expires_in":-1}"#, "ended"),
        (302, "Location: http://127.0.0.1:1/\r\n", "", "redirect"),
        (400, "", r#"{"error":"invalid_grant","error_description":"planted"}"#, "refused"),
        (401, "", r#"{"error":"planted"}"#, "status"),
        (503, "", "", "status"),
        (200, "Content-Encoding: gzip\r\n", "\u{1f}", "compressed"),
    ] {
        endpoint.answers(status, head, body);
        fails(&sandbox, &token, reason);
        assert_eq!(endpoint.asked().len(), 1, "{status} {body}: asked once, and redirects are not followed");
    }
    endpoint.does(|stream| {
        let _ = stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>");
    });
    fails(&sandbox, &token, "not_json");
    endpoint.does(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n{");
    });
    fails(&sandbox, &token, "too_large");
    endpoint.does(|stream| {
        let _ = stream.write_all(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n");
        while stream.write_all(&[b' '; 65536]).is_ok() {}
    });
    fails(&sandbox, &token, "too_large");
    sandbox.ok(&["store", "check"]);
});

both!(an_endpoint_that_hangs_is_waited_for_ten_seconds, |place| {
    let (sandbox, endpoint) = (Sandbox::with_store(place), Endpoint::start());
    add(&sandbox, "sts", "rfc7523", &endpoint.url(), "");
    let token = bound(&sandbox, "sts", "");
    endpoint.does(|_| std::thread::sleep(Duration::from_secs(60)));
    let began = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| fails(&sandbox, &token, "timeout"));
        // Meanwhile the store is held by nobody.
        std::thread::sleep(Duration::from_secs(2));
        ok(&sandbox, "mint bob --scope chat");
        assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    });
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
});

both!(plain_http_is_asked_only_where_somebody_allowed_it, |place| {
    let (sandbox, endpoint) = (Sandbox::with_store(place), Endpoint::start());
    add(&sandbox, "sts", "rfc7523", &endpoint.url(), "");
    let token = bound(&sandbox, "sts", "");
    let mut command = sandbox.command(&words("resolve --provider anthropic"));
    command.env("KEYCTL_MASTER_KEY", KEY);
    let ran = finish(command, token.as_bytes()).expect_code(8);
    assert!(ran.stderr.contains("KEYCTL_OUTBOUND_ALLOW"), "{ran:?}");
    assert_eq!(endpoint.asked(), [] as [String; 0]);
});
