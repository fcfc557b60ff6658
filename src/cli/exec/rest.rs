//! What others print when the command has ended.
//!
//! What the command has started may go on, as a daemon does, with our pipe as its standard output.
//! Nobody would read it when we have ended, and its first output would kill it (SIGPIPE), which it
//! would not without us. So a process of its own copies and masks the rest: this program once more,
//! known by the name that it is started under. It gets the pipe as standard input, the stream as
//! standard output, and, by a pipe in the place of standard error, what it must know: nothing of that
//! stands in arguments, an environment or a file. It ends when nobody can print any more.

use std::fs::File;
use std::io::{self, PipeReader, Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::copy::{Copy, Rest};
use super::mask::Masker;
use crate::cli::terminal::ui;
use crate::domain::secrets::secret::SecretValue;

/// What such a process is called.
const NAME: &str = "keyctl-exec-output";

/// Whether this process is one.
pub(in crate::cli) fn is_meant(name: Option<&std::ffi::OsString>) -> bool {
    name.is_some_and(|name| name == NAME)
}

impl Rest {
    /// Has it copied by a process of its own, which is not waited for.
    pub(super) fn hand_over(self, values: &[Arc<SecretValue>]) -> io::Result<()> {
        let (told, mut telling) = io::pipe()?;
        let mut command = program()?;
        command.env_clear().current_dir("/").stdin(self.from).stdout(self.to).stderr(told);
        command.spawn()?;
        // Else we would keep our ends of what it now has.
        drop(command);
        let mut tell = |part: &[u8]| {
            telling.write_all(&(part.len() as u64).to_le_bytes()).and_then(|()| telling.write_all(part))
        };
        self.masker.state().iter().try_for_each(|part| tell(part))?;
        values.iter().try_for_each(|value| tell(value.expose().as_bytes()))
    }
}

fn program() -> io::Result<Command> {
    // Also where another version was installed in the meantime.
    let mut command = if cfg!(target_os = "linux") {
        Command::new("/proc/self/exe")
    } else {
        Command::new(std::env::current_exe()?)
    };
    command.arg0(NAME);
    #[cfg(test)]
    command.args(super::tests::COPIES_THE_REST);
    Ok(command)
}

/// The life of such a process.
pub(in crate::cli) fn run() -> ExitCode {
    ExitCode::from(u8::from(copy().is_err()))
}

fn copy() -> io::Result<()> {
    // No terminal and no shell's job control ends it before what it serves.
    let _ = rustix::process::setsid();
    let [to, told] = ui::streams()?;
    let (masker, from) = (heard(told)?, PipeReader::from(io::stdin().as_fd().try_clone_to_owned()?));
    Copy::new(from, to, masker, None).run()?.lost.map_or(Ok(()), Err)
}

fn heard(mut told: File) -> io::Result<Masker> {
    let part = |told: &mut File| -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        let mut length = [0; 8];
        if told.read(&mut length[..1])? == 0 {
            return Ok(None);
        }
        told.read_exact(&mut length[1..])?;
        let length = usize::try_from(u64::from_le_bytes(length)).map_err(io::Error::other)?;
        let mut part = Zeroizing::new(vec![0; length]);
        told.read_exact(&mut part)?;
        Ok(Some(part))
    };
    let mut state = Vec::new();
    for _ in 0..Masker::STATE {
        state.push(part(&mut told)?.ok_or(io::ErrorKind::UnexpectedEof)?);
    }
    let mut values = Vec::new();
    while let Some(value) = part(&mut told)? {
        values.push(SecretValue::from_opened(&value).map_err(io::Error::other)?);
    }
    let values: Vec<&SecretValue> = values.iter().collect();
    Masker::resumed(&values, &state).ok_or_else(|| io::ErrorKind::InvalidData.into())
}
