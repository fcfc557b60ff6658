//! Handing a fresh token to standard output or into a file.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::fs::{CWD, FlockOperation, RenameFlags, flock, renameat_with};
use zeroize::Zeroizing;

use crate::cli::files::guard::{self, Replaceable};
use crate::cli::files::{leftover, out_file};
use crate::cli::terminal::ui::{self, Ui};
use crate::domain::keys::key::Key;
use crate::domain::keys::token::Token;
use crate::domain::points;
use crate::ops::delivery::{Deliver, DeliveryError};
use crate::render::key::{KeyView, Minted};
use crate::render::{self, Format, Unwritten, View as _};

/// How long somebody may take to read the token; the write lock is held meanwhile.
const PATIENCE: Duration = Duration::from_secs(2);

/// A key with 64 scopes, 64 networks and 32 labels of full length, in JSON.
const LARGEST_RESULT: usize = 64 * 1024;

/// Where a command's fresh token goes: a file must be new, unless it is one that may be replaced.
pub(in crate::cli) fn to(ui: Ui, out_file: Option<&Path>, replaces: Option<Replaceable>) -> Box<dyn Deliver> {
    match out_file {
        Some(path) => Box::new(ToFile::new(ui, path.to_owned(), replaces)),
        None => Box::new(ToStdout { ui }),
    }
}

/// The token alone on a line, or the whole result in the format that was asked for.
struct ToStdout {
    ui: Ui,
}

impl Deliver for ToStdout {
    fn deliver(&mut self, token: &Token, key: &Key) -> Result<(), DeliveryError> {
        // Large enough for any key, so that it never moves and leaves a copy behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(LARGEST_RESULT));
        match self.ui.chosen() {
            None | Some(Format::Table | Format::Plain) => {
                bytes.extend_from_slice(token.expose().as_bytes());
                bytes.push(b'\n');
            }
            Some(Format::Csv | Format::RawCsv) => {
                bytes.extend_from_slice(b"token\r\n");
                bytes.extend_from_slice(token.expose().as_bytes());
                bytes.extend_from_slice(b"\r\n");
            }
            Some(format) => {
                let now = key.issued_at();
                let view = Minted { token: Some(token), created: true, key: KeyView { key, now } };
                let out: &mut Vec<u8> = &mut bytes;
                render::write_one(out, format, &self.ui.screen(now), &view)
                    .map_err(|Unwritten(error)| DeliveryError::Stdout(error))?;
            }
        }
        hand_out(bytes)
    }

    fn deliver_all(&mut self, tokens: &[(&Token, &Key)]) -> Result<(), DeliveryError> {
        many_to_stdout(self.ui, tokens, Ends { begins: true, ends: true })
    }

    fn confirm(&mut self) {}

    fn withdraw(&mut self) {}
}

/// Whether what is written is the beginning and the end of all.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ends {
    pub(super) begins: bool,
    pub(super) ends: bool,
}

/// Tokens with their keys, in one piece: a line for each, or an array of whole results.
pub(super) fn many_to_stdout(ui: Ui, tokens: &[(&Token, &Key)], ends: Ends) -> Result<(), DeliveryError> {
    let format = ui.chosen().unwrap_or(Format::Plain);
    // Written twice, so that the secrets never move and leave a copy behind.
    let mut size = Length(0);
    write_many(&mut size, format, tokens, ends).map_err(DeliveryError::Stdout)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(size.0));
    let out: &mut Vec<u8> = &mut bytes;
    write_many(out, format, tokens, ends).map_err(DeliveryError::Stdout)?;
    hand_out(bytes)
}

fn write_many(
    out: &mut dyn Write,
    format: Format,
    tokens: &[(&Token, &Key)],
    Ends { begins, ends }: Ends,
) -> io::Result<()> {
    match format {
        Format::Json => out.write_all(if begins { b"[" } else { b"" })?,
        Format::Csv | Format::RawCsv => out.write_all(if begins { b"key,token\r\n" } else { b"" })?,
        Format::Jsonl | Format::Table | Format::Plain => {}
    }
    for (index, (token, key)) in tokens.iter().enumerate() {
        let view = Minted { token: Some(token), created: true, key: KeyView { key, now: key.issued_at() } };
        match format {
            Format::Json => {
                out.write_all(if index > 0 || !begins { b"," } else { b"" })?;
                render::json::write(out, &view.json())?;
            }
            Format::Jsonl => {
                render::json::write(out, &view.json())?;
                out.write_all(b"\n")?;
            }
            Format::Csv | Format::RawCsv => write!(out, "{},{}\r\n", key.path(), token.expose())?,
            Format::Table | Format::Plain => write_line(out, token, key)?,
        }
    }
    out.write_all(if ends && format == Format::Json { b"]\n" } else { b"" })
}

/// `owner/name`, a tab, the token.
fn write_line(out: &mut dyn Write, token: &Token, key: &Key) -> io::Result<()> {
    writeln!(out, "{}\t{}", key.path(), token.expose())
}

/// Counts what is written.
struct Length(usize);

impl Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// All of it to standard output, or an error.
pub(in crate::cli) fn to_stdout(bytes: &[u8]) -> io::Result<()> {
    hand_out(Zeroizing::new(bytes.to_vec())).map_err(|error| match error {
        DeliveryError::Stdout(error) => error,
        other => io::Error::other(other.to_string()),
    })
}

fn hand_out(bytes: Zeroizing<Vec<u8>>) -> Result<(), DeliveryError> {
    let stdout = io::stdout().as_fd().try_clone_to_owned().map(File::from).map_err(DeliveryError::Stdout)?;
    if ui::leads_nowhere(&stdout).map_err(DeliveryError::Stdout)? {
        return Err(DeliveryError::Nowhere);
    }
    write_in_time(stdout, bytes)
}

/// Writes on a thread of its own, since a full pipe that nobody reads blocks for ever.
fn write_in_time(mut stdout: File, bytes: Zeroizing<Vec<u8>>) -> Result<(), DeliveryError> {
    let (sender, receiver) = mpsc::channel();
    let writer = thread::Builder::new().spawn(move || {
        let _ = sender.send(stdout.write_all(&bytes).and_then(|()| stdout.flush()));
    });
    writer.map_err(DeliveryError::Stdout)?;
    match receiver.recv_timeout(PATIENCE) {
        Ok(written) => written.map_err(DeliveryError::Stdout),
        Err(_) => Err(DeliveryError::Slow(PATIENCE)),
    }
}

/// A file of one's own (0600) that appears complete or not at all.
pub(super) struct ToFile {
    ui: Ui,
    path: PathBuf,
    /// What it takes the place of.
    replaces: Option<Replaceable>,
    /// Held with a lock as long as this lives, by which others know that it is no leftover.
    draft: Option<File>,
    /// Where the file that was replaced waits until the change is committed.
    former: Option<PathBuf>,
    written: bool,
}

impl ToFile {
    pub(super) fn new(ui: Ui, path: PathBuf, replaces: Option<Replaceable>) -> Self {
        Self { ui, path, replaces, draft: None, former: None, written: false }
    }

    fn deliver_lines(&mut self, lines: &[u8]) -> Result<(), DeliveryError> {
        let existing = fs::symlink_metadata(&self.path).ok();
        if existing.is_some_and(|found| found.is_file()) && self.replaces.is_none() {
            return Err(DeliveryError::Occupied(self.path.clone()));
        }
        self.place(lines).map_err(|error| DeliveryError::File { path: self.path.clone(), error })
    }

    fn place(&mut self, lines: &[u8]) -> io::Result<()> {
        if fs::symlink_metadata(&self.path).is_ok_and(|found| !found.is_file()) {
            return Err(io::Error::other("exists and is not a plain file"));
        }
        let (draft, mut file) = out_file::open_draft(&self.path)?;
        // Where locks are unknown, the process's number in the name is what others go by.
        let _ = flock(&file, FlockOperation::NonBlockingLockExclusive);
        points::reached("file: a draft");
        let placed =
            file.write_all(lines).and_then(|()| file.sync_all()).and_then(|()| self.take_place(&draft));
        points::reached("file: in its place, its folder not yet synced");
        if placed.is_err() {
            let _ = fs::remove_file(&draft);
        } else {
            self.written = true;
            self.former = self.replaces.is_some().then_some(draft);
        }
        self.draft = Some(file);
        placed.and_then(|()| File::open(guard::folder(&self.path))?.sync_all())
    }

    fn take_place(&self, draft: &Path) -> io::Result<()> {
        let Some(replaced) = &self.replaces else {
            return Ok(renameat_with(CWD, draft, CWD, &self.path, RenameFlags::NOREPLACE)?);
        };
        if let Some(file) = &replaced.file {
            let _ = flock(file, FlockOperation::NonBlockingLockExclusive);
        }
        renameat_with(CWD, draft, CWD, &self.path, RenameFlags::EXCHANGE)?;
        if replaced.is(draft) {
            return Ok(());
        }
        // Somebody put something else there since it was looked at.
        renameat_with(CWD, draft, CWD, &self.path, RenameFlags::EXCHANGE)?;
        Err(io::Error::other("was changed by another process meanwhile"))
    }

    /// The token counts now, so what an earlier one left is of no use.
    fn sweep(&self) {
        for leftover in leftover::find(guard::folder(&self.path), self.path.file_name()) {
            if let Some(path) = leftover.remove() {
                self.ui.note(&format!("removed {}, which a killed keyctl had left", path.display()));
            }
        }
    }
}

impl Deliver for ToFile {
    fn deliver(&mut self, token: &Token, _: &Key) -> Result<(), DeliveryError> {
        let line = Zeroizing::new(format!("{}\n", token.expose()));
        self.deliver_lines(line.as_bytes())
    }

    fn deliver_all(&mut self, tokens: &[(&Token, &Key)]) -> Result<(), DeliveryError> {
        if tokens.is_empty() {
            return Ok(());
        }
        let failed = |error| DeliveryError::File { path: self.path.clone(), error };
        let mut size = Length(0);
        let pairs = || tokens.iter().copied();
        pairs().try_for_each(|(token, key)| write_line(&mut size, token, key)).map_err(failed)?;
        let mut lines = Zeroizing::new(Vec::with_capacity(size.0));
        let out: &mut Vec<u8> = &mut lines;
        pairs().try_for_each(|(token, key)| write_line(out, token, key)).map_err(failed)?;
        self.deliver_lines(&lines)
    }

    fn confirm(&mut self) {
        if let Some(former) = self.former.take() {
            let _ = fs::remove_file(former);
        }
        self.sweep();
    }

    fn withdraw(&mut self) {
        match self.former.take() {
            Some(former) => {
                let _ = fs::rename(former, &self.path);
            }
            None if self.written => {
                let _ = fs::remove_file(&self.path);
            }
            None => {}
        }
    }
}
