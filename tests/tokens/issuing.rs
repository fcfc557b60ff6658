//! Keys that are exchanged for short-lived tokens, and what these are good for.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{ISSUER, furnished, judged, keyed};
use crate::support::both;
use crate::support::cli::Sandbox;

fn part(jwt: &str, number: usize) -> Value {
    let part = jwt.trim_end().split('.').nth(number).expect("a part");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}

#[track_caller]
fn issued(sandbox: &Sandbox, token: &str, words: &str) -> String {
    keyed(sandbox, &format!("jwt issue{words}"), token).expect_code(0).stdout
}

both!(a_token_says_what_the_key_may_and_no_more, |place| {
    let (sandbox, token) = furnished(place);
    sandbox.ok(&["role", "set", "reader", "--scope", "files:read,secrets"]);
    let jwt = issued(&sandbox, &token, "");
    let key = sandbox.json(&["show", "alice"]);
    let kid = sandbox.json(&["signing-key", "list"])[0]["kid"].clone();
    assert_eq!(part(&jwt, 0), json!({ "typ": "at+jwt", "alg": "ES256", "kid": kid }));
    let claims = part(&jwt, 1);
    let names: Vec<&str> = claims.as_object().expect("an object").keys().map(String::as_str).collect();
    let mut expected = ["iss", "sub", "aud", "exp", "iat", "jti", "client_id", "scope", "kver"];
    expected.sort_unstable();
    assert_eq!(names, expected);
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(ISSUER), &json!(ISSUER)));
    assert_eq!(
        (&claims["sub"], &claims["client_id"], &claims["kver"]),
        (&json!("alice"), &key["id"], &json!(1))
    );
    // And what the store names of that: whoever verifies compares word by word.
    assert_eq!(claims["scope"], "chat files:* files:read");
    let (iat, exp) = (claims["iat"].as_i64().expect("iat"), claims["exp"].as_i64().expect("exp"));
    assert_eq!(exp - iat, 300);
    let answer = keyed(&sandbox, "jwt issue --scope files:read --audience billing --ttl 60s -o json", &token);
    let answer: Value = serde_json::from_str(&answer.expect_code(0).stdout).expect("JSON");
    assert_eq!((&answer["token_type"], &answer["scope"]), (&json!("Bearer"), &json!("files:read")));
    assert!((54..=55).contains(&answer["expires_in"].as_i64().expect("seconds")), "{answer}");
    let narrow = answer["access_token"].as_str().expect("a token");
    assert_eq!(judged(&sandbox, narrow, " --audience billing --scope files:read"), (Some(0), String::new()));
    assert_eq!(judged(&sandbox, narrow, " --audience billing --scope chat"), (Some(5), "scope".to_owned()));
    assert_eq!(judged(&sandbox, narrow, ""), (Some(5), "audience".to_owned()));
    let records = sandbox.json(&["audit", "list", "--action", "jwt.issue"]);
    assert_eq!(records.as_array().expect("records").len(), 2, "{records}");
    assert!(!records.to_string().contains("eyJ"), "{records}");
    sandbox.ok(&["store", "check"]);
});

both!(what_the_key_may_not_is_refused, |place| {
    let (sandbox, token) = furnished(place);
    let status = sandbox.json(&["store", "status"]);
    let audiences = json!(["billing", "https://mcp.example.com/mcp"]);
    assert_eq!((&status["issuer"], &status["audiences"]), (&json!(ISSUER), &audiences));
    for (words, code, said) in [
        ("jwt issue --scope files", 4, "the key may not do files"),
        ("jwt issue --scope chat,keyctl:introspect", 4, "the key may not do keyctl:introspect"),
        ("jwt issue --scope *", 4, "the key may not do *"),
        ("jwt issue --audience elsewhere", 4, "elsewhere is no audience"),
        ("jwt issue --ttl 2h", 2, "at most"),
        ("jwt issue --ttl 5s", 2, "longer than 5s"),
    ] {
        let ran = keyed(&sandbox, words, &token);
        assert_eq!(ran.code, Some(code), "{words}: {ran:?}");
        assert!(ran.stderr.contains(said) && ran.stdout.is_empty(), "{words}: {ran:?}");
    }
    keyed(&sandbox, "jwt issue", "sks_000000000000_00000000000000000000000000000000000000000003ZqZmM")
        .expect_code(5);
    sandbox.ok(&["suspend", "alice"]);
    keyed(&sandbox, "jwt issue", &token).expect_code(5);
    sandbox.ok(&["resume", "alice"]);
    // Limits that nobody holds offline.
    for (set, unset) in [
        ("--rate 5/m", "--rate none"),
        ("--quota 5/day", "--quota none"),
        ("--allow-ip 10.0.0.0/8", "--allow-ip any"),
    ] {
        sandbox.ok(&[&["edit", "alice"], &set.split(' ').collect::<Vec<_>>()[..]].concat());
        let ran = keyed(&sandbox, "jwt issue", &token).expect_code(4);
        assert!(ran.stderr.contains("--allow-jwt"), "{ran:?}");
        sandbox.ok(&["edit", "alice", "--allow-jwt"]);
        assert!(sandbox.ok(&["show", "alice"]).contains("allow_jwt\ttrue"));
        let jwt = issued(&sandbox, &token, "");
        assert_eq!(judged(&sandbox, &jwt, ""), (Some(0), String::new()));
        sandbox.ok(&["edit", "alice", "--no-allow-jwt"]);
        assert_eq!(judged(&sandbox, &jwt, ""), (Some(5), "version".to_owned()));
        sandbox.ok(&[&["edit", "alice"], &unset.split(' ').collect::<Vec<_>>()[..]].concat());
    }
    sandbox.ok(&["edit", "alice", "--expires", "100s"]);
    let claims = part(&issued(&sandbox, &token, " --ttl 1h"), 1);
    assert!(claims["exp"].as_i64().expect("exp") - claims["iat"].as_i64().expect("iat") <= 105, "{claims}");
    sandbox.ok(&["store", "set", "issuer", "none"]);
    keyed(&sandbox, "jwt issue", &token).expect_code(3);
});

both!(what_is_taken_away_from_the_key_ends_its_tokens, |place| {
    let (sandbox, token) = furnished(place);
    for (words, reason) in [
        ("scope remove alice chat", "version"),
        ("suspend alice", "version"),
        ("owner disable alice --yes", "version"),
    ] {
        let jwt = issued(&sandbox, &token, "");
        assert_eq!(judged(&sandbox, &jwt, "").0, Some(0), "{words}");
        sandbox.ok(&words.split(' ').collect::<Vec<_>>());
        assert_eq!(judged(&sandbox, &jwt, ""), (Some(5), reason.to_owned()), "{words}");
        // What is given back makes no old token good again.
        sandbox.run(&["resume", "alice"]);
        sandbox.run(&["owner", "enable", "alice"]);
        assert_eq!(judged(&sandbox, &jwt, ""), (Some(5), reason.to_owned()), "{words}");
    }
    let jwt = issued(&sandbox, &token, "");
    sandbox.ok(&["revoke", "alice"]);
    assert_eq!(judged(&sandbox, &jwt, ""), (Some(5), "version".to_owned()));
    // Whoever sets the version back in the database meets the state.
    sandbox.place.sql("UPDATE key SET kver = kver - 1").expect("lowered");
    assert_eq!(judged(&sandbox, &jwt, ""), (Some(5), "revoked".to_owned()));
});

both!(what_was_exchanged_does_not_outlive_the_grace_of_its_token, |place| {
    let (sandbox, token) = furnished(place);
    let jwt = issued(&sandbox, &token, " --ttl 1h");
    sandbox.ok(&["rotate", "alice", "--grace", "1h"]);
    assert_eq!(judged(&sandbox, &jwt, ""), (Some(0), String::new()), "it has ended by then");
    let fresh = sandbox.ok(&["rotate", "alice", "--grace", "10m"]);
    assert_eq!(judged(&sandbox, &jwt, ""), (Some(5), "version".to_owned()));
    // In the grace, for the old token, too; and that ends with it.
    let jwt = issued(&sandbox, &fresh, " --ttl 1h");
    sandbox.ok(&["rotate", "alice", "--grace", "10m"]);
    assert_eq!(judged(&sandbox, &jwt, ""), (Some(5), "version".to_owned()));
    let jwt = issued(&sandbox, &fresh, " --ttl 1h");
    let said = part(&jwt, 1);
    assert!(said["exp"].as_i64().expect("exp") - said["iat"].as_i64().expect("iat") <= 605, "{said}");
    assert_eq!(judged(&sandbox, &jwt, ""), (Some(0), String::new()));
});

both!(what_is_no_token_of_ours_is_denied_with_a_reason, |place| {
    let (sandbox, token) = furnished(place);
    let jwt = issued(&sandbox, &token, "");
    let [header, claims, signature] = jwt.trim_end().split('.').collect::<Vec<_>>()[..] else {
        panic!("{jwt}")
    };
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"at+jwt"}"#);
    let path = URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256","typ":"at+jwt","kid":"../../../dev/null"}"#);
    let widened = URL_SAFE_NO_PAD.encode(
        String::from_utf8(URL_SAFE_NO_PAD.decode(claims).expect("base64url"))
            .expect("UTF-8")
            .replace("chat", "root"),
    );
    for (text, reason) in [
        (format!("{none}.{claims}."), "malformed"),
        (format!("{path}.{claims}.{signature}"), "signing_key"),
        (format!("{header}.{widened}.{signature}"), "signature"),
        (format!("{header}.{claims}.{signature}="), "malformed"),
        (format!("{header}.{claims}"), "malformed"),
        (token.clone(), "malformed"),
        ("a".repeat(9000), "malformed"),
    ] {
        assert_eq!(judged(&sandbox, &text, ""), (Some(5), reason.to_owned()), "{text}");
    }
    sandbox.ok(&["store", "set", "issuer", "https://other.example.com"]);
    assert_eq!(judged(&sandbox, &jwt, ""), (Some(5), "issuer".to_owned()));
});
