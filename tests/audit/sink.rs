//! Records on their way to `KEYCTL_AUDIT_SINK`.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::{lines, numbers};
use crate::support::both;
use crate::support::cli::{Ran, Sandbox, finish};

fn with_sink(sandbox: &Sandbox, sink: &str, words: &[&str]) -> Ran {
    let mut command = sandbox.command(words);
    command.env("KEYCTL_AUDIT_SINK", sink);
    finish(command, b"")
}

/// A program that appends what it reads to a file, and says how it was started.
fn program(folder: &Path) -> (PathBuf, PathBuf) {
    let (program, received) = (folder.join("receive"), folder.join("received"));
    let script = format!(
        "#!/bin/sh\ncat >> {0}\nenv | cut -d= -f1 > {0}.env\nprintf '%s|' \"$@\" > {0}.arguments\necho noise\n",
        received.display()
    );
    crate::support::program::script(&program, &script);
    (program, received)
}

/// Everything that leaves a record, and some that leaves none.
fn change_much(sandbox: &Sandbox, sink: &str) {
    let run = |words: &[&str], code| {
        let ran = with_sink(sandbox, sink, words).expect_code(code);
        assert!(!ran.stderr.contains("warning"), "{words:?}: {ran:?}");
    };
    run(&["store", "init", "--dry-run"], 0);
    run(&["store", "init"], 0);
    run(&["mint", "alice", "--scope", "m"], 0);
    run(&["mint", "bob", "--scope", "m"], 0);
    run(&["mint", "bob", "--scope", "m", "--dry-run"], 0);
    run(&["mint", "bob", "--scope", "m", "--name", "default"], 4);
    run(&["mint", "bob", "--scope", "m", "--name", "default", "--dry-run"], 4);
    run(&["rotate", "alice"], 0);
    run(&["list"], 0);
    run(&["revoke", "carol"], 3);
    run(&["revoke", "alice", "bob", "--dry-run"], 0);
    run(&["revoke", "alice", "bob"], 0);
    run(&["revoke", "alice", "bob"], 0);
}

both!(a_file_gets_a_line_for_each_record_that_is_committed, |place| {
    let sandbox = Sandbox::empty(place);
    let file = sandbox.home().join("a log");
    change_much(&sandbox, &format!("file:{}", file.display()));
    let written = fs::read_to_string(&file).expect("read");
    assert_eq!(numbers(&written), [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(written.trim_end(), sandbox.ok(&["audit", "export"]), "the same lines as an export's");
    assert_eq!(lines(&written)[3]["record"]["outcome"], "refused");
    assert_eq!(fs::metadata(&file).expect("there").mode() & 0o777, 0o600);
});

both!(a_program_reads_the_same_lines, |place| {
    let sandbox = Sandbox::empty(place);
    let (program, received) = program(sandbox.home());
    change_much(&sandbox, &format!("cmd:{} -t  key", program.display()));
    let written = fs::read_to_string(&received).expect("read");
    assert_eq!(written.trim_end(), sandbox.ok(&["audit", "export"]));
    let beside = |ending: &str| fs::read_to_string(format!("{}{ending}", received.display())).expect("read");
    assert_eq!(beside(".arguments"), "-t|key|");
    for name in ["PGPASSWORD", "KEYCTL_AUDIT_SINK"] {
        assert!(!beside(".env").lines().any(|line| line == name), "{name} is inherited");
    }
});

both!(what_did_not_arrive_can_be_caught_up_as_the_warning_says, |place| {
    let sandbox = Sandbox::with_store(place);
    let file = sandbox.home().join("log");
    let sink = format!("file:{}", file.display());
    with_sink(&sandbox, &sink, &["mint", "alice", "--scope", "m"]).expect_code(0);
    let ran = with_sink(&sandbox, "cmd:/bin/false", &["mint", "bob", "--scope", "m"]).expect_code(0);
    assert!(ran.stderr.contains("audit record 3 was not delivered"), "{ran:?}");
    let ran = with_sink(&sandbox, "cmd:/bin/false", &["revoke", "alice", "bob"]).expect_code(0);
    assert!(ran.stderr.contains("audit records 4 to 5 were not delivered"), "{ran:?}");
    let command = ran.stderr.lines().find_map(|line| line.split("catch up with: keyctl ").nth(1));
    assert_eq!(command, Some("audit export --since-seq 4"));
    let missing = sandbox.ok(&["audit", "export", "--since-seq", "3"]);
    let caught_up = fs::read_to_string(&file).expect("read") + &missing;
    assert_eq!(numbers(&caught_up), [2, 3, 4, 5]);
});

#[test]
fn a_default_store_that_creates_itself_sends_its_first_record() {
    let sandbox = Sandbox::empty(crate::support::store::Place::sqlite());
    let file = sandbox.home().join("log");
    let mut command = sandbox.command(&["list"]);
    command.env_remove("KEYCTL_STORE").env("KEYCTL_AUDIT_SINK", format!("file:{}", file.display()));
    finish(command, b"").expect_code(0);
    assert_eq!(lines(&fs::read_to_string(&file).expect("read"))[0]["record"]["action"], "store.init");
}

both!(many_writers_of_one_file_lose_no_line, |place| {
    let sandbox = Sandbox::with_store(place);
    let file = sandbox.home().join("log");
    let sink = format!("file:{}", file.display());
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let (sandbox, sink) = (&sandbox, &sink);
            scope.spawn(move || {
                for number in 0..5 {
                    let name = format!("k{writer}-{number}");
                    with_sink(sandbox, sink, &["mint", "alice", "--scope", "m", "--name", &name])
                        .expect_code(0);
                }
            });
        }
    });
    let mut seen = numbers(&fs::read_to_string(&file).expect("read"));
    seen.sort_unstable();
    assert_eq!(seen, (2..=21).collect::<Vec<_>>());
});
