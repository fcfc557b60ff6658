//! `keyctl policy`

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::domain::keys::rules::{Rule, Rules};
use crate::domain::keys::token::Prefix;
use crate::domain::texts::text::counted;
use crate::domain::time::{Span, Timestamp};
use crate::ops::stores::rules::{self, Edit, Edited};
use crate::store::Store;

/// Set what the store asks of every key that is made or changed
///
/// Whoever mints, edits, rotates, imports or applies is held to it, with exit code 5 where it is broken.
/// The keys that there are stay as they are.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Set(SetArgs),
    Unset(UnsetArgs),
    Show(ShowArgs),
    Check(CheckArgs),
}

/// Set rules; those that are not named stay
///
/// Children of a key do not count among their owner's keys. Where nobody says when a key ends or what its token
/// begins with, the store's default is made to fit.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl policy set --max-expiry 365d --require-scope
  keyctl policy set --max-live-keys-per-owner 20 --prefixes acme_live,acme_test --dry-run")]
pub(crate) struct SetArgs {
    /// No key lives longer than this from when it is made or given another end, as in 365d
    #[arg(long, value_name = "DURATION")]
    max_expiry: Option<Span>,
    /// Every key has a scope or a role
    #[arg(long)]
    require_scope: bool,
    /// Every key ends
    #[arg(long)]
    require_expiry: bool,
    /// An owner has at most so many keys that are neither revoked nor expired
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    max_live_keys_per_owner: Option<u32>,
    /// New tokens begin with one of these, the first where nobody says which
    #[arg(long, value_name = "PREFIX", value_delimiter = ',')]
    prefixes: Vec<Prefix>,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Take rules away
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl policy unset prefixes")]
pub(crate) struct UnsetArgs {
    /// Which: max-expiry, require-scope, require-expiry, max-live-keys-per-owner, prefixes
    #[arg(value_name = "RULE", required = true, value_parser = rule)]
    rules: Vec<Rule>,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Show the rules
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl policy show -o json")]
pub(crate) struct ShowArgs {}

/// Count the keys that would be refused today
///
/// A line for each rule that is set, with the names of the first keys, or owners with too many, that break it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl policy check
  keyctl policy check --limit 1000 -o json --exit-code")]
pub(crate) struct CheckArgs {
    /// At most so many names for each rule
    #[arg(long, value_name = "NUMBER", default_value_t = 20)]
    limit: u32,
    /// End with 10 if there are any
    #[arg(long)]
    exit_code: bool,
}

fn rule(text: &str) -> Result<Rule, String> {
    let names = Rule::ALL.map(Rule::as_str);
    let found = Rule::ALL.into_iter().find(|rule| rule.as_str() == text);
    found.ok_or_else(|| format!("no such rule; there are {}", names.join(", ")))
}

pub(in crate::cli) fn run(context: &mut Context, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Set(args) => edit(context, &args.edit()?, args.dry_run),
        Command::Unset(args) => {
            let unset = Edit { unset: args.rules.clone(), ..Edit::default() };
            edit(context, &unset, args.dry_run)
        }
        Command::Show(ShowArgs {}) => show(context),
        Command::Check(args) => check(context, args),
    }
}

impl SetArgs {
    fn edit(&self) -> Result<Edit, CliError> {
        if self.max_expiry.is_some_and(Span::is_zero) {
            return Err(CliError::invalid(
                "--max-expiry 0 would let no key be made",
                "as in --max-expiry 365d",
            ));
        }
        let mut prefixes = self.prefixes.clone();
        prefixes.dedup();
        let set = Rules {
            max_expiry: self.max_expiry,
            require_scope: self.require_scope,
            require_expiry: self.require_expiry,
            max_live_keys: self.max_live_keys_per_owner,
            prefixes,
        };
        if set == Rules::default() {
            return Err(CliError::invalid("no rule is named", "see keyctl policy set --help"));
        }
        Ok(Edit { set, unset: Vec::new() })
    }
}

fn edit(context: &Context, edit: &Edit, dry_run: bool) -> anyhow::Result<()> {
    let mut env = context.open_env_made(dry_run)?;
    let Edited { rules: set, before, at } = rules::set(&mut env, edit)?;
    let words = words(&set);
    match (set == before, dry_run) {
        (true, _) => context.ui.note(&format!("the policy is so already: {words}; nothing was changed")),
        (false, true) => {
            context.ui.note(&format!("dry run: would set the policy to: {words}; nothing was changed"));
        }
        (false, false) => context.ui.note(&format!("the policy is: {words}")),
    }
    note_breaking(context, &mut env.store, &set, at)?;
    context.show_if_asked(&set, at, dry_run, "the policy is set")
}

fn note_breaking(context: &Context, store: &mut Store, set: &Rules, at: Timestamp) -> anyhow::Result<()> {
    let broken = rules::measure(store, set, at, 0)?;
    let broken: Vec<String> = broken
        .iter()
        .filter(|one| one.count > 0)
        .map(|one| {
            let what = if one.rule == Rule::MaxLiveKeys { "owner" } else { "key" };
            format!("{} {}", one.rule, counted(one.count, what))
        })
        .collect();
    if !broken.is_empty() {
        let all = broken.join(", ");
        context.ui.note(&format!("what there is stays as it is, and breaks: {all}; see keyctl policy check"));
    }
    Ok(())
}

fn show(context: &Context) -> anyhow::Result<()> {
    let mut store = context.open()?;
    let now = store.now()?;
    let set = rules::read(&mut store)?;
    context.ui.show(&set, now)?;
    if set == Rules::default() {
        context.ui.note("no rules; set some with: keyctl policy set --max-expiry 365d --require-scope");
    }
    Ok(())
}

fn check(context: &Context, args: &CheckArgs) -> anyhow::Result<()> {
    let mut store = context.open()?;
    let now = store.now()?;
    let broken = store.snapshot(|store| {
        let set = rules::read(store)?;
        rules::measure(store, &set, now, args.limit)
    })?;
    context.ui.list(now, |out| {
        broken.iter().try_for_each(|one| out.push(one))?;
        anyhow::Ok(())
    })?;
    if broken.is_empty() {
        context.ui.note("no rules; set some with: keyctl policy set --max-expiry 365d --require-scope");
    }
    if args.exit_code && broken.iter().any(|one| one.count > 0) {
        return Err(CliError::ended(10).into());
    }
    Ok(())
}

/// `max-expiry 365d, require-scope`; `no rules`.
fn words(set: &Rules) -> String {
    let prefixes = set.prefixes.iter().map(Prefix::as_str).collect::<Vec<_>>().join(",");
    let words: Vec<String> = [
        set.max_expiry.map(|most| format!("{} {most}", Rule::MaxExpiry)),
        set.require_scope.then(|| Rule::RequireScope.to_string()),
        set.require_expiry.then(|| Rule::RequireExpiry.to_string()),
        set.max_live_keys.map(|most| format!("{} {most}", Rule::MaxLiveKeys)),
        (!prefixes.is_empty()).then(|| format!("{} {prefixes}", Rule::Prefixes)),
    ]
    .into_iter()
    .flatten()
    .collect();
    if words.is_empty() { "no rules".to_owned() } else { words.join(", ") }
}
