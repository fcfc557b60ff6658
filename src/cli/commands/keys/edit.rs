//! `keyctl edit`

use std::str::FromStr;

use serde_json::Value;

use crate::cli::arguments::asked;
use crate::cli::arguments::values::{self, GivenNote, OrNone};
use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::inputs::input::KeyArg;
use crate::domain::keys::label::LabelEdit;
use crate::domain::keys::limit::{Quota, Rate};
use crate::domain::keys::network::Networks;
use crate::domain::owners::owner::KeyName;
use crate::domain::owners::role::RoleName;
use crate::domain::time::{Expiry, Timestamp};
use crate::ops::keys::edit::{Edit, Edited, edit};
use crate::render::key::{KeyDetails, KeyView};

/// Change a live key
///
/// What is not named stays as it is; its tokens, too. Scopes are changed by keyctl scope.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl edit alice/ci --expires 30d --rate 600/m
  keyctl edit alice/ci --label team=search --label trial-
  keyctl edit alice/ci --allow-ip any --quota none --role reader
  keyctl edit alice/ci --note 'the nightly import; ask Ana before it is stopped'")]
pub(crate) struct Args {
    /// Key: an id, owner/name, an owner's only key, a token's prefix, or - for standard input; picked on a terminal
    #[arg(add = Stored::LiveKeys)]
    key: Option<KeyArg>,
    #[command(flatten)]
    wanted: Wanted,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

/// At least one of these.
#[derive(Debug, clap::Args)]
struct Wanted {
    /// Another name
    #[arg(long, value_name = "NAME")]
    name: Option<KeyName>,
    /// When it ends: a duration from now, a day (its end in UTC), a time or never
    #[arg(long, value_name = "WHEN")]
    expires: Option<Expiry>,
    /// When it begins, as in 2027-01-31T12:00:00Z, or none for at once
    #[arg(long, value_name = "TIME")]
    not_before: Option<OrNone<Begin>>,
    /// How often it may be used, as in 600/m, or none
    #[arg(long, value_name = "RATE")]
    rate: Option<OrNone<Rate>>,
    /// How often it may be used in all, as in 10000/day, or none
    #[arg(long, value_name = "QUOTA")]
    quota: Option<OrNone<Quota>>,
    /// From which addresses or networks, in place of those it has, or any
    #[arg(long = "allow-ip", value_name = "NETWORK")]
    allow_ip: Vec<String>,
    /// A label to set (name=value) or to take away (name-)
    #[arg(long = "label", value_name = "LABEL", allow_hyphen_values = true)]
    labels: Vec<LabelEdit>,
    /// Its roles, in place of those it has, or none
    #[arg(long = "role", value_name = "ROLE", add = Stored::Roles)]
    roles: Vec<OrNone<RoleName>>,
    /// Issue short-lived tokens for it in spite of its networks, rate or quota
    #[arg(long, overrides_with = "no_allow_jwt")]
    allow_jwt: bool,
    /// Issue none while it has networks, a rate or a quota; those that there are end at once
    #[arg(long)]
    no_allow_jwt: bool,
    /// A note for people: one line without a secret, which keyctl show prints; empty for none
    #[arg(long, value_name = "TEXT", value_parser = values::note)]
    note: Option<GivenNote>,
}

/// A point in time, as it is typed.
#[derive(Clone, Copy, Debug)]
struct Begin(Timestamp);

impl FromStr for Begin {
    type Err = crate::domain::time::TimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Timestamp::parse(text).map(Self)
    }
}

impl Wanted {
    fn edit(&self) -> Result<Edit, CliError> {
        let edit = Edit {
            name: self.name.clone(),
            expiry: self.expires,
            not_before: self.not_before.as_ref().map(|begin| begin.0.map(|begin| begin.0)),
            rate: self.rate.as_ref().map(|rate| rate.0),
            quota: self.quota.as_ref().map(|quota| quota.0),
            networks: self.networks()?,
            labels: self.labels.clone(),
            roles: self.roles()?,
            allow_jwt: (self.allow_jwt || self.no_allow_jwt).then_some(self.allow_jwt),
            note: self.note.clone().map(|given| given.0),
        };
        if edit == Edit::default() {
            let hint = "name it: --expires, --rate, --label … ; see keyctl edit --help";
            return Err(CliError::invalid("it was not said what is to be changed", hint));
        }
        Ok(edit)
    }

    fn networks(&self) -> Result<Option<Networks>, CliError> {
        match self.allow_ip.as_slice() {
            [] => Ok(None),
            [any] if any == "any" => Ok(Some(Networks::default())),
            lists if lists.iter().any(|list| list == "any") => Err(CliError::invalid(
                "--allow-ip any stands alone",
                "name networks, as in 10.0.0.0/8, or any",
            )),
            lists => values::networks(lists).map(Some),
        }
    }

    fn roles(&self) -> Result<Option<Vec<RoleName>>, CliError> {
        let named: Vec<RoleName> = self.roles.iter().filter_map(|role| role.0.clone()).collect();
        match (self.roles.len(), named.len()) {
            (0, _) => Ok(None),
            (1, 0) => Ok(Some(Vec::new())),
            (all, given) if all == given => Ok(Some(named)),
            _ => Err(CliError::invalid("--role none stands alone", "name the roles that the key shall have")),
        }
    }
}

pub(in crate::cli) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    let wanted = args.wanted.edit()?;
    let key = asked::key_or_picked(context, args.key.as_ref(), "edit")?;
    let mut env = context.open_env(args.dry_run)?;
    let edited = edit(&mut env, &key, &wanted)?;
    context.note_day(wanted.expiry);
    report(context, &edited, args.dry_run)
}

/// A value of a key as it is typed; what is not set in the word for that.
fn in_words(name: &str, value: &Value) -> String {
    let unset = match name {
        "expires_at" => "never",
        "not_before" => "at once",
        "allow_ip" => "any",
        _ => "none",
    };
    match value {
        Value::Null => unset.to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => unset.to_owned(),
        Value::Object(pairs) if pairs.is_empty() => unset.to_owned(),
        Value::Array(items) => items.iter().map(|item| in_words(name, item)).collect::<Vec<_>>().join(","),
        Value::Object(pairs) => pairs
            .iter()
            .map(|(key, value)| format!("{key}={}", in_words(name, value)))
            .collect::<Vec<_>>()
            .join(","),
        other => other.to_string(),
    }
}

/// What was changed, and the key where a format was asked for.
pub(in crate::cli::commands) fn report(
    context: &Context,
    edited: &Edited,
    dry_run: bool,
) -> anyhow::Result<()> {
    let Edited { key, changes, at } = edited;
    let names: Vec<String> = changes.iter().map(|change| change.name.replace('_', " ")).collect();
    let names = names.join(", ");
    match (changes.is_empty(), dry_run) {
        (true, _) => context.ui.note(&format!("{} is so already; nothing was changed", key.path())),
        (_, true) => {
            context.ui.note(&format!("dry run: would change {names} of {}; nothing was changed", key.path()));
        }
        _ => context.ui.note(&format!("changed {names} of {} ({})", key.path(), key.id)),
    }
    for change in changes {
        let name = change.name.replace('_', " ");
        context.ui.note(&format!(
            "  {name}: {} → {}",
            in_words(change.name, &change.old),
            in_words(change.name, &change.new)
        ));
    }
    if key.effective_scopes.is_empty() {
        context.ui.warn("the key may do nothing: it has no scopes; see keyctl scope add");
    }
    // Nothing but short-lived tokens is had for it, and whoever verifies those by himself holds no limit.
    let is_limited = key.rate.is_some() || key.quota.is_some() || key.networks.iter().next().is_some();
    if key.token.is_none() && is_limited && !key.allow_jwt {
        context.ui.warn(&format!(
            "{} is a trust's key, and gets no token while it has networks, a rate or a quota: in spite of them with keyctl \
             edit {} --allow-jwt",
            key.path(),
            key.path()
        ));
    }
    context.show_if_asked(&KeyDetails(KeyView { key, now: *at }), *at, dry_run, "the key is changed")
}
