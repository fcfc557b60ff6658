//! `keyctl invite`, `invitation`, `session`, `mint --claim`, and what a store does with what they made.

use std::process::Stdio;
use std::thread;
use std::time::Duration;

use keyctl::ops::portal::redeem::redeem_token;
use keyctl::ops::portal::sign_in::by_claim;

use super::{now, word};
use crate::support::both;
use crate::support::chance::Chance;
use crate::support::cli::Sandbox;
use crate::support::store::{Place, env_of, options};

/// The link's code, of a store that knows a portal.
fn code(link: &str) -> &str {
    link.strip_prefix("https://keys.example.com/claim#").expect("a link")
}

fn sandbox(place: Place) -> Sandbox {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["store", "set", "portal", "https://keys.example.com"]);
    sandbox
}

both!(invite_prints_a_link_alone_and_its_code_signs_in_once, |place| {
    let sandbox = sandbox(place);
    let ran = sandbox.run(&["invite", "alice", "--scope", "memories", "--ttl", "2h", "--expires", "90d"]);
    let link = ran.stdout.trim_end();
    assert!(!link.contains(char::is_whitespace) && ran.stdout.ends_with('\n'), "{}", ran.stdout);
    assert!(!ran.stderr.contains("skc_"), "{}", ran.stderr);
    let mut env = sandbox.place.env();
    let signed_in = by_claim(&mut env, code(link)).expect("signed in");
    assert_eq!(signed_in.person.max_expiry.map(|span| span.as_secs()), Some(90 * 86_400));
    assert_eq!(word(by_claim(&mut env, code(link))), "code_used");
    let listed = sandbox.json(&["invitation", "list", "--all"]);
    assert_eq!((&listed[0]["owner"], &listed[0]["state"]), (&"alice".into(), &"redeemed".into()), "{listed}");
    assert_eq!(sandbox.json(&["invitation", "list"]).as_array().map(Vec::len), Some(0));
    let sessions = sandbox.json(&["session", "list"]);
    assert_eq!(sessions[0]["id"], signed_in.person.session.to_string());
    let ended = sandbox.json(&["session", "end", "--owner", "alice"]);
    assert_eq!(ended.as_array().map(Vec::len), Some(1));
    assert!(now(&mut env, &signed_in).is_none());
    sandbox.ok(&["store", "check"]);
});

both!(mint_claim_shows_an_operator_no_token, |place| {
    let sandbox = sandbox(place);
    let printed = sandbox.json(&["mint", "alice/laptop", "--scope", "memories", "--claim"]);
    assert_eq!(printed["key"]["token"], serde_json::Value::Null);
    let link = printed["link"].as_str().expect("a link");
    assert_eq!(printed["code"], code(link));
    let mut env = sandbox.place.env();
    let person = by_claim(&mut env, code(link)).expect("signed in").person;
    // What the portal answered is lost with its process: the next one makes it good.
    drop(redeem_token(&mut env, &person).expect("a token"));
    let mut env = sandbox.place.env();
    let given = redeem_token(&mut env, &person).expect("another token");
    let (exit, verdict) = sandbox.verify(given.token.expose(), &["--scope", "memories"]);
    assert_eq!(exit, Some(0), "{verdict}");
    assert_eq!(
        sandbox.json(&["show", "alice/laptop"])["token"]["prefix"],
        given.token.display_prefix().as_str()
    );
    sandbox.ok(&["store", "check"]);
});

both!(a_restored_store_lets_nobody_in_by_what_was_out, |place| {
    let sandbox = sandbox(place);
    let open = sandbox.ok(&["invite", "alice", "--scope", "memories"]);
    let used = sandbox.ok(&["invite", "bob", "--scope", "memories"]);
    let mut env = sandbox.place.env();
    let signed_in = by_claim(&mut env, code(&used)).expect("signed in");
    assert!(now(&mut env, &signed_in).is_some());
    let run = |args: &[&str]| {
        let mut command = sandbox.command(args);
        command.env("KEYCTL_BACKUP_PASSPHRASE", "correct horse battery staple of tests");
        crate::support::cli::finish(command, b"").expect_code(0)
    };
    drop(env);
    run(&["store", "backup", "keys.backup"]);
    run(&["store", "restore", "keys.backup", "--accept-rollback", "--yes"]);
    let mut env = sandbox.place.env();
    assert!(now(&mut env, &signed_in).is_none(), "a session");
    assert_eq!(word(by_claim(&mut env, code(&open))), "code_revoked");
    sandbox.ok(&["invite", "alice", "--scope", "memories"]);
    sandbox.ok(&["store", "check"]);
});

both!(a_killed_invitation_is_whole_or_absent, |place| {
    let sandbox = sandbox(place);
    let start = std::time::Instant::now();
    sandbox.ok(&["invite", "alice", "--scope", "memories"]);
    let usual = start.elapsed().as_micros() as u64;
    let mut chance = Chance(u64::from(std::process::id()) << 20 | 0x9E37);
    for _ in 0..30 {
        let mut command = sandbox.command(&["mint", "alice", "--scope", "memories", "--claim"]);
        let mut child = command.stderr(Stdio::null()).spawn().expect("starts");
        thread::sleep(Duration::from_micros(chance.below(usual * 5 / 4)));
        let _ = child.kill();
        child.wait().expect("ended");
    }
    let count = |sql: &str| sandbox.place.sql(sql).expect("rows").parse::<u64>().expect("a count");
    let claims = count("SELECT COUNT(*) FROM claim");
    assert_eq!(claims, count("SELECT COUNT(*) FROM audit WHERE body LIKE '%\"action\":\"claim.create\"%'"));
    assert_eq!(claims - 1, count("SELECT COUNT(*) FROM key"));
    sandbox.ok(&["store", "check"]);
});

both!(an_invitation_that_keyctl_did_not_make_is_found, |place| {
    let sandbox = sandbox(place);
    sandbox.ok(&["invite", "alice", "--scope", "memories"]);
    sandbox.place.sql("UPDATE claim SET scopes = '[\"*\"]'").expect("widened");
    let ran = sandbox.run(&["store", "check"]).expect_code(7);
    assert!(
        ran.stdout.contains("scopes is [\"*\"]") && ran.stdout.contains("invitation clm_"),
        "{}",
        ran.stdout
    );
    sandbox
        .place
        .sql(
            "INSERT INTO claim (id, code_hash, owner, scopes, created_at, expires_at)
              SELECT 'clm_01h455vb4pex5vsknk084sn02q', 'x', owner, '[]', created_at, expires_at FROM claim",
        )
        .expect("forged");
    let ran = sandbox.run(&["store", "check"]).expect_code(7);
    assert!(ran.stdout.contains("clm_01h455vb4pex5vsknk084sn02q of alice is in no record"), "{}", ran.stdout);
});

both!(no_code_stands_in_what_a_store_prints_of_itself, |place| {
    let sandbox = sandbox(place);
    let link = sandbox.ok(&["invite", "alice", "--scope", "memories"]);
    let secret = &code(&link)["skc_".len()..];
    let mut env = env_of(
        keyctl::store::Store::open(&sandbox.place.location(), keyctl::store::Access::Change, options())
            .expect("open"),
    );
    let signed_in = by_claim(&mut env, code(&link)).expect("signed in");
    let refused = by_claim(&mut env, code(&link)).expect_err("used");
    let cookie = signed_in.secret.expose();
    let shown = format!("{refused} {refused:?} {signed_in:?}");
    assert!(!shown.contains(secret) && !shown.contains(cookie), "{shown}");
    for args in [
        &["audit", "list", "-o", "jsonl"][..],
        &["audit", "export"],
        &["dump"],
        &["export", "csv"],
        &["invitation", "list", "--all", "-o", "json"],
        &["session", "list", "--all", "-o", "json"],
        &["show", "alice"],
        &["store", "status", "-o", "json"],
    ] {
        let ran = sandbox.run(args);
        let all = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!all.contains(secret) && !all.contains(cookie), "{args:?}: {all}");
    }
    // Typed where it does not belong, it is not repeated.
    let ran = sandbox.run(&["invitation", "revoke", code(&link)]);
    assert!(!format!("{}{}", ran.stdout, ran.stderr).contains(secret), "{}", ran.stderr);
});

#[test]
fn where_the_portal_is_and_where_it_serves_have_one_judge() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    for (text, is_good) in [
        ("https://keys.example.com", true),
        ("https://keys.example.com/", true),
        ("https://keys.example.com:8443", true),
        ("http://localhost:8712", true),
        ("https://keys.example.com/portal", false),
        ("https://keys.example.com:443", false),
        ("https://Keys.example.com", false),
        ("https://alice@keys.example.com", false),
        ("https://keys.example.com?x", false),
        ("http://keys.example.com", false),
        ("http://127.0.0.2:8712", false),
        ("keys.example.com", false),
    ] {
        let set = sandbox.run(&["store", "set", "portal", text]);
        let served = sandbox.run(&["portal", "--check", "--origin", text]);
        assert_eq!(
            (set.code == Some(0), served.code == Some(0)),
            (is_good, is_good),
            "{text}: {set:?} {served:?}"
        );
        if is_good {
            sandbox.run(&["portal", "--check"]).expect_code(0);
        } else {
            assert_eq!((set.code, served.code), (Some(2), Some(2)), "{text}");
        }
    }
}

both!(an_owner_who_is_not_there_has_no_list, |place| {
    let sandbox = sandbox(place);
    sandbox.ok(&["invite", "alice", "--scope", "memories"]);
    for noun in ["invitation", "session"] {
        for more in [&[][..], &["--all"], &["-o", "json"]] {
            let ran = sandbox.run(&[&[noun, "list", "--owner", "alcie"], more].concat()).expect_code(3);
            let all = format!("{}{}", ran.stdout, ran.stderr);
            assert!(all.contains("there is no owner alcie") && all.contains("alice"), "{noun}: {all}");
        }
        sandbox.run(&[noun, "list", "--owner", "alice"]).expect_code(0);
    }
});

both!(rotate_says_what_a_key_waits_for, |place| {
    let sandbox = sandbox(place);
    sandbox.ok(&["mint", "alice/laptop", "--scope", "memories", "--claim"]);
    let refused = |hint: &str| {
        let ran = sandbox.run(&["rotate", "alice/laptop"]).expect_code(4);
        assert!(ran.stderr.contains("waits for whoever opens its link"), "{}", ran.stderr);
        assert!(ran.stderr.contains(hint) && !ran.stderr.contains("trust"), "{hint}: {}", ran.stderr);
        assert!(ran.stderr.contains("keyctl mint alice/laptop --claim"), "{}", ran.stderr);
    };
    refused("the link works until");
    let open = sandbox.json(&["invitation", "list"]);
    sandbox.ok(&["invitation", "revoke", open[0]["id"].as_str().expect("an id"), "-q"]);
    refused("the link works no more");
    // What it says helps.
    sandbox.ok(&["revoke", "alice/laptop"]);
    let another = sandbox.ok(&["mint", "alice/laptop", "--scope", "memories", "--claim"]);
    let mut env = sandbox.place.env();
    let person = by_claim(&mut env, code(another.trim_end())).expect("signed in").person;
    refused("while they are signed in");
    redeem_token(&mut env, &person).expect("a token");
    sandbox.ok(&["rotate", "alice/laptop"]);
});
