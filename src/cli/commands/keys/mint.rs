//! `keyctl mint`

use std::path::PathBuf;

use super::super::portal::invite::say_where;
use crate::cli::arguments::asked;
use crate::cli::arguments::asked::NewKey;
use crate::cli::arguments::values::{NewName, networks, scopes, time};
use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::files::guard::Keys;
use crate::cli::outputs::{delivery, invitation};
use crate::cli::terminal::ui::Ui;
use crate::domain::keys::key::Key;
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::keys::label::{LabelError, Labels};
use crate::domain::keys::limit::{Quota, Rate};
use crate::domain::keys::token::Prefix;
use crate::domain::owners::owner::KeyName;
use crate::domain::owners::role::RoleName;
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::portal::claim::Claim;
use crate::domain::time::{Expiry, Span, Timestamp};
use crate::ops::keys::mint::{Minted, Request, mint};
use crate::ops::portal::invite::{self, Waiting};
use crate::render::key as view;

/// Make a new key and print its token, once
///
/// The token goes to standard output, or into --out-file; only its hash is stored. A key
/// without scopes authenticates and may do nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl mint alice --scope memories
  keyctl mint alice/laptop --scope memories --expires 2027-01-31
  keyctl mint ci --scope 'files:*' --expires 30d --out-file token.txt
  keyctl mint ci --scope deploy --if-absent --out-file token.txt
  keyctl mint bait --canary > decoy.token      a key that is there to be found
  keyctl mint alice --scope memories --claim   a link for alice, who gets the token by it")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Args {
    /// Who the key acts for: a user, a service, an e-mail address; alice/laptop names the key, too;
    /// asked for on a terminal
    #[arg(add = Stored::Owners)]
    owner: Option<NewName>,
    /// What the key is called [default: default, else a random name]
    #[arg(long, value_name = "NAME")]
    name: Option<KeyName>,
    /// As whom services know the owner, as in auth0|5f7c [default: what it has; of a new one its name]
    #[arg(long, value_name = "SUBJECT")]
    subject: Option<OwnerSubject>,
    /// What it may do: memories, memories:read, files:*; repeat it or separate by commas
    #[arg(long = "scope", value_name = "SCOPE", add = Stored::Scopes)]
    scopes: Vec<String>,
    /// A role whose scopes it gets, too; repeat it for more
    #[arg(long = "role", value_name = "ROLE", add = Stored::Roles)]
    roles: Vec<RoleName>,
    /// Make it a child of this key: it may do what its parent may, too, and dies with it
    #[arg(long, value_name = "KEY", add = Stored::LiveKeys)]
    parent: Option<KeyRef>,
    /// Let the scope * stand, which allows everything
    #[arg(long)]
    allow_all: bool,
    /// When it ends: a duration (30d, 6mo), a day (2027-01-31, its end in UTC), a time
    /// (2027-01-31T12:00:00Z) or never [default: 90d]
    #[arg(long, value_name = "WHEN")]
    expires: Option<Expiry>,
    /// When it begins, as in 2027-01-31T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = time)]
    not_before: Option<Timestamp>,
    /// What its token starts with, as in acme or k2 [default: sks]
    #[arg(long, value_name = "PREFIX")]
    prefix: Option<Prefix>,
    /// How often it may be used, as in 600/m
    #[arg(long, value_name = "RATE")]
    rate: Option<Rate>,
    /// How often it may be used in all, as in 10000/day
    #[arg(long, value_name = "QUOTA")]
    quota: Option<Quota>,
    /// From which addresses or networks, as in 10.0.0.0/8
    #[arg(long = "allow-ip", value_name = "NETWORK")]
    allow_ip: Vec<String>,
    /// Something to find it by, as in team=search
    #[arg(long = "label", value_name = "NAME=VALUE")]
    labels: Vec<String>,
    /// Issue short-lived tokens for it although it has --allow-ip, --rate or --quota, which services that verify those
    /// by themselves cannot hold
    #[arg(long)]
    allow_jwt: bool,
    /// If an equal key is there already, do nothing and print nothing
    #[arg(long)]
    if_absent: bool,
    /// Write the token into this new file (mode 0600) instead
    #[arg(long, value_name = "PATH")]
    out_file: Option<PathBuf>,
    /// Print a link in place of the token, which is made when somebody opens it: so nobody else sees it
    #[arg(long, conflicts_with_all = ["out_file", "if_absent", "prefix"])]
    claim: bool,
    /// With --claim: how long the link works, at most 30d [default: 1d]
    #[arg(long, value_name = "DURATION", requires = "claim")]
    claim_ttl: Option<Span>,
    /// Make a key that is there to be found: every service refuses it as one that was revoked, and keyctl serve and the
    /// intake of leaks sound an alarm where it appears
    #[arg(long, conflicts_with_all = ["claim", "if_absent", "parent"])]
    canary: bool,
    /// Try everything, change nothing, print no token
    #[arg(long)]
    dry_run: bool,
}

impl Args {
    /// Where the flags are silent, the profile speaks as if they had been typed; and where nobody
    /// named an owner, somebody at a terminal is asked.
    fn request(&self, context: &Context) -> anyhow::Result<Request> {
        let settings = &context.settings;
        let (scopes, networks) = (scopes(&self.scopes)?, networks(&self.allow_ip)?);
        let labels = Labels::parse_all(self.labels.iter().map(String::as_str));
        let labels = labels.map_err(|error: LabelError| {
            CliError::invalid(format!("--label: {error}"), "as in --label team=search")
        })?;
        let expiry = self.expires.or(settings.expires.as_ref().map(|set| set.value));
        let NewKey { called: NewName { owner, name }, scopes, expiry } = match self.owner.clone() {
            Some(called) => NewKey { called, scopes, expiry },
            None => asked::new_key(context, scopes, expiry)?,
        };
        let name = match (name, &self.name) {
            (Some(one), Some(other)) if one != *other => {
                let message = format!("the key is called {one} behind the slash and {other} by --name");
                return Err(CliError::invalid(message, "give it one name").into());
            }
            (one, other) => one.or_else(|| other.clone()),
        };
        Ok(Request {
            owner,
            subject: self.subject.clone(),
            name,
            scopes,
            roles: self.roles.clone(),
            parent: self.parent.clone(),
            allow_all: self.allow_all,
            expiry,
            not_before: self.not_before,
            prefix: self.prefix.as_ref().or(settings.prefix.as_ref().map(|set| &set.value)).cloned(),
            rate: self.rate,
            quota: self.quota,
            networks,
            labels,
            allow_jwt: self.allow_jwt,
            note: None,
            made_by: None,
            if_absent: self.if_absent,
            canary: self.canary,
        })
    }
}

pub(in crate::cli) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    let request = args.request(context)?;
    if args.claim {
        return mint_waiting(context, args, &request);
    }
    context.keep_off(args.out_file.as_deref(), Keys::Kept)?;
    let mut env = context.open_env(args.dry_run)?;
    let mut deliver = delivery::to(context.ui, args.out_file.as_deref(), None);
    let minted = mint(&mut env, &request, deliver.as_mut())?;
    context.note_day(request.expiry);
    report(context, args, &minted)?;
    if args.canary && !args.dry_run {
        context.ui.note("it is a canary: refused everywhere as a revoked key, and an alarm where it appears");
        context.ui.note(
            "put its token where nobody should look; keyctl usage --canaries and keyctl notify tell of it",
        );
    }
    Ok(())
}

/// The key without a token, and a link to whoever is to have it.
fn mint_waiting(context: &Context, args: &Args, request: &Request) -> anyhow::Result<()> {
    if !args.dry_run {
        Ui::demand_reader()?;
    }
    let mut env = context.open_env(args.dry_run)?;
    let waiting = invite::mint_waiting(&mut env, request, args.claim_ttl.unwrap_or(Claim::DEFAULT_TTL))?;
    drop(env);
    context.note_day(request.expiry);
    let Waiting { key, invited } = &waiting;
    let until = key.expires_at.map_or("never expires".to_owned(), |end| format!("expires {end}"));
    if args.dry_run {
        context.ui.note(&format!("dry run: would mint {} ({until}); nothing was changed", key.path()));
        return Ok(());
    }
    invitation::hand_out(context, invited, Some(key))?;
    let claim = &invited.claim;
    let owner = if invited.owner_is_new { format!("; {} is a new owner", key.owner) } else { String::new() };
    context.ui.note(&format!("minted {} ({}), {until}{owner}", key.path(), key.id));
    context.ui.note(&format!(
        "its token is made when the invitation {} is redeemed, until {}",
        claim.id, claim.expires_at
    ));
    say_where(context, invited.portal.is_some());
    Ok(())
}

/// Everything but a token that went to standard output already.
fn report(context: &Context, args: &Args, minted: &Minted) -> anyhow::Result<()> {
    let Minted { key, token, owner_is_new, shortened } = minted;
    let named = format!("{}/{}", key.owner, key.name);
    let until = key.expires_at.map_or("never expires".to_owned(), |end| format!("expires {end}"));
    if let Some(most) = shortened {
        context.ui.note(&format!(
            "the store's policy lets keys live {most} at most, less than the store's default"
        ));
    }
    if args.dry_run {
        let what = if token.is_some() { "would mint" } else { "nothing to do:" };
        context.ui.note(&format!("dry run: {what} {named} ({until}); nothing was changed"));
        return Ok(());
    }
    if token.is_none() {
        context.ui.note(&format!("{named} exists already ({}); nothing was changed", key.id));
        return show(context, key, false);
    }
    let owner = match (*owner_is_new, key.subject == key.owner) {
        (false, _) => String::new(),
        (true, true) => format!("; {} is a new owner", key.owner),
        (true, false) => format!("; {} is a new owner with the subject {}", key.owner, key.subject),
    };
    context.ui.note(&format!("minted {named} ({}), {until}{owner}", key.id));
    match &args.out_file {
        Some(path) => context.ui.note(&format!("the token is in {}", path.display())),
        None => context.ui.note("the token is shown this once; only its hash is stored"),
    }
    if let Some(end) =
        key.parent_lifetime.expires_at.filter(|end| key.expires_at.is_none_or(|own| *end < own))
    {
        context.ui.note(&format!("its parent ends before it, at {end}: then it stops working"));
    }
    if key.effective_scopes.is_empty() && !args.canary {
        context.ui.warn("the key has no scopes: it authenticates and may do nothing; see --scope");
    }
    match &args.out_file {
        Some(path) => show(context, key, true).map_err(|error| {
            CliError::of(error).after(&format!("the token is in {}", path.display())).into()
        }),
        None => Ok(()),
    }
}

/// The result without a token: it is in its file, or there is none.
fn show(context: &Context, key: &Key, created: bool) -> anyhow::Result<()> {
    let now = key.issued_at();
    match context.ui.chosen() {
        Some(_) => {
            context.ui.show(&view::Minted { token: None, created, key: view::KeyView { key, now } }, now)
        }
        None => Ok(()),
    }
}
