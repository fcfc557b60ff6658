//! Other sealed forms of a value: what another program reads in the place of our envelope, sealed by a key of its own.
//!
//! Whoever changes a secret calls this and knows no more. There is one such form, `OpenFn` Apollo's
//! ([`crate::ops::apollo`]); a second one would be joined to it here.

use crate::domain::random::Random;
use crate::domain::secrets::secret::{Provider, Secret, SecretValue};
use crate::ops::apollo;
use crate::ops::error::Result;
pub(crate) use crate::ops::master_keys::FormKeys;
use crate::ops::master_keys::Ring;
use crate::store::{ApolloLookup, Lookup, Tx};

/// Whether somebody reads one, so that a change of a secret needs its key.
pub(crate) fn are_read(store: &mut impl ApolloLookup) -> Result<bool> {
    apollo::is_shown(store)
}

/// Whether values for this provider could be sealed in all forms that are read.
pub(super) fn ready(store: &mut impl Lookup, ring: &Ring, provider: &Provider) -> Result<()> {
    apollo::sealer(store, ring, provider).map(drop)
}

/// Seals the value of a new version.
pub(super) fn seal(
    tx: &mut Tx<'_>,
    random: &mut dyn Random,
    ring: &Ring,
    secret: &Secret,
    value: &SecretValue,
) -> Result<()> {
    apollo::seal_new(tx, random, ring, secret, value)
}

/// Whether the secret's version lacks one that is read.
pub(super) fn lacks(store: &mut impl Lookup, secret: &Secret) -> Result<bool> {
    apollo::lacks_ciphertext(store, secret)
}

/// Seals a version that is handed out again, if it lacks one.
pub(super) fn seal_again(
    tx: &mut Tx<'_>,
    random: &mut dyn Random,
    ring: Option<&Ring>,
    secret: &Secret,
) -> Result<()> {
    apollo::seal_again(tx, random, ring, secret)
}
