//! A new token, because somebody asks for one.

use std::time::{Duration, Instant};

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
    pub found: Found,
}

/// What is known of a neighbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// The provider still gives tokens for it.
    Good,
    Refused,
    /// The provider said neither.
    Untold,
    /// It was not asked: others took too long.
    NotTried,
}

/// How long neighbours are begun with. The last one has [`DEADLINE`](crate::domain::credentials::attempt::DEADLINE) for its
/// answer, so it is 15 s for all.
const BEGUN_WITHIN: Duration = Duration::from_secs(5);

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
    // One that got a token may have ended with it, which says nothing of others.
    let has_token = matches!(&got, Ok(Current { because: None, .. }));
    if credential.state == CredentialState::NeedsReauth && has_neighbours && !has_token {
        #[expect(clippy::disallowed_methods, reason = "how long all take is bounded in monotonic time")]
        let begun = Instant::now();
        // Who is getting a token for one already finds out by himself.
        let how = How { narrower: false, patience: Duration::ZERO, ..*how };
        for neighbour in env.store.neighbours(&credential)? {
            // A new token would end the one that somebody uses.
            if neighbour.refresh_invalidates {
                continue;
            }
            let found = if begun.elapsed() < BEGUN_WITHIN {
                try_one(env, ring, &how, &neighbour)?
            } else {
                Found::NotTried
            };
            neighbours.push(Neighbour { name: neighbour.secret.name, found });
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

fn try_one(env: &mut Env, ring: &Ring, how: &How<'_>, neighbour: &Credential) -> Result<Found> {
    if neighbour.state == CredentialState::NeedsReauth {
        return Ok(Found::Refused);
    }
    let got = get(env, ring, how, neighbour, Span::seconds(0), true);
    let after = find(&mut env.store, &neighbour.secret.name)?;
    Ok(match (got, after.state) {
        (_, CredentialState::NeedsReauth) => Found::Refused,
        (Ok(_), CredentialState::Good) => Found::Good,
        (Err(_), CredentialState::Good) => Found::Untold,
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
