//! `keyctl signing-key`

use crate::cli::context::Context;
use crate::cli::terminal::ui::Ui;
use crate::domain::time::Timestamp;
use crate::domain::tokens::kid::Kid;
use crate::ops::tokens::signing_keys::{self, Turned};
use crate::render::token::{SigningKeyView, TurnedView};

/// Keep the keys that sign short-lived tokens (JWTs)
///
/// One key signs, and the next is published already. Private keys are sealed in the store by the
/// master key; services verify by the public ones.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    #[command(visible_alias = "ls")]
    List(ListArgs),
    Rotate(RotateArgs),
    Revoke(RevokeArgs),
    Jwks(JwksArgs),
}

/// Print the public keys as verifiers want them: a JWK Set (RFC 7517)
///
/// For services that are given the keys in a file. Works without a master key.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl signing-key jwks > jwks.json")]
pub(crate) struct JwksArgs {}

/// List the signing keys, the oldest first
///
/// next: published, and signs after the next rotation; signing; verifying: it signs no more, and its
/// tokens are good while they live; ended; revoked. Works without a master key.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl signing-key list -o json")]
pub(crate) struct ListArgs {}

/// Let the next key sign, and publish another
///
/// The first time, makes two: one that signs at once, and the next. Refused until the next one has been
/// published for five minutes, since verifiers keep a set of keys that long. The one before verifies
/// until its last token has ended. No server needs a restart.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl signing-key rotate")]
pub(crate) struct RotateArgs {
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Take a signing key out at once, and all tokens that it signed
///
/// For a key that leaked. If it signs, the next one does from now on, and some verifiers may refuse its
/// tokens for a few minutes; another is published.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl signing-key revoke oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U --yes")]
pub(crate) struct RevokeArgs {
    /// The key: its id, as keyctl signing-key list shows it
    #[arg(value_name = "KID", allow_hyphen_values = true)]
    kid: Kid,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(in crate::cli) fn run(context: &mut Context, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::List(ListArgs {}) => list(context),
        Command::Rotate(args) => rotate(context, args.dry_run),
        Command::Revoke(args) => revoke(context, args),
        Command::Jwks(JwksArgs {}) => Ui::line(&signing_keys::jwks(&mut context.open_existing()?)?),
    }
}

fn list(context: &mut Context) -> anyhow::Result<()> {
    let mut store = context.open_existing()?;
    let now = store.now()?;
    let keys = signing_keys::list(&mut store)?;
    context
        .ui
        .list(now, |out| keys.iter().try_for_each(|key| Ok(out.push(&SigningKeyView { key, now })?)))?;
    if keys.is_empty() {
        context.ui.note("no key signs; make one, and the next: keyctl signing-key rotate");
    }
    Ok(())
}

fn rotate(context: &mut Context, dry_run: bool) -> anyhow::Result<()> {
    let mut env = context.open_env_made(dry_run)?;
    let ring = context.ring(&mut env.store)?;
    let turned = signing_keys::rotate(&mut env, &ring)?;
    drop(env);
    let Turned { signs, next, before, .. } = &turned;
    let verifies = |(before, end): &(Kid, Option<Timestamp>)| {
        format!("; {before} verifies{}", end.map_or(String::new(), |end| format!(" until {end}")))
    };
    let verifies = before.as_ref().map(verifies).unwrap_or_default();
    context.ui.note(&match (turned.made.len(), dry_run) {
        (2, true) => {
            "dry run: would make two keys, one that signs and the next; nothing was changed".to_owned()
        }
        (2, false) => format!("made two keys: {signs} signs, {next} is the next{verifies}"),
        (_, true) => {
            format!("dry run: {signs} would sign, and another be published{verifies}; nothing was changed")
        }
        (_, false) => format!("{signs} signs, {next} is the next{verifies}"),
    });
    report(context, &turned, dry_run)
}

fn revoke(context: &mut Context, args: &RevokeArgs) -> anyhow::Result<()> {
    let mut env = context.open_env_made(args.dry_run)?;
    let ring = context.ring(&mut env.store)?;
    if !args.dry_run {
        context.confirm(&format!("revoke the signing key {}, and all tokens that it signed?", args.kid))?;
    }
    let turned = signing_keys::revoke(&mut env, &ring, &args.kid)?;
    drop(env);
    if !turned.changed {
        context.ui.note(&format!("{} is revoked already; nothing was changed", args.kid));
        return report(context, &turned, args.dry_run);
    }
    if args.dry_run {
        let signs = match turned.made.len() {
            2 => "two keys be made".to_owned(),
            _ => format!("{} sign", turned.signs),
        };
        context.ui.note(&format!("dry run: {} would be revoked, and {signs}; nothing was changed", args.kid));
        return report(context, &turned, true);
    }
    context.ui.note(&format!("revoked {}; {} signs, {} is the next", args.kid, turned.signs, turned.next));
    context.ui.note(
        "what reads the store refuses its tokens within 5 s; verifiers that fetched it keep it as long as they keep keys: up to \
         270 s by its max-age, Llama Stack and OGX until they are restarted",
    );
    report(context, &turned, args.dry_run)
}

/// Until when verifiers may refuse what is signed from now on.
fn report(context: &Context, turned: &Turned, dry_run: bool) -> anyhow::Result<()> {
    if let Some(until) = turned.unknown_until.filter(|_| !dry_run) {
        warn(context, until);
    }
    let view = TurnedView { turned, dry_run };
    context.show_if_asked(&view, turned.at, dry_run, "the signing keys are changed")
}

fn warn(context: &Context, until: Timestamp) {
    context.ui.warn(&format!(
        "verifiers that fetched the keys before may refuse new tokens until {until}: the key that signs is published for less \
         than five minutes"
    ));
}
