//! What commands make of what serve wrote: reports, the end of a rotation, a wait for a revocation.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::both;
use crate::support::cli::Sandbox;

const TODAY: &str = "(SELECT MAX(created_at) / 86400000 FROM key)";

fn used(sandbox: &Sandbox, key: &str, days_ago: &str, answers: &str) {
    let sql = format!(
        "INSERT INTO key_day (key_id, day, allowed, denied)
         SELECT id, {TODAY} - {days_ago}, {answers} FROM key WHERE owner || '/' || name = '{key}'"
    );
    sandbox.place.sql(&sql).expect("written");
}

fn reported(sandbox: &Sandbox, args: &[&str]) -> Vec<Value> {
    sandbox.json(&[&["usage"], args].concat()).as_array().expect("rows").clone()
}

both!(usage_is_summed_up_by_key_owner_and_day, |place| {
    let sandbox = Sandbox::with_store(place);
    for (key, more) in [
        ("alice/ci", &["--quota", "100/day", "--label", "team=a"][..]),
        ("alice/web", &[]),
        ("bob/ci", &[]),
        ("carol/idle", &[]),
    ] {
        sandbox.ok(&[&["mint", key, "--scope", "m"], more].concat());
    }
    let ran = sandbox.run(&["usage"]).expect_code(0);
    assert!(ran.stderr.contains("no use was counted since"), "{}", ran.stderr);
    let ran = sandbox.run(&["usage", "alicia"]).expect_code(0);
    assert!(ran.stderr.contains("no use of a key of alicia was counted since"), "{}", ran.stderr);
    used(&sandbox, "alice/ci", "0", "7, 1");
    used(&sandbox, "alice/ci", "2", "5, 0");
    used(&sandbox, "alice/web", "0", "20, NULL");
    used(&sandbox, "bob/ci", "29", "1, 0");
    used(&sandbox, "bob/ci", "30", "500, 0");
    let spent =
        "INSERT INTO quota_spent SELECT 'key', id, substr(EXPIRES, 1, 10), 42 FROM key WHERE name = 'ci'";
    let today = sandbox.json(&["list"])[0]["created_at"].as_str().expect("a time").to_owned();
    sandbox.place.sql(&spent.replace("EXPIRES", &format!("'{today}'"))).expect("written");
    let by_key: Vec<_> = reported(&sandbox, &[])
        .iter()
        .map(|row| {
            format!("{}/{} {} {}", row["owner"], row["name"], row["allowed"], row["denied"]).replace('"', "")
        })
        .collect();
    assert_eq!(by_key, ["alice/ci 12 1", "alice/web 20 0", "bob/ci 1 0"], "30 days, by name");
    let ci = &reported(&sandbox, &["alice", "--label", "team=a", "--days", "3"])[0];
    assert_eq!(ci["quota"], json!({ "limit": 100, "period": "day", "spent": 42 }));
    let counts: Vec<_> =
        ci["days"].as_array().expect("days").iter().map(|day| day["allowed"].clone()).collect();
    assert_eq!(counts, [json!(5), json!(0), json!(7)]);
    let by_owner: Vec<_> = reported(&sandbox, &["--by", "owner"])
        .iter()
        .map(|row| format!("{} {} {}", row["owner"], row["keys"], row["allowed"]).replace('"', ""))
        .collect();
    assert_eq!(by_owner, ["alice 2 32", "bob 1 1"]);
    let by_day = reported(&sandbox, &["--by", "day", "--days", "3"]);
    assert_eq!(
        by_day.iter().map(|row| (row["keys"].as_i64(), row["allowed"].as_i64())).collect::<Vec<_>>(),
        [(Some(1), Some(5)), (Some(0), Some(0)), (Some(2), Some(27))]
    );
    assert_eq!(by_day[2]["day"].as_str(), today.get(..10));
    // What is most comes first for people, with a bar and a line of blocks.
    let table = sandbox.ok(&["usage", "--days", "3", "-o", "table"]);
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[1].starts_with("alice/web") && lines[1].contains("██████████ 20"), "{table}");
    assert!(lines[2].starts_with("alice/ci") && lines[2].contains("▅·█"), "{table}");
    let csv = sandbox.ok(&["usage", "alice", "--days", "3", "-o", "csv"]);
    assert!(csv.lines().any(|line| line.starts_with("alice/ci,13,1,5 0 8,")), "{csv}");
    sandbox.ok(&["revoke", "alice/web"]);
    assert_eq!(reported(&sandbox, &["alice"]).len(), 2, "also of keys that are revoked since");
    sandbox.run(&["usage", "--days", "0"]).expect_code(2);
    sandbox.run(&["usage", "--days", "401"]).expect_code(2);
});

both!(what_an_observing_policy_would_have_denied_is_listed, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    let ran = sandbox.run(&["usage", "--would-deny"]).expect_code(0);
    assert!(ran.stderr.contains("would have denied anything"), "{}", ran.stderr);
    let sql = format!(
        "INSERT INTO would_deny SELECT {TODAY}, '@open', 'scope', 3 FROM key;
         INSERT INTO would_deny SELECT {TODAY} - 1, '@open', 'scope', 4 FROM key;
         INSERT INTO would_deny SELECT {TODAY}, '@open', 'unknown', -1 FROM key"
    );
    sandbox.place.sql(&sql).expect("written");
    let rows = reported(&sandbox, &["--would-deny", "--days", "2"]);
    let rows: Vec<_> = rows.iter().map(|row| (row["reason"].as_str(), row["count"].as_i64())).collect();
    assert_eq!(rows, [(Some("scope"), Some(7)), (Some("unknown"), Some(0))]);
    sandbox.run(&["usage", "--would-deny", "--by", "day"]).expect_code(2);
});

both!(an_older_store_has_no_use_to_show, |place| {
    crate::stores::migrations::make_schema_1(&place);
    let sandbox = Sandbox::empty(place);
    sandbox.ok(&["usage"]);
    sandbox.ok(&["usage", "--by", "owner"]);
    sandbox.ok(&["usage", "--would-deny"]);
    sandbox.ok(&["list", "--unused", "90d"]);
});

both!(an_old_token_is_ended_once_it_is_not_used, |place| {
    let sandbox = Sandbox::with_store(place);
    let old = sandbox.ok(&["mint", "alice/ci", "--scope", "m"]);
    let finish = &["rotate", "alice/ci", "--finish-when-unused", "24h", "--serve-only"];
    let ran = sandbox.run(finish).expect_code(0);
    assert!(ran.stderr.contains("no old token of alice/ci works"), "{}", ran.stderr);
    sandbox.ok(&["rotate", "alice/ci"]);
    sandbox.run(&["rotate", "alice/ci", "--finish-when-unused", "24h"]).expect_code(2);
    sandbox.run(&["rotate", "alice/ci", "--serve-only"]).expect_code(2);
    let soon = sandbox.run(&["rotate", "alice/ci", "--finish-when-unused", "59s", "--serve-only"]);
    let soon = soon.expect_code(2);
    assert!(soon.stderr.contains("write a minute at least"), "{}", soon.stderr);
    let ran = sandbox.run(finish).expect_code(4);
    assert!(ran.stderr.contains("no keyctl serve writes it down"), "{}", ran.stderr);
    let id = old.get(4..16).expect("an id");
    let used = |ago: &str| {
        let sql = format!(
            "DELETE FROM token_use;
             INSERT INTO token_use SELECT '{id}', 1, MAX(created_at) - {ago}, '192.0.2.7' FROM token"
        );
        sandbox.place.sql(&sql).expect("written");
    };
    used("3600000");
    let ran = sandbox.run(finish).expect_code(4);
    assert!(ran.stderr.contains("from 192.0.2.7, which is less than 24h ago"), "{}", ran.stderr);
    assert_eq!(sandbox.verify(old.trim(), &[]).0, Some(0));
    used("90000000");
    let ran = sandbox.run(&[&finish[..], &["--dry-run"]].concat()).expect_code(0);
    assert!(ran.stderr.contains("dry run: would end the old token"), "{}", ran.stderr);
    assert_eq!(sandbox.verify(old.trim(), &[]).0, Some(0));
    let ended = sandbox.json(finish);
    assert_eq!(ended["previous_token"], Value::Null);
    assert_eq!(sandbox.verify(old.trim(), &[]).0, Some(5));
    let records = sandbox.json(&["audit", "list", "--action", "rotate.finish"]);
    let outcomes: Vec<_> =
        records.as_array().expect("records").iter().map(|one| one["record"]["outcome"].clone()).collect();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == "refused").count(), 2, "{records}");
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == "done").count(), 1, "{records}");
    sandbox.ok(&["store", "check"]);
});

both!(a_revocation_waits_for_every_running_serve, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice/ci", "--scope", "m"]);
    sandbox.ok(&["mint", "alice/web", "--scope", "m"]);
    let claim = |instance: &str, seq: &str| {
        let sql = format!(
            "DELETE FROM serve_claim WHERE instance = '{instance}';
             INSERT INTO serve_claim SELECT '{instance}', store_uuid, {seq}, (SELECT MAX(created_at) FROM key)
             FROM keyctl_store_v1"
        );
        sandbox.place.sql(&sql).expect("written");
    };
    claim("one", "1000");
    let start = Instant::now();
    let ran = sandbox.run(&["revoke", "alice/ci", "--wait=serve"]).expect_code(0);
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    assert!(ran.stderr.contains("by each running keyctl serve: one"), "{}", ran.stderr);
    assert!(ran.stderr.contains("not counted are keyctl serve --read-only"), "{}", ran.stderr);
    claim("other", "1");
    let start = Instant::now();
    let ran = sandbox.run(&["revoke", "alice/web", "--wait=serve"]).expect_code(0);
    assert!(start.elapsed() >= Duration::from_secs(5), "{:?}", start.elapsed());
    assert!(ran.stderr.contains("these had not said so: other"), "{}", ran.stderr);
    let records = sandbox.json(&["audit", "list", "--action", "revoke.wait"]);
    let receipts: Vec<_> =
        records.as_array().expect("records").iter().map(|one| one["record"]["details"].clone()).collect();
    assert_eq!(receipts.len(), 2, "{records}");
    let complete = receipts.iter().find(|receipt| receipt["complete"] == true).expect("one");
    assert_eq!((&complete["claimed"], &complete["missing"]), (&json!(["one"]), &json!([])));
    let late = receipts.iter().find(|receipt| receipt["complete"] == false).expect("one");
    assert_eq!((&late["claimed"], &late["missing"]), (&json!(["one"]), &json!(["other"])));
    // What was revoked before is not waited for again.
    let start = Instant::now();
    sandbox.ok(&["revoke", "alice/web", "--wait=serve"]);
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    sandbox.run(&["revoke", "alice/web", "--wait=nginx"]).expect_code(2);
    sandbox.ok(&["store", "check"]);
});

both!(a_checkpoint_is_of_what_was_handed_out_too, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    let sql = "INSERT INTO disclosure SELECT 'sec_01h455vb4pex5vsknk084sn02q', 1, id, id, 3, created_at, created_at FROM key";
    sandbox.place.sql(sql).expect("written");
    let ran = sandbox.run(&["audit", "checkpoint"]).expect_code(0);
    assert!(!ran.stderr.contains("not in the log"), "{}", ran.stderr);
    let records = sandbox.json(&["audit", "list", "--action", "secret.resolve", "--owner", "alice"]);
    assert_eq!(records[0]["record"]["details"]["count"], 3);
    assert_eq!(sandbox.place.sql("SELECT COUNT(*) FROM disclosure").expect("rows"), "0");
    sandbox.ok(&["audit", "verify"]);
});
