//! What this user saw of each store last, so that a store that went back is noticed.
//!
//! For each place a file below `$XDG_STATE_HOME/keyctl/seen/`: the end of the audit log as an anchor,
//! and the counter of changes, a line for each store that was there. Nothing in it is secret, and
//! it is a memory, no guard: where it cannot be read or written, everything goes on without it.

use std::fmt::Write as _;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use uuid::Uuid;

use crate::cli::terminal::ui::Ui;
use crate::domain::audit::anchor::Anchor;
use crate::domain::audit::event::Linked;
use crate::domain::points;
use crate::ops::audit::sink::Sink;
use crate::ops::stores::rollback::{self, Seen};
use crate::store::Location;

/// Stores remembered in one place; who puts others there so often is not helped.
const MOST: usize = 8;

/// What follows where nothing is remembered.
const UNNOTICED: &str = "a store that goes back behind this change would not be noticed here";

/// Longer files were not written here.
const LONGEST: u64 = 4096;

/// What is remembered of the stores in one place.
pub(in crate::cli) struct Memory {
    file: PathBuf,
    /// The latest first.
    seen: Vec<Seen>,
    ui: Ui,
}

impl Memory {
    /// Reads it, which must happen before the store is read: what another process sees in
    /// between must not seem to be lost.
    pub(in crate::cli) fn read(folder: &Path, location: &Location, ui: Ui) -> Self {
        let file = folder.join(name(location));
        let seen = read(&file).unwrap_or_else(|error| {
            if error.kind() != io::ErrorKind::NotFound {
                ui.explain(&format!("{} is not used: {error}", file.display()));
            }
            Vec::new()
        });
        Self { file, seen, ui }
    }

    /// How far this store was seen.
    pub(in crate::cli) fn of(&self, store: Uuid) -> Option<Seen> {
        self.seen.iter().find(|seen| seen.end.store == store).copied()
    }

    /// Remembers it; what keeps it from that is said by `say`.
    pub(in crate::cli) fn keep(&mut self, now: Seen, say: fn(&Ui, &str)) {
        self.seen.retain(|seen| seen.end.store != now.end.store);
        self.seen.insert(0, now);
        self.seen.truncate(MOST);
        let mut text = String::new();
        for Seen { end, counter } in &self.seen {
            let _ = writeln!(text, "{end} {counter}");
        }
        if let Err(error) = write(&self.file, text.as_bytes()) {
            let file = self.file.display();
            say(
                &self.ui,
                &format!(
                    "{file} cannot be written: {error}; {UNNOTICED}; XDG_STATE_HOME names a folder for it"
                ),
            );
        }
    }
}

/// Places that are looked at; nobody has so many.
const MOST_PLACES: usize = 1000;

/// What was seen of a store in other places than this one, each with the file that remembers it.
pub(in crate::cli) fn elsewhere(folder: &Path, location: &Location, store: Uuid) -> Vec<(PathBuf, Seen)> {
    let here = name(location);
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().take(MOST_PLACES);
    // A draft that a killed process left has an ending.
    let others = entries.filter(|entry| entry.file_name().len() == here.len() && *entry.file_name() != *here);
    let files = others.map(|entry| entry.path());
    let mut found: Vec<(PathBuf, Seen)> = files
        .filter_map(|file| {
            let seen = read(&file).ok()?.into_iter().find(|seen| seen.end.store == store)?;
            Some((file, seen))
        })
        .collect();
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}

/// Whether a file remembers what was in this place.
pub(in crate::cli) fn is_of(file: &Path, location: &Location) -> bool {
    file.file_name().is_some_and(|found| *found == *name(location))
}

/// By the place as it is written, so that a copy elsewhere is another one. A hash, since a path or
/// an address may be longer than a name can be.
fn name(location: &Location) -> String {
    let text = match location {
        Location::Sqlite(file) => {
            let path = std::path::absolute(&file.path).unwrap_or_else(|_| file.path.clone());
            path.to_string_lossy().into_owned()
        }
        Location::Postgres(_) => location.to_string(),
    };
    rollback::file_name(&text)
}

/// Any file may stand there: one that waits or never ends is not waited for.
fn read(path: &Path) -> io::Result<Vec<Seen>> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    let mut text = String::new();
    file.take(LONGEST + 1).read_to_string(&mut text)?;
    let parsed: Option<Vec<Seen>> = text.lines().map(parse).collect();
    parsed
        .filter(|_| text.len() as u64 <= LONGEST)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "it is not as keyctl writes it"))
}

fn parse(line: &str) -> Option<Seen> {
    let (end, counter) = line.split_once(' ')?;
    Some(Seen { end: end.parse::<Anchor>().ok()?, counter: counter.parse().ok()? })
}

/// All of it or nothing. Not made durable: what a power cut takes away is seen again.
fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    let draft = path.with_extension(std::process::id().to_string());
    let mut file = match create(&draft) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let folder = path.parent().unwrap_or(path);
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
            create(&draft)?
        }
        created => created?,
    };
    points::reached("what was seen: a draft");
    let written = file.write_all(text).and_then(|()| fs::rename(&draft, path));
    written.inspect_err(|_| drop(fs::remove_file(&draft)))
}

fn create(path: &Path) -> io::Result<File> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR)?.into())
}

/// Remembers each record that is committed, and hands it on.
pub(in crate::cli) struct Remembering {
    pub(in crate::cli) memory: Memory,
    /// The counter of changes before the first of them.
    pub(in crate::cli) counter: i64,
    pub(in crate::cli) next: Option<Box<dyn Sink>>,
}

impl Sink for Remembering {
    fn send(&mut self, records: &[Linked]) {
        if let Some(Linked { store, record, .. }) = records.last() {
            let end = Anchor { store: *store, seq: record.seq, hash: record.hash };
            self.memory.keep(Seen { end, counter: self.counter }, Ui::warn);
        }
        if let Some(next) = &mut self.next {
            next.send(records);
        }
    }

    fn unsure(&mut self, first: u64) {
        if let Some(next) = &mut self.next {
            next.unsure(first);
        }
    }
}
