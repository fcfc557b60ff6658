//! What is sent, by kind, and who gets what comes back.

use serde_json::{Value, json};

use super::{add, bound, ok, part, resolve, run, words};
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::endpoint::Endpoint;

const TOKEN: &str = r#"{"access_token":"tok-planted","token_type":"Bearer","expires_in":600}"#;

fn furnished(place: crate::support::store::Place) -> (Sandbox, Endpoint) {
    let endpoint = Endpoint::start();
    endpoint.answers(200, "", TOKEN);
    (Sandbox::with_store(place), endpoint)
}

/// A form as pairs, or a JSON object.
fn read(body: &str) -> Value {
    serde_json::from_str(body).unwrap_or_else(|_| {
        form_urlencoded::parse(body.as_bytes())
            .map(|(name, value)| (name.into_owned(), json!(value)))
            .collect()
    })
}

both!(each_kind_is_asked_as_its_provider_wants_it, |place| {
    let (sandbox, endpoint) = furnished(place);
    for (kind, more, assertion, beside) in [
        (
            "rfc7523",
            " --parameter scope=chat",
            "assertion",
            json!({ "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "scope": "chat" }),
        ),
        (
            "rfc8693",
            " --parameter resource=https://api.example.com/v1",
            "subject_token",
            json!({
                "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
                "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
                "resource": "https://api.example.com/v1",
            }),
        ),
        (
            "anthropic",
            " --parameter federation_rule_id=fdrl_1 --parameter organization_id=o-1 --parameter service_account_id=svac_1",
            "assertion",
            json!({
                "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
                "federation_rule_id": "fdrl_1", "organization_id": "o-1", "service_account_id": "svac_1",
            }),
        ),
        (
            "openai",
            " --parameter identity_provider_id=idp_1 --parameter service_account_id=sa_1",
            "subject_token",
            json!({
                "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
                "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
                "identity_provider_id": "idp_1", "service_account_id": "sa_1",
            }),
        ),
    ] {
        add(&sandbox, kind, kind, &endpoint.url(), more);
        ok(&sandbox, &format!("mint {kind} --scope chat --out-file {kind}.token"));
        ok(&sandbox, &format!("secret set anthropic {kind} --federation {kind}"));
        ok(&sandbox, &format!("secret bind {kind} {kind}"));
        let token = std::fs::read_to_string(sandbox.home().join(format!("{kind}.token"))).expect("a token");
        let answer: Value =
            serde_json::from_str(&resolve(&sandbox, &token).expect_code(0).stdout).expect("JSON");
        assert_eq!(
            (&answer["secret"], &answer["present"]),
            (&json!("tok-planted"), &json!("bearer")),
            "{kind}"
        );
        assert!(answer["secret_expires_at"].is_string(), "{answer}");
        let mut asked = read(&endpoint.asked().pop().expect("a request"));
        let signed = asked.as_object_mut().expect("names").remove(assertion).expect("an assertion");
        assert_eq!(asked, beside, "{kind}");
        let (header, claims) =
            (part(signed.as_str().expect("text"), 0), part(signed.as_str().expect("text"), 1));
        assert_eq!(
            (&header["alg"], header["kid"].as_str().map(str::len)),
            (&json!("ES256"), Some(43)),
            "{kind}"
        );
        assert_eq!(claims["iss"], format!("https://keys.example.com/{kind}"));
        assert_eq!(claims["aud"], "https://provider.example.com");
        let subject = claims["sub"].as_str().expect("a subject");
        assert!(subject.starts_with("keyctl:") && subject.ends_with(&format!(":{kind}")), "{subject}");
        let [iat, exp] = ["iat", "exp"].map(|name| claims[name].as_i64().expect("a time"));
        assert!((1..=3600).contains(&(exp - iat)), "{claims}");
        assert_eq!(claims["jti"].as_str().map(str::len), Some(32));
    }
});

both!(a_subject_says_whose_key_asked, |place| {
    let (sandbox, endpoint) = furnished(place);
    add(&sandbox, "sts", "rfc7523", &endpoint.url(), "");
    let alice = bound(&sandbox, "sts", " --subject agents:{owner}:{secret}");
    let evil = ok(&sandbox, "mint alice-evil --scope chat").stdout;
    ok(&sandbox, "secret bind agents alice-evil");
    let subject = |token: &str| {
        resolve(&sandbox, token).expect_code(0);
        let asked = read(&endpoint.asked().pop().expect("a request"));
        part(asked["assertion"].as_str().expect("an assertion"), 1)["sub"].as_str().expect("text").to_owned()
    };
    assert_eq!(subject(&alice), "agents:alice:agents");
    assert_eq!(subject(&evil), "agents:alice-evil:agents");
});

both!(a_command_gets_a_token_in_the_variable_that_takes_one, |place| {
    let (sandbox, endpoint) = furnished(place);
    add(&sandbox, "sts", "rfc7523", &endpoint.url(), "");
    bound(&sandbox, "sts", "");
    let script = "test \"$ANTHROPIC_AUTH_TOKEN\" = tok-planted && test -z \"${ANTHROPIC_API_KEY+x}\" && echo got $ANTHROPIC_AUTH_TOKEN";
    let ran = run(&sandbox, &["exec", "alice", "--", "sh", "-c", script], "").expect_code(0);
    assert_eq!(ran.stdout, "got ***\n");
    let ran = run(
        &sandbox,
        &["exec", "alice", "--env", "X=anthropic", "--", "sh", "-c", "test $X = tok-planted"],
        "",
    );
    ran.expect_code(0);
    assert_eq!(endpoint.asked().len(), 2);
    // Presented like a key, it stands where a key does.
    ok(&sandbox, "secret delete agents --unbind --purge --yes");
    add(&sandbox, "keyed", "rfc7523", &endpoint.url(), " --present x-api-key");
    ok(&sandbox, "secret set anthropic agents --federation keyed");
    ok(&sandbox, "secret bind agents alice");
    run(&sandbox, &["exec", "alice", "--", "sh", "-c", "test $ANTHROPIC_API_KEY = tok-planted"], "")
        .expect_code(0);
});

both!(whoever_may_not_have_the_secret_is_not_signed_for, |place| {
    let (sandbox, endpoint) = furnished(place);
    add(&sandbox, "sts", "rfc7523", &endpoint.url(), "");
    let token = bound(&sandbox, "sts", "");
    ok(&sandbox, "suspend alice/default");
    resolve(&sandbox, &token).expect_code(5);
    ok(&sandbox, "resume alice/default");
    run(&sandbox, &words("resolve --provider openai"), &token).expect_code(8);
    ok(&sandbox, "revoke alice/default --yes");
    resolve(&sandbox, &token).expect_code(5);
    run(&sandbox, &words("exec alice/default -- true"), "").expect_code(125);
    assert_eq!(endpoint.asked(), [] as [String; 0]);
});
