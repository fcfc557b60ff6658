//! A command that the configuration file names, which reads the token from standard input.
//!
//! There is no shell, and the token is neither in its arguments nor in its environment. What it prints is kept back: where it
//! fails, its last lines are told with the token masked.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, PipeReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use rustix::fs::{Access, access};
use zeroize::Zeroizing;

use super::{Fault, Places};
use crate::cli::exec::Masker;
use crate::cli::outputs::bounded;
use crate::cli::process;
use crate::domain::keys::token::Token;
use crate::domain::provisioning::sink::CommandName;
use crate::domain::provisioning::sink_command::{Facts, SinkCommand};
use crate::domain::secrets::secret::SecretValue;
use crate::domain::texts::text::Shown;

/// How long its last words are waited for when it has ended, and something that it left running holds its output.
const QUIET: Duration = Duration::from_millis(300);

/// Of what it prints so much is told.
const MOST_TOLD: usize = 1000;
const MOST_LINES: usize = 5;

/// A token that is printed in parts is found by parts of this length: by chance none stands anywhere.
const SHORTEST_PART: usize = 6;
const HELD_BACK: &str = "(not shown: it has a part of the token in it)";

pub(super) fn check(name: &CommandName, places: &Places<'_>) -> Result<(), Fault> {
    let command = named(name, places)?;
    let program = command.program();
    if find(program, places.path).is_some() {
        return Ok(());
    }
    let what = if program.contains('/') {
        format!("{program} cannot be run: it is not there, or not executable")
    } else {
        format!("{program} is not found in PATH")
    };
    Err(Fault::refused(what, "install it, or name it with its path in the configuration file"))
}

fn named<'p>(name: &CommandName, places: &Places<'p>) -> Result<&'p SinkCommand, Fault> {
    places.commands.get(name.as_str()).ok_or_else(|| {
        let known = places.commands.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        let hint = if known.is_empty() {
            format!("add it to the configuration file: [sinks] {name} = [\"PROGRAM\", \"ARGUMENT\"]")
        } else {
            format!("known are {known}; or add it there: [sinks] {name} = [\"PROGRAM\", \"ARGUMENT\"]")
        };
        Fault::refused("the configuration file has no such command", hint)
    })
}

/// Where a program is, as the system looks for it.
fn find(program: &str, path: Option<&OsStr>) -> Option<PathBuf> {
    let may_run = |path: &Path| {
        fs::metadata(path).is_ok_and(|found| found.is_file()) && access(path, Access::EXEC_OK).is_ok()
    };
    if program.contains('/') {
        return Some(PathBuf::from(program)).filter(|path| may_run(path));
    }
    std::env::split_paths(path?).map(|folder| folder.join(program)).find(|path| may_run(path))
}

pub(super) fn deliver(
    name: &CommandName,
    token: &Token,
    facts: &Facts,
    places: &Places<'_>,
) -> Result<Vec<String>, Fault> {
    let command = named(name, places)?;
    let failed = |what: String| {
        Fault::failed(
            what,
            format!("run it by hand to see what is wrong; it is {name} in the configuration file"),
        )
    };
    let program = command.program();
    let run = run(command, token, facts)
        .map_err(|error| failed(format!("{program} could not be started: {error}")))?;
    let said = if run.said.is_empty() { String::new() } else { format!("; it said: {}", run.said) };
    match run.status {
        None => Err(failed(format!(
            "{program} did not end within {} s, and was ended{said}",
            command.timeout.as_secs_f32()
        ))),
        Some(status) if !status.success() => Err(failed(format!("{program} ended with {status}{said}"))),
        Some(_) if run.unread => {
            Err(failed(format!("{program} ended well, but never read the token from standard input")))
        }
        Some(_) => Ok(Vec::new()),
    }
}

struct Run {
    /// `None` if it was ended when its time was over.
    status: Option<ExitStatus>,
    /// Whether the token is still in the pipe.
    unread: bool,
    /// The last that it printed.
    said: String,
}

fn run(command: &SinkCommand, token: &Token, facts: &Facts) -> io::Result<Run> {
    // A pipe takes more than a token before anybody reads, and kept open at both ends, nobody's going away is an error.
    let (stdin, mut to) = io::pipe()?;
    let (output, from) = io::pipe()?;
    let mut line = Zeroizing::new(Vec::with_capacity(token.expose().len() + 1));
    line.extend_from_slice(token.expose().as_bytes());
    if command.newline {
        line.push(b'\n');
    }
    to.write_all(&line)?;
    drop(to);
    let mut started = process::command(command.program());
    started
        .args(command.arguments(facts))
        .stdin(stdin.try_clone()?)
        .stdout(from.try_clone()?)
        .stderr(Stdio::from(from));
    let mut child = bounded::start(started)?;
    let said = listen(output, token);
    let status = bounded::end(&mut child, command.timeout)?;
    let unread = bounded::is_unread(&stdin);
    let said = said.recv_timeout(QUIET).unwrap_or_default();
    Ok(Run { status, unread, said })
}

/// Takes what it prints, so that it never waits for somebody to read it; tells its end, masked, when all of it is there.
fn listen(mut output: PipeReader, token: &Token) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    let Ok(value) = SecretValue::from_bytes(token.expose().as_bytes(), false) else { return receiver };
    let mut masker = Masker::new(&[&value]);
    let secret = Zeroizing::new(token.expose()[token.display_prefix().as_str().len()..].to_owned());
    thread::spawn(move || {
        let mut piece = Zeroizing::new([0; 4096]);
        let mut clean = Vec::new();
        let mut last = VecDeque::new();
        while let Ok(read @ 1..) = output.read(&mut *piece) {
            masker.push(&piece[..read], &mut clean);
            keep(&mut last, &mut clean);
        }
        masker.finish(&mut clean);
        keep(&mut last, &mut clean);
        let last = last.make_contiguous();
        let has_part = secret
            .as_bytes()
            .windows(SHORTEST_PART)
            .any(|part| last.windows(SHORTEST_PART).any(|said| said == part));
        let _ = sender.send(if has_part { HELD_BACK.to_owned() } else { told(last) });
    });
    receiver
}

fn keep(last: &mut VecDeque<u8>, clean: &mut Vec<u8>) {
    last.extend(clean.drain(..));
    last.drain(..last.len().saturating_sub(MOST_TOLD));
}

/// Its last lines on one. What else may be a secret is not shown either.
fn told(last: &[u8]) -> String {
    let text = String::from_utf8_lossy(last);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let shown = lines[lines.len().saturating_sub(MOST_LINES)..].iter().map(|line| Shown(line).to_string());
    shown.collect::<Vec<_>>().join(" / ")
}
