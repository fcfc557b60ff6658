//! Standard streams that are full, closed, broken, or that nobody reads.

use std::io::{Write as _, pipe};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::secrets::{KEY, furnished};
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::runner::{Effect, State, case, check};

/// The reader of the pipe is gone before the program writes; its exit code goes to stderr.
const BROKEN: &str = r#"{ sleep 0.2; "$@"; echo "code $?" >&2; } | true"#;

both!(a_token_that_cannot_be_written_never_counts, |place| {
    let sandbox = Sandbox::with_store(place);
    let token = sandbox.ok(&["mint", "alice", "--scope", "m"]);
    let unwritten = |name: &str, words: &str, script: &str, why: &str| {
        case(format!("{name}: {words}"), words)
            .shell(script)
            .fails(9, why, "--out-file PATH")
            .says("nothing was changed")
    };
    let mut cases = Vec::new();
    for words in
        ["mint bob --scope m", "mint bob --scope m -o json", "rotate alice", "rotate alice --grace 0 -o csv"]
    {
        cases.extend([
            unwritten("full", words, r#""$@" >/dev/full"#, "No space left"),
            unwritten("closed", words, r#""$@" >&-"#, "closed or the null device"),
            unwritten("null device", words, r#""$@" >/dev/null"#, "closed or the null device"),
            unwritten("read-only", words, r#""$@" 1</dev/null"#, "standard output"),
            unwritten("broken pipe", words, BROKEN, "Broken pipe").ends(0).says("code 9"),
        ]);
    }
    cases.extend([
        case("all streams closed", "mint bob --scope m").shell(r#""$@" <&- >&- 2>&-"#).ends(9),
        case("nowhere to complain", "mint bob --scope m").shell(r#""$@" >/dev/full 2>/dev/full"#).ends(9),
        case("a rehearsal writes none", "mint bob --scope m --dry-run")
            .shell(r#""$@" >/dev/full"#)
            .says("dry run"),
        case("nowhere to say what was done", "mint carol --scope m").shell(r#""$@" 2>/dev/full"#).mints(),
        case("standard error closed", "mint dave --scope m").shell(r#""$@" 2>&-"#).mints(),
    ]);
    check(&sandbox, cases);
    assert_eq!(sandbox.verify(&token, &[]).0, Some(0), "the token of the key that could not be rotated");
    let keys = sandbox.json(&["list", "--all"]);
    assert_eq!(keys.as_array().unwrap().len(), 3);
});

both!(a_secret_that_nobody_would_see_is_not_shown, |place| {
    let (sandbox, token) = furnished(place);
    let mut cases = Vec::new();
    for script in [r#""$@" >&-"#, r#""$@" >/dev/null"#] {
        let unseen = |words: &str| {
            case(format!("{script}: {words}"), words).shell(script).env("KEYCTL_MASTER_KEY", KEY).fails(
                9,
                "closed or the null device",
                "let something read standard output",
            )
        };
        cases.extend([
            unseen("secret get team"),
            unseen("resolve --provider anthropic").input(token.as_str()),
            unseen("resolve --provider anthropic -o json").input(token.as_str()),
            unseen("master init"),
        ]);
    }
    check(&sandbox, cases);
});

both!(a_pipe_that_nobody_reads_gets_no_live_key, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    for words in [["mint", "bob"], ["rotate", "alice"]] {
        let before = State::of(&sandbox.place);
        let (reader, writer) = pipe().unwrap();
        // A pipe holds 64 KiB, and somebody else has filled it.
        (&writer).write_all(&[b'x'; 65536]).unwrap();
        let mut command = sandbox.command(&words);
        command.stdout(Stdio::from(writer));
        let start = Instant::now();
        let done = command.output().unwrap();
        let took = start.elapsed();
        drop(reader);
        let stderr = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(9), "{words:?}: {stderr}");
        assert!(stderr.contains("error: ") && stderr.contains("nobody read it"), "{stderr}");
        assert!(stderr.contains("hint: ") && stderr.contains("--out-file"), "{stderr}");
        assert!(took < Duration::from_secs(4), "{words:?}: {took:?}");
        assert_eq!(State::of(&sandbox.place), before, "{words:?}");
    }
});

both!(a_pipe_that_ends_early_has_a_live_key_only_if_it_took_the_token, |place| {
    let sandbox = Sandbox::with_store(place);
    for round in 0..8 {
        let owner = format!("user{round}");
        let (reader, writer) = pipe().unwrap();
        let mut command = sandbox.command(&["mint", &owner, "--scope", "m"]);
        command.stdout(Stdio::from(writer));
        let child = command.spawn().unwrap();
        drop(command);
        std::thread::sleep(Duration::from_millis(round * 4));
        drop(reader);
        let done = child.wait_with_output().unwrap();
        let live = sandbox.run(&["show", &owner]).code == Some(0);
        let stderr = String::from_utf8_lossy(&done.stderr);
        match done.status.code() {
            Some(0) => assert!(live, "{owner}: {stderr}"),
            Some(9) => assert!(!live && stderr.contains("hint: "), "{owner}: {stderr}"),
            other => panic!("{owner}: {other:?} {stderr}"),
        }
    }
});

both!(data_that_cannot_be_written_is_an_error_unless_its_reader_went_away, |place| {
    let sandbox = Sandbox::with_store(place);
    let token = sandbox.ok(&["mint", "alice", "--scope", "m"]);
    let mut cases = Vec::new();
    for words in [
        "list",
        "list -o json",
        "show alice",
        "audit list",
        "audit verify",
        "store status",
        "completions zsh",
        "man",
        "owner list",
        "scope list alice",
        "can alice m",
        "config show",
        "audit checkpoint",
        "audit export",
        "conformance print",
        "help mint",
        "--version",
    ] {
        cases.push(case(format!("full: {words}"), words).shell(r#""$@" >/dev/full"#).fails(
            9,
            "could not be written",
            "standard output",
        ));
        cases.push(case(format!("broken: {words}"), words).shell(BROKEN).says("code 0"));
    }
    let verify = |name| case(name, "verify").input(token.clone());
    cases.extend([
        verify("verdict to a full device").shell(r#""$@" >/dev/full"#).fails(
            9,
            "could not be written",
            "standard output",
        ),
        verify("a closed stdin").shell(r#""$@" <&-"#).fails(2, "no token on standard input", "verify < FILE"),
        verify("an empty stdin").input("").fails(2, "no token on standard input", "verify < FILE"),
        verify("only a line end").input("\n").fails(2, "no token on standard input", "verify < FILE"),
        verify("a directory").shell(r#""$@" </"#).fails(2, "standard input cannot be read", "< FILE"),
        verify("one line end").input(format!("{token}\n")).stdout(|out| out.contains("alice")),
        verify("zero bytes").input(vec![0; 64]).ends(5).stdout(|out| out.contains("malformed")),
        verify("no UTF-8").input(vec![0xff; 66]).ends(5).stdout(|out| out.contains("malformed")),
        verify("10 MiB").input(vec![b'x'; 10 << 20]).ends(5).stdout(|out| out.contains("malformed")),
        verify("without an end").shell(r#"yes | "$@""#).fails(2, "several lines", "verify - < FILE"),
        verify("a public prefix").input(&token[..16]).ends(5).stdout(|out| out.contains("malformed")),
        verify("swapped case").input(swapped(&token)).ends(5).stdout(|out| out.contains("malformed")),
        case("revoke a closed stdin", "revoke -").shell(r#""$@" <&-"#).fails(2, "names no key", "one a line"),
        case("show a whole token of stdin", "show -")
            .input(format!("{token}\n"))
            .stdout(|out| out.contains("alice/default")),
        case("revoke by a whole token", "revoke -").input(format!("{token}\r\n")).leaves(Effect::Change),
        verify("which is dead now").ends(5).stdout(|out| out.contains("revoked")),
    ]);
    check(&sandbox, cases);
});

fn swapped(token: &str) -> String {
    let other =
        |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    token.char_indices().map(|(at, c)| if at > 16 { other(c) } else { c }).collect()
}
