//! `kill -9` at random moments of a change.

use std::collections::HashMap;
use std::io::Read as _;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::both;
use crate::support::chance::Chance;
use crate::support::cli::Sandbox;

const KILLS: usize = 200;

/// Runs a command and kills it after a while; returns what it printed, and whether it was
/// done before.
fn run_and_kill(sandbox: &Sandbox, args: &[&str], after: Duration) -> (String, bool) {
    let mut command = sandbox.command(args);
    let mut child = command.stderr(Stdio::null()).spawn().expect("starts");
    thread::sleep(after);
    let _ = child.kill();
    let mut printed = String::new();
    let _ = child.stdout.take().expect("stdout").read_to_string(&mut printed);
    let status = child.wait().expect("ends");
    (printed.trim_end().to_owned(), status.success())
}

/// What the audit log says of each key: mints, rotations, revocations.
fn recorded(sandbox: &Sandbox) -> HashMap<String, [usize; 3]> {
    let mut counts: HashMap<String, [usize; 3]> = HashMap::new();
    for line in sandbox.ok(&["audit", "list", "-o", "jsonl"]).lines() {
        let body: Value = serde_json::from_str::<Value>(line).expect("JSON")["record"].take();
        let actions = ["mint", "rotate", "revoke"];
        let Some(action) = actions.iter().position(|action| body["action"] == **action) else { continue };
        if body["outcome"] == "done" {
            counts.entry(body["key"].as_str().expect("key").to_owned()).or_default()[action] += 1;
        }
    }
    counts
}

both!(a_killed_change_is_whole_or_absent_and_an_acknowledged_one_stays, |place| {
    let sandbox = Sandbox::with_store(place);
    let seed = (u64::from(std::process::id()) << 20) | 0x9E37;
    let mut chance = Chance(seed);
    let start = Instant::now();
    sandbox.ok(&["mint", "victim", "--name", "k0", "--scope", "memories"]);
    // Moments from before the start to a little after the usual end.
    let usual = start.elapsed().as_micros() as u64;
    let mut acknowledged_tokens = Vec::new();
    let mut acknowledged_revocations = Vec::new();
    for number in 1..=KILLS {
        let after = Duration::from_micros(chance.below(usual * 5 / 4));
        let name = format!("victim/k{}", chance.below(number as u64));
        match chance.below(4) {
            0 => {
                let args = ["revoke", name.as_str()];
                let (_, done) = run_and_kill(&sandbox, &args, after);
                if done {
                    acknowledged_revocations.push(name);
                }
            }
            1 => {
                let (token, done) = run_and_kill(&sandbox, &["rotate", &name, "--grace", "30d"], after);
                if done {
                    acknowledged_tokens.push((token, name));
                }
            }
            _ => {
                let name = format!("k{number}");
                let args = ["mint", "victim", "--name", &name, "--scope", "memories"];
                let (token, done) = run_and_kill(&sandbox, &args, after);
                if done {
                    acknowledged_tokens.push((token, format!("victim/{name}")));
                }
            }
        }
    }
    assert!(!acknowledged_tokens.is_empty(), "no change was ever done with seed {seed}: kill later");
    assert!(acknowledged_tokens.len() < KILLS, "no change was ever killed");

    assert!(sandbox.ok(&["store", "check", "-o", "json"]).trim() == "[]");
    sandbox.ok(&["audit", "verify"]);
    let recorded = recorded(&sandbox);
    let keys = sandbox.json(&["list", "--all", "--limit", "0"]);
    let keys = keys.as_array().expect("an array");
    let generations = sandbox.place.sql("SELECT id, generation FROM key ORDER BY id").expect("rows");
    let generations: HashMap<&str, usize> = generations
        .lines()
        .map(|line| line.split_once('|').expect("two columns"))
        .map(|(id, generation)| (id, generation.parse().expect("a number")))
        .collect();
    assert_eq!(keys.len(), recorded.len(), "every key has its mint's record and every record its key");
    for key in keys {
        let id = key["id"].as_str().expect("id");
        let [mints, rotations, revocations] = recorded[id];
        assert_eq!(mints, 1);
        assert_eq!(generations[id], 1 + rotations, "{id}: a rotation without its record, or the reverse");
        assert_eq!(key["revoked_at"].is_string(), revocations == 1, "{id}");
    }
    for name in acknowledged_revocations {
        assert_eq!(sandbox.json(&["show", &name])["state"], "revoked", "{name}");
    }
    for (token, name) in acknowledged_tokens {
        // A later rotation may have ended it; then its key says so.
        let prefix = &token[..16];
        assert_eq!(
            sandbox.json(&["show", prefix])["owner"],
            "victim",
            "{name} has lost an acknowledged token"
        );
        let (_, verdict) = sandbox.verify(&token, &[]);
        let reason = verdict["reason"].as_str();
        assert!(
            verdict["allowed"] == true || matches!(reason, Some("revoked" | "expired")),
            "{name}: {verdict}"
        );
    }
});
