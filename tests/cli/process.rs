//! What is left of the program's memory when it dies, and what other programs get of its
//! environment and its limits.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{fs, thread};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::cli::{PROGRAM, Sandbox, finish};
use crate::support::store::Place;

/// The program behind a shell that sets the limit of core dumps.
fn behind_limit(sandbox: &Sandbox, limit: &str, words: &[&str]) -> Command {
    let usual = sandbox.command(words);
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -Sc {limit}; exec \"$0\" \"$@\""), PROGRAM]).args(words);
    command.env_clear().current_dir(sandbox.home()).stdin(Stdio::piped()).stdout(Stdio::piped());
    command.envs(usual.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command
}

/// The soft limit of core dumps, once the process is the program.
fn limit_of(child: &Child) -> String {
    let about = |what: &str| fs::read_to_string(format!("/proc/{}/{what}", child.id())).unwrap_or_default();
    for _ in 0..1000 {
        let limits = about("limits");
        let line = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap_or_default();
        let soft = line.split_whitespace().nth(4).unwrap_or_default();
        if about("comm").trim() == "keyctl" && soft == "1" {
            return soft.to_owned();
        }
        thread::sleep(Duration::from_millis(5));
    }
    about("limits")
}

#[test]
fn a_program_that_dies_leaves_no_core() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    for signal in [Signal::QUIT, Signal::ABORT] {
        let mut child = behind_limit(&sandbox, "unlimited", &["verify"]).spawn().expect("starts");
        assert_eq!(limit_of(&child), "1");
        kill_process(Pid::from_child(&child), signal).expect("sent");
        let status = child.wait().expect("ends");
        assert_eq!(status.signal(), Some(signal.as_raw()));
        assert!(!status.core_dumped(), "{status}");
    }
}

#[test]
fn another_program_gets_the_limits_but_no_secrets() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let (program, told) = (sandbox.home().join("sink"), sandbox.home().join("told"));
    let script =
        format!("#!/bin/sh\ncat > /dev/null\n{{ ulimit -Sc; env | cut -d= -f1; }} > {}\n", told.display());
    crate::support::program::script(&program, &script);
    let secret = [
        "KEYCTL_MASTER_KEY",
        "KEYCTL_MASTER_KEY_CMD",
        "KEYCTL_MASTER_KEY_FILE",
        "KEYCTL_MASTER_KEY_PREVIOUS",
        "KEYCTL_MASTER_PASSPHRASE",
        "KEYCTL_MASTER_PASSPHRASE_PREVIOUS",
        "PGPASSWORD",
    ];
    for limit in ["0", "unlimited"] {
        let mut command = behind_limit(&sandbox, limit, &["mint", "alice", "--scope", "m"]);
        command.env("KEYCTL_AUDIT_SINK", format!("cmd:{}", program.display())).env("OTHER", "x");
        command.envs(secret.map(|name| (name, "planted")));
        finish(command, b"").expect_code(0);
        let told = fs::read_to_string(&told).expect("read");
        let mut lines = told.lines();
        assert_eq!(lines.next(), Some(limit));
        let names: Vec<&str> = lines.collect();
        assert!(names.contains(&"OTHER") && names.contains(&"KEYCTL_STORE"), "{names:?}");
        assert!(!secret.iter().any(|name| names.contains(name)), "{names:?}");
    }
}

/// The program holds master keys, so where it lies is chosen anew for each process; and it needs no
/// loader of shared libraries where the system has what `build.rs` links in its place.
#[test]
#[cfg(all(target_os = "linux", target_pointer_width = "64", target_endian = "little"))]
fn the_program_lies_anywhere_and_needs_a_loader_only_where_it_must() {
    const SHARED_OBJECT: u16 = 3;
    const INTERPRETER: u32 = 3;
    let elf = fs::read(PROGRAM).unwrap();
    let half = |at: usize| u16::from_le_bytes(elf[at..at + 2].try_into().unwrap());
    let long = |at: usize| usize::try_from(u64::from_le_bytes(elf[at..at + 8].try_into().unwrap())).unwrap();
    assert_eq!(half(0x10), SHARED_OBJECT, "position-independent");
    let headers = (0..half(0x38)).map(|number| long(0x20) + usize::from(number) * usize::from(half(0x36)));
    let needs_loader = headers
        .map(|at| u32::from_le_bytes(elf[at..at + 4].try_into().unwrap()))
        .any(|kind| kind == INTERPRETER);
    assert_eq!(needs_loader, env!("KEYCTL_LINKED") == "dynamic");
}
