//! The values on the command line that a change may keep, in a row or in the audit log.

use clap::ArgMatches;
use clap::parser::ValueSource;

/// What only points at something that is there, or names a file or a store: it is kept nowhere,
/// and a key must be revocable whatever it is called.
const POINTERS: [&str; 11] = [
    "key", "keys", "subject", "parent", "store", "file", "out_file", "command", "program", "columns",
    "output",
];

/// Commands for what is there, whatever its owner is called; what they keep is the reason.
const STOPPING: [&str; 6] = ["revoke", "suspend", "resume", "disable", "enable", "delete"];

/// Texts, each with what it is called.
#[derive(Clone, Debug, Default)]
pub(in crate::cli) struct Kept(pub(in crate::cli) Vec<(String, String)>);

impl Kept {
    /// Asked before clap's values are taken out of it.
    pub(in crate::cli) fn of(matches: &ArgMatches) -> Self {
        let mut kept = Self::default();
        kept.collect(matches, false);
        kept
    }

    fn collect(&mut self, matches: &ArgMatches, stopping: bool) {
        for id in matches.ids().map(clap::Id::as_str) {
            let typed = matches.value_source(id) == Some(ValueSource::CommandLine);
            if !typed || POINTERS.contains(&id) || (stopping && id != "reason") {
                continue;
            }
            let values = matches.try_get_raw(id).ok().flatten().into_iter().flatten();
            for value in values.filter_map(|value| value.to_str()) {
                match value.split_once('/').filter(|_| id == "owner") {
                    // `mint alice/laptop` keeps two texts.
                    Some((owner, name)) => {
                        self.0.extend(
                            [("owner", owner), ("name", name)]
                                .map(|(what, text)| (what.to_owned(), text.to_owned())),
                        );
                    }
                    None => self.0.push((called(id), value.to_owned())),
                }
            }
        }
        if let Some((name, inner)) = matches.subcommand() {
            self.collect(inner, stopping || STOPPING.contains(&name));
        }
    }
}

/// `labels` is `label` on the command line.
fn called(id: &str) -> String {
    match id {
        "labels" | "scopes" | "roles" => id.trim_end_matches('s').to_owned(),
        other => other.replace('_', "-"),
    }
}
