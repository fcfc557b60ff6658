//! The history of a repository, as `git log -p` prints it.

use std::io;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::cli::error::CliError;
use crate::config::environment;

pub(in crate::cli) struct Repository<'r> {
    pub(super) path: &'r Path,
    /// Where git's own settings are, as whose folders it may read.
    pub(super) home: Option<&'r Path>,
}

/// What each commit of any branch or stash changed, binaries as text; merges where they are unlike all of their parents.
const LOG: [&str; 13] = [
    "--no-pager",
    "log",
    "--patch",
    "--all",
    "--cc",
    "--text",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--no-show-signature",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--format=medium",
];

/// A repository of somebody else's may have settings that run programs: none of them does.
const SETTINGS: [&str; 10] = [
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.quotePath=false",
    "-c",
    "protocol.allow=never",
    "-c",
    "log.mailmap=false",
];

impl Repository<'_> {
    pub(super) fn read(&self, search: impl FnOnce(ChildStdout) -> io::Result<()>) -> Result<(), CliError> {
        let mut git = self.start()?;
        let read = git.stdout.take().map_or(Ok(()), search);
        let ended = git.wait().map_err(|error| self.failed(&error.to_string()))?;
        read.map_err(|error| self.failed(&error.to_string()).because(error))?;
        if ended.success() { Ok(()) } else { Err(self.failed(&format!("git ended with {ended}"))) }
    }

    fn start(&self) -> Result<Child, CliError> {
        let mut command = Command::new("git");
        // Whatever secrets are in the environment, they are not git's.
        command
            .env_clear()
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_NO_LAZY_FETCH", "1");
        if let Some(path) = environment::path() {
            command.env("PATH", path);
        }
        if let Some(home) = self.home {
            command.env("HOME", home);
        }
        command.arg("-C").arg(self.path).args(SETTINGS).args(LOG);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        command.spawn().map_err(|error| {
            let hint = "install git, or give its output: git log -p --all | keyctl leaks scan -";
            CliError::invalid(format!("git cannot be run: {error}"), hint).because(error)
        })
    }

    fn failed(&self, why: &str) -> CliError {
        CliError::invalid(
            format!("the history of {} cannot be read: {why}", self.path.display()),
            "name the folder of a repository that git log works in for you",
        )
    }
}
