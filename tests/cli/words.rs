//! What the program says to people: the words that it understands, and those that it answers with.

use serde_json::json;

use crate::secrets::{KEY, furnished, keyed, run_with};
use crate::support::both;
use crate::support::cli::{Sandbox, finish};
use crate::support::pty::Terminal;
use crate::support::runner::{Effect, case, check, report};
use crate::support::store::Place;

#[test]
fn where_a_command_is_missing_the_help_is_shown() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    for (words, command) in [("", "mint"), ("store", "init"), ("audit", "checkpoint"), ("secret", "rollback")]
    {
        let ran = sandbox.run(&words.split_whitespace().collect::<Vec<_>>()).expect_code(2);
        assert!(ran.stdout.is_empty() && ran.stderr.contains("Usage: keyctl"), "{words}: {ran:?}");
        assert!(
            ran.stderr.contains(&format!("\n  {command}")) && !ran.stderr.contains("error:"),
            "{words}: {ran:?}"
        );
    }
    let ran = sandbox.run(&["-o", "json"]).expect_code(2);
    assert!(ran.stderr.starts_with("{\"error\":{\"type\":\"INVALID_INPUT\""), "{ran:?}");
}

#[test]
fn the_help_names_every_exit_code_and_the_master_key() {
    let help = Sandbox::empty(Place::sqlite()).ok(&["--help"]);
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for word in [
        "8 master key",
        "KEYCTL_MASTER_KEY the master key",
        "KEYCTL_MASTER_KEY_FILE",
        "KEYCTL_MASTER_KEY_CMD",
        "KEYCTL_MASTER_PASSPHRASE",
        "KEYCTL_MASTER_KEY_PREVIOUS",
        "APOLLO_ENC_KEY",
    ] {
        assert!(help.contains(word), "{word}: {help}");
    }
    let config = Sandbox::empty(Place::sqlite()).ok(&["config", "show", "--help"]);
    assert!(!config.contains("not used yet") && config.contains("KEYCTL_MASTER_KEY"), "{config}");
}

both!(a_name_behind_a_slash_is_the_new_key_s, |place| {
    let sandbox = Sandbox::with_store(place);
    check(
        &sandbox,
        vec![
            case("with a slash", "mint alice/laptop --scope m").mints().says("minted alice/laptop"),
            case("said twice", "mint alice/phone --name phone --scope m").mints().says("minted alice/phone"),
            case("said otherwise", "mint alice/a --name b").fails(
                2,
                "a behind the slash and b by --name",
                "one name",
            ),
            case("taken", "mint alice/laptop")
                .fails(4, "alice/laptop exists", "--name")
                .leaves(Effect::Refusal),
            case("there", "mint alice/laptop --scope m --if-absent").says("exists already"),
            case("no name", "mint alice/").fails(2, "the name behind the slash cannot be right", "--help"),
            case("no owner", "mint /laptop").fails(2, "the owner cannot be right", "--help"),
            case("no path", "mint ../../etc/passwd").fails(2, "cannot be right", "--help"),
            case("upper case", "mint Alice").fails(2, "upper-case", "--help"),
        ],
    );
});

both!(days_months_and_words_are_times, |place| {
    let sandbox = Sandbox::with_store(place);
    let end = |owner: &str| sandbox.json(&["show", owner])["expires_at"].clone();
    check(
        &sandbox,
        vec![
            case("a day", "mint day --scope m --expires 2099-03-01")
                .mints()
                .says("2099-03-01 means the end of that day in UTC: 2099-03-01T23:59:59.999Z"),
            case("the same day again", "mint day --scope m --expires 2099-03-01 --if-absent")
                .says("exists already"),
            case("the day before", "mint day --scope m --expires 2099-02-28 --if-absent")
                .fails(4, "differs in: expiry", "show")
                .leaves(Effect::Refusal),
            case("the last second", "mint last --scope m --expires 9999-12-31T23:59:59Z").mints(),
            case("the last day", "mint lastday --scope m --expires 9999-12-31").mints(),
            case("months", "mint months --scope m --expires 6mo").mints(),
            case("words", "mint words --scope m --expires 30days").mints(),
            case("a day that was", "mint old --expires 2020-01-01").fails(2, "past", "keyctl"),
            case("no day", "mint no --expires 2099-02-30").fails(2, "2099 has no 30 February", "--help"),
            case("no leap year", "mint no --expires 2027-02-29").fails(
                2,
                "2027 has no 29 February",
                "--help",
            ),
            case("no day at a time", "mint no --not-before 2027-04-31T12:00:00Z").fails(
                2,
                "2027 has no 31 April",
                "--help",
            ),
            case("no such month", "audit list --since 2027-13-01T00:00:00Z").fails(
                2,
                "a year has no month 13",
                "--help",
            ),
            case("ambiguous", "mint no --expires 1M").fails(2, "2w 6mo 1y", "--help"),
            case("rotated", "rotate day --expires 2099-04-01 --out-file token")
                .leaves(Effect::Change)
                .says("2099-04-01 means"),
            case("edited", "edit day --expires 2099-05-01").leaves(Effect::Change).says("2099-05-01 means"),
            case("a store has no day", "store init --expires 2099-01-01 --store other.db").fails(
                2,
                "duration or never",
                "30d",
            ),
        ],
    );
    assert_eq!(end("day"), json!("2099-05-01T23:59:59.999Z"));
    assert_eq!(end("last"), json!("9999-12-31T23:59:59.000Z"));
    assert_eq!(end("lastday"), json!("9999-12-31T23:59:59.999Z"));
    let listed = sandbox.json(&["list", "--sort", "expiry"]);
    let last: Vec<_> =
        listed.as_array().unwrap().iter().rev().take(2).map(|key| key["owner"].clone()).collect();
    assert_eq!(last, [json!("lastday"), json!("last")]);
    assert_eq!(sandbox.ok(&["store", "check"]), "");
});

both!(an_owner_shows_all_keys, |place| {
    let sandbox = Sandbox::with_store(place);
    for name in ["one", "two"] {
        sandbox.ok(&["mint", "alice", "--name", name, "--scope", "m"]);
    }
    sandbox.ok(&["mint", "bob", "--scope", "m"]);
    let names = |args: &[&str]| {
        let shown = sandbox.json(args);
        let keys = shown.as_array().cloned().unwrap_or_else(|| vec![shown]);
        keys.iter().map(|key| key["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&["show", "alice"]), ["one", "two"]);
    assert_eq!(names(&["show", "alice", "bob"]), ["one", "two", "default"]);
    assert!(sandbox.json(&["show", "bob"]).is_object(), "one key is one object");
    sandbox.ok(&["revoke", "alice/one"]);
    assert!(sandbox.json(&["show", "alice"]).is_object());
    sandbox.ok(&["revoke", "alice/two"]);
    assert_eq!(names(&["show", "alice"]), ["one", "two"], "none is live");
    sandbox.run(&["show", "nobody"]).expect_code(3);
    // Where something is changed, it stays ambiguous.
    for name in ["one", "two"] {
        sandbox.ok(&["mint", "carol", "--name", name, "--scope", "m"]);
    }
    sandbox.run(&["rotate", "carol"]).expect_code(4);
});

both!(a_rotation_says_what_is_not_expected_of_the_token, |place| {
    let sandbox = Sandbox::with_store(place);
    for (owner, expires) in [("soon", "3d"), ("late", "90d"), ("short", "2h")] {
        sandbox.ok(&["mint", owner, "--scope", "m", "--expires", expires]);
    }
    let said = |args: &[&str]| sandbox.run(&[&["rotate"], args].concat()).expect_code(0).stderr;
    let late = said(&["late"]);
    for never in ["ends soon", "grace was cut", "suspended", "before it"] {
        assert!(!late.contains(never), "{late}");
    }
    let again = said(&["late"]);
    assert!(again.contains("the token before it, sks_") && again.contains("works no more"), "{again}");
    let soon = said(&["soon"]);
    assert!(
        soon.contains("the new token ends soon, at") && soon.contains("keyctl edit soon/default"),
        "{soon}"
    );
    assert!(!said(&["soon", "--expires", "90d"]).contains("ends soon"));
    let cut = said(&["short"]);
    assert!(cut.contains("the grace was cut from 24h"), "{cut}");
    assert!(said(&["short", "--grace", "1d", "--dry-run"]).contains("the grace was cut"));
    assert!(!said(&["short", "--grace", "1h"]).contains("grace was cut"));
    sandbox.ok(&["suspend", "late"]);
    let suspended = said(&["late", "--grace", "0"]);
    assert!(
        suspended.contains("the key is suspended") && suspended.contains("keyctl resume late/default"),
        "{suspended}"
    );
    sandbox.ok(&["resume", "late"]);
    sandbox.ok(&["owner", "disable", "late", "--yes"]);
    assert!(said(&["late"]).contains("the owner late is disabled"));
});

both!(a_change_says_before_and_after, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "a,b", "--expires", "2099-01-01T00:00:00Z"]);
    let said = |args: &[&str]| sandbox.run(args).expect_code(0).stderr;
    let edited = said(&[
        "edit",
        "alice",
        "--expires",
        "never",
        "--rate",
        "600/m",
        "--label",
        "team=search",
        "--allow-ip",
        "10.0.0.0/8",
    ]);
    for line in [
        "expires at: 2099-01-01T00:00:00.000Z → never\n",
        "rate: none → 600/m\n",
        "labels: none → team=search\n",
        "allow ip: any → 10.0.0.0/8\n",
    ] {
        assert!(edited.contains(line), "{line}: {edited}");
    }
    assert!(said(&["scope", "add", "alice", "c"]).contains("scopes: a,b → a,b,c\n"));
    assert!(said(&["scope", "remove", "alice", "a", "--dry-run"]).contains("scopes: a,b,c → b,c\n"));
    assert!(said(&["scope", "set", "alice", "--none"]).contains("scopes: a,b,c → none\n"));
    assert!(said(&["edit", "alice", "--name", "ci"]).contains("name: default → ci\n"));
    assert!(!said(&["edit", "alice", "--name", "ci"]).contains('→'));
});

both!(a_list_by_scope_is_what_a_verification_would_allow, |place| {
    let sandbox = Sandbox::with_store(place);
    let mut tokens = Vec::new();
    for (owner, scope) in [
        ("works", "m,n"),
        ("narrow", "m:read"),
        ("stopped", "m"),
        ("gone", "m"),
        ("later", "m"),
        ("wide", "*"),
    ] {
        let mut args = vec!["mint", owner, "--scope", scope];
        if owner == "later" {
            args.extend(["--not-before", "2099-01-01T00:00:00Z", "--expires", "never"]);
        }
        if owner == "wide" {
            args.push("--allow-all");
        }
        tokens.push((owner, sandbox.ok(&args)));
    }
    sandbox.ok(&["suspend", "stopped"]);
    sandbox.ok(&["revoke", "gone"]);
    let listed = |args: &[&str]| {
        let keys = sandbox.json(&[&["list", "--sort", "name"], args].concat());
        keys.as_array()
            .unwrap()
            .iter()
            .map(|key| key["owner"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    for scope in ["m", "m:read", "m:*", "n", "other"] {
        let mut allowed: Vec<_> = tokens
            .iter()
            .filter(|(_, token)| sandbox.verify(token, &["--scope", scope]).0 == Some(0))
            .collect();
        allowed.sort();
        let allowed: Vec<_> = allowed.iter().map(|(owner, _)| *owner).collect();
        assert_eq!(listed(&["--scope", scope]), allowed, "{scope}");
    }
    assert_eq!(listed(&["--scope", "m,n"]), ["wide", "works"]);
    assert_eq!(listed(&["--scope", "m", "--scope", "n"]), ["wide", "works"]);
    assert_eq!(listed(&["--scope", "m", "--state", "suspended"]), ["stopped"]);
    assert_eq!(listed(&["--scope", "m", "--all"]), ["gone", "later", "stopped", "wide", "works"]);
});

both!(the_log_names_the_secret_and_the_role, |place| {
    let (sandbox, _) = furnished(place);
    sandbox.ok(&["role", "set", "reader", "--scope", "m"]);
    let listed = sandbox.ok(&["audit", "list", "-o", "csv"]);
    let subject = |action: &str| {
        let line = listed.lines().find(|line| line.contains(&format!(",{action},"))).expect(action);
        line.split(',').nth(4).unwrap().to_owned()
    };
    assert_eq!(subject("secret.set"), "secret:team");
    assert_eq!(subject("secret.bind"), "secret:team alice");
    assert_eq!(subject("role.set"), "role:reader");
});

both!(cells_are_safe_in_a_spreadsheet_unless_bytes_are_wanted, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    sandbox.ok(&["revoke", "alice", "--reason", "=HYPERLINK(1)"]);
    let reason = ["list", "--all", "-o", "csv", "--columns", "revoke_reason"];
    assert_eq!(sandbox.ok(&reason), "revoke_reason\r\n'=HYPERLINK(1)\r");
    assert_eq!(sandbox.ok(&[&reason[..], &["--raw"]].concat()), "revoke_reason\r\n=HYPERLINK(1)\r");
    check(
        &sandbox,
        vec![
            case("without a format", "list --raw").fails(2, "--raw goes with -o csv", "-o csv"),
            case("with another one", "list --raw -o json").ends(2).says("--raw goes with -o csv"),
        ],
    );
});

both!(no_role_is_called_none, |place| {
    let sandbox = Sandbox::with_store(place);
    check(
        &sandbox,
        vec![case("none", "role set none --scope m").fails(2, "cannot be called none", "another name")],
    );
    // One that an earlier version made can be changed and deleted.
    sandbox.ok(&["role", "set", "other", "--scope", "m"]);
    sandbox.place.sql("UPDATE role SET name = 'none' WHERE name = 'other'").expect("renamed");
    sandbox.ok(&["role", "set", "none", "--scope", "n"]);
    sandbox.ok(&["role", "delete", "none"]);
});

both!(a_store_is_made_only_where_there_is_none, |place| {
    let sandbox = Sandbox::empty(place);
    let init = |args: &[&str]| sandbox.run(&[&["store", "init", "--if-absent"], args].concat());
    assert!(init(&["--dry-run"]).expect_code(0).stderr.contains("would create"));
    assert!(init(&["--prefix", "acme"]).expect_code(0).stderr.contains("created the store"));
    assert!(init(&[]).expect_code(0).stderr.contains("already; nothing was changed"));
    assert!(init(&["--dry-run"]).expect_code(0).stderr.contains("already; nothing was changed"));
    assert!(init(&["--prefix", "acme", "--expires", "90d"]).expect_code(0).stderr.contains("already"));
    let other = init(&["--prefix", "k2", "--expires", "1d"]).expect_code(4);
    assert!(other.stderr.contains("differs in --prefix, --expires"), "{other:?}");
    sandbox.run(&["store", "init"]).expect_code(4);
    assert_eq!(sandbox.json(&["audit", "list"]).as_array().unwrap().len(), 1);
});

#[test]
fn what_is_no_store_is_no_store_either_if_one_is_wanted() {
    let sandbox = Sandbox::empty(Place::sqlite());
    std::fs::write(sandbox.home().join("keys.db"), "no database").expect("written");
    sandbox.run(&["store", "init", "--if-absent"]).expect_code(7);
}

both!(a_provider_that_nobody_knows_is_noticed, |place| {
    let sandbox = Sandbox::with_store(place);
    let set = |args: &[&str], value: &str| {
        let ran =
            run_with(&sandbox, &[("KEYCTL_MASTER_KEY", KEY)], &[&["secret", "set"], args].concat(), value);
        ran.expect_code(0).stderr
    };
    assert!(!set(&["anthropic", "one"], "sk-planted-1\n").contains("warning"));
    let slip = set(&["antrhopic", "two"], "sk-planted-2\n");
    assert!(slip.contains("keyctl knows no provider antrhopic: did you mean anthropic?"), "{slip}");
    let swapped = set(&["team-a", "openai"], "sk-planted-3\n");
    assert!(
        swapped.contains("the provider comes first: did you mean keyctl secret set openai team-a?"),
        "{swapped}"
    );
    let own = set(&["our-gateway", "three"], "sk-planted-4\n");
    assert!(own.contains("knows no provider our-gateway"), "{own}");
    // Once the store has it, it is known.
    assert!(!set(&["our-gateway", "four"], "sk-planted-5\n").contains("warning"));
    let listed = keyed(&sandbox, &["secret", "list", "-o", "plain"], "");
    assert_eq!(listed.lines().count(), 5);
});

both!(a_verdict_counts_whether_or_not_somebody_reads_it, |place| {
    let (sandbox, token) = furnished(place);
    let broken = r#"{ sleep 0.2; "$@"; echo "code $?" >&2; } | true"#;
    let verify = |words: &str| case(format!("broken: {words}"), words).shell(broken).input(token.clone());
    check(
        &sandbox,
        vec![
            verify("verify").says("code 0"),
            verify("verify --scope other").says("code 5"),
            verify("verify - --scope other -o json").says("code 5"),
            verify("can alice chat").says("code 0"),
            verify("can alice other").says("code 5"),
            verify("can alice other -o json").says("code 5"),
            verify("resolve --provider anthropic --scope other").says("code 5"),
            verify("resolve --provider anthropic")
                .env("KEYCTL_MASTER_KEY", KEY)
                .says("code 9")
                .says("could not be written"),
            case("a secret", "secret get team")
                .shell(broken)
                .env("KEYCTL_MASTER_KEY", KEY)
                .says("code 9")
                .leaves(Effect::Change),
        ],
    );
});

#[test]
fn a_file_at_its_limit_is_an_error_and_no_death() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let token = sandbox.ok(&["mint", "alice", "--scope", "m"]);
    let limited = |script: &str, words: &str| case(format!("{script} {words}"), words).shell(script);
    check(
        &sandbox,
        vec![
            limited(r#"ulimit -f 0; "$@""#, "mint bob --scope m").fails(
                7,
                "could not be written",
                "ulimit -f",
            ),
            limited(r#"ulimit -f 0; "$@" > out"#, "man").fails(9, "File too large", "standard output"),
            limited(r#"ulimit -f 0; "$@""#, "verify").input(token.clone()).fails(
                7,
                "could not be written",
                "ulimit -f",
            ),
            limited(r#"ulimit -f 64; "$@""#, "verify").input(token),
        ],
    );
}

#[test]
fn columns_that_were_asked_for_are_shown_on_any_terminal() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    sandbox.ok(&["mint", "alice", "--scope", "memories:read,files", "--label", "team=search"]);
    let columns = "key,id,scopes,labels,created_at";
    for (width, is_table) in [(40, false), (80, false), (200, true)] {
        let list = sandbox.command(&["list", "--columns", columns]);
        let (code, seen) = Terminal::start(&list, width).finish();
        assert_eq!(code, 0, "{seen}");
        for value in ["alice/default", "key_", "files,memories:read", "team=search"] {
            assert!(seen.contains(value), "{width}: {value} in {seen}");
        }
        assert_eq!(seen.contains("CREATED AT"), is_table, "{width}: {seen}");
        assert_eq!(seen.contains("created at"), !is_table, "{width}: {seen}");
    }
}

#[test]
fn what_is_refused_leaves_no_new_store_behind() {
    let sandbox = Sandbox::empty(Place::sqlite());
    let home = sandbox.home();
    let write = |name: &str, text: &str| std::fs::write(home.join(name), text).expect("written");
    write("bad.csv", "hash,owner\nxyz,alice\n");
    write("role.csv", &format!("hash,owner,roles\n{},alice,nope\n", "ab".repeat(32)));
    write("good.csv", &format!("hash,owner\n{},carol\n", "ab".repeat(32)));
    write("bad.env", "API_KEYS='{\"sk-alice-test-key-12345\": 3}'\n");
    write("role.env", "API_KEYS='{\"sk-alice-test-key-12345\": \"alice\"}'\n");
    let folder = home.join(".local");
    let default = |words: &str| case(words, words).without_env("KEYCTL_STORE");
    let mut failures = Vec::new();
    let refused = |words: &str, code: i32, failures: &mut Vec<String>| {
        let mut command = sandbox.command(&words.split(' ').collect::<Vec<_>>());
        command.env_remove("KEYCTL_STORE");
        let ran = finish(command, b"");
        if ran.code != Some(code) || folder.exists() || ran.stderr.contains("created the store") {
            failures.push(format!("## {words}: {} {ran:?}", folder.exists()));
        }
    };
    for (words, code) in [
        ("import csv bad.csv", 2),
        ("import csv role.csv", 4),
        ("import mem0 bad.env", 2),
        ("import mem0 role.env --role nope", 3),
        ("mint alice --scope *", 2),
        ("mint alice --role nope", 3),
        ("mint alice --role none", 3),
        ("mint alice --parent bob/ci", 3),
        ("mint alice/one --name two", 2),
        ("rotate alice", 3),
        ("revoke alice", 3),
        ("suspend alice", 3),
        ("edit alice --rate 1/s", 3),
        ("scope add alice m", 3),
        ("scope list alice", 3),
        ("owner set alice --subject x", 3),
        ("owner rename alice bob", 3),
        ("owner show alice", 3),
        ("role set none --scope m", 2),
        ("role show reader", 3),
        ("role delete reader", 3),
        ("secret bind team alice", 3),
        ("secret show team", 3),
        ("show alice", 3),
        ("can alice m", 3),
        ("list --columns colour", 2),
    ] {
        refused(words, code, &mut failures);
    }
    report(&failures);
    // What is not refused makes it, once, with the record of that.
    check(
        &sandbox,
        vec![
            default("import csv good.csv").says("created the store").says("imported 1 key"),
            default("mint alice --scope m").mints().says("minted alice/default"),
            default("store check").says("as it should be"),
            default("audit list -o plain").stdout(|out| {
                let lines: Vec<&str> = out.lines().collect();
                lines.len() == 3 && lines[0].contains("store.init") && lines[2].contains("mint")
            }),
        ],
    );
}

both!(a_secret_stands_in_no_variable_that_steers_the_command, |place| {
    let (sandbox, _) = furnished(place);
    let exec = |words: &str| case(words, words).env("KEYCTL_MASTER_KEY", KEY);
    let steers = |name: &str| exec(&format!("exec alice --env {name}=anthropic -- env"));
    check(
        &sandbox,
        vec![
            steers("PATH").fails(125, "PATH is no place for a secret: it steers", "--help"),
            steers("HOME").fails(125, "HOME is no place", "--help"),
            steers("IFS").fails(125, "IFS is no place", "--help"),
            steers("LD_PRELOAD").fails(125, "the system's loader looks at it", "--help"),
            steers("KEYCTL_STORE").fails(125, "keyctl itself looks at it", "--help"),
            exec("exec alice --env A=anthropic --only xai -- env").fails(
                125,
                "--only leaves out anthropic, which --env A=anthropic names",
                "--only xai,anthropic",
            ),
            exec("exec alice --env A=anthropic --only anthropic -- true"),
        ],
    );
});

both!(a_role_called_none_is_no_role, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["role", "set", "nine", "--scope", "m"]);
    check(
        &sandbox,
        vec![
            case("mint", "mint alice --role none").fails(3, "there is no role none", "leave --role out"),
            case("a missing store", "verify --store nowhere.db").input("x").fails(
                7,
                "nowhere.db",
                "KEYCTL_STORE or --store",
            ),
            case("the missing default store", "verify").input("x").without_env("KEYCTL_STORE").fails(
                7,
                "no keyctl store",
                "name another in KEYCTL_STORE or --store",
            ),
            case("resolve", "resolve --provider openai").input("x").without_env("KEYCTL_STORE").fails(
                7,
                "no keyctl store",
                "name another in KEYCTL_STORE or --store",
            ),
            case("a column", "list --columns key,stat").fails(
                2,
                "no column stat",
                "did you mean state? columns are",
            ),
            case("a page", "man mnit").fails(2, "there is no command mnit", "did you mean keyctl man mint?"),
            case("a page below", "man store int").fails(
                2,
                "store int",
                "did you mean keyctl man store init?",
            ),
            case("no final page", "man secret dlete").fails(2, "secret dlete", "keyctl --help lists them"),
            case("an id of people's own", "mint Alice").fails(
                2,
                "upper-case",
                "keyctl mint alice --subject Alice?",
            ),
        ],
    );
});

#[test]
fn a_long_name_costs_no_column() {
    let (sandbox, _) = furnished(Place::sqlite());
    let long = "o".repeat(64);
    let name = format!("{long}/{}", "n".repeat(64));
    sandbox.ok(&["mint", &name, "--scope", &"s".repeat(100)]);
    sandbox.ok(&["owner", "set", &long, "--subject", &"auth0|".repeat(20)]);
    sandbox.ok(&["role", "set", "reader", "--scope", &"s".repeat(100)]);
    sandbox.ok(&["secret", "bind", "team", &name]);
    for (words, headers) in [
        ("list", &["KEY ", "STATE", "SCOPES", "EXPIRES AT", "TOKEN PREFIX"][..]),
        ("audit list", &["SEQ", "AT ", "ACTION", "OUTCOME", "SUBJECT", "ACTOR", "DETAILS"]),
        ("owner list", &["OWNER", "STATE", "LIVE KEYS", "SUBJECT"]),
        ("role list", &["ROLE", "SCOPES", "LIVE KEYS"]),
        ("secret list", &["NAME", "PROVIDER", "STATE", "VERSION", "EXPIRES AT", "BINDINGS"]),
    ] {
        let list = sandbox.command(&words.split(' ').collect::<Vec<_>>());
        let (code, seen) = Terminal::start(&list, 80).finish();
        assert_eq!(code, 0, "{words}: {seen}");
        let first = seen.lines().next().unwrap_or_default();
        for header in headers {
            assert!(first.contains(header), "{words}: {header} in {seen}");
        }
    }
    let (_, seen) = Terminal::start(&sandbox.command(&["audit", "list"]), 80).finish();
    assert!(seen.contains("secret:team"), "{seen}");
}

#[test]
fn the_shells_are_offered_commands_by_their_own_names() {
    let (sandbox, _) = furnished(Place::sqlite());
    let offered = |words: &[&str]| {
        let mut command = sandbox.command::<&str>(&[]);
        command.env("KEYCTL_COMPLETE", (words.len() - 1).to_string());
        let input: Vec<u8> = words.iter().flat_map(|word| [word.as_bytes(), b"\0"].concat()).collect();
        let answer = finish(command, &input).stdout;
        answer.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let all = offered(&["keyctl", ""]);
    assert!(all.contains(&"mint".to_owned()) && all.contains(&"list".to_owned()), "{all:?}");
    assert!(!all.contains(&"create".to_owned()) && !all.contains(&"ls".to_owned()), "{all:?}");
    assert_eq!(offered(&["keyctl", "cr"]), ["create"]);
    // Where a key or an owner is meant, both are offered.
    for words in [&["keyctl", "secret", "bind", "team", "a"][..], &["keyctl", "exec", "a"]] {
        assert_eq!(offered(words), ["alice", "alice/default"], "{words:?}");
    }
    for words in [&["keyctl", "mint", "x", "--parent", "a"][..], &["keyctl", "audit", "list", "--key", "a"]] {
        assert_eq!(offered(words), ["alice/default"], "{words:?}");
    }
    assert_eq!(offered(&["keyctl", "audit", "list", "--owner", "a"]), ["alice"]);
    assert_eq!(offered(&["keyctl", "secret", "bind", "t"]), ["team"]);
    assert_eq!(offered(&["keyctl", "mi"]), ["mint"]);
}
