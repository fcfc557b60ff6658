//! The store, opened without a word: what other commands warn of is a finding here.

use std::path::Path;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::files::seen::{self, Memory};
use crate::cli::opening::{no_store, went_back};
use crate::config::{self, Origin};
use crate::domain::texts::text::shell_word;
use crate::ops::doctor::{Check, Finding, Level, Report};
use crate::ops::stores::rollback::Seen;
use crate::store::{Access, Location, Store};

/// Why there is nothing to look into.
pub(super) fn unusable(error: CliError) -> Finding {
    let why = "nothing works here without it; what is in it was not looked at";
    Finding::new(Check::Store, Level::Problem, error.message).why(why).advise(error.hint.unwrap_or_default())
}

/// Opens it to read, and compares it with what this user saw of it, here and elsewhere.
pub(super) fn open(context: &Context, location: &Location, report: &mut Report) -> Result<Store, CliError> {
    let folder = config::place::seen(&context.environment);
    // Before the store is read, since another process may see more of it meanwhile.
    let memory = folder.as_deref().map(|folder| Memory::read(folder, location, context.ui));
    let mut store = Store::open_any_schema(location, Access::Read, context.options())
        .map_err(|error| no_store(error, location))?;
    report.look(Check::Store, Ok(Vec::new()));
    let (Some(folder), Some(memory)) = (folder, memory) else { return Ok(store) };
    let now = Seen::now(&mut store).map_err(CliError::of)?;
    if let Some(seen) = memory.of(now.end.store)
        && seen.is_lost(&mut store, &now).map_err(CliError::of)?
    {
        report.look(Check::Store, Ok(vec![rolled_back(went_back(seen.end.seq))]));
    }
    let copies = copies(context, location, &folder, &mut store, &now);
    report.look(Check::Copies, copies);
    Ok(store)
}

fn rolled_back(error: CliError) -> Finding {
    Finding::new(Check::Store, Level::Problem, error.message)
        .why("commands and services that saw the later state refuse this one")
        .advise(error.hint.unwrap_or_default())
}

/// Other places where this user saw the same store with what is not in this one: both went on from where they were one.
fn copies(
    context: &Context,
    location: &Location,
    folder: &Path,
    store: &mut Store,
    now: &Seen,
) -> Result<Vec<Finding>, crate::ops::Error> {
    let mut findings = Vec::new();
    if store.moved()?.is_some() {
        // What goes on elsewhere is what it moved to, as another check says.
        return Ok(findings);
    }
    for (file, seen) in seen::elsewhere(folder, location, now.end.store) {
        if !seen.is_lost(store, now)? {
            continue;
        }
        let place = known_places(context)
            .find(|place| seen::is_of(&file, place))
            .map_or_else(|| "in another place".to_owned(), |place| format!("at {place}"));
        let what = format!(
            "a copy of this store {place} has a record {} of its own in its audit log: it is used, too",
            seen.end.seq
        );
        findings.push(
            Finding::new(Check::Copies, Level::Problem, what)
                .why("a key that is revoked in one works in the other")
                .advise(format!(
                    "let everybody use one of them, and put the other away; what was seen of one that is gone is \
                     forgotten by: rm {}",
                    shell_word(&file.display().to_string())
                )),
        );
    }
    Ok(findings)
}

/// The places that the settings know: the default one, and those of the configuration file.
fn known_places(context: &Context) -> impl Iterator<Item = Location> + '_ {
    let default = config::place::place(None, &context.environment).ok().and_then(|place| match place {
        config::Place::Default(path) => Some(Location::default_file(path)),
        config::Place::Named(_) => None,
    });
    let sections = context.file.iter().flat_map(|file| {
        std::iter::once(&file.top).chain(file.profiles.values()).map(move |section| (&file.path, section))
    });
    let named = sections.filter_map(|(file, section)| {
        let store = section.store.as_ref()?;
        let origin = Origin::File { file: file.clone(), line: store.line };
        context.named(&store.value, Some(&origin)).ok()
    });
    default.into_iter().chain(named)
}
