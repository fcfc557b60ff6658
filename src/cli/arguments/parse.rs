//! From the words of a command line to what was typed.
//!
//! Building the tree of all commands takes a fifth of a short command's time (callgrind: 0.8 of
//! 4.4 million instructions of `list`), so first only the command named is built. Whatever that
//! tree does not take, also a call for help, is left to the whole one and its messages.

use std::ffi::OsString;

use clap::{ArgMatches, Args as _, CommandFactory as _, FromArgMatches as _, Subcommand as _};

use super::given::Sources;
use super::typed::Kept;
use crate::cli::commands::keys::{
    can, edit, export, list, mint, resume, revoke, rotate, scope, show, suspend, usage, verify,
};
use crate::cli::commands::owners::{owner, role};
use crate::cli::commands::portal::{client, invitation, invite, session};
use crate::cli::commands::secrets::{exec, resolve};
use crate::cli::commands::tokens::{jwt, signing_key, trust};
use crate::cli::commands::{
    audit, config, credentials, doctor, expiring, federation, imports, leaks, master_keys, provisioning,
    secrets, stores,
};
#[cfg(feature = "serve")]
use crate::cli::commands::{portal::pages, serve};
use crate::cli::{Cli, Global};

/// Reads a command line, the program's name first.
pub(in crate::cli) fn parse(args: &[OsString]) -> Result<(Cli, Sources, Kept), clap::Error> {
    let mut matches = match short(args) {
        Some(matches) => matches,
        None => Cli::command().try_get_matches_from(args)?,
    };
    let (sources, kept) = (Sources::of(&matches), Kept::of(&matches));
    let cli = Cli::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut Cli::command()))?;
    Ok((cli, sources, kept))
}

/// What the command that is named first takes, if it takes all of it. Options for every command may stand
/// before it; where the word was the value of one, the command is another and nothing is taken.
fn short(args: &[OsString]) -> Option<ArgMatches> {
    let command = args.iter().skip(1).find_map(|word| only(word.to_str()?))?;
    command.try_get_matches_from(args).ok()
}

/// The program with one command, called by its own name.
pub(in crate::cli) fn only(name: &str) -> Option<clap::Command> {
    let fill: fn(clap::Command) -> clap::Command = match name {
        "mint" => mint::Args::augment_args,
        "list" => list::Args::augment_args,
        "show" => show::Args::augment_args,
        "verify" => verify::Args::augment_args,
        "rotate" => rotate::Args::augment_args,
        "revoke" => revoke::Args::augment_args,
        "suspend" => suspend::Args::augment_args,
        "resume" => resume::Args::augment_args,
        "edit" => edit::Args::augment_args,
        "scope" => scope::Command::augment_subcommands,
        "can" => can::Args::augment_args,
        "usage" => usage::Args::augment_args,
        "expiring" => expiring::Args::augment_args,
        "notify" => expiring::notify::Args::augment_args,
        "owner" => owner::Command::augment_subcommands,
        "role" => role::Command::augment_subcommands,
        "secret" => secrets::Command::augment_subcommands,
        "resolve" => resolve::Args::augment_args,
        "exec" => exec::Args::augment_args,
        "oauth" => credentials::Command::augment_subcommands,
        "lease" => credentials::lease::Command::augment_subcommands,
        "jwt" => jwt::Command::augment_subcommands,
        "signing-key" => signing_key::Command::augment_subcommands,
        "trust" => trust::Command::augment_subcommands,
        "federation" => federation::Command::augment_subcommands,
        "invite" => invite::Args::augment_args,
        "invitation" => invitation::Command::augment_subcommands,
        "session" => session::Command::augment_subcommands,
        "client" => client::Command::augment_subcommands,
        "master" => master_keys::Command::augment_subcommands,
        "plan" => provisioning::plan::Args::augment_args,
        "apply" => provisioning::apply::Args::augment_args,
        "dump" => provisioning::dump::Args::augment_args,
        "export" => export::Args::augment_args,
        "import" => imports::Command::augment_subcommands,
        "audit" => audit::Command::augment_subcommands,
        "policy" => stores::policy::Command::augment_subcommands,
        "store" => stores::Command::augment_subcommands,
        "leaks" => leaks::Command::augment_subcommands,
        "doctor" => doctor::Args::augment_args,
        "config" => config::Command::augment_subcommands,
        #[cfg(feature = "serve")]
        "serve" => serve::Args::augment_args,
        #[cfg(feature = "serve")]
        "portal" => pages::Args::augment_args,
        _ => return None,
    };
    let command = fill(clap::Command::new(name.to_owned()));
    let needs_more = command.has_subcommands();
    let command = command.subcommand_required(needs_more);
    Some(Global::augment_args(clap::Command::new("keyctl").subcommand_required(true)).subcommand(command))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(command: &clap::Command) -> String {
        let args: Vec<String> = command.get_arguments().map(|arg| format!("{arg:?}")).collect();
        let inner: Vec<String> = command.get_subcommands().map(shape).collect();
        format!("{} {args:?} {inner:?} {:?}", command.get_name(), command.get_groups().collect::<Vec<_>>())
    }

    #[test]
    fn one_command_alone_takes_what_it_takes_among_the_others() {
        let whole = Cli::command();
        let mut alone = 0;
        for command in whole.get_subcommands() {
            let Some(only) = only(command.get_name()) else { continue };
            alone += 1;
            let [same] = only.get_subcommands().collect::<Vec<_>>()[..] else { panic!("one command") };
            assert_eq!(shape(same), shape(command));
            assert_eq!(same.is_subcommand_required_set(), command.is_subcommand_required_set());
        }
        // All but those that print parts of the program itself.
        assert_eq!(alone + 3, whole.get_subcommands().count());
        let globals = |command: &clap::Command| {
            command.get_arguments().map(|arg| format!("{arg:?}")).collect::<Vec<_>>()
        };
        assert_eq!(globals(&only("list").expect("a command")), globals(&whole));
    }

    #[test]
    fn what_the_short_way_does_not_take_goes_the_long_way() {
        let words = |line: &str| line.split(' ').map(OsString::from).collect::<Vec<_>>();
        for line in [
            "keyctl list --limit 3",
            "keyctl secret show x -o json",
            "keyctl exec alice -- env",
            "keyctl -q --store x show alice",
        ] {
            assert!(short(&words(line)).is_some() && parse(&words(line)).is_ok(), "{line}");
        }
        for line in [
            "keyctl ls",
            "keyctl --store list completions bash",
            "keyctl completions bash",
            "keyctl create alice",
        ] {
            assert!(short(&words(line)).is_none() && parse(&words(line)).is_ok(), "{line}");
        }
        for line in ["keyctl lsit", "keyctl list --help", "keyctl --version", "keyctl secret", "keyctl"] {
            assert!(short(&words(line)).is_none() && parse(&words(line)).is_err(), "{line}");
        }
    }
}
