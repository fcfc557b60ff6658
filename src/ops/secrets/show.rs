//! What is known of secrets. Nothing here opens an envelope.

use super::{find, find_any};
use crate::domain::secrets::secret::{Binding, Secret, SecretName, SecretVersion};
use crate::ops::error::{Error, Result};
use crate::store::{BindingLookup as _, SecretFilter, SecretLookup as _, Store};

/// Bindings shown with a secret.
pub(crate) const MOST_BINDINGS: u32 = 1000;

/// A secret with its versions and those who use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub secret: Secret,
    /// The newest first.
    pub versions: Vec<SecretVersion>,
    /// The first [`MOST_BINDINGS`].
    pub bindings: Vec<Binding>,
}

/// One secret; with `deleted`, the one that was deleted last where there is no other.
pub(crate) fn show(store: &mut Store, name: &SecretName, deleted: bool) -> Result<Shown> {
    store.snapshot(|store| {
        let secret = if deleted { find_any(store, name)? } else { find(store, name)? };
        let versions = store.secret_versions(secret.id)?;
        let bindings = store.bindings_to(secret.id, MOST_BINDINGS)?;
        Ok(Shown { secret, versions, bindings })
    })
}

/// Calls `each` for every secret, by name, in flat memory.
pub(crate) fn list<E: From<Error>>(
    store: &mut Store,
    filter: &SecretFilter,
    mut each: impl FnMut(&Secret) -> Result<(), E>,
) -> Result<(), E> {
    let mut after: Option<Secret> = None;
    loop {
        let secrets = store.secrets(filter, after.as_ref()).map_err(Error::from)?;
        let Some(last) = secrets.last() else { return Ok(()) };
        after = Some(last.clone());
        secrets.iter().try_for_each(&mut each)?;
    }
}
