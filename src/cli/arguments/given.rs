//! What flags and variables say of the settings, and which of the two said it.

use clap::builder::PossibleValue;
use clap::parser::ValueSource;
use clap::{ArgMatches, ValueEnum};

use crate::cli::Global;
use crate::config::choice::{Color, Output};
use crate::config::{Given, Origin, Setting};
use crate::render::Format;

/// Which of the settings clap took from variables. It knows only before the arguments are
/// taken out of it.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct Sources {
    profile: bool,
    store: bool,
    lock_timeout: bool,
}

impl Sources {
    pub(in crate::cli) fn of(matches: &ArgMatches) -> Self {
        let variable = |id| matches.value_source(id) == Some(ValueSource::EnvVariable);
        Self {
            profile: variable("profile"),
            store: variable("store"),
            lock_timeout: variable("lock_timeout"),
        }
    }
}

impl Global {
    pub(in crate::cli) fn given(&self, from: Sources) -> Given {
        let origin =
            |variable, name, flag| if variable { Origin::Variable(name) } else { Origin::Flag(flag) };
        // A variable that is empty counts as unset, so that it can be taken back for one command.
        let profile = self.profile.clone().filter(|name| !(from.profile && name.is_empty()));
        Given {
            profile: set(profile, origin(from.profile, "KEYCTL_PROFILE", "--profile")),
            store: set(self.store.clone(), origin(from.store, "KEYCTL_STORE", "--store")),
            output: set(self.output, Origin::Flag("--output")),
            color: set(self.color, Origin::Flag("--color")),
            lock_timeout: set(
                self.lock_timeout,
                origin(from.lock_timeout, "KEYCTL_LOCK_TIMEOUT", "--lock-timeout"),
            ),
        }
    }
}

fn set<T>(value: Option<T>, origin: Origin) -> Option<Setting<T>> {
    value.map(|value| Setting { value, origin })
}

impl ValueEnum for Output {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.as_str()))
    }
}

impl ValueEnum for Color {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.as_str()))
    }
}

impl From<Output> for Format {
    fn from(output: Output) -> Self {
        match output {
            Output::Table => Self::Table,
            Output::Json => Self::Json,
            Output::Jsonl => Self::Jsonl,
            Output::Csv => Self::Csv,
            Output::Plain => Self::Plain,
        }
    }
}
