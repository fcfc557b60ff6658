//! Which setting wins: flag, environment, profile, top of the file, built in.

use serde_json::{Value, json};

use super::file::{path, write};
use crate::support::both;
use crate::support::cli::{Sandbox, finish};
use crate::support::pty::Terminal;
use crate::support::runner::{case, check};
use crate::support::store::Place;

const FILE: &str = "\
default_profile = \"first\"
store = \"top.db\"
output = \"csv\"
color = \"always\"
lock_timeout = \"3s\"
prefix = \"top\"
expires = \"30d\"
master_key_command = \"print top\"
outbound_allow = \"10.1.0.0/16\"

[profile.first]

[profile.prod]
store = \"prod.db\"
output = \"jsonl\"
color = \"auto\"
lock_timeout = \"4s\"
prefix = \"prod\"
expires = \"40d\"
master_key_file = \"prod.key\"
outbound_allow = \"10.2.0.0/16,fd00::/8\"
";

/// One level that speaks: arguments and variables, and whether there is the file.
#[derive(Clone, Copy)]
struct Level {
    args: &'static [&'static str],
    variables: &'static [(&'static str, &'static str)],
    file: bool,
    value: Option<&'static str>,
    origin: &'static str,
}

const fn level(
    args: &'static [&'static str],
    variables: &'static [(&'static str, &'static str)],
    file: bool,
    value: Option<&'static str>,
    origin: &'static str,
) -> Level {
    Level { args, variables, file, value, origin }
}

const PROD: &[(&str, &str)] = &[("KEYCTL_PROFILE", "prod")];

/// Each setting with its levels, the strongest first: every row leaves out what won in the row
/// before. `@HOME` and `@FILE` stand for the sandbox's own.
const SETTINGS: [(&str, &[Level]); 10] = [
    (
        "profile",
        &[
            level(&["--profile", "prod"], &[("KEYCTL_PROFILE", "first")], true, Some("prod"), "--profile"),
            level(&[], PROD, true, Some("prod"), "KEYCTL_PROFILE"),
            level(&[], &[], true, Some("first"), "@FILE:1"),
            level(&[], &[], false, None, "default"),
        ],
    ),
    (
        "store",
        &[
            level(
                &["--store", "flag.db"],
                &[("KEYCTL_STORE", "env.db"), ("KEYCTL_PROFILE", "prod")],
                true,
                Some("flag.db"),
                "--store",
            ),
            level(
                &[],
                &[("KEYCTL_STORE", "env.db"), ("KEYCTL_PROFILE", "prod")],
                true,
                Some("env.db"),
                "KEYCTL_STORE",
            ),
            level(&[], PROD, true, Some("@HOME/.config/keyctl/prod.db"), "profile prod in @FILE:14"),
            level(&[], &[], true, Some("@HOME/.config/keyctl/top.db"), "@FILE:2"),
            level(&[], &[], false, Some("@HOME/.local/share/keyctl/keys.db"), "default"),
        ],
    ),
    (
        "output",
        &[
            level(&["-o", "json"], PROD, true, Some("json"), "--output"),
            level(&[], PROD, true, Some("jsonl"), "profile prod in @FILE:15"),
            level(&[], &[], true, Some("csv"), "@FILE:3"),
            level(&[], &[], false, None, "default"),
        ],
    ),
    (
        "color",
        &[
            level(
                &["--color", "always"],
                &[("NO_COLOR", "1"), ("KEYCTL_PROFILE", "prod")],
                true,
                Some("always"),
                "--color",
            ),
            level(&[], &[("NO_COLOR", "1"), ("KEYCTL_PROFILE", "prod")], true, Some("never"), "NO_COLOR"),
            level(&[], PROD, true, Some("auto"), "profile prod in @FILE:16"),
            level(&[], &[], true, Some("always"), "@FILE:4"),
            level(&[], &[], false, Some("auto"), "default"),
        ],
    ),
    (
        "lock_timeout",
        &[
            level(
                &["--lock-timeout", "1s"],
                &[("KEYCTL_LOCK_TIMEOUT", "2s"), ("KEYCTL_PROFILE", "prod")],
                true,
                Some("1s"),
                "--lock-timeout",
            ),
            level(
                &[],
                &[("KEYCTL_LOCK_TIMEOUT", "2s"), ("KEYCTL_PROFILE", "prod")],
                true,
                Some("2s"),
                "KEYCTL_LOCK_TIMEOUT",
            ),
            level(&[], PROD, true, Some("4s"), "profile prod in @FILE:17"),
            level(&[], &[], true, Some("3s"), "@FILE:5"),
            level(&[], &[], false, Some("1500ms"), "default"),
        ],
    ),
    (
        "prefix",
        &[
            level(&[], PROD, true, Some("prod"), "profile prod in @FILE:18"),
            level(&[], &[], true, Some("top"), "@FILE:6"),
            level(&[], &[], false, None, "default"),
        ],
    ),
    (
        "expires",
        &[
            level(&[], PROD, true, Some("40d"), "profile prod in @FILE:19"),
            level(&[], &[], true, Some("30d"), "@FILE:7"),
            level(&[], &[], false, None, "default"),
        ],
    ),
    (
        "outbound_allow",
        &[
            level(
                &[],
                &[("KEYCTL_OUTBOUND_ALLOW", "10.3.0.0/16"), ("KEYCTL_PROFILE", "prod")],
                true,
                Some("10.3.0.0/16"),
                "KEYCTL_OUTBOUND_ALLOW",
            ),
            level(&[], PROD, true, Some("10.2.0.0/16,fd00::/8"), "profile prod in @FILE:21"),
            level(&[], &[], true, Some("10.1.0.0/16"), "@FILE:9"),
            level(&[], &[], false, None, "default"),
        ],
    ),
    (
        "master_key_file",
        &[
            level(&[], PROD, true, Some("@HOME/.config/keyctl/prod.key"), "profile prod in @FILE:20"),
            level(&[], &[], true, None, "default"),
        ],
    ),
    (
        "master_key_command",
        &[level(&[], PROD, true, None, "default"), level(&[], &[], true, Some("print top"), "@FILE:8")],
    ),
];

/// What `config show --origin` says of a setting, in whatever format the settings make it print.
fn shown(sandbox: &Sandbox, setting: &str, level: Level) -> (String, String) {
    let mut command = sandbox.command(&[&["config", "show", "--origin"], level.args].concat());
    command.env_remove("KEYCTL_STORE").env_remove("KEYCTL_LOCK_TIMEOUT");
    command.envs(level.variables.iter().copied());
    let ran = finish(command, b"").expect_code(0);
    read_row(&ran.stdout, setting).unwrap_or_else(|| panic!("{setting}: {}", ran.stdout))
}

fn read_row(out: &str, setting: &str) -> Option<(String, String)> {
    let rows: Vec<Value> = match serde_json::from_str::<Value>(out) {
        Ok(Value::Array(rows)) => rows,
        _ => out.lines().filter_map(|line| serde_json::from_str(line).ok()).collect(),
    };
    if let Some(row) = rows.iter().find(|row| row["setting"] == setting) {
        return Some(read_json(row));
    }
    let separator = if out.starts_with("setting,") { ',' } else { '\t' };
    let cells = |line: &str| line.split(separator).map(|cell| cell.trim_end().to_owned()).collect::<Vec<_>>();
    let row = out.lines().map(cells).find(|row| row[0] == setting)?;
    Some((row[1].clone(), row[2].clone()))
}

fn read_json(row: &Value) -> (String, String) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let origin = &row["origin"];
    let place = format!("{}:{}", text(&origin["file"]), origin["line"]);
    let words = match text(&origin["kind"]).as_str() {
        "profile" => format!("profile {} in {place}", text(&origin["name"])),
        "file" => place,
        "default" => "default".to_owned(),
        _ => text(&origin["name"]),
    };
    (text(&row["value"]), words)
}

#[test]
fn each_level_wins_over_the_next_for_every_setting() {
    let sandbox = Sandbox::empty(Place::sqlite());
    let home = sandbox.home().display().to_string();
    let own =
        |text: &str| text.replace("@HOME", &home).replace("@FILE", &path(&sandbox).display().to_string());
    let mut wrong = Vec::new();
    for (setting, levels) in SETTINGS {
        for (number, level) in levels.iter().enumerate() {
            write(&sandbox, FILE);
            if !level.file {
                std::fs::remove_file(path(&sandbox)).unwrap();
            }
            let expected = (own(level.value.unwrap_or_default()), own(level.origin));
            let found = shown(&sandbox, setting, *level);
            if found != expected {
                wrong.push(format!("{setting}, level {number}: {found:?}, not {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

both!(a_mint_takes_prefix_and_expiry_from_flag_profile_file_or_store, |place| {
    let sandbox = Sandbox::empty(place);
    sandbox.ok(&["store", "init", "--prefix", "made", "--expires", "50d"]);
    let days = |args: &[&str]| {
        let minted = sandbox.json(&[&["mint", "alice", "--scope", "m"], args].concat());
        let key = &minted["key"];
        let time = |name: &str| {
            let text = key[name].as_str().expect("a time");
            keyctl::domain::time::Timestamp::parse(text).expect("a time").as_millis()
        };
        let prefix =
            minted["token"].as_str().expect("a token").split('_').next().expect("a prefix").to_owned();
        (prefix, (time("expires_at") - time("created_at")) / 86_400_000)
    };
    let found = |prefix: &str, days: i64| (prefix.to_owned(), days);
    assert_eq!(days(&[]), found("made", 50), "the store's own");
    write(&sandbox, FILE);
    assert_eq!(days(&[]), found("top", 30), "the top of the file");
    assert_eq!(days(&["--profile", "prod"]), found("prod", 40), "the profile");
    let flags = ["--profile", "prod", "--prefix", "flag", "--expires", "60d"];
    assert_eq!(days(&flags), found("flag", 60), "the flags");
    // A rotation keeps the prefix of the key, whatever the profile says.
    let rotated = sandbox.json(&["rotate", "alice/default", "--profile", "prod"]);
    assert!(rotated["token"].as_str().expect("a token").starts_with("made_"));
});

#[test]
fn a_store_is_made_without_the_profiles_prefix_and_expiry() {
    let sandbox = Sandbox::empty(Place::sqlite());
    write(&sandbox, FILE);
    sandbox.ok(&["store", "init"]);
    let status = sandbox.json(&["store", "status"]);
    assert_eq!(
        (&status["default_prefix"], &status["default_expiry_seconds"]),
        (&json!("sks"), &json!(7_776_000))
    );
}

#[test]
fn output_and_colour_of_a_profile_hold_for_data_and_errors() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    write(
        &sandbox,
        "[profile.json]\noutput = \"json\"\n[profile.bright]\noutput = \"table\"\ncolor = \"always\"\n",
    );
    let coloured = |out: &str| out.contains("\u{1b}[");
    check(
        &sandbox,
        vec![
            case("data", "list --profile json").stdout(|out| out.starts_with("[\n{\"id\"")),
            case("the flag wins", "list --profile json -o csv").stdout(|out| out.starts_with("key,")),
            case("an error", "show bob --profile json").ends(3).says("{\"error\":{\"type\":\"NOT_FOUND\""),
            case("the flag wins for errors", "show bob --profile json -o plain")
                .fails(3, "error: ", "keyctl"),
            case("colour", "list --profile bright").stdout(coloured),
            case("colour in errors", "show bob --profile bright").ends(3).says("\u{1b}["),
            case("NO_COLOR", "list --profile bright").env("NO_COLOR", "1").stdout(move |out| !coloured(out)),
            case("the flag wins over NO_COLOR", "list --profile bright --color always")
                .env("NO_COLOR", "1")
                .stdout(coloured),
            case("never", "list --profile bright --color never").stdout(move |out| !coloured(out)),
        ],
    );
}

#[test]
fn what_is_used_is_explained_and_what_is_overruled_warned_of() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    check(
        &sandbox,
        vec![case("no file", "list -v").says("configuration: there is no file").says("KEYCTL_STORE")],
    );
    write(&sandbox, FILE);
    let file = path(&sandbox).display().to_string();
    let wins = "KEYCTL_STORE is set and wins over the profile";
    check(
        &sandbox,
        vec![
            case("its default", "list -v")
                .says(&format!("configuration: {file}, profile first (its default)")),
            case("asked for", "list -v --profile prod")
                .says(&format!("{file}, profile prod (--profile)"))
                .says("named by KEYCTL_STORE")
                .says(wins),
            case("by a variable", "list").env("KEYCTL_PROFILE", "prod").hides(wins),
            case("a store of a profile", "store status -v --profile prod")
                .without_env("KEYCTL_STORE")
                .fails(7, "prod.db", "store init")
                .says(&format!("named by profile prod in {file}:14")),
            case("quiet", "list -q --profile prod").hides("warning"),
        ],
    );
}

#[test]
fn a_password_on_the_command_line_is_warned_of_wherever_else_one_is_set() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let address = "postgres://u:hunter2@localhost:1/d";
    let warned = "the password in --store shows in process lists";
    check(
        &sandbox,
        vec![
            case("flag", "list")
                .arg(format!("--store={address}"))
                .fails(7, "connect", "")
                .says(warned)
                .hides("hunter2"),
            case("variable", "list")
                .env("KEYCTL_STORE", address)
                .fails(7, "connect", "")
                .hides(warned)
                .hides("hunter2"),
        ],
    );
    write(&sandbox, format!("store = \"{address}\"\n"));
    let file = case("file", "list").without_env("KEYCTL_STORE").fails(7, "connect", "");
    check(&sandbox, vec![file.hides(warned).hides("hunter2")]);
}

#[test]
fn on_a_terminal_the_file_is_named_below_the_table() {
    let sandbox = Sandbox::empty(Place::sqlite());
    write(&sandbox, FILE);
    let mut command = sandbox.command(&["config", "show", "--origin", "--profile", "prod", "-o", "table"]);
    command.env("NO_COLOR", "1");
    let (code, seen) = Terminal::start(&command, 80).finish();
    assert_eq!(code, 0, "{seen}");
    for part in ["line 18, prof", "--profile", "KEYCTL_LOCK_TIMEOUT", "the configuration file is /"] {
        assert!(seen.contains(part), "{part}: {seen}");
    }
}

#[test]
fn paths_in_the_file_do_not_depend_on_where_keyctl_is_started() {
    let sandbox = Sandbox::empty(Place::sqlite());
    let home = sandbox.home().display().to_string();
    for (store, meant) in [
        ("keys.db", ".config/keyctl/keys.db"),
        ("sqlite:sub/keys.db?symlink=follow", ".config/keyctl/sub/keys.db"),
        ("~/keys.db", "keys.db"),
        ("sqlite:~/keys.db", "keys.db"),
    ] {
        write(&sandbox, format!("store = \"{store}\"\n"));
        for folder in [sandbox.home(), std::path::Path::new("/")] {
            let mut command = sandbox.command(&["config", "show"]);
            command.env_remove("KEYCTL_STORE").current_dir(folder);
            let out = finish(command, b"").expect_code(0).stdout;
            assert!(out.contains(&format!("store\t{home}/{meant}\n")), "{store}: {out}");
        }
    }
}

#[test]
fn without_origin_only_the_values_are_shown() {
    let sandbox = Sandbox::empty(Place::sqlite());
    write(&sandbox, "prefix = \"acme\"\n");
    assert!(sandbox.ok(&["config", "show"]).contains("\nprefix\tacme\n"));
    let rows = sandbox.json(&["config", "show"]);
    assert_eq!(rows[2], json!({ "setting": "prefix", "value": "acme", "origin": null }));
    assert_eq!(sandbox.json(&["config", "profiles"]), json!([]));
}
