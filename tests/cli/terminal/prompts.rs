//! What is asked at a terminal: for arguments that are missing, and for a yes.

use std::process::Command;

use keyctl::domain::keys::scope::Scopes;
use keyctl::ops;
use rustix::termios::LocalModes;
use serde_json::Value;

use crate::secrets::KEY;
use crate::support::both;
use crate::support::cli::{PROGRAM, Sandbox};
use crate::support::library::{minted, request};
use crate::support::pty::Terminal;
use crate::support::runner::{holds_token, report};
use crate::support::store::Place;

/// Two owners with a key each.
fn sandbox(place: Place) -> Sandbox {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "memories,files"]);
    sandbox.ok(&["mint", "bob", "--scope", "mail"]);
    sandbox
}

fn start(sandbox: &Sandbox, words: &str, columns: u16) -> Terminal {
    Terminal::start(&sandbox.command(&words.split(' ').collect::<Vec<_>>()), columns)
}

/// The program with its streams redirected by a line of shell, on a terminal.
fn redirected(sandbox: &Sandbox, script: &str) -> Terminal {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", script]).env_clear().current_dir(sandbox.home()).env("KEYCTL", PROGRAM);
    let given = sandbox.command::<&str>(&[]);
    shell.envs(given.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Terminal::start(&shell, 80)
}

fn state(sandbox: &Sandbox, key: &str) -> (String, Value) {
    let shown = sandbox.json(&["show", key]);
    (shown["state"].as_str().unwrap().to_owned(), shown)
}

/// Everything that a change would move.
fn trace(sandbox: &Sandbox) -> String {
    sandbox.ok(&["audit", "list", "-o", "json"])
}

const FILTER: &str = "filter: |";
const MARK: &str = "scopes:";

both!(a_mint_without_an_owner_asks_for_all_that_it_needs, |place| {
    let sandbox = sandbox(place);
    let mut terminal = start(&sandbox, "mint", 80);
    terminal.pass("owner: ");
    terminal.type_text("Carol\n");
    terminal.wait_for("upper-case");
    terminal.pass("owner: ");
    terminal.type_text("carol\n");
    terminal.pass("[ ] others, to be typed");
    // files, mail, memories, others: the first and the last one.
    terminal.type_text(" \u{1b}[A \r");
    terminal.pass("scopes, as in");
    terminal.type_text("a,,b\n");
    terminal.pass("scopes, as in");
    terminal.type_text("notes\n");
    terminal.pass("[90d]: ");
    terminal.type_text("soon\n");
    terminal.pass("[90d]: ");
    terminal.type_text("never\n");
    let (code, seen) = terminal.finish();
    assert_eq!(code, 0, "{seen}");
    assert!(holds_token(&seen), "{seen}");
    let (_, key) = state(&sandbox, "carol/default");
    assert_eq!(key["scopes"], serde_json::json!(["files", "notes"]));
    assert_eq!(key["expires_at"], Value::Null);
});

#[test]
fn what_is_given_is_not_asked_for() {
    let sandbox = sandbox(Place::sqlite());
    let mut terminal = start(&sandbox, "mint --scope a --expires 1d", 80);
    terminal.pass("owner: ");
    terminal.type_text("carol\n");
    assert_eq!(terminal.finish().0, 0);
    let mut terminal = start(&sandbox, "mint --scope a", 80);
    terminal.pass("owner: ");
    terminal.type_text("dave\n");
    terminal.pass("expires");
    terminal.type_text("\n");
    let (code, seen) = terminal.finish();
    assert!(code == 0 && seen.contains("minted dave/default"), "{seen}");
    assert_eq!(start(&sandbox, "mint erin", 80).finish().0, 0, "a key without scopes is no question");
}

#[test]
fn the_first_mint_of_all_asks_too_and_creates_the_store_only_then() {
    let sandbox = Sandbox::empty(Place::sqlite());
    let command = || {
        let mut command = sandbox.command(&["mint"]);
        command.env_remove("KEYCTL_STORE");
        command
    };
    let store = sandbox.home().join(".local/share/keyctl/keys.db");
    let mut terminal = Terminal::start(&command(), 80);
    terminal.pass("owner: ");
    terminal.type_text("alice\n");
    terminal.pass("[none]: ");
    terminal.type_text("\u{4}");
    let (code, seen) = terminal.finish();
    assert!(code == 2 && seen.contains("nothing was changed") && !store.exists(), "{seen}");
    let mut terminal = Terminal::start(&command(), 80);
    for (question, answer) in [("owner: ", "alice\n"), ("[none]: ", "m\n"), ("[90d]: ", "\n")] {
        terminal.pass(question);
        terminal.type_text(answer);
    }
    let (code, seen) = terminal.finish();
    assert!(code == 0 && holds_token(&seen) && store.exists(), "{seen}");
}

both!(a_rotation_without_a_key_lets_one_be_picked, |place| {
    let sandbox = sandbox(place);
    let before = state(&sandbox, "bob").1["token"]["id"].clone();
    let mut terminal = start(&sandbox, "rotate --grace 0", 80);
    terminal.wait_for("bob/default    active  in 90d  mail");
    terminal.pass("alice/default  active  in 90d  files,memories");
    terminal.type_text("mail");
    terminal.pass("mail|");
    terminal.type_text("\r");
    let (code, seen) = terminal.finish();
    assert!(code == 0 && seen.contains("rotate: bob/default") && holds_token(&seen), "{seen}");
    assert_ne!(state(&sandbox, "bob").1["token"]["id"], before);
});

both!(a_picked_revocation_is_confirmed, |place| {
    let sandbox = sandbox(place);
    let before = trace(&sandbox);
    for (answer, code) in [
        ("n\n", 2),
        ("\n", 2),
        ("yess\n", 2),
        ("\u{4}", 2),
        ("\u{1b}", 2),
        ("y\u{1b}", 2),
        ("y\u{7f}\n", 2),
        ("y\n", 0),
    ] {
        let mut terminal = start(&sandbox, "revoke", 80);
        terminal.pass(FILTER);
        terminal.type_text("alice");
        terminal.pass("alice|");
        terminal.type_text("\r");
        terminal.pass("reason [none]: ");
        terminal.type_text("left the team\n");
        terminal.pass("revoke alice/default for good? [y/N] ");
        assert_eq!(trace(&sandbox), before, "changed before the answer {answer:?}");
        terminal.type_text(answer);
        let (ended, seen) = terminal.finish();
        assert_eq!(ended, code, "{answer:?}: {seen}");
        assert_eq!(seen.contains("nothing was changed"), code == 2, "{answer:?}: {seen}");
        assert!(!seen.contains("error") && !seen.contains("hint"), "whoever said no knows it: {seen}");
    }
    let (now, key) = state(&sandbox, "alice/default");
    assert_eq!((now.as_str(), key["revoke_reason"].as_str()), ("revoked", Some("left the team")));
});

#[test]
fn enter_takes_the_scope_that_is_highlighted() {
    let sandbox = sandbox(Place::sqlite());
    let mut terminal = start(&sandbox, "mint --expires 1d", 80);
    terminal.pass("owner: ");
    terminal.type_text("carol/laptop\n");
    terminal.pass("[ ] others, to be typed");
    // files, mail, memories, others: the second one.
    terminal.type_text("\u{1b}[B\r");
    let (code, seen) = terminal.finish();
    assert!(code == 0 && seen.contains("scopes: mail"), "{seen}");
    assert_eq!(state(&sandbox, "carol/laptop").1["scopes"], serde_json::json!(["mail"]));
}

#[test]
fn escape_and_ctrl_d_end_every_question() {
    let sandbox = sandbox(Place::sqlite());
    let before = trace(&sandbox);
    for (words, answers, last) in [
        ("mint", &[][..], "owner: "),
        ("mint", &[("owner: ", "carol\n")], MARK),
        ("mint --scope a", &[("owner: ", "carol\n")], "[90d]: "),
        ("rotate", &[], FILTER),
        ("scope add", &[(FILTER, "\r")], MARK),
        ("revoke", &[(FILTER, "\r")], "reason [none]: "),
        ("revoke --reason x", &[(FILTER, "\r")], "[y/N] "),
        ("revoke --owner alice", &[], "[y/N] "),
        ("suspend --owner alice", &[], "[y/N] "),
        ("owner disable alice", &[], "[y/N] "),
        ("verify", &[], "Token: "),
        ("secret set openai one", &[], "(not shown): "),
    ] {
        for typed in ["\u{4}", "half\u{4}", "\u{1b}", "half\u{1b}", "\u{1b}\u{1b}"] {
            let mut command = sandbox.command(&words.split(' ').collect::<Vec<_>>());
            command.env("KEYCTL_MASTER_KEY", KEY);
            let mut terminal = Terminal::start(&command, 80);
            for (question, answer) in answers {
                terminal.pass(question);
                terminal.type_text(answer);
            }
            terminal.wait_for(last);
            terminal.type_text(typed);
            let (code, seen) = terminal.finish();
            assert_eq!(code, 2, "{words}: {seen}");
            assert!(seen.contains("nothing was") && !seen.contains("error"), "{words}, {typed:?}: {seen}");
            assert!(!seen.contains("^[") && !seen.contains("hint"), "{words}, {typed:?}: {seen}");
        }
    }
    assert_eq!(trace(&sandbox), before);
}

#[test]
fn a_line_is_put_right_as_it_is_typed() {
    let sandbox = sandbox(Place::sqlite());
    let mut terminal = start(&sandbox, "mint --scope a --expires 1d", 80);
    terminal.wait_for("owner: ");
    terminal.type_text("nobody\u{15}carl\u{1b}[D\u{7f}ol\n");
    let (code, seen) = terminal.finish();
    assert!(code == 0 && seen.contains("minted carol/default"), "{seen}");
    assert!(seen.contains("owner: nobody\u{8} \u{8}"), "what is typed is seen: {seen}");
    let mut terminal = start(&sandbox, "revoke", 80);
    terminal.pass(FILTER);
    terminal.type_text("carol\r");
    terminal.pass("reason [none]: ");
    terminal.type_text("sch\u{f6}m\u{7f}n alt\u{17}neu\n");
    terminal.pass("[y/N] ");
    terminal.type_text("y\n");
    assert_eq!(terminal.finish().0, 0);
    assert_eq!(state(&sandbox, "carol/default").1["revoke_reason"], "sch\u{f6}n neu");
}

#[test]
fn yes_answers_only_the_question_whether_it_is_meant() {
    let sandbox = sandbox(Place::sqlite());
    let mut terminal = start(&sandbox, "revoke --yes --reason old", 80);
    terminal.pass(FILTER);
    terminal.type_text("\r");
    let (code, seen) = terminal.finish();
    assert!(code == 0 && !seen.contains("[y/N]"), "{seen}");
    assert_eq!(state(&sandbox, "alice/default").0, "revoked");
    assert_eq!(start(&sandbox, "revoke bob", 80).finish().0, 0, "a named key is no question");
}

#[test]
fn every_command_about_one_key_lets_it_be_picked() {
    let sandbox = sandbox(Place::sqlite());
    let bob = |sandbox: &Sandbox| state(sandbox, "bob/default");
    for (words, more, said) in [
        ("suspend --for 1h", None, "suspended bob/default"),
        ("resume", None, "resumed bob/default"),
        ("edit --note nightly", None, "note: none"),
        ("show", None, "nightly"),
        ("scope list", None, "mail"),
        // The first of those that are known.
        ("scope add", Some(" \r"), "changed scopes of bob/default"),
        ("scope remove", Some(" \r"), "changed scopes of bob/default"),
        ("scope set --none", None, "changed scopes of bob/default"),
        ("rotate", None, "rotated bob/default"),
    ] {
        let mut terminal = start(&sandbox, words, 100);
        terminal.pass(FILTER);
        terminal.type_text("bob\r");
        if let Some(keys) = more {
            terminal.pass(MARK);
            terminal.type_text(keys);
        }
        let (code, seen) = terminal.finish();
        assert!(code == 0 && seen.contains(said), "{words}: {code} {seen}");
    }
    assert_eq!(bob(&sandbox).1["scopes"], serde_json::json!([]));
    // Only what is suspended can be resumed.
    sandbox.ok(&["suspend", "alice"]);
    let mut terminal = start(&sandbox, "resume", 100);
    terminal.pass(FILTER);
    terminal.type_text("\r");
    let (code, seen) = terminal.finish();
    assert!(code == 0 && seen.contains("resumed alice/default") && !seen.contains("bob"), "{seen}");
}

#[test]
fn a_question_that_is_given_up_changes_nothing() {
    let sandbox = sandbox(Place::sqlite());
    sandbox.ok(&["suspend", "alice"]);
    let before = trace(&sandbox);
    let mut failures = Vec::new();
    let picked =
        ["rotate", "revoke", "suspend --for 1h", "resume", "show", "edit --note x", "scope set --none"];
    for (words, wait) in [("mint", "owner: ")].into_iter().chain(picked.map(|words| (words, FILTER))) {
        for (typed, code) in [("\u{3}", None), ("\u{1b}", Some(2)), ("\u{4}", Some(2))] {
            let mut terminal = start(&sandbox, words, 80);
            // Held open, so that the terminal outlives the program.
            let name = terminal.master.tty_name().expect("a name");
            let held = std::fs::File::options().read(true).write(true).open(name).expect("the terminal");
            terminal.wait_for(wait);
            terminal.type_text(typed);
            let status = terminal.child.wait().expect("ends");
            let modes = terminal.modes();
            let ended = code.map_or(status.signal() == Some("Interrupt"), |code| status.exit_code() == code);
            if !ended || !modes.contains(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG) {
                failures.push(format!("## {words}, {typed:?}: {status:?}, {modes:?}"));
            }
            drop(held);
            let (_, seen) = terminal.finish();
            if seen.rfind("\u{1b}[?25l") > seen.rfind("\u{1b}[?25h") {
                failures.push(format!("## {words}, {typed:?}: the cursor stays hidden in {seen:?}"));
            }
            if code.is_some() && (!seen.contains("nothing was changed") || seen.contains("error")) {
                failures.push(format!("## {words}, {typed:?}: {seen:?}"));
            }
        }
    }
    report(&failures);
    assert_eq!(trace(&sandbox), before);
}

#[test]
fn ctrl_z_at_any_question_gives_the_terminal_back() {
    let sandbox = sandbox(Place::sqlite());
    let mut terminal = Terminal::shell(&sandbox, 80);
    let stop = |terminal: &mut Terminal, question: &str| {
        terminal.wait_for(question);
        terminal.type_text("\u{1a}");
        // Again until it counts: while a key is awaited, the terminal's signals come back late.
        while !terminal.sees("Stopped") {
            terminal.type_text("\u{1a}");
        }
        assert!(terminal.echoes(), "{}", terminal.seen);
        assert!(
            terminal.seen.rfind("\u{1b}[?25l") <= terminal.seen.rfind("\u{1b}[?25h"),
            "{}",
            terminal.seen
        );
        terminal.pass("ready> ");
        terminal.type_text("fg\n");
    };
    terminal.type_text("$KEYCTL mint\n");
    stop(&mut terminal, "owner: ");
    terminal.pass("owner: ");
    terminal.type_text("carol\n");
    stop(&mut terminal, MARK);
    terminal.pass("others, to be typed");
    terminal.type_text(" \r");
    stop(&mut terminal, "[90d]: ");
    terminal.pass("[90d]: ");
    terminal.type_text("1d\n");
    terminal.pass("minted carol/default");
    terminal.type_text("$KEYCTL revoke\n");
    stop(&mut terminal, FILTER);
    terminal.pass(FILTER);
    terminal.type_text("bob\r");
    terminal.pass("reason [none]: ");
    terminal.type_text("\n");
    stop(&mut terminal, "[y/N] ");
    terminal.pass("[y/N] ");
    terminal.type_text("y\n");
    terminal.pass("revoked bob/default");
    terminal.type_text("exit\n");
    assert_eq!(terminal.finish().0, 0);
    assert_eq!(sandbox.json(&["show", "carol"])["scopes"], serde_json::json!(["files"]));
}

#[test]
fn standard_output_carries_data_only_also_when_questions_are_asked() {
    let sandbox = sandbox(Place::sqlite());
    for format in ["plain", "json"] {
        let mut terminal =
            redirected(&sandbox, &format!("\"$KEYCTL\" rotate -o {format} > out; echo code $?"));
        terminal.pass(FILTER);
        terminal.type_text("\r");
        let (_, seen) = terminal.finish();
        assert!(seen.contains("code 0"), "{seen}");
        let out = std::fs::read_to_string(sandbox.home().join("out")).unwrap();
        assert!(holds_token(&out) && out.lines().count() == 1 && !out.contains('\u{1b}'), "{out:?}");
    }
}

#[test]
fn where_nobody_can_be_asked_the_argument_is_missing() {
    let sandbox = sandbox(Place::sqlite());
    let before = trace(&sandbox);
    let mut failures = Vec::new();
    for (words, argument) in [
        ("mint", "<OWNER>"),
        ("rotate", "<KEY>"),
        ("revoke", "<KEY>..."),
        ("suspend", "<KEY>..."),
        ("resume", "<KEY>..."),
        ("show", "<KEY>..."),
        ("edit --note x", "<KEY>"),
        ("scope list", "<KEY>"),
        ("scope add", "<KEY> <SCOPE>..."),
        ("scope set --none", "<KEY>"),
    ] {
        let command = words.split(" --").next().unwrap_or(words);
        for streams in ["< /dev/null", "2> err", "2>&1 | cat"] {
            let script = format!("\"$KEYCTL\" {words} {streams}; cat err 2> /dev/null; rm -f err; echo end");
            let (_, seen) = redirected(&sandbox, &script).finish();
            let expected = format!("the following required arguments were not provided: {argument}");
            let hint = format!("usage: keyctl {command} {argument}; see keyctl {command} --help");
            if !seen.contains(&expected) || !seen.contains(&hint) {
                failures.push(format!("## {command} {streams}: {seen}"));
            }
        }
        let mut dumb = sandbox.command(&words.split(' ').collect::<Vec<_>>());
        dumb.env("TERM", "dumb");
        let (code, seen) = Terminal::start(&dumb, 80).finish();
        if code != 2 || !seen.contains(argument) {
            failures.push(format!("## {command} on a dumb terminal: {code} {seen}"));
        }
    }
    let (_, seen) = redirected(&sandbox, "\"$KEYCTL\" verify 2> err; cat err").finish();
    if !seen.contains("no token on standard input") {
        failures.push(format!("## a secret: {seen}"));
    }
    report(&failures);
    assert_eq!(trace(&sandbox), before);
}

#[test]
fn without_keys_there_is_nothing_to_pick() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    for words in ["rotate", "revoke", "suspend", "show", "edit --note x", "scope list"] {
        let (code, seen) = start(&sandbox, words, 80).finish();
        assert!(code == 3 && seen.contains("no live key") && seen.contains("keyctl mint"), "{seen}");
    }
}

#[test]
fn what_can_be_picked_fits_the_terminal_and_stays_apart() {
    let sandbox = sandbox(Place::sqlite());
    let long = "o".repeat(60);
    for name in ["one", "two"] {
        let scopes = "s".repeat(100);
        sandbox.ok(&["mint", &long, "--name", &format!("{}{name}", "n".repeat(50)), "--scope", &scopes]);
    }
    let sequences = regex::Regex::new("\u{1b}\\[[0-9;?]*[A-Za-z]").unwrap();
    for columns in [20, 40, 60, 80, 120] {
        let mut terminal = start(&sandbox, "rotate --dry-run", columns);
        terminal.wait_for("ooo");
        // The last of four.
        terminal.type_text("\u{1b}[A\r");
        let (code, seen) = terminal.finish();
        assert!(code == 0 && seen.contains("nnntwo"), "{columns}: {seen}");
        let plain = sequences.replace_all(&seen, "\r\n").into_owned();
        let drawn = plain.split(['\r', '\n']).filter(|line| line.starts_with("> ") || line.starts_with("  "));
        let widest = drawn.map(|line| line.chars().count()).max().unwrap_or_default();
        assert!(widest < usize::from(columns), "{columns}: {seen}");
    }
}

#[test]
fn many_keys_and_scopes_are_turned_over_page_by_page() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let mut env = sandbox.place.env();
    for number in 0..1001 {
        let scopes = Scopes::parse_lists([format!("scope-{:02}", number % 40).as_str()]).unwrap();
        let request = ops::keys::mint::Request { scopes, ..request(&format!("owner-{number:04}")) };
        minted(&mut env, &request);
    }
    drop(env);
    let mut terminal = start(&sandbox, "rotate --dry-run", 40);
    terminal.wait_for("only the first 1000 keys");
    terminal.wait_for(FILTER);
    terminal.type_text("0999\r");
    let (code, seen) = terminal.finish();
    assert!(code == 0 && seen.contains("would rotate owner-0999/default"), "{seen}");
    let mut terminal = start(&sandbox, "mint --dry-run --expires 1d", 20);
    terminal.pass("owner: ");
    terminal.type_text("alice\n");
    // The first one of the last page.
    terminal.pass("[Page 1/4]");
    terminal.type_text("\u{1b}[C\u{1b}[C\u{1b}[C \r");
    let (code, seen) = terminal.finish();
    assert!(code == 0 && seen.contains("scopes: scope-36"), "{seen}");
}
