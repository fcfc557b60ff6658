//! What is known of a store's later states, before a backup takes its place.

use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use uuid::Uuid;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::files::seen::Memory;
use crate::cli::terminal::ui::Ui;
use crate::config::{self, Sink};
use crate::domain::audit::anchor::Anchor;
use crate::ops::stores::restore::{Known, OfStore};
use crate::ops::stores::rollback::Seen;
use crate::store::{self, Access, LATEST_SCHEMA, Location, Store};

/// The store that is in the place.
pub(super) struct There {
    pub(super) store: Store,
    pub(super) seen: Seen,
    /// Nothing was ever done with it.
    pub(super) is_new: bool,
}

impl There {
    /// A file of an older schema is brought to today's, as by any other change; a database is not.
    pub(super) fn bring_up_to_date(&mut self) -> anyhow::Result<()> {
        let found = self.store.schema();
        if found == LATEST_SCHEMA {
            return Ok(());
        }
        if self.store.product() != "sqlite" {
            return Err(store::Error::Older { found, known: LATEST_SCHEMA }.into());
        }
        self.store.migrate()?;
        Ok(())
    }
}

/// A record's line is no longer; of a sink's file, no more is read.
const LONGEST: u64 = 1024 * 1024;

impl Context {
    /// What is in the place; `None` if nothing is.
    pub(super) fn there(&self, location: &Location) -> anyhow::Result<Option<There>> {
        let mut store = match Store::open_any_schema(location, Access::Change, self.options()) {
            Err(store::Error::Missing(_)) => return Ok(None),
            opened => opened?,
        };
        if let Some(warning) = store.warning() {
            self.ui.warn(warning);
        }
        let seen = Seen::now(&mut store)?;
        Ok(Some(There { store, seen, is_new: seen.end.seq <= 1 }))
    }

    fn memory(&self, location: &Location) -> Option<Memory> {
        let folder = config::place::seen(&self.environment)?;
        Some(Memory::read(&folder, location, self.ui))
    }

    /// What this user saw last of a store in this place.
    pub(super) fn remembered(&self, location: &Location, store: Uuid) -> Option<Seen> {
        self.memory(location)?.of(store)
    }

    /// Remembers what the place holds now.
    pub(super) fn remember(&self, location: &Location) {
        let now = Store::open_any_schema(location, Access::Read, self.options())
            .ok()
            .and_then(|mut store| Seen::now(&mut store).ok());
        if let (Some(mut memory), Some(now)) = (self.memory(location), now) {
            memory.keep(now, Ui::warn);
        }
    }

    /// The latest states of this store that anything here knows.
    pub(super) fn known_ends(
        &self,
        store: Uuid,
        there: Option<&There>,
        remembered: Option<Seen>,
        anchors: &[Anchor],
        log: Option<&Path>,
    ) -> anyhow::Result<Vec<Known>> {
        let known = |end: Anchor, whence: &str| Known { end, whence: whence.to_owned() };
        let mut all = Vec::new();
        if let Some(other) = anchors.iter().find(|anchor| anchor.store != store) {
            let message = format!("an anchor is of the store {}, and the backup is of {store}", other.store);
            return Err(CliError::invalid(message, "give anchors of the store that the backup is of").into());
        }
        all.extend(anchors.iter().map(|anchor| known(*anchor, "an anchor")));
        all.extend(there.map(|there| known(there.seen.end, "the store in its place")));
        all.extend(remembered.map(|seen| known(seen.end, "this machine, which saw it,")));
        if let Some(Sink::File(path)) = self.named_sink()? {
            all.extend(last_of(&path, store).map(|end| known(end, "the audit sink's file")));
        }
        if let Some(path) = log {
            all.extend(last_of(path, store).map(|end| known(end, "the log that is replayed")));
        }
        all.retain(|known| known.end.store == store);
        Ok(all)
    }
}

/// The last record of this store in a file of records, where one can be read: the last line, not the highest number, since
/// the log of a store that went back goes on from a lower one.
fn last_of(path: &Path, store: Uuid) -> Option<Anchor> {
    let mut file = File::open(path).ok()?;
    let length = file.metadata().ok().filter(std::fs::Metadata::is_file)?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LONGEST))).ok()?;
    let mut bytes = Vec::new();
    file.take(LONGEST).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let mut records = text.lines().rev().filter_map(OfStore::parse);
    records.find(|record| record.store == store).map(|record| record.end())
}

pub(super) fn open_log(path: &Path) -> Result<BufReader<File>, CliError> {
    let file = File::open(path).map_err(|error| {
        let hint = "name a file that keyctl audit export, or a sink, wrote";
        CliError::invalid(format!("{} cannot be read: {error}", path.display()), hint).because(error)
    })?;
    Ok(BufReader::with_capacity(128 * 1024, file))
}
