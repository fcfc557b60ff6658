//! `keyctl master`

use std::io::Write as _;
use std::path::PathBuf;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Kind};
use crate::cli::files::guard::Keys;
use crate::cli::files::out_file::OutFile;
use crate::cli::terminal::ui::Ui;
use crate::domain::secrets::sealed::MasterKeyId;
use crate::domain::texts::text::counted;
use crate::ops;
use crate::ops::env::SystemRandom;
use crate::ops::master_keys::check::{Counts, Finding, check};
use crate::ops::master_keys::rotate::{self, Rotated};
use crate::ops::master_keys::status::status;
use crate::ops::master_keys::{Ring, generate, lost};
use crate::ops::secrets::delete::erase;
use crate::render::Unwritten;
use crate::store::Erased;

/// Keep the key that all provider secrets are sealed under
///
/// One of these names it: KEYCTL_MASTER_KEY (base64 of 32 bytes), KEYCTL_MASTER_KEY_FILE,
/// KEYCTL_MASTER_KEY_CMD, KEYCTL_MASTER_PASSPHRASE; where none is set, the configuration file. It
/// never enters the store. Who loses it loses every secret.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Init(InitArgs),
    Status(StatusArgs),
    Check(CheckArgs),
    Rotate(RotateArgs),
}

/// Make a master key, and print the line that sets it
///
/// Nothing is stored: the first command that seals something registers the key with the store.
/// Keep a copy where this machine's failure does not reach it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  (umask 077; keyctl master init >> service.env)
  keyctl master init --out-file ~/.config/keyctl/master.key")]
pub(crate) struct InitArgs {
    /// Write the key alone into this new file (mode 0600), for KEYCTL_MASTER_KEY_FILE
    #[arg(long, value_name = "PATH")]
    out_file: Option<PathBuf>,
}

/// Show the store's master keys: how much each one seals, and which are loaded
///
/// Works without a master key.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl master status")]
pub(crate) struct StatusArgs {}

/// Open every envelope, and say which ones do not open
///
/// One row for each version of a secret and each key that signs: opens, wrong-key or corrupt. Exit
/// code 8 if any does not open. No value is shown.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl master check
  keyctl master check --failing -o json")]
pub(crate) struct CheckArgs {
    /// Only those that do not open
    #[arg(long)]
    failing: bool,
}

/// Replace the master key, without a stop
///
/// The new key is the one that is set, as for every command; the old one is set as
/// KEYCTL_MASTER_KEY_PREVIOUS (or KEYCTL_MASTER_PASSPHRASE_PREVIOUS). Every envelope is opened,
/// sealed anew, and opened again before it replaces the old one. Ended at any moment, it goes on
/// when it is run again. The old key is retired when nothing needs it.
///
/// With --lost, an old key that nobody has any more is given up: what it sealed stays closed, and
/// every secret needs a new value.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl master rotate --dry-run
  keyctl master rotate
  keyctl master rotate --lost 188af4b9b92d50f8")]
pub(crate) struct RotateArgs {
    /// Give up the master key with this id, which is lost
    #[arg(long, value_name = "ID")]
    lost: Option<MasterKeyId>,
    /// Look at everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(in crate::cli) fn run(context: &mut Context, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Init(args) => init(context, args),
        Command::Status(StatusArgs {}) => show(context),
        Command::Check(args) => check_all(context, args),
        Command::Rotate(RotateArgs { lost: Some(lost), dry_run }) => give_up(context, *lost, *dry_run),
        Command::Rotate(args) => rotate_all(context, args),
    }
}

fn init(context: &Context, args: &InitArgs) -> anyhow::Result<()> {
    // The settings may name the key's file already.
    context.keep_off(args.out_file.as_deref(), Keys::Free)?;
    let key = generate(&mut SystemRandom)?;
    if let Some(path) = &args.out_file {
        let mut file = OutFile::create(path)?;
        file.write_all(key.as_bytes())
            .and_then(|()| file.write_all(b"\n"))
            .map_err(|error| file.explain(Unwritten(error)))?;
        file.finish()?;
        context.ui.note(&format!(
            "the master key is in {0}; name it with: KEYCTL_MASTER_KEY_FILE={0}",
            path.display()
        ));
    } else {
        Ui::secret(&[b"KEYCTL_MASTER_KEY=", key.as_bytes(), b"\n"])?;
        context.ui.note("the master key is shown this once and kept nowhere");
    }
    context.ui.note("keep a copy elsewhere: without it, no secret that it sealed can be opened again");
    Ok(())
}

fn show(context: &mut Context) -> anyhow::Result<()> {
    let mut store = context.open_existing()?;
    // Whoever lost a key wants to know which one.
    let ring = context.ring_if_given(&mut store).unwrap_or_else(|error| {
        context.ui.warn(&CliError::of(error).message);
        None
    });
    let now = store.now()?;
    let keys = status(&mut store, ring.as_ref())?;
    context.ui.list(now, |out| keys.iter().try_for_each(|key| Ok(out.push(key)?)))?;
    match &ring {
        _ if keys.is_empty() => {
            context.ui.note("no master key is registered: the first secret that is set registers one");
        }
        Some(ring) if !keys.iter().any(|key| key.row.id == ring.current()) => {
            context
                .ui
                .warn(&format!("the master key that is set ({}) is not one of this store's", ring.current()));
        }
        _ => {}
    }
    Ok(())
}

fn check_all(context: &mut Context, args: &CheckArgs) -> anyhow::Result<()> {
    let mut store = context.open_existing()?;
    let ring = context.ring(&mut store)?;
    let now = store.now()?;
    let mut progress = context.ui.progress();
    let mut done = 0;
    let mut counts = Counts::default();
    let listed = context.ui.list(now, |out| {
        counts = check(&mut store, &ring, |checked| {
            done += 1;
            progress.rows(done);
            if args.failing && checked.finding == Finding::Opens {
                return anyhow::Ok(());
            }
            Ui::whether_or_not_read(out.push(checked).map_err(Into::into))
        })?;
        Ok(())
    });
    Ui::whether_or_not_read(listed)?;
    drop(progress);
    let envelopes = counted(counts.all, "envelope");
    if counts.open == counts.all {
        context.ui.note(&format!("{envelopes} looked at: all open"));
        return Ok(());
    }
    let message = format!("{} of {envelopes} cannot be opened", counts.all - counts.open);
    let hint = "wrong-key: set the master key that the row names; corrupt: set the secret anew (of a signing key: keyctl signing-key revoke KID), or restore a backup";
    Err(CliError::new(Kind::KeyUnavailable, message, hint).into())
}

/// What must be done around it, since services hold the key, too.
const ORDER: &str = "the order of a rotation without a stop:
  1. make the new key: keyctl master init
  2. give every service both: KEYCTL_MASTER_KEY the new, KEYCTL_MASTER_KEY_PREVIOUS the old; restart it
  3. run keyctl master rotate with both
  4. when it says that the old key is retired, take KEYCTL_MASTER_KEY_PREVIOUS away everywhere
  backups made before need the old key: keep it as long as they are kept";

fn rotate_all(context: &mut Context, args: &RotateArgs) -> anyhow::Result<()> {
    let (ring, waiting) = look(context)?;
    context.ui.note(ORDER);
    let versions = counted(waiting, "envelope");
    if args.dry_run {
        context.ui.note(&format!("dry run: would seal {versions} anew; nothing was changed"));
        return Ok(());
    }
    context.confirm(&format!("do all services hold both keys, and may {versions} be sealed anew?"))?;
    let mut env = context.open_env_made(false)?;
    let mut progress = context.ui.progress();
    progress.total(|| Some(waiting));
    let mut done = 0;
    let rotated = rotate::rotate(&mut env, &ring, &mut |versions| {
        done += versions;
        progress.rows(done);
    })?;
    drop(progress);
    report(context, &rotated)?;
    // The old envelopes are still in the database's log.
    if rotated.resealed > 0 {
        say_what_remains(context, erase(&mut env));
    }
    Ok(())
}

/// Who has the old key opens these, wherever they are.
fn say_what_remains(context: &Context, erased: Result<Erased, ops::Error>) {
    match erased {
        Ok(erased) => {
            for place in &erased.remains {
                context.ui.note(&format!("envelopes that the old key opens may remain in: {place}"));
            }
        }
        Err(error) => {
            context.ui.warn(&format!("the database's log may still hold the old envelopes: {error}"));
        }
    }
}

fn give_up(context: &mut Context, id: MasterKeyId, dry_run: bool) -> anyhow::Result<()> {
    let versions = {
        let mut store = context.open_existing()?;
        counted(lost::versions(&mut store, id)?, "envelope")
    };
    if !dry_run {
        context.confirm(&format!(
            "is the master key {id} lost, so that {versions} can never be opened again?"
        ))?;
    }
    let mut env = context.open_env_made(dry_run)?;
    let ring = context.ring(&mut env.store)?;
    let done = lost::give_up(&mut env, &ring, id)?;
    if dry_run {
        context.ui.note(&format!("dry run: would give up the master key {id}; nothing was changed"));
    } else {
        context
            .ui
            .note(&format!("gave up the master key {id}; secrets are sealed under {} from now on", done.to));
        context.ui.note(
            "each secret needs a new value: keyctl secret rotate NAME; keyctl master check shows which",
        );
    }
    context.show_if_asked(&done, done.at, dry_run, "the master key is given up")
}

fn look(context: &Context) -> anyhow::Result<(Ring, u64)> {
    let mut store = context.open_existing()?;
    let ring = context.ring(&mut store)?;
    let waiting = rotate::pending(&mut store, &ring)?;
    Ok((ring, waiting))
}

fn report(context: &Context, rotated: &Rotated) -> anyhow::Result<()> {
    let Rotated { from, to, resealed, failed, retired_at, at } = rotated;
    let versions = counted(*resealed, "envelope");
    context.ui.note(&format!("sealed {versions} anew, from the master key {from} to {to}"));
    if let Some(retired_at) = retired_at {
        context
            .ui
            .note(&format!("the master key {from} is retired since {retired_at}; take it away everywhere"));
    }
    context.show_if_asked(rotated, *at, false, "the envelopes are sealed anew")?;
    if failed.is_empty() {
        return Ok(());
    }
    let some: Vec<&str> = failed.iter().take(10).map(String::as_str).collect();
    let more = if failed.len() > some.len() { ", …" } else { "" };
    let message = format!(
        "could not open {}, left as before: {}{more}; the master key {from} is not retired",
        counted(failed.len() as u64, "envelope"),
        some.join(", ")
    );
    let hint = "wipe what does not open, keyctl secret delete NAME --purge --version N, or set it anew; a signing key: keyctl signing-key revoke KID; then run it again";
    Err(CliError::new(Kind::KeyUnavailable, message, hint).into())
}
