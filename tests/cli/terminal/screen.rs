//! A real terminal: prompts, widths and colours.

use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{LocalModes, tcgetattr};

use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::pty::Terminal;
use crate::support::runner::{holds_token, report};
use crate::support::store::Place;

fn wait_until_hidden(terminal: &Terminal) {
    for _ in 0..400 {
        if !terminal.echoes() {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("what is typed would be shown");
}

both!(a_token_is_asked_for_without_showing_it, |place| {
    let sandbox = Sandbox::with_store(place);
    let token = sandbox.ok(&["mint", "alice", "--scope", "m"]);
    for (typed, code, says) in
        [(format!("{token}\n"), 0, "allowed"), ("sks_wrong\n".to_owned(), 5, "malformed")]
    {
        let mut terminal = Terminal::start(&sandbox.command(&["verify"]), 80);
        terminal.wait_for("Token");
        wait_until_hidden(&terminal);
        terminal.type_text(&typed);
        let (ended, seen) = terminal.finish();
        assert_eq!(ended, code, "{seen}");
        assert!(seen.contains(says), "{seen}");
        assert!(!holds_token(&seen) && !seen.contains("sks_wrong"), "{seen}");
    }
});

#[test]
fn a_prompt_that_is_given_up_leaves_the_terminal_as_it_was() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let mut failures = Vec::new();
    for (name, typed, code) in [
        ("Ctrl-C", "sks_half\u{3}", None),
        ("Ctrl-D", "\u{4}", Some(2)),
        ("Escape", "sks_half\u{1b}", Some(2)),
        ("nothing", "\n", Some(2)),
    ] {
        let mut terminal = Terminal::start(&sandbox.command(&["verify"]), 80);
        let name_of_tty = terminal.master.tty_name().expect("a name");
        // Held open, so that the terminal outlives the program.
        let held = std::fs::File::options().read(true).write(true).open(name_of_tty).expect("the terminal");
        terminal.wait_for("Token");
        wait_until_hidden(&terminal);
        terminal.type_text(typed);
        let status = (0..500).find_map(|_| {
            thread::sleep(Duration::from_millis(10));
            terminal.child.try_wait().unwrap()
        });
        let Some(status) = status else {
            terminal.child.kill().unwrap();
            failures.push(format!("## {name}: it goes on waiting"));
            continue;
        };
        let modes = tcgetattr(&held).expect("its modes").local_modes;
        let whole = modes.contains(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
        let ended = match code {
            Some(code) => status.exit_code() == code,
            None => status.signal().is_some(),
        };
        if !whole || !ended {
            failures.push(format!("## {name}: {status:?}, modes {modes:?}"));
        }
    }
    report(&failures);
}

both!(ctrl_z_gives_the_terminal_back_and_the_question_is_put_again, |place| {
    let sandbox = Sandbox::with_store(place);
    let token = sandbox.ok(&["mint", "alice", "--scope", "m"]);
    let mut terminal = Terminal::shell(&sandbox, 80);
    terminal.type_text("$KEYCTL verify\n");
    for _ in 0..2 {
        terminal.wait_for("Token: ");
        wait_until_hidden(&terminal);
        terminal.type_text("half\u{1a}");
        terminal.wait_for("Stopped");
        assert!(terminal.echoes(), "{}", terminal.seen);
        terminal.seen.clear();
        terminal.type_text("stty -a\n");
        terminal.wait_for(" echo ");
        terminal.seen.clear();
        terminal.type_text("fg\n");
    }
    terminal.wait_for("Token: ");
    wait_until_hidden(&terminal);
    terminal.type_text(&format!("{token}\n"));
    terminal.wait_for("principal   alice");
    assert!(!holds_token(&terminal.seen), "{}", terminal.seen);
    terminal.type_text("exit\n");
    assert_eq!(terminal.finish().0, 0);
});

#[test]
fn ctrl_c_at_a_prompt_ends_the_program_as_the_shell_expects() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let mut terminal = Terminal::shell(&sandbox, 80);
    terminal.type_text("$KEYCTL verify\n");
    terminal.wait_for("Token: ");
    wait_until_hidden(&terminal);
    terminal.seen.clear();
    terminal.type_text("half\u{3}");
    terminal.wait_for("ready> ");
    terminal.type_text("echo code $?\n");
    terminal.wait_for("code 130");
    assert!(terminal.echoes(), "{}", terminal.seen);
    terminal.type_text("exit\n");
    terminal.finish();
}

#[test]
fn a_signal_at_a_prompt_gives_the_terminal_back_first() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let signals = [(Signal::HUP, "Hangup"), (Signal::TERM, "Terminated"), (Signal::QUIT, "Quit")];
    for (signal, name) in signals {
        let mut terminal = Terminal::start(&sandbox.command(&["verify"]), 80);
        let name_of_tty = terminal.master.tty_name().expect("a name");
        let held = std::fs::File::options().read(true).write(true).open(name_of_tty).expect("the terminal");
        terminal.wait_for("Token");
        wait_until_hidden(&terminal);
        let id = terminal.child.process_id().and_then(|id| Pid::from_raw(id as i32)).expect("an id");
        kill_process(id, signal).expect("sent");
        let status = terminal.child.wait().expect("ends");
        assert_eq!(status.signal(), Some(name), "{status:?}");
        assert!(tcgetattr(&held).expect("its modes").local_modes.contains(LocalModes::ECHO), "{name}");
    }
}

/// What is seen, without colours, line by line.
fn lines(seen: &str) -> Vec<String> {
    let sequences = regex::Regex::new("\u{1b}\\[[0-9;]*[A-Za-z]").unwrap();
    sequences.replace_all(seen, "").split("\r\n").map(|line| line.replace('\r', "")).collect()
}

#[test]
fn tables_fit_the_terminal() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let long = "a".repeat(64);
    sandbox.ok(&[
        "mint",
        "bob",
        "--scope",
        "memories:read,files:*,mail,calendar,contacts,notes,search",
        "--expires",
        "never",
    ]);
    sandbox.ok(&[
        "mint",
        &long,
        "--name",
        &long,
        "--scope",
        "m",
        "--label",
        "city=京都市左京区",
        "--label",
        "note=a long word",
    ]);
    sandbox.ok(&["mint", "e.x.a.m.p.l.e@a-long-host-name.of-an-example.test", "--scope", &"s".repeat(120)]);
    sandbox.ok(&["revoke", "bob", "--reason", &"because ".repeat(60)]);
    let mut failures = Vec::new();
    for columns in [20, 40, 60, 80, 120, 300] {
        for words in [
            "list",
            "list --all",
            "show bob",
            "audit list",
            "audit verify",
            // What it says of copies is no table.
            "store status -q",
            "list --color always",
        ] {
            let args: Vec<&str> = words.split(' ').collect();
            let (code, seen) = Terminal::start(&sandbox.command(&args), columns).finish();
            let widest = lines(&seen).into_iter().max_by_key(|line| line.chars().count()).unwrap_or_default();
            if code != 0 || widest.chars().count() > usize::from(columns) {
                failures.push(format!("## {words} in {columns} columns: {code} {widest:?}"));
            }
        }
    }
    for columns in [1, 2, 5] {
        let (code, seen) = Terminal::start(&sandbox.command(&["list"]), columns).finish();
        if code != 0 || seen.contains("defect") {
            failures.push(format!("## list in {columns} columns: {code} {seen:?}"));
        }
    }
    report(&failures);
}

#[test]
fn colour_is_for_terminals_that_want_it() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    let on_terminal = |words: &str, variables: &[(&str, &str)]| {
        let mut command = sandbox.command(&words.split(' ').collect::<Vec<_>>());
        command.env("TERM", "xterm-256color").envs(variables.iter().copied());
        Terminal::start(&command, 80).finish().1.contains("\u{1b}[")
    };
    let mut failures = Vec::new();
    /// Arguments, surroundings, and whether there is colour.
    type Row = (&'static str, &'static [(&'static str, &'static str)], bool);
    let rows: [Row; 9] = [
        ("list", &[], true),
        ("show nobody", &[], true),
        ("list", &[("NO_COLOR", "1")], false),
        ("show nobody", &[("NO_COLOR", "1")], false),
        ("list --color never", &[], false),
        ("show nobody --color never", &[], false),
        ("list --color always", &[("NO_COLOR", "1")], true),
        ("list -o json", &[], false),
        ("list -o csv", &[], false),
    ];
    for (words, variables, coloured) in rows {
        if on_terminal(words, variables) != coloured {
            failures.push(format!("## on a terminal: {words} {variables:?}: colour is not {coloured}"));
        }
    }
    for (words, coloured) in [
        ("list", false),
        ("show nobody", false),
        ("list -o table", false),
        ("list -o table --color always", true),
    ] {
        let ran = sandbox.run(&words.split(' ').collect::<Vec<_>>());
        if (ran.stdout + &ran.stderr).contains('\u{1b}') != coloured {
            failures.push(format!("## in a pipe: {words}: colour is not {coloured}"));
        }
    }
    report(&failures);
}

#[test]
fn the_columns_of_csv_are_the_same_on_a_terminal() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    for format in ["csv", "plain", "json"] {
        let args = ["show", "alice", "-o", format];
        let (_, seen) = Terminal::start(&sandbox.command(&args), 400).finish();
        let piped = sandbox.run(&args).stdout;
        assert_eq!(seen.replace('\r', ""), piped.replace('\r', ""), "{format}");
    }
}
