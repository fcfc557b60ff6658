//! Values to be handed out: those of credentials as they are got, if they are about to end.

use std::fmt;

use super::refresh::warn_of_shortness;
use crate::cli::commands::secrets::warn_of_end;
use crate::cli::context::Context;
use crate::domain::credentials::next::{Need, is_due};
use crate::domain::secrets::secret::{Provider, Secret, SecretKind, SecretName, SecretValue};
use crate::domain::time::Timestamp;
use crate::ops::credentials::current::{How, MIN_VALID, current};
use crate::ops::env::Env;
use crate::ops::master_keys::Ring;
use crate::ops::secrets::nearest::Effective;
use crate::store::Store;

/// Which secret could not be had, beside the error that says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Lacking(pub Provider);

impl fmt::Display for Lacking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the secret for {} could not be had", self.0)
    }
}

impl Lacking {
    pub(in crate::cli) fn of(secret: &Secret, error: impl Into<anyhow::Error>) -> anyhow::Error {
        error.into().context(Self(secret.provider.clone()))
    }
}

/// Opens secrets that were found in this store, which is closed. Where a new token cannot be had, the one that is there does
/// until it ends: also where this store may only be read.
pub(in crate::cli) fn values(
    context: &Context,
    mut store: Store,
    found: Vec<Effective>,
    at: Timestamp,
) -> anyhow::Result<Vec<(Secret, SecretValue)>> {
    let ring = context.ring(&mut store)?;
    // One process has a file open once.
    drop(store);
    let mut writing = None;
    let mut values = Vec::with_capacity(found.len());
    for found in found {
        if found.secret.kind == SecretKind::OAuth && is_due(&found.secret, MIN_VALID, at) {
            let renewed = renewed(context, &mut writing, &ring, &found);
            values.push(renewed.map_err(|error| Lacking::of(&found.secret, error))?);
        } else {
            warn_of_end(context, &found.secret, at, None);
            let value = found.open(&ring).map_err(|error| Lacking::of(&found.secret, error))?;
            values.push((found.secret, value));
        }
    }
    Ok(values)
}

/// The store to be written, and the keys that seal in it.
type Writing = (Env, Ring);

fn renewed(
    context: &Context,
    writing: &mut Option<Writing>,
    ring: &Ring,
    found: &Effective,
) -> anyhow::Result<(Secret, SecretValue)> {
    let error = match get(context, writing, found) {
        Ok(got) => return Ok(got),
        Err(error) => error,
    };
    // What is wrong with getting another one is said, and matters less than a token that works.
    let Ok(value) = found.open(ring) else { return Err(error) };
    context
        .ui
        .warn(&format!("the token of {} ends soon, and there is no other one: {error}", found.secret.name));
    Ok((found.secret.clone(), value))
}

fn get(
    context: &Context,
    writing: &mut Option<Writing>,
    found: &Effective,
) -> anyhow::Result<(Secret, SecretValue)> {
    let (env, ring) = if let Some(writing) = writing {
        writing
    } else {
        let mut env = context.open_env_made(false)?;
        let ring = context.ring_of_secrets(&mut env.store)?;
        writing.insert((env, ring))
    };
    let outbound = context.outbound();
    let how = How {
        outbound: &outbound,
        patience: context.patience(),
        narrower: false,
        hold: context.options.listen,
    };
    // By its id: a secret of another name may be called as this one was by now.
    let id = SecretName::from(found.secret.id);
    let got = current(env, ring, &how, &id, &Need { min_valid: MIN_VALID, not_version: None })?;
    if let Some(because) = got.because {
        warn_of_shortness(context, &got.credential.secret.name, because);
    }
    Ok((got.credential.secret, got.value))
}
