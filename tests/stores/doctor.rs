//! `keyctl doctor`, on installations that are broken for real.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::migrations::make_schema_1;
use crate::secrets::{KEY, OTHER};
use crate::support::both;
use crate::support::cli::{PROGRAM, Ran, Sandbox, finish};
use crate::support::pooler::Pooler;
use crate::support::postgres::{PASSWORD, USER, server};
use crate::support::program;
use crate::support::runner::State;
use crate::support::store::Place;

/// As it is installed: the program's folder is the first of the PATH, and the master key is set.
fn command(sandbox: &Sandbox, args: &[&str]) -> Command {
    let mut command = sandbox.command(args);
    let folder = Path::new(PROGRAM).parent().unwrap();
    command.env("PATH", format!("{}:/usr/bin:/bin", folder.display())).env("KEYCTL_MASTER_KEY", KEY);
    command
}

fn run(sandbox: &Sandbox, args: &[&str], input: &str) -> Ran {
    finish(command(sandbox, args), input.as_bytes())
}

fn ok(sandbox: &Sandbox, args: &str, input: &str) {
    run(sandbox, &args.split(' ').collect::<Vec<_>>(), input).expect_code(0);
}

fn findings(ran: &Ran) -> Vec<Value> {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

/// Runs `doctor` with these options; the exit code and what was found.
fn doctor(sandbox: &Sandbox, args: &[&str]) -> (Option<i32>, Vec<Value>) {
    let ran = run(sandbox, &[&["doctor", "-o", "json"], args].concat(), "");
    (ran.code, findings(&ran))
}

/// The checks and levels of what was found.
fn told(found: &[Value]) -> Vec<String> {
    found
        .iter()
        .map(|one| format!("{} {}", one["check"].as_str().unwrap(), one["level"].as_str().unwrap()))
        .collect()
}

/// A store in which everything is used that doctor looks at.
fn healthy(place: Place) -> Sandbox {
    let sandbox = Sandbox::with_store(place);
    fs::write(
        sandbox.home().join("tokens.json"),
        r#"{"access_token":"a-1","refresh_token":"r-1","expires_in":3600}"#,
    )
    .unwrap();
    ok(&sandbox, "mint alice --scope memories --out-file alice.token", "");
    ok(&sandbox, "rotate alice --out-file alice.token", "");
    ok(
        &sandbox,
        "mint alice --name child --parent alice/default --scope memories --out-file child.token",
        "",
    );
    ok(&sandbox, "secret set anthropic team-a", "sk-ant-of-a-test\n");
    ok(&sandbox, "secret set openai team-b", "sk-of-a-test\n");
    ok(
        &sandbox,
        "oauth add deploy --provider github --token-endpoint https://login.example.com/token --client-id app --file tokens.json",
        "",
    );
    ok(&sandbox, "store set issuer https://keys.example.com", "");
    ok(&sandbox, "signing-key rotate", "");
    ok(
        &sandbox,
        "trust add ci --issuer https://gitlab.com --audience https://keys.example.com --claim project_id=1 \
         --claim ref=refs/heads/main --owner ci --scope deploy",
        "",
    );
    sandbox
}

both!(a_healthy_store_gives_nothing_and_is_left_as_it_is, |place| {
    let sandbox = healthy(place);
    let before = State::of(&sandbox.place);
    for args in [&[][..], &["--quick"], &["--fix", "--dry-run"], &["--fix"]] {
        assert_eq!(doctor(&sandbox, args), (Some(0), Vec::new()), "{args:?}");
    }
    let (code, all) = doctor(&sandbox, &["--all"]);
    assert_eq!(code, Some(0));
    let of_files = ["permissions", "folder", "disk"];
    let is_file = sandbox.place.database.is_none();
    let schema: Value = serde_json::from_str(include_str!("../../docs/schema/doctor-finding.json")).unwrap();
    let known = schema["properties"]["check"]["enum"].as_array().unwrap();
    let known: Vec<String> = known.iter().map(|name| name.as_str().unwrap().to_owned()).collect();
    let expected: BTreeSet<String> = known
        .iter()
        .filter(|name| is_file || !of_files.contains(&name.as_str()))
        .map(|name| format!("{name} ok"))
        .collect();
    assert_eq!(told(&all).into_iter().collect::<BTreeSet<_>>(), expected);
    assert_eq!(State::of(&sandbox.place), before);
});

/// What is done to a healthy store, by keyctl (`$ …`) and by SQL, with what it gives.
struct Broken {
    name: &'static str,
    done: &'static [&'static str],
    /// With `--quick`, where the walk would find more than is meant.
    args: &'static [&'static str],
    told: &'static str,
    code: i32,
    says: &'static str,
    advises: &'static str,
}

const DAY: &str = "CAST(86400000 AS BIGINT)";

#[rustfmt::skip]
const BROKEN: &[Broken] = &[
    Broken { name: "a key that ends soon", done: &["$ mint bob --scope m --expires 10d"], args: &[], code: 1,
        told: "expiring warning", says: "1 key ending within 14 days: bob/default", advises: "keyctl list --expiring 14d" },
    Broken { name: "a key without an end", done: &["$ mint bob --scope m --expires never"], args: &[], code: 0,
        told: "no_expiry note", says: "1 key without an end: bob/default", advises: "keyctl edit KEY --expires 90d" },
    Broken { name: "a key of before a rule", args: &["--quick"], code: 1,
        done: &["$ mint bob --scope m --expires never", "$ policy set --require-expiry"],
        told: "policy warning", says: "1 key that the policy would refuse today (require-expiry): bob/default", advises: "keyctl policy check" },
    Broken { name: "a store that has moved", args: &["--quick"], code: 7,
        done: &["$ store copy --to moved.db --cut-over --yes"],
        told: "moved problem", says: "the store has moved to ", advises: "keyctl store reopen" },
    Broken { name: "a key that is used no more", args: &["--quick"], code: 0,
        done: &["UPDATE key SET created_at = created_at - 100 * DAY", "INSERT INTO key_use SELECT id, created_at + 100 * DAY FROM key WHERE name <> 'child'"],
        told: "unused note", says: "1 key not seen by keyctl serve for 90 days: alice/child", advises: "keyctl list --unused 90d" },
    Broken { name: "nothing says what is used", args: &["--quick"], code: 0,
        done: &["UPDATE key SET created_at = created_at - 100 * DAY"],
        told: "unused note", says: "no service says so", advises: "keyctl serve" },
    Broken { name: "a token that can be guessed", args: &[], code: 1,
        done: &["$ import mem0 weak.env --scope memories"],
        told: "weak_keys warning", says: "1 key with an imported token that can be guessed: frank/", advises: "keyctl rotate KEY" },
    Broken { name: "a token that was never delivered", args: &["--quick"], code: 1,
        done: &["UPDATE token SET generation = 4294967297, grace_ends_at = NULL, created_at = created_at - 2 * DAY WHERE owner = 'alice' AND key_name = 'default' AND generation = 1"],
        told: "pending warning", says: "1 key with a token that was to be delivered and never was: alice/default", advises: "keyctl apply" },
    Broken { name: "no key signs", args: &["--quick"], code: 1,
        done: &["DELETE FROM signing_key"],
        told: "signing_keys warning", says: "no key signs", advises: "keyctl signing-key rotate" },
    Broken { name: "a key signs for too long", args: &["--quick"], code: 0,
        done: &["UPDATE signing_key SET signs_from = signs_from - 400 * DAY WHERE signs_from IS NOT NULL"],
        told: "signing_keys note", says: "for more than a year", advises: "keyctl signing-key rotate" },
    Broken { name: "a provider that wants a sign-in", args: &["--quick"], code: 1,
        done: &["UPDATE oauth_credential SET state = 'needs_reauth'"],
        told: "credentials problem", says: "in need of a new sign-in: deploy", advises: "keyctl oauth login NAME --replace" },
    Broken { name: "a refresh that died", args: &["--quick"], code: 1,
        done: &["INSERT INTO oauth_attempt SELECT id, version, 1, 'h', created_at - 2 * DAY, created_at - 2 * DAY, created_at - 2 * DAY, 0, 1, NULL FROM secret WHERE name = 'deploy'"],
        told: "credentials warning", says: "nobody knows how it ended: deploy", advises: "keyctl oauth refresh NAME" },
    Broken { name: "a refresh that fails", args: &["--quick"], code: 1,
        done: &["INSERT INTO oauth_attempt SELECT id, version, 3, NULL, created_at, created_at, created_at, 3, 0, NULL FROM secret WHERE name = 'deploy'"],
        told: "credentials warning", says: "three attempts or more: deploy", advises: "keyctl oauth show NAME" },
    Broken { name: "a lease that nobody gives back", args: &["--quick"], code: 1,
        done: &["$ lease acquire deploy", "UPDATE oauth_lease SET acquired_at = acquired_at - DAY / 12", "UPDATE oauth_use SET announced = 1"],
        told: "leases warning", says: "waits for a lease of more than an hour: deploy", advises: "keyctl lease break LEASE" },
    Broken { name: "another master key", args: &["other key"], code: 8, done: &[],
        told: "master_key problem", says: "is not the store's", advises: "keyctl master status" },
    Broken { name: "no master key", args: &["no key"], code: 8, done: &[],
        told: "master_key warning", says: "none is set here", advises: "KEYCTL_MASTER_KEY_FILE" },
    Broken { name: "what is no master key", args: &["bad key"], code: 8, done: &[],
        told: "master_key problem", says: "KEYCTL_MASTER_KEY", advises: "" },
    Broken { name: "an envelope of another secret", args: &[], code: 8,
        done: &["UPDATE secret_version SET envelope = (SELECT o.envelope FROM secret_version o JOIN secret s ON s.id = o.secret_id WHERE s.name = 'team-a') \
                 WHERE secret_id = (SELECT id FROM secret WHERE name = 'team-b')"],
        told: "master_key problem", says: "1 of ", advises: "keyctl master check --failing" },
    Broken { name: "an altered record", args: &[], code: 7,
        done: &["UPDATE audit SET body = replace(body, 'alice', 'mallory') WHERE seq = 2"],
        told: "audit problem", says: "2", advises: "keyctl store check" },
    Broken { name: "a log that was cut off", args: &["--quick"], code: 7,
        done: &["DELETE FROM audit WHERE seq = (SELECT MAX(seq) FROM audit)"],
        told: "audit problem", says: "", advises: "keyctl store check" },
    Broken { name: "a token row that says what its key does not", args: &[], code: 7,
        done: &["UPDATE token SET scopes = '[\"everything\"]' WHERE key_name = 'child'"],
        told: "store problem", says: "does not say what its key says", advises: "keyctl store check" },
    Broken { name: "a missing index", args: &["--quick"], code: 7, done: &["DROP INDEX key_parent"],
        told: "schema problem", says: "1 index is missing: key_parent", advises: "keyctl doctor --fix" },
    Broken { name: "an index that is another one", args: &["--quick"], code: 7,
        done: &["DROP INDEX key_parent", "CREATE INDEX key_parent ON key (id)"],
        told: "schema problem", says: "key_parent", advises: "keyctl store check" },
    Broken { name: "a record of tomorrow", args: &["--quick"], code: 7,
        done: &["UPDATE audit SET body = replace(body, '\"at\":\"2', '\"at\":\"3') WHERE seq = (SELECT MAX(seq) FROM audit)"],
        told: "clock warning", says: "seconds from now", advises: "NTP" },
];

fn fits(broken: &Broken, code: Option<i32>, found: &[Value]) -> bool {
    let is_it = |one: &&Value| {
        let has = |field: &str, text: &str| {
            text.is_empty() || one[field].as_str().unwrap_or_default().contains(text)
        };
        told(std::slice::from_ref(*one)) == [broken.told]
            && has("what", broken.says)
            && has("to_do", broken.advises)
    };
    let one = found.iter().find(is_it);
    code == Some(broken.code) && one.is_some_and(|one| !one["why"].as_str().unwrap().is_empty())
}

both!(what_is_broken_is_found_with_what_to_do, |place| {
    let is_file = place.database.is_none();
    let mut healthy_one = Some(healthy(place));
    let mut failures = Vec::new();
    for broken in BROKEN {
        let sandbox = healthy_one
            .take()
            .unwrap_or_else(|| healthy(if is_file { Place::sqlite() } else { Place::postgres() }));
        fs::write(sandbox.home().join("weak.env"), "API_KEYS='{\"sk-1\": \"frank\"}'\n").unwrap();
        for step in broken.done {
            match step.strip_prefix("$ ") {
                Some(args) => ok(&sandbox, args, ""),
                None => drop(sandbox.place.sql(&step.replace("DAY", DAY)).expect(broken.name)),
            }
        }
        let args: Vec<&str> = broken.args.iter().copied().filter(|arg| arg.starts_with('-')).collect();
        let mut command = command(&sandbox, &[&["doctor", "-o", "json"], &args[..]].concat());
        match broken.args {
            ["other key"] => drop(command.env("KEYCTL_MASTER_KEY", OTHER)),
            ["no key"] => drop(command.env_remove("KEYCTL_MASTER_KEY")),
            ["bad key"] => drop(command.env("KEYCTL_MASTER_KEY", "c2hvcnQ=")),
            _ => {}
        }
        let ran = finish(command, b"");
        if !fits(broken, ran.code, &findings(&ran)) {
            failures.push(format!("## {}: {ran:?}", broken.name));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
});

both!(missing_indexes_are_made_anew_and_nothing_else_is, |place| {
    let sandbox = healthy(place);
    let sql = |text: &str| drop(sandbox.place.sql(text).expect(text));
    for name in ["key_parent", "key_live_name", "token_grace", "owner_subject"] {
        sql(&format!("DROP INDEX {name}"));
    }
    let (code, found) = doctor(&sandbox, &["--fix", "--dry-run"]);
    assert_eq!((code, told(&found)), (Some(7), vec!["schema problem".to_owned()]));
    let what = found[0]["what"].as_str().unwrap();
    assert!(what.starts_with("4 indexes are missing: "), "{what}");
    assert_eq!((&found[0]["fixable"], &found[0]["fixed"]), (&Value::Bool(true), &Value::Bool(false)));
    let (code, found) = doctor(&sandbox, &["--fix"]);
    assert_eq!((code, &found[0]["fixed"]), (Some(0), &Value::Bool(true)), "{found:?}");
    assert_eq!(doctor(&sandbox, &[]), (Some(0), Vec::new()));
    ok(&sandbox, "store check", "");
    // As good as before: two of one name are refused.
    let twice = "INSERT INTO key (id, owner, name, scopes, networks, labels, created_at, generation) \
        SELECT 'key_01h455vb4pex5vsknk084sn02q', owner, name, scopes, networks, labels, created_at, generation FROM key WHERE name = 'child'";
    assert!(sandbox.place.sql(twice).is_err());

    // Where such rows came in meanwhile, it says so, and leaves all as it is.
    sql("DROP INDEX key_live_name");
    sql(twice);
    let (code, found) = doctor(&sandbox, &["--quick", "--fix"]);
    assert_eq!(code, Some(7), "{found:?}");
    assert!(found[0]["what"].as_str().unwrap().contains("it could not be done now"), "{found:?}");
    sql("DELETE FROM key WHERE id = 'key_01h455vb4pex5vsknk084sn02q'");
    // Another one of that name is somebody's, and so is what is no index of ours.
    sql("CREATE INDEX key_live_name ON key (id)");
    sql("CREATE INDEX odd ON key (name)");
    let (code, found) = doctor(&sandbox, &["--quick", "--fix"]);
    assert_eq!(code, Some(7), "{found:?}");
    assert!(found.iter().all(|one| one["fixed"] == Value::Bool(false)), "{found:?}");
    let all = found.iter().map(|one| one["what"].as_str().unwrap()).collect::<Vec<_>>().join("\n");
    assert!(all.contains("key_live_name") && all.contains("odd"), "{all}");
});

both!(of_many_keys_ten_are_named_and_all_are_counted, |place| {
    let sandbox = Sandbox::with_store(place);
    for number in 0..12 {
        ok(&sandbox, &format!("mint o{number} --scope m --expires never"), "");
    }
    let (code, found) = doctor(&sandbox, &["--quick"]);
    assert_eq!((code, told(&found)), (Some(0), vec!["no_expiry note".to_owned()]));
    assert_eq!((found[0]["count"].as_u64(), found[0]["names"].as_array().unwrap().len()), (Some(12), 10));
    let what = found[0]["what"].as_str().unwrap();
    assert!(
        what.starts_with("12 keys without an end: o0/default, o1/") && what.ends_with("and 2 more"),
        "{what}"
    );
});

both!(an_older_store_is_looked_at_and_a_newer_one_is_left_alone, |place| {
    let newer = ["PRAGMA user_version = 999", "INSERT INTO schema_migration VALUES (999, 0)"];
    make_schema_1(&place);
    let sandbox = Sandbox::empty(place);
    let of = |statements: [&'static str; 2]| statements[usize::from(sandbox.place.database.is_some())];
    let (code, found) = doctor(&sandbox, &[]);
    assert_eq!((code, told(&found)), (Some(1), vec!["schema warning".to_owned()]), "{found:?}");
    assert!(found[0]["to_do"].as_str().unwrap().contains("keyctl store migrate"), "{found:?}");
    sandbox.place.sql(of(newer)).unwrap();
    let (code, found) = doctor(&sandbox, &[]);
    assert_eq!((code, told(&found)), (Some(7), vec!["store problem".to_owned()]));
    assert!(found[0]["what"].as_str().unwrap().contains("schema 999"), "{found:?}");
});

both!(a_store_that_has_moved_is_not_taken_for_a_copy_of_what_it_became, |place| {
    let sandbox = Sandbox::with_store(place);
    let there = sandbox.home().join("there.db");
    let there = there.to_str().unwrap();
    ok(&sandbox, &format!("store copy --to {there} --cut-over --yes"), "");
    ok(&sandbox, &format!("mint bob --scope m --store {there}"), "");
    let (code, found) = doctor(&sandbox, &["--quick"]);
    assert_eq!((code, told(&found)), (Some(7), vec!["moved problem".to_owned()]), "{found:?}");
    let (_, found) = doctor(&sandbox, &["--quick", "--store", there]);
    assert_eq!(told(&found), Vec::<String>::new(), "{found:?}");
});

#[test]
fn a_file_that_is_no_store_keeps_its_rights_whatever_is_to_be_mended() {
    let sandbox = Sandbox::empty(Place::sqlite());
    let file = sandbox.home().join("hosts.txt");
    fs::write(&file, "127.0.0.1 localhost\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o664)).unwrap();
    let mut command = command(&sandbox, &["doctor", "-o", "json", "--fix"]);
    command.env("KEYCTL_STORE", &file);
    let ran = finish(command, b"");
    assert_eq!((ran.code, told(&findings(&ran))), (Some(7), vec!["store problem".to_owned()]), "{ran:?}");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o664);
}

#[test]
fn files_and_a_folder_that_are_open_to_others_are_closed_where_that_is_asked_for() {
    let sandbox = Sandbox::empty(Place::sqlite());
    let folder = sandbox.home().join("own");
    fs::create_dir(&folder).unwrap();
    let file = folder.join("keys.db");
    let set = |path: &Path, mode: u32| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    set(&folder, 0o755);
    let at = |args: &[&str]| {
        let mut command = command(&sandbox, &[&["doctor", "-o", "json"], args].concat());
        command.env("KEYCTL_STORE", &file);
        let ran = finish(command, b"");
        (ran.code, findings(&ran), ran.stderr)
    };
    sandbox.ok(&["store", "init", "--store", file.to_str().unwrap()]);
    set(&file, 0o644);
    set(&folder, 0o777);
    let (code, found, said) = at(&[]);
    assert_eq!(code, Some(7));
    assert_eq!(told(&found), ["store problem", "permissions problem", "folder problem"], "{found:?}");
    assert!(said.contains("keyctl doctor --fix --dry-run"), "{said}");
    let (code, tried, said) = at(&["--fix", "--dry-run"]);
    assert_eq!((code, &tried), (Some(7), &found));
    assert!(said.contains("dry run: would fix"), "{said}");
    assert_eq!((mode(&file), mode(&folder)), (0o644, 0o777));
    let (code, fixed, said) = at(&["--fix"]);
    assert_eq!(
        (code, told(&fixed)),
        (Some(0), vec!["permissions problem".to_owned(), "folder problem".to_owned()])
    );
    assert!(fixed.iter().all(|one| one["fixed"] == true), "{fixed:?}");
    assert!(said.contains("fixed: ") && said.contains("nothing was found"), "{said}");
    assert_eq!((mode(&file), mode(&folder)), (0o640, 0o755));
    assert_eq!(at(&[]).0, Some(0));
}

#[test]
fn a_long_log_is_moved_into_the_file_where_that_is_asked_for() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let writer = rusqlite::Connection::open(sandbox.place.file()).unwrap();
    writer.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
    writer
        .execute_batch(
            "PRAGMA wal_autocheckpoint = 0; CREATE TABLE large (a); INSERT INTO large VALUES (randomblob(18000000)); DROP TABLE large",
        )
        .unwrap();
    drop(writer);
    let (code, found) = doctor(&sandbox, &["--quick"]);
    assert_eq!((code, told(&found)), (Some(0), vec!["wal note".to_owned()]));
    assert_eq!(found[0]["fixable"], true);
    let (code, found) = doctor(&sandbox, &["--quick", "--fix"]);
    assert_eq!((code, &found[0]["fixed"]), (Some(0), &Value::Bool(true)));
    assert_eq!(doctor(&sandbox, &[]), (Some(0), Vec::new()));
}

#[test]
fn without_a_store_all_else_is_looked_at() {
    let sandbox = Sandbox::empty(Place::sqlite());
    let folder = sandbox.home().join("bin");
    fs::create_dir(&folder).unwrap();
    program::script(&folder.join("keyctl"), "#!/bin/sh\nexit 3\n");
    let token = "sks_0123456789ab_0123456789012345678901234567890123456789012345678";
    fs::write(sandbox.home().join(".a.token.keyctl-999999-0"), format!("{token}\n")).unwrap();
    for store in ["no-such.db", "postgres://nobody@127.0.0.1:1/none", "/dev/null", "postgres://"] {
        let mut command = command(&sandbox, &["doctor", "-o", "json"]);
        let own = Path::new(PROGRAM).parent().unwrap().display().to_string();
        command.env("KEYCTL_STORE", store).env("PATH", format!("{}:{own}", folder.display()));
        let ran = finish(command, b"");
        assert_eq!(ran.code, Some(7), "{store}: {ran:?}");
        let found = findings(&ran);
        assert_eq!(told(&found), ["store problem", "path warning", "leftovers warning"], "{store}");
        assert!(
            found[1]["what"].as_str().unwrap().contains("bin/keyctl, stands before this one"),
            "{found:?}"
        );
        assert!(!ran.stderr.contains("error:"), "{ran:?}");
    }
    // By its path, where the PATH has another one only.
    let mut command = command(&sandbox, &["doctor", "-o", "json"]);
    command.env("PATH", &folder);
    let found = findings(&finish(command, b""));
    assert!(told(&found).contains(&"path note".to_owned()), "{found:?}");
}

/// A copy of the file with all that is in its log.
fn copy(from: &Path, to: &Path) {
    let connection = rusqlite::Connection::open(from).unwrap();
    connection.execute("VACUUM INTO ?1", [to.to_str().unwrap()]).unwrap();
    fs::set_permissions(to, fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn a_copy_that_goes_on_by_itself_is_found_and_one_that_was_only_read_is_not() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    ok(&sandbox, "mint alice --scope m", "");
    let other = sandbox.home().join("other.db");
    copy(&sandbox.place.file(), &other);
    let other = other.to_str().unwrap();
    ok(&sandbox, &format!("list --store {other}"), "");
    ok(&sandbox, "mint bob --scope m", "");
    assert_eq!(doctor(&sandbox, &[]), (Some(0), Vec::new()));
    ok(&sandbox, &format!("mint carol --scope m --store {other}"), "");
    let (code, found) = doctor(&sandbox, &[]);
    assert_eq!((code, told(&found)), (Some(1), vec!["copies problem".to_owned()]));
    assert!(
        found[0]["what"].as_str().unwrap().starts_with("a copy of this store in another place"),
        "{found:?}"
    );
    // Where the settings name it, so does the finding.
    let folder = sandbox.home().join(".config/keyctl");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config.toml"), format!("[profile.spare]\nstore = \"{other}\"\n")).unwrap();
    let (_, found) = doctor(&sandbox, &[]);
    assert!(found[0]["what"].as_str().unwrap().contains(&format!("at {other}")), "{found:?}");
    let forget = found[0]["to_do"].as_str().unwrap().rsplit_once("rm ").unwrap().1.to_owned();
    fs::remove_file(forget).unwrap();
    assert_eq!(doctor(&sandbox, &[]), (Some(0), Vec::new()));
}

#[test]
fn a_store_that_went_back_is_a_problem_of_the_store() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let (file, kept) = (sandbox.place.file(), sandbox.home().join("kept.db"));
    copy(&file, &kept);
    ok(&sandbox, "mint alice --scope m", "");
    for suffix in ["-wal", "-shm"] {
        fs::remove_file(format!("{}{suffix}", file.display())).unwrap();
    }
    fs::rename(&kept, &file).unwrap();
    let (code, found) = doctor(&sandbox, &[]);
    assert_eq!((code, told(&found)), (Some(7), vec!["store problem".to_owned()]));
    assert!(found[0]["to_do"].as_str().unwrap().contains("keyctl store accept-rollback"), "{found:?}");
}

#[test]
fn a_pooler_that_changes_its_connections_is_named_and_one_that_keeps_them_is_not() {
    let sandbox = Sandbox::with_store(Place::postgres());
    let database = sandbox.place.database.clone().unwrap();
    for (mode, expected) in [("transaction", vec!["pooler note"]), ("session", vec![])] {
        let pooler = Pooler::start(mode, &[], &[]);
        let mut command = command(&sandbox, &["doctor", "-o", "json"]);
        command.env("KEYCTL_STORE", pooler.address(USER, &database));
        let ran = finish(command, b"");
        assert_eq!(
            (ran.code, told(&findings(&ran))),
            (Some(0), expected.into_iter().map(str::to_owned).collect()),
            "{mode}"
        );
    }
}

#[test]
fn a_role_that_may_not_read_all_is_told_what_was_not_looked_at() {
    let sandbox = Sandbox::with_store(Place::postgres());
    server().role("doctors_reader");
    ok(&sandbox, "mint bob --scope m --expires never", "");
    sandbox
        .place
        .sql(
            "GRANT USAGE ON SCHEMA keyctl TO doctors_reader; \
             GRANT SELECT ON schema_migration, head, audit, key, token, owner TO doctors_reader",
        )
        .unwrap();
    let mut command = command(&sandbox, &["doctor", "-o", "json"]);
    let address = sandbox.place.text().replace(USER, "doctors_reader");
    command.env("KEYCTL_STORE", address).env("PGPASSWORD", PASSWORD);
    let ran = finish(command, b"");
    let found = findings(&ran);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(told(&found).contains(&"no_expiry note".to_owned()), "{found:?}");
    for check in ["signing_keys", "credentials", "leases", "master_key"] {
        let one =
            found.iter().find(|one| one["check"] == check).unwrap_or_else(|| panic!("{check}: {found:?}"));
        assert!(one["what"].as_str().unwrap().starts_with("could not be looked at"), "{one}");
    }
}
