//! Providers whose own libraries get their tokens by an assertion in a file, which `keyctl exec --env` names.

use std::path::PathBuf;
use std::sync::Arc;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Kind};
use crate::cli::exec::identity::{EVERY, IdentityFile, Sign};
use crate::cli::exec::private::Private;
use crate::cli::exec::{Beside, Masks, Signals};
use crate::config::environment::memory_places;
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::secrets::provider::IdentityVariables;
use crate::domain::secrets::secret::Provider;
use crate::ops;
use crate::ops::env::SystemRandom;
use crate::ops::secrets::identity::identity;
use crate::store::{self, Access, Options, Store};

/// Variables for the command, none of them secret.
type Paths = Vec<(&'static str, PathBuf)>;

/// Writes the file for each, and adds what is done beside the command to what is done besides.
pub(super) fn prepare(
    context: &mut Context,
    subject: &KeyRef,
    wanted: &[(&'static IdentityVariables, Provider)],
    masks: &Arc<Masks>,
    beside: Option<Beside>,
) -> anyhow::Result<(Paths, Beside)> {
    let (mut paths, mut files) = (Paths::new(), Vec::new());
    // Caught before there is anything to be removed.
    let mut beside = if let Some(beside) = beside {
        beside
    } else {
        context.options.listen = store::unheard;
        Beside { signals: Signals::catch()?, done: Box::new(()) }
    };
    for (variables, provider) in wanted {
        let location = context.find()?;
        let mut store = context.open_existing()?;
        let ring = context.ring(&mut store)?;
        let signed = identity(&mut store, &ring, subject, provider)?;
        drop(store);
        let options = Options { listen: store::unheard, alone: false, ..context.options };
        let first = Arc::new(signed.assertion);
        masks.add(&first);
        let (masks, subject, provider) = (Arc::clone(masks), subject.clone(), provider.clone());
        let sign: Sign = Box::new(move || {
            let mut store = Store::open(&location, Access::Read, options).map_err(ops::Error::from)?;
            let value = Arc::new(identity(&mut store, &ring, &subject, &provider)?.assertion);
            masks.add(&value);
            Ok(value)
        });
        let ui = context.ui;
        let file = Private::make(&memory_places(), &mut SystemRandom)
            .and_then(|folder| IdentityFile::start(folder, &first, EVERY, sign, move |text| ui.warn(text)))
            .map_err(|error| {
                let message = format!("no file can be made for the command's identity: {error}");
                CliError::new(
                    Kind::Internal,
                    message,
                    "name a folder of your own in XDG_RUNTIME_DIR, or in TMPDIR",
                )
            })?;
        paths.push((variables.file, file.path()));
        let ids = variables.ids.iter();
        paths.extend(ids.filter_map(|(parameter, variable)| {
            signed.parameters.get(parameter).map(|value| (*variable, PathBuf::from(value)))
        }));
        files.push(file);
    }
    beside.done = Box::new((files, beside.done));
    Ok((paths, beside))
}
