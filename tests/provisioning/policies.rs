//! The store's policy, in manifests: declared, and held against all that a plan would change.

use serde_json::json;

use super::{TEAM, apply, declare, read};
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::store::Place;

const POLICY: &str = "policy:\n  max_expiry: 365d\n  require_scope: true\n  require_expiry: true\n  max_live_keys_per_owner: 20\n  \
                      prefixes: [acme, acme_test]\n";

both!(a_policy_is_declared_set_before_all_else_and_dumped_again, |place| {
    let sandbox = Sandbox::with_store(place);
    declare(&sandbox, &format!("{TEAM}{POLICY}"));
    let plan = sandbox.json(&["plan", "-f", "keys.yaml"]);
    let first = &plan["changes"][0];
    assert_eq!((&first["object"], &first["name"]), (&json!("policy"), &json!(null)), "{plan}");
    let expected = json!({
        "max_expiry": [null, "365d"], "require_scope": [false, true], "require_expiry": [false, true],
        "max_live_keys_per_owner": [null, 20], "prefixes": [[], ["acme", "acme_test"]],
    });
    assert_eq!(first["changes"], expected);
    let done = sandbox.json(&["apply", "-f", "keys.yaml", "--yes"]);
    assert_eq!(done["counts"], json!({ "change": 1, "create": 4 }), "{done}");
    // The keys of the same change are held to it.
    assert!(read(&sandbox, "tokens/alice").starts_with("acme_"));
    assert_ne!(sandbox.json(&["show", "bob/ci"])["expires_at"], json!(null));
    let shown = json!({
        "max_expiry_seconds": 31_536_000, "require_scope": true, "require_expiry": true,
        "max_live_keys_per_owner": 20, "prefixes": ["acme", "acme_test"],
    });
    assert_eq!(sandbox.json(&["policy", "show"]), shown);
    let records = sandbox.json(&["audit", "list", "--action", "policy.set"]);
    assert_eq!(records.as_array().map(Vec::len), Some(1), "{records}");
    sandbox.ok(&["store", "check"]);

    let dumped = sandbox.ok(&["dump", "--name", "all"]);
    declare(&sandbox, &format!("{dumped}\n"));
    sandbox.run(&["plan", "-f", "keys.yaml", "--exit-code"]).expect_code(0);
    assert_eq!(sandbox.json(&["apply", "-f", "keys.yaml", "--yes"])["counts"], json!({}), "{dumped}");
    assert_eq!(sandbox.json(&["policy", "show"]), shown);

    // What is not named stays; what is null, false or empty is taken away.
    declare(&sandbox, &format!("{TEAM}policy: {{max_expiry: null, require_expiry: false, prefixes: []}}\n"));
    apply(&sandbox);
    let shown = json!({
        "max_expiry_seconds": null, "require_scope": true, "require_expiry": false,
        "max_live_keys_per_owner": 20, "prefixes": [],
    });
    assert_eq!(sandbox.json(&["policy", "show"]), shown);
    declare(&sandbox, TEAM);
    sandbox.run(&["plan", "-f", "keys.yaml", "--exit-code"]).expect_code(0);
    // Where only keys are looked at, the policy is not.
    declare(&sandbox, &format!("{TEAM}{POLICY}"));
    sandbox.run(&["plan", "-f", "keys.yaml", "--select", "team=search", "--exit-code"]).expect_code(0);
});

both!(a_note_is_declared_changed_taken_away_and_left_alone, |place| {
    let sandbox = Sandbox::with_store(place);
    let noted =
        |note: &str| TEAM.replace("    rate: 600/m\n", &format!("    rate: 600/m\n    note: {note}\n"));
    declare(&sandbox, &noted("the nightly import; ask Ana"));
    apply(&sandbox);
    let note = || sandbox.json(&["show", "alice/default"])["note"].clone();
    assert_eq!(note(), json!("the nightly import; ask Ana"));
    sandbox.run(&["plan", "-f", "keys.yaml", "--exit-code"]).expect_code(0);
    declare(&sandbox, &noted("ask Bo"));
    let plan = sandbox.json(&["plan", "-f", "keys.yaml"]);
    let changes = json!({ "note": ["the nightly import; ask Ana", "ask Bo"] });
    assert_eq!(plan["changes"][0]["changes"], changes, "{plan}");
    apply(&sandbox);
    assert_eq!(note(), json!("ask Bo"));
    // It decides nothing: where the manifest says nothing of it, it is people's.
    declare(&sandbox, TEAM);
    sandbox.run(&["plan", "-f", "keys.yaml", "--exit-code"]).expect_code(0);
    declare(&sandbox, &noted("''"));
    apply(&sandbox);
    assert_eq!(note(), json!(null));
    let log = sandbox.ok(&["audit", "list", "--limit", "0", "-o", "jsonl"]);
    assert!(!log.contains("Ana") && !log.contains("ask Bo"), "the log keeps no note: {log}");
    declare(&sandbox, &noted("ANTHROPIC_API_KEY=sk-ant-api03-0123456789abcdefghij"));
    let ran = sandbox.run(&["plan", "-f", "keys.yaml"]).expect_code(2);
    assert!(ran.stderr.contains("keys.yaml:") && !ran.stderr.contains("0123456789"), "{}", ran.stderr);
    sandbox.ok(&["store", "check"]);
});

const KEYS: &str = "manifest: m
keys:
  a/longer: {scopes: [a], expires: 20d, sinks: [{file: tokens/1}]}
  a/bare: {scopes: [a], expires: 20d, sinks: [{file: tokens/2}]}
  a/turned: {scopes: [a], expires: 20d, sinks: [{file: tokens/3}]}
  a/other: {scopes: [a], expires: 20d, sinks: [{file: tokens/4}]}
";

both!(all_that_the_policy_forbids_is_named_before_anything_is_changed, |place| {
    let sandbox = Sandbox::with_store(place);
    declare(&sandbox, KEYS);
    apply(&sandbox);
    let rules = "policy set --max-expiry 30d --require-scope --max-live-keys-per-owner 4 --prefixes sks,acme";
    sandbox.ok(&rules.split(' ').collect::<Vec<_>>());
    sandbox.run(&["plan", "-f", "keys.yaml", "--exit-code"]).expect_code(0);
    let wrong = KEYS
        .replace("a/longer: {scopes: [a], expires: 20d", "a/longer: {scopes: [a], expires: 2099-01-01")
        .replace("a/bare: {scopes: [a]", "a/bare: {scopes: []")
        .replace(
            "a/turned: {scopes: [a], expires: 20d, sinks: [",
            "a/turned: {scopes: [a], expires: 60d, prefix: ours, sinks: [{file: tokens/more}, ",
        )
        .replace("a/other: {", "a/other: {rate: 5/s, ");
    let wrong = format!(
        "{wrong}  a/new: {{scopes: [a], sinks: [{{file: tokens/5}}]}}\n  a/child: {{parent: a/other, scopes: [a], sinks: \
         [{{file: tokens/6}}]}}\ntrusts:\n  deploy:\n    issuer: https://gitlab.com\n    audience: https://keys.example.com\n    \
         claims: {{project_id: \"123\", ref: main}}\n    owner: ci\n    expires: never\n"
    );
    declare(&sandbox, &wrong);
    let state = || (sandbox.json(&["list"]), sandbox.json(&["audit", "checkpoint"])["anchor"].clone());
    let before = state();
    for args in [&["plan", "-f", "keys.yaml"][..], &["apply", "-f", "keys.yaml", "--yes"]] {
        let ran = sandbox.run(args).expect_code(5);
        let named: Vec<&str> = ran
            .stderr
            .lines()
            .filter_map(|line| {
                line.trim_start_matches("error: ").split_once(": the store's policy forbids it: ")
            })
            .map(|(place, rule)| (place, rule.split(' ').next().unwrap_or_default()))
            .flat_map(|(place, rule)| [place, rule])
            .collect();
        let expected = [
            ["keys.yaml:3:13: key a/longer", "max-expiry"],
            ["keys.yaml:4:11: key a/bare", "require-scope"],
            ["keys.yaml:5:13: key a/turned", "max-expiry"],
            ["keys.yaml:5:13: key a/turned", "prefixes"],
            ["keys.yaml:7:10: key a/new", "max-live-keys-per-owner"],
            ["keys.yaml:11:5: trust deploy", "max-expiry"],
            ["keys.yaml:11:5: trust deploy", "require-scope"],
        ];
        assert_eq!(named, expected.concat(), "all of it, and nothing that may be: {}", ran.stderr);
        assert!(ran.stderr.contains("nothing was changed"), "{}", ran.stderr);
        assert!(ran.stderr.contains("keyctl policy show"), "{}", ran.stderr);
    }
    assert_eq!(state(), before);

    // A key may come from a scope to a role: in no moment has it neither.
    let role =
        KEYS.replace("a/bare: {scopes: [a]", "a/bare: {roles: [reader]") + "roles: {reader: {scopes: [b]}}\n";
    declare(&sandbox, &role);
    apply(&sandbox);
    assert_eq!(sandbox.json(&["show", "a/bare"])["scopes"], json!([]));
    sandbox.ok(&["store", "check"]);
});

// The rule is the one that is declared.
both!(a_key_that_has_expired_counts_once_it_is_renewed, |place| {
    let sandbox = Sandbox::with_store(place);
    declare(&sandbox, &KEYS.replace("20d", "1s"));
    apply(&sandbox);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    declare(&sandbox, &format!("{KEYS}policy: {{max_live_keys_per_owner: 3}}\n"));
    let ran = sandbox.run(&["plan", "-f", "keys.yaml"]).expect_code(5);
    let says = "key a/turned: the store's policy forbids it: max-live-keys-per-owner lets an owner have 3 live keys, and a has 3";
    assert!(ran.stderr.contains(says), "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("forbids it").count(), 1, "{}", ran.stderr);
    declare(&sandbox, &format!("{KEYS}policy: {{max_live_keys_per_owner: 4}}\n"));
    apply(&sandbox);
    sandbox.run(&["plan", "-f", "keys.yaml", "--exit-code"]).expect_code(0);
});

/// A plan may be made where its tokens never come to: it is one, and says what apply would refuse.
#[test]
fn a_plan_says_which_sinks_could_not_be_written_from_here() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let wrong =
        TEAM.replace("{file: tokens/bob}", "{command: missing}, {file: nowhere/x}, {file: tokens/bob}");
    declare(&sandbox, &wrong);
    let ran = sandbox.run(&["plan", "-f", "keys.yaml", "--exit-code"]).expect_code(10);
    for says in [
        "key bob/ci: command:missing: the configuration file has no such command",
        "key bob/ci: file:nowhere/x: ",
        "keyctl apply would refuse that here: 2 sinks",
    ] {
        assert!(ran.stderr.contains(says), "{says}: {}", ran.stderr);
    }
    assert!(!ran.stderr.contains("tokens/bob: "), "{}", ran.stderr);
    let ran = sandbox.run(&["apply", "-f", "keys.yaml", "--yes"]).expect_code(2);
    assert!(ran.stderr.contains("command:missing"), "{}", ran.stderr);
    // Below another folder, as apply is told.
    std::fs::create_dir_all(sandbox.home().join("there/tokens")).expect("folder");
    std::fs::create_dir_all(sandbox.home().join("there/nowhere")).expect("folder");
    let root = ["plan", "-f", "keys.yaml", "--sink-root", "there"];
    let ran = sandbox.run(&root).expect_code(0);
    assert!(ran.stderr.contains("would refuse that here: 1 sink"), "{}", ran.stderr);
    declare(&sandbox, TEAM);
    let ran = sandbox.run(&["plan", "-f", "keys.yaml"]).expect_code(0);
    assert!(!ran.stderr.contains("would refuse"), "{}", ran.stderr);
}

#[test]
fn what_no_policy_can_be_is_refused_at_its_place() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    for (policy, at, says) in [
        ("{max_expiry: 0s}", "keys.yaml:20:22", "it would let no key be made"),
        ("{max_live_keys_per_owner: 0}", "keys.yaml:20:", "from 1 to 1000000"),
        ("{prefixes: [foreign]}", "keys.yaml:20:9", "marks tokens that were imported"),
        ("{require_scope: no}", "keys.yaml:20:", "invalid boolean"),
        ("{max_age: 5d}", "keys.yaml:20:", "unknown field `max_age`"),
    ] {
        declare(&sandbox, &format!("{TEAM}policy: {policy}\n"));
        let ran = sandbox.run(&["plan", "-f", "keys.yaml"]).expect_code(2);
        assert!(ran.stderr.contains(at) && ran.stderr.contains(says), "{policy}: {}", ran.stderr);
    }
    let folder = sandbox.home().join("team");
    std::fs::create_dir_all(&folder).expect("folder");
    for name in ["1.yaml", "2.yaml"] {
        std::fs::write(folder.join(name), "manifest: team\npolicy: {require_scope: true}\n").expect("writes");
    }
    let ran = sandbox.run(&["plan", "-f", "team"]).expect_code(2);
    assert!(ran.stderr.contains("team/2.yaml:2:") && ran.stderr.contains("another file"), "{}", ran.stderr);
}
