//! One refresh token is kept once. Two credentials with it would each send it, and the provider ends the grant at the second
//! time, whatever the credentials are called and whose they are said to be.

use crate::domain::credentials::credential::Part;
use crate::domain::outbound::endpoint::Endpoint;
use crate::domain::secrets::secret::{Secret, SecretId, SecretKind, SecretName, SecretValue};
use crate::ops::error::{Conflict, Error, Result};
use crate::ops::master_keys::Ring;
use crate::store::{CredentialLookup, PartLookup as _, Tx};

/// Another credential that is not deleted, asks at the same host, and has this refresh token. Each one's is opened for that
/// and compared: nothing that could be compared without the master key is kept of a token.
pub(super) fn holder(
    tx: &mut impl CredentialLookup,
    ring: &Ring,
    of: SecretId,
    endpoint: &Endpoint,
    token: &SecretValue,
) -> Result<Option<SecretName>> {
    let mut after = None;
    loop {
        let page = tx.live_refresh_tokens(after)?;
        let holds = |(part, other): &&(_, Endpoint)| {
            let part: &crate::store::SealedPart = part;
            part.secret != of && other.origin() == endpoint.origin() && ring.part_holds(part, other, token)
        };
        if let Some((part, _)) = page.iter().find(holds) {
            return Ok(Some(part.name.clone()));
        }
        match page.last() {
            Some((last, _)) => after = Some(last.secret),
            None => return Ok(None),
        }
    }
}

/// [`Conflict`] where another credential has it.
pub(super) fn check(
    tx: &mut Tx<'_>,
    ring: &Ring,
    of: SecretId,
    endpoint: &Endpoint,
    token: &SecretValue,
) -> Result<()> {
    let Some(name) = holder(tx, ring, of, endpoint, token)? else { return Ok(()) };
    let message = format!("the credential {name} has this refresh token already");
    let hint = format!("a refresh token works once: bind {name}, or sign in once more for another grant");
    Err(Conflict::new(message, hint).into())
}

/// Whether the keys are needed to say that a secret may come back: of a credential, where another one could have its token.
pub(in crate::ops) fn needs_keys(store: &mut impl CredentialLookup, back: &Secret) -> Result<bool> {
    if back.kind != SecretKind::OAuth {
        return Ok(false);
    }
    Ok(store.sealed_part(back.id, Part::Refresh)?.is_some() && !store.live_refresh_tokens(None)?.is_empty())
}

/// A credential that was deleted comes back with its refresh token, which another one may have by now.
pub(in crate::ops) fn check_back(tx: &mut Tx<'_>, ring: Option<&Ring>, back: &Secret) -> Result<()> {
    if !needs_keys(tx, back)? {
        return Ok(());
    }
    let Some(ring) = ring else {
        return Err(Error::KeyUnavailable {
            message: format!(
                "another credential may have the refresh token of {} by now, which takes the master key to say",
                back.name
            ),
            hint: "set it, and try again".to_owned(),
        });
    };
    let Some(credential) = tx.credential_by_id(back.id)? else { return Ok(()) };
    let Some(part) = tx.sealed_part(back.id, Part::Refresh)? else { return Ok(()) };
    let endpoint = &credential.client.token_endpoint;
    let token = ring.open_part(&part, endpoint)?;
    check(tx, ring, back.id, endpoint, &token)
}
