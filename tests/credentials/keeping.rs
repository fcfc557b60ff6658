//! Credentials as they are kept: sealed, shown without their tokens, replaced, and bound like any secret.

use serde_json::Value;

use super::{add, age, run, shown, token};
use crate::secrets::{KEY, OTHER, keyed, run_with};
use crate::support::both;
use crate::support::cli::Sandbox;

const ENDPOINT: &str = "https://login.example.com/oauth/token";
const TOKENS: &str = r#"{"access_token":"at-planted-1","refresh_token":"rt-planted-1","token_type":"bearer","expires_in":3600,
    "scope":"repo gist"}"#;

/// A store with alice, her token, and the credential `ci` bound to her.
fn furnished(place: crate::support::store::Place) -> (Sandbox, String) {
    let sandbox = Sandbox::with_store(place);
    let client = sandbox.ok(&["mint", "alice", "--scope", "chat"]);
    add(&sandbox, "ci", ENDPOINT, TOKENS);
    sandbox.ok(&["secret", "bind", "ci", "alice"]);
    (sandbox, client)
}

both!(a_credential_is_a_secret_whose_value_is_its_access_token, |place| {
    let (sandbox, client) = furnished(place);
    let resolved = run(&sandbox, &["resolve", "--provider", "github", "-o", "json"], &client).expect_code(0);
    let resolved: Value = serde_json::from_str(&resolved.stdout).expect("JSON");
    assert_eq!((&resolved["secret"], &resolved["secret_name"]), (&"at-planted-1".into(), &"ci".into()));
    assert_eq!(sandbox.json(&["secret", "show", "ci"])["kind"], "oauth");
    let credential = shown(&sandbox, "ci");
    assert_eq!(credential["state"], "active");
    assert_eq!(credential["scopes"], serde_json::json!(["gist", "repo"]));
    assert_eq!((&credential["client_auth"], &credential["refreshable"]), (&"none".into(), &true.into()));
    assert!(credential["last_attempt"].is_null() && credential["expires_at"].is_string(), "{credential}");
    assert_eq!(sandbox.json(&["oauth", "list"]).as_array().expect("a list").len(), 1);
    // Nothing of the tokens is shown, stored in the clear, or recorded.
    for args in [
        &["oauth", "show", "ci"][..],
        &["oauth", "list"],
        &["secret", "show", "ci"],
        &["audit", "list", "-o", "json"],
    ] {
        let text = sandbox.ok(args);
        assert!(!text.contains("planted"), "{text}");
    }
    for table in ["oauth_credential", "oauth_envelope", "secret_version", "audit"] {
        let rows = sandbox.place.sql(&format!("SELECT * FROM {table}")).expect("rows");
        assert!(!rows.contains("planted"), "{table}: {rows}");
    }
    sandbox.ok(&["store", "check"]);
});

both!(what_the_other_commands_for_secrets_cannot_do_they_refuse, |place| {
    let (sandbox, _) = furnished(place);
    for (args, input) in [
        (&["secret", "set", "github", "ci"][..], "sk-planted"),
        (&["secret", "rotate", "ci"], "sk-planted"),
        (&["secret", "rollback", "ci"], ""),
        (&["secret", "rollback", "ci", "--to", "1"], ""),
        (
            &[
                "oauth",
                "add",
                "ci",
                "--provider",
                "github",
                "--token-endpoint",
                ENDPOINT,
                "--client-id",
                "public",
            ],
            TOKENS,
        ),
    ] {
        let refused = run(&sandbox, args, input).expect_code(4);
        assert!(refused.stderr.contains("oauth replace ci"), "{}", refused.stderr);
    }
    keyed(&sandbox, &["secret", "set", "github", "plain"], "ghp-planted");
    let refused = run(&sandbox, &["oauth", "show", "plain"], "").expect_code(3);
    assert!(refused.stderr.contains("is no OAuth credential"), "{}", refused.stderr);
    // Deleted, it comes back with the token that it had.
    sandbox.ok(&["secret", "delete", "ci", "--unbind"]);
    assert!(sandbox.run(&["oauth", "show", "ci"]).expect_code(3).stderr.contains("was deleted"));
    sandbox.ok(&["secret", "rollback", "ci"]);
    assert_eq!(token(&sandbox, "ci"), "at-planted-1");
    sandbox.ok(&["store", "check"]);
    sandbox.ok(&["secret", "delete", "ci", "--purge", "--yes"]);
    for table in ["oauth_credential", "oauth_envelope", "oauth_attempt"] {
        assert_eq!(
            sandbox.place.sql(&format!("SELECT COUNT(*) FROM {table}")).as_deref(),
            Ok("0"),
            "{table}"
        );
    }
    sandbox.ok(&["store", "check"]);
});

both!(a_replacement_takes_nothing_away_by_a_slip, |place| {
    let (sandbox, client) = furnished(place);
    let replace =
        |more: &[&str], tokens: &str| run(&sandbox, &[&["oauth", "replace", "ci"], more].concat(), tokens);
    for (tokens, code, says) in [
        (
            r#"{"access_token":"at-planted-2","refresh_token":"rt-planted-2","scope":"repo"}"#,
            4,
            "they lack gist",
        ),
        (
            r#"{"access_token":"at-planted-2","refresh_token":"rt-planted-2"}"#,
            2,
            "it is not said what the new tokens",
        ),
        (r#"{"access_token":"at-planted-2","scope":"repo gist"}"#, 4, "the new tokens have none"),
        (r#"{"access_token":"at-planted-2","token_type":"DPoP"}"#, 2, "is not Bearer"),
        ("at-planted-2", 2, "it is no JSON object"),
    ] {
        let refused = replace(&[], tokens).expect_code(code);
        assert!(refused.stderr.contains(says) && !refused.stderr.contains("planted"), "{}", refused.stderr);
    }
    assert_eq!(
        (token(&sandbox, "ci").as_str(), shown(&sandbox, "ci")["version"].as_u64()),
        ("at-planted-1", Some(1))
    );
    replace(
        &["--scope", "repo gist admin"],
        r#"{"access_token":"at-planted-2","refresh_token":"rt-planted-2"}"#,
    )
    .expect_code(0);
    assert_eq!(token(&sandbox, "ci"), "at-planted-2");
    replace(&["--allow-narrower"], r#"{"access_token":"at-planted-3","scope":"repo"}"#).expect_code(0);
    let credential = shown(&sandbox, "ci");
    assert_eq!((&credential["scopes"][0], &credential["refreshable"]), (&"repo".into(), &false.into()));
    // Without a refresh token it ends with its token.
    age(&sandbox, "ci", -1);
    let ended = run(&sandbox, &["resolve", "--provider", "github"], &client).expect_code(8);
    assert!(ended.stderr.contains("it has no refresh token"), "{}", ended.stderr);
    for version in 4..8 {
        let tokens = format!(
            r#"{{"access_token":"at-planted-{version}","refresh_token":"rt-planted-{version}","scope":"repo"}}"#
        );
        replace(&[], &tokens).expect_code(0);
    }
    let versions = sandbox.json(&["secret", "show", "ci"])["versions"].as_array().expect("versions").len();
    assert_eq!(versions, 3, "the newest, and two that may be in use");
});

both!(a_master_key_is_replaced_under_credentials_too, |place| {
    let (sandbox, _) = furnished(place);
    let client = |key: &str, previous: Option<&str>, args: &[&str]| {
        let mut variables = vec![("KEYCTL_MASTER_KEY", key)];
        variables.extend(previous.map(|previous| ("KEYCTL_MASTER_KEY_PREVIOUS", previous)));
        run_with(&sandbox, &variables, args, "").expect_code(0)
    };
    assert_eq!(
        sandbox.json(&["master", "status"])[0]["versions"],
        2,
        "the access token and the refresh token"
    );
    client(OTHER, Some(KEY), &["master", "rotate", "--yes"]);
    let checked = client(OTHER, None, &["master", "check", "-o", "json"]);
    let checked: Value = serde_json::from_str(&checked.stdout).expect("JSON");
    let of = |index: usize| (checked[index]["result"].clone(), checked[index]["part"].clone());
    assert_eq!(of(0), ("opens".into(), Value::Null));
    assert_eq!(of(1), ("opens".into(), "refresh".into()));
    let status = sandbox.json(&["master", "status"]);
    assert_eq!((&status[0]["versions"], &status[1]["versions"]), (&0.into(), &2.into()));
});

both!(tokens_are_sealed_for_the_endpoint_that_gets_them, |place| {
    let (sandbox, _) = furnished(place);
    sandbox
        .place
        .sql("UPDATE oauth_credential SET token_endpoint = 'https://evil.example.com/token'")
        .expect("written");
    let refused = run(&sandbox, &["oauth", "refresh", "ci", "--force"], "").expect_code(8);
    assert!(refused.stderr.contains("it was altered, or its token endpoint was"), "{}", refused.stderr);
    let found = sandbox.run(&["store", "check"]).expect_code(7);
    assert!(found.stdout.contains("token_endpoint"), "{}", found.stdout);
});
