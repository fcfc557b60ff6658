//! Providers that take a signed identity in the place of a key: what is agreed with them, the keys that sign, and the
//! tokens that are got.

pub(crate) mod add;
pub(crate) mod delete;
pub(crate) mod exchange;
pub(crate) mod keys;
pub(crate) mod secret;
pub(crate) mod show;

use super::error::Result;
use super::near;
use crate::domain::federation::settings::{Federation, FederationName};
use crate::domain::texts::near::nearest_name;
use crate::domain::texts::text::Shown;
use crate::store::FederationLookup;

/// The federation of this name. [`NotFound`](super::Error::NotFound) if there is none.
fn find(store: &mut impl FederationLookup, name: &FederationName) -> Result<Federation> {
    let all = store.federations()?;
    if let Some(found) = all.iter().find(|found| found.name == *name) {
        return Ok(found.clone());
    }
    let names = all.into_iter().map(|federation| federation.name).collect();
    let meant = nearest_name(name.as_str(), names, FederationName::as_str);
    let message = format!("there is no federation {}", Shown(name.as_str()));
    Err(near::not_found(message, meant, "keyctl federation list shows all"))
}
