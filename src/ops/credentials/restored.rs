//! A credential of a state that was put back: its refresh token may have been used since.

use serde_json::json;

use super::recorded;
use crate::domain::audit::action::Action;
use crate::domain::credentials::credential::{Credential, CredentialState};
use crate::domain::secrets::secret::SecretId;
use crate::ops::change::Done;
use crate::ops::error::Result;
use crate::store::{CredentialLookup as _, Tx};

/// It is not sent any more before somebody signs in again.
pub(in crate::ops) fn needs_reauth_in(tx: &mut Tx<'_>, id: SecretId) -> Result<Done<()>> {
    let Some(found) = tx.credential_by_id(id)? else { return Ok(Done::unchanged(())) };
    let credential = Credential { state: CredentialState::NeedsReauth, ..found };
    tx.answered_credential(&credential);
    tx.touch_every_key();
    let more = json!({ "restored": true });
    Ok(Done::with((), recorded(Action::OauthNeedsReauth, &credential, more)))
}
