//! The value itself, for an operator. Written down before it is shown.

use serde_json::json;

use super::find;
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::secrets::secret::{Secret, SecretName, SecretValue};
use crate::domain::time::Timestamp;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Error, Result};
use crate::ops::master_keys::Ring;
use crate::store::{SecretLookup as _, Tx};

/// A secret in the clear.
#[derive(Debug)]
pub struct Got {
    pub secret: Secret,
    pub version: u64,
    pub value: SecretValue,
    pub at: Timestamp,
}

/// Opens the current version, or another one. The disclosure is recorded, durably, before this
/// returns.
pub fn get(env: &mut Env, ring: &Ring, name: &SecretName, version: Option<u64>) -> Result<Got> {
    env.change(Action::SecretGet, |tx| get_in(tx, ring, name, version))
}

pub fn get_in(tx: &mut Tx<'_>, ring: &Ring, name: &SecretName, version: Option<u64>) -> Result<Done<Got>> {
    let secret = find(tx, name)?;
    let version = version.unwrap_or(secret.version);
    let Some(sealed) = tx.sealed_version(secret.id, version)? else {
        return Err(Error::NotFound {
            message: format!("the secret {name} has no version {version}"),
            hint: format!("keyctl secret show {name} shows those that it has"),
        });
    };
    let value = ring.open(&sealed)?;
    let details =
        json!({ "secret": secret.id, "name": name, "provider": secret.provider, "version": version });
    let at = tx.now();
    Ok(Done::with(Got { secret, version, value, at }, Event::done(Action::SecretGet, details)))
}
