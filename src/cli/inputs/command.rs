//! Running a command of the operator's, whose output is a secret.

use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStderr, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};
use std::{io, thread};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process_group};
use zeroize::Zeroizing;

use crate::cli::process;
use crate::config::master_key::SecretText;
use crate::config::shell_errors::{SHELL_NAME, pass_on};

/// A secrets manager may have to ask a service.
const PATIENCE: Duration = Duration::from_secs(20);
/// On a terminal it may have to ask its user, who has to find a passphrase or a card.
const PATIENCE_WITH_PEOPLE: Duration = Duration::from_mins(1);

/// How long more output may be in coming when the command has ended, and something that it left
/// running still holds its output.
const QUIET: Duration = Duration::from_millis(300);

/// How far apart a running command is looked at.
const SHORTEST_NAP: Duration = Duration::from_millis(1);
const LONGEST_NAP: Duration = Duration::from_millis(20);

/// Why a command gave no secret. Its output is never repeated.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum ShellError {
    #[error("it could not be started: {0}")]
    Start(io::Error),
    #[error("it did not end within {} s", .0.as_secs())]
    Slow(Duration),
    #[error("it printed more than {0} bytes")]
    TooMuch(usize),
    #[error("it ended with {0}")]
    Ended(ExitStatus),
    #[error("its output could not be read: {0}")]
    Io(#[from] io::Error),
}

/// Runs `sh -c COMMAND` with nothing on its standard input, and takes what it prints, at most so
/// many bytes, without one line end. Its errors show where keyctl's do, but for the shell's own.
///
/// On a terminal it stays in keyctl's process group: the system stops whatever asks there from
/// another one, and an interrupt is for both. Elsewhere it has a group of its own, so that what it
/// started can be ended with it.
pub(in crate::cli) fn secret_of(command: &str, most: usize) -> Result<SecretText, ShellError> {
    let with_people = has_terminal();
    let mut shell = process::command("/bin/sh");
    shell
        .args(["-c", command, SHELL_NAME])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if !with_people {
        shell.process_group(0);
    }
    let mut child = process::spawn(&mut shell).map_err(ShellError::Start)?;
    let errors = child.stderr.take().map(passed_on);
    let patience = if with_people { PATIENCE_WITH_PEOPLE } else { PATIENCE };
    let taken = take_in_time(&mut child, most, patience);
    if taken.is_err() {
        if !with_people {
            let _ = kill_process_group(Pid::from_child(&child), Signal::KILL);
        }
        let _ = child.kill();
        let _ = child.wait();
    }
    let (text, status) = taken?;
    // What it left running may hold this end, too.
    let _ = errors.map(|done| done.recv_timeout(QUIET));
    if status.success() { Ok(text.without_line_end()) } else { Err(ShellError::Ended(status)) }
}

/// Passes its errors on as they come; tells when all of them are.
fn passed_on(errors: ChildStderr) -> Receiver<()> {
    let (done, told) = mpsc::channel();
    thread::spawn(move || {
        let _ = pass_on(errors);
        let _ = done.send(());
    });
    told
}

fn has_terminal() -> bool {
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    rustix::fs::open("/dev/tty", flags, Mode::empty()).is_ok()
}

#[expect(clippy::disallowed_methods, reason = "measures a wait, here where it is bounded")]
/// What it prints until it has ended, and how it ended. It may close its output long before; and
/// what it leaves running may keep it open.
fn take_in_time(
    child: &mut Child,
    most: usize,
    patience: Duration,
) -> Result<(SecretText, ExitStatus), ShellError> {
    let start = Instant::now();
    let mut output = child.stdout.take().map(OwnedFd::from);
    // One byte more tells that it is too much; it never grows and leaves a copy behind.
    let mut bytes = Zeroizing::new(vec![0; most + 1]);
    let mut length = 0;
    let mut status = None;
    let mut changed = start;
    let mut nap = SHORTEST_NAP;
    while start.elapsed() < patience {
        if let Some(pipe) = &output
            && let Some(read) = read_soon(pipe, &mut bytes[length..], nap)?
        {
            length += read;
            changed = Instant::now();
            nap = SHORTEST_NAP;
            if length > most {
                return Err(ShellError::TooMuch(most));
            }
            if read == 0 {
                output = None;
            }
            continue;
        }
        if output.is_none() {
            thread::sleep(nap);
        }
        nap = (nap * 2).min(LONGEST_NAP);
        if status.is_none() {
            status = child.try_wait()?;
            changed = Instant::now();
        }
        if let Some(status) = status
            && (output.is_none() || changed.elapsed() >= QUIET)
        {
            bytes.truncate(length);
            return Ok((SecretText::new(std::mem::take(&mut *bytes)), status));
        }
    }
    Err(ShellError::Slow(patience))
}

/// What can be read before so much time is over, `None` if there is nothing.
fn read_soon(pipe: &OwnedFd, into: &mut [u8], within: Duration) -> io::Result<Option<usize>> {
    let within = Timespec { tv_sec: 0, tv_nsec: within.subsec_nanos().into() };
    match poll(&mut [PollFd::new(pipe, PollFlags::IN)], Some(&within)) {
        Ok(0) | Err(Errno::INTR) => Ok(None),
        Ok(_) => Ok(Some(rustix::io::read(pipe, into)?)),
        Err(error) => Err(error.into()),
    }
}
