//! The command line: what can be typed, and which command does it.

mod apollo;
mod arguments;
mod commands;
mod completion;
mod context;
mod decide;
mod default_store;
mod error;
mod exec;
mod files;
pub mod generation;
mod inputs;
mod opening;
pub mod outputs;
mod process;
mod scan;
mod terminal;
#[cfg(feature = "internals")]
mod trial;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueHint};

use crate::config::choice::{Color, LockTimeout, Output};
use commands::keys::{can, edit, list, mint, resume, revoke, rotate, scope, show, suspend, usage, verify};
use commands::owners::{owner, role};
use commands::portal::{client, invitation, invite, session};
use commands::secrets::resolve;
use commands::tokens::{jwt, signing_key, trust};
use commands::{
    audit, completions, config, conformance, credentials, doctor, expiring, federation, imports, leaks, man,
    master_keys, provisioning, secrets, stores,
};
use context::Context;
pub use error::CliError;
use terminal::ui::Reporting;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Hand out API keys, and take them back
///
/// Keys live in a SQLite file of your own (created on first use) or in PostgreSQL. Only
/// hashes of tokens are stored: a fresh token is shown once.
#[derive(Debug, Parser)]
#[command(name = "keyctl", version, styles = STYLES, max_term_width = 100, propagate_version = false)]
#[command(after_long_help = arguments::help::epilogue())]
#[command(subcommand_required = true, arg_required_else_help = true, infer_long_args = false)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    // Not as a comment, where the address would need marks that help does not have.
    #[arg(help = "Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE")]
    #[arg(long, global = true, value_name = "STORE", env = "KEYCTL_STORE", hide_env_values = true)]
    #[arg(value_hint = ValueHint::AnyPath)]
    store: Option<String>,
    /// Profile of the configuration file: settings for what is not said here
    #[arg(long, global = true, value_name = "NAME", env = "KEYCTL_PROFILE", hide_env_values = true)]
    profile: Option<String>,
    /// How data is printed: a table on a terminal, plain elsewhere
    #[arg(short, long, global = true, value_name = "FORMAT")]
    output: Option<Output>,
    /// With -o csv: cells as they are, also those that a spreadsheet takes for formulas
    #[arg(long, global = true)]
    raw: bool,
    /// When to use colour [default: auto]
    #[arg(long, global = true, value_name = "WHEN")]
    color: Option<Color>,
    /// How long to wait for another process's change to end, as in 30s [default: 1500ms]
    #[arg(long, global = true, value_name = "DURATION")]
    #[arg(env = "KEYCTL_LOCK_TIMEOUT", hide_env_values = true)]
    lock_timeout: Option<LockTimeout>,
    /// Answer yes where a command asks whether you mean it
    #[arg(short, long, global = true)]
    yes: bool,
    /// Print errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say which configuration and store are used, and why; of an error, what led to it
    #[arg(short, long, global = true)]
    verbose: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(visible_alias = "create")]
    Mint(mint::Args),
    #[command(visible_alias = "ls")]
    List(list::Args),
    Show(show::Args),
    Verify(verify::Args),
    Rotate(rotate::Args),
    #[command(aliases = ["delete", "remove", "rm"])]
    Revoke(revoke::Args),
    Suspend(suspend::Args),
    Resume(resume::Args),
    Edit(edit::Args),
    #[command(subcommand)]
    Scope(scope::Command),
    Can(can::Args),
    Usage(usage::Args),
    Expiring(expiring::Args),
    Notify(expiring::notify::Args),
    #[command(subcommand)]
    Owner(owner::Command),
    #[command(subcommand)]
    Role(role::Command),
    #[command(subcommand)]
    Secret(secrets::Command),
    Resolve(resolve::Args),
    Exec(commands::secrets::exec::Args),
    #[command(subcommand)]
    Oauth(credentials::Command),
    #[command(subcommand)]
    Lease(credentials::lease::Command),
    #[command(subcommand)]
    Jwt(jwt::Command),
    #[command(subcommand)]
    SigningKey(signing_key::Command),
    #[command(subcommand)]
    Trust(trust::Command),
    #[command(subcommand)]
    Federation(federation::Command),
    Invite(invite::Args),
    #[command(subcommand)]
    Invitation(invitation::Command),
    #[command(subcommand)]
    Session(session::Command),
    #[command(subcommand)]
    Client(client::Command),
    #[command(subcommand)]
    Master(master_keys::Command),
    Plan(provisioning::plan::Args),
    Apply(provisioning::apply::Args),
    Dump(provisioning::dump::Args),
    Export(commands::keys::export::Args),
    #[command(subcommand)]
    Import(imports::Command),
    #[command(subcommand)]
    Audit(audit::Command),
    #[command(subcommand)]
    Store(stores::Command),
    #[command(subcommand)]
    Policy(stores::policy::Command),
    #[command(subcommand)]
    Leaks(leaks::Command),
    Doctor(doctor::Args),
    #[cfg(feature = "serve")]
    Serve(commands::serve::Args),
    #[cfg(feature = "serve")]
    Portal(commands::portal::pages::Args),
    #[command(subcommand)]
    Config(config::Command),
    Conformance(conformance::Args),
    Completions(completions::Args),
    Man(man::Args),
}

impl Command {
    /// What prints parts of the program itself works with any configuration, also a broken one.
    fn is_configured(&self) -> bool {
        !matches!(self, Self::Conformance(_) | Self::Completions(_) | Self::Man(_))
    }

    /// Whether it goes on with a store that went back: what looks into that, or ends it.
    fn survives_rollback(&self) -> bool {
        use stores::Command::{AcceptRollback, Backup, Check, Migrate, Restore, Status};
        matches!(
            self,
            Self::Audit(_)
                | Self::Store(AcceptRollback(_) | Backup(_) | Check(_) | Migrate(_) | Restore(_) | Status(_))
        )
    }

    /// Whether it says who may do what, or hands something out for that.
    fn decides(&self) -> bool {
        matches!(
            self,
            Self::Verify(_) | Self::Can(_) | Self::Resolve(_) | Self::Exec(_) | Self::Lease(_) | Self::Jwt(_)
        )
    }

    fn run(&self, context: &mut Context) -> anyhow::Result<()> {
        match self {
            Self::Mint(args) => mint::run(context, args),
            Self::List(args) => list::run(context, args),
            Self::Show(args) => show::run(context, args),
            Self::Verify(args) => verify::run(context, args),
            Self::Rotate(args) => rotate::run(context, args),
            Self::Revoke(args) => revoke::run(context, args),
            Self::Suspend(args) => suspend::run(context, args),
            Self::Resume(args) => resume::run(context, args),
            Self::Edit(args) => edit::run(context, args),
            Self::Scope(command) => scope::run(context, command),
            Self::Can(args) => can::run(context, args),
            Self::Usage(args) => usage::run(context, args),
            Self::Expiring(args) => expiring::run(context, args),
            Self::Notify(args) => expiring::notify::run(context, args),
            Self::Owner(command) => owner::run(context, command),
            Self::Role(command) => role::run(context, command),
            Self::Secret(command) => secrets::run(context, command),
            Self::Resolve(args) => resolve::run(context, args),
            Self::Exec(args) => commands::secrets::exec::run(context, args),
            Self::Oauth(command) => credentials::run(context, command),
            Self::Lease(command) => credentials::lease::run(context, command),
            Self::Jwt(command) => jwt::run(context, command),
            Self::SigningKey(command) => signing_key::run(context, command),
            Self::Trust(command) => trust::run(context, command),
            Self::Federation(command) => federation::run(context, command),
            Self::Invite(args) => invite::run(context, args),
            Self::Invitation(command) => invitation::run(context, command),
            Self::Session(command) => session::run(context, command),
            Self::Client(command) => client::run(context, command),
            Self::Master(command) => master_keys::run(context, command),
            Self::Plan(args) => provisioning::plan::run(context, args),
            Self::Apply(args) => provisioning::apply::run(context, args),
            Self::Dump(args) => provisioning::dump::run(context, args),
            Self::Export(args) => commands::keys::export::run(context, args),
            Self::Import(command) => imports::run(context, command),
            Self::Audit(command) => audit::run(context, command),
            Self::Store(command) => stores::run(context, command),
            Self::Policy(command) => stores::policy::run(context, command),
            Self::Leaks(command) => leaks::run(context, command),
            Self::Doctor(args) => doctor::run(context, args),
            #[cfg(feature = "serve")]
            Self::Serve(args) => commands::serve::run(context, args),
            #[cfg(feature = "serve")]
            Self::Portal(args) => commands::portal::pages::run(context, args),
            Self::Config(command) => config::run(context, command),
            Self::Conformance(args) => conformance::run(context, args),
            Self::Completions(args) => completions::run(context, args),
            Self::Man(args) => man::run(context, args),
        }
    }
}

/// Runs the command line and returns the process's exit code. A panic is reported without
/// its message, which may hold what nobody should see.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    process::harden();
    #[cfg(feature = "internals")]
    trial::watch_points();
    if let Some(how) = crate::config::environment::completion() {
        return completion::main(&how, arguments::parse::only);
    }
    let args: Vec<OsString> = args.into_iter().collect();
    if exec::is_rest(args.first()) {
        return exec::copy_rest();
    }
    terminal::name::remember(args.first());
    std::panic::set_hook(Box::new(terminal::ui::report_panic));
    let is_exec = arguments::argv::is_exec(&args);
    let ran = std::panic::catch_unwind(move || {
        // A profile may ask for JSON, too, once it is read.
        let mut how = Reporting { as_json: arguments::argv::wants_json(&args), verbose: false };
        match run(&args, &mut how).map_err(CliError::of) {
            Ok(()) => 0,
            // Said to the end, and then as if the signal had ended it.
            Err(error) if terminal::hold::heard().is_some() => {
                let code = terminal::hold::heard().unwrap_or_default();
                terminal::ui::report(&error.with_exit(code), how)
            }
            Err(error) if is_exec => terminal::ui::report(&error.instead_of_command(), how),
            Err(error) => terminal::ui::report(&error, how),
        }
    });
    ExitCode::from(ran.unwrap_or(if is_exec && !exec::has_started() { error::NOT_RUN } else { 1 }))
}

fn run(args: &[OsString], how: &mut Reporting) -> anyhow::Result<()> {
    arguments::argv::refuse_secrets(args)?;
    let (cli, sources, kept) = match arguments::parse::parse(args) {
        Ok(parsed) => parsed,
        Err(error) if !error.use_stderr() => return terminal::ui::print_help(&error),
        Err(error) => {
            if let (false, Some(help)) = (how.as_json, arguments::argv::help_instead(&error, args)) {
                terminal::ui::print_usage(&help);
                return Err(CliError::new(error::Kind::Helped, "a command is missing", "").into());
            }
            return Err(arguments::argv::usage_error(&error, args).into());
        }
    };
    how.verbose = cli.global.verbose;
    let mut context = Context::new(&cli.global, sources, kept, cli.command.is_configured())?;
    how.as_json = context.ui.reports_json();
    context.survives_rollback = cli.command.survives_rollback();
    context.decides = cli.command.decides();
    cli.command.run(&mut context)?;
    crate::domain::points::reached("before the exit");
    Ok(())
}
