//! What is agreed, the life of the keys, and the secrets that are got by them.

use serde_json::Value;

use super::{add, bound, exported, ok, part, resolve, run, words};
use crate::secrets::{KEY, OTHER, run_with};
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::endpoint::Endpoint;

const NOWHERE: &str = "http://127.0.0.1:1/token";

fn states(sandbox: &Sandbox, name: &str) -> String {
    let shown = sandbox.json(&["federation", "show", name]);
    let keys = shown["keys"].as_array().expect("keys");
    keys.iter().map(|key| key["state"].as_str().expect("a state")).collect::<Vec<_>>().join(" ")
}

fn kids(document: &Value) -> Vec<&str> {
    document["keys"].as_array().expect("keys").iter().map(|key| key["kid"].as_str().expect("an id")).collect()
}

/// A rehearsal: it says so, and names no key that will never be.
#[track_caller]
fn rehearsed(sandbox: &Sandbox, line: &str) {
    let said = ok(sandbox, &format!("{line} --dry-run")).stderr;
    assert!(said.contains("dry run") && said.contains("nothing was changed"), "{said}");
    assert!(!said.contains("give the provider"), "{said}");
    let answer: Value =
        serde_json::from_str(&ok(sandbox, &format!("{line} --dry-run -o json")).stdout).expect("JSON");
    assert!(answer["next"].is_null(), "{answer}");
}

both!(a_key_signs_once_somebody_says_that_the_provider_has_it, |place| {
    let sandbox = Sandbox::with_store(place);
    let line = format!(
        "federation add sts --kind rfc8693 --issuer https://keys.example.com --token-endpoint {NOWHERE} --audience sts"
    );
    sandbox.run(&words(&line)).expect_code(8);
    rehearsed(&sandbox, &line);
    sandbox.run(&words("federation show sts")).expect_code(3);
    ok(&sandbox, &line);
    assert_eq!(states(&sandbox, "sts"), "next");
    rehearsed(&sandbox, "federation activate sts --uploaded");
    let token = bound(&sandbox, "sts", "");
    let refused = resolve(&sandbox, &token).expect_code(8);
    assert!(refused.stderr.contains("no key of the federation sts signs"), "{refused:?}");
    run(&sandbox, &words("federation activate sts"), "").expect_code(2);
    ok(&sandbox, "federation activate sts --uploaded");
    assert_eq!(states(&sandbox, "sts"), "signing");
    let again = ok(&sandbox, "federation activate sts --uploaded");
    assert!(again.stderr.contains("nothing was changed"), "{again:?}");
    // Both are exported while one waits, and the one that signs goes on.
    let first = exported(&sandbox, "sts");
    rehearsed(&sandbox, "federation rotate sts");
    ok(&sandbox, "federation rotate sts");
    assert_eq!(states(&sandbox, "sts"), "signing next");
    let both = exported(&sandbox, "sts");
    assert_eq!((kids(&both).len(), kids(&both)[0]), (2, kids(&first)[0]));
    run(&sandbox, &words("federation rotate sts"), "").expect_code(4);
    ok(&sandbox, "federation activate sts --uploaded");
    assert_eq!(states(&sandbox, "sts"), "retired signing");
    assert_eq!(kids(&exported(&sandbox, "sts")), [kids(&both)[1]]);
    let sealed = "SELECT COUNT(*) FROM federation_key WHERE envelope IS NOT NULL";
    assert_eq!(sandbox.place.sql(sealed).expect("a count"), "1");
    let held = run(&sandbox, &words("federation delete sts"), "").expect_code(4);
    assert!(held.stderr.contains("agents"), "{held:?}");
    ok(&sandbox, "secret delete agents --unbind --purge --yes");
    ok(&sandbox, "federation delete sts");
    sandbox.ok(&["store", "check"]);
});

both!(what_a_provider_wants_is_asked_for, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["store", "set", "issuer", "https://keys.example.com"]);
    let start = "federation add a --issuer https://keys.example.com/a --kind";
    for (line, code, says) in [
        (format!("{start} rfc8693"), 2, "--token-endpoint"),
        (format!("{start} rfc7523 --token-endpoint {NOWHERE}"), 2, "--audience"),
        (format!("{start} anthropic"), 2, "federation_rule_id"),
        (format!("{start} openai --parameter identity_provider_id=x"), 2, "service_account_id"),
        (format!("{start} openai --typ at+jwt"), 2, "access tokens"),
        (format!("{start} openai --parameter client_secret=x"), 2, "none stands on a command line"),
        (format!("{start} openai --parameter a=1 --parameter a=2"), 2, "one name"),
        (
            format!(
                "federation add a --issuer https://keys.example.com --kind rfc8693 --token-endpoint {NOWHERE} --audience a"
            ),
            4,
            "short-lived tokens",
        ),
    ] {
        let ran = run(&sandbox, &words(&line), "").expect_code(code);
        assert!(ran.stderr.contains(says), "{line}: {ran:?}");
    }
    let ids = "--parameter federation_rule_id=fdrl_1 --parameter organization_id=o --parameter service_account_id=svac_1";
    ok(&sandbox, &format!("{start} anthropic {ids}"));
    let document = exported(&sandbox, "a");
    assert_eq!(document["issuer_url"], "https://keys.example.com/a");
    assert_eq!(document["jwks"]["type"], "inline");
    assert_eq!(document["jwks"]["keys"][0]["alg"], "ES256");
    let shown = sandbox.json(&["federation", "show", "a"]);
    assert_eq!(shown["token_endpoint"], "https://api.anthropic.com/v1/oauth/token");
    assert_eq!(shown["audience"], "https://api.anthropic.com");
    sandbox.ok(&["store", "check"]);
});

both!(a_secret_that_is_got_has_no_value_and_gets_none, |place| {
    let sandbox = Sandbox::with_store(place);
    add(&sandbox, "sts", "rfc8693", NOWHERE, "");
    bound(&sandbox, "sts", "");
    let again = ok(&sandbox, "secret set anthropic agents --federation sts");
    assert!(again.stderr.contains("nothing was changed"), "{again:?}");
    let shown = sandbox.json(&["secret", "show", "agents"]);
    assert_eq!((&shown["kind"], &shown["state"]), (&"federated".into(), &"active".into()));
    assert_eq!((&shown["expires_at"], &shown["version"]), (&Value::Null, &1.into()));
    for (line, code) in [
        ("secret get agents", 8),
        ("secret rotate agents", 4),
        ("secret set anthropic agents", 4),
        ("secret rollback agents", 4),
    ] {
        let ran = run(&sandbox, &words(line), "sk-planted").expect_code(code);
        assert!(ran.stderr.contains("has no value"), "{line}: {ran:?}");
    }
    for (subject, says) in [("agents:{owner}", "alice-evil"), ("agents:*", "'*'"), ("a:{key}", "braces")] {
        let line = format!("secret set anthropic agents --federation sts --subject {subject}");
        let ran = run(&sandbox, &words(&line), "").expect_code(2);
        assert!(ran.stderr.contains(says), "{subject}: {ran:?}");
    }
    ok(&sandbox, "secret set anthropic agents --federation sts --subject agents:{owner}:");
    assert_eq!(sandbox.json(&["secret", "show", "agents"])["version"], 2);
    ok(&sandbox, "secret delete agents --unbind --yes");
    ok(&sandbox, "secret rollback agents");
    // A key of the provider's is not replaced by accident.
    run(&sandbox, &words("secret set anthropic kept"), "sk-planted").expect_code(0);
    let kept = run(&sandbox, &words("secret set anthropic kept --federation sts"), "").expect_code(4);
    assert!(kept.stderr.contains("has a key of the provider's"), "{kept:?}");
    sandbox.ok(&["store", "check"]);
});

both!(what_was_altered_in_the_database_signs_nothing, |place| {
    let sandbox = Sandbox::with_store(place);
    add(&sandbox, "sts", "rfc8693", NOWHERE, "");
    let token = bound(&sandbox, "sts", " --subject agents:{owner}:");
    let working = resolve(&sandbox, &token).expect_code(8);
    assert!(working.stderr.contains("(unreachable)"), "{working:?}");
    for (change, back, says) in [
        (
            "UPDATE federated_secret SET subject = 'agents:bob:'",
            "UPDATE federated_secret SET subject = 'agents:{owner}:'",
            "not what was sealed",
        ),
        (
            "UPDATE federation SET token_endpoint = 'http://127.0.0.1:2/token'",
            "UPDATE federation SET token_endpoint = 'http://127.0.0.1:1/token'",
            "does not open",
        ),
        (
            "UPDATE federation SET audience = 'a'",
            "UPDATE federation SET audience = 'https://provider.example.com'",
            "does not open",
        ),
    ] {
        sandbox.place.sql(change).expect("altered");
        let ran = resolve(&sandbox, &token).expect_code(8);
        assert!(ran.stderr.contains(says), "{change}: {ran:?}");
        let check = sandbox.run(&["store", "check"]).expect_code(7);
        assert!(check.stdout.contains("of the audit log"), "{change}: {check:?}");
        sandbox.place.sql(back).expect("put back");
    }
    sandbox.ok(&["store", "check"]);
    // As if it were a secret with a value: what is sealed does not open as one.
    sandbox.place.sql("DELETE FROM federated_secret").expect("altered");
    sandbox.place.sql("UPDATE secret_version SET expires_at = NULL").expect("altered");
    let ran = resolve(&sandbox, &token).expect_code(8);
    assert!(ran.stderr.contains("does not open"), "{ran:?}");
    sandbox.run(&["store", "check"]).expect_code(7);
});

both!(another_master_key_seals_the_keys_of_federations_too, |place| {
    let sandbox = Sandbox::with_store(place);
    add(&sandbox, "sts", "rfc8693", NOWHERE, "");
    let token = bound(&sandbox, "sts", "");
    ok(&sandbox, "federation rotate sts");
    let variables = [("KEYCTL_MASTER_KEY", OTHER), ("KEYCTL_MASTER_KEY_PREVIOUS", KEY)];
    run_with(&sandbox, &variables, &["master", "rotate", "--yes"], "").expect_code(0);
    run_with(&sandbox, &[("KEYCTL_MASTER_KEY", OTHER)], &["master", "check"], "").expect_code(0);
    let args = words("resolve --provider anthropic");
    let variables = [("KEYCTL_MASTER_KEY", OTHER), ("KEYCTL_OUTBOUND_ALLOW", "127.0.0.0/8")];
    let ran = run_with(&sandbox, &variables, &args, &token).expect_code(8);
    assert!(ran.stderr.contains("(unreachable)"), "{ran:?}");
    run_with(&sandbox, &[("KEYCTL_MASTER_KEY", KEY)], &args, &token).expect_code(8);
    sandbox.ok(&["store", "check"]);
});

both!(an_assertion_is_no_access_token, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["store", "set", "issuer", "https://keys.example.com"]);
    ok(&sandbox, "signing-key rotate");
    let endpoint = Endpoint::start();
    endpoint.answers(200, "", r#"{"access_token":"tok-1","token_type":"Bearer","expires_in":600}"#);
    add(&sandbox, "sts", "rfc7523", &endpoint.url(), "");
    let token = bound(&sandbox, "sts", "");
    resolve(&sandbox, &token).expect_code(0);
    let asked = endpoint.asked().pop().expect("a request");
    let assertion = asked.split('&').find_map(|pair| pair.strip_prefix("assertion=")).expect("an assertion");
    assert_eq!(part(assertion, 0)["typ"], "JWT");
    let verdict = sandbox.feed(&words("jwt verify -o json"), assertion).expect_code(5);
    assert!(verdict.stdout.contains("signing_key"), "{verdict:?}");
});
