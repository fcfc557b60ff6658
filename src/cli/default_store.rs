//! The default store, before it is there: what is refused leaves none behind.

use std::path::{Path, PathBuf};

use super::files::seen::{Memory, Remembering};
use super::outputs::sink;
use super::terminal::ui::Ui;
use crate::domain::audit::event::Actor;
use crate::ops;
use crate::ops::audit::sink::Sink;
use crate::ops::env::{Made, SystemRandom, Unmade};
use crate::ops::stores::rollback::Seen;
use crate::ops::stores::store::{DEFAULT_EXPIRY, Defaults, Founding};
use crate::store::{self, Access, Location, Options, Store};

/// Whether the default store is meant, and nothing stands at its place.
pub(super) fn is_missing_default(location: &Location) -> bool {
    let is_missing = |path: &Path| {
        path.symlink_metadata().is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
    };
    matches!(location, Location::Sqlite(file) if location.is_default() && is_missing(&file.path))
}

/// The default store, which is not there yet.
pub(super) struct Absent {
    pub(super) location: Location,
    pub(super) options: Options,
    pub(super) actor: Actor,
    pub(super) ui: Ui,
    /// Where it is remembered how far stores were seen.
    pub(super) seen: Option<PathBuf>,
    /// Who gets its first record.
    pub(super) sink: Option<Box<dyn Sink>>,
}

fn defaults() -> Defaults {
    Defaults { expiry: Some(DEFAULT_EXPIRY), ..Defaults::default() }
}

impl Absent {
    /// A store in memory, as the default one would be.
    pub(super) fn imagine(&self) -> Result<Store, ops::Error> {
        let founding = Founding { defaults: &defaults(), actor: &self.actor, rehearse: true };
        ops::stores::store::imagine(self.options, &founding, &mut SystemRandom)
    }

    /// Another process may create it at the same moment: that is fine.
    pub(super) fn create(self) -> Result<(), ops::Error> {
        let founding = Founding { defaults: &defaults(), actor: &self.actor, rehearse: false };
        match ops::stores::store::init(&self.location, self.options, &founding, &mut SystemRandom) {
            Ok(record) => {
                self.ui.note(&format!("created the store {}", self.location));
                sink::pass_on(self.sink, record);
                Ok(())
            }
            Err(ops::Error::Store(store::Error::Exists(_))) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl Unmade for Absent {
    fn make(self: Box<Self>, sink: Option<Box<dyn Sink>>) -> Result<Made, ops::Error> {
        let (location, options, ui) = (self.location.clone(), self.options, self.ui);
        let memory = self.seen.as_ref().map(|folder| Memory::read(folder, &location, ui));
        self.create()?;
        let mut store = Store::open(&location, Access::Change, options)?;
        if let Some(warning) = store.warning() {
            ui.warn(warning);
        }
        let Some(mut memory) = memory else { return Ok((store, sink)) };
        let now = Seen::now(&mut store)?;
        memory.keep(now, Ui::explain);
        let counter = now.counter;
        Ok((store, Some(Box::new(Remembering { memory, counter, next: sink }))))
    }
}
