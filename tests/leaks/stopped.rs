//! What is stopped of what was found: whole tokens that work, and nothing else.

use std::fs;

use super::corpus::Seeded;
use super::{minted, said, set, shows_none};
use crate::support::both;
use crate::support::cli::Sandbox;

fn actions(sandbox: &Sandbox) -> Vec<String> {
    let records = sandbox.json(&["audit", "list"]);
    let records = records.as_array().expect("an array");
    let line = |record: &serde_json::Value| {
        let record = &record["record"];
        let text = |name: &str| record[name].as_str().unwrap_or_default().to_owned();
        format!(
            "{} {} {}",
            text("action"),
            text("owner"),
            record["details"]["reason"].as_str().unwrap_or_default()
        )
    };
    let mut lines: Vec<String> = records.iter().map(line).collect();
    lines.retain(|line| !line.starts_with("store") && !line.contains("mint"));
    lines.sort();
    lines
}

both!(live_keys_are_revoked_by_their_whole_tokens_alone_and_recorded, |place| {
    let sandbox = Sandbox::with_store(place);
    let live = minted(&sandbox, "alice");
    minted(&sandbox, "alice/child --parent alice/default");
    let near = minted(&sandbox, "bob");
    let old = minted(&sandbox, "carol");
    sandbox.ok(&["rotate", "carol", "--grace", "0", "--out-file", "carol.new"]);
    let graced = minted(&sandbox, "dora");
    sandbox.ok(&["rotate", "dora", "--grace", "1h", "--out-file", "dora.new"]);
    let revoked = minted(&sandbox, "erin");
    sandbox.ok(&["revoke", "erin", "--reason", "long ago"]);
    let other = Seeded(1).token("sks");
    let id = sandbox.json(&["show", "bob"])["id"].as_str().expect("an id").to_owned();
    // Of bob's key its id, its name, its public part, and its token with a wrong check.
    let wrong = format!("{}{}", &near[..near.len() - 1], if near.ends_with('0') { '1' } else { '0' });
    let text =
        format!("{live}\n{old}\n{graced}\n{revoked}\n{other}\n{id} bob/default {} {wrong}\n", &near[..16]);
    fs::write(sandbox.home().join("leak.log"), text).expect("a file");
    let before = actions(&sandbox);

    let tried = sandbox.run(&["leaks", "scan", "--revoke", "--dry-run", "leak.log"]).expect_code(0);
    assert!(tried.stderr.contains("would revoke alice/default"), "{}", tried.stderr);
    assert!(
        tried.stderr.contains("would end the grace of the old token of dora/default"),
        "{}",
        tried.stderr
    );
    assert_eq!(actions(&sandbox), before);

    let ran =
        sandbox.run(&["leaks", "scan", "--revoke", "--exit-code", "leak.log", "-o", "jsonl"]).expect_code(10);
    shows_none(&ran, &[live.clone(), old, graced.clone(), revoked, other, near.clone()]);
    assert_eq!(
        said(&ran, &["line", "state", "owner"]),
        set(&["1 active alice", "2 replaced carol", "3 active dora", "4 revoked erin", "5 unknown null"])
    );
    let state = |name: &str| sandbox.json(&["show", name])["state"].as_str().expect("a state").to_owned();
    let states = ["alice/default", "alice/child", "bob", "carol", "dora", "erin"].map(state);
    assert_eq!(states, ["revoked", "revoked", "active", "active", "active", "revoked"]);
    assert_eq!(sandbox.verify(&graced, &[]).0, Some(5));
    let new = fs::read_to_string(sandbox.home().join("dora.new")).expect("a token");
    assert_eq!(sandbox.verify(&new, &[]).0, Some(0));
    let after = actions(&sandbox);
    let added: Vec<&String> = after.iter().filter(|line| !before.contains(line)).collect();
    assert_eq!(
        added
            .iter()
            .filter(|line| line.contains("alice") && line.ends_with("found by keyctl leaks scan"))
            .count(),
        2,
        "{added:?}"
    );
    assert!(added.iter().all(|line| line.contains("alice") || line.contains("dora")), "{added:?}");

    // Once more there is nothing to do.
    let ran = sandbox.run(&["leaks", "scan", "--revoke", "--exit-code", "leak.log"]).expect_code(0);
    assert!(ran.stderr.contains("nothing was revoked"), "{}", ran.stderr);
    assert_eq!(actions(&sandbox), after);
});

both!(keys_are_suspended_for_a_reason, |place| {
    let sandbox = Sandbox::with_store(place);
    let token = minted(&sandbox, "alice");
    let why = "in the job 17 of acme/app";
    let ran = sandbox.feed(&["leaks", "scan", "--suspend", "--reason", why, "-"], &token).expect_code(0);
    assert!(ran.stderr.contains("suspended alice/default"), "{}", ran.stderr);
    assert_eq!(sandbox.json(&["show", "alice"])["state"], "suspended");
    assert!(actions(&sandbox).iter().any(|line| line.starts_with("suspend") && line.ends_with(why)));
    // What is typed as a reason is kept, and so no token.
    let refused = sandbox.feed(&["leaks", "scan", "--suspend", "--reason", &token, "-"], &token);
    assert_eq!(refused.code, Some(2));
    shows_none(&refused, &[token]);
});

both!(imported_tokens_are_found_by_their_hashes, |place| {
    let sandbox = Sandbox::with_store(place);
    let (strong, weak) = ("dGVzdC10b2tlbi1jYW5vbmljYWwtYmFzZTY0dXJs", "sk-alice-test-key-12345");
    let env = format!("API_KEYS='{{\"{strong}\": \"frank\", \"{weak}\": \"alice\"}}'\n");
    fs::write(sandbox.home().join("mem0.env"), env).expect("a file");
    sandbox.ok(&["import", "mem0", "mem0.env", "--scope", "memories"]);
    fs::write(sandbox.home().join("app.log"), format!("x\nGET /?key={strong}&a={weak}\n")).expect("a file");
    let scan = ["leaks", "scan", "-o", "jsonl", "app.log"];
    assert!(sandbox.run(&scan).expect_code(0).stdout.is_empty());
    let ran = sandbox.run(&[&scan[..], &["--foreign", "--exit-code"]].concat()).expect_code(10);
    assert_eq!(said(&ran, &["line", "column", "state", "owner"]), set(&["2 11 active frank"]));
    assert!(!format!("{}{}", ran.stdout, ran.stderr).contains(&strong[..12]));

    fs::write(sandbox.home().join("words"), format!("hunter2\n\n  {weak}\n")).expect("a file");
    let ran = sandbox.run(&["leaks", "scan", "--weak-words", "words", "-o", "jsonl"]).expect_code(0);
    assert_eq!(said(&ran, &["path", "line", "state", "owner"]), set(&["words 3 active alice"]));
    sandbox
        .run(&["leaks", "scan", "--weak-words", "words", "--foreign", "--revoke", "app.log"])
        .expect_code(0);
    for (token, owner) in [(strong, "frank"), (weak, "alice")] {
        assert_eq!(sandbox.verify(token, &[]).0, Some(5), "{owner}");
    }
    fs::write(sandbox.home().join("many"), "word\n".repeat(1001)).expect("a file");
    sandbox.run(&["leaks", "scan", "--weak-words", "many"]).expect_code(2);
});
