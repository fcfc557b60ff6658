//! Which records are wanted, for `audit list` and `audit export`.

use clap::ValueEnum;

use crate::cli::completion::Stored;
use crate::cli::inputs::input::{self, KeyArg};
use crate::cli::terminal::ui::Ui;
use crate::domain::audit::filter::{ActionPattern, ActorName, Filter, OutcomeName, Since};
use crate::domain::owners::owner::Owner;
use crate::domain::time::Timestamp;
use crate::ops::keys::find::resolve;
use crate::ops::near::action_meant;
use crate::store::Store;

/// Filters; records must fulfil all that are given.
#[derive(Debug, clap::Args)]
pub(super) struct FilterArgs {
    /// Not older than this: a duration (24h) or a time (2027-01-31T12:00:00Z)
    #[arg(long, value_name = "WHEN")]
    since: Option<Since>,
    /// About this key, also a revoked one: id, owner/name, or token prefix; - for standard input
    #[arg(long, value_name = "KEY", add = Stored::Keys)]
    key: Option<KeyArg>,
    /// About this owner, also under what it was called before
    #[arg(long, value_name = "OWNER", add = Stored::Owners)]
    owner: Option<Owner>,
    /// By this actor: as claimed, else the system's user; or the database's user
    #[arg(long, value_name = "NAME")]
    actor: Option<ActorName>,
    /// Of this action, as in mint; store means every store action
    #[arg(long, value_name = "ACTION")]
    action: Option<ActionPattern>,
    /// With this end
    #[arg(long, value_name = "OUTCOME")]
    outcome: Option<Outcome>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Outcome {
    /// What was changed
    Done,
    /// What was asked for and not allowed
    Refused,
}

impl FilterArgs {
    /// What the arguments mean in this store at this moment.
    pub(super) fn resolve(&self, ui: &Ui, store: &mut Store, now: Timestamp) -> anyhow::Result<Filter> {
        let key = match &self.key {
            None => None,
            Some(key) => Some(resolve(store, &input::reference(ui, key)?)?.id),
        };
        let names_before = match &self.owner {
            Some(owner) => store.names_before(owner)?,
            None => Vec::new(),
        };
        Ok(Filter {
            since: self.since.and_then(|since| since.resolve(now)),
            key,
            owner: self.owner.clone(),
            names_before,
            actor: self.actor.clone(),
            action: self.action.clone(),
            outcome: self.outcome.map(|outcome| match outcome {
                Outcome::Done => OutcomeName::Done,
                Outcome::Refused => OutcomeName::Refused,
            }),
        })
    }
}

/// What to say where no record is wanted.
pub(super) fn nothing(filter: &Filter) -> String {
    if filter.is_empty() {
        return "no records".to_owned();
    }
    let meant = filter.action.as_ref().and_then(action_meant);
    let meant = meant.map(|meant| format!("; did you mean --action {meant}?")).unwrap_or_default();
    format!("no records with {filter}{meant}")
}
