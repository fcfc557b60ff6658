//! A command that is told of what ends soon, on its standard input.

use std::io::{self, Write as _};
use std::thread;
use std::time::Duration;

use super::bounded;
use crate::cli::process;
use crate::cli::terminal::ui;
use crate::ops::expiring::notify::{Receiver, Untold};

/// A program with its arguments, no shell.
pub(in crate::cli) struct Told<'c> {
    pub words: &'c [String],
    pub within: Duration,
}

impl Receiver for Told<'_> {
    fn channel(&self) -> &'static str {
        "command"
    }

    fn patience(&self) -> Duration {
        self.within
    }

    /// A yes is that it ends with 0 and has read all. What it prints goes to standard error.
    fn tell(&mut self, body: &str) -> Result<(), Untold> {
        let program = self.words.first().map(String::as_str).unwrap_or_default();
        let failed = |why: String| {
            Untold {
            why,
            hint: "what it was not told is told by the next keyctl notify; run it by hand to see what is wrong: its input is \
                   what keyctl notify --dry-run -o json lists"
                .to_owned(),
        }
        };
        let run = run(self.words, body, self.within);
        match run.map_err(|error| failed(format!("{program} could not be started: {error}")))? {
            Run { status: None, .. } => {
                let time = self.within.as_secs_f32();
                Err(failed(format!("{program} did not end within {time} s, and was ended")))
            }
            Run { status: Some(status), .. } if !status.success() => {
                Err(failed(format!("{program} ended with {status}")))
            }
            Run { has_read: false, .. } => {
                Err(failed(format!("{program} ended well, but never read all of its standard input")))
            }
            Run { .. } => Ok(()),
        }
    }
}

struct Run {
    /// `None` if it was ended when its time was over.
    status: Option<std::process::ExitStatus>,
    has_read: bool,
}

fn run(words: &[String], body: &str, within: Duration) -> io::Result<Run> {
    let (stdin, mut to) = io::pipe()?;
    let [_, stderr] = ui::streams()?;
    let mut started = process::command(words.first().map(String::as_str).unwrap_or_default());
    started
        .args(words.get(1..).unwrap_or_default())
        .stdin(stdin.try_clone()?)
        .stdout(stderr.try_clone()?)
        .stderr(stderr);
    let mut child = bounded::start(started)?;
    let line = format!("{body}\n");
    // More than a pipe holds: it is written while the program runs, and ends with it.
    let writer = thread::spawn(move || to.write_all(line.as_bytes()).is_ok());
    let status = bounded::end(&mut child, within)?;
    let is_unread = bounded::is_unread(&stdin);
    // With our own end of the pipe, whoever still writes is stopped.
    drop(stdin);
    Ok(Run { status, has_read: writer.join().unwrap_or_default() && !is_unread })
}
