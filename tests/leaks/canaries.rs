//! Keys that are there to be found: revoked for all who ask, and an alarm where one appears.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use super::intake::{Intake, reporter};
use crate::expiring::configure;
use crate::serve::process::{Server, eventually};
use crate::serve::raw::{Answer, get, one, post, validate};
use crate::support::both;
use crate::support::cli::{Sandbox, finish};
use crate::support::postgres;
use crate::support::store::Place;

const ROLE: &str = "canary_serve";

fn canary(sandbox: &Sandbox) -> String {
    sandbox.ok(&["mint", "bait/door", "--canary", "--scope", "memories"])
}

fn revoked(sandbox: &Sandbox) -> String {
    let token = sandbox.ok(&["mint", "alice/old", "--scope", "memories"]);
    sandbox.ok(&["revoke", "alice/old"]);
    token
}

/// Serve over the store, on a server in its own role.
fn serve(sandbox: &Sandbox, flags: &[&str]) -> Server {
    let store = if sandbox.place.database.is_none() {
        sandbox.place.text()
    } else {
        postgres::server().role(ROLE);
        sandbox.ok(&["store", "grant", ROLE, "--for", "serve"]);
        sandbox.place.text().replace(&format!("{}@", postgres::USER), &format!("{ROLE}@"))
    };
    let own = ["--store", store.as_str(), "--trusted-proxy", "127.0.0.1"];
    Server::with(sandbox, "", &[&own, flags].concat())
}

/// Where canaries were seen: `address path count`.
fn seen(sandbox: &Sandbox) -> BTreeSet<String> {
    let rows = sandbox.json(&["usage", "--canaries"]);
    let line = |row: &Value| {
        let text = |name: &str| row[name].as_str().unwrap_or("-").to_owned();
        format!("{} {} {}", text("address"), text("path"), row["count"])
    };
    rows.as_array().expect("an array").iter().map(line).collect()
}

#[track_caller]
fn is_seen(sandbox: &Sandbox, lines: &[&str]) {
    let wanted: BTreeSet<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    let mut last = BTreeSet::new();
    eventually(&format!("{wanted:#?}"), || {
        last = seen(sandbox);
        last == wanted
    });
}

const FROM: &str = "X-Forwarded-For: 192.0.2.7\r\n";

/// Everything that serve is asked about a token, in all ways.
fn asked(server: &Server, service: &str, token: &str) -> Vec<Answer> {
    let bearer = format!("Authorization: Bearer {token}\r\n{FROM}");
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let own = format!("Authorization: Bearer {service}\r\n");
    let nginx = format!("{bearer}X-Original-URI: /v1/notes?q=1\r\nX-Original-Method: GET\r\n");
    let forwarded = format!(
        "{bearer}X-Forwarded-Uri: /v1/things?q=1\r\nX-Forwarded-Method: GET\r\nX-Forwarded-Proto: https\r\n"
    );
    [
        get("/auth/nginx/memories", &nginx),
        get("/auth/caddy/memories", &forwarded),
        get("/auth/traefik/memories", &forwarded),
        get(
            "/auth/envoy/v1/envoy",
            &format!("{bearer}X-Keyctl-Policy: memories\r\nX-Forwarded-Proto: https\r\n"),
        ),
        validate(token),
        post("/introspect", &format!("{form}{own}"), format!("token={token}").as_bytes()),
        post("/introspect", &format!("{form}{bearer}"), b"token=x"),
        get("/revocations?since=0", &bearer),
    ]
    .iter()
    .map(|bytes| one(server.address, bytes))
    .collect()
}

both!(to_all_who_ask_it_is_a_revoked_key_and_each_time_it_is_counted, |place| {
    let sandbox = Sandbox::with_store(place);
    let (canary, other) = (canary(&sandbox), revoked(&sandbox));
    let service = sandbox.ok(&["mint", "gateway", "--scope", "keyctl:introspect"]);
    let verdict = |token: &str| finish(sandbox.command(&["verify", "-o", "json"]), token.as_bytes()).stdout;
    assert_eq!(verdict(&canary), verdict(&other));
    assert_eq!(sandbox.json(&["list", "bait"]), json!([]));
    assert_eq!(sandbox.json(&["list", "bait", "--all"])[0]["state"], "revoked");
    let server = serve(&sandbox, &[]);
    // The second time the answers are kept.
    for _ in 0..2 {
        assert_eq!(asked(&server, &service, &canary), asked(&server, &service, &other));
    }
    is_seen(
        &sandbox,
        &[
            "192.0.2.7 /v1/notes 2",
            "192.0.2.7 /v1/things 4",
            "192.0.2.7 /v1/envoy 2",
            "- /validate 2",
            "- /introspect 2",
            "127.0.0.1 /introspect 2",
            "127.0.0.1 /revocations 2",
        ],
    );
    let log = server.log();
    assert!(log.contains("a canary was seen: ") && log.contains("reason=canary"), "{log}");
    assert!(!log.contains(&canary[canary.len() - 49..]) && !log.contains("q=1"), "{log}");
    let names = sandbox.json(&["list", "--canaries"]);
    assert_eq!((names.as_array().map(Vec::len), &names[0]["name"]), (Some(1), &json!("door")));
    sandbox.ok(&["store", "check"]);
});

both!(a_canary_that_is_minted_while_serve_runs_is_missed_no_time, |place| {
    let sandbox = Sandbox::with_store(place);
    let server = serve(&sandbox, &[]);
    let canary = canary(&sandbox);
    let refused = one(server.address, &validate(&canary));
    assert_eq!(refused.status, 401);
    is_seen(&sandbox, &["- /validate 1"]);
    drop(server);
    is_seen(&sandbox, &["- /validate 1"]);
});

both!(a_flood_of_addresses_and_paths_is_few_rows, |place| {
    let sandbox = Sandbox::with_store(place);
    let canary = canary(&sandbox);
    let server = serve(&sandbox, &[]);
    for number in 0..200 {
        let lines = format!(
            "Authorization: Bearer {canary}\r\nX-Forwarded-For: 198.51.100.{number}\r\nX-Original-URI: /{number}\r\nX-Original-Method: GET\r\n"
        );
        assert_eq!(one(server.address, &get("/auth/nginx/memories", &lines)).status, 401);
    }
    eventually("all are counted", || {
        let rows = sandbox.json(&["usage", "--canaries"]);
        rows.as_array().expect("rows").iter().map(|row| row["count"].as_u64().expect("a count")).sum::<u64>()
            == 200
    });
    // One beyond, where all is that is not told apart; and as many again at most where an hour ended meanwhile.
    let rows = seen(&sandbox);
    assert!(rows.len() <= 2 * 33 && rows.iter().any(|row| row.starts_with("- - ")), "{rows:?}");
});

both!(sightings_are_recorded_with_the_next_anchor_and_the_log_and_the_store_agree, |place| {
    let sandbox = Sandbox::with_store(place);
    let canary = canary(&sandbox);
    let server = serve(&sandbox, &[]);
    let recorded = || {
        let records = sandbox.json(&["audit", "list", "--action", "canary.seen"]);
        let counts = records.as_array().expect("records").iter();
        counts
            .map(|record| record["record"]["details"]["count"].as_u64().expect("a count"))
            .collect::<Vec<_>>()
    };
    let ask = || assert_eq!(one(server.address, &validate(&canary)).status, 401);
    for _ in 0..3 {
        ask();
    }
    is_seen(&sandbox, &["- /validate 3"]);
    sandbox.ok(&["audit", "checkpoint"]);
    assert_eq!(recorded(), [3]);
    sandbox.ok(&["audit", "checkpoint"]);
    assert_eq!(recorded(), [3], "once");
    ask();
    is_seen(&sandbox, &["- /validate 4"]);
    // With a change, too.
    sandbox.ok(&["mint", "carol", "--scope", "memories"]);
    let mut counts = recorded();
    counts.sort_unstable();
    assert_eq!(counts, [1, 3]);
    let record = &sandbox.json(&["audit", "list", "--action", "canary.seen"])[0]["record"];
    assert_eq!(
        (&record["owner"], &record["details"]["path"]),
        (&json!("bait"), &json!("/validate")),
        "{record}"
    );
    sandbox.ok(&["audit", "verify"]);
    sandbox.ok(&["store", "check"]);
    sandbox.place.sql("DELETE FROM canary").expect("taken out");
    let found = sandbox.run(&["store", "check"]).expect_code(7);
    assert!(found.stdout.contains("is no canary, and record"), "{found:?}");
});

both!(no_way_leads_to_a_canary_that_works, |place| {
    let sandbox = Sandbox::with_store(place);
    let canary = canary(&sandbox);
    let id = sandbox.json(&["list", "--canaries"])[0]["id"].as_str().expect("an id").to_owned();
    for words in [
        "resume ID",
        "rotate ID --out-file new.token",
        "rotate ID --expires 90d --out-file new.token",
        "edit ID --expires 90d",
        "scope add ID files:read",
        "suspend ID --for 1h",
        "mint bait/child --parent ID --scope memories",
    ] {
        let words = words.replace("ID", &id);
        let ran = sandbox.run(&words.split_whitespace().collect::<Vec<_>>());
        assert!(
            (ran.code != Some(0) || words.starts_with("suspend")) && ran.stderr.contains("revoked"),
            "{words}: {ran:?}"
        );
    }
    let (code, verdict) = sandbox.verify(&canary, &[]);
    assert_eq!((code, &verdict["reason"]), (Some(5), &json!("revoked")));
    // To revoke it again is no way to be rid of the alarm.
    sandbox.ok(&["revoke", &id]);
    assert_eq!(sandbox.json(&["list", "--canaries"])[0]["id"], id.as_str());
    for words in
        ["mint bait --canary --if-absent", "mint bait --canary --claim", "mint x --canary --parent a/b"]
    {
        sandbox.run(&words.split_whitespace().collect::<Vec<_>>()).expect_code(2);
    }
    sandbox.ok(&["store", "check"]);
});

both!(a_store_that_is_copied_or_restored_has_its_canaries, |place| {
    let sandbox = Sandbox::with_store(place);
    let first = canary(&sandbox);
    sandbox.ok(&["store", "backup", "--no-encrypt", "all.backup"]);
    sandbox.ok(&["mint", "bait/later", "--canary"]);
    sandbox.ok(&["audit", "export", "--out-file", "log.jsonl"]);
    sandbox.ok(&["store", "copy", "--to", "copied.db"]);
    let copied = sandbox.json(&["list", "--canaries", "--store", "copied.db"]);
    assert_eq!(copied.as_array().map(Vec::len), Some(2));
    sandbox.ok(&["store", "check", "--store", "copied.db"]);
    let restored = sandbox
        .run(&[
            "store",
            "restore",
            "all.backup",
            "--store",
            "restored.db",
            "--yes",
            "--reason",
            "tried",
            "--accept-rollback",
            "--replay",
            "log.jsonl",
        ])
        .expect_code(0);
    assert!(
        format!("{}{}", restored.stdout, restored.stderr).contains("canary"),
        "one is gone: {restored:?}"
    );
    let names = sandbox.json(&["list", "--canaries", "--store", "restored.db"]);
    assert_eq!((names.as_array().map(Vec::len), &names[0]["name"]), (Some(1), &json!("door")));
    let ran = finish(sandbox.command(&["verify", "-o", "json", "--store", "restored.db"]), first.as_bytes());
    assert!(ran.stdout.contains("\"revoked\""), "{ran:?}");
});

both!(the_intake_sounds_it_and_answers_as_of_a_revoked_key, |place| {
    let sandbox = Sandbox::with_store(place);
    let (canary, other) = (canary(&sandbox), revoked(&sandbox));
    let key = reporter(&sandbox);
    let mut intake = Intake::start(&sandbox, &["--rule", "revoke"]);
    let said = |token: &str| {
        let mut said = intake.report(&key, &json!([{ "Secret": token }]).to_string()).json();
        for varies in ["report", "received_at", "in_force_by"] {
            said[varies] = Value::Null;
        }
        said
    };
    assert_eq!(said(&canary), said(&other));
    assert_eq!(intake.check(&key, &[&canary]), intake.check(&key, &[&other]));
    // Presented by whoever would report.
    assert_eq!(intake.report(&canary, "[]"), intake.report(&other, "[]"));
    is_seen(&sandbox, &["127.0.0.1 /report 2", "127.0.0.1 /check 1"]);
    let log = intake.stop();
    assert_eq!(log.matches("reason=canary").count(), 3, "{log}");
    sandbox.ok(&["audit", "checkpoint"]);
    sandbox.ok(&["store", "check"]);
});

both!(a_server_that_is_read_only_says_that_the_alarm_stands_in_its_log_alone, |place| {
    let sandbox = Sandbox::with_store(place);
    let canary = canary(&sandbox);
    let server = serve(&sandbox, &["--read-only"]);
    assert!(server.log().contains("that a canary was seen stands in this log alone"), "{}", server.log());
    assert_eq!(one(server.address, &validate(&canary)).status, 401);
    server.says("a canary was seen: 1 time, at /validate");
    drop(server);
    assert_eq!(seen(&sandbox), BTreeSet::new());
});

#[test]
fn a_serve_that_may_not_read_which_they_are_says_so_and_serves() {
    let sandbox = Sandbox::with_store(Place::postgres());
    let key = sandbox.ok(&["mint", "alice", "--scope", "memories"]);
    let server = serve(&sandbox, &[]);
    drop(server);
    let database = sandbox.place.database.as_deref().expect("a database");
    postgres::server().psql(database, &format!("REVOKE ALL ON keyctl.canary FROM {ROLE}")).expect("taken");
    postgres::server()
        .psql(database, &format!("REVOKE SELECT (key_id) ON keyctl.canary FROM {ROLE}"))
        .expect("taken");
    let store = sandbox.place.text().replace(&format!("{}@", postgres::USER), &format!("{ROLE}@"));
    let server = Server::with(&sandbox, "", &["--store", &store]);
    server.says("canaries are not looked for");
    assert_eq!(one(server.address, &validate(&key)).status, 200);
}

both!(owners_are_told_of_leaks_and_of_canaries_once, |place| {
    let sandbox = Sandbox::with_store(place);
    let path = sandbox.home().join("tell");
    fs::write(&path, format!("#!/bin/sh\ncat >> \"{}/told\"\n", sandbox.home().display())).expect("a file");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a mode");
    configure(&sandbox, &format!("[notify]\ncommand = [\"{}\"]\n", path.display()));
    let told = || {
        sandbox.ok(&["notify"]);
        let text = fs::read_to_string(sandbox.home().join("told")).unwrap_or_default();
        let _ = fs::remove_file(sandbox.home().join("told"));
        let bodies = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        bodies.flat_map(|body| body["things"].as_array().expect("things").clone()).collect::<Vec<_>>()
    };
    let canary = canary(&sandbox);
    let live = sandbox.ok(&["mint", "alice", "--scope", "memories", "--label", "team=search"]);
    let kept = sandbox.ok(&["mint", "bob", "--scope", "memories"]);
    let key = reporter(&sandbox);
    assert_eq!(told(), Vec::<Value>::new());
    let intake = Intake::start(&sandbox, &["--rule", "revoke:label=team=search"]);
    let body = |more: &str| {
        json!([{ "Secret": live }, { "Secret": kept }, { "Secret": canary }, { "Note": more }]).to_string()
    };
    assert_eq!(intake.report(&key, &body("one")).status, 200);
    let things = told();
    let mut lines: Vec<String> = things
        .iter()
        .map(|thing| {
            ["kind", "name", "stage", "state", "owner"]
                .map(|name| thing[name].as_str().unwrap_or("-"))
                .join(" ")
        })
        .collect();
    lines.sort();
    let [of_live, of_kept] = [&live, &kept].map(|token| token[..16].to_owned());
    let mut wanted = vec![
        "canary bait/door seen canary bait".to_owned(),
        format!("leak {of_live} seen revoked alice"),
        format!("leak {of_kept} seen recorded bob"),
    ];
    wanted.sort();
    assert_eq!(lines, wanted, "{things:#?}");
    let of = |kind: &str| things.iter().find(|thing| thing["kind"] == kind).expect("one");
    assert_eq!(
        (&of("canary")["sighting"]["path"], &of("canary")["sighting"]["count"]),
        (&json!("/report"), &json!(1))
    );
    assert_eq!((&of("leak")["report"]["source"], &of("leak")["ends_at"]), (&json!("report"), &Value::Null));
    let text = serde_json::to_string(&things).expect("text");
    assert!([&canary, &live, &kept].iter().all(|token| !text.contains(&token[token.len() - 49..])), "{text}");
    assert_eq!(told(), Vec::<Value>::new(), "once");
    // The same tokens in another report: what is dead is no news, and what is only recorded was told.
    assert_eq!(intake.report(&key, &body("two")).status, 200);
    assert_eq!(told(), Vec::<Value>::new(), "each thing once");
});

both!(a_scan_says_that_what_it_found_is_there_to_be_found, |place| {
    let sandbox = Sandbox::with_store(place);
    let (canary, other) = (canary(&sandbox), revoked(&sandbox));
    fs::write(sandbox.home().join("a.log"), format!("{canary}\n{other}\n")).expect("a file");
    let found = sandbox.run(&["leaks", "scan", "--exit-code", "a.log", "-o", "json"]).expect_code(0);
    let found: Value = serde_json::from_str(&found.stdout).expect("JSON");
    let said: Vec<_> =
        found.as_array().expect("findings").iter().map(|one| (&one["state"], &one["canary"])).collect();
    assert_eq!(said, [(&json!("revoked"), &json!(true)), (&json!("revoked"), &json!(false))]);
    assert!(sandbox.ok(&["leaks", "scan", "a.log", "-o", "table"]).contains("revoked (canary)"));
    let shown = finish(sandbox.command(&["show", "-"]), canary.as_bytes()).expect_code(0);
    assert!(shown.stderr.contains("bait/door is a canary"), "{shown:?}");
});
