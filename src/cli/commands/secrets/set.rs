//! `keyctl secret set` and `rotate`

use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::inputs::secret_value::ValueArgs;
use crate::domain::federation::federated::Federated;
use crate::domain::federation::settings::FederationName;
use crate::domain::federation::subject::SubjectTemplate;
use crate::domain::keys::label::LabelEdit;
use crate::domain::secrets::secret::{Provider, SecretName};
use crate::domain::time::Expiry;
use crate::ops::env::Env;
use crate::ops::federation::secret;
use crate::ops::master_keys::Ring;
use crate::ops::secrets::providers::{Unknown, is_known, unknown};
use crate::ops::secrets::set::{self, Attributes, Set};
use crate::render::secret::SecretView;
use crate::store::Store;

/// Keep a provider's key, or give the one of this name a new value
///
/// The value is read from standard input (a hidden prompt on a terminal), a file or a command.
/// Earlier values stay as versions: see keyctl secret rollback. The same value again changes
/// nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl secret set anthropic team-a < key.txt
  keyctl secret set openai prod --command 'pass show openai/prod' --expires 90d
  keyctl secret set google ci --file account.json --multiline
  keyctl secret set anthropic agents --federation claude --subject 'agents:{owner}:'")]
pub(crate) struct SetArgs {
    /// First whose key it is: anthropic, openai, or any other name
    #[arg(add = Stored::Providers)]
    provider: Provider,
    /// Then what it is called here, as for the other commands
    #[arg(add = Stored::Secrets)]
    name: SecretName,
    #[command(flatten)]
    value: ValueArgs,
    /// Keep no value: whoever asks gets a token by this federation
    #[arg(long, value_name = "NAME", add = Stored::Federations, conflicts_with_all = ["file", "command", "multiline", "any_text", "expires"])]
    federation: Option<FederationName>,
    /// Whom the federation's assertions are about, with {store}, {secret} and, between : or /, {owner}
    /// [default: keyctl:{store}:{secret}]
    #[arg(long, value_name = "TEMPLATE", requires = "federation")]
    subject: Option<SubjectTemplate>,
    #[command(flatten)]
    with: WithArgs,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Give a secret a new value
///
/// Whoever is bound to it gets the new one from now on; the old one stays as a version. The
/// secret must exist already, and the value must be another one.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl secret rotate team-a < new-key.txt
  keyctl secret rotate prod --command 'vault kv get -field=key openai/prod'")]
pub(crate) struct RotateArgs {
    /// The secret
    #[arg(add = Stored::Secrets)]
    name: SecretName,
    #[command(flatten)]
    value: ValueArgs,
    #[command(flatten)]
    with: WithArgs,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

/// What goes with a value.
#[derive(Debug, clap::Args)]
struct WithArgs {
    /// When the value ends at the provider: a duration, a day (its end in UTC), a time or never
    /// [default: never]
    #[arg(long, value_name = "WHEN")]
    expires: Option<Expiry>,
    /// A label, name=value, or name- to take it away; may be repeated
    #[arg(long = "label", value_name = "LABEL")]
    labels: Vec<LabelEdit>,
}

impl WithArgs {
    fn attributes(&self) -> Attributes {
        Attributes { expires: self.expires, labels: self.labels.clone() }
    }
}

pub(super) fn set(context: &mut Context, args: &SetArgs) -> anyhow::Result<()> {
    let mut env = context.open_env_made(args.dry_run)?;
    let ring = context.ring_of_secrets(&mut env.store)?;
    if let Some(federation) = &args.federation {
        return federate(context, &mut env, &ring, args, federation);
    }
    set::ready(&mut env.store, &ring, &args.name, Some(&args.provider))?;
    // Before the value is asked for, so that there is time to end it.
    warn_of_provider(context, &mut env.store, args)?;
    let value = args.value.read(&context.ui, &format!("{} key {}", args.provider, args.name))?;
    let done = set::set(&mut env, &ring, &args.provider, &args.name, &value, &args.with.attributes())?;
    context.note_day(args.with.expires);
    report(context, &done, args.dry_run)
}

fn federate(
    context: &Context,
    env: &mut Env,
    ring: &Ring,
    args: &SetArgs,
    federation: &FederationName,
) -> anyhow::Result<()> {
    warn_of_provider(context, &mut env.store, args)?;
    let subject = args.subject.clone().unwrap_or_default();
    let federated = Federated { federation: federation.clone(), subject };
    let with = args.with.attributes();
    let new = secret::New { provider: &args.provider, name: &args.name, federated: &federated, with: &with };
    let done = secret::set(env, ring, &new)?;
    report(context, &done, args.dry_run)
}

/// A provider that nobody knows may be a slip, or the secret's name in its place.
fn warn_of_provider(context: &Context, store: &mut Store, args: &SetArgs) -> anyhow::Result<()> {
    let SetArgs { provider, name, .. } = args;
    let Some(Unknown { meant }) = unknown(store, provider)? else { return Ok(()) };
    let rest = match meant {
        _ if name.as_str().parse().is_ok_and(|provider| is_known(&provider)) => {
            format!("the provider comes first: did you mean keyctl secret set {name} {provider}?")
        }
        Some(meant) => format!("did you mean {meant}?"),
        None => "services find it under that name only".to_owned(),
    };
    context.ui.warn(&format!("keyctl knows no provider {provider}: {rest}"));
    Ok(())
}

pub(super) fn rotate(context: &mut Context, args: &RotateArgs) -> anyhow::Result<()> {
    let mut env = context.open_env_made(args.dry_run)?;
    let ring = context.ring_of_secrets(&mut env.store)?;
    set::ready(&mut env.store, &ring, &args.name, None)?;
    let value = args.value.read(&context.ui, &format!("new value of {}", args.name))?;
    let done = set::rotate(&mut env, &ring, &args.name, &value, &args.with.attributes())?;
    context.note_day(args.with.expires);
    report(context, &done, args.dry_run)
}

fn report(context: &Context, done: &Set, dry_run: bool) -> anyhow::Result<()> {
    let secret = &done.secret;
    let named = format!("the {} secret {}", secret.provider, secret.name);
    let version = secret.version;
    let rest = if dry_run { "; nothing was changed" } else { "" };
    match (done.changed, done.created, dry_run) {
        (false, ..) => context.ui.note(&format!("{named} has this value already; nothing was changed")),
        (_, true, true) => context.ui.note(&format!("dry run: would keep {named}{rest}")),
        (_, true, false) => {
            context.ui.note(&format!("keeps {named}, sealed under the master key {}", secret.master_key_id));
            context.ui.note(&format!("nobody gets it yet: keyctl secret bind {} KEY|OWNER", secret.name));
        }
        (_, false, true) => {
            context.ui.note(&format!("dry run: would set version {version} of {named}{rest}"));
        }
        (_, false, false) => {
            context.ui.note(&format!("set version {version} of {named}; services get it within 5s"));
        }
    }
    if let Some(end) = done.expiry_dropped {
        context.ui.note(&format!("the value before ended at {end}; for the new one, no end was given"));
    }
    context.show_if_asked(&SecretView { secret, now: done.at }, done.at, dry_run, "the secret is set")
}
