//! What `keyctl rotate` takes.

use std::path::PathBuf;

use crate::cli::arguments::selection::SelectArgs;
use crate::cli::completion::Stored;
use crate::cli::error::CliError;
use crate::cli::inputs::input::KeyArg;
use crate::domain::keys::token::Prefix;
use crate::domain::time::{Expiry, Grace, Span, SpanError};

/// Give a key a new token
///
/// The old token keeps working for a grace, so that clients can be moved over. Nothing else
/// of the key changes; its expiry only with --expires, which also renews an expired key.
#[expect(clippy::struct_excessive_bools, reason = "each is an independent flag")]
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl rotate alice/default
  keyctl rotate alice/default --grace 0        the old token leaked: it stops at once
  keyctl rotate alice/default --expires 90d    renew it
  keyctl rotate alice/default --if-expiring 14d --out-file token    renew it if it ends soon, as from cron
  keyctl rotate --all --older-than 60d --grace 7d --out-dir tokens
  keyctl rotate alice/default --finish-when-unused 24h --serve-only")]
pub(crate) struct Args {
    /// Key: an id, owner/name, an owner's only key, a token's prefix, or - for standard input;
    /// picked on a terminal
    #[arg(id = "keys", value_name = "KEY", add = Stored::LiveKeys)]
    pub(super) key: Option<KeyArg>,
    /// All live keys, in place of one; several together are rotated, with a question before
    #[arg(long, conflicts_with = "keys")]
    pub(super) all: bool,
    #[command(flatten)]
    pub(super) select: SelectArgs,
    /// Only those of many whose token was made this long ago, as in 60d: what is interrupted is finished by the same command
    #[arg(long, value_name = "DURATION", conflicts_with = "keys")]
    pub(super) older_than: Option<Span>,
    /// Only what ends within this time, as in 14d, and has no old token in its grace, or with --grace 0: it is renewed, for as long as it was
    /// given last; of what ends later nothing is changed
    #[arg(long, value_name = "DURATION", conflicts_with = "expires")]
    pub(super) if_expiring: Option<Span>,
    /// Write the tokens of many into this folder, one file (mode 0600) for each key: OWNER/NAME
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["keys", "out_file"])]
    pub(super) out_dir: Option<PathBuf>,
    /// How long the old token keeps working, 0 to 30d [default: 24h]
    #[arg(long, value_name = "DURATION")]
    pub(super) grace: Option<Grace>,
    /// When the key ends from now on: a duration, a day (its end in UTC), a time or never
    #[arg(long, value_name = "WHEN")]
    pub(super) expires: Option<Expiry>,
    /// What the new token starts with [default: as the old one]
    #[arg(long, value_name = "PREFIX")]
    pub(super) prefix: Option<Prefix>,
    /// Write the token into this file (mode 0600) instead, in place of a token that it holds
    #[arg(long, value_name = "PATH")]
    pub(super) out_file: Option<PathBuf>,
    /// Replace the file also if it holds something else than a token
    #[arg(long, requires = "out_file")]
    pub(super) overwrite: bool,
    /// Make no token, but end the old one of a rotation before its grace ends, if it was not used for this time, as
    /// in 24h; else say when and from where it was
    #[arg(
        long, value_name = "DURATION", requires = "serve_only", value_parser = unused_for,
        conflicts_with_all = [
            "grace", "expires", "prefix", "out_file", "overwrite", "if_expiring", "all", "owner", "labels", "created_after"
        ]
    )]
    pub(super) finish_when_unused: Option<Span>,
    /// Your word that keyctl serve alone reads the store: what other services accept is written down by nobody
    #[arg(long, requires = "finish_when_unused")]
    serve_only: bool,
    /// Try everything, change nothing, print no token
    #[arg(long)]
    pub(super) dry_run: bool,
}

/// What was used in the last seconds is not written down yet.
fn unused_for(text: &str) -> Result<Span, String> {
    let span: Span = text.parse().map_err(|error: SpanError| error.to_string())?;
    if span < Span::seconds(60) {
        return Err("write a minute at least: keyctl serve writes uses down every ten seconds".to_owned());
    }
    Ok(span)
}

impl Args {
    /// What goes with many keys, or with one, and not with the other.
    pub(super) fn check(&self) -> Result<(), CliError> {
        let one = [
            ("--expires", self.expires.is_some()),
            ("--out-file", self.out_file.is_some()),
            ("--overwrite", self.overwrite),
        ];
        let many = [("--older-than", self.older_than.is_some()), ("--out-dir", self.out_dir.is_some())];
        if let Some((name, _)) = one.into_iter().find(|(_, is_given)| *is_given && self.is_of_many()) {
            let hint =
                "name a single KEY; or leave it out: --if-expiring renews many, --out-dir keeps their tokens";
            return Err(CliError::invalid(format!("{name} is for one key"), hint));
        }
        if let Some((name, _)) = many.into_iter().find(|(_, is_given)| *is_given && !self.is_of_many()) {
            let hint = "say which: --all, --owner, --label or --created-after";
            return Err(CliError::invalid(format!("{name} is for many keys"), hint));
        }
        Ok(())
    }

    pub(super) fn is_of_many(&self) -> bool {
        self.all || self.select.is_given()
    }
}
