//! `keyctl audit checkpoint`

use crate::cli::context::Context;
use crate::cli::terminal::ui::Ui;
use crate::ops::audit::checkpoint;
use crate::ops::portal::over;
use crate::ops::usage::forget::forget;
use crate::render::Format;
use crate::render::audit::Checkpoint;
use crate::store::{self, Options};

/// Print an anchor of the log, to keep elsewhere
///
/// One line with the store's uuid, the number of the last record and its hash. The log itself is
/// checked by keyctl audit verify. Kept where the database's writers cannot reach, the line finds a
/// log that was cut, written anew or put back later: keyctl audit verify --anchor @FILE.
/// Before that the log is told which secrets keyctl serve handed out and where canaries were seen, and what serve counted
/// more than 400 days ago, of quotas whose period ended 40 days ago, and of sign-ins that are over, is forgotten.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl audit checkpoint | ssh elsewhere 'cat >> anchors.txt'")]
pub(crate) struct Args {}

pub(super) fn run(context: &mut Context) -> anyhow::Result<()> {
    tell_disclosures(context);
    forget_old_use(context)?;
    let mut store = context.open()?;
    let (anchor, at) = checkpoint(&mut store)?;
    match context.ui.chosen() {
        // One line that verify takes, on a terminal, too.
        None | Some(Format::Table | Format::Plain) => Ui::text(format!("{anchor}\n").as_bytes())?,
        Some(_) => context.ui.show(&Checkpoint { anchor, at }, at)?,
    }
    context.ui.note(&format!(
        "record {} was the last one at {at}; keep the line where the store's writers cannot reach",
        anchor.seq
    ));
    Ok(())
}

/// What nobody asks for any more goes here, since serve's own role only adds. It is no reason for there to be no anchor.
fn forget_old_use(context: &Context) -> anyhow::Result<()> {
    let options = Options { listen: store::unheard, alone: false, ..context.options };
    let now = context.open()?.now()?;
    if let Err(error) = forget(&context.location()?, options, now) {
        context.ui.warn(&format!("what keyctl serve counted long ago is not forgotten yet: {error}"));
    }
    // A store that cannot be changed has its anchor all the same.
    if let Ok(mut env) = context.open_env(false)
        && let Err(error) = over::forget(&mut env.store)
    {
        context.ui.warn(&format!("what is over of the portal's is not forgotten yet: {error}"));
    }
    Ok(())
}

/// First the log is told what keyctl serve handed out, and where canaries were seen, if there is any of it: an anchor is of all that is known. A store that
/// cannot be changed has its anchor all the same.
fn tell_disclosures(context: &mut Context) {
    let waiting = context.open().is_ok_and(|mut store| store.has_disclosures() || store.has_sightings());
    if !waiting {
        return;
    }
    let told = context.open_env(false).and_then(|mut env| {
        while env.record_disclosures()? > 0 {}
        while env.record_sightings()? > 0 {}
        anyhow::Ok(())
    });
    if let Err(error) = told {
        context.ui.warn(&format!("what keyctl serve handed out or saw is not in the log yet: {error}"));
    }
}
