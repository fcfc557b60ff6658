//! `keyctl invite`

use crate::cli::arguments::values;
use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::outputs::invitation;
use crate::cli::terminal::ui::Ui;
use crate::domain::owners::owner::Owner;
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::portal::claim::Claim;
use crate::domain::time::Span;
use crate::ops::portal::invite::{Request, invite};

/// Invite somebody to make keys of their own, by a link that works once
///
/// The link is printed; only a hash of its code is stored. Whoever opens it and says so is signed in to the portal for this
/// owner, and makes keys that may do no more than is said here.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl invite alice --scope memories
  keyctl invite alice --scope memories --ttl 2h --expires 90d
  keyctl invite alice --scope memories -o json | jq -r .link")]
pub(crate) struct Args {
    /// For whom: a user, a service, an e-mail address; made if new
    #[arg(add = Stored::Owners)]
    owner: Owner,
    /// What keys made with it may do at most: memories, files:*; repeat it or separate by commas
    #[arg(long = "scope", value_name = "SCOPE", required = true, add = Stored::Scopes)]
    scopes: Vec<String>,
    /// Let the scope * stand, which allows everything
    #[arg(long)]
    allow_all: bool,
    /// As whom services know the owner, as in auth0|5f7c [default: what it has; of a new one its name]
    #[arg(long, value_name = "SUBJECT")]
    subject: Option<OwnerSubject>,
    /// How long the link works, at most 30d [default: 1d]
    #[arg(long, value_name = "DURATION")]
    ttl: Option<Span>,
    /// How long keys made with it may live [default: as long as the store allows]
    #[arg(long, value_name = "DURATION")]
    expires: Option<Span>,
    /// Try everything, change nothing, print no link
    #[arg(long)]
    dry_run: bool,
}

pub(in crate::cli) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    let request = Request {
        owner: args.owner.clone(),
        subject: args.subject.clone(),
        scopes: values::scopes(&args.scopes)?,
        allow_all: args.allow_all,
        ttl: args.ttl.unwrap_or(Claim::DEFAULT_TTL),
        max_expiry: args.expires,
    };
    if !args.dry_run {
        Ui::demand_reader()?;
    }
    let mut env = context.open_env(args.dry_run)?;
    let invited = invite(&mut env, &request)?;
    drop(env);
    let (ui, claim) = (&context.ui, &invited.claim);
    if args.dry_run {
        let scopes = claim.scopes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        ui.note(&format!("dry run: would invite {} to {scopes}; nothing was changed", claim.owner));
        return Ok(());
    }
    invitation::hand_out(context, &invited, None)?;
    let new = if invited.owner_is_new { "; that is a new owner" } else { "" };
    ui.note(&format!("invited {} ({}) until {}{new}", claim.owner, claim.id, claim.expires_at));
    say_where(context, invited.portal.is_some());
    Ok(())
}

/// What whoever hands it out should know.
pub(in crate::cli::commands) fn say_where(context: &Context, is_link: bool) {
    if is_link {
        context.ui.note("the link is shown this once and works once: send it to nobody else");
    } else {
        context.ui.note("the code is shown this once and works once: send it to nobody else");
        context.ui.warn("the store knows no portal, so this is no link: keyctl store set portal https://keys.example.com/");
    }
}
