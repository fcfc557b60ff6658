//! Who a key or an owner is to a provider that takes a signed identity: the assertion itself, for a library that gets its
//! tokens by it.

use std::slice;

use super::nearest::{bound_anew, outfit};
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::secrets::secret::{Provider, SecretKind};
use crate::domain::texts::text::Shown;
use crate::ops::error::{Error, Result};
use crate::ops::federation::exchange::Identity;
use crate::ops::master_keys::Ring;
use crate::store::Store;

/// By the federation of the secret that a working key, or an enabled owner, gets for this provider.
pub(crate) fn identity(
    store: &mut Store,
    ring: &Ring,
    subject: &KeyRef,
    provider: &Provider,
) -> Result<Identity> {
    let outfit = outfit(store, subject, slice::from_ref(provider))?;
    let found = outfit.secrets.into_iter().next().ok_or_else(bound_anew)?;
    if found.secret.kind != SecretKind::Federated {
        let (name, provider) = (&found.secret.name, Shown(provider.as_str()));
        return Err(Error::Invalid {
            message: format!("the secret {name} for {provider} is a value, and no identity is signed for it"),
            hint: "leave that --env out; for an identity: keyctl secret set PROVIDER NAME --federation NAME"
                .to_owned(),
        });
    }
    found.order(store, ring, &outfit.owner)?.identity(outfit.at)
}
