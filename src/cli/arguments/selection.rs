//! Which keys a change is about, from the command line.

use super::values;
use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::inputs::input::{self, KeyArg};
use crate::cli::terminal::ui::Ui;
use crate::domain::keys::key::LastUse;
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::keys::label::LabelMatch;
use crate::domain::owners::owner::Owner;
use crate::domain::secrets::secret::SecretName;
use crate::domain::texts::text::counted;
use crate::domain::time::Timestamp;
use crate::ops::keys::references;
use crate::ops::keys::select::{Reach, Selection, reach};
use crate::store::{Filter, Store};

/// What becomes of names that no key stands for.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(in crate::cli) struct UnknownArgs {
    /// Go on without the names and lines that name no key, and say which these are
    #[arg(long)]
    skip_unknown: bool,
}

impl UnknownArgs {
    /// The references that a key stands for; an error that lists all others, unless they are to
    /// be skipped and something is left.
    pub(in crate::cli) fn known(
        self,
        ui: &Ui,
        store: &mut Store,
        references: Vec<KeyRef>,
    ) -> anyhow::Result<Vec<KeyRef>> {
        if references.is_empty() {
            let hint = "give ids, owner/name, token prefixes or whole tokens, one a line";
            return Err(CliError::invalid("standard input names no key", hint).into());
        }
        if references.len() < 2 && !self.skip_unknown {
            return Ok(references);
        }
        let (known, unknown) = references::known(store, &references)?;
        if unknown.is_empty() {
            return Ok(known);
        }
        // Of one alone, the error says what was probably meant.
        if matches!(unknown.as_slice(), [one] if one.typed) && !self.skip_unknown {
            return Ok(references);
        }
        if known.is_empty() || !self.skip_unknown {
            let hint = if known.is_empty() {
                "is it the right store (keyctl -v list)? give ids, owner/name, token prefixes or whole tokens, one a line"
            } else {
                "give ids, owner/name, token prefixes or whole tokens, one a line; or go on without these: --skip-unknown"
            };
            return Err(references::none_of(&unknown, references.len(), hint).into());
        }
        let names: Vec<&str> = unknown.iter().map(|one| one.name.as_str()).collect();
        ui.warn(&format!(
            "{} of {} name no key and are skipped: {}",
            unknown.len(),
            references.len(),
            names.join(", ")
        ));
        Ok(known)
    }
}

/// All live keys that something holds for, in the place of named ones.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct SelectArgs {
    /// All live keys of this owner
    #[arg(long, value_name = "OWNER", conflicts_with = "keys", add = Stored::Owners)]
    owner: Option<Owner>,
    /// All live keys with this label: name=value, or name for any value
    #[arg(long = "label", value_name = "LABEL", conflicts_with = "keys")]
    labels: Vec<LabelMatch>,
    /// All live keys made at this time or later, as in 2027-01-31T12:00:00Z
    #[arg(long, value_name = "TIME", conflicts_with = "keys", value_parser = values::time)]
    created_after: Option<Timestamp>,
}

impl SelectArgs {
    pub(in crate::cli) fn is_given(&self) -> bool {
        self.owner.is_some() || !self.labels.is_empty() || self.created_after.is_some()
    }

    pub(in crate::cli) fn owner(&self) -> Option<&Owner> {
        self.owner.as_ref()
    }

    pub(in crate::cli) fn filter(&self) -> Filter {
        let labels = self.labels.iter().map(|label| (label.name.clone(), label.value.clone())).collect();
        Filter { labels, created_after: self.created_after, ..Filter::default() }
    }

    /// The keys named, or all that match after a question that says how many these are.
    pub(in crate::cli) fn selection(
        &self,
        context: &Context,
        keys: &[KeyArg],
        verb: &str,
        dry_run: bool,
    ) -> anyhow::Result<Selection> {
        if !keys.is_empty() {
            return Ok(Selection::Named(input::references_if_any(&context.ui, keys)?));
        }
        let filter = self.filter();
        if !dry_run {
            let mut store = context.open_existing()?;
            let reach = reach(&mut store, self.owner.as_ref(), &filter)?;
            if reach.counts.keys > 0 {
                context.confirm(&question(verb, &reach))?;
            }
        }
        Ok(Selection::Matching(self.owner.clone(), filter))
    }
}

pub(in crate::cli) fn question(verb: &str, reach: &Reach) -> String {
    let counts = &reach.counts;
    let children = match counts.children {
        0 => String::new(),
        1 => " and 1 child".to_owned(),
        many => format!(" and {many} children"),
    };
    let more = if counts.keys > reach.first.len() as u64 { ", …" } else { "" };
    let used = match reach.last_used {
        LastUse::At(at) => format!("last used {at}"),
        LastUse::Never => "never used".to_owned(),
        LastUse::Unknown => "last use not known".to_owned(),
    };
    let keys = counted(counts.keys, "key");
    let names: Vec<&str> = reach.secrets.iter().map(SecretName::as_str).collect();
    let secrets = match names.as_slice() {
        [] => String::new(),
        names => format!("; provider secrets in reach: {}{more}", names.join(", ")),
    };
    format!("{verb} {keys}{children} ({}{more}; {used}{secrets})?", reach.first.join(", "))
}
