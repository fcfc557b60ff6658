//! Master keys that are none, come from two places, or belong to another store.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{KEY, OTHER, furnished, run_with};
use crate::support::both;
use crate::support::cli::{PROGRAM, Ran, Sandbox, finish};
use crate::support::pty::Terminal;
use crate::support::runner::{Case, Effect, case, check};
use crate::support::store::Place;

/// A change that needs the master key.
fn set() -> Case {
    case("", "secret set openai prod").input("sk-planted-value")
}

fn wrong(name: &str, key: &str, says: &str) -> Case {
    set().named(name).env("KEYCTL_MASTER_KEY", key).fails(8, says, "").hides(key.trim().to_owned())
}

both!(a_master_key_that_is_none_is_refused_and_nothing_is_written, |place| {
    let (sandbox, _) = furnished(place);
    let hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    check(
        &sandbox,
        vec![
            set().named("none").fails(8, "there is no master key", "keyctl master init"),
            set().named("empty").env("KEYCTL_MASTER_KEY", "").fails(
                8,
                "KEYCTL_MASTER_KEY is set and empty",
                "",
            ),
            wrong("31 bytes", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==", "it has 31 bytes, not 32"),
            wrong("33 bytes", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g", "it has 33 bytes, not 32"),
            wrong("hex for base64", hex, "without hex: before it"),
            wrong("0x", &format!("0x{hex}"), "it begins with 0x"),
            wrong("a newline inside", &format!("{}\n{}", &KEY[..20], &KEY[20..]), "it contains a line end"),
            wrong("a newline behind", &format!("{KEY}\n"), "it contains a line end"),
            wrong("a blank", &format!("{KEY} "), "it contains a blank"),
            wrong("a byte order mark", &format!("\u{feff}{KEY}"), "byte order mark"),
            wrong("all zero", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "one byte repeated"),
            wrong("one byte repeated", &format!("hex:{}", "7f".repeat(32)), "one byte repeated"),
            wrong("no padding", KEY.trim_end_matches('='), "not base64"),
            wrong("in quotes", &format!("'{KEY}'"), "not base64"),
            wrong("another one", OTHER, "is not the one that this store's secrets are sealed under"),
            set()
                .named("two sources")
                .env("KEYCTL_MASTER_KEY", KEY)
                .env("KEYCTL_MASTER_PASSPHRASE", "correct horse battery staple")
                .fails(8, "KEYCTL_MASTER_KEY and KEYCTL_MASTER_PASSPHRASE are both set", "unset the one"),
            set()
                .named("a short passphrase")
                .env("KEYCTL_MASTER_PASSPHRASE", "hunter2")
                .fails(8, "fewer than 12 characters", "")
                .hides("hunter2"),
            set()
                .named("another passphrase")
                .env("KEYCTL_MASTER_PASSPHRASE", "correct horse battery staple")
                .fails(8, "is not the one that this store's secrets are sealed under", "")
                .hides("correct horse"),
            case("the right one in hex", "secret set openai prod")
                .input("sk-planted-value")
                .env("KEYCTL_MASTER_KEY", format!("hex:{hex}"))
                .leaves(Effect::Change),
        ],
    );
});

both!(a_key_s_file_is_read_only_where_nobody_else_could_have_written_or_read_it, |place| {
    let (sandbox, _) = furnished(place);
    let home = sandbox.home().to_owned();
    let file = |name: &str, mode: u32, text: &str| {
        let path = home.join(name);
        fs::write(&path, text).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("mode");
        path
    };
    let from = |name: &str, path: &std::path::Path| set().named(name).env("KEYCTL_MASTER_KEY_FILE", path);
    let mounted = home.join("mounted");
    fs::create_dir(&mounted).expect("folder");
    let shared = file("mounted/key", 0o644, KEY);
    let link = home.join("link");
    symlink(&shared, &link).expect("link");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        home.join("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o600),
        0,
    )
    .expect("pipe");
    check(
        &sandbox,
        vec![
            from("world-readable", &file("r", 0o644, KEY)).fails(
                8,
                "all users can read it (mode 0644)",
                "chmod 600",
            ),
            from("group-writable", &file("w", 0o620, KEY)).fails(
                8,
                "others can write it (mode 0620)",
                "chmod 600",
            ),
            from("a directory", &mounted).fails(8, "it is not a plain file", ""),
            from("a pipe", &home.join("pipe")).fails(8, "it is not a plain file", ""),
            from("absent", &home.join("none")).fails(8, "cannot be read", ""),
            from("two line ends", &file("n", 0o600, &format!("{KEY}\n\n"))).fails(
                8,
                "it contains a line end",
                "",
            ),
            from("a book", &file("long", 0o600, &"A".repeat(5000))).fails(8, "longer than 4096 bytes", ""),
            from("readable for all in a mounted folder", &link)
                .env("KEYCTL_SECRETS_DIR", &mounted)
                .says("warning: all users can read the master key's file")
                .leaves(Effect::Change),
            case("private, with a line end", "secret rotate prod")
                .input("sk-planted-second")
                .env("KEYCTL_MASTER_KEY_FILE", file("good", 0o600, &format!("{KEY}\n")))
                .leaves(Effect::Change),
            case("for the group, too", "secret rotate prod")
                .input("sk-planted-third")
                .env("KEYCTL_MASTER_KEY_FILE", file("group", 0o640, KEY))
                .leaves(Effect::Change),
        ],
    );
});

both!(a_key_s_command_that_fails_hangs_or_prints_a_book_is_refused, |place| {
    let (sandbox, _) = furnished(place);
    let by = |name: &str, command: &str| set().named(name).env("KEYCTL_MASTER_KEY_CMD", command);
    check(
        &sandbox,
        vec![
            by("fails", "echo planted; exit 3")
                .fails(8, "it ended with exit status: 3", "run it by hand")
                .hides("planted"),
            by("absent", "/no/such/program").fails(8, "it ended with exit status: 127", ""),
            by("prints nothing", "true").fails(8, "it is empty", ""),
            by("prints 1 MB", "head -c 1000000 /dev/zero | tr '\\0' A").fails(8, "more than 4096 bytes", ""),
            by("prints without end", "yes planted").fails(8, "more than 4096 bytes", "").hides("planted"),
            by("is another key", &format!("printf %s {} {}", &OTHER[..20], &OTHER[20..])).fails(
                8,
                "is not the one",
                "",
            ),
            // It sees neither this key nor where to get it.
            by("asks for itself", "echo \"${KEYCTL_MASTER_KEY_CMD:-unset}\"")
                .fails(8, "not base64", "")
                .hides("unset"),
            by("prints it", &format!("printf %s {} {}", &KEY[..20], &KEY[20..])).leaves(Effect::Change),
        ],
    );
});

/// A file that is not there and a shell would both repeat it.
#[test]
fn a_key_in_the_place_of_a_path_or_a_command_is_refused_and_not_shown() {
    let (sandbox, _) = furnished(Place::sqlite());
    let hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    let mut cases = Vec::new();
    for key in [KEY.to_owned(), format!("{KEY}\n"), hex.to_owned(), format!("hex:{hex}"), format!("'{KEY}'")]
    {
        for name in ["KEYCTL_MASTER_KEY_FILE", "KEYCTL_MASTER_KEY_CMD"] {
            let row = set().named(&format!("{name}={key}")).env(name, &key).hides(key.trim().to_owned());
            cases.push(row.hides(hex).hides(KEY).hides(": not found").fails(8, "not shown", "without _"));
        }
    }
    // Whoever lists processes would see it, and the command may repeat it.
    for command in ["echo _", "cat _", "KEY=_ cat", "export KEY=_", "sleep 0; KEY=_", "false || _"] {
        let row = set().named(command).env("KEYCTL_MASTER_KEY_CMD", command.replace('_', KEY));
        cases.push(row.hides(KEY).fails(8, "not shown", "without _"));
    }
    for (name, text) in [
        ("KEYCTL_MASTER_KEY_FILE", "correct horse battery staple"),
        ("KEYCTL_MASTER_KEY_CMD", "horse-battery correct staple"),
        ("KEYCTL_MASTER_KEY_CMD", "staple;horse(battery"),
    ] {
        let row = set().named(text).env(name, text).hides("horse").hides("staple");
        cases.push(row.fails(8, "not shown", ""));
    }
    let complains = "echo planted-warning >&2; exit 3";
    cases.push(
        set()
            .named("its own errors")
            .env("KEYCTL_MASTER_KEY_CMD", complains)
            .says("planted-warning")
            .fails(8, "3", ""),
    );
    check(&sandbox, cases);
}

/// Runs `secret set` with this command for the key, in a session that has no terminal.
fn by_command(sandbox: &Sandbox, command: &str) -> Ran {
    let usual = sandbox.command(&["secret", "set", "openai", "prod"]);
    let mut apart = Command::new("setsid");
    apart.args(["--wait", PROGRAM]).args(usual.get_args()).env_clear().current_dir(sandbox.home());
    apart.envs(usual.get_envs().filter_map(|(name, value)| Some((name, value?))));
    apart.env("KEYCTL_MASTER_KEY_CMD", command).stdout(Stdio::piped()).stderr(Stdio::piped());
    finish(apart, b"sk-planted-value")
}

#[test]
fn a_key_s_command_that_hangs_is_ended_with_its_children() {
    let (sandbox, _) = furnished(Place::sqlite());
    let mark = sandbox.home().join("mark");
    let key = sandbox.home().join("key");
    fs::write(&key, KEY).expect("written");
    let closed =
        format!("sleep 1001 & echo $! > {}; cat {}; exec >&-; sleep 1002", mark.display(), key.display());
    let open = format!("sleep 1001 & echo $! > {}; sleep 1002", mark.display());
    for command in [open, closed] {
        let start = Instant::now();
        let ran = by_command(&sandbox, &command).expect_code(8);
        assert!(start.elapsed() < Duration::from_secs(90), "{command}: {:?}", start.elapsed());
        assert!(ran.stderr.contains("it did not end within 20 s"), "{command}: {}", ran.stderr);
        let child = fs::read_to_string(&mark).expect("it ran");
        // What was killed ends when the system gets to it.
        let runs = || {
            let line = fs::read_to_string(format!("/proc/{}/cmdline", child.trim()));
            line.is_ok_and(|line| line.contains("sleep"))
        };
        let ended = (0..200).any(|_| {
            let ended = !runs();
            if !ended {
                std::thread::sleep(Duration::from_millis(50));
            }
            ended
        });
        assert!(ended, "{command}: its child still runs");
    }
}

#[test]
fn a_key_s_command_may_leave_a_helper_running() {
    let (sandbox, _) = furnished(Place::sqlite());
    let start = Instant::now();
    by_command(&sandbox, &format!("printf %s {} {}; sleep 45 2>/dev/null &", &KEY[..20], &KEY[20..]))
        .expect_code(0);
    assert!(start.elapsed() < Duration::from_secs(40), "{:?}", start.elapsed());
}

#[test]
fn a_key_s_command_may_ask_on_the_terminal_and_is_interrupted_there() {
    let (sandbox, _) = furnished(Place::sqlite());
    let mut terminal = Terminal::shell(&sandbox, 100);
    let (one, two) = KEY.split_at(20);
    let asking =
        format!("printf 'PIN''? ' >/dev/tty; read x </dev/tty; test $x = 4711 && printf '%s' {one} {two}");
    terminal.type_text(&format!("export KEYCTL_MASTER_KEY_CMD=\"{}\"\n", asking.replace('$', "\\$")));
    terminal.pass("ready> ");
    terminal.type_text("$KEYCTL secret get team --reveal; echo code=$?\n");
    terminal.pass("PIN? ");
    terminal.type_text("4711\n");
    terminal.wait_for("code=0");
    assert!(terminal.seen.contains("sk-planted-first"), "{}", terminal.seen);
    terminal.pass("ready> ");
    terminal.type_text("$KEYCTL secret get team --reveal; echo code=$?\n");
    terminal.pass("PIN? ");
    terminal.type_text("\x03");
    terminal.wait_for("ready> ");
    assert!(!terminal.seen.contains("sk-planted-first"), "{}", terminal.seen);
}

both!(a_passphrase_seals_and_opens_again, |place| {
    let sandbox = Sandbox::with_store(place);
    let with = [("KEYCTL_MASTER_PASSPHRASE", "correct horse battery staple")];
    run_with(&sandbox, &with, &["secret", "set", "openai", "prod"], "sk-planted").expect_code(0);
    let got = run_with(&sandbox, &with, &["secret", "get", "prod"], "").expect_code(0).stdout;
    assert_eq!(got, "sk-planted\n");
    let derivation = sandbox.place.sql("SELECT derivation FROM master_key").expect("read");
    assert!(derivation.starts_with("argon2id:v1:65536:3:4:"), "{derivation}");
    let wrong = [("KEYCTL_MASTER_PASSPHRASE", "correct horse battery stapler")];
    let ran = run_with(&sandbox, &wrong, &["secret", "get", "prod"], "").expect_code(8);
    assert!(ran.stderr.contains("is sealed under the master key"), "{}", ran.stderr);
    // To a key, and what was made from the passphrase is of the past.
    let both =
        [("KEYCTL_MASTER_KEY", KEY), ("KEYCTL_MASTER_PASSPHRASE_PREVIOUS", "correct horse battery staple")];
    run_with(&sandbox, &both, &["master", "rotate", "--yes"], "").expect_code(0);
    run_with(&sandbox, &[("KEYCTL_MASTER_KEY", KEY)], &["secret", "get", "prod"], "").expect_code(0);
    run_with(&sandbox, &with, &["secret", "rotate", "prod"], "sk-planted-too").expect_code(8);
});

// A store that says of its own passphrase that it is cheap to guess, or costs a day.
both!(a_derivation_beyond_the_bounds_is_a_damaged_row, |place| {
    let sandbox = Sandbox::with_store(place);
    let with = [("KEYCTL_MASTER_PASSPHRASE", "correct horse battery staple")];
    run_with(&sandbox, &with, &["secret", "set", "openai", "prod"], "sk-planted").expect_code(0);
    for cost in ["8:1:1", "4194304:3:4", "65536:4000000000:4"] {
        let salt = "000102030405060708090a0b0c0d0e0f";
        let sql = format!("UPDATE master_key SET derivation = 'argon2id:v1:{cost}:{salt}'");
        sandbox.place.sql(&sql).expect("written");
        let ran = run_with(&sandbox, &with, &["secret", "get", "prod"], "").expect_code(7);
        assert!(ran.stderr.contains("table master_key, column derivation"), "{}", ran.stderr);
    }
});
