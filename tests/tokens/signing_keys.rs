//! The life of signing keys, by the command line.

use serde_json::Value;

use super::{ISSUER, furnished, json, judged, keyed};
use crate::secrets::{KEY, OTHER, run_with};
use crate::support::both;
use crate::support::cli::Sandbox;

fn states(sandbox: &Sandbox) -> Vec<(String, String)> {
    let keys = sandbox.json(&["signing-key", "list"]);
    let text = |key: &Value, name: &str| key[name].as_str().expect(name).to_owned();
    keys.as_array().expect("keys").iter().map(|key| (text(key, "kid"), text(key, "state"))).collect()
}

fn words(sandbox: &Sandbox) -> String {
    states(sandbox).into_iter().map(|(_, state)| state).collect::<Vec<_>>().join(" ")
}

/// What is sealed under each master key: versions of secrets, and signing keys.
fn sealed(sandbox: &Sandbox) -> Vec<(i64, i64)> {
    let keys = sandbox.json(&["master", "status"]);
    let count = |key: &Value, name: &str| key[name].as_i64().expect(name);
    keys.as_array()
        .expect("keys")
        .iter()
        .map(|key| (count(key, "versions"), count(key, "signing_keys")))
        .collect()
}

/// Whether each signing key opens with this master key.
fn checked(sandbox: &Sandbox, key: &str) -> (Option<i32>, String) {
    let ran = run_with(sandbox, &[("KEYCTL_MASTER_KEY", key)], &["master", "check", "-o", "json"], "");
    let rows: Vec<Value> = serde_json::from_str(&ran.stdout).expect("rows");
    let ids: Vec<&str> = rows.iter().filter_map(|row| row["signing_key"].as_str()).collect();
    assert_eq!(ids, states(sandbox).iter().map(|(kid, _)| kid).collect::<Vec<_>>());
    let results = rows.iter().filter_map(|row| row["result"].as_str());
    (ran.code, results.collect::<Vec<_>>().join(" "))
}

/// As if the keys that there are had been published so much earlier.
fn age(sandbox: &Sandbox, minutes: i64, which: &str) {
    let sql = format!(
        "UPDATE signing_key SET may_sign_at = may_sign_at - {0}, published_at = published_at - {0} WHERE {which}",
        minutes * 60_000
    );
    sandbox.place.sql(&sql).expect("aged");
}

both!(a_next_key_is_published_five_minutes_before_it_signs, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["store", "set", "issuer", ISSUER]);
    let ran = sandbox.run(&["signing-key", "rotate"]).expect_code(8);
    assert!(ran.stderr.contains("there is no master key"), "{ran:?}");
    let first = keyed(&sandbox, "signing-key rotate", "").expect_code(0);
    assert!(first.stderr.contains("may refuse new tokens until"), "{first:?}");
    assert_eq!(words(&sandbox), "signing next");
    let refused = keyed(&sandbox, "signing-key rotate", "").expect_code(4);
    assert!(refused.stderr.contains("may sign from 20"), "{refused:?}");
    assert_eq!(words(&sandbox), "signing next");
    let (_, next) = (&states(&sandbox)[0], states(&sandbox)[1].0.clone());
    age(&sandbox, 10, "signs_until IS NULL");
    let rehearsed = keyed(&sandbox, "signing-key rotate --dry-run", "").expect_code(0);
    assert!(rehearsed.stderr.contains("dry run"), "{rehearsed:?}");
    assert_eq!(words(&sandbox), "signing next");
    let turned = json(&sandbox, "signing-key rotate", "");
    assert_eq!((turned["signs"].as_str(), turned["unknown_until"].as_str()), (Some(next.as_str()), None));
    assert_eq!(words(&sandbox), "verifying signing next");
    // What signs no more has no private part.
    let sealed = "SELECT COUNT(*) FROM signing_key WHERE envelope IS NOT NULL";
    assert_eq!(sandbox.place.sql(sealed).expect("a count"), "2");
    // By the log, they were published when they were.
    age(&sandbox, -10, "signs_from IS NOT NULL");
    sandbox.ok(&["store", "check"]);
});

both!(what_is_rehearsed_names_no_key_that_will_never_be, |place| {
    let sandbox = Sandbox::with_store(place);
    let rehearsed = |words: &str| {
        let said = keyed(&sandbox, &format!("{words} --dry-run"), "").expect_code(0).stderr;
        assert!(said.contains("dry run") && said.contains("nothing was changed"), "{said}");
        let known: Vec<String> = states(&sandbox).into_iter().map(|(kid, _)| kid).collect();
        // Of 256 bits in base64.
        let is_kid = |word: &&str| word.len() == 43;
        let named: Vec<&str> =
            said.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').filter(is_kid).collect();
        assert!(named.iter().all(|kid| known.iter().any(|known| known == kid)), "{said}");
        let answer = json(&sandbox, &format!("{words} --dry-run"), "");
        let kids = ["signs", "next", "before"].into_iter().filter_map(|name| answer[name].as_str());
        assert!(kids.into_iter().all(|kid| known.iter().any(|known| known == kid)), "{answer}");
        (named.len(), answer)
    };
    let (named, answer) = rehearsed("signing-key rotate");
    assert_eq!((named, &answer["signs"], &answer["next"]), (0, &Value::Null, &Value::Null));
    keyed(&sandbox, "signing-key rotate", "").expect_code(0);
    age(&sandbox, 10, "signs_until IS NULL");
    let keys = states(&sandbox);
    let (signing, next) = (keys[0].0.as_str(), keys[1].0.as_str());
    let (_, answer) = rehearsed("signing-key rotate");
    assert_eq!(
        (&answer["signs"], &answer["next"], &answer["before"]),
        (&next.into(), &Value::Null, &signing.into())
    );
    let (_, answer) = rehearsed(&format!("signing-key revoke {signing}"));
    assert_eq!((&answer["signs"], &answer["next"]), (&next.into(), &Value::Null));
    let (_, answer) = rehearsed(&format!("signing-key revoke {next}"));
    assert_eq!((&answer["signs"], &answer["next"]), (&signing.into(), &Value::Null));
    assert_eq!(words(&sandbox), "signing next");
});

both!(a_revoked_key_is_out_at_once_and_the_next_one_signs, |place| {
    let (sandbox, token) = furnished(place);
    let jwt = keyed(&sandbox, "jwt issue", &token).expect_code(0).stdout;
    assert_eq!(judged(&sandbox, &jwt, ""), (Some(0), String::new()));
    let keys = states(&sandbox);
    let (signing, next) = (&keys[0].0, &keys[1].0);
    let unasked = keyed(&sandbox, &format!("signing-key revoke {signing}"), "").expect_code(2);
    assert!(unasked.stderr.contains("add --yes"), "{unasked:?}");
    let revoked = keyed(&sandbox, &format!("signing-key revoke {signing} --yes"), "").expect_code(0);
    for said in ["within 5 s", "until they are restarted", "may refuse new tokens until"] {
        assert!(revoked.stderr.contains(said), "{said}: {revoked:?}");
    }
    assert_eq!(words(&sandbox), "revoked signing next");
    assert_eq!(&states(&sandbox)[1].0, next);
    assert_eq!(judged(&sandbox, &jwt, ""), (Some(5), "signing_key".to_owned()));
    let fresh = keyed(&sandbox, "jwt issue", &token).expect_code(0).stdout;
    assert_eq!(judged(&sandbox, &fresh, ""), (Some(0), String::new()));
    let again = keyed(&sandbox, &format!("signing-key revoke {signing} --yes"), "").expect_code(0);
    assert!(again.stderr.contains("already"), "{again:?}");
    // The next one, which never signed: another is published.
    let next = states(&sandbox)[2].0.clone();
    keyed(&sandbox, &format!("signing-key revoke {next} --yes"), "").expect_code(0);
    assert_eq!(words(&sandbox), "revoked signing revoked next");
    assert_eq!(judged(&sandbox, &fresh, ""), (Some(0), String::new()));
    let unknown = format!("signing-key revoke {} --yes", "A".repeat(43));
    keyed(&sandbox, &unknown, "").expect_code(3);
    keyed(&sandbox, "signing-key revoke ../../etc/passwd --yes", "").expect_code(2);
    sandbox.ok(&["store", "check"]);
});

both!(a_key_that_somebody_put_into_the_database_is_found, |place| {
    let (sandbox, _) = furnished(place);
    let planted = format!(
        "INSERT INTO signing_key (kid, x, y, created_at, published_at, may_sign_at, signs_from, signs_until, tokens_end_at)
         VALUES ('{0}', '{0}', '{0}', 1, 1, 1, 1, 1, 9000000000000)",
        "A".repeat(43)
    );
    sandbox.place.sql(&planted).expect("planted");
    let ran = sandbox.run(&["store", "check"]).expect_code(7);
    assert!(ran.stdout.contains("is in no record of the audit log"), "{ran:?}");
    assert!(ran.stdout.contains("is another one than its id says"), "{ran:?}");
});

both!(another_master_key_seals_the_signing_keys_too, |place| {
    let (sandbox, token) = furnished(place);
    assert_eq!(sealed(&sandbox), [(0, 2)]);
    assert_eq!(checked(&sandbox, KEY), (Some(0), "opens opens".to_owned()));
    assert_eq!(checked(&sandbox, OTHER), (Some(8), "wrong-key wrong-key".to_owned()));
    let variables = [("KEYCTL_MASTER_KEY", OTHER), ("KEYCTL_MASTER_KEY_PREVIOUS", KEY)];
    run_with(&sandbox, &variables, &["master", "rotate", "--yes"], "").expect_code(0);
    assert_eq!(sealed(&sandbox), [(0, 0), (0, 2)]);
    assert_eq!(checked(&sandbox, OTHER), (Some(0), "opens opens".to_owned()));
    let ran = run_with(&sandbox, &[("KEYCTL_MASTER_KEY", OTHER)], &["jwt", "issue"], &token).expect_code(0);
    assert_eq!(judged(&sandbox, &ran.stdout, ""), (Some(0), String::new()));
    keyed(&sandbox, "jwt issue", &token).expect_code(8);
    sandbox.ok(&["store", "check"]);
});

both!(an_envelope_that_was_moved_to_another_key_does_not_open, |place| {
    let (sandbox, token) = furnished(place);
    sandbox
        .place
        .sql(
            "UPDATE signing_key SET envelope = (SELECT n.envelope FROM signing_key n WHERE n.signs_from IS NULL)
             WHERE signs_from IS NOT NULL",
        )
        .expect("moved");
    let ran = keyed(&sandbox, "jwt issue", &token).expect_code(8);
    assert!(ran.stderr.contains("does not open"), "{ran:?}");
    assert_eq!(checked(&sandbox, KEY), (Some(8), "corrupt opens".to_owned()));
    // It is left as it is, and with it the old master key.
    let variables = [("KEYCTL_MASTER_KEY", OTHER), ("KEYCTL_MASTER_KEY_PREVIOUS", KEY)];
    let ran = run_with(&sandbox, &variables, &["master", "rotate", "--yes"], "").expect_code(8);
    let moved = &states(&sandbox)[0].0;
    assert!(ran.stderr.contains(&format!("signing key {moved}; the master key")), "{ran:?}");
    assert_eq!(sealed(&sandbox), [(0, 1), (0, 1)]);
});
