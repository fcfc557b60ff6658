//! Who gets which secret.

use serde_json::Value;

use super::{KEY, OTHER, furnished, keyed, run_with};
use crate::support::both;
use crate::support::cli::{Ran, Sandbox};

fn resolve(sandbox: &Sandbox, token: &str, args: &[&str]) -> Ran {
    let args = [&["resolve", "-o", "json", "--provider", "anthropic"], args].concat();
    run_with(sandbox, &[("KEYCTL_MASTER_KEY", KEY)], &args, token)
}

/// The value that a token leads to.
#[track_caller]
fn value(sandbox: &Sandbox, token: &str) -> String {
    let answer: Value =
        serde_json::from_str(&resolve(sandbox, token, &[]).expect_code(0).stdout).expect("JSON");
    assert_eq!(answer["allowed"], true);
    answer["secret"].as_str().expect("a secret").to_owned()
}

#[track_caller]
fn unavailable(sandbox: &Sandbox, token: &str, says: &str) {
    let ran = resolve(sandbox, token, &[]).expect_code(8);
    assert!(ran.stderr.contains(says), "{}", ran.stderr);
    assert!(ran.stderr.contains("\"type\":\"KEY_UNAVAILABLE\""), "{}", ran.stderr);
    assert!(ran.stdout.is_empty() && !ran.stderr.contains("planted"), "{ran:?}");
}

both!(the_nearest_binding_decides_and_no_other_is_tried, |place| {
    let (sandbox, token) = furnished(place);
    let ci = sandbox.ok(&["mint", "alice", "--name", "ci"]);
    let bob = sandbox.ok(&["mint", "bob"]);
    for name in ["own", "shared"] {
        keyed(&sandbox, &["secret", "set", "anthropic", name], &format!("sk-planted-{name}"));
    }
    unavailable(&sandbox, &bob, "no secret for anthropic is bound to bob/default, nor by default");
    sandbox.ok(&["secret", "bind", "own", "alice/ci"]);
    sandbox.ok(&["secret", "bind", "shared", "--default"]);
    assert_eq!(value(&sandbox, &token), "sk-planted-first", "by the owner");
    assert_eq!(value(&sandbox, &ci), "sk-planted-own", "by the key");
    assert_eq!(value(&sandbox, &bob), "sk-planted-shared", "by default");
    let other =
        run_with(&sandbox, &[("KEYCTL_MASTER_KEY", KEY)], &["resolve", "--provider", "openai"], &token);
    assert!(other.expect_code(8).stderr.contains("no secret for openai"));

    // What is nearest and cannot be had is not replaced by what is farther.
    sandbox.place.sql("UPDATE secret_version SET expires_at = 1 WHERE secret_id = (SELECT id FROM secret WHERE name = 'own')").expect("written");
    unavailable(&sandbox, &ci, "the secret own for anthropic, which alice/ci gets, is expired");
    sandbox.place.sql("UPDATE secret SET deleted_at = 1 WHERE name = 'own'").expect("written");
    unavailable(&sandbox, &ci, "is deleted");
    sandbox
        .place
        .sql("UPDATE secret SET deleted_at = NULL WHERE name = 'own'; UPDATE secret_version SET expires_at = NULL")
        .expect("written");
    sandbox.ok(&["secret", "unbind", "own", "alice/ci"]);
    assert_eq!(value(&sandbox, &ci), "sk-planted-first");
    sandbox.ok(&["secret", "unbind", "team", "alice"]);
    assert_eq!(value(&sandbox, &ci), "sk-planted-shared");
    sandbox.ok(&["secret", "unbind", "shared", "--default"]);
    unavailable(&sandbox, &ci, "nor by default");
});

both!(a_denied_token_learns_nothing_of_secrets, |place| {
    let (sandbox, token) = furnished(place);
    let nobody = sandbox.ok(&["mint", "nobody"]);
    let denied = |token: &str, args: &[&str]| {
        // Without a master key, too: it is not needed to say no.
        let args = [&["resolve", "-o", "json", "--provider", "anthropic"], args].concat();
        let ran = run_with(&sandbox, &[], &args, token).expect_code(5);
        let verdict: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        assert!(ran.stderr.is_empty(), "{}", ran.stderr);
        (
            verdict["type"].as_str().expect("type").to_owned(),
            verdict["reason"].as_str().expect("reason").to_owned(),
        )
    };
    assert_eq!(denied("sks_nothing", &[]), ("UNAUTHORIZED".into(), "malformed".into()));
    assert_eq!(denied(&token, &["--scope", "files"]), ("FORBIDDEN".into(), "scope".into()));
    assert_eq!(denied(&token, &["--owner", "bob"]), ("FORBIDDEN".into(), "owner".into()));
    sandbox.ok(&["suspend", "nobody"]);
    assert_eq!(denied(&nobody, &[]), ("UNAUTHORIZED".into(), "suspended".into()));
    sandbox.ok(&["revoke", "alice"]);
    assert_eq!(denied(&token, &[]), ("UNAUTHORIZED".into(), "revoked".into()));
});

both!(a_new_value_and_an_old_one_reach_those_who_are_bound, |place| {
    let (sandbox, token) = furnished(place);
    keyed(&sandbox, &["secret", "rotate", "team"], "sk-planted-second");
    assert_eq!(value(&sandbox, &token), "sk-planted-second");
    sandbox.ok(&["secret", "rollback", "team"]);
    assert_eq!(value(&sandbox, &token), "sk-planted-first");
    assert!(
        sandbox.run(&["secret", "rollback", "team"]).expect_code(3).stderr.contains("no earlier version")
    );
    sandbox.ok(&["secret", "rollback", "team", "--to", "2"]);
    assert_eq!(value(&sandbox, &token), "sk-planted-second");
    // A version that comes later has a number of its own.
    sandbox.ok(&["secret", "rollback", "team", "--to", "1"]);
    keyed(&sandbox, &["secret", "rotate", "team"], "sk-planted-third");
    assert_eq!(sandbox.json(&["secret", "show", "team"])["version"], 3);
    assert_eq!(keyed(&sandbox, &["secret", "get", "team", "--version", "2"], ""), "sk-planted-second");
});

both!(an_end_belongs_to_a_value_and_comes_back_with_it, |place| {
    let (sandbox, token) = furnished(place);
    keyed(&sandbox, &["secret", "set", "anthropic", "team", "--expires", "1s"], "sk-planted-first");
    let ends = sandbox.json(&["secret", "show", "team"])["expires_at"].clone();
    assert!(ends.is_string());
    keyed(&sandbox, &["secret", "rotate", "team"], "sk-planted-second");
    std::thread::sleep(std::time::Duration::from_millis(1100));
    assert_eq!(value(&sandbox, &token), "sk-planted-second");
    let back = sandbox.run(&["secret", "rollback", "team"]).expect_code(0);
    assert!(back.stderr.contains("no key gets it any more"), "{}", back.stderr);
    assert_eq!(sandbox.json(&["secret", "show", "team"])["expires_at"], ends);
    unavailable(&sandbox, &token, "is expired");
});

both!(a_deleted_secret_is_nobody_s_and_comes_back_unless_it_was_purged, |place| {
    let (sandbox, token) = furnished(place);
    let refused = sandbox.run(&["secret", "delete", "team"]).expect_code(4);
    assert!(refused.stderr.contains("in use by 1 binding: owner alice"), "{}", refused.stderr);
    sandbox.ok(&["secret", "delete", "team", "--unbind"]);
    unavailable(&sandbox, &token, "nor by default");
    assert!(sandbox.run(&["secret", "show", "team"]).expect_code(3).stderr.contains("was deleted"));
    sandbox.ok(&["secret", "rollback", "team"]);
    sandbox.ok(&["secret", "bind", "team", "alice"]);
    assert_eq!(value(&sandbox, &token), "sk-planted-first");
    assert!(
        sandbox
            .run(&["secret", "delete", "team", "--purge", "--unbind"])
            .expect_code(2)
            .stderr
            .contains("--yes")
    );
    let wiped = sandbox.run(&["secret", "delete", "team", "--purge", "--unbind", "--yes"]).expect_code(0);
    assert!(wiped.stderr.contains("wiped 1 version of team"), "{}", wiped.stderr);
    assert!(wiped.stderr.contains("it may remain in"), "{}", wiped.stderr);
    for table in ["secret", "secret_version", "binding"] {
        assert_eq!(
            sandbox.place.sql(&format!("SELECT COUNT(*) FROM {table}")).as_deref(),
            Ok("0"),
            "{table}"
        );
    }
    assert!(
        sandbox
            .run(&["secret", "rollback", "team"])
            .expect_code(3)
            .stderr
            .contains("there is no secret team")
    );
});

both!(an_owner_of_the_same_name_inherits_nothing, |place| {
    let (sandbox, _) = furnished(place);
    sandbox.ok(&["owner", "delete", "alice", "--revoke-keys", "--yes"]);
    let token = sandbox.ok(&["mint", "alice"]);
    unavailable(&sandbox, &token, "nor by default");
});

both!(what_needs_no_value_needs_no_master_key, |place| {
    let (sandbox, token) = furnished(place);
    for args in [
        &["secret", "list"][..],
        &["secret", "show", "team"],
        &["secret", "bind", "team", "alice/default"],
        &["secret", "unbind", "team", "alice/default"],
        &["secret", "rollback", "team", "--to", "1"],
        &["master", "status"],
        &["mint", "carol"],
        &["rotate", "alice"],
        &["list"],
        &["store", "check"],
        &["secret", "delete", "team", "--unbind"],
    ] {
        sandbox.run(args).expect_code(0);
    }
    for args in [&["secret", "get", "team"][..], &["master", "check"], &["secret", "rotate", "team"]] {
        let ran = sandbox.feed(args, "sk-planted").expect_code(8);
        assert!(!ran.stdout.contains("planted"));
    }
    assert!(sandbox.verify(&token, &[]).1["allowed"] == true);
});

both!(who_got_a_value_is_recorded_before_it_is_shown, |place| {
    let (sandbox, _) = furnished(place);
    let records =
        || sandbox.place.sql("SELECT COUNT(*) FROM audit").expect("read").parse::<u64>().expect("a number");
    let before = records();
    let with = [("KEYCTL_MASTER_KEY", KEY), ("KEYCTL_ACTOR", "dana")];
    run_with(&sandbox, &with, &["secret", "get", "team"], "").expect_code(0);
    let last = sandbox.ok(&["audit", "list", "--action", "secret.get", "-o", "jsonl"]);
    let body: Value = serde_json::from_str::<Value>(&last).expect("one record")["record"].take();
    assert_eq!((&body["actor"]["claimed"], &body["details"]["name"]), (&"dana".into(), &"team".into()));
    assert_eq!(records(), before + 1);
    // What cannot be recorded is not shown: the store takes no change.
    let gone =
        run_with(&sandbox, &[("KEYCTL_MASTER_KEY", OTHER)], &["secret", "get", "team"], "").expect_code(8);
    assert!(gone.stdout.is_empty());
    assert_eq!(records(), before + 1, "nothing was disclosed, and nothing written");
});

both!(revoking_a_key_says_which_secrets_it_could_get, |place| {
    let (sandbox, _) = furnished(place);
    keyed(&sandbox, &["secret", "set", "openai", "shared"], "sk-planted-shared");
    sandbox.ok(&["secret", "bind", "shared", "--default"]);
    let revoked = sandbox.json(&["revoke", "alice"]);
    let reach = revoked[0]["secrets_in_reach"].as_array().expect("an array");
    let names: Vec<&str> = reach.iter().map(|binding| binding["name"].as_str().expect("name")).collect();
    assert_eq!(names, ["team", "shared"]);
});

/// Runs SQL as somebody would who does not care for foreign keys.
fn careless(sandbox: &Sandbox, sql: &str) {
    let script = match &sandbox.place.database {
        None => format!("PRAGMA foreign_keys = OFF; {sql}"),
        Some(_) => format!("SET session_replication_role = replica; {sql}"),
    };
    sandbox.place.sql(&script).expect("written");
}

both!(a_binding_that_leads_astray_gives_nothing, |place| {
    let (sandbox, token) = furnished(place);
    keyed(&sandbox, &["secret", "set", "openai", "shared"], "sk-planted-shared");
    careless(&sandbox, "UPDATE binding SET provider = 'openai' WHERE subject_kind = 'owner'");
    let ran = run_with(&sandbox, &[("KEYCTL_MASTER_KEY", KEY)], &["resolve", "--provider", "openai"], &token);
    let ran = ran.expect_code(8);
    assert!(ran.stdout.is_empty() && ran.stderr.contains("a secret for anthropic"), "{ran:?}");
    let check = sandbox.run(&["store", "check"]).expect_code(7);
    assert!(check.stdout.contains("leads to no secret of its provider"), "{check:?}");
});

both!(a_secret_whose_version_is_gone_is_damage_and_the_next_binding_is_not_tried, |place| {
    let (sandbox, token) = furnished(place);
    keyed(&sandbox, &["secret", "set", "anthropic", "shared"], "sk-planted-shared");
    sandbox.ok(&["secret", "bind", "shared", "--default"]);
    careless(&sandbox, "UPDATE secret SET version = 9 WHERE name = 'team'");
    let with = [("KEYCTL_MASTER_KEY", KEY)];
    let ran = run_with(&sandbox, &with, &["resolve", "--provider", "anthropic"], &token).expect_code(7);
    assert!(ran.stdout.is_empty() && ran.stderr.contains("table secret"), "{ran:?}");
    sandbox.run(&["secret", "show", "team"]).expect_code(7);
    let check = sandbox.run(&["store", "check"]).expect_code(7);
    assert!(check.stdout.contains("has no current version"), "{check:?}");
});

both!(a_row_under_a_key_that_nobody_knows_is_not_called_open, |place| {
    let (sandbox, _) = furnished(place);
    careless(&sandbox, "UPDATE secret_version SET master_key_id = 'ffffffffffffffff'");
    let ran = run_with(&sandbox, &[("KEYCTL_MASTER_KEY", KEY)], &["master", "check"], "").expect_code(8);
    assert!(ran.stdout.contains("corrupt"), "{ran:?}");
});

both!(nobody_is_asked_for_a_value_that_cannot_be_kept, |place| {
    let (sandbox, _) = furnished(place);
    let mark = sandbox.home().join("asked");
    let command = format!("touch {}; echo sk-planted-x", mark.display());
    for (key, args, code) in [
        (KEY, &["secret", "rotate", "nosuch", "--command", &command][..], 3),
        (OTHER, &["secret", "rotate", "team", "--command", &command], 8),
        (OTHER, &["secret", "set", "openai", "new", "--command", &command], 8),
        ("no key", &["secret", "set", "openai", "new", "--command", &command], 8),
    ] {
        run_with(&sandbox, &[("KEYCTL_MASTER_KEY", key)], args, "").expect_code(code);
        assert!(!mark.exists(), "{args:?}");
    }
});

both!(one_old_version_is_wiped_and_a_deleted_secret_is_meant_by_its_id, |place| {
    let (sandbox, token) = furnished(place);
    keyed(&sandbox, &["secret", "rotate", "team"], "sk-planted-second");
    sandbox.run(&["secret", "delete", "team", "--purge", "--version", "2", "--yes"]).expect_code(4);
    sandbox.run(&["secret", "delete", "team", "--purge", "--version", "7", "--yes"]).expect_code(3);
    sandbox.ok(&["secret", "delete", "team", "--purge", "--version", "1", "--yes"]);
    assert_eq!(value(&sandbox, &token), "sk-planted-second");
    sandbox.run(&["secret", "rollback", "team"]).expect_code(3);
    let id = sandbox.json(&["secret", "show", "team"])["id"].as_str().expect("an id").to_owned();
    sandbox.ok(&["secret", "delete", "team", "--unbind"]);
    keyed(&sandbox, &["secret", "set", "openai", "team"], "sk-planted-other");
    let taken = sandbox.run(&["secret", "rollback", &id]).expect_code(4);
    assert!(taken.stderr.contains("another secret team"), "{}", taken.stderr);
    sandbox.ok(&["secret", "delete", &id, "--purge", "--yes"]);
    assert_eq!(keyed(&sandbox, &["secret", "get", "team"], ""), "sk-planted-other");
    assert_eq!(sandbox.place.sql("SELECT COUNT(*) FROM secret").as_deref(), Ok("1"));
    let named = run_with(
        &sandbox,
        &[("KEYCTL_MASTER_KEY", KEY)],
        &["secret", "set", "openai", "sec_x"],
        "sk-planted-x",
    );
    assert!(named.expect_code(2).stderr.contains("kept for ids"));
});
