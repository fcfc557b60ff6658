//! The built program in a sandbox: no environment but what the test gives, a home of its own.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::postgres::PASSWORD;
use super::store::Place;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_keyctl");

/// A sandbox with its store.
pub struct Sandbox {
    pub place: Place,
    /// Where the program remembers what it saw: not beside the store, whose folder is its own.
    pub state: TempDir,
}

/// What a run ended with.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Sandbox {
    /// With a store that was made by `store init`.
    pub fn with_store(place: Place) -> Self {
        let sandbox = Self::empty(place);
        sandbox.ok(&["store", "init"]);
        sandbox
    }

    pub fn empty(place: Place) -> Self {
        Self { place, state: tempfile::tempdir().expect("folder") }
    }

    pub fn home(&self) -> &Path {
        self.place.folder.path()
    }

    /// The program with this sandbox's environment and the store named in it.
    pub fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(args)
            .env_clear()
            .env("HOME", self.home())
            .env("XDG_STATE_HOME", self.state.path())
            .env("PATH", "/usr/bin:/bin")
            .env("PGPASSWORD", PASSWORD)
            .env("KEYCTL_STORE", self.place.text())
            .env("KEYCTL_LOCK_TIMEOUT", "20s")
            .current_dir(self.home())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub fn run<S: AsRef<OsStr>>(&self, args: &[S]) -> Ran {
        finish(self.command(args), b"")
    }

    /// With something on standard input.
    pub fn feed<S: AsRef<OsStr>>(&self, args: &[S], input: &str) -> Ran {
        finish(self.command(args), input.as_bytes())
    }

    /// From now on as another machine, which saw nothing of the store.
    pub fn forget(&self) {
        let _ = std::fs::remove_dir_all(self.state.path().join("keyctl/seen"));
    }

    /// A run that must succeed; returns its standard output without the last line end.
    #[track_caller]
    pub fn ok<S: AsRef<OsStr>>(&self, args: &[S]) -> String {
        self.run(args).expect_code(0).stdout.trim_end_matches('\n').to_owned()
    }

    /// The same with `-o json`.
    #[track_caller]
    pub fn json<S: AsRef<OsStr>>(&self, args: &[S]) -> Value {
        let mut args: Vec<&OsStr> = args.iter().map(AsRef::as_ref).collect();
        args.extend([OsStr::new("-o"), OsStr::new("json")]);
        serde_json::from_str(&self.ok(&args)).expect("JSON")
    }

    /// Verifies a token: exit code and verdict.
    pub fn verify(&self, token: &str, args: &[&str]) -> (Option<i32>, Value) {
        let ran = self.feed(&[&["verify", "-o", "json"], args].concat(), token);
        (ran.code, serde_json::from_str(&ran.stdout).unwrap_or_default())
    }
}

/// Runs a prepared command to its end.
pub fn finish(mut command: Command, input: &[u8]) -> Ran {
    if !input.is_empty() {
        command.stdin(Stdio::piped());
    }
    let mut child = command.spawn().expect("the program starts");
    if let Some(mut stdin) = child.stdin.take() {
        // The program may end without reading all of it.
        let _ = stdin.write_all(input);
    }
    let done = child.wait_with_output().expect("the program ends");
    Ran {
        code: done.status.code(),
        stdout: String::from_utf8_lossy(&done.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&done.stderr).into_owned(),
    }
}

impl Ran {
    #[track_caller]
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }
}
