//! `keyctl federation add`, `rotate` and `activate`

use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::domain::federation::kind::Kind;
use crate::domain::federation::parameters::{Parameter, Parameters};
use crate::domain::federation::settings::{AssertionType, FederationName, Present};
use crate::domain::outbound::endpoint::Endpoint;
use crate::domain::tokens::audience::{Audience, Issuer};
use crate::ops::federation::add::{self, New};
use crate::ops::federation::keys::{self, Turned};

/// Agree with a provider that a signed identity takes the place of a key
///
/// Makes a key that signs once it is activated: give the provider what keyctl federation export prints,
/// first. What is agreed does not change; another agreement is another federation.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl federation add claude --kind anthropic --issuer https://keys.example.com/claude \
      --parameter federation_rule_id=fdrl_01 --parameter service_account_id=svac_01 \
      --parameter organization_id=00000000-0000-0000-0000-000000000000
  keyctl federation add sts --kind rfc8693 --issuer https://keys.example.com/sts \
      --token-endpoint https://sts.example.com/token --audience sts.example.com")]
pub(crate) struct AddArgs {
    /// What it is called here
    name: FederationName,
    /// What the provider takes: rfc8693, rfc7523, anthropic or openai
    #[arg(long, value_name = "KIND")]
    kind: Kind,
    /// Whom assertions are from: a URL of yours, which the provider is told, and not that of short-lived tokens
    #[arg(long, value_name = "URL")]
    issuer: Issuer,
    /// Where tokens are asked for [default: that of the kind, if it has one]
    #[arg(long, value_name = "URL")]
    token_endpoint: Option<Endpoint>,
    /// Whom assertions are for, as the provider knows itself [default: that of the kind, if it has one]
    #[arg(long, value_name = "AUDIENCE")]
    audience: Option<Audience>,
    /// What an assertion says that it is, never at+jwt [default: JWT]
    #[arg(long, value_name = "TYPE")]
    typ: Option<AssertionType>,
    /// How the provider is presented its tokens: bearer or x-api-key [default: bearer]
    #[arg(long, value_name = "HOW")]
    present: Option<Present>,
    /// What every request says besides, as the ids that the provider shows; repeatable
    #[arg(long = "parameter", value_name = "NAME=VALUE")]
    parameters: Vec<Parameter>,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Make the next key of a federation
///
/// The one that signs goes on until the next one is activated: give the provider what keyctl federation
/// export prints, which has both, first.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl federation rotate claude")]
pub(crate) struct RotateArgs {
    /// The federation
    #[arg(add = Stored::Federations)]
    name: FederationName,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Let the next key of a federation sign
///
/// The one before is retired, and its private part removed. A provider that was not given the key
/// refuses all that it signs.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl federation activate claude --uploaded")]
pub(crate) struct ActivateArgs {
    /// The federation
    #[arg(add = Stored::Federations)]
    name: FederationName,
    /// The provider has what keyctl federation export prints
    #[arg(long, required = true)]
    uploaded: bool,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn add(context: &mut Context, args: &AddArgs) -> anyhow::Result<()> {
    let Some(parameters) = Parameters::of(&args.parameters) else {
        return Err(CliError::invalid("two parameters have one name", "say each once").into());
    };
    let new = New {
        name: args.name.clone(),
        kind: args.kind,
        token_endpoint: args.token_endpoint.clone(),
        audience: args.audience.clone(),
        issuer: args.issuer.clone(),
        typ: args.typ.clone().unwrap_or_default(),
        present: args.present.unwrap_or_default(),
        parameters,
    };
    let mut env = context.open_env_made(args.dry_run)?;
    let ring = context.ring(&mut env.store)?;
    let added = add::add(&mut env, &ring, &new)?;
    drop(env);
    let name = &args.name;
    if args.dry_run {
        context.ui.note(&format!(
            "dry run: would make the federation {name} and its first key; nothing was changed"
        ));
    } else {
        context
            .ui
            .note(&format!("made the federation {name}; its key {} waits for the provider", added.next));
        uploading(context, name);
    }
    let turned = Turned {
        federation: added.federation.name,
        signs: None,
        // One that is not kept has no id.
        next: Some(added.next).filter(|_| !args.dry_run),
        retired: None,
        changed: true,
        at: added.at,
    };
    context.show_if_asked(&turned, turned.at, args.dry_run, "the federation is made")
}

pub(super) fn rotate(context: &mut Context, args: &RotateArgs) -> anyhow::Result<()> {
    let mut env = context.open_env(args.dry_run)?;
    let ring = context.ring(&mut env.store)?;
    let mut turned = keys::rotate(&mut env, &ring, &args.name)?;
    drop(env);
    let name = &args.name;
    if args.dry_run {
        turned.next = None;
        context.ui.note(&format!("dry run: would make the next key of {name}; nothing was changed"));
    } else if let Some(next) = &turned.next {
        context.ui.note(&format!("made the next key of {name}, {next}; it waits for the provider"));
        uploading(context, name);
    }
    context.show_if_asked(&turned, turned.at, args.dry_run, "the key is made")
}

fn uploading(context: &Context, name: &FederationName) {
    context.ui.note(&format!(
        "give the provider what keyctl federation export {name} prints, then: keyctl federation activate {name} --uploaded"
    ));
}

pub(super) fn activate(context: &mut Context, args: &ActivateArgs) -> anyhow::Result<()> {
    let mut env = context.open_env(args.dry_run)?;
    let turned = keys::activate(&mut env, &args.name)?;
    drop(env);
    let name = &args.name;
    match (&turned.signs, turned.changed) {
        (Some(signs), true) => {
            let retired = |is: &str| {
                turned.retired.as_ref().map_or(String::new(), |kid| format!("; {kid} {is} retired"))
            };
            context.ui.note(&if args.dry_run {
                format!("dry run: {signs} would sign for {name}{}; nothing was changed", retired("would be"))
            } else {
                format!("{signs} signs for {name}{}", retired("is"))
            });
        }
        _ => context.ui.note(&format!("no key of {name} waits for the provider; nothing was changed")),
    }
    context.show_if_asked(&turned, turned.at, args.dry_run, "the key signs")
}
