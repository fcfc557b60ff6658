//! Nasty input and unkind surroundings, in tables: what was done, and what must come of it; and the
//! runner that reports all rows that fail at once.
//!
//! Every row expects an exit code, an error with a useful hint, an answer in time, no panic,
//! no secret on either stream, and a store in which nothing changed but what the row names.

use std::ffi::{OsStr, OsString};
use std::io::{Read, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

use regex::Regex;

use crate::support::cli::{PROGRAM, Ran, Sandbox};
use crate::support::postgres;
use crate::support::store::Place;

/// A clear answer comes within this time.
pub const PROMPT: Duration = Duration::from_secs(2);
/// What has not ended by now hangs.
const HANGS: Duration = Duration::from_secs(25);

/// What a row may leave behind in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Not a bit.
    Nothing,
    /// One audit record, and the change mark stays.
    Refusal,
    /// Whatever the command is for.
    Change,
}

/// Whether standard output is as it should be.
type Judge = Box<dyn Fn(&str) -> bool>;

/// One row: a command line, its surroundings, and what must come of it.
pub struct Case {
    name: String,
    args: Vec<OsString>,
    input: Option<Vec<u8>>,
    environment: Vec<(OsString, Option<OsString>)>,
    script: Option<String>,
    code: i32,
    effect: Effect,
    within: Duration,
    message: Vec<String>,
    hint: Vec<String>,
    hidden: Vec<String>,
    stdout: Option<Judge>,
    prints_token: bool,
}

/// A row whose command line is `words`, split at blanks.
pub fn case(name: impl Into<String>, words: &str) -> Case {
    Case {
        name: name.into(),
        args: words.split_whitespace().map(OsString::from).collect(),
        input: None,
        environment: Vec::new(),
        script: None,
        code: 0,
        effect: Effect::Nothing,
        within: PROMPT,
        message: Vec::new(),
        hint: Vec::new(),
        hidden: Vec::new(),
        stdout: None,
        prints_token: false,
    }
}

impl Case {
    pub fn named(mut self, name: &str) -> Self {
        self.name = name.to_owned();
        self
    }

    /// One more argument, as it is.
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// Standard input; without it, the null device.
    pub fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = Some(bytes.into());
        self
    }

    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.into(), Some(value.as_ref().to_owned())));
        self
    }

    pub fn without_env(mut self, name: &str) -> Self {
        self.environment.push((name.into(), None));
        self
    }

    /// The default wait for a lock instead of the sandbox's long one.
    pub fn default_lock_timeout(self) -> Self {
        self.without_env("KEYCTL_LOCK_TIMEOUT")
    }

    /// Runs the program, as `"$@"`, by a line of shell.
    pub fn shell(mut self, script: &str) -> Self {
        self.script = Some(script.to_owned());
        self
    }

    /// Fails with this code, `message` in the error and `hint` in the hint.
    pub fn fails(mut self, code: i32, message: &str, hint: &str) -> Self {
        self.code = code;
        self.says(message).hints(hint)
    }

    /// Ends with this code without an error's text, as a denied verification does.
    pub fn ends(mut self, code: i32) -> Self {
        self.code = code;
        self
    }

    /// Something more on standard error.
    pub fn says(mut self, text: &str) -> Self {
        self.message.push(text.to_owned());
        self
    }

    pub fn hints(mut self, text: &str) -> Self {
        self.hint.push(text.to_owned());
        self
    }

    /// Must be on neither stream.
    pub fn hides(mut self, secret: impl Into<String>) -> Self {
        self.hidden.push(secret.into());
        self
    }

    pub fn leaves(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }

    /// May take longer than a clear answer, because it waits for something on purpose.
    pub fn within(mut self, limit: Duration) -> Self {
        self.within = limit;
        self
    }

    /// A fresh token on standard output is what is wanted.
    pub fn mints(mut self) -> Self {
        self.prints_token = true;
        self.leaves(Effect::Change)
    }

    /// What standard output must be.
    pub fn stdout(mut self, check: impl Fn(&str) -> bool + 'static) -> Self {
        self.stdout = Some(Box::new(check));
        self
    }

    fn command(&self, sandbox: &Sandbox) -> Command {
        let mut command = sandbox.command(&self.args);
        if let Some(script) = &self.script {
            let mut shell = Command::new("/bin/sh");
            shell.arg("-c").arg(script).arg("sh").arg(PROGRAM).args(&self.args);
            shell.env_clear().current_dir(sandbox.home());
            for (name, value) in command.get_envs() {
                value.map(|value| shell.env(name, value));
            }
            command = shell;
        }
        for (name, value) in &self.environment {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }

    /// Everything that is wrong with the run but its duration.
    fn complaints(&self, ran: &Ran) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut demand = |holds: bool, what: String| {
            if !holds {
                wrong.push(what);
            }
        };
        demand(ran.code == Some(self.code), format!("exit code {:?}, not {}", ran.code, self.code));
        for text in &self.message {
            demand(ran.stderr.contains(text), format!("stderr lacks {text:?}"));
        }
        if !self.hint.is_empty() {
            let place = |text: &str, json: &str| ran.stderr.find(text).or_else(|| ran.stderr.find(json));
            let (error, hint) = (place("error: ", "{\"error\":"), place("hint: ", "\"hint\":\""));
            demand(error.is_some(), "no error: on stderr".to_owned());
            demand(hint.is_some(), "no hint: on stderr".to_owned());
            let hint = hint.map(|at| &ran.stderr[at..]).unwrap_or_default();
            for text in &self.hint {
                demand(hint.contains(text), format!("the hint lacks {text:?}"));
            }
        }
        for sign in ["panicked", "has a defect", "RUST_BACKTRACE", "memory allocation"] {
            demand(!ran.stderr.contains(sign), format!("a panic: {sign:?}"));
        }
        for secret in &self.hidden {
            demand(!ran.stderr.contains(secret.as_str()), "a secret on stderr".to_owned());
            demand(!ran.stdout.contains(secret.as_str()), "a secret on stdout".to_owned());
        }
        demand(!holds_token(&ran.stderr), "a token on stderr".to_owned());
        demand(self.prints_token || !holds_token(&ran.stdout), "a token on stdout".to_owned());
        demand(ran.stderr.len() < 8192, format!("{} bytes on stderr", ran.stderr.len()));
        if let Some(check) = &self.stdout {
            demand(check(&ran.stdout), "stdout is not as it should be".to_owned());
        }
        wrong
    }
}

/// Whether a whole token stands in a text.
pub fn holds_token(text: &str) -> bool {
    static TOKEN: LazyLock<Regex> =
        LazyLock::new(|| Regex::new("[a-z][a-z0-9_]{1,8}_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}").unwrap());
    TOKEN.is_match(text)
}

/// Runs every row against the sandbox's store; panics with all that failed.
#[track_caller]
pub fn check(sandbox: &Sandbox, cases: Vec<Case>) {
    assert!(!cases.is_empty(), "a table without rows");
    let mut failures = Vec::new();
    let mut state = State::of(&sandbox.place);
    for case in cases {
        let wrong = try_case(sandbox, &case, &mut state);
        failures.extend(wrong.map(|text| format!("## {}\n{text}", case.name)));
    }
    report(&failures);
}

/// Panics if anything failed, with all of it.
#[track_caller]
pub fn report(failures: &[String]) {
    assert!(failures.is_empty(), "{} rows failed\n{}", failures.len(), failures.join("\n"));
}

/// What is wrong with one row; a slow run alone is tried once more, since others share the
/// machine.
/// `state` is the store's before the row, and then the one after it.
pub fn try_case(sandbox: &Sandbox, case: &Case, state: &mut State) -> Option<String> {
    let mut tries = if case.effect == Effect::Change { 1 } else { 2 };
    loop {
        tries -= 1;
        let (ran, took) = run_bounded(case.command(sandbox), case.input.as_deref());
        let after = State::of(&sandbox.place);
        let before = std::mem::replace(state, after.clone());
        let mut wrong = case.complaints(&ran);
        if !after.follows(&before, case.effect) {
            wrong.push(format!("the store changed ({:?}): {before:?} → {after:?}", case.effect));
        }
        let slow = took > case.within;
        if slow && wrong.is_empty() && tries > 0 {
            continue;
        }
        if slow {
            wrong.push(format!("took {took:?}"));
        }
        return (!wrong.is_empty()).then(|| {
            format!("  {}\n  stdout: {}\n  stderr: {}", wrong.join("\n  "), ran.stdout, ran.stderr)
        });
    }
}

/// Runs a command to its end, or kills it and its children when it hangs.
pub fn run_bounded(mut command: Command, input: Option<&[u8]>) -> (Ran, Duration) {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
    let start = Instant::now();
    let mut child = command.spawn().expect("the program starts");
    let writer = child.stdin.take().map(|mut stdin| {
        let bytes = input.unwrap_or_default().to_vec();
        // The program may end without reading all of it.
        thread::spawn(move || drop(stdin.write_all(&bytes)))
    });
    let stdout = drain(child.stdout.take().expect("piped"));
    let stderr = drain(child.stderr.take().expect("piped"));
    let status = loop {
        match child.try_wait().expect("waits") {
            Some(status) => break Some(status),
            None if start.elapsed() > HANGS => {
                let group = rustix::process::Pid::from_child(&child);
                let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
                let _ = child.wait();
                break None;
            }
            None => thread::sleep(Duration::from_millis(2)),
        }
    };
    let took = start.elapsed();
    writer.map(thread::JoinHandle::join);
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let ran = Ran {
        code: status.and_then(|status| status.code()),
        stdout: text(stdout.join().expect("read")),
        stderr: text(stderr.join().expect("read")),
    };
    (ran, took)
}

fn drain(mut from: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = from.read_to_end(&mut bytes);
        bytes
    })
}

/// The counts and ends of everything in a store, or why they cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    audit: Result<i64, String>,
    rest: String,
}

const STATE: &str = "SELECT audit_seq || '' AS audit, mark_counter || mark_nonce || '/' ||
    (SELECT COUNT(*) FROM key) || '/' || (SELECT COUNT(*) FROM token) || '/' ||
    (SELECT COUNT(*) FROM owner) || '/' || (SELECT COUNT(*) FROM change) || '/' ||
    (SELECT COUNT(*) - MAX(seq) FROM audit) || '/' ||
    (SELECT COALESCE(SUM(generation + COALESCE(expires_at, 1) + COALESCE(revoked_at, 2)), 0) FROM key) || '/' ||
    (SELECT COALESCE(SUM(LENGTH(name || scopes || networks || labels || COALESCE(rate, '') || COALESCE(quota, ''))
        + COALESCE(suspended_at, 3) + COALESCE(not_before, 4)), 0) FROM key) || '/' ||
    (SELECT COALESCE(SUM(LENGTH(key_name || scopes) + COALESCE(owner_disabled_at, 5)), 0) FROM token) || '/' ||
    (SELECT COALESCE(SUM(COALESCE(expires_at, 1) + COALESCE(revoked_at, 2) + COALESCE(grace_ends_at, 3)), 0)
        FROM token) AS rest FROM head";

/// An older schema has none of these.
const SECRETS: &str = "SELECT (SELECT COUNT(*) || '/' || COALESCE(SUM(version + LENGTH(name || labels)
        + COALESCE(expires_at, 1) + COALESCE(deleted_at, 2)), 0) FROM secret) || '/' ||
    (SELECT COUNT(*) || '/' || COALESCE(SUM(LENGTH(envelope)), 0) FROM secret_version) || '/' ||
    (SELECT COUNT(*) || '/' || COALESCE(SUM(created_at), 0) FROM binding) || '/' ||
    (SELECT COUNT(*) || '/' || COALESCE(SUM(encryptions + COALESCE(retired_at, 1)), 0) FROM master_key)";

impl State {
    pub fn of(place: &Place) -> Self {
        let secrets = match &place.database {
            Some(name) => postgres::server().psql(name, &format!("SET search_path = keyctl; {SECRETS}")),
            None => read_only(place)
                .and_then(|connection| connection.query_row(SECRETS, [], |row| row.get(0)))
                .map_err(|error| error.to_string()),
        };
        let State { audit, rest } = Self::of_keys(place);
        Self { audit, rest: format!("{rest} {}", secrets.unwrap_or_default()) }
    }

    fn of_keys(place: &Place) -> Self {
        let read = match &place.database {
            Some(name) => {
                postgres::server().psql(name, &format!("SET search_path = keyctl; {STATE}")).and_then(|row| {
                    row.split_once('|').map(|(a, b)| (a.to_owned(), b.to_owned())).ok_or(row.clone())
                })
            }
            None => read_sqlite(place).map_err(|error| error.to_string()),
        };
        match read {
            Ok((audit, rest)) => Self { audit: audit.parse().map_err(|_| audit), rest },
            Err(error) => Self { audit: Err(error), rest: String::new() },
        }
    }

    fn follows(&self, before: &Self, effect: Effect) -> bool {
        match effect {
            Effect::Nothing => self == before,
            Effect::Refusal => {
                self.rest == before.rest
                    && self.audit.clone().ok() == before.audit.clone().ok().map(|seq| seq + 1)
            }
            Effect::Change => true,
        }
    }
}

/// Reads without a trace: nothing is created, and nothing removed at the close.
fn read_sqlite(place: &Place) -> rusqlite::Result<(String, String)> {
    read_only(place)?.query_row(STATE, [], |row| Ok((row.get(0)?, row.get(1)?)))
}

fn read_only(place: &Place) -> rusqlite::Result<rusqlite::Connection> {
    let connection =
        rusqlite::Connection::open_with_flags(place.file(), rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(connection)
}
