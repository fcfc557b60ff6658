//! The store's policy: every way of making or changing keys obeys it, and what there was before stays.

use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::runner::{Case, Effect, case, check};

/// Refused by the policy, with a record of that and no other change.
fn forbidden(words: &str, rule: &str, hint: &str) -> Case {
    let says = format!("the store's policy forbids it: {rule}");
    case(words, words).fails(5, &says, hint).leaves(Effect::Refusal)
}

/// Found before anything is done, at its place in the manifest.
fn declared(rule: &str) -> Case {
    let says = format!("the store's policy forbids it: {rule}");
    case(rule, "apply -f - --yes").fails(5, &says, "keyctl policy show").says(":1:30: key dora/k")
}

fn csv(rows: &[&str]) -> String {
    let row = |(number, row): (usize, &&str)| {
        let hash: String =
            Sha256::digest(format!("token {number}")).iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{row},{hash}\n")
    };
    let rows: String = rows.iter().enumerate().map(row).collect();
    format!("owner,scopes,expires_at,hash\n{rows}")
}

const FULL: &str =
    "policy set --max-expiry 365d --require-scope --max-live-keys-per-owner 2 --prefixes acme,acme_test";

both!(every_way_of_making_or_changing_keys_obeys_the_policy, |place| {
    let sandbox = Sandbox::with_store(place);
    let run = |words: &str| sandbox.ok(&words.split_whitespace().collect::<Vec<_>>());
    run("store set issuer https://keys.example.com");
    run("role set reader --scope memories:read");
    run(FULL);
    run("mint alice --scope memories --expires 365d");
    run("mint alice/two --role reader");
    run("mint alice/child --parent alice/default --scope memories");
    run("mint ends --scope memories --expires 1s");
    let manifest =
        |key: &str| format!("{{manifest: m, keys: {{dora/k: {{{key}, sinks: [{{file: dora}}]}}}}}}");
    let mem0 = r#"API_KEYS={"m0-0a1b2c3d4e5f60718293a4b5c6d7e8f9": "carol"}"#;
    check(
        &sandbox,
        vec![
            forbidden("mint bob --scope a --expires never", "max-expiry", "--expires 365d"),
            forbidden("mint bob --scope a --expires 366d", "max-expiry", "--expires 365d"),
            forbidden("mint bob", "require-scope", "--scope"),
            forbidden("mint bob --scope a --prefix sks", "prefixes", "--prefix acme"),
            forbidden(
                "mint alice/three --scope a",
                "max-live-keys-per-owner lets an owner have 2",
                "keyctl list alice",
            ),
            forbidden("edit alice/default --expires never", "max-expiry", "--expires 365d"),
            forbidden("edit alice/two --role none", "require-scope", "keyctl suspend"),
            forbidden("scope remove alice/default memories", "require-scope", "--scope"),
            forbidden("scope set alice/default --none", "require-scope", "--scope"),
            forbidden("rotate alice/default --expires 400d", "max-expiry", "--expires 365d"),
            forbidden("rotate alice/default --prefix sks", "prefixes", "--prefix acme"),
            forbidden(
                "trust add t --issuer https://gitlab.com --audience https://keys.example.com --claim project_id=1 \
                 --claim ref=refs/heads/main --owner alice --scope a",
                "max-live-keys-per-owner",
                "keyctl list alice",
            ),
            forbidden("import mem0 - --scope m --expires never", "max-expiry", "--expires 365d").input(mem0),
            forbidden("import mem0 -", "require-scope", "--scope").input(mem0),
            forbidden("import mem0 - --remint --scope m --expires 2y", "max-expiry", "--expires").input(mem0),
            case("rows", "import csv -")
                .input(csv(&["bob,a,never", "bob,,", "alice,a,"]))
                .fails(5, "line 2", "keyctl policy show")
                .says("line 3")
                .says("line 4")
                .leaves(Effect::Refusal),
            case("too many of the file itself", "import csv -")
                .input(csv(&["bob,a,", "bob,a,", "bob,a,"]))
                .fails(5, "line 4", "keyctl policy show")
                .leaves(Effect::Refusal),
            declared("max-expiry").input(manifest("scopes: [a], expires: never")),
            declared("require-scope").input(manifest("scopes: []")),
            declared("prefixes").input(manifest("scopes: [a], prefix: sks")),
            case("one too many", "apply -f - --yes")
                .fails(5, "the store's policy forbids it: max-live-keys-per-owner", "keyctl policy show")
                .input("{manifest: m, keys: {alice/k: {scopes: [a], sinks: [{file: k}]}}}"),
        ],
    );
    // A child is one more of nobody, and what only takes away, or names, is never refused.
    run("edit alice/child --label team=b");
    run("mint alice/child2 --parent alice/default --scope memories");
    run("suspend alice/two");
    run("resume alice/two");
    run("revoke alice/two");
    run("mint alice/three --scope a");
    run("store check");
});

both!(a_key_that_is_renewed_counts_again, |place| {
    let sandbox = Sandbox::with_store(place);
    let run = |words: &str| sandbox.ok(&words.split_whitespace().collect::<Vec<_>>());
    run("mint alice/old --scope a");
    sandbox
        .place
        .sql("UPDATE keyctl.key SET expires_at = 1")
        .or_else(|_| sandbox.place.sql("UPDATE key SET expires_at = 1"))
        .unwrap();
    run("policy set --max-live-keys-per-owner 1");
    run("mint alice/new --scope a");
    check(
        &sandbox,
        vec![forbidden("rotate alice/old --expires 30d", "max-live-keys-per-owner", "keyctl list alice")],
    );
});

both!(what_nobody_asked_for_is_made_to_fit_and_said, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "a"]);
    sandbox.ok(&["mint", "erin", "--scope", "a"]);
    let manifest =
        |sinks: &str| format!("{{manifest: m, keys: {{dora/k: {{scopes: [a], sinks: [{sinks}]}}}}}}");
    let apply = ["apply", "-f", "-", "--yes"];
    sandbox.feed(&apply, &manifest("{file: dora}")).expect_code(0);
    sandbox.ok(&["policy", "set", "--max-expiry", "30d", "--prefixes", "acme_live,acme_test"]);
    let ran = sandbox.run(&["mint", "bob", "--scope", "a"]).expect_code(0);
    assert!(ran.stderr.contains("lets keys live 30d at most"), "{}", ran.stderr);
    assert!(ran.stdout.starts_with("acme_live_"), "{}", ran.stdout);
    let key = sandbox.json(&["show", "bob"]);
    let (made, ends) = (&key["created_at"], &key["expires_at"]);
    let seconds = |time: &serde_json::Value| {
        keyctl::domain::time::Timestamp::parse(time.as_str().unwrap()).unwrap().as_millis() / 1000
    };
    assert_eq!(seconds(ends) - seconds(made), 30 * 86_400);
    // The token of before began with another one; its key goes on under one that is allowed.
    assert!(sandbox.ok(&["rotate", "alice"]).starts_with("acme_live_"));
    assert!(sandbox.ok(&["rotate", "alice", "--prefix", "acme_test"]).starts_with("acme_test_"));
    let many = sandbox.ok(&["rotate", "--owner", "erin", "--yes", "-o", "plain"]);
    assert!(many.starts_with("erin/default\tacme_live_"), "{many}");
    sandbox.feed(&apply, &manifest("{file: dora}, {file: more}")).expect_code(0);
    let delivered = std::fs::read_to_string(sandbox.home().join("more")).expect("a token");
    assert!(delivered.starts_with("acme_live_"), "its key goes on, too");
});

both!(keys_of_before_stay_and_are_counted, |place| {
    let sandbox = Sandbox::with_store(place);
    let run = |words: &str| sandbox.ok(&words.split_whitespace().collect::<Vec<_>>());
    for words in ["mint alice --expires never", "mint alice/b --scope a", "mint bob --scope a --prefix acme"]
    {
        run(words);
    }
    run("mint alice/gone --expires never");
    run("revoke alice/gone");
    let set = "policy set --max-expiry 365d --require-scope --require-expiry --max-live-keys-per-owner 1 --prefixes acme";
    let words: Vec<&str> = set.split_whitespace().collect();
    let ran = sandbox.run(&words).expect_code(0);
    let says = "breaks: max-expiry 1 key, require-scope 1 key, require-expiry 1 key, max-live-keys-per-owner 1 owner, \
                prefixes 2 keys; see keyctl policy check";
    assert!(ran.stderr.contains(says), "{}", ran.stderr);
    let found = |rule: &str, kind: &str, first: &[&str]| json!({ "rule": rule, "kind": kind, "count": first.len(), "first": first });
    let expected = json!([
        found("max-expiry", "key", &["alice/default"]),
        found("require-scope", "key", &["alice/default"]),
        found("require-expiry", "key", &["alice/default"]),
        found("max-live-keys-per-owner", "owner", &["alice"]),
        found("prefixes", "key", &["alice/b", "alice/default"]),
    ]);
    assert_eq!(sandbox.json(&["policy", "check"]), expected);
    sandbox.run(&["policy", "check", "--exit-code"]).expect_code(10);
    // They can be changed in all that a rule says nothing of, and rotated.
    run("edit alice/default --label team=a --name laptop --rate 10/m");
    run("rotate alice/laptop");
    run("policy unset max-expiry require-scope require-expiry max-live-keys-per-owner prefixes");
    sandbox.run(&["policy", "check", "--exit-code"]).expect_code(0);
    run("mint alice/free --expires never");
    run("store check");
});

both!(the_policy_is_shown_set_rule_by_rule_and_held_against_the_log, |place| {
    let sandbox = Sandbox::with_store(place);
    let run = |words: &str| sandbox.ok(&words.split_whitespace().collect::<Vec<_>>());
    run("policy set --max-expiry 365d");
    run("policy set --prefixes acme_live,acme_test --require-scope");
    let shown = json!({
        "max_expiry_seconds": 31_536_000, "require_scope": true, "require_expiry": false,
        "max_live_keys_per_owner": null, "prefixes": ["acme_live", "acme_test"],
    });
    assert_eq!(sandbox.json(&["policy", "show"]), shown);
    check(
        &sandbox,
        vec![
            case("tried", "policy set --max-live-keys-per-owner 3 --dry-run").says("dry run: would set"),
            case("so already", "policy set --require-scope").says("so already"),
            case("nothing", "policy set").fails(2, "no rule is named", "--help"),
            case("zero", "policy set --max-expiry 0").fails(2, "would let no key be made", "365d"),
            case("none", "policy set --max-live-keys-per-owner 0").fails(2, "0", "--help"),
            case("a rule that is none", "policy unset max-age").fails(2, "max-live-keys-per-owner", "--help"),
            case("that of what was imported", "policy set --prefixes acme,foreign").fails(
                2,
                "marks tokens that were imported",
                "acme",
            ),
            case("a wrong prefix", "policy set --prefixes Acme").fails(2, "Acme", "--help"),
        ],
    );
    assert_eq!(sandbox.json(&["policy", "show"]), shown);
    run("store check");
    let set = "SET require_scope = 0 WHERE id = 1";
    let changed = sandbox.place.sql(&format!("UPDATE keyctl.head {set}"));
    changed.or_else(|_| sandbox.place.sql(&format!("UPDATE head {set}"))).unwrap();
    let found = sandbox.run(&["store", "check"]).expect_code(7);
    assert!(
        found.stdout.contains("the store's policy") && found.stdout.contains("require_scope"),
        "{}",
        found.stdout
    );
});
