//! What is known of credentials. Nothing here opens an envelope.

use super::find;
use crate::domain::credentials::credential::{Credential, Renewal};
use crate::domain::secrets::secret::{Secret, SecretKind, SecretName};
use crate::ops::error::{Error, Result};
use crate::store::{CredentialLookup as _, Store};

pub(crate) fn show(store: &mut Store, name: &SecretName) -> Result<Credential> {
    find(store, name)
}

/// Of a secret that is a credential, deleted or not, where its next token comes from.
pub(crate) fn renewal(store: &mut Store, secret: &Secret) -> Result<Option<Renewal>> {
    if secret.kind != SecretKind::OAuth {
        return Ok(None);
    }
    Ok(store.credential_by_id(secret.id)?.map(|credential| credential.renewal()))
}

/// Calls `each` for every credential, by name, in flat memory.
pub(crate) fn list<E: From<Error>>(
    store: &mut Store,
    mut each: impl FnMut(&Credential) -> Result<(), E>,
) -> Result<(), E> {
    let mut after: Option<Credential> = None;
    loop {
        let page = store.credentials(after.as_ref(), false).map_err(Error::from)?;
        page.iter().try_for_each(&mut each)?;
        match page.into_iter().next_back() {
            Some(last) => after = Some(last),
            None => return Ok(()),
        }
    }
}
