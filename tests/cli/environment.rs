//! Homes, locales, time zones and limits that a process may be started with.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::both;
use crate::support::cli::{PROGRAM, Sandbox};
use crate::support::postgres::PASSWORD;
use crate::support::runner::{Case, Effect, State, case, check, report, run_bounded};
use crate::support::store::Place;

#[test]
fn without_a_home_of_ones_own_nothing_is_created() {
    let sandbox = Sandbox::empty(Place::sqlite());
    let nameless =
        |name: &str, words: &str| case(format!("{name}: {words}"), words).without_env("KEYCTL_STORE");
    let mut cases = Vec::new();
    for words in
        ["list", "mint alice --scope m", "store init", "store status", "revoke alice", "audit verify"]
    {
        let homeless = |name, home: Option<&str>| {
            let case = nameless(name, words).fails(7, "HOME", "--store PATH");
            home.map_or_else(
                || nameless(name, words).without_env("HOME").fails(7, "HOME", "KEYCTL_STORE"),
                |home| case.env("HOME", home),
            )
        };
        cases.extend([
            homeless("unset", None),
            homeless("root", Some("/")),
            homeless("root twice", Some("//")),
            homeless("empty", Some("")),
            homeless("relative", Some("here")),
            homeless("relative data home, too", Some("/")).env("XDG_DATA_HOME", "data"),
        ]);
    }
    for words in ["list", "mint alice --scope m", "store init"] {
        cases.push(nameless("cannot be made", words).env("HOME", "/proc/nobody").fails(
            7,
            "cannot be created",
            "KEYCTL_STORE",
        ));
    }
    cases.push(nameless("no store, no verdict", "verify").input("sks_x").fails(
        7,
        "no keyctl store",
        "store init",
    ));
    check(&sandbox, cases);
    assert_eq!(fs::read_dir(sandbox.home()).unwrap().count(), 0, "something was created");
}

#[test]
fn a_relative_data_home_is_ignored_and_the_default_store_is_private() {
    let sandbox = Sandbox::empty(Place::sqlite());
    let list = case("list", "list")
        .without_env("KEYCTL_STORE")
        .env("XDG_DATA_HOME", "data")
        .says("created the store");
    check(&sandbox, vec![list, case("again", "list").without_env("KEYCTL_STORE").stdout(str::is_empty)]);
    let folder = sandbox.home().join(".local/share/keyctl");
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(folder.clone()), 0o700);
    assert_eq!(mode(folder.join("keys.db")), 0o600);
    assert!(!sandbox.home().join("data").exists());
}

#[test]
fn a_store_that_cannot_be_meant_is_refused_and_no_password_repeated() {
    let sandbox = Sandbox::empty(Place::sqlite());
    let store = |text: &str, says: &str| {
        [
            ("variable", case(text, "list").env("KEYCTL_STORE", text)),
            ("flag", case(text, "list").arg(format!("--store={text}"))),
        ]
        .map(|(_, case)| case.fails(2, says, "--store").hides("hunter2"))
    };
    let mut cases: Vec<Case> = [
        ("", "empty"),
        ("  ", "empty"),
        ("sqlite:", "empty"),
        ("sqlite:keys.db?mode=memory", "symlink=follow"),
        ("mysql://u:hunter2@localhost/d", "postgres://USER@HOST"),
        ("POSTGRES://u:hunter2@localhost/d", "postgres://USER@HOST"),
        ("postgres:u:hunter2@localhost/d", "postgres://"),
        ("postgresql:/u:hunter2@localhost/d", "postgres://"),
        ("host=localhost user=u password=hunter2", "postgres://"),
        ("//u:hunter2@localhost/d", "postgres://"),
        ("postgres//u:hunter2@localhost/d", "postgres://"),
        ("Server=localhost;User Id=u;Password=hunter2", "postgres://"),
        ("keys.db?password=hunter2", "postgres://"),
        ("keys.db;Password=hunter2", "postgres://"),
        ("dbname=d password=hunter2", "postgres://"),
        ("postgres://u:hunter2@/d", "host"),
        ("postgres://u:hunter2@localhost:99999/d", "PostgreSQL address"),
        ("postgres://u:hunter2@localhost/d?password=hunter2&nonsense=1", "parameter password"),
        ("postgres://u:hunter2@localhost/d?hunter2=1", "a parameter that is not known"),
        ("postgres://u:hunter2@localhost/d?options=-csearch_path%3Dhunter2", "parameter options"),
        ("postgres://u:hunter2@localhost/d?connect_timeout=1&connect_timeout=2", "connect_timeout twice"),
        ("postgres://u:hunter2@localhost/d?target_session_attrs=standby", "target_session_attrs"),
        ("postgres://u:hunter2@localhost/d?sslnegotiation=direct", "sslnegotiation needs TLS"),
        ("postgres://u:Sup3r@hunter2@127.0.0.1/keys", "%40"),
        ("postgres://u:Sup3r/hunter2@127.0.0.1/keys", "%2F"),
        ("postgres://u:Sup3r#hunter2@127.0.0.1/keys", "%23"),
        ("postgres://u:Sup3r?hunter2@127.0.0.1/keys", "@, # or /"),
        ("postgres://u:hunter2%@127.0.0.1/keys", "percent sign"),
        ("postgres://u:hunter2 x@127.0.0.1/keys", "blank"),
        ("postgres://:hunter2@127.0.0.1/keys", "no user"),
        ("postgres://u:hunter2", "port"),
        ("u:hunter2@localhost/d", "postgres://USER@HOST"),
        ("\"postgres://u:hunter2@localhost/d\"", "postgres://USER@HOST"),
        ("hex:hunter2", "not shown"),
        ("postgres://u:hunter2@localhost/d?sslmode=prefer", "plain text"),
        ("postgres://u:hunter2@localhost/d?sslmode=allow", "plain text"),
        ("postgres://u:hunter2@localhost/d?sslmode=hunter2", "verify-full"),
        ("postgres://u:hunter2@db.example/d?sslmode=disable", "in the clear"),
        ("postgres://u:hunter2@localhost,db.example/d?sslmode=disable", "in the clear"),
        ("postgres://u:hunter2@localhost/d?sslkey=hunter2", "sslkey"),
    ]
    .iter()
    .flat_map(|(text, says)| store(text, says))
    .collect();
    // On the command line these are refused before, where process lists are.
    for secret in [
        "Eb/Nq2tSyyY3cYJQ0+G1x9DlJX5vBzNjT8mHfQv0RkA=",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "sk-ant-api03-Xk3Jq9ZkPw2XaT7vRb1LmN8cDfGh5yUe",
        "sks_4fTq9ZkPw2Xa_V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA",
    ] {
        for words in ["list -v", "config show -o json", "store status", "mint alice --scope m", "store init"]
        {
            let case = case(format!("{secret}: {words}"), words).env("KEYCTL_STORE", secret);
            cases.push(case.fails(2, "not shown", "--store").hides(secret));
        }
        for name in ["KEYCTL_PROFILE", "KEYCTL_CONFIG", "KEYCTL_LOCK_TIMEOUT", "KEYCTL_AUDIT_SINK"] {
            let case = case(format!("{name}: {secret}"), "mint alice --scope m").env(name, secret);
            cases.push(case.ends(2).hides(secret));
        }
    }
    let address = "postgres://u:hunter2@localhost/d";
    for words in
        ["list", "list --profile", "mint alice --expires", "list -o", "nonsense", "audit list --since"]
    {
        cases.push(case(format!("{words} ADDRESS"), words).arg(address).ends(2).hides("hunter2"));
    }
    for name in ["KEYCTL_PROFILE", "KEYCTL_CONFIG", "KEYCTL_LOCK_TIMEOUT", "KEYCTL_AUDIT_SINK"] {
        let case = case(format!("{name}: an address"), "mint alice --scope m").env(name, address);
        cases.push(case.ends(2).hides("hunter2"));
    }
    cases.push(
        case("not UTF-8", "list")
            .env("KEYCTL_STORE", OsStr::from_bytes(b"k\xff.db"))
            .fails(2, "UTF-8", "keyctl"),
    );
    cases.push(case("missing", "list").env("KEYCTL_STORE", "no/such.db").fails(
        7,
        "no keyctl store at no/such.db",
        "store init --store no/such.db",
    ));
    cases.push(case("missing, for a change", "mint alice").env("KEYCTL_STORE", "no/such.db").fails(
        7,
        "no keyctl store",
        "store init",
    ));
    check(&sandbox, cases);
    assert_eq!(fs::read_dir(sandbox.home()).unwrap().count(), 0, "something was created");
}

/// Surroundings that must not be seen in any output.
const SURROUNDINGS: [&[(&str, &str)]; 9] = [
    &[("LANG", "C"), ("LC_ALL", "C")],
    &[("LANG", "tr_TR.UTF-8"), ("LC_ALL", "tr_TR.UTF-8")],
    &[("LANG", "de_DE.UTF-8"), ("LC_NUMERIC", "de_DE")],
    &[("LC_ALL", "nonsense")],
    &[("TZ", "garbage/../../etc/passwd")],
    &[("TZ", ":")],
    &[("TZ", "Asia/Kathmandu")],
    &[("TERM", "dumb"), ("NO_COLOR", "1")],
    &[("COLUMNS", "-1"), ("LINES", "x"), ("RUST_LOG", "trace"), ("RUST_BACKTRACE", "full")],
];

both!(locale_and_time_zone_change_no_byte, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "INFO".to_lowercase().as_str(), "--label", "city=İstanbul"]);
    let mut failures = Vec::new();
    let outputs: [&[&str]; 7] = [
        &["list", "-o", "csv"],
        &["show", "alice", "-o", "json"],
        &["list", "-o", "table"],
        &["audit", "list"],
        &["mint", "bob", "--expires", "1,5d"],
        &["mint", "ALI"],
        &["mint", "--help"],
    ];
    for args in outputs {
        let plain = sandbox.run(args);
        for variables in SURROUNDINGS {
            let mut command = sandbox.command(args);
            command.envs(variables.iter().copied());
            let (ran, _) = run_bounded(command, None);
            if (&ran.code, &ran.stdout, &ran.stderr) != (&plain.code, &plain.stdout, &plain.stderr) {
                failures.push(format!("## {args:?} {variables:?}\n{ran:?}\n{plain:?}"));
            }
        }
    }
    report(&failures);
});

both!(little_room_for_files_and_memory_is_an_error_or_enough, |place| {
    let sandbox = Sandbox::with_store(place);
    let token = sandbox.ok(&["mint", "alice", "--scope", "m"]);
    sandbox.ok(&["mint", "dora", "--scope", "m"]);
    // What the program itself takes, in KiB, which grows with it and is another of a debug build.
    let starts = |room: &usize| {
        let script = format!("ulimit -v {room}; exec \"$0\" --version");
        let ran = std::process::Command::new("/bin/sh").args(["-c", &script, PROGRAM]).env_clear().output();
        ran.expect("sh").status.success()
    };
    let program = (16..1024).map(|mebibytes| mebibytes * 1024).find(starts).expect("it starts");
    let files = (4..=8).rev().map(|files| format!("ulimit -n {files}"));
    let memory = [36, 8, 4].map(|more| format!("ulimit -v {}", program + more * 1024));
    let limits = files.chain(memory).chain(["ulimit -s 512".to_owned()]);
    let mut failures = Vec::new();
    for limit in limits {
        for words in [
            "list",
            "verify",
            "store check",
            "audit verify",
            "mint bob --name fresh --scope m",
            "rotate dora",
            "revoke bob",
        ] {
            let before = State::of(&sandbox.place);
            let mut shell = std::process::Command::new("/bin/sh");
            let command = sandbox.command(&words.split(' ').collect::<Vec<_>>());
            shell.arg("-c").arg(format!("{limit}; exec \"$@\"")).arg("sh").arg(command.get_program());
            shell.args(command.get_args()).env_clear().current_dir(sandbox.home());
            shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
            let (ran, _) = run_bounded(shell, Some(token.as_bytes()));
            let clear = ran.stderr.contains("error: ") && ran.stderr.contains("hint: ");
            let unharmed = State::of(&sandbox.place) == before || words == "mint bob --name fresh --scope m";
            // 3: there is no bob; 4: he has that key.
            let known = matches!(ran.code, Some(1 | 2 | 3 | 7 | 9)) && clear && unharmed;
            let calm = !ran.stderr.contains("defect") && !ran.stderr.contains("allocation");
            // The loader itself needs some room before the program starts.
            let unstarted = ran.code == Some(127) && ran.stderr.contains("shared libraries");
            let worked = ran.code == Some(0) && calm;
            let conflicted = ran.code == Some(4) && clear;
            if !(worked || known && calm || conflicted || unstarted) {
                failures.push(format!("## {limit}; {words}\n{ran:?}"));
            }
        }
    }
    report(&failures);
    sandbox.ok(&["store", "check"]);
    check(
        &sandbox,
        vec![
            case("all is well after", "mint carol --scope m").mints().leaves(Effect::Change).hides(PASSWORD),
        ],
    );
});
