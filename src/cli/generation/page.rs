//! What is told of a command, apart from how it is laid out.

use clap::{Arg, Command};

pub(super) struct Page {
    /// `keyctl store init`.
    pub(super) name: String,
    pub(super) aliases: Vec<String>,
    /// One line.
    pub(super) about: String,
    /// What more there is to say, in paragraphs.
    pub(super) details: Vec<String>,
    /// `keyctl show [OPTIONS] <KEY>`.
    pub(super) usage: String,
    /// Its own arguments and options, as the help orders them.
    pub(super) arguments: Vec<Item>,
    /// Options that every command takes.
    pub(super) global: Vec<Item>,
    /// The commands below it: names and what they are for.
    pub(super) commands: Vec<(String, String)>,
    /// Lines to try, some with a remark behind two blanks or more.
    pub(super) examples: Vec<String>,
}

/// An argument or an option.
pub(super) struct Item {
    /// `-o, --output <FORMAT>`.
    pub(super) term: String,
    pub(super) help: String,
    /// The values that it takes, where they are few, with what they mean.
    pub(super) values: Vec<(String, String)>,
    pub(super) default: Option<String>,
    /// Whether it is `--help` or `--version`.
    #[cfg_attr(not(feature = "internals"), expect(dead_code, reason = "the reference asks"))]
    pub(super) is_standard: bool,
}

impl Page {
    /// The command and all below it, each before those below it.
    pub(super) fn all(command: &mut Command) -> Vec<Self> {
        let mut pages = vec![Self::of(command)];
        for sub in command.get_subcommands_mut().filter(|sub| !sub.is_hide_set()) {
            pages.extend(Self::all(sub));
        }
        pages
    }

    fn of(command: &mut Command) -> Self {
        let usage = command.render_usage().to_string();
        let name = command.get_bin_name().unwrap_or(command.get_name()).to_owned();
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        let long = command.get_long_about().map(ToString::to_string).unwrap_or_default();
        let details = long.strip_prefix(&about).unwrap_or(&long).split("\n\n");
        let shown = |arg: &&Arg| !arg.is_hide_set();
        let (global, own): (Vec<&Arg>, Vec<&Arg>) =
            command.get_arguments().filter(shown).partition(|arg| arg.is_global_set());
        let commands = command.get_subcommands().filter(|sub| !sub.is_hide_set());
        let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let examples = after.strip_prefix("Examples:\n").unwrap_or_default();
        Self {
            aliases: command.get_visible_aliases().map(|alias| renamed(&name, alias)).collect(),
            details: details.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect(),
            usage: usage.trim_start_matches("Usage: ").trim().to_owned(),
            arguments: own.into_iter().map(Item::of).collect(),
            global: global.into_iter().map(Item::of).collect(),
            commands: commands
                .map(|sub| {
                    let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
                    (format!("{name} {}", sub.get_name()), about)
                })
                .collect(),
            examples: examples.lines().map(|line| line.trim().to_owned()).collect(),
            about,
            name,
        }
    }

    /// `keyctl-store-init`.
    pub(super) fn file(&self) -> String {
        self.name.replace(' ', "-")
    }

    /// Whether it is the command above `other`, or beside or below it.
    pub(super) fn is_near(&self, other: &Self) -> bool {
        let above = |name: &str| name.rsplit_once(' ').map(|(above, _)| above.to_owned());
        let (mine, others) = (above(&self.name), above(&other.name));
        let family =
            mine == others || mine.as_ref() == Some(&other.name) || others.as_ref() == Some(&self.name);
        self.name != other.name && family
    }
}

fn renamed(name: &str, alias: &str) -> String {
    name.rsplit_once(' ').map_or_else(|| alias.to_owned(), |(above, _)| format!("{above} {alias}"))
}

impl Item {
    /// The values in one line, if they explain themselves.
    pub(super) fn bare_values(&self) -> Option<String> {
        let is_bare = !self.values.is_empty() && self.values.iter().all(|(_, meaning)| meaning.is_empty());
        let names = || self.values.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
        is_bare.then(names)
    }

    fn of(arg: &Arg) -> Self {
        let short = arg.get_short().filter(|_| arg.get_long().is_some());
        let short = short.map(|short| format!("-{short}, ")).unwrap_or_default();
        let takes_value = arg.get_action().takes_values();
        let values = if takes_value { arg.get_possible_values() } else { Vec::new() };
        let defaults = arg.get_default_values().iter().map(|value| value.to_string_lossy().into_owned());
        let help = arg.get_long_help().or(arg.get_help()).map(ToString::to_string);
        Self {
            term: format!("{short}{arg}"),
            help: help.unwrap_or_default(),
            values: values
                .iter()
                .filter(|value| !value.is_hide_set())
                .map(|value| {
                    let help = value.get_help().map(ToString::to_string).unwrap_or_default();
                    (value.get_name().to_owned(), help)
                })
                .collect(),
            default: Some(defaults.collect::<Vec<_>>().join(", "))
                .filter(|text| takes_value && !text.is_empty()),
            is_standard: ["help", "version"].contains(&arg.get_id().as_str()),
        }
    }
}
