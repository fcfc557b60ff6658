//! Commands that get a token on their standard input.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::town::{OTHER, TOKEN, Town};
use crate::support::program;
use keyctl::cli::outputs::sinks::{SinkCommand, SinkFailure};

const SINK: &str = r#"{"command":"put"}"#;

impl Town {
    /// Names a script as the command `put`, with these arguments.
    fn script(&mut self, text: &str, arguments: &[&str]) -> &mut SinkCommand {
        let path = self.at("put.sh");
        program::script(&path, &format!("#!/bin/bash\n{text}\n"));
        let words = std::iter::once(path.display().to_string())
            .chain(arguments.iter().map(|word| (*word).to_owned()));
        let command = SinkCommand::new(words).expect("a command");
        self.commands.insert("put".to_owned(), command);
        self.commands.get_mut("put").expect("there")
    }

    fn put(&self) -> Result<(), SinkFailure> {
        self.deliver(SINK, TOKEN).map(drop)
    }

    /// What a script wrote.
    fn wrote(&self, name: &str) -> String {
        fs::read_to_string(self.at(name)).expect(name)
    }
}

#[test]
fn it_reads_the_token_and_nothing_else_and_gets_public_facts_as_single_arguments() {
    let mut town = Town::new();
    let folder = town.root().display().to_string();
    town.script(
        "cd \"$1\"; shift; cat > stdin; printf '%s\\n' \"$@\" > arguments; env > environment; cat /proc/self/cmdline > line",
        &[&folder, "secret/{owner}", "{owner}/{name} {key_id}", "$HOME; {prefix}"],
    );
    town.check(SINK).expect("may be run");
    assert!(fs::read_dir(town.root()).expect("folder").count() == 1, "a check runs nothing");
    town.put().expect("delivered");
    assert_eq!(town.wrote("stdin"), TOKEN);
    assert_eq!(town.wrote("arguments"), format!("secret/alice\nalice/ci key_01\n$HOME; {}\n", &TOKEN[..16]));
    assert!(
        !town.wrote("environment").contains(&TOKEN[17..]) && !town.wrote("arguments").contains(&TOKEN[17..])
    );
    town.script(&format!("cat > {folder}/stdin"), &[]).newline = true;
    town.put().expect("delivered");
    assert_eq!(town.wrote("stdin"), format!("{TOKEN}\n"));
}

#[test]
fn what_fails_is_said_with_its_end_and_its_last_words_and_never_the_token() {
    for (script, says) in [
        ("cat >/dev/null; exit 3", "put.sh ended with exit status: 3"),
        ("cat >/dev/null; echo no room >&2; exit 1", "exit status: 1; it said: no room"),
        ("cat >/dev/null; kill -9 $$", "put.sh ended with signal: 9"),
        ("read -r t; echo \"got $t\"; exit 1", "exit status: 1; it said: got ***"),
        ("read -r t; echo \"${t:0:40}\"; echo \"${t:40}\"; exit 1", "it said: (not shown: it has a part"),
        ("read -r t; printf %s \"$t\" | base64 -w0; exit 1", "exit status: 1; it said: ***"),
        ("read -r t; printf 'x%.0s' {1..2000}; echo $t; echo a; echo b; exit 1", "***"),
        ("exec <&-; exit 0", "ended well, but never read the token from standard input"),
        ("exit 0", "ended well, but never read the token from standard input"),
        ("head -c 10 >/dev/null; exit 4", "exit status: 4"),
        ("exec <&-; exit 5", "exit status: 5"),
    ] {
        let mut town = Town::new();
        town.script(script, &[]);
        let error = town.put().expect_err(script);
        let text = error.to_string();
        assert!(text.starts_with("command:put: ") && text.contains(says), "{script}: {text}");
        assert!(!error.is_refusal && !error.hint.is_empty());
        for part in [&TOKEN[20..36], &TOKEN[44..60]] {
            assert!(!text.contains(part), "{script}: {text}");
        }
    }
}

#[test]
fn what_it_prints_when_all_is_well_is_nobodys_business() {
    let mut town = Town::new();
    town.script("t=$(cat); echo \"$t\"; echo \"$t\" >&2; head -c 3000000 /dev/zero | tr '\\0' x", &[]);
    assert!(town.deliver(SINK, TOKEN).expect("delivered").notes.is_empty());
    assert_eq!(*town.said.lock().expect("said"), "");
}

#[test]
fn one_that_hangs_is_ended_with_its_children() {
    let mut town = Town::new();
    let pids = town.at("pids");
    let script = format!("cat >/dev/null; sleep 300 & echo $$ $! > {}; echo waiting; wait", pids.display());
    town.script(&script, &[]).timeout = Duration::from_millis(700);
    let start = Instant::now();
    let text = town.put().expect_err("hangs").to_string();
    assert!(text.contains("put.sh did not end within 0.7 s, and was ended; it said: waiting"), "{text}");
    assert!(start.elapsed() < Duration::from_secs(5));
    for pid in town.wrote("pids").split_whitespace() {
        let gone = || {
            let state = fs::read_to_string(PathBuf::from("/proc").join(pid).join("stat")).unwrap_or_default();
            state.is_empty() || state.contains(") Z ")
        };
        let until = Instant::now() + Duration::from_secs(5);
        while !gone() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(gone(), "{pid} still runs");
    }
}

/// A program may leave something running, which keeps its output open: nobody waits for that.
#[test]
fn what_it_leaves_running_is_not_waited_for() {
    let mut town = Town::new();
    town.script("cat >/dev/null; sleep 5 & exit 0", &[]);
    let start = Instant::now();
    town.put().expect("delivered");
    assert!(start.elapsed() < Duration::from_secs(3));
}

#[test]
fn one_that_is_not_there_is_refused_before() {
    let mut town = Town::new();
    let error = town.check(SINK).expect_err("not named");
    assert_eq!(error.to_string(), "command:put: the configuration file has no such command");
    assert!(error.hint.contains("[sinks] put = ["), "{}", error.hint);
    for (program, says) in [
        ("keyctl-no-such-program", "keyctl-no-such-program is not found in PATH"),
        ("/nowhere/put", "/nowhere/put cannot be run"),
        ("/etc/passwd", "/etc/passwd cannot be run"),
        ("/", "/ cannot be run"),
    ] {
        town.commands.insert("put".to_owned(), SinkCommand::new([program.to_owned()]).expect("a command"));
        let error = town.check(SINK).expect_err(program);
        assert!(error.is_refusal && error.to_string().contains(says), "{error}");
        let error = town.put().expect_err(program);
        assert!(error.to_string().contains("could not be started"), "{error}");
    }
    town.commands.insert("put".to_owned(), SinkCommand::new(["cat".to_owned()]).expect("a command"));
    town.check(SINK).expect("in PATH");
    town.deliver(SINK, OTHER).expect("delivered");
}
