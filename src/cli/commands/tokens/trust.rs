//! `keyctl trust`

use std::path::PathBuf;
use std::str::FromStr as _;

use super::jwt::ttl;
use crate::cli::arguments::values;
use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::inputs::input;
use crate::domain::keys::label::Labels;
use crate::domain::keys::network::Networks;
use crate::domain::owners::owner::Owner;
use crate::domain::owners::role::RoleName;
use crate::domain::time::Expiry;
use crate::domain::tokens::audience::{Audience, Issuer};
use crate::domain::tokens::claims::Ttl;
use crate::domain::trusts::issuer_keys::IssuerKeys;
use crate::domain::trusts::terms::{Claim, RequiredClaims, Terms, TermsError, TrustName};
use crate::ops::keys::mint;
use crate::ops::tokens::settings;
use crate::ops::trusts::add::{self, Added};
use crate::ops::trusts::{delete, list};
use crate::render::trust::TrustView;

/// Let the pipelines of a CI get short-lived tokens without a key
///
/// A job sends keyctl serve the token that its CI signed for it, and gets one of ours for it if that says
/// what the trust asks for. Nothing secret is kept in the CI.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Add(AddArgs),
    #[command(visible_alias = "ls")]
    List(ListArgs),
    Show(ShowArgs),
    #[command(alias = "rm")]
    Delete(DeleteArgs),
}

/// Trust what a CI says of its jobs
///
/// Makes a key without a token, whose short-lived tokens the jobs get: revoking, suspending or editing it
/// does to them what it does to any key's. Every claim must be the same byte for byte; among them an id that
/// is never given again, since a name can be registered anew, and the ref, since any branch may be pushed.
#[expect(clippy::doc_markdown, reason = "help is plain text")]
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl trust add deploy --issuer https://token.actions.githubusercontent.com --audience https://keys.example.com \
    --claim repository_id=456789 --claim ref=refs/heads/main --owner ci --scope deploy
  keyctl trust add gitlab --issuer https://gitlab.com --audience https://keys.example.com --claim project_id=123 \
    --claim ref=main --claim ref_type=branch --owner ci --scope deploy --ttl 15m")]
pub(crate) struct AddArgs {
    /// What it is called, and its key
    name: TrustName,
    /// Whose tokens are taken, as they say it themselves: https, or http on a loopback address
    #[arg(long, value_name = "URL")]
    issuer: Issuer,
    /// Whom such a token must be for; the job asks its CI for one that is
    #[arg(long, value_name = "AUDIENCE")]
    audience: Audience,
    /// What it must say, as in project_id=123; repeat it for more
    #[arg(long = "claim", value_name = "NAME=TEXT", required = true)]
    claims: Vec<Claim>,
    /// Let any branch or tag do, and a name that can be registered anew for an id
    #[arg(long)]
    any_ref: bool,
    /// Who the jobs act for; made if new
    #[arg(long, value_name = "OWNER", add = Stored::Owners)]
    owner: Owner,
    /// What they may do: deploy, files:*; repeat it or separate by commas
    #[arg(long = "scope", value_name = "SCOPE", add = Stored::Scopes)]
    scopes: Vec<String>,
    /// A role whose scopes they get, too; repeat it for more
    #[arg(long = "role", value_name = "ROLE", add = Stored::Roles)]
    roles: Vec<RoleName>,
    /// Let the scope * stand, which allows everything
    #[arg(long)]
    allow_all: bool,
    /// How long a token lives that a job gets, at most 1h [default: 10m]
    #[arg(long, value_name = "DURATION", value_parser = ttl)]
    ttl: Option<Ttl>,
    /// The issuer's public keys in this file, a JWK Set, or - for standard input [default: fetched from the issuer]
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,
    /// When the trust ends: a duration (30d, 6mo), a day (2027-01-31, its end in UTC), a time
    /// (2027-01-31T12:00:00Z) or never [default: 90d]
    #[arg(long, value_name = "WHEN")]
    expires: Option<Expiry>,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

/// List the trusts
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl trust list")]
pub(crate) struct ListArgs {}

/// Show one trust
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl trust show deploy -o json")]
pub(crate) struct ShowArgs {
    /// The trust
    #[arg(add = Stored::Trusts)]
    name: TrustName,
}

/// Delete a trust, and revoke its key
///
/// No job gets a token any more, and those that were issued are refused within 5 s wherever the store is read.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl trust delete deploy --yes")]
pub(crate) struct DeleteArgs {
    /// The trust
    #[arg(add = Stored::Trusts)]
    name: TrustName,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(in crate::cli) fn run(context: &mut Context, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Add(args) => add_one(context, args),
        Command::List(ListArgs {}) => list_all(context),
        Command::Show(args) => show(context, args),
        Command::Delete(args) => delete_one(context, args),
    }
}

impl AddArgs {
    fn request(&self, context: &Context) -> anyhow::Result<add::Request> {
        let terms = Terms {
            issuer: self.issuer.clone(),
            audience: self.audience.clone(),
            claims: RequiredClaims::of(self.claims.iter().cloned()).map_err(|error| refused(&error))?,
            any_ref: self.any_ref,
            ttl: self.ttl.unwrap_or(Terms::TTL),
            keys: self.keys()?,
        };
        terms.check().map_err(|error| refused(&error))?;
        let expiry = self.expires.or(context.settings.expires.as_ref().map(|set| set.value));
        let key = mint::Request {
            owner: self.owner.clone(),
            subject: None,
            name: None,
            scopes: values::scopes(&self.scopes)?,
            roles: self.roles.clone(),
            parent: None,
            allow_all: self.allow_all,
            expiry,
            not_before: None,
            prefix: None,
            rate: None,
            quota: None,
            networks: Networks::default(),
            labels: Labels::default(),
            allow_jwt: false,
            note: None,
            made_by: None,
            if_absent: false,
            canary: false,
        };
        Ok(add::Request { name: self.name.clone(), terms, key })
    }

    fn keys(&self) -> Result<Option<IssuerKeys>, CliError> {
        let Some(path) = &self.jwks else { return Ok(None) };
        let text = input::read_text(path)?;
        let keys = IssuerKeys::from_str(&text).map_err(|error| {
            let hint = "give the document that the issuer publishes at its jwks_uri";
            CliError::invalid(format!("--jwks: {error}"), hint)
        })?;
        Ok(Some(keys))
    }
}

fn refused(error: &TermsError) -> CliError {
    let hint = match error {
        TermsError::NoId => "or let any branch and a name do, on purpose: --any-ref",
        TermsError::NoRef => "or let any branch do, on purpose: --any-ref",
        _ => "as in --claim project_id=123 --claim ref=refs/heads/main",
    };
    CliError::invalid(error.to_string(), hint)
}

fn add_one(context: &mut Context, args: &AddArgs) -> anyhow::Result<()> {
    let request = args.request(context)?;
    let mut env = context.open_env(args.dry_run)?;
    let added = add::add(&mut env, &request)?;
    let issuer = settings::read(&mut env.store)?.issuer;
    drop(env);
    context.note_day(request.key.expiry);
    report(context, args, &added, issuer.as_ref());
    let Added { trust, key, .. } = &added;
    let (now, key) = (trust.created_at, Some(key));
    context.show_if_asked(&TrustView { trust, key, now }, now, args.dry_run, "the trust is added")
}

fn report(context: &Context, args: &AddArgs, added: &Added, issuer: Option<&Issuer>) {
    let Added { trust, key, owner_is_new } = added;
    let (ui, claims) = (&context.ui, &trust.terms.claims);
    let until = key.expires_at.map_or("never expires".to_owned(), |end| format!("expires {end}"));
    let owner = if *owner_is_new { format!("; {} is a new owner", key.owner) } else { String::new() };
    if args.dry_run {
        let named = key.path();
        ui.note(&format!(
            "dry run: would add the trust {} for {named} ({until}); nothing was changed",
            trust.name
        ));
    } else {
        ui.note(&format!("added the trust {} for {} ({}), {until}{owner}", trust.name, key.path(), key.id));
    }
    if !claims.name_an_id() {
        ui.warn("no claim is an id: whoever registers a name anew that is among them gets in");
    }
    if !claims.name_a_ref() {
        ui.warn("no claim names a ref: whoever may push any branch gets in");
    } else if claims.take_a_tag_for_a_branch() {
        ui.warn("a branch and a tag may have the same ref at GitLab: ask for --claim ref_type=branch, too");
    }
    if let Some((name, _)) = claims.iter().find(|(_, value)| value.contains('*')) {
        ui.warn(&format!("the * in the claim {name} stands for itself: claims are compared byte for byte"));
    }
    if trust.terms.issuer.as_str().ends_with('/') {
        ui.warn(
            "the issuer is compared byte for byte, and those of GitHub and GitLab have no / at their end",
        );
    }
    if key.effective_scopes.is_empty() {
        ui.warn("the key has no scopes: its tokens authenticate and may do nothing; see --scope");
    }
    if args.dry_run {
        return;
    }
    match issuer {
        None => ui.warn("the store has no issuer of its own yet: keyctl store set issuer https://keys.example.com"),
        Some(issuer) => ui.note(&format!(
            "in the job, with the CI's token for {} on standard input: curl -s {}/token -d grant_type={EXCHANGE} \
             -d subject_token_type={JWT} --data-urlencode subject_token@-",
            trust.terms.audience,
            issuer.as_str().trim_end_matches('/')
        )),
    }
}

/// RFC 8693 §2.1 and §3.
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

fn list_all(context: &mut Context) -> anyhow::Result<()> {
    let mut store = context.open()?;
    let now = store.now()?;
    let all = list::list(&mut store)?;
    context.ui.list(now, |out| {
        all.iter()
            .try_for_each(|one| Ok(out.push(&TrustView { trust: &one.trust, key: one.key.as_ref(), now })?))
    })?;
    if all.is_empty() {
        context.ui.note("no CI is trusted; see keyctl trust add --help");
    }
    Ok(())
}

fn show(context: &mut Context, args: &ShowArgs) -> anyhow::Result<()> {
    let mut store = context.open_to_find()?;
    let found = list::show(&mut store, &args.name)?;
    let now = store.now()?;
    context.ui.show(&TrustView { trust: &found.trust, key: found.key.as_ref(), now }, now)
}

fn delete_one(context: &mut Context, args: &DeleteArgs) -> anyhow::Result<()> {
    let mut env = context.open_env(args.dry_run)?;
    if !args.dry_run {
        let found = list::show(&mut env.store, &args.name)?;
        let key = found.key.map_or_else(|| found.trust.key.to_string(), |key| key.path());
        context.confirm(&format!("delete the trust {}, and revoke its key {key}?", args.name))?;
    }
    let done = delete::delete(&mut env, &args.name)?;
    let (what, rest) =
        if args.dry_run { ("dry run: would delete", "; nothing was changed") } else { ("deleted", "") };
    context
        .ui
        .note(&format!("{what} the trust {}, and its key {} is revoked{rest}", args.name, done.trust.key));
    let view = TrustView { trust: &done.trust, key: done.key.as_ref(), now: done.at };
    context.show_if_asked(&view, done.at, args.dry_run, "the trust is deleted")
}
