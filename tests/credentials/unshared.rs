//! One refresh token is kept once: a second credential with it would send it a second time.

use super::{add, add_with, ok, run, shown, token};
use crate::support::both;
use crate::support::cli::{Ran, Sandbox};
use crate::support::endpoint::Endpoint;

const ENDPOINT: &str = "https://login.example.com/oauth/token";
const TOKENS: &str = r#"{"access_token":"at-planted-1","refresh_token":"rt-planted-1","expires_in":3600}"#;
const OTHERS: &str = r#"{"access_token":"at-planted-2","refresh_token":"rt-planted-2","expires_in":3600}"#;

#[track_caller]
fn refused(ran: Ran, holder: &str) {
    let ran = ran.expect_code(4);
    let said = format!("the credential {holder} has this refresh token already");
    assert!(ran.stderr.contains(&said) && !ran.stderr.contains("planted"), "{}", ran.stderr);
}

both!(two_credentials_of_one_server_never_have_one_refresh_token, |place| {
    let sandbox = Sandbox::with_store(place);
    add_with(&sandbox, "ci", ENDPOINT, TOKENS, &["--account", "alice"]);
    let other = |endpoint: &str, client: &str, more: &[&str]| {
        let start = ["oauth", "add", "other", "--provider", "gitlab", "--token-endpoint", endpoint];
        run(&sandbox, &[&start[..], &["--client-id", client], more].concat(), TOKENS)
    };
    // Whatever is said of account and client, and by whichever path.
    refused(other(ENDPOINT, "public", &["--account", "alice"]), "ci");
    refused(other(ENDPOINT, "public", &["--account", "bob"]), "ci");
    refused(other(ENDPOINT, "public", &[]), "ci");
    refused(other(ENDPOINT, "another", &[]), "ci");
    refused(other("https://login.example.com:443/v2/token?tenant=7", "public", &[]), "ci");
    refused(other(ENDPOINT, "public", &["--dry-run"]), "ci");
    sandbox.run(&["oauth", "show", "other"]).expect_code(3);
    // By a replacement neither; its own it may have again.
    add(&sandbox, "second", ENDPOINT, OTHERS);
    refused(run(&sandbox, &["oauth", "replace", "second"], TOKENS), "ci");
    assert_eq!(token(&sandbox, "second"), "at-planted-2");
    ok(&sandbox, &["oauth", "replace", "second"], OTHERS);
    // Of another server it is another one.
    other("https://login.example.com:8443/oauth/token", "public", &[]).expect_code(0);
    sandbox.ok(&["store", "check"]);
});

both!(a_deleted_credential_does_not_come_back_with_another_one_s_refresh_token, |place| {
    let sandbox = Sandbox::with_store(place);
    add(&sandbox, "ci", ENDPOINT, TOKENS);
    sandbox.ok(&["secret", "delete", "ci"]);
    add_with(&sandbox, "later", ENDPOINT, TOKENS, &["--account", "bob"]);
    refused(run(&sandbox, &["secret", "rollback", "ci"], ""), "later");
    refused(run(&sandbox, &["secret", "rollback", "ci", "--dry-run"], ""), "later");
    // That cannot be told without the key.
    let keyless = sandbox.run(&["secret", "rollback", "ci"]).expect_code(8);
    assert!(keyless.stderr.contains("master key"), "{}", keyless.stderr);
    sandbox.run(&["oauth", "show", "ci"]).expect_code(3);
    // Nor does the one that has it come back twice.
    sandbox.ok(&["secret", "delete", "later"]);
    sandbox.ok(&["secret", "rollback", "ci"]);
    refused(run(&sandbox, &["secret", "rollback", "later"], ""), "ci");
    ok(&sandbox, &["oauth", "replace", "ci"], OTHERS);
    ok(&sandbox, &["secret", "rollback", "later"], "");
    assert_eq!(token(&sandbox, "later"), "at-planted-1");
    sandbox.ok(&["store", "check"]);
});

both!(a_refresh_token_that_another_credential_has_stays_there, |place| {
    let (sandbox, endpoint) = (Sandbox::with_store(place), Endpoint::start());
    add_with(&sandbox, "ci", &endpoint.url(), TOKENS, &["--account", "alice"]);
    add_with(&sandbox, "second", &endpoint.url(), OTHERS, &["--account", "bob"]);
    // The provider makes one grant of two.
    endpoint.answers(
        200,
        "",
        r#"{"access_token":"at-planted-3","token_type":"Bearer","refresh_token":"rt-planted-2","expires_in":3600}"#,
    );
    let kept = ok(&sandbox, &["oauth", "refresh", "ci", "--force"], "");
    assert!(kept.stderr.contains("is another credential's, and stays there"), "{}", kept.stderr);
    let credential = shown(&sandbox, "ci");
    assert_eq!((token(&sandbox, "ci").as_str(), &credential["version"]), ("at-planted-3", &2.into()));
    assert_eq!(&credential["state"], "needs_reauth");
    let attempt = &credential["last_attempt"];
    assert_eq!((&attempt["error"], &attempt["uncertain"]), (&"shared-refresh-token".into(), &false.into()));
    assert!(attempt["retry_at"].is_null(), "{attempt}");
    let records = sandbox.json(&["audit", "list", "--limit", "3"]);
    let records = records.as_array().expect("records");
    let record = records.iter().find(|one| one["record"]["action"] == "oauth.refresh").expect("a record");
    assert_eq!(record["record"]["details"]["shared_with"], "second");
    // What was sent is used up, and what came is sent for the other one alone.
    endpoint.asked();
    run(&sandbox, &["oauth", "refresh", "ci", "--force"], "").expect_code(8);
    assert!(endpoint.asked().is_empty());
    endpoint.answers(
        200,
        "",
        r#"{"access_token":"at-planted-4","token_type":"mac","refresh_token":"rt-planted-4"}"#,
    );
    run(&sandbox, &["oauth", "refresh", "second", "--force"], "").expect_code(8);
    assert!(endpoint.asked()[0].contains("refresh_token=rt-planted-2&"), "it is the second one's");
    // The same where nothing else of the answer is of use.
    add(
        &sandbox,
        "third",
        &endpoint.url(),
        r#"{"access_token":"at-planted-5","refresh_token":"rt-planted-5"}"#,
    );
    run(&sandbox, &["oauth", "refresh", "third", "--force"], "").expect_code(8);
    let credential = shown(&sandbox, "third");
    assert_eq!((token(&sandbox, "third").as_str(), &credential["version"]), ("at-planted-5", &2.into()));
    assert_eq!(credential["last_attempt"]["error"], "shared-refresh-token");
    // After a new sign-in it has one of its own.
    ok(&sandbox, &["oauth", "replace", "ci"], &TOKENS.replace('1', "6"));
    assert_eq!(shown(&sandbox, "ci")["refreshable"], true);
    sandbox.ok(&["store", "check"]);
});
