//! Which keys `keyctl list` shows.

use clap::ValueEnum;

use crate::cli::completion::Stored;
use crate::domain::keys::key::State;
use crate::domain::keys::label::LabelMatch;
use crate::domain::keys::scope::Scope;
use crate::domain::owners::role::RoleName;
use crate::domain::time::{Span, Timestamp};
use crate::store::Filter;

/// Conditions, all of which must hold.
#[derive(Debug, clap::Args)]
pub(crate) struct FilterArgs {
    /// Only keys with this role
    #[arg(long, value_name = "ROLE", add = Stored::Roles)]
    role: Option<RoleName>,
    /// Only keys that a verification would let do this, from a fitting address: they work now, and
    /// their scopes, their roles and their parent allow it; with --all or --state also keys that
    /// do not work now; repeat it or separate by commas for keys that may do all of it
    #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ',', add = Stored::Scopes)]
    scopes: Vec<Scope>,
    /// Only keys in this state; repeat it or separate by commas for more
    #[arg(long = "state", value_name = "STATE", value_delimiter = ',')]
    states: Vec<StateArg>,
    /// Only keys with this label: name=value, or name for any value
    #[arg(long = "label", value_name = "LABEL")]
    labels: Vec<LabelMatch>,
    /// Only keys that work now and end within this time, as in 14d
    #[arg(long, value_name = "DURATION")]
    expiring: Option<Span>,
    /// Only keys that keyctl serve has not seen for this time, as in 90d; services that read the
    /// store themselves say nothing of it
    #[arg(long, value_name = "DURATION")]
    unused: Option<Span>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum StateArg {
    Active,
    NotYetValid,
    Expired,
    Revoked,
    Suspended,
    OwnerDisabled,
    ParentDead,
}

impl From<StateArg> for State {
    fn from(state: StateArg) -> Self {
        match state {
            StateArg::Active => Self::Active,
            StateArg::NotYetValid => Self::NotYetValid,
            StateArg::Expired => Self::Expired,
            StateArg::Revoked => Self::Revoked,
            StateArg::Suspended => Self::Suspended,
            StateArg::OwnerDisabled => Self::OwnerDisabled,
            StateArg::ParentDead => Self::ParentDead,
        }
    }
}

impl FilterArgs {
    /// Whether revoked keys are asked for by their state.
    pub(in crate::cli) fn names_revoked(&self) -> bool {
        self.states.contains(&StateArg::Revoked)
    }

    pub(in crate::cli) fn is_given(&self) -> bool {
        self.role.is_some()
            || !self.scopes.is_empty()
            || !self.states.is_empty()
            || !self.labels.is_empty()
            || self.expiring.is_some()
            || self.unused.is_some()
    }

    /// The conditions at the store's time.
    pub(in crate::cli) fn at(&self, now: Timestamp, all: bool) -> Filter {
        let mut states: Vec<State> = self.states.iter().map(|state| (*state).into()).collect();
        // What does not work may do nothing, unless it is asked what it might.
        if !self.scopes.is_empty() && states.is_empty() && !all {
            states.push(State::Active);
        }
        Filter {
            now: Some(now),
            role: self.role.clone(),
            scopes: self.scopes.clone(),
            states,
            labels: self.labels.iter().map(|label| (label.name.clone(), label.value.clone())).collect(),
            expiring_before: self.expiring.and_then(|span| now.after(span)),
            unused_since: self.unused.map(|span| now.before(span)),
            ..Filter::default()
        }
    }
}
