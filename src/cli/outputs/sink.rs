//! Handing audit records to the file or program that `KEYCTL_AUDIT_SINK` names.
//!
//! The change is committed by then. Whatever goes wrong here is a warning that says what is
//! missing there and how to catch up, and it takes a bounded time.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use super::bounded;
use crate::cli::process;
use crate::cli::terminal::ui::Ui;
use crate::config;
use crate::domain::audit::event::Linked;
use crate::ops::audit::sink::Sink;
use crate::render::audit::LinkedView;
use crate::render::{self, Format, Screen};

/// How long a sink may take for the records of one change.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long it is waited between two tries.
const NAP: Duration = Duration::from_millis(20);

/// The sink that the settings name; `own` is what of keyctl's own files it is, if it is one.
pub(in crate::cli) fn to(ui: Ui, named: config::Sink, own: Option<&'static str>) -> Box<dyn Sink> {
    Box::new(ToSink { ui, named, own, gave_up: false })
}

/// Hands the record of a new store to the sink, where there is one of either.
pub(in crate::cli) fn pass_on(sink: Option<Box<dyn Sink>>, record: Option<Linked>) {
    if let (Some(mut sink), Some(record)) = (sink, record) {
        sink.send(&[record]);
    }
}

struct ToSink {
    ui: Ui,
    named: config::Sink,
    own: Option<&'static str>,
    /// It hung once: what follows does not wait for it again.
    gave_up: bool,
}

/// Why records did not arrive.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("it is a symbolic link")]
    Link,
    #[error("it is not a plain file")]
    NotAFile,
    #[error("others can write it; run: chmod o-w {}", .0.display())]
    Open(PathBuf),
    #[error("it is {0}")]
    Own(&'static str),
    #[error("it cannot be read, so it may hold anything")]
    Closed,
    #[error("its {0} line is no audit record, and nothing is appended to another file")]
    Other(&'static str),
    #[error("only a part could be written")]
    Part,
    #[error("it did not take them within {} s", PATIENCE.as_secs())]
    Slow,
    #[error("it took too long before")]
    GaveUp,
    #[error("it could not be started: {0}")]
    Start(io::Error),
    #[error("it ended with {0}")]
    Ended(ExitStatus),
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl Sink for ToSink {
    fn send(&mut self, records: &[Linked]) {
        let sent = match lines(records) {
            _ if self.gave_up => Err(Failure::GaveUp),
            Err(error) => Err(error.into()),
            Ok(lines) => match &self.named {
                config::Sink::File(_) if self.own.is_some() => {
                    Err(Failure::Own(self.own.unwrap_or_default()))
                }
                config::Sink::File(path) => append_in_time(path, lines),
                config::Sink::Program { path, arguments } => run(path, arguments, lines),
            },
        };
        let Err(failure) = sent else { return };
        self.gave_up |= matches!(failure, Failure::Slow);
        if let [first, .., last] = records {
            let which = format!("audit records {} to {} were", first.record.seq, last.record.seq);
            self.warn(&which, &failure.to_string(), first.record.seq);
        } else if let [only] = records {
            let which = format!("audit record {} was", only.record.seq);
            self.warn(&which, &failure.to_string(), only.record.seq);
        }
    }

    fn unsure(&mut self, first: u64) {
        self.ui.warn(&format!(
            "audit record {first} was not sent to KEYCTL_AUDIT_SINK, since it may not be committed; \
             look, and catch up with: keyctl audit export --since-seq {first}"
        ));
    }
}

impl ToSink {
    /// The path is the operator's own; a program's arguments may be secrets.
    fn warn(&self, which: &str, why: &str, first: u64) {
        let path = match &self.named {
            config::Sink::File(path) | config::Sink::Program { path, .. } => path.display(),
        };
        self.ui.warn(&format!(
            "{which} not delivered to KEYCTL_AUDIT_SINK ({path}: {why}); what was recorded is committed; \
             catch up with: keyctl audit export --since-seq {first}"
        ));
    }
}

/// One line for each record, as `audit export` writes them.
fn lines(records: &[Linked]) -> io::Result<Vec<u8>> {
    let screen = Screen { width: None, color: false, now: None };
    let mut lines = Vec::new();
    for record in records {
        render::write_one(&mut lines, Format::Jsonl, &screen, &LinkedView(record))
            .map_err(|error| error.0)?;
    }
    Ok(lines)
}

/// A file on a server that is gone blocks for as long as it likes, so another thread waits.
fn append_in_time(path: &Path, lines: Vec<u8>) -> Result<(), Failure> {
    let (sender, receiver) = mpsc::channel();
    let path = path.to_owned();
    thread::Builder::new().spawn(move || sender.send(append(&path, &lines)))?;
    receiver.recv_timeout(PATIENCE).unwrap_or(Err(Failure::Slow))
}

/// Appends all lines by one write, which other writers do not interrupt.
fn append(path: &Path, lines: &[u8]) -> Result<(), Failure> {
    let file = open(path)?;
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(Failure::NotAFile);
    }
    if std::os::unix::fs::MetadataExt::mode(&found) & 0o002 != 0 {
        return Err(Failure::Open(path.to_owned()));
    }
    let mut looks = 1;
    while let Err(failure) = holds_records(&file) {
        // Another process may be appending at this moment.
        if looks == LOOKS || !matches!(failure, Failure::Other("last")) {
            return Err(failure);
        }
        looks += 1;
        thread::sleep(NAP);
    }
    let written = (&file).write(lines)?;
    if written == lines.len() { Ok(()) } else { Err(Failure::Part) }
}

fn open(path: &Path) -> Result<File, Failure> {
    // A FIFO that nobody reads would block.
    let flags = OFlags::APPEND | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let flags = flags | OFlags::CLOEXEC | OFlags::NOCTTY;
    let open = |way| rustix::fs::open(path, flags | way, Mode::RUSR | Mode::WUSR).map(File::from);
    match open(OFlags::RDWR) {
        Err(Errno::LOOP) => Err(Failure::Link),
        Err(Errno::NXIO | Errno::ISDIR) => Err(Failure::NotAFile),
        // One that may be written and not read tells only whether it is empty.
        Err(Errno::ACCESS) => {
            let file = open(OFlags::WRONLY).map_err(io::Error::from)?;
            if file.metadata()?.len() == 0 { Ok(file) } else { Err(Failure::Closed) }
        }
        other => Ok(other.map_err(io::Error::from)?),
    }
}

/// How often a file is looked at whose last line is half a record.
const LOOKS: u32 = 10;

/// What is read of a file at once.
const PART: usize = 64 * 1024;

/// Whether a file is empty, or its first and last lines are audit records: it may be too long to
/// be read as a whole.
fn holds_records(file: &File) -> Result<(), Failure> {
    let length = file.metadata()?.len();
    if length == 0 {
        return Ok(());
    }
    let first = line(|room| Ok(read_at(file, 0, room)?), |read| read.iter().position(|byte| *byte == b'\n'))?;
    if !first.is_some_and(|(read, end)| is_record(&read[..end])) {
        return Err(Failure::Other("first"));
    }
    let tail = |room: &mut [u8]| {
        let start = length.saturating_sub(room.len() as u64);
        Ok(read_at(file, start, room)?)
    };
    let begin = |read: &[u8]| {
        let body = read.strip_suffix(b"\n")?;
        let before = body.iter().rposition(|byte| *byte == b'\n').map(|end| end + 1);
        before.or_else(|| (read.len() as u64 == length).then_some(0))
    };
    let last = line(tail, begin)?;
    if last.is_some_and(|(read, begin)| is_record(&read[begin..read.len() - 1])) {
        Ok(())
    } else {
        Err(Failure::Other("last"))
    }
}

/// Reads more and more until `find` finds the end of a line; `None` if there is none.
fn line(
    read: impl Fn(&mut [u8]) -> Result<usize, Failure>,
    find: impl Fn(&[u8]) -> Option<usize>,
) -> Result<Option<(Vec<u8>, usize)>, Failure> {
    let mut room = vec![0; PART];
    loop {
        let length = read(&mut room)?;
        if let Some(place) = find(&room[..length]) {
            room.truncate(length);
            return Ok(Some((room, place)));
        }
        if length < room.len() || room.len() >= 64 * PART {
            return Ok(None);
        }
        room = vec![0; room.len() * 8];
    }
}

fn read_at(file: &File, from: u64, room: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while read < room.len() {
        match file.read_at(&mut room[read..], from + read as u64) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}

/// Whether a line is one that a sink gets.
fn is_record(line: &[u8]) -> bool {
    let names = ["store_uuid", "seq", "previous_hash", "hash", "body"];
    serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(line)
        .is_ok_and(|record| names.iter().all(|name| record.contains_key(*name)))
}

/// Starts the program, gives it the lines and waits for its end. What it prints is not shown:
/// standard output is for data only, and it may go on printing when this process has ended.
fn run(path: &Path, arguments: &[String], lines: Vec<u8>) -> Result<(), Failure> {
    let mut command = process::command(path);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    // One that calls keyctl would call itself for ever.
    command.env_remove("KEYCTL_AUDIT_SINK");
    let mut child = bounded::start(command).map_err(Failure::Start)?;
    if let Some(mut stdin) = child.stdin.take() {
        // It may read slowly or not at all: its exit code tells whether that is as it should be.
        thread::Builder::new().spawn(move || drop(stdin.write_all(&lines)))?;
    }
    match bounded::end(&mut child, PATIENCE)? {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(Failure::Ended(status)),
        None => Err(Failure::Slow),
    }
}
