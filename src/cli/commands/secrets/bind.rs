//! `keyctl secret bind` and `unbind`

use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::inputs::input::{self, KeyArg};
use crate::cli::terminal::ui::Ui;
use crate::domain::secrets::secret::SecretName;
use crate::ops::secrets::bind::{self, Bound, Target};

/// Say who gets a secret
///
/// A key; all keys of an owner that have no binding of their own; or, with --default, everybody
/// else. Each has one secret for each provider: a new binding takes the place of the old one.
/// Needs no master key.
#[derive(Debug, clap::Args)]
#[command(override_usage = "keyctl secret bind [OPTIONS] <NAME> <KEY|OWNER|--default>")]
#[command(after_help = "Examples:
  keyctl secret bind team-a alice              all keys of alice
  keyctl secret bind team-a alice/ci           one key
  keyctl secret bind shared --default")]
pub(crate) struct BindArgs {
    /// The secret
    #[arg(add = Stored::Secrets)]
    name: SecretName,
    #[command(flatten)]
    to: TargetArgs,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Take a secret from those who are bound to it
///
/// They get what the next nearest binding says, or nothing.
#[derive(Debug, clap::Args)]
#[command(override_usage = "keyctl secret unbind [OPTIONS] <NAME> <KEY|OWNER|--default>")]
#[command(after_help = "Examples:
  keyctl secret unbind team-a alice/ci
  keyctl secret unbind shared --default")]
pub(crate) struct UnbindArgs {
    /// The secret
    #[arg(add = Stored::Secrets)]
    name: SecretName,
    #[command(flatten)]
    to: TargetArgs,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Whom.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct TargetArgs {
    /// A key (an id, owner/name, a token's prefix, or - for standard input), or an owner
    #[arg(value_name = "KEY|OWNER", add = Stored::KeysAndOwners)]
    subject: Option<KeyArg>,
    /// Everybody who has no nearer binding
    #[arg(long)]
    default: bool,
}

impl TargetArgs {
    fn target(&self, ui: &Ui) -> Result<Target, CliError> {
        match &self.subject {
            Some(subject) => Ok(Target::Named(input::reference(ui, subject)?)),
            None => Ok(Target::Store),
        }
    }
}

pub(super) fn bind(context: &mut Context, args: &BindArgs) -> anyhow::Result<()> {
    let target = args.to.target(&context.ui)?;
    let mut env = context.open_env(args.dry_run)?;
    let done = bind::bind(&mut env, &args.name, &target)?;
    let (name, whom, provider) = (&args.name, done.whom(), &done.secret.provider);
    let instead = done.before.as_ref().map(|before| format!(" instead of {before}")).unwrap_or_default();
    context.ui.note(&match (done.changed, args.dry_run) {
        (false, _) => format!("{whom} is bound to {name} already; nothing was changed"),
        (true, true) => {
            format!("dry run: would bind {whom} to {name} for {provider}{instead}; nothing was changed")
        }
        (true, false) => format!("bound {whom} to {name} for {provider}{instead}"),
    });
    show(context, &done, args.dry_run, "it is bound")
}

pub(super) fn unbind(context: &mut Context, args: &UnbindArgs) -> anyhow::Result<()> {
    let target = args.to.target(&context.ui)?;
    let mut env = context.open_env(args.dry_run)?;
    let done = bind::unbind(&mut env, &args.name, &target)?;
    let (name, whom) = (&args.name, done.whom());
    let other = done.before.as_ref().map(|before| format!(" but to {before}")).unwrap_or_default();
    context.ui.note(&match (done.changed, args.dry_run) {
        (false, _) => format!("{whom} is not bound to {name}{other}; nothing was changed"),
        (true, true) => format!("dry run: would unbind {whom} from {name}; nothing was changed"),
        (true, false) => format!("unbound {whom} from {name}"),
    });
    show(context, &done, args.dry_run, "it is unbound")
}

fn show(context: &Context, done: &Bound, dry_run: bool, what: &str) -> anyhow::Result<()> {
    context.show_if_asked(done, done.at, dry_run, what)
}
