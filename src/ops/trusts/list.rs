//! The trusts that there are.

use crate::domain::keys::key::Key;
use crate::domain::trusts::terms::{Trust, TrustName};
use crate::ops::error::{Error, Result};
use crate::store::{Lookup as _, Store, TrustLookup};

/// A trust, and the key that it lets in.
#[derive(Debug)]
pub(crate) struct Trusted {
    pub trust: Trust,
    /// `None` where the store has lost it: then nobody is let in.
    pub key: Option<Key>,
}

/// All, by name.
pub(crate) fn list(store: &mut Store) -> Result<Vec<Trusted>> {
    store.snapshot(|store| {
        let trusts = store.trusts()?;
        trusts.into_iter().map(|trust| with_key(store, trust)).collect()
    })
}

pub(crate) fn show(store: &mut Store, name: &TrustName) -> Result<Trusted> {
    store.snapshot(|store| {
        let trust = known(store, name)?;
        with_key(store, trust)
    })
}

fn with_key(store: &mut Store, trust: Trust) -> Result<Trusted> {
    let key = store.key_by_id(trust.key)?;
    Ok(Trusted { trust, key })
}

pub(super) fn known(reading: &mut impl TrustLookup, name: &TrustName) -> Result<Trust> {
    reading.trust(name)?.ok_or_else(|| Error::NotFound {
        message: format!("there is no trust {name}"),
        hint: "see which there are: keyctl trust list".to_owned(),
    })
}
