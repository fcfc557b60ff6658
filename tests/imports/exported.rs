//! `export`, and what `import` makes of it in another store.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use keyctl::domain::time::Timestamp;
use serde_json::Value;

use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::runner::{Effect, case, check};
use crate::support::store::Place;

/// On the other of the two databases.
fn another(place: &Place) -> Sandbox {
    Sandbox::with_store(if place.database.is_some() { Place::sqlite() } else { Place::postgres() })
}

/// A key without what is another store's own: ids, times of creation, what is shown of tokens.
fn facts(sandbox: &Sandbox) -> Vec<Value> {
    let mut listed = sandbox.json(&["list", "--sort", "name"]);
    let keys = listed.as_array_mut().expect("keys");
    for key in keys.iter_mut() {
        let has_parent = key["parent"].is_string();
        let grace = key["previous_token"]["expires_at"].clone();
        let fields = key.as_object_mut().expect("a key");
        for own in ["id", "created_at", "token", "previous_token", "last_used_at"] {
            fields.remove(own);
        }
        fields.insert("parent".to_owned(), has_parent.into());
        fields.insert("grace".to_owned(), grace);
    }
    keys.clone()
}

both!(every_token_of_an_export_goes_on_working_in_another_store, |place| {
    let other = another(&place);
    let sandbox = Sandbox::with_store(place);
    for store in [&sandbox, &other] {
        store.ok(&["role", "set", "reader", "--scope", "files:read"]);
    }
    sandbox.ok(&["owner", "add", "erin", "--subject", "=auth0|Erin"]);
    let mint = |line: &str| sandbox.ok(&line.split(' ').collect::<Vec<_>>());
    let limited = mint(
        "mint alice --name main --scope memories --role reader --rate 600/m --quota 9/day --allow-ip 10.0.0.0/8,2001:db8::/32 \
         --label team=search --expires 30d --allow-jwt",
    );
    let child = mint("mint bob --name child --parent alice/main --scope memories:read --expires 10d");
    let plain = mint("mint erin --expires never");
    sandbox.ok(&["edit", "erin", "--label", "note=a; b=c", "--label", "odd={x}"]);
    let stopped = mint("mint carol --name later --not-before 2099-01-01T00:00:00Z --expires never");
    sandbox.ok(&["suspend", "carol/later"]);
    let old = mint("mint dave --scope m");
    let new = sandbox.ok(&["rotate", "dave", "--grace", "2h"]);
    let gone = mint("mint zoe --scope m");
    sandbox.ok(&["owner", "disable", "zoe", "--yes"]);
    let revoked = mint("mint yves --scope m");
    sandbox.ok(&["revoke", "yves"]);
    sandbox.feed(&["import", "mem0", "-"], "{\"weak\": \"mallory\"}").expect_code(0);

    let wanted: Vec<Value> = facts(&sandbox).into_iter().filter(|key| key["owner"] != "mallory").collect();
    for (format, command) in [("jsonl", "jsonl"), ("csv", "csv")] {
        let ran = sandbox.run(&["export", "--with-hashes", "-o", format]).expect_code(0);
        assert!(ran.stderr.contains("left out 1 key whose token may be guessed"), "{}", ran.stderr);
        assert!(ran.stderr.contains("1 key of disabled owners would be suspended"), "{}", ran.stderr);
        let words = ["import", command, "-", "-o", "json"];
        let report = other.feed(&words, &ran.stdout).expect_code(0);
        let report: Value = serde_json::from_str(&report.stdout).expect("JSON");
        let counts = (report["new"].as_u64(), report["present"].as_u64());
        assert_eq!(counts, if format == "jsonl" { (Some(6), Some(0)) } else { (Some(0), Some(6)) });
    }
    let mut moved = facts(&other);
    for key in moved.iter_mut().filter(|key| key["owner"] == "zoe") {
        assert_eq!(key["state"], "suspended", "its owner is disabled");
        key["state"] = "owner_disabled".into();
        key["suspended_at"] = Value::Null;
    }
    assert_eq!(moved, wanted);

    for (token, words, reason) in [
        (&limited, "--scope files:read --ip 10.1.2.3", None),
        (&limited, "--ip 192.0.2.1", Some("network")),
        (&child, "--scope memories:read --ip 10.1.2.3", None),
        (&child, "--scope files:read --ip 10.1.2.3", Some("scope")),
        (&plain, "", None),
        (&stopped, "", Some("not_yet_valid")),
        (&old, "--scope m", None),
        (&new, "--scope m", None),
        (&gone, "", Some("suspended")),
        (&revoked, "", Some("unknown")),
    ] {
        let words: Vec<&str> = words.split_whitespace().collect();
        let (_, verdict) = other.verify(token, &words);
        assert_eq!(verdict["reason"].as_str(), reason, "{words:?}: {verdict}");
    }
    assert_eq!(other.verify(&plain, &[]).1["principal"], "=auth0|Erin");
    other.ok(&["suspend", "alice/main"]);
    assert_eq!(other.verify(&child, &["--ip", "10.1.2.3"]).1["reason"], "parent_dead");
    other.ok(&["store", "check"]);
    other.ok(&["audit", "verify"]);
});

both!(hashes_leave_only_where_that_is_said_and_written_down, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "m", "--out-file", "alice.token"]);
    sandbox.ok(&["mint", "bob", "--scope", "m", "--out-file", "bob.token"]);
    sandbox.ok(&["revoke", "bob"]);
    let hashes = sandbox.place.sql("SELECT token_hash FROM token").expect("hashes");
    let all = sandbox.ok(&["export", "--all"]);
    assert_eq!(all.lines().count(), 2);
    for hash in hashes.lines() {
        assert!(!all.contains(hash.trim()));
    }
    let records =
        |action: &str| sandbox.ok(&["audit", "list", "--action", action, "-o", "jsonl"]).lines().count();
    assert_eq!(records("export"), 0);
    check(
        &sandbox,
        vec![
            case("no table", "export -o table").fails(2, "exported as jsonl or csv", "-o csv"),
            case("revoked keys", "export --with-hashes --all").fails(2, "--all", ""),
            case("revoked keys by state", "export --with-hashes --state revoked").fails(2, "revoked", ""),
            case("without hashes it cannot be read back", "import jsonl -").input(all).fails(
                2,
                "hash: it is missing",
                "",
            ),
        ],
    );
    let ran = sandbox.run(&["export", "alice", "--with-hashes", "--out-file", "out.jsonl"]).expect_code(0);
    assert!(ran.stdout.is_empty() && ran.stderr.contains("1 key in out.jsonl"), "{}", ran.stderr);
    let path = sandbox.home().join("out.jsonl");
    assert_eq!(fs::metadata(&path).expect("written").permissions().mode() & 0o777, 0o600);
    let written: Value = serde_json::from_str(&fs::read_to_string(&path).expect("text")).expect("one line");
    assert!(hashes.contains(written["hash"].as_str().expect("a hash")));
    assert_eq!(records("export"), 1);
});

both!(a_row_that_does_not_fit_its_family_is_told_by_its_line, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "m", "--out-file", "alice.token"]);
    let known = sandbox.place.sql("SELECT token_hash FROM token").expect("a hash");
    let known = known.trim();
    let row = |hash: &str, more: &str| format!("{{\"hash\":\"{hash}\",\"owner\":\"x\"{more}}}\n");
    let (a, b) = ("a".repeat(64), "b".repeat(64));
    let grace = |hash: &str| {
        format!(",\"previous_hash\":\"{hash}\",\"previous_expires_at\":\"2099-01-01T00:00:00Z\"")
    };
    let bad = |name: &str, line: String, code, says: &str| {
        case(name, "import jsonl -").input(line).fails(code, says, "").leaves(if code == 4 {
            Effect::Refusal
        } else {
            Effect::Nothing
        })
    };
    check(
        &sandbox,
        vec![
            bad(
                "an unknown parent",
                row(&a, ",\"parent\":\"nobody/default\""),
                4,
                "line 1: parent: there is no such",
            ),
            bad("no parent", row(&a, ",\"parent\":\"alice\""), 2, "a parent is written as owner/name"),
            bad("half a grace", row(&a, &grace(&b).replace("previous_expires_at", "x")), 2, "line 1"),
            bad(
                "a known token in its grace",
                row(&a, &grace(known)),
                4,
                "previous_hash: it is there already, of alice/default",
            ),
            bad(
                "a token twice",
                row(&a, &grace(&b)) + &row(&b, ""),
                2,
                "line 2: hash: the same as in line 1",
            ),
            bad("a rate", row(&a, ",\"rate\":\"600\""), 2, "line 1: rate: a rate is a number"),
            bad("a network", row(&a, ",\"allow_ip\":\"10.0.0.1/8\""), 2, "line 1: allow_ip:"),
            bad("a word", row(&a, ",\"allow_jwt\":\"maybe\""), 2, "line 1: allow_jwt: must be true or false"),
        ],
    );
    let family = row(&a, ",\"name\":\"child\",\"parent\":\"x/parent\"") + &row(&b, ",\"name\":\"parent\"");
    sandbox.feed(&["import", "jsonl", "-"], &family).expect_code(0);
    assert!(sandbox.json(&["show", "x/child"])["parent"].is_string(), "whatever their order");
});

both!(a_grace_that_is_imported_is_none_that_no_rotation_grants, |place| {
    let sandbox = Sandbox::with_store(place);
    let row = |digits: [&str; 2], more: &str| {
        let [hash, old] = digits.map(|digit| digit.repeat(64));
        format!(
            "{{\"hash\":\"{hash}\",\"previous_hash\":\"{old}\",\"previous_expires_at\":\"2099-01-01T00:00:00Z\",{more}}}\n"
        )
    };
    let in_days = |days: i64| {
        let now = sandbox.place.open().now().expect("now").as_millis();
        Timestamp::from_millis(now + days * 86_400_000).expect("a time")
    };
    let rows = row(["a", "b"], "\"owner\":\"x\",\"expires_at\":\"never\"")
        + &row(["c", "d"], &format!("\"owner\":\"z\",\"expires_at\":\"{}\"", in_days(10)));
    sandbox.feed(&["import", "jsonl", "-"], &rows).expect_code(0);
    let end = sandbox.json(&["show", "x"])["previous_token"]["expires_at"].clone();
    let end = Timestamp::parse(end.as_str().expect("an end")).expect("a time");
    assert!(end <= in_days(30) && end > in_days(29), "{end}");
    let key = sandbox.json(&["show", "z"]);
    assert_eq!(key["previous_token"]["expires_at"], key["expires_at"]);
    sandbox.ok(&["store", "check"]);
});
