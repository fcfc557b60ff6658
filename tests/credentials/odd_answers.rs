//! A provider that answers anything: whatever it says, the credential stays as it was, and what is wrong has a name.

use std::io::{Read as _, Write as _};
use std::process::Command;
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use keyctl::domain::time::Timestamp;
use serde_json::Value;

use super::{add, add_with, age, command, ok, run, shown, token};
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

both!(however_long_a_provider_asks_for_it_is_asked_again_within_an_hour, |place| {
    let (sandbox, endpoint) = furnished(place);
    for asked in ["999999999", "99999999999999999999", "Thu, 31 Dec 2099 23:59:59 GMT"] {
        let head = format!("Date: Mon, 30 Nov 2026 12:00:00 GMT\r\nRetry-After: {asked}\r\n");
        endpoint.answers(429, &head, "");
        assert_eq!(fails(&sandbox, 1), "status-429");
        let attempt = shown(&sandbox, "ci")["last_attempt"].clone();
        let time = |name: &str| {
            let text = attempt[name].as_str().expect(name);
            Timestamp::parse(text).expect(text).as_millis()
        };
        let waited = time("retry_at") - time("at");
        assert!((3_500_000..3_700_000).contains(&waited), "{asked}: {attempt}");
    }
});

both!(what_is_compressed_is_refused_by_its_head_and_never_inflated, |place| {
    let (sandbox, endpoint) = furnished(place);
    let zeros =
        Command::new("sh").args(["-c", "head -c 67108864 /dev/zero | gzip -9"]).output().expect("gzip");
    let bomb = zeros.stdout;
    assert!((1..128 * 1024).contains(&bomb.len()), "{} bytes", bomb.len());
    let head = |more: &str| {
        let length = bomb.len();
        format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{more}Content-Length: {length}\r\n\r\n")
    };
    for coding in ["gzip", "deflate", "br", "identity, gzip"] {
        let (head, bomb) = (head(&format!("Content-Encoding: {coding}\r\n")), bomb.clone());
        // The rest does not come: who read on would find that out by the deadline.
        let (ended, end) = mpsc::channel::<()>();
        let end = Mutex::new(end);
        endpoint.does(move |stream| {
            let _ =
                stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&bomb[..bomb.len() / 2]));
            let _ = end.lock().expect("an end").recv();
        });
        let begun = Instant::now();
        assert_eq!(fails(&sandbox, 1), "not-json", "{coding}");
        assert!(begun.elapsed() < DEADLINE / 2, "{coding}: {:?}", begun.elapsed());
        drop(ended);
    }
    // That of which nobody says it is what it is: no JSON.
    let (head, bomb) = (head(""), bomb.clone());
    endpoint.does(move |stream| {
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&bomb));
    });
    assert_eq!(fails(&sandbox, 1), "not-json");
    sandbox.ok(&["store", "check"]);
});

/// How long a token endpoint has for its answer.
const DEADLINE: Duration = Duration::from_secs(10);

both!(an_endpoint_that_hangs_is_left_after_ten_seconds, |place| {
    let (sandbox, endpoint) = furnished(place);
    // Silent; and one byte of a head every second, which is no answer either.
    endpoint.does(|stream| {
        let _ = stream.read(&mut [0]);
    });
    let timed = |sandbox: &Sandbox| {
        let begun = Instant::now();
        assert_eq!(fails(sandbox, 1), "no-answer");
        let took = begun.elapsed();
        assert!((DEADLINE..DEADLINE + Duration::from_secs(5)).contains(&took), "{took:?}");
    };
    timed(&sandbox);
    let attempt = shown(&sandbox, "ci")["last_attempt"].clone();
    assert_eq!(attempt["uncertain"], true, "the provider may have given a token: {attempt}");
    endpoint.does(|stream| {
        let mut head = b"HTTP/1.1 200 OK\r\nX: ".iter().chain(std::iter::repeat(&b'x'));
        while head.next().is_some_and(|byte| stream.write_all(&[*byte]).is_ok()) {
            thread::sleep(Duration::from_secs(1));
        }
    });
    timed(&sandbox);
    sandbox.ok(&["store", "check"]);
});

both!(neighbours_that_hang_are_left_together_after_fifteen_seconds, |place| {
    let (sandbox, endpoint) = (Sandbox::with_store(place), Endpoint::start());
    for name in ["a", "b", "c", "d", "e"] {
        let tokens = TOKENS.replace("planted-1", &format!("planted-{name}"));
        add_with(&sandbox, name, &endpoint.url(), &tokens, &["--account", "alice"]);
    }
    // The first one's grant has ended. Of the others one is answered at once, and the next hangs.
    endpoint.answers_each(|body, stream| {
        let text = if body.contains("planted-a") || body.contains("planted-b") {
            r#"{"error":"invalid_grant"}"#
        } else {
            let _ = stream.read(&mut [0]);
            return;
        };
        let length = text.len();
        let _ =
            write!(stream, "HTTP/1.1 400 X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{text}");
    });
    let begun = Instant::now();
    let refused = run(&sandbox, &["oauth", "refresh", "a", "--force"], "").expect_code(8);
    let took = begun.elapsed();
    assert!((DEADLINE..Duration::from_secs(18)).contains(&took), "{took:?}");
    for said in [
        "b, of the same client and account, is refused, too",
        "c, of the same client and account, could not be tried",
        "d, of the same client and account, was not tried, since others took too long: keyctl oauth refresh d --force",
        "e, of the same client and account, was not tried",
        "keyctl oauth replace a",
    ] {
        assert!(refused.stderr.contains(said), "{said}: {}", refused.stderr);
    }
    assert_eq!(endpoint.asked().len(), 3);
    for (name, state) in [("a", "needs_reauth"), ("b", "needs_reauth"), ("c", "active"), ("d", "active")] {
        assert_eq!(shown(&sandbox, name)["state"], state, "{name}");
    }
});
