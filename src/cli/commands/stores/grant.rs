//! `keyctl store grant`

use nix::unistd::Gid;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::ops::stores::grant::{self, GivenPrivileges, Privileges};
use crate::store::{Location, Store, names};

/// Let a service read the store
///
/// On PostgreSQL, a ROLE may afterwards do exactly what is named here: without flags, read the
/// views of tokens, of the store and of changes. On SQLite, the users of a GROUP can read the
/// file, all of it: hashes, the audit log and sealed secrets.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl store grant memory_server --secrets
  keyctl store grant gateway --for serve
  keyctl store grant token_server --for issue
  keyctl store grant gateway_changes --for revoke
  keyctl store grant gateway_leases --for lease
  keyctl store grant portal --for portal
  keyctl store grant portal --for portal-issue
  keyctl store grant intake --for leaks
  keyctl store grant memory_server --none
  keyctl store grant --group services")]
pub(crate) struct Args {
    /// A role of the PostgreSQL server
    #[arg(required_unless_present_any = ["group", "none"], conflicts_with = "group")]
    role: Option<String>,
    /// Let it read bindings and sealed secrets, too
    #[arg(long, conflicts_with_all = ["none", "group"])]
    secrets: bool,
    /// For whom it is: serve reads its own views, too, and writes what keyctl serve writes of use; issue
    /// reads the sealed key that signs short-lived tokens besides; revoke may revoke keys and nothing else; lease
    /// may get tokens of credentials and hand them out, and needs the master key for it; portal may make, renew, stop and
    /// end keys, and keeps who is signed in; portal-issue the same, and lets programs in, for which it reads the sealed key
    /// that signs; leaks may stop and end keys, and writes down what was reported
    #[arg(long = "for", value_name = "WHOM", conflicts_with_all = ["none", "group"])]
    whom: Option<Whom>,
    /// A group of this system, by its name or number, for a SQLite file
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,
    /// Take everything away again
    #[arg(long, conflicts_with = "group")]
    none: bool,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Whom {
    Serve,
    Issue,
    Revoke,
    Lease,
    Portal,
    PortalIssue,
    Leaks,
}

pub(super) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    let location = context.location()?;
    let granted = match (&args.role, &location) {
        (Some(_), Location::Sqlite(_)) => {
            return Err(CliError::invalid(
                "a SQLite file knows no roles",
                "let a group of this system read it: keyctl store grant --group GROUP",
            )
            .into());
        }
        (None, Location::Postgres(_)) => {
            return Err(CliError::invalid(
                "a database on a server knows no groups of this system",
                "name a role of the server: keyctl store grant ROLE",
            )
            .into());
        }
        (Some(role), Location::Postgres(_)) => {
            grant::to_role(&mut context.open_env_made(args.dry_run)?, role, args.privileges())?
        }
        (None, Location::Sqlite(file)) => {
            // In a container, a group often has a number and no name.
            let find = |name: &str| names::group(name).map(Gid::as_raw).or_else(|| name.parse().ok());
            if let (Some(group), false) = (args.group.as_deref().and_then(find), args.dry_run) {
                Store::take_back(file, group)?;
            }
            grant::to_group(&mut context.open_env_made(args.dry_run)?, file, args.group.as_deref(), find)?
        }
    };
    report(context, &granted, args.dry_run, args.role.is_some())
}

impl Args {
    fn privileges(&self) -> Privileges {
        if self.none {
            return Privileges::NONE;
        }
        let is_for = |whom| self.whom == Some(whom);
        let (issue, revoke, lease) = (is_for(Whom::Issue), is_for(Whom::Revoke), is_for(Whom::Lease));
        let use_of_keys = issue || is_for(Whom::Serve);
        let (portal, portal_issue) = (is_for(Whom::Portal), is_for(Whom::PortalIssue));
        let leaks = is_for(Whom::Leaks);
        let tokens = !revoke && !lease && !portal && !portal_issue && !leaks;
        let secrets = self.secrets;
        Privileges { tokens, secrets, use_of_keys, revoke, lease, portal, portal_issue, leaks, issue }
    }
}

fn warn(context: &Context, granted: &GivenPrivileges, to: &str, is_role: bool) {
    if !granted.reaches_views && is_role && granted.privileges != Privileges::NONE {
        context.ui.warn(&format!("{to} may not use the schema public: GRANT USAGE ON SCHEMA public TO {to}"));
    }
    if !granted.reaches_views && !is_role {
        context.ui.warn(
            "the file's folder holds other things and stays as it is: the group must be able to enter it",
        );
    }
    if !granted.others.is_empty() {
        let others = granted.others.join(", ");
        context
            .ui
            .warn(&format!("{to} can use {others} all the same: through a role that it is in, or as PUBLIC"));
    }
}

fn report(
    context: &mut Context,
    granted: &GivenPrivileges,
    dry_run: bool,
    is_role: bool,
) -> anyhow::Result<()> {
    let to = granted.to.as_deref().unwrap_or("nobody but its owner");
    let what = match granted.privileges.words().as_slice() {
        [] => "read: nothing of the store".to_owned(),
        ["revoke"] => "revoke keys".to_owned(),
        ["portal"] => "make, renew, stop and end keys for people who sign in".to_owned(),
        ["leaks"] => "stop keys whose tokens are reported".to_owned(),
        ["lease"] => "get tokens of credentials, and hand them out".to_owned(),
        words => format!("read: {}", words.join(", ").replace('_', " ")),
    };
    let (dry, done) = if dry_run { ("dry run: ", "; nothing was changed") } else { ("", "") };
    let verb = if dry_run { "could" } else { "can now" };
    match granted.to {
        None => context.ui.note(&format!("{dry}{to} {verb} read the file{done}")),
        Some(_) => context.ui.note(&format!("{dry}{to} {verb} {what}{done}")),
    }
    warn(context, granted, to, is_role);
    let now = context.open()?.now()?;
    context.show_if_asked(granted, now, dry_run, "the right is given")
}
