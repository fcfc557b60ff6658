//! Starting the command, and its end.
//!
//! Where nothing is masked, the command takes our place and nothing of us is left. Else it is a
//! child, which has the streams that are terminals as they are, and pipes for the others. Between
//! the two streams nothing is kept in order but what the system keeps, and a value that is
//! written half to each is not found.
//!
//! The values are wiped when the command runs; what the standard library copies of an environment
//! on the way to the system is not.

use std::any::Any;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, IsTerminal as _, PipeReader, PipeWriter};
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::process::Pid;
use signal_hook::low_level::emulate_default_handler;

use super::copy::{Copied, Copy};
use super::mask::Masker;
use super::masks::Masks;
use super::signals::Signals;
use crate::cli::error::{CliError, Kind, NOT_RUN};
use crate::cli::process;
use crate::cli::terminal::ui;
use crate::domain::secrets::secret::SecretValue;

pub(in crate::cli) struct Job {
    /// The program and its arguments.
    pub(in crate::cli) command: Vec<OsString>,
    /// Variables for it, besides those of our own environment.
    pub(in crate::cli) environment: Vec<(String, Arc<SecretValue>)>,
    /// The same that are no secrets.
    pub(in crate::cli) paths: Vec<(&'static str, PathBuf)>,
    /// Variables of our own environment that it does not get.
    pub(in crate::cli) withheld: Vec<String>,
    /// Whether it takes our place in any case, and prints what it likes.
    pub(in crate::cli) replace: bool,
    /// What is masked in what it prints.
    pub(in crate::cli) masks: Arc<Masks>,
    /// Where something is to be done while it runs, so that it never takes our place.
    pub(in crate::cli) beside: Option<Beside>,
}

/// What is done while the command runs.
pub(in crate::cli) struct Beside {
    /// Caught before it began.
    pub(in crate::cli) signals: Signals,
    /// Ends it when it is dropped: when the command has ended, or if it cannot be started.
    pub(in crate::cli) done: Box<dyn Any>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Ending {
    Exited(u8),
    Killed(i32),
}

/// How the command ended, and what became of what it printed.
#[derive(Debug)]
pub(in crate::cli) struct Ended {
    pub(super) how: Ending,
    /// Why not all of it could be passed on.
    pub(super) lost: Option<io::Error>,
}

/// Whether the command has run, if only for a moment: from then on no exit code of ours may say that
/// it has not.
static STARTED: AtomicBool = AtomicBool::new(false);

pub(in crate::cli) fn has_started() -> bool {
    STARTED.load(Ordering::Relaxed)
}

/// Why there is no ending of the command's.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum Failure {
    #[error("{0} is not found")]
    NotFound(String),
    #[error("{0} cannot be executed: {1}")]
    NotExecutable(String, #[source] io::Error),
    #[error("{0} cannot be started: {1}")]
    NotStarted(String, #[source] io::Error),
    #[error("the command cannot be watched: {0}")]
    Unwatched(#[from] io::Error),
    #[error("the command was started, and cannot be watched any more: {0}")]
    Unwatchable(#[source] io::Error),
}

/// The exit codes of POSIX.1-2024, env.
impl From<Failure> for CliError {
    fn from(failure: Failure) -> Self {
        let message = failure.to_string();
        match failure {
            Failure::NotFound(_) => Self::new(
                Kind::NotFound,
                message,
                "name a program in PATH, or its path; of a script, the interpreter must exist, too",
            )
            .with_exit(127),
            Failure::NotExecutable(..) => Self::invalid(message, "name a program").with_exit(126),
            Failure::NotStarted(..) | Failure::Unwatched(_) => {
                Self::new(Kind::Internal, message, "").with_exit(NOT_RUN)
            }
            Failure::Unwatchable(_) => Self::new(
                Kind::Internal,
                message,
                "see what it has done, and whether it still runs, before it is run again",
            )
            .with_exit(Kind::Internal.exit_code()),
        }
    }
}

impl Ending {
    /// Its exit code, as shells write it.
    fn code(self) -> u8 {
        match self {
            Self::Exited(code) => code,
            Self::Killed(signal) => u8::try_from(128 + signal).unwrap_or(u8::MAX),
        }
    }
}

impl Ended {
    /// Ends as the command did. Does not return where a signal ended it that can end us. A command
    /// that succeeded and whose output is incomplete is a failure of ours, and not one to start it.
    pub(in crate::cli) fn pass_on(self) -> Result<(), CliError> {
        let code = self.how.code();
        if let Some(error) = self.lost {
            let message = format!("the command ran, and what it printed could not all be passed on: {error}");
            let hint = "let something with free space read standard output and standard error";
            let failed = CliError::new(Kind::Output, message, hint);
            return Err(failed.with_exit(if code == 0 { Kind::Output.exit_code() } else { code }));
        }
        match self.how {
            Ending::Exited(0) => Ok(()),
            Ending::Exited(_) => Err(CliError::ended(code)),
            Ending::Killed(signal) => {
                let _ = emulate_default_handler(signal);
                Err(CliError::ended(code))
            }
        }
    }
}

/// Runs the command to its end. Does not return where it takes our place.
pub(in crate::cli) fn run(mut job: Job) -> Result<Ended, Failure> {
    let streams = ui::streams()?;
    let masks_nothing =
        job.replace || job.masks.is_empty() || streams.iter().all(io::IsTerminal::is_terminal);
    let beside = job.beside.take();
    if masks_nothing && beside.is_none() {
        let error = process::replace(&mut job.prepared(&job.command));
        return Err(job.not_started(error));
    }
    let (signals, done) = match beside {
        None => (Signals::catch()?, None),
        Some(Beside { signals, done }) => (signals, Some(done)),
    };
    let (still_running, running) = io::pipe()?;
    let mut supervision = Supervision::prepare(signals, Arc::new(still_running))?;
    let mut outputs = [None, None];
    for (stream, output) in streams.into_iter().zip(&mut outputs) {
        if !stream.is_terminal() && !job.replace {
            *output = Some(supervision.copy(stream, Masker::following(&job.masks))?);
        }
    }
    let child = job.start(&outputs)?;
    // What is left of the pipes' ends is the child's.
    drop(outputs);
    let masks = Arc::clone(&job.masks);
    drop(job);
    supervision.until_end(child, running, done, &masks).map_err(Failure::Unwatchable)
}

impl Job {
    fn start(&self, outputs: &[Option<PipeWriter>; 2]) -> Result<Child, Failure> {
        let start = |words: &[OsString]| {
            let mut command = self.prepared(words);
            let [stdout, stderr] = outputs;
            if let Some(stdout) = stdout {
                command.stdout(stdout.try_clone()?);
            }
            if let Some(stderr) = stderr {
                command.stderr(stderr.try_clone()?);
            }
            process::spawn(&mut command)
        };
        let child = match start(&self.command) {
            // A script without a first line for the system is the shell's, as it is where the
            // command takes our place: the library's two ways differ in that.
            Err(error) if error.raw_os_error() == Some(Errno::NOEXEC.raw_os_error()) => {
                start(&[&[OsString::from("/bin/sh")], &self.command[..]].concat())
            }
            started => started,
        };
        let child = child.map_err(|error| self.not_started(error))?;
        STARTED.store(true, Ordering::Relaxed);
        Ok(child)
    }

    /// A program and its arguments with the command's environment.
    fn prepared(&self, words: &[OsString]) -> Command {
        let (program, arguments) = words.split_first().map_or((OsStr::new(""), words), |(p, a)| (p, a));
        let mut command = process::command(program);
        command.args(arguments);
        for name in &self.withheld {
            command.env_remove(name);
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value.expose())));
        command.envs(self.paths.iter().map(|(name, path)| (name, path)));
        command
    }

    fn not_started(&self, error: io::Error) -> Failure {
        let program = self.command.first().map(|word| word.to_string_lossy().into_owned());
        let program = program.unwrap_or_default();
        let errno = error.raw_os_error().map(Errno::from_raw_os_error);
        match errno {
            Some(Errno::NOENT) => Failure::NotFound(program),
            Some(
                Errno::ACCESS
                | Errno::PERM
                | Errno::NOEXEC
                | Errno::ISDIR
                | Errno::NOTDIR
                | Errno::LOOP
                | Errno::TXTBSY,
            ) => Failure::NotExecutable(program, error),
            _ => Failure::NotStarted(program, error),
        }
    }
}

/// All that looks after a running command.
struct Supervision {
    signals: Signals,
    copies: Vec<JoinHandle<io::Result<Copied>>>,
    /// At its end when the command has ended.
    running: Arc<PipeReader>,
    /// At its end when all copies are.
    copied: PipeReader,
    copying: PipeWriter,
}

impl Supervision {
    /// Signals were caught before the command starts, so that none is lost.
    fn prepare(signals: Signals, running: Arc<PipeReader>) -> io::Result<Self> {
        let (copied, copying) = io::pipe()?;
        Ok(Self { signals, copies: Vec::new(), running, copied, copying })
    }

    /// A pipe whose content is masked and written to a stream.
    fn copy(&mut self, to: File, masker: Masker) -> io::Result<PipeWriter> {
        let (from, output) = io::pipe()?;
        let copy = Copy::new(from, to, masker, Some(Arc::clone(&self.running)));
        let copying = self.copying.try_clone()?;
        let run = move || {
            let copied = copy.run();
            drop(copying);
            copied
        };
        self.copies.push(thread::Builder::new().spawn(run)?);
        Ok(output)
    }

    /// What others go on printing is handed over when all that the command printed is passed on, so
    /// that they neither keep us nor die of it.
    fn until_end(
        self,
        mut child: Child,
        running: PipeWriter,
        done: Option<Box<dyn Any>>,
        masks: &Masks,
    ) -> io::Result<Ended> {
        let Self { mut signals, copies, copied, copying, running: _ } = self;
        drop(copying);
        let pid = Pid::from_child(&child);
        let status = loop {
            wait(&mut [signals.watched()])?;
            signals.pass_to(pid);
            if let Some(status) = child.try_wait()? {
                break status;
            }
        };
        // Before signals do to us what they always do again.
        drop(done);
        drop(running);
        loop {
            let mut watched = [PollFd::new(&copied, PollFlags::IN), signals.watched()];
            wait(&mut watched)?;
            if !watched[0].revents().is_empty() {
                break;
            }
            signals.take()?;
        }
        let (mut lost, values) = (None, masks.values());
        for copy in copies {
            let copied = copy.join().unwrap_or_else(|_| Err(io::Error::other("a copy has a defect")));
            let done = copied.and_then(|Copied { lost, rest }| {
                rest.map_or(Ok(()), |rest| rest.hand_over(&values))?;
                lost.map_or(Ok(()), Err)
            });
            lost = lost.or(done.err());
        }
        Ok(Ended { how: ending(status), lost })
    }
}

fn wait(watched: &mut [PollFd<'_>]) -> io::Result<()> {
    loop {
        match poll(watched, None) {
            Err(Errno::INTR) => {}
            ready => return Ok(ready.map(drop)?),
        }
    }
}

fn ending(status: ExitStatus) -> Ending {
    match (status.code(), status.signal()) {
        (Some(code), _) => Ending::Exited(u8::try_from(code).unwrap_or(u8::MAX)),
        (None, signal) => Ending::Killed(signal.unwrap_or_default()),
    }
}
