//! What is said of a token that ended, or of which nobody knows when it does.

use keyctl::domain::time::Timestamp;
use serde_json::Value;

use super::{add, age, command, ok, run, shown, token};
use crate::secrets::{OTHER, keyed, run_with};
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::endpoint::Endpoint;
use crate::support::pty::Terminal;

const ENDPOINT: &str = "https://login.example.com/oauth/token";
const TOKENS: &str = r#"{"access_token":"at-planted-1","refresh_token":"rt-planted-1","expires_in":3600}"#;

fn adding(name: &str) -> Vec<&str> {
    vec!["oauth", "add", name, "--provider", "github", "--token-endpoint", ENDPOINT, "--client-id", "public"]
}

both!(at_a_terminal_it_is_asked_when_the_token_ends, |place| {
    let sandbox = Sandbox::with_store(place);
    let life = |name: &str| {
        let credential = shown(&sandbox, name);
        let time = |field: &str| {
            credential[field].as_str().map(|text| Timestamp::parse(text).expect(text).as_millis())
        };
        time("expires_at").map(|end| (end - time("created_at").expect("a time") + 5000) / 10_000 * 10)
    };
    let typed = |args: &[&str], end: &str, refresh: &str| {
        let mut terminal = Terminal::start(&command(&sandbox, args), 200);
        terminal.pass("access token (not shown): ");
        terminal.type_text("at-planted-1\n");
        terminal.pass("when the access token ends, as in 3600, 8h or a time (empty: nobody knows): ");
        terminal.type_text(&format!("{end}\n"));
        if !refresh.is_empty() {
            terminal.pass("refresh token, if there is one (not shown): ");
            terminal.type_text(&format!("{refresh}\n"));
        }
        terminal.finish()
    };
    for (name, end, expected) in [("a", "8h", Some(28_800)), ("b", "3600", Some(3600)), ("c", "", None)] {
        let (code, seen) = typed(&adding(name), end, &format!("rt-planted-{name}"));
        assert_eq!(code, 0, "{seen}");
        assert!(
            !seen.contains("planted") && seen.contains("nobody said when") == expected.is_none(),
            "{seen}"
        );
        assert_eq!(life(name), expected, "{name}");
    }
    let (code, seen) = typed(&adding("d"), "soon", "");
    assert!(code == 2 && seen.contains("an end is seconds from now"), "{seen}");
    let (code, seen) = typed(&adding("d"), "2020-01-31T12:00:00Z", "rt-planted-d");
    assert!(code == 0 && seen.contains("a new one is got first"), "{seen}");
    let (code, seen) = typed(&["oauth", "replace", "c"], "1h", "rt-planted-c2");
    assert_eq!(code, 0, "{seen}");
    assert!(life("c").is_some_and(|life| life >= 3600), "{:?}", life("c"));
});

both!(a_token_that_has_ended_is_said_to_have_or_refused_where_none_follows, |place| {
    let sandbox = Sandbox::with_store(place);
    let ended =
        |refresh: &str| format!(r#"{{"access_token":"at-planted-1","expires_at":1577836800{refresh}}}"#);
    let with = ended(r#","refresh_token":"rt-planted-1""#);
    for args in [adding("ci"), vec!["oauth", "replace", "ci", "--allow-narrower"]] {
        if args[1] == "replace" {
            ok(&sandbox, &adding("ci"), TOKENS);
        }
        let refused = run(&sandbox, &args, &ended("")).expect_code(2);
        assert!(
            refused.stderr.contains("ended at 2020-01-01") && refused.stderr.contains("no refresh token"),
            "{}",
            refused.stderr
        );
        for dry in [&["--dry-run"][..], &[]] {
            let warned = ok(&sandbox, &[&args, dry].concat(), &with);
            assert!(warned.stderr.contains("a new one is got first"), "{}", warned.stderr);
        }
        assert_eq!(shown(&sandbox, "ci")["state"], "expired");
        sandbox.ok(&["secret", "delete", "ci"]);
    }
});

both!(a_value_that_is_followed_by_another_one_is_not_said_to_be_lost, |place| {
    let sandbox = Sandbox::with_store(place);
    ok(&sandbox, &adding("ci"), TOKENS);
    let says = |args: &[&str]| ok(&sandbox, args, "").stderr;
    age(&sandbox, "ci", -1);
    let got = says(&["secret", "get", "ci"]);
    assert!(got.contains("a new one is got for whoever asks") && !got.contains("no key gets it"), "{got}");
    sandbox.ok(&["secret", "delete", "ci"]);
    for args in [&["secret", "rollback", "ci", "--dry-run"][..], &["secret", "rollback", "ci"]] {
        let back = says(args);
        assert!(
            back.contains("a new one is got for whoever asks") && !back.contains("no key gets it"),
            "{back}"
        );
    }
    let only = r#"{"access_token":"at-planted-2","expires_in":60}"#;
    ok(&sandbox, &["oauth", "replace", "ci", "--allow-narrower"], only);
    age(&sandbox, "ci", -1);
    let got = says(&["secret", "get", "ci"]);
    assert!(got.contains("no new one can be got") && got.contains("oauth replace ci"), "{got}");
});

both!(where_nothing_is_tried_no_time_is_said_for_it, |place| {
    let (sandbox, endpoint) = (Sandbox::with_store(place), Endpoint::start());
    add(&sandbox, "ci", &endpoint.url(), TOKENS);
    endpoint.answers(429, "Retry-After: 600\r\n", "");
    run(&sandbox, &["oauth", "refresh", "ci", "--force"], "").expect_code(8);
    assert!(shown(&sandbox, "ci")["last_attempt"]["retry_at"].is_string(), "it is tried then");
    endpoint.answers(400, "", r#"{"error":"invalid_grant"}"#);
    run(&sandbox, &["oauth", "refresh", "ci", "--force"], "").expect_code(8);
    let credential = shown(&sandbox, "ci");
    assert_eq!(credential["state"], "needs_reauth");
    assert!(credential["last_attempt"]["retry_at"].is_null(), "{credential}");
    let listed: Value = sandbox.json(&["oauth", "list"]);
    assert!(listed[0]["last_attempt"]["retry_at"].is_null(), "{listed}");
});

both!(a_rehearsed_refresh_looks_at_all_that_the_real_one_would, |place| {
    let (sandbox, endpoint) = (Sandbox::with_store(place), Endpoint::start());
    add(&sandbox, "ci", &endpoint.url(), TOKENS);
    let dry = ["oauth", "refresh", "ci", "--force", "--dry-run"];
    assert!(
        ok(&sandbox, &dry, "").stderr.contains("would ask the provider for a new token; nothing was changed")
    );
    let does = ok(&sandbox, &["oauth", "refresh", "ci", "--dry-run"], "");
    assert!(does.stderr.contains("would not ask the provider: the token does"), "{}", does.stderr);
    // Another master key: nothing could be stored.
    for words in [&dry[..4], &dry] {
        let refused = run_with(&sandbox, &[("KEYCTL_MASTER_KEY", OTHER)], words, "").expect_code(8);
        assert!(refused.stderr.contains("is not the one that this store's secrets"), "{}", refused.stderr);
    }
    // What is sent does not open.
    let from = endpoint.url();
    let moved = |to: &str| {
        sandbox.place.sql(&format!("UPDATE oauth_credential SET token_endpoint = '{to}'")).expect("written");
    };
    moved("http://127.0.0.1:1/token");
    assert!(run(&sandbox, &dry, "").expect_code(8).stderr.contains("does not open"));
    moved(&from);
    assert!(endpoint.asked().is_empty() && shown(&sandbox, "ci")["last_attempt"].is_null());
    endpoint.answers(400, "", r#"{"error":"invalid_grant"}"#);
    run(&sandbox, &dry[..4], "").expect_code(8);
    endpoint.asked();
    assert!(
        run(&sandbox, &dry, "")
            .expect_code(8)
            .stderr
            .contains("takes the refresh token of the credential ci no more")
    );
    age(&sandbox, "ci", 60);
    let meanwhile = ok(&sandbox, &["oauth", "refresh", "ci", "--dry-run"], "");
    assert!(meanwhile.stderr.contains("the provider gives no other one"), "{}", meanwhile.stderr);
    assert!(endpoint.asked().is_empty());
    keyed(&sandbox, &["secret", "set", "github", "plain"], "ghp-planted");
    run(&sandbox, &["oauth", "refresh", "plain", "--dry-run"], "").expect_code(3);
    assert_eq!(token(&sandbox, "ci"), "at-planted-1");
});
