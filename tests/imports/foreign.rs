//! `import litellm` and `import better-auth`, from tables as those programs make them.

use std::process::Command;

use keyctl::domain::time::Timestamp;
use serde_json::Value;

use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::postgres::{PASSWORD, server};
use crate::support::runner::{case, check};
use crate::support::store::Place;

/// A database of another program, which has its tables where a session finds them.
fn database() -> String {
    let name = server().database();
    server().psql("postgres", &format!("ALTER DATABASE {name} RESET search_path")).expect("set");
    name
}

/// What counts here of LiteLLM's tables, with the types that they have.
const LITELLM: &str = r#"
    CREATE TABLE "LiteLLM_VerificationToken" (token text PRIMARY KEY, key_alias text, user_id text, team_id text,
        expires timestamp(3), models text[], blocked boolean, max_budget double precision, rpm_limit bigint,
        tpm_limit bigint, metadata jsonb NOT NULL DEFAULT '{}', created_at timestamp(3) DEFAULT CURRENT_TIMESTAMP);
    CREATE TABLE "LiteLLM_DeprecatedVerificationToken" (id text PRIMARY KEY, token text UNIQUE, active_token_id text,
        revoke_at timestamp(3) NOT NULL);
    CREATE TABLE "LiteLLM_UserTable" (user_id text PRIMARY KEY, user_email text);"#;

const ROWS: &str = r#"
    INSERT INTO "LiteLLM_UserTable" VALUES ('0a1b-USER', 'Ann@example.com');
    INSERT INTO "LiteLLM_VerificationToken" (token, key_alias, user_id, expires, rpm_limit, team_id)
        VALUES (HASH('sk-new'), 'Prod Key', '0a1b-USER', '2099-01-01 10:00:00', 120, 'team-1');
    INSERT INTO "LiteLLM_DeprecatedVerificationToken" VALUES ('1', HASH('sk-old'), HASH('sk-new'), '2098-01-01'),
        ('2', HASH('sk-dead'), HASH('sk-new'), '2020-01-01'), ('3', HASH('sk-orphan'), 'gone', '2098-01-01');
    INSERT INTO "LiteLLM_VerificationToken" (token, blocked) VALUES (HASH('sk-blocked'), true);
    INSERT INTO "LiteLLM_VerificationToken" (token, models, max_budget, tpm_limit, metadata)
        VALUES (HASH('sk-rich'), '{gpt-4o}', 10.5, 1000, '{"logging": "sk-hush-0123456789abcdef0"}');
    INSERT INTO "LiteLLM_VerificationToken" (token, team_id) VALUES (HASH('sk-page'), 'litellm-dashboard');"#;

fn litellm() -> String {
    let name = database();
    let rows = regex::Regex::new(r"HASH\(('[a-z-]+')\)").expect("a pattern");
    let rows = rows.replace_all(ROWS, "encode(sha256($1), 'hex')");
    server().psql(&name, &format!("SET timezone = 'Asia/Tokyo'; {LITELLM}{rows}")).expect("LiteLLM's tables");
    name
}

both!(keys_of_litellm_go_on_working_with_the_tokens_in_their_grace, |place| {
    let sandbox = Sandbox::with_store(place);
    let from = server().address(&litellm());
    let words = ["import", "litellm", "--from", &from, "--scope", "chat", "--label", "source=litellm"];
    let rehearsed = sandbox.run(&[&words[..], &["--dry-run"]].concat()).expect_code(0);
    assert!(rehearsed.stderr.contains("would import 3 keys"), "{}", rehearsed.stderr);
    assert_eq!(sandbox.ok(&["list", "--all"]), "");

    let report = sandbox.json(&words);
    assert_eq!((&report["source"], &report["new"]), (&"litellm".into(), &3.into()));
    assert_eq!((&report["rows"], &report["orphans"], &report["failed"]), (&4.into(), &1.into(), &0.into()));
    let columns = |list: &str| -> Vec<String> {
        let notes = report[list].as_array().expect("notes");
        notes.iter().filter_map(|note| note["column"].as_str()).map(str::to_owned).collect()
    };
    assert_eq!(columns("not_taken"), ["max_budget", "metadata", "models", "tpm_limit"]);
    assert_eq!(columns("left_out"), ["team_id"]);
    assert!(!report.to_string().contains("hush"));

    let key = sandbox.json(&["show", "ann@example.com"]);
    assert_eq!((&key["name"], &key["subject"]), (&"prod-key".into(), &"0a1b-USER".into()));
    assert_eq!(key["expires_at"], "2099-01-01T10:00:00.000Z", "a time without a zone is in UTC");
    let grace =
        Timestamp::parse(key["previous_token"]["expires_at"].as_str().expect("an end")).expect("a time");
    let now = sandbox.place.open().now().expect("now");
    assert!(
        grace > now && grace.as_millis() <= now.as_millis() + 30 * 86_400_000,
        "no longer than a rotation grants: {grace}"
    );
    assert_eq!(key["rate"], serde_json::json!({"limit": 120, "per_seconds": 60}));
    assert_eq!(key["labels"], serde_json::json!({"source": "litellm", "team": "team-1"}));
    for (token, reason) in [
        ("sk-new", None),
        ("sk-old", None),
        ("sk-rich", None),
        ("sk-blocked", Some("suspended")),
        ("sk-dead", Some("unknown")),
        ("sk-orphan", Some("unknown")),
        ("sk-page", Some("unknown")),
    ] {
        let (_, verdict) = sandbox.verify(token, &["--scope", "chat"]);
        // A store without weak tokens takes what is none of its own for malformed.
        let found = verdict["reason"].as_str().map(|reason| reason.replace("malformed", "unknown"));
        assert_eq!(found.as_deref(), reason, "{token}: {verdict}");
    }
    let listed = sandbox.json(&["list"]);
    let again = sandbox.json(&words);
    assert_eq!((&again["new"], &again["present"], &again["transactions"]), (&0.into(), &3.into(), &0.into()));
    assert_eq!(sandbox.json(&["list"]), listed);
    sandbox.ok(&["store", "check"]);
    sandbox.ok(&["audit", "verify"]);
});

#[test]
fn a_row_that_cannot_be_a_key_is_told_by_its_number_and_left_out_only_if_asked() {
    let name = litellm();
    let bad = r#"INSERT INTO "LiteLLM_VerificationToken" (token, user_id) VALUES ('sk-hush-in-the-clear', 'u'),
        (repeat('f', 64), E'u\u202Ehush'), (repeat('e', 64), repeat('x', 300));
        INSERT INTO "LiteLLM_VerificationToken" (token, metadata) VALUES (repeat('0', 64), to_jsonb(repeat('x', 300000)))"#;
    server().psql(&name, bad).expect("rows");
    let sandbox = Sandbox::with_store(Place::sqlite());
    let from = server().address(&name);
    let import = |name: &str, more: &str| {
        case(name, &format!("import litellm --from {from} --scope m {more}")).hides("hush")
    };
    check(
        &sandbox,
        vec![
            import("told", "")
                .fails(2, "nothing was imported: 4 faults:", "--skip-unusable")
                .says("LiteLLM_VerificationToken row 1: it is longer than 256 KiB")
                .says("token: no SHA-256 hash in hex")
                .says("user_id: there is a character in it that cannot be seen")
                .says("subject: it has 300 characters"),
            import("left out, rehearsed", "--skip-unusable --dry-run").says("would import 3 keys"),
            case("no such table", &format!("import better-auth --from {from}")).fails(
                3,
                "no table apikey",
                "--from",
            ),
            case("a file", "import litellm --from nothing.db").fails(7, "cannot be read", ""),
            case("a password", "import litellm --from postgres://a:hush@127.0.0.1/x").hides("hush").ends(2),
            case("a table's name", "import better-auth --from x --table a;b").fails(2, "letters, digits", ""),
        ],
    );
    let report = sandbox.json(&["import", "litellm", "--from", &from, "--scope", "m", "--skip-unusable"]);
    assert_eq!((&report["new"], &report["failed"]), (&3.into(), &4.into()));
    assert_eq!(report["unusable"].as_array().map(Vec::len), Some(4));
}

/// The table as better-auth makes it in SQLite, with one of its own rows, as that was issued: 64 letters.
const ISSUED: &str = "IwWYIZBGzhiTfzsSpPGAWqMFcQxfgGSqyaJHjeMNhBOLrBobekRsQodZPTZiiQRp";
const TABLE: &str = r#"
    CREATE TABLE "user" (id text NOT NULL PRIMARY KEY, email text NOT NULL UNIQUE);
    CREATE TABLE apikey (id text NOT NULL PRIMARY KEY, configId text NOT NULL, name text, start text,
        referenceId text NOT NULL, key text NOT NULL, refillInterval integer, refillAmount integer, enabled integer,
        rateLimitEnabled integer, rateLimitTimeWindow integer, rateLimitMax integer, remaining integer, expiresAt date,
        createdAt date NOT NULL, permissions text, metadata text);
    INSERT INTO "user" VALUES ('3jhVMzuD0v8EZIFtwICXxiljSSg12BBC', 'erin@example.com');
    INSERT INTO apikey VALUES ('MjZgWgO82nfd8fwx2Y2BKyn2sRl4XEqe', 'default', 'CI', 'IwWYIZ',
        '3jhVMzuD0v8EZIFtwICXxiljSSg12BBC', 'u5RbPs4IctPIXXUq-G8db7ggS9uVQtefq0s06fbLaPQ', NULL, NULL, 1, 1, 86400000,
        10, NULL, '2099-11-30T22:35:36.991Z', '2026-11-30T22:35:36.991Z', '{"files":["read"]}', 'null');"#;

both!(a_key_of_better_auth_in_sqlite_goes_on_working, |place| {
    let sandbox = Sandbox::with_store(place);
    let path = sandbox.home().join("auth.db");
    let connection = rusqlite::Connection::open(&path).expect("a file");
    connection.execute_batch(TABLE).expect("better-auth's tables");
    drop(connection);
    let before = std::fs::read(&path).expect("the file");
    let report = sandbox.json(&["import", "better-auth", "--from", "auth.db"]);
    assert_eq!(
        (&report["source"], &report["new"], &report["rows"]),
        (&"better-auth".into(), &1.into(), &1.into())
    );
    assert_eq!(std::fs::read(&path).expect("the file"), before, "nothing is changed there");
    let key = sandbox.json(&["show", "erin@example.com/ci"]);
    assert_eq!(key["quota"], serde_json::json!({"limit": 10, "period": "day"}));
    assert_eq!(key["expires_at"], "2099-11-30T22:35:36.991Z");
    let (code, verdict) = sandbox.verify(ISSUED, &["--scope", "files:read"]);
    assert_eq!(
        (code, &verdict["principal"]),
        (Some(0), &"3jhVMzuD0v8EZIFtwICXxiljSSg12BBC".into()),
        "{verdict}"
    );
    // Without the limits it is another key than the one that is there.
    let other = sandbox.run(&["import", "better-auth", "--from", "auth.db", "--no-limits"]).expect_code(4);
    assert!(other.stderr.contains("apikey row 1: the token is there already"), "{}", other.stderr);
    assert!(other.stderr.contains("differs in: quota"), "{}", other.stderr);
});

both!(of_two_rows_with_one_hash_the_first_is_taken_if_that_is_asked_for, |place| {
    let sandbox = Sandbox::with_store(place);
    let connection = rusqlite::Connection::open(sandbox.home().join("auth.db")).expect("a file");
    connection.execute_batch(TABLE).expect("better-auth's tables");
    let columns = "configId, name, start, referenceId, key, enabled, createdAt";
    let twice = format!(
        "INSERT INTO apikey (id, {columns}) SELECT 'Z' || id, configId, 'twice', start, referenceId, key, enabled, createdAt FROM apikey"
    );
    connection.execute_batch(&twice).expect("a second row");
    drop(connection);
    let import = ["import", "better-auth", "--from", "auth.db"];
    let ran = sandbox.run(&import).expect_code(2);
    assert!(ran.stderr.contains("apikey row 2: key: the same as in row 1"), "{}", ran.stderr);
    assert!(ran.stderr.contains("--skip-unusable"), "{}", ran.stderr);
    assert_eq!(sandbox.json(&["list"]), serde_json::json!([]));
    let report = sandbox.json(&[&import[..], &["--skip-unusable"]].concat());
    assert_eq!((&report["new"], &report["failed"]), (&1.into(), &1.into()), "{report}");
    assert_eq!(sandbox.verify(ISSUED, &["--scope", "files:read"]).0, Some(0));
    assert_eq!(sandbox.json(&["list"])[0]["name"], "ci");
});

/// Keys that better-auth itself issues, in the version of tests/imports/better-auth.
#[test]
fn keys_that_better_auth_issued_go_on_working() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let modules = root.join("target/gateways/better-auth/node_modules");
    assert!(modules.exists(), "install it first: tests/serve/install");
    let sandbox = Sandbox::with_store(Place::sqlite());
    let script = modules.parent().expect("a folder").join("issue.mjs");
    std::fs::copy(root.join("tests/imports/better-auth/issue.mjs"), &script).expect("copied");
    let from = server().address(&database());
    let issued =
        Command::new("node").arg(&script).arg(&from).env("PGPASSWORD", PASSWORD).output().expect("node");
    let text = String::from_utf8_lossy(&issued.stdout).into_owned();
    let issued: Value = serde_json::from_str(text.trim())
        .unwrap_or_else(|_| panic!("{text}{}", String::from_utf8_lossy(&issued.stderr)));

    let report = sandbox.json(&["import", "better-auth", "--from", &from, "--scope", "api"]);
    assert_eq!((&report["new"], &report["failed"]), (&4.into(), &0.into()));
    assert_eq!(report["not_taken"].as_array().map(Vec::len), Some(1), "{report}");
    let user = issued["user"].as_str().expect("an id");
    for (name, reason) in [("plain", None), ("bot", None), ("counted", None), ("off", Some("suspended"))] {
        let token = issued["issued"][name].as_str().expect("a token");
        let (_, verdict) = sandbox.verify(token, &["--scope", "api"]);
        assert_eq!(verdict["reason"].as_str(), reason, "{name}: {verdict}");
        assert!(reason.is_some() || verdict["principal"] == user, "{name}: {verdict}");
    }
    let key = |name: &str| {
        let token = issued["issued"][name].as_str().expect("a token");
        serde_json::from_str::<Value>(
            &sandbox.feed(&["show", "-", "-o", "json"], token).expect_code(0).stdout,
        )
        .expect("JSON")
    };
    assert_eq!(
        key("plain")["quota"],
        serde_json::json!({"limit": 10, "period": "day"}),
        "the plugin's default"
    );
    let bot = key("bot");
    assert_eq!(bot["scopes"], serde_json::json!(["api", "files:read", "files:write"]));
    assert_eq!(bot["rate"], serde_json::json!({"limit": 600, "per_seconds": 60}));
    assert!(bot["expires_at"].is_string() && bot["owner"] == "erin@example.com", "{bot}");
    assert_eq!(key("counted")["quota"], serde_json::json!({"limit": 5, "period": "total"}));
}
