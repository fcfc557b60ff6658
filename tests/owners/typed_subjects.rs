//! People's own ids at the command line, and in what is imported.

use keyctl::crypto::digest;
use keyctl::domain::keys::foreign::ForeignToken;
use serde_json::Value;

use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::runner::{Effect, case, check};

fn hash(token: &str) -> String {
    digest::hash_foreign(&ForeignToken::parse(token).expect("a token")).as_str().to_owned()
}

fn owner(sandbox: &Sandbox, word: &str) -> (String, String) {
    let shown = sandbox.json(&["owner", "show", word]);
    let text = |name: &str| shown[name].as_str().expect(name).to_owned();
    (text("name"), text("subject"))
}

both!(an_owner_has_a_subject, |place| {
    let sandbox = Sandbox::with_store(place);
    let token = sandbox.ok(&["mint", "alice", "--subject", "auth0|5f7C", "--scope", "m"]);
    let (code, verdict) = sandbox.verify(token.trim(), &["--owner", "auth0|5f7C"]);
    assert_eq!(
        (code, &verdict["principal"], &verdict["owner"]),
        (Some(0), &"auth0|5f7C".into(), &"alice".into())
    );
    assert_eq!(sandbox.verify(token.trim(), &["--owner", "alice"]).1["reason"], "owner");
    let shown = sandbox.json(&["show", "alice"]);
    assert_eq!((&shown["owner"], &shown["subject"]), (&"alice".into(), &"auth0|5f7C".into()));
    assert_eq!(sandbox.json(&["list"])[0]["subject"], "auth0|5f7C");
    assert_eq!(owner(&sandbox, "auth0|5f7C").0, "alice");
    check(
        &sandbox,
        vec![
            case("taken by default", "owner rename alice bob")
                .says("whom services know as auth0|5f7C")
                .ends(0)
                .leaves(Effect::Change),
            case("the log under the new name", "audit list --owner bob")
                .stdout(|out| out.contains("mint") && out.contains("owner.rename")),
            case("the log under the old name", "audit list --owner alice")
                .stdout(|out| out.contains("mint") && out.contains("owner.rename")),
            case("a subject that is another's", "mint carol --subject")
                .arg("auth0|5f7C")
                .fails(4, "is the subject of the owner bob", "keyctl owner show bob")
                .leaves(Effect::Refusal),
            case("a name that is another's subject", "owner set bob --subject robert")
                .ends(0)
                .leaves(Effect::Change),
            case("so that one is taken", "mint robert --scope m")
                .fails(4, "robert is the subject of the owner bob", "keyctl owner show bob")
                .leaves(Effect::Refusal),
            case("a blank in it", "mint carol --subject").arg("a b").fails(2, "U+0020", "--help"),
            case("a letter outside ASCII", "owner set bob --subject")
                .arg("zo\u{eb}")
                .fails(2, "U+00EB", "--help"),
            case("nothing", "owner set bob --subject").arg("").fails(2, "empty", "--help"),
            case("nothing said", "owner set bob").fails(2, "--subject", "--help"),
            case("already", "owner set bob --subject robert").says("already"),
            case("rehearsed", "owner set bob --subject x --dry-run").says("robert → x"),
            case("rehearsed: rename", "owner rename bob x --dry-run").says("would rename"),
            case("unknown", "owner rename nobody x").fails(
                3,
                "there is no owner nobody",
                "keyctl owner list",
            ),
        ],
    );
});

fn principal(sandbox: &Sandbox, token: &str) -> Value {
    sandbox.verify(token, &[]).1["principal"].clone()
}

both!(the_ids_of_a_file_are_subjects, |place| {
    let sandbox = Sandbox::with_store(place);
    let ids = ["auth0|5f7C", "user_2abC", "Alice", "alice", "ALICE", "bob@Example.org", "plain"];
    let mut file = String::from("hash,owner,name\n");
    for (number, id) in ids.iter().enumerate() {
        file += &format!("{},{id},a\n{},{id},b\n", hash(&format!("{number}a")), hash(&format!("{number}b")));
    }
    let rehearsed = sandbox.feed(&["import", "csv", "-", "--dry-run"], &file).expect_code(0);
    assert!(rehearsed.stderr.contains("auth0|5f7C is called auth0-5f7c"), "{}", rehearsed.stderr);
    let said = sandbox.feed(&["import", "csv", "-", "-o", "json"], &file).expect_code(0);
    let report: Value = serde_json::from_str(&said.stdout).expect("JSON");
    assert_eq!((&report["new"], &report["owners_named"]), (&14.into(), &5.into()));
    for (number, id) in ids.iter().enumerate() {
        assert_eq!(principal(&sandbox, &format!("{number}b")), *id);
    }
    for (id, name) in [
        ("auth0|5f7C", "auth0-5f7c"),
        ("user_2abC", "user_2abc"),
        ("alice", "alice"),
        ("bob@Example.org", "bob@example.org"),
    ] {
        assert_eq!(owner(&sandbox, id).0, name);
    }
    // Who is called alice in the file is, and the others get a number.
    for id in ["Alice", "ALICE"] {
        let (name, subject) = owner(&sandbox, id);
        assert!(name.starts_with("alice-") && name.len() == 14 && subject == id, "{name}");
    }
    sandbox.ok(&["owner", "rename", "auth0-5f7c", "ann"]);
    sandbox.ok(&["owner", "rename", "plain", "plainer"]);
    let again = sandbox.feed(&["import", "csv", "-"], &file).expect_code(0);
    assert!(again.stderr.contains("imported 0 keys; 14 were there already"), "{}", again.stderr);
    assert_eq!(principal(&sandbox, "0a"), "auth0|5f7C");
    sandbox.ok(&["store", "check"]);
});

both!(a_file_may_say_name_and_subject, |place| {
    let sandbox = Sandbox::with_store(place);
    let row = |token: &str, rest: &str| format!("{},{rest}\n", hash(token));
    let head = "hash,owner,subject\n";
    let good = format!("{head}{}{}{}", row("1", "ann,auth0|1"), row("2", ",user_2abC"), row("3", "Bob,b|1"));
    sandbox.feed(&["import", "csv", "-"], &good).expect_code(0);
    assert_eq!(owner(&sandbox, "auth0|1").0, "ann");
    assert_eq!(owner(&sandbox, "user_2abC").0, "user_2abc");
    assert_eq!(owner(&sandbox, "b|1").0, "bob");
    let jsonl = format!("{{\"hash\":\"{}\",\"owner\":\"dan\",\"subject\":\"Dan\"}}", hash("4"));
    sandbox.feed(&["import", "jsonl", "-"], &jsonl).expect_code(0);
    assert_eq!(owner(&sandbox, "Dan").0, "dan");
    let file = |rows: &[String]| format!("{head}{}", rows.concat());
    let refused = |name: &'static str, code: i32, rows: &[String], says: &str| {
        let hint = if code == 2 { "correct the lines" } else { "look at the keys" };
        let effect = if code == 4 { Effect::Refusal } else { Effect::Nothing };
        case(name, "import csv -").input(file(rows)).fails(code, says, hint).leaves(effect)
    };
    check(
        &sandbox,
        vec![
            refused(
                "two subjects",
                2,
                &[row("5", "eve,E"), row("6", "eve,F")],
                "line 3: owner: it has the name",
            ),
            refused(
                "two names",
                2,
                &[row("5", "eve,E"), row("6", "eva,E")],
                "line 3: owner: the same subject",
            ),
            refused(
                "a name that is a subject",
                2,
                &[row("5", "eve,E"), row("6", "x,eve")],
                "line 3: owner: it has",
            ),
            refused("a blank", 2, &[row("5", "eve,a b")], "line 2: subject: it contains U+0020"),
            refused("its own token", 2, &[row("my-token", "eve,my-token")], "line 2: subject: it is a token"),
            refused("a name of the store", 4, &[row("5", "ann,")], "whom services know as auth0|1"),
            refused("a subject of the store", 4, &[row("5", "bob,auth0|1")], "the subject of the owner ann"),
            refused("a name as a subject", 4, &[row("5", "eve,ann")], "ann is the name of the owner ann"),
        ],
    );
});

both!(the_ids_of_an_env_file_are_subjects, |place| {
    let sandbox = Sandbox::with_store(place);
    let file = "{\"k-0123456789abcdef0123456789abcdef\": \"Alice\",\n\"k-0123456789abcdef0123456789abcdee\": \"alice\",
        \"k-0123456789abcdef0123456789abcded\": \"auth0|5f7C\"}";
    let said = sandbox.feed(&["import", "mem0", "-", "--scope", "m"], file).expect_code(0);
    assert!(said.stderr.contains("auth0|5f7C is called auth0-5f7c"), "{}", said.stderr);
    for (token, id) in [("f", "Alice"), ("e", "alice"), ("d", "auth0|5f7C")] {
        assert_eq!(principal(&sandbox, &format!("k-0123456789abcdef0123456789abcde{token}")), id);
    }
    assert_eq!(owner(&sandbox, "alice").0, "alice");
    sandbox.ok(&["owner", "rename", "auth0-5f7c", "ann"]);
    let again = sandbox.feed(&["import", "mem0", "-", "--scope", "m"], file).expect_code(0);
    assert!(again.stderr.contains("3 were there already"), "{}", again.stderr);
    sandbox.ok(&["store", "check"]);
});
