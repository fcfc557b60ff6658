//! `import csv` and `import jsonl`.

use std::fmt::Write as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use keyctl::crypto::digest;
use keyctl::domain::keys::foreign::ForeignToken;
use serde_json::Value;

use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::runner::{Case, Effect, case, check};
use crate::support::store::Place;

fn hash(token: &str) -> String {
    digest::hash_foreign(&ForeignToken::parse(token).expect("a token")).as_str().to_owned()
}

/// What `openssl dgst -sha256 -binary | base64 | tr +/ -_` prints for the token `token-3`.
const BASE64: &str = "ovKwtYi8yE-_TSrIzAhrb4TePgD6PBuhHjisB46wMZI=";

both!(keys_move_in_as_hashes_with_all_their_attributes, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["role", "set", "reader", "--scope", "files:read"]);
    let csv = format!(
        "\u{feff}owner,hash,scopes,labels,name,expires_at,not_before,roles\r\n\
         alice,{},\"memories:read, files\",\"team=search;note=a, b\",laptop,2099-01-01T00:00:00Z,,reader\r\n\
         \r\n\
         bob@example.org,{},,,,never,2020-01-01T00:00:00+02:00,\r\n\
         carol,{BASE64},m,\"note=\"\"x\"\"\",,,,\r\n",
        hash("token-1"),
        hash("token-2").to_uppercase(),
    );
    let ran = sandbox.feed(&["import", "csv", "-", "-o", "json"], &csv).expect_code(0);
    let report: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(
        (&report["new"], &report["present"], &report["transactions"]),
        (&3.into(), &0.into(), &1.into())
    );
    let alice = sandbox.json(&["show", "alice/laptop"]);
    assert_eq!(alice["scopes"], serde_json::json!(["files", "memories:read"]));
    assert_eq!(alice["effective_scopes"], serde_json::json!(["files", "files:read", "memories:read"]));
    assert_eq!(alice["roles"], serde_json::json!(["reader"]));
    assert_eq!(alice["labels"], serde_json::json!({"team": "search", "note": "a, b"}));
    assert_eq!(alice["expires_at"], "2099-01-01T00:00:00.000Z");
    assert_eq!(alice["token"]["hash_alg"], "sha256");
    let bob = sandbox.json(&["show", "bob@example.org"]);
    assert_eq!((&bob["expires_at"], &bob["not_before"]), (&Value::Null, &"2019-12-31T22:00:00.000Z".into()));
    assert!(bob["name"].as_str().is_some_and(|name| name.starts_with("key-") && name.len() == 20), "{bob}");
    let carol = sandbox.json(&["show", "carol"]);
    assert_eq!(carol["labels"]["note"], "\"x\"");
    assert!(carol["expires_at"].is_string(), "the store's default");
    for (number, owner) in [(1, "alice"), (2, "bob@example.org"), (3, "carol")] {
        let (code, verdict) = sandbox.verify(&format!("token-{number}"), &[]);
        assert_eq!((code, verdict["principal"].as_str()), (Some(0), Some(owner)));
    }
    assert_eq!(report["first_key"], alice["id"]);
    assert_eq!(report["last_key"], carol["id"]);

    // The same as JSON lines is the same.
    let jsonl = format!(
        "\u{feff}{{\"hash\":\"{}\",\"owner\":\"alice\",\"name\":\"laptop\",\"scopes\":[\"memories:read\",\"files\"],\"roles\":[\"reader\"],\
         \"labels\":{{\"team\":\"search\",\"note\":\"a, b\"}},\"expires_at\":\"2099-01-01T00:00:00Z\",\"not_before\":null}}\r\n\
         \r\n{{\"owner\":\"dave\",\"hash\":\"{}\"}}\n{{\"hash\":\"{}\",\"owner\":\"bob@example.org\",\"not_before\":\"2019-12-31T22:00:00Z\",\"expires_at\":\"never\"}}",
        hash("token-1"),
        hash("token-4"),
        hash("token-2"),
    );
    let ran = sandbox.feed(&["import", "jsonl", "-", "-o", "json"], &jsonl).expect_code(0);
    let report: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!((&report["new"], &report["present"]), (&1.into(), &2.into()));
    assert_eq!(sandbox.verify("token-4", &[]).0, Some(0));
    sandbox.ok(&["store", "check"]);
    sandbox.ok(&["audit", "verify"]);
});

fn bad(name: &str, source: &str, file: impl Into<Vec<u8>>, message: &str) -> Case {
    case(name, &format!("import {source} -")).input(file).fails(2, message, "").hides("hush")
}

#[test]
fn an_owner_that_looks_like_a_token_is_refused_unless_it_is_meant() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let secret = "ka-9f8e7d6c5b4a32100123456789abcdef";
    let (a, b) = (hash("a"), hash("b"));
    let of_owner = format!("hash,owner\n{a},alice\n{b},{secret}\n");
    let of_subject = format!("hash,owner,subject\n{a},alice,{secret}\n");
    let of_json = format!("{{\"hash\":\"{a}\",\"subject\":\"{secret}\"}}\n");
    let ids = format!(
        "hash,owner\n{a},5f7c1a2b3c4d5e6f7a8b9c0d\n{b},550e8400-e29b-41d4-a716-446655440000\n{},auth0|5f7c1a2b3c4d5e6f\n",
        hash("c")
    );
    let says = |line: u64, column: &str| {
        format!("line {line}: {column}: it looks like a token, and owners are kept in clear")
    };
    let refused = |name: &str, words: &str, file: &str, says: &str| {
        case(name, words).input(file).fails(2, says, "").says("--any-owner").hides(secret)
    };
    check(
        &sandbox,
        vec![
            refused("an owner", "import csv -", &of_owner, &says(3, "owner")),
            refused("rehearsed", "import csv - --dry-run", &of_owner, &says(3, "owner")),
            refused("a subject", "import csv -", &of_subject, &says(2, "subject")),
            refused("in JSON", "import jsonl -", &of_json, &says(1, "subject")),
            case("ids of people", "import csv - --dry-run").input(ids).says("would import 3 keys"),
            case("meant", "import csv - --any-owner")
                .input(of_owner)
                .says("imported 2 keys")
                .leaves(Effect::Change),
        ],
    );
}

#[test]
fn every_fault_of_a_file_is_told_with_its_line_and_nothing_is_imported() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let (a, b) = (hash("a"), hash("b"));
    let csv = |name: &str, columns: &str, rows: &[&str], message: &str| {
        bad(name, "csv", format!("hash,owner{columns}\n{}\n", rows.join("\n")), message)
    };
    let row = |rest: &str| format!("{a},alice{rest}");
    let jsonl = |name: &str, line: &str, message: &str| {
        bad(name, "jsonl", format!("{{\"hash\":\"{a}\",\"owner\":\"alice\"}}\n{line}\n"), message)
    };
    let object = |rest: &str| format!("{{\"hash\":\"{b}\",\"owner\":\"bob\"{rest}}}");
    check(
        &sandbox,
        vec![
            bad("empty", "csv", "", "line 1: the file is empty"),
            bad("empty lines", "jsonl", "\n\n", "there are no rows"),
            bad("a header alone", "csv", "hash,owner\n", "there are no rows"),
            bad(
                "no header",
                "csv",
                format!("{a},swordfish\n"),
                "column hash: it is missing; the first line names the columns",
            )
            .hides("swordfish"),
            bad("no owner", "csv", format!("hash\n{a}\n"), "line 1: column owner: it is missing"),
            bad("a column twice", "csv", "hash,owner,hash\n", "line 1: column hash: it is there twice"),
            bad(
                "a mistyped column",
                "csv",
                "hash,owner,scope\n",
                "line 1: column scope: unknown; did you mean scopes?",
            ),
            bad("an unknown column", "csv", "hash,owner,password\n", "unknown; the columns are hash, owner"),
            bad("UTF-16", "csv", b"\xff\xfeh\0a\0".to_vec(), "line 1: column 1"),
            csv("a field too many", "", &[&row(",x")], "line 2: 3 fields, and the header has 2"),
            csv("a field too few", ",name", &[&row("")], "line 2: 2 fields, and the header has 3"),
            csv("a token for a hash", "", &["hush-hush-12345,alice"], "line 2: hash: not a SHA-256 hash"),
            csv("a short hash", "", &[&format!("{},alice", &a[1..])], "line 2: hash: not a SHA-256 hash"),
            csv("no hash", "", &[",alice"], "line 2: hash: it is missing"),
            csv(
                "an owner outside ASCII",
                "",
                &[&format!("{a},Zo\u{eb}")],
                "line 2: owner: it contains '\u{eb}' (U+00EB)",
            ),
            csv("a blank in the owner", "", &[&format!("{a},al ice")], "line 2: owner: it contains U+0020"),
            csv("a bad name", ",name", &[&row(",a/b")], "line 2: name: it contains '/'"),
            csv("a bad scope", ",scopes", &[&row(",a:*:b")], "line 2: scopes: * stands alone"),
            csv(
                "everything allowed",
                ",scopes",
                &[&row(",*")],
                "line 2: scopes: the scope * allows everything",
            ),
            csv("a bad role", ",roles", &[&row(",A")], "line 2: roles: it contains the upper-case"),
            csv("a bad time", ",expires_at", &[&row(",tomorrow")], "line 2: expires_at: not a date"),
            csv(
                "a time without zone",
                ",expires_at",
                &[&row(",2027-01-01T00:00:00")],
                "line 2: expires_at: a time needs its zone",
            ),
            csv("a bad start", ",not_before", &[&row(",never")], "line 2: not_before: not a date"),
            csv(
                "ends before it starts",
                ",not_before,expires_at",
                &[&row(",2030-01-01T00:00:00Z,2029-01-01T00:00:00Z")],
                "line 2: expires_at: it ends before it starts",
            ),
            csv("a bad label", ",labels", &[&row(",team")], "line 2: labels: a label is name=value"),
            csv(
                "equal hashes",
                "",
                &[&row(""), &format!("{b},bob"), &format!("{},zoe", a.to_uppercase())],
                "line 4: hash: the same as in line 2",
            ),
            csv(
                "equal names",
                ",name",
                &[&row(",x"), &format!("{b},alice,x")],
                "line 3: name: the same as in line 2",
            ),
            csv("two faults in a row", ",name", &["hush,Zo\u{eb},A"], "3 faults")
                .says("line 2: hash")
                .says("line 2: owner")
                .says("line 2: name"),
            csv(
                "CRLF and blank lines",
                "",
                &["\r", "\r", &row("\r"), "\r", &format!("{b},B b\r"), &format!("{b},b,\r")],
                "line 6: owner",
            )
            .says("line 7: 3 fields"),
            csv(
                "CRLF and quotes over lines",
                ",labels",
                &[&row(",\"note=a\r\nb\"\r"), &format!("{b},B b,\r")],
                "line 2: labels",
            )
            .says("line 4: owner"),
            csv("not UTF-8 follows", "", &[&row("")], "")
                .input([format!("hash,owner\n{a},alice\n{b},").into_bytes(), b"\xff\n".to_vec()].concat())
                .says("line 3: owner: this is not UTF-8"),
            csv(
                "a quote that is never closed",
                "",
                &[&format!("{a},\"{}", "x\n".repeat(700_000))],
                "longer than 1 MiB",
            ),
            jsonl("no JSON", "{\"hash\":", "line 2: not a JSON object"),
            jsonl("a text", "\"hush\"", "line 2: not a JSON object"),
            jsonl("two objects", &format!("{} {}", object(""), object("")), "line 2: not a JSON object"),
            jsonl("an unknown field", &object(",\"hushhush1\":1"), "line 2: a field: unknown"),
            jsonl(
                "a mistyped field",
                &object(",\"lables\":{}"),
                "line 2: lables: unknown; did you mean labels?",
            ),
            jsonl("a field twice", &object(",\"owner\":\"c\""), "line 2: owner: it is there twice"),
            jsonl("a number", &object(",\"name\":7"), "line 2: name: must be a text"),
            jsonl("numbers in a list", &object(",\"scopes\":[1]"), "line 2: scopes: must be a list of texts"),
            jsonl("an object for a list", &object(",\"roles\":{}"), "line 2: roles: must be a list of texts"),
            jsonl(
                "a list for an object",
                &object(",\"labels\":[]"),
                "line 2: labels: must be names with texts",
            ),
            jsonl(
                "10,000 deep",
                &format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)),
                "line 2: not a JSON object",
            ),
            jsonl("a lone surrogate", &object(",\"name\":\"\\ud800\""), "line 2: not a JSON object"),
            case("endless", "import jsonl /dev/zero").fails(2, "line 1: the row is longer than 1 MiB", ""),
            case("endless CSV", "import csv /dev/zero").fails(2, "longer than 1 MiB", ""),
            case("no file", "import csv missing.csv").fails(2, "missing.csv cannot be opened", "name a file"),
            case("a folder", "import jsonl .").fails(2, "cannot be opened", "name a file"),
            case("another kind", "import cvs x").fails(2, "cvs", "did you mean csv?"),
            case("no room for what is temporary", "import csv -")
                .input(format!("hash,owner\n{a},alice\n"))
                .env("TMPDIR", "/proc")
                .ends(1)
                .says("a temporary file failed")
                .hints("TMPDIR"),
            case("rehearsed", "import csv - --dry-run")
                .input(format!("hash,owner\n{a},alice\n"))
                .says("would import 1 key"),
        ],
    );
    assert_eq!(sandbox.ok(&["list", "--all"]), "");
}

both!(a_file_that_differs_from_the_store_is_refused, |place| {
    let sandbox = Sandbox::with_store(place);
    let rows = |rows: &[(&str, &str, &str)]| {
        let mut text = "hash,owner,name,roles\n".to_owned();
        for (token, owner, name) in rows {
            let (name, roles) = name.split_once('+').unwrap_or((name, ""));
            let _ = writeln!(text, "{},{owner},{name},{roles}", hash(token));
        }
        text
    };
    sandbox
        .feed(
            &["import", "csv", "-"],
            &rows(&[("t1", "alice", "a"), ("t2", "bob", "b"), ("t3", "carol", "c")]),
        )
        .expect_code(0);
    sandbox.ok(&["revoke", "bob"]);
    sandbox
        .place
        .sql("INSERT INTO owner (name, created_at, disabled_at) VALUES ('dave', 0, 1)")
        .expect("an owner");
    let refused = |name, file: String, message| {
        case(name, "import csv -").input(file).fails(4, message, "keyctl show").leaves(Effect::Refusal)
    };
    check(
        &sandbox,
        vec![
            refused(
                "another owner",
                rows(&[("new", "eve", ""), ("t1", "mallory", "a")]),
                "line 3: the token is there already, of alice/a",
            )
            .says("differs in: owner"),
            refused(
                "a name that is taken",
                rows(&[("new", "alice", "a")]),
                "line 2: name: alice/a exists already",
            ),
            refused(
                "a revoked key",
                rows(&[("t2", "bob", "b")]),
                "line 2: the token is there already, of bob/b",
            )
            .says("was revoked at"),
            refused(
                "a disabled owner",
                rows(&[("new", "dave", "")]),
                "line 2: owner: dave is disabled since",
            ),
            refused(
                "an unknown role",
                rows(&[("new", "alice", "x+reader")]),
                "line 2: roles: there is no role reader",
            ),
            refused(
                "several",
                rows(&[("new", "dave", ""), ("new2", "alice", "a"), ("t3", "carol", "c")]),
                "2 faults",
            ),
            case("rehearsed", "import csv - --dry-run").input(rows(&[("t1", "eve", "a")])).fails(
                4,
                "differs in: owner",
                "keyctl show",
            ),
        ],
    );
    assert_eq!(sandbox.verify("new", &[]).0, Some(5));
    // The name of a revoked key is free.
    sandbox.feed(&["import", "csv", "-"], &rows(&[("t4", "bob", "b")])).expect_code(0);
});

/// Rows enough for several transactions.
const MANY: usize = 20_000;

fn many(bad: Option<usize>) -> String {
    let mut text = String::from("hash,owner,name,scopes\n");
    for number in 1..=MANY {
        let hash = if bad == Some(number) { "hush".to_owned() } else { hash(&format!("token-{number}")) };
        let _ = writeln!(text, "{hash},owner-{},k{number},memories", number / 10);
    }
    text
}

both!(one_bad_row_at_the_end_of_many_keeps_all_of_them_out, |place| {
    let sandbox = Sandbox::with_store(place);
    check(
        &sandbox,
        vec![
            case("row 19,999 of 20,000", "import csv -")
                .input(many(Some(MANY - 1)))
                .within(Duration::from_secs(20))
                .fails(2, "nothing was imported: 1 fault:\n  line 20000: hash:", "correct the lines")
                .hides("hush"),
        ],
    );
});

both!(a_revoke_does_not_wait_behind_an_import, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "victim", "--scope", "m"]);
    let file = sandbox.home().join("many.csv");
    std::fs::write(&file, many(None)).expect("written");
    let mut import =
        sandbox.command(&["import", "csv", "many.csv"]).stderr(Stdio::null()).spawn().expect("starts");
    let imported = || {
        sandbox.place.sql("SELECT COUNT(*) FROM key").expect("a count").parse::<usize>().expect("a number")
    };
    let start = Instant::now();
    while imported() < 1000 {
        assert!(start.elapsed() < Duration::from_secs(60), "the import does not get on");
    }
    let mut revoke = sandbox.command(&["revoke", "victim"]);
    revoke.env("KEYCTL_LOCK_TIMEOUT", "5s");
    let asked = Instant::now();
    crate::support::cli::finish(revoke, b"").expect_code(0);
    let took = asked.elapsed();
    let during = import.try_wait().expect("waits").is_none();
    assert!(import.wait().expect("waits").success());
    assert!(during, "the import ended before the revoke: it took {took:?}");
    assert_eq!(imported(), MANY + 1);
    assert!(
        sandbox.json(&["audit", "list"]).as_array().expect("records").len() > 3,
        "in several transactions"
    );
    sandbox.ok(&["store", "check"]);
});

both!(an_import_that_was_killed_goes_on_when_it_is_run_again, |place| {
    let sandbox = Sandbox::with_store(place);
    std::fs::write(sandbox.home().join("many.csv"), many(None)).expect("written");
    let imported = || {
        sandbox.place.sql("SELECT COUNT(*) FROM token").expect("a count").parse::<u64>().expect("a number")
    };
    let mut import =
        sandbox.command(&["import", "csv", "many.csv"]).stderr(Stdio::null()).spawn().expect("starts");
    let start = Instant::now();
    while imported() == 0 {
        assert!(start.elapsed() < Duration::from_secs(60), "the import does not get on");
    }
    import.kill().expect("killed");
    import.wait().expect("waits");
    // A server may still be ending what the client has asked of it.
    sandbox.ok(&["mint", "other", "--scope", "m"]);
    let before = imported() - 1;
    assert!(before > 0 && before < MANY as u64, "{before} rows were written before the kill");
    sandbox.ok(&["store", "check"]);
    let report = sandbox.json(&["import", "csv", "many.csv"]);
    assert_eq!((&report["present"], &report["new"]), (&before.into(), &(MANY as u64 - before).into()));
    for token in ["token-1", "token-20000"] {
        assert_eq!(sandbox.verify(token, &["--scope", "memories"]).0, Some(0), "{token}");
    }
    sandbox.ok(&["store", "check"]);
    sandbox.ok(&["audit", "verify"]);
    let recorded: u64 = sandbox
        .json(&["audit", "list", "--limit", "0"])
        .as_array()
        .expect("records")
        .iter()
        .filter_map(|record| record["record"]["details"]["count"].as_u64())
        .sum();
    assert_eq!(recorded, MANY as u64, "every key is counted by one record");
});

#[test]
fn no_token_becomes_a_name_where_columns_were_mixed_up() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let swapped = |name: &str, header: &str, row: &str, message: &str| {
        bad(name, "csv", format!("{header}\n{},first\n{row}\n", hash("other")), message)
            .hides("hush")
            .hides(hash("hush2"))
    };
    let token = hash("hush2");
    check(
        &sandbox,
        vec![
            swapped(
                "the token for the owner",
                "hash,owner",
                &format!("{token},hush2"),
                "line 3: owner: a word of it is a token",
            ),
            swapped(
                "hash and owner",
                "hash,owner",
                &format!("first,{token}"),
                "line 3: hash: not a SHA-256 hash",
            ),
            swapped(
                "the token for the hash",
                "hash,owner",
                "hush2,first",
                "line 3: hash: not a SHA-256 hash",
            ),
            bad(
                "the token for the name",
                "csv",
                format!("hash,owner,name\n{token},first,hush2\n"),
                "line 2: name: a word of it is a token",
            ),
            bad(
                "the token for a label",
                "jsonl",
                format!("{{\"hash\":\"{token}\",\"owner\":\"a\",\"labels\":{{\"note\":\"hush2\"}}}}"),
                "line 1: labels: a word of it is a token",
            ),
            bad(
                "the token for the owner, rehearsed",
                "csv",
                format!("hash,owner\n{token},hush2\n"),
                "line 2: owner: a word of it is a token",
            ),
        ],
    );
    let dry = sandbox.feed(&["import", "csv", "-", "--dry-run"], &format!("hash,owner\n{token},hush2\n"));
    assert!(!dry.expect_code(2).stderr.contains("hush2"));
    assert_eq!(sandbox.ok(&["list", "--all"]), "");
}
