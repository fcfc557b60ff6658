//! What is acknowledged is on the disk: the order of system calls, as strace sees it.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::stores::steps::Steps;
use crate::support::cli::{PROGRAM, finish};
use crate::support::store::Place;

/// The calls that count, each of them one line with the names of files beside their descriptors.
const CALLS: &str = "trace=pwrite64,write,fsync,fdatasync,ftruncate,exit_group";

/// What is wrong with the order in which a process wrote, synced and answered.
fn fault(trace: &str, file: &str) -> Result<bool, String> {
    let log = format!("{file}-wal");
    // Names of files that were written and not synced since.
    let mut unsynced: Vec<&str> = Vec::new();
    let mut has_written = false;
    for line in trace.lines() {
        let call = line.split_once(' ').map_or(line, |(_, call)| call.trim_start());
        let name =
            call.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or("", |(name, _)| name);
        let is_store = name == file || name == log;
        match call.split('(').next().unwrap_or_default() {
            // What it held is in the file of the store by then.
            "ftruncate" if name == log => {
                if unsynced.contains(&file) {
                    return Err("the log was cut before the store was on the disk".to_owned());
                }
                unsynced.retain(|one| *one != name);
            }
            "pwrite64" | "ftruncate" if is_store => {
                has_written = true;
                if !unsynced.contains(&name) {
                    unsynced.push(name);
                }
            }
            "fsync" | "fdatasync" => unsynced.retain(|one| *one != name),
            "write" if call.starts_with("write(2<") && unsynced.contains(&log.as_str()) => {
                return Err(format!("it spoke before its log was on the disk: {call}"));
            }
            "exit_group" if call.starts_with("exit_group(0)") && unsynced.contains(&log.as_str()) => {
                return Err("it ended well before its log was on the disk".to_owned());
            }
            _ => {}
        }
    }
    Ok(has_written)
}

#[test]
fn no_change_is_acknowledged_before_its_log_is_on_the_disk() {
    let steps = Steps::new(Place::sqlite());
    let sandbox = &steps.sandbox;
    let file = sandbox.place.file().canonicalize().expect("the store").display().to_string();
    let trace = tempfile::NamedTempFile::new().expect("a file");
    let (mut changes, mut faults) = (0, Vec::new());
    for step in steps.all() {
        let typed = steps.prepare(step);
        steps.arm(step);
        let mut command = Command::new("strace");
        command
            .args(["-f", "-y", "-s", "40", "--seccomp-bpf", "-e", CALLS, "-o"])
            .arg(trace.path())
            .arg(PROGRAM);
        let plain = sandbox.command(&typed.words);
        command.args(&typed.words).env_clear().current_dir(sandbox.home());
        command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.envs(typed.variables).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let ran = finish(command, typed.input.as_bytes());
        assert!(ran.code.is_some(), "{}: {}", step.0, ran.stderr);
        let text = std::fs::read_to_string(trace.path()).expect("a trace");
        match fault(&text, &file) {
            Ok(has_written) => changes += usize::from(has_written),
            Err(fault) => {
                // The calls say where.
                let last: Vec<&str> = text.lines().filter(|line| line.contains(&file)).collect();
                let last = last[last.len().saturating_sub(8)..].join("\n");
                faults.push(format!("{}: {fault}\n{last}", step.0));
            }
        }
    }
    writeln!(std::io::stdout(), "{changes} changes were traced").expect("printed");
    assert!(changes > 80, "{changes} changes were seen: does strace see the log?");
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

#[test]
fn an_answer_before_the_disk_has_it_is_seen() {
    let good = "7 pwrite64(5</s/k.db-wal>, \"x\"..., 4096, 0) = 4096\n7 fdatasync(5</s/k.db-wal>) = 0\n7 exit_group(0) = ?\n";
    assert_eq!(fault(good, "/s/k.db"), Ok(true));
    let bad = good.replace("7 fdatasync(5</s/k.db-wal>) = 0\n", "");
    assert!(fault(&bad, "/s/k.db").is_err());
    let cut = "7 pwrite64(4</s/k.db>, \"x\"..., 4096, 0) = 4096\n7 fsync(4</s/k.db>) = 0\n7 ftruncate(5</s/k.db-wal>, 0) = 0\n";
    assert_eq!(fault(&good.replace("7 exit", &format!("{cut}7 exit")), "/s/k.db"), Ok(true));
    assert!(fault(&cut.replace("7 fsync(4</s/k.db>) = 0\n", ""), "/s/k.db").is_err());
    let spoke = good.replace("7 fdatasync", "7 write(2</dev/null>, \"minted\", 6) = 6\n7 fdatasync");
    assert!(fault(&spoke, "/s/k.db").is_err());
}
