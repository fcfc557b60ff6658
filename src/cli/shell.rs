//! Running a command of the operator's, whose output is a secret.

use std::io::{self, Read};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

use super::process;
use crate::config::master_key::SecretText;

/// A secrets manager may have to ask its user for a fingerprint.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why a command gave no secret. Its output is never repeated.
#[derive(Debug, thiserror::Error)]
pub(super) enum ShellError {
    #[error("it could not be started: {0}")]
    Start(io::Error),
    #[error("it did not end within {} s", PATIENCE.as_secs())]
    Slow,
    #[error("it printed more than {0} bytes")]
    TooMuch(usize),
    #[error("it ended with {0}")]
    Ended(ExitStatus),
    #[error("its output could not be read: {0}")]
    Io(#[from] io::Error),
}

/// Runs `sh -c COMMAND` with nothing on its standard input, and takes what it prints, at most so
/// many bytes, without one line end. Its errors show where keyctl's do.
pub(super) fn secret_of(command: &str, most: usize) -> Result<SecretText, ShellError> {
    let mut shell = process::command("/bin/sh");
    shell.args(["-c", command]).stdin(Stdio::null()).stdout(Stdio::piped());
    // In a group of its own, so that what it started can be ended with it.
    shell.process_group(0);
    let mut child = process::spawn(&mut shell).map_err(ShellError::Start)?;
    let read = read_in_time(&mut child, most);
    if read.is_err() {
        let _ = kill_process_group(Pid::from_child(&child), Signal::KILL);
    }
    let status = child.wait()?;
    let text = read?;
    if status.success() { Ok(text.without_line_end()) } else { Err(ShellError::Ended(status)) }
}

/// What it prints until it closes its output.
fn read_in_time(child: &mut Child, most: usize) -> Result<SecretText, ShellError> {
    let Some(stdout) = child.stdout.take() else { return Err(ShellError::TooMuch(0)) };
    let (sender, receiver) = mpsc::channel();
    thread::Builder::new().spawn(move || {
        let mut bytes = Vec::with_capacity(most + 1);
        let read = stdout.take(most as u64 + 1).read_to_end(&mut bytes);
        let text = SecretText::new(bytes);
        let _ = sender.send(read.map(|_| text));
    })?;
    let text = receiver.recv_timeout(PATIENCE).map_err(|_| ShellError::Slow)??;
    if text.expose().len() > most { Err(ShellError::TooMuch(most)) } else { Ok(text) }
}
