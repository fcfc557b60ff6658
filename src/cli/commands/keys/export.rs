//! `keyctl export`

use std::path::PathBuf;

use crate::cli::arguments::filter::FilterArgs;
use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::files::guard::Keys;
use crate::cli::files::out_file::OutFile;
use crate::domain::owners::owner::Owner;
use crate::domain::texts::text::counted;
use crate::ops::keys::export::{Left, export, record};
use crate::render::export::LeavingView;
use crate::render::{Format, ListWriter};
use crate::store::{Order, Page, Store};

/// Write keys out, for another store or for a list
///
/// As JSON lines, or CSV with -o csv, in one snapshot. With --with-hashes the hashes of the tokens
/// are in it, and keyctl import reads it back into another store: every token goes on working
/// there, with scopes, end, limits, networks, labels, parent and the grace of a rotation. That is
/// recorded in the audit log. Keys without a token, and those whose token may be guessed, are left
/// out then, and keys of disabled owners are suspended. Roles move by hand: keyctl role set.
///
/// A hash lets nobody in, and still tells who has a token which it is: keep the file as you keep the
/// store. Keys get new ids in the other store. A whole store moves by keyctl store backup.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl export -o csv --all
  keyctl export --with-hashes --out-file keys.jsonl
  keyctl export alice --with-hashes --out-file alice.jsonl")]
pub(crate) struct Args {
    /// Only this owner's keys
    #[arg(add = Stored::Owners)]
    owner: Option<Owner>,
    /// The hashes of their tokens, too
    #[arg(long)]
    with_hashes: bool,
    /// Revoked keys, too
    #[arg(short, long, conflicts_with = "with_hashes")]
    all: bool,
    #[command(flatten)]
    filter: FilterArgs,
    /// Write into this new file (mode 0600) instead; it appears complete or not at all
    #[arg(long, value_name = "PATH")]
    out_file: Option<PathBuf>,
}

pub(in crate::cli) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    let format = match context.ui.chosen() {
        None | Some(Format::Jsonl) => Format::Jsonl,
        Some(csv @ (Format::Csv | Format::RawCsv)) => csv,
        Some(_) => {
            return Err(
                CliError::invalid("keys are exported as jsonl or csv", "use -o jsonl or -o csv").into()
            );
        }
    };
    if args.with_hashes && args.filter.names_revoked() {
        let hint = "leave --state revoked out, or --with-hashes";
        return Err(CliError::invalid("revoked keys do not move to another store", hint).into());
    }
    context.keep_off(args.out_file.as_deref(), Keys::Kept)?;
    let mut store = if args.with_hashes {
        let mut env = context.open_env(false)?;
        record(&mut env, args.owner.as_ref().map(Owner::as_str), args.filter.is_given())?;
        env.store
    } else {
        context.open()?
    };
    let left = write(context, args, format, &mut store)?;
    tell(context, args, left);
    Ok(())
}

fn write(context: &Context, args: &Args, format: Format, store: &mut Store) -> anyhow::Result<Left> {
    let now = store.now()?;
    let page = Page {
        owner: args.owner.clone(),
        all: args.all || args.filter.names_revoked(),
        filter: args.filter.at(now, args.all),
        order: Order::Created,
        after: None,
        limit: 0,
    };
    let write = |out: &mut ListWriter<'_>| {
        export(store, page, args.with_hashes, |leaving| anyhow::Ok(out.push(&LeavingView { leaving, now })?))
    };
    let Some(path) = &args.out_file else { return context.ui.list_as(format, write) };
    let mut file = OutFile::create(path)?;
    let mut out = ListWriter::new(&mut file, format, context.ui.lasting_screen());
    let written = { write }(&mut out).and_then(|left| {
        out.finish()?;
        Ok(left)
    });
    let left = written.map_err(|error| file.explain(error))?;
    file.finish()?;
    Ok(left)
}

/// Says what is in it, and what is not.
fn tell(context: &Context, args: &Args, left: Left) {
    let ui = &context.ui;
    if let Some(path) = &args.out_file {
        ui.note(&format!("{} in {}", counted(left.keys, "key"), path.display()));
    }
    if left.keys == 0 {
        ui.note("no key is meant");
    }
    if left.tokenless > 0 {
        ui.warn(&format!("left out {} without a token", counted(left.tokenless, "key")));
    }
    if left.weak > 0 {
        let keys = counted(left.weak, "key");
        ui.warn(&format!(
            "left out {keys} whose token may be guessed: only this store can verify it; keyctl rotate KEY"
        ));
    }
    if left.stopped > 0 {
        ui.warn(&format!(
            "{} of disabled owners would be suspended in another store",
            counted(left.stopped, "key")
        ));
    }
}
