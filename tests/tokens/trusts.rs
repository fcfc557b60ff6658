//! Trusts, and the keys without a token that they let in.

use serde_json::{Value, json};

use super::{ISSUER, furnished, judged, keyed};
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::store::Place;

const ADD: [&str; 12] = [
    "trust",
    "add",
    "deploy",
    "--issuer",
    "https://gitlab.example.com",
    "--audience",
    ISSUER,
    "--owner",
    "ci",
    "--scope",
    "deploy",
    "--claim=project_id=123",
];

fn with<'w>(more: &[&'w str]) -> Vec<&'w str> {
    [&ADD[..], more].concat()
}

/// A store with the trust `deploy`, and the id of its key.
fn trusting(place: Place) -> (Sandbox, String) {
    let sandbox = Sandbox::with_store(place);
    let added = sandbox.json(&with(&["--claim", "ref=refs/heads/main"]));
    let id = added["key"]["id"].as_str().expect("an id").to_owned();
    (sandbox, id)
}

#[track_caller]
fn rows(sandbox: &Sandbox, sql: &str) -> String {
    sandbox.place.sql(sql).expect(sql)
}

#[track_caller]
fn whole(sandbox: &Sandbox) {
    let ran = sandbox.run(&["store", "check"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

both!(a_trust_has_a_key_without_a_token, |place| {
    let sandbox = Sandbox::with_store(place);
    let ran = sandbox.run(&with(&["--claim", "ref=refs/heads/main", "--ttl", "15m"])).expect_code(0);
    assert!(ran.stdout.is_empty(), "{ran:?}");
    assert!(ran.stderr.contains("added the trust deploy for ci/deploy (key_"), "{ran:?}");
    assert!(ran.stderr.contains("ci is a new owner") && ran.stderr.contains("store set issuer"), "{ran:?}");
    let trust = sandbox.json(&["trust", "show", "deploy"]);
    let key = sandbox.json(&["show", "ci/deploy"]);
    assert_eq!((&trust["key"], &trust["name"]), (&key, &json!("deploy")));
    assert_eq!(trust["claims"], json!({ "project_id": "123", "ref": "refs/heads/main" }));
    assert_eq!(
        (&trust["ttl_seconds"], &trust["jwks"], &trust["any_ref"]),
        (&json!(900), &Value::Null, &json!(false))
    );
    assert_eq!(
        (&key["token"], &key["previous_token"], &key["state"]),
        (&Value::Null, &Value::Null, &json!("active"))
    );
    assert_eq!(sandbox.json(&["list"]), json!([key]));
    assert_eq!(sandbox.json(&["trust", "list"]), json!([trust]));
    let id = key["id"].as_str().expect("an id");
    assert_eq!(rows(&sandbox, "SELECT COUNT(*) FROM keyctl_tokens_v1"), "0");
    assert_eq!(rows(&sandbox, "SELECT COUNT(*) FROM keyctl_serve_v1"), "0");
    let seen =
        "SELECT key_id, key_name, owner, subject, scopes, networks, state, kver FROM keyctl_tokenless_v1";
    assert_eq!(rows(&sandbox, seen), format!(r#"{id}|deploy|ci|ci|["deploy"]|[]|active|1"#));
    let seen = "SELECT name, issuer, audience, claims, ttl_seconds, key_id, any_ref FROM keyctl_trusts_v1";
    assert_eq!(
        rows(&sandbox, seen),
        format!(
            r#"deploy|https://gitlab.example.com|{ISSUER}|{{"project_id":"123","ref":"refs/heads/main"}}|900|{id}|0"#
        )
    );
    let log = sandbox.json(&["audit", "list"]).to_string();
    assert!(log.contains("trust.add") && log.contains("project_id"), "{log}");
    // A key with a token is shown by the one view alone.
    sandbox.ok(&["mint", "ci/other", "--scope", "deploy"]);
    assert_eq!(rows(&sandbox, "SELECT key_name FROM keyctl_tokens_v1"), "other");
    assert_eq!(rows(&sandbox, "SELECT key_name FROM keyctl_tokenless_v1"), "deploy");
    whole(&sandbox);
});

both!(an_id_and_a_ref_are_asked_for_unless_that_is_waived, |place| {
    let sandbox = Sandbox::with_store(place);
    let mut names = with(&["--claim", "ref=main"]);
    names[11] = "--claim=project_path=group/project";
    for (words, says, hint) in [
        (with(&[]), "no claim names a ref", "--any-ref"),
        (with(&["--claim", "environment=production"]), "no claim names a ref", "--any-ref"),
        (names.clone(), "register anew: add --claim project_id=", "--any-ref"),
        (with(&["--claim", "ref"]), "a claim is name=text", "--help"),
        (with(&["--claim", "aud=a"]), "see --audience", "--help"),
        (with(&["--claim", "project_id=4"]), "asked for twice", "as in --claim"),
        (with(&["--claim", "ref=a", "--ttl", "2h"]), "at most", "--help"),
        (with(&["--claim", "ref=a", "--jwks", "/nowhere"]), "/nowhere cannot be opened", "exists"),
    ] {
        let ran = sandbox.run(&words).expect_code(2);
        assert!(ran.stderr.contains(says) && ran.stderr.contains(hint), "{words:?}: {ran:?}");
    }
    let ran =
        sandbox.feed(&with(&["--claim", "ref=a", "--jwks", "-"]), r#"{"keys":[{"kty":"oct","k":"AA"}]}"#);
    assert!(ran.stderr.contains("has a private or a secret key (k)"), "{ran:?}");
    assert_eq!(rows(&sandbox, "SELECT COUNT(*) FROM key"), "0");
    let ran = sandbox.run(&[&names[..], &["--any-ref"]].concat()).expect_code(0);
    assert!(ran.stderr.contains("whoever registers a name anew"), "{ran:?}");
    assert!(ran.stderr.contains("ref_type=branch"), "{ran:?}");
    let ran = sandbox.run(&with(&["--claim", "ref=a"])).expect_code(4);
    assert!(ran.stderr.contains("the trust deploy exists already"), "{ran:?}");
    sandbox.ok(&["mint", "ci/taken", "--scope", "deploy"]);
    let mut taken = with(&["--claim", "ref=a"]);
    taken[2] = "taken";
    let ran = sandbox.run(&taken).expect_code(4);
    assert!(ran.stderr.contains("ci/taken exists already"), "{ran:?}");
    whole(&sandbox);
});

both!(what_decides_about_keys_reaches_one_without_a_token, |place| {
    let (sandbox, id) = trusting(place);
    sandbox.ok(&["role", "set", "reader", "--scope", "files:read"]);
    let seen = || rows(&sandbox, "SELECT owner, scopes, state, quota, kver FROM keyctl_tokenless_v1");
    for (words, expected) in [
        ("suspend ci/deploy", r#"ci|["deploy"]|suspended||2"#),
        ("resume ci/deploy", r#"ci|["deploy"]|active||2"#),
        ("edit ci/deploy --role reader", r#"ci|["deploy","files:read"]|active||2"#),
        ("role set reader --scope files:write", r#"ci|["deploy","files:write"]|active||3"#),
        ("scope add ci/deploy chat", r#"ci|["chat","deploy","files:write"]|active||3"#),
        ("scope remove ci/deploy chat", r#"ci|["deploy","files:write"]|active||4"#),
        ("owner rename ci pipelines", r#"pipelines|["deploy","files:write"]|active||4"#),
        ("owner set pipelines --quota 9/day", r#"pipelines|["deploy","files:write"]|active|9/day|5"#),
        ("owner disable pipelines --yes", r#"pipelines|["deploy","files:write"]|owner_disabled|9/day|6"#),
        ("owner enable pipelines", r#"pipelines|["deploy","files:write"]|active|9/day|6"#),
        ("edit pipelines/deploy --expires 1h", r#"pipelines|["deploy","files:write"]|active|9/day|7"#),
        ("revoke pipelines/deploy", r#"pipelines|["deploy","files:write"]|revoked|9/day|8"#),
    ] {
        sandbox.ok(&words.split(' ').collect::<Vec<_>>());
        assert_eq!(seen(), expected, "{words}");
        assert_eq!(rows(&sandbox, "SELECT COUNT(*) FROM keyctl_tokens_v1"), "0", "{words}");
        whole(&sandbox);
    }
    let trust = sandbox.json(&["trust", "show", "deploy"]);
    assert_eq!((&trust["key"]["state"], &trust["key"]["id"]), (&json!("revoked"), &json!(id)));
});

both!(a_key_without_a_token_gets_none_by_a_rotation, |place| {
    let (sandbox, _) = trusting(place);
    for more in [&[][..], &["--expires", "30d"], &["--finish-when-unused", "1h", "--serve-only"]] {
        let ran = sandbox.run(&[&["rotate", "ci/deploy"], more].concat());
        let (code, says) = if more.len() == 3 { (0, "no old token") } else { (4, "it has no token") };
        assert!(ran.code == Some(code) && ran.stderr.contains(says) && ran.stdout.is_empty(), "{ran:?}");
    }
    assert_eq!(sandbox.json(&["show", "ci/deploy"])["token"], Value::Null);
    sandbox.ok(&["edit", "ci/deploy", "--expires", "never"]);
    assert_eq!(sandbox.json(&["can", "ci/deploy", "deploy"])["allowed"], json!(true));
    whole(&sandbox);
});

both!(limits_that_let_no_job_in_are_warned_of, |place| {
    let (sandbox, _) = trusting(place);
    let edit = |more: &[&str]| sandbox.run(&[&["edit", "ci/deploy"], more].concat()).expect_code(0).stderr;
    for limit in [["--rate", "10/m"], ["--quota", "10/day"], ["--allow-ip", "10.0.0.0/8"]] {
        let said = edit(&limit);
        assert!(
            said.contains("gets no token while") && said.contains("edit ci/deploy --allow-jwt"),
            "{said}"
        );
        assert!(!edit(&[&limit[..], &["--allow-jwt"]].concat()).contains("gets no token while"));
        edit(&["--rate", "none", "--quota", "none", "--allow-ip", "any", "--no-allow-jwt"]);
    }
    assert!(!edit(&["--expires", "30d"]).contains("gets no token while"));
    // A key that has a token is used by itself.
    sandbox.ok(&["mint", "alice"]);
    let said = sandbox.run(&["edit", "alice", "--rate", "10/m"]).expect_code(0).stderr;
    assert!(!said.contains("gets no token while"), "{said}");
});

both!(a_trust_that_was_meant_is_said, |place| {
    let (sandbox, _) = trusting(place);
    for words in [&["trust", "show", "delpoy"][..], &["trust", "delete", "delpoy", "--yes"]] {
        let said = sandbox.run(words).expect_code(3).stderr;
        assert!(said.contains("there is no trust delpoy") && said.contains("did you mean deploy?"), "{said}");
    }
    assert!(!sandbox.run(&["trust", "show", "nothing-alike"]).expect_code(3).stderr.contains("did you mean"));
});

both!(the_end_of_a_trust_is_the_end_of_its_key, |place| {
    let (sandbox, id) = trusting(place);
    let ran = sandbox.run(&["trust", "delete", "deploy"]).expect_code(2);
    assert!(ran.stderr.contains("--yes"), "{ran:?}");
    sandbox.run(&["trust", "delete", "other", "--yes"]).expect_code(3);
    sandbox.ok(&["trust", "delete", "deploy", "--yes", "--dry-run"]);
    assert_eq!(rows(&sandbox, "SELECT state FROM keyctl_tokenless_v1"), "active");
    sandbox.ok(&["trust", "delete", "deploy", "--yes"]);
    assert_eq!(rows(&sandbox, "SELECT COUNT(*) FROM keyctl_trusts_v1"), "0");
    assert_eq!(rows(&sandbox, "SELECT key_id, state FROM keyctl_tokenless_v1"), format!("{id}|revoked"));
    let key = sandbox.json(&["show", &id]);
    assert_eq!(key["revoke_reason"], "the trust deploy was deleted");
    whole(&sandbox);
    // The name is free again, of the key and of the trust.
    sandbox.ok(&with(&["--claim", "ref=main", "--claim", "ref_type=branch"]));
    // Whose key was revoked before ends without another revocation.
    sandbox.ok(&["revoke", "ci/deploy", "--reason", "leaked"]);
    sandbox.ok(&["trust", "delete", "deploy", "--yes"]);
    assert_eq!(rows(&sandbox, "SELECT COUNT(*) FROM key WHERE revoke_reason = 'leaked'"), "1");
    whole(&sandbox);
});

both!(what_stands_in_the_place_of_a_hash_is_no_token, |place| {
    let (sandbox, id) = trusting(place);
    let stored = rows(&sandbox, "SELECT token_hash FROM token");
    assert_eq!(stored, format!("{id:-<64}"));
    let prefix = format!("key_{}", &id[18..]);
    for text in [stored.as_str(), &id, &prefix, &format!("none:{id}"), "none", ""] {
        let (code, answer) = sandbox.verify(text, &[]);
        assert!(code != Some(0) && answer["allowed"] != true, "{text}: {answer}");
    }
    // No import gives a key that hash, and no other key gets it.
    std::fs::write(sandbox.home().join("keys.csv"), format!("hash,owner\n{stored},mallory\n"))
        .expect("written");
    sandbox.run(&["import", "csv", "keys.csv"]).expect_code(2);
    assert_eq!(rows(&sandbox, "SELECT COUNT(*) FROM token"), "1");
});

both!(store_check_finds_trusts_that_nobody_added, |place| {
    let (sandbox, id) = trusting(place);
    let finds = |change: &str, back: &str, found: &str| {
        rows(&sandbox, change);
        let ran = sandbox.run(&["store", "check"]);
        assert!(ran.code == Some(7) && ran.stdout.contains(found), "{change}: {ran:?}");
        rows(&sandbox, back);
        whole(&sandbox);
    };
    for (column, other) in [
        ("issuer", "'https://evil.example.com'"),
        ("audience", "'https://evil.example.com'"),
        ("claims", r#"'{"project_id":"124","ref":"refs/heads/main"}'"#),
        ("any_ref", "1"),
        ("ttl_seconds", "3600"),
    ] {
        let before = rows(&sandbox, &format!("SELECT {column} FROM trust"));
        let before = if column.starts_with("any") || column.starts_with("ttl") {
            before
        } else {
            format!("'{before}'")
        };
        finds(
            &format!("UPDATE trust SET {column} = {other}"),
            &format!("UPDATE trust SET {column} = {before}"),
            &format!("trust deploy: {column} is"),
        );
    }
    finds("UPDATE trust SET name = 'more'", "UPDATE trust SET name = 'deploy'", "trust deploy is missing");
    // A hash in the place of none would let in whoever has the token of it.
    let hash = "a".repeat(64);
    finds(
        &format!("UPDATE token SET token_hash = '{hash}'"),
        &format!("UPDATE token SET token_hash = '{id:-<64}'"),
        "token is \"key_",
    );
    finds(
        &format!("UPDATE token SET token_hash = '{id:+<64}'"),
        &format!("UPDATE token SET token_hash = '{id:-<64}'"),
        "has a row without a token that no change made",
    );
});

// A key that had a token when one was issued for it has none any more: what a pipeline's token is.
both!(a_short_lived_token_of_a_key_without_a_token_is_verified, |place| {
    let (sandbox, token) = furnished(place);
    let jwt = keyed(&sandbox, "jwt issue", &token).expect_code(0).stdout;
    rows(&sandbox, "UPDATE token SET token_hash = key_id || '----------------------------------'");
    sandbox.run(&["verify"]);
    assert_eq!(judged(&sandbox, &jwt, " --scope chat"), (Some(0), String::new()));
    keyed(&sandbox, "jwt issue", &token).expect_code(5);
    sandbox.ok(&["revoke", "alice"]);
    assert_eq!(judged(&sandbox, &jwt, ""), (Some(5), "version".to_owned()));
});
