//! The trusts that there are.

use crate::domain::keys::key::Key;
use crate::domain::texts::near::nearest_name;
use crate::domain::texts::text::Shown;
use crate::domain::trusts::terms::{Trust, TrustName};
use crate::ops::error::Result;
use crate::ops::near;
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
    if let Some(found) = reading.trust(name)? {
        return Ok(found);
    }
    let names = reading.trusts()?.into_iter().map(|trust| trust.name).collect();
    let meant = nearest_name(name.as_str(), names, TrustName::as_str);
    let message = format!("there is no trust {}", Shown(name.as_str()));
    Err(near::not_found(message, meant, "keyctl trust list shows all"))
}
