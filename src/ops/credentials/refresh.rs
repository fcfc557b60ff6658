//! A new token, because somebody asks for one.

use super::current::{Current, How, current, unavailable};
use super::{find, sending};
use crate::domain::credentials::credential::{Credential, CredentialState};
use crate::domain::credentials::next::{Because, Need, Step, next};
use crate::domain::secrets::secret::SecretName;
use crate::domain::time::Span;
use crate::ops::env::Env;
use crate::ops::error::{Error, Result};
use crate::ops::master_keys::Ring;
use crate::store::CredentialLookup as _;

/// What somebody asked for came to.
#[derive(Debug)]
pub(crate) struct Refreshed {
    /// As it is now.
    pub credential: Credential,
    /// The version that was there before.
    pub before: u64,
    /// The token, or why there is none.
    pub got: Result<Current>,
    /// Others that may have been one grant with it, where the provider refused it.
    pub neighbours: Vec<Neighbour>,
}

/// A credential of the same client and account.
#[derive(Debug)]
pub(crate) struct Neighbour {
    pub name: SecretName,
    /// Whether the provider still gives tokens for it; `None`: that could not be told.
    pub is_good: Option<bool>,
}

/// Gets a new token: at once with `force`, else if the one that is there ends within that.
///
/// Where the provider refuses it, the neighbours are tried, too: their grant may be the one that ended, and whoever uses
/// them is to know that now. Not where a new token would end the one before.
pub(crate) fn refresh(
    env: &mut Env,
    ring: &Ring,
    how: &How<'_>,
    name: &SecretName,
    min_valid: Span,
    force: bool,
) -> Result<Refreshed> {
    let found = find(&mut env.store, name)?;
    let was_refused = found.state == CredentialState::NeedsReauth;
    let before = found.secret.version;
    let got = match get(env, ring, how, &found, min_valid, force) {
        // The store cannot be had, and that is not all that is to be said.
        Err(error @ Error::Unstored { .. }) => return Err(error),
        got => got,
    };
    let credential = find(&mut env.store, name)?;
    let mut neighbours = Vec::new();
    // Whose the others are is known where that was said alone.
    let has_neighbours = credential.account.is_some() && !was_refused;
    if credential.state == CredentialState::NeedsReauth && has_neighbours {
        let how = How { narrower: false, ..*how };
        for neighbour in env.store.neighbours(&credential)? {
            // A new token would end the one that somebody uses.
            if neighbour.refresh_invalidates {
                continue;
            }
            let tried = try_one(env, ring, &how, &neighbour)?;
            neighbours.push(Neighbour { name: neighbour.secret.name, is_good: tried });
        }
    }
    Ok(Refreshed { credential, before, got, neighbours })
}

fn get(
    env: &mut Env,
    ring: &Ring,
    how: &How<'_>,
    found: &Credential,
    min_valid: Span,
    force: bool,
) -> Result<Current> {
    let not_version = force.then_some(found.secret.version);
    current(env, ring, how, &found.secret.name, &Need { min_valid, not_version })
}

fn try_one(env: &mut Env, ring: &Ring, how: &How<'_>, neighbour: &Credential) -> Result<Option<bool>> {
    if neighbour.state == CredentialState::NeedsReauth {
        return Ok(Some(false));
    }
    let got = get(env, ring, how, neighbour, Span::seconds(0), true);
    let after = find(&mut env.store, &neighbour.secret.name)?;
    Ok(match (got, after.state) {
        (_, CredentialState::NeedsReauth) => Some(false),
        (Ok(_), CredentialState::Good) => Some(true),
        (Err(_), CredentialState::Good) => None,
    })
}

/// What a refresh would do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Would {
    Ask,
    /// Wait for somebody who asks already.
    Wait,
    /// Leave it as it is: the token does, or there is no other one for now.
    Leave(Option<Because>),
}

/// All that a refresh does before something is sent. What would keep it from that is the same error.
pub(crate) fn rehearse(
    env: &mut Env,
    ring: &Ring,
    name: &SecretName,
    min_valid: Span,
    force: bool,
) -> Result<Would> {
    let (found, step, now) = env.store.snapshot(|store| {
        let found = find(store, name)?;
        let need = Need { min_valid, not_version: force.then_some(found.secret.version) };
        let now = store.now()?;
        let step = next(&found, &need, now);
        Ok::<_, Error>((found, step, now))
    })?;
    match step {
        Step::Use => Ok(Would::Leave(None)),
        Step::UseMeanwhile(because) => Ok(Would::Leave(Some(because))),
        Step::Unavailable(because) => Err(unavailable(&found, because)),
        Step::Wait { .. } => Ok(Would::Wait),
        Step::Send | Step::Restart => {
            sending::check(env, ring, &found, now)?;
            Ok(Would::Ask)
        }
    }
}
