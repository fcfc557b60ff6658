//! What a plan says, what it leaves alone, and that it is carried out as it was made.

use std::fs;

use serde_json::{Value, json};

use super::{TEAM, allowed, apply, declare, read, reason, team};
use crate::secrets::keyed;
use crate::support::both;
use crate::support::cli::Sandbox;

both!(a_plan_in_a_file_is_carried_out_as_it_is_or_not_at_all, |place| {
    let sandbox = Sandbox::with_store(place);
    declare(&sandbox, TEAM);
    sandbox.ok(&["plan", "-f", "keys.yaml", "--out", "plan.json"]);
    // The manifest is in the plan.
    fs::remove_file(sandbox.home().join("keys.yaml")).expect("gone");
    let done = sandbox.json(&["apply", "--plan", "plan.json"]);
    assert_eq!(done["counts"], json!({ "create": 4 }), "{done}");
    assert!(allowed(&sandbox, &read(&sandbox, "tokens/alice")));
    let ran = sandbox.run(&["apply", "--plan", "plan.json"]).expect_code(4);
    assert!(
        ran.stderr.contains("is another one since the plan was made; nothing was changed"),
        "{}",
        ran.stderr
    );

    declare(&sandbox, &TEAM.replace("600/m", "10/s"));
    sandbox.ok(&["plan", "-f", "keys.yaml", "--out", "second.json"]);
    sandbox.ok(&["edit", "alice/default", "--label", "by=hand"]);
    let ran = sandbox.run(&["apply", "--plan", "second.json"]).expect_code(4);
    assert!(ran.stderr.contains("key alice/default is another one"), "{}", ran.stderr);
    assert_eq!(sandbox.json(&["show", "alice/default"])["rate"]["limit"], json!(600));

    // What is written into it by hand is noticed.
    sandbox.ok(&["plan", "-f", "keys.yaml", "--out", "third.json"]);
    let path = sandbox.home().join("third.json");
    let plan = fs::read_to_string(&path).expect("plan");
    for (from, to, code) in
        [("10/s", "20/s", 4), ("\"keyctl_plan\": 1", "\"keyctl_plan\": 2", 2), ("\"seen\"", "\"sene\"", 2)]
    {
        fs::write(&path, plan.replacen(from, to, 1)).expect("writes");
        sandbox.run(&["apply", "--plan", "third.json"]).expect_code(code);
    }
    sandbox.run(&["plan", "-f", "keys.yaml", "--out", "third.json"]).expect_code(9);
    let other = Sandbox::with_store(crate::support::store::Place::sqlite());
    fs::write(other.home().join("plan.json"), &plan).expect("writes");
    let ran = other.run(&["apply", "--plan", "plan.json"]).expect_code(4);
    assert!(ran.stderr.contains("the plan is for another store"), "{}", ran.stderr);
});

both!(what_a_manifest_made_and_declares_no_more_is_revoked_only_if_asked_for, |place| {
    let sandbox = team(place);
    let other = sandbox.ok(&["mint", "carol"]);
    let bob = read(&sandbox, "tokens/bob");
    let fewer = &TEAM[..TEAM.find("  bob/ci").expect("bob")];
    declare(&sandbox, fewer);
    let ran = sandbox.run(&["plan", "-f", "keys.yaml", "--exit-code"]).expect_code(0);
    assert!(
        ran.stderr.contains("key bob/ci is left as it is: ") && ran.stderr.contains("--prune"),
        "{}",
        ran.stderr
    );
    let ran = sandbox.run(&["plan", "-f", "keys.yaml", "--prune", "--prune-max", "0"]).expect_code(4);
    assert!(ran.stderr.contains("--prune-max 1"), "{}", ran.stderr);
    let done = sandbox.json(&["apply", "-f", "keys.yaml", "--yes", "--prune"]);
    assert_eq!(done["counts"], json!({ "revoke": 1 }), "{done}");
    assert_eq!(reason(&sandbox, &bob), "revoked");
    assert!(allowed(&sandbox, &other), "carol's was made by hand");
    // A child that was made by hand would go with its parent.
    sandbox.ok(&["mint", "alice", "--name", "child", "--parent", "alice/default", "--scope", "memories"]);
    declare(&sandbox, "manifest: team-a\n");
    let ran = sandbox.run(&["apply", "-f", "keys.yaml", "--yes", "--prune"]).expect_code(4);
    assert!(ran.stderr.contains("its child alice/child would be revoked with it"), "{}", ran.stderr);
    // What another manifest made is not this one's.
    declare(&sandbox, &TEAM.replace("team-a", "team-b"));
    let ran = sandbox.run(&["plan", "-f", "keys.yaml"]).expect_code(2);
    assert!(ran.stderr.contains("the manifest team-a made it"), "{}", ran.stderr);
    let key = sandbox.json(&["show", "bob/ci"]);
    assert_eq!(key["revoke_reason"], json!("declared no more by the manifest team-a"));
});

both!(a_key_that_was_revoked_is_not_made_again_by_itself, |place| {
    let sandbox = team(place);
    sandbox.ok(&["revoke", "bob/ci", "--reason", "leaked"]);
    let ran = sandbox.run(&["plan", "-f", "keys.yaml", "--exit-code"]).expect_code(0);
    assert!(ran.stderr.contains("key bob/ci is left as it is: it was revoked at "), "{}", ran.stderr);
    let done = sandbox.json(&["apply", "-f", "keys.yaml", "--yes", "--replace-revoked"]);
    assert_eq!(done["counts"], json!({ "create": 1 }), "{done}");
    assert!(allowed(&sandbox, &read(&sandbox, "tokens/bob")));
});

both!(what_was_called_otherwise_is_renamed_and_keeps_its_token, |place| {
    let sandbox = team(place);
    let (alice, before) = (read(&sandbox, "tokens/alice"), sandbox.json(&["show", "alice/default"]));
    declare(&sandbox, &TEAM.replace("  alice/default:\n", "  alice/agent:\n    was: default\n"));
    let plan = sandbox.json(&["plan", "-f", "keys.yaml"]);
    assert_eq!(plan["counts"], json!({ "rename": 1 }), "{plan}");
    apply(&sandbox);
    let after = sandbox.json(&["show", "alice/agent"]);
    assert_eq!((&after["id"], &after["token"]["prefix"]), (&before["id"], &before["token"]["prefix"]));
    assert_eq!(read(&sandbox, "tokens/alice"), alice);
    sandbox.run(&["plan", "-f", "keys.yaml", "--exit-code"]).expect_code(0);
    // An owner, with its keys.
    let renamed = TEAM
        .replace("  alice/default:\n", "  alicia/agent:\n")
        .replace("  alice: {", "  alicia: {was: alice, ");
    declare(&sandbox, &renamed);
    let ran = sandbox.run(&["plan", "-f", "keys.yaml", "-o", "json"]).expect_code(0);
    let plan: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(plan["counts"], json!({ "rename": 1 }), "{plan}");
    apply(&sandbox);
    assert_eq!(sandbox.json(&["show", "alicia/agent"])["id"], before["id"]);
    assert!(allowed(&sandbox, &alice));
});

both!(what_is_selected_by_a_label_is_all_that_is_looked_at, |place| {
    let sandbox = Sandbox::with_store(place);
    declare(&sandbox, TEAM);
    let ran = sandbox.run(&["plan", "-f", "keys.yaml", "--select", "team=search"]).expect_code(2);
    assert!(ran.stderr.contains("the owner alice is not in the store as it is declared"), "{}", ran.stderr);
    declare(
        &sandbox,
        &TEAM
            .replace("    roles: [reader]\n", "")
            .replace("  alice: {subject: auth0|alice}\n", "  bob: {}\n"),
    );
    let done = sandbox.json(&["apply", "-f", "keys.yaml", "--yes", "--select", "team=search"]);
    assert_eq!((&done["counts"], &done["delivered"]), (&json!({ "create": 1 }), &json!(1)), "{done}");
    assert!(sandbox.home().join("tokens/alice").exists() && !sandbox.home().join("tokens/bob").exists());
    assert_eq!(sandbox.json(&["role", "list"]), json!([]));
});

both!(bindings_are_made_changed_and_taken_away, |place| {
    let sandbox = Sandbox::with_store(place);
    keyed(&sandbox, &["secret", "set", "anthropic", "main"], "sk-planted-first\n");
    keyed(&sandbox, &["secret", "set", "anthropic", "other"], "sk-planted-second\n");
    let bound = |to: &str| {
        TEAM.replace("    rate: 600/m\n", &format!("    rate: 600/m\n    bind: {{anthropic: {to}}}\n"))
            + "bind: {anthropic: other}\n"
    };
    declare(&sandbox, &bound("main"));
    apply(&sandbox);
    let uses = |sandbox: &Sandbox| sandbox.json(&["secret", "show", "main"])["bindings"].clone();
    assert_eq!(uses(&sandbox), json!(1));
    sandbox.run(&["plan", "-f", "keys.yaml", "--exit-code"]).expect_code(0);
    declare(&sandbox, &bound("null"));
    apply(&sandbox);
    assert_eq!(uses(&sandbox), json!(0));
    declare(&sandbox, &bound("nobody"));
    let ran = sandbox.run(&["plan", "-f", "keys.yaml"]).expect_code(2);
    assert!(ran.stderr.contains("key alice/default: there is no secret nobody"), "{}", ran.stderr);
    sandbox.ok(&["store", "check"]);
});

both!(a_trust_is_made_and_replaced_where_its_terms_are_others, |place| {
    let sandbox = team(place);
    let trusts = "trusts:\n  deploy:\n    issuer: https://gitlab.com\n    audience: https://keys.example.com\n    \
        claims: {project_id: \"123\", ref: main}\n    owner: ci\n    scopes: [deploy]\n";
    declare(&sandbox, &format!("{TEAM}{trusts}"));
    apply(&sandbox);
    let before = sandbox.json(&["trust", "show", "deploy"]);
    assert_eq!(before["claims"], json!({ "project_id": "123", "ref": "main" }), "{before}");
    sandbox.run(&["plan", "-f", "keys.yaml", "--exit-code"]).expect_code(0);
    declare(&sandbox, &format!("{TEAM}{}", trusts.replace("ref: main", "ref: release")));
    let done = sandbox.json(&["apply", "-f", "keys.yaml", "--yes"]);
    assert_eq!(done["counts"], json!({ "replace": 1 }), "{done}");
    assert_eq!(sandbox.json(&["trust", "show", "deploy"])["claims"]["ref"], json!("release"));
    declare(&sandbox, &format!("{TEAM}{}", trusts.replace(", ref: main", "")));
    let ran = sandbox.run(&["plan", "-f", "keys.yaml"]).expect_code(2);
    assert!(ran.stderr.contains("trust deploy: no claim names a ref"), "{}", ran.stderr);
    sandbox.ok(&["store", "check"]);
});

both!(what_is_dumped_is_declared_already, |place| {
    let sandbox = team(place);
    keyed(&sandbox, &["secret", "set", "anthropic", "main"], "sk-planted-first\n");
    sandbox.ok(&["secret", "bind", "main", "alice/default"]);
    sandbox.ok(&["secret", "bind", "main", "bob"]);
    sandbox.ok(&["secret", "bind", "main", "--default"]);
    let every = [
        "--name",
        "all",
        "--scope",
        "a,b:*",
        "--role",
        "reader",
        "--rate",
        "5/s",
        "--quota",
        "10/day",
        "--allow-ip",
        "10.0.0.0/8,::1",
        "--label",
        "n=no",
        "--label",
        "o=1.5",
        "--label",
        "p=null",
        "--not-before",
        "2026-01-01T00:00:00Z",
        "--expires",
        "never",
        "--allow-jwt",
    ];
    sandbox.ok(&[&["mint", "carol@example.com"][..], &every].concat());
    sandbox.ok(&["mint", "bob", "--name", "child", "--parent", "bob/ci", "--scope", "files:*"]);
    sandbox.ok(&["mint", "root", "--scope", "*", "--allow-all"]);
    sandbox.ok(&["mint", "gone"]);
    sandbox.ok(&["revoke", "gone"]);
    sandbox.ok(&[
        "trust",
        "add",
        "deploy",
        "--issuer",
        "https://gitlab.com",
        "--audience",
        "https://keys.example.com",
        "--claim",
        "project_id=123",
        "--claim",
        "ref=main",
        "--owner",
        "ci",
        "--scope",
        "deploy",
    ]);
    sandbox.ok(&["edit", "alice/default", "--note", "no: it's 5 #1"]);
    sandbox.ok(&["policy", "set", "--max-expiry", "365d", "--prefixes", "acme"]);
    let dumped = sandbox.ok(&["dump", "--name", "all"]);
    assert!(dumped.contains("carol@example.com/all") && !dumped.contains("gone/"), "{dumped}");
    assert!(!dumped.contains("sks_") && !dumped.contains("sk-planted"), "{dumped}");
    declare(&sandbox, &format!("{dumped}\n"));
    let ran = sandbox.run(&["plan", "-f", "keys.yaml", "--exit-code"]);
    assert_eq!(ran.code, Some(0), "{}{}\n{dumped}", ran.stdout, ran.stderr);
    let head = sandbox.json(&["audit", "checkpoint"])["anchor"].clone();
    assert_eq!(sandbox.json(&["apply", "-f", "keys.yaml", "--yes"])["counts"], json!({}));
    assert_eq!(sandbox.json(&["audit", "checkpoint"])["anchor"], head, "nothing was changed");
});
