//! `import mem0`.

use std::time::Duration;

use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::runner::{Case, Effect, case, check};
use crate::support::store::Place;

const REAL: &str = include_str!("real.env");
const KEYS: [(&str, &str); 4] = [
    ("sk-alice-test-key-12345", "alice"),
    ("sk-9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "bob"),
    ("dGVzdC10b2tlbi1jYW5vbmljYWwtYmFzZTY0dXJs", "ci.runner@example.org"),
    ("hunter2", "alice"),
];

/// For what computes slow hashes on a machine that is shared.
const SLOW: Duration = Duration::from_secs(20);

both!(a_key_that_may_be_guessed_must_end_also_when_it_is_edited, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.feed(&["import", "mem0", "-", "--scope", "memories"], r#"{"hunter2":"alice"}"#).expect_code(0);
    for late in ["never", "366d"] {
        let refused = sandbox.run(&["edit", "alice", "--expires", late]).expect_code(4);
        assert!(refused.stderr.contains("within 365 days"), "{}", refused.stderr);
    }
    sandbox.ok(&["edit", "alice", "--expires", "365d"]);
    sandbox.ok(&["rotate", "alice", "--grace", "0"]);
    sandbox.ok(&["edit", "alice", "--expires", "never"]);
});

both!(keys_of_a_real_env_file_keep_working, |place| {
    let sandbox = Sandbox::with_store(place);
    let report = sandbox.feed(&["import", "mem0", "-", "--scope", "memories", "-o", "json"], REAL);
    let report = report.expect_code(0);
    assert!(report.stderr.contains("imported 4 keys") && report.stderr.contains("2 of them may be guessed"));
    let json: serde_json::Value = serde_json::from_str(&report.stdout).expect("JSON");
    assert_eq!((&json["new"], &json["present"], &json["weak"]), (&4.into(), &0.into(), &2.into()));
    for (token, owner) in KEYS {
        let (code, verdict) = sandbox.verify(token, &["--scope", "memories:read"]);
        assert_eq!((code, verdict["principal"].as_str()), (Some(0), Some(owner)), "{owner}");
        let (code, _) = sandbox.verify(token, &["--scope", "files"]);
        assert_eq!(code, Some(5));
    }
    for other in [
        "sk-alice-test-key-1234",
        "sk-inside-a-text",
        "hunter3",
        "sk-proj-not-imported-0000000000000000000000",
    ] {
        let (code, verdict) = sandbox.verify(other, &[]);
        assert_eq!((code, verdict["reason"].as_str()), (Some(5), Some("unknown")), "{other}");
    }
    let (_, verdict) = sandbox.verify("two words", &[]);
    assert_eq!(verdict["reason"], "malformed");

    let listed = sandbox.json(&["list", "--sort", "name"]);
    let algorithms: Vec<&str> =
        listed.as_array().expect("keys").iter().filter_map(|key| key["token"]["hash_alg"].as_str()).collect();
    assert_eq!(algorithms.iter().filter(|alg| **alg == "argon2id").count(), 2);
    for key in listed.as_array().expect("keys") {
        let prefix = key["token"]["prefix"].as_str().expect("a prefix");
        assert!(prefix.starts_with("foreign_"), "{prefix}");
        assert_eq!(sandbox.json(&["show", prefix])["id"], key["id"]);
    }

    let again = sandbox.feed(&["import", "mem0", "-", "--scope", "memories"], REAL).expect_code(0);
    assert!(again.stderr.contains("imported 0 keys; 4 were there already"), "{}", again.stderr);
    assert_eq!(sandbox.json(&["list", "--sort", "name"]), listed, "nothing changed");
    sandbox.ok(&["store", "check"]);
    sandbox.ok(&["audit", "verify"]);
});

both!(imported_tokens_point_at_their_key_on_standard_input, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.feed(&["import", "mem0", "-", "--scope", "m"], REAL).expect_code(0);
    let named = |token: &str| {
        let shown = sandbox.feed(&["show", "-", "-o", "json"], token).expect_code(0);
        serde_json::from_str::<serde_json::Value>(&shown.stdout).expect("JSON")
    };
    for (token, owner) in KEYS {
        assert_eq!(named(token)["owner"], owner);
    }
    let rotated = sandbox.feed(&["rotate", "-", "--grace", "0"], KEYS[3].0).expect_code(0);
    assert!(rotated.stdout.starts_with("sks_"), "a token of our own follows");
    assert_eq!(sandbox.verify(KEYS[3].0, &[]).1["reason"], "expired");
    assert_eq!(sandbox.verify(rotated.stdout.trim_end(), &[]).0, Some(0));

    // What is no token is an owner's name.
    sandbox.ok(&["mint", KEYS[0].0.trim_end_matches("-12345"), "--scope", "m"]);
    let revoked =
        sandbox.feed(&["revoke", "-"], "sk-alice-test-key\nsk-alice-test-key-12345\n").expect_code(0);
    assert_eq!(revoked.stderr.matches("revoked ").count(), 2, "{}", revoked.stderr);
    assert!(revoked.stderr.contains("sk-alice-test-key/default"));
    assert!(!revoked.stderr.contains("12345"), "the line is not repeated: {}", revoked.stderr);
    assert_eq!(sandbox.verify(KEYS[0].0, &[]).1["reason"], "revoked");

    let unknown = |name, line: &str, code| {
        case(name, "revoke -")
            .input(line)
            .within(SLOW)
            .fails(code, "line 1 of standard input", "one a line")
            .hides(line)
    };
    check(
        &sandbox,
        vec![
            unknown("unknown, may be an owner", "swordfish", 3),
            unknown("unknown, may be nothing else", "Swordfish!", 2),
            unknown("no token at all", "sword fish", 2),
            unknown("owner and name", "sword/fish", 3),
            case("a secret as an argument", "revoke sk-alice-test-key-12345")
                .fails(2, "a secret stands on the command line", "standard input")
                .hides("12345"),
        ],
    );
});

both!(a_file_that_differs_from_the_store_changes_nothing, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.feed(&["import", "mem0", "-", "--scope", "m"], REAL).expect_code(0);
    sandbox.ok(&["revoke", "bob"]);
    let import = |name, words: &str, file: &str| {
        case(name, &format!("import mem0 - {words}"))
            .input(file)
            .leaves(Effect::Refusal)
            .hides("12345")
            .within(SLOW)
    };
    check(
        &sandbox,
        vec![
            import("other scopes", "--scope n", &REAL.replace("bob", "zoe"))
                .fails(4, "line 11: entry 1", "keyctl show")
                .says("line 12: entry 2: the key is there already, as bob/default")
                .says("differs in: scopes"),
            import("another owner", "--scope m", "{\"new-key\":\"carol\",\n\"hunter2\": \"mallory\"}")
                .fails(4, "line 2: entry 2: the key is there already, as alice/", "keyctl show")
                .says("differs in: owner")
                .hides("hunter2")
                .hides("new-key"),
            import("a revoked key", "--scope m", REAL)
                .fails(4, "line 12: entry 2", "")
                .says("it was revoked at"),
        ],
    );
    let (_, verdict) = sandbox.verify("new-key", &[]);
    assert_eq!(verdict["reason"], "unknown");
});

both!(of_equal_keys_the_last_one_is_imported_and_the_others_are_told, |place| {
    let sandbox = Sandbox::with_store(place);
    // Strong, so that nothing is hashed slowly.
    let (key, other) = ("hush-9f8e7d6c5b4a32100123456789abcdef", "hush-00112233445566778899aabbccddeeff");
    let again = key.replace("hush", "hus\\u0068");
    let file = format!("{{\"{key}\": \"alice\",\n\"{other}\":\"bob\",\n\"{again}\": \"carol\"}}");
    let file = file.as_str();
    let told =
        "line 1: entry 1: it is left out: entry 3 has the same key, and the server reads only the last";
    check(
        &sandbox,
        vec![
            case("rehearsed", "import mem0 - --scope m --dry-run")
                .input(file)
                .says(told)
                .says("would import 2 keys")
                .hides("hush"),
            case("imported", "import mem0 - --scope m")
                .input(file)
                .says(told)
                .says("imported 2 keys")
                .hides("hush")
                .leaves(Effect::Change),
        ],
    );
    let (_, verdict) = sandbox.verify(key, &[]);
    assert_eq!(verdict["principal"], "carol");
});

fn bad(name: &str, file: impl Into<Vec<u8>>, message: &str) -> Case {
    case(name, "import mem0 - --scope m").input(file).fails(2, message, "").hides("hush")
}

#[test]
fn a_bad_file_is_refused_with_its_line_and_without_its_keys() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let many: Vec<String> = (0..2001).map(|n| format!("\"hush{n}\":\"a\"")).collect();
    check(
        &sandbox,
        vec![
            bad("empty", "", "neither API_KEYS=… nor JSON"),
            bad("no such variable", "A=1\nB=hush\n", "neither API_KEYS=… nor JSON"),
            bad("no JSON", "A=1\r\nAPI_KEYS=hush\r\n", "line 2: API_KEYS: not a JSON object"),
            bad("a list", "API_KEYS='[\"hush\"]'", "line 1: API_KEYS: not a JSON object"),
            bad(
                "open quote",
                "\n\nAPI_KEYS='{\"hush\": \"a\"}",
                "line 3: API_KEYS: the quote is never closed",
            ),
            bad(
                "two lists",
                "API_KEYS='{\"hush\":\"a\"}'\nAPI_KEYS='{}'",
                "line 2: API_KEYS: the variable is set a second time; the first time is line 1",
            ),
            bad(
                "two lists, by two spellings",
                "API_KEYS='{\"hush\":\"a\"}'\n\napi_keys='{}'",
                "line 3: API_KEYS: the variable is set a second time",
            ),
            bad(
                "what the server puts in",
                "API_KEYS='{\"a\":\"b\",\n\"hush${X}\":\"a\"}'",
                "line 2: API_KEYS: there is a ${…} in it",
            ),
            bad(
                "a line that the server does not read",
                "MOTD=\"it's\nAPI_KEYS={\"hush\":\"a\"}\n",
                "line 2: API_KEYS: the server does not read this line, which is part of what begins in line 1",
            ),
            bad("cut off", "{\"hush1\": \"a\",\n\"hush2\": ", "line 2: entry 2: the owner must be a text"),
            bad("no keys", "A=1\nAPI_KEYS='{}'", "line 2: API_KEYS: there are no keys in it"),
            bad(
                "upper case",
                "\u{feff}{\"hush\":\r\n\"Zo\u{eb}\"}",
                "line 1: entry 1: the owner cannot be right: it contains '\u{eb}' (U+00EB)",
            ),
            bad("blank in the owner", "{\"hush\": \"al ice\"}", "line 1: entry 1: the owner cannot be right"),
            bad("empty owner", "{\"hush\": \"\"}", "line 1: entry 1: the owner cannot be right: it is empty"),
            bad("empty key", "{\"\": \"alice\"}", "line 1: entry 1: the key cannot be used: it is empty"),
            bad("key with a line end", "{\"hush\\n\": \"alice\"}", "line 1: entry 1: the key cannot be used"),
            bad("not UTF-8", b"A=1\nAPI_KEYS='{\"hush\xff\":\"a\"}'".to_vec(), "line 2: this is not UTF-8"),
            bad("UTF-16", b"\xff\xfe{\0".to_vec(), "line 1: this is not UTF-8"),
            bad("too many", format!("{{{}}}", many.join(",")), "more than 2000 keys"),
            bad("too long", vec![b'#'; 4_200_000], "longer than 4 MiB"),
            bad("three faults at once", "{\"hush\":\"A A\",\n\"\":\"b\",\n\"hush2\":\"C C\"}", "3 faults:")
                .says("line 1:")
                .says("line 2:")
                .says("line 3:"),
            case("no file", "import mem0 missing.env").fails(
                2,
                "missing.env cannot be opened",
                "name a file",
            ),
            case("a folder", "import mem0 .").fails(2, "cannot be opened", "name a file"),
            case("endless", "import mem0 /dev/zero").fails(2, "longer than 4 MiB", "UTF-8"),
            case("no file named", "import mem0").fails(2, "FILE", "usage"),
            case("another kind", "import mem1 x").fails(2, "mem1", "did you mean mem0"),
            case("a file for no tokens", "import mem0 - --out-file t")
                .input("{\"hush\":\"a\"}")
                .fails(2, "--remint", ""),
            case("a scope that allows everything", "import mem0 - --scope *")
                .input("{\"hush\":\"a\"}")
                .fails(2, "allows everything", "--allow-all"),
            case("an unknown role", "import mem0 - --role r").input("{\"hush\":\"a\"}").fails(
                3,
                "no role r",
                "role set",
            ),
            case("never ends", "import mem0 - --expires never")
                .input("{\"d6cbc963dbc36ad1c08fc8cc59e65ea0\":\"a\",\n\"hush\":\"a\"}")
                .fails(2, "line 2: entry 2: the key may be guessed", "--expires 365d")
                .hides("hush"),
            case("ends too late", "import mem0 - --expires 366d").input("{\"hush\":\"a\"}").fails(
                2,
                "line 1: entry 1",
                "--remint",
            ),
            case("rehearsed", "import mem0 - --dry-run")
                .within(SLOW)
                .input("{\"hush\":\"a\"}")
                .says("would import 1 key"),
            case("new tokens, rehearsed", "import mem0 - --remint --dry-run")
                .input("{\"hush\":\"a\"}")
                .says("would import 1 key"),
        ],
    );
    assert_eq!(sandbox.ok(&["list", "--all"]), "");
    assert_eq!(sandbox.verify("hush", &[]).1["reason"], "malformed", "no slow hash is in the store");
    let longest = sandbox.feed(&["import", "mem0", "-", "--expires", "365d"], "{\"hush\":\"a\"}");
    longest.expect_code(0);
}

both!(new_tokens_are_delivered_for_all_or_for_none, |place| {
    let sandbox = Sandbox::with_store(place);
    let words = ["import", "mem0", "-", "--scope", "m", "--remint"];
    let ran = sandbox.feed(&words, REAL).expect_code(0);
    let lines: Vec<(&str, &str)> = ran.stdout.lines().filter_map(|line| line.split_once('\t')).collect();
    assert_eq!(lines.len(), 4, "{}", ran.stdout);
    for ((key, token), (_, owner)) in lines.iter().zip(KEYS) {
        let (code, verdict) = sandbox.verify(token, &["--scope", "m"]);
        assert_eq!((code, verdict["principal"].as_str()), (Some(0), Some(owner)));
        assert_eq!(format!("{owner}/{}", verdict["key_name"].as_str().expect("a name")), *key);
    }
    for (old, _) in KEYS {
        assert_eq!(sandbox.verify(old, &[]).0, Some(5), "the old keys do not work");
    }

    let json = sandbox.feed(&[&words[..], &["-o", "json"]].concat(), REAL).expect_code(0);
    let json: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    let first = &json.as_array().expect("an array")[0];
    assert_eq!((&first["created"], &first["key"]["owner"]), (&true.into(), &"alice".into()));

    let path = sandbox.home().join("tokens");
    let to_file = [&words[..], &["--out-file", path.to_str().expect("UTF-8")]].concat();
    let ran = sandbox.feed(&to_file, REAL).expect_code(0);
    assert_eq!(ran.stdout, "");
    let mode = std::os::unix::fs::PermissionsExt::mode(&path.metadata().expect("made").permissions());
    assert_eq!(mode & 0o777, 0o600);
    let written = std::fs::read_to_string(&path).expect("readable");
    assert_eq!(written.lines().count(), 4);
    assert_eq!(
        sandbox
            .verify(written.lines().next().and_then(|line| line.split_once('\t')).expect("a line").1, &[])
            .0,
        Some(0)
    );

    // More than a pipe holds.
    let many: Vec<String> = (0..150).map(|n| format!("\"x{n}\":\"a{n}\"")).collect();
    check(
        &sandbox,
        vec![
            case("a full disk", "import mem0 - --remint").input(REAL).shell("\"$@\" > /dev/full").fails(
                9,
                "nothing was changed",
                "--out-file",
            ),
            case("nowhere", "import mem0 - --remint").input(REAL).shell("\"$@\" >&-").fails(
                9,
                "nothing was changed",
                "--out-file",
            ),
            case("nobody reads", "import mem0 - --remint -o json")
                .input(format!("{{{}}}", many.join(",")))
                .shell("mkfifo f; sleep 60 < f & \"$@\" > f; code=$?; kill $!; exit $code")
                .within(SLOW)
                .fails(9, "within 2 s", "--out-file"),
            case("a file that is there", "import mem0 - --remint --out-file tokens").input(REAL).fails(
                9,
                "exists already",
                "another file",
            ),
        ],
    );
});

const SECRET: &str = "ka-9f8e7d6c5b4a32100123456789abcdef";

#[test]
fn no_key_becomes_an_owner_where_a_list_names_the_owner_first() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let agent_first = format!("A=1\nAPI_KEYS='{{\n\"credit-agent\": \"{SECRET}\"\n}}'\n");
    let refused = |name: &str, words: &str, file: String, message: &str| {
        case(name, &format!("import mem0 - --scope m {words}"))
            .input(file)
            .fails(2, message, "import the file again")
            .hides(SECRET)
            .hides("credit")
            .hides("12345")
    };
    let looks = "line 3: entry 1: the owner looks more like a key than the key does";
    check(
        &sandbox,
        vec![
            refused("as it stands", "", agent_first.clone(), looks).says("--owner-first reads"),
            refused("rehearsed", "--dry-run", agent_first.clone(), looks),
            refused("with new tokens", "--remint", agent_first.clone(), looks),
            refused("JSON alone", "", format!("{{\"credit-agent\": \"{SECRET}\"}}"), "line 1: entry 1"),
            refused(
                "the other way round",
                "--owner-first --dry-run",
                format!("{{\"{SECRET}\": \"credit-agent\"}}"),
                "leave --owner-first out",
            ),
            refused(
                "a provider's form, whatever is said",
                "--key-first",
                "{\"credit\": \"sk-alice-test-key-12345\"}".to_owned(),
                "the owner is a secret by its form",
            ),
            case("an owner twice", "import mem0 - --owner-first --scope m --dry-run")
                .input(format!("{{\"credit\": \"{SECRET}\",\n\"credit\": \"{SECRET}0\"}}"))
                .says("line 1: entry 1: it is left out: entry 2 has the same owner")
                .says("would import 1 key;")
                .hides(SECRET),
            case("both ways", "import mem0 - --owner-first --key-first").input("{}").fails(
                2,
                "--key-first",
                "",
            ),
        ],
    );
    assert_eq!(sandbox.ok(&["owner", "list", "-o", "plain"]), "");
    assert!(!sandbox.ok(&["audit", "list", "-o", "jsonl"]).contains("import"));

    let words = ["import", "mem0", "-", "--scope", "m"];
    sandbox.feed(&[&words[..], &["--owner-first"]].concat(), &agent_first).expect_code(0);
    assert_eq!(sandbox.verify(SECRET, &[]).1["principal"], "credit-agent");
    // Ids of people may look random.
    let ids = "{\"hunter2\": \"5f7c1a2b3c4d5e6f7a8b9c0d\"}";
    sandbox.feed(&words, ids).expect_code(2);
    sandbox.feed(&[&words[..], &["--key-first"]].concat(), ids).expect_code(0);
    assert_eq!(sandbox.verify("hunter2", &[]).1["principal"], "5f7c1a2b3c4d5e6f7a8b9c0d");
}
