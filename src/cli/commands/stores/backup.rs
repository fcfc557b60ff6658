//! `keyctl store backup`

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::cli::context::Context;
use crate::cli::error::{CliError, Kind};
use crate::cli::files::guard::Keys;
use crate::cli::files::out_file::OutFile;
use crate::cli::terminal::ui::Ui;
use crate::domain::texts::text::counted;
use crate::ops::env::SystemRandom;
use crate::ops::stores::backup::{self, Backup, BackupKey, Contents, Reader, Sealed};
use crate::store::Access;

/// Write all of the store into one file, while others use it
///
/// The file is sealed with a passphrase or a key, which the environment names or somebody types. Neither it nor the master
/// key is in the file: keep both elsewhere. It is of one moment, also of a store that is changed meanwhile, and the same for
/// SQLite and PostgreSQL. Restore it with keyctl store restore.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl store backup keys-2027-01-31.backup
  keyctl store backup - | ssh elsewhere 'cat > keys.backup'
  keyctl store backup --verify keys-2027-01-31.backup")]
pub(crate) struct Args {
    /// A new file (mode 0600), which appears complete or not at all; - for standard output
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Read this backup to its end instead: is it whole, and what is in it
    #[arg(long, conflicts_with_all = ["no_encrypt", "overwrite"])]
    verify: bool,
    /// Do not seal it: whoever reads the file has all hashes, names and envelopes
    #[arg(long)]
    no_encrypt: bool,
    /// Take the place of an earlier backup
    #[arg(long)]
    overwrite: bool,
}

pub(super) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    if args.verify {
        return verify(context, &args.file);
    }
    let to_stdout = args.file == Path::new("-");
    let out_file = (!to_stdout).then_some(args.file.as_path());
    context.keep_off(out_file, Keys::Kept)?;
    if to_stdout {
        Ui::demand_reader()?;
    }
    let mut file = out_file.map(|path| OutFile::of_backup(path, args.overwrite)).transpose()?;
    let key = if args.no_encrypt { None } else { Some(context.new_backup_key()?) };
    let mut store = context.open_any_schema(Access::Read)?;
    let mut progress = context.ui.progress();
    progress.total(|| store.rows_to_carry());
    let mut write = |out: &mut dyn Write| {
        backup::write(&mut store, key.as_ref(), &mut SystemRandom, out, |rows| progress.rows(rows))
    };
    let written = match &mut file {
        Some(file) => write(file).map_err(|error| file.explain(error))?,
        None => write(&mut Ui::stream_of_bytes())?,
    };
    drop(progress);
    let now = store.now()?;
    if let Some(file) = file {
        file.finish()?;
    }
    context.ui.note(&said(&written, &args.file, to_stdout));
    if written.sealed == Sealed::No {
        context.ui.warn("the backup is not sealed: whoever reads it has all hashes, names and envelopes");
    }
    if to_stdout { Ok(()) } else { context.show_if_asked(&written, now, false, "the backup is written") }
}

fn said(written: &Backup, file: &Path, to_stdout: bool) -> String {
    let place = if to_stdout { "standard output".to_owned() } else { file.display().to_string() };
    let Backup { about, rows, .. } = written;
    let keys = rows.get("key").copied().unwrap_or_default();
    format!(
        "{place} has the store at record {} of its audit log, with {}",
        about.end.seq,
        counted(keys, "key")
    )
}

/// Reads it all back; what is not sealed needs no key.
fn verify(context: &Context, path: &Path) -> anyhow::Result<()> {
    let mut input = open(path)?;
    let (contents, _) = context
        .read_backup(&mut *input, |reader, progress| Ok(backup::read(reader, |_| Ok(()), progress)?))?;
    let Contents { about, rows, .. } = &contents;
    let all: u64 = rows.values().sum();
    context.ui.note(&format!(
        "the backup is whole: {}, made at {} of the store {} at record {} of its audit log",
        counted(all, "row"),
        about.made_at,
        about.end.store,
        about.end.seq
    ));
    context.show_if_asked(&contents, about.made_at, false, "the backup is whole")
}

/// A backup's file, or standard input.
pub(super) fn open(path: &Path) -> Result<Box<dyn io::Read>, CliError> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = File::open(path).and_then(|file| {
        let is_folder = file.metadata()?.is_dir();
        if is_folder { Err(io::ErrorKind::IsADirectory.into()) } else { Ok(file) }
    });
    let file = file.map_err(|error| {
        let message = format!("{} cannot be read: {error}", path.display());
        let kind = if error.kind() == io::ErrorKind::NotFound { Kind::NotFound } else { Kind::InvalidInput };
        CliError::new(kind, message, "name a file that keyctl store backup wrote").because(error)
    })?;
    Ok(Box::new(io::BufReader::with_capacity(128 * 1024, file)))
}

impl Context {
    /// Opens a backup with what it is sealed by, which is returned, too, and hands it on with the progress.
    pub(super) fn read_backup<T>(
        &self,
        input: &mut dyn io::Read,
        read: impl FnOnce(Reader<'_>, &mut dyn FnMut(u64)) -> anyhow::Result<T>,
    ) -> anyhow::Result<(T, Option<BackupKey>)> {
        let mut reader = Reader::new(input)?;
        let key = match reader.sealed() {
            Sealed::No => None,
            sealed => self.backup_key(sealed == Sealed::ByPassphrase)?,
        };
        reader.unseal(key.as_ref())?;
        let mut progress = self.ui.progress();
        let read = read(reader, &mut |rows| progress.rows(rows))?;
        Ok((read, key))
    }
}
