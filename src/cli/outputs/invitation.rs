//! Handing a fresh invitation to standard output.

use zeroize::Zeroizing;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::terminal::ui::Ui;
use crate::domain::keys::key::Key;
use crate::ops::portal::invite::Invited;
use crate::render::portal::{ClaimView, InvitedView};
use crate::render::{Format, write_one};

/// An invitation with its key in JSON.
const LARGEST_RESULT: usize = 64 * 1024;

/// The link alone on a line, or the whole result in the format that was asked for. Where it could not be written, the
/// invitation is there, and the error says how it is taken back.
pub(in crate::cli) fn hand_out(
    context: &Context,
    invited: &Invited,
    key: Option<&Key>,
) -> anyhow::Result<()> {
    let link = invited.link();
    let secret = link.as_ref().map_or(invited.code.expose(), |link| link.expose());
    let now = invited.claim.created_at;
    let claim = ClaimView { claim: &invited.claim, now };
    let view = InvitedView { secret, is_link: link.is_some(), claim, key };
    // Large enough for any, so that it never moves and leaves a copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(LARGEST_RESULT));
    match context.ui.chosen() {
        None | Some(Format::Table | Format::Plain) => {
            bytes.extend_from_slice(secret.as_bytes());
            bytes.push(b'\n');
        }
        Some(Format::Csv | Format::RawCsv) => {
            bytes.extend_from_slice(b"link\r\n");
            bytes.extend_from_slice(secret.as_bytes());
            bytes.extend_from_slice(b"\r\n");
        }
        Some(format) => {
            let out: &mut Vec<u8> = &mut bytes;
            write_one(out, format, &context.ui.screen(now), &view)?;
        }
    }
    Ui::secret(&[&bytes]).map_err(|error| {
        let id = invited.claim.id;
        let made = format!("the invitation {id} is there; take it back: keyctl invitation revoke {id}");
        CliError::of(error).after(&made).into()
    })
}
