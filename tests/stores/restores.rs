//! What a restore takes away again, and what happens beside others: writers, readers, another restore, `kill -9`.

use std::fs;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::backups::{MASTER, everything, filled, json, keyed, lasting, ok, outcome, refused, run};
use crate::runtime::{ask_text, reader};
use crate::support::both;
use crate::support::chance::Chance;
use crate::support::cli::{Sandbox, finish};
use crate::support::pty::Terminal;
use crate::support::store::Place;

fn mastered(sandbox: &Sandbox, args: &[&str], input: &str) {
    let mut command = sandbox.command(args);
    command.env("KEYCTL_MASTER_KEY", MASTER);
    finish(command, input.as_bytes()).expect_code(0);
}

/// The log as a sink would have it.
fn log(sandbox: &Sandbox) -> String {
    let path = sandbox.home().join("audit.jsonl");
    fs::write(&path, sandbox.ok(&["audit", "export"]) + "\n").expect("written");
    path.display().to_string()
}

both!(what_was_taken_away_since_is_taken_away_again, |place| {
    let (sandbox, _) = filled(place);
    let mint = |owner: &str, more: &[&str]| {
        sandbox.ok(&[&["mint", owner, "--scope", "chat,files:*"], more].concat())
    };
    let revoked = mint("revoked", &[]);
    let suspended = mint("suspended", &[]);
    let paused = mint("paused", &[]);
    let resumed = mint("resumed", &[]);
    let rotated = mint("rotated", &[]);
    let cut = mint("cut", &[]);
    sandbox.ok(&["rotate", "cut", "--grace", "1d"]);
    let narrowed = mint("narrowed", &[]);
    let ended = mint("ended", &[]);
    let moved = mint("moved", &["--allow-ip", "10.0.0.0/8"]);
    let disabled = mint("disabled", &[]);
    let deleted = mint("deleted", &[]);
    sandbox.ok(&["role", "set", "wide", "--scope", "a,b"]);
    sandbox.ok(&["role", "set", "gone", "--scope", "c"]);
    let with_roles = mint("roles", &["--role", "wide", "--role", "gone"]);
    sandbox.ok(&["owner", "add", "before"]);
    let renamed = mint("before", &[]);
    mastered(&sandbox, &["secret", "set", "openai", "other"], "sk-planted-value-of-openai-1");
    mastered(&sandbox, &["secret", "bind", "other", "revoked"], "");
    mastered(&sandbox, &["secret", "set", "mistral", "third"], "planted-value-of-mistral-0001");
    mastered(&sandbox, &["secret", "set", "cohere", "fourth"], "planted-value-of-cohere-00001");
    ok(&sandbox, &["store", "backup", "keys.backup"]);

    sandbox.ok(&["revoke", "revoked", "--reason", "leaked"]);
    sandbox.ok(&["suspend", "suspended"]);
    sandbox.ok(&["suspend", "paused", "--for", "30d"]);
    let until = sandbox.json(&["show", "paused"])["suspended_until"].clone();
    sandbox.ok(&["suspend", "resumed"]);
    sandbox.ok(&["resume", "resumed"]);
    sandbox.ok(&["rotate", "rotated"]);
    sandbox.ok(&["rotate", "cut", "--grace", "0"]);
    sandbox.ok(&["scope", "remove", "narrowed", "files:*"]);
    sandbox.ok(&["scope", "add", "narrowed", "extra"]);
    sandbox.ok(&["edit", "ended", "--expires", "1d", "--rate", "5/m"]);
    sandbox.ok(&["edit", "moved", "--allow-ip", "10.1.0.0/16,192.0.2.0/24"]);
    sandbox.ok(&["owner", "disable", "disabled", "--yes"]);
    sandbox.ok(&["owner", "delete", "deleted", "--revoke-keys", "--yes"]);
    sandbox.ok(&["role", "set", "wide", "--scope", "a"]);
    sandbox.ok(&["role", "delete", "gone", "--from-keys", "--yes"]);
    sandbox.ok(&["owner", "rename", "before", "after"]);
    sandbox.ok(&["owner", "disable", "after", "--yes"]);
    mastered(&sandbox, &["secret", "unbind", "other", "revoked"], "");
    mastered(&sandbox, &["secret", "delete", "third"], "");
    mastered(&sandbox, &["secret", "rotate", "fourth"], "planted-value-of-cohere-00002");
    let lost = mint("later", &[]);
    let file = log(&sandbox);

    let args = ["store", "restore", "keys.backup", "--replay", &file, "--accept-rollback", "--yes"];
    let report = json(&sandbox, &args);
    let was = |what: &str, name: &str| {
        let found = outcome(&report, what, name).unwrap_or_else(|| panic!("{what} {name}: {report:#}"));
        assert!(found["record"].is_u64(), "{found}");
    };
    was("revoked", "revoked/default");
    was("suspended", "suspended/default");
    was("suspended", "paused/default");
    assert_eq!(sandbox.json(&["show", "paused"])["suspended_until"], until);
    was("suspended", "rotated/default");
    was("narrowed", "narrowed/default");
    was("narrowed", "ended/default");
    was("narrowed", "moved/default");
    was("disabled", "disabled");
    was("deleted", "deleted");
    was("narrowed", "wide");
    was("deleted", "gone");
    was("disabled", "before");
    was("deleted", "third");
    was("lost", "fourth");
    was("lost", "later/default");
    assert!(outcome(&report, "unbound", "owner revoked for openai").is_some(), "{report:#}");
    assert_eq!(report["replayed_to"], report["lost_record"]);
    assert!(outcome(&report, "suspended", "resumed/default").is_none(), "{report:#}");

    let verdict =
        |token: &str, more: &[&str]| sandbox.verify(token, more).1["reason"].as_str().map(str::to_owned);
    for (token, why) in [
        (&revoked, "revoked"),
        (&suspended, "suspended"),
        (&paused, "suspended"),
        (&rotated, "expired"),
        (&disabled, "owner_disabled"),
        (&deleted, "revoked"),
        (&renamed, "owner_disabled"),
        (&lost, "unknown"),
    ] {
        assert_eq!(verdict(token, &[]).as_deref(), Some(why));
    }
    assert!(verdict(&cut, &[]).is_some(), "the old token of a key that was rotated again");
    assert_eq!(verdict(&resumed, &[]), None);
    assert_eq!(verdict(&narrowed, &["--scope", "chat"]), None);
    for scope in ["files:x", "extra"] {
        assert_eq!(verdict(&narrowed, &["--scope", scope]).as_deref(), Some("scope"), "{scope}");
    }
    assert_eq!(verdict(&moved, &["--ip", "10.1.0.1"]), None);
    for from in ["10.2.0.1", "192.0.2.1"] {
        assert_eq!(verdict(&moved, &["--ip", from]).as_deref(), Some("network"), "{from}");
    }
    assert_eq!(verdict(&with_roles, &["--scope", "a"]), None);
    for scope in ["b", "c"] {
        assert_eq!(verdict(&with_roles, &["--scope", scope]).as_deref(), Some("scope"), "{scope}");
    }
    assert_eq!(verdict(&ended, &[]), None);
    assert_eq!(sandbox.json(&["show", "ended"])["rate"]["limit"], 5);
    assert_eq!(sandbox.run(&["store", "check"]).expect_code(0).stdout, "");
    sandbox.ok(&["audit", "verify"]);
    // Neither letting it work again nor another token brings back what had ended.
    let fresh = sandbox.ok(&["rotate", "rotated", "--grace", "7d"]);
    sandbox.ok(&["resume", "rotated"]);
    assert_eq!(verdict(&rotated, &[]).as_deref(), Some("expired"));
    assert_eq!(verdict(&fresh, &[]), None);
});

both!(a_log_that_does_not_follow_from_the_backup_is_refused, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice"]);
    ok(&sandbox, &["store", "backup", "keys.backup"]);
    sandbox.ok(&["suspend", "alice"]);
    sandbox.ok(&["revoke", "alice"]);
    let file = log(&sandbox);
    let before = everything(&sandbox);
    let lines: Vec<String> = fs::read_to_string(&file).expect("a log").lines().map(str::to_owned).collect();
    let with = |lines: &[String]| {
        fs::write(&file, lines.join("\n") + "\n").expect("written");
        run(&sandbox, &["store", "restore", "keys.backup", "--replay", &file, "--accept-rollback", "--yes"])
    };
    refused(with(&[lines[0].clone(), lines[1].clone(), lines[3].clone()]), 7, "record 3 is missing");
    let altered = lines[3].replace("\\\"action\\\":\\\"revoke\\\"", "\\\"action\\\":\\\"resume\\\"");
    assert_ne!(altered, lines[3]);
    refused(with(&[lines[2].clone(), altered]), 7, "record 4 was altered");
    refused(with(&["not a record".to_owned()]), 2, "line 1");
    let other = Sandbox::with_store(Place::sqlite());
    let foreign = other.ok(&["audit", "export"]);
    refused(with(&[foreign]), 4, "store");
    assert_eq!(everything(&sandbox), before);
    with(&lines[2..]).expect_code(0);
    assert_eq!(sandbox.json(&["list", "--all"])[0]["state"], "revoked");
});

both!(a_backup_is_of_one_moment_and_no_writer_waits, |place| {
    let sandbox = Sandbox::with_store(place);
    let rows: String = (0..4_000).map(|n| format!("{n:064x},bulk,k{n},chat\n")).collect();
    sandbox.feed(&["import", "csv", "-", "--yes"], &format!("hash,owner,name,scopes\n{rows}")).expect_code(0);
    sandbox.ok(&["mint", "busy"]);
    let done = AtomicBool::new(false);
    let (longest, changes) = thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut env = sandbox.place.env();
            let (owner, mut longest, mut changes) = ("busy".parse().expect("an owner"), Duration::ZERO, 0);
            while !done.load(Ordering::SeqCst) {
                let begun = Instant::now();
                keyctl::ops::owners::owner::disable(&mut env, &owner, None).expect("disabled");
                longest = longest.max(begun.elapsed());
                keyctl::ops::owners::owner::enable(&mut env, &owner).expect("enabled");
                changes += 1;
            }
            (longest, changes)
        });
        for number in 0..3 {
            let name = format!("{number}.backup");
            ok(&sandbox, &["store", "backup", &name]);
            ok(&sandbox, &["store", "backup", "--verify", &name]);
        }
        done.store(true, Ordering::SeqCst);
        writer.join().expect("the writer")
    });
    assert!(changes > 3, "{changes} changes while three backups were taken");
    // What the figures hold to 200 ms on a machine of its own.
    assert!(longest < Duration::from_secs(2), "a writer waited {longest:?}");
    // Each is consistent by itself: what is copied into token rows is what the owner is.
    for number in 0..3 {
        let other = Sandbox::empty(Place::sqlite());
        let name = format!("{number}.backup");
        fs::copy(sandbox.home().join(&name), other.home().join(&name)).expect("copied");
        ok(&other, &["store", "restore", &name]);
        assert_eq!(other.run(&["store", "check"]).expect_code(0).stdout, "");
    }
});

both!(a_reader_goes_on_through_a_restore, |place| {
    let sandbox = Sandbox::with_store(place);
    let kept = sandbox.ok(&["mint", "kept"]);
    let revoked = sandbox.ok(&["mint", "revoked"]);
    ok(&sandbox, &["store", "backup", "keys.backup"]);
    let reader = reader(&sandbox.place);
    let lets_in = |token: &str| ask_text(&reader, token) == "allowed";
    assert!(lets_in(&kept) && lets_in(&revoked));
    sandbox.ok(&["revoke", "revoked"]);
    let file = log(&sandbox);
    let soon = |what: &dyn Fn() -> bool| {
        let begun = Instant::now();
        while !what() {
            assert!(begun.elapsed() < Duration::from_secs(10), "it does not come");
            thread::sleep(Duration::from_millis(50));
        }
    };
    soon(&|| !lets_in(&revoked));
    ok(&sandbox, &["store", "restore", "keys.backup", "--replay", &file, "--accept-rollback", "--yes"]);
    thread::sleep(Duration::from_secs(6));
    assert!(lets_in(&kept), "no reader takes the restored store for one that went back");
    assert!(!lets_in(&revoked));
});

fn start(sandbox: &Sandbox, args: &[&str]) -> Child {
    keyed(sandbox, args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts")
}

both!(killed_at_any_moment_it_leaves_the_old_store_or_the_new_one, |place| {
    let sandbox = Sandbox::with_store(place);
    let rows: String = (0..800).map(|n| format!("{n:064x},bulk,k{n},chat\n")).collect();
    sandbox.feed(&["import", "csv", "-", "--yes"], &format!("hash,owner,name,scopes\n{rows}")).expect_code(0);
    ok(&sandbox, &["store", "backup", "old.backup"]);
    sandbox.ok(&["owner", "disable", "bulk", "--yes"]);
    let (old, is_disabled) = (lasting(&sandbox), |sandbox: &Sandbox| {
        sandbox.place.sql("SELECT COUNT(*) FROM owner WHERE disabled_at IS NOT NULL").expect("a count") == "1"
    });
    assert!(is_disabled(&sandbox));
    let args = ["store", "restore", "old.backup", "--accept-rollback", "--yes"];
    let begun = Instant::now();
    ok(&sandbox, &args);
    let usual = begun.elapsed();
    let new = lasting(&sandbox);
    assert_ne!(new, old);
    let mut chance = Chance((u64::from(std::process::id()) << 20) | 0x51);
    let (mut was_old, mut was_new) = (0, 0);
    for _ in 0..8 {
        sandbox.ok(&["owner", "disable", "bulk", "--yes"]);
        let mut child = start(&sandbox, &args);
        thread::sleep(Duration::from_micros(chance.below(usual.as_micros() as u64 * 6 / 5)));
        let _ = child.kill();
        let _ = child.wait();
        if is_disabled(&sandbox) {
            was_old += 1
        } else {
            was_new += 1
        }
        assert_eq!(sandbox.run(&["store", "check"]).expect_code(0).stdout, "");
        // And a backup that is killed leaves no file that has its name.
        let mut child = start(&sandbox, &["store", "backup", "killed.backup"]);
        thread::sleep(Duration::from_micros(chance.below(60_000)));
        let _ = child.kill();
        let _ = child.wait();
        if sandbox.home().join("killed.backup").exists() {
            ok(&sandbox, &["store", "backup", "--verify", "killed.backup"]);
            fs::remove_file(sandbox.home().join("killed.backup")).expect("removed");
        }
        ok(&sandbox, &args);
        assert_eq!(lasting(&sandbox), new);
    }
    assert_eq!(was_old + was_new, 8);
});

both!(of_two_restores_at_once_one_is_refused_or_they_follow_each_other, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice"]);
    ok(&sandbox, &["store", "backup", "keys.backup"]);
    sandbox.ok(&["suspend", "alice"]);
    let both: Vec<Child> = (0..2)
        .map(|_| start(&sandbox, &["store", "restore", "keys.backup", "--accept-rollback", "--yes"]))
        .collect();
    let mut codes: Vec<_> = both.into_iter().map(|mut child| child.wait().expect("ends").code()).collect();
    codes.sort();
    assert!(codes[0] == Some(0) && matches!(codes[1], Some(0 | 4)), "{codes:?}");
    assert_eq!(sandbox.json(&["list"])[0]["state"], "active");
    assert_eq!(sandbox.run(&["store", "check"]).expect_code(0).stdout, "");
});

#[test]
fn on_a_full_disk_nothing_is_changed() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let rows: String = (0..3000).map(|n| format!("{n:064x},bulk,k{n},chat\n")).collect();
    sandbox.feed(&["import", "csv", "-", "--yes"], &format!("hash,owner,name,scopes\n{rows}")).expect_code(0);
    ok(&sandbox, &["store", "backup", "keys.backup"]);
    sandbox.ok(&["owner", "disable", "bulk", "--yes"]);
    let before = everything(&sandbox);
    let limited = |args: &str| {
        let script = format!("ulimit -f 100; exec {} {args}", crate::support::cli::PROGRAM);
        let mut command = std::process::Command::new("sh");
        let like = keyed(&sandbox, &["--version"]);
        command.env_clear().args(["-c", &script]).current_dir(sandbox.home());
        command.envs(like.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        finish(command, b"")
    };
    refused(limited("store backup full.backup"), 9, "full.backup");
    assert!(!sandbox.home().join("full.backup").exists());
    let ran = limited("store restore keys.backup --accept-rollback --yes");
    assert!(matches!(ran.code, Some(1 | 7 | 9)), "{ran:?}");
    assert_eq!(everything(&sandbox), before);
    assert_eq!(sandbox.run(&["store", "check"]).expect_code(0).stdout, "");
}

#[test]
fn oauth_credentials_of_a_restored_store_are_signed_in_again() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let tokens = r#"{"access_token":"planted-access-token-1","refresh_token":"planted-refresh-token-1","expires_in":3600}"#;
    let add = [
        "oauth",
        "add",
        "work",
        "--provider",
        "github",
        "--token-endpoint",
        "https://auth.example.com/token",
        "--client-id",
        "public",
    ];
    mastered(&sandbox, &add, tokens);
    ok(&sandbox, &["store", "backup", "keys.backup"]);
    let report: Value = json(&sandbox, &["store", "restore", "keys.backup", "--yes"]);
    assert!(outcome(&report, "needs_reauth", "work").is_some(), "{report:#}");
    assert_eq!(sandbox.json(&["oauth", "show", "work"])["state"], "needs_reauth");
    assert_eq!(sandbox.run(&["store", "check"]).expect_code(0).stdout, "");
}

#[test]
fn at_a_terminal_the_passphrase_is_asked_for_and_a_restore_waits_for_a_yes() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let token = sandbox.ok(&["mint", "alice"]);
    let start = |args: &[&str]| Terminal::start(&sandbox.command(args), 200);
    let mut terminal = start(&["store", "backup", "keys.backup"]);
    terminal.pass("Passphrase of the backup: ");
    terminal.type_text("short\n");
    terminal.wait_for("12 characters");
    terminal.pass("Passphrase of the backup: ");
    terminal.type_text("correct horse battery staple\n");
    terminal.pass("The same again: ");
    terminal.type_text("correct horse battery stable\n");
    terminal.wait_for("two passphrases");
    terminal.pass("Passphrase of the backup: ");
    terminal.type_text("correct horse battery staple\n");
    terminal.pass("The same again: ");
    terminal.type_text("correct horse battery staple\n");
    let (code, seen) = terminal.finish();
    assert!(code == 0 && !seen.contains("horse"), "{seen}");

    sandbox.ok(&["suspend", "alice"]);
    for (answer, code, verdict) in [("n\n", 2, Some(5)), ("y\n", 0, Some(0))] {
        let mut terminal = start(&["store", "restore", "keys.backup", "--accept-rollback"]);
        terminal.pass("Passphrase of the backup: ");
        terminal.type_text("correct horse battery staple\n");
        terminal.pass("[y/N] ");
        terminal.type_text(answer);
        let (ended, seen) = terminal.finish();
        assert_eq!(ended, code, "{seen}");
        assert_eq!(sandbox.verify(&token, &[]).0, verdict);
    }
}
