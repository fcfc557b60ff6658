//! The store that the words name, and what it offers.

use std::ffi::{OsStr, OsString};
use std::time::Duration;

use clap::{Args as _, FromArgMatches as _};
use clap_complete::engine::CompletionCandidate;

use super::Stored;
use crate::cli::Global;
use crate::cli::arguments::given::Sources;
use crate::cli::arguments::typed::Kept;
use crate::cli::context::Context;
use crate::config::Environment;
use crate::domain::keys::key::State;
use crate::render::time::relative;
use crate::store::{self, Candidate, FederationLookup as _, Store};

/// How long another process's lock is waited for.
const LOCKED: Duration = Duration::from_millis(100);

/// The options that say which store is meant.
const CHOOSING: [&str; 2] = ["--store", "--profile"];

/// Where candidates come from: the options of the line that choose a store.
pub(super) struct Source {
    chosen: Vec<OsString>,
}

impl Source {
    /// The word at `index` is not whole yet.
    pub(super) fn new(words: &[OsString], index: usize) -> Self {
        let option = |name: &&str| {
            let mut option = OsString::from(format!("{name}="));
            option.push(value(words, index, name)?);
            Some(option)
        };
        Self { chosen: CHOOSING.iter().filter_map(option).collect() }
    }

    /// The store, chosen as a command with these options would choose it.
    fn store(&self) -> Option<Store> {
        let options = Global::augment_args(clap::Command::new("keyctl"));
        let words = std::iter::once(OsString::from("keyctl")).chain(self.chosen.iter().cloned());
        let matches = options.try_get_matches_from(words).ok()?;
        let global = Global::from_arg_matches(&matches).ok()?;
        Context::new(&global, Sources::of(&matches), Kept::default(), true).ok()?.glance(LOCKED)
    }

    /// What the store has that begins with `word`; nothing where it cannot be asked.
    pub(super) fn candidates(&self, what: Stored, word: &OsStr) -> Vec<CompletionCandidate> {
        let found = |word: &str| -> Option<_> {
            let mut store = self.store()?;
            find(&mut store, what, word).ok()
        };
        word.to_str().and_then(found).unwrap_or_default()
    }
}

/// The value that the line gives an option. The last one counts: people put another one behind a
/// line that they repeat.
fn value(words: &[OsString], index: usize, name: &str) -> Option<OsString> {
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    let known = |at: usize| words[..end].get(at).filter(|_| at != index);
    let joined = |word: &OsStr| word.to_str()?.strip_prefix(name)?.strip_prefix('=').map(OsString::from);
    (1..end).rev().find_map(|at| {
        let word = known(at)?;
        if word == name { known(at + 1).map(|value| at_home(value)) } else { joined(word) }
    })
}

/// Shells replace `~/` before a command sees it, and not while it is typed.
fn at_home(value: &OsStr) -> OsString {
    let below = value.to_str().and_then(|text| text.strip_prefix("~/"));
    match (below, Environment::of_process().home) {
        (Some(path), Some(home)) => home.join(path).into(),
        _ => value.to_owned(),
    }
}

fn find(store: &mut Store, what: Stored, word: &str) -> store::Result<Vec<CompletionCandidate>> {
    let plain = |names: Vec<String>| Ok(names.into_iter().map(CompletionCandidate::new).collect());
    let mut owners = Vec::new();
    let mut keys = match what {
        Stored::Federations => {
            let names = store.federations()?.into_iter().map(|federation| federation.name.to_string());
            return plain(names.filter(|name| name.starts_with(word)).collect());
        }
        Stored::Owners => return plain(store.owner_candidates(word)?),
        Stored::Roles => return plain(store.role_candidates(word)?),
        Stored::Trusts => return plain(store.trust_candidates(word)?),
        Stored::Secrets => return plain(store.secret_candidates(word)?),
        Stored::Providers => return plain(store.provider_candidates(word)?),
        Stored::Scopes => {
            let begun = word.rfind(',').map_or(0, |comma| comma + 1);
            let scopes = store.scope_candidates(&word[begun..])?;
            return plain(scopes.iter().map(|scope| format!("{}{scope}", &word[..begun])).collect());
        }
        Stored::Keys | Stored::LiveKeys => store.key_candidates(word)?,
        Stored::KeysAndOwners => {
            owners = store.owner_candidates(word)?;
            store.key_candidates(word)?
        }
    };
    if matches!(what, Stored::LiveKeys) {
        keys.retain(|key| key.state != State::Revoked);
    }
    let owners = owners.into_iter().map(|name| CompletionCandidate::new(name).help(Some("an owner".into())));
    let keys = keys.iter().map(|key| CompletionCandidate::new(&key.written).help(Some(describe(key).into())));
    Ok(owners.chain(keys).collect())
}

/// `active, ends in 90d`; of an id or a token, the key's name comes first.
fn describe(key: &Candidate) -> String {
    let name = if key.written == key.name { String::new() } else { format!("{}, ", key.name) };
    let end = match (key.state, key.expires_at) {
        (State::Revoked | State::Expired, _) => String::new(),
        (_, None) => ", never ends".to_owned(),
        (_, Some(end)) => format!(", ends {}", relative(end, key.now)),
    };
    format!("{name}{}{end}", key.state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_is_taken_from_the_words_around_the_one_being_typed() {
        for (line, index, chosen) in [
            ("keyctl show x", 2, vec![]),
            ("keyctl --store a show x", 4, vec!["--store=a"]),
            ("keyctl show x --store=a", 2, vec!["--store=a"]),
            ("keyctl show --store a --store=b x", 5, vec!["--store=b"]),
            ("keyctl show --profile p --store a x", 6, vec!["--store=a", "--profile=p"]),
            // Half a value says nothing.
            ("keyctl show --store a", 3, vec![]),
            ("keyctl show --store=a", 2, vec![]),
            ("keyctl show --storefront a x", 4, vec![]),
            ("keyctl show x -- --store a", 2, vec![]),
        ] {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            assert_eq!(Source::new(&words, index).chosen, chosen, "{line}");
        }
    }
}
