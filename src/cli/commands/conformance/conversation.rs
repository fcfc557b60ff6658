//! A program that is asked line by line. All questions are written while answers are read, so
//! neither side waits for the other, whatever it buffers; what it prints on standard error goes
//! to ours.

use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdout, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

use crate::cli::error::{CliError, Kind};
use crate::cli::process;
use crate::domain::texts::text::Shown;

/// The longest answer, in bytes. The longest right one has a sixth of it.
const LONGEST: usize = 1 << 20;

/// Answers that wait to be looked at.
const AHEAD: usize = 64;

/// How far apart a program that closed its output is looked at.
const NAP: Duration = Duration::from_millis(5);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum Silence {
    /// Its standard output is at its end.
    #[error("ended")]
    Ended,
    /// It takes too long.
    #[error("gave no answer in time")]
    Slow,
    /// A line without an end.
    #[error("wrote a line of more than {LONGEST} bytes")]
    TooLong,
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
}

/// A running program. It is ended with its children when this is dropped.
pub(in crate::cli) struct Conversation {
    child: Child,
    answers: Receiver<Result<Vec<u8>, Silence>>,
    patience: Duration,
}

impl Conversation {
    /// Starts a program and begins to write to it. `patience` is how long one answer may take.
    pub(in crate::cli) fn start(
        words: &[OsString],
        questions: String,
        patience: Duration,
    ) -> Result<Self, CliError> {
        let (program, arguments) = words.split_first().map_or((OsStr::new(""), words), |(p, a)| (p, a));
        let mut command = process::command(program);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        // In a group of its own, so that its children can be ended with it.
        command.process_group(0);
        let mut child = process::spawn(&mut command).map_err(|error| not_started(program, &error))?;
        let (sender, answers) = mpsc::sync_channel(AHEAD);
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let conversation = Self { child, answers, patience };
        let threads = || -> io::Result<()> {
            if let Some(mut stdin) = stdin {
                // It may end without having read everything: what it answered tells.
                thread::Builder::new().spawn(move || drop(stdin.write_all(questions.as_bytes())))?;
            }
            if let Some(stdout) = stdout {
                thread::Builder::new().spawn(move || read(stdout, &sender))?;
            }
            Ok(())
        };
        threads().map_err(|error| CliError::new(Kind::Internal, format!("no thread: {error}"), ""))?;
        Ok(conversation)
    }

    /// The next line, without its end.
    pub(in crate::cli) fn next(&self) -> Result<Vec<u8>, Silence> {
        match self.answers.recv_timeout(self.patience) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => Err(Silence::Slow),
            Err(RecvTimeoutError::Disconnected) => Err(Silence::Ended),
        }
    }

    /// How it ended, once its output is at its end; `None` if it goes on for too long.
    pub(in crate::cli) fn end(&mut self) -> io::Result<Option<ExitStatus>> {
        let mut waited = Duration::ZERO;
        loop {
            let ended = self.child.try_wait()?;
            if ended.is_some() || waited >= self.patience {
                return Ok(ended);
            }
            thread::sleep(NAP);
            waited += NAP;
        }
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        // Also where the program itself has ended: it may have left children. The id of a group
        // is not given anew while one of them lives; without any there is nothing to end.
        let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        let _ = self.child.wait();
    }
}

/// Passes lines on until the output ends or nobody listens.
fn read(stdout: ChildStdout, to: &SyncSender<Result<Vec<u8>, Silence>>) {
    let mut stdout = BufReader::new(stdout);
    loop {
        let answer = line(&mut stdout);
        let is_last = answer.is_err();
        if to.send(answer).is_err() || is_last {
            return;
        }
    }
}

fn line(from: &mut BufReader<ChildStdout>) -> Result<Vec<u8>, Silence> {
    let mut line = Vec::new();
    from.take(LONGEST as u64 + 1).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Err(Silence::Ended);
    }
    if line.len() > LONGEST {
        return Err(Silence::TooLong);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    Ok(line)
}

fn not_started(program: &OsStr, error: &io::Error) -> CliError {
    let program = program.to_string_lossy();
    let program = Shown(&program);
    if error.kind() == io::ErrorKind::NotFound {
        let hint = "name a program in PATH, or its path; of a script, the interpreter must exist, too";
        return CliError::new(Kind::NotFound, format!("{program} is not found"), hint);
    }
    CliError::invalid(format!("{program} cannot be started: {error}"), "name a program")
}
