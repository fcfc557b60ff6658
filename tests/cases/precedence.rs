//! Which setting wins: flag, environment, profile, top of the file, built in.

use serde_json::json;

use super::config::{path, write};
use super::runner::{case, check};
use crate::support::both;
use crate::support::cli::Sandbox;
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

[profile.first]

[profile.prod]
store = \"prod.db\"
output = \"jsonl\"
color = \"auto\"
lock_timeout = \"4s\"
prefix = \"prod\"
expires = \"40d\"
master_key_file = \"prod.key\"
";

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
                .says(&format!("named by profile prod in {file}:13")),
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
