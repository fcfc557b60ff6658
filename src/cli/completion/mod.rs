//! What a shell offers when somebody presses Tab.
//!
//! The scripts for bash, zsh and fish know nothing of keyctl's commands. They run the program
//! with `KEYCTL_COMPLETE` in its environment and with what was typed on standard input; it prints
//! one candidate a line, with a description behind a tab where there is one ([`shell`]). The
//! candidates come from the definition of the command line, and for arguments that name
//! something in the store ([`Stored`]) from there ([`candidates`]).
//!
//! A prompt must not wait for a store: whatever is not known in time is not offered, nothing is
//! said of it, and nothing is written or created.

mod candidates;
mod shell;

use std::ffi::OsStr;
use std::io::{self, Read as _};
use std::panic::catch_unwind;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use clap::CommandFactory as _;
use clap::builder::ArgExt;
use clap_complete::engine::{self, ArgValueCompleter, CompletionCandidate};

use super::Cli;
use super::terminal::ui::Ui;
use candidates::Source;
use shell::Typed;

pub(super) const BASH: &str = include_str!("keyctl.bash");
pub(super) const ZSH: &str = include_str!("keyctl.zsh");
pub(super) const FISH: &str = include_str!("keyctl.fish");

/// From Tab to the prompt 300 ms may pass: the rest is for the shell and for starting a process.
const PATIENCE: Duration = Duration::from_millis(200);

/// No command line is longer.
const LONGEST_INPUT: u64 = 1024 * 1024;

/// What of the store an argument names.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stored {
    /// Keys that are not revoked.
    LiveKeys,
    /// Keys; revoked ones by id and by their tokens.
    Keys,
    /// Keys as before, and owners, who stand for theirs.
    KeysAndOwners,
    Federations,
    Owners,
    Roles,
    Trusts,
    /// Secrets that are not deleted.
    Secrets,
    Providers,
    /// Scopes, several of them separated by commas.
    Scopes,
}

impl ArgExt for Stored {}

/// Makes the program with one command, if there is one of that name.
type Only = fn(&str) -> Option<clap::Command>;

/// Answers a shell; `how` is the value of `KEYCTL_COMPLETE`. Another thread ends the process where
/// that takes too long: no timeout reaches everything that may hang, such as a file on a network or
/// the look-up of a host. The work stays on this one, since the memory of other threads grows in
/// small steps, each a call of the system (measured: 580 of them for 200 keys).
pub(super) fn main(how: &OsStr, only: Only) -> ExitCode {
    std::panic::set_hook(Box::new(|_| {}));
    // Taken by whoever ends it, so that no answer is cut off.
    let end = Arc::new(Mutex::new(()));
    let others = Arc::clone(&end);
    let watcher = thread::Builder::new().spawn(move || {
        thread::sleep(PATIENCE);
        let _end = others.lock();
        std::process::exit(0);
    });
    // Without a bound there is no answer.
    let answered = watcher.ok().and_then(|_| catch_unwind(|| answer(how, only)).ok().flatten());
    if let Some(lines) = answered {
        let _end = end.lock();
        // Nobody is left to tell where this fails.
        let _ = Ui::text(lines.as_bytes());
    }
    ExitCode::SUCCESS
}

fn answer(how: &OsStr, only: Only) -> Option<String> {
    let mut input = Vec::new();
    io::stdin().lock().take(LONGEST_INPUT).read_to_end(&mut input).ok()?;
    let typed = Typed::read(how.to_str()?, &input)?;
    let source = Arc::new(Source::new(typed.words(), typed.index()));
    let mut command = ask(named(&typed, only).unwrap_or_else(Cli::command), &source);
    let folder = std::env::current_dir().ok();
    let words = typed.words().to_vec();
    let mut found = engine::complete(&mut command, words, typed.index(), folder.as_deref()).ok()?;
    // As in other tools, options are offered once a dash was typed.
    if !typed.current().starts_with('-') {
        found.retain(|candidate| !candidate.get_value().as_encoded_bytes().starts_with(b"-"));
    }
    let found: Vec<_> = found.into_iter().map(|candidate| by_name(candidate, typed.current())).collect();
    Some(typed.lines(&found))
}

/// The program with the command alone that was typed first, which `only` makes: the tree of all of them is most of
/// what is to be built for an answer.
fn named(typed: &Typed, only: Only) -> Option<clap::Command> {
    let is_past_it = typed.index() > 1;
    only(typed.words().get(1).filter(|_| is_past_it)?.to_str()?)
}

/// A command is offered once, and of its names the one that comes first in the alphabet: here its
/// own, where that is what was begun.
fn by_name(candidate: CompletionCandidate, begun: &str) -> CompletionCandidate {
    let name = candidate.get_id().and_then(|id| id.strip_prefix("command::"));
    match name.filter(|name| name.starts_with(begun) && candidate.get_value() != *name) {
        None => candidate,
        Some(name) => CompletionCandidate::new(name).help(candidate.get_help().cloned()),
    }
}

/// Has every argument that names something in the store ask it.
fn ask(command: clap::Command, source: &Arc<Source>) -> clap::Command {
    let command = command.mut_args(|arg| match arg.get::<Stored>().copied() {
        None => arg,
        Some(what) => {
            let source = Arc::clone(source);
            arg.add(ArgValueCompleter::new(move |word: &OsStr| source.candidates(what, word)))
        }
    });
    command.mut_subcommands(|sub| ask(sub, source))
}
